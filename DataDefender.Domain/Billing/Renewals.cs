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
    /// Issues the invoice for <paramref name="periods"/> periods of a package, from the end of the paid time, or from now when that has passed.
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
        var product = PackageTax.Of(await db.PackageTerms.AsNoTracking().SingleOrDefaultAsync(t => t.PackageId == package.Id, ct));
        var tax = rules.TaxOn(turn.Today, product.Band, product.Excisable, product.Included);
        var agreed = contract?.Terms.On(turn.Today);
        var price = agreed is { } term && term.PackageId == package.Id ? new Money(term.Price) : package.Price;

        var from = line.ExpiresAt is { } paid && paid > turn.Now ? paid : turn.Now;
        var until = PaidTime.Add(from, package.PeriodUnit, package.PeriodCount * periods, turn.Company.TimeZone);
        var text = string.Create(CultureInfo.InvariantCulture, $"{package.Name} ({line.Username}), {periods * package.PeriodCount} {Words(package.PeriodUnit, periods * package.PeriodCount)}");
        var lines = new List<LineDraft>
        {
            new(LineKind.Subscription, text, new Money(checked(price.Minor * periods)), tax, line.ClientId, line.Id, from, until, $"line:{line.Id:N}:{from:yyyyMMddHHmmss}"),
        };
        if (contract is { DiscountRate: > 0 } && (contract.DiscountUntil is null || turn.Today < contract.DiscountUntil))
        {
            var off = new Money(-(long)Math.Round(lines[0].Price.Minor * contract.DiscountRate / 10_000m, MidpointRounding.AwayFromZero));
            lines.Add(new LineDraft(LineKind.Discount, contract.DiscountName ?? "Discount", off, tax, line.ClientId, line.Id, from, until));
        }

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
