using System.Net;
using static DataDefender.Sandbox.RouterOs.RouterFormat;

namespace DataDefender.Sandbox.RouterOs.Commands;

internal sealed record ApiAction(string Policy, Func<CommandContext, Task> Run);

/// <summary>Commands that are not a menu's common verbs: monitors, pings, exports, a reboot.</summary>
internal static class ApiActions
{
    private static readonly Dictionary<string, ApiAction> Actions = new(StringComparer.Ordinal)
    {
        ["/ping"] = new("test", PingAsync),
        ["/tool/ping"] = new("test", PingAsync),
        ["/interface/monitor-traffic"] = new("read", MonitorTrafficAsync),
        ["/interface/ethernet/monitor"] = new("read", context => MonitorAsync(context, MonitorPort(context))),
        ["/system/resource/monitor"] = new("read", context => MonitorAsync(context, r => [("cpu-used", Number(r.CpuLoad)), ("free-memory", Number(r.FreeMemory / 1024))])),
        ["/radius/monitor"] = new("read", context => MonitorAsync(context, r => r.Nas.Counters.OfClient())),
        ["/radius/incoming/monitor"] = new("read", context => MonitorAsync(context, r => r.Nas.Counters.OfIncoming())),
        ["/radius/reset-counters"] = new("write", context => Done(context, r => r.Nas.Counters.Reset())),
        ["/radius/incoming/reset-counters"] = new("write", context => Done(context, r => r.Nas.Counters.Reset())),
        ["/export"] = new("read", Export),
        ["/system/backup/save"] = new("write", Backup),
        ["/system/reboot"] = new("reboot", Reboot),
        ["/system/script/run"] = new("write", RunScript),
        ["/system/package/update/check-for-updates"] = new("read", CheckForUpdatesAsync),
        ["/certificate/sign"] = new("write", SignCertificate),
        ["/system/package/update/download"] = new("write", DownloadAsync),
        ["/system/routerboard/upgrade"] = new("write", context => Done(context, r => r.ScheduleFirmware())),
        ["/file/read"] = new("read", ReadFile),
        ["/file/add"] = new("write", AddFile),
        ["/ip/dhcp-server/lease/make-static"] = new("write", MakeStatic),
        ["/ip/hotspot/active/login"] = new("write", HotspotLogin),
        ["/log/info"] = new("write", context => Done(context, r => r.Log("script,info", context.Required("message")))),
        ["/log/warning"] = new("write", context => Done(context, r => r.Log("script,warning", context.Required("message")))),
        ["/log/error"] = new("write", context => Done(context, r => r.Log("script,error", context.Required("message")))),
    };

    public static ApiAction? Find(SimulatedRouter router, string command) => command switch
    {
        "/file/add" or "/file/read" when router.Personality.Version < new Version(7, 13) => null,
        _ => Actions.GetValueOrDefault(command),
    };

    private static Task Done(CommandContext context, Action<SimulatedRouter> act)
    {
        lock (context.Router.Gate)
        {
            act(context.Router);
        }

        context.Reply.Done();
        return Task.CompletedTask;
    }

    /// <summary>One row with <c>=once=</c>; else a numbered row each interval until the duration or a cancel.</summary>
    private static async Task MonitorAsync(CommandContext context, Func<SimulatedRouter, IEnumerable<(string, string)>> row)
    {
        if (context.Request.Flag("once"))
        {
            context.Reply.Row(row(context.Router)).Done();
            return;
        }

        var interval = context.Duration("interval", TimeSpan.FromSeconds(1));
        var duration = context.Duration("duration", TimeSpan.MaxValue);
        var spent = TimeSpan.Zero;
        for (var section = 0; spent < duration; section++)
        {
            context.Reply.Row([.. row(context.Router), (".section", Number(section))]);
            await context.FlushAsync();
            await Task.Delay(interval, context.Cancellation);
            spent += interval;
        }

        context.Reply.Done();
    }

    private static Task MonitorTrafficAsync(CommandContext context)
    {
        var names = context.Required("interface").Split(',');
        var router = context.Router;
        lock (router.Gate)
        {
            _ = names.All(n => router.Table("/interface").Find(n) is not null) ? names : throw RouterTrapException.NoMatch("interface");
        }

        return MonitorAsync(context, r =>
        {
            lock (r.Gate)
            {
                return Bits(r, names[0]);
            }
        });
    }

