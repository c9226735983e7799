using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Monitoring.History;

/// <summary>What was kept of something over a stretch of time.</summary>
/// <param name="Step">How far apart the points lie at the most, for charts that join them.</param>
public sealed record MetricRange(DateTime From, DateTime Until, TimeSpan Step, IReadOnlyDictionary<string, IReadOnlyList<MetricPoint>> Series)
{
    public IReadOnlyList<MetricPoint> Of(string name) => Series.GetValueOrDefault(name) ?? [];

    /// <summary>The interfaces that anything was kept of.</summary>
    public IReadOnlyList<string> Links => [.. Series.Keys.Select(k => MetricNames.Link(k.TrimEnd('^'))).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
}

/// <summary>Charts over any range: of a router, its interfaces, a company's RADIUS, a line.</summary>
public sealed class MetricHistoryService(IDataDefenderDbFactory dbFactory, LiveMetrics metrics, TenantContext tenant, CurrentUser user, TimeProvider clock)
{
    /// <summary>How long each step is kept, and the longest range that it draws.</summary>
    public static readonly IReadOnlyDictionary<MetricStep, (TimeSpan Kept, TimeSpan Longest, TimeSpan Width)> Steps = new Dictionary<MetricStep, (TimeSpan, TimeSpan, TimeSpan)>
    {
        [MetricStep.Raw] = (TimeSpan.FromDays(2), TimeSpan.FromHours(6), TimeSpan.FromSeconds(10)),
        [MetricStep.FiveMinutes] = (TimeSpan.FromDays(90), TimeSpan.FromDays(8), TimeSpan.FromMinutes(5)),
        [MetricStep.Hour] = (TimeSpan.FromDays(730), TimeSpan.FromDays(730), TimeSpan.FromHours(1)),
    };

    /// <summary>Reports of a company that a chart of one line looks through at the most.</summary>
    private const int MostReports = 1_000_000;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <exception cref="NotFoundException">The router is another company's, or there is none.</exception>
    public async Task<MetricRange> RouterAsync(Guid routerId, DateTime from, DateTime until, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        if (!await db.Routers.AnyAsync(r => r.Id == routerId, ct))
        {
            throw new NotFoundException("Router", routerId);
        }

        return await ReadAsync(db, routerId, from, until, newest => MetricSample.OfRouter(metrics.History(tenant.TenantId, routerId).Where(s => s.At >= newest)), ct);
    }

    public async Task<MetricRange> RadiusAsync(DateTime from, DateTime until, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        return await ReadAsync(db, tenant.TenantId, from, until, newest => MetricSample.OfRadius(metrics.PulseHistory(tenant.TenantId).Where(p => p.At >= newest)), ct);
    }

    /// <summary>
    /// A line's mean throughput, bits per second, from accounting: by the minute or five minutes as far as the single reports of so long can
    /// be looked through, else by the hour. What no report tells of is a gap.
    /// </summary>
    public async Task<MetricRange> LineAsync(Guid subscriptionId, DateTime from, DateTime until, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewClients);
        DemandRange(from, until);
        await using var db = await dbFactory.OpenAsync(ct);
        if (!await db.Subscriptions.AnyAsync(s => s.Id == subscriptionId, ct))
        {
            throw new NotFoundException("Line", subscriptionId);
        }

        return await ReportsAsync(db, subscriptionId, from, until, ct) ?? await HoursAsync(db, subscriptionId, from, until, ct);
    }

    private static async Task<MetricRange> HoursAsync(IDataDefenderDb db, Guid subscriptionId, DateTime from, DateTime until, CancellationToken ct)
    {
        var hours = await db.UsageHours.AsNoTracking().Where(u => u.SubscriptionId == subscriptionId && u.Hour >= from.AddHours(-1) && u.Hour < until).OrderBy(u => u.Hour)
            .Select(u => new { u.Hour, u.UploadBytes, u.DownloadBytes }).ToListAsync(ct);
        return new MetricRange(from, until, TimeSpan.FromHours(1), new Dictionary<string, IReadOnlyList<MetricPoint>>
        {
            [MetricNames.Download] = [.. hours.Select(h => new MetricPoint(h.Hour.AddMinutes(30), h.DownloadBytes * 8 / 3600.0))],
            [MetricNames.Upload] = [.. hours.Select(h => new MetricPoint(h.Hour.AddMinutes(30), h.UploadBytes * 8 / 3600.0))],
        });
    }

