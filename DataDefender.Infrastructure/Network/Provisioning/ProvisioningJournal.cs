using DataDefender.Domain.Common;
using DataDefender.Domain.Fleet;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Network.Provisioning;

/// <summary>What a worker takes up: the run's target and its steps as they were when it was taken.</summary>
internal sealed record ProvisioningJob(Guid TenantId, Guid RunId, bool IsToBeTakenBack, bool TakesOver, DateTime RequestedAt, int Attempts, string RequestedBy, ProvisioningTarget Target, IReadOnlyList<ProvisioningStep> Steps);

/// <summary>
/// The database side of a run. Each entry is a unit of work of its own, opened and closed between two commands to the router: no
/// connection is held while a router takes its time.
/// </summary>
internal sealed class ProvisioningJournal(TenantScopes scopes, ISecretVault vault, TimeProvider clock)
{
    private const string Part = "provisioning";

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>Null when it is not due, over, or another worker was faster.</summary>
    public async Task<ProvisioningJob?> TakeAsync(Guid tenantId, Guid runId, CancellationToken ct)
    {
        var cipher = await vault.OpenAsync(tenantId, ct);
        await using var scope = scopes.Open(tenantId, Part);
        await using var db = await OpenAsync(scope, ct);
        var run = await db.ProvisioningRuns.SingleOrDefaultAsync(r => r.Id == runId, ct);
        if (run is null || !run.IsDue(Now))
        {
            return null;
        }

        run.Take(Now);
        var isGone = !await db.Routers.AnyAsync(r => r.Id == run.RouterId, ct);
        if (isGone)
        {
            run.End(RunStatus.Failed, "The router was removed.", Now);
        }

        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateConcurrencyException)
        {
            return null;
        }

        if (isGone)
        {
            return null;
        }

