using System.Collections.Concurrent;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Network.Provisioning;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Lines;

/// <summary>
/// Brings a line to a router that has its lines itself, by the same plan and apply as everything else there: only this line's items, and
/// what they refer to. A session that was let in by what was there before is ended, and dials in again.
/// </summary>
internal sealed class PushedLines(TenantScopes scopes, ISecretVault vault, IRouterGateway gateway, ProvisioningRunner runner, TimeProvider clock)
{
    private const string Part = "line control";

    // Changes of one router follow each other: two plans of the same moment would each be outdated by the other.
    private readonly ConcurrentDictionary<Guid, SemaphoreSlim> _turns = new();

    /// <summary>One outcome for each router that has the line itself; none when it logs in by RADIUS.</summary>
    /// <param name="ends">The open session is to be ended, whatever changes.</param>
    public async Task<IReadOnlyList<SessionOutcome>> SettleAsync(Guid tenantId, Guid subscriptionId, string because, bool ends, CancellationToken ct)
    {
        var outcomes = new List<SessionOutcome>();
        foreach (var router in await RoutersAsync(tenantId, subscriptionId, ct))
        {
            var turn = _turns.GetOrAdd(router, static _ => new SemaphoreSlim(1));
            await turn.WaitAsync(ct);
            try
            {
                outcomes.Add(await SettleAsync(tenantId, subscriptionId, router, because, ends, ct));
            }
            finally
            {
                turn.Release();
            }
        }

        return outcomes;
    }

    private async Task<IReadOnlyList<Guid>> RoutersAsync(Guid tenantId, Guid subscriptionId, CancellationToken ct)
    {
        await using var scope = scopes.Open(tenantId, Part);
        await using var db = await OpenAsync(scope, ct);
        var pushed = (await db.Routers.AsNoTracking().Where(r => r.IsEnabled).Select(r => new { r.Id, r.Design }).ToListAsync(ct)).FindAll(r => r.Design.LinePush is not LinePush.None);
        if (pushed.Count == 0)
        {
            return [];
        }

        var binding = await db.Subscriptions.AsNoTracking().Where(s => s.Id == subscriptionId).Select(s => s.Binding).SingleAsync(ct);
        var bound = binding.NasId is { } nas ? await db.NasDevices.Where(n => n.Id == nas).Select(n => n.RouterId).SingleOrDefaultAsync(ct) : null;
        return [.. pushed.Where(r => binding.NasId is null ? r.Design.PushUnbound : r.Id == bound).Select(r => r.Id)];
    }

    private async Task<SessionOutcome> SettleAsync(Guid tenantId, Guid subscriptionId, Guid routerId, string because, bool ends, CancellationToken ct)
    {
        var target = await TargetAsync(tenantId, routerId, ct);
        var name = target.Facts.RouterName;
        if (target.Endpoint is not { } endpoint)
        {
            return new SessionOutcome.Open($"The password of {name} cannot be read.");
        }

        if (await ActualStateReader.ReadAsync(gateway, endpoint, ct) is not RouterReading.Read read)
        {
            return new SessionOutcome.Open($"{name} did not answer.", Waits: true);
        }

        var plan = OfLine(Planner.Plan(target.Facts, read.State), subscriptionId);
        if (plan.IsBlocked)
        {
            return new SessionOutcome.Open($"{name}: {plan.Findings.First(f => f.Kind is not FindingKind.Note).Text}");
        }

        var written = 0;
        if (!plan.Changes.IsEmpty)
        {
            if (await HoldAsync(tenantId, plan, because, ct) is not { } run)
            {
                return new SessionOutcome.Open($"A change of {name} is under way.", Waits: true);
            }

            await runner.RunAsync(tenantId, run, ct);
            if (await OutcomeAsync(tenantId, run, ct) is var (status, detail) && status is not RunStatus.Done)
            {
                return new SessionOutcome.Open($"{name}: {detail ?? $"the change ended as {status}"}", Waits: status is RunStatus.Interrupted);
            }

            written = plan.Changes.Length;
        }

        var known = $"line/{subscriptionId:N}";
        var secret = plan.Changes.FirstOrDefault(c => c.Menu == RouterMenu.Secret && c.Mark.Contains(known, StringComparison.Ordinal));
        if ((ends || secret is { Kind: not ChangeKind.Add }) && await EndAsync(tenantId, subscriptionId, endpoint, ct) is { } trouble)
        {
            return new SessionOutcome.Open($"{name}: {trouble}");
        }

        return new SessionOutcome.Done(LinePath.Configuration, written == 0 ? $"{name} has it so already." : $"{name}: {(written == 1 ? "1 write" : $"{written} writes")}, each read back.");
    }

