namespace DataDefender.Domain.Policies;

/// <summary>
/// Where a data quota stands, all in bytes. What was used within the allowance is <paramref name="Used"/> − <paramref name="Beyond"/>, and
/// <paramref name="Remaining"/> is quota + carried over + top-ups − that.
/// </summary>
/// <param name="TopUps">What the top-ups brought to this window: drawn in it, or left of those that are valid now.</param>
/// <param name="Used">All counted bytes of the window.</param>
/// <param name="Beyond">Moved when nothing was left — slowed, or on the way to being stopped. No later top-up pays for it.</param>
public sealed record QuotaStanding(long Quota, long CarriedOver, long TopUps, long Used, long Beyond, long Remaining, WindowSpan Window);

/// <summary>
/// Keeps the account of a data quota. In each window the quota is used first, then what was carried over, then the top-ups valid in that
/// hour, the one that ends first before the others.
/// </summary>
internal static class DataAccount
{
    public static QuotaStanding Standing(DataQuota quota, LineFacts facts, UsageMeter meter, DateTime now)
    {
        var window = WindowSpan.At(quota.Window, now, facts.Zone);
        var used = meter.Bytes(quota.Counted, window, now);
        var carried = CarriedInto(window, quota, facts, meter);
        if (facts.TopUps.Count == 0)
        {
            var allowance = quota.Bytes + carried;
            return new QuotaStanding(quota.Bytes, carried, 0, used, Math.Max(0, used - allowance), Math.Max(0, allowance - used), window);
        }

        var grants = facts.TopUps.OrderBy(t => t.Until).ThenBy(t => t.From).Select(t => new Balance(t)).ToList();
        var beyond = 0L;
        var drawnBefore = 0L;
        var first = grants.Min(g => g.Grant.From);
        for (var span = WindowSpan.At(quota.Window, first < window.Start ? first : now, facts.Zone); span.Start <= window.Start; span = WindowSpan.At(quota.Window, span.End, facts.Zone))
        {
            drawnBefore = grants.Sum(g => g.Drawn);
            beyond = Draw(grants, quota, span, quota.Bytes + CarriedInto(span, quota, facts, meter), meter, now);
        }

        var drawn = grants.Sum(g => g.Drawn) - drawnBefore;
        var left = grants.Where(g => g.Grant.From <= now && g.Grant.Until > now).Sum(g => g.Left);
        var remaining = Math.Max(0, quota.Bytes + carried - (used - beyond - drawn)) + left;
        return new QuotaStanding(quota.Bytes, carried, drawn + left, used, beyond, remaining, window);
    }

    /// <summary>Uses up a window's allowance and then the grants, hour by hour. Returns what neither paid for.</summary>
    private static long Draw(List<Balance> grants, DataQuota quota, WindowSpan window, long allowance, UsageMeter meter, DateTime now)
    {
        var beyond = 0L;
        foreach (var (hour, bytes) in meter.Hours(quota.Counted, window, now))
        {
            var over = Math.Max(0, bytes - allowance);
            var paid = bytes - over;
            allowance -= paid;
            if (over == 0)
            {
                continue;
            }

            // A grant of this very hour pays only for what came after it.
            var done = paid;
            foreach (var begun in grants.Where(g => g.Grant.From >= hour && g.Grant.From < hour.AddHours(1)).OrderBy(g => g.Grant.From).ToList())
            {
                var mark = Math.Clamp(begun.Grant.MovedBefore?.Count(quota.Counted) ?? 0, done, bytes);
                beyond += Spend(grants, hour, begun.Grant.From, mark - done);
                done = mark;
            }

            beyond += Spend(grants, hour, hour.AddHours(1), bytes - done);
        }

        return beyond;
    }

    private static long Spend(List<Balance> grants, DateTime hour, DateTime until, long bytes)
    {
        foreach (var grant in grants)
        {
            if (bytes > 0 && grant.Grant.From < until && grant.Grant.Until > hour)
            {
                bytes -= grant.Draw(bytes);
            }
        }

        return bytes;
    }

    /// <summary>What the window before left of its quota, up to the cap. A carry-over lapses with its window: it is never carried again.</summary>
    private static long CarriedInto(WindowSpan window, DataQuota quota, LineFacts facts, UsageMeter meter)
    {
        if (!quota.RollOver || !((facts.ActiveSince ?? meter.First) < window.Start))
        {
            return 0; // the line is newer than the window before: there was nothing to leave over
        }

        var before = window.Previous(quota.Window, facts.Zone);
        return Math.Clamp(quota.Bytes - meter.Bytes(quota.Counted, before, before.End), 0, quota.RollOverCapBytes);
    }

    private sealed class Balance(TopUpGrant grant)
    {
        public TopUpGrant Grant => grant;

        public long Drawn { get; private set; }

        public long Left => grant.Bytes - Drawn;

        public long Draw(long bytes)
        {
            var drawn = Math.Min(bytes, Left);
            Drawn += drawn;
            return drawn;
        }
    }
}
