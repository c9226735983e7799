using System.Globalization;
using System.Net;
using System.Numerics;
using DataDefender.Domain.Common;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Addresses;

/// <summary>A prefix of the plan with how full it is.</summary>
/// <param name="Depth">How many prefixes of the plan contain it.</param>
/// <param name="Capacity">Addresses that can be given out, or delegated prefixes; null of an IPv6 prefix that is only a container.</param>
/// <param name="Fixed">Fixed addresses or delegated prefixes of lines in it.</param>
/// <param name="Online">Addresses or prefixes of open sessions in it that are fixed to no line.</param>
/// <param name="Divided">Addresses that its child prefixes take, of a container.</param>
public sealed record PrefixRow(
    Guid Id, string Network, string Name, PrefixUse Use, int Depth, Guid? SiteId, string? Site, Guid? RouterId, string? Router, string? PoolName, int? DelegatedLength, string? Gateway, string? Notes,
    double? Capacity, int Fixed, int Online, double? Divided)
{
    /// <summary>0–100; null when there is nothing to fill.</summary>
    public double? Percent => Capacity is not > 0 ? null : Math.Min(100, 100 * (Use is PrefixUse.Container && Fixed + Online == 0 ? Divided ?? 0 : Fixed + Online) / Capacity.Value);

    public PrefixInput ToInput() => new()
    {
        Network = Network, Name = Name, Use = Use, SiteId = SiteId, RouterId = RouterId, PoolName = PoolName, DelegatedLength = DelegatedLength, Gateway = Gateway, Notes = Notes,
    };
}

/// <summary>A line with an address or a prefix of the plan.</summary>
public sealed record AddressedLine(Guid SubscriptionId, Guid ClientId, string Username, string Client, string Address, SubscriptionState State, bool IsOnline);

/// <param name="NextFree">What would be given next; null when it is full or nothing is given out of it.</param>
public sealed record PrefixDetails(PrefixRow Prefix, PageOf<AddressedLine> Lines, string? NextFree, IReadOnlyList<PrefixRow> Children);

public sealed record LineChoice(Guid Id, string Username, string Client, string? StaticAddress, string? DelegatedPrefix);

/// <summary>The company's address plan: prefixes within prefixes, what is given out of them, and what is given twice.</summary>
public sealed class AddressPlanService(IDataDefenderDbFactory dbFactory, SubscriptionService subscriptions, LineAccessService access, CurrentUser user, TimeProvider clock)
{
    private const int Tries = 20;

    private static readonly PrefixInputValidator Validator = new();

    /// <summary>In the order of the addresses. A search keeps what contains a match, so that it is seen where it lies.</summary>
    public async Task<PageOf<PrefixRow>> ListAsync(GridQuery query, PrefixUse? use = null, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var rows = await RowsAsync(db, ct);
        if (query.Term is { } term || use is not null)
        {
            term = query.Term;
            var address = AddressRange.Parse(query.Search);
            var matches = rows.Where(r => (use is null || r.Use == use) && (term is null || Text(r).Contains(term, StringComparison.Ordinal) || (address is { } a && RangeOf(r).Overlaps(a)))).ToList();
            rows = [.. rows.Where(r => matches.Contains(r) || matches.Exists(m => m.Depth > r.Depth && RangeOf(r).Contains(RangeOf(m))))];
        }

        return new PageOf<PrefixRow>([.. rows.Skip(query.Page * query.PageSize).Take(query.PageSize)], rows.Count);
    }

