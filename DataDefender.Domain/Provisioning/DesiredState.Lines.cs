using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;

namespace DataDefender.Domain.Provisioning;

/// <summary>How lines reach a router that does not ask RADIUS for them.</summary>
public enum LinePush
{
    /// <summary>They log in by RADIUS; nothing of a single line is on the router.</summary>
    None,

    /// <summary>PPPoE by secrets on the router, one profile for each package.</summary>
    Secrets,

    /// <summary>Fixed addresses, each with a simple queue.</summary>
    Addresses,

    /// <summary>Static DHCP leases by the MAC that the line is locked to, with the speed in the lease.</summary>
    Leases,
}

/// <summary>How lines with fixed addresses are held to their speed on the router.</summary>
public enum LineShaping
{
    /// <summary>A simple queue for each line.</summary>
    SimpleQueues,

    /// <summary>Packet marks by speed, and a queue tree that shares each speed out by address.</summary>
    QueueTrees,
}

/// <summary>A line that lives on a router, as that router is to treat it.</summary>
/// <param name="Password">Null when it cannot be read.</param>
/// <param name="IsAsSold">No state or rule makes it other than its package.</param>
public sealed record RouterLine(Guid SubscriptionId, string Username, string? Password, LineDecision Decision, string Package, bool IsAsSold, string? StaticAddress, string? Mac)
{
    private bool PrintMembers(StringBuilder text)
    {
        text.Append(nameof(Username)).Append(" = ").Append(Username); // a record prints all its members; the password must not reach a log that way
        return true;
    }
}

public static partial class DesiredStates
{
    /// <summary>RouterOS takes 128 targets below one parent queue; room is left for what a person adds.</summary>
    private const int LinesPerParent = 120;

    private sealed partial class Builder
    {
        public void Lines()
        {
            switch (Design.LinePush)
            {
                case LinePush.Secrets:
                    Secrets();
                    break;
                case LinePush.Addresses:
                    Addresses();
                    break;
                case LinePush.Leases:
                    Leases();
                    break;
                default:
                    break;
            }
        }

        private void Secrets()
        {
            var profiles = new Dictionary<string, DesiredItem>(StringComparer.Ordinal);
            foreach (var line in facts.Lines)
            {
                if (line.Password is null)
                {
                    Note(RouterMenu.Secret, $"The password of {line.Username} cannot be read; it is left out. Enter it again.");
                    continue;
                }

                var grant = (line.Decision as LineDecision.Granted)?.Grant;
                var profile = grant is null ? null : Profile(line, grant, profiles);
                List<DesiredValue> values =
                [
                    new("name", line.Username), new("password", line.Password, IsSecret: true), new("service", "pppoe"), new("remote-address", line.StaticAddress ?? ""), new("caller-id", line.Mac ?? ""),
                    new("disabled", grant is null ? "yes" : "no", ValueKind.Boolean),
                ];
                if (profile is not null)
                {
                    values.Add(new("profile", profile));
                }

                Item(RouterMenu.Secret, Key(line), $"secret of {line.Username}", [.. values]);
            }

            _items.AddRange(profiles.Values);
        }

        // Lines as sold share the profile of their package; a rule or a state makes profiles by what they give.
        private string Profile(RouterLine line, LineGrant grant, Dictionary<string, DesiredItem> profiles)
        {
            var pool = grant.Pool ?? Design.PoolList().Select(p => p.Name).FirstOrDefault();
            // A line in the walled garden has no IPv6: its rules are of IPv4.
            var (link, delegation) = grant.WalledGarden ? (null, null) : (Ipv6Pool(grant.Ipv6Pool ?? Design.Ipv6LinkPool), Ipv6Pool(grant.DelegatedIpv6Pool ?? Design.Ipv6DelegationPool));
            var times = (Session: Seconds(grant.SessionTimeoutSeconds), Idle: Seconds(grant.IdleTimeoutSeconds));

            // A package is one profile, which changes with it; what a rule or a state gives is told by all that the profile says.
            var more = line.IsAsSold ? "" : ((link ?? delegation) is null ? "" : $" {link} {delegation}") + ((times.Session ?? times.Idle) is null ? "" : $" {times.Session} {times.Idle}");
            var name = $"dd-{(line.IsAsSold ? Slug(line.Package) : grant.WalledGarden ? "garden" : "limited")}-{Short($"{(line.IsAsSold ? line.Package : grant.RateLimit)} {pool} {grant.AddressList}{more}")}";
            if (!profiles.ContainsKey(name))
            {
                List<DesiredValue> values = [new("name", name), new("local-address", Design.LocalAddress), new("rate-limit", grant.RateLimit), new("change-tcp-mss", "yes"), new("only-one", grant.SessionLimit == 1 ? "yes" : "no"), new("address-list", grant.AddressList ?? "")];
                if (DesignText.List(Network.DnsServers) is { Count: > 0 } dns)
                {
                    values.Add(new("dns-server", string.Join(',', dns), ValueKind.Set));
                }

                if (pool is not null)
                {
                    values.Add(new("remote-address", pool));
                }

                values.AddRange(Ipv6Of($"lines/{name}", link, delegation));
                values.AddRange(WhereSet($"lines/{name}", new("session-timeout", times.Session ?? "", ValueKind.Duration), new("idle-timeout", times.Idle ?? "", ValueKind.Duration)));
                profiles.Add(name, new DesiredItem(RouterMenu.Profile, $"{facts.MarkPrefix}lines/{name}", $"profile {name}", [.. values]));
            }

            return name;
        }

