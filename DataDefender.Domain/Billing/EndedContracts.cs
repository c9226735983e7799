using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>Ends what bills a line, in the save that ends the line: who has no service is not billed for it.</summary>
internal static class EndedContracts
{
    /// <summary>Ends the contracts and monthly charges of these lines from that day on. What an early end costs becomes a charge.</summary>
    public static async Task EndAsync(IDataDefenderDb db, IReadOnlyCollection<Guid> lines, DateOnly on, CancellationToken ct)
    {
        if (lines.Count == 0)
        {
            return;
        }

        foreach (var contract in await db.Contracts.Where(c => lines.Contains(c.SubscriptionId) && (c.EndsOn == null || c.EndsOn > on)).ToListAsync(ct))
        {
            End(db, contract, on > contract.StartsOn ? on : contract.StartsOn);
        }

        foreach (var charge in await db.Charges.Where(c => c.Monthly && c.State == ChargeState.Pending && c.SubscriptionId != null && lines.Contains(c.SubscriptionId.Value)).ToListAsync(ct))
        {
            charge.EndOn(on);
        }
    }

    /// <summary>Ends one contract, and charges what its minimum asks of who leaves early.</summary>
    public static void End(IDataDefenderDb db, Contract contract, DateOnly on)
    {
        var fee = FeeOf(contract, on);
        contract.End(on);
        if (fee > Money.Zero)
        {
            db.Charges.Add(new Charge(contract.TenantId, contract.ClientId, contract.SubscriptionId,
                new ChargeInput { Kind = LineKind.EarlyTermination, Description = $"{contract.Label} ended before {contract.MinimumUntil:yyyy-MM-dd}", Price = fee.Amount }, on));
        }
    }

    /// <summary>What ending on a day costs. An end within the minimum that was said before has been charged.</summary>
    public static Money FeeOf(Contract contract, DateOnly on) =>
        contract.MinimumUntil is { } minimum && on < minimum && !(contract.EndsOn < minimum) ? contract.EarlyTerminationFee : Money.Zero;

    /// <summary>
    /// Disconnects the lines whose contract is over on that day: who is billed nothing any more is not served. Prepaid time that is left runs out
    /// first. Returns how many; the caller saves.
    /// </summary>
    /// <param name="only">One line; null for all.</param>
    internal static async Task<int> DisconnectAsync(IDataDefenderDb db, DateOnly today, string by, DateTime now, Guid? only, CancellationToken ct)
    {
        var over = await (
            from contract in db.Contracts
            join line in db.Subscriptions on contract.SubscriptionId equals line.Id
            where contract.EndsOn <= today && line.State != SubscriptionState.Disconnected && (only == null || line.Id == only)
                && (contract.Mode != BillingMode.Prepaid || line.ExpiresAt == null || line.ExpiresAt <= now)
            select new { line, Ends = contract.EndsOn!.Value }).ToListAsync(ct);
        if (over.Count == 0)
        {
            return 0;
        }

        foreach (var (line, ends) in over.Select(o => (o.line, o.Ends)))
        {
            var why = string.Create(CultureInfo.InvariantCulture, $"its contract ended on {ends:d MMM yyyy}");
            line.Disconnect($"Disconnected: {why}", now);
            db.Order(line, LineAction.Drop, $"disconnected: {why}", by, now);
            db.Report(line, "line.disconnected", $"{line.Username}: disconnected: {why}, by {by}.", now);
        }

        var days = over.ToDictionary(o => o.line.Id, o => o.Ends);
        foreach (var charge in await db.Charges.Where(c => c.Monthly && c.State == ChargeState.Pending && c.SubscriptionId != null && days.Keys.Contains(c.SubscriptionId.Value)).ToListAsync(ct))
        {
            charge.EndOn(days[charge.SubscriptionId!.Value]);
        }

        return over.Count;
    }

    /// <summary>Ends the contracts whose lines were disconnected before a disconnection did so.</summary>
    public static async Task CutAsync(IDataDefenderDb db, LedgerTurn turn, CancellationToken ct)
    {
        var left = await (
            from contract in db.Contracts
            join line in db.Subscriptions on contract.SubscriptionId equals line.Id
            where contract.EndsOn == null && line.State == SubscriptionState.Disconnected
            select new { Contract = contract, line.StateSince }).ToListAsync(ct);
        foreach (var one in left)
        {
            var day = turn.Company.DayOf(one.StateSince);
            one.Contract.End(day > one.Contract.StartsOn ? day : one.Contract.StartsOn);
        }
    }
}
