using DataDefender.Domain.Common;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Addresses;

/// <summary>A private address that was behind a public one, and when.</summary>
/// <param name="Until">Null: until now.</param>
/// <param name="RouterId">The router that translated; null when that is not known. The same private address may be another line's on another router.</param>
public sealed record Translation(PortBlock Block, DateTime From, DateTime? Until, Guid? RouterId)
{
    public bool Covers(DateTime from, DateTime? until) => (Until is null || from < Until) && (until is null || until >= From);
}

/// <summary>Who was behind a public address and port: by the maps of that time, and by recorded blocks.</summary>
public static class CgnatLookup
{
    /// <summary>Whether lines shared that address at any time in between, so that it means nobody without a port.</summary>
    public static async Task<bool> IsSharedAsync(IDataDefenderDb db, string address, DateTime from, DateTime until, CancellationToken ct)
    {
        if (AddressRange.Parse(address) is not { IsIPv6: false } asked)
        {
            return false;
        }

        var maps = await MapsAsync(db, from, until, ct);
        return maps.Exists(m => AddressRange.Parse(m.Outside)!.Value.Contains(asked)) || await db.CgnatBlocks.AnyAsync(b => b.Outside == address && b.From <= until && (b.Until == null || b.Until >= from), ct);
    }

    public static async Task<IReadOnlyList<Translation>> BehindAsync(IDataDefenderDb db, string address, int port, DateTime from, DateTime until, CancellationToken ct)
    {
        var maps = await MapsAsync(db, from, until, ct);

        // A log may never have said that a block ended: it has at the latest when its ports were given out again.
        var recorded = await db.CgnatBlocks.AsNoTracking()
            .Where(b => b.Outside == address && b.FirstPort <= port && b.LastPort >= port && b.From <= until)
            .Select(b => new
            {
                Block = b,
                Until = b.Until ?? db.CgnatBlocks.Where(o => o.Outside == b.Outside && o.From > b.From && o.FirstPort <= b.LastPort && o.LastPort >= b.FirstPort).Min(o => (DateTime?)o.From),
            })
            .Where(b => b.Until == null || b.Until >= from).ToListAsync(ct);
        return
        [
            .. maps.Select(m => (Map: m, Block: m.Behind(address, port))).Where(m => m.Block is not null).Select(m => new Translation(m.Block!, m.Map.ValidFrom, m.Map.ValidUntil, m.Map.RouterId)),
            .. recorded.Select(b => new Translation(new PortBlock(b.Block.Outside, b.Block.FirstPort, b.Block.LastPort, b.Block.Inside), b.Block.From, b.Until, null)),
        ];
    }

    private static Task<List<CgnatMap>> MapsAsync(IDataDefenderDb db, DateTime from, DateTime until, CancellationToken ct) =>
        db.CgnatMaps.AsNoTracking().Where(m => m.ValidFrom <= until && (m.ValidUntil == null || m.ValidUntil >= from)).ToListAsync(ct);
}
