using Bunit;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Monitoring.Alerts;
using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Notifications.Staff;
using DataDefender.Domain.Security;
using DataDefender.Testing;
using DataDefender.Web.Components.Layout;
using DataDefender.Web.Components.Pages.Incidents;
using DataDefender.Web.Components.Pages.Network;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using IncidentsList = DataDefender.Web.Components.Pages.Incidents.Incidents;
using NotificationsPage = DataDefender.Web.Components.Pages.Notifications.Notifications;

namespace DataDefender.Web.Tests.Incidents;

public sealed class IncidentPagesTests : PageTest
{
    protected override Role Role => Role.NocOperator;

    [Fact]
    public void A_network_without_trouble_says_so()
    {
        var page = Render<IncidentsList>();

        page.WaitForAssertion(() => Assert.Contains("Nothing is wrong", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_list_shows_the_open_incidents_of_this_company_only()
    {
        await AddAsync("NBO-1");
        await AddAsync("NBO-OLD", over: true);
        await AddAsync("MSA-1", company: await OtherCompanyAsync());

        var page = Render<IncidentsList>();

        page.WaitForAssertion(() => Assert.Contains("NBO-1 is down", page.Markup, StringComparison.Ordinal));
        Assert.DoesNotContain("NBO-OLD", page.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("MSA-1", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_incident_names_whom_it_hurts_and_can_be_acknowledged_once()
    {
        var id = await AddAsync("NBO-1", clients: 2);
        var page = Render<IncidentPage>(p => p.Add(x => x.Id, id));
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll(".chip.is-bad").Count(c => c.TextContent.Contains("Offline", StringComparison.Ordinal))));

        await Button(page, "Acknowledge").ClickAsync(new());

        page.WaitForAssertion(() => Assert.Contains("Acknowledged", page.Find(".page-head .chip").TextContent, StringComparison.Ordinal));
        Assert.DoesNotContain(page.FindAll("button"), b => b.TextContent.Trim() == "Acknowledge");
        await using var db = Company.Open();
        Assert.Equal("NocOperator of the test", (await db.Incidents.SingleAsync()).AcknowledgedBy);
    }

    [Fact]
    public async Task Who_gets_an_incident_is_told()
    {
        var technician = await Company.AddStaffAsync(Role.Technician);
        var id = await AddAsync("NBO-1");
        var page = Render<IncidentPage>(p => p.Add(x => x.Id, id));
        page.WaitForElement("select[aria-label='Whose it is']");

        await page.Find("select[aria-label='Whose it is']").ChangeAsync(new() { Value = technician.Id.ToString() });

        page.WaitForAssertion(() => Assert.Contains($"Given: {technician.Name}", page.Markup, StringComparison.Ordinal));
        await using var db = Company.Open();
        Assert.Equal(technician.Id, (await db.StaffNotifications.SingleAsync()).StaffId);
    }

    [Fact]
    public async Task The_operators_board_begins_with_the_incidents()
    {
        await AddAsync("NBO-1", clients: 3);

        var page = Render<Noc>();

        page.WaitForAssertion(() => Assert.Contains("NBO-1 is down", page.Find(".causes").TextContent, StringComparison.Ordinal));
        Assert.Contains("3 clients offline", page.Find(".causes").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll(".wants, .calm")); // it is not told twice, and all is not well
    }

    [Fact]
    public void A_new_company_has_rules_and_a_wrong_number_is_refused_beside_its_field()
    {
        var page = Render<AlertRules>();
        page.WaitForAssertion(() => Assert.Equal(DefaultRules.All.Count, page.FindAll(".rules tbody tr").Count));

        var panel = Render<AlertRulePanel>(p => p.Add(x => x.Rule, null));
        panel.Find("#rule-threshold").Change("400");
        panel.Find("form").Submit();

        panel.WaitForAssertion(() => Assert.Contains("Between 10 and 100%.", panel.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_bell_counts_what_is_unread_and_the_list_can_be_read()
    {
        var me = await MeAsync();
        await using (var db = Company.Open())
        {
            var notifier = new StaffNotifier(Clock);
            await notifier.AddAsync(db, new StaffAudience.Person(me), new StaffNotice("billing.approval", EventSeverity.Info, "March waits for approval", "412 invoices."));
            await notifier.AddAsync(db, new StaffAudience.Person((await Company.AddStaffAsync(Role.Owner)).Id), new StaffNotice("x", EventSeverity.Info, "Somebody else's", ""));
            await db.SaveChangesAsync();
        }

        var bell = Render<NotificationBell>();
        bell.WaitForAssertion(() => Assert.Equal("1", bell.Find(".bell-count").TextContent));
        var page = Render<NotificationsPage>();
        page.WaitForAssertion(() => Assert.Contains("March waits for approval", page.Markup, StringComparison.Ordinal));
        Assert.DoesNotContain("Somebody else", page.Markup, StringComparison.Ordinal);

        await page.Find("button[title='Mark as read']").ClickAsync(new());
        Clock.Advance(TimeSpan.FromSeconds(1)); // live parts are drawn twice a second at most

        bell.WaitForAssertion(() => Assert.Empty(bell.FindAll(".bell-count")));
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("button[title='Mark as read']")));
    }

    private async Task<Guid> MeAsync()
    {
        var id = Services.GetRequiredService<CurrentUser>().Id!.Value;
        await using var db = Company.Open();
        db.Staff.Add(new StaffMember(id, Company.Id, "Me", "me@example.com", Role, Clock.Now));
        await db.SaveChangesAsync();
        return id;
    }

    private async Task<Guid> AddAsync(string router, int clients = 0, bool over = false, TestCompany? company = null)
    {
        company ??= Company;
        var box = await company.AddRouterAsync(router);
        var alert = new ActiveAlert(null, AlertKind.RouterDown, EventSeverity.Critical, AlertSubject.OfRouter(box.Id, router, null), Clock.Now, 1, "It does not answer.", true);
        await using var db = company.Open();
        var incident = new Incident(company.Id, await db.Incidents.CountAsync() + 1, RootCause.Group([alert], NetworkShape.Empty)[0], Clock.Now);
        incident.Hurt(clients);
        if (over)
        {
            incident.Resolve(Clock.Now);
        }

        db.Incidents.Add(incident);
        db.IncidentAlerts.Add(new IncidentAlert(company.Id, incident.Id, alert, Clock.Now));
        await db.SaveChangesAsync();
        for (var i = 0; i < clients; i++)
        {
            db.IncidentLines.Add(new IncidentLine(company.Id, incident.Id, (await company.AddSubscriptionAsync()).Id, Clock.Now));
        }

        await db.SaveChangesAsync();
        return incident.Id;
    }
}
