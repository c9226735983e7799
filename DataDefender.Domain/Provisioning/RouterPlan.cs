using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace DataDefender.Domain.Provisioning;

public enum ChangeKind
{
    Add,
    Set,

    /// <summary>A rule that is right and in the wrong place.</summary>
    Move,

    /// <summary>A certificate that was made is signed by the router.</summary>
    Sign,
    Remove,
}

public enum FindingKind
{
    /// <summary>Worth knowing; nothing waits for it.</summary>
    Note,

    /// <summary>Something that is not ours is in the way. The plan can be applied when a person says to take it over, or it is removed by hand.</summary>
    Conflict,

    /// <summary>The plan cannot be applied.</summary>
    Blocks,
}

public sealed record PlanFinding(FindingKind Kind, string Menu, string Text)
{
    /// <summary>The item that cannot come; null where it is about the whole menu.</summary>
    public string? Mark { get; init; }
}

/// <summary>One property of an item before and after. Of a secret only that it changes.</summary>
public sealed record PlanValue(string Name, string? Before, string? After, bool IsSecret = false)
{
    public const string Hidden = "••••••";
}

/// <summary>One write that brings a router nearer to its design.</summary>
/// <param name="ItemId">The router's id of an item that is there; null for one that is not, and for a menu that is a single record.</param>
/// <param name="Values">What is written, in the order of the design; of a removal what goes. Secrets are in the clear: show <see cref="Shown"/>.</param>
/// <param name="TakesOver">It was on the router before us and becomes ours.</param>
public sealed record PlanChange(
    ChangeKind Kind, RouterMenu Menu, string Mark, string What, string? ItemId, ImmutableArray<PlanValue> Values, DesiredItem? Desired, bool TakesOver = false)
{
    /// <summary>The item's identity over plans.</summary>
    public string Key => $"{Kind} {Menu.Path} {Mark}";

    public ImmutableArray<PlanValue> Shown =>
    [
        .. Values.Select(v => v.IsSecret ? v with { Before = v.Before is null ? null : PlanValue.Hidden, After = v.After is null ? null : PlanValue.Hidden } : v),
    ];

    /// <summary>A digest of what is written: two plans with the same one do the same to this item.</summary>
    public string Intent => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Key} {string.Join('\n', Values.Select(v => v.IsSecret ? v.Name : $"{v.Name}={v.After}"))}")));
}

/// <summary>Every write that a router needs to be as it is designed, and what was seen beside it. Nothing has been written yet.</summary>
public sealed record RouterPlan(Guid RouterId, string RouterName, string RouterOsVersion, ImmutableArray<PlanChange> Changes, ImmutableArray<PlanFinding> Findings)
{
    /// <summary>The ids that it removes from a menu; each menu counts its own.</summary>
    public IReadOnlySet<string> Leaving(RouterMenu menu) => Changes.Where(c => c.Kind is ChangeKind.Remove && c.Menu == menu).Select(c => c.ItemId!).ToHashSet(StringComparer.Ordinal);

    public bool IsBlocked => Findings.Any(f => f.Kind is FindingKind.Blocks or FindingKind.Conflict);

    /// <summary>What stands in the way can be taken over.</summary>
    public bool HasConflicts => Findings.Any(f => f.Kind is FindingKind.Conflict);
}
