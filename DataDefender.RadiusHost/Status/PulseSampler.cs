using System.Collections.Immutable;
using DataDefender.Domain.Radius;
using DataDefender.RadiusHost.Lines;

namespace DataDefender.RadiusHost.Status;

/// <summary>Closes a sample of each company's counters every second and keeps the newest minute, so that a poller misses none.</summary>
internal sealed class PulseSampler(LineDirectory directory, TimeProvider clock) : BackgroundService
{
    private const int Kept = 60;
    private const int SecondsOfLatency = 30;

    private readonly Dictionary<Guid, Totals> _before = [];
    private ImmutableQueue<Sample> _samples = [];
    private int _count;

    public Guid Instance { get; } = Guid.CreateVersion7();

    public DateTime StartedAt { get; } = clock.GetUtcNow().UtcDateTime;

    /// <summary>Number of the newest sample.</summary>
    public long Sequence { get; private set; }

    /// <summary>Open sessions by company, as of the newest sample.</summary>
    public ImmutableDictionary<Guid, int> OpenSessions { get; private set; } = ImmutableDictionary<Guid, int>.Empty;

    /// <summary>The samples after a number, oldest first; only the newest when the number is 0.</summary>
    public IReadOnlyList<Sample> After(long since)
    {
        var all = Volatile.Read(ref _samples).ToList();
        return since > 0 ? all.FindAll(s => s.Sequence > since) : all.TakeLast(1).ToList();
    }

    /// <summary>Closes one sample now. Called by the timer; public for tests that do not wait for it.</summary>
    public void Close()
    {
        var now = clock.GetUtcNow();
        var companies = new Dictionary<Guid, SecondPulse>();
        var open = ImmutableDictionary.CreateBuilder<Guid, int>();
        foreach (var company in directory.Content.Companies.Values)
        {
            var totals = Totals.Of(company.Counters);
            var before = _before.GetValueOrDefault(company.TenantId) ?? Totals.None;
            _before[company.TenantId] = totals;
            companies[company.TenantId] = totals.Since(before, Sequence + 1, now.UtcDateTime);
            open[company.TenantId] = CountOpen(company, now.UtcTicks);
        }

        if (Sequence % SecondsOfLatency == 0)
        {
            foreach (var nas in directory.Content.Nas.All)
            {
                nas.State.Counters.Latency.Turn();
            }
        }

        OpenSessions = open.ToImmutable();
        Sequence++;
        var samples = _samples.Enqueue(new Sample(Sequence, companies));
        _count++;
        while (_count > Kept)
        {
            samples = samples.Dequeue();
            _count--;
        }

        Volatile.Write(ref _samples, samples);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Close();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the end
        }
    }

    private static int CountOpen(CompanyLines company, long nowTicks)
    {
        var (count, staleBefore) = (0, nowTicks - company.StaleAfter.Ticks);
        foreach (var subscriber in company.Subscribers)
        {
            count += subscriber.Line.CountOpen(staleBefore);
        }

        return count;
    }

    /// <summary>One second of all companies.</summary>
    internal sealed record Sample(long Sequence, IReadOnlyDictionary<Guid, SecondPulse> Companies);

    private sealed record Totals(long[] Logins, long[] Latency, long Starts, long Interims, long Stops, long Other, long Duplicates)
    {
        public static readonly Totals None = new(new long[CompanyCounters.Outcomes], new long[LatencyHistogram.BucketCount], 0, 0, 0, 0, 0);

        public static Totals Of(CompanyCounters counters)
        {
            var latency = new long[LatencyHistogram.BucketCount];
            counters.Latency.CopyTo(latency);
            var logins = Enum.GetValues<LoginOutcome>().Select(counters.Logins).ToArray();
            return new Totals(
                logins, latency, counters.Starts.Value, counters.Interims.Value, counters.Stops.Value, counters.OtherAccounting.Value, counters.LoginDuplicates.Value + counters.AccountingDuplicates.Value);
        }

        public SecondPulse Since(Totals before, long sequence, DateTime at)
        {
            var latency = Latency.Zip(before.Latency, (now, then) => now - then).ToArray();
            var rejects = OutcomeTallies.Refusing
                .Select(o => (Outcome: o, Count: Count(o, before))).Where(r => r.Count > 0).ToDictionary(r => r.Outcome.ToString(), r => r.Count);
            return new SecondPulse(
                sequence, at,
                OutcomeTallies.Accepting.Sum(o => Count(o, before)), Count(LoginOutcome.AcceptedWalledGarden, before), rejects,
                Starts - before.Starts, Interims - before.Interims, Stops - before.Stops, Other - before.Other, Duplicates - before.Duplicates,
                LatencyHistogram.Percentile(latency, 0.5), LatencyHistogram.Percentile(latency, 0.99));
        }

        private long Count(LoginOutcome outcome, Totals before) => Logins[(int)outcome] - before.Logins[(int)outcome];
    }
}
