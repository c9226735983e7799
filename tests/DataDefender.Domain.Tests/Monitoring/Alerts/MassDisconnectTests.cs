using DataDefender.Domain.Monitoring.Alerts;
using DataDefender.Domain.Radius;

namespace DataDefender.Domain.Tests.Monitoring.Alerts;

public sealed class MassDisconnectTests
{
    private static readonly DateTime Start = new(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc);
    private static readonly Guid A = Guid.CreateVersion7(), B = Guid.CreateVersion7();
    private static readonly Dictionary<Guid, StopPlace> Places = new() { [A] = new(A, "KLM-1", null, "Kilimani"), [B] = new(B, "KLM-2", null, "Kilimani") };

    [Fact]
    public void Lines_of_one_port_that_go_within_a_minute_are_that_ports()
    {
        var mass = Gone(A, "ether5", 12);

        var outage = Assert.Single(mass.Find(Start.AddSeconds(5), 5, Places, Open((A, "ether5", 0), (A, "ether6", 40))));

        Assert.Equal("12 clients lost at once: ether5 of KLM-1", outage.Subject.Name);
        Assert.Equal(("ether5", A, 12), (outage.Subject.Interface, outage.Subject.NasId, outage.Lines.Count));
        Assert.Equal("12 sessions ended within 4 s, 12 of them by Lost-Carrier", outage.Detail);
    }

    [Fact]
    public void Lines_of_one_VLAN_over_several_ports_are_the_VLANs()
    {
        var mass = Gone(A, "ether2.100", 6);
        Add(mass, A, "ether3.100", 6);

        var outage = Assert.Single(mass.Find(Start.AddSeconds(5), 5, Places, Open((A, "ether2.200", 20), (A, "ether3.200", 20))));

        Assert.Equal("12 clients lost at once: VLAN 100 of KLM-1", outage.Subject.Name);
    }

    [Fact]
    public void Lines_of_many_ports_are_the_NASs_and_of_several_NAS_of_a_site_the_sites()
    {
        var one = Gone(A, "ether5", 6);
        Add(one, A, "ether6", 6);
        var both = Gone(A, "ether5", 10);
        Add(both, B, "ether5", 10);

        Assert.Equal("12 clients lost at once: KLM-1", Assert.Single(one.Find(Start.AddSeconds(5), 5, Places, Open((A, "ether7", 10)))).Subject.Name);
        Assert.Equal(("mass:site:Kilimani", 20), Assert.Single(both.Find(Start.AddSeconds(5), 5, Places, Open())) is var o ? (o.Subject.Key, o.Lines.Count) : default);
    }

    [Fact]
    public void Several_VLANs_that_lost_all_of_their_own_lines_are_found_on_a_large_NAS()
    {
        var mass = new MassDisconnects();
        for (var vlan = 101; vlan <= 105; vlan++)
        {
            Add(mass, A, $"ether2.{vlan}", 40);
        }

        Add(mass, A, "ether3.300", 7); // what hangs up in any minute

        var outage = Assert.Single(mass.Find(Start.AddSeconds(5), 5, Places, Open((A, "ether3.300", 400), (A, "ether3.301", 393))));

        Assert.Equal(("200 clients lost at once: VLANs 101, 102, 103, 104, 105 of KLM-1", 200, A), (outage.Subject.Name, outage.Lines.Count, outage.Subject.NasId));
    }

    [Fact]
    public void One_VLAN_that_lost_all_of_its_own_is_found_among_the_churn_of_a_large_NAS()
    {
        var mass = Gone(A, "ether2.101", 40);
        Add(mass, A, "ether3.300", 30);

        Assert.Equal("40 clients lost at once: VLAN 101 of KLM-1", Assert.Single(mass.Find(Start.AddSeconds(5), 5, Places, Open((A, "ether3.300", 930)))).Subject.Name);
    }

    [Fact]
    public void A_site_that_loses_many_small_NAS_is_found_though_each_is_too_small()
    {
        var (mass, places, still) = Small(lost: 8, of: 8);

        var outage = Assert.Single(mass.Find(Start.AddSeconds(5), 5, places, still));

        Assert.Equal(("mass:site:Kilimani", 32), (outage.Subject.Key, outage.Lines.Count));
        Assert.Equal(8, mass.Suspects(5, places).Count);
    }

    [Fact]
    public void Two_small_NAS_of_a_site_with_many_are_no_outage_of_the_site()
    {
        var (mass, places, still) = Small(lost: 2, of: 40);

        Assert.Equal(40, mass.Suspects(5, places).Count); // all are counted, so that it is known how little that is
        Assert.Empty(mass.Find(Start.AddSeconds(5), 5, places, still));
    }

    [Theory]
    [InlineData(25)] // VLANs of 40 lines
    [InlineData(1000)] // one for each line
    public void The_churn_of_a_large_NAS_is_no_outage(int vlans)
    {
        var random = new Random(7);
        var lines = Enumerable.Range(0, 1000).Select(i => $"ether2.{100 + (i % vlans)}").ToArray();
        for (var minute = 0; minute < 50; minute++)
        {
            var mass = new MassDisconnects();
            random.Shuffle(lines);
            for (var i = 0; i < 30; i++)
            {
                mass.Add(new LineStop(Guid.CreateVersion7(), A, lines[i], Start.AddSeconds(i), "User-Request"), Start.AddSeconds(i));
            }

            Assert.Empty(mass.Find(Start.AddSeconds(31), 5, Places, Open([.. lines.Skip(30).GroupBy(l => l).Select(g => (A, g.Key, g.Count()))])));
        }
    }

