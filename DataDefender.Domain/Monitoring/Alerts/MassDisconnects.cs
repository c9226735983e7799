using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;

namespace DataDefender.Domain.Monitoring.Alerts;

/// <summary>A session of a line that has ended.</summary>
/// <param name="PortId">NAS-Port-Id, as the NAS writes it.</param>
public readonly record struct LineStop(Guid SubscriptionId, Guid NasId, string? PortId, DateTime At, string Cause);

/// <summary>A NAS as a place.</summary>
public sealed record StopPlace(Guid NasId, string Name, Guid? RouterId, string? Site);

/// <summary>Lines that went together, and what they share.</summary>
public sealed record MassOutage(AlertSubject Subject, DateTime Since, IReadOnlyList<LostLine> Lines, string Detail);

/// <summary>
/// Finds Stops that cluster: many lines of one port, VLAN, NAS or site within a minute, as no customers' habits make them. The narrowest
/// place that explains them is the place: a port, a VLAN, several of them that lost nearly all of their own, a NAS, a site. Knows no clock and no database.
/// </summary>
public sealed class MassDisconnects
{
    /// <summary>What lies within this time went together.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    /// <summary>Stops reach us late: held back by the NAS, or waiting in the journal.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(30);

    private const double ShareOfNas = 0.25;
    private const double ShareOfPart = 0.5;
    private const double NearlyAll = 0.8;

    /// <summary>A port or VLAN of fewer lines than this is empty by chance: some NAS have one for each line.</summary>
    private const int LeastOfPart = 3;
    private const int MostNamed = 5;

    /// <summary>Ends that somebody wanted, or that only tidy up: they cluster by themselves.</summary>
    private static readonly HashSet<string> Wanted =
    [
        "Admin-Reset", "Session-Timeout", "Idle-Timeout", OwnCauses.Replaced, OwnCauses.IdReused, OwnCauses.NotOnRouter, OwnCauses.NoReports,
    ];

    private readonly Dictionary<Guid, (LineStop Stop, DateTime Heard)> _gone = [];

    /// <summary>Lines whose end somebody wanted: no trouble, and not to be left out of what there was, or the rest would seem to be all.</summary>
    private readonly Dictionary<Guid, (LineStop Stop, DateTime Heard)> _ended = [];

    /// <summary>Whether an end of that kind says anything about the network.</summary>
    public static bool Counts(string cause) => !Wanted.Contains(cause);

    /// <summary>NAS on which lines went lately, and those of a site on whose NAS together they did: only their open sessions need to be counted.</summary>
    public IReadOnlyCollection<Guid> Suspects(int least, IReadOnlyDictionary<Guid, StopPlace> places)
    {
        var counts = _gone.Values.GroupBy(g => g.Stop.NasId).ToDictionary(g => g.Key, g => g.Count());
        var sites = counts.Select(c => (places.GetValueOrDefault(c.Key)?.Site, c.Value)).Where(c => c.Site is not null).GroupBy(c => c.Site!)
            .Where(g => g.Count() > 1 && g.Sum(c => c.Value) >= least).Select(g => g.Key).ToHashSet(StringComparer.Ordinal);
        return [.. counts.Where(c => c.Value >= least).Select(c => c.Key).Union(places.Values.Where(p => p.Site is not null && sites.Contains(p.Site)).Select(p => p.NasId))];
    }

    /// <param name="heard">When it became known (UTC), by our clock: what a NAS with a slow clock says of now is not old.</param>
    public void Add(LineStop stop, DateTime heard)
    {
        var those = Counts(stop.Cause) ? _gone : _ended;
        if (!those.TryGetValue(stop.SubscriptionId, out var known) || known.Stop.At < stop.At)
        {
            those[stop.SubscriptionId] = (stop, heard);
        }
    }

    /// <summary>The line is online again.</summary>
    public void Back(Guid subscriptionId)
    {
        _gone.Remove(subscriptionId);
        _ended.Remove(subscriptionId);
    }

