using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using DataDefender.Domain.Common;

namespace DataDefender.Domain.Billing;

/// <summary>What the engine knows of the company: its taxes and where its days begin.</summary>
public sealed record BillingRules(TaxTable Taxes, TaxStatus Status, bool PricesIncludeTax, TimeZoneInfo TimeZone)
{
    public TaxRule TaxOn(DateOnly day, string band, bool excisable, bool? included) => Taxes.On(day, Status, new ProductTax(band, excisable, included ?? PricesIncludeTax));

    /// <summary>The first moment of a day where the company is (UTC).</summary>
    public DateTime StartOf(DateOnly day)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue); // where clocks go forward at midnight, the day begins at one
        return TimeZoneInfo.ConvertTimeToUtc(TimeZone.IsInvalidTime(midnight) ? midnight.AddHours(1) : midnight, TimeZone);
    }

    /// <summary>The day where the company is.</summary>
    public DateOnly DayOf(DateTime utc) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(utc, TimeZone));
}

/// <summary>The tax treatment of a package.</summary>
public sealed record PackageTax(string Band, bool Excisable, bool? Included)
{
    public static PackageTax Of(PackageTerms? terms) => terms is null
        ? new PackageTax(PackageTerms.Default.TaxBand, PackageTerms.Default.Excisable, PackageTerms.Default.TaxIncluded)
        : new PackageTax(terms.TaxBand, terms.Excisable, terms.TaxIncluded);
}

/// <summary>A line's contract as the engine reads it. <see cref="Taxes"/> names the treatment of each package of its terms.</summary>
public sealed record ContractFacts(
    Guid ContractId, Guid SubscriptionId, Guid ClientId, string Label, BillingMode Mode, int BillingDay, DateOnly StartsOn, DateOnly BilledUntil, DateOnly? EndsOn,
    ContractTerms Terms, int DiscountRate, DateOnly? DiscountUntil, string? DiscountName, IReadOnlyDictionary<Guid, PackageTax> Taxes)
{
    [JsonIgnore]
    public Contract Contract { get; init; } = null!; // set by FactsOf, the only maker; "required" and "not serialised" exclude each other
}

/// <summary>A charge as the engine reads it.</summary>
public sealed record ChargeFacts(
    Guid ChargeId, Guid ClientId, Guid? SubscriptionId, LineKind Kind, string Description, long Price, string TaxBand, bool Excisable, bool? TaxIncluded,
    bool Monthly, DateOnly From, DateOnly? Until, DateOnly BilledUntil);

/// <summary>Everything that is billed to one client, its own and that of those it pays for.</summary>
public sealed record AccountFacts(Guid ClientId, IReadOnlyList<ContractFacts> Contracts, IReadOnlyList<ChargeFacts> Charges)
{
    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter() } };

    /// <summary>SHA-256 of all facts and the day: equal as long as nothing that the bill depends on was changed.</summary>
    public byte[] Hash(DateOnly asOf, BillingRules rules)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.Number(asOf.DayNumber);
        hash.Text($"{rules.Status} {rules.PricesIncludeTax} {rules.TimeZone.Id}");
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(this, Json));
        return hash.GetHashAndReset();
    }
}

/// <summary>What one client is to be billed, and how far that bills each contract and charge.</summary>
public sealed record AccountBill(Guid ClientId, IReadOnlyList<LineDraft> Lines, IReadOnlyDictionary<Guid, DateOnly> Contracts, IReadOnlyDictionary<Guid, DateOnly?> Charges)
{
    /// <summary>Of charges that it takes in part only, how much of their price; the rest waits for the next bill.</summary>
    public IReadOnlyDictionary<Guid, Money> Parts { get; init; } = new Dictionary<Guid, Money>();

    public TaxSplit Sum => Lines.Aggregate(default(TaxSplit), (sum, line) => sum + line.Split);
}

/// <summary>
/// Makes the lines of a bill from facts, and nothing else: the same facts give the same lines, in a preview, in a run, and in the quote that
/// somebody is shown before a change of package.
/// </summary>
public static class BillingEngine
{
    /// <summary>Days. What is billed for longer is earned month by month.</summary>
    private const int LongestMonth = 31;

    /// <summary>What a line of a bill says of days on which the line was suspended for debt.</summary>
    internal const string Suspended = ", suspended";

