using Bunit;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Pages.Radius;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Web.Tests.Radius;

public class LoginTestPageTests : PageTest
{
    private readonly ScriptedTester _tester = new();

    protected override Role Role => Role.Support;

    [Fact]
    public async Task The_stored_password_is_tried_without_being_shown_and_the_test_is_in_the_audit_trail()
    {
        var nas = await Company.AddNasAsync(configure: n => n.Name = "NBO-EDGE");
        await Company.AddSubscriptionAsync(username: "wanjiku", password: "hidden-from-all");
        var page = Render<TestLogin>();
        page.WaitForState(() => page.FindAll("#try-user").Count == 1);

        await page.Find("#try-user").InputAsync("wanjiku");
        page.Find("form").Submit();

        page.WaitForAssertion(() => Assert.Equal("Accepted", page.Find(".try-decided .chip").TextContent));
        Assert.Equal((nas.Id, "wanjiku", "hidden-from-all", LoginTestMethod.MsChapV2), (_tester.Asked!.NasId, _tester.Asked.Username, _tester.Asked.Password, _tester.Asked.Method));
        Assert.DoesNotContain("hidden-from-all", page.Markup, StringComparison.Ordinal);
        Assert.Equal("0.80 ms", page.Find(".try-facts dd").TextContent);
        Assert.Equal(["Request", "Reply"], page.FindAll(".packet").Select(p => p.GetAttribute("aria-label")));
        Assert.Equal(["User-Name", "User-Password", "Mikrotik-Rate-Limit"], page.FindAll(".packet tbody td:first-child span").Select(a => a.TextContent));
        Assert.Contains("hidden: carries or proves a password", page.Find(".packet-secret").TextContent, StringComparison.Ordinal);
        await using var db = Company.Open();
        var entry = await db.AuditEntries.SingleAsync(a => a.Action == "tested login");
        Assert.Contains("stored", entry.After, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-from-all", entry.After, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_says_what_it_means_and_what_to_do()
    {
        await Company.AddNasAsync();
        _tester.Outcome = LoginOutcome.WrongCaller;
        var page = Render<TestLogin>();
        page.WaitForState(() => page.FindAll("#try-user").Count == 1);

        await page.Find("#try-user").InputAsync("nobody");
        page.Find("#try-typed").Change(true);
        page.Find("#try-secret").Change("a guess");
        page.Find("#try-method").Change(LoginTestMethod.Pap.ToString());
        page.Find("form").Submit();

        page.WaitForAssertion(() => Assert.Contains("locked to another MAC address", page.Find(".try-decision").TextContent, StringComparison.Ordinal));
        Assert.Equal(("a guess", LoginTestMethod.Pap), (_tester.Asked!.Password, _tester.Asked.Method));
    }

    [Fact]
    public async Task Equipment_is_tried_by_its_MAC_address_with_what_the_settings_say()
    {
        await Company.AddNasAsync();
        await Company.AddSettingsAsync();
        await using (var db = Company.Open())
        {
            var settings = await db.NetworkSettings.SingleAsync();
            settings.AllowMacLogins(MacLoginRule.SharedPassword);
            settings.SetMacPassword(await Company.ProtectAsync(settings.MacPasswordPlace(), "all-our-tvs"));
            await db.SaveChangesAsync();
        }

        var page = Render<TestLogin>();
        page.WaitForState(() => page.FindAll("#try-kind").Count == 1);
        page.Find("#try-kind").Change("Mac");
        page.Find("#try-mac").Change("no address");
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains("Enter the MAC address", page.Find(".field-error").TextContent, StringComparison.Ordinal));

        page.Find("#try-mac").Change("02-00-5e-00-aa-01");
        page.Find("form").Submit();

        page.WaitForAssertion(() => Assert.NotNull(_tester.Asked));
        Assert.Equal(
            (LoginTestKind.Mac, "02:00:5E:00:AA:01", "02:00:5E:00:AA:01", "all-our-tvs", LoginTestMethod.Pap),
            (_tester.Asked!.Kind, _tester.Asked.Username, _tester.Asked.Caller, _tester.Asked.Password, _tester.Asked.Method));
        Assert.DoesNotContain("all-our-tvs", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_persons_login_to_the_router_is_tried_with_a_typed_password_only()
    {
        await Company.AddNasAsync();
        var page = Render<TestLogin>();
        page.WaitForState(() => page.FindAll("#try-kind").Count == 1);
        page.Find("#try-kind").Change("Router");
        await page.Find("#try-user").InputAsync("otieno");

        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains("Enter the password to try", page.Find(".field-error").TextContent, StringComparison.Ordinal));
        page.Find("#try-secret").Change("a guess");
        page.Find("form").Submit();

        page.WaitForAssertion(() => Assert.Equal((LoginTestKind.Router, "otieno", "a guess"), (_tester.Asked?.Kind, _tester.Asked?.Username, _tester.Asked?.Password)));
        Assert.Empty(page.FindAll("#try-port"));
    }

    [Fact]
    public async Task The_stored_password_of_nobody_cannot_be_tried()
    {
        await Company.AddNasAsync();
        var page = Render<TestLogin>();
        page.WaitForState(() => page.FindAll("#try-user").Count == 1);
        await page.Find("#try-user").InputAsync("nobody");

        page.Find("form").Submit();

        page.WaitForAssertion(() => Assert.Contains("No line has this user name", page.Find(".field-error").TextContent, StringComparison.Ordinal));
        Assert.Null(_tester.Asked);
    }

    [Fact]
    public async Task When_RADIUS_is_away_the_page_says_why_there_is_no_answer()
    {
        await Company.AddNasAsync();
        await Company.AddSubscriptionAsync(username: "wanjiku");
        _tester.Problem = "RadiusHost does not answer: it is stopped, or Radius:StatusUrl is not its address.";
        Navigation.NavigateTo("/test-login?user=wanjiku");
        var page = Render<TestLogin>();
        page.WaitForState(() => page.FindAll("form").Count == 1);

        page.Find("form").Submit();

        page.WaitForAssertion(() => Assert.Contains("it is stopped", page.Find(".note.is-bad").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Lines_are_found_by_user_name_and_by_client_and_never_those_of_another_company()
    {
        await Company.AddSubscriptionAsync(await Company.AddClientAsync("Wanjiku Kamau"), username: "home-7");
        var other = await OtherCompanyAsync();
        await other.AddSubscriptionAsync(await other.AddClientAsync("Wanjiku Otieno"), username: "wanjiku");
        var tests = Services.GetRequiredService<LoginTestService>();

        Assert.Equal([new TestableLine("home-7", "Wanjiku Kamau")], await tests.FindAsync("wanj"));
        Assert.Equal([new TestableLine("home-7", "Wanjiku Kamau")], await tests.FindAsync("HOME"));
    }

    protected override void AddServices(IServiceCollection services) => services.AddSingleton<ILoginTester>(_tester);

    private sealed class ScriptedTester : ILoginTester
    {
        public LoginTestRequest? Asked { get; private set; }

        public LoginOutcome Outcome { get; set; } = LoginOutcome.Accepted;

        public string? Problem { get; set; }

        public Task<LoginTestResult> TestAsync(LoginTestRequest request, CancellationToken ct)
        {
            Asked = request;
            var sent = new DecodedPacket("Access-Request", 7, 60, "00", [new("User-Name", "1", "text", 7, request.Username, "77", "RFC 2865"), new("User-Password", "2", "string", 16, null, null, "RFC 2865")]);
            var got = new DecodedPacket("Access-Accept", 7, 60, "00", [new("Mikrotik-Rate-Limit", "26.14988.8", "text", 6, "5M/10M", "35", null)]);
            return Task.FromResult(Problem is { } problem
                ? LoginTestResult.Failed(problem)
                : new LoginTestResult(sent, got, null, TimeSpan.FromMicroseconds(800), 1, Outcome, "5M/10M", true));
        }
    }
}

public sealed class LoginTestPermissionTests : PageTest
{
    protected override Role Role => Role.Finance;

    [Fact]
    public async Task Who_may_not_test_is_refused_by_the_service_whatever_the_page_shows()
    {
        var nas = await Company.AddNasAsync();
        var tests = Services.GetRequiredService<LoginTestService>();

        await Assert.ThrowsAsync<ForbiddenException>(() => tests.RunAsync(new LoginTestInput { NasId = nas.Id, Username = "x" }));
        await Assert.ThrowsAsync<ForbiddenException>(() => tests.NasAsync());
        await Assert.ThrowsAsync<ForbiddenException>(() => tests.FindAsync("wanj"));
    }
}
