using System.Globalization;

namespace DataDefender.Domain.Clients;

/// <summary>Account numbers end in a Luhn digit, so that one wrong or two swapped digits are noticed before money is misplaced (ISO/IEC 7812-1).</summary>
public static class AccountNumbers
{
    /// <summary>The account number of a running number: "100001" becomes "1000017".</summary>
    public static string WithCheckDigit(long number)
    {
        var digits = number.ToString(CultureInfo.InvariantCulture);
        return digits + CheckDigit(digits);
    }

    public static bool IsValid(string text) =>
        text.Length is >= 2 and <= 10 && text.All(char.IsAsciiDigit) && CheckDigit(text[..^1]) == text[^1];

    private static char CheckDigit(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            if (i % 2 == 0)
            {
                digit *= 2;
                if (digit > 9)
                {
                    digit -= 9;
                }
            }

            sum += digit;
        }

        return (char)('0' + ((10 - (sum % 10)) % 10));
    }
}
