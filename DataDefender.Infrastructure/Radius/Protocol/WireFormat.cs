using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>The data types of attribute values as octets (RFC 8044). A value of the wrong length is never an exception: it has no reading.</summary>
public static class WireFormat
{
    /// <summary>The longest value one attribute carries (RFC 2865 §5).</summary>
    public const int MaxValueLength = 253;

    /// <summary>The longest value one vendor attribute carries: RFC 2865 §5.26 takes six octets for its own header.</summary>
    public const int MaxVendorValueLength = MaxValueLength - 6;

    internal const int IPv6Length = 16;

    public static bool TryReadUInt32(ReadOnlySpan<byte> value, out uint number)
    {
        number = value.Length == sizeof(uint) ? BinaryPrimitives.ReadUInt32BigEndian(value) : 0;
        return value.Length == sizeof(uint);
    }

    public static bool TryReadUInt64(ReadOnlySpan<byte> value, out ulong number)
    {
        number = value.Length == sizeof(ulong) ? BinaryPrimitives.ReadUInt64BigEndian(value) : 0;
        return value.Length == sizeof(ulong);
    }

    /// <summary>A tagged integer (RFC 2868 §3.1): one octet of tag, three of number.</summary>
    public static bool TryReadTagged(ReadOnlySpan<byte> value, out byte tag, out uint number)
    {
        var read = TryReadUInt32(value, out number);
        (tag, number) = ((byte)(number >> 24), number & 0xFFFFFF);
        return read;
    }

    /// <summary>Seconds since 1970 (RFC 8044 §3.3).</summary>
    public static bool TryReadTime(ReadOnlySpan<byte> value, out DateTime utc)
    {
        var read = TryReadUInt32(value, out var seconds);
        utc = DateTime.UnixEpoch.AddSeconds(seconds);
        return read;
    }

    /// <summary>An IPv4 address of 4 octets or an IPv6 address of 16.</summary>
    public static bool TryReadAddress(ReadOnlySpan<byte> value, out IPAddress address)
    {
        var read = value.Length is sizeof(uint) or IPv6Length;
        address = read ? new IPAddress(value) : IPAddress.None;
        return read;
    }

    /// <summary>A prefix of RFC 3162 §2.3: reserved octet, length in bits, then no more octets of address than 16; what is left out is zero.</summary>
    public static bool TryReadIPv6Prefix(ReadOnlySpan<byte> value, out IPNetwork prefix)
    {
        prefix = default;
        if (value.Length is < 2 or > 2 + IPv6Length || value[1] > 128 || (value.Length - 2) * 8 < value[1])
        {
            return false;
        }

        Span<byte> address = stackalloc byte[IPv6Length];
        address.Clear();
        value[2..].CopyTo(address);
        prefix = new IPNetwork(new IPAddress(address), value[1]);
        return true;
    }

    /// <summary>Writes an address and returns its octets.</summary>
    public static int WriteAddress(Span<byte> target, IPAddress address)
    {
        if (!address.TryWriteBytes(target, out var written))
        {
            throw new ArgumentException("The target is shorter than the address.", nameof(target));
        }

        return written;
    }

    /// <summary>
    /// Writes an IPv6 prefix and returns the octets written: always 18, for though RFC 3162 lets zero octets be left out, servers in the
    /// field send them all and that is what NAS are tried with.
    /// </summary>
    public static int WriteIPv6Prefix(Span<byte> target, IPNetwork prefix)
    {
        if (prefix.BaseAddress.AddressFamily != AddressFamily.InterNetworkV6)
        {
            throw new ArgumentException("An IPv6 prefix was expected.", nameof(prefix));
        }

        (target[0], target[1]) = (0, (byte)prefix.PrefixLength);
        return 2 + WriteAddress(target[2..], prefix.BaseAddress);
    }

    /// <exception cref="ArgumentOutOfRangeException">The instant is before 1970 or after February 2106.</exception>
    public static uint ToSeconds(DateTime utc)
    {
        var seconds = (utc - DateTime.UnixEpoch).TotalSeconds;
        return seconds is >= 0 and <= uint.MaxValue
            ? (uint)seconds
            : throw new ArgumentOutOfRangeException(nameof(utc), utc, "RADIUS time is 32 bits of seconds since 1970.");
    }
}
