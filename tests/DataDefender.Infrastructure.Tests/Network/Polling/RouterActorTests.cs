using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Network.Polling;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataDefender.Infrastructure.Tests.Network.Polling;

/// <summary>One router, polled step by step on a clock that stands, into a real database.</summary>
public sealed class RouterActorTests : IAsyncLifetime
{
    private readonly FakeGateway _gateway = new();
    private readonly LiveMetrics _metrics = new();
    private readonly LinesOnRouters _lines = new();
    private readonly Dictionary<string, RouterOutcome> _answers = [];
    private readonly PollingOptions _options = new();
    private TestServices _services = null!;
    private TestCompany _company = null!;
    private Router _router = null!;
    private RouterStore _store = null!;
    private RouterActor _actor = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private RouterSnapshot Latest => _metrics.Latest(_company.Id, _router.Id)!;

    public async ValueTask InitializeAsync()
    {
        _services = await TestServices.CreateAsync();
        _company = await TestCompany.CreateAsync(_services);
        _router = await _company.AddRouterAsync("NBO-1");
        var scopes = _services.Provider.GetRequiredService<TenantScopes>();
        _store = new RouterStore(scopes, _metrics, NullLogger<RouterStore>.Instance);
        await StartAsync();
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task A_poll_publishes_what_the_router_said()
    {
        _gateway.Healthy(_router.Id, uptime: "1d2h", sessions: 412);

        await PollAsync();

        Assert.Equal((RouterState.Up, null, 12, 700L, 1000L, 412), (Latest.State, Latest.Reason, Latest.CpuPercent, Latest.MemoryUsed, Latest.MemoryTotal, Latest.ActiveSessions));
        Assert.Equal(TimeSpan.FromHours(26), Latest.Uptime);
        Assert.Equal(["ether1", "ether2"], Latest.Interfaces.Select(i => i.Name));
        Assert.Equal((true, false, 2L), (Latest.Interfaces[0].Running, Latest.Interfaces[0].Disabled, Latest.Interfaces[0].LinkDowns));
        Assert.Null(Latest.RxBitsPerSecond);
    }

    [Fact]
    public async Task The_licence_is_read_with_the_inventory_and_known_as_long_as_the_process_runs()
    {
        _gateway.Healthy(_router.Id);
        await PollAsync();
        await PollAsync();

        Assert.Equal(new RouterLicence("p1", new DateTime(2027, 3, 1, 8, 0, 0), new DateTime(2027, 2, 1, 8, 0, 0)), Latest.Licence);
        Assert.Single(_gateway.Asked, a => a.Command.Path == "/system/license/print");
    }

    [Fact]
    public async Task Who_is_online_by_a_secret_is_read_at_the_pace_of_sessions_and_gets_older_when_it_is_not_said()
    {
        await StartAsync(LinePush.Secrets);
        Answer("/ppp/active/print", new RouterOutcome.Done([RouterRow.Of(("name", "Jane"), ("address", "100.64.0.7"), ("caller-id", "4C:5E:0C:00:00:01"), ("uptime", "1h"), ("radius", "false")), RouterRow.Of(("name", "by-radius"), ("radius", "true"))], "2"));

        await PollAsync();
        await PollAsync();

        var read = Assert.Single(_lines.Of(_company.Id));
        var sighting = Assert.Single(read.Online);
        Assert.Equal(("jane", "100.64.0.7", read.At.AddHours(-1)), (sighting.Key, sighting.Value.Address, sighting.Value.Since));
        Assert.Equal(1, _gateway.Asked.Count(a => a.Command.Path == "/ppp/active/print" && a.Command.Words.Any(w => w.Contains("caller-id", StringComparison.Ordinal))));

        Answer("/ppp/active/print", FakeGateway.Lost());
        for (var i = 0; i < 40; i++)
        {
            await PollAsync();
        }

        Assert.Equal(read.At, Assert.Single(_lines.Of(_company.Id)).At);
        var jane = _lines.Find(_company.Id, Guid.CreateVersion7(), "jane", null, _services.Clock.Now)!;
        Assert.Equal((false, false), (jane.IsFresh, jane.IsOnline)); // nobody says offline, nobody says online
    }

    [Fact]
    public async Task A_fixed_address_is_online_when_its_queue_moves_or_its_equipment_answers()
    {
        await StartAsync(LinePush.Addresses);
        var (moves, answers, silent) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        var mark = $"{Marks.Of(_company.Id).Comment}line/";
        foreach (var bytes in (string[])["10/20", "11/20"])
        {
            Answer("/queue/simple/print", FakeGateway.Done(
                RouterRow.Of(("comment", $"{mark}{moves:N}"), ("target", "10.0.0.1/32"), ("bytes", bytes)), RouterRow.Of(("comment", $"{mark}{answers:N}"), ("target", "10.0.0.2/32"), ("bytes", "5/5")),
                RouterRow.Of(("comment", $"{mark}{silent:N}"), ("target", "10.0.0.3/32"), ("bytes", "7/7")), RouterRow.Of(("comment", "somebody's"), ("target", "10.0.0.2/32"), ("bytes", "1/1"))));
            Answer("/ip/arp/print", FakeGateway.Done(RouterRow.Of(("address", "10.0.0.2"), ("mac-address", "4C:5E:0C:00:00:02"), ("complete", "true")), RouterRow.Of(("address", "10.0.0.3"), ("status", "failed"))));
            Answer("/ip/firewall/address-list/print", FakeGateway.Done());
            await PollAsync();
            _services.Clock.Advance(_options.SessionInterval);
        }

        Assert.Equal(new[] { moves, answers }.Select(g => g.ToString("N")).Order(), Assert.Single(_lines.Of(_company.Id)).Online.Keys.Order());
        Assert.False(_lines.Find(_company.Id, silent, "x", null, _services.Clock.Now)!.TellsAbsence);
    }

    [Fact]
    public async Task A_lease_of_ours_that_is_bound_is_online_and_a_router_that_asks_RADIUS_again_is_forgotten()
    {
        await StartAsync(LinePush.Leases);
        var (bound, waiting) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var mark = $"{Marks.Of(_company.Id).Comment}line/";
        Answer("/ip/dhcp-server/lease/print", FakeGateway.Done(
            RouterRow.Of(("comment", $"{mark}{bound:N}"), ("address", "10.0.0.1"), ("mac-address", "4C:5E:0C:00:00:01"), ("status", "bound"), ("last-seen", "3m")), RouterRow.Of(("comment", $"{mark}{waiting:N}"), ("address", "10.0.0.2"), ("status", "waiting"))));

        await PollAsync();

        Assert.Equal([bound.ToString("N")], Assert.Single(_lines.Of(_company.Id)).Online.Keys);
        Assert.True(_lines.Find(_company.Id, waiting, "x", null, _services.Clock.Now) is { IsOnline: false, TellsAbsence: true });

        await StartAsync();
        using var stop = new CancellationTokenSource();
        var running = _actor.RunAsync(TimeSpan.FromHours(1), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Empty(_lines.Of(_company.Id));
    }

    /// <summary>In good health, but for what one menu says.</summary>
    private void Answer(string path, RouterOutcome outcome)
    {
        _answers[path] = outcome;
        _gateway.Answer(_router.Id, command => _answers.GetValueOrDefault(command.Path) ?? FakeGateway.HealthyAnswer(command));
    }

    [Fact]
    public async Task The_second_poll_has_rates()
    {
        _gateway.Healthy(_router.Id, rx: 1_000, tx: 0);
        await PollAsync();
        _gateway.Healthy(_router.Id, rx: 12_501_000, tx: 125_000);

        await PollAsync();

        Assert.Equal((10_000_000, 100_000), (Latest.RxBitsPerSecond, Latest.TxBitsPerSecond));
    }

    [Fact]
    public async Task Slower_questions_are_asked_at_their_own_pace()
    {
        _gateway.Healthy(_router.Id);
        for (var i = 0; i < 13; i++) // two minutes
        {
            await PollAsync();
        }

        Assert.Equal(13, Asked("/system/resource/print"));
        Assert.Equal(13, Asked("/interface/print"));
        Assert.Equal(2, Asked("/ppp/active/print"));
        Assert.Equal(1, Asked("/system/identity/print"));
        Assert.Equal(3, Asked("/system/health/print"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Temperature_and_voltage_are_read_in_the_form_of_both_versions(bool isSeven)
    {
        _gateway.Answer(_router.Id, command => command.Path == "/system/health/print" && !isSeven
            ? FakeGateway.Done(RouterRow.Of(("voltage", "24.1"), ("temperature", "41")))
            : FakeGateway.HealthyAnswer(command));
        await PollAsync();

        var seen = _metrics.Latest(_company.Id, _router.Id)!;
        Assert.Equal((41.0, 24.1), (seen.Temperature, seen.Voltage));
    }

    [Fact]
    public async Task Listings_name_their_properties_and_leave_out_dynamic_interfaces()
    {
        _gateway.Healthy(_router.Id);
        await PollAsync();

        var interfaces = _gateway.Asked.Single(a => a.Command.Path == "/interface/print").Command;
        Assert.Equal(["=.proplist=.id,name,type,comment,running,disabled,rx-byte,tx-byte,rx-error,tx-error,link-downs", "?dynamic=true", "?#!"], interfaces.Words);
        Assert.All(_gateway.Asked, a => Assert.Contains(a.Command.Words, w => w.StartsWith("=.proplist=", StringComparison.Ordinal) || w == "=count-only="));
    }

    [Fact]
    public async Task What_the_router_is_made_of_is_stored_and_an_update_is_an_event()
    {
        _gateway.Healthy(_router.Id, uptime: "2d");
        await PollAsync();
        await _store.StoreAsync(Ct);
        _gateway.Healthy(_router.Id, uptime: "1m", version: "7.23 (stable)");
        await PollAsync(); // restarted, so it is asked again
        await PollAsync();
        await _store.StoreAsync(Ct);

        var stored = await StoredAsync();
        Assert.Equal(("NBO-1", "CCR2004-1G-12S+2XS", "7.23 (stable)", "HE1234"), (stored.Identity, stored.Model, stored.RouterOsVersion, stored.SerialNumber));
        Assert.Equal(["router.restarted", "router.up", "router.version"], (await EventsAsync()).Select(e => e.Kind).Order());
    }

    [Fact]
    public async Task An_outage_is_stored_once_with_its_events_and_its_end()
    {
        _gateway.Healthy(_router.Id);
        await PollAsync();
        await _store.StoreAsync(Ct);
        _gateway.Answer(_router.Id, _ => FakeGateway.Lost());
        for (var i = 0; i < 5; i++)
        {
            await PollAsync();
            await _store.StoreAsync(Ct);
        }

        var down = await StoredAsync();
        Assert.Equal((RouterState.Down, "The connection to the router was lost."), (down.State, down.StateReason));
        Assert.True(down.LastSeenAt < down.StateSince);
        Assert.Equal(RouterState.Down, Latest.State);
        Assert.Null(Latest.CpuPercent); // missing is unknown, never the last value
        Assert.Equal(down.LastSeenAt, Latest.LastSeenAt);

        _gateway.Healthy(_router.Id);
        await PollAsync();
        await _store.StoreAsync(Ct);

        Assert.Equal(RouterState.Up, (await StoredAsync()).State);
        Assert.Equal(["router.up", "router.degraded", "router.down", "router.up"], (await EventsAsync()).Select(e => e.Kind));
        Assert.Equal(EventSeverity.Critical, (await EventsAsync()).Single(e => e.Kind == "router.down").Severity);
    }

    [Fact]
    public async Task A_router_whose_sessions_still_report_is_not_called_down()
    {
        var nas = await _company.AddNasAsync(router: _router);
        _gateway.Answer(_router.Id, _ => FakeGateway.Lost());
        await PollAsync();
        await using (var db = _company.Open())
        {
            db.LiveSessions.Add(new LiveSession { TenantId = _company.Id, NasId = nas.Id, AcctSessionId = "1", Username = "wanjiku", StartedAt = _services.Clock.Now, UpdatedAt = _services.Clock.Now });
            await db.SaveChangesAsync(Ct);
        }

        await PollAsync();
        await PollAsync();

        Assert.Equal(RouterState.Degraded, Latest.State);
        Assert.StartsWith("RADIUS still hears from it", Latest.Reason, StringComparison.Ordinal);

        _services.Clock.Advance(TimeSpan.FromMinutes(10));
        await PollAsync();

        Assert.Equal(RouterState.Down, Latest.State);
    }

    [Fact]
    public async Task Sessions_that_reported_before_it_fell_silent_do_not_keep_a_dead_router_up()
    {
        var nas = await _company.AddNasAsync(router: _router);
        await using (var db = _company.Open())
        {
            db.LiveSessions.Add(new LiveSession { TenantId = _company.Id, NasId = nas.Id, AcctSessionId = "1", Username = "wanjiku", StartedAt = _services.Clock.Now, UpdatedAt = _services.Clock.Now });
            await db.SaveChangesAsync(Ct);
        }

        _services.Clock.Advance(TimeSpan.FromSeconds(20));
        _gateway.Answer(_router.Id, _ => FakeGateway.Lost());
        for (var i = 0; i < 3; i++)
        {
            await PollAsync();
        }

        Assert.Equal(RouterState.Down, Latest.State);
    }

    [Theory]
    [InlineData(RouterConnectFailureKind.WrongPassword, RouterState.Degraded)]
    [InlineData(RouterConnectFailureKind.CertificateChanged, RouterState.Degraded)]
    [InlineData(RouterConnectFailureKind.ConnectionLimit, RouterState.Degraded)]
    [InlineData(RouterConnectFailureKind.NameNotFound, RouterState.Unknown)]
    [InlineData(RouterConnectFailureKind.Unreachable, RouterState.Down)]
    [InlineData(RouterConnectFailureKind.ConnectionRefused, RouterState.Down)]
    [InlineData(RouterConnectFailureKind.Silent, RouterState.Down)]
    public async Task Each_way_not_to_connect_leads_to_its_state_and_says_why(RouterConnectFailureKind kind, RouterState state)
    {
        _gateway.Answer(_router.Id, _ => FakeGateway.NotConnected(kind, "This is why."));
        for (var i = 0; i < 3; i++)
        {
            await PollAsync();
        }

        Assert.Equal((state, "This is why."), (Latest.State, Latest.Reason));
    }

    [Fact]
    public async Task A_router_that_refuses_a_part_is_degraded_and_shows_the_rest()
    {
        _gateway.Answer(_router.Id, command => command.Path == "/interface/print"
            ? new RouterOutcome.Refused(RouterRefusal.NotPermitted, "not enough permissions (9)", null)
            : FakeGateway.HealthyAnswer(command));

        await PollAsync();

        Assert.Equal((RouterState.Degraded, "/interface was refused: not enough permissions (9)."), (Latest.State, Latest.Reason));
        Assert.Equal(12, Latest.CpuPercent);
        Assert.Empty(Latest.Interfaces);
    }

    [Fact]
    public async Task The_first_certificate_seen_is_pinned_and_none_after_it()
    {
        _router = await _company.AddRouterAsync("NBO-2", apiPort: 8729, useTls: true);
        await StartAsync();
        _gateway.Healthy(_router.Id);
        _gateway.Certificate = new RouterCertificate(new string('a', 64), "CN=NBO-2", _services.Clock.Now.AddYears(1));
        await PollAsync();
        await _store.StoreAsync(Ct);
        Assert.Equal(new string('a', 64), (await StoredAsync()).CertificateFingerprint);

        _gateway.Certificate = _gateway.Certificate with { Fingerprint = new string('b', 64) };
        await StartAsync();
        await PollAsync();
        await _store.StoreAsync(Ct);

        Assert.Equal(new string('a', 64), (await StoredAsync()).CertificateFingerprint);
    }

    [Fact]
    public async Task A_steady_router_is_written_once_a_minute_and_not_at_each_poll()
    {
        _gateway.Healthy(_router.Id);
        await PollAsync();
        await _store.StoreAsync(Ct);
        var first = (await StoredAsync()).LastSeenAt;

        await PollAsync();
        await _store.StoreAsync(Ct);
        Assert.Equal(first, (await StoredAsync()).LastSeenAt);

        _services.Clock.Advance(TimeSpan.FromMinutes(1));
        await PollAsync();
        await _store.StoreAsync(Ct);
        Assert.True((await StoredAsync()).LastSeenAt > first);
    }

    [Fact]
    public async Task What_cannot_be_stored_is_kept_and_stored_later()
    {
        _gateway.Healthy(_router.Id);
        await PollAsync();
        await using (var owner = _services.Open(_company.Id))
        {
            await owner.Database.ExecuteSqlAsync($"ALTER TABLE routers RENAME TO routers_away", Ct);
            await _store.StoreAsync(Ct);
            await owner.Database.ExecuteSqlAsync($"ALTER TABLE routers_away RENAME TO routers", Ct);
        }

        Assert.Equal(RouterState.Unknown, (await StoredAsync()).State);
        await _store.StoreAsync(Ct);

        Assert.Equal(RouterState.Up, (await StoredAsync()).State);
    }

    [Fact]
    public async Task Observing_leaves_no_line_in_the_audit_trail()
    {
        _gateway.Healthy(_router.Id);
        await using var db = _company.Open();
        var before = await db.AuditEntries.CountAsync(Ct);

        await PollAsync();
        await _store.StoreAsync(Ct);

        Assert.Equal(before, await db.AuditEntries.CountAsync(Ct));
    }

    private RouterEndpoint Endpoint() => new(_router.Id, _router.Host, _router.ApiPort, _router.UseTls, _router.CertificateFingerprint, "u", "p");

    private async Task StartAsync(LinePush push = LinePush.None)
    {
        _router = await StoredAsync();
        var scopes = _services.Provider.GetRequiredService<TenantScopes>();
        var evidence = new RadiusEvidence(scopes, Microsoft.Extensions.Options.Options.Create(_options), _services.Clock, NullLogger<RadiusEvidence>.Instance);
        _actor = new RouterActor(
            new PolledRouter(_company.Id, _router.Id, _router.Name, Endpoint()) { Push = push, TakesUnbound = true },
            new PollingServices(_gateway, _metrics, _store, evidence, _options, _services.Clock, new SemaphoreSlim(1), new SemaphoreSlim(1), () => 0.5, _lines));
    }

    private async Task PollAsync() => _services.Clock.Advance(await _actor.PollAsync(Ct));

    private int Asked(string path) => _gateway.Asked.Count(a => a.Command.Path == path);

    private async Task<Router> StoredAsync()
    {
        await using var db = _company.Open();
        return await db.Routers.AsNoTracking().SingleAsync(r => r.Id == _router.Id, Ct);
    }

    private async Task<List<NetworkEvent>> EventsAsync()
    {
        await using var db = _company.Open();
        return await db.NetworkEvents.Where(e => e.RouterId == _router.Id).OrderBy(e => e.Id).ToListAsync(Ct);
    }
}
