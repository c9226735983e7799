using System.Security.Cryptography;
using System.Text;
using DataDefender.Domain.Security;

namespace DataDefender.Domain.Payments;

/// <summary>
/// Codes of scratch cards: sixteen digits, which any phone can type, the last a Luhn digit, so that a slip of a finger is told from a
/// wrong code (ISO/IEC 7812-1). Fifteen digits can be tried through, so they are hashed under a key that the vault keeps.
/// </summary>
internal static class CardCodes
{
    public const int Digits = 16;
    private const int KeyBytes = 32;

    public static string Make()
    {
        Span<char> digits = stackalloc char[Digits - 1];
        for (var i = 0; i < digits.Length; i++)
        {
            digits[i] = (char)('0' + RandomNumberGenerator.GetInt32(10));
        }

        return $"{digits}{CheckDigit(digits)}";
    }

    /// <summary>The digits of what was typed; null when it cannot be a code.</summary>
    public static string? Read(string? typed)
    {
        var digits = string.Concat((typed ?? "").Where(char.IsAsciiDigit));
        return digits.Length == Digits && digits[^1] == CheckDigit(digits.AsSpan(0, Digits - 1)) ? digits : null;
    }

    /// <summary>As it is printed: four groups of four.</summary>
    public static string Grouped(string code) => string.Join(' ', code.Chunk(4).Select(c => new string(c)));

    public static string Hash(string key, string code) => Convert.ToHexString(HMACSHA256.HashData(Convert.FromHexString(key), Encoding.ASCII.GetBytes(code)));

    public static string MakeKey() => RandomNumberGenerator.GetHexString(2 * KeyBytes);

    /// <summary>The company's key; null while it has made no cards.</summary>
    public static string? Key(PaymentSettings settings, ITenantCipher cipher) => settings.CardKeyCipher is { } kept ? cipher.Reveal(settings.CardKeyPlace(), kept) : null;

    private static char CheckDigit(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            digit = i % 2 == 0 ? digit * 2 : digit;
            sum += digit > 9 ? digit - 9 : digit;
        }

        return (char)('0' + ((10 - (sum % 10)) % 10));
    }
}
