using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Testing;
using DataDefender.Web.Tests.Security;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace DataDefender.Web.Tests.Browser;

/// <summary>RADIUS as it is seen from the browser, with a real RadiusHost beside the web application.</summary>
public sealed class RadiusInTheBrowserTests(RadiusWeb web) : IClassFixture<RadiusWeb>
{
    [Fact]
    public async Task A_login_is_tested_over_UDP_and_both_packets_are_shown_decoded()
    {
        await using var visit = await web.OpenAsync();
        var company = await web.AddCompanyAsync();
        await company.AddNasAsync(configure: n => n.Name = "NBO-EDGE");
        await company.AddSubscriptionAsync(await company.AddClientAsync("Wanjiku Kamau"), username: "wanjiku", password: "never-on-a-screen");
        await web.StartRadiusAsync();
        var (_, email) = await web.AddPersonAsync(company, Role.NocOperator);
        await visit.SignInAsync(email);
        await visit.ShellAsync();

        await visit.Page.GotoAsync("/test-login");
        await visit.Page.FillAsync("#try-user", "wanj");
        await Expect(visit.Page.Locator("#try-lines option")).ToHaveAttributeAsync("value", "wanjiku");
        await visit.Page.FillAsync("#try-user", "wanjiku");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Test login" }).ClickAsync();

        await Expect(visit.Page.Locator(".try-decided .chip")).ToHaveTextAsync("Accepted");
        await Expect(visit.Page.Locator(".try-decision")).ToContainTextAsync("RADIUS knows the same password");
        await Expect(visit.Page.Locator(".packet").First).ToContainTextAsync("Access-Request");
        await Expect(visit.Page.Locator(".packet").Last).ToContainTextAsync("Mikrotik-Rate-Limit");
        Assert.DoesNotContain("never-on-a-screen", await visit.Page.ContentAsync(), StringComparison.Ordinal);

        await visit.Page.CheckAsync("#try-typed");
        await visit.Page.FillAsync("#try-secret", "a wrong one");
        await visit.Page.SelectOptionAsync("#try-method", LoginTestMethod.Pap.ToString());
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Test login" }).ClickAsync();
        await Expect(visit.Page.Locator(".try-decided")).ToContainTextAsync("The password differs from the stored one.");

        await visit.Page.GotoAsync("/logins?follow=true");
        await Expect(visit.Page.Locator(".follow-list tbody tr")).ToHaveCountAsync(2, new() { Timeout = 15_000 });
        await Expect(visit.Page.Locator(".follow-list .chip", new() { HasText = "Test" })).ToHaveCountAsync(2);
        await using var db = company.Open();
        Assert.False(await db.LiveSessions.AnyAsync(TestContext.Current.CancellationToken));
        Assert.Empty(visit.Complaints);
    }

    [Theory]
    [InlineData("/test-login")]
    [InlineData("/logins?follow=true")]
    [InlineData("/nas?add=true")]
    public async Task On_a_phone_the_screens_of_RADIUS_fit_its_width(string path)
    {
        await using var visit = await web.OpenAsync(390, 844);
        var company = await web.AddCompanyAsync();
        await company.AddNasAsync();
        var (_, email) = await web.AddPersonAsync(company, Role.Owner);
        await visit.SignInAsync(email);
        await visit.ShellAsync();

        await visit.Page.GotoAsync(path);
        await visit.ShellAsync();
        await Expect(visit.Page.Locator("#try-user, .follow, #nas-vendor").First).ToBeVisibleAsync();

        Assert.Equal(0, await visit.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_followed_log_holds_still_while_it_is_scrolled_down()
    {
        await using var visit = await web.OpenAsync();
        var company = await web.AddCompanyAsync();
        var nas = await company.AddNasAsync();
        for (var i = 0; i < 40; i++)
        {
            await company.AddLoginAsync(nas, $"user{i}", at: TimeProvider.System.GetUtcNow().UtcDateTime);
        }

        var (_, email) = await web.AddPersonAsync(company, Role.Owner);
        await visit.SignInAsync(email);
        await visit.ShellAsync();
        await visit.Page.GotoAsync("/logins?follow=true");
        await Expect(visit.Page.Locator(".follow-list tbody tr")).ToHaveCountAsync(40);

        await visit.Page.Locator(".follow-list").EvaluateAsync("list => list.scrollTop = 400");
        await Expect(visit.Page.Locator(".follow-head button")).ToBeVisibleAsync();
        await company.AddLoginAsync(nas, "the-newest", at: TimeProvider.System.GetUtcNow().UtcDateTime);
        await Expect(visit.Page.Locator(".follow-head button")).ToContainTextAsync("1 new", new() { Timeout = 15_000 });
        await Expect(visit.Page.Locator(".follow-list tbody tr")).ToHaveCountAsync(40);
        await visit.Page.Locator(".follow-head button").ClickAsync();

        await Expect(visit.Page.Locator(".follow-list tbody tr").First).ToContainTextAsync("the-newest");
        Assert.Equal(0, await visit.Page.Locator(".follow-list").EvaluateAsync<int>("list => list.scrollTop"));
        Assert.Empty(visit.Complaints);
    }
}
