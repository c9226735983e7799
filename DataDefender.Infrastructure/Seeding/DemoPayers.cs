namespace DataDefender.Infrastructure.Seeding;

/// <summary>By which way a client of the demonstration pays.</summary>
internal enum DemoWay
{
    Paybill,
    FamilyBank,
    Cash,
    BankTransfer,
    Cheque,
}

/// <summary>How the demonstration's clients pay: most in time, some late, some in part, some no more. It follows from the number.</summary>
internal static class DemoPayers
{
    private const int StopLately = 76;

    public static DemoWay WayOf(int number) => number % 8 == 7
        ? (number % 16 == 7 ? DemoWay.Cheque : DemoWay.BankTransfer)
        : (number % 10) switch { 8 => DemoWay.Cash, 6 => DemoWay.FamilyBank, _ => DemoWay.Paybill };

    /// <summary>What is paid today, in whole shillings.</summary>
    /// <param name="age">Days since the oldest open invoice was issued.</param>
    /// <param name="day">Days since the demonstration's beginning.</param>
    /// <param name="owed">In cents, of all open invoices.</param>
    public static decimal PaysToday(int number, int age, int day, long owed)
    {
        var shillings = Math.Ceiling(owed / 100m);
        return (number % 20) switch
        {
            12 or 13 or 14 => age >= 9 + (number % 8) ? shillings : 0,
            15 => age == 3 ? Math.Ceiling(shillings / 2) : age >= 12 ? shillings : 0,
            16 => 0, // never pays, so that the ladder is seen to its end whatever the day of the month is
            19 when day >= StopLately => 0,
            17 => age >= 2 ? Math.Ceiling(shillings / 500) * 500 : 0, // rounds up: the rest is credit
            _ => age >= 1 + (number % 6) ? shillings : 0,
        };
    }
}
