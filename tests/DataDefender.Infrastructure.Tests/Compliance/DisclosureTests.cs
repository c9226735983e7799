using DataDefender.Domain.Common;
using DataDefender.Domain.Compliance;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Compliance;

public sealed class DisclosureTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    private const string Address = "100.64.0.7";

    [Theory, EachDatabase]
    public async Task Who_held_an_address_at_a_time_is_answered_and_the_look_up_is_kept(DatabaseProvider provider)
    {
        var (services, company) = await CompanyWithSessionsAsync(provider);
        var now = services.Clock.Now;
        await using var scope = company.Scope(Role.Owner);
        var disclosures = scope.ServiceProvider.GetRequiredService<DisclosureService>();

        var asked = await disclosures.AnswerAsync(Question(now.AddHours(-5), now.AddHours(-4)));
        var earlier = await disclosures.AnswerAsync(Question(now.AddHours(-9), now.AddHours(-7)));
        var today = await disclosures.AnswerAsync(Question(now.AddMinutes(-30), now));

        Assert.Equal("wanjiku", Assert.Single(asked).Username);
        Assert.Empty(earlier);
        Assert.Null(Assert.Single(today).EndedAt);
        var kept = await disclosures.ListAsync(new GridQuery(Search: "cid/44"));
        Assert.Equal([0, 1, 1], kept.Items.OrderBy(d => d.From).Select(d => d.Matches));
        await using var db = company.Open();
        Assert.Equal(3, await db.AuditEntries.CountAsync(e => e.Entity == nameof(Disclosure) && e.Label.Contains("CID/44")));
    }

    [Theory, EachDatabase]
    public async Task Without_the_permission_or_a_case_number_nothing_is_answered(DatabaseProvider provider)
    {
        var (services, company) = await CompanyWithSessionsAsync(provider);
        var question = Question(services.Clock.Now.AddHours(-5), services.Clock.Now);

        await using var support = company.Scope(Role.Support);
        await Assert.ThrowsAsync<ForbiddenException>(() => support.ServiceProvider.GetRequiredService<DisclosureService>().AnswerAsync(question));

        await using var owner = company.Scope(Role.Owner);
        var refused = await Assert.ThrowsAsync<InvalidInputException>(
            () => owner.ServiceProvider.GetRequiredService<DisclosureService>().AnswerAsync(question with { CaseNumber = " " }));
        Assert.Contains(refused.Errors, e => e.Field == nameof(DisclosureInput.CaseNumber));
    }

    [Theory, EachDatabase]
    public async Task A_session_whose_line_or_nas_is_gone_is_answered_with_what_is_left_of_it(DatabaseProvider provider)
    {
        var (services, company) = await CompanyWithSessionsAsync(provider);
        var now = services.Clock.Now;
        await using (var db = company.Open())
        {
            db.SessionRecords.Add(new SessionRecord
            {
                TenantId = company.Id, NasId = Guid.CreateVersion7(), AcctSessionId = "91", Username = "gone", FramedAddress = "100.64.0.99", CallingStationId = "4C:5E:0C:11:22:33",
                StartedAt = now.AddHours(-6), StoppedAt = now.AddHours(-3), TerminateCause = "User-Request",
            });
            await db.SaveChangesAsync();
        }

        await using var scope = company.Scope(Role.Owner);
        var answer = await scope.ServiceProvider.GetRequiredService<DisclosureService>()
            .AnswerAsync(Question(now.AddHours(-5), now) with { Address = "::ffff:100.64.0.99" }); // the same address, written as IPv6

        var session = Assert.Single(answer);
        Assert.Equal(("gone", "", "", "4C:5E:0C:11:22:33"), (session.Username, session.Client, session.Nas, session.CallingStationId));
    }

    [Theory, EachDatabase]
    public async Task An_IPv6_address_is_found_by_the_prefix_that_held_it_and_a_prefix_by_all_who_held_any_of_it(DatabaseProvider provider)
    {
        var (services, company) = await CompanyWithSessionsAsync(provider);
        var now = services.Clock.Now;
        await using (var db = company.Open())
        {
            foreach (var (user, link, delegated) in new[]
            {
                ("link", "2001:db8:0:7::/64", null), ("delegated", null, "2001:db8:100::/56"), ("neighbour", null, "2001:db8:100:100::/56"), ("elsewhere", "2001:db8:9::/64", "2001:db8:900::/56"),
            })
            {
                db.SessionRecords.Add(new SessionRecord
                {
                    TenantId = company.Id, NasId = Guid.CreateVersion7(), AcctSessionId = user, Username = user, FramedAddress = "100.64.9.9", Ipv6Prefix = link, DelegatedPrefix = delegated,
                    StartedAt = now.AddHours(-6), StoppedAt = now.AddHours(-3), TerminateCause = "User-Request",
                });
            }

            db.LiveSessions.Add(new LiveSession
            {
                TenantId = company.Id, NasId = (await db.NasDevices.FirstAsync()).Id, AcctSessionId = "live", Username = "live", DelegatedPrefix = "2001:db8:100::/56", StartedAt = now.AddHours(-1), UpdatedAt = now,
            });
            await db.SaveChangesAsync();
        }

        await using var scope = company.Scope(Role.Owner);
        var disclosures = scope.ServiceProvider.GetRequiredService<DisclosureService>();

        Assert.Equal(["link"], await UsersAsync("2001:0DB8:0:7::abcd", -5, -4));
        Assert.Equal(["delegated"], await UsersAsync("2001:db8:100:ff::1", -5, -4));
        Assert.Equal(["live"], await UsersAsync("2001:db8:100:ff::1", -2, 0));
        Assert.Equal(["delegated"], await UsersAsync("2001:db8:100:80::/60", -5, -4)); // a part of what was delegated
        Assert.Equal(["delegated", "neighbour"], await UsersAsync("2001:db8:100::7/48", -5, -4)); // more than was delegated to one
        Assert.Empty(await UsersAsync("2001:db8:8::1", -5, -4));

        async Task<IEnumerable<string>> UsersAsync(string address, int from, int until) =>
            (await disclosures.AnswerAsync(Question(now.AddHours(from), now.AddHours(until)) with { Address = address })).Select(s => s.Username).Order();
    }

    [Theory]
    [InlineData("2001:DB8::7", "2001:db8::7")]
    [InlineData("2001:db8:7:1::/48", "2001:db8:7::/48")]
    [InlineData("2001:db8::7/128", "2001:db8::7")]
    [InlineData("::ffff:100.64.0.7", "100.64.0.7")]
    [InlineData("100.64.0.7", "100.64.0.7")]
    [InlineData("100.64.0.0/24", null)]
    [InlineData("2001:db8::/16", null)]
    [InlineData("2001:db8::/129", null)]
    [InlineData("2001:db8::/-1", null)]
    [InlineData("fe80::1%eth0", null)]
    [InlineData("10.1", null)]
    [InlineData("", null)]
    public void An_address_or_prefix_has_one_form_or_none(string typed, string? canonical) => Assert.Equal(canonical, AskedAddress.Canonical(typed));

    [Theory, EachDatabase]
    public async Task A_session_that_is_stored_as_ended_while_it_is_still_listed_as_open_is_named_once(DatabaseProvider provider)
    {
        var (services, company) = await CompanyWithSessionsAsync(provider);
        var now = services.Clock.Now;
        await using (var db = company.Open())
        {
            var open = await db.LiveSessions.SingleAsync(s => s.AcctSessionId == "81000003");
            db.SessionRecords.Add(new SessionRecord
            {
                TenantId = company.Id, NasId = open.NasId, AcctSessionId = open.AcctSessionId, SubscriptionId = open.SubscriptionId, Username = open.Username,
                FramedAddress = open.FramedAddress, StartedAt = open.StartedAt, StoppedAt = now, TerminateCause = "User-Request",
            });
            await db.SaveChangesAsync();
        }

        await using var scope = company.Scope(Role.Owner);
        var answer = await scope.ServiceProvider.GetRequiredService<DisclosureService>().AnswerAsync(Question(now.AddMinutes(-30), now));

        Assert.Equal(now, Assert.Single(answer).EndedAt);
    }

    [Theory, EachDatabase]
    public async Task Another_companys_sessions_are_never_disclosed(DatabaseProvider provider)
    {
        var (services, _) = await CompanyWithSessionsAsync(provider);
        var stranger = await TestCompany.CreateFullAsync(services);
        await using var scope = stranger.Scope(Role.Owner);

        Assert.Empty(await scope.ServiceProvider.GetRequiredService<DisclosureService>().AnswerAsync(Question(services.Clock.Now.AddHours(-5), services.Clock.Now)));
    }

    private static DisclosureInput Question(DateTime from, DateTime until) =>
        new() { CaseNumber = "CID/44/2026", Authority = "DCI Cybercrime Unit", Address = Address, From = from, Until = until };

    private async Task<(TestServices Services, TestCompany Company)> CompanyWithSessionsAsync(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider, s => s.AddScoped<DisclosureService>());
        var company = await TestCompany.CreateFullAsync(services);
        var now = services.Clock.Now;
        await using var db = company.Open();
        var nas = await db.NasDevices.FirstAsync();
        var line = await db.Subscriptions.FirstAsync();
        db.SessionRecords.Add(new SessionRecord
        {
            TenantId = company.Id, NasId = nas.Id, AcctSessionId = "81000001", SubscriptionId = line.Id, Username = "wanjiku", FramedAddress = Address,
            StartedAt = now.AddHours(-6), StoppedAt = now.AddHours(-3), TerminateCause = "User-Request",
        });
        db.SessionRecords.Add(new SessionRecord
        {
            TenantId = company.Id, NasId = nas.Id, AcctSessionId = "81000002", SubscriptionId = line.Id, Username = "wanjiku", FramedAddress = "100.64.0.8",
            StartedAt = now.AddHours(-9), StoppedAt = now.AddHours(-7), TerminateCause = "User-Request",
        });
        db.LiveSessions.Add(new LiveSession
        {
            TenantId = company.Id, NasId = nas.Id, AcctSessionId = "81000003", SubscriptionId = line.Id, Username = "wanjiku", FramedAddress = Address,
            StartedAt = now.AddHours(-1), UpdatedAt = now,
        });
        await db.SaveChangesAsync();
        return (services, company);
    }
}
