using System.Collections.Immutable;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Monitoring.History;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Monitoring.History;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Monitoring;

public sealed class MetricHistoryTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    private TestServices _services = null!;
    private TestCompany _company = null!;
    private Router _router = null!;

    private ManualClock Clock => _services.Clock;

    private LiveMetrics Metrics => _services.Provider.GetRequiredService<LiveMetrics>();

    private MetricRecorder Recorder => _services.Provider.GetRequiredService<MetricRecorder>();

    private MetricRollUp RollUp => _services.Provider.GetRequiredService<MetricRollUp>();

    [Theory, EachDatabase]
    public async Task What_is_read_is_kept_rolled_up_and_removed_when_its_time_is_over(DatabaseProvider provider)
    {
        await BeginAsync(provider);
        var start = Clock.Now; // 08:00
        await PassAsync(TimeSpan.FromHours(3), mbps: 100);
        await RollUp.RunAsync(CancellationToken.None);
        var after = await CountsAsync();
        await RollUp.RunAsync(CancellationToken.None); // again: nothing is twice

        Assert.Equal(after, await CountsAsync());
        Assert.Equal((36, 2, 0), after); // the third hour waits for what is late
        var hour = await ReadAsync(start, start.AddHours(1));
        Assert.Equal(TimeSpan.FromSeconds(10), hour.Step);
        Assert.InRange(hour.Of(MetricNames.Download).Count, 350, 361);
        var day = await ReadAsync(start.AddHours(-9), Clock.Now);
        Assert.Equal(TimeSpan.FromMinutes(5), day.Step);
        Assert.InRange(day.Of(MetricNames.Download).Count(p => p.Value is not null), 35, 37); // rolled up or not, all of it is drawn
        Assert.All(day.Of(MetricNames.Download).Where(p => p.Value is not null), p => Assert.Equal(100_000_000, p.Value!.Value, 0.1));
        Assert.Contains("ether1", day.Links);

        Clock.Advance(TimeSpan.FromDays(3));
        await RollUp.RunAsync(CancellationToken.None);
        Assert.Equal((0, 4, 1), await CountsAsync()); // the reading of 11:00 sharp belongs to the hour that begins with it
        Clock.Advance(TimeSpan.FromDays(91));
        await RollUp.RunAsync(CancellationToken.None);
        Assert.Equal((0, 0, 1), await CountsAsync());
        Clock.Advance(TimeSpan.FromDays(740));
        await RollUp.RunAsync(CancellationToken.None);
        Assert.Equal((0, 0, 0), await CountsAsync());
    }

    [Theory, EachDatabase]
    public async Task What_could_only_be_written_after_its_hour_was_rolled_up_is_rolled_up_too(DatabaseProvider provider)
    {
        await BeginAsync(provider);
        await PassAsync(TimeSpan.FromMinutes(30), mbps: 100);
        for (var i = 0; i < 45 * 6; i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(10));
            Publish(100); // read, and the database is away
        }

        await RollUp.RunAsync(CancellationToken.None);
        Assert.InRange(await RolledAsync(), 6, 7);

        await Recorder.WriteAsync(CancellationToken.None);
        await RollUp.RunAsync(CancellationToken.None);

        Assert.Equal(12, await RolledAsync());

        async Task<int> RolledAsync()
        {
            await using var db = _company.Open();
            return MetricBlock.Unpack((await db.MetricChunks.SingleAsync(c => c.Step == MetricStep.FiveMinutes && c.SubjectId == _router.Id)).Payload).Points(MetricNames.Download).Count(p => p.Value is not null);
        }
    }

    [Fact]
    public async Task A_router_that_did_not_answer_is_a_gap_and_not_zero()
    {
        await BeginAsync(DatabaseProvider.Sqlite);
        var start = Clock.Now;
        await PassAsync(TimeSpan.FromMinutes(20), mbps: 50);
        await PassAsync(TimeSpan.FromMinutes(20), mbps: null);
        await PassAsync(TimeSpan.FromMinutes(20), mbps: 50);

        var points = (await ReadAsync(start, Clock.Now)).Of(MetricNames.Download);

        Assert.All(points.Where(p => p.Value is not null), p => Assert.Equal(50_000_000, p.Value!.Value, 0.1));
        Assert.DoesNotContain(points, p => p.Value is not null && p.At > start.AddMinutes(20) && p.At <= start.AddMinutes(40));
    }

    [Fact]
    public async Task What_was_read_since_the_last_write_is_drawn_too()
    {
        await BeginAsync(DatabaseProvider.Sqlite);
        var start = Clock.Now;
        for (var i = 0; i < 12; i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(10));
            Publish(30);
        }

        Assert.Equal(12, (await ReadAsync(start, Clock.Now.AddSeconds(1))).Of(MetricNames.Download).Count);
        Assert.Equal((0, 0, 0), await CountsAsync());
    }

    [Fact]
    public async Task A_router_of_another_company_is_not_found()
    {
        await BeginAsync(DatabaseProvider.Sqlite);
        var other = await TestCompany.CreateAsync(_services, "Coast Net");
        await PassAsync(TimeSpan.FromMinutes(10), mbps: 50);

        await using var scope = _services.Scope(other.Id, Role.NocOperator);
        await Assert.ThrowsAsync<NotFoundException>(() => scope.ServiceProvider.GetRequiredService<MetricHistoryService>().RouterAsync(_router.Id, Clock.Now.AddHours(-1), Clock.Now));
    }

    [Fact]
    public async Task A_router_costs_little_room_a_day()
    {
        await BeginAsync(DatabaseProvider.Sqlite);
        var random = new Random(7);
        await PassAsync(TimeSpan.FromHours(2), mbps: 80, links: 12, jitter: () => random.NextDouble());

        await using var db = _company.Open();
        var bytes = (await db.MetricChunks.Where(c => c.Step == MetricStep.Raw).Select(c => c.Payload).ToListAsync()).Sum(p => p.Length);
        var perDay = bytes * 12;
        TestContext.Current.TestOutputHelper!.WriteLine($"{perDay:#,##0} bytes a day for a router with 12 interfaces of unsteady traffic, read every ten seconds; {bytes / 24:#,##0} a chunk.");
        Assert.InRange(perDay, 1, 1_500_000);
    }

    [Theory, EachDatabase]
    public async Task A_line_is_drawn_from_its_single_reports_where_they_are_kept_and_by_the_hour_where_not(DatabaseProvider provider)
    {
        await BeginAsync(provider);
        var nas = await _company.AddNasAsync();
        var line = await _company.AddSubscriptionAsync();
        var start = Clock.Now; // 08:00
        Clock.Advance(TimeSpan.FromHours(2));
        await using (var db = _company.Open())
        {
            // Ten minutes online, twenty not, five online again: at 8 Mbps.
            db.UsageDeltas.AddRange(((int[])[5, 10, 35]).Select((minute, i) => new Domain.Radius.UsageDelta
            {
                TenantId = _company.Id, Hour = start, JournalId = Guid.CreateVersion7(), Sequence = i, SubscriptionId = line.Id, NasId = nas.Id, AcctSessionId = "s1",
                At = start.AddMinutes(minute), Seconds = 300, UploadBytes = 30_000_000, DownloadBytes = 300_000_000,
            }));
            db.UsageHours.Add(new Domain.Radius.UsageHour { TenantId = _company.Id, SubscriptionId = line.Id, Hour = start.AddDays(-20), UploadBytes = 45_000_000, DownloadBytes = 450_000_000 });
            await db.SaveChangesAsync();
        }

        var fine = await LineAsync(line.Id, start, start.AddMinutes(40));
        var wide = await LineAsync(line.Id, start, start.AddHours(2));
        var old = await LineAsync(line.Id, start.AddDays(-21), Clock.Now);

        Assert.Equal((TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromHours(1)), (fine.Step, wide.Step, old.Step));
        Assert.Equal([8_000_000d, 8_000_000d, null, null, null, null, 8_000_000d, null], wide.Of(MetricNames.Download).Take(8).Select(p => p.Value is { } value ? Math.Round(value) : (double?)null));
        Assert.Equal(15, fine.Of(MetricNames.Upload).Count(p => p.Value is not null));
        Assert.Equal(1_000_000, Assert.Single(old.Of(MetricNames.Download)).Value!.Value, 1.0);
    }

    private async Task<MetricRange> LineAsync(Guid line, DateTime from, DateTime until)
    {
        await using var scope = _services.Scope(_company.Id, Role.Support);
        return await scope.ServiceProvider.GetRequiredService<MetricHistoryService>().LineAsync(line, from, until);
    }

    private async Task BeginAsync(DatabaseProvider provider)
    {
        _services = await databases.GetAsync(provider, s => s.AddSingleton<LiveMetrics>().AddMetricHistory().AddScoped<MetricHistoryService>());
        _company = await TestCompany.CreateAsync(_services);
        _router = await _company.AddRouterAsync();
        var wait = TimeSpan.FromHours(1) - TimeSpan.FromTicks(Clock.Now.Ticks % TimeSpan.FromHours(1).Ticks);
        Clock.Advance(wait); // a whole hour
        if (Clock.Now.Hour != 8)
        {
            Clock.Advance(Clock.Now.Date.AddHours(Clock.Now.Hour < 8 ? 8 : 32) - Clock.Now);
        }
    }

    /// <param name="mbps">Null: the router does not answer.</param>
    private async Task PassAsync(TimeSpan time, double? mbps, int links = 1, Func<double>? jitter = null)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(10))
        {
            Clock.Advance(TimeSpan.FromSeconds(10));
            Publish(mbps, links, jitter);
            if (Clock.Now.Ticks % TimeSpan.FromMinutes(5).Ticks == 0)
            {
                await Recorder.WriteAsync(CancellationToken.None);
            }
        }
    }

    private void Publish(double? mbps, int links = 1, Func<double>? jitter = null)
    {
        double Rate(double of) => of * 1e6 * (jitter is null ? 1 : 0.5 + jitter());
        Metrics.Publish(mbps is not { } known
            ? new RouterSnapshot(_company.Id, _router.Id, _router.Name, Clock.Now, RouterState.Down, "No answer.", null, null, null, null, null, null, null, null, null, [])
            : new RouterSnapshot(
                _company.Id, _router.Id, _router.Name, Clock.Now, RouterState.Up, null, Clock.Now, (int)(10 + (jitter?.Invoke() ?? 0) * 30), 400, 1000, TimeSpan.FromDays(3), 120, Rate(known), Rate(known / 5), 12 + (jitter?.Invoke() ?? 0),
                [.. Enumerable.Range(1, links).Select(i => new InterfaceReading($"ether{i}", "ether", true, false, 0, 0, Rate(known / i), Rate(known / i / 5), 0, 0))])
            { Temperature = 41, Voltage = 24.1 });
    }

    private async Task<MetricRange> ReadAsync(DateTime from, DateTime until)
    {
        await using var scope = _services.Scope(_company.Id, Role.NocOperator);
        return await scope.ServiceProvider.GetRequiredService<MetricHistoryService>().RouterAsync(_router.Id, from, until);
    }

    private async Task<(int Raw, int Five, int Hours)> CountsAsync()
    {
        await using var db = _company.Open();
        return (await db.MetricChunks.CountAsync(c => c.Step == MetricStep.Raw), await db.MetricChunks.CountAsync(c => c.Step == MetricStep.FiveMinutes), await db.MetricChunks.CountAsync(c => c.Step == MetricStep.Hour));
    }
}
