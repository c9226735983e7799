using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using DataDefender.Domain.Radius;

namespace DataDefender.Domain.Subscriptions;

/// <summary>Who dials in from where, as the NAS says it.</summary>
/// <param name="Mac">The caller, upper case with colons; null when the NAS names none.</param>
/// <param name="PortId">NAS-Port-Id (RFC 2869 §5.17): on RouterOS the interface that the PPPoE or hotspot server listens on.</param>
/// <param name="CircuitId">Agent-Circuit-Id (RFC 4679 §3.3.1) of the access node, when there is one.</param>
public readonly record struct CallerFacts(string? Mac, Guid NasId, string? PortId, string? CircuitId = null);

/// <summary>
/// From where a line may log in, beside the MAC in <see cref="Subscription.CallerLock"/>. What is null or empty binds nothing. Immutable.
/// </summary>
public sealed partial record LineBinding
{
    public static LineBinding None { get; } = new();

    /// <summary>The first caller that logs in becomes the caller lock.</summary>
    public bool LearnsCaller { get; init; }

    /// <summary>Callers that may log in beside the locked one: upper case with colons.</summary>
    public ImmutableArray<string> MoreCallers { get; init; } = [];

    public Guid? NasId { get; init; }

    /// <summary>The NAS-Port-Id or Agent-Circuit-Id, letter case aside.</summary>
    public string? PortId { get; init; }

    /// <summary>The VLAN on which the line comes in, 1 to 4094.</summary>
    public int? Vlan { get; init; }

    /// <summary>Whether any caller may log in: none is locked or listed.</summary>
    public bool TakesAnyCaller(string? callerLock) => callerLock is null && MoreCallers.IsEmpty;

    /// <summary>Whether a login that is accepted now makes its caller the locked one.</summary>
    public bool Learns(string? callerLock, string? mac) => LearnsCaller && mac is not null && TakesAnyCaller(callerLock);

    /// <summary>Null when the line may log in from there; otherwise the outcome and, for people, what is wrong.</summary>
    public (LoginOutcome Outcome, string Explanation)? Refuse(string? callerLock, in CallerFacts caller)
    {
        if (!TakesAnyCaller(callerLock) && (caller.Mac is not { } mac || (mac != callerLock && !MoreCallers.Contains(mac))))
        {
            return (LoginOutcome.WrongCaller, caller.Mac is { } named ? $"The line is locked to another caller than {named}." : "The line is locked to a caller, and the NAS named none.");
        }

        if (NasId is { } nas && nas != caller.NasId)
        {
            return (LoginOutcome.WrongPlace, "The line is locked to another NAS.");
        }

        if (PortId is { } port && !Same(port, caller.PortId) && !Same(port, caller.CircuitId))
        {
            return (LoginOutcome.WrongPlace, $"The line is locked to port {port}, not {caller.PortId ?? "an unnamed one"}.");
        }

        if (Vlan is { } vlan && VlanOf(caller.PortId) != vlan && VlanOf(caller.CircuitId) != vlan)
        {
            return (LoginOutcome.WrongPlace, $"The line is locked to VLAN {vlan}; it came in on {caller.PortId ?? caller.CircuitId ?? "an unnamed port"}.");
        }

        return null;
    }

    /// <summary>
    /// The VLAN that a port's name tells: "vlan100", "ether2.100", "eth 1/1/3:100" (RFC 4679's example syntax) and "100" are VLAN 100; of
    /// two tags as in "eth 0/1:200.100" the inner one counts. Null when it tells none.
    /// </summary>
    public static int? VlanOf(string? port)
    {
        if (port is null || VlanAtTheEnd().Match(port) is not { Success: true } match)
        {
            return null;
        }

        return int.Parse(match.Groups["vlan"].ValueSpan, CultureInfo.InvariantCulture) is > 0 and < 4095 and var vlan ? vlan : null;
    }

    public bool Equals(LineBinding? other) =>
        other is not null && (LearnsCaller, NasId, PortId, Vlan) == (other.LearnsCaller, other.NasId, other.PortId, other.Vlan) && MoreCallers.SequenceEqual(other.MoreCallers);

    public override int GetHashCode() => HashCode.Combine(LearnsCaller, MoreCallers.Length, NasId, PortId, Vlan);

    private static bool Same(string port, string? other) => string.Equals(port, other, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"(?:^|[.:]|vlan[-_ ]?)(?<vlan>[0-9]{1,4})$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex VlanAtTheEnd();
}
