namespace DataDefender.Domain.Subscriptions;

/// <summary>A MAC address in the one form that we store and MikroTik sends: upper case with colons.</summary>
public static class MacAddress
{
    private const int Digits = 12;

    /// <summary>Reads "aa:bb:cc:dd:ee:ff", "AA-BB-…", "aabb.ccdd.eeff" and "aabbccddeeff"; null for anything else.</summary>
    public static string? Normalise(string? text)
    {
        var digits = (text ?? "").Where(char.IsAsciiHexDigit).ToArray();
        var onlySeparators = (text ?? "").Trim().All(c => char.IsAsciiHexDigit(c) || c is ':' or '-' or '.');
        return digits.Length == Digits && onlySeparators
            ? string.Join(':', digits.Chunk(2).Select(pair => new string(pair))).ToUpperInvariant()
            : null;
    }
}
