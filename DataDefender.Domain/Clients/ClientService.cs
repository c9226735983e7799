using System.Linq.Expressions;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Clients;

/// <summary>The customers of a company: found by whatever a caller can say, created with an account number, changed.</summary>
public sealed class ClientService(IDataDefenderDbFactory dbFactory, LinesOnRouters routers, TenantContext tenant, CurrentUser user, LicenceGuard licence, TimeProvider clock)
{
    /// <summary>The number sequence that account numbers are taken from.</summary>
    public const string AccountSequence = "account";

    private const long FirstAccount = 100_001;
    private const int CreateAttempts = 10;
    private static readonly ClientInputValidator Validator = new();

    public async Task<PageOf<ClientRow>> ListAsync(GridQuery query, ClientFilter filter = ClientFilter.All, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewClients);
        await using var db = await dbFactory.OpenAsync(ct);
        var clients = Narrow(db, SearchTerm.Of(query.Search)?.Clients(db) ?? db.Clients, filter).AsNoTracking();

        var page = await Sort(clients, query)
            .Skip(query.Page * query.PageSize)
            .Take(query.PageSize)
            .Select(c => new { c.Id, c.AccountNumber, c.Name, c.Phone, c.County, c.CreatedAt })
            .ToListAsync(ct);
        var lines = await LinesOfAsync(db, page.ConvertAll(c => c.Id), ct);
        return new PageOf<ClientRow>(
            [.. page.Select(c => new ClientRow(c.Id, c.AccountNumber, c.Name, c.Phone, c.County, c.CreatedAt, [.. lines[c.Id]]))],
            await clients.CountAsync(ct));
    }

    /// <summary>How many clients each filter shows, for the counters above the list.</summary>
    public async Task<IReadOnlyDictionary<ClientFilter, int>> CountsAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewClients);
        await using var db = await dbFactory.OpenAsync(ct);
        var counts = new Dictionary<ClientFilter, int>();
        foreach (var filter in Enum.GetValues<ClientFilter>())
        {
            counts[filter] = await Narrow(db, db.Clients, filter).CountAsync(ct);
        }

        return counts;
    }

    public async Task<ClientDetails> GetAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewClients);
        await using var db = await dbFactory.OpenAsync(ct);
        var client = await FindAsync(db, id, ct);
        var lines = from line in db.Subscriptions.AsNoTracking()
                    join package in db.Packages on line.PackageId equals package.Id
                    where line.ClientId == id
                    orderby line.CreatedAt, line.Id
                    select new LineDetails(
                        line.Id, line.Username, package.Id, package.Name, package.Price, package.PeriodCount, package.PeriodUnit, package.DownloadKbps, package.UploadKbps,
                        line.State, line.StateSince, line.SuspendReason, line.StateNote, line.StaticAddress, line.CallerLock, line.CreatedAt, line.ActivatedAt,
                        line.LimitReason, line.LimitDownloadKbps, line.LimitUploadKbps, line.LimitUntil);
        return new ClientDetails(client.Id, client.Version, client.AccountNumber, client.CreatedAt, ToInput(client), await lines.ToListAsync(ct));
    }

    /// <summary>Creates a client under the next account number and returns its id.</summary>
    public async Task<Guid> CreateAsync(ClientInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageClients);
        Validator.Demand(input);
        for (var attempt = 1; ; attempt++)
        {
            await using var db = await dbFactory.OpenAsync(ct);
            await licence.DemandCurrentAsync(db, ct); // the cap counts lines, not those who have none yet
            var number = AccountNumbers.WithCheckDigit((await SequenceAsync(db, ct)).Take());
            var client = db.Clients.Add(new Client(tenant.TenantId, number, input, clock.GetUtcNow().UtcDateTime)).Entity;
            try
            {
                await db.SaveChangesAsync(ct);
                return client.Id;
            }
            catch (DbUpdateException) when (attempt < CreateAttempts)
            {
                // Somebody took this number at the same moment (or made the sequence): take the next.
            }
        }
    }

    /// <param name="version">The version that the person saw; another one means that somebody else was faster.</param>
    public async Task ChangeAsync(Guid id, int version, ClientInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageClients);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var client = await FindAsync(db, id, ct);
        if (client.Version != version)
        {
            throw Saving.ChangedMeanwhile();
        }

        client.Change(input);
        await db.SaveAsync(ct);
    }

    private static ClientInput ToInput(Client c) => new()
    {
        Name = c.Name,
        Phone = c.Phone,
        Email = c.Email,
        Address = c.Address,
        County = c.County,
        Notes = c.Notes,
        Language = c.Language,
    };

    private static async Task<Client> FindAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.Clients.SingleOrDefaultAsync(c => c.Id == id, ct) ?? throw new NotFoundException("Client", id);

    private IQueryable<Client> Narrow(IDataDefenderDb db, IQueryable<Client> clients, ClientFilter filter)
    {
        if (filter is ClientFilter.EquipmentToFetch)
        {
            return clients.Where(c => db.ClientStandings.Any(s => s.ClientId == c.Id && s.EquipmentSince != null));
        }

        var (usernames, ids) = filter is ClientFilter.Online ? routers.OnlineNow(tenant.TenantId, clock.GetUtcNow().UtcDateTime) : ([], []);
        var lines = filter switch
        {
            ClientFilter.All => null,
            ClientFilter.Online when usernames.Count + ids.Count > 0 =>
                db.Subscriptions.Where(s => db.LiveSessions.Any(live => live.SubscriptionId == s.Id) || usernames.Contains(s.Username) || ids.Contains(s.Id)),
            ClientFilter.Online => db.Subscriptions.Where(s => db.LiveSessions.Any(live => live.SubscriptionId == s.Id)),
            ClientFilter.Active => db.Subscriptions.Where(s => s.State == SubscriptionState.Active),
            ClientFilter.Suspended => db.Subscriptions.Where(s => s.State == SubscriptionState.Suspended),
            ClientFilter.Pending => db.Subscriptions.Where(s => s.State == SubscriptionState.Pending),
            ClientFilter.WithoutLine => db.Subscriptions.Where(s => s.State != SubscriptionState.Disconnected),
            _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "No such filter."),
        };
        if (lines is null)
        {
            return clients;
        }

        var owners = lines.Select(s => s.ClientId);
        return filter is ClientFilter.WithoutLine
            ? clients.Where(c => !owners.Contains(c.Id))
            : clients.Where(c => owners.Contains(c.Id));
    }

    private static IQueryable<Client> Sort(IQueryable<Client> clients, GridQuery query)
    {
        var sorted = query.SortBy switch
        {
            nameof(ClientRow.AccountNumber) => By(c => c.AccountNumber),
            nameof(ClientRow.Phone) => By(c => c.Phone),
            nameof(ClientRow.County) => By(c => c.County),
            nameof(ClientRow.CreatedAt) => By(c => c.CreatedAt),
            _ => By(c => c.Name),
        };
        return sorted.ThenBy(c => c.Id);

        IOrderedQueryable<Client> By<TKey>(Expression<Func<Client, TKey>> key) =>
            query.Descending ? clients.OrderByDescending(key) : clients.OrderBy(key);
    }

    private async Task<ILookup<Guid, LineSummary>> LinesOfAsync(IDataDefenderDb db, List<Guid> clients, CancellationToken ct)
    {
        var lines = await (
            from line in db.Subscriptions.AsNoTracking()
            join package in db.Packages on line.PackageId equals package.Id
            where clients.Contains(line.ClientId)
            orderby line.CreatedAt, line.Id
            select new
            {
                line.ClientId,
                Summary = new LineSummary(
                    line.Id, line.Username, package.Name, line.State, line.StateSince,
                    db.LiveSessions.Where(live => live.SubscriptionId == line.Id).Max(live => (DateTime?)live.UpdatedAt)),
            }).ToListAsync(ct);
        var now = clock.GetUtcNow().UtcDateTime;
        var read = routers.Of(tenant.TenantId).Where(r => r.IsFresh(now)).ToList();
        return lines.ToLookup(l => l.ClientId, l => l.Summary with
        {
            ReportedAt = l.Summary.ReportedAt ?? read.Where(r => r.Online.ContainsKey(LinesOnRouters.KeyOf(r.Push, l.Summary.Id, l.Summary.Username))).Max(r => (DateTime?)r.At),
        });
    }

    private async Task<NumberSequence> SequenceAsync(IDataDefenderDb db, CancellationToken ct) =>
        await db.NumberSequences.SingleOrDefaultAsync(s => s.Name == AccountSequence, ct)
        ?? db.NumberSequences.Add(new NumberSequence(tenant.TenantId, AccountSequence, FirstAccount)).Entity;
}

