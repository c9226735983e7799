using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;

namespace DataDefender.Infrastructure.Network.Polling;

/// <summary>A router as the poller needs it. Two of them are equal when polling would be the same.</summary>
/// <param name="Endpoint">Null when its password cannot be read.</param>
internal sealed record PolledRouter(Guid TenantId, Guid RouterId, string Name, RouterEndpoint? Endpoint)
{
    /// <summary>How lines reach it without RADIUS; who of them is online is read from it.</summary>
    public LinePush Push { get; init; }

    /// <summary>Lines that are bound to no device live there too.</summary>
    public bool TakesUnbound { get; init; }
}

/// <summary>What people call a box and what it is made of.</summary>
internal sealed record RouterDescription(string? Identity, string? Model, string? Version, string? Serial);
