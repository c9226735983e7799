using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Payments;

/// <summary>
/// Applies what providers sent, as soon as it is stored; looks after pushes whose outcome is open; fetches what came in. It finds the work
/// of all companies and does each in its company's scope. What it does not get done stays in the database for the next start.
/// </summary>
internal sealed partial class PaymentWorker(
    IPlatformDbFactory platform, TenantScopes scopes, PaymentSignal signal, IOptions<PaymentOptions> options, TimeProvider clock, ILogger<PaymentWorker> log) : BackgroundService
{
    private const string Part = "payments";
    private static readonly TimeSpan HousekeepingInterval = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan RenewalInterval = TimeSpan.FromMinutes(1);

    private DateTimeOffset _nextPull;
    private DateTimeOffset _nextRenewal;
    private DateTimeOffset _nextHousekeeping;

    /// <summary>One round of everything that is due; returns how many messages and looks it was.</summary>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        var done = await ApplyAsync(ct);
        done += await LookAsync(ct);
        var now = clock.GetUtcNow();
        if (now >= _nextPull)
        {
            _nextPull = now + options.Value.PullInterval;
            await PullAsync(ct);
            done += await ApplyAsync(ct);
        }

        if (now >= _nextRenewal)
        {
            _nextRenewal = now + RenewalInterval;
            await RenewAsync(ct);
        }

        if (now >= _nextHousekeeping)
        {
            _nextHousekeeping = now + HousekeepingInterval;
            await KeepHouseAsync(ct);
        }

        return done;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var done = 0;
            try
            {
                done = await RunOnceAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception trouble)
            {
                Failed(log, trouble); // the database is away: the next round may find it
            }

            if (done == 0)
            {
                await signal.WaitAsync(options.Value.LookInterval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<int> ApplyAsync(CancellationToken ct)
    {
        var done = 0;
        foreach (var company in await CompaniesAsync(db => db.InboundMessages.AcrossTenants().Where(m => m.Status == InboundStatus.Received).Select(m => m.TenantId).Distinct(), ct))
        {
            done += await InCompanyAsync(company, (services, cancel) => services.GetRequiredService<PaymentIntake>().ApplyWaitingAsync(cancel), ct);
        }

        return done;
    }

    private async Task<int> LookAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        List<(Guid Company, Guid Attempt)> due;
        await using (var db = await platform.OpenAsync(ct))
        {
            due = [.. (await db.PaymentAttempts.AcrossTenants().AsNoTracking().Where(a => a.NextLookAt != null && a.NextLookAt <= now).OrderBy(a => a.NextLookAt).Take(200)
                .Select(a => new { a.TenantId, a.Id }).ToListAsync(ct)).Select(a => (a.TenantId, a.Id))];
        }

        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = options.Value.Parallel, CancellationToken = ct }, async (look, cancel) =>
            await InCompanyAsync(look.Company, async (services, inner) =>
            {
                await services.GetRequiredService<PaymentIntake>().LookAsync(look.Attempt, Jitter(look.Attempt), inner);
                return 1;
            }, cancel));
        return due.Count;
    }

    private async Task PullAsync(CancellationToken ct)
    {
        List<(Guid Company, Guid Channel)> channels;
        await using (var db = await platform.OpenAsync(ct))
        {
            channels = [.. (await db.PaymentChannels.AcrossTenants().AsNoTracking().Where(c => c.IsEnabled).Select(c => new { c.TenantId, c.Id, c.Options }).ToListAsync(ct))
                .Where(c => c.Options.CanPull).Select(c => (c.TenantId, c.Id))];
        }

        foreach (var (company, channel) in channels)
        {
            await InCompanyAsync(company, async (services, inner) =>
            {
                if (await services.GetRequiredService<PaymentIntake>().PullAsync(channel, inner) is { } reason)
                {
                    NotFetched(log, channel, reason);
                }

                return 1;
            }, ct);
        }
    }

    private async Task RenewAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var (from, until) = (now - AutoRenewal.NotLaterThan, now + AutoRenewal.Ahead);
        foreach (var company in await CompaniesAsync(db => db.Subscriptions.AcrossTenants()
            .Where(s => s.State == SubscriptionState.Active && s.ExpiresAt != null && s.ExpiresAt >= from && s.ExpiresAt <= until).Select(s => s.TenantId).Distinct(), ct))
        {
            await InCompanyAsync(company, (services, cancel) => services.GetRequiredService<AutoRenewal>().RenewDueAsync(cancel), ct);
        }
    }

    private async Task KeepHouseAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
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
    private async Task<int> InCompanyAsync(Guid company, Func<IServiceProvider, CancellationToken, Task<int>> work, CancellationToken ct)
    {
        try
        {
            await using var scope = scopes.Open(company, Part);
            return await work(scope.ServiceProvider, ct);
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            CompanyFailed(log, company, failure);
            return 0;
        }
    }

    // The same push always gets the same jitter, so a test can count on it; different pushes spread.
    private static double Jitter(Guid attempt) => (attempt.GetHashCode() & 0xFFFF) / (double)0xFFFF;

    [LoggerMessage(Level = LogLevel.Error, Message = "Payments could not be looked after; the next round tries again")]
    private static partial void Failed(ILogger log, Exception trouble);

    [LoggerMessage(Level = LogLevel.Error, Message = "Payments of company {CompanyId} could not be looked after; the next round tries again")]
    private static partial void CompanyFailed(ILogger log, Guid companyId, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What came in through channel {ChannelId} could not be fetched: {Reason}")]
    private static partial void NotFetched(ILogger log, Guid channelId, string reason);
}