/// <summary>What the list of clients can be narrowed to.</summary>
public enum ClientFilter
{
    All,

    /// <summary>With an open session, or online on a router that has its lines itself.</summary>
    Online,
    Active,
    Suspended,
    Pending,

    /// <summary>Without a line, or with disconnected ones only.</summary>
    WithoutLine,

    /// <summary>Whose equipment is to be fetched back: the ladder of collections came to its end.</summary>
    EquipmentToFetch,
}

/// <summary>A client in the list, with its lines.</summary>
public sealed record ClientRow(
    Guid Id, string AccountNumber, string Name, string Phone, string? County, DateTime CreatedAt, IReadOnlyList<LineSummary> Lines);

/// <summary>A line beside its client. It is online as far as accounting, or a router that has its lines itself, said at <see cref="ReportedAt"/>; null when neither does.</summary>
public sealed record LineSummary(Guid Id, string Username, string Package, SubscriptionState State, DateTime StateSince, DateTime? ReportedAt)
{
    public bool Online => ReportedAt is not null;
}

/// <summary>A client with what a support agent needs first.</summary>
public sealed record ClientDetails(Guid Id, int Version, string AccountNumber, DateTime CreatedAt, ClientInput Input, IReadOnlyList<LineDetails> Lines);

/// <summary>A line of a client. Speeds are kbit/s. The limit is that of a usage rule that holds now; its reason is null when there is none.</summary>
public sealed record LineDetails(
    Guid Id,
    string Username,
    Guid PackageId,
    string Package,
    Money Price,
    int PeriodCount,
    PeriodUnit PeriodUnit,
    int DownloadKbps,
    int UploadKbps,
    SubscriptionState State,
    DateTime StateSince,
    SuspendReason? SuspendReason,
    string? StateNote,
    string? StaticAddress,
    string? CallerLock,
    DateTime CreatedAt,
    DateTime? ActivatedAt,
    string? LimitReason,
    int? LimitDownloadKbps,
    int? LimitUploadKbps,
    DateTime? LimitUntil);
