using System.Collections.Immutable;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Monitoring.Alerts;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;

namespace DataDefender.Domain.Tests.Monitoring.Alerts;

/// <summary>Each kind of rule from what is known of the network to the alert, with its delay, and to its end.</summary>
public sealed class AlertReadingsTests
{
    private static readonly DateTime Start = new(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(10);
    private static readonly Guid Company = Guid.Parse("aaaaaaaa-0000-0000-0000-000000000001");
    private static readonly Guid Router = Guid.Parse("11111111-1111-1111-1111-111111111111");
    private static readonly Guid Nas = Guid.Parse("22222222-2222-2222-2222-222222222222");

    public static TheoryData<AlertKind> Kinds => [.. Enum.GetValues<AlertKind>().Where(k => k is not AlertKind.MassDisconnect)];

    [Theory, MemberData(nameof(Kinds))]
    public void Each_kind_of_rule_sees_its_trouble_after_its_delay_and_its_end(AlertKind kind)
    {
        var rule = new AlertRule(Company, Input(kind));
        var (engine, network) = (new AlertEngine(), new Network());
        Run(TimeSpan.FromMinutes(3), wrong: false);
        Assert.Empty(engine.Active);

        var began = network.Now;
        while (engine.Active.Count == 0 && network.Now - began < TimeSpan.FromMinutes(30))
        {
            Run(Step, wrong: true);
        }

        var alert = Assert.Single(engine.Active);
        Assert.Equal(kind, alert.Kind);
        Assert.True(alert.Since - began >= -Step && network.Now - alert.Since >= rule.Delay, $"It was on {network.Now - alert.Since} after it began.");
        Assert.False(string.IsNullOrWhiteSpace(alert.Detail));

        Run(TimeSpan.FromMinutes(15), wrong: false);
        Assert.Empty(engine.Active);

        void Run(TimeSpan time, bool wrong)
        {
            for (var end = network.Now + time; network.Now < end;)
            {
                network.Pass(wrong ? kind : null);
                engine.Evaluate(network.Now, [rule], AlertReadings.Of(network.Known(), [rule]), AlertDamping.Default, _ => false);
            }
        }
    }

    [Fact]
    public void Refusals_of_one_reason_are_told_from_all_the_others()
    {
        var rule = new AlertRule(Company, AlertRuleInput.Default(AlertKind.RadiusRejects) with { Reason = LoginOutcome.UnknownUser, Threshold = 30, DelaySeconds = 0 });
        var (engine, network) = (new AlertEngine(), new Network { Refused = LoginOutcome.WrongPassword });
        for (var i = 0; i < 30; i++)
        {
            network.Pass(AlertKind.RadiusRejects);
            engine.Evaluate(network.Now, [rule], AlertReadings.Of(network.Known(), [rule]), AlertDamping.Default, _ => false);
        }

        Assert.Empty(engine.Active);
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(400, false)]
    public void The_certificate_of_RadSec_is_watched_like_those_of_the_routers(int days, bool alerts)
    {
        var rule = new AlertRule(Company, Input(AlertKind.CertificateExpiry));
        var (engine, network) = (new AlertEngine(), new Network());
        network.Pass(null);
        var known = network.Known();

        engine.Evaluate(network.Now, [rule], AlertReadings.Of(known with { Feed = known.Feed with { TlsCertificateExpiresAt = network.Now.AddDays(days) } }, [rule]), AlertDamping.Default, _ => false);

        Assert.Equal(alerts ? ["RADIUS over TLS"] : [], engine.Active.Select(a => a.Subject.Name));
    }

    [Theory]
    [InlineData(5, true, "ends on 6 Mar 2026")]
    [InlineData(-1, true, "ended on 28 Feb 2026")]
    [InlineData(200, false, "")]
    [InlineData(null, false, "")] // a RouterBOARD's
    public void The_licence_of_a_router_is_watched_beside_that_of_the_company(int? days, bool alerts, string detail)
    {
        var rule = new AlertRule(Company, Input(AlertKind.LicenceExpiry));
        var (engine, network) = (new AlertEngine(), new Network());
        network.Pass(null);
        var known = network.Known();
        var live = known.Live[Router] with { Licence = new RouterLicence("p1", days is { } left ? network.Now.AddDays(left) : null, null) };

        engine.Evaluate(network.Now, [rule], AlertReadings.Of(known with { Live = ImmutableDictionary<Guid, RouterSnapshot>.Empty.Add(Router, live) }, [rule]), AlertDamping.Default, _ => false);

        Assert.Equal(alerts ? ["NBO-1"] : [], engine.Active.Select(a => a.Subject.Name));
        Assert.All(engine.Active, a => Assert.Contains(detail, a.Detail, StringComparison.Ordinal));
    }

    [Fact]
    public void A_licence_that_was_renewed_ends_its_alert()
    {
        var rule = new AlertRule(Company, Input(AlertKind.LicenceExpiry));
        var (engine, network) = (new AlertEngine(), new Network());
        foreach (var days in (int[])[5, 300])
        {
            for (var end = network.Now + TimeSpan.FromMinutes(15); network.Now < end;)
            {
                network.Pass(null);
                var known = network.Known();
                var live = known.Live[Router] with { Licence = new RouterLicence("p1", network.Now.AddDays(days), null) };
                engine.Evaluate(network.Now, [rule], AlertReadings.Of(known with { Live = ImmutableDictionary<Guid, RouterSnapshot>.Empty.Add(Router, live) }, [rule]), AlertDamping.Default, _ => false);
            }

            Assert.Equal(days < 14 ? 1 : 0, engine.Active.Count);
        }
    }

    [Theory]
    [InlineData(AlertKind.RouterCpu)]
    [InlineData(AlertKind.RouterTemperature)]
    [InlineData(AlertKind.InterfaceErrors)]
    public void A_router_that_is_not_read_any_more_starts_no_alert_of_what_was_read_before(AlertKind kind)
    {
        var rule = new AlertRule(Company, Input(kind) with { DelaySeconds = 120 });
        var (engine, network) = (new AlertEngine(), new Network());
        network.Pass(null);
        network.Pass(kind);
        for (var i = 0; i < 60; i++)
        {
            network.Now += Step; // nobody answers
            engine.Evaluate(network.Now, [rule], AlertReadings.Of(network.Known(), [rule]), AlertDamping.Default, _ => false);
        }

        Assert.Empty(engine.Active);
    }

    private static AlertRuleInput Input(AlertKind kind) => AlertRuleInput.Default(kind) with { CapacityMbps = kind is AlertKind.Utilisation ? 100 : null };

    /// <summary>A router with a NAS, read each ten seconds: all well, or one thing wrong.</summary>
    private sealed class Network
    {
        private readonly List<RouterSnapshot> _earlier = [];
        private readonly List<RadiusPulse> _pulses = [];
        private readonly List<(DateTime, int)> _sessions = [];
        private RouterSnapshot? _live;
        private DateTime? _silentSince;
        private DateTime? _downSince;
        private long _errors;
        private int _licence = 200;
        private bool _writes = true;

        public DateTime Now { get; set; } = Start;

        public LoginOutcome Refused { get; init; } = LoginOutcome.UnknownUser;

        public void Pass(AlertKind? wrong)
        {
            Now += Step;
            _errors += wrong is AlertKind.InterfaceErrors ? 100 : 0;
            _downSince = wrong is AlertKind.RouterDown ? _downSince ?? Now : null;
            _silentSince = wrong is AlertKind.RadiusSilent ? _silentSince ?? Now : null;
            _licence = wrong is AlertKind.LicenceExpiry ? 5 : 200;
            _writes = wrong is not AlertKind.AccountingWaits;
            var bits = wrong is AlertKind.Utilisation ? 97_000_000 : 20_000_000;
            _live = new RouterSnapshot(
                Company, Router, "NBO-1", Now, _downSince is null ? RouterState.Up : RouterState.Down, _downSince is null ? null : "It does not answer.", Now,
                wrong is AlertKind.RouterCpu ? 97 : 20, wrong is AlertKind.RouterMemory ? 970 : 400, 1000, TimeSpan.FromDays(3), 100, bits, bits / 10.0, 12,
                [new InterfaceReading("ether1", "ether", true, false, 0, 0, bits, bits / 10.0, _errors, 0)])
            {
                Temperature = wrong is AlertKind.RouterTemperature ? 88 : 45, Voltage = wrong is AlertKind.RouterVoltage ? 10.9 : 24,
                CertificateExpiresAt = Now.AddDays(wrong is AlertKind.CertificateExpiry ? 4 : 400),
            };
            _earlier.Add(_live);
            _sessions.Add((Now, wrong is AlertKind.SessionsDropped ? 20 : 100));
            var refused = wrong is AlertKind.RadiusRejects ? 40 : 0;
            _pulses.Add(new RadiusPulse(Now, 2, refused / Step.TotalSeconds, 5, 200, wrong is AlertKind.RadiusLatency ? 900_000 : 2_000, 100, 0)
            {
                Rejects = refused == 0 ? [] : [new OutcomeCount(Refused, refused)],
            });
        }

        public WatchedNetwork Known() => new(
            Now,
            [new WatchedRouter(Router, "NBO-1", "Kilimani", _live?.State ?? RouterState.Unknown, _downSince ?? Start, null, true)],
            [new WatchedNas(Nas, "NBO-1", Router, "Kilimani", _sessions)],
            _live is null ? ImmutableDictionary<Guid, RouterSnapshot>.Empty : ImmutableDictionary<Guid, RouterSnapshot>.Empty.Add(Router, _live),
            ImmutableDictionary<Guid, IReadOnlyCollection<RouterSnapshot>>.Empty.Add(Router, [.. _earlier.Where(s => Now - s.At <= TimeSpan.FromMinutes(6))]),
            new RadiusFeed(_silentSince, _silentSince is null ? null : "It is not heard.", Now, 0, _writes, true),
            _pulses,
            _licence);
    }
}
