using System.Security.Cryptography;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>A channel in the list.</summary>
public sealed record ChannelRow(Guid Id, string Name, ChannelKind Kind, string PayTo, bool IsLive, bool IsEnabled, DateTime? LastReceivedAt, int Unread);

/// <summary>A channel with the addresses that the provider has to be told; null while the installation has no public address.</summary>
public sealed record ChannelDetails(Guid Id, int Version, ChannelInput Input, Uri? Confirmation, Uri? Validation);

/// <summary>One request to a provider, for the log.</summary>
public sealed record ProviderRequestRow(long Id, DateTime At, string Operation, string Url, int? StatusCode, int Milliseconds, string? RequestId, string? RequestBody, string? ResponseBody, string? Error);

/// <summary>The company's collecting accounts at providers.</summary>
public sealed class ChannelService(IDataDefenderDbFactory dbFactory, ISecretVault vault, ICallbackAddresses addresses, IEnumerable<IMobileMoneyGateway> gateways, TimeProvider clock, CurrentUser user)
{
    private const int SecretBytes = 32;
    private static readonly ChannelInputValidator Validator = new();

    public async Task<IReadOnlyList<ChannelRow>> ListAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPayments);
        await using var db = await dbFactory.OpenAsync(ct);
        return await db.PaymentChannels.AsNoTracking().OrderBy(c => c.Name)
            .Select(c => new ChannelRow(c.Id, c.Name, c.Kind, c.TillNumber ?? c.ShortCode, c.IsLive, c.IsEnabled,
                db.InboundMessages.Where(m => m.ChannelId == c.Id).Max(m => (DateTime?)m.ReceivedAt),
                db.InboundMessages.Count(m => m.ChannelId == c.Id && (m.Status == InboundStatus.Rejected || m.Status == InboundStatus.SetAside))))
            .ToListAsync(ct);
    }

    public async Task<ChannelDetails> GetAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var channel = await FindAsync(db, id, ct);
        var secret = (await vault.OpenAsync(db.TenantId, ct)).Reveal(channel.CallbackSecretPlace(), channel.CallbackSecretCipher!);
        return new ChannelDetails(channel.Id, channel.Version, ChannelInput.Of(channel), addresses.Of(channel, secret, CallbackKind.Confirm), addresses.Of(channel, secret, CallbackKind.Validate));
    }

    /// <returns>The channel's id.</returns>
    public async Task<Guid> SaveAsync(Guid? id, ChannelInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePayments);
        Validator.Demand(input);
        DemandProvider(input.BaseUrl, nameof(input.BaseUrl));
        DemandProvider(input.TokenUrl, nameof(input.TokenUrl));
        await using var db = await dbFactory.OpenAsync(ct);
        var channel = id is { } known ? await FindAsync(db, known, ct) : db.PaymentChannels.Add(new PaymentChannel(db.TenantId, input.Kind, clock.GetUtcNow().UtcDateTime)).Entity;
        channel.Change(input);
        var cipher = await vault.OpenAsync(db.TenantId, ct);
        if (!string.IsNullOrEmpty(input.ClientSecret))
        {
            channel.SetClientSecret(cipher.Protect(channel.ClientSecretPlace(), input.ClientSecret));
        }

        if (!string.IsNullOrEmpty(input.Passkey))
        {
            channel.SetPasskey(cipher.Protect(channel.PasskeyPlace(), input.Passkey));
        }

        if (!string.IsNullOrEmpty(input.InitiatorCredential))
        {
            channel.SetInitiator(cipher.Protect(channel.InitiatorPlace(), input.InitiatorCredential));
        }

        if (channel.CallbackSecretCipher is null)
        {
            channel.SetCallbackSecret(cipher.Protect(channel.CallbackSecretPlace(), RandomNumberGenerator.GetHexString(2 * SecretBytes)));
        }

        await db.SaveAsync(async () => await db.PaymentChannels.AnyAsync(c => c.Id != channel.Id && c.Name == channel.Name, ct)
            ? new InvalidInputException([new FieldError(nameof(input.Name), $"There is a channel called {channel.Name} already.")])
            : await db.PaymentChannels.AnyAsync(c => c.Id != channel.Id && c.Ledger == channel.Ledger, ct)
                ? new InvalidInputException([new FieldError(nameof(input.ShortCode), "There is a channel with this number already.")])
                : null, ct);
        return channel.Id;
    }

    /// <summary>Asks the provider for a token with what is stored.</summary>
    public async Task<CredentialCheck> TestAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePayments);
        var access = await AccessAsync(id, ct);
        return await gateways.For(access.Kind).TestAsync(access, ct);
    }

    /// <summary>Tells the provider where to send what comes in.</summary>
    public async Task<CredentialCheck> RegisterAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePayments);
        var details = await GetAsync(id, ct);
        if (details is not { Confirmation: { } confirmation, Validation: { } validation })
        {
            throw new DomainException("payments.address", "This installation has no public address yet (Payments:PublicUrl), so a provider cannot be told any.");
        }

        var access = await AccessAsync(id, ct);
        return await gateways.For(access.Kind).RegisterAsync(access, confirmation, validation, ct);
    }

    public async Task<PageOf<ProviderRequestRow>> RequestsAsync(Guid id, GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var rows = db.ProviderRequests.AsNoTracking().Where(r => r.ChannelId == id);
        return new PageOf<ProviderRequestRow>(
            await rows.OrderByDescending(r => r.Id).Skip(query.Page * query.PageSize).Take(query.PageSize)
                .Select(r => new ProviderRequestRow(r.Id, r.At, r.Operation, r.Url, r.StatusCode, r.Milliseconds, r.RequestId, r.RequestBody, r.ResponseBody, r.Error)).ToListAsync(ct),
            await rows.CountAsync(ct));
    }

    private async Task<ChannelAccess> AccessAsync(Guid id, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        return (await FindAsync(db, id, ct)).Open(await vault.OpenAsync(db.TenantId, ct));
    }

    private void DemandProvider(string address, string field)
    {
        if (!addresses.IsAllowedProvider(new Uri(address.Trim())))
        {
            throw new InvalidInputException([new FieldError(field, $"{new Uri(address.Trim()).Host} is none of the providers that this installation may call. Whoever runs it can add it (Payments:AllowedProviders).")]);
        }
    }

    private static async Task<PaymentChannel> FindAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.PaymentChannels.SingleOrDefaultAsync(c => c.Id == id, ct) ?? throw new NotFoundException("Payment channel", id);
}

/// <summary>From a channel to its provider.</summary>
public static class Gateways
{
    public static IMobileMoneyGateway For(this IEnumerable<IMobileMoneyGateway> gateways, ChannelKind kind) =>
        gateways.FirstOrDefault(g => g.Serves(kind)) ?? throw new InvalidOperationException($"Nothing serves {kind}.");

    /// <summary>The channel with its secrets in the clear.</summary>
    public static ChannelAccess Open(this PaymentChannel channel, ITenantCipher cipher) => new(
        channel.TenantId, channel.Id, channel.Kind, channel.ShortCode, channel.PayTo, channel.BaseUrl, channel.TokenUrl, channel.ClientId,
        cipher.Reveal(channel.ClientSecretPlace(), channel.ClientSecretCipher ?? throw new DomainException("channel.secret", $"{channel.Name} has no secret yet.")),
        channel.PasskeyCipher is { } passkey ? cipher.Reveal(channel.PasskeyPlace(), passkey) : null,
        channel.Options,
        channel.InitiatorCipher is { } initiator ? cipher.Reveal(channel.InitiatorPlace(), initiator) : null);
}
