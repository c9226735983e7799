using System.Globalization;

namespace DataDefender.RadiusHost.Lines;

/// <summary>
/// A caller's MAC address out of Calling-Station-Id in the forms that NAS use: AA:BB:CC:DD:EE:FF, aa-bb-…, aabb.ccdd.eeff
/// (Cisco), aabb-ccdd-eeff (Huawei), aabbccddeeff, and RouterOS's DHCP client id 1:a:bb:…, which starts with the hardware type and leaves out leading zeros.
/// </summary>
internal static class MacAddress
{
    private const int Octets = 6;

    public static bool TryRead(ReadOnlySpan<byte> text, out ulong mac)
    {
        var isOne = TryReadAny(text, out mac);
        mac = isOne ? mac : 0;
        return isOne;
    }

    public static bool TryRead(string text, out ulong mac)
    {
        mac = 0;
        return text.Length <= 64 && TryRead(System.Text.Encoding.UTF8.GetBytes(text), out mac);
    }

    /// <summary>Upper case with colons, as it is kept.</summary>
    public static string ToText(ulong mac) => string.Create(
        CultureInfo.InvariantCulture, $"{(byte)(mac >> 40):X2}:{(byte)(mac >> 32):X2}:{(byte)(mac >> 24):X2}:{(byte)(mac >> 16):X2}:{(byte)(mac >> 8):X2}:{(byte)mac:X2}");

    private static bool TryReadAny(ReadOnlySpan<byte> text, out ulong mac)
    {
        mac = 0;
        var separator = text.IndexOfAny(":-."u8);
        if (separator < 0)
        {
            return text.Length == 2 * Octets && TryAdd(text, ref mac);
        }

        var mark = text[separator];
        return separator switch
        {
            4 => mark != ':' && TryReadGroups(text, mark, digits: 4, out mac),
            2 when mark != '.' && TryReadGroups(text, mark, digits: 2, out mac) => true,
            _ => mark == ':' && TryReadClientId(text, out mac),
        };
    }

    /// <summary>All groups of the same number of digits, by one mark throughout: 105.160.123.234 is twelve digits and no MAC address.</summary>
    private static bool TryReadGroups(ReadOnlySpan<byte> text, byte mark, int digits, out ulong mac)
    {
        mac = 0;
        var groups = 2 * Octets / digits;
        if (text.Length != (groups * (digits + 1)) - 1)
        {
            return false;
        }

        for (var at = 0; at < text.Length; at += digits + 1)
        {
            if (!TryAdd(text.Slice(at, digits), ref mac) || (at + digits < text.Length && text[at + digits] != mark))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryReadClientId(ReadOnlySpan<byte> text, out ulong mac)
    {
        mac = 0;
        var count = 0;
        foreach (var range in text.Split((byte)':'))
        {
            ulong octet = 0;
            if (text[range].Length is not (1 or 2) || !TryAdd(text[range], ref octet) || ++count > Octets + 1)
            {
                return false;
            }

            mac = (mac << 8) | octet;
        }

        const ulong Ethernet = 1;
        var typed = count == Octets + 1 && mac >> 48 == Ethernet;
        mac &= 0xFFFF_FFFF_FFFF;
        return typed;
    }

    private static bool TryAdd(ReadOnlySpan<byte> digits, ref ulong mac)
    {
        foreach (var digit in digits)
        {
            var value = HexConverter(digit);
            if (value < 0)
            {
                return false;
            }

            mac = (mac << 4) | (uint)value;
        }

        return true;
    }

    private static int HexConverter(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
        _ => -1,
    };
}
