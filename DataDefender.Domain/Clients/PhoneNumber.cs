namespace DataDefender.Domain.Clients;

/// <summary>Kenyan mobile numbers in one form: 2547XXXXXXXX or 2541XXXXXXXX.</summary>
public static class PhoneNumber
{
    /// <summary>Normalises 07…, 01…, 7…, +254… and 254…; another number keeps its digits.</summary>
    public static string Normalise(string text)
    {
        var digits = string.Concat(text.Where(char.IsAsciiDigit));
        return digits switch
        {
            ['0', '7' or '1', ..] when digits.Length == 10 => "254" + digits[1..],
            ['7' or '1', ..] when digits.Length == 9 => "254" + digits,
            _ => digits,
        };
    }

    public static bool IsKenyanMobile(string text) =>
        Normalise(text) is { Length: 12 } number && (number.StartsWith("2547", StringComparison.Ordinal) || number.StartsWith("2541", StringComparison.Ordinal));
}
