using DataDefender.Sandbox.Nas;
using DataDefender.Sandbox.RouterOs;

namespace DataDefender.Sandbox.Http;

internal sealed record WorldState(DateTimeOffset Time, double Speed, int Seed, string RadiusServer, int Lines, int Online, IReadOnlyList<RouterState> Routers)
{
    public static WorldState Of(SandboxWorld world)
    {
        var routers = world.Routers.Select(RouterState.Of).ToList();
        var radius = world.Options.Radius;
        return new WorldState(world.Clock.Now, world.Clock.Speed, world.Options.Seed, $"{radius.Address}:{radius.AuthenticationPort}/{radius.AccountingPort}", routers.Sum(r => r.Lines), routers.Sum(r => r.Online), routers);
    }
}

internal sealed record RouterState(
    string Name, string Personality, string Board, string? Api, string? Tls, string? Coa, int ApiConnections, int Lines, int Online, double UploadMbps, double DownloadMbps, int Cpu, string Uptime,
    IReadOnlyList<FaultState> Faults, NasCounters Radius)
{
    public static RouterState Of(SimulatedRouter router)
    {
        lock (router.Gate)
        {
            var (up, down) = router.Sessions.RateNow(router.Clock.Now);
            return new RouterState(router.Name, router.Personality.Name, router.Personality.Board, router.ApiEndPoint?.ToString(), router.TlsEndPoint?.ToString(), router.CoaEndPoint?.ToString(), router.ApiConnections,
                router.Nas.Subscribers.Count, router.Sessions.Count, up / 1e6, down / 1e6, router.CpuLoad, RouterFormat.Duration(router.Uptime),
                [.. router.Faults.Active.Select(f => new FaultState(f.Key, f.Value.Delay.TotalMilliseconds, f.Value.Times, f.Value.Path))], router.Nas.Counters);
        }
    }
}

internal sealed record FaultState(Fault Fault, double DelayMilliseconds, int? Times, string? Path);

internal sealed record LineView(
    string Username, string Router, SubscriberService Service, AuthenticationMethod Method, string Mac, LineState State, string? LastFailure, int Failures,
    string? SessionId, string? Address, string? RateLimit, string? AddressList, bool Walled, string? Uptime, double DownloadMbps, double UploadMbps, ulong DownloadBytes, ulong UploadBytes)
{
    public static LineView Of(SimulatedRouter router, Subscriber line)
    {
        lock (router.Gate)
        {
            var session = line.Session is { } s ? SessionView.Of(s, router.Clock.Now) : null;
            return new LineView(line.Username, router.Name, line.Service, line.Method, line.Mac, line.State, line.LastFailure, line.Failures, session?.Id, session?.Address.ToString(), session?.RateLimit, session?.AddressList,
                session?.IsWalled ?? false, session is null ? null : RouterFormat.Duration(session.Uptime), (session?.DownloadRate ?? 0) / 1e6, (session?.UploadRate ?? 0) / 1e6, session?.DownloadBytes ?? 0, session?.UploadBytes ?? 0);
        }
    }
}

internal sealed record LinePage(int Total, IReadOnlyList<LineView> Lines);

internal sealed record NewLine(string? Username, string? Password, string? Router, SubscriberService Service, AuthenticationMethod? Method, string? Mac, double DemandMbps, bool Dial = true);

internal sealed record FaultOrder(Fault Fault, bool On = true, double DelayMilliseconds = 0, int? Times = null, string? Path = null);

/// <param name="Text">What a person pastes into the router's terminal.</param>
internal sealed record TerminalOrder(string Text);

/// <param name="Error">Null when every command was done.</param>
internal sealed record TerminalAnswer(string? Error);

internal sealed record ClockOrder(double? Speed, double? AdvanceSeconds);

internal sealed record Refusal(string Error);
