using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>A callback as it came.</summary>
/// <param name="Mark">The unguessable part of its path.</param>
/// <param name="PushId">The push that the path names, if any.</param>
public sealed record InboundCall(Guid ChannelId, CallbackKind Kind, string Mark, string? PushId, byte[] Body, string Headers, IPAddress? Source);

/// <summary>What to answer. Null JSON: nobody is here.</summary>
public sealed record InboundAnswer(int Status, string? Json);

/// <summary>
/// Takes what providers send: it is stored as it came before anybody reads it, and then acknowledged. Reading and applying is done by
/// somebody else, so that a provider never waits for our books. Who calls proves himself by the path alone.
/// </summary>
public sealed class InboundDesk(IDataDefenderDbFactory dbFactory, ISecretVault vault, ICallbackAddresses addresses, ChannelCallbacks known, PaymentSignal signal, TenantContext tenant, TimeProvider clock)
{
    private const int MaxAccount = 40;

    private static readonly InboundAnswer Nobody = new(404, null);
    private static readonly InboundAnswer Accepted = new(200, """{"ResultCode":"0","ResultDesc":"Accepted"}""");

    public async Task<InboundAnswer> ReceiveAsync(InboundCall call, CancellationToken ct = default)
    {
        if (call.Kind is CallbackKind.Pull || await ChannelAsync(call.ChannelId, ct) is not { } channel
            || !addresses.IsGenuine(call.ChannelId, channel.Secret, call.Kind, call.Mark, call.PushId))
        {
            return Nobody;
        }

        if (call.Kind is CallbackKind.Validate)
        {
            return await ValidateAsync(channel, call.Body, ct);
        }

        await StoreAsync(channel, call, ct);
        signal.Wake();
        return channel.Kind is ChannelKind.FamilyBank && call.Kind is CallbackKind.Confirm && Field(call.Body, "action") is "VALIDATION"
            ? await ValidateAsync(channel, call.Body, ct)
            : channel.Options.Acknowledgement is AcknowledgementStyle.PaymentAck && call.Kind is CallbackKind.Confirm
                ? new InboundAnswer(200, JsonSerializer.Serialize(new
                {
                    status_code = "PAYMENT_ACK", status_description = "Payment Transaction Received Successfully", payment_ref = InboundMessage.HashOf(call.Body)[..16],
                    date_time = clock.GetUtcNow().UtcDateTime,
                }))
                : Accepted;
    }

    /// <summary>One insert for the first; for the same text again one counter. A race of two firsts is settled by the unique index.</summary>
    private async Task StoreAsync(KnownChannel channel, InboundCall call, CancellationToken ct)
    {
        var (now, hash) = (clock.GetUtcNow().UtcDateTime, InboundMessage.HashOf(call.Body));
        for (var attempt = 1; ; attempt++)
        {
            await using var db = await dbFactory.OpenAsync(ct);
            var counted = await db.InboundMessages.Where(m => m.ChannelId == call.ChannelId && m.Kind == call.Kind && m.Hash == hash)
                .ExecuteUpdateAsync(set => set.SetProperty(m => m.Deliveries, m => m.Deliveries + 1).SetProperty(m => m.LastReceivedAt, now), ct); // a counter: nobody's decision, and never lost in a race
            if (counted > 0)
            {
                return;
            }

            db.InboundMessages.Add(new InboundMessage(tenant.TenantId, call.ChannelId, call.Kind, call.Body, call.PushId, call.Headers, call.Source?.ToString() ?? "", channel.Trusts(call.Source), now));
            try
            {
                await db.SaveChangesAsync(ct);
                return;
            }
            catch (DbUpdateException) when (attempt < 3 && !ct.IsCancellationRequested)
            {
                // The same text was stored at the same moment: it is counted on that one.
            }
        }
    }

    /// <summary>May this be paid? Money is not refused for an unknown account unless the company wants that: it would be an orphan with a name.</summary>
    private async Task<InboundAnswer> ValidateAsync(KnownChannel channel, byte[] body, CancellationToken ct)
    {
        if (!channel.Options.RefuseUnknownAccounts || channel.Kind is ChannelKind.Till)
        {
            return Accepted;
        }

        var typed = Field(body, "BillRefNumber") ?? Field(body, "identifier") ?? Field(body, "customer_id");
        if (typed is not { Length: > 0 and <= MaxAccount } || IntakeRows.Account(typed) is not { } account) // read as the money would be
        {
            return Refusal("C2B00012", "Invalid account number");
        }

        await using var db = await dbFactory.OpenAsync(ct);
        return await db.Clients.AnyAsync(c => c.AccountNumber == account, ct) ? Accepted : Refusal("C2B00012", "Invalid account number");
    }

    private static InboundAnswer Refusal(string code, string text) => new(200, JsonSerializer.Serialize(new { ResultCode = code, ResultDesc = text }));

    private async ValueTask<KnownChannel?> ChannelAsync(Guid id, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (known.Find(tenant.TenantId, id, now) is { } cached)
        {
            return cached;
        }

        await using var db = await dbFactory.OpenAsync(ct);
        if (await db.PaymentChannels.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, ct) is not { CallbackSecretCipher: { } cipherText } channel)
        {
            return null;
        }

        var secret = (await vault.OpenAsync(tenant.TenantId, ct)).Reveal(channel.CallbackSecretPlace(), cipherText);
        return known.Keep(tenant.TenantId, id, new KnownChannel(channel.Kind, secret, channel.Options, ChannelInputValidator.ParseNetworks(channel.Options.AllowedSources)), now);
    }

    /// <summary>A text field at the top or in the payload; null for anything that does not read.</summary>
    private static string? Field(byte[] body, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return root.ValueKind is not JsonValueKind.Object ? null
                : Text(root) ?? (root.TryGetProperty("payload", out var payload) && payload.ValueKind is JsonValueKind.Object ? Text(payload) : null);
        }
        catch (JsonException)
        {
            return null;
        }

        string? Text(JsonElement json) => json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString()?.Trim() : null;
    }
}

/// <summary>What a callback's check needs of its channel.</summary>
public sealed record KnownChannel(ChannelKind Kind, string Secret, ChannelOptions Options, IReadOnlyList<IPNetwork> Sources)
{
    /// <summary>Only an address that the company listed is trusted; with an empty list none is.</summary>
    public bool Trusts(IPAddress? source) => source is not null && Sources.Any(n => n.Contains(source.IsIPv4MappedToIPv6 ? source.MapToIPv4() : source));
}

/// <summary>Channels that callbacks came for lately, in memory for half a minute, so that a storm of them asks the database once.</summary>
public sealed class ChannelCallbacks
{
    private const int Most = 10_000;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(Guid, Guid), (KnownChannel Channel, DateTimeOffset Until)> _known = new();

    public KnownChannel? Find(Guid tenantId, Guid id, DateTimeOffset now) => _known.TryGetValue((tenantId, id), out var entry) && entry.Until > now ? entry.Channel : null;

    public KnownChannel Keep(Guid tenantId, Guid id, KnownChannel channel, DateTimeOffset now)
    {
        if (_known.Count >= Most)
        {
            _known.Clear();
        }

        _known[(tenantId, id)] = (channel, now + Fresh);
        return channel;
    }
}
