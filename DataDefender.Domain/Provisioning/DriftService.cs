using System.Collections.Immutable;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Provisioning;

public enum DriftPart
{
    All,

    /// <summary>Settings of routers.</summary>
    Settings,

    /// <summary>Lines that are on a router otherwise than sold.</summary>
    Lines,

    /// <summary>Whatever has a price.</summary>
    Costly,
}

/// <param name="CanBeAdopted">The router's value has a place in the design.</param>
public sealed record DriftRow(
    Guid Id, Guid RouterId, string RouterName, DriftKind Kind, string Menu, string What, ImmutableArray<PlanValue> Values, Guid? SubscriptionId, Guid? ClientId, string? ClientName, Money CostPerDay,
    DateTime SinceAt, DateTime SeenAt, string ItemKey)
{
    public bool CanBeAdopted => Adoption.Names(this) is not null;
}

/// <summary>How much has drifted, and what of it is known.</summary>
/// <param name="Unread">Routers that could not be read at the last try: what is said of them is old.</param>
public sealed record DriftSummary(int Settings, int Lines, int Routers, Money CostPerDay, int Costly, IReadOnlyList<UnreadRouter> Unread, DateTime? OldestReading);

public sealed record UnreadRouter(Guid RouterId, string Name, string Why, DateTime Since);

/// <summary>What is otherwise on the routers than designed and sold, and the two ways to end it.</summary>
public sealed class DriftService(IDataDefenderDbFactory dbFactory, ISecretVault vault, IRouterGateway gateway, ProvisioningService provisioning, LineSignal lines, CurrentUser user, TimeProvider clock)
{
    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>The dearest first, then the oldest.</summary>
    public async Task<PageOf<DriftRow>> ListAsync(GridQuery query, DriftPart part = DriftPart.All, Guid? routerId = null, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var drifts = Of(db.Drifts.AsNoTracking(), part);
        if (routerId is { } router)
        {
            drifts = drifts.Where(d => d.RouterId == router);
        }

        if (query.Term is { } term)
        {
            drifts = drifts.Where(d => d.What.ToLower().Contains(term) || d.Menu.ToLower().Contains(term) || db.Routers.Any(r => r.Id == d.RouterId && r.Name.ToLower().Contains(term)));
        }

        var page = await (
            from d in drifts.OrderByDescending(d => d.CostPerDay.Minor).ThenBy(d => d.SinceAt).ThenBy(d => d.Id).Skip(query.Page * query.PageSize).Take(query.PageSize)
            join r in db.Routers on d.RouterId equals r.Id
            join s in db.Subscriptions on d.SubscriptionId equals s.Id into ss
            from s in ss.DefaultIfEmpty()
            join c in db.Clients on s.ClientId equals c.Id into cs
            from c in cs.DefaultIfEmpty()
            select new DriftRow(d.Id, d.RouterId, r.Name, d.Kind, d.Menu, d.What, d.Values.All, d.SubscriptionId, s == null ? null : s.ClientId, c == null ? null : c.Name, d.CostPerDay, d.SinceAt, d.SeenAt, d.ItemKey))
            .ToListAsync(ct);
        return new PageOf<DriftRow>([.. page.OrderByDescending(d => d.CostPerDay).ThenBy(d => d.SinceAt)], await drifts.CountAsync(ct));
    }