    public async Task<PrefixDetails> GetAsync(Guid id, GridQuery lines, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var rows = await RowsAsync(db, ct);
        var row = rows.FirstOrDefault(r => r.Id == id) ?? throw new NotFoundException("Prefix", id);
        var range = RangeOf(row);
        var addressed = await (from line in db.Subscriptions.AsNoTracking()
                               join client in db.Clients on line.ClientId equals client.Id
                               where line.StaticAddress != null || line.DelegatedPrefix != null
                               select new { line.Id, line.ClientId, line.Username, client.Name, line.StaticAddress, line.DelegatedPrefix, line.State }).ToListAsync(ct);
        var within = addressed
            .SelectMany(l => new[] { l.StaticAddress, l.DelegatedPrefix }.OfType<string>().Select(a => (Line: l, Address: a, Range: AddressRange.Parse(a))))
            .Where(l => l.Range is { } held && range.Contains(held))
            .Where(l => lines.Term is not { } term || l.Line.Username.Contains(term, StringComparison.Ordinal) || l.Line.Name.Contains(term, StringComparison.OrdinalIgnoreCase) || l.Address.Contains(term, StringComparison.Ordinal))
            .OrderBy(l => l.Range!.Value).ToList();
        var page = within.Skip(lines.Page * lines.PageSize).Take(lines.PageSize).ToList();
        var ids = page.ConvertAll(p => (Guid?)p.Line.Id);
        var online = await db.LiveSessions.Where(s => ids.Contains(s.SubscriptionId)).Select(s => s.SubscriptionId).ToListAsync(ct);
        return new PrefixDetails(
            row,
            new PageOf<AddressedLine>([.. page.Select(p => new AddressedLine(p.Line.Id, p.Line.ClientId, p.Line.Username, p.Line.Name, p.Address, p.Line.State, online.Contains(p.Line.Id)))], within.Count),
            await FreeAsync(db, row, new HashSet<string>(), ct),
            [.. rows.Where(r => r.Depth == row.Depth + 1 && range.Contains(RangeOf(r)) && r.Id != row.Id)]);
    }

    public async Task<Guid> AddAsync(PrefixInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var prefix = new AddressPrefix(db.TenantId, input, clock.GetUtcNow().UtcDateTime);
        await RequireFitAsync(db, prefix, ct);
        db.AddressPrefixes.Add(prefix);
        await db.SaveAsync(() => TakenAsync(db, prefix, ct), ct);
        return prefix.Id;
    }

    public async Task ChangeAsync(Guid id, PrefixInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var prefix = await FindAsync(db, id, ct);
        prefix.Change(input);
        await RequireFitAsync(db, prefix, ct);
        await db.SaveAsync(() => TakenAsync(db, prefix, ct), ct);
    }

