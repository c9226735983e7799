using System.Text;

namespace DataDefender.Sandbox.RouterOs.Wire;

/// <summary>
/// Words are bytes on the wire. Text is UTF-8; a byte that is not valid UTF-8 (WinBox of old wrote windows-1252) is kept
/// as a character of the private range U+F780–U+F7FF and goes out again as the byte it was.
/// </summary>
internal static class ApiText
{
    private const char FirstRawByte = '\uF780';
    private const char LastRawByte = '\uF7FF';
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            var text = new StringBuilder(bytes.Length);
            foreach (var b in bytes)
            {
                text.Append(b < 0x80 ? (char)b : Raw(b));
            }

            return text.ToString();
        }
    }

    public static byte[] Encode(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange(FirstRawByte, LastRawByte) < 0)
        {
            return Encoding.UTF8.GetBytes(text);
        }

        var bytes = new List<byte>(text.Length + 8);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is >= FirstRawByte and <= LastRawByte)
            {
                bytes.Add((byte)(rune.Value - FirstRawByte + 0x80));
                continue;
            }

            bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
        }

        return [.. bytes];
    }

    /// <summary>A character that goes out as the single byte <paramref name="value"/> (0x80–0xFF).</summary>
    public static char Raw(byte value) => (char)(FirstRawByte + (value - 0x80));
}
