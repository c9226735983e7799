using System.Net;
using System.Net.Sockets;

namespace DataDefender.Domain.Subscriptions;

/// <summary>The IPv6 prefix that is delegated to a line's router (Delegated-IPv6-Prefix, RFC 4818), as people type it.</summary>
public static class DelegatedPrefix
{
    public const int ShortestLength = 32;
    public const int LongestLength = 64;

    /// <summary>In canonical form ("2001:db8:12::/56"); null when it is no IPv6 prefix of 32 to 64 bits.</summary>
    public static string? Normalise(string? text) =>
        IPNetwork.TryParse(text?.Trim(), out var network)
        && network.BaseAddress is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false }
        && network.PrefixLength is >= ShortestLength and <= LongestLength
            ? network.ToString()
            : null;

    /// <summary>Whether one of the two lies within the other.</summary>
    public static bool Overlap(string one, string other)
    {
        var (first, second) = (IPNetwork.Parse(one), IPNetwork.Parse(other));
        return first.Contains(second.BaseAddress) || second.Contains(first.BaseAddress);
    }
}
