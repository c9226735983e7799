namespace DataDefender.Domain.Payments;

/// <summary>What a person can do about a failed push.</summary>
public enum PaymentAdvice
{
    Retry,
    AskCustomer,
    Stop,
}

/// <summary>The meaning of M-Pesa's result codes in plain words. A code that is not here is not a failure: nobody knows what it means.</summary>
public static class ResultCodes
{
    private static readonly Dictionary<string, (string Text, PaymentAdvice Advice)> Failures = new(StringComparer.Ordinal)
    {
        ["1"] = ("Not enough money in the M-Pesa account", PaymentAdvice.AskCustomer),
        ["2"] = ("Less than M-Pesa's smallest amount", PaymentAdvice.Stop),
        ["3"] = ("More than M-Pesa's largest amount", PaymentAdvice.Stop),
        ["4"] = ("The customer's daily limit is reached", PaymentAdvice.AskCustomer),
        ["8"] = ("The receiving account's largest balance would be exceeded", PaymentAdvice.Stop),
        ["17"] = ("The same amount was asked of the same customer within two minutes", PaymentAdvice.Retry),
        ["1001"] = ("The phone is busy with another M-Pesa request; wait a minute", PaymentAdvice.Retry),
        ["500.001.1001"] = ("The phone is busy with another M-Pesa request; wait a minute", PaymentAdvice.Retry),
        ["1019"] = ("The request expired", PaymentAdvice.Retry),
        ["1025"] = ("The prompt could not be shown on the phone", PaymentAdvice.Retry),
        ["9999"] = ("The prompt could not be shown on the phone", PaymentAdvice.Retry),
        ["1032"] = ("The customer cancelled", PaymentAdvice.AskCustomer),
        ["1037"] = ("The phone was not reached", PaymentAdvice.AskCustomer),
        ["2001"] = ("Wrong PIN", PaymentAdvice.AskCustomer),
        ["2028"] = ("The short code may not do this; look at the channel's settings", PaymentAdvice.Stop),
        ["SFC_IC0003"] = ("The short code may not do this; look at the channel's settings", PaymentAdvice.Stop),
    };

    public const string Paid = "0";

    /// <summary>True: paid. False: definitely not. Null: nobody knows, ask.</summary>
    public static bool? Outcome(string? code) => code == Paid ? true : code is not null && Failures.ContainsKey(code) ? false : null;

    public static string Explain(string? code, string? fallback = null) =>
        code is not null && Failures.TryGetValue(code, out var known) ? known.Text : fallback ?? (code is null ? "No reason given" : $"Code {code}");

    public static PaymentAdvice Advice(string? code) => code is not null && Failures.TryGetValue(code, out var known) ? known.Advice : PaymentAdvice.AskCustomer;
}
