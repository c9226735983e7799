using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tests.Network;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;

namespace DataDefender.Domain.Tests.Monitoring;

public sealed class NocServiceTests(NetworkFixture network) : IClassFixture<NetworkFixture>
{
    [Theory, EachDatabase]
    public async Task The_figures_count_sessions_by_router_and_logins_of_the_last_hour(DatabaseProvider provider)
    {
        var company = await network.CompanyAsync(provider);
        var router = await company.AddRouterAsync();
        var (first, second) = (await company.AddNasAsync(router: router), await company.AddNasAsync(router: router));
        await company.AddSessionAsync(first);
        await company.AddSessionAsync(second);
        await company.AddLoginAsync(first, outcome: LoginOutcome.WrongPassword);
        await company.AddLoginAsync(first, outcome: LoginOutcome.WrongPassword, at: Observations.Now.AddHours(-2));
        await company.AddEventAsync("router.up");
        var other = await network.CompanyAsync(provider);
        await other.AddSessionAsync(await other.AddNasAsync(router: await other.AddRouterAsync()));

        var figures = await FiguresAsync(company);

        Assert.Equal((router.Id, 2), (Assert.Single(figures.Routers).Id, figures.Routers[0].OpenSessions));
        Assert.Equal((2, 2), (figures.Nas.Count, figures.Sessions.Open));
        Assert.Equal([new OutcomeCount(LoginOutcome.WrongPassword, 1)], figures.LoginsLastHour);
        Assert.Single(figures.Events);
    }

    [Fact]
    public async Task Many_who_look_at_once_share_one_reading_and_companies_do_not_share()
    {
        var (company, other) = (await network.CompanyAsync(), await network.CompanyAsync());
        var clock = (await network.ServicesAsync()).Clock;

        var all = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => FiguresAsync(company)));
        var foreign = await FiguresAsync(other);
        clock.Advance(TimeSpan.FromSeconds(8));
        var later = await FiguresAsync(company);
        clock.Advance(TimeSpan.FromSeconds(1));
        network.Metrics.Announce(other.Id);
        var quiet = await FiguresAsync(company);
        network.Metrics.Announce(company.Id);
        var told = await FiguresAsync(company);

        Assert.Single(all.Distinct(ReferenceEqualityComparer.Instance));
        Assert.NotSame(all[0], foreign);
        Assert.NotSame(all[0], later);
        Assert.Same(later, quiet);
        Assert.NotSame(later, told);
    }

    [Fact]
    public async Task Who_may_not_see_the_network_gets_no_figures_even_when_others_have_them_ready()
    {
        var company = await network.CompanyAsync();
        await FiguresAsync(company);

        await Assert.ThrowsAsync<ForbiddenException>(() => company.AsAsync<NocService, NocFigures>(Role.Sales, n => n.GetAsync()));
    }

    private static Task<NocFigures> FiguresAsync(TestCompany company) => company.AsAsync<NocService, NocFigures>(Role.NocOperator, n => n.GetAsync());
}

public sealed class AttentionTests
{
    private static readonly DateTime Now = Observations.Now;
    private static readonly RadiusFeed Heard = new(Now, null, Now, 0, true, true);

    [Fact]
    public void The_worst_comes_first_and_among_equals_what_hurts_most()
    {
        var items = Find([Router("A", RouterState.Degraded, 500), Router("B", RouterState.Down, 3), Router("C", RouterState.Down, 41), Router("D", RouterState.Up, 900)]);

        Assert.Equal(["C is down", "B is down", "A is degraded"], items.Select(i => i.Title));
        Assert.Equal(41, items[0].Sessions);
    }

    [Fact]
    public void A_router_that_was_never_read_or_is_switched_off_is_no_outage() =>
        Assert.Empty(Find([Router("A", RouterState.Unknown, 0), Router("B", RouterState.Down, 0) with { IsEnabled = false }]));

