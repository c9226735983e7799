using System.Collections.Concurrent;
using DataDefender.Infrastructure.Jobs;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Jobs;

/// <summary>Two processes over one database: each job is done by one of them, and goes on when that one is gone.</summary>
public sealed class JobLeaseTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan GiveUp = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1500);

    // Longer than a loaded machine keeps anything waiting: what must not have waited for it is told from what did.
    private static readonly TimeSpan LongPatience = TimeSpan.FromSeconds(8);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Each_job_is_done_by_one_process_and_by_the_other_when_that_one_stops(DatabaseProvider provider)
    {
        await using var first = await TestServices.CreateAsync(provider, Unhurried);
        await using var second = TestServices.Over(first.Database, Unhurried);
        await using var one = new Node(first, "alerts", "drift");
        await UntilAsync(() => one.Doing("alerts") && one.Doing("drift"));
        await using var two = new Node(second, "alerts", "drift", "metrics");
        await UntilAsync(() => two.Doing("metrics"));
        await Task.Delay(LongPatience + (Interval * 4), Ct); // long enough for a silent one to be taken for dead
        Assert.True(one.Doing("alerts") && one.Doing("drift") && !two.Doing("alerts") && !two.Doing("drift"));

        var stopped = TimeProvider.System.GetTimestamp();
        await one.StopAsync();
        await UntilAsync(() => two.Doing("alerts") && two.Doing("drift"));

        Assert.True(TimeProvider.System.GetElapsedTime(stopped) < LongPatience, "A job that was laid down is not waited for.");
        await two.StopAsync();
        Assert.Equal(0, one.AtOnce(two));
    }

    [Theory]
    [EachDatabase]
    public async Task A_process_that_is_no_longer_heard_ends_its_jobs_before_another_one_begins_them(DatabaseProvider provider)
    {
        await using var first = await TestServices.CreateAsync(provider, Quick);
        await using var second = TestServices.Over(first.Database, Quick);
        await using var one = new Node(first, "alerts");
        await UntilAsync(() => one.Doing("alerts"));
        await using var two = new Node(second, "alerts");
        await Task.Delay(Interval * 4, Ct);

        var dead = Guid.CreateVersion7();
        await using (var db = first.OpenPlatform())
        {
            await db.JobLeases.ExecuteUpdateAsync(l => l.SetProperty(x => x.Holder, dead), Ct); // the row is somebody's who will never move it on
        }

        await UntilAsync(() => !one.Doing("alerts"));
        Assert.False(two.Doing("alerts"));
        await UntilAsync(() => one.Doing("alerts") != two.Doing("alerts"));
        await using var after = first.OpenPlatform();
        Assert.NotEqual(dead, await after.JobLeases.Select(l => l.Holder).SingleAsync(Ct));
        await Task.WhenAll(one.StopAsync(), two.StopAsync());
        Assert.Equal(0, one.AtOnce(two));
    }

    [Fact]
    public async Task Many_processes_that_start_together_agree_on_one()
    {
        await using var first = await TestServices.CreateAsync(configure: Quick);
        var others = Enumerable.Range(0, 3).Select(_ => TestServices.Over(first.Database, Quick)).ToList();
        var nodes = others.Prepend(first).Select(s => new Node(s, "alerts", "fleet care")).ToList();

        await UntilAsync(() => nodes.Count(n => n.Doing("alerts")) == 1 && nodes.Count(n => n.Doing("fleet care")) == 1);
        await Task.Delay(Patience, Ct);

        Assert.Equal((1, 1), (nodes.Count(n => n.Doing("alerts")), nodes.Count(n => n.Doing("fleet care"))));
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }

        foreach (var services in others)
        {
            await services.DisposeAsync();
        }
    }

    [Fact]
    public async Task Work_that_ends_by_itself_lays_its_job_down_and_work_that_breaks_is_told()
    {
        await using var services = await TestServices.CreateAsync(configure: Quick);
        var leases = services.Provider.GetRequiredService<JobLeases>();

        await leases.WhileHeldAsync("short", _ => Task.CompletedTask, Ct);
        await Assert.ThrowsAsync<InvalidDataException>(() => leases.WhileHeldAsync("broken", _ => throw new InvalidDataException(), Ct));

        await using var db = services.OpenPlatform();
        Assert.Equal([Guid.Empty, Guid.Empty], await db.JobLeases.Select(l => l.Holder).ToListAsync(Ct));
    }

    private static void Quick(IServiceCollection services) =>
        services.Configure<JobLeaseOptions>(o => (o.Interval, o.GiveUp, o.Patience) = (Interval, GiveUp, Patience));

    private static void Unhurried(IServiceCollection services) =>
        services.Configure<JobLeaseOptions>(o => (o.Interval, o.GiveUp, o.Patience) = (Interval, LongPatience / 2, LongPatience));

    private static async Task UntilAsync(Func<bool> isSo)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(20), "It did not come to be so.");
            await Task.Delay(20, Ct);
        }
    }

    /// <summary>A process with these jobs, which notes from when until when it did each.</summary>
    private sealed class Node : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly ConcurrentDictionary<string, bool> _doing = new();
        private readonly ConcurrentQueue<(string Job, long From, long Until)> _done = new();
        private readonly List<Task> _jobs;

        public Node(TestServices services, params string[] jobs)
        {
            var leases = services.Provider.GetRequiredService<JobLeases>();
            _jobs = [.. jobs.Select(job => leases.WhileHeldAsync(job, ct => DoAsync(job, ct), _stop.Token))];
        }

        public bool Doing(string job) => _doing.GetValueOrDefault(job);

        /// <summary>How often both did one job at one moment.</summary>
        public int AtOnce(Node other) => _done.Sum(mine => other._done.Count(theirs => theirs.Job == mine.Job && theirs.From < mine.Until && mine.From < theirs.Until));

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await Task.WhenAll(_jobs).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _stop.Dispose();
        }

        private async Task DoAsync(string job, CancellationToken ct)
        {
            var from = TimeProvider.System.GetTimestamp();
            _doing[job] = true;
            await Task.Delay(Timeout.Infinite, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _doing[job] = false;
            _done.Enqueue((job, from, TimeProvider.System.GetTimestamp()));
        }
    }
}
