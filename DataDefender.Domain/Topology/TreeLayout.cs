namespace DataDefender.Domain.Topology;

/// <param name="Column">How far from the root, from 0.</param>
/// <param name="Row">From the top, from 0; a parent stands in the middle of its children.</param>
public readonly record struct TreePlace(Guid Id, int Column, double Row);

/// <summary>
/// Places nodes as a tree that grows to the right: a leaf a row, a parent between its first and last child. The same input gives the same
/// picture. Pure.
/// </summary>
public static class TreeLayout
{
    /// <param name="nodes">In the order in which siblings are to stand. A parent that is not among them counts as none; a ring is cut where it closes.</param>
    public static IReadOnlyList<TreePlace> Place(IReadOnlyList<(Guid Id, Guid? Parent)> nodes)
    {
        var known = nodes.Select(n => n.Id).ToHashSet();
        var children = nodes.Where(n => n.Parent is { } p && known.Contains(p) && p != n.Id).ToLookup(n => n.Parent!.Value, n => n.Id);
        var places = new Dictionary<Guid, TreePlace>();
        var row = 0.0;

        // Roots with something under them first: what stands alone goes to the end.
        var roots = nodes.Where(n => n.Parent is not { } p || !known.Contains(p) || p == n.Id).OrderBy(n => children.Contains(n.Id) ? 0 : 1).Select(n => n.Id);
        foreach (var root in roots.Concat(nodes.Select(n => n.Id)))
        {
            Walk(root);
        }

        return [.. nodes.Select(n => places[n.Id])];

        // Without recursion: a chain of routers may be as long as somebody likes.
        void Walk(Guid root)
        {
            if (places.ContainsKey(root))
            {
                return;
            }

            var open = new Stack<(Guid Id, int Column, Queue<Guid> Left, List<Guid> Done)>();
            places[root] = default;
            open.Push((root, 0, new Queue<Guid>(children[root]), []));
            while (open.Count > 0)
            {
                var (id, column, left, done) = open.Peek();
                if (left.TryDequeue(out var child))
                {
                    if (places.TryAdd(child, default))
                    {
                        done.Add(child);
                        open.Push((child, column + 1, new Queue<Guid>(children[child]), []));
                    }

                    continue;
                }

                places[id] = new TreePlace(id, column, done.Count == 0 ? row++ : (places[done[0]].Row + places[done[^1]].Row) / 2);
                open.Pop();
            }
        }
    }
}
