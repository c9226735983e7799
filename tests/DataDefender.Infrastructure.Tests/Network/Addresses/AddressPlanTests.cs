using DataDefender.Domain.Addresses;
using DataDefender.Domain.Common;
using DataDefender.Domain.Compliance;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Network.Addresses;

public sealed class AddressPlanTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [EachDatabase]
    public async Task Prefixes_lie_in_one_another_and_say_how_full_they_are(DatabaseProvider provider)
    {
        var company = await CompanyAsync(provider);
        await AddAsync(company, "10.0.0.0/8", PrefixUse.Container, "All");
        await AddAsync(company, "10.20.0.0/24", PrefixUse.Lines, "Offices", gateway: "10.20.0.1");
        await AddAsync(company, "10.10.0.0/16", PrefixUse.Container);
        await AddAsync(company, "10.10.4.0/22", PrefixUse.Pool);
        await AddAsync(company, "2001:db8::/40", PrefixUse.Delegation, length: 56);
        await company.AddSubscriptionAsync(staticAddress: "10.20.0.9");
        await OnlineAsync(company, "10.10.4.7", "2001:db8:12::/56");

        var rows = (await AsAsync<AddressPlanService, PageOf<PrefixRow>>(company, p => p.ListAsync(new GridQuery(0, 100), ct: Ct))).Items;

        Assert.Equal([("10.0.0.0/8", 0), ("10.10.0.0/16", 1), ("10.10.4.0/22", 2), ("10.20.0.0/24", 1), ("2001:db8::/40", 0)], rows.Select(r => (r.Network, r.Depth)));
        Assert.Equal([(1, 1), (0, 1), (0, 1), (1, 0), (0, 1)], rows.Select(r => (r.Fixed, r.Online)));
        Assert.Equal([1022, 253, 65536], rows.Skip(2).Select(r => r.Capacity!.Value));
        var found = (await AsAsync<AddressPlanService, PageOf<PrefixRow>>(company, p => p.ListAsync(new GridQuery(0, 100, Search: "10.10.5.1"), ct: Ct))).Items;
        Assert.Equal(["10.0.0.0/8", "10.10.0.0/16", "10.10.4.0/22"], found.Select(r => r.Network));
    }

    [Fact]
    public async Task Only_a_container_is_divided_and_each_prefix_is_in_the_plan_once()
    {
        var company = await CompanyAsync(DatabaseProvider.Sqlite);
        await AddAsync(company, "10.0.0.0/16", PrefixUse.Pool);

        var inside = await Assert.ThrowsAsync<InvalidInputException>(() => AddAsync(company, "10.0.4.0/24", PrefixUse.Lines));
        var around = await Assert.ThrowsAsync<InvalidInputException>(() => AddAsync(company, "10.0.0.0/8", PrefixUse.Lines));
        var twice = await Assert.ThrowsAsync<InvalidInputException>(() => AddAsync(company, "10.0.0.0/16", PrefixUse.Container));

        Assert.Contains("given out as a whole", inside.Message, StringComparison.Ordinal);
        Assert.Contains("so it is a container", around.Message, StringComparison.Ordinal);
        Assert.Contains("in the plan already", twice.Message, StringComparison.Ordinal);
    }

    [Theory]
    [EachDatabase]
    public async Task Ten_people_who_take_the_next_free_address_at_once_get_ten_different_ones(DatabaseProvider provider)
    {
        var company = await CompanyAsync(provider);
        var prefix = await AddAsync(company, "10.20.0.0/28", PrefixUse.Lines, gateway: "10.20.0.1");
        await OnlineAsync(company, "10.20.0.3", null);
        var lines = new List<Subscription>();
        for (var i = 0; i < 10; i++)
        {
            lines.Add(await company.AddSubscriptionAsync());
        }

        var given = await Task.WhenAll(lines.Select(l => AsAsync<AddressPlanService, string>(company, p => p.AssignNextAsync(prefix, l.Id, Ct))));

        Assert.Equal(10, given.Distinct().Count());
        Assert.DoesNotContain("10.20.0.1", given);
        Assert.DoesNotContain("10.20.0.3", given);
        await using var db = company.Open();
        Assert.Equal(given.Order(), (await db.Subscriptions.Where(s => s.StaticAddress != null).Select(s => s.StaticAddress!).ToListAsync(Ct)).Order());
    }

    [Fact]
    public async Task A_full_prefix_says_so_and_gives_nothing()
    {
        var company = await CompanyAsync(DatabaseProvider.Sqlite);
        var prefix = await AddAsync(company, "10.20.0.0/30", PrefixUse.Lines);
        var (one, two, three) = (await company.AddSubscriptionAsync(), await company.AddSubscriptionAsync(), await company.AddSubscriptionAsync());
        Assert.Equal("10.20.0.1", await AssignAsync(company, prefix, one));
        Assert.Equal("10.20.0.2", await AssignAsync(company, prefix, two));

        var full = await Assert.ThrowsAsync<DomainException>(() => AssignAsync(company, prefix, three));

        Assert.Equal("10.20.0.0/30 is full.", full.Message);
    }

    [Fact]
    public async Task Delegated_prefixes_are_given_out_round_what_is_taken_whatever_its_length()
    {
        var company = await CompanyAsync(DatabaseProvider.Sqlite);
        var prefix = await AddAsync(company, "2001:db8::/48", PrefixUse.Delegation, length: 56);
        var (one, two, three) = (await company.AddSubscriptionAsync(), await company.AddSubscriptionAsync(), await company.AddSubscriptionAsync());
        Assert.Equal("2001:db8::/56", await AssignAsync(company, prefix, one));
        await using (var db = company.Open())
        {
            (await db.Subscriptions.SingleAsync(s => s.Id == two.Id, Ct)).Delegate("2001:db8:0:100::/60"); // by hand, smaller
            await db.SaveChangesAsync(Ct);
        }

        Assert.Equal("2001:db8:0:200::/56", await AssignAsync(company, prefix, three));
    }

    [Fact]
    public async Task A_delegated_prefix_that_a_session_has_or_a_pool_of_a_router_covers_is_not_given_out()
    {
        var company = await CompanyAsync(DatabaseProvider.Sqlite);
        var prefix = await AddAsync(company, "2001:db8::/48", PrefixUse.Delegation, length: 56);
        await OnlineAsync(company, null, "2001:db8::/60"); // a part of the first
        await DesignAsync(company, "R1", "", "home 2001:db8:0:100::/56 64"); // the second

        Assert.Equal("2001:db8:0:200::/56", await AssignAsync(company, prefix, await company.AddSubscriptionAsync()));
    }

    [Fact]
    public async Task Delegated_prefixes_that_overlap_are_conflicts_whoever_has_them()
    {
        var company = await CompanyAsync(DatabaseProvider.Sqlite);
        await DelegateAsync(company, "pooled", "2001:db8:0:100::/56");
        await DelegateAsync(company, "wide", "2001:db8:1::/48");
        await DelegateAsync(company, "narrow", "2001:db8:1:200::/56");
        await DesignAsync(company, "R1", "", "home 2001:db8::/48 56");
        await OnlineAsync(company, null, "2001:db8:7::/56");
        await OnlineAsync(company, null, "2001:db8:7::/56");

        var conflicts = await AsAsync<AddressPlanService, IReadOnlyList<AddressConflict>>(company, p => p.ConflictsAsync(Ct));

        Assert.Equal(3, conflicts.Count);
        Assert.Contains(conflicts, c => c.What.Contains("of pooled lies in the IPv6 pool home of R1", StringComparison.Ordinal));
        Assert.Contains(conflicts, c => c.What.Contains("which overlap", StringComparison.Ordinal));
        Assert.Contains(conflicts, c => c.What.Contains("online with the same prefix", StringComparison.Ordinal));
    }

    private static async Task DelegateAsync(TestCompany company, string username, string prefix)
    {
        var line = await company.AddSubscriptionAsync(username: username);
        await using var db = company.Open();
        (await db.Subscriptions.SingleAsync(s => s.Id == line.Id, Ct)).Delegate(prefix);
        await db.SaveChangesAsync(Ct);
    }

    [Fact]
    public async Task Pools_of_routers_their_addresses_and_lines_are_held_against_one_another()
    {
        var company = await CompanyAsync(DatabaseProvider.Sqlite);
        await company.AddSubscriptionAsync(username: "wanjiku", staticAddress: "10.1.0.50");
        await DesignAsync(company, "R1", "home 10.1.0.2-10.1.0.99");
        await DesignAsync(company, "R2", "home 10.1.0.90-10.1.0.200");

        var conflicts = await AsAsync<AddressPlanService, IReadOnlyList<AddressConflict>>(company, p => p.ConflictsAsync(Ct));

        Assert.Equal(2, conflicts.Count);
        Assert.Contains(conflicts, c => c.What.Contains("wanjiku lies in the pool home of R1", StringComparison.Ordinal));
        Assert.Contains(conflicts, c => c.What.Contains("overlap at 10.1.0.90–10.1.0.99", StringComparison.Ordinal));
    }

    [Theory]
    [EachDatabase]
    public async Task A_public_address_port_and_time_give_the_one_line_by_the_map_of_that_time(DatabaseProvider provider)
    {
        var company = await CompanyAsync(provider);
        var now = (await databases.GetAsync(provider)).Clock.Now;
        var old = await AsAsync<CgnatService, Guid>(company, c => c.AddAsync(new CgnatMapInput { Name = "Old", Inside = "100.64.0.0/24", Outside = "203.0.113.0/28", BlockSize = 1008, ValidFrom = now.AddDays(-30) }, Ct));
        await AsAsync<CgnatService>(company, c => c.EndAsync(old, now.AddDays(-10), Ct));
        await AsAsync<CgnatService, Guid>(company, c => c.AddAsync(new CgnatMapInput { Name = "New", Inside = "100.64.0.128-100.64.0.255", Outside = "203.0.113.0/28", BlockSize = 1008, ValidFrom = now.AddDays(-10) }, Ct));
        var (before, after) = (await company.AddSubscriptionAsync(username: "before"), await company.AddSubscriptionAsync(username: "after"));
        await EndedAsync(company, before, "100.64.0.1", now.AddDays(-20), now.AddDays(-19)); // the old map: 2032–3039
        await EndedAsync(company, after, "100.64.0.129", now.AddDays(-5), now.AddDays(-4)); // the new map: 2032–3039
        await EndedAsync(company, after, "100.64.0.1", now.AddDays(-5), now.AddDays(-4)); // not of the new map

        var then = await AskAsync(company, "203.0.113.0", 2500, now.AddDays(-20).AddHours(1), now.AddDays(-20).AddHours(2));
        var later = await AskAsync(company, "203.0.113.0", 2500, now.AddDays(-5).AddHours(1), now.AddDays(-5).AddHours(2));
        var both = await AskAsync(company, "203.0.113.0", 2500, now.AddDays(-21), now.AddDays(-3));

        Assert.Equal(("before", "203.0.113.0 ports 2032–3039"), (Assert.Single(then).Username, then[0].Behind));
        Assert.Equal("after", Assert.Single(later).Username);
        Assert.Equal(["before", "after"], both.Select(s => s.Username));
        var unasked = await Assert.ThrowsAsync<InvalidInputException>(() => AskAsync(company, "203.0.113.0", null, now.AddDays(-5), now.AddDays(-4)));
        Assert.Equal(nameof(DisclosureInput.Port), Assert.Single(unasked.Errors).Field);
    }

    [Fact]
    public async Task Blocks_of_a_nats_log_answer_too_and_a_wrong_line_records_nothing()
    {
        var company = await CompanyAsync(DatabaseProvider.Sqlite);
        var now = (await databases.GetAsync(DatabaseProvider.Sqlite)).Clock.Now;
        var line = await company.AddSubscriptionAsync(username: "otieno");
        await EndedAsync(company, line, "10.9.0.5", now.AddHours(-5), now.AddHours(-1));
        var good = $"# a log\n198.51.100.7,2048,3071,10.9.0.5,{now.AddHours(-4):yyyy-MM-dd HH:mm:ss},{now.AddHours(-3):yyyy-MM-dd HH:mm:ss}\n";

        var wrong = await Assert.ThrowsAsync<DomainException>(() => AsAsync<CgnatService, int>(company, c => c.RecordAsync(good + "198.51.100.7,9,8,10.9.0.5,2026-01-01 00:00,", "nat-1", Ct)));
        Assert.StartsWith("Line 3:", wrong.Message, StringComparison.Ordinal);
        Assert.Equal(0, await AsAsync<CgnatService, int>(company, c => c.RecordedAsync(Ct)));

        Assert.Equal(1, await AsAsync<CgnatService, int>(company, c => c.RecordAsync(good, "nat-1", Ct)));
        Assert.Equal(0, await AsAsync<CgnatService, int>(company, c => c.RecordAsync(good, "nat-1", Ct))); // the same file again
        Assert.Equal("otieno", Assert.Single(await AskAsync(company, "198.51.100.7", 3000, now.AddHours(-4), now.AddHours(-3))).Username);
        Assert.Empty(await AskAsync(company, "198.51.100.7", 3000, now.AddHours(-2), now.AddHours(-1)));
        Assert.Empty(await AskAsync(company, "198.51.100.7", 4000, now.AddHours(-4), now.AddHours(-3)));
    }

    [Theory]
    [EachDatabase]
    public async Task A_block_whose_end_comes_with_a_later_log_is_closed_and_names_its_old_holder_no_more(DatabaseProvider provider)
    {
        var company = await CompanyAsync(provider);
        var now = (await databases.GetAsync(provider)).Clock.Now;
        var line = await company.AddSubscriptionAsync(username: "otieno");
        await EndedAsync(company, line, "10.9.0.5", now.AddHours(-9), now.AddHours(-1));
        var begun = $"198.51.100.7,2048,3071,10.9.0.5,{now.AddHours(-8):yyyy-MM-dd HH:mm:ss},";
        Assert.Equal(1, await AsAsync<CgnatService, int>(company, c => c.RecordAsync(begun, "nat-1", Ct)));
        Assert.Single(await AskAsync(company, "198.51.100.7", 3000, now.AddHours(-3), now.AddHours(-2)));

        Assert.Equal(1, await AsAsync<CgnatService, int>(company, c => c.RecordAsync($"{begun}{now.AddHours(-6):yyyy-MM-dd HH:mm:ss}", "nat-1", Ct)));

        Assert.Empty(await AskAsync(company, "198.51.100.7", 3000, now.AddHours(-3), now.AddHours(-2)));
        Assert.Single(await AskAsync(company, "198.51.100.7", 3000, now.AddHours(-8), now.AddHours(-7)));
        Assert.Equal(1, await AsAsync<CgnatService, int>(company, c => c.RecordedAsync(Ct)));
        Assert.Equal(0, await AsAsync<CgnatService, int>(company, c => c.RecordAsync(begun, "nat-1", Ct))); // the old file again opens nothing
        Assert.Empty(await AskAsync(company, "198.51.100.7", 3000, now.AddHours(-3), now.AddHours(-2)));
    }

    [Theory]
    [EachDatabase]
    public async Task A_block_that_never_ended_ends_when_its_ports_are_given_to_another(DatabaseProvider provider)
    {
        var company = await CompanyAsync(provider);
        var now = (await databases.GetAsync(provider)).Clock.Now;
        var (old, next) = (await company.AddSubscriptionAsync(username: "old"), await company.AddSubscriptionAsync(username: "next"));
        await EndedAsync(company, old, "10.9.0.5", now.AddHours(-9), now.AddHours(-1));
        await EndedAsync(company, next, "10.9.0.6", now.AddHours(-9), now.AddHours(-1));
        await AsAsync<CgnatService, int>(company, c => c.RecordAsync(
            $"198.51.100.7,2048,3071,10.9.0.5,{now.AddHours(-8):yyyy-MM-dd HH:mm:ss},\n198.51.100.7,2048,3071,10.9.0.6,{now.AddHours(-5):yyyy-MM-dd HH:mm:ss},", "nat-1", Ct));

        Assert.Equal(["old"], (await AskAsync(company, "198.51.100.7", 3000, now.AddHours(-7), now.AddHours(-6))).Select(s => s.Username));
        Assert.Equal(["next"], (await AskAsync(company, "198.51.100.7", 3000, now.AddHours(-3), now.AddHours(-2))).Select(s => s.Username));
    }

    [Theory]
    [EachDatabase]
    public async Task The_same_private_address_on_another_router_is_not_named_and_one_of_no_known_router_is_said_to_be_uncertain(DatabaseProvider provider)
    {
        var company = await CompanyAsync(provider);
        var now = (await databases.GetAsync(provider)).Clock.Now;
        var (here, there) = (await company.AddRouterAsync("R1", host: "192.0.2.1"), await company.AddRouterAsync("R2", host: "192.0.2.2"));
        await MapAsync(company, "R1", here.Id, "203.0.113.0/28", now);
        await MapAsync(company, "R2", there.Id, "203.0.113.16/28", now);
        foreach (var (name, router) in new (string, Router?)[] { ("on-r1", here), ("on-r2", there), ("unknown", null) })
        {
            await EndedAsync(company, await company.AddSubscriptionAsync(username: name), "100.64.0.1", now.AddDays(-2), now.AddDays(-1), router);
        }

        var answer = await AskAsync(company, "203.0.113.0", 2500, now.AddDays(-2), now.AddDays(-1)); // 100.64.0.1 of R1: 2032–3039

        Assert.Equal(["on-r1", "unknown"], answer.Select(s => s.Username).Order());
        Assert.Null(answer.Single(s => s.Username == "on-r1").Uncertain);
        Assert.Contains("not known which router", answer.Single(s => s.Username == "unknown").Uncertain, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_lines_of_two_NAS_with_one_address_are_both_uncertain_when_nobody_recorded_where_it_was_translated()
    {
        var company = await CompanyAsync(DatabaseProvider.Sqlite);
        var now = (await databases.GetAsync(DatabaseProvider.Sqlite)).Clock.Now;
        foreach (var (name, address) in new[] { ("one", "100.64.0.1"), ("other", "100.64.0.1"), ("alone", "100.64.0.2") })
        {
            await EndedAsync(company, await company.AddSubscriptionAsync(username: name), address, now.AddDays(-2), now.AddDays(-1));
        }

        await MapAsync(company, "Everywhere", null, "203.0.113.0/28", now);

        Assert.All(await AskAsync(company, "203.0.113.0", 2500, now.AddDays(-2), now.AddDays(-1)), s => Assert.Contains("several NAS", s.Uncertain, StringComparison.Ordinal));
        Assert.Null(Assert.Single(await AskAsync(company, "203.0.113.0", 3500, now.AddDays(-2), now.AddDays(-1))).Uncertain);
    }

    private Task<Guid> MapAsync(TestCompany company, string name, Guid? router, string outside, DateTime now) => AsAsync<CgnatService, Guid>(
        company, c => c.AddAsync(new CgnatMapInput { Name = name, RouterId = router, Inside = "100.64.0.0/24", Outside = outside, BlockSize = 1008, ValidFrom = now.AddDays(-30) }, Ct));

    private Task<IReadOnlyList<DisclosedSession>> AskAsync(TestCompany company, string address, int? port, DateTime from, DateTime until) => AsAsync<DisclosureService, IReadOnlyList<DisclosedSession>>(
        company, d => d.AnswerAsync(new DisclosureInput { CaseNumber = "CID 1", Authority = "DCI", Address = address, Port = port, From = from, Until = until }, Ct));

    private Task<string> AssignAsync(TestCompany company, Guid prefix, Subscription line) => AsAsync<AddressPlanService, string>(company, p => p.AssignNextAsync(prefix, line.Id, Ct));

    private Task<Guid> AddAsync(TestCompany company, string network, PrefixUse use, string name = "", int? length = null, string? gateway = null) =>
        AsAsync<AddressPlanService, Guid>(company, p => p.AddAsync(new PrefixInput { Network = network, Use = use, Name = name, DelegatedLength = length, Gateway = gateway }, Ct));

    private static async Task DesignAsync(TestCompany company, string name, string pools, string pools6 = "")
    {
        var router = await company.AddRouterAsync(name, host: "192.0.2.1");
        await using var db = company.Open();
        (await db.Routers.SingleAsync(r => r.Id == router.Id, Ct)).Plan(new RouterDesignInput { Pools = pools, Ipv6Pools = pools6 }.ToDesign());
        await db.SaveChangesAsync(Ct);
    }

    private static async Task OnlineAsync(TestCompany company, string? address, string? prefix)
    {
        var (nas, line) = (await company.AddNasAsync(), await company.AddSubscriptionAsync());
        await using var db = company.Open();
        db.Add(new LiveSession { TenantId = company.Id, NasId = nas.Id, AcctSessionId = $"{line.Id:N}"[..16], SubscriptionId = line.Id, Username = line.Username, FramedAddress = address, DelegatedPrefix = prefix, StartedAt = DateTime.UnixEpoch, UpdatedAt = DateTime.UnixEpoch });
        await db.SaveChangesAsync(Ct);
    }

    private static async Task EndedAsync(TestCompany company, Subscription line, string address, DateTime from, DateTime until, Router? router = null)
    {
        var nas = await company.AddNasAsync(router: router);
        await using var db = company.Open();
        db.Add(new SessionRecord { TenantId = company.Id, NasId = nas.Id, AcctSessionId = $"{Guid.CreateVersion7():N}"[..16], SubscriptionId = line.Id, Username = line.Username, FramedAddress = address, StartedAt = from, StoppedAt = until, TerminateCause = "User-Request" });
        await db.SaveChangesAsync(Ct);
    }

    private async Task<TestCompany> CompanyAsync(DatabaseProvider provider) => await TestCompany.CreateAsync(await databases.GetAsync(provider, s => s
        .AddSingleton<LineSignal>().AddSingleton<LiveMetrics>().AddScoped<LicenceGuard>().AddScoped<SubscriptionService>().AddScoped<LineAccessService>()
        .AddScoped<AddressPlanService>().AddScoped<CgnatService>().AddScoped<DisclosureService>()));

    private static async Task<TResult> AsAsync<TService, TResult>(TestCompany company, Func<TService, Task<TResult>> work) where TService : notnull
    {
        await using var scope = company.Scope(Role.Owner);
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    private static async Task AsAsync<TService>(TestCompany company, Func<TService, Task> work) where TService : notnull
    {
        await using var scope = company.Scope(Role.Owner);
        await work(scope.ServiceProvider.GetRequiredService<TService>());
    }
}
