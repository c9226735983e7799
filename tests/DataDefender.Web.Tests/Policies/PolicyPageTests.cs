using Bunit;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Web.Components.Pages.Policies;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Web.Tests.Policies;

public sealed class PolicyPageTests : PolicyTest
{
    [Fact]
    public void A_company_without_policies_is_told_what_they_are_and_offered_the_first()
    {
        var page = Render<Components.Pages.Policies.Policies>();

        page.WaitForAssertion(() => Assert.Contains("No policies yet", page.Markup, StringComparison.Ordinal));
        Assert.Contains(page.FindAll("a"), a => a.GetAttribute("href") == "policies/new");
    }

    [Fact]
    public async Task The_list_says_what_each_policy_does_and_who_has_it_and_searches_in_the_address()
    {
        await LineAsync(FairUse(100));

        var page = Render<Components.Pages.Policies.Policies>();

        page.WaitForAssertion(() => Assert.Contains("over 100 GB a month 2 Mbps", page.Markup, StringComparison.Ordinal));
        page.Find("input[type=search]").Change("nothing like it");
        Assert.EndsWith("?q=nothing%20like%20it", Navigation.Uri, StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Contains("No policies match.", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public void A_new_policy_is_told_in_words_while_it_is_written_and_saved()
    {
        var page = Render<PolicyPage>();
        page.WaitForAssertion(() => Assert.Contains("No limits: each line gets what was sold", page.Markup, StringComparison.Ordinal));

        page.Find("#policy-name").Change("Home");
        Button(page, "Add tier").Click();
        page.Find("#tier-0-gb").Change("150");
        page.Find("#tier-0-down").Change("2.5");
        Button(page, "Add schedule").Click();
        page.Find("[aria-label=Sunday]").Click();

        Assert.Contains("Fair use: from 150 GB this month on at most 2.5 Mbps down and 2 Mbps up", page.Markup, StringComparison.Ordinal);
        Assert.Contains("Evening: Monday to Saturday 19:00–23:00", page.Markup, StringComparison.Ordinal);

        page.Find("form.policy-form").Submit();

        page.WaitForAssertion(() => Assert.Matches("policies/[0-9a-f-]{36}$", Navigation.Uri));
        using var db = Company.Open();
        var tier = Assert.Single(db.UsagePolicies.AsNoTracking().Single().Rules.FairUse);
        Assert.Equal((150_000_000_000, 2_500), (tier.Bytes, tier.DownloadKbps));
    }

    [Fact]
    public void What_cannot_be_meant_is_refused_beside_its_field_and_summed()
    {
        var page = Render<PolicyPage>();
        page.WaitForElement("#policy-name");
        Button(page, "Add data quota").Click();
        page.Find("#data-gb").Change("0");
        page.Find("#data-action").Change(nameof(QuotaAction.Throttle));

        page.Find("form.policy-form").Submit();

        page.WaitForAssertion(() => Assert.Contains("3 fields need another look", page.Find(".form-summary").TextContent, StringComparison.Ordinal));
        Assert.Contains("Say how many GB the quota has.", page.Find("#data-gb").ParentElement!.TextContent, StringComparison.Ordinal);
        Assert.Contains("at least 0.064 Mbps", page.Find("#data-throttle").ParentElement!.TextContent, StringComparison.Ordinal);
        using var db = Company.Open();
        Assert.Empty(db.UsagePolicies);
    }

    [Fact]
    public async Task A_preview_shows_who_would_be_hit_before_anything_is_saved_and_one_line_day_by_day()
    {
        var (line, policy) = await LineAsync(FairUse(100));
        await UseAsync(line, days: 10, gigabytesADay: 5);
        var page = Render<PolicyPage>(p => p.Add(x => x.Id, policy.Id));
        page.WaitForElement("#tier-0-gb").Change("20");

        Button(page, "Preview").Click();

        page.WaitForAssertion(() => Assert.Contains("0 → 1", page.Find(".preview-tiles").TextContent, StringComparison.Ordinal), TimeSpan.FromSeconds(10));
        var row = page.Find(".preview tbody tr");
        Assert.Contains("wanjiku", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("+6 days", row.TextContent, StringComparison.Ordinal);

        page.Find(".preview-line").Click();

        page.WaitForAssertion(() => Assert.Equal(6, page.FindAll(".replay-strip .is-limited").Count));
        using var db = Company.Open();
        Assert.Equal(100_000_000_000, db.UsagePolicies.AsNoTracking().Single().Rules.FairUse[0].Bytes);
    }

    [Fact]
    public async Task A_preview_of_rules_that_changed_since_says_that_it_is_old()
    {
        var (_, policy) = await LineAsync(FairUse(100));
        var page = Render<PolicyPage>(p => p.Add(x => x.Id, policy.Id));
        page.WaitForElement("#tier-0-gb");
        Button(page, "Preview").Click();
        page.WaitForElement(".preview-tiles", TimeSpan.FromSeconds(10));

        page.Find("#tier-0-gb").Change("20");

        page.WaitForAssertion(() => Assert.Contains("The rules have changed since this preview.", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public void A_policy_that_is_gone_is_said_so()
    {
        var page = Render<PolicyPage>(p => p.Add(x => x.Id, Guid.CreateVersion7()));

        page.WaitForAssertion(() => Assert.Contains("This was not found", page.Markup, StringComparison.Ordinal));
    }
}

/// <summary>Who may look at policies and not change them.</summary>
public sealed class PolicyPageForSupportTests : PolicyTest
{
    protected override Role Role => Role.Support;

    [Fact]
    public async Task Sees_the_rules_and_cannot_save_them()
    {
        var (_, policy) = await LineAsync(FairUse(100));

        var page = Render<PolicyPage>(p => p.Add(x => x.Id, policy.Id));

        page.WaitForAssertion(() => Assert.Contains("from 100 GB this month", page.Markup, StringComparison.Ordinal));
        Assert.True(page.Find("fieldset").HasAttribute("disabled"));
        Assert.DoesNotContain(page.FindAll("button"), b => b.TextContent.Contains("Save", StringComparison.Ordinal));
    }
}
