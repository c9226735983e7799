using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace DataDefender.Domain.Compliance;

/// <summary>
/// What a request names: an IPv4 address, an IPv6 address or an IPv6 prefix, and by which stored values its holders are found. A session
/// holds an IPv6 address when its link's or its delegated prefix contains it; each prefix that could is one value to look for.
/// </summary>
public sealed record AskedAddress
{
    private const int Bits = 128;

    /// <summary>No request is about more: a /32 is a whole provider.</summary>
    private const int ShortestPrefix = 32;

    private AskedAddress() { }

    /// <summary>Empty when an IPv6 address or prefix is asked about.</summary>
    public string IPv4 { get; private init; } = "";

    /// <summary>The stored prefixes that contain what is asked about, canonical.</summary>
    public ImmutableArray<string?> Prefixes { get; init; } = [];

    /// <summary>Set when a prefix is asked about: those who hold a part of it are meant too.</summary>
    public IPNetwork? Within { get; private init; }

    /// <param name="canonical">As <see cref="Canonical"/> gives it.</param>
    public static AskedAddress Of(string canonical)
    {
        if (!canonical.Contains(':', StringComparison.Ordinal))
        {
            return new AskedAddress { IPv4 = canonical };
        }

        var network = IPNetwork.TryParse(canonical, out var prefix) ? prefix : new IPNetwork(IPAddress.Parse(canonical), Bits);
        return new AskedAddress
        {
            Prefixes = [.. Enumerable.Range(1, network.PrefixLength).Select(length => (string?)Mask(network.BaseAddress, length))],
            Within = network.PrefixLength < Bits ? network : null,
        };
    }

    /// <summary>
    /// The text in the one form in which sessions are stored, or null. "10.1" or "010.0.0.1" are none: they have a meaning to old programs,
    /// and it is not what the request says. An IPv4 address written as IPv6 is the IPv4 one.
    /// </summary>
    public static string? Canonical(string? text)
    {
        text = text?.Trim() ?? "";
        if (text.Split('/') is [var address, var digits])
        {
            return Parse(address) is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } whole
                && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length is >= ShortestPrefix and <= Bits
                ? length == Bits ? whole.ToString() : Mask(whole, length)
                : null;
        }

        return Parse(text) switch
        {
            null => null,
            { IsIPv4MappedToIPv6: true } mapped => mapped.MapToIPv4().ToString(),
            { AddressFamily: AddressFamily.InterNetworkV6 } six => six.ToString(),
            var four => four.ToString() == text ? text : null,
        };
    }

    // A scope ("%eth0") is of one machine only.
    private static IPAddress? Parse(string text) => !text.Contains('%', StringComparison.Ordinal) && IPAddress.TryParse(text, out var address) ? address : null;

    private static string Mask(IPAddress address, int length)
    {
        Span<byte> octets = stackalloc byte[Bits / 8];
        _ = address.TryWriteBytes(octets, out _);
        for (var i = 0; i < octets.Length; i++)
        {
            var kept = Math.Clamp(length - (8 * i), 0, 8);
            octets[i] &= (byte)(0xFF << (8 - kept));
        }

        return new IPNetwork(new IPAddress(octets), length).ToString();
    }
}
