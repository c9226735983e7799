using System.ComponentModel.DataAnnotations;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Monitoring.Alerts;
using DataDefender.Domain.Notifications.Staff;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Jobs;
using DataDefender.Infrastructure.Network.Polling;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Monitoring.Alerts;

/// <summary>Section <c>Alerts</c>.</summary>
public sealed class AlertWatchOptions : IValidatableObject
{
    public const string Section = "Alerts";

    /// <summary>Off for a second web node: two watches would write each incident twice.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How often what is live is judged, and ended sessions are looked at.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often routers, rules, planned work and counts of sessions are read anew.</summary>
    public TimeSpan ReadInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often it is noted who is back.</summary>
    public TimeSpan UpkeepInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the list of companies is read.</summary>
    public TimeSpan CompaniesInterval { get; set; } = TimeSpan.FromSeconds(20);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (new[] { Interval, ReadInterval, UpkeepInterval, CompaniesInterval }.Any(t => t < TimeSpan.FromMilliseconds(100) || t > TimeSpan.FromHours(1)))
        {
            yield return new ValidationResult("Each time is between 0.1 seconds and an hour.");
        }
    }
}

/// <summary>Judges the networks of all companies, each in its own scope, and keeps their incidents: in a process that polls, for what it judges is what that has read.</summary>
internal sealed partial class AlertWatch(
    IPlatformDbFactory platform, StopFeed stops, TenantScopes scopes, LiveMetrics metrics, AlertSignal signal, StaffNotifier notifier, StaffInbox inbox, JobLeases leases,
    IOptions<AlertWatchOptions> options, IOptions<PollingOptions> polling, TimeProvider clock, ILogger<AlertWatch> log) : BackgroundService
{
    private readonly Dictionary<Guid, CompanyWatch> _companies = [];
    private DateTime _companiesAt = DateTime.MinValue;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => options.Value.Enabled && polling.Value.Enabled ? leases.WhileHeldAsync("alerts", WorkAsync, stoppingToken) : Task.CompletedTask;

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        _companies.Clear(); // another process may have judged since: begin from the database
        _companiesAt = DateTime.MinValue;
        using var timer = new PeriodicTimer(options.Value.Interval, clock);
        try
        {
            do
            {
                await TickAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process is ending.
        }
    }

    /// <summary>One look at everything.</summary>
    internal async Task TickAsync(CancellationToken ct)
    {
        IReadOnlyList<SessionNews> news = [];
        try
        {
            await ListAsync(ct);
            news = await stops.ReadAsync(ct);
        }
        catch (Exception ex) when (!ct.IsCancellationRequested)
        {
            NotRead(log, ex);
        }

        var byCompany = news.ToDictionary(n => n.TenantId);
        foreach (var (id, company) in _companies)
        {
            try
            {
                await company.TickAsync(byCompany.GetValueOrDefault(id), ct);
            }
            catch (Exception ex) when (!ct.IsCancellationRequested)
            {
                NotJudged(log, id, ex); // one company's trouble is not the others'; it is judged again in a moment
            }
        }
    }

    private async Task ListAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        if (now - _companiesAt < options.Value.CompaniesInterval)
        {
            return;
        }

        List<Guid> active;
        await using (var db = await platform.OpenAsync(ct))
        {
            active = await db.Companies.Where(c => c.Status == CompanyStatus.Active).Select(c => c.Id).ToListAsync(ct);
        }

        foreach (var gone in _companies.Keys.Except(active).ToList())
        {
            _companies.Remove(gone);
        }

        foreach (var id in active)
        {
            _companies.TryAdd(id, new CompanyWatch(id, scopes, metrics, signal, notifier, inbox, options.Value, clock));
        }

        _companiesAt = now;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sessions that ended could not be read; alerts go on with what is live")]
    private static partial void NotRead(ILogger log, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The alerts of company {CompanyId} could not be judged or written; it is tried again")]
    private static partial void NotJudged(ILogger log, Guid companyId, Exception exception);
}

public static class AlertRegistration
{
    /// <summary>The watch over all companies' networks. One process of an installation does it at a time. Needs <c>AddMonitoring</c>.</summary>
    public static IServiceCollection AddAlerts(this IServiceCollection services)
    {
        services.AddOptions<AlertWatchOptions>().BindConfiguration(AlertWatchOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<AlertSignal>();
        services.TryAddSingleton<StaffInbox>();
        services.TryAddSingleton<StaffNotifier>();
        services.AddSingleton<StopFeed>();
        return services.AddHostedService<AlertWatch>();
    }
}
