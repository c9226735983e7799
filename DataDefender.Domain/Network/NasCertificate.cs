namespace DataDefender.Domain.Network;

/// <summary>
/// How a NAS is told by its client certificate (RFC 6614 §2.3): by a name in it, the common name or a DNS name, in lower case; or by
/// the whole certificate's fingerprint, <c>sha256:</c> and 64 hexadecimal digits in lower case.
/// </summary>
public static class NasCertificate
{
    public const int MaxLength = 120;

    /// <summary>Begins a fingerprint.</summary>
    public const string Sha256 = "sha256:";

    private const int FingerprintDigits = 64;

    /// <summary>Takes fingerprints as tools print them, with colons or blanks between; null for what is neither a name nor a fingerprint.</summary>
    public static string? Canonical(string? text)
    {
        text = text?.Trim().ToLowerInvariant() ?? "";
        var digits = (text.StartsWith(Sha256, StringComparison.Ordinal) ? text[Sha256.Length..] : text).Replace(":", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        if (digits.Length == FingerprintDigits && digits.All(char.IsAsciiHexDigitLower))
        {
            return Sha256 + digits;
        }

        var isName = text.Length is > 0 and <= MaxLength && !text.StartsWith(Sha256, StringComparison.Ordinal) && !text.Any(char.IsControl);
        return isName ? text : null;
    }

    /// <summary>The fingerprint of a certificate's DER octets, in the same form.</summary>
    public static string Fingerprint(ReadOnlySpan<byte> certificate) =>
        Sha256 + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(certificate));
}
