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

    /// <summary>As people read it: "0712 345 678", others with their plus; what is no number stays as it is.</summary>
    public static string Format(string phone) =>
        IsKenyanMobile(phone) && Normalise(phone) is var number ? $"0{number[3..6]} {number[6..9]} {number[9..]}"
        : phone.Length > 0 && phone.All(char.IsAsciiDigit) ? $"+{phone}" : phone;

    public static bool IsKenyanMobile(string text) =>
        Normalise(text) is { Length: 12 } number && (number.StartsWith("2547", StringComparison.Ordinal) || number.StartsWith("2541", StringComparison.Ordinal));
}
