using Bunit;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Testing;
using DataDefender.Web.Components.Pages.Clients;
using DataDefender.Web.Components.Pages.Lines;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Radzen;

namespace DataDefender.Web.Tests.Clients;

/// <summary>A client with one line, and the page of it.</summary>
public abstract class ClientPageTest : PageTest
{
    protected DialogService Dialogs => Services.GetRequiredService<DialogService>();

    protected Subscription Line { get; private set; } = null!;

    protected Nas Nas { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Nas = await Company.AddNasAsync(configure: n => n.Name = "NBO-CORE-1");
        Line = await Company.AddSubscriptionAsync(
            await Company.AddClientAsync("Jane Wanjiku", "0712345678"), await Company.AddPackageAsync("Home 10", 10_000, 5_000), username: "jane.wanjiku", password: "s3cret-word");
    }

    protected override void AddServices(IServiceCollection services) => services.AddSingleton<ILineMeter, NoMeter>().AddSingleton<LineWatch>();

    protected IRenderedComponent<ClientPage> Open()
    {
        var page = Render<ClientPage>(p => p.Add(x => x.Id, Line.ClientId));
        page.WaitForElement(".banner");
        return page;
    }

    protected static Task Verb(IRenderedComponent<ClientPage> page, string verb) =>
        page.Find(".banner-verbs").QuerySelectorAll("button").Single(b => b.TextContent == verb).ClickAsync(new());

    protected async Task ActAsync(Func<SubscriptionService, Task> act)
    {
        await using var scope = Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<Domain.Tenancy.TenantContext>().Use(Company.Id);
        scope.ServiceProvider.GetRequiredService<CurrentUser>().Use(Actor.System("test"));
        await act(scope.ServiceProvider.GetRequiredService<SubscriptionService>());
    }

    protected async Task<Domain.Clients.Client> ClientAsync()
    {
        await using var db = Company.Open();
        return await db.Clients.SingleAsync(c => c.Id == Line.ClientId);
    }

    /// <summary>No router can be read in these tests.</summary>
    private sealed class NoMeter : ILineMeter
    {
        public Task<LineMeasure> MeasureAsync(Guid tenantId, Guid subscriptionId, CancellationToken ct) => Task.FromResult<LineMeasure>(new LineMeasure.Offline());
    }
}

public sealed class ClientPageTests : ClientPageTest
{
    [Fact]
    public async Task The_page_says_what_the_line_is_and_where_it_is_online()
    {
        await Company.AddSessionAsync(Nas, s =>
        {
            (s.SubscriptionId, s.FramedAddress, s.CallingStationId) = (Line.Id, "100.64.0.7", "4C:5E:0C:11:22:33");
            (s.DownloadBytes, s.UpdatedAt) = (2_500_000_000, Clock.Now.AddSeconds(-40));
        });

        var page = Open();

        Assert.Contains("Active", page.Find(".banner").TextContent);
        Assert.Contains("10 / 5 Mbps", page.Find(".banner").TextContent);
        foreach (var shown in (string[])["100.64.0.7", "4C:5E:0C:11:22:33", "NBO-CORE-1", "2.50 GB", "confirmed", "40 s ago"])
        {
            page.WaitForAssertion(() => Assert.Contains(shown, page.Find(".now-session").TextContent));
        }
    }

