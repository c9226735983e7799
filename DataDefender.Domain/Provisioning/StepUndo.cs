using System.Text.Json;
using DataDefender.Domain.Network;

namespace DataDefender.Domain.Provisioning;

public enum UndoKind
{
    /// <summary>What was added goes.</summary>
    Remove,

    /// <summary>The values from before come back.</summary>
    Restore,

    /// <summary>What was removed is added again.</summary>
    AddBack,
    MoveBack,
}

/// <summary>How one write is taken back, taken down before it is made.</summary>
/// <param name="Values">Null where the property was not set.</param>
/// <param name="Before">The id of the rule that stood below it.</param>
/// <param name="Above">Marks of ours that stood between the two and leave with the same plan, the next one first.</param>
public sealed record StepUndo(UndoKind Kind, string Menu, string Mark, string? ItemId, IReadOnlyDictionary<string, string?> Values, string? Before, IReadOnlyList<string>? Above = null)
{
    private static readonly IReadOnlyDictionary<string, string?> Nothing = new Dictionary<string, string?>();

    /// <param name="rows">The menu as it is right before the write.</param>
    /// <param name="leaving">Ids that the same plan removes: they come back under other ids, so nothing can be put back above them.</param>
    /// <exception cref="InvalidOperationException">The item to be changed is not there any more.</exception>
    public static StepUndo Of(PlanChange change, IReadOnlyList<RouterRow> rows, IReadOnlySet<string> leaving)
    {
        if (change.Kind is ChangeKind.Add or ChangeKind.Sign)
        {
            return new(UndoKind.Remove, change.Menu.Path, change.Mark, null, Nothing, null);
        }

        var row = change.Menu.IsSingle ? rows.Count > 0 ? rows[0] : RouterRow.Of() : rows.FirstOrDefault(r => r.Id == change.ItemId)
            ?? throw new InvalidOperationException($"{change.What} is not there any more.");
        var next = rows.SkipWhile(r => r != row).Skip(1).FirstOrDefault(r => RouterOsValues.Boolean(r["dynamic"]) is not true && !leaving.Contains(r.Id ?? ""))?.Id;
        var above = rows.SkipWhile(r => r != row).Skip(1).TakeWhile(r => r.Id != next).Where(r => leaving.Contains(r.Id ?? "")).Select(r => r["comment"]).OfType<string>().ToList();
        return change.Kind switch
        {
            ChangeKind.Set => new(UndoKind.Restore, change.Menu.Path, change.Mark, change.ItemId, Old(change, row), null),
            ChangeKind.Remove => new(UndoKind.AddBack, change.Menu.Path, change.Mark, null, MenuProperties.OfDesign(change.Menu).Where(p => row[p] is not null).ToDictionary(p => p, p => row[p]), change.Menu.IsOrdered ? next : null, above),
            ChangeKind.Move => new(UndoKind.MoveBack, change.Menu.Path, change.Mark, change.ItemId, Nothing, next),
            _ => throw new ArgumentOutOfRangeException(nameof(change), change.Kind, null),
        };
    }

    // A secret that the router does not show us cannot be put back, and must not be emptied instead.
    private static Dictionary<string, string?> Old(PlanChange change, RouterRow row) =>
        change.Values.Where(v => !(v.IsSecret && row[v.Name] is null)).ToDictionary(v => v.Name, v => row[v.Name]);

    public string ToJson() => JsonSerializer.Serialize(this);

    public static StepUndo FromJson(string json) => JsonSerializer.Deserialize<StepUndo>(json) ?? throw new JsonException("The journal has no way back.");
}
