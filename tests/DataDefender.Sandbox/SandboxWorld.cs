using DataDefender.Sandbox.Nas;
using DataDefender.Sandbox.RouterOs;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataDefender.Sandbox;

/// <summary>
/// The outside world in this process: routers on real sockets with customers behind them. <c>await using</c> it; ports that
/// were 0 are known once it has started.
/// </summary>
public sealed class SandboxWorld : IAsyncDisposable
{
    private readonly List<SimulatedRouter> _routers = [];

    private SandboxWorld(SandboxOptions options, TimeProvider time, ILogger log)
    {
        Options = options;
        Clock = new SimulatedClock(time, options.StartAt, options.Speed);
        foreach (var router in options.Routers)
        {
            _routers.Add(new SimulatedRouter(router, options, Clock, log));
        }
    }

    public SandboxOptions Options { get; }

    public SimulatedClock Clock { get; }

    public IReadOnlyList<SimulatedRouter> Routers => _routers;

    public SimulatedRouter this[string router] => _routers.FirstOrDefault(r => r.Name == router) ?? throw new KeyNotFoundException($"No router '{router}'.");

    /// <summary>Starts a world; with no routers named there is one, <c>router1</c>, of the newest personality.</summary>
    public static Task<SandboxWorld> StartAsync(SandboxOptions? options = null, ILogger? log = null, TimeProvider? time = null)
    {
        options ??= new SandboxOptions();
        if (options.Routers.Count == 0)
        {
            options.Routers.Add(new RouterOptions());
        }

        var world = new SandboxWorld(options, time ?? TimeProvider.System, log ?? NullLogger.Instance);
        foreach (var router in world._routers)
        {
            router.Start();
        }

        return Task.FromResult(world);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var router in _routers)
        {
            await router.DisposeAsync();
        }
    }
}
