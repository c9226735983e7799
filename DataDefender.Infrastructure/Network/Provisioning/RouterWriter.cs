using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;

namespace DataDefender.Infrastructure.Network.Provisioning;

/// <summary>How one write ended.</summary>
internal readonly record struct WriteResult(StepStatus Status, string? Detail = null);

/// <summary>
/// Writes one thing to one router and reads it back. An answer is never believed: what counts is what the router shows afterwards.
/// After a lost connection the router is asked first and written to again only when it has not changed.
/// </summary>
internal sealed class RouterWriter(IRouterGateway gateway, RouterEndpoint router, ProvisioningOptions options, TimeProvider clock)
{
    /// <summary>The menu as it is now; null when the router does not answer.</summary>
    /// <param name="mark">Where a router has thousands of lines, only the one that bears this mark is read.</param>
    public async Task<IReadOnlyList<RouterRow>?> RowsAsync(RouterMenu menu, string? mark, CancellationToken ct)
    {
        var query = menu.IsHarmless && mark is not null ? [RouterQuery.Is(menu.MarkField, mark)] : menu.Query;
        for (var attempt = 1; ; attempt++)
        {
            switch (await gateway.PrintAsync(router, menu.Path, query, [.. MenuProperties.Of(menu)], ct))
            {
                case RouterOutcome.Done done:
                    return done.Rows;
                case RouterOutcome.Refused { Kind: RouterRefusal.NoSuchCommand }:
                    return [];
                default:
                    if (attempt >= options.Reads)
                    {
                        return null;
                    }

                    await Task.Delay(options.Pause, clock, ct);
                    break;
            }
        }
    }

    public Task<WriteResult> WriteAsync(PlanChange change, IReadOnlyList<DesiredItem> chain, string markPrefix, bool isRestack, CancellationToken ct) => change.Kind switch
    {
        ChangeKind.Add => UntilAsync(change.Menu, change.Mark, rows => AddAsync(change, chain, markPrefix, isRestack, rows, ct), rows => Find(change.Menu, rows, change.Mark) is { } row && IsAsDesired(change, row), ct),
        ChangeKind.Set => UntilAsync(
            change.Menu, change.TakesOver ? null : change.Mark,
            _ => SetAsync(change, ct),
            rows => Item(change.Menu, change.ItemId, rows) is { } row && IsAsDesired(change, row),
            ct),
        ChangeKind.Sign => UntilAsync(
            change.Menu, null,
            rows => Find(change.Menu, rows, change.Mark) is { } made ? gateway.CallAsync(router, $"{change.Menu.Path}/sign", [("number", made.Id!)], ct) : Nothing(),
            rows => Find(change.Menu, rows, change.Mark)?["fingerprint"] is { Length: > 0 },
            ct),
        ChangeKind.Remove => RemoveAsync(change.Menu, change.Mark, change.ItemId!, ct),
        ChangeKind.Move => UntilAsync(
            change.Menu, null,
            rows => MoveAsync(change.Menu, change.ItemId!, Placement.Before(change.Desired!, chain, rows, markPrefix, isRestack), ct),
            rows => IsPlaced(rows, change.ItemId!, Placement.Before(change.Desired!, chain, rows, markPrefix, isRestack)),
            ct),
        _ => throw new ArgumentOutOfRangeException(nameof(change), change.Kind, null),
    };

    /// <summary>
    /// Writes many things of one harmless menu, several at once, and reads the menu back one time. Returns those that the router shows as they
    /// are to be, whatever it answered; null when it does not answer any more. What is missing is for <see cref="WriteAsync"/>.
    /// </summary>
    public async Task<IReadOnlySet<PlanChange>?> WriteManyAsync(RouterMenu menu, IReadOnlyList<PlanChange> changes, CancellationToken ct)
    {
        await Parallel.ForEachAsync(changes, new ParallelOptions { MaxDegreeOfParallelism = options.Pipeline, CancellationToken = ct }, async (change, stop) => await (change.Kind switch
        {
            ChangeKind.Add => gateway.AddAsync(router, menu.Path, ValuesOf(change), stop),
            ChangeKind.Set => gateway.SetAsync(router, menu.Path, change.ItemId, ValuesOf(change, empty: true), stop),
            _ => gateway.RemoveAsync(router, menu.Path, [change.ItemId!], stop),
        }));
        if (await RowsAsync(menu, null, ct) is not { } rows)
        {
            return null;
        }

        var (byMark, byId) = (rows.Where(r => r[menu.MarkField] is not null).ToLookup(r => r[menu.MarkField]!), rows.ToLookup(r => r.Id));
        return changes.Where(c => c.Kind switch
        {
            ChangeKind.Add => byMark[c.Mark].Any(r => IsAsDesired(c, r)),
            ChangeKind.Set => byId[c.ItemId].Any(r => IsAsDesired(c, r)),
            _ => !byId.Contains(c.ItemId),
        }).ToHashSet();
    }