    private static List<(string, string)> Bits(SimulatedRouter router, string name)
    {
        var table = router.Table("/interface");
        if (table.Find(name) is not { } row)
        {
            throw RouterTrapException.NoSuchItem();
        }

        long rx, tx;
        if (row.Source is Nas.LineSession session)
        {
            (rx, tx) = session.RateNow(router.Clock.Now);
        }
        else
        {
            (_, _, _, _, _, rx, tx) = router.Traffic.Of(row);
        }

        return
        [
            ("name", table.Value(row, "name") ?? name), ("rx-packets-per-second", Number(rx / 7200)), ("rx-bits-per-second", Number(rx)), ("fp-rx-packets-per-second", Number(rx / 7200)),
            ("fp-rx-bits-per-second", Number(rx)), ("rx-drops-per-second", "0"), ("rx-errors-per-second", "0"), ("tx-packets-per-second", Number(tx / 7200)), ("tx-bits-per-second", Number(tx)),
            ("fp-tx-packets-per-second", Number(tx / 7200)), ("fp-tx-bits-per-second", Number(tx)), ("tx-drops-per-second", "0"), ("tx-queue-drops-per-second", "0"), ("tx-errors-per-second", "0"),
        ];
    }

    private static Func<SimulatedRouter, IEnumerable<(string, string)>> MonitorPort(CommandContext context) => router =>
    {
        lock (router.Gate)
        {
            var id = context.Request.Argument(".id") ?? context.Request.Argument("numbers") ?? throw RouterTrapException.Missing(".id");
            var row = router.Table("/interface/ethernet").Find(id) ?? throw RouterTrapException.NoSuchItem();
            var up = row["running"] != "false" && row["disabled"] != "true";
            return up
                ? [("name", row["name"]!), ("status", "link-ok"), ("auto-negotiation", "done"), ("rate", "1Gbps"), ("full-duplex", "true")]
                : [("name", row["name"]!), ("status", "no-link"), ("auto-negotiation", "done")];
        }
    };

    private static async Task PingAsync(CommandContext context)
    {
        var (host, count) = (context.Required("address"), context.Number("count", int.MaxValue));
        if (!IPAddress.TryParse(host, out var address))
        {
            throw new RouterTrapException("failure: dns name does not exist");
        }

        var interval = context.Duration("interval", TimeSpan.FromSeconds(1));
        var times = new List<TimeSpan>();
        for (var seq = 0; seq < count; seq++)
        {
            if (seq > 0)
            {
                await Task.Delay(interval, context.Cancellation);
            }

            var time = RoundTrip(context.Router, address, seq);
            if (time is { } answered)
            {
                times.Add(answered);
            }

            List<(string, string)> row = [("seq", Number(seq)), ("host", host)];
            row.AddRange(time is { } t ? [("size", context.Request.Argument("size") ?? "56"), ("ttl", "57"), ("time", RouterFormat.Duration(t))] : [("status", "timeout")]);
            row.AddRange([("sent", Number(seq + 1)), ("received", Number(times.Count)), ("packet-loss", Number(100 - (100 * times.Count / (seq + 1))))]);
            if (times.Count > 0)
            {
                row.AddRange([("min-rtt", RouterFormat.Duration(times.Min())), ("avg-rtt", RouterFormat.Duration(TimeSpan.FromTicks((long)times.Average(x => x.Ticks)))), ("max-rtt", RouterFormat.Duration(times.Max()))]);
            }

            context.Reply.Row(row);
            await context.FlushAsync();
        }

        context.Reply.Done();
    }

    /// <summary>Lines that are up answer, addresses of a pool that nobody holds do not, the rest of the world does.</summary>
    private static TimeSpan? RoundTrip(SimulatedRouter router, IPAddress address, int seq)
    {
        lock (router.Gate)
        {
            var noise = Seeded.Unit(router.Seed, $"ping:{address}", seq);
            if (router.Sessions.ByAddress(address) is not null)
            {
                return TimeSpan.FromMicroseconds(900 + (long)(2600 * noise));
            }

            var number = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? ToNumber(address) : 0;
            return router.Pools.Covers(number) ? null : TimeSpan.FromMicroseconds(12_000 + (long)(30_000 * noise));
        }
    }

    private static Task Export(CommandContext context) => Done(context, router =>
    {
        if (context.Request.Argument("file") is { Length: > 0 } name)
        {
            // v6 shows secrets unless asked not to; v7 hides them unless asked to show.
            var show = context.User.May("sensitive") && (router.Personality.Version.Major < 7 ? !context.Request.Flag("hide-sensitive") : context.Request.Flag("show-sensitive"));
            router.Files.Write(name.EndsWith(".rsc", StringComparison.Ordinal) ? name : $"{name}.rsc", "script", router.Files.Export(show));
        }
    });

