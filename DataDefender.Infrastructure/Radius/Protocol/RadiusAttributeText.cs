using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>
/// Values as people read and write them: "Framed", "10.0.0.1", "2001:db8::/56", "0x0a0b". Formatting loses nothing: what
/// <see cref="Format"/> gives, <see cref="TryParse"/> turns back into the same octets (a short IPv6 prefix into its full length).
/// </summary>
public static class RadiusAttributeText
{
    internal const string Hidden = "(hidden)";

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    private const string HexPrefix = "0x";

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// The value as text; octets that do not have the form of the type are given in hexadecimal. A tag stands before a colon: "1:VLAN".
    /// </summary>
    public static string Format(RadiusAttributeDefinition? definition, ReadOnlySpan<byte> value)
    {
        if (definition is null)
        {
            return Hex(value);
        }

        if (!definition.IsTagged)
        {
            return FormatUntagged(definition, value) ?? Hex(value);
        }

        if (definition.Type is RadiusDataType.Number or RadiusDataType.Enum)
        {
            return WireFormat.TryReadTagged(value, out var number, out var tagged)
                ? string.Create(CultureInfo.InvariantCulture, $"{number}:{NameOrNumber(definition, tagged)}")
                : Hex(value);
        }

        var (tag, rest) = SplitTag(definition, value);
        return rest.Length < value.Length && FormatUntagged(definition, rest) is { } text
            ? string.Create(CultureInfo.InvariantCulture, $"{tag}:{text}")
            : FormatUntagged(definition, value) is { } plain && !LooksTagged(plain) ? plain : Hex(value);
    }

    /// <summary>Reads a value from text: names of the dictionary, numbers, addresses, ISO 8601 UTC times, or octets as 0x….</summary>
    public static bool TryParse(RadiusAttributeDefinition definition, string text, out byte[] value)
    {
        if (text.StartsWith(HexPrefix, StringComparison.OrdinalIgnoreCase) && TryParseHex(text, out value))
        {
            return value.Length <= MaxLength(definition);
        }

        byte? tag = null;
        if (definition.IsTagged && LooksTagged(text))
        {
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            (tag, text) = (byte.Parse(text.AsSpan(0, colon), CultureInfo.InvariantCulture), text[(colon + 1)..]);
        }

        if (ParseUntagged(definition, text) is not { } octets)
        {
            value = [];
            return false;
        }

        value = WithTag(definition, tag, octets);
        return value.Length <= MaxLength(definition);
    }

    /// <summary>"Name = value"; secrets are hidden.</summary>
    internal static string Describe(RadiusAttribute attribute)
    {
        var definition = attribute.Definition;
        var secret = definition is { IsSecret: true };
        return $"{attribute.Name} = {(secret ? Hidden : Quote(definition, Format(definition, attribute.Value.Span)))}";
    }

    /// <summary>Splits text or octets that may begin with a tag: a first octet of 0x1F or less is one (RFC 2868 §3.3).</summary>
    internal static (byte Tag, byte[] Value) SplitTag(RadiusAttributeDefinition definition, ReadOnlySpan<byte> value)
    {
        if (definition.Type is RadiusDataType.Number or RadiusDataType.Enum)
        {
            return value.Length == sizeof(uint) ? (value[0], value[1..].ToArray()) : ((byte)0, value.ToArray());
        }

        return value.Length > 0 && value[0] <= 0x1F ? (value[0], value[1..].ToArray()) : ((byte)0, value.ToArray());
    }

    internal static byte[] WithTag(RadiusAttributeDefinition definition, byte? tag, byte[] value)
    {
        if (!definition.IsTagged)
        {
            return value;
        }

        if (definition.Type is RadiusDataType.Number or RadiusDataType.Enum)
        {
            value[0] = tag ?? 0;
            return value;
        }

        return tag is { } number ? [number, .. value] : value;
    }

    internal static int MaxLength(RadiusAttributeDefinition definition) =>
        definition.Vendor == 0 ? WireFormat.MaxValueLength : WireFormat.MaxVendorValueLength;

    private static string? FormatUntagged(RadiusAttributeDefinition definition, ReadOnlySpan<byte> value) => definition.Type switch
    {
        RadiusDataType.Text => TryUtf8(value),
        RadiusDataType.Number => WireFormat.TryReadUInt32(value, out var number) ? number.ToString(CultureInfo.InvariantCulture) : null,
        RadiusDataType.Enum => WireFormat.TryReadUInt32(value, out var number) ? NameOrNumber(definition, number) : null,
        RadiusDataType.Time => WireFormat.TryReadTime(value, out var utc) ? utc.ToString(TimeFormat, CultureInfo.InvariantCulture) : null,
        RadiusDataType.Number64 => WireFormat.TryReadUInt64(value, out var number) ? number.ToString(CultureInfo.InvariantCulture) : null,
        RadiusDataType.IPv4Address => value.Length == 4 ? new IPAddress(value).ToString() : null,
        RadiusDataType.IPv6Address => value.Length == WireFormat.IPv6Length ? new IPAddress(value).ToString() : null,
        RadiusDataType.IPv6Prefix => FormatPrefix(value),
        RadiusDataType.InterfaceId => value.Length == sizeof(ulong) ? FormatInterfaceId(value) : null,
        RadiusDataType.Octets or RadiusDataType.VendorSpecific => null,
        _ => throw new InvalidOperationException($"Unknown data type {definition.Type}."),
    };