    public Task<WriteResult> TakeBackAsync(StepUndo undo, CancellationToken ct)
    {
        var menu = RouterMenu.Of(undo.Menu);
        return undo.Kind switch
        {
            UndoKind.Remove => UntilAsync(
                menu, undo.Mark,
                rows => Find(menu, rows, undo.Mark) is { } row ? gateway.RemoveAsync(router, menu.Path, [row.Id!], ct) : Nothing(),
                rows => Find(menu, rows, undo.Mark) is null, ct),
            UndoKind.Restore => UntilAsync(menu, null, rows => RestoreAsync(menu, undo, rows, ct), rows => Item(menu, undo.ItemId, rows) is { } row && undo.Values.All(v => Same(row[v.Key], v.Value)), ct),
            UndoKind.AddBack => UntilAsync(
                menu, undo.Mark,
                rows =>
                {
                    List<(string, string)> values = [.. undo.Values.Where(v => v.Value is not null).Select(v => (v.Key, v.Value!)), .. Marked(menu, undo.Mark)];
                    if (Below(menu, undo, rows) is { } before)
                    {
                        values.Add(("place-before", before));
                    }

                    return gateway.AddAsync(router, menu.Path, values, ct);
                },
                rows => Find(menu, rows, undo.Mark) is not null, ct),
            UndoKind.MoveBack => UntilAsync(
                menu, null,
                rows => MoveAsync(menu, undo.ItemId!, Below(menu, undo, rows), ct),
                rows => IsPlaced(rows, undo.ItemId!, Below(menu, undo, rows)), ct),
            _ => throw new ArgumentOutOfRangeException(nameof(undo), undo.Kind, null),
        };
    }

    private async Task<RouterOutcome> AddAsync(PlanChange change, IReadOnlyList<DesiredItem> chain, string markPrefix, bool isRestack, IReadOnlyList<RouterRow> rows, CancellationToken ct)
    {
        if (Find(change.Menu, rows, change.Mark) is { } there)
        {
            // It came through after all, only not as written.
            return await gateway.SetAsync(router, change.Menu.Path, there.Id, [.. change.Values.Select(v => (v.Name, v.After ?? ""))], ct);
        }

        var values = ValuesOf(change);
        if (change.Menu.IsOrdered && Placement.Before(change.Desired!, chain, rows, markPrefix, isRestack) is { } before)
        {
            values.Add(("place-before", before));
        }

        return await gateway.AddAsync(router, change.Menu.Path, values, ct);
    }

    private async Task<RouterOutcome> SetAsync(PlanChange change, CancellationToken ct)
    {
        var unset = change.Values.Where(v => string.IsNullOrEmpty(v.After) && MenuProperties.IsUnset(change.Menu, v.Name)).Select(v => v.Name).ToList();
        var values = ValuesOf(change, empty: true).Where(v => !unset.Contains(v.Item1)).ToList();
        RouterOutcome outcome = values.Count > 0 ? await gateway.SetAsync(router, change.Menu.Path, change.ItemId, values, ct) : new RouterOutcome.Done([], null);
        foreach (var name in unset)
        {
            if (outcome is not RouterOutcome.Done)
            {
                break;
            }

            outcome = await gateway.CallAsync(router, $"{change.Menu.Path}/unset", [(".id", change.ItemId!), ("value-name", name)], ct);
        }

        return outcome;
    }

    private static List<(string, string)> ValuesOf(PlanChange change, bool empty = false) =>
        [.. change.Values.Select(v => (v.Name, v.After ?? "")).Where(v => empty || v.Item2.Length > 0), .. change.Kind is ChangeKind.Add ? Marked(change.Menu, change.Mark) : []];

    private Task<WriteResult> RemoveAsync(RouterMenu menu, string mark, string id, CancellationToken ct) =>
        UntilAsync(menu, mark, _ => gateway.RemoveAsync(router, menu.Path, [id], ct), rows => rows.All(r => r.Id != id), ct);

    private Task<RouterOutcome> MoveAsync(RouterMenu menu, string id, string? before, CancellationToken ct) => gateway.CallAsync(
        router, $"{menu.Path}/move", before is null ? [("numbers", id)] : [("numbers", id), ("destination", before)], ct);