    // The reports are kept by hour and not by line, so that writing them stays cheap: a company's busy hour is counted first, and a range
    // that would look through too many of them is drawn by the hour. Null as well where they are not kept any more.
    private async Task<MetricRange?> ReportsAsync(IDataDefenderDb db, Guid subscriptionId, DateTime from, DateTime until, CancellationToken ct)
    {
        if (until - from > Steps[MetricStep.FiveMinutes].Longest)
        {
            return null;
        }

        var (first, last) = (UsageDelta.HourOf(from), UsageDelta.HourOf(until));
        var hours = (last - first).TotalHours + 1;
        var known = until < Now ? last : UsageDelta.HourOf(Now).AddHours(-1);
        var anHour = await db.UsageDeltas.CountAsync(d => d.Hour == known, ct);
        if (hours * anHour > MostReports || await db.UsageDeltas.MinAsync(d => (DateTime?)d.Hour, ct) is not { } oldest || oldest > last || (oldest > first && await db.UsageHours.AnyAsync(u => u.SubscriptionId == subscriptionId && u.Hour >= first && u.Hour < oldest, ct)))
        {
            return null;
        }

        // A report tells of the time before it: of what it came too late for, the hour after the range knows.
        var after = last.AddHours(1);
        var reports = await db.UsageDeltas.AsNoTracking().Where(d => d.Hour >= first && d.Hour <= after && d.SubscriptionId == subscriptionId)
            .Select(d => new LineReport(d.At, d.Seconds, d.UploadBytes, d.DownloadBytes)).ToListAsync(ct);
        var width = until - from <= TimeSpan.FromHours(1) ? TimeSpan.FromMinutes(1) : Steps[MetricStep.FiveMinutes].Width;
        var (download, upload) = LineTraffic.Spread(reports, new DateTime(from.Ticks / width.Ticks * width.Ticks, DateTimeKind.Utc), until, width);
        return new MetricRange(from, until, width, new Dictionary<string, IReadOnlyList<MetricPoint>> { [MetricNames.Download] = download, [MetricNames.Upload] = upload });
    }

    /// <summary>The step that a range is drawn from: the finest that is kept for so long and makes no more points than a chart has room for.</summary>
    public static MetricStep StepFor(DateTime from, DateTime until, DateTime now) =>
        Enum.GetValues<MetricStep>().First(step => (until - from <= Steps[step].Longest && now - from <= Steps[step].Kept) || step is MetricStep.Hour);

    private static void DemandRange(DateTime from, DateTime until)
    {
        if (until <= from || until - from > TimeSpan.FromDays(731))
        {
            throw new InvalidInputException([new FieldError("Until", "A range ends after it begins, and is at most two years long.")]);
        }
    }