    /// <param name="least">Fewer lines than this are chance.</param>
    /// <param name="open">How many sessions are open on each port of a suspect NAS; a null port stands for those that name none.</param>
    public IReadOnlyList<MassOutage> Find(DateTime now, int least, IReadOnlyDictionary<Guid, StopPlace> places, IReadOnlyDictionary<Guid, IReadOnlyList<(string? Port, int Open)>> open)
    {
        foreach (var those in (Dictionary<Guid, (LineStop, DateTime Heard)>[])[_gone, _ended])
        {
            foreach (var (line, _) in those.Where(t => now - t.Value.Heard > Window + Late).ToList())
            {
                those.Remove(line);
            }
        }

        var ended = _ended.Values.Select(e => e.Stop).Where(s => !_gone.ContainsKey(s.SubscriptionId)).ToLookup(s => s.NasId);
        var found = new List<MassOutage>();
        var whole = new List<(StopPlace Place, List<LineStop> Stops)>();
        var few = new List<(StopPlace Place, List<LineStop> Stops)>();
        var total = new Dictionary<string, int>(StringComparer.Ordinal); // lines of a site, those that went among them
        foreach (var nas in _gone.Values.Select(g => g.Stop).GroupBy(s => s.NasId))
        {
            if (!places.TryGetValue(nas.Key, out var place) || Together(nas) is not { Count: > 0 } stops)
            {
                continue;
            }

            IReadOnlyList<(string? Port, int Open)> ports = [.. open.GetValueOrDefault(nas.Key) ?? [], .. ended[nas.Key].GroupBy(s => s.PortId).Select(g => (g.Key, g.Count()))];
            var all = stops.Count + ports.Sum(p => p.Open);
            if (place.Site is { } at)
            {
                total[at] = total.GetValueOrDefault(at) + all;
            }

            if (stops.Count >= least && Part(place, stops, ports, least) is { } part)
            {
                found.Add(part);
            }
            else if (stops.Count >= ShareOfNas * all)
            {
                (stops.Count >= least ? whole : few).Add((place, stops));
            }
            else if (stops.Count >= least && Parts(place, stops, ports, least) is { } parts)
            {
                found.Add(parts);
            }
        }

        var went = _gone.Values.Select(g => g.Stop.NasId).ToHashSet();
        foreach (var (nas, ports) in open.Where(o => !went.Contains(o.Key)))
        {
            if (places.GetValueOrDefault(nas)?.Site is { } at)
            {
                total[at] = total.GetValueOrDefault(at) + ports.Sum(p => p.Open);
            }
        }

        foreach (var site in whole.GroupBy(w => w.Place.Site))
        {
            var list = site.ToList();
            if (site.Key is { } name && list.Count > 1)
            {
                found.Add(Site(name, [.. list.SelectMany(w => w.Stops)]));
            }
            else
            {
                found.AddRange(list.Select(w => Outage(Whole(w.Place), w.Stops)));
            }
        }

        // Many small NAS of a site, none of which has lines enough to say anything by itself.
        foreach (var site in few.Where(f => f.Place.Site is not null && !whole.Exists(w => w.Place.Site == f.Place.Site)).GroupBy(f => f.Place.Site!))
        {
            var stops = Together(site.SelectMany(f => f.Stops));
            if (stops.Count >= least && stops.Select(s => s.NasId).Distinct().Count() > 1 && stops.Count >= ShareOfNas * total[site.Key])
            {
                found.Add(Site(site.Key, stops));
            }
        }

        return found;
    }

    /// <summary>The most that went within one window.</summary>
    private static List<LineStop> Together(IEnumerable<LineStop> stops)
    {
        var sorted = stops.OrderBy(s => s.At).ToList();
        var (best, bestCount, first) = (0, 0, 0);
        for (var last = 0; last < sorted.Count; last++)
        {
            while (sorted[last].At - sorted[first].At > Window)
            {
                first++;
            }

            if (last - first + 1 > bestCount)
            {
                (best, bestCount) = (first, last - first + 1);
            }
        }

        return sorted.GetRange(best, bestCount);
    }

    /// <summary>A port or a VLAN that explains nearly all of them while others on the NAS go on.</summary>
    private static MassOutage? Part(StopPlace nas, List<LineStop> stops, IReadOnlyList<(string? Port, int Open)> open, int least)
    {
        if (Best(stops, open, least, static port => port) is { } port)
        {
            return OfPort(nas, port.Key, port.Stops);
        }

        return Best(stops, open, least, Vlan) is { } vlan ? OfVlan(nas, vlan.Key, vlan.Stops) : null;
    }

