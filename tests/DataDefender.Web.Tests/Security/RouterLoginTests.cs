using Bunit;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Pages.Account;
using DataDefender.Web.Components.Pages.Network;
using DataDefender.Web.Components.Pages.Radius;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Web.Tests.Security;

/// <summary>Staff's own login to the routers: made on the account page, allowed in the settings, listed among the logins.</summary>
public sealed class RouterLoginTests : PageTest
{
    private StaffMember _staff = null!;

    [Fact]
    public async Task A_password_is_made_shown_once_and_gone_afterwards()
    {
        var card = await RenderCardAsync();
        Assert.Contains("full access", card.Markup, StringComparison.Ordinal);
        Assert.Contains("has not switched on", card.Markup, StringComparison.Ordinal);
        card.Find("#router-username").Change("Jane.W");

        Button(card, "Make a password").Click();

        card.WaitForAssertion(() => Assert.Contains("is not shown again", card.Markup, StringComparison.Ordinal));
        await using var db = Company.Open();
        var stored = await db.Staff.SingleAsync(s => s.Id == _staff.Id);
        Assert.Equal("jane.w", stored.RouterUsername);
        Assert.Contains("jane.w", card.Markup, StringComparison.Ordinal);

        Button(card, "I have kept it").Click();
        Assert.DoesNotContain("is not shown again", card.Markup, StringComparison.Ordinal);
        Button(card, "Remove the login").Click();
        card.WaitForAssertion(() => Assert.DoesNotContain(card.FindAll("button"), b => b.TextContent.Trim() == "Remove the login"));
    }

    [Fact]
    public async Task A_user_name_that_a_terminal_does_not_take_is_refused_beside_its_field()
    {
        var card = await RenderCardAsync();
        card.Find("#router-username").Change("jane doe");

        Button(card, "Make a password").Click();

        card.WaitForAssertion(() => Assert.Contains("letters, digits", card.Find(".field-error").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Router_and_MAC_logins_are_switched_on_in_the_network_settings()
    {
        var page = Render<NetworkSettingsPage>();
        page.WaitForState(() => page.FindAll("#mac-rule").Count == 1);
        page.Find("input[type=checkbox]").Change(true);
        page.Find("#mac-rule").Change(nameof(MacLoginRule.SharedPassword));
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains("Set the password", page.Markup, StringComparison.Ordinal));

        page.Find("#mac-password").Change("all-our-tvs");
        page.Find("form").Submit();

        page.WaitForAssertion(() => Assert.Contains("Network settings saved.", Notified()));
        await using var db = Company.Open();
        var settings = await db.NetworkSettings.SingleAsync();
        Assert.Equal((true, MacLoginRule.SharedPassword), (settings.RouterLogins, settings.MacLogins));
        Assert.DoesNotContain("all-our-tvs", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_shows_logins_to_routers_alone_when_asked()
    {
        var nas = await Company.AddNasAsync(configure: n => n.Name = "Edge");
        await using (var db = Company.Open())
        {
            db.LoginAttempts.AddRange(
                new LoginAttempt { TenantId = Company.Id, At = Clock.Now, NasId = nas.Id, Username = "jane.w", Method = "MS-CHAPv2", Outcome = LoginOutcome.RouterLoginAccepted, Detail = "Jane, Owner: full access to the router.", CallingStationId = "192.0.2.10" },
                new LoginAttempt { TenantId = Company.Id, At = Clock.Now, NasId = nas.Id, Username = "mallory", Method = "PAP", Outcome = LoginOutcome.RouterLoginRefused, Detail = "No member of staff has this router user name." },
                new LoginAttempt { TenantId = Company.Id, At = Clock.Now, NasId = nas.Id, Username = "customer", Method = "PAP", Outcome = LoginOutcome.Accepted, Detail = "Home 10" });
            await db.SaveChangesAsync();
        }

        Navigation.NavigateTo("/logins?routers=true");
        var page = Render<Logins>();

        page.WaitForAssertion(() => Assert.Contains("full access to the router", page.Markup, StringComparison.Ordinal));
        Assert.Contains("mallory", page.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("customer", page.Find(".logins-list").TextContent, StringComparison.Ordinal);
    }

    private async Task<IRenderedComponent<RouterLoginCard>> RenderCardAsync()
    {
        _staff = new StaffMember(Services.GetRequiredService<CurrentUser>().Id!.Value, Company.Id, "Jane Wambui", "jane@example.com", Role.Owner, Clock.Now);
        await using (var db = Company.Open())
        {
            db.Add(_staff);
            await db.SaveChangesAsync();
        }

        var card = Render<RouterLoginCard>();
        card.WaitForState(() => card.FindAll("#router-username").Count == 1);
        return card;
    }
}
