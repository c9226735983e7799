using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>Prepaid time: an invoice for the next periods of a line. The line runs longer when that invoice is paid, not before.</summary>
public static class Renewals
{
    /// <summary>
    /// Issues the invoice for <paramref name="periods"/> periods, from the end of the paid time, or from now when that has passed: of the package
    /// that the contract says for then, else of <paramref name="package"/>.
    /// The caller settles it in the same turn (<see cref="Receivables.SettleAsync"/>), which extends the paid time.
    /// </summary>
    public static async Task<Invoice> IssueAsync(IDataDefenderDb db, LedgerTurn turn, Subscription line, ServicePackage package, int periods, Contract? contract, string origin, CancellationToken ct = default)
    {
        if (periods is < 1 or > 120)
        {
            throw new DomainException("renewal.periods", "Between 1 and 120 periods are bought at once.");
        }

        if (line.State is SubscriptionState.Disconnected)
        {
            throw new DomainException("subscription.state", $"{line.Username} is {line.State}; no time can be bought for it.");
        }

        var settings = await CurrentBillingSettings.OfAsync(db, ct);
        var rules = await BillingSnapshot.RulesAsync(db, settings, ct);
        var from = line.ExpiresAt is { } paid && paid > turn.Now ? paid : turn.Now;

        // A change that comes with the end of the paid time holds from the day after it: what is bought from there on is of the new package.
        var agreed = contract?.Terms.On(turn.Company.DayOf(from.AddTicks(-1)).AddDays(1));
        if (agreed is not null && agreed.PackageId != package.Id)
        {
            package = await db.Packages.AsNoTracking().SingleAsync(p => p.Id == agreed.PackageId, ct);
        }

        var product = PackageTax.Of(await db.PackageTerms.AsNoTracking().SingleOrDefaultAsync(t => t.PackageId == package.Id, ct));
        var tax = rules.TaxOn(turn.Today, product.Band, product.Excisable, product.Included);
        var price = agreed is { } term ? new Money(term.Price) : package.Price;
        var until = PaidTime.Add(from, package.PeriodUnit, package.PeriodCount * periods, turn.Company.TimeZone);
        var count = periods * package.PeriodCount;
        var sold = new ContractTerm(turn.Today, package.Id, package.Name, price.Minor, package.PeriodCount, package.PeriodUnit);
        var lines = PrepaidTime.Lines(
            new PrepaidLine(line.ClientId, line.Id, line.Username, contract?.DiscountRate ?? 0, contract?.DiscountUntil, contract?.DiscountName), sold, LineKind.Subscription, new Money(checked(price.Minor * periods)), tax, from, until, rules,
            string.Create(CultureInfo.InvariantCulture, $"{count} {Words(package.PeriodUnit, count)}"), PrepaidTime.KeyOf(line.Id, from));
        var payer = await db.BillingProfiles.Where(p => p.ClientId == line.ClientId).Select(p => p.ParentId).SingleOrDefaultAsync(ct) ?? line.ClientId;
        if (line.ExpiresAt is null)
        {
            line.ExpireAt(turn.Now); // from now on it runs as long as it is paid
        }

        var invoice = db.Invoices.Add(new Invoice(line.TenantId, payer, turn.Company.Currency, origin, lines, turn.Now)).Entity;
        await Invoicing.IssueAsync(db, turn, [invoice], settings, turn.Today, turn.Today, ct);
        return invoice;
    }

    private static string Words(PeriodUnit unit, int count) => unit.ToString().ToLowerInvariant() + (count == 1 ? "" : "s");
}

/// <summary>A line as far as selling time to it needs it, with the discount that it was given (hundredths of a percent).</summary>
public sealed record PrepaidLine(Guid ClientId, Guid SubscriptionId, string Label, int DiscountRate, DateOnly? DiscountUntil, string? DiscountName)
{
    public static implicit operator PrepaidLine(ContractFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return new(facts.ClientId, facts.SubscriptionId, facts.Label, facts.DiscountRate, facts.DiscountUntil, facts.DiscountName);
    }
}