    [Fact]
    public void The_live_state_goes_before_the_stored_one()
    {
        var router = Router("A", RouterState.Up, 5);
        var live = new RouterSnapshot(Guid.Empty, router.Id, "A", Now, RouterState.Down, "No answer.", null, null, null, null, null, null, null, null, null, []);

        Assert.Equal(("A is down", "No answer."), (Assert.Single(Find([router], live: [live])).Title, Find([router], live: [live])[0].Detail));
    }

    [Fact]
    public void RADIUS_that_is_not_heard_is_told_once_there_is_a_NAS_to_hear()
    {
        var silent = new RadiusFeed(Now, "RadiusHost does not answer.", Now, 0, true, true);

        Assert.Empty(Find([], feed: silent));
        var item = Assert.Single(Find([], feed: silent, nas: [Nas]));
        Assert.Equal((EventSeverity.Critical, AttentionTopic.Radius), (item.Severity, item.Topic));
        Assert.Equal(EventSeverity.Warning, Assert.Single(Find([], feed: RadiusFeed.NotYet, nas: [Nas])).Severity);
    }

    [Theory]
    [InlineData(2, 0, false)] // noise
    [InlineData(3, 0, true)]
    [InlineData(50, 1000, false)] // some broken packets of a NAS that works
    public void A_NAS_with_another_secret_is_told_from_noise(long bad, long good, bool told)
    {
        var pulses = new Dictionary<Guid, NasPulse> { [Nas.Id] = new(Nas.Id, null, good, 0, 0, bad, 0, false) };

        Assert.Equal(told, Find([], nas: [Nas], pulses: pulses).Any(i => i.Topic is AttentionTopic.Nas));
    }

    [Fact]
    public void Sessions_that_fell_silent_are_told() =>
        Assert.Equal("2 sessions are silent", Assert.Single(Attention.Find(Figures([], []) with { Sessions = new SessionSummary(9, 2, Now) }, [], Heard, new Dictionary<Guid, NasPulse>())).Title);

    private static NocNas Nas { get; } = new(Guid.CreateVersion7(), "Edge", "10.0.0.1", null);

    private static NocRouter Router(string name, RouterState state, int sessions) =>
        new(Guid.CreateVersion7(), name, null, null, null, true, state, Now, "why", Now, sessions);

    private static NocFigures Figures(IReadOnlyList<NocRouter> routers, IReadOnlyList<NocNas> nas) => new(Now, new SessionSummary(0, 0, null), routers, nas, [], []);

    private static IReadOnlyList<AttentionItem> Find(
        IReadOnlyList<NocRouter> routers, RouterSnapshot[]? live = null, RadiusFeed? feed = null, NocNas[]? nas = null, Dictionary<Guid, NasPulse>? pulses = null) =>
        Attention.Find(Figures(routers, nas ?? []), live ?? [], feed ?? Heard, pulses ?? []);
}

public sealed class TrafficHistoryTests
{
    private static readonly DateTime Start = Observations.Now;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(10);

    [Fact]
    public void Routers_add_up_although_they_are_read_at_different_moments()
    {
        var (down, up) = TrafficHistory.Sum([History((1, 10), (11, 20), (21, 30)), History((9, 1), (19, 2), (29, 3))], Start, Start.AddSeconds(30), Step);

        Assert.Equal([11, 22, 33], down.Select(p => p.Value));
        Assert.Equal([11, 22, 33], up.Select(p => p.Value));
        Assert.Equal(Start.AddSeconds(20), down[2].At);
    }

    [Fact]
    public void A_reading_that_is_late_does_not_dent_the_sum_and_one_that_never_comes_ends()
    {
        var (down, _) = TrafficHistory.Sum([History((1, 10), (21, 10)), History((1, 5))], Start, Start.AddSeconds(50), Step);

        Assert.Equal([15, 15, 10, 10, null], down.Select(p => p.Value));
    }

    private static IReadOnlyList<RouterSnapshot> History(params (int Second, double Rate)[] readings) =>
        [.. readings.Select(r => new RouterSnapshot(Guid.Empty, Guid.Empty, "R", Start.AddSeconds(r.Second), RouterState.Up, null, null, null, null, null, null, null, r.Rate, r.Rate, null, []))];
}
