using DataDefender.Domain.Common;
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
        contract.End(on);
        if (contract.MinimumUntil is { } minimum && on < minimum && contract.EarlyTerminationFee > Money.Zero)
        {
            db.Charges.Add(new Charge(contract.TenantId, contract.ClientId, contract.SubscriptionId,
                new ChargeInput { Kind = LineKind.EarlyTermination, Description = $"{contract.Label} ended before {minimum:yyyy-MM-dd}", Price = contract.EarlyTerminationFee.Amount }, on));
        }
    }
}
