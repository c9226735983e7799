using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using DataDefender.Domain.Common;

namespace DataDefender.Domain.Billing;

/// <summary>A line of an issued invoice that bills time of a subscription which has not passed, with the discount that was given on it.</summary>
/// <param name="FromAt">UTC, as <paramref name="UntilAt"/> is: prepaid time is counted by the minute.</param>
/// <param name="ReplacedFrom">The moment from which another change gave it back already (UTC); null when none did.</param>
public sealed record BilledAhead(
    Guid InvoiceId, string Reference, int Line, string Description, DateOnly From, DateOnly Until, DateTime FromAt, DateTime UntilAt, DateTime? ReplacedFrom, Money Total, Money Discount, Money Creditable)
{
    /// <summary>What can be given back of its invoice at all, whose other lines may be reductions; null for whatever its lines say.</summary>
    public Money? OfInvoice { get; init; }
}

/// <summary>What is given back of a line by a change.</summary>
public sealed record QuotedCredit(Guid InvoiceId, string Reference, int Line, string Description, Money Amount);

/// <summary>What a change of package costs, shown before it is confirmed and written exactly so after.</summary>
/// <param name="EffectiveOn">The first day of the new package.</param>
public sealed record PlanChangeQuote(
    Guid SubscriptionId, ContractTerm From, ContractTerm To, bool IsUpgrade, bool AtOnce, DateOnly EffectiveOn, IReadOnlyList<QuotedCredit> Credits, IReadOnlyList<LineDraft> Charges)
{
    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter() } };

    /// <summary>It is settled on a chosen day by the night's work; until then nothing is charged.</summary>
    public bool OnDay { get; init; }

    /// <summary>For prepaid time: the moment (UTC) to which its minutes were counted. The quote holds for <see cref="Holds"/> after it.</summary>
    public DateTime? At { get; init; }

    public static TimeSpan Holds { get; } = TimeSpan.FromMinutes(15);

    public Money Credit => new(Credits.Sum(c => c.Amount.Minor));

    public Money Charge => new(Charges.Sum(c => c.Split.Total.Minor));

    /// <summary>What the client pays for the change; negative for what he gets back.</summary>
    public Money Net => Charge - Credit;

    /// <summary>Names this quote by all it says: the one that is confirmed must be the one that was shown.</summary>
    [JsonIgnore]
    public string Token => (At is { } at ? at.ToString(MomentFormat, CultureInfo.InvariantCulture) : "") + Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this, Json)));

    /// <summary>The moment that a token of prepaid time was made for; null for any other.</summary>
    internal static DateTime? MomentOf(string token) => token.Length == MomentFormat.Length + 64
        && DateTime.TryParseExact(token[..MomentFormat.Length], MomentFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;

    private const string MomentFormat = "yyyyMMddHHmmss";
}

/// <summary>
/// Computes a change of package. What was billed ahead under the old one is given back on its own invoice by the days that are left; the same
/// days are charged under the new one by the code of the billing run. Afterwards-billed lines need neither: the next bill has both packages.
/// </summary>
public static class PlanChange
{
    /// <summary>By price a day: more is an upgrade.</summary>
    public static bool IsUpgrade(ContractTerm from, ContractTerm to) => PerDay(to) > PerDay(from);

    /// <param name="atOnce">Null for what the package's terms say of upgrades and downgrades.</param>
    /// <param name="on">A chosen day; null for at once or the end of the period.</param>
    public static PlanChangeQuote Quote(
        ContractFacts facts, ContractTerm to, PackageTermsInput terms, IReadOnlyList<BilledAhead> ahead, BillingRules rules, DateOnly today, bool? atOnce, DateOnly? on = null)
    {
        var from = facts.Terms.On(on ?? today);
        var upgrade = IsUpgrade(from, to);
        var now = on is null && (atOnce ?? (upgrade ? terms.UpgradeAtOnce : terms.DowngradeAtOnce));
        var effective = on ?? (now ? Later(today, facts.StartsOn) : NextPeriod(facts, today));
        var term = to with { From = effective };
        var charges = new List<LineDraft>();
        var (credits, room) = (new List<QuotedCredit>(), new Dictionary<Guid, Money>());
        var last = facts.EndsOn is { } end && end < facts.BilledUntil ? end : facts.BilledUntil; // of days after its end nothing is exchanged
        if (effective < last)
        {
            foreach (var line in ahead.Where(l => l.Until > effective && l.From < last && l.ReplacedFrom is null))
            {
                var whole = new BillingPeriod(line.From, line.Until);
                var unused = Proration.Slice(line.Total + line.Discount, whole, Later(line.From, effective), line.Until < last ? line.Until : last);
                var used = Proration.Slice(line.Total + line.Discount, whole, line.From, Later(line.From, effective));
                var left = line.Creditable + line.Discount - used; // a change before this one has given some of it back
                var amount = Within(room, line, unused > left ? left : unused);
                if (amount > Money.Zero)
                {
                    credits.Add(new QuotedCredit(line.InvoiceId, line.Reference, line.Line, line.Description, amount));
                }
            }

            var changed = facts with { Terms = facts.Terms with { Terms = [.. facts.Terms.Terms.Where(t => t.From < effective), term] } };
            BillingEngine.AddDays(changed, rules, effective, last, charges);
            charges = [.. charges.Select(c => c with { Kind = c.Kind is LineKind.Subscription ? LineKind.Proration : c.Kind, Key = $"change:{c.Key}:{term.PackageId:N}" })];
        }

        AddFee(facts, from, to, upgrade, terms, rules, on ?? today, charges);
        return new PlanChangeQuote(facts.SubscriptionId, from, term, upgrade, now, effective, credits, charges) { OnDay = on is not null };
    }

