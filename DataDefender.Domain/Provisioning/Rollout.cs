using DataDefender.Domain.Common;

namespace DataDefender.Domain.Provisioning;

public enum RolloutStatus
{
    /// <summary>Approved; the canaries come next.</summary>
    Waiting,

    /// <summary>The canaries are being changed and watched. No other router has been touched.</summary>
    Canary,

    /// <summary>The canaries held; the rest follows.</summary>
    Spreading,

    /// <summary>Every router has its change, or was passed over by a person.</summary>
    Done,

    /// <summary>A router failed, or a person said stop: nothing more is begun until a person says so.</summary>
    Stopped,

    /// <summary>Given up; the routers that it had not come to stay as they are.</summary>
    Cancelled,
}

public enum RolloutRouterStatus
{
    Waiting,
    Applying,

    /// <summary>Written and read back; now it is seen whether the router bears it.</summary>
    Checking,
    Done,
    Failed,

    /// <summary>It failed, and a person went on without it.</summary>
    PassedOver,

    /// <summary>The roll-out was given up before it came here.</summary>
    Left,
}

/// <summary>
/// One change over many routers, approved as a whole: canaries first, a check after each, then the rest a few at a time. What is written to
/// each router is a <see cref="ProvisioningRun"/> of its own; this says when each may begin.
/// </summary>
public sealed class Rollout : Entity, ITenantOwned, IAudited
{
    public const int MostAtOnce = 50;

    private Rollout() { }

    public Rollout(Guid tenantId, int routers, int changes, RolloutOptions options, Guid? requestedById, string requestedBy, DateTime now)
    {
        (TenantId, Routers, RequestedById, RequestedBy, RequestedAt) = (tenantId, routers, requestedById, requestedBy, now);
        (AtOnce, SettleSeconds) = (Math.Clamp(options.AtOnce, 1, MostAtOnce), Math.Clamp(options.SettleSeconds, 0, 3600));
        Label = $"{(changes == 1 ? "1 change" : $"{changes:#,##0} changes")} on {(routers == 1 ? "1 router" : $"{routers:#,##0} routers")}";
    }

    public Guid TenantId { get; private set; }
    public string Label { get; private set; } = "";
    public int Routers { get; private set; }

    /// <summary>How many routers are changed or watched at one time, once the canaries held.</summary>
    public int AtOnce { get; private set; }

    /// <summary>How long a router is left alone after its change before it is looked at.</summary>
    public int SettleSeconds { get; private set; }

    public Guid? RequestedById { get; private set; }
    public string RequestedBy { get; private set; } = "";
    public DateTime RequestedAt { get; private set; }

    [Observed]
    public RolloutStatus Status { get; private set; } = RolloutStatus.Waiting;

    /// <summary>Why it stands still, or what it came to.</summary>
    [Observed]
    public string? Detail { get; private set; }

    [Observed]
    public DateTime? FinishedAt { get; private set; }

    public string AuditLabel => Label;

    public bool IsOver => Status is RolloutStatus.Done or RolloutStatus.Cancelled;

    /// <summary>What the routers' states make of it.</summary>
    /// <returns>True when it became something else.</returns>
    public bool Follow(IReadOnlyCollection<RolloutRouter> routers, DateTime now)
    {
        if (Status is RolloutStatus.Stopped or RolloutStatus.Done or RolloutStatus.Cancelled)
        {
            return false;
        }

        var before = Status;
        if (routers.Where(r => r.Status is RolloutRouterStatus.Failed).OrderBy(r => r.Sequence).FirstOrDefault() is { } failed)
        {
            Stop($"{failed.RouterName}: {failed.Detail}");
        }
        else if (routers.All(r => r.IsSettled))
        {
            (Status, FinishedAt) = (RolloutStatus.Done, now);
            var without = routers.Count(r => r.Status is RolloutRouterStatus.PassedOver);
            Detail = without == 0 ? null : $"{without:#,##0} of {routers.Count:#,##0} routers were passed over.";
        }
        else
        {
            Status = routers.Where(r => r.IsCanary).All(r => r.IsSettled) ? RolloutStatus.Spreading
                : routers.Any(r => r.Status is not RolloutRouterStatus.Waiting) ? RolloutStatus.Canary : RolloutStatus.Waiting;
        }

        return Status != before;
    }

    /// <summary>The routers that may begin now, in order.</summary>
    public IReadOnlyList<RolloutRouter> Next(IReadOnlyCollection<RolloutRouter> routers)
    {
        var free = AtOnce - routers.Count(r => r.Status is RolloutRouterStatus.Applying or RolloutRouterStatus.Checking);
        var waiting = routers.Where(r => r.Status is RolloutRouterStatus.Waiting).OrderBy(r => r.Sequence);
        return Status switch
        {
            RolloutStatus.Waiting or RolloutStatus.Canary => [.. waiting.Where(r => r.IsCanary)],
            RolloutStatus.Spreading when free > 0 => [.. waiting.Take(free)],
            _ => [],
        };
    }

    public void Stop(string why)
    {
        Demand(!IsOver, "This roll-out is over.");
        (Status, Detail) = (RolloutStatus.Stopped, why.Length > 500 ? why[..499] + "…" : why);
    }

    /// <summary>Goes on after a stop. Without a canary that held, the next router is one.</summary>
    public void GoOn(IReadOnlyCollection<RolloutRouter> routers)
    {
        Demand(Status is RolloutStatus.Stopped, "This roll-out does not stand still.");
        (Status, Detail) = (RolloutStatus.Waiting, null);
        if (routers.All(r => !(r.IsCanary && r.Status is not RolloutRouterStatus.PassedOver)))
        {
            routers.Where(r => r.Status is RolloutRouterStatus.Waiting).OrderBy(r => r.Sequence).FirstOrDefault()?.BecomeCanary();
        }
    }

    public void Cancel(string why, DateTime now)
    {
        Demand(!IsOver, "This roll-out is over.");
        (Status, Detail, FinishedAt) = (RolloutStatus.Cancelled, why, now);
    }

    private static void Demand(bool rule, string otherwise)
    {
        if (!rule)
        {
            throw new DomainException("rollout.state", otherwise);
        }
    }
}

/// <summary>One router of a roll-out.</summary>
public sealed class RolloutRouter : Entity, ITenantOwned
{
    private RolloutRouter() { }

