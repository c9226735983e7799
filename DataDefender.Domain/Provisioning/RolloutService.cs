using System.Collections.Concurrent;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Provisioning;

/// <summary>
/// Changes of many routers at once. A proposal only reads. Approving writes every router's plan to the journal, held back until the roll-out
/// comes to it; it goes on when the page is closed and after a restart.
/// </summary>
public sealed class RolloutService(IDataDefenderDbFactory dbFactory, ISecretVault vault, IRouterGateway gateway, CurrentUser user, TimeProvider clock)
{
    private const int ReadAtOnce = 24;

    private static readonly RunStatus[] NotOver = [.. ProvisioningRun.NotOver];

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>The routers that have a design and are switched on, by name.</summary>
    public async Task<IReadOnlyList<RolloutCandidate>> CandidatesAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ProvisionNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var routers = await db.Routers.AsNoTracking().Where(r => r.IsEnabled).OrderBy(r => r.Name)
            .Select(r => new { r.Id, r.Name, Site = db.Sites.Where(s => s.Id == r.SiteId).Select(s => s.Name).FirstOrDefault(), r.RouterOsVersion, r.State, r.Design, IsBusy = db.ProvisioningRuns.Any(p => p.RouterId == r.Id && NotOver.Contains(p.Status)) })
            .ToListAsync(ct);
        var sessions = await SessionsAsync(db, ct);
        return [.. routers.Where(r => r.Design != RouterDesign.None).Select(r => new RolloutCandidate(r.Id, r.Name, r.Site, r.RouterOsVersion, r.State, sessions.GetValueOrDefault(r.Id), r.IsBusy))];
    }

    /// <summary>Reads every router and says what would be written. One that cannot be planned is named with its reason; it does not hold up the rest.</summary>
    /// <param name="read">Told how many routers have been read so far.</param>
    public async Task<RolloutProposal> ProposeAsync(IReadOnlyCollection<Guid> routerIds, bool takeOver = false, IProgress<int>? read = null, CancellationToken ct = default)
    {
        user.Demand(Permissions.ProvisionNetwork);
        IReadOnlyList<ProvisioningTarget> targets;
        Dictionary<Guid, int> sessions;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            targets = await ProvisioningFactsReading.ReadAsync(db, await vault.OpenAsync(db.TenantId, ct), routerIds, ct);
            sessions = await SessionsAsync(db, ct);
        }

        var plans = new ConcurrentBag<RouterPlan>();
        var unplanned = new ConcurrentBag<UnplannedRouter>();
        var count = 0;
        await Parallel.ForEachAsync(targets, new ParallelOptions { MaxDegreeOfParallelism = ReadAtOnce, CancellationToken = ct }, async (target, stop) =>
        {
            switch (await PlanAsync(target, takeOver, stop))
            {
                case (RouterPlan { IsBlocked: true } plan, _):
                    unplanned.Add(new UnplannedRouter(plan.RouterId, plan.RouterName, plan.Findings.First(f => f.Kind is not FindingKind.Note).Text, plan.HasConflicts && plan.Findings.All(f => f.Kind is not FindingKind.Blocks)));
                    break;
                case ({ } plan, _):
                    plans.Add(plan);
                    break;
                case (null, var why):
                    unplanned.Add(new UnplannedRouter(target.Facts.RouterId, target.Facts.RouterName, why!));
                    break;
            }

            read?.Report(Interlocked.Increment(ref count));
        });

        List<RouterPlan> changed = [.. plans.Where(p => !p.Changes.IsEmpty).OrderBy(p => p.RouterName, StringComparer.OrdinalIgnoreCase)];
        return new RolloutProposal(
            changed, plans.Count - changed.Count, [.. unplanned.OrderBy(u => u.RouterName, StringComparer.OrdinalIgnoreCase)], Canaries.Choose(changed, sessions), sessions, takeOver);
    }

    /// <summary>Approves what was shown. Each router is read again before it is written to; one that says otherwise by then fails, and stops the roll-out.</summary>
    /// <returns>The id of the roll-out.</returns>
    public async Task<Guid> ApproveAsync(RolloutProposal proposal, RolloutOptions options, CancellationToken ct = default)
    {
        user.Demand(Permissions.ProvisionNetwork);
        if (proposal.Plans.Count == 0)
        {
            throw new DomainException("rollout.nothing", "No router differs from its design; there is nothing to roll out.");
        }

        var canaries = options.Canaries ?? proposal.Canaries;
        if (!proposal.Plans.Any(p => canaries.Contains(p.RouterId)))
        {
            throw new DomainException("rollout.canary", "Choose at least one of the routers to go first.");
        }

        var ids = proposal.Plans.Select(p => p.RouterId).ToList();
        await using var db = await dbFactory.OpenAsync(ct);
        if (await db.Routers.CountAsync(r => ids.Contains(r.Id), ct) != ids.Count)
        {
            throw new DomainException("rollout.gone", "One of these routers was removed meanwhile. Read them again.");
        }

        if (await BusyAsync(db, ids, ct) is { } busy)
        {
            throw busy;
        }

        var rollout = new Rollout(db.TenantId, ids.Count, proposal.Plans.Sum(p => p.Changes.Length), options, user.Id, user.Name, Now);
        db.Rollouts.Add(rollout);
        var sequence = 0;
        foreach (var plan in proposal.Plans.OrderByDescending(p => canaries.Contains(p.RouterId)))
        {
            var run = Hold(db, plan, proposal.TakeOver);
            db.RolloutRouters.Add(new RolloutRouter(rollout, ++sequence, canaries.Contains(plan.RouterId), run, plan.RouterName));
        }

        await db.SaveAsync(ct);
        return rollout.Id;
    }

    /// <summary>Begins no further router. What is under way is brought to its end.</summary>
    public async Task StopAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ProvisionNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var rollout = await FindAsync(db, id, ct);
        rollout.Stop($"Stopped by {user.Name}.");
        db.Record("stopped", rollout);
        await db.SaveAsync(ct);
    }

    /// <summary>Goes on after a stop: the failed routers are passed over, or planned anew and tried again.</summary>
    /// <exception cref="DomainException">A plan made anew says something else than what was approved.</exception>
    public async Task GoOnAsync(Guid id, bool tryFailedAgain, CancellationToken ct = default)
    {
        user.Demand(Permissions.ProvisionNetwork);
        var (again, takesOver) = tryFailedAgain ? await PlanFailedAsync(id, ct) : ([], false);
        await using var db = await dbFactory.OpenAsync(ct);
        var rollout = await FindAsync(db, id, ct);
        var routers = await db.RolloutRouters.Where(r => r.RolloutId == id).ToListAsync(ct);
        foreach (var router in routers.Where(r => r.Status is RolloutRouterStatus.Failed))
        {
            if (!again.TryGetValue(router.RouterId, out var plan))
            {
                router.PassOver();
            }
            else if (plan.Changes.IsEmpty)
            {
                router.IsSoAlready(Now);
            }
            else
            {
                router.Retry(Hold(db, plan, takesOver));
            }
        }

        rollout.GoOn(routers);
        db.Record("resumed", rollout, new { tryFailedAgain });
        await db.SaveAsync(ct);
    }

    /// <summary>Gives it up. Routers that it has not come to stay as they are; those under way are brought to their end.</summary>
    public async Task CancelAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ProvisionNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var rollout = await FindAsync(db, id, ct);
        rollout.Cancel($"Given up by {user.Name}.", Now);
        var routers = await db.RolloutRouters.Where(r => r.RolloutId == id && r.Status == RolloutRouterStatus.Waiting).ToListAsync(ct);
        var runIds = routers.ConvertAll(r => r.RunId);
        var runs = await db.ProvisioningRuns.Where(r => runIds.Contains(r.Id) && r.Status == RunStatus.Held).ToListAsync(ct);
        runs.ForEach(r => r.Cancel("The roll-out was given up.", Now));
        routers.ForEach(r => r.Leave(Now));
        db.Record("gave up", rollout);
        await db.SaveAsync(ct);
    }

    /// <summary>Newest first.</summary>
    public async Task<PageOf<RolloutRow>> ListAsync(GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var rollouts = db.Rollouts.AsNoTracking();
        if (query.Term is { } term)
        {
            rollouts = rollouts.Where(r => r.RequestedBy.ToLower().Contains(term) || r.Label.ToLower().Contains(term)
                || db.RolloutRouters.Any(x => x.RolloutId == r.Id && x.RouterName.ToLower().Contains(term)));
        }

        var page = await Rows(db, rollouts.OrderByDescending(r => r.RequestedAt).Skip(query.Page * query.PageSize).Take(query.PageSize)).ToListAsync(ct);
        return new PageOf<RolloutRow>(page, await rollouts.CountAsync(ct));
    }

    public async Task<RolloutRow> GetAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        return await Rows(db, db.Rollouts.AsNoTracking().Where(r => r.Id == id)).SingleOrDefaultAsync(ct) ?? throw new NotFoundException("Roll-out", id);
    }

    /// <summary>What wants eyes first: failed, under way, waiting, done.</summary>
    public async Task<PageOf<RolloutRouterRow>> RoutersAsync(Guid id, GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var routers = db.RolloutRouters.AsNoTracking().Where(r => r.RolloutId == id);
        if (query.Term is { } term)
        {
            routers = routers.Where(r => r.RouterName.ToLower().Contains(term));
        }

        var page = await routers
            .OrderBy(r => r.Status == RolloutRouterStatus.Failed ? 0 : r.Status == RolloutRouterStatus.Applying || r.Status == RolloutRouterStatus.Checking ? 1 : r.Status == RolloutRouterStatus.Waiting ? 2 : 3)
            .ThenBy(r => r.Sequence)
            .Skip(query.Page * query.PageSize).Take(query.PageSize)
            .Join(db.ProvisioningRuns, r => r.RunId, run => run.Id, (r, run) => new RolloutRouterRow(
                r.Id, r.RouterId, r.RouterName, r.Sequence, r.IsCanary, r.Status, r.Detail ?? run.Detail, r.Changes,
                db.ProvisioningSteps.Count(s => s.RunId == r.RunId && s.Status != StepStatus.Waiting && s.Status != StepStatus.Writing),
                r.RunId, run.Status, r.SessionsBefore, r.SessionsAfter, r.BegunAt, r.AppliedAt, r.SettledAt))
            .ToListAsync(ct);
        return new PageOf<RolloutRouterRow>(
            [.. page.OrderBy(r => r.Status switch { RolloutRouterStatus.Failed => 0, RolloutRouterStatus.Applying or RolloutRouterStatus.Checking => 1, RolloutRouterStatus.Waiting => 2, _ => 3 }).ThenBy(r => r.Sequence)],
            await routers.CountAsync(ct));
    }

    private ProvisioningRun Hold(IDataDefenderDb db, RouterPlan plan, bool takeOver)
    {
        var run = new ProvisioningRun(plan, db.TenantId, takeOver, user.Id, user.Name, Now);
        run.Hold();
        db.ProvisioningRuns.Add(run);
        db.ProvisioningSteps.AddRange(plan.Changes.Select((change, i) => new ProvisioningStep(run, i + 1, change)));
        return run;
    }

    private async Task<(Dictionary<Guid, RouterPlan> Plans, bool TakesOver)> PlanFailedAsync(Guid id, CancellationToken ct)
    {
        List<RolloutRouter> failed;
        ILookup<Guid, string> approved;
        bool takesOver;
        IReadOnlyList<ProvisioningTarget> targets;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            failed = await db.RolloutRouters.AsNoTracking().Where(r => r.RolloutId == id && r.Status == RolloutRouterStatus.Failed).ToListAsync(ct);
            var runs = failed.ConvertAll(r => r.RunId);
            if (await BusyAsync(db, failed.ConvertAll(r => r.RouterId), ct) is { } busy)
            {
                throw busy;
            }

            approved = (await db.ProvisioningSteps.AsNoTracking().Where(s => runs.Contains(s.RunId)).Select(s => new { s.RunId, s.Intent }).ToListAsync(ct)).ToLookup(s => s.RunId, s => s.Intent);
            takesOver = await db.ProvisioningRuns.AnyAsync(r => runs.Contains(r.Id) && r.TakesOver, ct);
            targets = await ProvisioningFactsReading.ReadAsync(db, await vault.OpenAsync(db.TenantId, ct), failed.ConvertAll(r => r.RouterId), ct);
        }

        var plans = new Dictionary<Guid, RouterPlan>();
        foreach (var router in failed)
        {
            var target = targets.FirstOrDefault(t => t.Facts.RouterId == router.RouterId) ?? throw new DomainException("rollout.gone", $"{router.RouterName} was removed. Go on without it.");
            var (plan, why) = await PlanAsync(target, takesOver, ct);
            if (plan is null || plan.IsBlocked)
            {
                throw new DomainException("rollout.unplanned", $"{router.RouterName}: {why ?? plan!.Findings.First(f => f.Kind is not FindingKind.Note).Text}");
            }

            if (plan.Changes.FirstOrDefault(c => !approved[router.RunId].Contains(c.Intent)) is { } other)
            {
                throw new DomainException("rollout.other", $"{router.RouterName} needs something by now that was not approved: {other.What}. Go on without it and look at its own plan.");
            }

            plans.Add(router.RouterId, plan);
        }

        return (plans, takesOver);
    }

    private async Task<(RouterPlan? Plan, string? Why)> PlanAsync(ProvisioningTarget target, bool takeOver, CancellationToken ct)
    {
        if (!target.IsEnabled || target.Endpoint is null)
        {
            return (null, target.IsEnabled ? "Its password cannot be read. Enter it again." : "It is switched off here.");
        }

        return await ActualStateReader.ReadAsync(gateway, target.Endpoint, ct) switch
        {
            RouterReading.Read read => (Planner.Plan(target.Facts, read.State, takeOver), null),
            RouterReading.Failed failed => (null, failed.Reason),
            var other => throw new InvalidOperationException($"A reading ended as {other.GetType().Name}."),
        };
    }

    private static async Task<DomainException?> BusyAsync(IDataDefenderDb db, List<Guid> routers, CancellationToken ct)
    {
        var names = await db.Routers.Where(r => routers.Contains(r.Id) && db.ProvisioningRuns.Any(p => p.RouterId == r.Id && NotOver.Contains(p.Status))).OrderBy(r => r.Name).Select(r => r.Name).ToListAsync(ct);
        return names.Count == 0 ? null : new DomainException("provisioning.under_way", $"A change is under way on {string.Join(", ", names.Take(5))}{(names.Count > 5 ? $" and {names.Count - 5} more" : "")}. Wait for it, or leave {(names.Count == 1 ? "it" : "them")} out.");
    }

    private static async Task<Dictionary<Guid, int>> SessionsAsync(IDataDefenderDb db, CancellationToken ct)
    {
        var perNas = await db.LiveSessions.GroupBy(s => s.NasId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        var nas = await db.NasDevices.AsNoTracking().Where(n => n.RouterId != null).Select(n => new { n.Id, RouterId = n.RouterId!.Value }).ToListAsync(ct);
        return nas.GroupBy(n => n.RouterId).ToDictionary(g => g.Key, g => g.Sum(n => perNas.GetValueOrDefault(n.Id)));
    }

    private static async Task<Rollout> FindAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.Rollouts.SingleOrDefaultAsync(r => r.Id == id, ct) ?? throw new NotFoundException("Roll-out", id);

    private static IQueryable<RolloutRow> Rows(IDataDefenderDb db, IQueryable<Rollout> rollouts) => rollouts.Select(r => new RolloutRow(
        r.Id, r.Label, r.Status, r.Detail, r.RequestedBy, r.RequestedAt, r.FinishedAt, r.Routers,
        db.RolloutRouters.Count(x => x.RolloutId == r.Id && x.Status == RolloutRouterStatus.Done),
        db.RolloutRouters.Count(x => x.RolloutId == r.Id && x.Status == RolloutRouterStatus.Failed),
        db.RolloutRouters.Count(x => x.RolloutId == r.Id && (x.Status == RolloutRouterStatus.Applying || x.Status == RolloutRouterStatus.Checking)),
        r.AtOnce, r.SettleSeconds));
}
