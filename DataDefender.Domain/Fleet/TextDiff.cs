namespace DataDefender.Domain.Fleet;

public enum DiffKind
{
    Same,
    Removed,
    Added,
}

/// <param name="OldNumber">Counts from 1; null on an added line.</param>
/// <param name="NewNumber">Null on a removed one.</param>
public readonly record struct DiffLine(DiffKind Kind, int? OldNumber, int? NewNumber, string Menu, string Text);

/// <summary>The shortest way from one list of commands to another (Myers 1986). Pure.</summary>
public static class TextDiff
{
    /// <summary>Two configurations that differ in more lines than this are another configuration: everything goes, everything comes.</summary>
    private const int MostDifferences = 2000;

    public static IReadOnlyList<DiffLine> Compare(IReadOnlyList<ExportLine> before, IReadOnlyList<ExportLine> after)
    {
        var start = 0;
        while (start < before.Count && start < after.Count && before[start] == after[start])
        {
            start++;
        }

        var (oldEnd, newEnd) = (before.Count, after.Count);
        while (oldEnd > start && newEnd > start && before[oldEnd - 1] == after[newEnd - 1])
        {
            (oldEnd, newEnd) = (oldEnd - 1, newEnd - 1);
        }

        var lines = new List<DiffLine>(Math.Max(before.Count, after.Count));
        for (var i = 0; i < start; i++)
        {
            lines.Add(Same(before, i, i));
        }

        lines.AddRange(Middle(before, after, start, oldEnd, newEnd));
        for (int i = oldEnd, j = newEnd; i < before.Count; i++, j++)
        {
            lines.Add(Same(before, i, j));
        }

        return lines;
    }

    private static List<DiffLine> Middle(IReadOnlyList<ExportLine> before, IReadOnlyList<ExportLine> after, int start, int oldEnd, int newEnd)
    {
        var (n, m) = (oldEnd - start, newEnd - start);
        var most = Math.Min(n + m, MostDifferences);
        var middle = most + 1;
        var reach = new int[(2 * most) + 3];
        var trace = new List<int[]>();
        for (var d = 0; d <= most; d++)
        {
            trace.Add(reach[(middle - d)..(middle + d + 1)]);
            for (var k = -d; k <= d; k += 2)
            {
                var x = k == -d || (k != d && reach[middle + k - 1] < reach[middle + k + 1]) ? reach[middle + k + 1] : reach[middle + k - 1] + 1;
                var y = x - k;
                while (x < n && y < m && before[start + x] == after[start + y])
                {
                    (x, y) = (x + 1, y + 1);
                }

                reach[middle + k] = x;
                if (x >= n && y >= m)
                {
                    return Back(before, after, start, n, m, d, trace);
                }
            }
        }

        return
        [
            .. Enumerable.Range(start, n).Select(i => new DiffLine(DiffKind.Removed, i + 1, null, before[i].Menu, before[i].Text)),
            .. Enumerable.Range(start, m).Select(i => new DiffLine(DiffKind.Added, null, i + 1, after[i].Menu, after[i].Text)),
        ];
    }

    private static List<DiffLine> Back(IReadOnlyList<ExportLine> before, IReadOnlyList<ExportLine> after, int start, int n, int m, int differences, List<int[]> trace)
    {
        var lines = new List<DiffLine>();
        var (x, y) = (n, m);
        for (var d = differences; d > 0; d--)
        {
            // What was kept for this round begins at diagonal -d.
            var reach = trace[d];
            var k = x - y;
            var isDown = k == -d || (k != d && reach[k - 1 + d] < reach[k + 1 + d]);
            var from = isDown ? k + 1 : k - 1;
            var (fromX, fromY) = (reach[from + d], reach[from + d] - from);
            while (x > fromX && y > fromY && x > 0 && y > 0 && before[start + x - 1] == after[start + y - 1])
            {
                lines.Add(Same(before, start + --x, start + --y));
            }

            if (isDown)
            {
                var added = after[start + --y];
                lines.Add(new DiffLine(DiffKind.Added, null, start + y + 1, added.Menu, added.Text));
            }
            else
            {
                var removed = before[start + --x];
                lines.Add(new DiffLine(DiffKind.Removed, start + x + 1, null, removed.Menu, removed.Text));
            }
        }

        while (x > 0 && y > 0)
        {
            lines.Add(Same(before, start + --x, start + --y));
        }

        lines.Reverse();
        return lines;
    }

    private static DiffLine Same(IReadOnlyList<ExportLine> before, int old, int @new) => new(DiffKind.Same, old + 1, @new + 1, before[old].Menu, before[old].Text);
}
