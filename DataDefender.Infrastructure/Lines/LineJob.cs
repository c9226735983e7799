using System.Net;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Radius;

namespace DataDefender.Infrastructure.Lines;

/// <summary>All that is needed to bring one line to its state, read in one go, so that no database connection is held while routers are asked.</summary>
/// <param name="Commands">The pending commands that this does; one that comes later is a job of its own.</param>
/// <param name="Grant">What the line gets now; null when it may not be logged in at all.</param>
/// <param name="Drop">The open sessions are to be ended, whatever the grant.</param>
/// <param name="Release">It may have been in the walled garden until now.</param>
/// <param name="AddressLists">Every address list that some state of the company's lines puts them on.</param>
/// <param name="LoginUnderWay">A login was accepted moments ago and no session is known of it yet.</param>
internal sealed record LineJob(
    Guid SubscriptionId,
    string Username,
    IReadOnlyList<Guid> Commands,
    LineGrant? Grant,
    bool Drop,
    bool Release,
    IReadOnlySet<string> AddressLists,
    bool LoginUnderWay,
    IReadOnlyList<SessionPlace> Sessions)
{
    /// <summary>What the newest command was asked for.</summary>
    public string Because { get; init; } = "";

    /// <summary>What marks our entries in the routers' lists.</summary>
    public string Mark => MarkOf(SubscriptionId);

    /// <summary>For people: "list suspended".</summary>
    public string Lists => (AddressLists.Count == 1 ? "list " : "lists ") + string.Join(", ", AddressLists.Order(StringComparer.Ordinal));

    public static string MarkOf(Guid subscriptionId) => $"DD:{subscriptionId}";
}

/// <summary>One open session and the ways to it.</summary>
/// <param name="NasName">For people.</param>
/// <param name="Nas">Null when the NAS's address or secret cannot be used; <paramref name="NasTrouble"/> says why.</param>
/// <param name="Router">Null when the NAS has no router whose API we know.</param>
internal sealed record SessionPlace(
    Guid NasId, string NasName, CoaTarget? Nas, string? NasTrouble, RouterEndpoint? Router, string Username, string AcctSessionId, string? Address)
{
    /// <summary>An answer from there may be another NAS's: it has the same address, port and secret. That one does not know the session says nothing of this one.</summary>
    public bool IsAmbiguous { get; init; }

    /// <summary>It has an IPv6 address or prefix too.</summary>
    public bool HasIpv6 { get; init; }

    public CoaSession Coa => new(Username, AcctSessionId, IPAddress.TryParse(Address, out var address) ? address : null);
}
