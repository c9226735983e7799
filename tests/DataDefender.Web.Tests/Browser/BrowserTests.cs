using System.Text.RegularExpressions;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Identity;
using DataDefender.Web.Tests.Security;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace DataDefender.Web.Tests.Browser;

/// <summary>What only a browser shows: circuits, scripts under the content policy, passkeys, widths and themes.</summary>
public sealed partial class BrowserTests(BrowserWeb web) : IClassFixture<BrowserWeb>
{
    [Fact]
    public async Task Signing_in_leads_into_a_circuit_whose_navigation_is_that_of_the_role()
    {
        await using var visit = await web.OpenAsync();
        var (_, email) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Finance, "Njeri Mwangi");

        await visit.SignInAsync(email);
        await visit.ShellAsync();

        var items = await visit.Page.Locator(".nav-item").AllTextContentsAsync();
        Assert.Contains("Clients", items.Select(i => i.Trim()));
        Assert.Contains("Audit", items.Select(i => i.Trim()));
        Assert.DoesNotContain("Staff", items.Select(i => i.Trim()));
        Assert.DoesNotContain("Routers", items.Select(i => i.Trim()));
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Signing_out_from_the_menu_ends_at_the_sign_in_page()
    {
        await using var visit = await web.OpenAsync();
        var (_, email) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Owner);
        await visit.SignInAsync(email);
        await visit.ShellAsync();

        await visit.Page.ClickAsync(".avatar");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();

