using System.Collections.Immutable;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;

namespace DataDefender.Domain.Provisioning;

public enum RunStatus
{
    /// <summary>Approved as part of a roll-out that has not come to this router yet.</summary>
    Held,

    /// <summary>Approved; the worker takes it next.</summary>
    Waiting,
    Running,

    /// <summary>A step failed or a person asked: what was written is taken back.</summary>
    TakingBack,
    Done,

    /// <summary>Everything that was written has been taken back.</summary>
    TakenBack,

    /// <summary>The router cannot be reached. It goes on by itself when it answers again.</summary>
    Interrupted,

    /// <summary>The router has changed since the plan was shown; nothing more was written.</summary>
    Outdated,

    /// <summary>Something could not be taken back, or nobody waits for the router any more: a person has to look.</summary>
    Failed,

    /// <summary>Its roll-out ended before it was begun; nothing was written.</summary>
    Cancelled,
}

public enum StepStatus
{
    Waiting,

    /// <summary>On its way: whether the router has it is not known.</summary>
    Writing,

    /// <summary>Written and read back.</summary>
    Done,

    /// <summary>Was so already.</summary>
    AlreadySo,

    /// <summary>The router said no.</summary>
    Refused,

    /// <summary>The router said yes and did not do it.</summary>
    NotApplied,

    /// <summary>The connection was lost and the router could not be asked since.</summary>
    Unknown,
    TakenBack,
    NotTakenBack,
}

/// <summary>One application of a plan to a router: the journal of what was written, why and by whom.</summary>
public sealed class ProvisioningRun : Entity, ITenantOwned, IAudited
{
    /// <summary>A worker that has not been heard of for so long is gone, and another one takes over.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    private ProvisioningRun() { }

    public ProvisioningRun(RouterPlan plan, Guid tenantId, bool takesOver, Guid? requestedById, string requestedBy, DateTime now)
    {
        (TenantId, RouterId, TakesOver, RequestedById, RequestedBy, RequestedAt) = (tenantId, plan.RouterId, takesOver, requestedById, requestedBy, now);
        (Label, Changes) = ($"{plan.RouterName}: {plan.Changes.Length} {(plan.Changes.Length == 1 ? "change" : "changes")}", plan.Changes.Length);
        NextAttemptAt = now;
    }

    /// <summary>Statuses of a change that is not over: no other change of the same router is begun.</summary>
    public static readonly ImmutableArray<RunStatus> NotOver = [RunStatus.Held, RunStatus.Waiting, RunStatus.Running, RunStatus.TakingBack, RunStatus.Interrupted];

    /// <summary>Of these, the ones that a worker may be writing for: a change that waits for its roll-out touches no router, and keeps no line from changing.</summary>
    public static readonly ImmutableArray<RunStatus> UnderWay = [RunStatus.Waiting, RunStatus.Running, RunStatus.TakingBack, RunStatus.Interrupted];

    public Guid TenantId { get; private set; }
    public Guid RouterId { get; private set; }
    public string Label { get; private set; } = "";
    public int Changes { get; private set; }

    /// <summary>Items that were on the router before us become ours.</summary>
    public bool TakesOver { get; private set; }

    /// <summary>The export that it brings back, in the place of the design; null as a rule.</summary>
    public Guid? RestoresExportId { get; private set; }

    public Guid? RequestedById { get; private set; }
    public string RequestedBy { get; private set; } = "";
    public DateTime RequestedAt { get; private set; }

    [Observed]
    public RunStatus Status { get; private set; } = RunStatus.Waiting;

    /// <summary>What it means for people, when it is not simply done.</summary>
    [Observed]
    public string? Detail { get; private set; }

    [Observed]
    public DateTime? StartedAt { get; private set; }

    [Observed]
    public DateTime? FinishedAt { get; private set; }

    [Observed]
    public DateTime? HeardAt { get; private set; }

    [Observed]
    public int Attempts { get; private set; }

    [Observed]
    public DateTime NextAttemptAt { get; private set; }

    /// <summary>It is to be taken back, also after an interruption.</summary>
    [Observed]
    public bool IsToBeTakenBack { get; private set; }

    public string AuditLabel => Label;

    public bool IsOver => Status is RunStatus.Done or RunStatus.TakenBack or RunStatus.Outdated or RunStatus.Failed or RunStatus.Cancelled;

    public void Restore(Guid exportId) => RestoresExportId = exportId;

    /// <summary>Whether a worker may take it now.</summary>
    public bool IsDue(DateTime now) => Status switch
    {
        RunStatus.Waiting or RunStatus.Interrupted => NextAttemptAt <= now,
        RunStatus.Running or RunStatus.TakingBack => HeardAt is null || now - HeardAt > Lease,
        _ => false,
    };

    /// <summary>Waits until its roll-out comes to this router.</summary>
    public void Hold()
    {
        Demand(Status is RunStatus.Waiting, "This change of the router has begun.");
        Status = RunStatus.Held;
    }

