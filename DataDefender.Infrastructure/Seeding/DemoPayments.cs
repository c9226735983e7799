using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Seeding;

/// <summary>The demonstration's collecting accounts: a Paybill, a Till and Family Bank, at the providers that are played outside.</summary>
internal sealed class DemoPayments(ContextSource source, ISecretVault vault, TenantScopes scopes, ICallbackAddresses addresses)
{
    private const string Secret = "demonstration-secret";

    private static readonly (ChannelKind Kind, string Name, string ShortCode, string? Till)[] Channels =
        [(ChannelKind.Paybill, "M-Pesa Paybill", "522522", null), (ChannelKind.Till, "M-Pesa Till", "174379", "889900"), (ChannelKind.FamilyBank, "Family Bank", "222169", null)];

    /// <summary>Adds what is missing and moves what is there to the asked port.</summary>
    public async Task AddAsync(Guid company, int sandboxPort, CancellationToken ct)
    {
        await using var scope = scopes.Open(company, "seed demo");
        var service = scope.ServiceProvider.GetRequiredService<ChannelService>();
        await using var db = source.Create(company, Actor.System("seed demo"));
        var known = await db.PaymentChannels.AsNoTracking().ToListAsync(ct);
        foreach (var (kind, name, shortCode, till) in Channels)
        {
            var there = known.FirstOrDefault(c => c.ShortCode == shortCode);
            var input = there is null ? new ChannelInput { Kind = kind, Name = name, ShortCode = shortCode, TillNumber = till, ClientId = $"demo-{shortCode}", ClientSecret = Secret, Passkey = Secret, CanPull = kind is not ChannelKind.FamilyBank, AllowedSources = "127.0.0.0/8", CanQuery = true, NotFoundCodes = "404.002.01", Initiator = kind is ChannelKind.FamilyBank ? null : "demo-initiator", InitiatorCredential = kind is ChannelKind.FamilyBank ? null : Secret } : ChannelInput.Of(there);
            var root = $"http://127.0.0.1:{sandboxPort}/{(kind is ChannelKind.FamilyBank ? "familybank" : "daraja")}";
            input.IsLive = true; // what is paid in the demo is in its books
            (input.BaseUrl, input.TokenUrl) = (root, kind is ChannelKind.FamilyBank ? $"{root}/connect/token" : $"{root}/oauth/v1/generate");
            if (addresses.IsAllowedProvider(new Uri(root)))
            {
                await service.SaveAsync(there?.Id, input, ct);
            }
        }
    }

    /// <summary>The accounts as the world outside has to know them, with where to tell what comes in.</summary>
    public async Task<object> WorldAsync(Guid company, CancellationToken ct)
    {
        await using var db = source.Create(company, Actor.System("seed demo"));
        var cipher = await vault.OpenAsync(company, ct);
        var channels = await db.PaymentChannels.AsNoTracking().OrderBy(c => c.Name).ToListAsync(ct);
        return new
        {
            Accounts = channels.Where(c => c.CallbackSecretCipher is not null && c.ClientSecretCipher is not null).Select(c => new
            {
                Provider = c.Kind is ChannelKind.FamilyBank ? "FamilyBank" : "Mpesa",
                c.ShortCode,
                c.TillNumber,
                Name = "SAVANNA FIBRE",
                Initiator = c.Options.Initiator,
                SecurityCredential = c.InitiatorCipher is { } credential ? cipher.Reveal(c.InitiatorPlace(), credential) : "",
                c.ClientId,
                ClientSecret = cipher.Reveal(c.ClientSecretPlace(), c.ClientSecretCipher!),
                Passkey = c.PasskeyCipher is { } passkey ? cipher.Reveal(c.PasskeyPlace(), passkey) : "",
                ConfirmationUrl = addresses.Of(c, cipher.Reveal(c.CallbackSecretPlace(), c.CallbackSecretCipher!), CallbackKind.Confirm)?.AbsoluteUri,
            }),
        };
    }
}
