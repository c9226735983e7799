using System.Text;
using DataDefender.Domain.Fleet;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;

namespace DataDefender.Infrastructure.Network.Fleet;

internal abstract record ExportReading
{
    private ExportReading() { }

    /// <param name="Text">Normalised, without secrets.</param>
    public sealed record Taken(string Text, string RouterOsVersion, ExportSource Source) : ExportReading;

    public sealed record Failed(string Reason) : ExportReading;
}

/// <summary>
/// Reads a router's configuration over the API: it writes its export to a file, which is read and removed again. Where files cannot be
/// read (before 7.13 only small ones can), the menus are printed and put together in the form of an export.
/// </summary>
internal sealed class ExportReader(IRouterGateway gateway, FleetOptions options)
{
    private const string FileName = "dd-export.rsc";

    private const long Largest = 16 << 20;

    /// <summary>What is read where the export is not to be had: what people change, in the order of an export.</summary>
    private static readonly string[] Menus =
    [
        "/interface/bridge", "/interface/ethernet", "/interface/vlan", "/interface/bonding", "/interface/wireless", "/interface/bridge/port", "/ip/pool", "/ppp/profile", "/interface/pppoe-server/server",
        "/ip/hotspot/profile", "/ip/hotspot", "/ip/hotspot/user/profile", "/queue/type", "/queue/tree", "/queue/simple", "/snmp/community", "/ip/address", "/ip/dhcp-server", "/ip/dhcp-server/network",
        "/ip/dns", "/ip/dns/static", "/ip/firewall/address-list", "/ip/firewall/filter", "/ip/firewall/mangle", "/ip/firewall/nat", "/ip/hotspot/walled-garden", "/ip/hotspot/walled-garden/ip", "/ip/route", "/ip/service",
        "/ipv6/address", "/ipv6/pool", "/ipv6/dhcp-server", "/ipv6/firewall/filter", "/ppp/aaa", "/ppp/secret", "/radius", "/radius/incoming", "/routing/ospf/instance", "/routing/ospf/network", "/routing/bgp/instance",
        "/routing/bgp/peer", "/snmp", "/system/clock", "/system/identity", "/system/logging", "/system/ntp/client", "/system/scheduler", "/system/script", "/user/group",
    ];

    /// <summary>What comes and goes by itself is no configuration.</summary>
    private static readonly HashSet<string> Passing = new(StringComparer.Ordinal)
    {
        ".id", ".nextid", ".about", "running", "slave", "dynamic", "invalid", "actual-interface", "actual-mtu", "last-seen", "last-logged-out", "last-disconnect-reason", "last-caller-id", "last-link-up-time", "last-link-down-time", "link-downs", "mac-address", "orig-mac-address",
        "bytes", "packets", "rate", "total-bytes", "total-packets", "run-count", "last-started", "next-run", "time", "date", "gmt-offset", "dst-active", "time-zone-autodetect", "cache-used", "dynamic-servers", "active", "status", "freq-drift", "default", "builtin",
        "queued-bytes", "queued-packets", "total-queued-bytes", "total-queued-packets", "dropped", "packet-rate", "creation-time", "default-name", "max-l2mtu", "uptime", "bytes-in", "bytes-out", "packets-in", "packets-out", "used", "total", "available", "hits",
    };

    public async Task<ExportReading> ReadAsync(RouterEndpoint router, CancellationToken ct)
    {
        if (await gateway.PrintAsync(router, "/system/resource", properties: ["version"], ct: ct) is not RouterOutcome.Done { Rows: [var resource, ..] })
        {
            return new ExportReading.Failed("The router does not answer.");
        }

        var full = resource["version"] ?? "";
        var version = ActualState.ReadVersion(full);
        var files = new RouterFiles(gateway, router, version);

        // Version 6 shows secrets unless it is told not to; 7 hides them unless it is told to show them.
        (string, string)[] arguments = version.Major < 7 ? [("file", FileName[..^4]), ("hide-sensitive", "")] : [("file", FileName[..^4])];
        var written = await gateway.ExecuteAsync(router, RouterCommand.Call("/export", arguments) with { Patience = options.Patience }, ct);
        switch (written)
        {
            case RouterOutcome.Done:
                var reading = await files.ReadAsync(FileName, isText: true, Largest, ct);
                await files.RemoveAsync(FileName, ct);
                switch (reading)
                {
                    case FileReading.Read read:
                        return new ExportReading.Taken(ExportText.Normalise(Text(read.Content)), full, ExportSource.Router);
                    case FileReading.Failed { MayTryAgain: true } failed:
                        return new ExportReading.Failed(failed.Reason);
                    default:
                        return await OfMenusAsync(router, full, ct);
                }

            case RouterOutcome.Refused:
                return await OfMenusAsync(router, full, ct); // a user without the policy ftp or write may still read
            default:
                return new ExportReading.Failed(written is RouterOutcome.Unknown lost ? lost.Reason : "The router answered nothing.");
        }
    }

    private async Task<ExportReading> OfMenusAsync(RouterEndpoint router, string version, CancellationToken ct)
    {
        var text = new StringBuilder();
        var read = 0;
        foreach (var menu in Menus)
        {
            switch (await gateway.PrintAsync(router, menu, ct: ct))
            {
                case RouterOutcome.Done { Rows: { Count: > 0 } rows }:
                    read++;
                    Write(text, menu, rows);
                    break;
                case RouterOutcome.Done:
                    read++;
                    break;
                case RouterOutcome.Unknown lost:
                    return new ExportReading.Failed(lost.Reason); // half a configuration would read as things removed
                default:
                    break; // this router has no such menu, or does not show it to us
            }
        }

        return read == 0
            ? new ExportReading.Failed("The router lets us read neither its export nor any menu.")
            : new ExportReading.Taken(ExportText.Normalise(text.ToString()), version, ExportSource.Menus);
    }

    private static void Write(StringBuilder text, string menu, IReadOnlyList<RouterRow> rows)
    {
        var lines = new List<string>();
        foreach (var row in rows.Where(r => RouterOsValues.Boolean(r["dynamic"]) is not true))
        {
            var values = row.Properties.Where(p => !Passing.Contains(p.Key) && p.Value.Length > 0 && !IsCounter(p.Key, p.Value)).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={Quoted(p.Value)}");
            lines.Add($"{(row.Id is null ? "set" : "add")} {string.Join(' ', values)}");
        }

        if (lines.Count > 0)
        {
            text.Append('/').Append(menu[1..].Replace('/', ' ')).Append('\n').AppendJoin('\n', lines).Append('\n');
        }
    }

    // rx-byte, tx-drop, fp-rx-packet …; tx-flow-control and tx-power are settings.
    private static bool IsCounter(string name, string value) =>
        (name.StartsWith("rx-", StringComparison.Ordinal) || name.StartsWith("tx-", StringComparison.Ordinal) || name.StartsWith("fp-", StringComparison.Ordinal) || name.StartsWith("driver-", StringComparison.Ordinal))
        && name is not "tx-power" && value.All(char.IsAsciiDigit);

    private static string Quoted(string value) => value switch
    {
        "true" => "yes",
        "false" => "no",
        _ when value.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:,*<>".Contains(c, StringComparison.Ordinal)) => value,
        _ => NasSetup.Quote(value),
    };

    private static string Text(byte[] content)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(content); // comments typed into WinBox of old
        }
    }
}
