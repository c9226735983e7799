using System.ComponentModel.DataAnnotations;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Monitoring.History;
using DataDefender.Infrastructure.Jobs;
using DataDefender.Infrastructure.Network.Polling;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Monitoring.History;

/// <summary>Section <c>Metrics</c>.</summary>
public sealed class MetricOptions : IValidatableObject
{
    public const string Section = "Metrics";

    /// <summary>Off for a second web node: it polls nothing, so it has nothing to keep.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How often what was read is written. What was not written yet is lost when the process dies.</summary>
    public TimeSpan WriteInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often what is complete is rolled up, and what is too old is removed.</summary>
    public TimeSpan RollUpInterval { get; set; } = TimeSpan.FromMinutes(15);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (WriteInterval < TimeSpan.FromSeconds(10) || WriteInterval > TimeSpan.FromMinutes(30) || RollUpInterval < TimeSpan.FromMinutes(1) || RollUpInterval > TimeSpan.FromHours(12))
        {
            yield return new ValidationResult("Metrics are written each 10 seconds to 30 minutes, and rolled up each minute to 12 hours.");
        }
    }
}

/// <summary>Writes what was read of routers and RADIUS, a chunk for each and five minutes, all of a company in few saves.</summary>
internal sealed partial class MetricRecorder(LiveMetrics metrics, TenantScopes scopes, JobLeases leases, IOptions<MetricOptions> options, IOptions<PollingOptions> polling, TimeProvider clock, ILogger<MetricRecorder> log) : BackgroundService
{
    private const string Job = "metrics";
    private const int AtOnce = 200;

    /// <summary>Companies of which it is known what another process has written.</summary>
    private readonly HashSet<Guid> _remembered = [];

