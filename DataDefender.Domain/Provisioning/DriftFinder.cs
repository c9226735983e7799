using System.Collections.Immutable;
using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;

namespace DataDefender.Domain.Provisioning;

/// <summary>One thing that is not as it should be, at the look that has just been taken.</summary>
public sealed record DriftFound(DriftKind Kind, string Key, string Menu, string What, ImmutableArray<PlanValue> Values, Guid? SubscriptionId = null, string? Username = null, Money CostPerDay = default);

/// <summary>A session as the router lists it.</summary>
/// <param name="Menu">/ppp/active, /ip/hotspot/active, or /ip/dhcp-server/lease of whoever got the address by RADIUS.</param>
public sealed record SeenSession(string Menu, string Username, string? Address, string? Mac, bool ByRadius)
{
    /// <summary>What the listing itself says of its speed, upload first; null where that is a queue's business, or nothing is said.</summary>
    public RatePair? Speed { get; init; }
}

/// <summary>Who is on a router, and how fast it lets them be.</summary>
/// <param name="Speeds">Of the router's own queues, by the queue's name; upload first.</param>
/// <param name="Listed">Address list and address of each entry.</param>
public sealed record SeenLines(IReadOnlyList<SeenSession> Sessions, IReadOnlyDictionary<string, RatePair> Speeds, IReadOnlySet<(string List, string Address)> Listed);

/// <summary>A line as it is to be treated, with what it pays.</summary>
public sealed record SoldLine(Guid SubscriptionId, string Username, LineDecision Decision, Money Price, int PeriodCount, PeriodUnit PeriodUnit)
{
    public Money PerDay => DriftCost.PerDay(Price, PeriodCount, PeriodUnit);
}

/// <summary>A package on sale, for what a speed is worth.</summary>
public sealed record PricedSpeed(int DownloadKbps, Money PerDay);

/// <summary>What a day of something costs.</summary>
public static class DriftCost
{
    private const decimal DaysOfAMonth = 365.25m / 12;

    public static Money PerDay(Money price, int count, PeriodUnit unit) => Money.Of(price.Amount / Math.Max(1, count) * unit switch
    {
        PeriodUnit.Minute => 1440m,
        PeriodUnit.Hour => 24m,
        PeriodUnit.Day => 1m,
        PeriodUnit.Week => 1m / 7,
        PeriodUnit.Month => 1m / DaysOfAMonth,
        PeriodUnit.Year => 1m / 365.25m,
        _ => throw new ArgumentOutOfRangeException(nameof(unit), unit, null),
    });

    /// <summary>What the speed would cost more than the line pays; zero when nothing that fast is on sale, or it is no dearer.</summary>
    public static Money OfSpeed(long downloadBits, Money paysPerDay, IEnumerable<PricedSpeed> onSale)
    {
        var worth = onSale.Where(p => p.DownloadKbps * 1000L >= downloadBits).Select(p => p.PerDay).DefaultIfEmpty(paysPerDay).Min();
        return worth > paysPerDay ? worth - paysPerDay : Money.Zero;
    }
}

/// <summary>Tells what on a router is not as it is designed and sold. Pure.</summary>
public static class DriftFinder
{
    /// <summary>A plan that nobody asked for is what the router has drifted by.</summary>
    public static IEnumerable<DriftFound> OfDesign(RouterPlan plan) => plan.Changes.Select(c => new DriftFound(
        c.Kind switch { ChangeKind.Add => DriftKind.Missing, ChangeKind.Remove => DriftKind.Leftover, ChangeKind.Move => DriftKind.OutOfOrder, _ => DriftKind.Differs },
        Cut(c.Key, 300), c.Menu.Path, c.What, c.Shown));

    /// <param name="lines">By user name, lower case, and by MAC where equipment logs in by it: those of the sessions that are lines of the company.</param>
    /// <param name="asksRadius">The router is to let nobody in but by RADIUS.</param>
    public static IEnumerable<DriftFound> OfLines(SeenLines seen, IReadOnlyDictionary<string, SoldLine> lines, IReadOnlyList<PricedSpeed> onSale, bool asksRadius) =>
        seen.Sessions.DistinctBy(s => (s.Menu, s.Username, s.Address)).Select(s => OfSession(s, lines.GetValueOrDefault(KeyOf(s, lines)), seen, onSale, asksRadius)).OfType<DriftFound>();