    private static Task Backup(CommandContext context) => Done(context, router =>
    {
        var name = context.Request.Argument("name") is { Length: > 0 } given ? given : $"{router.Name}-{router.LocalTime:yyyyMMdd-HHmm}";
        router.Files.Write(name.EndsWith(".backup", StringComparison.Ordinal) ? name : $"{name}.backup", "backup", router.Files.Backup(context.Request.Argument("password")));
        router.Log("system,info", "backup saved");
    });

    private static Task Reboot(CommandContext context)
    {
        context.Reply.Done();
        _ = Task.Run(() => context.Router.RebootAsync());
        return Task.CompletedTask;
    }

    private static Task RunScript(CommandContext context) => Done(context, router =>
    {
        var id = context.Request.Argument(".id") ?? context.Request.Argument("number") ?? throw RouterTrapException.Missing(".id");
        var row = router.Table("/system/script").Find(id) ?? throw RouterTrapException.NoSuchItem();
        router.Scripts.Run(row["name"]!);
    });

    private static async Task CheckForUpdatesAsync(CommandContext context)
    {
        var router = context.Router;
        string channel, latest, status;
        lock (router.Gate)
        {
            var only = router.Table("/system/package/update").Only;
            channel = only["channel"] ?? "stable";
            latest = router.LatestOf(channel);
            status = latest == router.Release ? "System is already up to date" : "New version is available";
            if (router.Faults.IsOn(Fault.NoUpdateServer))
            {
                status = "ERROR: could not resolve dns name";
                only["latest-version"] = null;
            }
            else
            {
                only["latest-version"] = latest;
            }

            only["status"] = status;
        }

        context.Reply.Row([("channel", channel), ("installed-version", router.Release), ("status", "finding out latest version..."), (".section", "0")]);
        await context.FlushAsync();
        context.Reply.Row(status.StartsWith("ERROR", StringComparison.Ordinal)
            ? [("channel", channel), ("installed-version", router.Release), ("status", status), (".section", "1")]
            : [("channel", channel), ("installed-version", router.Release), ("latest-version", latest), ("status", status), (".section", "1")]).Done();
    }

    private static async Task DownloadAsync(CommandContext context)
    {
        var router = context.Router;
        if (router.Faults.IsOn(Fault.NoUpdateServer))
        {
            context.Reply.Row([("status", "ERROR: could not resolve dns name"), (".section", "0")]).Done();
            return;
        }

        context.Reply.Row([("status", "Downloading: 41%"), (".section", "0")]);
        await context.FlushAsync();
        lock (router.Gate)
        {
            router.Downloaded();
        }

        context.Reply.Row([("status", "Downloaded, please reboot router to upgrade it"), (".section", "1")]).Done();
    }

    // Making a key takes a router seconds; it says how far it is, and then that it is done.
    private static async Task SignCertificate(CommandContext context)
    {
        var id = context.Request.Argument("number") ?? context.Request.Argument(".id") ?? throw RouterTrapException.Missing("number");
        context.Reply.Row([("progress", "generating key"), (".section", "0")]);
        await context.FlushAsync();
        lock (context.Router.Gate)
        {
            context.Router.Sign(id);
        }

        context.Reply.Row([("progress", "done"), (".section", "1")]).Done();
    }

    private static Task ReadFile(CommandContext context)
    {
        var length = context.Number("chunk-size", 4096);
        if (length is < 1 or > RouterFiles.MaxChunk)
        {
            throw RouterTrapException.OutOfRange("chunk-size", 1, RouterFiles.MaxChunk);
        }

        lock (context.Router.Gate)
        {
            context.Reply.Row([("data", context.Router.Files.Read(context.Required("file"), context.Number("offset", 0), length))]).Done();
        }

        return Task.CompletedTask;
    }

    private static Task AddFile(CommandContext context) =>
        Done(context, router => router.Files.Write(context.Required("name"), context.Request.Argument("type") ?? "file", context.Request.Argument("contents") ?? ""));

    private static Task MakeStatic(CommandContext context) => Done(context, router =>
    {
        var id = context.Request.Argument(".id") ?? context.Request.Argument("numbers") ?? throw RouterTrapException.Missing(".id");
        (router.Table("/ip/dhcp-server/lease").Find(id) ?? throw RouterTrapException.NoSuchItem()).IsDynamic = false;
    });

    private static async Task HotspotLogin(CommandContext context)
    {
        var failure = await context.Router.Nas.HotspotLoginAsync(context.Required("user"), context.Request.Argument("password") ?? "", context.Required("ip"), context.Request.Argument("mac-address"), context.Cancellation);
        if (failure is not null)
        {
            throw new RouterTrapException($"failure: {failure}");
        }

        context.Reply.Done();
    }
}