    /// <summary>The line's own items, and what they refer to. Notes and what blocks other lines are not its business.</summary>
    private static RouterPlan OfLine(RouterPlan plan, Guid subscriptionId)
    {
        var own = $"line/{subscriptionId:N}";
        return plan with
        {
            Changes = [.. plan.Changes.Where(c => c.Mark.Contains(own, StringComparison.Ordinal) || (c.Kind is ChangeKind.Add or ChangeKind.Set && c.Mark.Contains(":lines/", StringComparison.Ordinal)))],
            Findings = [.. plan.Findings.Where(f => f.Kind is FindingKind.Conflict && (f.Menu == RouterMenu.Secret.Path || f.Menu == RouterMenu.SimpleQueue.Path || f.Menu == RouterMenu.Lease.Path))],
        };
    }

    private async Task<ProvisioningTarget> TargetAsync(Guid tenantId, Guid routerId, CancellationToken ct)
    {
        var cipher = await vault.OpenAsync(tenantId, ct);
        await using var scope = scopes.Open(tenantId, Part);
        await using var db = await OpenAsync(scope, ct);
        return await ProvisioningFactsReading.ReadAsync(db, cipher, routerId, ct);
    }

    private async Task<Guid?> HoldAsync(Guid tenantId, RouterPlan plan, string because, CancellationToken ct)
    {
        List<RunStatus> underWay = [.. ProvisioningRun.UnderWay];
        await using var scope = scopes.Open(tenantId, Part);
        await using var db = await OpenAsync(scope, ct);
        if (await db.ProvisioningRuns.AnyAsync(r => r.RouterId == plan.RouterId && underWay.Contains(r.Status), ct))
        {
            return null;
        }

        var run = new ProvisioningRun(plan, tenantId, takesOver: false, null, because.Length > 200 ? because[..200] : because, clock.GetUtcNow().UtcDateTime);
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

    private async Task<(RunStatus Status, string? Detail)> OutcomeAsync(Guid tenantId, Guid run, CancellationToken ct)
    {
        await using var scope = scopes.Open(tenantId, Part);
        await using var db = await OpenAsync(scope, ct);
        var row = await db.ProvisioningRuns.AsNoTracking().SingleAsync(r => r.Id == run, ct);
        return (row.Status, row.Detail);
    }

    /// <summary>Null when the router has no session of it any more.</summary>
    private async Task<string?> EndAsync(Guid tenantId, Guid subscriptionId, RouterEndpoint router, CancellationToken ct)
    {
        string username;
        await using (var scope = scopes.Open(tenantId, Part))
        {
            await using var db = await OpenAsync(scope, ct);
            username = await db.Subscriptions.Where(s => s.Id == subscriptionId).Select(s => s.Username).SingleAsync(ct);
        }

        for (var pass = 1; ; pass++)
        {
            if (await gateway.PrintAsync(router, "/ppp/active", [RouterQuery.Is("name", username)], [".id"], ct) is not RouterOutcome.Done { Rows: var rows })
            {
                return "it did not say whether the session is still there.";
            }

            if (rows.Count == 0)
            {
                return null;
            }

            if (pass == 3)
            {
                return "the session is still there after it was ended.";
            }

            await gateway.RemoveAsync(router, "/ppp/active", [.. rows.Select(r => r.Id!)], ct); // its answer is not believed: the next pass reads
        }
    }

    private static Task<IDataDefenderDb> OpenAsync(AsyncServiceScope scope, CancellationToken ct) =>
        scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
}
