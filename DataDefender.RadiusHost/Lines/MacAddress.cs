using System.Globalization;

namespace DataDefender.RadiusHost.Lines;

/// <summary>
/// A caller's MAC address out of Calling-Station-Id in the forms that NAS use: AA:BB:CC:DD:EE:FF, aa-bb-…, aabb.ccdd.eeff,
/// aabbccddeeff, and RouterOS's DHCP client id 1:a:bb:…, which starts with the hardware type and leaves out leading zeros.
/// </summary>
internal static class MacAddress
{
    private const int Octets = 6;

    public static bool TryRead(ReadOnlySpan<byte> text, out ulong mac)
    {
        mac = 0;
        return text.IndexOfAny((byte)':', (byte)'-') >= 0 ? TryReadParts(text, out mac) : TryReadDigits(text, out mac);
    }

    public static bool TryRead(string text, out ulong mac)
    {
        mac = 0;
        return text.Length <= 64 && TryRead(System.Text.Encoding.UTF8.GetBytes(text), out mac);
    }

    /// <summary>Upper case with colons, as it is kept.</summary>
    public static string ToText(ulong mac) => string.Create(
        CultureInfo.InvariantCulture, $"{(byte)(mac >> 40):X2}:{(byte)(mac >> 32):X2}:{(byte)(mac >> 24):X2}:{(byte)(mac >> 16):X2}:{(byte)(mac >> 8):X2}:{(byte)mac:X2}");

    private static bool TryReadParts(ReadOnlySpan<byte> text, out ulong mac)
    {
        mac = 0;
        var count = 0;
        foreach (var range in text.SplitAny((byte)':', (byte)'-'))
        {
            if (!byte.TryParse(text[range], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet) || ++count > Octets + 1)
            {
                return false;
            }

            mac = (mac << 8) | octet;
        }

        const ulong Ethernet = 1;
        var typed = count == Octets + 1 && mac >> 48 == Ethernet;
        mac &= 0xFFFF_FFFF_FFFF;
        return count == Octets || typed;
    }

    private static bool TryReadDigits(ReadOnlySpan<byte> text, out ulong mac)
    {
        mac = 0;
        var digits = 0;
        foreach (var c in text)
        {
            if (c == '.')
            {
                continue;
            }

            var value = HexConverter(c);
            if (value < 0 || ++digits > 2 * Octets)
            {
                return false;
            }

            mac = (mac << 4) | (uint)value;
        }

        return digits == 2 * Octets;
    }

    private static int HexConverter(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
        _ => -1,
    };
}
