namespace DataDefender.Sandbox.Money;

/// <summary>What will go wrong with which push: by the number that is asked, or spread over all by the options.</summary>
internal static class MoneyFaults
{
    /// <summary>Numbers that end so always go the same way, for trying things out.</summary>
    public static MoneyFault? Magic(string msisdn) => msisdn.Length < 4 ? null : msisdn[^4..] switch
    {
        "0000" => MoneyFault.None,
        "1032" => MoneyFault.Cancelled,
        "1037" => MoneyFault.Unreachable,
        "0001" => MoneyFault.Insufficient,
        "0010" => MoneyFault.Late,
        "0003" => MoneyFault.VeryLate,
        "0022" => MoneyFault.Duplicated,
        "0404" => MoneyFault.Lost,
        "0408" => MoneyFault.TimeoutAfterExecution,
        "0500" => MoneyFault.ErrorAfterExecution,
        "0503" => MoneyFault.Busy,
        "0777" => MoneyFault.WrongAmount,
        "0999" => MoneyFault.UnknownReference,
        _ => null,
    };

    public static double? MagicAnswer(string msisdn) => Magic(msisdn) is null ? null : 2;

    public static MoneyFault Spread(MoneyOptions options, long push)
    {
        // Spread evenly and the same in each run: 37 has no factor in common with 100.
        var hundredth = (int)(push * 37 % 100);
        foreach (var (fault, percent) in options.FaultPercent.OrderBy(f => f.Key))
        {
            if ((hundredth -= percent) < 0)
            {
                return fault;
            }
        }

        return MoneyFault.None;
    }
}
