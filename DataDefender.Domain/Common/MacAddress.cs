namespace DataDefender.Domain.Common;

/// <summary>MAC addresses as people type them: with colons, dashes, dots or nothing.</summary>
public static class MacAddress
{
    /// <summary>
    /// Upper case with colons, as RouterOS sends Calling-Station-Id; null when the text is not a whole MAC address. Its DHCP server sends the
    /// client's id instead, 1:a:bb:…, with the hardware type before it and without leading zeros.
    /// </summary>
    public static string? Normalise(string? text)
    {
        if (text?.Trim() is ['1', ':', .. var client] && client.Split(':') is { Length: 6 } octets && octets.All(o => o.Length is 1 or 2))
        {
            text = string.Concat(octets.Select(o => o.PadLeft(2, '0')));
        }

        Span<char> digits = stackalloc char[12];
        var count = 0;
        foreach (var c in text.AsSpan().Trim())
        {
            if (char.IsAsciiHexDigit(c) && count < 12)
            {
                digits[count++] = char.ToUpperInvariant(c);
            }
            else if (c is not (':' or '-' or '.'))
            {
                return null;
            }
            else if (count == 12)
            {
                return null;
            }
        }

        return count == 12
            ? $"{digits[..2]}:{digits[2..4]}:{digits[4..6]}:{digits[6..8]}:{digits[8..10]}:{digits[10..]}"
            : null;
    }
}
