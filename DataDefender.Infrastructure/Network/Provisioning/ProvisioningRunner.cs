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

        var writer = new RouterWriter(gateway, endpoint, options.Value, clock);
        var end = job.IsToBeTakenBack ? await TakeBackAsync(job, writer, ct) : await ForwardAsync(job, endpoint, writer, ct);
        live.Announce(tenantId);
        Ended(log, job.Target.Facts.RouterName, end);
    }

    private async Task<RunStatus> ForwardAsync(ProvisioningJob job, RouterEndpoint endpoint, RouterWriter writer, CancellationToken ct)
    {
        var reading = await ActualStateReader.ReadAsync(gateway, endpoint, ct);
        if (reading is RouterReading.Failed failed)
        {
            return failed.CanBeTriedAgain ? await InterruptAsync(job, failed.Reason, ct) : await EndAsync(job, RunStatus.Failed, failed.Reason, ct);
        }

        var actual = ((RouterReading.Read)reading).State;
        var facts = job.Target.Facts;
        var plan = Planner.Plan(facts, actual, job.TakesOver);
        var desired = DesiredStates.Of(facts, actual.Version).Items;
        if (plan.IsBlocked)
        {
            return await EndAsync(job, RunStatus.Outdated, plan.Findings.First(f => f.Kind is not FindingKind.Note).Text, ct);
        }

        foreach (var step in job.Steps.Where(s => s.Status is not (StepStatus.Done or StepStatus.AlreadySo)))
        {
            var change = plan.Changes.FirstOrDefault(c => c.Key == step.ItemKey);
            if (change is null)
            {
                await journal.ConcludeAsync(job, step, step.UndoCipher is null ? StepStatus.AlreadySo : StepStatus.Done, null, ct);
                continue;
            }

            if (change.Intent != step.Intent)
            {
                return await EndAsync(job, RunStatus.Outdated, $"{step.What}: the router or the design has changed since the plan was shown. Look at the plan again.", ct);
            }

            var chain = desired.Where(i => i.Menu == change.Menu && i.Chain == change.Desired?.Chain).ToList();
            var isRestack = plan.Changes.Any(c => c.Kind is ChangeKind.Move && c.Menu == change.Menu && c.Desired!.Chain == change.Desired?.Chain);
            var result = await StepAsync(job, step, change, writer, undo => writer.WriteAsync(change, chain, facts.MarkPrefix, isRestack, ct), ct);
            switch (result.Status)
            {
                case StepStatus.Done:
                    break;
                case StepStatus.Unknown:
                    return await InterruptAsync(job, $"{step.What}: {result.Detail}", ct);
                case StepStatus.TakenBack:
                    return await TakeBackAsync(job, writer, ct); // a person asked for it meanwhile
                default:
                    await journal.TakeBackAsync(job, $"{step.What}: {result.Detail}", ct);
                    return await TakeBackAsync(job, writer, ct);
            }
        }

        return await journal.IsToBeTakenBackAsync(job, ct) ? await TakeBackAsync(job, writer, ct) : await VerifyAsync(job, endpoint, ct);
    }

    private async Task<WriteResult> StepAsync(ProvisioningJob job, ProvisioningStep step, PlanChange change, RouterWriter writer, Func<StepUndo, Task<WriteResult>> write, CancellationToken ct)
    {
        if (await writer.RowsAsync(change.Menu, ct) is not { } rows)
        {
            return new(StepStatus.Unknown, "The router does not answer.");
        }

        if (change.ItemId is not null && rows.All(r => r.Id != change.ItemId))
        {
            return new(StepStatus.NotApplied, "It went away while the plan was carried out.");
        }

        var undo = StepUndo.Of(change, rows);
        if (!await journal.BeginAsync(job, step, undo, ct))
        {
            return new(StepStatus.TakenBack);
        }

        var result = await write(undo);
        await journal.ConcludeAsync(job, step, result.Status, result.Detail, ct);
        live.Announce(job.TenantId);
        return result;
    }

    /// <summary>Each write was read back by itself; the whole is read once more, because one write may have undone another.</summary>
    private async Task<RunStatus> VerifyAsync(ProvisioningJob job, RouterEndpoint endpoint, CancellationToken ct)
    {
        if (await ActualStateReader.ReadAsync(gateway, endpoint, ct) is not RouterReading.Read read)
        {
            return await InterruptAsync(job, "Everything is written; the router did not answer when it was read as a whole.", ct);
        }

        var left = Planner.Plan(job.Target.Facts, read.State, job.TakesOver).Changes;
        var keys = job.Steps.Select(s => s.ItemKey).ToHashSet(StringComparer.Ordinal);
        if (left.FirstOrDefault(c => keys.Contains(c.Key)) is { } again)
        {
            return await EndAsync(job, RunStatus.Failed, $"{again.What} was written and read back, and differs again at the end. Does somebody else change this router?", ct);
        }

        return await EndAsync(job, RunStatus.Done, left.IsEmpty ? null : $"{left.Length} more to do since the plan was shown.", ct);
    }

    private async Task<RunStatus> TakeBackAsync(ProvisioningJob job, RouterWriter writer, CancellationToken ct)
    {
        var stuck = new List<string>();
        foreach (var (step, undo) in await journal.WrittenAsync(job, ct))
        {
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

        return stuck.Count == 0 ? await EndAsync(job, RunStatus.TakenBack, null, ct) : await EndAsync(job, RunStatus.Failed, $"Could not be taken back: {string.Join(", ", stuck)}. Look at the router.", ct);
    }

    private async Task<RunStatus> InterruptAsync(ProvisioningJob job, string why, CancellationToken ct)
    {
        if (clock.GetUtcNow().UtcDateTime - job.RequestedAt > options.Value.Patience)
        {
            return await EndAsync(job, RunStatus.Failed, $"Given up after {options.Value.Patience.TotalHours:0} hours. {why}", ct);
        }

        await journal.InterruptAsync(job, why, options.Value.WaitAfter(job.Attempts), ct);
        return RunStatus.Interrupted;
    }

    private async Task<RunStatus> EndAsync(ProvisioningJob job, RunStatus status, string? detail, CancellationToken ct)
    {
        await journal.EndAsync(job, status, detail, ct);
        return status;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The change of {Router} ended as {Status}")]
    private static partial void Ended(ILogger log, string router, RunStatus status);
}
