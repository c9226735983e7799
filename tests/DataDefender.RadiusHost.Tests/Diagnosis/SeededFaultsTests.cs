using System.Diagnostics;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Monitoring.Alerts;
using DataDefender.Domain.Monitoring.Diagnosis;
using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Network;
using DataDefender.Domain.Notifications.Staff;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Topology;
using DataDefender.Infrastructure.Monitoring;
using DataDefender.Infrastructure.Monitoring.Alerts;
using DataDefender.Infrastructure.Network.Polling;
using DataDefender.Infrastructure.Network.RouterOs;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Sandbox;
using DataDefender.Sandbox.RouterOs;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Fault = DataDefender.Domain.Monitoring.Diagnosis.Fault;

namespace DataDefender.RadiusHost.Tests.Diagnosis;

/// <summary>
/// Faults as life makes them: real logins and accounting over UDP to RadiusHost, simulated routers polled over their API, the pulse over
/// HTTP, incidents opened by the watch; then the doctor is asked for each. Ages that a test cannot wait for are written to the rows.
/// </summary>
public sealed class SeededFaultsTests : IAsyncLifetime
{
    private const string Token = "status-token-for-the-test";
    private const string Mac = "02:00:5E:00:53:";
    private readonly List<(string Line, Fault Expected)> _seeded = [];
    private readonly Dictionary<string, Guid> _lines = [];
    private readonly List<IHostedService> _running = [];
    private TestDatabase _database = null!;
    private TestServices _services = null!;
    private TestCompany _company = null!;
    private SandboxWorld _world = null!;
    private RunningHost _host = null!;
    private ServicePackage _package = null!;
    private int _mac;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private LiveMetrics Metrics => _services.Provider.GetRequiredService<LiveMetrics>();

    private static DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _world = await SandboxWorld.StartAsync(new SandboxOptions
        {
            AutoDial = false,
            Routers = [.. ((string[])["UP", "DARK", "SITE-1", "SITE-2", "WORK"]).Select(n => new RouterOptions { Name = n, Personality = "v7.22", User = "poller", Password = "pw", BootSeconds = 0.2 })],
        });
        _host = await RunningHost.StartAsync(_database, ("Radius:StatusToken", Token));
        _services = TestServices.Over(_database, services =>
        {
            services.AddSingleton(TimeProvider.System).AddSingleton<LiveMetrics>();
            services.AddRouterOs().AddRouterPolling().AddMonitoring().AddAlerts();
            services.AddScoped<DiagnosisService>();
            services.Configure<RouterOsOptions>(o => (o.DeniedNetworks, o.ConnectTimeout, o.ReadTimeout) = ("", TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.5)));
            services.Configure<PollingOptions>(o =>
            {
                o.Interval = TimeSpan.FromSeconds(0.6);
                o.ReloadInterval = o.StoreInterval = o.FirstBackOff = o.LongestBackOff = TimeSpan.FromSeconds(0.2);
            });
            services.Configure<AlertWatchOptions>(o => (o.Interval, o.ReadInterval, o.UpkeepInterval, o.CompaniesInterval) = (TimeSpan.FromSeconds(0.3), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
            services.Configure<RadiusStatusOptions>(o => (o.StatusUrl, o.StatusToken) = (_host.StatusUrl.ToString(), Token));
        });
        _company = await TestCompany.CreateAsync(_services);
        await _company.AddSettingsAsync();
        _package = await _company.AddPackageAsync("Home 10");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _running)
        {
            await service.StopAsync(CancellationToken.None);
        }

