using System.Globalization;

namespace DataDefender.Domain.Common;

/// <summary>An amount in the company's currency, kept in minor units (cents). Rounds half away from zero, here and nowhere else.</summary>
public readonly record struct Money(long Minor) : IComparable<Money>
{
    public static Money Zero => new(0);

    /// <summary>The amount in major units (shillings).</summary>
    public decimal Amount => Minor / 100m;

    public static Money Of(decimal amount) => new((long)Math.Round(amount * 100m, MidpointRounding.AwayFromZero));

    public static Money operator +(Money left, Money right) => new(checked(left.Minor + right.Minor));

    public static Money operator -(Money left, Money right) => new(checked(left.Minor - right.Minor));

    public static Money operator -(Money value) => new(checked(-value.Minor));

    public static bool operator >(Money left, Money right) => left.Minor > right.Minor;

    public static bool operator <(Money left, Money right) => left.Minor < right.Minor;

    public static bool operator >=(Money left, Money right) => left.Minor >= right.Minor;

    public static bool operator <=(Money left, Money right) => left.Minor <= right.Minor;

    public int CompareTo(Money other) => Minor.CompareTo(other.Minor);

    /// <summary>For people: "KES 2,500" or "KES 2,500.50".</summary>
    public string Show(string currency) =>
        string.Create(CultureInfo.InvariantCulture, $"{currency} {(Minor % 100 == 0 ? Amount.ToString("#,##0", CultureInfo.InvariantCulture) : Amount.ToString("#,##0.00", CultureInfo.InvariantCulture))}");

    /// <summary>For people, where the currency stands elsewhere: "2,500.00".</summary>
    public override string ToString() => Amount.ToString("#,##0.00", CultureInfo.InvariantCulture);
}
