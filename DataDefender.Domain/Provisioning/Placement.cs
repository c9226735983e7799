using DataDefender.Domain.Network;

namespace DataDefender.Domain.Provisioning;

/// <summary>Where a rule of ours goes in its chain.</summary>
public static class Placement
{
    private static readonly HashSet<string> Past = new(StringComparer.Ordinal) { "accept", "fasttrack-connection", "jump", "dst-nat", "redirect", "netmap" };

    /// <summary>A rule that lets traffic past the walled garden when it stands above it.</summary>
    public static bool LetsPast(RouterRow rule) => Past.Contains(rule["action"] ?? "accept");

    /// <summary>The id of the rule that it goes above; null for the end of the list.</summary>
    /// <param name="chain">Our rules of this chain, in order.</param>
    /// <param name="isRestack">Every rule of ours is put anew, one after the other; else the next of ours that is there shows the place.</param>
    public static string? Before(DesiredItem item, IReadOnlyList<DesiredItem> chain, IReadOnlyList<RouterRow> rows, string markPrefix, bool isRestack)
    {
        if (!isRestack)
        {
            var later = chain.SkipWhile(i => i.Mark != item.Mark).Skip(1).Select(i => i.Mark).ToHashSet(StringComparer.Ordinal);
            if (rows.FirstOrDefault(r => r["comment"] is { } mark && later.Contains(mark)) is { } next)
            {
                return next.Id;
            }
        }

        return rows.FirstOrDefault(r =>
            r["chain"] == item.Chain && RouterOsValues.Boolean(r["dynamic"]) is not true && r["comment"]?.StartsWith(markPrefix, StringComparison.Ordinal) is not true && LetsPast(r))?.Id;
    }
}