    public async Task<DriftSummary> SummariseAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var counts = await db.Drifts.GroupBy(d => d.Kind).Select(g => new { g.Key, Count = g.Count() }).ToListAsync(ct);
        var costs = await db.Drifts.Where(d => d.CostPerDay.Minor != 0).Select(d => d.CostPerDay.Minor).ToListAsync(ct);
        var unread = await db.DriftLooks.Where(l => l.Trouble != null)
            .Join(db.Routers.Where(r => r.IsEnabled), l => l.RouterId, r => r.Id, (l, r) => new UnreadRouter(r.Id, r.Name, l.Trouble!, l.TroubleSince!.Value)).ToListAsync(ct);
        return new DriftSummary(
            counts.Where(c => !Drift.IsLineKind(c.Key)).Sum(c => c.Count), counts.Where(c => Drift.IsLineKind(c.Key)).Sum(c => c.Count),
            await db.Drifts.Select(d => d.RouterId).Distinct().CountAsync(ct), new Money(costs.Sum()), costs.Count,
            [.. unread.OrderBy(u => u.Name, StringComparer.OrdinalIgnoreCase)], await db.DriftLooks.MinAsync(l => l.ReadAt, ct));
    }

    /// <summary>Reads one router now, without waiting for its turn.</summary>
    /// <exception cref="DomainException">It cannot be read; the list keeps what was known.</exception>
    public async Task LookAsync(Guid routerId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        ProvisioningTarget target;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            target = await ProvisioningFactsReading.ReadAsync(db, await vault.OpenAsync(db.TenantId, ct), routerId, ct);
        }

        var sight = await DriftReader.LookAsync(gateway, target, ct);
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            await DriftReader.WriteAsync(db, routerId, target.Facts.RouterName, sight, Now, Now.AddMinutes(15), ct);
        }

        if (sight is DriftSight.Unread unread)
        {
            throw new DomainException("drift.unread", $"{target.Facts.RouterName}: {unread.Why}");
        }
    }

    /// <summary>Takes the router's value into the design: it was right, and the design was not.</summary>
    public async Task AdoptAsync(Guid driftId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var drift = await FindAsync(db, driftId, ct);
        var router = await db.Routers.SingleOrDefaultAsync(r => r.Id == drift.RouterId, ct) ?? throw new NotFoundException("Router", drift.RouterId);
        router.Plan(Adoption.Into(router.Design, drift.Menu, drift.ItemKey, drift.Values.All)
            ?? throw new DomainException("drift.adopt", "This value has no place in the router's design. Repair it, or change the design by hand."));
        db.Drifts.Remove(drift);
        db.Record("adopted the router's value", router, new { drift.What });
        await db.SaveAsync(ct);
    }

    /// <summary>Brings one drifted setting, or all of a router's, back to the design. What else has drifted there is left alone.</summary>
    /// <returns>The id of the change, which the router's configuration page shows as it goes.</returns>
    public async Task<Guid> RepairAsync(Guid routerId, IReadOnlyCollection<string>? itemKeys = null, CancellationToken ct = default)
    {
        var plan = await provisioning.PlanAsync(routerId, ct: ct);
        var chosen = itemKeys is null ? plan : plan with { Changes = [.. plan.Changes.Where(c => itemKeys.Contains(c.Key.Length > 300 ? c.Key[..300] : c.Key))] };
        return await provisioning.ApplyAsync(chosen, ct: ct);
    }

    /// <summary>Brings a line on the router to what is sold, or ends what may not be there.</summary>
    public async Task RepairLineAsync(Guid driftId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ControlLines);
        ProvisioningTarget target;
        Drift drift;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            drift = await FindAsync(db, driftId, ct);
            target = await ProvisioningFactsReading.ReadAsync(db, await vault.OpenAsync(db.TenantId, ct), drift.RouterId, ct);
            if (drift.SubscriptionId is { } id && await db.Subscriptions.SingleOrDefaultAsync(s => s.Id == id, ct) is { } line && await db.LiveSessions.AnyAsync(s => s.SubscriptionId == id, ct))
            {
                // RADIUS knows the session: the way that reads back and falls back is the same as for any change of the line.
                db.Order(line, drift.Kind is DriftKind.NotAllowed ? LineAction.Drop : LineAction.Apply, "repair of drift", user.Name, Now);
                db.Drifts.Remove(drift);
                await db.SaveAsync(ct);
                lines.Wake();
                return;
            }
        }

        await EndAsync(target, drift, ct);
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            if (await db.Routers.SingleOrDefaultAsync(r => r.Id == drift.RouterId, ct) is { } router)
            {
                db.Record("ended a session on it", router, new { drift.Username, Why = drift.What });
                await db.SaveAsync(ct);
            }
        }

        await LookAsync(drift.RouterId, ct);
    }

    // A session that only the router knows: it is ended there, and dials in again as RADIUS says.
    private async Task EndAsync(ProvisioningTarget target, Drift drift, CancellationToken ct)
    {
        var router = target.Endpoint ?? throw new DomainException("provisioning.password", $"The password of {target.Facts.RouterName} cannot be read. Enter it again.");
        if (string.IsNullOrEmpty(drift.Username))
        {
            throw new DomainException("drift.nameless", "The session has no user name to end it by. End it on the router.");
        }

        string[] query = drift.Menu switch
        {
            "/ppp/active" => [RouterQuery.Is("name", drift.Username)],
            "/ip/hotspot/active" => [RouterQuery.Is("user", drift.Username)],
            _ => [RouterQuery.Is("active-mac-address", drift.Username), RouterQuery.Is("radius", "true")], // no lease that a person wrote
        };
        for (var attempt = 0; attempt < 2; attempt++)
        {
            if (await gateway.PrintAsync(router, drift.Menu, query, [".id"], ct) is not RouterOutcome.Done { Rows: var rows })
            {
                throw new DomainException("drift.unread", $"{target.Facts.RouterName} does not answer.");
            }

            if (rows.Count == 0)
            {
                return;
            }

            await gateway.RemoveAsync(router, drift.Menu, [.. rows.Select(r => r.Id!)], ct); // its answer is not believed: the next pass reads
        }

        if (await gateway.PrintAsync(router, drift.Menu, query, [".id"], ct) is not RouterOutcome.Done { Rows.Count: 0 })
        {
            throw new DomainException("drift.stays", $"{target.Facts.RouterName} still lists the session after it was ended.");
        }
    }

    private static IQueryable<Drift> Of(IQueryable<Drift> drifts, DriftPart part)
    {
        List<DriftKind> ofLines = [.. Enum.GetValues<DriftKind>().Where(Drift.IsLineKind)]; // kinds are stored by name, which knows no order
        return part switch
        {
            DriftPart.Settings => drifts.Where(d => !ofLines.Contains(d.Kind)),
            DriftPart.Lines => drifts.Where(d => ofLines.Contains(d.Kind)),
            DriftPart.Costly => drifts.Where(d => d.CostPerDay.Minor != 0),
            _ => drifts,
        };
    }

    private static async Task<Drift> FindAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.Drifts.SingleOrDefaultAsync(d => d.Id == id, ct) ?? throw new DomainException("drift.gone", "It is as it should be by now.");
}
