using System.Collections.Immutable;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Provisioning;

/// <summary>A change of a router as its page lists it.</summary>
public sealed record RunRow(
    Guid Id, Guid RouterId, RunStatus Status, string? Detail, string RequestedBy, DateTime RequestedAt, DateTime? StartedAt, DateTime? FinishedAt, DateTime NextAttemptAt, int Changes, int Settled, bool MayBeTakenBack);

public sealed record StepRow(int Sequence, ChangeKind Kind, string Menu, string What, ImmutableArray<PlanValue> Values, StepStatus Status, string? Detail, DateTime? At);

public sealed record RunDetails(RunRow Run, IReadOnlyList<StepRow> Steps);

/// <summary>
/// Plans of routers and their application. A plan only reads. Applying writes the approved plan to the journal; the worker carries it
/// out, so that it goes on when the page is closed.
/// </summary>
public sealed class ProvisioningService(IDataDefenderDbFactory dbFactory, ISecretVault vault, IRouterGateway gateway, ProvisioningSignal signal, CurrentUser user, TimeProvider clock)
{
    private const int HistoryShown = 20;

    private static readonly RunStatus[] NotOver = [.. ProvisioningRun.NotOver];

    /// <summary>What would be written to bring the router to its design.</summary>
    /// <param name="takeOver">Items that are in the way become ours instead of blocking the plan.</param>
    /// <exception cref="DomainException">The router is switched off, does not answer, or does not let us read.</exception>
    public async Task<RouterPlan> PlanAsync(Guid routerId, bool takeOver = false, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        ProvisioningTarget target;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            target = await ProvisioningFactsReading.ReadAsync(db, await vault.OpenAsync(db.TenantId, ct), routerId, ct);
        }

        return await PlanAsync(target, takeOver, ct);
    }

    /// <summary>Approves a plan that was shown. The router is read again before anything is written; when it says otherwise by then, nothing is.</summary>
    /// <returns>The id of the run.</returns>
    public Task<Guid> ApplyAsync(RouterPlan plan, bool takeOver = false, CancellationToken ct = default) => ApproveAsync(plan, takeOver, null, ct);

    /// <summary>Approves a plan that was made to bring an earlier export back.</summary>
    public Task<Guid> RestoreAsync(RouterPlan plan, Guid exportId, CancellationToken ct = default) => ApproveAsync(plan, false, exportId, ct);

    private async Task<Guid> ApproveAsync(RouterPlan plan, bool takeOver, Guid? restoresExport, CancellationToken ct)
    {
        user.Demand(Permissions.ProvisionNetwork);
        if (plan.IsBlocked)
        {
            throw new DomainException("provisioning.blocked", plan.Findings.First(f => f.Kind is not FindingKind.Note).Text);
        }

        if (plan.Changes.IsEmpty)
        {
            throw new DomainException("provisioning.nothing", $"{plan.RouterName} is as designed; there is nothing to change.");
        }

        await using var db = await dbFactory.OpenAsync(ct);
        if (!await db.Routers.AnyAsync(r => r.Id == plan.RouterId, ct))
        {
            throw new NotFoundException("Router", plan.RouterId);
        }

        if (await BusyAsync(db, plan, ct) is { } busy)
        {
            throw busy;
        }

        var run = new ProvisioningRun(plan, db.TenantId, takeOver, user.Id, user.Name, Now);
        if (restoresExport is { } export)
        {
            run.Restore(export);
        }

        db.ProvisioningRuns.Add(run);
        db.ProvisioningSteps.AddRange(plan.Changes.Select((change, i) => new ProvisioningStep(run, i + 1, change)));
        await db.SaveAsync(() => BusyAsync(db, plan, ct), ct);
        signal.Wake();
        return run.Id;
    }

    /// <summary>Takes back what a change has written so far, in the opposite order.</summary>
    public async Task TakeBackAsync(Guid runId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ProvisionNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var run = await db.ProvisioningRuns.SingleOrDefaultAsync(r => r.Id == runId, ct) ?? throw new NotFoundException("Change", runId);
        if (await db.ProvisioningRuns.AnyAsync(r => r.RouterId == run.RouterId && r.RequestedAt > run.RequestedAt, ct))
        {
            throw new DomainException("provisioning.superseded", "A later change of this router stands on it. Change the design instead.");
        }

        run.TakeBack($"{user.Name} takes it back.", Now);
        db.Record("took back", run);
        await db.SaveAsync(ct);
        signal.Wake();
    }

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<RunRow>> HistoryAsync(Guid routerId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        return await Rows(db, db.ProvisioningRuns.AsNoTracking().Where(r => r.RouterId == routerId).OrderByDescending(r => r.RequestedAt).Take(HistoryShown)).ToListAsync(ct);
    }

    public async Task<RunDetails> RunAsync(Guid runId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var run = await Rows(db, db.ProvisioningRuns.AsNoTracking().Where(r => r.Id == runId)).SingleOrDefaultAsync(ct) ?? throw new NotFoundException("Change", runId);
        var steps = await db.ProvisioningSteps.AsNoTracking().Where(s => s.RunId == runId).OrderBy(s => s.Sequence)
            .Select(s => new StepRow(s.Sequence, s.Kind, s.Menu, s.What, s.Values.All, s.Status, s.Detail, s.At))
            .ToListAsync(ct);
        return new RunDetails(run, steps);
    }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private static async Task<DomainException?> BusyAsync(IDataDefenderDb db, RouterPlan plan, CancellationToken ct) =>
        await db.ProvisioningRuns.AnyAsync(r => r.RouterId == plan.RouterId && NotOver.Contains(r.Status), ct)
            ? new DomainException("provisioning.under_way", $"A change of {plan.RouterName} is under way. Wait for it, or take it back.")
            : null;

    private async Task<RouterPlan> PlanAsync(ProvisioningTarget target, bool takeOver, CancellationToken ct)
    {
        if (!target.IsEnabled)
        {
            throw new DomainException("provisioning.off", $"{target.Facts.RouterName} is switched off here; it is neither read nor changed.");
        }

        if (target.Endpoint is not { } endpoint)
        {
            throw new DomainException("provisioning.password", $"The password of {target.Facts.RouterName} cannot be read. Enter it again.");
        }

        return await ActualStateReader.ReadAsync(gateway, endpoint, ct) switch
        {
            RouterReading.Read read => Planner.Plan(target.Facts, read.State, takeOver),
            RouterReading.Failed failed => throw new DomainException("provisioning.unread", failed.Reason),
            var other => throw new InvalidOperationException($"A reading ended as {other.GetType().Name}."),
        };
    }

    private static IQueryable<RunRow> Rows(IDataDefenderDb db, IQueryable<ProvisioningRun> runs) => runs.Select(r => new RunRow(
        r.Id, r.RouterId, r.Status, r.Detail, r.RequestedBy, r.RequestedAt, r.StartedAt, r.FinishedAt, r.NextAttemptAt, r.Changes,
        db.ProvisioningSteps.Count(s => s.RunId == r.Id && s.Status != StepStatus.Waiting && s.Status != StepStatus.Writing),
        (r.Status == RunStatus.Interrupted || r.Status == RunStatus.Failed || r.Status == RunStatus.Outdated || r.Status == RunStatus.Running)
            && !r.IsToBeTakenBack && db.ProvisioningSteps.Any(s => s.RunId == r.Id && s.UndoCipher != null)));
}
