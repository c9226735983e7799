using System.Collections.Immutable;

namespace DataDefender.Domain.Provisioning;

/// <summary>A router that a roll-out may take in.</summary>
public sealed record RolloutCandidate(Guid Id, string Name, string? Site, string? RouterOsVersion, Network.RouterState State, int Sessions, bool IsBusy);

/// <summary>A router of which no plan could be made, or whose plan cannot be applied, and why.</summary>
public sealed record UnplannedRouter(Guid RouterId, string RouterName, string Why, bool CanBeTakenOver = false);

/// <summary>What a roll-out would write, router by router. Nothing has been written yet.</summary>
/// <param name="Plans">Of routers that differ, by name.</param>
/// <param name="AsDesigned">How many need nothing.</param>
/// <param name="Canaries">Who goes first unless a person chooses otherwise.</param>
public sealed record RolloutProposal(IReadOnlyList<RouterPlan> Plans, int AsDesigned, IReadOnlyList<UnplannedRouter> Unplanned, IReadOnlySet<Guid> Canaries, IReadOnlyDictionary<Guid, int> Sessions, bool TakeOver)
{
    /// <summary>The same write on several routers is one line to read; what differs in it is said to differ.</summary>
    public IReadOnlyList<RolloutChange> Summary() =>
    [
        .. Plans.SelectMany(p => p.Changes.Select(c => (Plan: p, Change: c)))
            .GroupBy(x => (x.Change.Kind, x.Change.Menu, x.Change.What))
            .Select(g => new RolloutChange(g.Key.Kind, g.Key.Menu, g.Key.What, [.. g.Select(x => x.Plan.RouterId).Distinct()], Common([.. g.Select(x => x.Change)]), g.Any(x => x.Change.TakesOver)))
            .OrderByDescending(c => c.Routers.Length).ThenBy(c => c.Menu.Path, StringComparer.Ordinal).ThenBy(c => c.What, StringComparer.Ordinal),
    ];

    private static ImmutableArray<PlanValue> Common(List<PlanChange> changes) =>
    [
        .. changes.SelectMany(c => c.Shown).GroupBy(v => v.Name).Select(g => new PlanValue(
            g.Key, Same(g.Select(v => v.Before)), Same(g.Select(v => v.After)), g.Any(v => v.IsSecret))),
    ];

    private static string? Same(IEnumerable<string?> values) => values.Distinct(StringComparer.Ordinal).ToList() is [var one] ? one : "differs by router";
}

/// <summary>One write, and on which routers.</summary>
public sealed record RolloutChange(ChangeKind Kind, RouterMenu Menu, string What, ImmutableArray<Guid> Routers, ImmutableArray<PlanValue> Values, bool TakesOver);

/// <summary>A roll-out as lists show it.</summary>
public sealed record RolloutRow(
    Guid Id, string Label, RolloutStatus Status, string? Detail, string RequestedBy, DateTime RequestedAt, DateTime? FinishedAt, int Routers, int Done, int Failed, int UnderWay, int AtOnce, int SettleSeconds);

/// <summary>One router of a roll-out as its page shows it.</summary>
public sealed record RolloutRouterRow(
    Guid Id, Guid RouterId, string RouterName, int Sequence, bool IsCanary, RolloutRouterStatus Status, string? Detail, int Changes, int Settled, Guid RunId, RunStatus RunStatus,
    int? SessionsBefore, int? SessionsAfter, DateTime? BegunAt, DateTime? AppliedAt, DateTime? SettledAt);