    /// <summary>Its roll-out has come to this router.</summary>
    public void Release(DateTime now)
    {
        Demand(Status is RunStatus.Held, "This change of the router waits for nobody.");
        (Status, NextAttemptAt) = (RunStatus.Waiting, now);
    }

    /// <summary>Its roll-out ends before it comes to this router.</summary>
    public void Cancel(string why, DateTime now)
    {
        Demand(Status is RunStatus.Held, "This change of the router has begun.");
        (Status, Detail, FinishedAt) = (RunStatus.Cancelled, why, now);
    }

    /// <summary>A worker begins, or goes on after an interruption.</summary>
    public void Take(DateTime now)
    {
        Demand(!IsOver, "This change of the router is over.");
        Attempts++;
        (Status, StartedAt, HeardAt, Detail) = (IsToBeTakenBack ? RunStatus.TakingBack : RunStatus.Running, StartedAt ?? now, now, null);
    }

    public void Hear(DateTime now) => HeardAt = now;

    /// <summary>From here on it goes backwards.</summary>
    public void TakeBack(string why, DateTime now)
    {
        Demand(Status is not (RunStatus.Done or RunStatus.TakenBack or RunStatus.Cancelled), "This change of the router is over.");
        (IsToBeTakenBack, Detail, NextAttemptAt, FinishedAt) = (true, why, now, null);
        Status = Status is RunStatus.Running or RunStatus.TakingBack ? RunStatus.TakingBack : RunStatus.Waiting;
    }

    public void Interrupt(string why, DateTime nextAttempt)
    {
        Demand(Status is RunStatus.Running or RunStatus.TakingBack, "Only a change under way can be interrupted.");
        (Status, Detail, NextAttemptAt) = (RunStatus.Interrupted, why, nextAttempt);
    }

    public void End(RunStatus status, string? detail, DateTime now)
    {
        Demand(status is RunStatus.Done or RunStatus.TakenBack or RunStatus.Outdated or RunStatus.Failed && !IsOver, "This change of the router is over.");
        (Status, Detail, FinishedAt) = (status, detail ?? Detail, now);
    }

    private static void Demand(bool rule, string otherwise)
    {
        if (!rule)
        {
            throw new DomainException("provisioning.state", otherwise);
        }
    }
}

/// <summary>One write of a run, with what was there before it.</summary>
public sealed class ProvisioningStep : Entity, ITenantOwned
{
    private ProvisioningStep() { }

    public ProvisioningStep(ProvisioningRun run, int sequence, PlanChange change)
    {
        (TenantId, RunId, Sequence) = (run.TenantId, run.Id, sequence);
        (Kind, Menu, ItemKey, What, Intent) = (change.Kind, change.Menu.Path, change.Key, change.What, change.Intent);
        Values = new StepValues(change.Shown);
    }

    public Guid TenantId { get; private set; }
    public Guid RunId { get; private set; }

    /// <summary>Counts from 1: the order in which they are written.</summary>
    public int Sequence { get; private set; }

    public ChangeKind Kind { get; private set; }
    public string Menu { get; private set; } = "";
    public string ItemKey { get; private set; } = "";
    public string What { get; private set; } = "";

    /// <summary>What was approved; a fresh plan that says otherwise is not carried out.</summary>
    public string Intent { get; private set; } = "";

    /// <summary>Before and after, without secrets.</summary>
    public StepValues Values { get; private set; } = StepValues.None;

    public StepStatus Status { get; private set; } = StepStatus.Waiting;
    public string? Detail { get; private set; }
    public DateTime? At { get; private set; }

    /// <summary>How to take it back, sealed: it may hold a secret. Written before the router is.</summary>
    public string? UndoCipher { get; private set; }

    /// <summary>The router may have been changed by it.</summary>
    public bool MayHaveWritten => Status is StepStatus.Writing or StepStatus.Done or StepStatus.NotApplied or StepStatus.Unknown or StepStatus.NotTakenBack;

    public SecretPlace UndoPlace() => new(TenantId, nameof(ProvisioningStep), Id, nameof(UndoCipher));

    /// <summary>Journalled before the router is written to, so that whoever comes after a crash knows how to take it back.</summary>
    public void Begin(string undoCipher, DateTime now) => (Status, UndoCipher, Detail, At) = (StepStatus.Writing, undoCipher, null, now);

    public void Conclude(StepStatus status, string? detail, DateTime now) => (Status, Detail, At) = (status, detail is { Length: > 500 } ? detail[..500] : detail, now);
}

/// <summary>The properties of a step as they are shown. Immutable.</summary>
public sealed record StepValues(ImmutableArray<PlanValue> All)
{
    public static StepValues None { get; } = new([]);

    public bool Equals(StepValues? other) => other is not null && All.SequenceEqual(other.All);

    public override int GetHashCode() => All.Length;
}
