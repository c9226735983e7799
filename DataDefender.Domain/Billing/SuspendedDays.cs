using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>
/// Keeps on contracts from which day to which their lines were suspended for debt, where the company bills those days otherwise than in full. The
/// billing run slices by them: days by the company's clock that were suspended from their begin to their end, as a day with some service is billed.
/// What had been billed before they were known is put right by charges on the next bill, priced by the same code.
/// </summary>
public static class SuspendedDays
{
    /// <summary>Notes suspensions that began or ended since the last look; a look more changes nothing. The caller saves. Returns how many contracts were changed.</summary>
    public static async Task<int> NoteAsync(IDataDefenderDb db, CancellationToken ct = default)
    {
        var settings = await CurrentBillingSettings.OfAsync(db, ct);
        var differs = settings.SuspendedPercent < 100;
        var lines = await (
            from contract in db.Contracts
            join line in db.Subscriptions on contract.SubscriptionId equals line.Id
            where contract.Mode != BillingMode.Prepaid
                && (contract.HasScheduled || (differs && line.State == SubscriptionState.Suspended && line.SuspendReason == SuspendReason.Unpaid && contract.EndsOn == null))
            select new { Contract = contract, Line = line }).ToListAsync(ct);
        if (lines.Count == 0)
        {
            return 0;
        }

        var rules = await BillingSnapshot.RulesAsync(db, settings, ct);
        var taxes = await BillingSnapshot.PackageTaxesAsync(db, ct);
        var changed = 0;
        foreach (var (contract, line) in lines.Select(l => (l.Contract, l.Line)))
        {
            var (since, suspended) = (rules.DayOf(line.StateSince), line is { State: SubscriptionState.Suspended, SuspendReason: SuspendReason.Unpaid });
            var open = contract.Terms.Suspensions.FirstOrDefault(s => s.Until is null);
            if (open is not null && (!suspended || since >= open.From))
            {
                // Suspended as before and yet since later: it was restored in between, and a day on which it had service is billed.
                End(db, contract, open, since, rules, taxes);
                open = null;
                changed++;
            }

            if (suspended && open is null && differs)
            {
                contract.Suspend(Latest(since.AddDays(1), settings.SuspendedPercentFrom ?? DateOnly.MinValue, contract.StartsOn), settings.SuspendedPercent);
                changed++;
            }
        }

        return changed;
    }

    private static void End(IDataDefenderDb db, Contract contract, ContractSuspension open, DateOnly until, BillingRules rules, IReadOnlyDictionary<Guid, PackageTax> taxes)
    {
        var facts = BillingSnapshot.FactsOf(contract, taxes);
        var before = facts with { Terms = facts.Terms with { Suspensions = [.. facts.Terms.Suspensions.Where(s => s != open)] } };
        contract.Unsuspend(open, until);
        var after = facts with { Terms = contract.Terms };

        // Billed in full ahead, and then suspended; billed as suspended ahead, and then restored.
        Charge(before, open.From, Earliest(until, open.BilledBefore));
        Charge(facts, Latest(until, open.BilledBefore, open.From), Earliest(contract.BilledUntil, contract.EndsOn ?? DateOnly.MaxValue));

        void Charge(ContractFacts billed, DateOnly from, DateOnly last)
        {
            var difference = from < last ? PriceOf(after, from, last) - PriceOf(billed, from, last) : 0;
            if (difference == 0)
            {
                return;
            }

            contract.Corrected(until, last);
            var term = after.Terms.On(from);
            var tax = taxes.GetValueOrDefault(term.PackageId) ?? PackageTax.Of(null);
            db.Charges.Add(new Charge(contract.TenantId, contract.ClientId, contract.SubscriptionId,
                new ChargeInput
                {
                    Kind = difference < 0 ? LineKind.Adjustment : LineKind.OneTime, Price = new Money(difference).Amount, TaxBand = tax.Band, Excisable = tax.Excisable, TaxIncluded = tax.Included,
                    Description = string.Create(CultureInfo.InvariantCulture, $"{term.Package} ({contract.Label}), {from:d MMM yyyy} to {last.AddDays(-1):d MMM yyyy}, {(difference < 0 ? "suspended" : "restored")}"),
                }, until));
        }

        long PriceOf(ContractFacts under, DateOnly from, DateOnly last)
        {
            var lines = new List<LineDraft>();
            BillingEngine.AddDays(under, rules, from, last, lines);
            return lines.Sum(l => l.Price.Minor);
        }
    }

    private static DateOnly Earliest(DateOnly a, DateOnly b) => a < b ? a : b;

    private static DateOnly Latest(params ReadOnlySpan<DateOnly> days)
    {
        var latest = DateOnly.MinValue;
        foreach (var day in days)
        {
            latest = day > latest ? day : latest;
        }

        return latest;
    }
}