        private void Addresses()
        {
            var shaped = facts.Lines.Where(l => l.StaticAddress is not null && l.Decision is LineDecision.Granted).ToList();
            if ((Design.Shaping ?? Network.Shaping) is LineShaping.QueueTrees)
            {
                Trees(shaped);
            }
            else
            {
                SimpleQueues(shaped);
            }

            if (actual?.Rows(RouterMenu.Filter)?.Any(r => r["action"] == "fasttrack-connection" && RouterOsValues.Boolean(r["disabled"]) is not true) is true && shaped.Count > 0)
            {
                Note(RouterMenu.Filter, "A FastTrack rule of this router lets packets past all queues: lines it matches are not held to their speed.");
            }

            // One that may not use the network at all is kept in the walled garden too: a fixed address has no login to refuse.
            foreach (var line in facts.Lines.Where(l => l.StaticAddress is not null))
            {
                if ((line.Decision is LineDecision.Granted granted ? granted.Grant.AddressList : (facts.GardenLists is [var first, ..] ? first : null)) is { } list)
                {
                    Item(RouterMenu.AddressList, $"{Key(line)}/{list}", $"{line.Username} in {list}", new("list", list), new("address", line.StaticAddress!), Enabled);
                }
            }

            foreach (var line in facts.Lines.Where(l => l.StaticAddress is null))
            {
                Note(RouterMenu.SimpleQueue, $"{line.Username} has no fixed address; this router knows its lines by their address.");
            }
        }

        private void SimpleQueues(List<RouterLine> shaped)
        {
            var parents = Parents(shaped.ConvertAll(Key), RouterMenu.SimpleQueue, "dd-lines-");
            foreach (var parent in parents.Distinct().OrderBy(Number))
            {
                Item(RouterMenu.SimpleQueue, $"lines/{parent}", $"parent queue {parent}", new("name", parent), new("target", "0.0.0.0/0"), new("max-limit", "0/0", ValueKind.Rates), new("parent", "none"), Enabled);
            }

            foreach (var (line, parent) in shaped.Zip(parents))
            {
                Item(
                    RouterMenu.SimpleQueue, Key(line), $"queue of {line.Username}",
                    [new("name", $"dd-{line.Username}"), new("target", $"{line.StaticAddress}/32"), .. SpeedOf(line), new("parent", parent), Enabled]);
            }
        }

        /// <summary>
        /// One address list, one pair of packet marks and one pair of leaves for each speed, which share out by address: a router passes each
        /// packet by as many rules as there are speeds, and not as there are lines.
        /// </summary>
        private void Trees(List<RouterLine> shaped)
        {
            var speeds = shaped.GroupBy(Speed).Select(g => (Rate: g.Key, Name: $"dd-{g.Key.Replace('/', '-')}", Lines: g.ToList())).ToList();
            foreach (var (_, name, lines) in speeds)
            {
                foreach (var line in lines)
                {
                    Item(RouterMenu.AddressList, $"{Key(line)}/speed", $"{line.Username} in {name}", new("list", name), new("address", line.StaticAddress!), Enabled);
                }

                Item(
                    RouterMenu.Mangle, $"lines/{name}/up", $"mark of what lines in {name} send",
                    new("chain", "forward"), new("action", "mark-packet"), new("src-address-list", name), new("new-packet-mark", $"{name}-up"), new("passthrough", "yes", ValueKind.Boolean), Enabled);
                Item(
                    RouterMenu.Mangle, $"lines/{name}/down", $"mark of what lines in {name} receive",
                    new("chain", "forward"), new("action", "mark-packet"), new("dst-address-list", name), new("new-packet-mark", $"{name}-down"), new("passthrough", "yes", ValueKind.Boolean), Enabled);
            }

            foreach (var way in (string[])["up", "down"])
            {
                var parents = Parents(speeds.ConvertAll(s => $"lines/{s.Name}/{way}"), RouterMenu.QueueTree, $"dd-lines-{way}-");
                foreach (var parent in parents.Distinct().OrderBy(Number))
                {
                    Item(RouterMenu.QueueTree, $"lines/{parent}", $"parent queue {parent}", new("name", parent), new("parent", "global"), new("packet-mark", ""), new("max-limit", "0", ValueKind.Rate), Enabled);
                }

                foreach (var (speed, parent) in speeds.Zip(parents))
                {
                    var type = $"{facts.NamePrefix}{speed.Name[3..]}-{way}";
                    Named(
                        RouterMenu.QueueType, type, $"each address of {speed.Name} {way} at its speed",
                        new("kind", "pcq"), new("pcq-rate", way == "up" ? speed.Rate.Split('/')[0] : speed.Rate.Split('/')[1], ValueKind.Rate), new("pcq-classifier", way == "up" ? "src-address" : "dst-address", ValueKind.Set));
                    Item(
                        RouterMenu.QueueTree, $"lines/{speed.Name}/{way}", $"queue of {speed.Name} {way}",
                        new("name", $"{speed.Name}-{way}"), new("parent", parent), new("packet-mark", $"{speed.Name}-{way}"), new("queue", type), new("max-limit", "0", ValueKind.Rate), Enabled);
                }
            }
        }

