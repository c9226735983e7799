using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Monitoring.Incidents;

/// <summary>Planned work as it is listed.</summary>
public sealed record MaintenanceRow(Guid Id, DateTime From, DateTime Until, Guid? RouterId, string? RouterName, string? Site, string Reason, string PlannedBy);

/// <summary>Plans work during which nothing new is raised for a router or a site.</summary>
public sealed class MaintenanceService(IDataDefenderDbFactory dbFactory, Alerts.AlertSignal signal, CurrentUser user, TimeProvider clock)
{
    /// <summary>What is planned or under way, the next to end first; then what was.</summary>
    public async Task<IReadOnlyList<MaintenanceRow>> ListAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        return await db.MaintenanceWindows.AsNoTracking().OrderByDescending(w => w.Until).Take(100)
            .Select(w => new MaintenanceRow(w.Id, w.From, w.Until, w.RouterId, db.Routers.Where(r => r.Id == w.RouterId).Select(r => r.Name).FirstOrDefault(), w.Site, w.Reason, w.PlannedBy))
            .ToListAsync(ct);
    }

    /// <summary>The company's sites, for the form.</summary>
    public async Task<IReadOnlyList<string>> SitesAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        return await db.Sites.Where(s => db.Routers.Any(r => r.SiteId == s.Id)).OrderBy(s => s.Name).Select(s => s.Name).ToListAsync(ct);
    }

    public async Task<Guid> PlanAsync(MaintenanceInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        if (input.RouterId is { } router && !await db.Routers.AnyAsync(r => r.Id == router, ct))
        {
            throw new NotFoundException("Router", router);
        }

        var window = db.MaintenanceWindows.Add(new MaintenanceWindow(db.TenantId, input, user.Name)).Entity;
        await db.SaveAsync(ct);
        signal.Announce(db.TenantId);
        return window.Id;
    }

    /// <summary>Ends it now, or takes back one that has not begun.</summary>
    public async Task EndAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var window = await db.MaintenanceWindows.SingleOrDefaultAsync(w => w.Id == id, ct) ?? throw new NotFoundException("Maintenance window", id);
        window.End(clock.GetUtcNow().UtcDateTime);
        await db.SaveAsync(ct);
        signal.Announce(db.TenantId);
    }
}
