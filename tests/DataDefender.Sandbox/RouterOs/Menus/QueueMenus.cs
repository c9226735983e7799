namespace DataDefender.Sandbox.RouterOs.Menus;

internal static class QueueMenus
{
    /// <summary>More direct children than this a parent queue does not take.</summary>
    private const int TargetsPerParent = 128;

    public static IEnumerable<Menu> All =>
    [
        new Menu("/queue/simple", Verbs.Items | Verbs.Move | Verbs.Reset,
            Field.Text("name").Required(), Field.Of("target", "", Target), Field.Text("dst"), QueueParent("none"), Field.Text("packet-marks", ""), Field.Text("priority", "8/8"),
            Field.Text("queue", "default-small/default-small"), Field.RatePair("limit-at"), Field.RatePair("max-limit"), Field.RatePair("burst-limit"), Field.RatePair("burst-threshold"),
            Field.Text("burst-time", "0s/0s"), Field.Text("bucket-size", "0.1/0.1"), Field.Text("time"), Field.Text("total-queue"), Field.Rate("total-max-limit", null), Field.Rate("total-limit-at", null),
            Field.Computed("bytes", (r, row) => r.Traffic.QueueBytes(row)), Field.Computed("rate", (r, row) => r.Traffic.QueueRate(row)), Field.Computed("packets", (r, row) => r.Traffic.QueuePackets(row)),
            Field.Computed("packet-rate", (r, row) => r.Traffic.QueuePacketRate(row)), Field.Shown("total-bytes", "0"), Field.Shown("total-packets", "0"), Field.Shown("total-rate", "0"),
            Field.Shown("dropped", "0/0"), Field.Shown("queued-bytes", "0/0"), Field.Shown("queued-packets", "0/0"), Field.Shown("invalid", "false"), Field.Shown("dynamic"))
        { Unique = (["name"], "failure: already have such name"), Check = CheckParent },

        new Menu("/queue/tree", Verbs.Items | Verbs.Reset,
            Field.Text("name").Required(), Field.Text("parent").Required(), Field.Text("packet-mark", ""), Field.Number("priority", 1, 8, "8"), Field.Reference("queue", "/queue/type", "default-small"),
            Field.Rate("limit-at"), Field.Rate("max-limit"), Field.Rate("burst-limit"), Field.Rate("burst-threshold"), Field.Duration("burst-time", "0s"), Field.Text("bucket-size", "0.1"),
            Field.Computed("bytes", (r, row) => r.Traffic.RuleBytes(row)), Field.Computed("packets", (r, row) => r.Traffic.RulePackets(row)), Field.Shown("rate", "0"), Field.Shown("packet-rate", "0"),
            Field.Shown("dropped", "0"), Field.Shown("queued-bytes", "0"), Field.Shown("queued-packets", "0"), Field.Shown("invalid", "false"))
        { Unique = (["name"], "failure: already have such name") },

        new Menu("/queue/type", Verbs.List,
            Field.Text("name").Required(), Field.OneOf("kind", null, "bfifo", "cake", "codel", "fq-codel", "mq-pfifo", "none", "pcq", "pfifo", "red", "sfq").Required(),
            Field.Number("pfifo-limit", 1, 100_000), Field.Number("bfifo-limit", 1, 100_000_000), Field.Number("mq-pfifo-limit", 1, 100_000), Field.Rate("pcq-rate", null), Field.Text("pcq-limit"),
            Field.SetOf("pcq-classifier", null, "src-address", "dst-address", "src-port", "dst-port"), Field.Text("pcq-total-limit"), Field.Rate("pcq-burst-rate", null), Field.Rate("pcq-burst-threshold", null),
            Field.Duration("pcq-burst-time"), Field.Number("sfq-perturb", 0, 3600), Field.Number("sfq-allot", 0, 100_000), Field.Number("red-limit", 0, 100_000), Field.Rate("cake-bandwidth", null).From(7, 1),
            Field.Text("cake-diffserv").From(7, 1), Field.Text("cake-flowmode").From(7, 1), Field.Bool("cake-nat").From(7, 1), Field.Number("fq-codel-limit", 0, 1_000_000).From(7, 1),
            Field.Number("fq-codel-flows", 1, 65535).From(7, 1), Field.Duration("fq-codel-target").From(7, 1), Field.Duration("fq-codel-interval").From(7, 1), Field.Shown("default", "false"))
        {
            Unique = (["name"], "failure: already have such name"),
            Removing = Menu.Keep("default", "true", "failure: can not remove default queue type"),
        },
    ];

    private static Field QueueParent(string none) => Field.Reference("parent", "/queue/simple", none, none);

    /// <summary>A target without a mask is one host; interfaces are targets too.</summary>
    private static string Target(string text) => string.Join(',', text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(part => System.Net.IPAddress.TryParse(part, out var ip) ? $"{part}/{(ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128)}" : part));

    private static void CheckParent(SimulatedRouter router, Row queue)
    {
        if (queue["parent"] is not { } parent || parent == "none")
        {
            return;
        }

        if (parent == queue.PrintedId)
        {
            throw new RouterTrapException("failure: queue can not be its own parent");
        }

        if (router.Table("/queue/simple").Rows.Count(q => q != queue && q["parent"] == parent) >= TargetsPerParent)
        {
            throw new RouterTrapException($"failure: parent queue has {TargetsPerParent} targets already");
        }
    }
}