        await _host.DisposeAsync();
        await _services.DisposeAsync();
        await _world.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Nearly_every_seeded_fault_is_named_and_nothing_old_makes_certain()
    {
        await DeviceAsync("UP", "nas-up");
        await DeviceAsync("DARK", "nas-dark");
        await DeviceAsync("SITE-1", "nas-site", "Ruiru");
        await DeviceAsync("SITE-2", "nas-site-2", "Ruiru");
        var work = await DeviceAsync("WORK", "nas-work");
        var off = await _company.AddNasAsync("127.0.0.1", identifier: "nas-off");
        var secret = await _company.AddNasAsync("127.0.0.1", "the-right-secret", identifier: "nas-secret");
        await _company.AddNasAsync("127.0.0.1", identifier: "nas-restart");
        var ports = _world["UP"].Personality.EthernetPorts;

        await SeedSalesAsync();
        await SeedLoginsAsync();
        await SeedEndsAsync(ports[1]);
        await SeedPlacesAsync(ports);
        await _host.AppliedAsync();
        await AgeAsync(off, work);
        await StartAsync();
        await DarkenAsync(ports[3]);
        await SeedAreaAsync(ports[2]);
        await SettleAsync();
        await ForgeAsync(secret.Id);

        var missed = await ScoreAsync();
        await _host.StopAsync();
        await Eventually.Is(() => Metrics.Feed is { Problem: not null, Since: not null });
        missed += await ScoreAsync(("radius-down", Fault.RadiusDown));

        TestContext.Current.SendDiagnosticMessage($"{_seeded.Count + 1 - missed} of {_seeded.Count + 1} seeded faults were named.");
        TestContext.Current.TestOutputHelper!.WriteLine($"{_seeded.Count + 1 - missed} of {_seeded.Count + 1} seeded faults were named.");
        Assert.True(_seeded.Count + 1 >= 30, $"{_seeded.Count + 1} faults were seeded.");
        Assert.True(missed <= 2, $"{missed} faults were not named; the output says which.");
    }

    private async Task SeedSalesAsync()
    {
        await LineAsync("pending", Fault.NotActivated, SubscriptionState.Pending);
        await LoginAsync("pending");
        await LineAsync("ended", Fault.Disconnected, SubscriptionState.Disconnected);
        await LoginAsync("ended");
        await LineAsync("unpaid", Fault.Suspended, SubscriptionState.Suspended);
        await LineAsync("garden", Fault.WalledGarden, SubscriptionState.Suspended);
        await LoginAsync("garden");
        await StartAsync("garden");
        await LineAsync("expired", Fault.Expired);
        await ChangeAsync("expired", line => line.Obey(new LineLimit(LimitKind.Expired, null, 0, 0, "The paid time ended yesterday.", null), Now));
        await LineAsync("quota", Fault.OverQuota);
        await ChangeAsync("quota", line => line.Obey(new LineLimit(LimitKind.DataQuota, QuotaAction.Refuse, 0, 0, "100 GB of 100 GB are used.", null), Now));
        await LoginAsync("quota");
        await LineAsync("never", Fault.NeverDialled);
        await LineAsync("stuck", Fault.ChangeNotApplied);
        await StartAsync("stuck");
        await CommandAsync("stuck", LineAction.Apply, LineCommandStatus.Failed, "restored");
    }

    private async Task SeedLoginsAsync()
    {
        await LineAsync("typo", Fault.WrongPassword);
        await LoginAsync("typo", "wrong");
        await LineAsync("renewed", Fault.PasswordChanged);
        await StartAsync("renewed");
        await StopAsync("renewed", "User-Request");
        await _host.AppliedAsync();
        await ChangeAsync("renewed", async line => line.SetPassword(await _company.ProtectAsync(line.PasswordPlace(), "brand-new")));
        await KnownAsync(() => RefusedAsync("renewed", HostFixture.Password));
        await LineAsync("amina", Fault.TypedUsername);
        var mac = await StartAsync("amina");
        await StopAsync("amina", "User-Request");
        await LoginAsync("aminna", mac: mac);
        await LineAsync("locked", Fault.WrongCaller);
        await ChangeAsync("locked", line => line.LockToCaller("02:AA:AA:AA:AA:AA"));
        await KnownAsync(() => RefusedAsync("locked", HostFixture.Password));
        await LineAsync("moved", Fault.WrongPlace);
        await ChangeAsync("moved", line => line.Bind(LineBinding.None with { PortId = "ether9" }));
        await KnownAsync(() => RefusedAsync("moved", HostFixture.Password));
        await LineAsync("ghost", Fault.GhostSession);
        await StartAsync("ghost");
        await LoginAsync("ghost");
        await LineAsync("shared", Fault.SharedCredentials);
        await StartAsync("shared");
        await LoginAsync("shared");
        await LineAsync("eap", Fault.UnsupportedMethod);
        await SendAsync(Client("nas-up").PppoeRequest("eap", NextMac()).AddOctets("EAP-Message", [2, 1, 0, 5, 1]));
        await LineAsync("full", Fault.AcceptedNoSession);
        await LoginAsync("full");
    }

