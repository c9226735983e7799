using System.Net;
using static DataDefender.Sandbox.RouterOs.RouterFormat;

namespace DataDefender.Sandbox.RouterOs;

/// <summary>Addresses given out of <c>/ip/pool</c>. Callers hold the router's lock.</summary>
internal sealed class AddressPools(SimulatedRouter router)
{
    private readonly Dictionary<uint, (uint Pool, string Owner, string Info)> _used = [];
    private readonly Dictionary<uint, uint> _next = [];

    /// <summary>The next free address of the pool, or of those that follow it; null when all are taken.</summary>
    public IPAddress? Take(string pool, string owner, string info)
    {
        var pools = router.Table("/ip/pool");
        for (var row = pools.Find(pool); row is not null; row = row["next-pool"] is { } next ? pools.ById(next) : null)
        {
            foreach (var number in From(row, _next.GetValueOrDefault(row.Id)))
            {
                if (_used.TryAdd(number, (row.Id, owner, info)))
                {
                    _next[row.Id] = number + 1;
                    return ToAddress(number);
                }
            }
        }

        return null;
    }

    public void Give(IPAddress address) => _used.Remove(ToNumber(address));

    public void Clear()
    {
        _used.Clear();
        _next.Clear();
    }

    public long Total(Row pool) => Ranges(pool).Sum(range => (long)range.Last - range.First + 1);

    public long Used(Row pool) => _used.Values.Count(use => use.Pool == pool.Id);

    public bool Covers(uint address) => router.Table("/ip/pool").Rows.Any(pool => Ranges(pool).Any(range => address >= range.First && address <= range.Last));

    public IEnumerable<Row> UsedRows() => _used.OrderBy(use => use.Key).Select(use => new Row(use.Key, source: null)
    {
        ["pool"] = router.Table("/ip/pool").Store.ById(use.Value.Pool) is { } pool ? pool["name"] : $"*{use.Value.Pool:X}",
        ["address"] = ToAddress(use.Key).ToString(),
        ["owner"] = use.Value.Owner,
        ["info"] = use.Value.Info,
    });

    /// <summary>All addresses of the pool, beginning where the last search ended.</summary>
    private static IEnumerable<uint> From(Row pool, uint start)
    {
        var ranges = Ranges(pool).ToList();
        foreach (var (first, last) in ranges.Where(r => r.Last >= start))
        {
            for (var number = Math.Max(first, start); number <= last && number != 0; number++)
            {
                yield return number;
            }
        }

        foreach (var (first, last) in ranges.Where(r => r.First < start))
        {
            for (var number = first; number <= last && number < start; number++)
            {
                yield return number;
            }
        }
    }

    private static IEnumerable<(uint First, uint Last)> Ranges(Row pool)
    {
        foreach (var range in (pool["ranges"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (range.Contains('/', StringComparison.Ordinal) && IPNetwork.TryParse(range, out var network))
            {
                var first = ToNumber(network.BaseAddress);
                yield return (first, network.PrefixLength == 0 ? uint.MaxValue : first | (uint.MaxValue >> network.PrefixLength));
                continue;
            }

            var ends = range.Split('-');
            if (IPAddress.TryParse(ends[0], out var from) && IPAddress.TryParse(ends[^1], out var to))
            {
                yield return (ToNumber(from), ToNumber(to));
            }
        }
    }
}
