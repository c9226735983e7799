using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Overview;

/// <summary>The lines of a company by state, what is due among them, and what the newest clients are. Counts.</summary>
public sealed record LineFigures(int Active, int Limited, int Suspended, int SuspendedUnpaid, int Pending, int NewClientsThisMonth, int EndedThisMonth);

/// <summary>A line that was sold and waits to be switched on.</summary>
public sealed record WaitingLine(Guid ClientId, string Client, string? Place, string Username, string Package, DateTime Since);

/// <summary>The state of the network. Silent sessions have missed their reports.</summary>
public sealed record NetworkFigures(int RoutersUp, int RoutersDegraded, int RoutersDown, int RoutersUnknown, int Rejects, int RejectedUsers);

/// <summary>What the company may have and what it has.</summary>
public sealed record LicenceUse(Licence Licence, int Subscribers, int Routers, int DaysLeft);

/// <summary>The platform's companies, and who waits for a decision.</summary>
public sealed record PlatformFigures(int Waiting, int Active, int Suspended, int Subscribers, IReadOnlyList<WaitingCompany> Newest, IReadOnlyList<EndingLicence> Ending);

public sealed record WaitingCompany(Guid Id, string Name, string County, string ContactName, DateTime RegisteredAt);

public sealed record EndingLicence(Guid Id, string Name, DateOnly ExpiresOn);

/// <summary>The figures of the first screen. Each asks for the permission of what it counts.</summary>
public sealed class OverviewService(IDataDefenderDbFactory dbFactory, IPlatformDbFactory platform, TenantContext tenant, CurrentUser user, TimeProvider clock)
{
    private static readonly LoginOutcome[] Accepting = [.. LoginOutcomes.Accepting];

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    public async Task<LineFigures> LinesAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewClients);
        await using var db = await dbFactory.OpenAsync(ct);
        var month = await MonthStartAsync(db, ct);
        var lines = await db.Subscriptions.GroupBy(_ => 1).Select(all => new
        {
            Active = all.Count(s => s.State == SubscriptionState.Active),
            Limited = all.Count(s => s.State == SubscriptionState.Active && s.Limit != Policies.LimitKind.None && s.Limit != Policies.LimitKind.Schedule),
            Suspended = all.Count(s => s.State == SubscriptionState.Suspended),
            Unpaid = all.Count(s => s.State == SubscriptionState.Suspended && s.SuspendReason == SuspendReason.Unpaid),
            Pending = all.Count(s => s.State == SubscriptionState.Pending),
            Ended = all.Count(s => s.State == SubscriptionState.Disconnected && s.StateSince >= month),
        }).SingleOrDefaultAsync(ct);
        var newClients = await db.Clients.CountAsync(c => c.CreatedAt >= month, ct);
        return lines is null
            ? new LineFigures(0, 0, 0, 0, 0, newClients, 0)
            : new LineFigures(lines.Active, lines.Limited, lines.Suspended, lines.Unpaid, lines.Pending, newClients, lines.Ended);
    }

    /// <summary>Lines sold and not yet switched on, the longest waiting first.</summary>
    public async Task<IReadOnlyList<WaitingLine>> WaitingLinesAsync(int take, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewClients);
        await using var db = await dbFactory.OpenAsync(ct);
        var waiting = from line in db.Subscriptions
                      join client in db.Clients on line.ClientId equals client.Id
                      join package in db.Packages on line.PackageId equals package.Id
                      where line.State == SubscriptionState.Pending
                      orderby line.CreatedAt, line.Id
                      select new WaitingLine(client.Id, client.Name, client.Address ?? client.County, line.Username, package.Name, line.CreatedAt);
        return await waiting.Take(take).ToListAsync(ct);
    }

    /// <summary>Routers by state, and the logins refused in the past hour.</summary>
    public async Task<NetworkFigures> NetworkAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var routers = await db.Routers.Where(r => r.IsEnabled).GroupBy(r => r.State).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        var hour = Now.AddHours(-1);
        var refused = db.LoginAttempts.Where(a => a.At >= hour && !a.IsTest && !Accepting.Contains(a.Outcome));
        return new NetworkFigures(
            routers.GetValueOrDefault(RouterState.Up),
            routers.GetValueOrDefault(RouterState.Degraded),
            routers.GetValueOrDefault(RouterState.Down),
            routers.GetValueOrDefault(RouterState.Unknown),
            await refused.CountAsync(ct),
            await refused.Select(a => a.Username).Distinct().CountAsync(ct));
    }

    /// <summary>Null for a company without a licence.</summary>
    public async Task<LicenceUse?> LicenceAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageCompany);
        await using var db = await dbFactory.OpenAsync(ct);
        var company = await db.Companies.AsNoTracking().SingleAsync(c => c.Id == tenant.TenantId, ct);
        if (company.Licence is not { } licence)
        {
            return null;
        }

        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(Now, TimeZoneInfo.FindSystemTimeZoneById(company.TimeZone)));
        return new LicenceUse(
            licence,
            await db.Subscriptions.CountAsync(s => s.State != SubscriptionState.Disconnected, ct),
            await db.Routers.CountAsync(ct),
            licence.ExpiresOn.DayNumber - today.DayNumber);
    }

    public async Task<PlatformFigures> PlatformAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePlatform);
        await using var db = await platform.OpenAsync(ct);
        var byStatus = await db.Companies.GroupBy(c => c.Status).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        var soon = DateOnly.FromDateTime(Now.AddDays(14));
        var newest = await db.Companies.Where(c => c.Status == CompanyStatus.Pending).OrderBy(c => c.RegisteredAt).Take(8)
            .Select(c => new WaitingCompany(c.Id, c.Name, c.County, c.ContactName, c.RegisteredAt)).ToListAsync(ct);
        var ending = await db.Companies.Where(c => c.Status == CompanyStatus.Active && c.LicenceExpiresOn != null && c.LicenceExpiresOn <= soon)
            .OrderBy(c => c.LicenceExpiresOn).Take(8).Select(c => new EndingLicence(c.Id, c.Name, c.LicenceExpiresOn!.Value)).ToListAsync(ct);
        return new PlatformFigures(
            byStatus.GetValueOrDefault(CompanyStatus.Pending),
            byStatus.GetValueOrDefault(CompanyStatus.Active),
            byStatus.GetValueOrDefault(CompanyStatus.Suspended),
            await db.Subscriptions.AcrossTenants().CountAsync(s => s.State != SubscriptionState.Disconnected, ct),
            newest,
            ending);
    }

    private async Task<DateTime> MonthStartAsync(IDataDefenderDb db, CancellationToken ct)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(await db.Companies.Where(c => c.Id == tenant.TenantId).Select(c => c.TimeZone).SingleAsync(ct));
        return Policies.WindowSpan.At(Policies.UsageWindow.Month, Now, zone).Start;
    }
}