    private static (string Key, List<LineStop> Stops)? Best(List<LineStop> stops, IReadOnlyList<(string? Port, int Open)> open, int least, Func<string?, string?> part)
    {
        var biggest = stops.Where(s => part(s.PortId) is not null).GroupBy(s => part(s.PortId)!, StringComparer.OrdinalIgnoreCase).MaxBy(g => g.Count());
        if (biggest is null || biggest.Count() < least || biggest.Count() < NearlyAll * stops.Count)
        {
            return null;
        }

        var here = open.Where(o => string.Equals(part(o.Port), biggest.Key, StringComparison.OrdinalIgnoreCase)).Sum(o => o.Open);
        var elsewhere = open.Sum(o => o.Open) - here;
        return elsewhere > 0 && biggest.Count() >= ShareOfPart * (biggest.Count() + here) ? (biggest.Key, [.. biggest]) : null;
    }

    /// <summary>Ports or VLANs that have lost nearly all of their own lines, though they are few of the NAS's: what one OLT or switch carries.</summary>
    private static MassOutage? Parts(StopPlace nas, List<LineStop> stops, IReadOnlyList<(string? Port, int Open)> open, int least)
    {
        var (vlans, ports) = (Emptied(stops, open, Vlan), Emptied(stops, open, static port => port));
        var (what, parts) = vlans.Sum(p => p.Count()) >= ports.Sum(p => p.Count()) ? ("VLAN", vlans) : ("port", ports);
        List<LineStop> gone = [.. parts.SelectMany(p => p)];
        if (gone.Count < least)
        {
            return null;
        }

        if (parts is [var only])
        {
            return what == "VLAN" ? OfVlan(nas, only.Key, gone) : OfPort(nas, only.Key, gone);
        }

        // By the key of the whole NAS: what looked like one VLAN's a moment ago, and what may become the NAS's, is one cause.
        var named = string.Join(", ", parts.Take(MostNamed).Select(p => p.Key)) + (parts.Count > MostNamed ? $" and {parts.Count - MostNamed} more" : "");
        return Outage(Whole(nas) with { Name = $"{what}s {named} of {nas.Name}" }, gone);
    }

    private static List<IGrouping<string, LineStop>> Emptied(List<LineStop> stops, IReadOnlyList<(string? Port, int Open)> open, Func<string?, string?> part)
    {
        var here = open.Where(o => part(o.Port) is not null).GroupBy(o => part(o.Port)!, StringComparer.OrdinalIgnoreCase).ToDictionary(g => g.Key, g => g.Sum(o => o.Open), StringComparer.OrdinalIgnoreCase);
        return
        [
            .. stops.Where(s => part(s.PortId) is not null).GroupBy(s => part(s.PortId)!, StringComparer.OrdinalIgnoreCase)
                .Where(g => g.Count() >= LeastOfPart && g.Count() >= NearlyAll * (g.Count() + here.GetValueOrDefault(g.Key)))
                .OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.OrdinalIgnoreCase),
        ];
    }

    private static string? Vlan(string? port) => LineBinding.VlanOf(port)?.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static MassOutage OfPort(StopPlace nas, string port, List<LineStop> stops) => Outage(
        new AlertSubject($"mass:nas:{nas.NasId:N}:port:{port}", $"{port} of {nas.Name}") { NasId = nas.NasId, RouterId = nas.RouterId, Site = nas.Site, Interface = port }, stops);

    private static MassOutage OfVlan(StopPlace nas, string vlan, List<LineStop> stops) => Outage(
        new AlertSubject($"mass:nas:{nas.NasId:N}:vlan:{vlan}", $"VLAN {vlan} of {nas.Name}") { NasId = nas.NasId, RouterId = nas.RouterId, Site = nas.Site }, stops);

    private static MassOutage Site(string name, List<LineStop> stops) => Outage(new AlertSubject($"mass:site:{name}", name) { Site = name }, stops);

    private static AlertSubject Whole(StopPlace nas) => new($"mass:nas:{nas.NasId:N}", nas.Name) { NasId = nas.NasId, RouterId = nas.RouterId, Site = nas.Site };

    private static MassOutage Outage(AlertSubject place, List<LineStop> stops)
    {
        var causes = stops.GroupBy(s => s.Cause).OrderByDescending(g => g.Count()).First();
        var since = stops.Min(s => s.At);
        return new MassOutage(
            place with { Name = $"{stops.Count:#,##0} clients lost at once: {place.Name}" }, since, [.. stops.Select(s => new LostLine(s.SubscriptionId, s.At))],
            $"{stops.Count:#,##0} sessions ended within {(stops.Max(s => s.At) - since).TotalSeconds:0} s, {causes.Count():#,##0} of them by {causes.Key}");
    }
}
