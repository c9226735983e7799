using System.Collections.Concurrent;
using DataDefender.Domain.Network;

namespace DataDefender.Infrastructure.Tests.Network.Polling;

/// <summary>Routers that answer at once, as a test says.</summary>
internal sealed class FakeGateway : IRouterGateway
{
    private readonly ConcurrentDictionary<Guid, Func<RouterCommand, RouterOutcome>> _routers = new();

    public ConcurrentQueue<(RouterEndpoint Router, RouterCommand Command)> Asked { get; } = new();

    public ConcurrentQueue<Guid> Forgotten { get; } = new();

    public RouterCertificate? Certificate { get; set; }

    public static RouterOutcome Lost(string reason = "The connection to the router was lost.") => new RouterOutcome.Unknown(reason, Sent: true);

    public static RouterOutcome NotConnected(RouterConnectFailureKind kind, string message = "No way in.") =>
        new RouterOutcome.Unknown(message, Sent: false, new RouterConnectFailure(kind, message));

    public static RouterOutcome Done(params RouterRow[] rows) => new RouterOutcome.Done(rows, null);

    public void Answer(Guid router, Func<RouterCommand, RouterOutcome> answer) => _routers[router] = answer;

    /// <summary>A router in good health, with counters as given.</summary>
    public void Healthy(Guid router, string uptime = "1d", long rx = 0, long tx = 0, int sessions = 0, string version = "7.22 (stable)") =>
        Answer(router, command => HealthyAnswer(command, uptime, rx, tx, sessions, version));

    public static RouterOutcome HealthyAnswer(
        RouterCommand command, string uptime = "1d", long rx = 0, long tx = 0, int sessions = 0, string version = "7.22 (stable)") => command.Path switch
    {
        "/system/resource/print" => Done(RouterRow.Of(("cpu-load", "12"), ("free-memory", "300"), ("total-memory", "1000"), ("uptime", uptime), ("version", version), ("board-name", "CCR2004"))),
        "/interface/print" => Done(
            RouterRow.Of((".id", "*1"), ("name", "ether1"), ("type", "ether"), ("running", "true"), ("disabled", "false"), ("rx-byte", $"{rx}"), ("tx-byte", $"{tx}"), ("link-downs", "2")),
            RouterRow.Of((".id", "*2"), ("name", "ether2"), ("type", "ether"), ("running", "false"), ("disabled", "true"), ("rx-byte", "0"), ("tx-byte", "0"))),
        "/ppp/active/print" => new RouterOutcome.Done([], $"{sessions}"),
        "/ip/hotspot/active/print" => new RouterOutcome.Refused(RouterRefusal.NoSuchCommand, "no such command prefix", 0),
        "/system/health/print" => Done(RouterRow.Of(("name", "voltage"), ("value", "24.1"), ("type", "V")), RouterRow.Of(("name", "temperature"), ("value", "41"), ("type", "C"))),
        "/system/license/print" => Done(RouterRow.Of(("level", "p1"), ("deadline-at", "2027-03-01 08:00:00"), ("next-renewal-at", "2027-02-01 08:00:00"))),
        "/system/identity/print" => Done(RouterRow.Of(("name", "NBO-1"))),
        "/system/routerboard/print" => Done(RouterRow.Of(("model", "CCR2004-1G-12S+2XS"), ("serial-number", "HE1234"))),
        var other => throw new InvalidOperationException($"Nobody polls {other}."),
    };

    public Task<RouterOutcome> ExecuteAsync(RouterEndpoint router, RouterCommand command, CancellationToken ct = default)
    {
        Asked.Enqueue((router, command));
        return Task.FromResult(_routers.TryGetValue(router.RouterId, out var answer) ? answer(command) : NotConnected(RouterConnectFailureKind.Unreachable, "It is not there."));
    }

    public IAsyncEnumerable<RouterRow> StreamAsync(RouterEndpoint router, RouterCommand command, CancellationToken ct = default) => throw new NotSupportedException();

    public Task<RouterTest> TestAsync(RouterEndpoint router, CancellationToken ct = default) => throw new NotSupportedException();

    public RouterCertificate? CertificateOf(Guid routerId) => Certificate;

    public ValueTask ForgetAsync(Guid routerId)
    {
        Forgotten.Enqueue(routerId);
        return ValueTask.CompletedTask;
    }
}