    // A user name that looks like an address is one all the same when a line has it.
    private static string KeyOf(SeenSession session, IReadOnlyDictionary<string, SoldLine> lines) =>
        session.Username.ToLowerInvariant() is var name && !lines.ContainsKey(name) && MacAddress.Normalise(session.Username) is { } mac ? mac : name;

    private static DriftFound? OfSession(SeenSession session, SoldLine? line, SeenLines seen, IReadOnlyList<PricedSpeed> onSale, bool asksRadius)
    {
        if (line is null)
        {
            // Equipment that logs in by an address that no line, or more than one, is locked to: whose it is cannot be told.
            return MacAddress.Normalise(session.Username) is not null ? null : Found(DriftKind.UnknownLine, session, null, "No line has this user name.", []);
        }

        return line.Decision switch
        {
            LineDecision.Refused refused => Found(DriftKind.NotAllowed, session, line, refused.Explanation, [new("online", "yes", "no")], line.PerDay),
            LineDecision.Granted { Grant: { AddressList: { } list, WalledGarden: true } } when session.Address is { } address && !seen.Listed.Contains((list, address)) =>
                Found(DriftKind.OutsideGarden, session, line, $"It belongs into the walled garden; {address} is not on the list {list}.", [new("address-list", null, list)], line.PerDay),
            LineDecision.Granted when asksRadius && !session.ByRadius =>
                Found(DriftKind.PastRadius, session, line, "It was let in by a secret on the router, past RADIUS: its use is not counted and no change reaches it.", [new("radius", "no", "yes")]),
            LineDecision.Granted granted => OfSpeed(session, line, granted.Grant, seen, onSale),
            _ => null,
        };
    }

    private static DriftFound? OfSpeed(SeenSession session, SoldLine line, LineGrant grant, SeenLines seen, IReadOnlyList<PricedSpeed> onSale)
    {
        if (!MikrotikRateLimit.TryParse(grant.RateLimit, out var sold) || (session.Speed ?? QueueNames(session).Select(n => seen.Speeds.TryGetValue(n, out var queue) ? queue : (RatePair?)null).FirstOrDefault(s => s is not null)) is not { } speed)
        {
            return null;
        }

        // Zero is a queue's word for no limit.
        var (up, down) = (Unlimited(speed.Upload), Unlimited(speed.Download));
        List<PlanValue> values = [new("max-limit", speed.Upload + speed.Download == 0 ? "no limit" : speed.ToString(), sold.Limit.ToString())];
        if (up > sold.Limit.Upload || down > sold.Limit.Download)
        {
            return Found(
                DriftKind.FasterThanSold, session, line, $"It may use {(down == long.MaxValue ? "everything" : speed.ToString())}; sold is {sold.Limit}.", [.. values],
                down == long.MaxValue ? Money.Zero : DriftCost.OfSpeed(down, line.PerDay, onSale));
        }

        return up < sold.Limit.Upload || down < sold.Limit.Download
            ? Found(DriftKind.SlowerThanSold, session, line, $"It gets {speed}; sold is {sold.Limit}.", [.. values])
            : null;
    }

    private static long Unlimited(long bits) => bits == 0 ? long.MaxValue : bits;

    private static string[] QueueNames(SeenSession session) => session.Menu switch
    {
        "/ppp/active" => [$"<pppoe-{session.Username}>"],
        "/ip/hotspot/active" => [$"<hotspot-{session.Username}>", $"<hotspot-{session.Username}-1>"],
        _ => [],
    };

    private static DriftFound Found(DriftKind kind, SeenSession session, SoldLine? line, string what, ImmutableArray<PlanValue> values, Money cost = default) => new(
        kind, Cut(string.Create(CultureInfo.InvariantCulture, $"{kind} {session.Menu} {session.Username} {session.Address}"), 300), session.Menu, $"{session.Username}: {what}", values, line?.SubscriptionId, Cut(session.Username, 100), cost);

    private static string Cut(string text, int length) => text.Length > length ? text[..length] : text;
}