    private async Task SeedEndsAsync(string port)
    {
        await LineAsync("neighbour", null);
        await StartAsync("neighbour", port: port);
        (string, string, Fault)[] ends =
        [
            ("cable", "Lost-Carrier", Fault.CustomerSide), ("hungup", "User-Request", Fault.ClientHungUp), ("kicked", "Admin-Reset", Fault.DroppedOnRouter),
            ("daily", "Session-Timeout", Fault.SessionTimeout), ("idle", "Idle-Timeout", Fault.IdleTimeout), ("error", "NAS-Error", Fault.NasEnded), ("dropped", "Admin-Reset", Fault.DroppedByUs),
        ];
        foreach (var (name, cause, fault) in ends)
        {
            await LineAsync(name, fault);
            await StartAsync(name, port: port);
            await StopAsync(name, cause, port: port);
        }

        await CommandAsync("dropped", LineAction.Drop, LineCommandStatus.Done, "package changed");
        await LineAsync("shaky", Fault.UnstableLine);
        for (var i = 0; i < 6; i++)
        {
            await StartAsync("shaky", port: port, session: $"shaky-{i}");
            await StopAsync("shaky", "Lost-Carrier", port: port, session: $"shaky-{i}");
        }
    }

    private async Task SeedPlacesAsync(IReadOnlyList<string> ports)
    {
        await LineAsync("dark-line", Fault.RouterDown);
        await StartAsync("dark-line", "nas-dark");
        await LineAsync("site-line", Fault.UpstreamDown);
        await StartAsync("site-line", "nas-site");
        await LineAsync("work-line", Fault.PlannedWork);
        await StartAsync("work-line", "nas-work");
        await LineAsync("unplugged", Fault.PortDown);
        await EndAsync("unplugged", "Lost-Carrier", ports[4]);
        await LineAsync("disabled-port", Fault.PortDisabled);
        await EndAsync("disabled-port", "Lost-Carrier", ports[3]);
        await LineAsync("off-line", Fault.NasDisabled);
        await EndAsync("off-line", "Lost-Carrier", "ether2", "nas-off");
        await LineAsync("secret-line", Fault.SecretMismatch);
        await StartAsync("secret-line", "nas-secret", secret: "the-right-secret");
        await StopAsync("secret-line", "Lost-Carrier", "nas-secret", secret: "the-right-secret");
        await LineAsync("rebooted", Fault.NasRestarted);
        await StartAsync("rebooted", "nas-restart");
        await _host.AppliedAsync();
        var on = Client("nas-restart").AccountingRequest(AcctStatusType.AccountingOn, "");
        on.RemoveAll("User-Name");
        await SendAsync(on);
        await LineAsync("radius-down", null);
    }

    private async Task SeedAreaAsync(string port)
    {
        var neighbours = Enumerable.Range(1, 7).Select(i => $"estate-{i}").ToList();
        foreach (var name in neighbours)
        {
            await LineAsync(name, name == "estate-1" ? Fault.AreaOutage : null);
            await StartAsync(name, port: port);
        }

        await _host.AppliedAsync();
        await Task.Delay(TimeSpan.FromSeconds(1), Ct); // the watch has seen them come
        foreach (var name in neighbours)
        {
            await StopAsync(name, "Lost-Carrier", port: port);
        }

        await _host.AppliedAsync();
    }