        /// <summary>
        /// The parent of each queue. One that is on the router stays below the parent that it has, so that a line that goes moves no other
        /// line's queue; a new one comes below the first that has room.
        /// </summary>
        private List<string> Parents(List<string> keys, RouterMenu menu, string name)
        {
            var rows = (actual?.Rows(menu) ?? []).Where(r => r["comment"] is not null && r["parent"]?.StartsWith(name, StringComparison.Ordinal) is true)
                .GroupBy(r => r["comment"]!).ToDictionary(g => g.Key, g => g.First()["parent"]!, StringComparer.Ordinal);
            var below = new Dictionary<string, int>(StringComparer.Ordinal);
            var parents = new string?[keys.Count];
            for (var i = 0; i < keys.Count; i++)
            {
                if (rows.GetValueOrDefault(facts.MarkPrefix + keys[i]) is { } has && Number(has) > 0 && below.GetValueOrDefault(has) < LinesPerParent)
                {
                    (parents[i], below[has]) = (has, below.GetValueOrDefault(has) + 1);
                }
            }

            var next = 1;
            for (var i = 0; i < keys.Count; i++)
            {
                if (parents[i] is null)
                {
                    for (; below.GetValueOrDefault($"{name}{next}") >= LinesPerParent; next++)
                    {
                    }

                    (parents[i], below[$"{name}{next}"]) = ($"{name}{next}", below.GetValueOrDefault($"{name}{next}") + 1);
                }
            }

            return [.. parents.OfType<string>()];
        }

        private static int Number(string parent) => int.TryParse(parent.AsSpan(parent.LastIndexOf('-') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

        private void Leases()
        {
            foreach (var line in facts.Lines)
            {
                if (line.StaticAddress is null || line.Mac is null)
                {
                    Note(RouterMenu.Lease, $"{line.Username} has no {(line.Mac is null ? "MAC that it is locked to" : "fixed address")}; this router knows its lines by both.");
                    continue;
                }

                var grant = (line.Decision as LineDecision.Granted)?.Grant;
                Item(
                    RouterMenu.Lease, Key(line), $"lease of {line.Username}",
                    new("address", line.StaticAddress), new("mac-address", line.Mac), new("server", Design.DhcpServer.Length > 0 ? Design.DhcpServer : "all"), new("rate-limit", grant is null ? "" : grant.RateLimit),
                    new("address-lists", grant?.AddressList ?? ""), new("block-access", grant is null ? "yes" : "no", ValueKind.Boolean), Enabled);
            }
        }

        private static string Key(RouterLine line) => $"line/{line.SubscriptionId:N}";

        private static string Speed(RouterLine line) =>
            MikrotikRateLimit.TryParse(((LineDecision.Granted)line.Decision).Grant.RateLimit, out var rate) ? rate.Limit.ToString() : "0/0";

        // Upload first, as in a rate limit. What the line has not is written as the router's own "none", so that a burst that is no longer sold goes.
        private static DesiredValue[] SpeedOf(RouterLine line)
        {
            var rate = MikrotikRateLimit.TryParse(((LineDecision.Granted)line.Decision).Grant.RateLimit, out var read) ? read : null;
            var (burst, priority) = (rate?.Burst, rate?.Priority ?? MikrotikRateLimit.LowestPriority);
            return
            [
                new("max-limit", Speed(line), ValueKind.Rates),
                new("burst-limit", burst?.Limit.ToString() ?? "0/0", ValueKind.Rates), new("burst-threshold", burst?.Threshold.ToString() ?? "0/0", ValueKind.Rates),
                new("burst-time", string.Create(CultureInfo.InvariantCulture, $"{burst?.UploadTime ?? 0}s/{burst?.DownloadTime ?? 0}s"), ValueKind.Durations),
                new("priority", string.Create(CultureInfo.InvariantCulture, $"{priority}/{priority}")),
            ];
        }

        private static string? Seconds(int? seconds) => seconds is > 0 ? RouterOsValues.FormatDuration(TimeSpan.FromSeconds(seconds.Value)) : null;

        private static string Slug(string name) => new([.. name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-').Take(24)]);

        private static string Short(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..4];
    }
}
