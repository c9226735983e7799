using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Collections;

/// <summary>
/// Brings back what was suspended for money once the money is there: lines suspended as unpaid whose client owes less than what anybody is
/// suspended for, since a payment, a credit note or a void invoice. A debt that was given up brings nothing back, and what was suspended for
/// another reason stays as it is.
/// </summary>
public sealed class PaidLines(IDataDefenderDbFactory dbFactory, LineSignal lineSignal, MessageSignal messageSignal, TimeProvider clock)
{
    private const int Batch = 200;
    private const int Tries = 3;
    private const string By = "collections";

    /// <summary>
    /// The lines to bring back, of whatever rows are given: one company's, or all of the platform's. A line was suspended for the debt of its
    /// client or of who pays for him: neither may owe anything overdue, and one of them has settled an invoice since.
    /// </summary>
    public static IQueryable<Subscription> Paid(IQueryable<Subscription> lines, IQueryable<Invoice> invoices, IQueryable<BillingProfile> profiles, DateOnly today) => lines.Where(l =>
        l.State == SubscriptionState.Suspended && l.SuspendReason == SuspendReason.Unpaid
        && (invoices.Any(i => i.TenantId == l.TenantId && i.ClientId == l.ClientId && i.SettledAt >= l.StateSince && i.Status != InvoiceStatus.WrittenOff)
            || profiles.Where(p => p.TenantId == l.TenantId && p.ClientId == l.ClientId && p.ParentId != null)
                .SelectMany(p => invoices.Where(i => i.TenantId == p.TenantId && i.ClientId == p.ParentId && i.SettledAt >= l.StateSince && i.Status != InvoiceStatus.WrittenOff)).Any())
        && !invoices.Any(i => i.TenantId == l.TenantId && i.ClientId == l.ClientId && (i.Status == InvoiceStatus.Issued || i.Status == InvoiceStatus.PartlyPaid) && i.DueOn < today)
        && !profiles.Where(p => p.TenantId == l.TenantId && p.ClientId == l.ClientId && p.ParentId != null)
            .SelectMany(p => invoices.Where(i => i.TenantId == p.TenantId && i.ClientId == p.ParentId && (i.Status == InvoiceStatus.Issued || i.Status == InvoiceStatus.PartlyPaid) && i.DueOn < today)).Any());

    /// <summary>As well lines of clients with less overdue than <paramref name="leastDebt"/> (minor units), who have had something taken off what they owe since.</summary>
    private static IQueryable<Subscription> NearlyPaid(IDataDefenderDb db, DateOnly today, long leastDebt) => db.Subscriptions.Where(l =>
        l.State == SubscriptionState.Suspended && l.SuspendReason == SuspendReason.Unpaid
        && db.Invoices.Where(i => i.ClientId == l.ClientId && (i.Status == InvoiceStatus.Issued || i.Status == InvoiceStatus.PartlyPaid) && i.DueOn < today)
            .Sum(i => i.Total.Minor - i.Paid.Minor - i.Credited.Minor - i.WrittenOff.Minor - i.Rounded.Minor + i.Returned.Minor) < leastDebt
        && (db.JournalLines.Any(j => j.ClientId == l.ClientId && j.Credit.Minor > 0
                && db.LedgerAccounts.Any(a => a.Id == j.AccountId && a.Kind == AccountKind.Receivable)
                && db.JournalTransactions.Any(t => t.Sequence == j.Sequence && t.CreatedAt >= l.StateSince && t.Kind != "invoice.written-off" && t.Kind != Rounding.Off))
            || db.BillingProfiles.Any(p => p.ClientId == l.ClientId && p.ParentId != null && db.JournalLines.Any(j => j.ClientId == p.ParentId && j.Credit.Minor > 0
                && db.LedgerAccounts.Any(a => a.Id == j.AccountId && a.Kind == AccountKind.Receivable)
                && db.JournalTransactions.Any(t => t.Sequence == j.Sequence && t.CreatedAt >= l.StateSince && t.Kind != "invoice.written-off" && t.Kind != Rounding.Off))))
        && !db.BillingProfiles.Any(p => p.ClientId == l.ClientId && p.ParentId != null
            && db.Invoices.Where(i => i.ClientId == p.ParentId && (i.Status == InvoiceStatus.Issued || i.Status == InvoiceStatus.PartlyPaid) && i.DueOn < today)
                .Sum(i => i.Total.Minor - i.Paid.Minor - i.Credited.Minor - i.WrittenOff.Minor - i.Rounded.Minor + i.Returned.Minor) >= leastDebt));

    /// <summary>Returns how many lines were restored.</summary>
    public async Task<int> RestoreAsync(CancellationToken ct = default)
    {
        var restored = 0;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                foreach (var nearly in (bool[])[false, true])
                {
                    int found;
                    do
                    {
                        restored += found = await RestoreBatchAsync(nearly, ct);
                    }
                    while (found == Batch);
                }

                break;
            }
            catch (DbUpdateException) when (attempt < Tries && !ct.IsCancellationRequested)
            {
                // A person, or another process, was at one of these lines.
            }
        }

        if (restored > 0)
        {
            lineSignal.Wake();
            messageSignal.Wake();
        }

        return restored;
    }

    private async Task<int> RestoreBatchAsync(bool nearly, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        var company = await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct);
        var least = nearly ? (await db.CollectionsSettings.AsNoTracking().SingleOrDefaultAsync(ct))?.Policy.LeastDebt ?? 0 : 0;
        var due = !nearly ? Paid(db.Subscriptions, db.Invoices, db.BillingProfiles, company.Today(clock)) : least > 0 ? NearlyPaid(db, company.Today(clock), least) : null;
        var lines = due is null ? [] : await due.OrderBy(l => l.Id).Take(Batch).ToListAsync(ct);
        if (lines.Count == 0)
        {
            return 0;
        }

        var now = clock.GetUtcNow().UtcDateTime;
        Guid[] owners = [.. lines.Select(l => l.ClientId).Distinct()];
        var clients = await db.Clients.AsNoTracking().Where(c => owners.Contains(c.Id)).ToDictionaryAsync(c => c.Id, ct);
        var desk = await MessageDesk.OpenAsync(db, ct);
        foreach (var line in lines)
        {
            var key = FormattableString.Invariant($"restored:{line.Id:N}:{line.StateSince.Ticks}");
            line.Restore(now);
            db.Order(line, LineAction.Release, "restored: paid", By, now);
            db.Report(line, "line.restored", $"{line.Username}: restored: paid, by {By}.", now);
            db.DunningEntries.Add(new DunningEntry
            {
                TenantId = db.TenantId, ClientId = line.ClientId, StepKey = key, Outcome = DunningOutcome.Followed, At = now, By = By, Text = $"Restored {line.Username}: what it was suspended for is paid.",
            });
            desk.Write(db, MessageTopic.ServiceRestored, Addressee.Of(clients[line.ClientId]), new MessageValues { Line = line.Username }, key, [MessageChannel.Sms], now);
        }

        await db.SaveChangesAsync(ct);
        return lines.Count;
    }
}
