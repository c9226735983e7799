using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Addresses;

public sealed record CgnatMapRow(Guid Id, string Name, Guid? RouterId, string? Router, string Inside, string Outside, int BlockSize, DateTime ValidFrom, DateTime? ValidUntil, int Online);

/// <summary>Carrier-grade NAT: which private address leaves by which public one and ports, now and in the past.</summary>
public sealed class CgnatService(IDataDefenderDbFactory dbFactory, CurrentUser user, TimeProvider clock)
{
    private const int MostBlocks = 100_000;
    private const int AtOnce = 1000;

    private static readonly CgnatMapInputValidator Validator = new();

    /// <summary>What holds first, then what is over, the newest first.</summary>
    public async Task<IReadOnlyList<CgnatMapRow>> ListAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var maps = await db.CgnatMaps.AsNoTracking().Select(m => new { Map = m, Router = db.Routers.Where(r => r.Id == m.RouterId).Select(r => r.Name).FirstOrDefault() }).ToListAsync(ct);
        var online = maps.Count == 0 ? [] : (await db.LiveSessions.Where(s => s.FramedAddress != null).Select(s => s.FramedAddress!).ToListAsync(ct)).Select(AddressRange.Parse).OfType<AddressRange>().ToList();
        return
        [
            .. maps.OrderBy(m => m.Map.ValidUntil is not null).ThenByDescending(m => m.Map.ValidFrom).Select(m => new CgnatMapRow(
                m.Map.Id, m.Map.Name, m.Map.RouterId, m.Router, m.Map.Inside, m.Map.Outside, m.Map.BlockSize, m.Map.ValidFrom, m.Map.ValidUntil,
                m.Map.ValidUntil is null && AddressRange.Parse(m.Map.Inside) is { } inside ? online.Count(inside.Contains) : 0)),
        ];
    }

    /// <exception cref="InvalidInputException">Something is wrong with it, or another map translates the same addresses at the same time.</exception>
    public async Task<Guid> AddAsync(CgnatMapInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var map = new CgnatMap(db.TenantId, input, clock.GetUtcNow().UtcDateTime);
        foreach (var other in await db.CgnatMaps.AsNoTracking().Where(m => m.ValidUntil == null || m.ValidUntil > map.ValidFrom).ToListAsync(ct))
        {
            if (AddressRange.Parse(other.Outside)!.Value.Overlaps(AddressRange.Parse(map.Outside)!.Value))
            {
                throw new InvalidInputException([new FieldError(nameof(CgnatMapInput.Outside), $"{other.Name} uses these public addresses from {Utc(other.ValidFrom)}. End it first.")]);
            }

            if (other.RouterId == map.RouterId && AddressRange.Parse(other.Inside)!.Value.Overlaps(AddressRange.Parse(map.Inside)!.Value))
            {
                throw new InvalidInputException([new FieldError(nameof(CgnatMapInput.Inside), $"{other.Name} translates these private addresses from {Utc(other.ValidFrom)}. End it first.")]);
            }
        }

        db.CgnatMaps.Add(map);
        await db.SaveAsync(ct);
        return map.Id;
    }

    /// <summary>It holds until then, and never again. What was asked about before is still answered by it.</summary>
    public async Task EndAsync(Guid id, DateTime at, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        (await db.CgnatMaps.SingleOrDefaultAsync(m => m.Id == id, ct) ?? throw new NotFoundException("CGNAT map", id)).End(at);
        await db.SaveAsync(ct);
    }

    /// <summary>The rules for the router's terminal.</summary>
    public async Task<(string Name, string Text)> RulesAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var map = await db.CgnatMaps.AsNoTracking().SingleOrDefaultAsync(m => m.Id == id, ct) ?? throw new NotFoundException("CGNAT map", id);
        return (map.Name, string.Join('\n', map.Rules()) + "\n");
    }

    /// <summary>The blocks of a private address now, or whose a public address and port is now. Personal data of nobody: no session is looked up.</summary>
    public async Task<IReadOnlyList<PortBlock>> BlocksAsync(string address, int? port, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var maps = await db.CgnatMaps.AsNoTracking().Where(m => m.ValidUntil == null).ToListAsync(ct);
        return [.. maps.Select(m => port is { } number ? m.Behind(address.Trim(), number) : m.Of(address.Trim())).OfType<PortBlock>()];
    }

    /// <summary>
    /// Records blocks from a NAT's log, a line each: <c>public,first port,last port,private,from (UTC),until (UTC or empty)</c>. All of them
    /// or none: a line that is wrong is named.
    /// </summary>
    /// <returns>How many were recorded or, recorded before without an end, were given theirs. What was recorded before as it is is left out.</returns>
    public async Task<int> RecordAsync(string csv, string source, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var blocks = new List<CgnatBlock>();
        foreach (var (line, number) in csv.Split('\n').Select((l, i) => (l.Trim(), i + 1)))
        {
            if (line.Length > 0 && !line.StartsWith('#'))
            {
                blocks.Add(Read(db.TenantId, line, number, source.Trim()));
            }
        }

        if (blocks.Count is 0 or > MostBlocks)
        {
            throw new DomainException("cgnat.blocks", blocks.Count == 0 ? "There is no line in it." : $"At most {MostBlocks:N0} lines at once.");
        }

        var (earliest, latest) = (blocks.Min(b => b.From), blocks.Max(b => b.From));
        var known = (await db.CgnatBlocks.AsNoTracking().Where(b => b.From >= earliest && b.From <= latest).Select(b => new { b.Outside, b.FirstPort, b.From }).ToListAsync(ct)).Select(b => (b.Outside, b.FirstPort, b.From)).ToHashSet();

        // A log names a block when it is given out, and again with its end when that has come: in this file or in a later one.
        var held = (await db.CgnatBlocks.Where(b => b.Until == null && b.From >= earliest && b.From <= latest).ToListAsync(ct)).ToLookup(Same).ToDictionary(g => g.Key, g => g.First());
        var fresh = new List<CgnatBlock>();
        var changed = new HashSet<CgnatBlock>();
        foreach (var block in blocks)
        {
            if (known.Add((block.Outside, block.FirstPort, block.From)))
            {
                fresh.Add(block);
                changed.Add(block);
                held.TryAdd(Same(block), block);
            }
            else if (block.Until is { } until && held.TryGetValue(Same(block), out var open) && open.Until is null)
            {
                open.End(until);
                changed.Add(open);
            }
        }

        db.CgnatBlocks.AddRange(fresh);
        await db.SaveAsync(ct);
        return changed.Count;
    }

    private static (string Outside, int FirstPort, int LastPort, string Inside, DateTime From) Same(CgnatBlock block) => (block.Outside, block.FirstPort, block.LastPort, block.Inside, block.From);

    public async Task<int> RecordedAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        return await db.CgnatBlocks.CountAsync(ct);
    }

    private static CgnatBlock Read(Guid tenant, string line, int number, string source)
    {
        var cells = line.Split(',');
        DomainException Wrong(string what) => new("cgnat.blocks", $"Line {number}: {what}. Nothing was recorded.");
        if (cells.Length != 6)
        {
            throw Wrong("it has to have six values, divided by commas");
        }

        if (AddressRange.Parse(cells[0]) is not { IsIPv6: false } outside || outside.First != outside.Last || AddressRange.Parse(cells[3]) is not { IsIPv6: false } inside || inside.First != inside.Last)
        {
            throw Wrong("the first and the fourth value are IPv4 addresses");
        }

        if (!int.TryParse(cells[1], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var first)
            || !int.TryParse(cells[2], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var last) || first < 1 || last > 65535 || first > last)
        {
            throw Wrong("the second and the third value are ports, the lower one first");
        }

        if (Time(cells[4]) is not { } from || (cells[5].Trim().Length > 0 && Time(cells[5]) is null) || Time(cells[5]) < from)
        {
            throw Wrong("the times are UTC such as 2026-03-01 14:05:00, the end after the beginning or empty");
        }

        return new CgnatBlock(tenant, new PortBlock(outside.Address(outside.First), first, last, inside.Address(inside.First)), from, Time(cells[5]), source);
    }

    private static DateTime? Time(string text) =>
        DateTime.TryParseExact(text.Trim().TrimEnd('Z').Replace('T', ' '), ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    private static string Utc(DateTime at) => at.ToString("d MMM yyyy HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