    private static (MassDisconnects, Dictionary<Guid, StopPlace>, Dictionary<Guid, IReadOnlyList<(string?, int)>>) Small(int lost, int of)
    {
        var (mass, nas) = (new MassDisconnects(), Enumerable.Range(0, of).Select(_ => Guid.CreateVersion7()).ToList());
        nas.Take(lost).ToList().ForEach(n => Add(mass, n, "ether5", 4));
        return (mass, nas.ToDictionary(n => n, n => new StopPlace(n, "small", null, "Kilimani")), Open([.. nas.Skip(lost).Select(n => (n, "ether5", 4))]));
    }

    [Fact]
    public void A_few_among_many_are_chance()
    {
        Assert.Empty(Gone(A, "ether5", 4).Find(Start.AddSeconds(5), 5, Places, Open()));
        Assert.Empty(Gone(A, "ether5", 8).Find(Start.AddSeconds(5), 5, Places, Open((A, "ether5", 200), (A, "ether6", 100))));
    }

    [Fact]
    public void A_few_that_hang_up_while_staff_disconnects_nearly_all_others_are_still_a_few()
    {
        var mass = Gone(A, "ether5", 8);
        for (var i = 0; i < 90; i++)
        {
            mass.Add(new LineStop(Guid.CreateVersion7(), A, "ether6", Start.AddSeconds(2), "Admin-Reset"), Start.AddSeconds(2));
        }

        Assert.Empty(mass.Find(Start.AddSeconds(5), 5, Places, Open((A, "ether5", 10), (A, "ether6", 2))));
    }

    [Fact]
    public void Lines_that_go_one_after_the_other_over_the_evening_are_no_outage()
    {
        var mass = new MassDisconnects();
        for (var i = 0; i < 12; i++)
        {
            mass.Add(new LineStop(Guid.CreateVersion7(), A, "ether5", Start.AddSeconds(20 * i), "Lost-Carrier"), Start.AddSeconds(20 * i));
        }

        Assert.Empty(mass.Find(Start.AddSeconds(240), 5, Places, Open((A, "ether6", 1))));
    }

    [Theory]
    [InlineData("Admin-Reset", false)]
    [InlineData("Session-Timeout", false)]
    [InlineData("Idle-Timeout", false)]
    [InlineData(OwnCauses.Replaced, false)]
    [InlineData(OwnCauses.NoReports, false)]
    [InlineData("Lost-Carrier", true)]
    [InlineData("User-Request", true)]
    [InlineData("NAS-Reboot", true)]
    [InlineData(OwnCauses.NasRestart, true)]
    [InlineData(OwnCauses.NotSaid, true)]
    public void Ends_that_somebody_wanted_do_not_count(string cause, bool counts)
    {
        var mass = Gone(A, "ether5", 12, cause);

        Assert.Equal(counts ? 1 : 0, mass.Find(Start.AddSeconds(5), 5, Places, Open((A, "ether6", 10))).Count);
    }

    [Fact]
    public void A_line_that_is_back_does_not_count()
    {
        var mass = new MassDisconnects();
        var lines = Enumerable.Range(0, 6).Select(_ => Guid.CreateVersion7()).ToList();
        lines.ForEach(l => mass.Add(new LineStop(l, A, "ether5", Start, "Lost-Carrier"), Start));
        lines.Take(3).ToList().ForEach(mass.Back);

        Assert.Empty(mass.Find(Start.AddSeconds(5), 5, Places, Open()));
    }

    [Fact]
    public void What_a_NAS_with_a_slow_clock_says_of_now_is_not_old()
    {
        var (mass, heard) = (new MassDisconnects(), Start.AddMinutes(4));
        for (var i = 0; i < 6; i++)
        {
            mass.Add(new LineStop(Guid.CreateVersion7(), A, "ether5", Start.AddSeconds(i), "Lost-Carrier"), heard);
        }

        Assert.Equal(6, Assert.Single(mass.Find(heard.AddSeconds(5), 5, Places, Open((A, "ether6", 1)))).Lines.Count);
        Assert.Empty(mass.Find(heard.AddMinutes(2), 5, Places, Open((A, "ether6", 1))));
    }

    private static MassDisconnects Gone(Guid nas, string port, int lines, string cause = "Lost-Carrier")
    {
        var mass = new MassDisconnects();
        Add(mass, nas, port, lines, cause);
        return mass;
    }

    private static void Add(MassDisconnects mass, Guid nas, string port, int lines, string cause = "Lost-Carrier")
    {
        for (var i = 0; i < lines; i++)
        {
            var at = Start.AddSeconds(4.0 * i / (lines - 1));
            mass.Add(new LineStop(Guid.CreateVersion7(), nas, port, at, cause), at);
        }
    }

    private static Dictionary<Guid, IReadOnlyList<(string?, int)>> Open(params (Guid Nas, string Port, int Count)[] open) =>
        open.GroupBy(o => o.Nas).ToDictionary(g => g.Key, g => (IReadOnlyList<(string?, int)>)[.. g.Select(o => ((string?)o.Port, o.Count))]);
}