    [Theory]
    [InlineData(LinePush.Secrets, true, 2, "Online", "its PPPoE session is open, read 2 min ago")]
    [InlineData(LinePush.Secrets, false, 2, "Offline", "does not list it, read 2 min ago")]
    [InlineData(LinePush.Addresses, false, 1, "Not seen", "it may be there and silent")]
    [InlineData(LinePush.Secrets, true, 30, "Not sure", "was last read 30 min ago")]
    public void A_line_without_RADIUS_is_as_its_router_said_last_with_the_age_of_that(LinePush push, bool isSeen, int minutes, string state, string words)
    {
        Dictionary<string, LineSighting> online = isSeen ? new() { ["jane.wanjiku"] = new("100.90.0.9", null, null, "its PPPoE session is open") } : [];
        Services.GetRequiredService<LinesOnRouters>().Publish(new RouterLines(Company.Id, Guid.CreateVersion7(), "KILIMANI", push, true, Clock.Now.AddMinutes(-minutes), TimeSpan.FromMinutes(5), online));

        var page = Open();

        page.WaitForAssertion(() => Assert.Contains(state, page.Find(".now-state .chip").TextContent, StringComparison.Ordinal));
        Assert.Contains("KILIMANI", page.Find(".now-state").TextContent, StringComparison.Ordinal);
        Assert.Contains(words, System.Text.RegularExpressions.Regex.Replace(page.Find(".now-state").TextContent, "\\s+", " "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_has_not_reported_for_long_is_not_called_online()
    {
        await Company.AddSessionAsync(Nas, s => (s.SubscriptionId, s.UpdatedAt) = (Line.Id, Clock.Now.AddMinutes(-30)));

        var page = Open();

        page.WaitForAssertion(() => Assert.Contains("Not sure", page.Find(".now-session").TextContent));
    }

    [Fact]
    public async Task Why_the_last_login_was_refused_is_on_the_page()
    {
        await Company.AddLoginAsync(Nas, "jane.wanjiku", LoginOutcome.WrongPassword, subscriptionId: Line.Id);

        var page = Open();

        page.WaitForAssertion(() => Assert.Contains("The last login was refused 60 s ago: Wrong password.", page.Find(".now-why").TextContent));
        page.WaitForAssertion(() => Assert.Contains("Wrong password", page.FindComponent<LineLogins>().Markup));
    }

    [Fact]
    public async Task Suspending_asks_why_says_the_consequence_and_shows_the_new_state()
    {
        await Company.AddSessionAsync(Nas, s => s.SubscriptionId = Line.Id);
        var page = Open();
        string? consequence = null;
        Dialogs.OnOpen += (_, _, parameters, _) => consequence = (string?)parameters[nameof(SuspendDialog.Consequence)];

        var suspending = Verb(page, "Suspend…");
        Assert.Contains("Its open session moves to the walled garden within seconds", consequence);
        Dialogs.Close(new SuspendAnswer(SuspendReason.Unpaid, "second reminder"));
        await suspending;

        page.WaitForAssertion(() => Assert.Contains("In the walled garden: unpaid", page.Find(".banner").TextContent));
        Assert.Contains("second reminder", page.Find(".banner").TextContent);
        Assert.Contains("Being brought to the router", page.Find(".banner").TextContent);
        Assert.Contains("Restore", page.Find(".banner").TextContent);
        Assert.DoesNotContain("Suspend…", page.Find(".banner").TextContent);
    }

    [Fact]
    public async Task The_outcome_at_the_router_appears_by_itself()
    {
        var page = Open();
        await ActAsync(lines => lines.SuspendAsync(Line.Id, SuspendReason.Unpaid, null));
        await using (var db = Company.Open())
        {
            var command = await db.LineCommands.SingleAsync();
            command.Complete(LineCommandStatus.Failed, null, "The router answered with another secret than ours.", Clock.Now);
            await db.SaveChangesAsync();
        }

        Clock.Advance(TimeSpan.FromSeconds(1));
        Services.GetRequiredService<LiveMetrics>().Announce(Company.Id);
        Clock.Advance(TimeSpan.FromSeconds(1));

        page.WaitForAssertion(() => Assert.Contains("did not reach the router", page.Find(".banner [role=alert]").TextContent));
        page.WaitForAssertion(() => Assert.Contains("another secret than ours", page.FindComponent<LineCommands>().Markup));

        Clock.Advance(TimeSpan.FromSeconds(1));
        page.Find(".banner [role=alert] button").Click();
        page.WaitForAssertion(() => Assert.Contains("Being brought to the router: again: suspended", page.Find(".banner").TextContent));
    }

    [Fact]
    public async Task A_password_is_shown_only_when_asked_for_and_hides_itself_again()
    {
        var page = Open();
        Assert.DoesNotContain("s3cret-word", page.Markup);

        await page.FindAll("button").Single(b => b.TextContent.Contains("Show password", StringComparison.Ordinal)).ClickAsync(new());
        page.WaitForAssertion(() => Assert.Contains("s3cret-word", page.Markup));
        await using (var db = Company.Open())
        {
            Assert.Equal(1, await db.AuditEntries.CountAsync(a => a.Action == "revealed password"));
        }

        Clock.Advance(TimeSpan.FromMinutes(1));
        page.WaitForAssertion(() => Assert.DoesNotContain("s3cret-word", page.Markup));
    }

    [Fact]
    public async Task A_fixed_address_that_is_taken_is_said_beside_its_field()
    {
        await Company.AddSubscriptionAsync(username: "otieno", staticAddress: "100.64.0.9");
        Func<string?, Task> save = text => ActAsync(lines => lines.SetStaticAddressAsync(Line.Id, text));
        var dialog = Render<LineFieldDialog>(p => p.Add(d => d.Label, "Fixed IPv4 address").Add(d => d.Field, nameof(SubscriptionInput.StaticAddress)).Add(d => d.Save, save));

        dialog.Find("input").Input("100.64.0.9");
        await dialog.Find("form").SubmitAsync();
        Assert.Contains("100.64.0.9 belongs to otieno.", dialog.Find("#line-field-error").TextContent);

        dialog.Find("input").Input("100.64.0.10");
        await dialog.Find("form").SubmitAsync();
        await using var db = Company.Open();
        Assert.Equal("100.64.0.10", (await db.Subscriptions.SingleAsync(s => s.Id == Line.Id)).StaticAddress);
    }

    [Fact]
    public async Task A_line_is_sold_with_made_credentials()
    {
        var panel = Render<LinePanel>(p => p.Add(x => x.ClientId, Line.ClientId));
        object? closedWith = null;
        Dialogs.OnSideClose += result => closedWith = result;
        panel.WaitForAssertion(() => Assert.Contains("Home 10 · 10 / 5 Mbps · KES 2,500 a month", panel.Markup));
        panel.Find("#line-caller").Change("nonsense");
        await panel.Find("form").SubmitAsync();
        Assert.Contains("Write a MAC address", panel.Find("#line-caller-error").TextContent);

        panel.Find("#line-caller").Change("");
        await panel.Find("form").SubmitAsync();

        await using var db = Company.Open();
        var sold = await db.Subscriptions.SingleAsync(s => s.Id != Line.Id);
        Assert.Equal(("jane.wanjiku2", SubscriptionState.Active), (sold.Username, sold.State));
        Assert.Equal(sold.Id, closedWith);
    }

    [Fact]
    public async Task A_client_without_a_line_is_offered_its_first()
    {
        var client = await Company.AddClientAsync("New Client");

        var page = Render<ClientPage>(p => p.Add(x => x.Id, client.Id));

        page.WaitForAssertion(() => Assert.Contains("Sell the first line", page.Markup));
    }

    [Fact]
    public async Task A_client_of_another_company_is_not_found()
    {
        var other = await OtherCompanyAsync();
        var client = await other.AddClientAsync("Smuggled Client");

        var page = Render<ClientPage>(p => p.Add(x => x.Id, client.Id));

        page.WaitForAssertion(() => Assert.Contains("This was not found", page.Markup));
        Assert.DoesNotContain("Smuggled", page.Markup);
    }

    [Fact]
    public async Task Of_several_lines_the_address_says_which_is_shown()
    {
        var second = await Company.AddSubscriptionAsync(await ClientAsync(), username: "jane.office", state: SubscriptionState.Suspended);
        Navigation.NavigateTo($"/clients/{Line.ClientId}?line={second.Id}");

        var page = Render<ClientPage>(p => p.Add(x => x.Id, Line.ClientId));

        page.WaitForAssertion(() => Assert.Contains("jane.office", page.Find(".banner").TextContent));
        Assert.Contains("Suspended", page.Find(".banner").TextContent);
    }

    [Fact]
    public async Task Use_per_day_is_drawn_with_its_sums()
    {
        await using (var db = Company.Open())
        {
            db.UsageHours.Add(new UsageHour { TenantId = Company.Id, SubscriptionId = Line.Id, Hour = Clock.Now.AddDays(-2), DownloadBytes = 4_000_000_000, UploadBytes = 500_000_000 });
            await db.SaveChangesAsync();
        }

        var usage = Render<LineUsage>(p => p.Add(x => x.LineId, Line.Id));

        usage.WaitForAssertion(() => Assert.Contains("4.00 GB down", usage.Markup));
        Assert.Equal(30, usage.FindAll(".usage-day").Count);
        Assert.Contains(usage.FindAll(".usage-day title"), t => t.TextContent == "Fri 27 Feb: 4.00 GB down, 500 MB up");
    }
}

public sealed class ClientPageForSalesTests : ClientPageTest
{
    protected override Role Role => Role.Sales;

    [Fact]
    public void Sales_sees_the_line_and_none_of_its_controls()
    {
        var page = Open();

        Assert.DoesNotContain("Suspend…", page.Markup);
        Assert.DoesNotContain("Show password", page.Markup);
        Assert.DoesNotContain("Last logins", page.Markup);
        Assert.Contains("Change package…", page.Markup);
    }
}
