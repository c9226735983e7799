using ClosedXML.Excel;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Collections;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Reports;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace DataDefender.Web.Tests.Browser;

/// <summary>Finance at work in a browser: the rules with their preview, a promise, the reports and their files.</summary>
public sealed class CollectionsInTheBrowserTests(BrowserWeb web) : IClassFixture<BrowserWeb>
{
    [Fact]
    public async Task Finance_sees_whom_the_rules_would_suspend_notes_a_promise_and_takes_the_list_of_debtors_as_a_workbook()
    {
        await using var visit = await web.OpenAsync();
        var company = await web.AddCompanyAsync();
        var (_, email) = await web.AddPersonAsync(company, Role.Finance);
        var client = await HistoryAsync(company);
        await visit.SignInAsync(email);
        await visit.ShellAsync();

        await visit.Page.GotoAsync("/settings/collections");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Preview", Exact = true }).ClickAsync();
        await Expect(visit.Page.Locator(".preview")).ToContainTextAsync("suspended");
        await Expect(visit.Page.Locator(".preview details[open]")).ToContainTextAsync("Wanjiku Kamau");
        await ShootAsync(visit, "collections");

        await visit.Page.GotoAsync($"/clients/{client}");
        await Expect(visit.Page.Locator(".collections")).ToContainTextAsync("Suspension is due.");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Promise to pay" }).ClickAsync();
        await visit.Page.FillAsync("#promise-note", "After payday");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Note the promise" }).ClickAsync();
        await Expect(visit.Page.Locator(".collections .explanations")).ToContainTextAsync("The client promised to pay: After payday");
        await ShootAsync(visit, "client");

        await visit.Page.GotoAsync("/finance/unpaid");
        await Expect(visit.Page.Locator("table")).ToContainTextAsync("Wanjiku Kamau");
        var download = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Page.GetByRole(AriaRole.Link, new() { Name = "Excel" }).ClickAsync());
        using var workbook = new XLWorkbook(await download.CreateReadStreamAsync());
        Assert.Contains(workbook.Worksheets.Single().CellsUsed(), c => c.DataType is XLDataType.Text && c.GetString() == "Wanjiku Kamau");
        Assert.Contains(workbook.Worksheets.Single().CellsUsed(), c => c.DataType is XLDataType.Number && c.GetDouble() == 2_500);

        foreach (var report in Enum.GetValues<FinanceReport>())
        {
            await visit.Page.GotoAsync($"/finance/{report.ToString().ToLowerInvariant()}");
            await visit.Page.Locator(".stat").First.WaitForAsync();
            await ShootAsync(visit, $"finance-{report}");
        }

        foreach (var (path, name) in ((string, string)[])[("/messages", "messages"), ("/settings/messages", "channels"), ("/settings/message-texts?topic=paymentoverdue", "texts"), ("/messages/opt-outs", "opt-outs")])
        {
            await visit.Page.GotoAsync(path);
            await visit.ShellAsync();
            await ShootAsync(visit, name);
        }

        Assert.Empty(visit.Complaints);
    }

    /// <summary>Clients who owe for different times, some with payments, messages and a ladder that is on.</summary>
    private async Task<Guid> HistoryAsync(TestCompany company)
    {
        string[] names = ["Wanjiku Kamau", "Brian Otieno", "Amina Hassan", "Kiptoo Langat", "Njeri Mwangi", "Juma Ali"];
        int[] ages = [12, 3, 0, 40, 75, 130];
        var packages = new[] { await company.AddPackageAsync("Home 10", price: 2_500m), await company.AddPackageAsync("Home 20", 20_000, 10_000, 4_000m) };
        Guid first = default;
        await using var scope = web.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<TenantContext>().Use(company.Id);
        scope.ServiceProvider.GetRequiredService<CurrentUser>().Use(Actor.System("test"));
        var factory = scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>();
        for (var i = 0; i < names.Length; i++)
        {
            var line = await company.AddSubscriptionAsync(await company.AddClientAsync(names[i], $"07120000{i:D2}"), packages[i % 2], state: i == 5 ? SubscriptionState.Disconnected : SubscriptionState.Active);
            first = i == 0 ? line.ClientId : first;
            await using var db = await factory.OpenAsync();
            await using var turn = await db.TakeLedgerTurnAsync();
            var taxed = new TaxRule("B", 1_500, 1_600, VatBase.NetPlusExcise, true);
            var invoices = new[] { ages[i], ages[i] + 30 }.Select(age => (Age: age, Invoice: new Invoice(
                company.Id, line.ClientId, "KES", "test", [new LineDraft(LineKind.OneTime, "Internet", Money.Of(i % 2 == 0 ? 2_500 : 4_000), taxed, line.ClientId, line.Id)], turn.Now))).ToList();
            foreach (var (age, invoice) in invoices)
            {
                db.Invoices.Add(invoice);
                await Invoicing.IssueAsync(db, turn, [invoice], await CurrentBillingSettings.OfAsync(db), turn.Today.AddDays(-age - 7), turn.Today.AddDays(-age));
            }

            var paid = invoices[1].Invoice;
            var amount = paid.Balance;
            await Receivables.SettleAsync(db, turn, paid, amount);
            await turn.PostAsync(new JournalPosting(
                "payment.received", $"payment:{paid.Id}", turn.Now.AddDays(-i), "Test payment", "Payment", paid.Id,
                [PostingLeg.OnDebit(AccountKind.Cash, amount, channel: "desk"), PostingLeg.OnCredit(AccountKind.Receivable, amount, line.ClientId)]));
            await turn.CommitAsync();
        }

        await using (var db = await factory.OpenAsync())
        {
            // A pause keeps the background job of this process from acting while the pages are looked at.
            var settings = new CollectionsSettings(company.Id);
            settings.Change(DunningPolicy.Standard with { IsOn = true });
            settings.Pause(TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(2), "The pages are looked at.");
            db.CollectionsSettings.Add(settings);
            var desk = await MessageDesk.OpenAsync(db);
            foreach (var client in await db.Clients.ToListAsync())
            {
                desk.Write(
                    db, MessageTopic.PaymentOverdue, Addressee.Of(client), new MessageValues { Amount = Money.Of(2_500), Due = new DateOnly(2026, 3, 3), Days = 3 }, $"test:{client.Id:N}",
                    [MessageChannel.Sms, MessageChannel.Email], TimeProvider.System.GetUtcNow().UtcDateTime);
            }

            await db.SaveChangesAsync();
        }

        return first;
    }

    /// <summary>Pictures at three widths and in both themes, for whoever asks for them by a folder.</summary>
    private static async Task ShootAsync(Visit visit, string name)
    {
        if (Environment.GetEnvironmentVariable("DATADEFENDER_TEST_PICTURES") is not { Length: > 0 } folder)
        {
            return;
        }

        Directory.CreateDirectory(folder);
        foreach (var (width, height) in ((int, int)[])[(1440, 900), (1024, 768), (390, 844)])
        {
            await visit.Page.SetViewportSizeAsync(width, height);
            foreach (var theme in (string[])["light", "dark"])
            {
                await visit.Page.EvaluateAsync($"document.documentElement.dataset.theme = '{theme}'");
                await Task.Delay(120, TestContext.Current.CancellationToken);
                await visit.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{width}-{theme}.png"), FullPage = true });
            }
        }

        await visit.Page.SetViewportSizeAsync(1440, 900);
    }
}
