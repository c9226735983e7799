using DataDefender.Domain.Common;

namespace DataDefender.Domain.Billing;

/// <summary>What VAT is reckoned on where there is excise too. Sources differ, so it is a setting with a date.</summary>
public enum VatBase
{
    Net,
    NetPlusExcise,
}

/// <summary>How one amount is taxed, frozen on each line. Rates are in hundredths of a percent: 1,600 is 16 %.</summary>
/// <param name="Band">The VAT band (A exempt, B standard, C zero-rated, D outside VAT, E reduced).</param>
/// <param name="Inclusive">True when the price has the taxes in it.</param>
public sealed record TaxRule(string Band, int ExciseRate, int VatRate, VatBase Base, bool Inclusive)
{
    /// <summary>For whoever owes no tax.</summary>
    public static TaxRule None { get; } = new("D", 0, 0, VatBase.Net, false);

    private decimal ExciseShare => ExciseRate / 10_000m;

    private decimal VatShare => VatRate / 10_000m * (Base is VatBase.NetPlusExcise ? 1 + ExciseShare : 1);

    /// <summary>
    /// Splits a price. All tax of the amount is rounded once and shared out by the largest remainder, so that the three parts make the gross
    /// to the cent, net to gross and back is the same net, and a credit is the mirror of its charge.
    /// </summary>
    public TaxSplit Split(Money price)
    {
        if (price < Money.Zero)
        {
            return -Split(-price);
        }

        var factor = 1 + ExciseShare + VatShare;
        var (net, gross) = Inclusive ? (Round(price.Minor / factor), price.Minor) : (price.Minor, Round(price.Minor * factor));
        var tax = gross - net;
        var excise = factor == 1 ? 0 : Round(tax * ExciseShare / (ExciseShare + VatShare));
        return new TaxSplit(new Money(net), new Money(excise), new Money(tax - excise));
    }

    private static long Round(decimal minor) => (long)Math.Round(minor, MidpointRounding.AwayFromZero);
}

/// <summary>An amount in its parts.</summary>
public readonly record struct TaxSplit(Money Net, Money Excise, Money Vat)
{
    public Money Total => Net + Excise + Vat;

    public static TaxSplit operator +(TaxSplit left, TaxSplit right) => new(left.Net + right.Net, left.Excise + right.Excise, left.Vat + right.Vat);

    public static TaxSplit operator -(TaxSplit left, TaxSplit right) => new(left.Net - right.Net, left.Excise - right.Excise, left.Vat - right.Vat);

    public static TaxSplit operator -(TaxSplit value) => new(-value.Net, -value.Excise, -value.Vat);

    /// <summary>The parts of the first <paramref name="amount"/> of this total. What is left after several of these is exact: they telescope.</summary>
    public TaxSplit UpTo(Money amount)
    {
        if (amount == Total)
        {
            return this;
        }

        var share = (decimal)amount.Minor / Total.Minor;
        var excise = Scale(Excise, share);
        var vat = Scale(Vat, share);
        return new TaxSplit(amount - excise - vat, excise, vat);
    }

    private static Money Scale(Money part, decimal share) => new((long)Math.Round(part.Minor * share, MidpointRounding.AwayFromZero));
}
