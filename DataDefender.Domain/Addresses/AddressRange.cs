using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;

namespace DataDefender.Domain.Addresses;

/// <summary>Addresses from one to another, both included, of one family. IPv4 and IPv6 never overlap.</summary>
public readonly record struct AddressRange : IComparable<AddressRange>
{
    private AddressRange(bool isIPv6, UInt128 first, UInt128 last) => (IsIPv6, First, Last) = (isIPv6, first, last);

    public bool IsIPv6 { get; }

    public UInt128 First { get; }

    public UInt128 Last { get; }

    /// <summary>How many addresses; of IPv6 more than any number of ours.</summary>
    public BigInteger Count => (BigInteger)Last - (BigInteger)First + 1;

    public static AddressRange Of(IPNetwork network)
    {
        var (isIPv6, first) = Number(network.BaseAddress);
        var free = (isIPv6 ? 128 : 32) - network.PrefixLength;
        return new AddressRange(isIPv6, first, first + (free == 128 ? UInt128.MaxValue : (UInt128.One << free) - 1));
    }

    public static AddressRange Of(IPAddress address)
    {
        var (isIPv6, number) = Number(address);
        return new AddressRange(isIPv6, number, number);
    }

    /// <summary>An address, a prefix, or <c>10.0.0.2-10.0.0.9</c>; null when it is none.</summary>
    public static AddressRange? Parse(string? text)
    {
        text = text?.Trim() ?? "";
        if (text.Split('-') is [var from, var until] && Whole(from) is { } first && Whole(until) is { } last)
        {
            var (one, other) = (Of(first), Of(last));
            return one.IsIPv6 == other.IsIPv6 && one.First <= other.First ? new AddressRange(one.IsIPv6, one.First, other.First) : null;
        }

        return text.Contains('/', StringComparison.Ordinal) ? IPNetwork.TryParse(text, out var network) ? Of(network) : null : Whole(text) is { } address ? Of(address) : null;
    }

    public bool Contains(AddressRange other) => IsIPv6 == other.IsIPv6 && First <= other.First && Last >= other.Last;

    public bool Overlaps(AddressRange other) => IsIPv6 == other.IsIPv6 && First <= other.Last && Last >= other.First;

    public int CompareTo(AddressRange other)
    {
        var family = IsIPv6.CompareTo(other.IsIPv6);
        var first = First.CompareTo(other.First);
        return family != 0 ? family : first != 0 ? first : other.Last.CompareTo(Last); // what contains comes before what is in it
    }

    public string Address(UInt128 number) => ToAddress(IsIPv6, number).ToString();

    public override string ToString() => First == Last ? Address(First) : $"{Address(First)}–{Address(Last)}";

    internal static IPAddress ToAddress(bool isIPv6, UInt128 number)
    {
        Span<byte> bytes = stackalloc byte[16];
        for (var i = 15; i >= 0; i--)
        {
            (bytes[i], number) = ((byte)(number & 0xFF), number >> 8);
        }

        return new IPAddress(isIPv6 ? bytes : bytes[12..]);
    }

    // "10.1" parses as 10.0.0.1; what is not written whole is not meant.
    private static IPAddress? Whole(string text) =>
        IPAddress.TryParse(text.Trim(), out var address) && (address.AddressFamily is AddressFamily.InterNetworkV6 || address.ToString() == text.Trim()) ? address : null;

    private static (bool IsIPv6, UInt128 Number) Number(IPAddress address)
    {
        var number = UInt128.Zero;
        foreach (var b in address.GetAddressBytes())
        {
            number = (number << 8) | b;
        }

        return (address.AddressFamily is AddressFamily.InterNetworkV6, number);
    }

    public static bool operator <(AddressRange left, AddressRange right) => left.CompareTo(right) < 0;

    public static bool operator >(AddressRange left, AddressRange right) => left.CompareTo(right) > 0;

    public static bool operator <=(AddressRange left, AddressRange right) => left.CompareTo(right) <= 0;

    public static bool operator >=(AddressRange left, AddressRange right) => left.CompareTo(right) >= 0;
}

/// <summary>Prefixes as they are written and kept.</summary>
public static class Prefixes
{
    /// <summary>In canonical form (<c>10.0.0.0/24</c>, <c>2001:db8::/32</c>); null when it is none, or has bits set past its length.</summary>
    public static string? Canonical(string? text) =>
        IPNetwork.TryParse(text?.Trim(), out var network) && text!.Trim().Split('/')[0] is var written
            && (network.BaseAddress.AddressFamily is AddressFamily.InterNetworkV6 ? IPAddress.TryParse(written, out var address) && address.Equals(network.BaseAddress) : written == network.BaseAddress.ToString())
            ? $"{network.BaseAddress}/{network.PrefixLength.ToString(CultureInfo.InvariantCulture)}"
            : null;
}
