using DataDefender.Domain.Common;

namespace DataDefender.Domain.Billing;

/// <summary>
/// The share of a period's price for a part of the period. A part is the difference of two rounded running totals, so the parts add up to the
/// price to the cent however the period is cut, and none is negative or more than the price.
/// </summary>
public static class Proration
{
    /// <summary>The price of the units from <paramref name="from"/> to <paramref name="until"/> (exclusive) of a period of <paramref name="total"/> units.</summary>
    public static Money Slice(Money price, long total, long from, long until)
    {
        if (total <= 0 || from < 0 || until < from || until > total)
        {
            throw new ArgumentOutOfRangeException(nameof(from), $"{from} to {until} is no part of {total}.");
        }

        return RunningTotal(price, total, until) - RunningTotal(price, total, from);
    }

    /// <summary>The same by days.</summary>
    public static Money Slice(Money price, BillingPeriod period, DateOnly from, DateOnly until) =>
        Slice(price, period.Days, from.DayNumber - period.Start.DayNumber, until.DayNumber - period.Start.DayNumber);

    private static Money RunningTotal(Money price, long total, long units) =>
        new((long)Math.Round((decimal)price.Minor * units / total, MidpointRounding.AwayFromZero));
}

/// <summary>A period of days; the end is the first day of the next one.</summary>
public readonly record struct BillingPeriod(DateOnly Start, DateOnly End)
{
    public int Days => End.DayNumber - Start.DayNumber;
}
