using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
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
internal sealed class PushedLines(TenantScopes scopes, IRouterGateway gateway, PartialApply apply)
{
    private const string Part = "line control";

    private static readonly HashSet<string> LineMenus =
        [RouterMenu.Secret.Path, RouterMenu.SimpleQueue.Path, RouterMenu.Lease.Path, RouterMenu.QueueType.Path, RouterMenu.QueueTree.Path, RouterMenu.Mangle.Path];

    /// <summary>One outcome for each router that has the line itself; none when it logs in by RADIUS.</summary>
    /// <param name="ends">The open session is to be ended, whatever changes.</param>
    public async Task<IReadOnlyList<SessionOutcome>> SettleAsync(Guid tenantId, Guid subscriptionId, string because, bool ends, CancellationToken ct)
    {
        var outcomes = new List<SessionOutcome>();
        foreach (var router in await RoutersAsync(tenantId, subscriptionId, ct))
        {
            outcomes.Add(await SettleAsync(tenantId, subscriptionId, router, because, ends, ct));
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
        var outcome = await apply.ApplyAsync(tenantId, routerId, plan => OfLine(plan, subscriptionId), RouterMenu.OfLines, Part, because, takeOver: false, ct);
        if (outcome is not { Trouble: null, Endpoint: { } endpoint, Plan: { } plan })
        {
            return new SessionOutcome.Open(outcome.Trouble!, outcome.Waits);
        }

        var (name, written) = (outcome.RouterName, plan.Changes.Length);
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
            Changes = [.. plan.Changes.Where(c => c.Mark.Contains(own, StringComparison.Ordinal) || (c.Kind is ChangeKind.Add or ChangeKind.Set && (c.Menu == RouterMenu.QueueType || c.Mark.Contains(":lines/", StringComparison.Ordinal))))],
            Findings = [.. plan.Findings.Where(f => f.Kind is FindingKind.Conflict && LineMenus.Contains(f.Menu)
                && (f.Mark is not { } mark || mark.Contains(own, StringComparison.Ordinal) || mark.Contains(":lines/", StringComparison.Ordinal)))],
        };
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