    /// <summary>Up to where each subject is written.</summary>
    private readonly Dictionary<Guid, DateTime> _written = [];

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => options.Value.Enabled && polling.Value.Enabled ? leases.WhileHeldAsync(Job, WorkAsync, stoppingToken) : Task.CompletedTask;

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        _written.Clear();
        _remembered.Clear();
        using var timer = new PeriodicTimer(options.Value.WriteInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await WriteAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested && leases.IsHeld(Job))
        {
            await WriteAsync(CancellationToken.None); // what was read since the last time
        }
    }

    /// <summary>What could not be written is written the next time, as long as the process remembers it.</summary>
    public async Task WriteAsync(CancellationToken ct)
    {
        foreach (var company in metrics.Companies())
        {
            try
            {
                await WriteAsync(company, ct);
            }
            catch (Exception ex) when (!ct.IsCancellationRequested)
            {
                NotWritten(log, company, ex);
            }
        }
    }

    private async Task WriteAsync(Guid company, CancellationToken ct)
    {
        if (!_remembered.Contains(company))
        {
            await RememberAsync(company, ct);
            _remembered.Add(company);
        }

        var chunks = new List<MetricChunk>();
        foreach (var snapshot in metrics.Latest(company))
        {
            Add(snapshot.RouterId, MetricSample.OfRouter(metrics.History(company, snapshot.RouterId).Where(s => s.At > _written.GetValueOrDefault(snapshot.RouterId))));
        }

        // The newest step is still being counted.
        var pulses = metrics.PulseHistory(company).Where(p => p.At > _written.GetValueOrDefault(company)).ToList();
        Add(company, MetricSample.OfRadius(pulses.Count > 1 ? pulses[..^1] : []));
        foreach (var some in chunks.Chunk(AtOnce))
        {
            await using var scope = scopes.Open(company, "metrics");
            await using var db = await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
            await MetricRollUp.ReopenAsync(db, some, ct);
            db.MetricChunks.AddRange(some);
            await db.SaveChangesAsync(ct);
            foreach (var chunk in some)
            {
                _written[chunk.SubjectId] = chunk.Until - TimeSpan.FromMilliseconds(1);
            }
        }

        void Add(Guid subject, MetricBlock block)
        {
            if (block.Times.Count > 0 && block.Series.Count > 0)
            {
                chunks.Add(new MetricChunk(company, subject, MetricStep.Raw, block.Times[0], block.Times[^1] + TimeSpan.FromMilliseconds(1), block.Pack()));
            }
        }
    }

    // This process may have watched for an hour while another one wrote.
    private async Task RememberAsync(Guid company, CancellationToken ct)
    {
        var since = clock.GetUtcNow().UtcDateTime - TimeSpan.FromHours(2);
        await using var scope = scopes.Open(company, "metrics");
        await using var db = await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
        foreach (var subject in await db.MetricChunks.AsNoTracking().Where(c => c.Step == MetricStep.Raw && c.From >= since).GroupBy(c => c.SubjectId)
            .Select(g => new { Id = g.Key, Until = g.Max(c => c.Until) }).ToListAsync(ct))
        {
            _written[subject.Id] = subject.Until - TimeSpan.FromMilliseconds(1);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The metrics of company {CompanyId} could not be written; it is tried again")]
    private static partial void NotWritten(ILogger log, Guid companyId, Exception exception);
}

/// <summary>
/// Rolls what is complete up to coarser steps and removes what is older than its step is kept. It looks what is there and what is missing:
/// it may end anywhere and begin again, and two of them do no harm.
/// </summary>
internal sealed partial class MetricRollUp(IPlatformDbFactory platform, TenantScopes scopes, JobLeases leases, IOptions<MetricOptions> options, TimeProvider clock, ILogger<MetricRollUp> log) : BackgroundService
{
    /// <summary>What is written late still comes into its hour.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(10);
    private const int RowsAtOnce = 2_000;

    private static readonly (MetricStep From, MetricStep To, TimeSpan Chunk, int Points)[] Levels =
        [(MetricStep.Raw, MetricStep.FiveMinutes, TimeSpan.FromHours(1), 12), (MetricStep.FiveMinutes, MetricStep.Hour, TimeSpan.FromDays(1), 24)];

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => options.Value.Enabled ? leases.WhileHeldAsync("metric roll-up", WorkAsync, stoppingToken) : Task.CompletedTask;

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.RollUpInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await RunAsync(stoppingToken);
                }
                catch (Exception away) when (!stoppingToken.IsCancellationRequested)
                {
                    NotReached(log, away); // the next tick rolls up what this one left
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is not rolled up yet is so after the next start.
        }
    }

    /// <summary>All companies once.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        List<Guid> companies;
        await using (var db = await platform.OpenAsync(ct))
        {
            companies = await db.Companies.Select(c => c.Id).ToListAsync(ct);
        }

        foreach (var company in companies)
        {
            try
            {
                await using var scope = scopes.Open(company, "metrics");
                foreach (var (from, to, chunk, points) in Levels)
                {
                    await RollUpAsync(scope.ServiceProvider, from, to, chunk, points, ct);
                }

                await RemoveAsync(scope.ServiceProvider, ct);
            }
            catch (Exception ex) when (!ct.IsCancellationRequested)
            {
                Postponed(log, company, ex);
            }
        }
    }

    private async Task RollUpAsync(IServiceProvider scope, MetricStep from, MetricStep to, TimeSpan chunk, int points, CancellationToken ct)
    {
        var complete = Floor(Now - Late, chunk);
        List<(Guid Subject, DateTime First)> due;
        await using (var db = await Open(scope, ct))
        {
            var done = await db.MetricChunks.Where(c => c.Step == to).GroupBy(c => c.SubjectId).Select(g => new { g.Key, Until = g.Max(c => c.Until) }).ToDictionaryAsync(g => g.Key, g => g.Until, ct);
            var oldest = await db.MetricChunks.Where(c => c.Step == from && c.From < complete).GroupBy(c => c.SubjectId).Select(g => new { g.Key, From = g.Min(c => c.From) }).ToListAsync(ct);
            due = [.. oldest.Select(o => (o.Key, First: done.TryGetValue(o.Key, out var until) && until > o.From ? until : Floor(o.From, chunk))).Where(d => d.First < complete)];
        }

        foreach (var (subject, first) in due)
        {
            await using var db = await Open(scope, ct);
            var finer = (await db.MetricChunks.AsNoTracking().Where(c => c.SubjectId == subject && c.Step == from && c.Until > first && c.From < complete).OrderBy(c => c.From)
                .Select(c => new { c.From, c.Until, c.Payload }).ToListAsync(ct)).ConvertAll(c => (c.From, c.Until, Block: MetricBlock.Unpack(c.Payload)));
            for (var begin = first; begin < complete; begin += chunk)
            {
                // A chunk that lies over the edge gives each side its own.
                var (start, end) = (begin, begin + chunk);
                var rolled = MetricBlock.RollUp([.. finer.Where(c => c.From < end && c.Until > start).Select(c => c.Block)], start, points, chunk / points);
                if (rolled.Series.Count > 0)
                {
                    db.MetricChunks.Add(new MetricChunk(db.TenantId, subject, to, start, end, rolled.Pack()));
                }
            }

            await db.SaveChangesAsync(ct);
        }
    }

    /// <summary>What was rolled up of times of which there is more now is rolled up anew: samples that came after their hour was closed would be drawn at the finest step alone.</summary>
    internal static async Task ReopenAsync(IDataDefenderDb db, IReadOnlyList<MetricChunk> late, CancellationToken ct)
    {
        var (subjects, oldest) = (late.Select(c => c.SubjectId).ToList(), late.Min(c => c.From));
        var rolled = await db.MetricChunks.Where(c => subjects.Contains(c.SubjectId) && c.Step != MetricStep.Raw && c.Until > oldest).Select(c => new { c.SubjectId, c.Until }).ToListAsync(ct);
        var anew = late.Where(l => rolled.Exists(r => r.SubjectId == l.SubjectId && r.Until > l.From)).ToList();
        if (anew.Count > 0)
        {
            (subjects, oldest) = (anew.ConvertAll(c => c.SubjectId), anew.Min(c => c.From));
            await db.MetricChunks.Where(c => subjects.Contains(c.SubjectId) && c.Step != MetricStep.Raw && c.Until > oldest).ExecuteDeleteAsync(ct);
        }
    }

    private async Task RemoveAsync(IServiceProvider scope, CancellationToken ct)
    {
        await using var db = await Open(scope, ct);
        foreach (var (step, (kept, _, _)) in MetricHistoryService.Steps)
        {
            var before = Now - kept;
            int removed;
            do
            {
                removed = await db.MetricChunks.Where(c => c.Step == step && c.Until < before).OrderBy(c => c.Until).Take(RowsAtOnce).ExecuteDeleteAsync(ct);
            }
            while (removed == RowsAtOnce);
        }
    }

    private static Task<IDataDefenderDb> Open(IServiceProvider scope, CancellationToken ct) => scope.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);

    private static DateTime Floor(DateTime at, TimeSpan span) => new(at.Ticks / span.Ticks * span.Ticks, DateTimeKind.Utc);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The metrics of company {CompanyId} could not be rolled up; it is tried again")]
    private static partial void Postponed(ILogger log, Guid companyId, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No metrics could be rolled up; it is tried again")]
    private static partial void NotReached(ILogger log, Exception exception);
}

public static class MetricRegistration
{
    /// <summary>Keeps what pollers and RADIUS say. The process that polls runs it.</summary>
    public static IServiceCollection AddMetricHistory(this IServiceCollection services)
    {
        services.AddOptions<MetricOptions>().BindConfiguration(MetricOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<MetricRecorder>().AddSingleton<MetricRollUp>();
        services.AddHostedService(provider => provider.GetRequiredService<MetricRecorder>());
        return services.AddHostedService(provider => provider.GetRequiredService<MetricRollUp>());
    }
}
