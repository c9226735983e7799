using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;

namespace DataDefender.Domain.Tests.Provisioning;

public sealed class DriftFinderTests
{
    private static readonly IReadOnlyList<PricedSpeed> OnSale = [new(5_000, Money.Of(50)), new(10_000, Money.Of(100)), new(20_000, Money.Of(150))];

    [Theory]
    [InlineData(PeriodUnit.Day, 1, 70, 70)]
    [InlineData(PeriodUnit.Week, 1, 700, 100)]
    [InlineData(PeriodUnit.Month, 1, 3043.75, 100)]
    [InlineData(PeriodUnit.Month, 3, 9131.25, 100)]
    [InlineData(PeriodUnit.Hour, 6, 20, 80)]
    public void A_price_is_told_by_the_day(PeriodUnit unit, int count, double price, double perDay) =>
        Assert.Equal(Money.Of((decimal)perDay), DriftCost.PerDay(Money.Of((decimal)price), count, unit));

    [Theory]
    [InlineData("10000000/10000000", null)]
    [InlineData("20000000/20000000", DriftKind.FasterThanSold)]
    [InlineData("0/0", DriftKind.FasterThanSold)]
    [InlineData("5000000/10000000", DriftKind.SlowerThanSold)]
    [InlineData("5000000/20000000", DriftKind.FasterThanSold)]
    public void A_queue_is_held_against_what_is_sold(string limit, DriftKind? expected)
    {
        var found = Find(Session("jane"), Granted("jane"), ("<pppoe-jane>", limit));

        Assert.Equal(expected, found?.Kind);
    }

    [Fact]
    public void What_a_faster_line_costs_is_the_cheapest_package_that_fast_less_what_it_pays()
    {
        Assert.Equal(Money.Of(50), Find(Session("jane"), Granted("jane"), ("<pppoe-jane>", "20000000/20000000"))!.CostPerDay);
        Assert.Equal(Money.Zero, Find(Session("jane"), Granted("jane"), ("<pppoe-jane>", "90000000/90000000"))!.CostPerDay); // nothing so fast has a price
    }

    [Fact]
    public void A_line_in_the_walled_garden_has_its_address_on_the_list()
    {
        var line = Granted("jane") with { Decision = new LineDecision.Granted(Grant("512k/512k") with { WalledGarden = true, AddressList = "suspended" }) };

        Assert.Equal(DriftKind.OutsideGarden, DriftFinder.OfLines(Seen(Session("jane"), [], []), Lines(line), OnSale, asksRadius: true).Single().Kind);
        Assert.Empty(DriftFinder.OfLines(Seen(Session("jane"), [("<pppoe-jane>", "512000/512000")], [("suspended", "100.64.0.9")]), Lines(line), OnSale, asksRadius: true));
    }

    [Fact]
    public void A_session_past_RADIUS_is_named_only_where_the_router_asks_RADIUS()
    {
        var session = Session("jane") with { ByRadius = false };

        Assert.Equal(DriftKind.PastRadius, DriftFinder.OfLines(Seen(session, [], []), Lines(Granted("jane")), OnSale, asksRadius: true).Single().Kind);
        Assert.Empty(DriftFinder.OfLines(Seen(session, [("<pppoe-jane>", "10000000/10000000")], []), Lines(Granted("jane")), OnSale, asksRadius: false));
    }

    [Fact]
    public void Equipment_that_logs_in_by_its_address_is_no_unknown_line_and_a_stranger_is()
    {
        Assert.Empty(DriftFinder.OfLines(Seen(Session("4C:5E:0C:12:34:56"), [], []), Lines(), OnSale, asksRadius: true));
        Assert.Equal(DriftKind.UnknownLine, DriftFinder.OfLines(Seen(Session("Stranger"), [], []), Lines(), OnSale, asksRadius: true).Single().Kind);
    }

    [Fact]
    public void Equipment_in_whatever_spelling_of_its_address_is_held_against_the_line_that_is_locked_to_it()
    {
        var lines = new Dictionary<string, SoldLine> { ["4C:5E:0C:12:34:56"] = Granted("jane") with { Decision = new LineDecision.Refused(LoginOutcome.Disconnected, "The subscription has ended.") } };

        Assert.Equal(DriftKind.NotAllowed, DriftFinder.OfLines(Seen(Session("4c-5e-0c-12-34-56"), [], []), lines, OnSale, asksRadius: true).Single().Kind);
    }

    [Theory]
    [InlineData("/ip/pool", "ranges", "10.1.0.2-10.1.0.9", true)]
    [InlineData("/ip/pool", "ranges", "rubbish", false)]
    [InlineData("/radius", "secret", "x", false)]
    public void Only_a_value_that_the_design_holds_can_be_adopted(string menu, string name, string value, bool can)
    {
        var design = new RouterDesign { Pools = "home 10.0.0.2-10.0.0.9\nbusiness 10.2.0.2" };

        var adopted = Adoption.Into(design, menu, "Set /ip/pool DD:x:pool/home", [new PlanValue(name, value, "10.0.0.2-10.0.0.9")]);

        Assert.Equal(can ? "home 10.1.0.2-10.1.0.9\nbusiness 10.2.0.2" : null, adopted?.Pools);
    }

    private static DriftFound? Find(SeenSession session, SoldLine line, params (string, string)[] queues) =>
        DriftFinder.OfLines(Seen(session, queues, []), Lines(line), OnSale, asksRadius: true).SingleOrDefault();

    private static SeenSession Session(string user) => new("/ppp/active", user, "100.64.0.9", "4C:5E:0C:00:00:01", ByRadius: true);

    private static SeenLines Seen(SeenSession session, (string Name, string Limit)[] queues, (string, string)[] listed) =>
        new([session], queues.ToDictionary(q => q.Name, q => RouterOsValues.Pair(q.Limit)!.Value), listed.ToHashSet());

    private static Dictionary<string, SoldLine> Lines(params SoldLine[] lines) => lines.ToDictionary(l => l.Username);

    private static SoldLine Granted(string user) => new(Guid.CreateVersion7(), user, new LineDecision.Granted(Grant("10M/10M")), Money.Of(100), 1, PeriodUnit.Day);

    private static LineGrant Grant(string rate) => new(false, rate, null, null, null, null, null, 300, 1, "");
}
