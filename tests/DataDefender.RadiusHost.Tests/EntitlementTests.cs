using DataDefender.Domain.Network;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Lines;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Tests;

/// <summary>A line that dials in gets what it is entitled to at that moment: limits, state treatments, bindings, addresses.</summary>
public sealed class EntitlementTests(EntitlementTests.Fixture fixture) : IClassFixture<EntitlementTests.Fixture>
{
    private static readonly DateTime Now = TimeProvider.System.GetUtcNow().UtcDateTime;
    private static readonly DateTime Later = Now.AddDays(3);

    private RadiusTestClient Client => fixture.Host.Client();

    [Fact]
    public async Task A_line_past_its_fair_use_gets_the_lower_speed_until_the_window_ends()
    {
        await AddAsync("heavy", Obeying(new LineLimit(LimitKind.FairUse, QuotaAction.Throttle, 2_000, 1_000, "Tier 1: more than 100 GB this month.", Later)));
        await AddAsync("heavy-last-month", Obeying(new LineLimit(LimitKind.FairUse, QuotaAction.Throttle, 2_000, 1_000, "Tier 1: more than 100 GB this month.", Now.AddMinutes(-1))));

        Assert.Equal("1M/2M", (await Client.PapAsync("heavy", HostFixture.Password))["Mikrotik-Rate-Limit"]);
        Assert.Equal("5M/10M", (await Client.PapAsync("heavy-last-month", HostFixture.Password))["Mikrotik-Rate-Limit"]);
        Assert.Contains("100 GB", (await AttemptAsync("heavy")).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_limit_takes_effect_within_a_second_and_so_does_its_end()
    {
        var line = await AddAsync("up-and-down");
        Assert.Equal("5M/10M", (await Client.PapAsync("up-and-down", HostFixture.Password))["Mikrotik-Rate-Limit"]);

        await ChangeAsync(line, Obeying(new LineLimit(LimitKind.DataQuota, QuotaAction.Throttle, 512, 512, "This month's data is used up.", Later)));
        await WithinASecond(async () => (await Client.PapAsync("up-and-down", HostFixture.Password))["Mikrotik-Rate-Limit"] == "512k/512k");

        await ChangeAsync(line, Obeying(new LineLimit(LimitKind.None, null, 10_000, 5_000, "", null)));
        await WithinASecond(async () => (await Client.PapAsync("up-and-down", HostFixture.Password))["Mikrotik-Rate-Limit"] == "5M/10M");
    }

    [Fact]
    public async Task A_line_over_its_quota_is_refused_with_the_companys_words_or_walled_in_as_its_policy_says()
    {
        await AddAsync("quota-refused", Obeying(new LineLimit(LimitKind.DataQuota, QuotaAction.Refuse, 10_000, 5_000, "This month's data is used up: 50 GB.", Later)));
        await AddAsync("quota-walled", Obeying(new LineLimit(LimitKind.DataQuota, QuotaAction.WalledGarden, 10_000, 5_000, "This month's data is used up: 50 GB.", Later)));

        var refused = await Client.PapAsync("quota-refused", HostFixture.Password);
        var walled = await Client.PapAsync("quota-walled", HostFixture.Password);
        var guessed = await Client.PapAsync("quota-refused", "guess");

        Assert.Equal((RadiusCode.AccessReject, "Buy more data: dial *544#"), (refused.Code, refused["Reply-Message"]));
        Assert.Equal((RadiusCode.AccessAccept, "topup", "Buy more data: dial *544#"), (walled.Code, walled["Mikrotik-Address-List"], walled["Reply-Message"]));
        Assert.Equal("Invalid user name or password", guessed["Reply-Message"]); // no oracle for who does not know the password
        Assert.Equal((LoginOutcome.OverQuota, "This month's data is used up: 50 GB."), Said(await AttemptAsync("quota-refused", LoginOutcome.OverQuota)));
    }

    [Fact]
    public async Task Hours_of_the_day_set_the_speed_although_nobody_has_looked_at_the_line()
    {
        var always = await AddPolicyAsync(new PolicyRules { Schedules = [new SpeedSchedule("Night boost", new WeeklyHours(WeekDays.All, default, default), 200, 200)] });
        var never = await AddPolicyAsync(new PolicyRules { Schedules = [new SpeedSchedule("No day", new WeeklyHours(WeekDays.None, default, default), 200, 200)] });
        await AddAsync("boosted", package: await AddPackageAsync("Night", p => p.PolicyId = always.Id));
        await AddAsync("unboosted", package: await AddPackageAsync("Day", p => p.PolicyId = never.Id));

        Assert.Equal("10M/20M", (await Client.PapAsync("boosted", HostFixture.Password))["Mikrotik-Rate-Limit"]);
        Assert.Equal("5M/10M", (await Client.PapAsync("unboosted", HostFixture.Password))["Mikrotik-Rate-Limit"]);

        await using (var db = fixture.Company.Open())
        {
            (await db.UsagePolicies.SingleAsync(p => p.Id == always.Id)).Change("Half", new PolicyRules { Schedules = [new SpeedSchedule("Half", new WeeklyHours(WeekDays.All, default, default), 50, 50)] });
            await db.SaveChangesAsync();
        }

        await WithinASecond(async () => (await Client.PapAsync("boosted", HostFixture.Password))["Mikrotik-Rate-Limit"] == "2500k/5M");
    }

    [Fact]
    public async Task Paid_time_that_is_over_counts_at_once_whoever_has_looked_and_the_session_ends_with_it()
    {
        await AddAsync("prepaid", s => s.ExpireAt(Now.AddHours(1)));
        await AddAsync("in-grace", s => s.ExpireAt(Now.AddHours(-1)));
        await AddAsync("overdue", s => s.ExpireAt(Now.AddDays(-4)));
        await AddAsync("paid-again", s =>
        {
            s.ExpireAt(Now.AddDays(30));
            s.Obey(new LineLimit(LimitKind.Expired, QuotaAction.WalledGarden, 10_000, 5_000, "The paid time has ended.", null), Now);
        });

        var prepaid = await Client.PapAsync("prepaid", HostFixture.Password);
        var grace = await Client.PapAsync("in-grace", HostFixture.Password);
        var overdue = await Client.PapAsync("overdue", HostFixture.Password);

        Assert.Equal("5M/10M", prepaid["Mikrotik-Rate-Limit"]);
        Assert.InRange(prepaid.GetNumber("Session-Timeout")!.Value, 3400u, 3600u); // grace is another speed: the line has to come back for it
        Assert.Equal(("1M/1M", "Please pay"), (grace["Mikrotik-Rate-Limit"], grace["Reply-Message"]));
        Assert.InRange(grace.GetNumber("Session-Timeout")!.Value, (47 * 3600) - 200u, 47u * 3600); // two days of grace, one hour gone
        Assert.Equal((RadiusCode.AccessReject, "Your time is over"), (overdue.Code, overdue["Reply-Message"]));
        Assert.Equal(LoginOutcome.Expired, (await AttemptAsync("overdue", LoginOutcome.Expired)).Outcome);
        Assert.Equal("5M/10M", (await Client.PapAsync("paid-again", HostFixture.Password))["Mikrotik-Rate-Limit"]);
    }

    [Fact]
    public async Task A_NAS_that_takes_no_changes_ends_the_session_when_the_speed_changes()
    {
        var soon = Now.AddHours(2);
        var schedule = await AddPolicyAsync(new PolicyRules { Schedules = [new SpeedSchedule("Evening", new WeeklyHours(WeekDays.All, TimeOnly.FromDateTime(soon), TimeOnly.FromDateTime(soon.AddHours(1))), 50, 50)] });
        var package = await AddPackageAsync("Evenings", p => p.PolicyId = schedule.Id);
        var line = await AddAsync("evening", package: package);
        var subscriber = fixture.Host.Service<LineDirectory>().Content.Companies[fixture.Company.Id].Find(line.Id)!;

        // Over UDP a NAS always has an address to send a change to; one over TLS from anywhere has none.
        var terms = subscriber.TermsAt(Now.Ticks);

        Assert.Equal(long.MaxValue, terms.EndsAt);
        Assert.NotEqual(long.MaxValue, terms.ChangesAt);
        Assert.Null((await Client.PapAsync("evening", HostFixture.Password))["Session-Timeout"]);
    }

    [Fact]
    public async Task What_is_left_of_a_time_quota_ends_the_session_unless_another_window_begins_before()
    {
        var hourly = await AddPolicyAsync(new PolicyRules { Time = new TimeQuota(UsageWindow.Day, 120, QuotaAction.Refuse, null) });
        var slowed = await AddPolicyAsync(new PolicyRules { Time = new TimeQuota(UsageWindow.Day, 120, QuotaAction.Throttle, 512) });
        var (refusing, throttling) = (await AddPackageAsync("By the hour", p => p.PolicyId = hourly.Id), await AddPackageAsync("Slow after", p => p.PolicyId = slowed.Id));
        await AddAsync("some-left", s => s.TellOnlineLeft(new OnlineLeft(1_800, Later)), refusing);
        await AddAsync("left-until-paid", s => { s.TellOnlineLeft(new OnlineLeft(7_200, Later)); s.ExpireAt(Now.AddHours(1)); }, refusing);
        await AddAsync("enough-left", s => s.TellOnlineLeft(new OnlineLeft(1_800, Now.AddMinutes(10))), refusing);
        var slow = await AddAsync("slow-after", s => s.TellOnlineLeft(new OnlineLeft(1_800, Later)), throttling);

        Assert.Equal(1_800u, (await Client.PapAsync("some-left", HostFixture.Password)).GetNumber("Session-Timeout"));
        Assert.InRange((await Client.PapAsync("left-until-paid", HostFixture.Password)).GetNumber("Session-Timeout")!.Value, 3_400u, 3_600u);
        Assert.Null((await Client.PapAsync("enough-left", HostFixture.Password))["Session-Timeout"]);
        Assert.Null((await Client.PapAsync("slow-after", HostFixture.Password))["Session-Timeout"]); // slowed in its course
        var terms = fixture.Host.Service<LineDirectory>().Content.Companies[fixture.Company.Id].Find(slow.Id)!.TermsAt(Now.Ticks);
        Assert.Equal((long.MaxValue, Now.AddSeconds(1_800).Ticks), (terms.EndsAt, terms.ChangesAt)); // for a NAS that cannot be told
    }

    [Theory]
    [InlineData(SuspendReason.Unpaid, "suspended", null)]
    [InlineData(SuspendReason.Abuse, null, "Call us about abuse")]
    [InlineData(SuspendReason.Maintenance, null, null)]
    public async Task Each_reason_of_a_suspension_is_treated_as_the_company_says(SuspendReason reason, string? list, string? refusal)
    {
        var username = $"suspended-{reason}".ToLowerInvariant();
        await AddAsync(username, s => s.Suspend(reason, null, Now));

        var reply = await Client.PapAsync(username, HostFixture.Password);

        Assert.Equal(refusal is null ? RadiusCode.AccessAccept : RadiusCode.AccessReject, reply.Code);
        Assert.Equal(list, reply["Mikrotik-Address-List"]);
        Assert.Equal(refusal, reply["Reply-Message"]);
    }

    [Fact]
    public async Task A_line_is_bound_to_its_first_caller_at_once_and_in_the_database()
    {
        var line = await AddAsync("learner", s => s.Bind(new LineBinding { LearnsCaller = true }));

        var first = await FromAsync("learner", "02:00:5E:00:AA:01");
        var second = await FromAsync("learner", "02:00:5E:00:AA:02");
        var again = await FromAsync("learner", "02-00-5e-00-aa-01");

        Assert.Equal((RadiusCode.AccessAccept, RadiusCode.AccessReject, RadiusCode.AccessAccept), (first.Code, second.Code, again.Code));
        Assert.Equal("This line belongs to another device", second["Reply-Message"]);
        await Eventually.Is(async () => (await LineAsync(line)).CallerLock == "02:00:5E:00:AA:01");
        Assert.Equal(RadiusCode.AccessReject, (await FromAsync("learner", "02:00:5E:00:AA:02")).Code);
        Assert.Equal(RadiusCode.AccessAccept, (await FromAsync("learner", "02:00:5E:00:AA:01")).Code);
        Assert.Contains("another caller", (await AttemptAsync("learner", LoginOutcome.WrongCaller)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listed_caller_may_log_in_beside_the_locked_one()
    {
        await AddAsync("family", s =>
        {
            s.LockToCaller("02:00:5E:00:BB:01");
            s.Bind(new LineBinding { MoreCallers = ["02:00:5E:00:BB:02"] });
        });

        Assert.Equal(RadiusCode.AccessAccept, (await FromAsync("family", "02:00:5E:00:BB:01")).Code);
        Assert.Equal(RadiusCode.AccessAccept, (await FromAsync("family", "02:00:5E:00:BB:02")).Code);
        Assert.Equal(RadiusCode.AccessReject, (await FromAsync("family", "02:00:5E:00:BB:03")).Code);
    }

    [Fact]
    public async Task A_line_that_is_bound_to_a_place_is_refused_elsewhere()
    {
        await AddAsync("at-port", s => s.Bind(new LineBinding { PortId = "ether2" }));
        await AddAsync("at-other-port", s => s.Bind(new LineBinding { PortId = "ether7" }));
        await AddAsync("at-circuit", s => s.Bind(new LineBinding { PortId = "olt1 eth 1/1/3:100" }));
        await AddAsync("at-vlan", s => s.Bind(new LineBinding { Vlan = 100 }));
        await AddAsync("at-other-nas", s => s.Bind(new LineBinding { NasId = fixture.OldNas.Id }));

        Assert.Equal(RadiusCode.AccessAccept, (await Client.PapAsync("at-port", HostFixture.Password)).Code);
        var wrong = await Client.PapAsync("at-other-port", HostFixture.Password);
        Assert.Equal((RadiusCode.AccessReject, "This line may not be used from here"), (wrong.Code, wrong["Reply-Message"]));
        foreach (var username in (string[])["at-circuit", "at-vlan"])
        {
            Assert.Equal(RadiusCode.AccessReject, (await Client.PapAsync(username, HostFixture.Password)).Code);
            var request = Client.PppoeRequest(username).Add("ADSL-Agent-Circuit-Id", "olt1 eth 1/1/3:100");
            Assert.Equal(RadiusCode.AccessAccept, (await Client.AskAsync(request.AddPapPassword(HostFixture.Password, Client.Secret))).Code);
        }

        Assert.Equal(RadiusCode.AccessReject, (await Client.PapAsync("at-other-nas", HostFixture.Password)).Code);
        Assert.Equal(RadiusCode.AccessAccept, (await fixture.Host.Client(identifier: "old-nas").PapAsync("at-other-nas", HostFixture.Password)).Code);
        Assert.Equal(LoginOutcome.WrongPlace, (await AttemptAsync("at-other-port", LoginOutcome.WrongPlace)).Outcome);
    }

    [Fact]
    public async Task A_package_has_its_own_pool_at_a_site()
    {
        var package = await AddPackageAsync("Sites", p => p.SitePools = new SitePools { Pools = [new SitePool(fixture.Router.Id, "ruiru")] });
        await AddAsync("roaming", package: package);
        await AddAsync("settled", s => s.AssignAddress("100.64.9.9"), package);

        Assert.Equal("customers", (await Client.PapAsync("roaming", HostFixture.Password))["Framed-Pool"]);
        Assert.Equal("ruiru", (await fixture.Host.Client(identifier: "ruiru").PapAsync("roaming", HostFixture.Password))["Framed-Pool"]);
        var settled = await fixture.Host.Client(identifier: "ruiru").PapAsync("settled", HostFixture.Password);
        Assert.Equal((null, "100.64.9.9"), (settled["Framed-Pool"], settled["Framed-IP-Address"]));
    }

    [Fact]
    public async Task IPv6_comes_from_the_pools_or_is_the_lines_own_prefix_and_never_leads_round_the_walled_garden()
    {
        var package = await AddPackageAsync("Dual stack", p => (p.Ipv6Pool, p.DelegatedIpv6Pool) = ("link6", "pd"));
        await AddAsync("six-pool", package: package);
        await AddAsync("six-own", s => s.Delegate("2001:db8:7::/56"), package);
        await AddAsync("six-walled", s => { s.Delegate("2001:db8:8::/56"); s.Suspend(SuspendReason.Unpaid, null, Now); }, package);

        var pool = await Client.PapAsync("six-pool", HostFixture.Password);
        var own = await Client.PapAsync("six-own", HostFixture.Password);
        var walled = await Client.PapAsync("six-walled", HostFixture.Password);

        Assert.Equal(("link6", "pd", null), (pool["Framed-IPv6-Pool"], pool["Mikrotik-Delegated-IPv6-Pool"], pool["Delegated-IPv6-Prefix"]));
        Assert.Equal(("link6", null, "2001:db8:7::/56"), (own["Framed-IPv6-Pool"], own["Mikrotik-Delegated-IPv6-Pool"], own["Delegated-IPv6-Prefix"]));
        Assert.Equal((null, null, null), (walled["Framed-IPv6-Pool"], walled["Mikrotik-Delegated-IPv6-Pool"], walled["Delegated-IPv6-Prefix"]));
        Assert.Equal("suspended", walled["Mikrotik-Address-List"]);
    }

    [Fact]
    public async Task Deciding_allocates_nothing_and_a_line_stays_small()
    {
        var schedule = await AddPolicyAsync(new PolicyRules { Schedules = [new SpeedSchedule("Night boost", new WeeklyHours(WeekDays.All, default, default), 200, 200)] });
        var night = await AddPackageAsync("Frugal", p => p.PolicyId = schedule.Id);
        string[] names = ["frugal-plain", "frugal-prepaid", "frugal-night", "frugal-limited"];
        await AddAsync(names[0]);
        await AddAsync(names[1], s => s.ExpireAt(Later));
        await AddAsync(names[2], package: night);
        await AddAsync(names[3], Obeying(new LineLimit(LimitKind.FairUse, QuotaAction.Throttle, 2_000, 1_000, "Tier 1.", Later)));
        var lines = fixture.Host.Service<LineDirectory>().Content.Companies[fixture.Company.Id];
        List<Subscriber> subscribers = [.. names.Select(n => lines.Subscribers.Single(s => s.Username.AsSpan().SequenceEqual(System.Text.Encoding.UTF8.GetBytes(n))))];
        subscribers.ForEach(s => s.TermsAt(Now.Ticks).Template.AttributesFor(NasVendor.MikroTik)); // the first login after a change makes the answer

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var subscriber in subscribers)
        {
            for (var i = 0; i < 100; i++)
            {
                _ = subscriber.TermsAt(Now.Ticks + i).Template.AttributesFor(NasVendor.MikroTik).Length;
            }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        var facts = subscribers[1].ToFacts();
        before = GC.GetAllocatedBytesForCurrentThread();
        var made = new Subscriber(new LineState(facts.SubscriptionId), subscribers[1].Package, facts);
        var octets = GC.GetAllocatedBytesForCurrentThread() - before;
        GC.KeepAlive(made);
        TestContext.Current.TestOutputHelper?.WriteLine($"{octets} octets a line");
        Assert.InRange(octets, 1, 320); // a million with its two indexes has to fit into 600 MB
    }

    [Fact]
    public async Task A_start_without_the_database_decides_all_of_that_the_same_from_the_copy_on_disk()
    {
        await using var services = await TestServices.CreateAsync();
        var company = await TestCompany.CreateAsync(services);
        await Fixture.TreatAsync(company);
        await company.AddNasAsync("127.0.0.1", HostFixture.Secret);
        UsagePolicy policy = new(company.Id, "Night", new PolicyRules { Time = new TimeQuota(UsageWindow.Day, 120, QuotaAction.Refuse, null), Schedules = [new SpeedSchedule("Night boost", new WeeklyHours(WeekDays.All, default, default), 200, 200)] }, Now);
        var plain = await company.AddPackageAsync("Home 10", 10_000, 5_000, configure: p => p.DelegatedIpv6Pool = "pd");
        ServicePackage night;
        await using (var db = company.Open())
        {
            db.Add(policy);
            await db.SaveChangesAsync();
        }

        night = await company.AddPackageAsync("Night", 10_000, 5_000, configure: p => p.PolicyId = policy.Id);
        await AddAsync(company, plain, "heavy", Obeying(new LineLimit(LimitKind.FairUse, QuotaAction.Throttle, 2_000, 1_000, "Tier 1.", Later)));
        await AddAsync(company, plain, "overdue", s => s.ExpireAt(Now.AddDays(-4)));
        await AddAsync(company, plain, "bound", s => { s.Bind(new LineBinding { Vlan = 100 }); s.Delegate("2001:db8:7::/56"); });
        await AddAsync(company, plain, "abusive", s => s.Suspend(SuspendReason.Abuse, null, Now));
        await AddAsync(company, night, "boosted", s => s.TellOnlineLeft(new OnlineLeft(1_200, Later)));
        await using (await RunningHost.StartAsync(services.Database))
        {
            // writes the copy
        }

        using var outage = new Outage(services.Database);
        await using var cold = await RunningHost.StartAsync(services.Database);
        Assert.Equal(DirectorySource.File, cold.Service<LineDirectory>().Source);
        var client = cold.Client();

        Assert.Equal("1M/2M", (await client.PapAsync("heavy", HostFixture.Password))["Mikrotik-Rate-Limit"]);
        Assert.Equal("Your time is over", (await client.PapAsync("overdue", HostFixture.Password))["Reply-Message"]);
        Assert.Equal("Call us about abuse", (await client.PapAsync("abusive", HostFixture.Password))["Reply-Message"]);
        var boosted = await client.PapAsync("boosted", HostFixture.Password);
        Assert.Equal(("10M/20M", 1_200u), (boosted["Mikrotik-Rate-Limit"], boosted.GetNumber("Session-Timeout")));
        Assert.Equal(RadiusCode.AccessReject, (await client.PapAsync("bound", HostFixture.Password)).Code);
        var bound = await client.AskAsync(client.PppoeRequest("bound").Add("ADSL-Agent-Circuit-Id", "eth 0/1:100").AddPapPassword(HostFixture.Password, client.Secret));
        Assert.Equal(("2001:db8:7::/56", null), (bound["Delegated-IPv6-Prefix"], bound["Mikrotik-Delegated-IPv6-Pool"]));
    }

    private static Action<Subscription> Obeying(LineLimit limit) => line => line.Obey(limit, Now);

    private static (LoginOutcome, string) Said(LoginAttempt attempt) => (attempt.Outcome, attempt.Detail);

    private static async Task<Subscription> AddAsync(TestCompany company, ServicePackage package, string username, Action<Subscription> change)
    {
        var line = await company.AddSubscriptionAsync(package: package, username: username, password: HostFixture.Password);
        await using var db = company.Open();
        line = await db.Subscriptions.SingleAsync(s => s.Id == line.Id);
        change(line);
        await db.SaveChangesAsync();
        return line;
    }

    /// <summary>Adds a line and waits until RadiusHost has it as it is.</summary>
    private async Task<Subscription> AddAsync(string username, Action<Subscription>? change = null, ServicePackage? package = null)
    {
        var line = await AddAsync(fixture.Company, package ?? fixture.Package, username, change ?? (_ => { }));
        await KnownAsync();
        return line;
    }

    private async Task ChangeAsync(Subscription line, Action<Subscription> change)
    {
        await using var db = fixture.Company.Open();
        change(await db.Subscriptions.SingleAsync(s => s.Id == line.Id));
        await db.SaveChangesAsync();
    }

    private async Task<UsagePolicy> AddPolicyAsync(PolicyRules rules)
    {
        await using var db = fixture.Company.Open();
        var policy = db.UsagePolicies.Add(new UsagePolicy(fixture.Company.Id, $"Policy {Guid.CreateVersion7()}", rules, Now)).Entity;
        await db.SaveChangesAsync();
        return policy;
    }

    private Task<ServicePackage> AddPackageAsync(string name, Action<ServicePackageInput> configure) => fixture.Company.AddPackageAsync(
        name, 10_000, 5_000, configure: p => { p.AddressPool = "customers"; configure(p); });

    private async Task<Subscription> LineAsync(Subscription line)
    {
        await using var db = fixture.Company.Open();
        return await db.Subscriptions.AsNoTracking().SingleAsync(s => s.Id == line.Id);
    }

    private Task<RadiusMessage> FromAsync(string username, string mac) => Client.AskAsync(Client.PppoeRequest(username, mac).AddPapPassword(HostFixture.Password, Client.Secret));

    /// <summary>A marker that is saved last is seen last.</summary>
    private async Task KnownAsync()
    {
        var marker = await fixture.Company.AddSubscriptionAsync(package: fixture.Package);
        await Eventually.Is(() => fixture.Host.Service<LineDirectory>().Content.Companies[fixture.Company.Id].Find(marker.Id) is not null);
    }

    private async Task<LoginAttempt> AttemptAsync(string username, LoginOutcome? outcome = null)
    {
        LoginAttempt? found = null;
        await Eventually.Is(async () =>
        {
            await using var db = fixture.Company.Open();
            found = await db.LoginAttempts.FirstOrDefaultAsync(a => a.Username == username && (outcome == null || a.Outcome == outcome));
            return found is not null;
        });
        return found!;
    }

    private static async Task WithinASecond(Func<Task<bool>> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        await Eventually.Is(condition);
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(1), $"It took {TimeProvider.System.GetElapsedTime(started).TotalMilliseconds:0} ms.");
    }

    public sealed class Fixture : HostFixture
    {
        public Router Router { get; private set; } = null!;

        public static async Task TreatAsync(TestCompany company)
        {
            await using var db = company.Open();
            var settings = await db.NetworkSettings.SingleOrDefaultAsync() ?? db.NetworkSettings.Add(new NetworkSettings(company.Id)).Entity;
            settings.Treat(new StateTreatments
            {
                GraceDays = 2,
                Grace = new Treatment(LineAccess.Limited, 1_000, 1_000, Message: "Please pay"),
                Expired = new Treatment(LineAccess.Refused, Message: "Your time is over"),
                OverQuota = new Treatment(LineAccess.WalledGarden, AddressList: "topup", Message: "Buy more data: dial *544#"),
                Abuse = new Treatment(LineAccess.Refused, Message: "Call us about abuse"),
                Maintenance = Treatment.AsSold,
            });
            await db.SaveChangesAsync();
        }

        protected override async Task PrepareAsync()
        {
            await TreatAsync(Company);
            Router = await Company.AddRouterAsync("Ruiru");
            await Company.AddNasAsync("127.0.0.1", Secret, Router, identifier: "ruiru");
        }
    }
}