        await Expect(visit.Page).ToHaveURLAsync(SignInAddress());
        await visit.Page.GotoAsync("/staff");
        await Expect(visit.Page).ToHaveURLAsync(SignInAddress());
    }

    [Fact]
    public async Task A_session_that_is_ended_elsewhere_loses_its_open_screen()
    {
        await using var here = await web.OpenAsync();
        await using var there = await web.OpenAsync();
        var (_, email) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Owner);
        await here.SignInAsync(email);
        await here.ShellAsync();
        await there.SignInAsync(email);
        await there.ShellAsync();

        await here.Page.GotoAsync("/account");
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out everywhere else" }).ClickAsync();

        await Expect(there.Page).ToHaveURLAsync(SignInAddress());
        await Expect(here.Page.Locator(".things .chip", new() { HasText = "This one" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_role_that_changes_under_an_open_screen_reloads_it_with_the_new_navigation()
    {
        await using var visit = await web.OpenAsync();
        var company = await web.AddCompanyAsync();
        var (id, email) = await web.AddPersonAsync(company, Role.Owner);
        await visit.SignInAsync(email);
        await Expect(visit.Page.Locator(".nav-item", new() { HasText = "Staff" })).ToBeVisibleAsync();

        await web.Services.GetRequiredService<IAccounts>().ChangeAsync(id, "Changed", Role.Sales);

        await Expect(visit.Page.Locator(".nav-item", new() { HasText = "Staff" })).ToHaveCountAsync(0);
        await Expect(visit.Page.Locator(".nav-item", new() { HasText = "Clients" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_second_factor_is_set_up_on_the_account_page_and_wanted_at_the_next_sign_in()
    {
        await using var visit = await web.OpenAsync();
        var (_, email) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Owner);
        await visit.SignInAsync(email);
        await visit.ShellAsync();
        await visit.Page.GotoAsync("/account");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Set up an authenticator app" }).ClickAsync();
        await Expect(visit.Page.Locator(".qr svg")).ToBeVisibleAsync();
        var secret = (await visit.Page.Locator(".copy code").First.TextContentAsync())!.Replace(" ", "", StringComparison.Ordinal);
        await visit.Page.FillAsync("#totp", SingleUseTotp.CodeAt(secret, TimeProvider.System.GetUtcNow()));
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Switch it on" }).ClickAsync();
        await Expect(visit.Page.Locator(".codes li")).ToHaveCountAsync(10);
        var recovery = await visit.Page.Locator(".codes li").First.TextContentAsync();

        await using var later = await web.OpenAsync();
        await later.SignInAsync(email);
        await later.Page.GetByRole(AriaRole.Link, new() { Name = "I cannot use my app" }).ClickAsync();
        await later.Page.FillAsync("#code", recovery!);
        await later.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();

        await later.ShellAsync();
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_passkey_is_added_and_signs_in_without_a_password()
    {
        await using var visit = await web.OpenAsync();
        var (id, email) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Owner);
        var chromium = await visit.Page.Context.NewCDPSessionAsync(visit.Page);
        await chromium.SendAsync("WebAuthn.enable");
        await chromium.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = true,
                ["automaticPresenceSimulation"] = true,
            },
        });
        await visit.SignInAsync(email);
        await visit.ShellAsync();
        await visit.Page.GotoAsync("/account");
        await visit.Page.FillAsync(".passkey-name", "Test key");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        await Expect(visit.Page.Locator(".things-text strong", new() { HasText = "Test key" })).ToBeVisibleAsync();

        await visit.Page.ClickAsync(".avatar");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Use a passkey" }).ClickAsync();
        await visit.ShellAsync();

        await using var db = web.World.OpenPlatform();
        var methods = await db.SignInSessions.Where(s => s.AccountId == id).OrderBy(s => s.CreatedAt).Select(s => s.Method).ToListAsync();
        Assert.Equal(["password", "passkey"], methods);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_company_registers_is_approved_and_signs_in()
    {
        await using var applicant = await web.OpenAsync();
        await using var platform = await web.OpenAsync();
        var (_, root) = await web.AddPersonAsync(null, Role.SuperAdmin, "Asha Root");
        var email = $"owner-{Guid.CreateVersion7():N}@example.test";

        await applicant.Page.GotoAsync("/register");
        await applicant.Page.FillAsync("#company", "Lakeside Wireless");
        await applicant.Page.SelectOptionAsync("#county", "Kisumu");
        await applicant.Page.FillAsync("#contact", "Achieng Ouma");
        await applicant.Page.FillAsync("#phone", "0722 000 111");
        await applicant.Page.FillAsync("#email", email);
        await applicant.Page.FillAsync("#password", TestWeb.Password);
        await applicant.Page.GetByRole(AriaRole.Button, new() { Name = "Register" }).ClickAsync();
        await Expect(applicant.Page.Locator("h1")).ToHaveTextAsync("Thank you");
        await applicant.SignInAsync(email);
        await Expect(applicant.Page.Locator("h1")).ToHaveTextAsync("Waiting for approval");

        await platform.SignInAsync(root);
        await platform.ShellAsync();
        await platform.Page.GotoAsync("/platform/companies?status=Pending");
        await platform.Page.GetByRole(AriaRole.Link, new() { Name = "Lakeside Wireless" }).ClickAsync();
        await platform.Page.GetByRole(AriaRole.Button, new() { Name = "Approve with a licence" }).ClickAsync();
        await platform.Page.FillAsync("#plan", "Growth");
        await platform.Page.FillAsync("#subscribers", "500");
        await platform.Page.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true }).ClickAsync();
        await Expect(platform.Page.Locator("h1 .chip")).ToHaveTextAsync("Active");

        await applicant.SignInAsync(email);
        await applicant.ShellAsync();
        await Expect(applicant.Page.Locator(".top-company")).ToContainTextAsync("Lakeside Wireless");
        Assert.Empty(applicant.Complaints);
        Assert.Empty(platform.Complaints);
    }

    [Fact]
    public async Task The_search_opens_by_slash_is_walked_by_arrows_and_closes_by_escape()
    {
        await using var visit = await web.OpenAsync();
        var company = await web.AddCompanyAsync();
        await company.AddRouterAsync("NBO-CORE-1");
        var (_, email) = await web.AddPersonAsync(company, Role.Owner);
        await visit.SignInAsync(email);
        await visit.ShellAsync();

        await visit.Page.Keyboard.PressAsync("/");
        await visit.Page.Keyboard.TypeAsync("nbo"); // at once: no key may be lost
        await Expect(visit.Page.Locator(".find-hit.is-chosen .find-title")).ToHaveTextAsync("NBO-CORE-1");
        await visit.Page.Keyboard.PressAsync("Escape");
        await Expect(visit.Page.Locator(".find")).ToBeHiddenAsync();
        await visit.Page.Keyboard.PressAsync("Control+k");
        await visit.Page.Keyboard.TypeAsync("audit");
        await Expect(visit.Page.Locator(".find-hit.is-chosen .find-title")).ToHaveTextAsync("Audit");
        await visit.Page.Keyboard.PressAsync("Enter");

        await Expect(visit.Page.Locator("h1")).ToContainTextAsync("Audit");
    }

    [Fact]
    public async Task The_theme_is_kept_and_applies_before_the_app_starts()
    {
        await using var visit = await web.OpenAsync();
        var (_, email) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Owner);
        await visit.SignInAsync(email);
        await visit.ShellAsync();
        var light = await visit.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Switch between light and dark" }).ClickAsync();
        await Expect(visit.Page.Locator("html[data-theme=dark]")).ToHaveCountAsync(1);
        var dark = await visit.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
        await visit.Page.GotoAsync("/set-password");

        Assert.NotEqual(light, dark);
        Assert.Equal(dark, await visit.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/staff")]
    [InlineData("/audit")]
    [InlineData("/company")]
    [InlineData("/account")]
    public async Task On_a_phone_nothing_is_wider_than_the_screen_and_the_navigation_is_a_drawer(string path)
    {
        await using var visit = await web.OpenAsync(390, 844);
        var (_, email) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Owner);
        await visit.SignInAsync(email);
        await visit.ShellAsync();
        await visit.Page.GotoAsync(path);
        await visit.ShellAsync();

        Assert.Equal(0, await visit.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        await Expect(visit.Page.Locator(".side")).ToBeHiddenAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Navigation", Exact = true }).ClickAsync();
        await Expect(visit.Page.Locator(".side")).ToBeVisibleAsync();
        var target = await visit.Page.Locator(".nav-item").First.BoundingBoxAsync();
        Assert.True(target!.Height >= 44);
        await visit.Page.Locator(".nav-item", new() { HasText = "Audit" }).ClickAsync();
        await Expect(visit.Page.Locator("h1")).ToContainTextAsync("Audit");
        await Expect(visit.Page.Locator(".side")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task The_keyboard_reaches_the_page_past_the_navigation_and_focus_is_seen()
    {
        await using var visit = await web.OpenAsync();
        var (_, email) = await web.AddPersonAsync(await web.AddCompanyAsync(), Role.Owner);
        await visit.SignInAsync(email);
        await visit.ShellAsync();

        await visit.Page.FocusAsync(".skip");
        await Expect(visit.Page.Locator(".skip")).ToBeInViewportAsync();
        Assert.NotEqual("none", await visit.Page.EvaluateAsync<string>("getComputedStyle(document.activeElement).boxShadow"));
        await visit.Page.Keyboard.PressAsync("Enter");

        await Expect(visit.Page.Locator("#page")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_super_admin_sees_that_the_company_watches_and_leaves_with_one_click()
    {
        await using var visit = await web.OpenAsync();
        var company = await web.AddCompanyAsync("Watched Net");
        var (_, email) = await web.AddPersonAsync(null, Role.SuperAdmin, "Asha Root");
        await visit.SignInAsync(email);
        await visit.ShellAsync();
        await visit.Page.GotoAsync($"/platform/companies/{company.Id}");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Enter the company" }).ClickAsync();
        await visit.Page.FillAsync("#confirm-reason", "Ticket 4711: lines do not come back");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Enter", Exact = true }).ClickAsync();

        await Expect(visit.Page.Locator(".visit")).ToContainTextAsync("Ticket 4711");
        await Expect(visit.Page.Locator(".top-company")).ToContainTextAsync("Watched Net");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Leave the company" }).ClickAsync();

        await Expect(visit.Page.Locator("h1")).ToContainTextAsync("Watched Net");
        await Expect(visit.Page.Locator(".visit")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_super_admin_changes_the_company_from_the_top_bar()
    {
        await using var visit = await web.OpenAsync();
        await web.AddCompanyAsync("Turkana Wireless");
        var (_, email) = await web.AddPersonAsync(null, Role.SuperAdmin, "Asha Root");
        await visit.SignInAsync(email);
        await visit.ShellAsync();

        await visit.Page.ClickAsync(".top-switch > summary");
        await visit.Page.FillAsync(".top-switch input", "turkana");
        await visit.Page.ClickAsync(".top-switch a:has-text('Turkana Wireless')");
        await visit.Page.FillAsync("#confirm-reason", "Ticket 4712: a refund to look at");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Enter", Exact = true }).ClickAsync();
        await Expect(visit.Page.Locator(".visit")).ToContainTextAsync("Ticket 4712");
        await Expect(visit.Page.Locator(".top-company")).ToContainTextAsync("Turkana Wireless");

        await visit.Page.ClickAsync(".top-switch > summary");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Leave and choose another" }).ClickAsync();
        await Expect(visit.Page.Locator("h1")).ToHaveTextAsync("Companies");
        await Expect(visit.Page.Locator(".visit")).ToHaveCountAsync(0);
    }

    [GeneratedRegex("/sign-in", RegexOptions.None, 1000)]
    private static partial Regex SignInAddress();
}
