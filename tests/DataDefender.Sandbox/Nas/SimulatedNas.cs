using System.Net;
using DataDefender.Sandbox.RouterOs;

namespace DataDefender.Sandbox.Nas;

/// <summary>The lines that end at a router.</summary>
public sealed class SimulatedNas(SimulatedRouter router, ILogger log) : IAsyncDisposable
{
    public NasCounters Counters { get; } = new();

    public IPEndPoint? CoaEndPoint => null;

    internal void OpenIncoming() => log.LogDebug("{Router}", router.Name);

    internal void Start() { }

    internal Task ShutDownAsync(bool clean) => Task.CompletedTask;

    internal void ComeUp() { }

    internal void End(LineSession session, TerminateCause cause) => session.HasEnded = true;

    internal Task<string?> HotspotLoginAsync(string user, string password, string ip, string? mac, CancellationToken ct) => Task.FromResult<string?>("RADIUS server is not responding");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