    private async Task<MetricRange> ReadAsync(IDataDefenderDb db, Guid subject, DateTime from, DateTime until, Func<DateTime, MetricBlock> live, CancellationToken ct)
    {
        DemandRange(from, until);
        var step = StepFor(from, until, Now);
        var width = Steps[step].Width;
        var (blocks, finer) = (new List<MetricBlock>(), new List<MetricBlock>());
        var covered = from;
        DateTime? own = null;
        for (var each = step; ; each--)
        {
            // What is not rolled up yet comes from the finer steps.
            var (since, wanted) = (covered, each);
            var chunks = await db.MetricChunks.AsNoTracking().Where(c => c.SubjectId == subject && c.Step == wanted && c.Until > since && c.From < until).OrderBy(c => c.From)
                .Select(c => new { c.Until, c.Payload }).ToListAsync(ct);
            (each == step ? blocks : finer).AddRange(chunks.Select(c => MetricBlock.Unpack(c.Payload)));
            covered = chunks.Count > 0 ? chunks[^1].Until : covered;
            own = each == step && chunks.Count > 0 ? covered : own;
            if (each is MetricStep.Raw)
            {
                break;
            }
        }

        if (live(covered) is { Times.Count: > 0 } rest)
        {
            (step is MetricStep.Raw ? blocks : finer).Add(rest);
        }

        if (finer.Where(f => f.Times.Count > 0).Select(f => f.Times[0]).DefaultIfEmpty(until).Min() is var first && first < until)
        {
            var start = own ?? new DateTime(first.Ticks / width.Ticks * width.Ticks, DateTimeKind.Utc);
            blocks.Add(MetricBlock.RollUp(finer, start, Math.Max(0, (int)Math.Ceiling((until - start) / width)), width));
        }

        var names = blocks.SelectMany(b => b.Series.Keys).Distinct().ToList();
        return new MetricRange(from, until, width, names.ToDictionary(
            name => name, name => (IReadOnlyList<MetricPoint>)[.. blocks.SelectMany(b => b.Points(name)).Where(p => p.At >= from - width && p.At < until).OrderBy(p => p.At)], StringComparer.Ordinal));
    }
}

/// <summary>Makes series of what the live screens hold.</summary>
public static class MetricSample
{
    public static MetricBlock OfRouter(IEnumerable<RouterSnapshot> snapshots)
    {
        var read = snapshots.Where(s => s.State is RouterState.Up or RouterState.Degraded).ToList();
        var links = read.SelectMany(s => s.Interfaces.IsDefault ? [] : s.Interfaces.Where(i => !i.Disabled).Select(i => i.Name)).Distinct().ToList();
        var series = new Dictionary<string, double?[]>(StringComparer.Ordinal);
        Add(MetricNames.Cpu, s => s.CpuPercent);
        Add(MetricNames.Memory, s => s is { MemoryUsed: { } used, MemoryTotal: > 0 and var total } ? 100.0 * used / total : null);
        Add(MetricNames.Temperature, s => s.Temperature);
        Add(MetricNames.Voltage, s => s.Voltage);
        Add(MetricNames.Sessions, s => s.ActiveSessions);
        Add(MetricNames.Answer, s => s.AnswerMilliseconds);
        Add(MetricNames.Download, s => s.RxBitsPerSecond);
        Add(MetricNames.Upload, s => s.TxBitsPerSecond);
        foreach (var link in links)
        {
            Add(MetricNames.Received(link), s => Find(s, link)?.RxBitsPerSecond);
            Add(MetricNames.Sent(link), s => Find(s, link)?.TxBitsPerSecond);
            Add(MetricNames.Errors(link), s => Find(s, link)?.ErrorsPerMinute);
        }

        return new MetricBlock([.. read.Select(s => s.At)], series);

        void Add(string name, Func<RouterSnapshot, double?> value)
        {
            double?[] values = [.. read.Select(value)];
            if (Array.Exists(values, v => v is not null))
            {
                series[name] = values;
            }
        }
    }

    public static MetricBlock OfRadius(IEnumerable<RadiusPulse> pulses)
    {
        var read = pulses.ToList();
        return new MetricBlock([.. read.Select(p => p.At)], new Dictionary<string, double?[]>(StringComparer.Ordinal)
        {
            [MetricNames.Accepts] = [.. read.Select(p => (double?)p.AcceptsPerSecond)],
            [MetricNames.Rejects] = [.. read.Select(p => (double?)p.RejectsPerSecond)],
            [MetricNames.Accounting] = [.. read.Select(p => (double?)p.AccountingPerSecond)],
            [MetricNames.Latency] = [.. read.Select(p => p.P99Microseconds)],
            [MetricNames.Sessions] = [.. read.Select(p => (double?)p.OpenSessions)],
        });
    }

    private static InterfaceReading? Find(RouterSnapshot snapshot, string link) => snapshot.Interfaces.IsDefault ? null : snapshot.Interfaces.FirstOrDefault(i => i.Name == link);
}
