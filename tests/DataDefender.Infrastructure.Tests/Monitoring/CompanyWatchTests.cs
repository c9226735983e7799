using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Monitoring.Alerts;
using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Network;
using DataDefender.Domain.Notifications.Staff;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Topology;
using DataDefender.Infrastructure.Monitoring.Alerts;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Monitoring;

public sealed class CompanyWatchTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    private TestServices _services = null!;
    private TestCompany _company = null!;
    private AlertWatch _watch = null!;

    private ManualClock Clock => _services.Clock;

    private LiveMetrics Metrics => _services.Provider.GetRequiredService<LiveMetrics>();

    [Theory, EachDatabase]
    public async Task A_router_that_goes_down_becomes_one_incident_with_its_clients_and_is_over_when_it_is_back(DatabaseProvider provider)
    {
        await BeginAsync(provider);
        var operatorId = (await _company.AddStaffAsync(Role.NocOperator)).Id;
        await _company.AddStaffAsync(Role.Sales);
        var router = await _company.AddRouterAsync("NBO-1");
        var lines = await OnlineAsync(await _company.AddNasAsync(router: router), 3);
        await PassAsync(15, () => Publish(router, RouterState.Up)); // the new router is read

        await PassAsync(5, () => Publish(router, RouterState.Down));
        Assert.Empty(await IncidentsAsync()); // its delay
        await PassAsync(25, () => Publish(router, RouterState.Down));

        var incident = Assert.Single(await IncidentsAsync());
        Assert.Equal(("NBO-1 is down", EventSeverity.Critical, 3, true), (incident.Title, incident.Severity, incident.Affected, incident.IsOpen));
        Assert.Equal(lines.Order(), (await DbAsync(db => db.IncidentLines.Where(l => l.IncidentId == incident.Id).Select(l => l.SubscriptionId).ToListAsync())).Order());
        var notice = Assert.Single(await DbAsync(db => db.StaffNotifications.ToListAsync()));
        Assert.Equal((operatorId, $"/incidents/{incident.Id}"), (notice.StaffId, notice.Href));
        Assert.Contains("3 clients", notice.Text, StringComparison.Ordinal);

        await PassAsync(10, () => Publish(router, RouterState.Down));
        Assert.Equal(3 * 250_000 / 730, (await IncidentsAsync())[0].CostPerHourMinor);

        await PassAsync(70, () => Publish(router, RouterState.Up));
        incident = Assert.Single(await IncidentsAsync());
        Assert.NotNull(incident.ResolvedAt);
        Assert.Equal([IncidentAct.Opened, IncidentAct.Resolved], await DbAsync(db => db.IncidentEntries.OrderBy(e => e.Id).Select(e => e.Act).ToListAsync()));
        Assert.Single(await DbAsync(db => db.StaffNotifications.ToListAsync()));
    }

    [Theory, EachDatabase]
    public async Task After_a_restart_the_incident_goes_on_and_nobody_is_told_again(DatabaseProvider provider)
    {
        await BeginAsync(provider);
        await _company.AddStaffAsync(Role.NocOperator);
        var router = await _company.AddRouterAsync("NBO-1");
        await PassAsync(40, () => Publish(router, RouterState.Down));
        var before = Assert.Single(await IncidentsAsync());

        Restart();
        Metrics.Forget(_company.Id, router.Id); // nothing is known right after a start
        await PassAsync(30, () => { });
        Assert.True((await DbAsync(db => db.IncidentAlerts.SingleAsync())).IsStale);
        await PassAsync(30, () => Publish(router, RouterState.Down));

        var after = Assert.Single(await IncidentsAsync());
        Assert.Equal((before.Id, true), (after.Id, after.IsOpen));
        Assert.Single(await DbAsync(db => db.StaffNotifications.ToListAsync()));
        Assert.False((await DbAsync(db => db.IncidentAlerts.SingleAsync())).IsStale);
    }

    [Fact]
    public async Task A_router_that_is_unknown_is_no_incident()
    {
        await BeginAsync(DatabaseProvider.Sqlite);
        var router = await _company.AddRouterAsync("NBO-1");

        await PassAsync(300, () => Publish(router, RouterState.Unknown));

        Assert.Empty(await IncidentsAsync());
    }

    [Fact]
    public async Task Routers_of_a_site_that_go_together_become_one_incident_though_they_are_noticed_one_after_the_other()
    {
        await BeginAsync(DatabaseProvider.Sqlite);
        var (first, second) = (await AtSiteAsync("RUI-1", "Ruiru"), await AtSiteAsync("RUI-2", "Ruiru"));
        await PassAsync(30, () => Publish(first, RouterState.Down));
        Assert.Equal("RUI-1 is down", Assert.Single(await IncidentsAsync()).Title);

        await PassAsync(30, () => { Publish(first, RouterState.Down); Publish(second, RouterState.Down); });

        var incident = Assert.Single(await IncidentsAsync());
        Assert.Equal(("Ruiru: 2 routers are down", "Ruiru", true), (incident.Title, incident.Site, incident.IsOpen));
    }

    [Fact]
    public async Task What_hangs_on_a_router_that_is_down_joins_its_incident_also_when_it_was_noticed_first()
    {
        await BeginAsync(DatabaseProvider.Sqlite);
        var (tower, estate) = (await _company.AddRouterAsync("TOWER"), await _company.AddRouterAsync("ESTATE"));
        await using (var db = _company.Open())
        {
            (await db.Routers.SingleAsync(r => r.Id == estate.Id)).ReachOver(tower.Id);
            await db.SaveChangesAsync();
        }

        await PassAsync(40, () => Publish(estate, RouterState.Down));
        Assert.Equal("ESTATE is down", Assert.Single(await IncidentsAsync()).Title);
        await PassAsync(40, () => { Publish(estate, RouterState.Down); Publish(tower, RouterState.Down); });

        var incident = Assert.Single(await IncidentsAsync());
        Assert.Equal(("TOWER is down, and 1 router behind it", (Guid?)tower.Id, true), (incident.Title, incident.RouterId, incident.IsOpen));
    }

    [Theory, EachDatabase]
    public async Task A_router_that_goes_again_soon_after_opens_its_incident_again_with_its_clients_offline(DatabaseProvider provider)
    {
        await BeginAsync(provider);
        var router = await _company.AddRouterAsync("NBO-1");
        var lines = await OnlineAsync(await _company.AddNasAsync(router: router), 3);
        await PassAsync(15, () => Publish(router, RouterState.Up));
        await PassAsync(40, () => Publish(router, RouterState.Down));
        Assert.Equal(3, await OfflineAsync());
        await PassAsync(90, () => Publish(router, RouterState.Up));
        Assert.False(Assert.Single(await IncidentsAsync()).IsOpen);
        await HeardAsync(lines);
        Assert.Equal(0, await OfflineAsync());

        var again = Clock.Now;
        await PassAsync(60, () => Publish(router, RouterState.Down));

        var incident = Assert.Single(await IncidentsAsync());
        Assert.Equal((true, 3), (incident.IsOpen, incident.Affected));
        Assert.Equal(3, await OfflineAsync());
        Assert.All(await DbAsync(db => db.IncidentLines.ToListAsync()), l => Assert.True(l.LostAt >= again));
    }

    [Theory, EachDatabase]
    public async Task A_router_that_was_back_for_a_moment_only_has_its_clients_offline_again(DatabaseProvider provider)
    {
        await BeginAsync(provider);
        var router = await _company.AddRouterAsync("NBO-1");
        var lines = await OnlineAsync(await _company.AddNasAsync(router: router), 3);
        await PassAsync(15, () => Publish(router, RouterState.Up));
        await PassAsync(40, () => Publish(router, RouterState.Down));
        await PassAsync(10, () => Publish(router, RouterState.Up));
        await HeardAsync(lines[..2]);
        await PassAsync(15, () => Publish(router, RouterState.Up));
        Assert.Equal((true, 1), (Assert.Single(await IncidentsAsync()).IsOpen, await OfflineAsync()));
        var lost = (await DbAsync(db => db.IncidentLines.SingleAsync(l => l.SubscriptionId == lines[2]))).LostAt;

        await PassAsync(30, () => Publish(router, RouterState.Down));

        Assert.Equal((3, 3), (Assert.Single(await IncidentsAsync()).Affected, await OfflineAsync()));
        Assert.Equal(lost, (await DbAsync(db => db.IncidentLines.SingleAsync(l => l.SubscriptionId == lines[2]))).LostAt); // that one was never back
    }

    [Fact]
    public async Task Lines_that_go_together_a_second_time_within_one_incident_are_offline_again()
    {
        await BeginAsync(DatabaseProvider.Sqlite);
        var router = await _company.AddRouterAsync("NBO-1");
        var nas = await _company.AddNasAsync(router: router);
        var lines = await OnlineAsync(nas, 10, "ether5");
        await OnlineAsync(nas, 8, "ether6");
        await PassAsync(15, () => Publish(router, RouterState.Up));
        await StopAsync(lines, "Lost-Carrier");
        await PassAsync(10, () => Publish(router, RouterState.Up));
        await RedialAsync(nas, lines[..7], "ether5");
        await PassAsync(20, () => Publish(router, RouterState.Up));
        Assert.Equal((true, 3), (Assert.Single(await IncidentsAsync()).IsOpen, await OfflineAsync()));

        await StopAsync(lines[..7], "Lost-Carrier");
        await PassAsync(20, () => Publish(router, RouterState.Up));

        Assert.Equal((10, 10), (Assert.Single(await IncidentsAsync()).Affected, await OfflineAsync()));
    }

    [Fact]
    public async Task Clients_of_a_router_that_answers_are_not_counted_to_the_one_above_it_that_is_down()
    {
        await BeginAsync(DatabaseProvider.Sqlite);
        var (tower, estate) = (await _company.AddRouterAsync("TOWER"), await _company.AddRouterAsync("ESTATE"));
        await using (var db = _company.Open())
        {
            (await db.Routers.SingleAsync(r => r.Id == estate.Id)).ReachOver(tower.Id);
            await db.SaveChangesAsync();
        }

        await OnlineAsync(await _company.AddNasAsync(router: tower), 2);
        await OnlineAsync(await _company.AddNasAsync(router: estate), 5);
        await PassAsync(15, () => { Publish(tower, RouterState.Up); Publish(estate, RouterState.Up); });

        await PassAsync(40, () => { Publish(tower, RouterState.Down); Publish(estate, RouterState.Up); });

        var incident = Assert.Single(await IncidentsAsync());
        Assert.Equal(("TOWER is down", 2), (incident.Title, incident.Affected));
    }

    [Fact]
    public async Task Planned_work_keeps_silence_until_it_is_over()
    {
        await BeginAsync(DatabaseProvider.Sqlite);
        var router = await _company.AddRouterAsync("NBO-1");
        await using (var db = _company.Open())
        {
            db.MaintenanceWindows.Add(new MaintenanceWindow(_company.Id, new MaintenanceInput { From = Clock.Now, Until = Clock.Now.AddMinutes(3), RouterId = router.Id, Reason = "New mast" }, "test"));
            await db.SaveChangesAsync();
        }

        await PassAsync(150, () => Publish(router, RouterState.Down));
        Assert.Empty(await IncidentsAsync());
        await PassAsync(60, () => Publish(router, RouterState.Down));

        Assert.Single(await IncidentsAsync());
    }

    [Theory, EachDatabase]
    public async Task Stops_that_come_together_are_an_incident_at_the_next_look_and_it_is_over_when_the_clients_are_back(DatabaseProvider provider)
    {
        await BeginAsync(provider);
        var router = await _company.AddRouterAsync("NBO-1");
        var nas = await _company.AddNasAsync(router: router);
        var lines = await OnlineAsync(nas, 8, "ether5");
        await OnlineAsync(nas, 8, "ether6");
        await PassAsync(15, () => Publish(router, RouterState.Up));

        await StopAsync(lines, "Lost-Carrier");
        await TickAsync();

        var incident = Assert.Single(await IncidentsAsync());
        Assert.EndsWith($"8 clients lost at once: ether5 of {nas.Name}", incident.Title, StringComparison.Ordinal);
        Assert.Equal((8, nas.Id, (Guid?)router.Id), (incident.Affected, incident.NasId!.Value, incident.RouterId));

        Restart();
        await PassAsync(20, () => Publish(router, RouterState.Up));
        Assert.True(Assert.Single(await IncidentsAsync()).IsOpen);

        await RedialAsync(nas, lines[..7]);
        await PassAsync(20, () => Publish(router, RouterState.Up));
        incident = Assert.Single(await IncidentsAsync());
        Assert.NotNull(incident.ResolvedAt);
    }

    [Fact]
    public async Task Lines_that_we_dropped_ourselves_are_no_mass_disconnect()
    {
        await BeginAsync(DatabaseProvider.Sqlite);
        var lines = await OnlineAsync(await _company.AddNasAsync(router: await _company.AddRouterAsync()), 8, "ether5");
        await PassAsync(15, () => { });

        await StopAsync(lines, "Admin-Reset");
        await PassAsync(3, () => { });

        Assert.Empty(await IncidentsAsync());
    }

    [Fact]
    public async Task Another_company_hears_nothing_of_it()
    {
        await BeginAsync(DatabaseProvider.Sqlite);
        var other = await TestCompany.CreateAsync(_services, "Coast Net");
        await other.AddStaffAsync(Role.NocOperator);
        var router = await _company.AddRouterAsync("NBO-1");

        await PassAsync(60, () => Publish(router, RouterState.Down));

        await using var db = other.Open();
        Assert.Equal((0, 0), (await db.Incidents.CountAsync(), await db.StaffNotifications.CountAsync()));
        Assert.True(await db.AlertRules.AnyAsync()); // the default rules are there, though
    }

    [Fact]
    public async Task When_nearly_all_routers_go_there_is_one_incident_also_while_they_come_back_one_after_the_other()
    {
        await BeginAsync(DatabaseProvider.Sqlite);
        var routers = new List<Router>();
        for (var i = 0; i < 12; i++)
        {
            routers.Add(await _company.AddRouterAsync($"NBO-{i}"));
        }

        await PassAsync(15, () => routers.ForEach(r => Publish(r, RouterState.Up)));
        await PassAsync(60, () => routers.ForEach(r => Publish(r, RouterState.Down)));
        var incident = Assert.Single(await IncidentsAsync(), i => i.IsOpen);
        Assert.Equal("12 of 12 routers do not answer", incident.Title);

        for (var back = 1; back <= 12; back++)
        {
            await PassAsync(10, () => routers.ForEach(r => Publish(r, routers.IndexOf(r) < back ? RouterState.Up : RouterState.Down)));
        }

        Assert.True((await IncidentsAsync()).Count(i => i.IsOpen) <= 1);
        await PassAsync(90, () => routers.ForEach(r => Publish(r, RouterState.Up)));
        Assert.DoesNotContain(await IncidentsAsync(), i => i.IsOpen);
        Assert.Single(await IncidentsAsync(), i => i.MergedIntoId is null); // none was opened while they came back
    }

    [Fact]
    public async Task While_it_is_muted_nobody_is_told_that_it_grows_worse_and_the_mute_ends_by_itself()
    {
        await BeginAsync(DatabaseProvider.Sqlite);
        await _company.AddStaffAsync(Role.NocOperator);
        var router = await _company.AddRouterAsync("NBO-1");
        await PassAsync(330, () => Publish(router, RouterState.Up, cpu: 97));
        var incident = Assert.Single(await IncidentsAsync());
        Assert.Equal(EventSeverity.Warning, incident.Severity);
        Assert.Single(await DbAsync(db => db.StaffNotifications.ToListAsync()));

        await using (var scope = _services.Scope(_company.Id, Role.NocOperator))
        {
            await scope.ServiceProvider.GetRequiredService<IncidentService>().MuteAsync(incident.Id, Clock.Now.AddMinutes(10), "The technician is on the way.");
        }

        await PassAsync(60, () => Publish(router, RouterState.Down, cpu: null));
        incident = Assert.Single(await IncidentsAsync());
        Assert.Equal((EventSeverity.Critical, IncidentState.Muted), (incident.Severity, incident.State(Clock.Now)));
        Assert.Single(await DbAsync(db => db.StaffNotifications.ToListAsync()));

        Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(IncidentState.Open, (await IncidentsAsync())[0].State(Clock.Now));
    }

    private async Task BeginAsync(DatabaseProvider provider)
    {
        _services = await databases.GetAsync(provider, s => s.AddSingleton<LiveMetrics>().AddAlerts().AddScoped<IncidentService>());
        _company = await TestCompany.CreateAsync(_services);
        Restart();
        await TickAsync();
    }

    private void Restart()
    {
        _watch = ActivatorUtilities.CreateInstance<AlertWatch>(_services.Provider, ActivatorUtilities.CreateInstance<StopFeed>(_services.Provider));
        Clock.Advance(TimeSpan.FromSeconds(25)); // the list of companies and their networks is read anew
    }

    private Task TickAsync() => _watch.TickAsync(CancellationToken.None);

    private async Task PassAsync(int seconds, Action each)
    {
        for (var i = 0; i < seconds; i += 5)
        {
            Clock.Advance(TimeSpan.FromSeconds(5));
            each();
            await TickAsync();
        }
    }

    private void Publish(Router router, RouterState state, int? cpu = 10) => Metrics.Publish(new RouterSnapshot(
        _company.Id, router.Id, router.Name, Clock.Now, state, state is RouterState.Down ? "It does not answer." : null, Clock.Now, cpu, null, null, null, null, null, null, null, []));

    private async Task<Router> AtSiteAsync(string name, string site)
    {
        var router = await _company.AddRouterAsync(name);
        await using var db = _company.Open();
        var place = await db.Sites.FirstOrDefaultAsync(s => s.Name == site) ?? db.Sites.Add(new Site(_company.Id, new SiteInput { Name = site }, Clock.Now)).Entity;
        (await db.Routers.SingleAsync(r => r.Id == router.Id)).StandAt(place.Id);
        await db.SaveChangesAsync();
        return router;
    }

    private async Task<List<Guid>> OnlineAsync(Nas nas, int count, string? port = null)
    {
        var lines = new List<Guid>();
        var package = await _company.AddPackageAsync();
        for (var i = 0; i < count; i++)
        {
            var line = await _company.AddSubscriptionAsync(package: package);
            await _company.AddSessionAsync(nas, s => (s.SubscriptionId, s.NasPortId, s.StartedAt, s.UpdatedAt) = (line.Id, port, Clock.Now.AddHours(-1), Clock.Now));
            lines.Add(line.Id);
        }

        return lines;
    }

    // As RadiusHost applies a Stop: the row moves, and the feed says so.
    private async Task StopAsync(List<Guid> lines, string cause)
    {
        await using var db = _company.Open();
        foreach (var session in await db.LiveSessions.Where(s => s.SubscriptionId != null && lines.Contains(s.SubscriptionId.Value)).ToListAsync())
        {
            db.LiveSessions.Remove(session);
            db.SessionRecords.Add(session.ToRecord(Clock.Now, cause));
            db.SessionChanges.Add(new SessionChange { TenantId = _company.Id, SubscriptionId = session.SubscriptionId, At = Clock.Now });
        }

        await db.SaveChangesAsync();
    }

    /// <summary>Their open sessions report.</summary>
    private async Task HeardAsync(List<Guid> lines)
    {
        var now = Clock.Now;
        await DbAsync(db => db.LiveSessions.Where(s => s.SubscriptionId != null && lines.Contains(s.SubscriptionId.Value)).ExecuteUpdateAsync(set => set.SetProperty(s => s.UpdatedAt, now)));
    }

    private Task<int> OfflineAsync() => DbAsync(db => db.IncidentLines.CountAsync(l => l.BackAt == null));

    private async Task RedialAsync(Nas nas, IEnumerable<Guid> lines, string? port = null)
    {
        foreach (var line in lines)
        {
            await _company.AddSessionAsync(nas, s => (s.SubscriptionId, s.NasPortId, s.StartedAt, s.UpdatedAt) = (line, port, Clock.Now, Clock.Now));
            await using var db = _company.Open();
            db.SessionChanges.Add(new SessionChange { TenantId = _company.Id, SubscriptionId = line, At = Clock.Now });
            await db.SaveChangesAsync();
        }
    }

    private Task<List<Incident>> IncidentsAsync() => DbAsync(db => db.Incidents.AsNoTracking().ToListAsync());

    private async Task<T> DbAsync<T>(Func<DataDefenderDbContext, Task<T>> ask)
    {
        await using var db = _company.Open();
        return await ask(db);
    }
}
