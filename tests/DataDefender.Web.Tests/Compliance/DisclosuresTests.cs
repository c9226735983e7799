using Bunit;
using DataDefender.Domain.Compliance;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Pages.Compliance;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Web.Tests.Compliance;

public sealed class DisclosuresTests : PageTest
{
    [Fact]
    public void The_first_time_the_form_is_there_and_no_past_look_up()
    {
        var page = Render<Disclosures>();

        page.WaitForAssertion(() => Assert.Contains("None yet.", page.Markup, StringComparison.Ordinal));
        Assert.Contains("1 March 2026, 11:00:00, Africa/Nairobi", page.Markup, StringComparison.Ordinal); // 08:00 UTC by the company's clock
    }

    [Fact]
    public void Without_a_case_number_nothing_is_looked_up()
    {
        var page = Render<Disclosures>();
        page.WaitForElement("#address").Change("10.1");

        page.Find("form").Submit();

        page.WaitForAssertion(() => Assert.Contains("3 fields need another look", page.Find(".form-summary").TextContent, StringComparison.Ordinal));
        Assert.Contains("Write a whole IP address", page.Find("#address").ParentElement!.TextContent, StringComparison.Ordinal);
        using var db = Company.Open();
        Assert.Empty(db.Disclosures);
    }

    [Fact]
    public async Task An_answer_names_who_held_the_address_is_recorded_and_can_be_taken_as_a_file()
    {
        await SessionAsync("100.64.0.7");
        var page = Render<Disclosures>();
        Ask(page, "100.64.0.7");

        page.WaitForAssertion(() => Assert.Contains("1 session", page.Find(".answer h2").TextContent, StringComparison.Ordinal));
        Assert.Contains("Wanjiku Kamau", page.Find(".answer tbody").TextContent, StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Contains("DCI", page.Find(".rz-data-grid").TextContent, StringComparison.Ordinal));
        await using var db = Company.Open();
        var kept = await db.Disclosures.SingleAsync();
        Assert.Equal((1, new DateTime(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc)), (kept.Matches, kept.Until));

        Button(page, "Download CSV").Click();

        var download = JSInterop.VerifyInvoke("dataDefender.download");
        Assert.Equal("disclosure-CID-44-2026.csv", download.Arguments[0]);
        Assert.Contains("\"Wanjiku Kamau\"", (string)download.Arguments[2]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_held_it_is_an_answer_too_and_is_recorded()
    {
        var page = Render<Disclosures>();
        Ask(page, "100.64.0.9");

        page.WaitForAssertion(() => Assert.Contains("Nobody held it", page.Markup, StringComparison.Ordinal));
        await using var db = Company.Open();
        Assert.Equal(0, (await db.Disclosures.SingleAsync()).Matches);
    }

    private static void Ask(IRenderedComponent<Disclosures> page, string address)
    {
        page.WaitForElement("#case").Change("CID/44/2026");
        page.Find("#authority").Change("DCI Cybercrime Unit");
        page.Find("#address").Change(address);
        page.Find("form").Submit();
    }

    private async Task SessionAsync(string address)
    {
        var package = await Company.AddPackageAsync("Home 20", 20_000, 10_000);
        var client = await Company.AddClientAsync("Wanjiku Kamau", "0712345678");
        var line = await Company.AddSubscriptionAsync(client, package, "wanjiku", "secret-pass-1", DataDefender.Domain.Subscriptions.SubscriptionState.Active);
        var nas = await Company.AddNasAsync();
        await using var db = Company.Open();
        db.SessionRecords.Add(new SessionRecord
        {
            TenantId = Company.Id, NasId = nas.Id, AcctSessionId = "81000001", SubscriptionId = line.Id, Username = "wanjiku", FramedAddress = address,
            StartedAt = Clock.Now.AddHours(-6), StoppedAt = Clock.Now.AddHours(-3), TerminateCause = "User-Request",
        });
        await db.SaveChangesAsync();
    }
}

/// <summary>A page that a role does not open fails with the reason, when somebody gets there by its address.</summary>
public sealed class DisclosuresForSupportTests : PageTest
{
    protected override Role Role => Role.Support;

    [Fact]
    public void Are_not_shown()
    {
        var page = Render<Disclosures>();

        page.WaitForAssertion(() => Assert.Contains("Your role does not allow this", page.Markup, StringComparison.Ordinal));
        Assert.Empty(page.FindAll("form"));
    }
}
