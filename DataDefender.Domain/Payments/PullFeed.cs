using System.Text;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>The provider's own list of what came in: fetched page by page, stored as it came, and applied like any message.</summary>
public sealed class PullFeed(IDataDefenderDbFactory dbFactory, IEnumerable<IMobileMoneyGateway> gateways, ISecretVault vault, TimeProvider clock, CurrentUser user)
{
    /// <summary>How far back a list is fetched; Safaricom keeps 48 hours.</summary>
    internal static readonly TimeSpan Kept = TimeSpan.FromHours(47);

    /// <summary>The list is fetched again from a while before its end: what came then may have been entered later.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(30);

    private const int MostPages = 2_000;

    /// <summary>Fetches what came in through a channel since the last time, stores it as it came, and lets it be applied.</summary>
    /// <returns>Why it could not be fetched to its end; null when it was.</returns>
    public async Task<string?> FetchAsync(Guid channelId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePayments);
        PaymentChannel channel;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            channel = await db.PaymentChannels.AsNoTracking().SingleOrDefaultAsync(c => c.Id == channelId, ct) ?? throw new NotFoundException("Payment channel", channelId);
        }

        var now = clock.GetUtcNow().UtcDateTime;
        var longest = now - Kept;
        var from = channel.PulledUntil is { } until && until - Overlap > longest ? until - Overlap : longest;
        var access = channel.Open(await vault.OpenAsync(channel.TenantId, ct));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int? offset = 0; offset is { } at;)
        {
            switch (await gateways.For(channel.Kind).PullAsync(access, from, now, at, ct))
            {
                case PullOutcome.Page page when page.Fingerprint.Length > 0 && (!seen.Add(page.Fingerprint) || seen.Count > MostPages):
                    // How far the list reaches is not known then, so it is no evidence that something is absent.
                    return $"From entry {at} on the provider gives the same page again; what lies behind it is not known.";
                case PullOutcome.Page page:
                    await StoreAsync(channel, page, ct);
                    offset = page.More;
                    break;
                case PullOutcome.NoAnswer none:
                    return none.Reason;
                default:
                    throw new InvalidOperationException("No such outcome.");
            }
        }

        await using var done = await dbFactory.OpenAsync(ct);
        (await done.PaymentChannels.SingleAsync(c => c.Id == channelId, ct)).Pulled(now);
        await done.SaveAsync(ct);
        return null;
    }

    /// <summary>A page without entries says nothing that the time of the fetch does not; one with the same entries as before is there.</summary>
    private async Task StoreAsync(PaymentChannel channel, PullOutcome.Page page, CancellationToken ct)
    {
        if (page.Fingerprint.Length == 0)
        {
            return;
        }

        await using var db = await dbFactory.OpenAsync(ct);
        var hash = InboundMessage.HashOf(Encoding.UTF8.GetBytes(page.Fingerprint));
        if (!await db.InboundMessages.AnyAsync(m => m.ChannelId == channel.Id && m.Kind == CallbackKind.Pull && m.Hash == hash, ct))
        {
            db.InboundMessages.Add(new InboundMessage(channel.TenantId, channel.Id, CallbackKind.Pull, page.Body, null, "", "", isTrusted: true, clock.GetUtcNow().UtcDateTime, hash));
            await db.SaveChangesAsync(ct);
        }
    }
}
