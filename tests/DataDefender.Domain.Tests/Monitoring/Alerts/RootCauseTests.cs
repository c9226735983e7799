using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Monitoring.Alerts;

namespace DataDefender.Domain.Tests.Monitoring.Alerts;

public sealed class RootCauseTests
{
    private static readonly DateTime Start = new(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc);
    private static readonly Guid Core = Guid.CreateVersion7(), Tower = Guid.CreateVersion7(), Estate = Guid.CreateVersion7(), Other = Guid.CreateVersion7(), Nas = Guid.CreateVersion7();

    // Core → Tower → Estate; Other stands beside.
    private static readonly NetworkShape Shape = new(
    [
        new(Core, "CORE", "Nairobi", null), new(Tower, "TOWER", "Ngong", Core), new(Estate, "ESTATE", "Ngong", Tower), new(Other, "OTHER", "Mombasa", null),
    ]);

    [Fact]
    public void What_hangs_on_a_router_that_is_down_is_part_of_its_incident()
    {
        var group = Assert.Single(RootCause.Group([Down(Tower, "TOWER"), Down(Estate, "ESTATE"), Sessions(Estate)], Shape));

        Assert.Equal($"router:{Tower:N}", group.Key);
        Assert.Equal("TOWER is down, and 1 router behind it", group.Title);
        Assert.Equal(3, group.Alerts.Count);
        Assert.True(group.CutsClients);
    }

    [Fact]
    public void The_topmost_router_that_is_down_is_the_cause_even_when_one_between_is_not_known_to_be()
    {
        Assert.Equal($"router:{Core:N}", Assert.Single(RootCause.Group([Down(Estate, "ESTATE"), Down(Core, "CORE")], Shape)).Key);
    }

    [Fact]
    public void A_router_that_answers_keeps_its_own_troubles_though_what_it_is_said_to_be_reached_over_is_down()
    {
        Dictionary<Guid, RouterAnswer> Answering(DateTime since) => new() { [Estate] = new(since, Start.AddMinutes(1)) };
        ActiveAlert[] alerts = [Down(Tower, "TOWER"), Sessions(Estate)];

        Assert.Equal(2, RootCause.Group(alerts, Shape, answering: Answering(Start.AddDays(-3))).Count);
        Assert.Single(RootCause.Group(alerts, Shape, answering: Answering(Start.AddSeconds(30)))); // it fell silent with the tower, and is the first to be back
        Assert.Single(RootCause.Group(alerts, Shape)); // nothing is heard of it
    }

    [Fact]
    public void A_router_that_is_down_behind_one_that_answers_is_a_cause_of_its_own()
    {
        var groups = RootCause.Group([Down(Core, "CORE"), Down(Estate, "ESTATE")], Shape, answering: new Dictionary<Guid, RouterAnswer> { [Tower] = new(Start.AddDays(-3), Start.AddMinutes(1)) });

        Assert.Equal(["CORE is down", "ESTATE is down"], groups.Select(g => g.Title).Order());
    }

    [Fact]
    public void Routers_that_have_nothing_to_do_with_one_another_are_two_incidents()
    {
        Assert.Equal(2, RootCause.Group([Down(Tower, "TOWER"), Down(Other, "OTHER")], Shape).Count);
    }

    [Fact]
    public void Routers_of_one_site_that_went_together_are_the_sites()
    {
        var flat = new NetworkShape([new(Core, "A", "Ruiru", null), new(Tower, "B", "Ruiru", null), new(Other, "C", "Ruiru", null)]);

        var together = Assert.Single(RootCause.Group([Down(Core, "A"), Down(Tower, "B", Start.AddSeconds(40))], flat));
        var apart = RootCause.Group([Down(Core, "A"), Down(Tower, "B", Start.AddHours(2))], flat);

        Assert.Equal(("site:Ruiru", "Ruiru: 2 routers are down"), (together.Key, together.Title));
        Assert.Equal(2, apart.Count);
    }

    [Fact]
    public void Nearly_all_routers_at_once_are_one_cause_and_those_that_were_away_before_keep_theirs()
    {
        Guid[] ids = [.. Enumerable.Range(0, 50).Select(_ => Guid.CreateVersion7())];
        var shape = new NetworkShape(ids.Select((id, i) => new ShapeRouter(id, $"R{i}", $"Site {i / 5}", i % 5 == 0 ? null : ids[i / 5 * 5])));
        ActiveAlert At(int i, DateTime? since = null) => Down(ids[i], $"R{i}", since);

        var all = RootCause.Group([At(0, Start.AddHours(-5)), .. Enumerable.Range(5, 45).Select(i => At(i, Start.AddSeconds(i)))], shape);
        var some = RootCause.Group([.. Enumerable.Range(0, 30).Select(i => At(i))], shape);
        var comingBack = RootCause.Group([At(5), At(10)], shape, new HashSet<Guid> { ids[5], ids[10] });

        Assert.Equal([("router:" + ids[0].ToString("N"), 1), (RootCause.NetworkKey, 45)], all.Select(g => (g.Key, g.Alerts.Count)));
        Assert.Equal("45 of 50 routers do not answer", all[1].Title);
        Assert.DoesNotContain(some, g => g.Key == RootCause.NetworkKey);
        Assert.Equal(RootCause.NetworkKey, Assert.Single(comingBack).Key);
    }

