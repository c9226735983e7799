using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Collections;

/// <summary>A debtor with the rows behind it.</summary>
internal sealed record DebtorRows(Debtor Debtor, Addressee Addressee, Money Owed, IReadOnlyList<Subscription> Lines, ClientStanding? Standing);

/// <summary>Reads who owes something, in batches and with a few queries a batch.</summary>
internal static class DebtorBook
{
    /// <summary>What marks an invoice that charges a late fee.</summary>
    public const string LateFeeOrigin = "Late fee";

    /// <summary>Clients with an invoice whose first step has come, or that will within <paramref name="ahead"/> days.</summary>
    public static IQueryable<Guid> Owing(IDataDefenderDb db, DunningPolicy policy, DateOnly today)
    {
        var until = today.AddDays(-policy.Steps.Select(s => s.Day).DefaultIfEmpty(0).Min());
        return db.Invoices
            .Where(i => (i.Status == InvoiceStatus.Issued || i.Status == InvoiceStatus.PartlyPaid) && i.DueOn != null && i.DueOn <= until)
            .Select(i => i.ClientId).Distinct();
    }

    /// <summary>
    /// The rows are tracked, so that what the engine decides can be done to them. Lines of those paid for who are excluded, have promised or were
    /// given grace of their own stay out: whoever pays for them loses nothing of theirs.
    /// </summary>
    /// <param name="now">UTC.</param>
    public static async Task<List<DebtorRows>> LoadAsync(IDataDefenderDb db, IReadOnlyCollection<Guid> clients, DateTime now, CancellationToken ct)
    {
        var ids = clients as Guid[] ?? [.. clients];
        var invoices = await db.Invoices.AsNoTracking()
            .Where(i => ids.Contains(i.ClientId) && (i.Status == InvoiceStatus.Issued || i.Status == InvoiceStatus.PartlyPaid) && i.DueOn != null)
            .Select(i => new
            {
                i.Id, i.ClientId, i.Reference, i.DueOn, i.Origin,
                Balance = i.Total.Minor - i.Paid.Minor - i.Credited.Minor - i.WrittenOff.Minor - i.Rounded.Minor + i.Returned.Minor,
            })
            .ToListAsync(ct);
        Guid[] open = [.. invoices.Select(i => i.Id)];
        var done = (await db.DunningEntries.AsNoTracking().Where(e => e.InvoiceId != null && open.Contains(e.InvoiceId.Value) && e.Step != null).Select(e => new { e.InvoiceId, e.Step }).ToListAsync(ct))
            .ToLookup(e => e.InvoiceId!.Value, e => e.Step!);
        var payerOf = await PayersAsync(db, ids, now, ct);
        Guid[] users = [.. ids, .. payerOf.Keys];
        var lines = (await db.Subscriptions.Where(s => users.Contains(s.ClientId) && s.State != SubscriptionState.Disconnected && s.State != SubscriptionState.Pending).ToListAsync(ct))
            .ToLookup(s => payerOf.GetValueOrDefault(s.ClientId, s.ClientId));
        var standings = await db.ClientStandings.Where(s => ids.Contains(s.ClientId)).ToDictionaryAsync(s => s.ClientId, ct);
        var people = await db.Clients.AsNoTracking().Where(c => ids.Contains(c.Id)).ToListAsync(ct);
        var byClient = invoices.ToLookup(i => i.ClientId);
        return
        [
            .. from client in people
               let standing = standings.GetValueOrDefault(client.Id)
               let owed = byClient[client.Id].ToList()
               let own = lines[client.Id].OrderBy(l => l.Username, StringComparer.Ordinal).ToList()
               orderby client.Name, client.Id
               select new DebtorRows(
                   new Debtor(
                       client.Id, standing?.Exclusion, standing?.PromiseUntil, standing?.GraceUntil, standing?.EquipmentSince is not null,
                       [.. owed.Select(i => new DebtorInvoice(i.Id, i.Reference ?? "", i.DueOn!.Value, new Money(i.Balance), i.Origin == LateFeeOrigin, done[i.Id].ToHashSet(StringComparer.Ordinal)))],
                       [.. own.Select(l => new DebtorLine(l.Id, l.Username, l.State, l.SuspendReason) { Since = l.StateSince })]),
                   Addressee.Of(client), new Money(owed.Sum(i => i.Balance)), own, standing),
        ];
    }

    /// <summary>Whom these clients pay for, each with who pays, where the company suspends them for it.</summary>
    private static async Task<Dictionary<Guid, Guid>> PayersAsync(IDataDefenderDb db, Guid[] payers, DateTime now, CancellationToken ct)
    {
        var settings = await db.CollectionsSettings.AsNoTracking().SingleOrDefaultAsync(ct);
        return settings is not { Policy.SuspendSubAccounts: true }
            ? []
            : await db.BillingProfiles.AsNoTracking().Where(p => p.ParentId != null && payers.Contains(p.ParentId.Value)
                && !db.ClientStandings.Any(s => s.ClientId == p.ClientId && (s.ExclusionKind != null || s.PromiseUntil > now || s.GraceUntil > now))).ToDictionaryAsync(p => p.ClientId, p => p.ParentId!.Value, ct);
    }
}
