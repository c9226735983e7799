using System.Globalization;
using DataDefender.Domain.Common;

namespace DataDefender.Domain.Billing;

/// <summary>Why a bill is not what the client's bill was before.</summary>
public static class BillDifference
{
    /// <summary>From this difference on a bill stands out.</summary>
    private const int OutlierPercent = 50;

    public static (string Reasons, int Deviation, bool StandsOut) Explain(AccountFacts facts, AccountBill bill, Money? previousTotal, IReadOnlyList<LineDraft>? previous)
    {
        var total = bill.Sum.Total;
        var reasons = new List<string>();
        if (previousTotal is not { } before || previous is null)
        {
            reasons.Add("first bill");
            Few(facts, bill, reasons);
            return (string.Join(", ", reasons), 100, total == Money.Zero);
        }

        if (before == total)
        {
            return ("", 0, total == Money.Zero);
        }

        var (was, now) = (Services(previous), Services(bill.Lines));
        Add(now.Keys.Except(was.Keys).Any(), "new service");
        Add(was.Keys.Except(now.Keys).Any(), "a service less");
        Add(now.Keys.Intersect(was.Keys).Any(key => !now[key].SetEquals(was[key])), "plan change");
        Few(facts, bill, reasons);
        Add(facts.Contracts.Any(c => c.Terms.Suspensions.Any(s => s.Until is null)) || IsSuspended(bill.Lines) || IsSuspended(previous), "suspended for debt");
        Add(Kinds(bill.Lines, LineKind.Discount) != Kinds(previous, LineKind.Discount), "discount");
        Add(Kinds(bill.Lines, LineKind.OneTime, LineKind.Installation, LineKind.Equipment, LineKind.Deposit, LineKind.LateFee, LineKind.EarlyTermination, LineKind.Adjustment) > 0, "one-time charges");
        Add(Kinds(previous, LineKind.OneTime, LineKind.Installation, LineKind.Equipment, LineKind.Deposit, LineKind.LateFee, LineKind.EarlyTermination, LineKind.Adjustment) > 0, "one-time charges of last time");
        Add(Rates(bill.Lines).Except(Rates(previous)).Any(), "tax rate");
        Add(bill.Lines.Count(l => l.Kind is LineKind.Subscription) > bill.Contracts.Count && !reasons.Contains("part of a period"), "several periods");
        if (reasons.Count == 0)
        {
            reasons.Add("price");
        }

        var deviation = before == Money.Zero ? 100 : (int)Math.Min(100_000, Math.Abs((total.Minor - before.Minor) * 100m / before.Minor));
        return (string.Join(", ", reasons), deviation, deviation >= OutlierPercent || total == Money.Zero);

        void Add(bool holds, string reason)
        {
            if (holds)
            {
                reasons.Add(reason);
            }
        }
    }

    private static void Few(AccountFacts facts, AccountBill bill, List<string> reasons)
    {
        var contracts = facts.Contracts.ToDictionary(c => c.SubscriptionId);
        if (bill.Lines.Any(l => l.Kind is LineKind.Proration || (l is { Kind: LineKind.Subscription, From: { } from, Until: { } until, SubscriptionId: { } id }
            && contracts.TryGetValue(id, out var contract) && (until - from).TotalDays + 0.5 < contract.Contract.PeriodOf(DateOnly.FromDateTime(from.AddHours(12))).Days)))
        {
            reasons.Add("part of a period");
        }
    }

    private static bool IsSuspended(IEnumerable<LineDraft> lines) => lines.Any(l => l.Kind is LineKind.Subscription && l.Description.EndsWith(BillingEngine.Suspended, StringComparison.Ordinal));

    private static Dictionary<Guid, HashSet<string>> Services(IEnumerable<LineDraft> lines) => lines
        .Where(l => l is { Kind: LineKind.Subscription, SubscriptionId: not null })
        .GroupBy(l => l.SubscriptionId!.Value)
        .ToDictionary(g => g.Key, g => g.Select(l => l.Description[..Math.Max(0, l.Description.IndexOf(" (", StringComparison.Ordinal))]).ToHashSet(StringComparer.Ordinal));

    private static long Kinds(IEnumerable<LineDraft> lines, params LineKind[] kinds) => lines.Where(l => kinds.Contains(l.Kind)).Sum(l => Math.Abs(l.Split.Total.Minor));

    private static HashSet<string> Rates(IEnumerable<LineDraft> lines) =>
        lines.Where(l => l.Kind is LineKind.Subscription).Select(l => string.Create(CultureInfo.InvariantCulture, $"{l.Tax.ExciseRate}/{l.Tax.VatRate}/{l.Tax.Base}")).ToHashSet(StringComparer.Ordinal);
}
