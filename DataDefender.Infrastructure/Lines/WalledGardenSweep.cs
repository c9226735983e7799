using System.Security.Cryptography;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Jobs;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Lines;

/// <summary>
/// Takes our entries out of the routers' walled garden lists when their line is no longer at that address: a suspended client that dialled
/// in again got another one, and the next client on the old one must not be walled in.
/// </summary>
internal sealed partial class WalledGardenSweep(
    IPlatformDbFactory platform, TenantScopes scopes, ISecretVault vault, IRouterGateway gateway, JobLeases leases, IOptions<LineControlOptions> options, TimeProvider clock, ILogger<WalledGardenSweep> log)
    : BackgroundService
{
    private const string OurMarks = "DD:";

    /// <summary>Looks at every router of every active company once.</summary>
    public async Task SweepAsync(CancellationToken ct)
    {
        List<Guid> companies;
        await using (var db = await platform.OpenAsync(ct))
        {
            companies = await db.Companies.Where(c => c.Status == CompanyStatus.Active).Select(c => c.Id).ToListAsync(ct);
        }

        foreach (var company in companies)
        {
            try
            {
                var (lists, routers) = await RoutersAsync(company, ct);
                await Task.WhenAll(routers.Select(router => SweepAsync(company, lists, router, ct)));
            }
            catch (Exception trouble) when (trouble is not OperationCanceledException)
            {
                NotSwept(log, trouble); // the next company's clients are not to suffer for it
            }
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => leases.WhileHeldAsync("walled garden", WorkAsync, stoppingToken);

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await SweepAsync(stoppingToken);
                }
                catch (Exception trouble) when (trouble is not OperationCanceledException)
                {
                    NotSwept(log, trouble);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private async Task<(IReadOnlySet<string> Lists, List<RouterEndpoint> Routers)> RoutersAsync(Guid company, CancellationToken ct)
    {
        var cipher = await vault.OpenAsync(company, ct);
        await using var scope = scopes.Open(company, "line control");
        await using var db = await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
        var settings = await db.NetworkSettings.AsNoTracking().SingleOrDefaultAsync(ct) ?? new NetworkSettings(company);
        var routers = await db.Routers.AsNoTracking().Where(r => r.IsEnabled && db.NasDevices.Any(n => n.RouterId == r.Id)).ToListAsync(ct);
        return (settings.AddressLists, [.. routers.Select(r => EndpointOf(r, cipher)).OfType<RouterEndpoint>()]);
    }

    private static RouterEndpoint? EndpointOf(Router router, ITenantCipher cipher)
    {
        try
        {
            return router.Endpoint(cipher);
        }
        catch (CryptographicException)
        {
            return null; // the router's page says that its password has to be entered again
        }
    }

    private async Task SweepAsync(Guid company, IReadOnlySet<string> lists, RouterEndpoint router, CancellationToken ct)
    {
        try
        {
            foreach (var list in lists)
            {
                await SweepAsync(company, list, router, ct);
            }
        }
        catch (Exception trouble) when (trouble is not OperationCanceledException)
        {
            NotSwept(log, trouble);
        }
    }

    private async Task SweepAsync(Guid company, string list, RouterEndpoint router, CancellationToken ct)
    {
        var listed = await gateway.PrintAsync(router, WalledGarden.Menu, [RouterQuery.Is("list", list)], [".id", "address", "comment"], ct);
        if (listed is not RouterOutcome.Done { Rows: var rows })
        {
            return; // the poller tells of a router that is away
        }

        var marked = rows.Where(r => r.Id is not null && LineOf(r) is not null).ToList();
        if (marked.Count == 0)
        {
            return;
        }

        var (ours, homes) = await HomesAsync(company, [.. marked.Select(r => LineOf(r)!.Value).Distinct()], ct);
        var stale = marked.Where(r => ours.Contains(LineOf(r)!.Value) && !homes.Contains((LineOf(r)!.Value, r["address"]))).ToList();
        if (stale.Count > 0)
        {
            await gateway.RemoveAsync(router, WalledGarden.Menu, stale.ConvertAll(r => r.Id!), ct);
            Removed(log, stale.Count, list, router.RouterId);
        }
    }

    /// <summary>The line that line control wrote it for; null for what it did not write: what was provisioned is marked "DD:1a2b3c4d:line/…" and is the plan's.</summary>
    private static Guid? LineOf(RouterRow entry) =>
        entry["comment"] is { } comment && comment.StartsWith(OurMarks, StringComparison.Ordinal) && Guid.TryParseExact(comment.AsSpan(OurMarks.Length), "D", out var line) ? line : null;

    /// <summary>Which of these lines are the company's (the router may be shared with another), and where they are now.</summary>
    private async Task<(HashSet<Guid> Ours, HashSet<(Guid Line, string? Address)> Homes)> HomesAsync(Guid company, List<Guid> lines, CancellationToken ct)
    {
        await using var scope = scopes.Open(company, "line control");
        await using var db = await scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
        var ours = await db.Subscriptions.AsNoTracking().Where(s => lines.Contains(s.Id)).Select(s => s.Id).ToListAsync(ct);
        var sessions = await db.LiveSessions.AsNoTracking()
            .Where(s => s.SubscriptionId != null && lines.Contains(s.SubscriptionId.Value))
            .Select(s => new { Line = s.SubscriptionId!.Value, s.FramedAddress })
            .ToListAsync(ct);
        return ([.. ours], [.. sessions.Select(s => (s.Line, s.FramedAddress))]);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} entries of gone sessions removed from list {List} of router {Router}")]
    private static partial void Removed(ILogger log, int count, string list, Guid router);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The walled garden lists could not be swept")]
    private static partial void NotSwept(ILogger log, Exception trouble);
}