    private static byte[]? ParseUntagged(RadiusAttributeDefinition definition, string text) => definition.Type switch
    {
        RadiusDataType.Text or RadiusDataType.Octets => Encoding.UTF8.GetBytes(text),
        RadiusDataType.Number => TryNumber(text, out var number) ? Octets(number, definition) : null,
        RadiusDataType.Enum => TryValue(definition, text, out var number) ? Octets(number, definition) : null,
        RadiusDataType.Time => DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var utc)
            && utc >= DateTime.UnixEpoch && utc <= DateTime.UnixEpoch.AddSeconds(uint.MaxValue) ? Octets(WireFormat.ToSeconds(utc), definition) : null,
        RadiusDataType.Number64 => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Octets64(number) : null,
        RadiusDataType.IPv4Address => ParseIPv4(text),
        RadiusDataType.IPv6Address => IPAddress.TryParse(text, out var address) && address.GetAddressBytes() is { Length: WireFormat.IPv6Length } octets ? octets : null,
        RadiusDataType.IPv6Prefix => IPNetwork.TryParse(text, out var prefix) && prefix.BaseAddress.GetAddressBytes().Length == WireFormat.IPv6Length ? Octets(prefix) : null,
        RadiusDataType.InterfaceId => ParseInterfaceId(text),
        RadiusDataType.VendorSpecific => null,
        _ => throw new InvalidOperationException($"Unknown data type {definition.Type}."),
    };

    private static string NameOrNumber(RadiusAttributeDefinition definition, uint number) =>
        definition.Values.TryGetValue(number, out var name) ? name : number.ToString(CultureInfo.InvariantCulture);

    private static bool TryValue(RadiusAttributeDefinition definition, string text, out uint number)
    {
        foreach (var (value, name) in definition.Values)
        {
            if (name.Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                number = value;
                return true;
            }
        }

        return TryNumber(text, out number);
    }

    private static bool TryNumber(string text, out uint number) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    // Text that would read as octets in hexadecimal is itself given in hexadecimal, so that reading it back is never in doubt.
    private static string? TryUtf8(ReadOnlySpan<byte> value)
    {
        try
        {
            var text = StrictUtf8.GetString(value);
            return text.StartsWith(HexPrefix, StringComparison.OrdinalIgnoreCase) || text.Any(char.IsControl) ? null : text;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    // A prefix is shown as one only if no bit is set behind it. How many zero octets were sent is the one thing that text does not keep.
    private static string? FormatPrefix(ReadOnlySpan<byte> value)
    {
        Span<byte> padded = stackalloc byte[2 + WireFormat.IPv6Length];
        Span<byte> canonical = stackalloc byte[2 + WireFormat.IPv6Length];
        if (!WireFormat.TryReadIPv6Prefix(value, out var prefix))
        {
            return null;
        }

        padded.Clear();
        value.CopyTo(padded);
        WireFormat.WriteIPv6Prefix(canonical, prefix);
        return padded.SequenceEqual(canonical) ? prefix.ToString() : null;
    }

    private static string FormatInterfaceId(ReadOnlySpan<byte> value) => string.Create(CultureInfo.InvariantCulture,
        $"{value[0]:x2}{value[1]:x2}:{value[2]:x2}{value[3]:x2}:{value[4]:x2}{value[5]:x2}:{value[6]:x2}{value[7]:x2}");

    // The platform also takes "10.1" and "0x0a000001"; in a policy those are slips of the pen.
    private static byte[]? ParseIPv4(string text) =>
        IPAddress.TryParse(text, out var address) && address.GetAddressBytes() is { Length: sizeof(uint) } octets && address.ToString() == text ? octets : null;

    private static byte[]? ParseInterfaceId(string text)
    {
        var groups = text.Split(':');
        var octets = new byte[sizeof(ulong)];
        for (var i = 0; i < groups.Length; i++)
        {
            if (groups.Length != 4 || !ushort.TryParse(groups[i], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var group))
            {
                return null;
            }

            BinaryPrimitives.WriteUInt16BigEndian(octets.AsSpan(2 * i), group);
        }

        return octets;
    }

    private static byte[]? Octets(uint number, RadiusAttributeDefinition definition)
    {
        if (definition.IsTagged && number > 0xFFFFFF)
        {
            return null;
        }

        var octets = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(octets, number);
        return octets;
    }

    private static byte[] Octets64(ulong number)
    {
        var octets = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(octets, number);
        return octets;
    }

    private static byte[] Octets(IPNetwork prefix)
    {
        Span<byte> octets = stackalloc byte[2 + WireFormat.IPv6Length];
        return octets[..WireFormat.WriteIPv6Prefix(octets, prefix)].ToArray();
    }

    private static bool TryParseHex(string text, out byte[] value)
    {
        var digits = text.AsSpan(HexPrefix.Length);
        value = digits.Length % 2 == 0 && !digits.ContainsAnyExcept(HexDigits) ? Convert.FromHexString(digits) : [];
        return value.Length * 2 == digits.Length;
    }

    private static bool LooksTagged(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon is 1 or 2 or 3 && byte.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }

    private static string Quote(RadiusAttributeDefinition? definition, string text) =>
        definition?.Type == RadiusDataType.Text && !text.StartsWith(HexPrefix, StringComparison.Ordinal) ? $"\"{text}\"" : text;

    private static string Hex(ReadOnlySpan<byte> value) => HexPrefix + Convert.ToHexStringLower(value);
}
