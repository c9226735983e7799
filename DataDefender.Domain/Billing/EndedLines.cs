using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>A line that is disconnected is billed no more: its contract ends with it.</summary>
internal static class EndedLines
{
    /// <summary>Ends the contracts of lines on the day on which they are disconnected. What an early end costs becomes a charge.</summary>
    public static async Task EndContractsAsync(IDataDefenderDb db, IReadOnlyCollection<Guid> lines, DateOnly today, CancellationToken ct)
    {
        if (lines.Count == 0)
        {
            return;
        }

        foreach (var contract in await db.Contracts.Where(c => lines.Contains(c.SubscriptionId) && (c.EndsOn == null || c.EndsOn > today)).ToListAsync(ct))
        {
            End(db, contract, today > contract.StartsOn ? today : contract.StartsOn);
        }
    }

    /// <summary>Ends one contract, with the charge for leaving before its minimum time is over.</summary>
    public static void End(IDataDefenderDb db, Contract contract, DateOnly on)
    {
        contract.End(on);
        if (contract.MinimumUntil is { } minimum && on < minimum && contract.EarlyTerminationFee > Money.Zero)
        {
            db.Charges.Add(new Charge(contract.TenantId, contract.ClientId, contract.SubscriptionId,
                new ChargeInput { Kind = LineKind.EarlyTermination, Description = $"{contract.Label} ended before {minimum:yyyy-MM-dd}", Price = contract.EarlyTerminationFee.Amount }, on));
        }
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