    public static AccountBill Compute(AccountFacts account, BillingRules rules, DateOnly asOf)
    {
        var lines = new List<LineDraft>();
        var contracts = new Dictionary<Guid, DateOnly>();
        var charges = new Dictionary<Guid, DateOnly?>();
        var parts = new Dictionary<Guid, Money>();
        foreach (var contract in account.Contracts)
        {
            if (BillContract(contract, rules, asOf, lines) is { } until)
            {
                contracts[contract.ContractId] = until;
            }
        }

        foreach (var charge in account.Charges.OrderByDescending(c => c.Price))
        {
            BillCharge(charge, rules, asOf, lines, charges, parts);
        }

        return new AccountBill(account.ClientId, lines, contracts, charges) { Parts = parts };
    }

    /// <summary>The price of the days from one to another (exclusive) under given terms: the slices of the run, the quote and a refund alike.</summary>
    public static IEnumerable<(ContractTerm Term, DateOnly From, DateOnly Until, Money Price, string State)> Slices(ContractFacts facts, ContractTerms terms, DateOnly from, DateOnly until)
    {
        var cuts = terms.Terms.Select(t => t.From)
            .Concat(terms.Pauses.Select(p => p.From))
            .Concat(terms.Pauses.Where(p => p.Until is not null).Select(p => p.Until!.Value))
            .Concat(terms.Suspensions.Select(s => s.From))
            .Concat(terms.Suspensions.Where(s => s.Until is not null).Select(s => s.Until!.Value))
            .Where(day => day > from && day < until)
            .ToSortedDays();
        for (var start = from; start < until;)
        {
            var period = facts.Contract.PeriodOf(start, terms);
            var end = Earliest(until, period.End, cuts.FirstOrDefault(day => day > start, until));
            var (term, pause, suspension) = (terms.On(start), terms.PauseOn(start), terms.SuspensionOn(start));
            var whole = Proration.Slice(new Money(term.Price), period, start, end);
            var price = (pause?.BilledPercent ?? suspension?.BilledPercent) is { } percent ? new Money((long)Math.Round(whole.Minor * percent / 100m, MidpointRounding.AwayFromZero)) : whole;
            yield return (term, start, end, price, pause is not null ? ", resting" : suspension is not null ? Suspended : "");
            start = end;
        }
    }

    /// <summary>The lines for some days of a contract, with its discount. Days that are cut by a change or a pause make several lines.</summary>
    public static void AddDays(ContractFacts contract, BillingRules rules, DateOnly from, DateOnly until, List<LineDraft> lines)
    {
        foreach (var (term, start, end, price, state) in Slices(contract, contract.Terms, from, until))
        {
            if (price == Money.Zero)
            {
                continue;
            }

            var product = contract.Taxes.GetValueOrDefault(term.PackageId) ?? PackageTax.Of(null);
            var tax = rules.TaxOn(start, product.Band, product.Excisable, product.Included);
            var text = string.Create(CultureInfo.InvariantCulture, $"{term.Package} ({contract.Label}), {Days(start, end)}{state}");
            var deferred = end.DayNumber - start.DayNumber > LongestMonth;
            lines.Add(Line(LineKind.Subscription, text, price, tax, contract, term, rules, start, end, $"line:{contract.SubscriptionId:N}:{start:yyyyMMdd}", deferred));
            var discounted = contract.DiscountUntil is { } last && last < end ? last : end;
            if (contract.DiscountRate > 0 && discounted > start)
            {
                var share = discounted == end ? price : Proration.Slice(price, new BillingPeriod(start, end), start, discounted);
                var off = new Money(-(long)Math.Round(share.Minor * contract.DiscountRate / 10_000m, MidpointRounding.AwayFromZero));
                if (off != Money.Zero)
                {
                    var name = string.Create(CultureInfo.InvariantCulture, $"{contract.DiscountName ?? "Discount"} {contract.DiscountRate / 100m:0.##} %");
                    lines.Add(Line(LineKind.Discount, name, off, tax, contract, term, rules, start, discounted, $"discount:{contract.SubscriptionId:N}:{start:yyyyMMdd}", deferred));
                }
            }
        }
    }

    /// <summary>The day up to which the contract is billed by this, or null when nothing is due.</summary>
    private static DateOnly? BillContract(ContractFacts contract, BillingRules rules, DateOnly asOf, List<LineDraft> lines)
    {
        if (contract.Mode is BillingMode.Prepaid)
        {
            return null;
        }

        var until = contract.BilledUntil;
        while (until < (contract.EndsOn ?? DateOnly.MaxValue))
        {
            var period = contract.Contract.PeriodOf(until);
            var end = contract.EndsOn is { } last && last < period.End ? last : period.End;

            // Afterwards: when the period is over, or the line ended within it. Ahead: as soon as the period begins.
            if (contract.Mode is BillingMode.Postpaid ? end > asOf : until > asOf)
            {
                break;
            }

            AddDays(contract, rules, until, end, lines);
            until = end;
        }

        return until == contract.BilledUntil ? null : until;
    }