/// <summary>What prepaid time costs, in a purchase and in the quote of a change alike.</summary>
public static class PrepaidTime
{
    private const string KeyMoment = "yyyyMMddHHmmss";
    private static readonly int KeyLength = KeyOf(Guid.Empty, default).Length;

    /// <summary>Names a purchase within the company for ever: by its second, where days that a run bills are named by the day.</summary>
    /// <param name="from">UTC.</param>
    internal static string KeyOf(Guid line, DateTime from) => $"line:{line:N}:{from.ToString(KeyMoment, CultureInfo.InvariantCulture)}";

    /// <summary>Whether a line of an invoice sold prepaid time, and did not bill the days of a contract.</summary>
    internal static bool IsPurchase(string? key) => key?.Length == KeyLength && key.StartsWith("line:", StringComparison.Ordinal);

    /// <summary>The line for some time, with its discount; what is longer than a month is earned month by month.</summary>
    /// <param name="from">UTC, as <paramref name="until"/> is.</param>
    public static List<LineDraft> Lines(
        PrepaidLine line, ContractTerm sold, LineKind kind, Money price, TaxRule tax, DateTime from, DateTime until, BillingRules rules, string what, string key)
    {
        var deferred = until > PaidTime.Add(from, PeriodUnit.Month, 1, rules.TimeZone);
        var lines = new List<LineDraft>
        {
            new(kind, $"{sold.Package} ({line.Label}), {what}", price, tax, line.ClientId, line.SubscriptionId, from, until, key) { PackageId = sold.PackageId, Deferred = deferred },
        };
        if (line.DiscountRate > 0 && (line.DiscountUntil is null || rules.DayOf(from) < line.DiscountUntil))
        {
            // Of time that goes on after it, the share before its end.
            var ends = line.DiscountUntil is { } last && rules.StartOf(last) < until ? rules.StartOf(last) : until;
            var share = (decimal)(ends - from).Ticks / (until - from).Ticks;
            var off = new Money(-(long)Math.Round(price.Minor * share * line.DiscountRate / 10_000m, MidpointRounding.AwayFromZero));
            lines.Add(new LineDraft(LineKind.Discount, line.DiscountName ?? "Discount", off, tax, line.ClientId, line.SubscriptionId, from, ends) { PackageId = sold.PackageId, Deferred = deferred });
        }

        return lines;
    }

    /// <summary>The price of some time: whole periods, and of the last one its minutes.</summary>
    public static Money Price(ContractTerm term, DateTime from, DateTime until, TimeZoneInfo zone)
    {
        var price = Money.Zero;
        for (var (start, periods) = (from, 1); start < until; periods++)
        {
            var end = PaidTime.Add(from, term.PeriodUnit, checked(term.PeriodCount * periods), zone); // from the first moment, so that the 31st comes back
            var (whole, part) = ((long)(end - start).TotalMinutes, (long)Math.Ceiling((until - start).TotalMinutes));
            price += Proration.Slice(new Money(term.Price), Math.Max(whole, 1), 0, Math.Min(Math.Max(whole, 1), part));
            start = end;
        }

        return price;
    }
}

/// <summary>Paid time by the calendar of the company: a month from 31 January ends on the last of February.</summary>
public static class PaidTime
{
    public static DateTime Add(DateTime utc, PeriodUnit unit, int count, TimeZoneInfo zone)
    {
        if (unit is PeriodUnit.Minute or PeriodUnit.Hour)
        {
            return utc.AddMinutes((long)count * (unit is PeriodUnit.Hour ? 60 : 1));
        }

        var local = TimeZoneInfo.ConvertTimeFromUtc(utc, zone);
        var end = unit switch
        {
            PeriodUnit.Day => local.AddDays(count),
            PeriodUnit.Week => local.AddDays(7 * count),
            PeriodUnit.Month => local.AddMonths(count),
            PeriodUnit.Year => local.AddYears(count),
            _ => throw new ArgumentOutOfRangeException(nameof(unit), unit, "No such unit."),
        };
        return zone.IsInvalidTime(end) ? TimeZoneInfo.ConvertTimeToUtc(end.AddHours(1), zone) : TimeZoneInfo.ConvertTimeToUtc(end, zone);
    }
}
