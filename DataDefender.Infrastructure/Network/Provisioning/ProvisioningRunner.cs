using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Network.Provisioning;

/// <summary>
/// Carries out one approved plan. The router is read and planned anew first, and only what was approved is written: one thing after the
/// other, each journalled with its way back before it is written, and read back after. A refusal takes everything back; a router that is
/// lost interrupts the run, which goes on when it answers again.
/// </summary>
internal sealed partial class ProvisioningRunner(
    ProvisioningJournal journal, IRouterGateway gateway, LiveMetrics live, IOptions<ProvisioningOptions> options, TimeProvider clock, ILogger<ProvisioningRunner> log)
{
    /// <summary>So often, of <see cref="ProvisioningRun.Lease"/>, the database hears of a run that only reads.</summary>
    private static readonly TimeSpan StillHere = TimeSpan.FromMinutes(1);

    public async Task RunAsync(Guid tenantId, Guid runId, CancellationToken ct)
    {
        if (await journal.TakeAsync(tenantId, runId, ct) is not { } job)
        {
            return;
        }

        if (job.Target is not { IsEnabled: true, Endpoint: { } endpoint })
        {
            await journal.EndAsync(job, RunStatus.Failed, job.Target.IsEnabled ? "The router's password cannot be read." : "The router is switched off here.", ct);
            return;
        }

        var visit = new Visit(job, endpoint, new RouterWriter(gateway, endpoint, options.Value, clock), new DeadMan(gateway, endpoint, options.Value, clock, job.Target.Facts.MarkPrefix)) { HeardAt = clock.GetUtcNow() };
        var end = await VisitAsync(visit, ct);
        live.Announce(tenantId);
        Ended(log, job.Target.Facts.RouterName, end);
    }

    private async Task<RunStatus> VisitAsync(Visit visit, CancellationToken ct)
    {
        var (job, _, _, deadMan) = visit;
        switch (await deadMan.LookAsync(ct))
        {
            case DeadManState.Unknown:
                return await InterruptAsync(job, "The router does not answer.", ct);
            case DeadManState.Fired when job.Attempts > 1:
                return await WentBackAsync(visit, ct);
            case DeadManState.Armed:
                await deadMan.PutOffAsync(ct);
                break;
            default:
                break;
        }

        return job.IsToBeTakenBack ? await TakeBackAsync(visit, ct) : await ForwardAsync(visit, ct);
    }

    /// <summary>The router did not hear of us in time and took the change back by itself. It is not tried again: it may have cut the router off.</summary>
    private async Task<RunStatus> WentBackAsync(Visit visit, CancellationToken ct)
    {
        var job = visit.Job;
        await journal.TakeBackAsync(job, "The router did not hear of us for three minutes during this change and took it back by itself.", ct);
        return await TakeBackAsync(visit, ct); // what its own script could not do, and the proof that it is done
    }

    private async Task<RunStatus> ForwardAsync(Visit visit, CancellationToken ct)
    {
        var (job, endpoint, writer, deadMan) = visit;
        var reading = await ActualStateReader.ReadAsync(gateway, endpoint, MenusOf(job), between => BetweenAsync(visit, between), ct);
        if (reading is RouterReading.Failed failed)
        {
            return failed.CanBeTriedAgain ? await InterruptAsync(job, failed.Reason, ct) : await GiveUpAsync(visit, RunStatus.Failed, failed.Reason, ct);
        }

        var actual = ((RouterReading.Read)reading).State;
        var facts = job.Target.Facts;
        var plan = Planner.Plan(facts, actual, job.TakesOver);
        // What stands in the way of something else on this router is not this change's business.
        if (plan.Findings.FirstOrDefault(f => f.Kind is not FindingKind.Note && job.Steps.Any(s => s.Menu == f.Menu && (f.Mark is not { } mark || s.ItemKey.EndsWith($" {mark}", StringComparison.Ordinal)))) is { } obstacle)
        {
            return await GiveUpAsync(visit, RunStatus.Outdated, obstacle.Text, ct);
        }

        var planned = plan.Changes.GroupBy(c => c.Key).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        var changes = job.Steps.ToDictionary(s => s.Id, s => planned.GetValueOrDefault(s.ItemKey));
        if (job.Steps.FirstOrDefault(s => changes[s.Id] is { } c && c.Intent != s.Intent) is { } other)
        {
            return await GiveUpAsync(visit, RunStatus.Outdated, $"{other.What}: the router or the design has changed since the plan was shown. Look at the plan again.", ct);
        }

        if (await ArmAsync(visit, actual, plan, [.. changes.Values.OfType<PlanChange>()], ct) is { } ended)
        {
            return ended;
        }

        var desired = DesiredStates.Of(facts, actual.Version, actual).Items;
        foreach (var isWritten in (bool[])[false, true])
        {
            if (job.Steps.Where(s => changes[s.Id] is null && s.Status is not (StepStatus.Done or StepStatus.AlreadySo) && s.UndoCipher is not null == isWritten).ToList() is { Count: > 0 } settled)
            {
                await journal.ConcludeAsync(job, settled, isWritten ? StepStatus.Done : StepStatus.AlreadySo, null, ct);
            }
        }

        foreach (var group in StepBatches.Of([.. job.Steps.Where(s => changes[s.Id] is not null).Select(s => (s, changes[s.Id]!))]))
        {
            IEnumerable<(ProvisioningStep Step, PlanChange Change)> left = group;
            if (group.Count >= StepBatches.Fewest)
            {
                if (await deadMan.PutOffAsync(ct))
                {
                    return await WentBackAsync(visit, ct);
                }

                if (await BatchAsync(job, group, plan.Leaving(group[0].Change.Menu), writer, ct) is not { } done)
                {
                    return await journal.IsToBeTakenBackAsync(job, ct)
                        ? await TakeBackAsync(visit, ct)
                        : await InterruptAsync(job, $"{group[0].Step.What} and {group.Count - 1} others: the router does not answer any more.", ct);
                }

                left = group.Where(g => !done.Contains(g.Step.Id)); // each of them by itself: what it says to one thing is told of that thing
            }

            foreach (var (step, change) in left)
            {
                if (await deadMan.PutOffAsync(ct))
                {
                    return await WentBackAsync(visit, ct);
                }

                IReadOnlyList<DesiredItem> chain = change.Menu.IsOrdered ? [.. desired.Where(i => i.Menu == change.Menu && i.Chain == change.Desired?.Chain)] : [];
                var isRestack = change.Menu.IsOrdered && plan.Changes.Any(c => c.Kind is ChangeKind.Move && c.Menu == change.Menu && c.Desired!.Chain == change.Desired?.Chain);
                var result = await StepAsync(job, step, change, plan.Leaving(change.Menu), writer, () => writer.WriteAsync(change, chain, facts.MarkPrefix, isRestack, ct), ct);
                switch (result.Status)
                {
                    case StepStatus.Done:
                        break;
                    case StepStatus.Unknown:
                        return await InterruptAsync(job, $"{step.What}: {result.Detail}", ct);
                    case StepStatus.TakenBack:
                        return await TakeBackAsync(visit, ct); // a person asked for it meanwhile
                    default:
                        if (await deadMan.HasFiredAsync(ct))
                        {
                            return await WentBackAsync(visit, ct); // what this step stood on is gone
                        }

                        await journal.TakeBackAsync(job, $"{step.What}: {result.Detail}", ct);
                        return await TakeBackAsync(visit, ct);
                }
            }
        }

        return await journal.IsToBeTakenBackAsync(job, ct) ? await TakeBackAsync(visit, ct) : await VerifyAsync(visit, ct);
    }

    /// <summary>Null when the router is able to go back by itself, or nothing is changed that could cut it off.</summary>
    private async Task<RunStatus?> ArmAsync(Visit visit, ActualState actual, RouterPlan plan, IReadOnlyList<PlanChange> changes, CancellationToken ct)
    {
        var job = visit.Job;
        if (changes.All(c => c.Menu.IsHarmless))
        {
            return null; // lines come and go all day; none of that can cut the router off
        }

        // Rules go back last, the lowest first, each above the one that it stood above; what earlier attempts wrote goes back as well.
        var rows = RouterMenu.All.ToDictionary(m => m, m => actual.Rows(m) ?? []);
        var moves = changes.Where(c => c.Kind is ChangeKind.Move).OrderByDescending(c => rows[c.Menu].ToList().FindIndex(r => r.Id == c.ItemId));
        var written = (await journal.WrittenAsync(job, ct)).Select(w => w.Undo);
        var undos = changes.Where(c => c.Kind is not ChangeKind.Move && !c.Menu.IsHarmless).Reverse().Concat(moves).Select(c => StepUndo.Of(c, rows[c.Menu], plan.Leaving(c.Menu))).Concat(written).ToList();
        if (await visit.DeadMan.ArmAsync(undos, ct) is not { } trouble)
        {
            return null;
        }

        if (trouble.Status is StepStatus.Unknown)
        {
            return await InterruptAsync(job, trouble.Detail!, ct);
        }

        return changes.FirstOrDefault(c => c.Menu.CanCutOff) is { } risky
            ? await GiveUpAsync(visit, RunStatus.Failed, $"A {Lower(risky.Menu.Title)} is not changed without a dead-man's switch, and this router does not take one: {trouble.Detail}", ct)
            : null;
    }

    /// <summary>Writes a batch of lines' items. Returns what came through, to the router and the journal; null when it was not written, or the router was lost.</summary>
    private async Task<IReadOnlySet<Guid>?> BatchAsync(ProvisioningJob job, IReadOnlyList<(ProvisioningStep Step, PlanChange Change)> batch, IReadOnlySet<string> leaving, RouterWriter writer, CancellationToken ct)
    {
        var menu = batch[0].Change.Menu;
        if (await writer.RowsAsync(menu, null, ct) is not { } rows)
        {
            return null;
        }

        var ids = rows.Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        var there = batch.Where(b => b.Change.ItemId is null || ids.Contains(b.Change.ItemId)).ToList(); // what went away meanwhile is for the single step to say
        if (!await journal.BeginAsync(job, there.ConvertAll(b => (b.Step, StepUndo.Of(b.Change, rows, leaving))), ct))
        {
            return null;
        }

        if (await writer.WriteManyAsync(menu, there.ConvertAll(b => b.Change), ct) is not { } shown)
        {
            return null;
        }

        var done = there.Where(b => shown.Contains(b.Change)).Select(b => b.Step).ToList();
        await journal.ConcludeAsync(job, done, StepStatus.Done, null, ct);
        live.Announce(job.TenantId);
        return done.Select(s => s.Id).ToHashSet();
    }

    private async Task<WriteResult> StepAsync(ProvisioningJob job, ProvisioningStep step, PlanChange change, IReadOnlySet<string> leaving, RouterWriter writer, Func<Task<WriteResult>> write, CancellationToken ct)
    {
        if (await writer.RowsAsync(change.Menu, change.TakesOver ? null : change.Mark, ct) is not { } rows)
        {
            return new(StepStatus.Unknown, "The router does not answer.");
        }

        if (change.ItemId is not null && rows.All(r => r.Id != change.ItemId))
        {
            return new(StepStatus.NotApplied, "It went away while the plan was carried out.");
        }

        if (!await journal.BeginAsync(job, [(step, StepUndo.Of(change, rows, leaving))], ct))
        {
            return new(StepStatus.TakenBack);
        }

        var result = await write();
        await journal.ConcludeAsync(job, step, result.Status, result.Detail, ct);
        live.Announce(job.TenantId);
        return result;
    }

    /// <summary>Each write was read back by itself; the whole is read once more, because one write may have undone another.</summary>
    private async Task<RunStatus> VerifyAsync(Visit visit, CancellationToken ct)
    {
        const string NoAnswer = "Everything is written; the router did not answer when it was read as a whole.";
        var (job, endpoint, _, deadMan) = visit;
        if (job.Steps.Any(s => RouterMenu.Of(s.Menu).CanCutOff) && await SignInAnewAsync(endpoint, ct) is { } refused)
        {
            if (await deadMan.LookAsync(ct) is DeadManState.Unknown)
            {
                return await InterruptAsync(job, NoAnswer, ct);
            }

            return await GiveUpAsync(visit, RunStatus.Failed, $"With this change the router does not let us in anew: {refused}", ct);
        }

        if (await ActualStateReader.ReadAsync(gateway, endpoint, MenusOf(job), between => BetweenAsync(visit, between), ct) is not RouterReading.Read read)
        {
            return await InterruptAsync(job, NoAnswer, ct);
        }

        if (await deadMan.HasFiredAsync(ct))
        {
            return await WentBackAsync(visit, ct);
        }

        var left = Planner.Plan(job.Target.Facts, read.State, job.TakesOver).Changes;
        var keys = job.Steps.Select(s => s.ItemKey).ToHashSet(StringComparer.Ordinal);
        return left.FirstOrDefault(c => keys.Contains(c.Key)) is { } again
            ? await GiveUpAsync(visit, RunStatus.Failed, $"{again.What} was written and read back, and differs again at the end. Does somebody else change this router?", ct)
            : await EndAsync(visit, RunStatus.Done, left.IsEmpty ? null : $"{left.Length} more to do since the plan was shown.", ct);
    }

    /// <summary>The connection that we write over was let in before the change; the next one has to be as well. Null when it is, else why not.</summary>
    private async Task<string?> SignInAnewAsync(RouterEndpoint endpoint, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await gateway.TestAsync(endpoint, ct) is not RouterTest.Failed failed)
            {
                return null;
            }

            if (attempt >= options.Value.Reads)
            {
                return failed.Failure.Message;
            }

            await Task.Delay(options.Value.Pause, clock, ct);
        }
    }

    /// <summary>It is not gone on with. A half of a change is nobody's design: what this or an earlier attempt wrote is taken back.</summary>
    private async Task<RunStatus> GiveUpAsync(Visit visit, RunStatus status, string why, CancellationToken ct)
    {
        if ((await journal.WrittenAsync(visit.Job, ct)).Count == 0)
        {
            return await EndAsync(visit, status, why, ct);
        }

        await journal.TakeBackAsync(visit.Job, why, ct);
        return await TakeBackAsync(visit, ct);
    }

    private async Task<RunStatus> TakeBackAsync(Visit visit, CancellationToken ct)
    {
        var (job, _, writer, deadMan) = visit;
        var stuck = new List<string>();
        foreach (var (step, undo) in await journal.WrittenAsync(job, ct))
        {
            await deadMan.PutOffAsync(ct);
            var result = await writer.TakeBackAsync(undo, ct);
            if (result.Status is StepStatus.Unknown)
            {
                return await InterruptAsync(job, $"Taking back {step.What}: {result.Detail}", ct);
            }

            var isBack = result.Status is StepStatus.Done;
            await journal.ConcludeAsync(job, step, isBack ? StepStatus.TakenBack : StepStatus.NotTakenBack, isBack ? step.Detail : result.Detail, ct);
            if (!isBack)
            {
                stuck.Add(step.What);
            }
        }

        return stuck.Count == 0
            ? await EndAsync(visit, RunStatus.TakenBack, null, ct)
            : await EndAsync(visit, RunStatus.Failed, $"Could not be taken back: {string.Join(", ", stuck)}. Look at the router.", ct);
    }

    private async Task<RunStatus> InterruptAsync(ProvisioningJob job, string why, CancellationToken ct)
    {
        if (clock.GetUtcNow().UtcDateTime - job.RequestedAt > options.Value.Patience)
        {
            await journal.EndAsync(job, RunStatus.Failed, $"Given up after {options.Value.Patience.TotalHours:0} hours. {why}", ct);
            return RunStatus.Failed;
        }

        await journal.InterruptAsync(job, why, options.Value.WaitAfter(job.Attempts), ct);
        return RunStatus.Interrupted;
    }

    // Nothing is over while the router might still go back by itself.
    private async Task<RunStatus> EndAsync(Visit visit, RunStatus status, string? detail, CancellationToken ct)
    {
        if (!await visit.DeadMan.DisarmAsync(ct))
        {
            return await InterruptAsync(visit.Job, "Everything is written; the router did not answer when its dead-man's switch was taken off.", ct);
        }

        await journal.EndAsync(visit.Job, status, detail, ct);
        return status;
    }

    private static string Lower(string title) => title.Length > 1 && char.IsUpper(title[1]) ? title : char.ToLowerInvariant(title[0]) + title[1..];

    // Lines come and go all day: a change of nothing else reads nothing else.
    private static IReadOnlyList<RouterMenu> MenusOf(ProvisioningJob job) =>
        job.Target.Facts.Restoring is null && job.Steps.All(s => RouterMenu.OfLines.Any(m => m.Path == s.Menu)) ? RouterMenu.OfLines : RouterMenu.All;

    /// <summary>
    /// Between two menus of a long reading, which writes nothing: the router must not go back by itself meanwhile, and no other process
    /// take the run for one that nobody works on.
    /// </summary>
    private async Task<bool> BetweenAsync(Visit visit, CancellationToken ct)
    {
        if (clock.GetUtcNow() - visit.HeardAt > StillHere)
        {
            visit.HeardAt = clock.GetUtcNow();
            await journal.HearAsync(visit.Job, ct);
        }

        return await visit.DeadMan.PutOffAsync(ct);
    }

    /// <summary>One attempt at a run: its job, and the hands on the router.</summary>
    private sealed record Visit(ProvisioningJob Job, RouterEndpoint Endpoint, RouterWriter Writer, DeadMan DeadMan)
    {
        /// <summary>When the database last heard of it.</summary>
        public required DateTimeOffset HeardAt { get; set; }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The change of {Router} ended as {Status}")]
    private static partial void Ended(ILogger log, string router, RunStatus status);
}