    private static void BillCharge(ChargeFacts charge, BillingRules rules, DateOnly asOf, List<LineDraft> lines, Dictionary<Guid, DateOnly?> billed, Dictionary<Guid, Money> parts)
    {
        if (charge.From > asOf)
        {
            return;
        }

        var tax = charge.Kind is LineKind.Deposit ? TaxRule.None : rules.TaxOn(asOf, charge.TaxBand, charge.Excisable, charge.TaxIncluded);
        if (!charge.Monthly)
        {
            var once = Once(new Money(charge.Price), charge.Description);

            // What is given back lowers a bill to nothing at most, and its rest the next one.
            var room = charge.Price > 0 ? long.MaxValue : Lowerable(lines);
            if (room > 0 && -once.Split.Total.Minor > room)
            {
                once = Once(Within(once, room), $"{charge.Description}, in part");
                parts[charge.ChargeId] = once.Price;
            }

            if (-once.Split.Total.Minor <= room)
            {
                lines.Add(once);
                billed[charge.ChargeId] = null;
            }

            return;

            LineDraft Once(Money price, string text) => new(charge.Kind, text, price, tax, charge.ClientId, charge.SubscriptionId, Key: $"charge:{charge.ChargeId:N}");
        }

        var until = charge.BilledUntil;
        var months = ((until.Year - charge.From.Year) * 12) + until.Month - charge.From.Month;
        while (until <= asOf && until < (charge.Until ?? DateOnly.MaxValue))
        {
            var period = new BillingPeriod(charge.From.AddMonths(months), charge.From.AddMonths(months + 1));
            var end = charge.Until is { } last && last < period.End ? last : period.End;
            var price = Proration.Slice(new Money(charge.Price), period, period.Start, end);
            var line = new LineDraft(
                LineKind.Recurring, string.Create(CultureInfo.InvariantCulture, $"{charge.Description}, {Days(period.Start, end)}"), price, tax, charge.ClientId, charge.SubscriptionId,
                rules.StartOf(period.Start), rules.StartOf(end), $"charge:{charge.ChargeId:N}:{period.Start:yyyyMMdd}");
            if (charge.Price < 0 && Lowerable(lines) + line.Split.Total.Minor < 0)
            {
                break;
            }

            lines.Add(line);
            (until, months) = (end, months + 1);
        }

        if (until != charge.BilledUntil)
        {
            billed[charge.ChargeId] = until;
        }
    }

    /// <summary>What reductions can still take off a bill. A deposit stays the client's, and is asked for whole.</summary>
    private static long Lowerable(List<LineDraft> lines) => lines.Where(l => l.Kind is not LineKind.Deposit).Sum(l => l.Split.Total.Minor);

    /// <summary>As much of the price of a reduction as, with its tax, is no more than <paramref name="room"/>.</summary>
    private static Money Within(LineDraft reduction, long room)
    {
        var price = (long)(reduction.Price.Minor * (decimal)room / -reduction.Split.Total.Minor) - 1; // a cent more than its share: rounding may let it in
        while (-reduction.Tax.Split(new Money(price)).Total.Minor > room)
        {
            price++;
        }

        return new Money(price);
    }

    private static LineDraft Line(
        LineKind kind, string text, Money price, TaxRule tax, ContractFacts contract, ContractTerm term, BillingRules rules, DateOnly from, DateOnly until, string key, bool deferred) =>
        new(kind, text, price, tax, contract.ClientId, contract.SubscriptionId, rules.StartOf(from), rules.StartOf(until), key) { PackageId = term.PackageId, Deferred = deferred };

    private static string Days(DateOnly from, DateOnly until) => string.Create(CultureInfo.InvariantCulture, $"{from:d MMM yyyy} to {until.AddDays(-1):d MMM yyyy}");

    private static DateOnly Earliest(DateOnly a, DateOnly b, DateOnly c) => a < b ? (a < c ? a : c) : b < c ? b : c;

    private static List<DateOnly> ToSortedDays(this IEnumerable<DateOnly> days) => [.. days.Distinct().Order()];
}