        var target = await ExportRestoring.WithAsync(db, cipher, run.RestoresExportId, await ProvisioningFactsReading.ReadAsync(db, cipher, run.RouterId, ct), ct);
        var steps = await db.ProvisioningSteps.AsNoTracking().Where(s => s.RunId == runId).OrderBy(s => s.Sequence).ToListAsync(ct);
        return new ProvisioningJob(tenantId, runId, run.IsToBeTakenBack, run.TakesOver, run.RequestedAt, run.Attempts, run.RequestedBy, target, steps);
    }

    /// <summary>Before the router is written to. False when somebody has asked meanwhile to take the run back.</summary>
    public async Task<bool> BeginAsync(ProvisioningJob job, IReadOnlyList<(ProvisioningStep Step, StepUndo Undo)> steps, CancellationToken ct)
    {
        var cipher = await vault.OpenAsync(job.TenantId, ct);
        await using var scope = scopes.Open(job.TenantId, Part);
        await using var db = await OpenAsync(scope, ct);
        var run = await db.ProvisioningRuns.SingleAsync(r => r.Id == job.RunId, ct);
        if (run.IsToBeTakenBack)
        {
            return false;
        }

        run.Hear(Now);
        var ids = steps.Select(s => s.Step.Id).ToList();
        var kept = await db.ProvisioningSteps.Where(s => ids.Contains(s.Id)).ToDictionaryAsync(s => s.Id, ct);
        foreach (var (step, undo) in steps)
        {
            kept[step.Id].Begin(cipher.Protect(step.UndoPlace(), undo.ToJson()), Now);
        }

        await SaveAsync(db, ct);
        return true;
    }

    /// <summary>The run is worked on.</summary>
    public async Task HearAsync(ProvisioningJob job, CancellationToken ct)
    {
        var now = Now;
        await using var scope = scopes.Open(job.TenantId, Part);
        await using var db = await OpenAsync(scope, ct);
        await db.ProvisioningRuns.Where(r => r.Id == job.RunId && (r.Status == RunStatus.Running || r.Status == RunStatus.TakingBack)).ExecuteUpdateAsync(set => set.SetProperty(r => r.HeardAt, now), ct);
    }

    public Task ConcludeAsync(ProvisioningJob job, ProvisioningStep step, StepStatus status, string? detail, CancellationToken ct) => ConcludeAsync(job, [step], status, detail, ct);

    public async Task ConcludeAsync(ProvisioningJob job, IReadOnlyList<ProvisioningStep> steps, StepStatus status, string? detail, CancellationToken ct)
    {
        await using var scope = scopes.Open(job.TenantId, Part);
        await using var db = await OpenAsync(scope, ct);
        (await db.ProvisioningRuns.SingleAsync(r => r.Id == job.RunId, ct)).Hear(Now);
        var ids = steps.Select(s => s.Id).ToList();
        (await db.ProvisioningSteps.Where(s => ids.Contains(s.Id)).ToListAsync(ct)).ForEach(s => s.Conclude(status, detail, Now));
        await SaveAsync(db, ct);
    }

    /// <summary>The steps as they are now, and how each is taken back.</summary>
    public async Task<IReadOnlyList<(ProvisioningStep Step, StepUndo Undo)>> WrittenAsync(ProvisioningJob job, CancellationToken ct)
    {
        var cipher = await vault.OpenAsync(job.TenantId, ct);
        await using var scope = scopes.Open(job.TenantId, Part);
        await using var db = await OpenAsync(scope, ct);
        var steps = await db.ProvisioningSteps.AsNoTracking().Where(s => s.RunId == job.RunId && s.UndoCipher != null).OrderByDescending(s => s.Sequence).ToListAsync(ct);
        return [.. steps.Where(s => s.MayHaveWritten).Select(s => (s, StepUndo.FromJson(cipher.Reveal(s.UndoPlace(), s.UndoCipher!))))];
    }

    /// <summary>Whether somebody has asked for it since it was taken up.</summary>
    public async Task<bool> IsToBeTakenBackAsync(ProvisioningJob job, CancellationToken ct)
    {
        await using var scope = scopes.Open(job.TenantId, Part);
        await using var db = await OpenAsync(scope, ct);
        return await db.ProvisioningRuns.AnyAsync(r => r.Id == job.RunId && r.IsToBeTakenBack, ct);
    }

    public Task TakeBackAsync(ProvisioningJob job, string why, CancellationToken ct) => ChangeAsync(job, run => run.TakeBack(Cut(why), Now), null, ct);

    public Task InterruptAsync(ProvisioningJob job, string why, TimeSpan wait, CancellationToken ct) => ChangeAsync(job, run => run.Interrupt(Cut(why), Now + wait), null, ct);

    public Task EndAsync(ProvisioningJob job, RunStatus status, string? detail, CancellationToken ct) => ChangeAsync(
        job,
        run => run.End(status, detail is null ? null : Cut(detail), Now),
        run => new NetworkEvent
        {
            TenantId = job.TenantId,
            At = Now,
            RouterId = job.Target.Facts.RouterId,
            Severity = status switch { RunStatus.Done => EventSeverity.Info, RunStatus.Failed => EventSeverity.Critical, _ => EventSeverity.Warning },
            Kind = status is RunStatus.Done ? "router.configured" : "router.not_configured",
            Message = Cut(status switch
            {
                RunStatus.Done => $"{run.Label} applied for {run.RequestedBy}, each read back.",
                RunStatus.TakenBack => $"{run.Label} taken back. {run.Detail}",
                RunStatus.Outdated => $"{run.Label} not applied. {run.Detail}",
                _ => $"{run.Label} failed. {run.Detail}",
            }),
        },
        ct);

    private async Task ChangeAsync(ProvisioningJob job, Action<ProvisioningRun> change, Func<ProvisioningRun, NetworkEvent>? report, CancellationToken ct)
    {
        await using var scope = scopes.Open(job.TenantId, Part);
        await using var db = await OpenAsync(scope, ct);
        var run = await db.ProvisioningRuns.SingleAsync(r => r.Id == job.RunId, ct);
        change(run);
        if (report is not null)
        {
            db.NetworkEvents.Add(report(run));
        }

        await db.SaveAsync(ct);
        if (report is not null)
        {
            // What is known of the router is old; whoever reads it for drift at this moment is not to be quarrelled with.
            var now = Now;
            await db.DriftLooks.Where(l => l.RouterId == run.RouterId).ExecuteUpdateAsync(l => l.SetProperty(x => x.NextAt, now), ct);
        }
    }

    // A person who asks to take it back at this moment raises the run's version; the mark that we were here is not worth a quarrel.
    private static async Task SaveAsync(IDataDefenderDb db, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await db.SaveChangesAsync(ct);
                return;
            }
            catch (DbUpdateConcurrencyException conflict) when (attempt < 3)
            {
                foreach (var entry in conflict.Entries)
                {
                    await entry.ReloadAsync(ct);
                }
            }
        }
    }

    private static Task<IDataDefenderDb> OpenAsync(AsyncServiceScope scope, CancellationToken ct) =>
        scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);

    private static string Cut(string text) => text.Length > 500 ? text[..499] + "…" : text;
}