    /// <summary>What a test cannot wait for.</summary>
    private async Task AgeAsync(Nas off, Nas work)
    {
        var (hour, minutes) = (Now.AddHours(-1), Now.AddMinutes(-4));
        await using var db = _company.Open();
        Guid[] old = [_lines["ghost"], _lines["dark-line"], _lines["site-line"], _lines["work-line"]];
        await db.LiveSessions.Where(s => s.SubscriptionId != null && old.Contains(s.SubscriptionId.Value)).ExecuteUpdateAsync(set => set.SetProperty(s => s.UpdatedAt, hour).SetProperty(s => s.StartedAt, hour), Ct);
        await Eventually.Is(async () => await db.LoginAttempts.AnyAsync(a => a.Username == "full", Ct));
        var full = _lines["full"];
        await db.LoginAttempts.Where(a => a.SubscriptionId == full).ExecuteUpdateAsync(set => set.SetProperty(a => a.At, minutes), Ct);
        var input = new NasInput { Name = off.Name, Address = off.Address, Identifier = off.Identifier, IsEnabled = false };
        var tracked = await db.NasDevices.SingleAsync(n => n.Id == off.Id, Ct);
        tracked.Change(input);
        db.MaintenanceWindows.Add(new MaintenanceWindow(_company.Id, new MaintenanceInput { From = Now.AddMinutes(-5), Until = Now.AddHours(1), RouterId = work.RouterId, Reason = "New battery at the tower" }, "test"));
        await AlertRuleService.EnsureDefaultsAsync(db, Ct);
        await db.SaveChangesAsync(Ct);
        await db.AlertRules.Where(r => r.Kind == AlertKind.RouterDown).ExecuteUpdateAsync(set => set.SetProperty(r => r.DelaySeconds, 0), Ct);
    }

    private async Task StartAsync()
    {
        foreach (var service in _services.Provider.GetServices<IHostedService>().Where(s => s.GetType().Name is "RouterPoller" or "RadiusPulseFeed" or "AlertWatch"))
        {
            await service.StartAsync(Ct);
            _running.Add(service);
        }

        await Eventually.Is(() => Metrics.Feed.IsHeard && Metrics.Latest(_company.Id).Count(s => s.State is RouterState.Up) == 5);
    }

    private async Task DarkenAsync(string port)
    {
        var up = Metrics.Latest(_company.Id).Single(s => s.Name == "UP");
        await using (var db = _company.Open())
        {
            var router = await db.Routers.SingleAsync(r => r.Id == up.RouterId, Ct);
            var endpoint = router.Endpoint(await _services.Vault.OpenAsync(_company.Id));
            var gateway = _services.Provider.GetRequiredService<IRouterGateway>();
            var found = Assert.IsType<RouterOutcome.Done>(await gateway.PrintAsync(endpoint, "/interface", [RouterQuery.Is("name", port)], [".id"], Ct));
            Assert.IsType<RouterOutcome.Done>(await gateway.ExecuteAsync(endpoint, RouterCommand.Set("/interface", found.Rows[0].Id, [("disabled", "yes")]), Ct));
        }

        foreach (var name in (string[])["DARK", "SITE-1", "SITE-2", "WORK"])
        {
            _world[name].Faults.On(Sandbox.Fault.Refused);
        }
    }