    /// <summary>Takes it out of the plan. Lines keep their addresses; what lay in it lies in what contained it.</summary>
    public async Task RemoveAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        db.AddressPrefixes.Remove(await FindAsync(db, id, ct));
        await db.SaveAsync(ct);
    }

    /// <summary>Lines by user name or client, for a picker.</summary>
    public async Task<IReadOnlyList<LineChoice>> LinesAsync(string text, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewClients);
        var term = text.Trim().ToLowerInvariant();
        await using var db = await dbFactory.OpenAsync(ct);
        return await (from line in db.Subscriptions.AsNoTracking()
                      join client in db.Clients on line.ClientId equals client.Id
                      where line.State != SubscriptionState.Disconnected && (line.Username.Contains(term) || client.Name.ToLower().Contains(term) || client.AccountNumber == term)
                      orderby line.Username
                      select new LineChoice(line.Id, line.Username, client.Name, line.StaticAddress, line.DelegatedPrefix)).Take(8).ToListAsync(ct);
    }

    /// <summary>
    /// Gives a line the lowest free address of the prefix, or the lowest free delegated prefix. When somebody else takes it in the same
    /// moment the database says so, and the next one is tried.
    /// </summary>
    /// <returns>What it was given.</returns>
    public async Task<string> AssignNextAsync(Guid prefixId, Guid subscriptionId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ControlLines);
        var lost = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < Tries; i++)
        {
            string free;
            PrefixRow row;
            await using (var db = await dbFactory.OpenAsync(ct))
            {
                row = (await RowsAsync(db, ct)).FirstOrDefault(r => r.Id == prefixId) ?? throw new NotFoundException("Prefix", prefixId);
                free = await FreeAsync(db, row, lost, ct) ?? throw new DomainException("address.full", row.Use is PrefixUse.Lines or PrefixUse.Delegation ? $"{row.Network} is full." : $"Nothing is given out of {row.Network} by hand: it is not for lines.");
            }

            try
            {
                if (row.Use is PrefixUse.Delegation)
                {
                    var view = await access.GetAsync(subscriptionId, ct);
                    await access.SaveAsync(subscriptionId, view.Version, view.Input with { DelegatedPrefix = free }, ct);
                }
                else
                {
                    await subscriptions.SetStaticAddressAsync(subscriptionId, free, ct);
                }

                return free;
            }
            catch (InvalidInputException)
            {
                lost.Add(free); // taken since we looked
            }
        }

        throw new DomainException("address.race", "Others are taking addresses of this prefix at the same moment. Try again.");
    }

    public async Task<IReadOnlyList<AddressConflict>> ConflictsAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        return AddressConflicts.Find(await HoldersAsync(db, ct));
    }

    private static async Task<List<AddressHolder>> HoldersAsync(IDataDefenderDb db, CancellationToken ct)
    {
        var lines = await db.Subscriptions.AsNoTracking().Where(s => s.StaticAddress != null || s.DelegatedPrefix != null).Select(s => new { s.Id, s.ClientId, s.Username, s.StaticAddress, s.DelegatedPrefix }).ToListAsync(ct);
        var sessions = await db.LiveSessions.AsNoTracking().Where(s => s.FramedAddress != null || s.DelegatedPrefix != null).Select(s => new { s.Id, s.SubscriptionId, s.Username, s.FramedAddress, s.DelegatedPrefix }).ToListAsync(ct);
        var routers = await db.Routers.AsNoTracking().Select(r => new { r.Id, r.Name, r.Host, r.Design }).ToListAsync(ct);
        var nas = await db.NasDevices.AsNoTracking().Where(n => n.Address != "").Select(n => new { n.Id, n.RouterId, n.Name, n.Address }).ToListAsync(ct);
        var prefixes = await db.AddressPrefixes.AsNoTracking().Where(p => p.Use != PrefixUse.Container && p.Use != PrefixUse.Delegation).ToListAsync(ct);
        var holders = new List<AddressHolder>(lines.Count + sessions.Count);

        void Add(HolderKind kind, string? text, string owner, string name, string href, PrefixUse? use = null)
        {
            if (AddressRange.Parse(text) is { } range)
            {
                holders.Add(new AddressHolder(kind, range, owner, name, href, use));
            }
        }

        foreach (var line in lines)
        {
            Add(HolderKind.Line, line.StaticAddress, $"line {line.Id}", line.Username, $"/clients/{line.ClientId}?line={line.Id}");
            Add(HolderKind.Line, line.DelegatedPrefix, $"line {line.Id}", line.Username, $"/clients/{line.ClientId}?line={line.Id}");
        }

        foreach (var session in sessions)
        {
            var owner = session.SubscriptionId is { } line ? $"line {line}" : $"session {session.Id}";
            Add(HolderKind.Session, session.FramedAddress, owner, session.Username, $"/sessions?q={Uri.EscapeDataString(session.Username)}");
            Add(HolderKind.Session, session.DelegatedPrefix, owner, session.Username, $"/sessions?q={Uri.EscapeDataString(session.Username)}");
        }

        foreach (var router in routers)
        {
            Add(HolderKind.Router, router.Host, $"router {router.Id}", router.Name, $"/routers/{router.Id}");
            Add(HolderKind.Router, router.Design.LocalAddress, $"router {router.Id}", $"{router.Name} on its lines", $"/routers/{router.Id}/configuration");
            foreach (var pool in router.Design.PoolList())
            {
                foreach (var range in DesignText.List(pool.Ranges))
                {
                    Add(HolderKind.Pool, range, $"pool {router.Id} {pool.Name}", $"the pool {pool.Name} of {router.Name}", $"/routers/{router.Id}/configuration");
                }
            }
        }

        foreach (var (router, pool) in routers.SelectMany(r => r.Design.Ipv6PoolList().Select(p => (r, p))))
        {
            Add(HolderKind.Pool, pool.Prefix, $"pool {router.Id} {pool.Name}", $"the IPv6 pool {pool.Name} of {router.Name}", $"/routers/{router.Id}/configuration");
        }

        nas.ForEach(n => Add(HolderKind.Router, n.Address, n.RouterId is { } router ? $"router {router}" : $"nas {n.Id}", n.Name, $"/nas?edit={n.Id}"));
        prefixes.ForEach(p => Add(HolderKind.Prefix, p.Network, $"prefix {p.Id}", p.Name.Length > 0 ? $"{p.Network} ({p.Name})" : p.Network, $"/addresses/{p.Id}", p.Use));
        return holders;
    }

    private static async Task<List<PrefixRow>> RowsAsync(IDataDefenderDb db, CancellationToken ct)
    {
        var prefixes = await (from prefix in db.AddressPrefixes.AsNoTracking()
                              select new
                              {
                                  Prefix = prefix,
                                  Site = db.Sites.Where(s => s.Id == prefix.SiteId).Select(s => s.Name).FirstOrDefault(),
                                  Router = db.Routers.Where(r => r.Id == prefix.RouterId).Select(r => r.Name).FirstOrDefault(),
                              }).ToListAsync(ct);
        if (prefixes.Count == 0)
        {
            return [];
        }

        var lines = await db.Subscriptions.AsNoTracking().Where(s => s.StaticAddress != null || s.DelegatedPrefix != null).Select(s => new { s.StaticAddress, s.DelegatedPrefix }).ToListAsync(ct);
        var sessions = await db.LiveSessions.AsNoTracking().Select(s => new { s.FramedAddress, s.DelegatedPrefix }).ToListAsync(ct);
        var given = Starts(lines.SelectMany(l => new[] { l.StaticAddress, l.DelegatedPrefix }));
        var known = given.ToHashSet();
        var online = Starts(sessions.SelectMany(s => new[] { s.FramedAddress, s.DelegatedPrefix })).Distinct().Where(s => !known.Contains(s)).ToList();
        var ordered = prefixes.Select(p => (Row: p, p.Prefix.Range)).OrderBy(p => p.Range).ToList();
        var above = new Stack<(AddressRange Range, Guid Id)>();
        var divided = new Dictionary<Guid, BigInteger>();
        var rows = new List<PrefixRow>(ordered.Count);
        foreach (var (row, range) in ordered)
        {
            while (above.TryPeek(out var last) && !last.Range.Contains(range))
            {
                above.Pop();
            }

            var p = row.Prefix;
            if (above.TryPeek(out var parent))
            {
                divided[parent.Id] = divided.GetValueOrDefault(parent.Id) + range.Count;
            }

            rows.Add(new PrefixRow(
                p.Id, p.Network, p.Name, p.Use, above.Count, p.SiteId, row.Site, p.RouterId, row.Router, p.PoolName, p.DelegatedLength, p.Gateway, p.Notes,
                Capacity(p, range), Within(given, range), Within(online, range), null));
            above.Push((range, p.Id));
        }

        return rows.ConvertAll(r => r.Use is PrefixUse.Container ? r with { Divided = (double)divided.GetValueOrDefault(r.Id) } : r);
    }

    private static double? Capacity(AddressPrefix prefix, AddressRange range) => prefix.Use switch
    {
        PrefixUse.Delegation => Math.Pow(2, prefix.DelegatedLength!.Value - IPNetwork.Parse(prefix.Network).PrefixLength),
        _ when range.IsIPv6 => prefix.Use is PrefixUse.Container ? (double)range.Count : null,
        PrefixUse.Container => (double)range.Count,
        _ => Math.Max(0, (double)range.Count - (HasEnds(range) ? 2 : 0) - (prefix.Gateway is null ? 0 : 1)),
    };

    /// <summary>The network's own address and its broadcast are given to nobody, except in the smallest.</summary>
    private static bool HasEnds(AddressRange range) => !range.IsIPv6 && range.Count > 2;

    /// <summary>The lowest free one; null when there is none, or the prefix is not for lines.</summary>
    private static async Task<string?> FreeAsync(IDataDefenderDb db, PrefixRow row, IReadOnlySet<string> lost, CancellationToken ct)
    {
        var range = RangeOf(row);
        if (row.Use is PrefixUse.Delegation)
        {
            var length = row.DelegatedLength!.Value;
            var step = UInt128.One << (128 - length);
            List<string> held =
            [
                .. await db.Subscriptions.AsNoTracking().Where(s => s.DelegatedPrefix != null).Select(s => s.DelegatedPrefix!).ToListAsync(ct),
                .. await db.LiveSessions.AsNoTracking().Where(s => s.DelegatedPrefix != null).Select(s => s.DelegatedPrefix!).ToListAsync(ct),
                .. (await db.Routers.AsNoTracking().Select(r => r.Design).ToListAsync(ct)).SelectMany(d => d.Ipv6PoolList()).Select(p => p.Prefix), // a router gives out of it by itself
            ];
            var taken = held
                .Select(AddressRange.Parse).OfType<AddressRange>().Where(t => t.Overlaps(range)).Order().ToList();
            var at = range.First;
            foreach (var other in taken)
            {
                at = Skip(lost, at, step, other.First, range, length);
                if (at + step - 1 < other.First)
                {
                    break;
                }

                at = other.Last >= at ? ((other.Last / step) + 1) * step : at;
            }

            at = Skip(lost, at, step, range.Last, range, length);
            return at >= range.First && at <= range.Last && range.Last - at >= step - 1 ? Written(range, at, length) : null;
        }

        if (row.Use is not PrefixUse.Lines)
        {
            return null;
        }

        var used = (await db.Subscriptions.AsNoTracking().Where(s => s.StaticAddress != null).Select(s => s.StaticAddress!).ToListAsync(ct)).ToHashSet(StringComparer.Ordinal);
        used.UnionWith(await db.LiveSessions.AsNoTracking().Where(s => s.FramedAddress != null).Select(s => s.FramedAddress!).ToListAsync(ct));
        used.UnionWith(await db.Routers.AsNoTracking().Select(r => r.Host).ToListAsync(ct));
        used.UnionWith(lost);
        var (first, last) = HasEnds(range) ? (range.First + 1, range.Last - 1) : (range.First, range.Last);
        for (var address = first; address <= last; address++)
        {
            if (range.Address(address) is var text && text != row.Gateway && !used.Contains(text) && LineAddress.Normalise(text) is not null)
            {
                return text;
            }
        }

        return null;
    }

    private static UInt128 Skip(IReadOnlySet<string> lost, UInt128 at, UInt128 step, UInt128 end, AddressRange range, int length)
    {
        while (lost.Count > 0 && at < end && lost.Contains(Written(range, at, length)))
        {
            at += step;
        }

        return at;
    }

    private static string Written(AddressRange range, UInt128 at, int length) => string.Create(CultureInfo.InvariantCulture, $"{range.Address(at)}/{length}");

    private static List<(bool IsIPv6, UInt128 First)> Starts(IEnumerable<string?> texts) => [.. texts.Select(AddressRange.Parse).OfType<AddressRange>().Order().Select(r => (r.IsIPv6, r.First))];

    private static int Within(List<(bool IsIPv6, UInt128 First)> sorted, AddressRange range) => Below(sorted, range.IsIPv6, range.Last, inclusive: true) - Below(sorted, range.IsIPv6, range.First, inclusive: false);

    private static int Below(List<(bool IsIPv6, UInt128 First)> sorted, bool isIPv6, UInt128 number, bool inclusive)
    {
        var (low, high) = (0, sorted.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var (family, first) = sorted[middle];
            var isBelow = family == isIPv6 ? first < number || (inclusive && first == number) : !family;
            (low, high) = isBelow ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static AddressRange RangeOf(PrefixRow row) => AddressRange.Parse(row.Network)!.Value;

    private static string Text(PrefixRow row) => $"{row.Network} {row.Name} {row.Site} {row.Router} {row.PoolName}".ToLowerInvariant();

    private static async Task<AddressPrefix> FindAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.AddressPrefixes.SingleOrDefaultAsync(p => p.Id == id, ct) ?? throw new NotFoundException("Prefix", id);

    private static async Task<DomainException?> TakenAsync(IDataDefenderDb db, AddressPrefix prefix, CancellationToken ct) =>
        await db.AddressPrefixes.AsNoTracking().AnyAsync(p => p.Network == prefix.Network && p.Id != prefix.Id, ct)
            ? new InvalidInputException([new FieldError(nameof(PrefixInput.Network), $"{prefix.Network} is in the plan already.")])
            : null;

    /// <summary>Only a container is divided: addresses that are given out have one prefix that says how.</summary>
    private static async Task RequireFitAsync(IDataDefenderDb db, AddressPrefix prefix, CancellationToken ct)
    {
        if (await TakenAsync(db, prefix, ct) is { } taken)
        {
            throw taken;
        }

        foreach (var other in await db.AddressPrefixes.AsNoTracking().Where(p => p.Id != prefix.Id).ToListAsync(ct))
        {
            if (other.Use is not PrefixUse.Container && other.Range.Contains(prefix.Range))
            {
                throw new InvalidInputException([new FieldError(nameof(PrefixInput.Network), $"It lies in {other.Network} {other.Name}, which is given out as a whole. Make that a container first.")]);
            }

            if (prefix.Use is not PrefixUse.Container && prefix.Range.Contains(other.Range))
            {
                throw new InvalidInputException([new FieldError(nameof(PrefixInput.Use), $"{other.Network} {other.Name} lies in it, so it is a container.")]);
            }
        }
    }
}
