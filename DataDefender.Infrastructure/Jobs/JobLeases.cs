using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Threading.Channels;
using DataDefender.Domain.Common;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Jobs;

/// <summary>How long a process may be silent before another one does its jobs.</summary>
public sealed class JobLeaseOptions : IValidatableObject
{
    public const string Section = "JobLeases";

    /// <summary>How often a process says that it is there, and looks whether another still is.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A process that cannot say so ends its jobs after this long.</summary>
    public TimeSpan GiveUp { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>A process that was silent for so long is taken for dead.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(30);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Interval < TimeSpan.FromMilliseconds(10) || Interval * 2 > GiveUp || GiveUp >= Patience || Patience > TimeSpan.FromMinutes(10))
        {
            yield return new ValidationResult("JobLeases: Interval is at most half of GiveUp, and GiveUp less than Patience, which is at most ten minutes.");
        }
    }
}

/// <summary>
/// Has each job that only one process may do done by one of them. The lease is a row: see <see cref="JobLease"/>. A process that stops lays
/// its jobs down, and another takes them within <see cref="JobLeaseOptions.Interval"/>; of one that dies, within
/// <see cref="JobLeaseOptions.Patience"/> and two intervals. A process that was frozen for longer goes on for a moment before it notices:
/// jobs have to bear that, as they bear being begun anew.
/// </summary>
/// <param name="clock">The real one: what counts is how long a process was silent, not what time it is.</param>
public sealed partial class JobLeases(IPlatformDbFactory platform, IOptions<JobLeaseOptions> options, TimeProvider clock, ILogger<JobLeases> log)
{
    private static readonly string Machine = Environment.MachineName[..Math.Min(Environment.MachineName.Length, 100)];

    private readonly Guid _node = Guid.CreateVersion7();
    private readonly ConcurrentDictionary<string, Job> _jobs = new(StringComparer.Ordinal);
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _lock = new();
    private Task _looking = Task.CompletedTask;
    private bool _failing;

    /// <summary>This process does the job now.</summary>
    public bool IsHeld(string job) => _jobs.TryGetValue(job, out var known) && known.IsHeld;

    /// <summary>Does the work whenever this process has the job, from the beginning each time, until it is stopped or the work ends by itself.</summary>
    /// <param name="work">Its token is cancelled when the job is lost.</param>
    public async Task WhileHeldAsync(string job, Func<CancellationToken, Task> work, CancellationToken ct)
    {
        await Task.Yield(); // a host starts its services one after the other
        using var own = new Job();
        if (!_jobs.TryAdd(job, own))
        {
            throw new InvalidOperationException($"The job {job} is waited for in this process already.");
        }

        try
        {
            Look();
            while (true)
            {
                var held = await own.WonAsync(ct);
                Took(log, job);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(held, ct);
                try
                {
                    await work(either.Token);
                }
                catch (OperationCanceledException) when (held.IsCancellationRequested && !ct.IsCancellationRequested)
                {
                    // Lost; whoever has it now does it.
                }

                if (ct.IsCancellationRequested || !held.IsCancellationRequested)
                {
                    return;
                }

                Lost(log, job);
            }
        }
        finally
        {
            _jobs.TryRemove(job, out _);
            await LayDownAsync(job);
        }
    }

    private void Look()
    {
        lock (_lock)
        {
            if (_looking.IsCompleted)
            {
                _looking = Task.Run(LookOnAsync);
            }
        }

        _news.Writer.TryWrite(true);
    }

    private async Task LookOnAsync()
    {
        while (true)
        {
            try
            {
                await LookAsync();
                _failing = false;
            }
            catch (Exception trouble)
            {
                if (!_failing)
                {
                    NotLooked(log, trouble); // once, not every few seconds while the database is away
                }

                _failing = true;
            }

            using var patience = new CancellationTokenSource(options.Value.Interval, clock);
            try
            {
                await _news.Reader.ReadAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                // It is time to look again.
            }

            lock (_lock)
            {
                if (_jobs.IsEmpty)
                {
                    _looking = Task.CompletedTask;
                    return;
                }
            }
        }
    }

    private async Task LookAsync()
    {
        using var enough = new CancellationTokenSource(options.Value.GiveUp, clock);
        var names = _jobs.Keys.ToList();
        var asked = clock.GetTimestamp();
        await using var db = await platform.OpenAsync(enough.Token);
        var rows = await db.JobLeases.AsNoTracking().Where(l => names.Contains(l.Job)).ToDictionaryAsync(l => l.Job, enough.Token);
        var mine = names.FindAll(n => rows.GetValueOrDefault(n)?.Holder == _node);
        if (mine.Count > 0)
        {
            var renewed = await db.JobLeases.Where(l => mine.Contains(l.Job) && l.Holder == _node).ExecuteUpdateAsync(l => l.SetProperty(x => x.Beat, x => x.Beat + 1), enough.Token);
            if (renewed == mine.Count) // else one of them was taken in this moment, and the next look says which
            {
                mine.ForEach(n => Of(n)?.Win(Left(asked), clock));
            }
        }

        foreach (var name in names.Except(mine))
        {
            if (Of(name) is { } job)
            {
                job.Lose();
                if (await TakeAsync(db, name, job, rows.GetValueOrDefault(name), enough.Token))
                {
                    job.Win(Left(asked), clock);
                }
            }
        }
    }

