using System.Diagnostics;
using System.Globalization;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Network;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Topology;
using DataDefender.Infrastructure.Monitoring.Alerts;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DataDefender.RadiusHost.Tests.Watching;

/// <summary>
/// Stops over UDP to RadiusHost, and the watch of the web application over the same database as it runs in production: what clusters is one
/// incident with the list of clients before any poll could notice.
/// </summary>
[Collection(nameof(Alone))]
public sealed class MassDisconnectTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private const int Senders = 16;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;

    [Fact]
    public async Task A_port_that_goes_dark_is_one_incident_within_five_seconds_of_the_last_acknowledged_Stop()
    {
        var nas = await NasAsync("mass-port");
        var lines = await LinesAsync("port", 400);
        await OpenAsync("mass-port", lines, i => i < 250 ? "ether2" : "ether3");
        await using var watch = await WatchAsync();

        await StopAsync("mass-port", lines[..250], _ => "ether2", "Lost-Carrier");

        var incident = await OneWithinAsync(nas.Id, 250, "port");
        Assert.Contains("ether2", incident.Title, StringComparison.Ordinal);
        Assert.Equal(EventSeverity.Critical, incident.Severity);
    }

    [Fact]
    public async Task A_site_that_goes_dark_is_one_incident_however_many_routers_stand_there_and_however_many_clients_it_has()
    {
        var site = await fixture.Company.AddSiteAsync("Ruiru");
        var (first, second) = (await NasAsync("mass-site-1", site), await NasAsync("mass-site-2", site));
        var lines = await LinesAsync("site", 2_600);
        await OpenAsync("mass-site-1", lines[..1_300], _ => "ether2");
        await OpenAsync("mass-site-2", lines[1_300..], _ => "ether5");
        await using var watch = await WatchAsync();

        await Task.WhenAll(
            StopAsync("mass-site-1", lines[..1_300], _ => "ether2", "NAS-Error"),
            StopAsync("mass-site-2", lines[1_300..], _ => "ether5", "NAS-Error"));

        var incident = await OneWithinAsync(null, 2_600, "site");
        Assert.Equal("Ruiru", incident.Site);
        await using var db = fixture.Company.Open();
        Assert.False(await db.Incidents.AnyAsync(i => i.ResolvedAt == null && (i.NasId == first.Id || i.NasId == second.Id), Ct));
    }

    [Fact]
    public async Task Customers_who_hang_up_and_staff_who_disconnect_are_no_incident()
    {
        var nas = await NasAsync("mass-habit");
        var lines = await LinesAsync("habit", 120);
        await OpenAsync("mass-habit", lines, i => i % 2 == 0 ? "ether2" : "ether3");
        await using var watch = await WatchAsync();

        await StopAsync("mass-habit", lines[..8], i => i % 2 == 0 ? "ether2" : "ether3", "User-Request"); // 8 of 120 in a minute is an evening
        await StopAsync("mass-habit", lines[8..100], i => i % 2 == 0 ? "ether2" : "ether3", "Admin-Reset");

        await fixture.Host.AppliedAsync();
        await Task.Delay(TimeSpan.FromSeconds(4), Ct);
        await using var db = fixture.Company.Open();
        Assert.False(await db.Incidents.AnyAsync(i => i.NasId == nas.Id, Ct));
    }

    private async Task<Incident> OneWithinAsync(Guid? nas, int clients, string figure)
    {
        var acknowledged = Stopwatch.GetTimestamp();
        TimeSpan? opened = null;
        while (true)
        {
            await using (var db = fixture.Company.Open())
            {
                var open = await db.Incidents.AsNoTracking().Where(i => i.ResolvedAt == null && (nas == null ? i.NasId == null && i.Site != null : i.NasId == nas)).ToListAsync(Ct);
                opened ??= open.Count > 0 ? Stopwatch.GetElapsedTime(acknowledged) : null;
                if (open is [{ } one] && one.Affected == clients && await db.IncidentLines.CountAsync(l => l.IncidentId == one.Id, Ct) == clients)
                {
                    TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"mass_disconnect.{figure}: opened {opened!.Value.TotalSeconds:0.00} s and complete with {clients} clients {Stopwatch.GetElapsedTime(acknowledged).TotalSeconds:0.00} s after the last acknowledged Stop"));
                    return one;
                }

                var late = Stopwatch.GetElapsedTime(acknowledged);
                Assert.True(late < Limit, $"After {late.TotalSeconds:0.0} s there were {open.Count} incidents with {string.Join(", ", open.Select(i => i.Affected))} clients.");
            }

            await Task.Delay(50, Ct);
        }
    }

    private async Task<Nas> NasAsync(string identifier, Site? site = null)
    {
        var router = await fixture.Company.AddRouterAsync(identifier);
        if (site is not null)
        {
            await using var db = fixture.Company.Open();
            (await db.Routers.SingleAsync(r => r.Id == router.Id, Ct)).StandAt(site.Id);
            await db.SaveChangesAsync(Ct);
        }

        var nas = await fixture.Company.AddNasAsync("127.0.0.1", HostFixture.Secret, router, identifier);
        await Eventually.Is(() => fixture.Host.Service<Lines.LineDirectory>().Content.Nas.All.Any(n => n.Id == nas.Id));
        return nas;
    }

    private async Task<string[]> LinesAsync(string prefix, int count)
    {
        var client = await fixture.Company.AddClientAsync();
        string[] names = [.. Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{i:D5}"))];
        await using var db = fixture.Company.Open();
        db.AuditEachRow = false;
        Guid last = default;
        foreach (var name in names)
        {
            var line = new Subscription(fixture.Company.Id, client.Id, fixture.Package.Id, name, Now);
            line.Activate(Now);
            db.Subscriptions.Add(line);
            last = line.Id;
        }

        await db.SaveChangesAsync(Ct);
        await Eventually.Is(() => fixture.Host.Service<Lines.LineDirectory>().Content.Companies[fixture.Company.Id].Find(last) is not null);
        return names;
    }

    private async Task OpenAsync(string nas, string[] lines, Func<int, string> port)
    {
        await SendAsync(nas, lines, port, (client, name) => client.AccountingRequest(AcctStatusType.Start, name, name));
        await fixture.Host.AppliedAsync();
    }

    private Task StopAsync(string nas, string[] lines, Func<int, string> port, string cause) =>
        SendAsync(nas, lines, port, (client, name) => client.AccountingRequest(AcctStatusType.Stop, name, name).Add("Acct-Session-Time", 600u).Add("Acct-Terminate-Cause", cause));

    private Task SendAsync(string nas, string[] lines, Func<int, string> port, Func<RadiusTestClient, string, RadiusMessage> make) =>
        Task.WhenAll(Enumerable.Range(0, Senders).Select(async sender =>
        {
            var client = fixture.Host.Client(identifier: nas);
            for (var i = sender; i < lines.Length; i += Senders)
            {
                var request = make(client, lines[i]);
                request.RemoveAll("NAS-Port-Id");
                request.RemoveAll("Calling-Station-Id");
                request.Add("NAS-Port-Id", port(i)).Add("Calling-Station-Id", string.Create(CultureInfo.InvariantCulture, $"02:00:5E:00:{i >> 8:X2}:{i & 255:X2}"));
                await client.AskAsync(request, Ct);
            }
        }));

    /// <summary>The watch with the times of an installation, and until it has read once: its feed begins where it first looks.</summary>
    private async Task<Watching> WatchAsync()
    {
        var services = TestServices.Over(fixture.Database, s => s.AddSingleton(TimeProvider.System).AddSingleton<LiveMetrics>().AddAlerts());
        var watch = services.Provider.GetServices<IHostedService>().Single(s => s.GetType().Name == "AlertWatch");
        await watch.StartAsync(Ct);
        await Eventually.Is(async () =>
        {
            await using var db = fixture.Company.Open();
            return await db.AlertRules.AnyAsync(Ct); // made at its first look
        });
        await Task.Delay(1_500, Ct);
        return new Watching(services, watch);
    }

    private sealed class Watching(TestServices services, IHostedService watch) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await watch.StopAsync(CancellationToken.None);
            await services.DisposeAsync();
        }
    }
}
