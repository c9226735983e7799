using DataDefender.Domain.Provisioning;

namespace DataDefender.Infrastructure.Network.Provisioning;

/// <summary>
/// Which steps of a run may be written side by side: neighbours of one menu whose items cannot cut the router off, of one kind, none of
/// which refers to another.
/// </summary>
internal static class StepBatches
{
    /// <summary>A group of fewer is written one after the other.</summary>
    public const int Fewest = 4;

    private const int Most = 50;

    /// <summary>All steps in their order, in groups: what stands in one may be written side by side.</summary>
    public static IEnumerable<IReadOnlyList<(ProvisioningStep Step, PlanChange Change)>> Of(IReadOnlyList<(ProvisioningStep Step, PlanChange Change)> steps)
    {
        var group = new List<(ProvisioningStep Step, PlanChange Change)>();
        foreach (var step in steps)
        {
            if (group.Count > 0 && !Fits(group, step.Change))
            {
                yield return group;
                group = [];
            }

            group.Add(step);
        }

        if (group.Count > 0)
        {
            yield return group;
        }
    }

    private static bool MayBeBatched(PlanChange change) => change is { Menu.IsHarmless: true, Kind: ChangeKind.Add or ChangeKind.Set or ChangeKind.Remove, TakesOver: false };

    private static bool Fits(List<(ProvisioningStep Step, PlanChange Change)> batch, PlanChange change) =>
        batch.Count < Most && MayBeBatched(change) && MayBeBatched(batch[0].Change) && change.Menu == batch[0].Change.Menu && change.Kind == batch[0].Change.Kind
        && batch.TrueForAll(b => Value(b.Change, "name") is not { } name || Value(change, "parent") != name)
        && batch.TrueForAll(b => Value(b.Change, "parent") is not { } parent || Value(change, "name") != parent);

    private static string? Value(PlanChange change, string name) => change.Desired?[name] ?? change.Values.FirstOrDefault(v => v.Name == name)?.Before;
}