    public RolloutRouter(Rollout rollout, int sequence, bool isCanary, ProvisioningRun run, string routerName)
    {
        (TenantId, RolloutId, Sequence, IsCanary) = (rollout.TenantId, rollout.Id, sequence, isCanary);
        (RouterId, RouterName, RunId, Changes) = (run.RouterId, routerName, run.Id, run.Changes);
    }

    public Guid TenantId { get; private set; }
    public Guid RolloutId { get; private set; }
    public Guid RouterId { get; private set; }
    public string RouterName { get; private set; } = "";

    /// <summary>Counts from 1: the order in which they come.</summary>
    public int Sequence { get; private set; }

    public bool IsCanary { get; private set; }
    public Guid RunId { get; private set; }
    public int Changes { get; private set; }
    public RolloutRouterStatus Status { get; private set; } = RolloutRouterStatus.Waiting;
    public string? Detail { get; private set; }

    /// <summary>Sessions that the router carried right before its change; null when it did not say.</summary>
    public int? SessionsBefore { get; private set; }

    public int? SessionsAfter { get; private set; }
    public DateTime? BegunAt { get; private set; }
    public DateTime? AppliedAt { get; private set; }
    public DateTime? SettledAt { get; private set; }

    public bool IsSettled => Status is RolloutRouterStatus.Done or RolloutRouterStatus.PassedOver or RolloutRouterStatus.Left;

    public void Begin(int? sessions, DateTime now) => (Status, SessionsBefore, BegunAt, Detail) = (RolloutRouterStatus.Applying, sessions, now, null);

    public void Applied(DateTime now) => (Status, AppliedAt, Detail) = (RolloutRouterStatus.Checking, now, null);

    /// <summary>Not right yet; it is looked at again.</summary>
    public void Wait(string why, int? sessions) => (Detail, SessionsAfter) = (Cut(why), sessions ?? SessionsAfter);

    public void Pass(int? sessions, string? note, DateTime now) => (Status, SessionsAfter, Detail, SettledAt) = (RolloutRouterStatus.Done, sessions, note, now);

    public void Fail(string why, DateTime now) => (Status, Detail, SettledAt) = (RolloutRouterStatus.Failed, Cut(why), now);

    public void PassOver() => Status = RolloutRouterStatus.PassedOver;

    public void Leave(DateTime now) => (Status, SettledAt) = (RolloutRouterStatus.Left, now);

    /// <summary>Once more after it failed, by a plan made anew.</summary>
    public void Retry(ProvisioningRun run) =>
        (Status, RunId, Changes, Detail, SessionsAfter, AppliedAt, SettledAt) = (RolloutRouterStatus.Waiting, run.Id, run.Changes, null, null, null, null);

    /// <summary>It failed before, and is by now as designed without us.</summary>
    public void IsSoAlready(DateTime now) => (Status, Detail, SettledAt) = (RolloutRouterStatus.Done, "It was as designed when it was read again.", now);

    public void BecomeCanary() => IsCanary = true;

    private static string Cut(string text) => text.Length > 500 ? text[..499] + "…" : text;
}

/// <summary>How a roll-out goes about it.</summary>
/// <param name="Canaries">Null leaves the choice to <see cref="Canaries"/>.</param>
public sealed record RolloutOptions(IReadOnlySet<Guid>? Canaries = null, int AtOnce = 8, int SettleSeconds = 60, bool TakeOver = false);

/// <summary>Which routers go first when nobody chose.</summary>
public static class Canaries
{
    /// <summary>
    /// One for each major version of RouterOS, because the versions spell their menus differently: the one with the fewest sessions that has
    /// any, since without sessions nothing shows whether they survive.
    /// </summary>
    public static IReadOnlySet<Guid> Choose(IReadOnlyList<RouterPlan> plans, IReadOnlyDictionary<Guid, int> sessions) =>
        plans.GroupBy(p => ActualState.ReadVersion(p.RouterOsVersion).Major)
            .Select(g => g.OrderBy(p => sessions.GetValueOrDefault(p.RouterId) is > 0 and var count ? count : int.MaxValue).ThenBy(p => p.RouterName, StringComparer.OrdinalIgnoreCase).First().RouterId)
            .ToHashSet();
}