    private async Task<bool> TakeAsync(IDataDefenderDb db, string name, Job job, JobLease? row, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        if (row is null)
        {
            await using var own = await platform.OpenAsync(ct);
            own.JobLeases.Add(new JobLease { Job = name, Holder = _node, Machine = Machine, Beat = 1, TakenAt = now });
            try
            {
                await own.SaveChangesAsync(ct);
                return true;
            }
            catch (DbUpdateException)
            {
                return false; // another process was faster
            }
        }

        return (row.Holder == Guid.Empty || job.HasBeenSilent(row, options.Value.Patience, clock))
            && await db.JobLeases.Where(l => l.Job == name && l.Holder == row.Holder && l.Beat == row.Beat)
                .ExecuteUpdateAsync(l => l.SetProperty(x => x.Holder, _node).SetProperty(x => x.Machine, Machine).SetProperty(x => x.Beat, x => x.Beat + 1).SetProperty(x => x.TakenAt, now), ct) == 1;
    }

    private async Task LayDownAsync(string job)
    {
        try
        {
            using var enough = new CancellationTokenSource(options.Value.Interval, clock);
            await using var db = await platform.OpenAsync(enough.Token);
            await db.JobLeases.Where(l => l.Job == job && l.Holder == _node).ExecuteUpdateAsync(l => l.SetProperty(x => x.Holder, Guid.Empty), enough.Token);
        }
        catch (Exception trouble)
        {
            NotLaidDown(log, job, trouble); // another process takes it when it has been silent for long enough
        }
    }

    private Job? Of(string name) => _jobs.GetValueOrDefault(name);

    /// <summary>Others count from when they see the beat, which is after it was asked for.</summary>
    private TimeSpan Left(long asked) => options.Value.GiveUp - clock.GetElapsedTime(asked) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    [LoggerMessage(Level = LogLevel.Information, Message = "This process does the job {Job} now")]
    private static partial void Took(ILogger log, string job);

    [LoggerMessage(Level = LogLevel.Warning, Message = "This process has lost the job {Job}: it could not say that it is there, or another took it")]
    private static partial void Lost(ILogger log, string job);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Who does which job could not be read; it is tried again")]
    private static partial void NotLooked(ILogger log, Exception trouble);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The job {Job} could not be laid down")]
    private static partial void NotLaidDown(ILogger log, string job, Exception trouble);

    /// <summary>What this process knows of one job.</summary>
    private sealed class Job : IDisposable
    {
        private readonly Lock _lock = new();
        private TaskCompletionSource<CancellationToken> _won = New();
        private CancellationTokenSource? _held;
        private (Guid Holder, long Beat, long At)? _seen;

        public bool IsHeld
        {
            get
            {
                lock (_lock)
                {
                    return _held is { IsCancellationRequested: false };
                }
            }
        }

        public Task<CancellationToken> WonAsync(CancellationToken ct)
        {
            lock (_lock)
            {
                if (_held is { IsCancellationRequested: true })
                {
                    (_held, _won) = (null, New()); // its time ran out, and no look has said so yet
                }

                return _won.Task.WaitAsync(ct);
            }
        }

        /// <summary>Won, or held on to, for so long from now.</summary>
        public void Win(TimeSpan until, TimeProvider clock)
        {
            lock (_lock)
            {
                if (_held is { IsCancellationRequested: false } held)
                {
                    held.CancelAfter(until);
                    return;
                }

                _held?.Dispose();
                _held = new CancellationTokenSource(until, clock);
                if (_won.Task.IsCompleted)
                {
                    _won = New();
                }

                _won.SetResult(_held.Token);
            }
        }

        public void Lose()
        {
            CancellationTokenSource? held;
            lock (_lock)
            {
                (held, _held, _seen) = (_held, null, _held is null ? _seen : null);
                if (held is not null)
                {
                    _won = New();
                }
            }

            held?.Cancel();
        }

        public void Dispose()
        {
            Lose();
            _held?.Dispose();
        }

        /// <summary>The same beat for so long, as this process sees it.</summary>
        public bool HasBeenSilent(JobLease row, TimeSpan patience, TimeProvider clock)
        {
            if (_seen is not { } seen || seen.Holder != row.Holder || seen.Beat != row.Beat)
            {
                _seen = (row.Holder, row.Beat, clock.GetTimestamp());
                return false;
            }

            return clock.GetElapsedTime(seen.At) >= patience;
        }

        private static TaskCompletionSource<CancellationToken> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
