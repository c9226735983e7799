using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Network.Provisioning;

/// <summary>
/// Brings one roll-out a step on: sees how the changes under way ended, looks at the routers whose time to settle is over, and lets the next
/// ones begin. All it knows is in the database, so any process may take the next step at any time.
/// </summary>
internal sealed partial class RolloutConductor(
    TenantScopes scopes, ISecretVault vault, IRouterGateway gateway, LiveMetrics live, ProvisioningSignal signal, IOptions<ProvisioningOptions> options, TimeProvider clock, ILogger<RolloutConductor> log)
{
    private const string Part = "roll-out";

    /// <summary>Sessions come and go: so many may be missing after a change without anybody having dropped them.</summary>
    private const double NaturalLoss = 0.1;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    public async Task AdvanceAsync(Guid tenantId, Guid rolloutId, CancellationToken ct)
    {
        var state = await ReadAsync(tenantId, rolloutId, ct);
        if (state is null)
        {
            return;
        }

        // The routers are asked before the database is opened to write down what they said.
        var verdicts = await LookAtAsync(state, ct);
        var next = await CountAsync(state, verdicts, ct);
        if (verdicts.Count + next.Count == 0 && !state.MovesByItself)
        {
            return;
        }

        await WriteAsync(tenantId, state, verdicts, next, ct);
    }

    private async Task<State?> ReadAsync(Guid tenantId, Guid rolloutId, CancellationToken ct)
    {
        var cipher = await vault.OpenAsync(tenantId, ct);
        await using var scope = scopes.Open(tenantId, Part);
        await using var db = await OpenAsync(scope, ct);
        var rollout = await db.Rollouts.AsNoTracking().SingleOrDefaultAsync(r => r.Id == rolloutId, ct);
        if (rollout is null || rollout.IsOver)
        {
            return null;
        }

        var routers = await db.RolloutRouters.AsNoTracking().Where(r => r.RolloutId == rolloutId).OrderBy(r => r.Sequence).ToListAsync(ct);
        var underWay = routers.Where(r => r.Status is RolloutRouterStatus.Applying).Select(r => r.RunId).ToList();
        var runs = await db.ProvisioningRuns.AsNoTracking().Where(r => underWay.Contains(r.Id)).ToDictionaryAsync(r => r.Id, ct);
        var toCheck = routers.Where(r => r.Status is RolloutRouterStatus.Checking && IsSettled(rollout, r)).ToList();
        var next = rollout.Next(routers);
        var targets = (await ProvisioningFactsReading.ReadAsync(db, cipher, [.. toCheck.Concat(next).Select(r => r.RouterId)], ct)).ToDictionary(t => t.Facts.RouterId);
        var checkedRuns = toCheck.ConvertAll(r => r.RunId);
        var keys = (await db.ProvisioningSteps.AsNoTracking().Where(s => checkedRuns.Contains(s.RunId)).Select(s => new { s.RunId, s.ItemKey }).ToListAsync(ct)).ToLookup(s => s.RunId, s => s.ItemKey);
        return new State(rollout, routers, runs, toCheck, next, targets, keys);
    }

    private bool IsSettled(Rollout rollout, RolloutRouter router) => router.AppliedAt is { } applied && Now >= applied.AddSeconds(rollout.SettleSeconds);

    /// <summary>How each change under way stands, and how each changed router bears it.</summary>
    private async Task<Dictionary<Guid, Verdict>> LookAtAsync(State state, CancellationToken ct)
    {
        var verdicts = new Dictionary<Guid, Verdict>();
        foreach (var router in state.Routers.Where(r => r.Status is RolloutRouterStatus.Applying))
        {
            if (OfRun(router, state.Runs.GetValueOrDefault(router.RunId)) is { } verdict)
            {
                verdicts.Add(router.Id, verdict);
            }
        }

        var looked = await Task.WhenAll(state.ToCheck.Select(async r => (r.Id, Verdict: await CheckAsync(state, r, ct))));
        foreach (var (id, verdict) in looked)
        {
            verdicts.Add(id, verdict);
        }

        return verdicts;
    }

    private Verdict? OfRun(RolloutRouter router, ProvisioningRun? run) => run switch
    {
        null => new Verdict.Failed("Its change is not in the journal."),
        { Status: RunStatus.Done } => new Verdict.Applied(),
        { IsOver: true } => new Verdict.Failed(run.Detail ?? $"Its change ended as {run.Status}."),
        { Status: RunStatus.Interrupted } when Now - router.BegunAt > options.Value.RolloutPatience =>
            new Verdict.Failed($"It has not answered for {options.Value.RolloutPatience.TotalMinutes:0} minutes; its change goes on, or is taken back, when it does. {run.Detail}"),
        _ => null,
    };

    private async Task<Verdict> CheckAsync(State state, RolloutRouter router, CancellationToken ct)
    {
        var isLate = Now >= router.AppliedAt!.Value.AddSeconds(state.Rollout.SettleSeconds) + options.Value.RolloutPatience;
        var (trouble, sessions, note) = await LookAsync(state, router, ct);
        return trouble is null ? new Verdict.Passed(sessions, note) : isLate ? new Verdict.Failed(trouble) : new Verdict.NotYet(trouble, sessions);
    }

    /// <summary>Reachable, still as approved, and its sessions are still there.</summary>
    private async Task<(string? Trouble, int? Sessions, string? Note)> LookAsync(State state, RolloutRouter router, CancellationToken ct)
    {
        if (!state.Targets.TryGetValue(router.RouterId, out var target) || target.Endpoint is not { } endpoint)
        {
            return ("It was removed, or its password cannot be read.", null, null);
        }

        if (await ActualStateReader.ReadAsync(gateway, endpoint, ct) is not RouterReading.Read read)
        {
            return ("It does not answer since its change.", null, null);
        }

        var left = Planner.Plan(target.Facts, read.State, takeOver: false);
        if (left.Changes.FirstOrDefault(c => state.Keys[router.RunId].Contains(c.Key)) is { } again)
        {
            return ($"{again.What} was written and differs again.", null, null);
        }

        var sessions = await SessionsAsync(endpoint, ct);
        if (router.SessionsBefore is { } before && sessions is { } after && before - after > Math.Ceiling(before * NaturalLoss))
        {
            return ($"It carries {after:#,##0} of the {before:#,##0} sessions that it had before the change.", sessions, null);
        }

        return (null, sessions, left.Changes.IsEmpty ? null : $"{left.Changes.Length} more to do since the plan was shown.");
    }

    /// <summary>The sessions of each router that may begin now, read right before its change.</summary>
    private async Task<Dictionary<Guid, int?>> CountAsync(State state, Dictionary<Guid, Verdict> verdicts, CancellationToken ct)
    {
        if (verdicts.Values.Any(v => v is Verdict.Failed))
        {
            return []; // a failure stops the roll-out: nothing more is begun
        }

        var counts = await Task.WhenAll(state.Next.Select(async r =>
            (r.Id, Count: state.Targets.TryGetValue(r.RouterId, out var target) && target.Endpoint is { } endpoint ? await SessionsAsync(endpoint, ct) : null)));
        return counts.ToDictionary(c => c.Id, c => c.Count);
    }

    private async Task<int?> SessionsAsync(RouterEndpoint endpoint, CancellationToken ct)
    {
        var total = 0;
        foreach (var menu in (string[])["/ppp/active", "/ip/hotspot/active"])
        {
            switch (await gateway.ExecuteAsync(endpoint, RouterCommand.Count(menu), ct))
            {
                case RouterOutcome.Done { Ret: { } count } when int.TryParse(count, out var number):
                    total += number;
                    break;
                case RouterOutcome.Refused { Kind: RouterRefusal.NoSuchCommand }:
                    break; // the package is not installed
                default:
                    return null;
            }
        }

        return total;
    }

    private async Task WriteAsync(Guid tenantId, State state, Dictionary<Guid, Verdict> verdicts, Dictionary<Guid, int?> next, CancellationToken ct)
    {
        await using var scope = scopes.Open(tenantId, Part);
        await using var db = await OpenAsync(scope, ct);
        var rollout = await db.Rollouts.SingleAsync(r => r.Id == state.Rollout.Id, ct);
        if (rollout.Version != state.Rollout.Version)
        {
            return; // a person stopped it, or another process was faster: the next look goes by what is true then
        }

        var routers = await db.RolloutRouters.Where(r => r.RolloutId == rollout.Id).ToListAsync(ct);
        foreach (var router in routers.Where(r => verdicts.ContainsKey(r.Id)))
        {
            Note(router, verdicts[router.Id]);
        }

        if (rollout.Follow(routers, Now))
        {
            Report(db, rollout);
        }

        if (rollout.Status is RolloutStatus.Waiting or RolloutStatus.Canary or RolloutStatus.Spreading)
        {
            await BeginAsync(db, [.. rollout.Next(routers).Where(r => next.ContainsKey(r.Id))], next, ct);
            rollout.Follow(routers, Now);
        }

        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateConcurrencyException)
        {
            return;
        }

        signal.Wake();
        live.Announce(tenantId);
        Moved(log, rollout.Label, rollout.Status);
    }

    private void Note(RolloutRouter router, Verdict verdict)
    {
        switch (verdict)
        {
            case Verdict.Applied:
                router.Applied(Now);
                break;
            case Verdict.NotYet wait:
                router.Wait(wait.Why, wait.Sessions);
                break;
            case Verdict.Passed passed:
                router.Pass(passed.Sessions, passed.Note, Now);
                break;
            case Verdict.Failed failed:
                router.Fail(failed.Why, Now);
                break;
        }
    }

    private async Task BeginAsync(IDataDefenderDb db, List<RolloutRouter> routers, Dictionary<Guid, int?> sessions, CancellationToken ct)
    {
        var ids = routers.ConvertAll(r => r.RunId);
        var runs = await db.ProvisioningRuns.Where(r => ids.Contains(r.Id)).ToDictionaryAsync(r => r.Id, ct);
        List<RunStatus> underWay = [.. ProvisioningRun.UnderWay];
        var places = routers.ConvertAll(r => r.RouterId);
        var busy = await db.ProvisioningRuns.Where(r => places.Contains(r.RouterId) && underWay.Contains(r.Status)).Select(r => r.RouterId).ToListAsync(ct);
        foreach (var router in routers.Where(r => !busy.Contains(r.RouterId))) // a line is changed there in this moment: the next look begins it
        {
            router.Begin(sessions[router.Id], Now);
            runs[router.RunId].Release(Now);
        }
    }

    private void Report(IDataDefenderDb db, Rollout rollout)
    {
        if (rollout.Status is not (RolloutStatus.Done or RolloutStatus.Stopped))
        {
            return;
        }

        var text = rollout.Status is RolloutStatus.Done ? $"Roll-out of {rollout.Label} is done. {rollout.Detail}" : $"Roll-out of {rollout.Label} stopped. {rollout.Detail}";
        db.NetworkEvents.Add(new NetworkEvent
        {
            TenantId = rollout.TenantId,
            At = Now,
            Severity = rollout.Status is RolloutStatus.Done ? EventSeverity.Info : EventSeverity.Critical,
            Kind = rollout.Status is RolloutStatus.Done ? "rollout.done" : "rollout.stopped",
            Message = text.Length > 500 ? text[..499] + "…" : text.TrimEnd(),
        });
    }

    private static Task<IDataDefenderDb> OpenAsync(AsyncServiceScope scope, CancellationToken ct) =>
        scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);

    /// <summary>The roll-out as it was read.</summary>
    private sealed record State(
        Rollout Rollout, IReadOnlyList<RolloutRouter> Routers, IReadOnlyDictionary<Guid, ProvisioningRun> Runs, IReadOnlyList<RolloutRouter> ToCheck, IReadOnlyList<RolloutRouter> Next,
        IReadOnlyDictionary<Guid, ProvisioningTarget> Targets, ILookup<Guid, string> Keys)
    {
        /// <summary>It has something to become without a word from a router: the canaries are through, or everything is.</summary>
        public bool MovesByItself => Rollout.Status is not RolloutStatus.Stopped && (Routers.All(r => r.IsSettled) || (Rollout.Status is RolloutStatus.Waiting or RolloutStatus.Canary && Routers.Where(r => r.IsCanary).All(r => r.IsSettled)));
    }

    private abstract record Verdict
    {
        /// <summary>Written and read back: now it settles.</summary>
        public sealed record Applied : Verdict;

        public sealed record NotYet(string Why, int? Sessions) : Verdict;

        public sealed record Passed(int? Sessions, string? Note) : Verdict;

        public sealed record Failed(string Why) : Verdict;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The roll-out of {Label} is {Status}")]
    private static partial void Moved(ILogger log, string label, RolloutStatus status);
}
