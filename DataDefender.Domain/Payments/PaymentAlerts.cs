using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Notifications.Staff;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>
/// Tells those who handle payments of what should not stay as it is: messages that wait, messages that were set aside, pushes and orders
/// that a person has to look at, large money that nobody has confirmed. Each is told once in a while, not at every look.
/// </summary>
public sealed class PaymentAlerts(IDataDefenderDbFactory dbFactory, StaffNotifier notifier, StaffInbox inbox, TimeProvider clock, CurrentUser user)
{
    /// <summary>Nothing that a provider sent waits longer than this without an alert.</summary>
    public static readonly TimeSpan MessagesWait = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan HeldWaits = TimeSpan.FromHours(1);
    private static readonly TimeSpan NewsLasts = TimeSpan.FromHours(6);

    /// <summary>Looks once; returns how many things it told of.</summary>
    public async Task<int> LookAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var now = clock.GetUtcNow().UtcDateTime;
        var notices = await FindAsync(db, now, ct);
        if (notices.Count == 0)
        {
            return 0;
        }

        var (kinds, since) = (notices.ConvertAll(n => n.Kind), now - NewsLasts);
        var told = await db.StaffNotifications.Where(n => kinds.Contains(n.Kind) && n.At > since).Select(n => n.Kind).Distinct().ToListAsync(ct);
        var fresh = notices.FindAll(n => !told.Contains(n.Kind));
        foreach (var notice in fresh)
        {
            await notifier.AddAsync(db, new StaffAudience.Permitted(Permissions.HandlePayments), notice, ct);
        }

        if (fresh.Count > 0)
        {
            await db.SaveChangesAsync(ct);
            inbox.Announce(db.TenantId);
        }

        return fresh.Count;
    }

    private static async Task<List<StaffNotice>> FindAsync(IDataDefenderDb db, DateTime now, CancellationToken ct)
    {
        var (waitsSince, heldSince, asideSince) = (now - MessagesWait, now - HeldWaits, now - NewsLasts);
        var waiting = await db.InboundMessages.CountAsync(m => (m.Status == InboundStatus.Received || m.Status == InboundStatus.Claimed) && m.ReceivedAt < waitsSince, ct);
        var aside = await db.InboundMessages.CountAsync(m => m.Status == InboundStatus.SetAside && m.DoneAt > asideSince, ct);
        var pushes = await db.PaymentAttempts.CountAsync(a => a.Status == AttemptStatus.NeedsReview, ct);
        var refunds = await db.Refunds.CountAsync(r => r.Status == RefundStatus.NeedsReview, ct);
        var held = await db.ProviderTransactions.Where(t => t.IsHeld && t.RecordedAt < heldSince).Select(t => t.Amount.Minor).ToListAsync(ct);
        var notices = new List<StaffNotice>();
        void Add(bool holds, string kind, EventSeverity severity, string title, string text, string href)
        {
            if (holds)
            {
                notices.Add(new StaffNotice($"payments.{kind}", severity, title, text, href));
            }
        }

        Add(waiting > 0, "messages-wait", EventSeverity.Critical, $"{waiting} messages of providers wait", $"They came more than {MessagesWait.TotalMinutes:0} minutes ago and are not in the books yet. Money in them counts for nobody.", "/payments/messages?state=Received");
        Add(aside > 0, "set-aside", EventSeverity.Critical, $"{aside} messages of providers were set aside", "They could not be brought into the books. See why, and read them again when it is mended.", "/payments/messages?state=SetAside");
        Add(pushes > 0, "review", EventSeverity.Warning, $"{pushes} prompts need a person", "Nobody could say whether they were paid. See the provider's portal, and say what you found.", "/payments/custody");
        Add(refunds > 0, "refund-review", EventSeverity.Critical, $"{refunds} orders to give money back need a person", "Nobody knows whether the money went. See the provider's portal, and say what you found.", "/payments/custody");
        Add(held.Count > 0, "unconfirmed", EventSeverity.Warning, $"{new Money(held.Sum())} wait for the provider's word", $"{held.Count} large payments rest on a message alone. Compare them with the provider's portal.", "/payments/orphans");
        return notices;
    }
}
