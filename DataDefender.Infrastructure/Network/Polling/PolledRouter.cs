using DataDefender.Domain.Network;

namespace DataDefender.Infrastructure.Network.Polling;

/// <summary>A router as the poller needs it. Two of them are equal when polling would be the same.</summary>
/// <param name="Endpoint">Null when its password cannot be read.</param>
internal sealed record PolledRouter(Guid TenantId, Guid RouterId, string Name, RouterEndpoint? Endpoint);

/// <summary>What people call a box and what it is made of.</summary>
internal sealed record RouterDescription(string? Identity, string? Model, string? Version, string? Serial);
