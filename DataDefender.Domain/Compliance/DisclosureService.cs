using System.Net;
using DataDefender.Domain.Addresses;
using DataDefender.Domain.Common;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Compliance;

/// <summary>A past look-up, for the list.</summary>
public sealed record DisclosureRow(Guid Id, DateTime At, string CaseNumber, string Authority, string Address, int? Port, DateTime From, DateTime Until, int Matches, string AskedBy);

/// <summary>Answers lawful requests from the session records, each look-up kept with its case number.</summary>
public sealed class DisclosureService(IDataDefenderDbFactory dbFactory, TenantContext tenant, CurrentUser user, TimeProvider clock)
{
    /// <summary>More than any honest request; past that the time asked about has to be narrowed.</summary>
    private const int MostSessions = 5_000;

    private static readonly DisclosureInputValidator Validator = new();

    public async Task<PageOf<DisclosureRow>> ListAsync(GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.Disclose);
        await using var db = await dbFactory.OpenAsync(ct);
        var rows = db.Disclosures.AsNoTracking();
        if (query.Term is { } term)
        {
            rows = rows.Where(d => d.CaseNumber.ToLower().Contains(term) || d.Authority.ToLower().Contains(term) || d.AskedBy.ToLower().Contains(term) || d.Address.Contains(term));
        }

