using System.Collections.Concurrent;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Network.Provisioning;

/// <summary>How the application of a part of a plan ended.</summary>
/// <param name="Trouble">Null when the router shows that part as it is to be.</param>
/// <param name="Plan">What was to be written; null when it did not come to a plan.</param>
/// <param name="Waits">The router was not reached, or another change of it is under way: it may come through by itself.</param>
internal sealed record PartialOutcome(string RouterName, RouterEndpoint? Endpoint, RouterPlan? Plan, string? Trouble, bool Waits = false);

/// <summary>
/// Brings one part of a router's design to it at once, by the same plan, journal and read-back as everything else: what follows from an act
/// that a person has done already, and waits for no other approval.
/// </summary>
internal sealed class PartialApply(TenantScopes scopes, ISecretVault vault, IRouterGateway gateway, ProvisioningRunner runner, TimeProvider clock)
{
    private const int LongestReason = 200;

    // Changes of one router follow each other: two plans of the same moment would each be outdated by the other.
    private readonly ConcurrentDictionary<Guid, SemaphoreSlim> _turns = new();

    /// <param name="part">Cuts the plan down to what is meant.</param>
    /// <param name="menus">Where all of that is: no others are read.</param>
    /// <param name="scope">For the audit trail: whose work it is.</param>
    /// <param name="because">Stands as the one who asked for the change.</param>
    public async Task<PartialOutcome> ApplyAsync(Guid tenantId, Guid routerId, Func<RouterPlan, RouterPlan> part, IReadOnlyList<RouterMenu> menus, string scope, string because, bool takeOver, CancellationToken ct)
    {
        var turn = _turns.GetOrAdd(routerId, static _ => new SemaphoreSlim(1));
        await turn.WaitAsync(ct);
        try
        {
            return await ApplyInTurnAsync(tenantId, routerId, part, menus, scope, because, takeOver, ct);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<PartialOutcome> ApplyInTurnAsync(Guid tenantId, Guid routerId, Func<RouterPlan, RouterPlan> part, IReadOnlyList<RouterMenu> menus, string scope, string because, bool takeOver, CancellationToken ct)
    {
        var target = await TargetAsync(tenantId, routerId, scope, ct);
        var name = target.Facts.RouterName;
        if (target.Endpoint is not { } endpoint)
        {
            return new(name, null, null, $"The password of {name} cannot be read.");
        }

        if (!target.IsEnabled)
        {
            return new(name, endpoint, null, $"{name} is switched off here; it is neither read nor changed.");
        }

        if (await ActualStateReader.ReadAsync(gateway, endpoint, menus, static _ => Task.CompletedTask, ct) is not RouterReading.Read read)
        {
            return new(name, endpoint, null, $"{name} did not answer.", Waits: true);
        }

        var plan = part(Planner.Plan(target.Facts, read.State, takeOver));
        if (plan.IsBlocked)
        {
            return new(name, endpoint, plan, $"{name}: {plan.Findings.First(f => f.Kind is not FindingKind.Note).Text}");
        }

        if (plan.Changes.IsEmpty)
        {
            return new(name, endpoint, plan, null);
        }

        if (await ApproveAsync(tenantId, plan, scope, because, takeOver, ct) is not { } run)
        {
            return new(name, endpoint, plan, $"A change of {name} is under way.", Waits: true);
        }

        await runner.RunAsync(tenantId, run, ct);
        return await OutcomeAsync(tenantId, run, scope, ct) is var (status, detail) && status is not RunStatus.Done
            ? new(name, endpoint, plan, $"{name}: {detail ?? $"the change ended as {status}"}", Waits: status is RunStatus.Interrupted or RunStatus.Waiting or RunStatus.Running or RunStatus.TakingBack)
            : new(name, endpoint, plan, null);
    }

    private async Task<ProvisioningTarget> TargetAsync(Guid tenantId, Guid routerId, string part, CancellationToken ct)
    {
        var cipher = await vault.OpenAsync(tenantId, ct);
        await using var scope = scopes.Open(tenantId, part);
        await using var db = await OpenAsync(scope, ct);
        return await ProvisioningFactsReading.ReadAsync(db, cipher, routerId, ct);
    }

    /// <summary>Null when another change of the router is under way. One that waits for its roll-out is not.</summary>
    private async Task<Guid?> ApproveAsync(Guid tenantId, RouterPlan plan, string part, string because, bool takeOver, CancellationToken ct)
    {
        List<RunStatus> underWay = [.. ProvisioningRun.UnderWay];
        await using var scope = scopes.Open(tenantId, part);
        await using var db = await OpenAsync(scope, ct);
        if (await db.ProvisioningRuns.AnyAsync(r => r.RouterId == plan.RouterId && underWay.Contains(r.Status), ct))
        {
            return null;
        }

        var run = new ProvisioningRun(plan, tenantId, takeOver, null, because.Length > LongestReason ? because[..LongestReason] : because, clock.GetUtcNow().UtcDateTime);
        db.ProvisioningRuns.Add(run);
        db.ProvisioningSteps.AddRange(plan.Changes.Select((change, i) => new ProvisioningStep(run, i + 1, change)));
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException)
        {
            await using var again = await OpenAsync(scope, ct);
            if (await again.ProvisioningRuns.AnyAsync(r => r.RouterId == plan.RouterId && underWay.Contains(r.Status), ct))
            {
                return null; // another process was faster
            }

            throw;
        }

        return run.Id;
    }

    private async Task<(RunStatus Status, string? Detail)> OutcomeAsync(Guid tenantId, Guid run, string part, CancellationToken ct)
    {
        await using var scope = scopes.Open(tenantId, part);
        await using var db = await OpenAsync(scope, ct);
        var row = await db.ProvisioningRuns.AsNoTracking().SingleAsync(r => r.Id == run, ct);
        return (row.Status, row.Detail);
    }

    private static Task<IDataDefenderDb> OpenAsync(AsyncServiceScope scope, CancellationToken ct) =>
        scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
}
