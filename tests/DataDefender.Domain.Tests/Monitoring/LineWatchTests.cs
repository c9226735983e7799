using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Security;
using DataDefender.Testing;

namespace DataDefender.Domain.Tests.Monitoring;

public sealed class LineWatchTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);

    private readonly ManualClock _clock = new();
    private readonly Guid _tenant = Guid.CreateVersion7();
    private readonly Guid _line = Guid.CreateVersion7();
    private readonly CurrentUser _user = new();
    private readonly SemaphoreSlim _news = new(0);

    public LineWatchTests() => _user.Use(new Actor(Guid.CreateVersion7(), "Support", Permissions.Of(Role.Support)));

    [Fact]
    public async Task Rates_come_from_two_measures_and_a_new_session_begins_anew()
    {
        var meter = new ScriptedMeter(Router(0, up: 0, down: 0), Router(2, up: 250_000, down: 2_500_000), Router(4, up: 0, down: 0, session: "next"));
        var watch = new LineWatch(meter, _clock);
        using var watching = Watch(watch);

        await NewsAsync();
        Assert.Null(watch.Trace(_tenant, _line).Download);
        await NextAsync();
        Assert.Equal((10_000_000d, 1_000_000d), (watch.Trace(_tenant, _line).Download, watch.Trace(_tenant, _line).Upload));
        await NextAsync();

        var trace = watch.Trace(_tenant, _line);
        Assert.Null(trace.Download);
        Assert.Equal([null, 10_000_000d, null], trace.Points.Select(p => p.Download));
    }

    [Fact]
    public async Task Everybody_who_looks_shares_one_measuring_and_it_ends_with_the_last()
    {
        var meter = new ScriptedMeter(Router(0, 0, 0), Router(2, 1, 1), Router(4, 2, 2));
        var watch = new LineWatch(meter, _clock);
        var first = Watch(watch);
        await NewsAsync();
        var second = Watch(watch);

        _clock.Advance(Tick);
        await NewsAsync();
        await NewsAsync();
        Assert.Equal((2, 1), (meter.Measured, watch.Lines));

        first.Dispose();
        first.Dispose();
        _clock.Advance(Tick);
        await NewsAsync();
        Assert.Equal((3, 1), (meter.Measured, watch.Lines));

        second.Dispose();
        _clock.Advance(Tick);
        Assert.Equal((3, 0), (meter.Measured, watch.Lines));
        Assert.Same(LineTrace.Empty, watch.Trace(_tenant, _line));
    }

    [Fact]
    public async Task The_same_report_of_accounting_twice_is_not_a_rate_of_zero()
    {
        var report = new LineMeasure.Counted(LineSource.Accounting, _clock.Now, "s1", 100, 200, "NAS", "It did not answer.");
        var meter = new ScriptedMeter(report, report with { }, report with { At = _clock.Now.AddSeconds(60), DownloadBytes = 750_200 });
        var watch = new LineWatch(meter, _clock);
        using var watching = Watch(watch);

        await NewsAsync();
        await NextAsync();
        Assert.Null(watch.Trace(_tenant, _line).Download);
        await NextAsync();

        Assert.Equal(100_000d, watch.Trace(_tenant, _line).Download);
        Assert.Equal(2, watch.Trace(_tenant, _line).Points.Count);
    }

    [Fact]
    public async Task A_measure_that_fails_is_a_gap_and_the_watching_goes_on()
    {
        var meter = new ScriptedMeter(Router(0, 0, 0), new InvalidOperationException("The database is away."), Router(4, 0, 1_000));
        var watch = new LineWatch(meter, _clock);
        using var watching = Watch(watch);

        await NewsAsync();
        await NextAsync();
        Assert.Contains("The database is away.", watch.Trace(_tenant, _line).Problem, StringComparison.Ordinal);
        await NextAsync();

        Assert.Null(watch.Trace(_tenant, _line).Problem);
        Assert.Equal([null, null, 2_000d], watch.Trace(_tenant, _line).Points.Select(p => p.Download));
    }

    [Fact]
    public void Who_may_not_see_the_network_may_not_watch()
    {
        var sales = new CurrentUser();
        sales.Use(new Actor(Guid.CreateVersion7(), "Sales", Permissions.Of(Role.Sales)));
        var watch = new LineWatch(new ScriptedMeter(), _clock);

        Assert.Throws<ForbiddenException>(() => watch.Watch(sales, _tenant, _line, () => { }));
        Assert.Equal(0, watch.Lines);
    }

    private IDisposable Watch(LineWatch watch) => watch.Watch(_user, _tenant, _line, () => _news.Release());

    private async Task NewsAsync() => Assert.True(await _news.WaitAsync(TimeSpan.FromSeconds(10)), "No measure was taken.");

    private async Task NextAsync()
    {
        _clock.Advance(Tick);
        await NewsAsync();
    }

    private LineMeasure.Counted Router(int second, long up, long down, string session = "s1") =>
        new(LineSource.Router, _clock.Now.AddSeconds(second), session, up, down, "Core", null);

    /// <summary>Answers in the order given; an exception is thrown.</summary>
    private sealed class ScriptedMeter(params object[] answers) : ILineMeter
    {
        private int _next;

        public int Measured => _next;

        public Task<LineMeasure> MeasureAsync(Guid tenantId, Guid subscriptionId, CancellationToken ct) =>
            answers[Interlocked.Increment(ref _next) - 1] switch
            {
                LineMeasure measure => Task.FromResult(measure),
                Exception failure => Task.FromException<LineMeasure>(failure),
                _ => throw new InvalidOperationException("No such answer."),
            };
    }
}