    // What was not set before is unset again; menus that cannot unset take the empty text.
    private async Task<RouterOutcome> RestoreAsync(RouterMenu menu, StepUndo undo, IReadOnlyList<RouterRow> rows, CancellationToken ct)
    {
        var id = Item(menu, undo.ItemId, rows)?.Id;
        RouterOutcome outcome = new RouterOutcome.Done([], null);
        if (undo.Values.Where(v => v.Value is not null).Select(v => (v.Key, v.Value!)).ToList() is { Count: > 0 } known)
        {
            outcome = await gateway.SetAsync(router, menu.Path, id, known, ct);
        }

        foreach (var unset in undo.Values.Where(v => v.Value is null).Select(v => v.Key))
        {
            if (outcome is not RouterOutcome.Done)
            {
                return outcome;
            }

            outcome = id is not null && unset != "comment" ? await gateway.CallAsync(router, $"{menu.Path}/unset", [(".id", id), ("value-name", unset)], ct) : new RouterOutcome.Refused(RouterRefusal.NoSuchCommand, "", null);
            if (outcome is RouterOutcome.Refused)
            {
                outcome = await gateway.SetAsync(router, menu.Path, id, [(unset, "")], ct);
            }
        }

        return outcome;
    }

    /// <summary>Writes until what is read back is right, the router says no, or it cannot be asked any more.</summary>
    private async Task<WriteResult> UntilAsync(RouterMenu menu, string? mark, Func<IReadOnlyList<RouterRow>, Task<RouterOutcome>> write, Func<IReadOnlyList<RouterRow>, bool> isSo, CancellationToken ct)
    {
        if (await RowsAsync(menu, mark, ct) is not { } rows)
        {
            return new(StepStatus.Unknown, "The router does not answer.");
        }

        if (isSo(rows))
        {
            return new(StepStatus.Done);
        }

        for (var written = 1; ; written++)
        {
            var outcome = await write(rows);
            if (await RowsAsync(menu, mark, ct) is not { } after)
            {
                return new(StepStatus.Unknown, outcome is RouterOutcome.Unknown lost ? $"The connection was lost while it was written: {lost.Reason}" : "The router does not answer any more.");
            }

            if (isSo(after))
            {
                return new(StepStatus.Done, outcome is RouterOutcome.Unknown ? "The connection was lost while it was written; the router has it." : null);
            }

            if (outcome is RouterOutcome.Refused refused)
            {
                return new(StepStatus.Refused, refused.Message);
            }

            if (written >= options.Writes)
            {
                return new(StepStatus.NotApplied, outcome is RouterOutcome.Done ? "The router said that it is done, and shows otherwise." : $"It did not come through: {(outcome as RouterOutcome.Unknown)?.Reason}");
            }

            await Task.Delay(options.Pause, clock, ct);
            rows = after;
        }
    }

    private static bool IsAsDesired(PlanChange change, RouterRow row) =>
        (change.Menu.IsSingle || change.Menu.FixedBy is not null || row[change.Menu.MarkField] == change.Mark) && change.Desired!.Values.All(v => v.Is(row[v.Name]));

    private static RouterRow? Find(RouterMenu menu, IReadOnlyList<RouterRow> rows, string mark) => rows.FirstOrDefault(r => r[menu.MarkField] == mark);

    // A name is among the values already.
    private static (string, string)[] Marked(RouterMenu menu, string mark) => menu.MarkField == "comment" ? [("comment", mark)] : [];

    private static RouterRow? Item(RouterMenu menu, string? id, IReadOnlyList<RouterRow> rows) =>
        menu.IsSingle ? rows.Count > 0 ? rows[0] : null : rows.FirstOrDefault(r => r.Id == id);

    /// <summary>What it goes above: the nearest that is there of those that stood below it.</summary>
    private static string? Below(RouterMenu menu, StepUndo undo, IReadOnlyList<RouterRow> rows) =>
        (undo.Above ?? []).Select(mark => Find(menu, rows, mark)?.Id).FirstOrDefault(id => id is not null) ?? rows.FirstOrDefault(r => r.Id == undo.Before)?.Id;

    private static bool IsPlaced(IReadOnlyList<RouterRow> rows, string id, string? before)
    {
        var at = rows.ToList().FindIndex(r => r.Id == id);
        return at >= 0 && (before is null ? at == rows.Count - 1 : at + 1 < rows.Count && rows[at + 1].Id == before);
    }

    private static bool Same(string? left, string? right) => (left ?? "") == (right ?? "");

    private static Task<RouterOutcome> Nothing() => Task.FromResult<RouterOutcome>(new RouterOutcome.Done([], null));
}
