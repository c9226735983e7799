using System.Collections.Concurrent;
using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Payments;

/// <summary>
/// Applies what providers sent, as soon as it is stored; looks after outcomes that are open; fetches what came in; keeps house. Each of the
/// four goes on by itself, and a provider that does not answer keeps only its own channel waiting. The work of all companies is found at
/// once and done in each company's scope. What it does not get done stays in the database for the next start.
/// </summary>
internal sealed partial class PaymentWorker(
    IPlatformDbFactory platform, TenantScopes scopes, PaymentSignal signal, IOptions<PaymentOptions> options, TimeProvider clock, ILogger<PaymentWorker> log) : BackgroundService
{
    private const string Part = "payments";
    private const int LooksAtOnce = 200;
    private static readonly TimeSpan HousekeepingInterval = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan MinuteInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, Task> _looking = new();
    private readonly ConcurrentDictionary<Guid, Task> _pulling = new();
    private readonly PaymentSignal _looks = new(); // what was applied may be a claim, which is asked for at once
    private DateTimeOffset _nextPull;
    private DateTimeOffset _nextMinute;
    private DateTimeOffset _nextHousekeeping;

    /// <summary>One round of everything that is due, to its end; returns how many messages and looks it was.</summary>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        var done = await ApplyAsync(ct);
        var (looks, looking) = await LookAsync(ct);
        await looking;
        done += looks;
        if (await PullAsync(ct) is { } pulling)
        {
            await pulling;
            done += await ApplyAsync(ct);
        }

        await KeepHouseAsync(ct);
        return done;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        Task.Run(() => RepeatAsync(async ct =>
        {
            var applied = await ApplyAsync(ct);
            if (applied > 0)
            {
                _looks.Wake();
                return;
            }

            await signal.WaitAsync(options.Value.LookInterval, clock, ct);
        }, stoppingToken), stoppingToken),
        Task.Run(() => RepeatAsync(async ct =>
        {
            await LookAsync(ct);
            await _looks.WaitAsync(options.Value.LookInterval, clock, ct);
        }, stoppingToken), stoppingToken),
        Task.Run(() => RepeatAsync(async ct =>
        {
            await PullAsync(ct);
            await Task.Delay(options.Value.LookInterval, clock, ct);
        }, stoppingToken), stoppingToken),
        Task.Run(() => RepeatAsync(async ct =>
        {
            await KeepHouseAsync(ct);
            await Task.Delay(options.Value.LookInterval, clock, ct);
        }, stoppingToken), stoppingToken));

    private async Task RepeatAsync(Func<CancellationToken, Task> round, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await round(ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                break;
            }
            catch (Exception trouble)
            {
                Failed(log, trouble); // the database is away: the next round may find it
                await Task.Delay(options.Value.LookInterval, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        // What is with a provider is ended by the same token, and what came of it is written down.
        await Task.WhenAll([.. _looking.Values, .. _pulling.Values]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<int> ApplyAsync(CancellationToken ct)
    {
        var (done, now) = (0, clock.GetUtcNow().UtcDateTime);
        foreach (var company in await CompaniesAsync(
            db => db.InboundMessages.AcrossTenants().Where(m => m.Status == InboundStatus.Received && (m.NotBefore == null || m.NotBefore <= now)).Select(m => m.TenantId).Distinct(), ct))
        {
            done += await InCompanyAsync(company, (services, cancel) => services.GetRequiredService<PaymentIntake>().ApplyWaitingAsync(cancel), ct);
        }

        return done;
    }

    /// <summary>Begins the looks that are due, each channel's by themselves; a channel whose provider is still silent gets no more.</summary>
    private async Task<(int Count, Task Looking)> LookAsync(CancellationToken ct)
    {
        var due = await DueAsync([.. _looking.Keys], ct);
        var started = due.GroupBy(d => d.Channel).Select(channel => Begin(_looking, channel.Key, () => Parallel.ForEachAsync(
            channel, new ParallelOptions { MaxDegreeOfParallelism = options.Value.Parallel, CancellationToken = ct }, async (look, cancel) => await InCompanyAsync(look.Company, look.Act, cancel)))).ToList();
        return (due.Count, Task.WhenAll(started));
    }

    private async Task<List<DueLook>> DueAsync(List<Guid> busy, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        await using var db = await platform.OpenAsync(ct);
        var pushes = await db.PaymentAttempts.AcrossTenants().AsNoTracking().Where(a => a.NextLookAt != null && a.NextLookAt <= now && !busy.Contains(a.ChannelId)).OrderBy(a => a.NextLookAt).Take(LooksAtOnce)
            .Select(a => new { a.TenantId, a.ChannelId, a.Id }).ToListAsync(ct);
        var payments = await db.ProviderTransactions.AcrossTenants().AsNoTracking().Where(t => t.NextLookAt != null && t.NextLookAt <= now && t.ChannelId != null && !busy.Contains(t.ChannelId.Value)).OrderBy(t => t.NextLookAt).Take(LooksAtOnce)
            .Select(t => new { t.TenantId, ChannelId = t.ChannelId!.Value, t.Id }).ToListAsync(ct);
        var refunds = await db.Refunds.AcrossTenants().AsNoTracking().Where(r => r.NextLookAt != null && r.NextLookAt <= now && !busy.Contains(r.ChannelId)).OrderBy(r => r.NextLookAt).Take(LooksAtOnce)
            .Select(r => new { r.TenantId, r.ChannelId, r.Id }).ToListAsync(ct);
        return
        [
            .. pushes.Select(a => new DueLook(a.TenantId, a.ChannelId, (services, inner) => services.GetRequiredService<PushInquiry>().LookAsync(a.Id, Jitter(a.Id), inner))),
            .. payments.Select(t => new DueLook(t.TenantId, t.ChannelId, (services, inner) => services.GetRequiredService<StatusInquiry>().LookAtPaymentAsync(t.Id, Jitter(t.Id), inner))),
            .. refunds.Select(r => new DueLook(r.TenantId, r.ChannelId, (services, inner) => services.GetRequiredService<StatusInquiry>().LookAtRefundAsync(r.Id, Jitter(r.Id), inner))),
        ];
    }

    /// <summary>Begins to fetch every channel's list when it is time; null when it is not.</summary>
    private async Task<Task?> PullAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (now < _nextPull)
        {
            return null;
        }

        _nextPull = now + options.Value.PullInterval;
        List<(Guid Company, Guid Channel)> channels;
        await using (var db = await platform.OpenAsync(ct))
        {
            channels = [.. (await db.PaymentChannels.AcrossTenants().AsNoTracking().Where(c => c.IsEnabled).Select(c => new { c.TenantId, c.Id, c.Options }).ToListAsync(ct))
                .Where(c => c.Options.CanPull).Select(c => (c.TenantId, c.Id))];
        }

        return Task.WhenAll(channels.Select(c => Begin(_pulling, c.Channel, () => InCompanyAsync(c.Company, async (services, inner) =>
        {
            if (await services.GetRequiredService<PullFeed>().FetchAsync(c.Channel, inner) is { } reason)
            {
                NotFetched(log, c.Channel, reason);
            }

            signal.Wake();
            return true;
        }, ct))).ToList());
    }

    private async Task KeepHouseAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (now >= _nextMinute)
        {
            _nextMinute = now + MinuteInterval;
            await RenewAsync(now.UtcDateTime, ct);
            await AlertAsync(ct);
        }

        if (now >= _nextHousekeeping)
        {
            _nextHousekeeping = now + HousekeepingInterval;
            await TidyAsync(now.UtcDateTime, ct);
        }
    }

    private async Task RenewAsync(DateTime now, CancellationToken ct)
    {
        var until = now + AutoRenewal.Ahead;
        foreach (var company in await CompaniesAsync(db => db.Subscriptions.AcrossTenants()
            .Where(s => s.State == SubscriptionState.Active && s.ExpiresAt != null && s.ExpiresAt <= until).Select(s => s.TenantId).Distinct(), ct))
        {
            await InCompanyAsync(company, (services, cancel) => services.GetRequiredService<AutoRenewal>().RenewDueAsync(cancel), ct);
        }
    }

    private async Task AlertAsync(CancellationToken ct)
    {
        foreach (var company in await CompaniesAsync(db => db.InboundMessages.AcrossTenants().Where(m => m.Status == InboundStatus.Received || m.Status == InboundStatus.Claimed || m.Status == InboundStatus.SetAside).Select(m => m.TenantId)
            .Union(db.PaymentAttempts.AcrossTenants().Where(a => a.Status == AttemptStatus.NeedsReview).Select(a => a.TenantId))
            .Union(db.Refunds.AcrossTenants().Where(r => r.Status == RefundStatus.NeedsReview).Select(r => r.TenantId))
            .Union(db.ProviderTransactions.AcrossTenants().Where(t => t.IsHeld).Select(t => t.TenantId)), ct))
        {
            await InCompanyAsync(company, (services, cancel) => services.GetRequiredService<PaymentAlerts>().LookAsync(cancel), ct);
        }
    }

    private async Task TidyAsync(DateTime now, CancellationToken ct)
    {
        foreach (var company in await CompaniesAsync(db => db.PaymentIntents.AcrossTenants()
            .Where(i => (i.Status == IntentStatus.RequiresPayment || i.Status == IntentStatus.Processing) && i.ExpiresAt < now).Select(i => i.TenantId).Distinct(), ct))
        {
            await InCompanyAsync(company, (services, cancel) => services.GetRequiredService<PaymentService>().ExpireAsync(cancel), ct);
        }

        await using var db = await platform.OpenAsync(ct);
        var oldest = now.AddDays(-options.Value.KeepRequestsDays);
        await db.ProviderRequests.AcrossTenants().Where(r => r.At < oldest).ExecuteDeleteAsync(ct);
    }

    private async Task<List<Guid>> CompaniesAsync(Func<IDataDefenderDb, IQueryable<Guid>> query, CancellationToken ct)
    {
        await using var db = await platform.OpenAsync(ct);
        return await query(db).ToListAsync(ct);
    }

    /// <summary>One company's trouble does not keep the others waiting.</summary>
    private async Task<T?> InCompanyAsync<T>(Guid company, Func<IServiceProvider, CancellationToken, Task<T>> work, CancellationToken ct)
    {
        try
        {
            await using var scope = scopes.Open(company, Part);
            return await work(scope.ServiceProvider, ct);
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            CompanyFailed(log, company, failure);
            return default;
        }
    }

    /// <summary>Begins work of a channel, unless work of that kind is still under way for it.</summary>
    private static Task Begin(ConcurrentDictionary<Guid, Task> running, Guid channel, Func<Task> work)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return running.TryAdd(channel, started.Task) ? RunAsync() : Task.CompletedTask;

        async Task RunAsync()
        {
            try
            {
                await Task.Run(work);
            }
            finally
            {
                running.TryRemove(channel, out _);
                started.SetResult();
            }
        }
    }

    // The same push always gets the same jitter, so a test can count on it; different pushes spread.
    private static double Jitter(Guid id) => (id.GetHashCode() & 0xFFFF) / (double)0xFFFF;

    private sealed record DueLook(Guid Company, Guid Channel, Func<IServiceProvider, CancellationToken, Task<bool>> Act);

    [LoggerMessage(Level = LogLevel.Error, Message = "Payments could not be looked after; the next round tries again")]
    private static partial void Failed(ILogger log, Exception trouble);

    [LoggerMessage(Level = LogLevel.Error, Message = "Payments of company {CompanyId} could not be looked after; the next round tries again")]
    private static partial void CompanyFailed(ILogger log, Guid companyId, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What came in through channel {ChannelId} could not be fetched: {Reason}")]
    private static partial void NotFetched(ILogger log, Guid channelId, string reason);
}