    /// <summary>
    /// The same for prepaid time: at once, the minutes that are left are given back on the invoices that sold them and sold anew at the new price;
    /// at the end, the next purchase is of the new package.
    /// </summary>
    /// <param name="paidUntil">UTC; null when nothing is paid.</param>
    public static PlanChangeQuote QuotePrepaid(
        ContractFacts facts, ContractTerm to, PackageTermsInput terms, IReadOnlyList<BilledAhead> ahead, BillingRules rules, DateTime at, DateTime? paidUntil, bool? atOnce)
    {
        var today = rules.DayOf(at);
        var from = facts.Terms.On(today);
        var upgrade = IsUpgrade(from, to);
        var left = paidUntil is { } end && end > at ? end : (DateTime?)null;
        var now = left is null || (atOnce ?? (upgrade ? terms.UpgradeAtOnce : terms.DowngradeAtOnce));
        var charges = new List<LineDraft>();
        var (credits, room) = (new List<QuotedCredit>(), new Dictionary<Guid, Money>());
        var effective = now ? Later(today, facts.StartsOn) : rules.DayOf(left!.Value.AddTicks(-1)).AddDays(1);
        if (now && left is { } until)
        {
            foreach (var line in ahead.Where(l => l.UntilAt > at && l.ReplacedFrom is null))
            {
                var (whole, gone) = (Minutes(line.UntilAt - line.FromAt), Minutes(at - line.FromAt));
                var unused = Proration.Slice(line.Total + line.Discount, whole, Math.Clamp(gone, 0, whole), whole);
                var amount = Within(room, line, unused > line.Creditable ? line.Creditable : unused);
                if (amount > Money.Zero)
                {
                    credits.Add(new QuotedCredit(line.InvoiceId, line.Reference, line.Line, line.Description, amount));
                }
            }

            var product = facts.Taxes.GetValueOrDefault(to.PackageId) ?? PackageTax.Of(null);
            charges.AddRange(PrepaidTime.Lines(
                facts, to, LineKind.Proration, PrepaidTime.Price(to, at, until, rules.TimeZone), rules.TaxOn(today, product.Band, product.Excisable, product.Included), at, until, rules,
                "rest of the paid time", $"change:{facts.SubscriptionId:N}:{at:yyyyMMddHHmmss}"));
        }

        AddFee(facts, from, to, upgrade, terms, rules, today, charges);
        return new PlanChangeQuote(facts.SubscriptionId, from, to with { From = effective }, upgrade, now, effective, credits, charges) { At = at };
    }

    /// <summary>No more than what its invoice leaves to be given back.</summary>
    private static Money Within(Dictionary<Guid, Money> room, BilledAhead line, Money amount)
    {
        if (line.OfInvoice is not { } all)
        {
            return amount;
        }

        var left = room.GetValueOrDefault(line.InvoiceId, all);
        var given = amount > left ? left : amount;
        room[line.InvoiceId] = left - given;
        return given;
    }

    private static long Minutes(TimeSpan time) => (long)Math.Ceiling(time.TotalMinutes);

    private static void AddFee(ContractFacts facts, ContractTerm from, ContractTerm to, bool upgrade, PackageTermsInput terms, BillingRules rules, DateOnly today, List<LineDraft> charges)
    {
        var fee = Money.Of(upgrade ? terms.UpgradeFee : terms.DowngradeFee);
        if (fee > Money.Zero)
        {
            var product = facts.Taxes.GetValueOrDefault(to.PackageId) ?? PackageTax.Of(null);
            charges.Add(new LineDraft(
                LineKind.OneTime, string.Create(CultureInfo.InvariantCulture, $"Change from {from.Package} to {to.Package}"), fee,
                rules.TaxOn(today, product.Band, product.Excisable, product.Included), facts.ClientId, facts.SubscriptionId) { PackageId = to.PackageId });
        }
    }

    /// <summary>The first day of the next period, or of the first that is not billed yet.</summary>
    private static DateOnly NextPeriod(ContractFacts facts, DateOnly today) => Later(facts.BilledUntil, facts.Contract.PeriodOf(Later(today, facts.StartsOn)).End);

    private static decimal PerDay(ContractTerm term) => term.Price / (term.PeriodCount * term.PeriodUnit switch
    {
        Subscriptions.PeriodUnit.Minute => 1m / 1_440,
        Subscriptions.PeriodUnit.Hour => 1m / 24,
        Subscriptions.PeriodUnit.Day => 1m,
        Subscriptions.PeriodUnit.Week => 7m,
        Subscriptions.PeriodUnit.Month => 365.25m / 12,
        Subscriptions.PeriodUnit.Year => 365.25m,
        _ => throw new ArgumentOutOfRangeException(nameof(term), term.PeriodUnit, "No such unit."),
    });

    private static DateOnly Later(DateOnly a, DateOnly b) => a > b ? a : b;
}