    /// <summary>As late as it can be: what counts is the last minute.</summary>
    private async Task ForgeAsync(Guid nas)
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i =>
            Client("nas-secret", "another-secret").ExchangeAsync(Client("nas-secret").AccountingRequest(AcctStatusType.Start, "secret-line", $"bad-{i}"), Ct)));
        await Eventually.Is(() => Metrics.NasMinutes(_company.Id).GetValueOrDefault(nas) is { BadAuthenticators: >= 3 });
    }

    private async Task SettleAsync()
    {
        await Eventually.Is(() => Metrics.Latest(_company.Id).Count(s => s.State is RouterState.Down) == 4);
        await Eventually.Is(async () =>
        {
            await using var db = _company.Open();
            return await db.Incidents.CountAsync(i => i.ResolvedAt == null && (i.CauseKey.StartsWith("mass:") || i.CauseKey.StartsWith("site:") || i.CauseKey.StartsWith("router:")), Ct) >= 3;
        }, TimeSpan.FromSeconds(40));
        await Eventually.Is(async () => (await FactsAsync("disabled-port")).Router?.Port is { Disabled: true });
    }

    private async Task<int> ScoreAsync(params (string, Fault)[] only)
    {
        var missed = 0;
        var slowest = TimeSpan.Zero;
        foreach (var (name, expected) in only.Length > 0 ? only : [.. _seeded])
        {
            await using var scope = _services.Scope(_company.Id, Role.Support);
            var began = Stopwatch.GetTimestamp();
            var diagnosis = await scope.ServiceProvider.GetRequiredService<DiagnosisService>().DiagnoseAsync(_lines[name], Ct);
            var took = Stopwatch.GetElapsedTime(began);
            slowest = took > slowest ? took : slowest;
            var first = diagnosis.Verdicts[0];
            missed += first.Fault == expected ? 0 : 1;
            TestContext.Current.TestOutputHelper!.WriteLine($"{(first.Fault == expected ? "named " : "MISSED")} {name}: {expected}; said {first.Fault} ({first.Confidence}): {first.Title}. {string.Join(" ", first.Evidence.Select(e => e.Text))}");
            Assert.All(diagnosis.Verdicts, v => Assert.False(v.IsCertain && v.Evidence.Any(e => e.IsStale(diagnosis.At)), $"{name}: {v.Title} is certain by old evidence"));

            // The same facts two hours later: what was live is old by then.
            var later = LineDoctor.Diagnose(await FactsAsync(name) with { Now = diagnosis.At.AddHours(2) });
            Assert.All(later, v => Assert.False(
                v.IsCertain && v.Fault is Fault.RouterDown or Fault.PortDown or Fault.PortDisabled or Fault.WrongPassword or Fault.Online or Fault.SecretMismatch && v.Evidence.All(e => e.GoodFor is not null),
                $"{name}: {v.Title} is certain two hours later"));
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"The slowest diagnosis took {slowest.TotalMilliseconds:0} ms.");
        Assert.True(slowest < TimeSpan.FromSeconds(5), $"A diagnosis took {slowest}."); // under a second on a machine that does nothing else
        return missed;
    }

    private async Task<DataDefender.Domain.Monitoring.Diagnosis.LineFacts> FactsAsync(string name)
    {
        await using var scope = _services.Scope(_company.Id, Role.Support);
        return await scope.ServiceProvider.GetRequiredService<DiagnosisService>().ReadAsync(_lines[name], Ct);
    }

    private async Task<Nas> DeviceAsync(string name, string identifier, string? site = null)
    {
        var router = await _company.AddRouterAsync(name, "127.0.0.1", _world[name].ApiEndPoint!.Port, "poller", "pw");
        if (site is not null)
        {
            await using var db = _company.Open();
            var place = await db.Sites.FirstOrDefaultAsync(s => s.Name == site, Ct) ?? db.Sites.Add(new Site(_company.Id, new SiteInput { Name = site }, Now)).Entity;
            (await db.Routers.SingleAsync(r => r.Id == router.Id, Ct)).StandAt(place.Id);
            await db.SaveChangesAsync(Ct);
        }

        var nas = await _company.AddNasAsync("127.0.0.1", router: router, identifier: identifier);
        await Eventually.Is(() => _host.Service<Lines.LineDirectory>().Content.Nas.All.Any(n => n.Id == nas.Id));
        return nas;
    }

    private async Task LineAsync(string name, Fault? expected, SubscriptionState state = SubscriptionState.Active)
    {
        var line = await _company.AddSubscriptionAsync(package: _package, username: name, password: HostFixture.Password, state: state);
        _lines[name] = line.Id;
        await Eventually.Is(() => _host.Service<Lines.LineDirectory>().Content.Companies[_company.Id].Find(line.Id) is not null);
        if (expected is { } fault)
        {
            _seeded.Add((name, fault));
        }
    }

    private async Task EndAsync(string name, string cause, string port, string nas = "nas-up")
    {
        await StartAsync(name, nas, port: port);
        await StopAsync(name, cause, nas, port: port);
    }

    private async Task ChangeAsync(string name, Action<Subscription> change) => await ChangeAsync(name, line =>
    {
        change(line);
        return Task.CompletedTask;
    });

    private async Task ChangeAsync(string name, Func<Subscription, Task> change)
    {
        var id = _lines[name];
        await using var db = _company.Open();
        await change(await db.Subscriptions.SingleAsync(s => s.Id == id, Ct));
        await db.SaveChangesAsync(Ct);
        await Task.Delay(TimeSpan.FromMilliseconds(700), Ct); // RadiusHost reads its feed four times a second
    }

    private async Task CommandAsync(string name, LineAction action, LineCommandStatus status, string because)
    {
        var command = new LineCommand(_company.Id, _lines[name], action, because, "Wanjiku", Now);
        command.Complete(status, null, status is LineCommandStatus.Failed ? "The router did not answer." : null, Now);
        await using var db = _company.Open();
        db.LineCommands.Add(command);
        await db.SaveChangesAsync(Ct);
    }

    private RadiusTestClient Client(string nas, string secret = HostFixture.Secret) => _host.Client(secret, nas);

    private string NextMac() => $"{Mac}{++_mac:X2}";

    private async Task LoginAsync(string user, string password = HostFixture.Password, string? mac = null, string nas = "nas-up")
    {
        var client = Client(nas);
        await SendAsync(client.PppoeRequest(user, mac ?? NextMac()).AddPapPassword(password, client.Secret));
    }

    private async Task<bool> RefusedAsync(string user, string password)
    {
        var client = Client("nas-up");
        return (await client.AskAsync(client.PppoeRequest(user, NextMac()).AddPapPassword(password, client.Secret), Ct)).Code == RadiusCode.AccessReject;
    }

    private static Task KnownAsync(Func<Task<bool>> refused) => Eventually.Is(refused);

    private async Task<string> StartAsync(string user, string nas = "nas-up", string port = "ether2", string? session = null, string secret = HostFixture.Secret)
    {
        var mac = NextMac();
        await SendAsync(Accounting(AcctStatusType.Start, user, nas, port, session, secret, mac), nas, secret);
        return mac;
    }

    private Task StopAsync(string user, string cause, string nas = "nas-up", string port = "ether2", string? session = null, string secret = HostFixture.Secret)
    {
        var stop = Accounting(AcctStatusType.Stop, user, nas, port, session, secret, $"{Mac}{_mac:X2}").Add("Acct-Terminate-Cause", cause).Add("Acct-Session-Time", 1u);
        return SendAsync(stop, nas, secret);
    }

    private RadiusMessage Accounting(AcctStatusType type, string user, string nas, string port, string? session, string secret, string mac)
    {
        var message = Client(nas, secret).AccountingRequest(type, user, session ?? $"{user}-1");
        message.RemoveAll("Calling-Station-Id");
        message.RemoveAll("NAS-Port-Id");
        return message.Add("Calling-Station-Id", mac).Add("NAS-Port-Id", port);
    }

    private async Task SendAsync(RadiusMessage message, string nas = "nas-up", string secret = HostFixture.Secret) => await Client(nas, secret).AskAsync(message, Ct);
}