    [Fact]
    public void A_mass_disconnect_that_grows_from_a_port_to_its_NAS_and_its_site_is_one_cause()
    {
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        ActiveAlert Mass(string key, Guid? nas, string name, int seconds) => new(
            null, AlertKind.MassDisconnect, EventSeverity.Critical, new AlertSubject(key, name) { NasId = nas, Site = "Ruiru" }, Start.AddSeconds(seconds), 10, "Sessions ended.", true);
        var port = Mass($"mass:nas:{first:N}:port:ether2", first, "ether2", 0);
        var nas = Mass($"mass:nas:{first:N}", first, "the NAS", 2);
        var other = Mass($"mass:nas:{second:N}", second, "the other NAS", 3);
        var site = Mass("mass:site:Ruiru", null, "Ruiru", 5);

        Assert.Equal((nas.Subject.Key, "the NAS", 2), Told(RootCause.Group([port, nas], NetworkShape.Empty)));
        Assert.Equal(("mass:site:Ruiru", "Ruiru", 4), Told(RootCause.Group([port, nas, other, site], NetworkShape.Empty)));
        Assert.Equal(2, RootCause.Group([port, nas with { Since = Start.AddHours(1) }], NetworkShape.Empty).Count);

        static (string, string, int) Told(IReadOnlyList<CauseGroup> groups) => (Assert.Single(groups).Key, groups[0].Title, groups[0].Alerts.Count);
    }

    [Fact]
    public void A_loop_that_somebody_drew_does_not_hang()
    {
        var loop = new NetworkShape([new(Core, "A", null, Tower), new(Tower, "B", null, Core)]);

        Assert.Single(RootCause.Group([Down(Core, "A"), Down(Tower, "B")], loop).SelectMany(g => g.Alerts).Select(a => a.Subject.RouterId).Distinct(), id => id == Core);
    }

    [Fact]
    public void While_RADIUS_is_not_heard_refusals_and_lost_sessions_are_its_doing()
    {
        var silent = new ActiveAlert(null, AlertKind.RadiusSilent, EventSeverity.Critical, AlertSubject.Radius, Start, 1, "RadiusHost does not answer.", true);
        var rejects = new ActiveAlert(Guid.CreateVersion7(), AlertKind.RadiusRejects, EventSeverity.Warning, AlertSubject.Radius with { Name = "all reasons" }, Start, 200, "200 a minute", true);

        Assert.Equal("radius", Assert.Single(RootCause.Group([silent, rejects, Sessions(Other)], Shape)).Key);
        Assert.Equal(2, RootCause.Group([rejects, Sessions(Other)], Shape).Count);
    }

    [Fact]
    public void Lost_sessions_belong_to_the_mass_disconnect_at_the_same_NAS()
    {
        var subject = new AlertSubject($"mass:nas:{Nas:N}:port:ether5", "12 clients lost at once: ether5 of TOWER") { NasId = Nas, RouterId = Tower };
        var mass = new ActiveAlert(null, AlertKind.MassDisconnect, EventSeverity.Critical, subject, Start, 12, "12 sessions ended within 4 s", true);

        var group = Assert.Single(RootCause.Group([mass, Sessions(Tower)], Shape));

        Assert.Equal((subject.Key, subject.Name), (group.Key, group.Title));
    }

    [Fact]
    public void Load_and_heat_of_one_router_are_one_incident_and_its_certificate_another()
    {
        var groups = RootCause.Group([Of(AlertKind.RouterCpu), Of(AlertKind.RouterTemperature), Of(AlertKind.CertificateExpiry)], Shape);

        Assert.Equal(["CORE: processor overloaded, too hot", "The certificate of CORE runs out"], groups.Select(g => g.Title).Order(StringComparer.Ordinal));
    }

    private static ActiveAlert Of(AlertKind kind) => new(Guid.CreateVersion7(), kind, EventSeverity.Warning, AlertSubject.OfRouter(Core, "CORE", "Nairobi"), Start, 1, "", true);

    private static ActiveAlert Down(Guid router, string name, DateTime? since = null) =>
        new(null, AlertKind.RouterDown, EventSeverity.Critical, AlertSubject.OfRouter(router, name, null), since ?? Start, 1, "No answer.", true);

    private static ActiveAlert Sessions(Guid router) =>
        new(null, AlertKind.SessionsDropped, EventSeverity.Critical, AlertSubject.OfNas(Nas, "NAS", router, null), Start, 80, "80 of 100 sessions are gone", true);
}