        var page = await rows.OrderByDescending(d => d.At).ThenBy(d => d.Id).Skip(query.Page * query.PageSize).Take(query.PageSize)
            .Select(d => new DisclosureRow(d.Id, d.At, d.CaseNumber, d.Authority, d.Address, d.Port, d.From, d.Until, d.Matches, d.AskedBy))
            .ToListAsync(ct);
        return new PageOf<DisclosureRow>(page, await rows.CountAsync(ct));
    }

    /// <summary>Looks up who held the address, writes that it was looked up and for which case, and only then answers.</summary>
    /// <exception cref="InvalidInputException">Something is missing or the address is none.</exception>
    public async Task<IReadOnlyList<DisclosedSession>> AnswerAsync(DisclosureInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.Disclose);
        Validator.Demand(input);
        var address = AskedAddress.Canonical(input.Address)!;
        var asked = AskedAddress.Of(address);
        await using var db = await dbFactory.OpenAsync(ct);
        var disclosure = new Disclosure(tenant.TenantId, input with { Address = address }, user.Name, clock.GetUtcNow().UtcDateTime);

        var translations = await TranslationsAsync(db, asked, input, ct);
        List<string> addresses = [asked.IPv4, .. translations.Select(t => t.Block.Inside)];
        if (asked.Within is { } part)
        {
            asked = asked with { Prefixes = [.. asked.Prefixes, .. await PartsAsync(db, part, input, ct)] };
        }

        // Open sessions first: one that ends between the two reads is then in both, and never in none.
        var open = await Named(db, Open(db, addresses, asked, input)).ToListAsync(ct);
        var ended = await Named(db, Ended(db, addresses, asked, input)).ToListAsync(ct);
        var known = ended.Select(s => (s.NasId, s.AcctSessionId, s.StartedAt)).ToHashSet();
        List<DisclosedSession> sessions = [.. ended, .. open.Where(s => !known.Contains((s.NasId, s.AcctSessionId, s.StartedAt)))];
        if (sessions.Count > MostSessions)
        {
            throw TooMany();
        }

        if (translations.Count > 0)
        {
            sessions = Behind(sessions, asked, translations, await RoutersAsync(db, ct));
        }

        disclosure.Answered(sessions.Count);
        db.Disclosures.Add(disclosure);
        await db.SaveChangesAsync(ct);
        return [.. sessions.OrderBy(s => s.StartedAt).ThenBy(s => s.Username)];
    }

    /// <summary>Which private addresses were behind the one asked about. One that many share means nobody without its port.</summary>
    private static async Task<IReadOnlyList<Translation>> TranslationsAsync(IDataDefenderDb db, AskedAddress asked, DisclosureInput input, CancellationToken ct)
    {
        if (asked.IPv4.Length == 0)
        {
            return [];
        }

        if (input.Port is { } port)
        {
            return await CgnatLookup.BehindAsync(db, asked.IPv4, port, input.From, input.Until, ct);
        }

        return await CgnatLookup.IsSharedAsync(db, asked.IPv4, input.From, input.Until, ct)
            ? throw new InvalidInputException([new FieldError(nameof(DisclosureInput.Port), $"{asked.IPv4} was shared by several lines at that time: the request has to name the source port.")])
            : [];
    }

    /// <summary>The router of each NAS, of those that have one.</summary>
    private static async Task<Dictionary<Guid, Guid>> RoutersAsync(IDataDefenderDb db, CancellationToken ct) =>
        await db.NasDevices.AsNoTracking().Where(n => n.RouterId != null).Select(n => new { n.Id, RouterId = n.RouterId!.Value }).ToDictionaryAsync(n => n.Id, n => n.RouterId, ct);

    /// <summary>
    /// A session that held a private address counts only while that one was behind what was asked about, and on the router that translated
    /// it: the same private addresses are used behind many routers. Where the records do not say which router that was, it is said.
    /// </summary>
    private static List<DisclosedSession> Behind(List<DisclosedSession> sessions, AskedAddress asked, IReadOnlyList<Translation> translations, Dictionary<Guid, Guid> routers)
    {
        var own = sessions.Where(s => s.FramedAddress == asked.IPv4);
        var behind = sessions.Where(s => s.FramedAddress != asked.IPv4)
            .Select(s => (Session: s, Place: translations.Where(t => t.Block.Inside == s.FramedAddress && t.Covers(s.StartedAt, s.EndedAt)).Select(t => (Translation: t, Standing: Standing(s, t, routers)))
                .Where(t => t.Standing is not Place.Elsewhere).OrderBy(t => t.Standing).FirstOrDefault()))
            .Where(s => s.Place.Translation is not null).ToList();
        return
        [
            .. own,
            .. behind.Select(b => b.Session with
            {
                Behind = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{b.Place.Translation.Block.Outside} ports {b.Place.Translation.Block.FirstPort}–{b.Place.Translation.Block.LastPort}"),
                Uncertain = b.Place.Standing switch
                {
                    Place.There => null,
                    Place.NasUnknown => "It is not known which router its NAS was, so the address may have been another line's on the router that translated it.",
                    Place.RouterWithoutNas => "No NAS belongs to the router that translated it, so the address may have been another line's elsewhere.",
                    _ when behind.Exists(o => o.Session.NasId != b.Session.NasId && o.Session.FramedAddress == b.Session.FramedAddress && IsAtOnce(o.Session, b.Session)) =>
                        "Lines on several NAS had this address at once, and it is not recorded which router translated it.",
                    _ => null,
                },
            }),
        ];
    }

    private static bool IsAtOnce(DisclosedSession one, DisclosedSession other) =>
        (other.EndedAt is null || one.StartedAt < other.EndedAt) && (one.EndedAt is null || other.StartedAt < one.EndedAt);

    private static Place Standing(DisclosedSession session, Translation translation, Dictionary<Guid, Guid> routers) => translation.RouterId is not { } router ? Place.RouterUnknown
        : !routers.ContainsValue(router) ? Place.RouterWithoutNas
        : !routers.TryGetValue(session.NasId, out var at) ? Place.NasUnknown
        : at == router ? Place.There : Place.Elsewhere;

    /// <summary>Where a session was, as seen from a translation; the surest first.</summary>
    private enum Place
    {
        There,
        RouterUnknown,
        NasUnknown,
        RouterWithoutNas,
        Elsewhere,
    }

    /// <summary>The stored prefixes that lie within the one asked about: text does not sort as prefixes do, so the database cannot say.</summary>
    private static async Task<List<string>> PartsAsync(IDataDefenderDb db, IPNetwork network, DisclosureInput input, CancellationToken ct)
    {
        var ended = db.SessionRecords.Where(s => s.StartedAt <= input.Until && s.StoppedAt >= input.From);
        var open = db.LiveSessions.Where(s => s.StartedAt <= input.Until);
        List<string> known =
        [
            .. await ended.Where(s => s.Ipv6Prefix != null).Select(s => s.Ipv6Prefix!).Distinct().ToListAsync(ct),
            .. await ended.Where(s => s.DelegatedPrefix != null).Select(s => s.DelegatedPrefix!).Distinct().ToListAsync(ct),
            .. await open.Where(s => s.Ipv6Prefix != null).Select(s => s.Ipv6Prefix!).Distinct().ToListAsync(ct),
            .. await open.Where(s => s.DelegatedPrefix != null).Select(s => s.DelegatedPrefix!).Distinct().ToListAsync(ct),
        ];
        var parts = known.Where(p => IPNetwork.TryParse(p, out var held) && held.PrefixLength > network.PrefixLength && network.Contains(held.BaseAddress)).Distinct().ToList();
        return parts.Count <= MostSessions ? parts : throw TooMany();
    }

    private static DomainException TooMany() => new("disclosure.too_many", $"More than {MostSessions:N0} sessions match. Narrow the time that you ask about.");

    private static IQueryable<Held> Ended(IDataDefenderDb db, List<string> addresses, AskedAddress asked, DisclosureInput input) =>
        db.SessionRecords
            .Where(s => (addresses.Contains(s.FramedAddress!) || asked.Prefixes.Contains(s.Ipv6Prefix) || asked.Prefixes.Contains(s.DelegatedPrefix)) && s.StartedAt <= input.Until && s.StoppedAt >= input.From)
            .OrderBy(s => s.StartedAt)
            .Take(MostSessions + 1)
            .Select(s => new Held
            {
                SubscriptionId = s.SubscriptionId,
                NasId = s.NasId,
                AcctSessionId = s.AcctSessionId,
                Username = s.Username,
                Caller = s.CallingStationId,
                Port = s.NasPortId,
                Address = s.FramedAddress ?? "",
                Ipv6Prefix = s.Ipv6Prefix,
                DelegatedPrefix = s.DelegatedPrefix,
                From = s.StartedAt,
                Until = s.StoppedAt,
                Heard = s.StoppedAt,
            });

    private static IQueryable<Held> Open(IDataDefenderDb db, List<string> addresses, AskedAddress asked, DisclosureInput input) =>
        db.LiveSessions
            .Where(s => (addresses.Contains(s.FramedAddress!) || asked.Prefixes.Contains(s.Ipv6Prefix) || asked.Prefixes.Contains(s.DelegatedPrefix)) && s.StartedAt <= input.Until)
            .OrderBy(s => s.StartedAt)
            .Take(MostSessions + 1)
            .Select(s => new Held
            {
                SubscriptionId = s.SubscriptionId,
                NasId = s.NasId,
                AcctSessionId = s.AcctSessionId,
                Username = s.Username,
                Caller = s.CallingStationId,
                Port = s.NasPortId,
                Address = s.FramedAddress ?? "",
                Ipv6Prefix = s.Ipv6Prefix,
                DelegatedPrefix = s.DelegatedPrefix,
                From = s.StartedAt,
                Until = null,
                Heard = s.UpdatedAt,
            });

    // A NAS or a line that was removed since must not take its sessions out of the answer.
    private static IQueryable<DisclosedSession> Named(IDataDefenderDb db, IQueryable<Held> held) =>
        from session in held
        join nas in db.NasDevices on session.NasId equals nas.Id into devices
        from nas in devices.DefaultIfEmpty()
        join line in db.Subscriptions on session.SubscriptionId equals line.Id into lines
        from line in lines.DefaultIfEmpty()
        join client in db.Clients on line.ClientId equals client.Id into clients
        from client in clients.DefaultIfEmpty()
        select new DisclosedSession(
            client == null ? "" : client.Name,
            client == null ? "" : client.AccountNumber,
            client == null ? "" : client.Phone,
            client == null ? null : client.Address,
            session.Username,
            session.Caller,
            session.Address,
            session.From,
            session.Until,
            nas == null ? "" : nas.Name)
        {
            NasId = session.NasId,
            AcctSessionId = session.AcctSessionId,
            Port = session.Port,
            Ipv6Prefix = session.Ipv6Prefix,
            DelegatedPrefix = session.DelegatedPrefix,
            LastHeardAt = session.Heard,
        };

    private sealed class Held
    {
        public Guid? SubscriptionId { get; init; }
        public Guid NasId { get; init; }
        public string AcctSessionId { get; init; } = "";
        public string Username { get; init; } = "";
        public string? Caller { get; init; }
        public string? Port { get; init; }
        public string Address { get; init; } = "";
        public string? Ipv6Prefix { get; init; }
        public string? DelegatedPrefix { get; init; }
        public DateTime From { get; init; }
        public DateTime? Until { get; init; }
        public DateTime Heard { get; init; }
    }
}

public sealed class DisclosureInputValidator : AbstractValidator<DisclosureInput>
{
    public DisclosureInputValidator()
    {
        RuleFor(d => d.CaseNumber).NotEmpty().WithMessage("Every look-up needs the case number of the request.").MaximumLength(80).WithMessage("A case number has at most 80 characters.");
        RuleFor(d => d.Authority).NotEmpty().WithMessage("Say which authority asks.").MaximumLength(120).WithMessage("An authority has at most 120 characters.");
        RuleFor(d => d.Address).Must(a => AskedAddress.Canonical(a) is not null).WithMessage("Write a whole IP address, such as 100.64.12.7 or 2001:db8::7, or an IPv6 prefix of 32 to 128 bits, such as 2001:db8:7::/56.");
        RuleFor(d => d.Port).InclusiveBetween(1, 65_535).When(d => d.Port is not null).WithMessage("A port is 1 to 65535.");
        RuleFor(d => d.Until).GreaterThan(d => d.From).WithMessage("The end must be after the beginning.");
        RuleFor(d => d.Until).Must((input, until) => until - input.From <= TimeSpan.FromDays(31)).WithMessage("Ask about at most 31 days at once.");
    }
}
