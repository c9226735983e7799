using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DataDefender.Domain.Notifications;

/// <summary>The signature of webhooks in the Svix scheme: HMAC-SHA256 over <c>id.timestamp.body</c>, any of several in one header.</summary>
public static class SvixSignature
{
    private const string Prefix = "whsec_";

    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    public static bool IsSecret(string text) =>
        text.Trim() is var secret && secret.StartsWith(Prefix, StringComparison.Ordinal) && TryKey(secret, out var key) && key.Length >= 16;

    public static bool IsValid(string secret, string? id, string? timestamp, string? signatures, string body, DateTime now)
    {
        if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(signatures) || !TryKey(secret, out var key)
            || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            || (DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime - now).Duration() > Tolerance)
        {
            return false;
        }

        var expected = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}"));
        var valid = false;
        foreach (var signature in signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var given = new byte[expected.Length];
            if (signature.StartsWith("v1,", StringComparison.Ordinal) && Convert.TryFromBase64String(signature[3..], given, out var length) && length == expected.Length)
            {
                valid |= CryptographicOperations.FixedTimeEquals(given, expected);
            }
        }

        return valid;
    }

    private static bool TryKey(string secret, out byte[] key)
    {
        var text = secret.StartsWith(Prefix, StringComparison.Ordinal) ? secret[Prefix.Length..] : secret;
        var room = new byte[text.Length];
        var valid = Convert.TryFromBase64String(text, room, out var length);
        key = valid ? room[..length] : [];
        return valid;
    }
}
