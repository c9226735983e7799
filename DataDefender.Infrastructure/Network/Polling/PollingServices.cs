using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;

namespace DataDefender.Infrastructure.Network.Polling;

/// <summary>What all routers' actors share.</summary>
/// <param name="Turn">Held while a router is polled that answered the last time.</param>
/// <param name="Probe">
/// Held while any other is polled, so that a thousand routers behind a lost uplink, each waiting for its time-out, do not hold up those that answer.
/// </param>
/// <param name="Chance">A number from 0 to 1, different each time.</param>
internal sealed record PollingServices(
    IRouterGateway Gateway,
    LiveMetrics Metrics,
    RouterStore Store,
    RadiusEvidence Evidence,
    PollingOptions Options,
    TimeProvider Clock,
    SemaphoreSlim Turn,
    SemaphoreSlim Probe,
    Func<double> Chance,
    LinesOnRouters Lines);
