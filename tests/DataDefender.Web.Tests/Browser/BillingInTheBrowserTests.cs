using DataDefender.Domain.Billing;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace DataDefender.Web.Tests.Browser;

/// <summary>A month of money in the browser: taxes, a contract, a preview that is approved, an invoice with its PDF and its place in the books.</summary>
public sealed class BillingInTheBrowserTests(BrowserWeb web) : IClassFixture<BrowserWeb>
{
    [Fact]
    public async Task From_the_contract_to_the_invoice()
    {
        await using var visit = await web.OpenAsync();
        var company = await web.AddCompanyAsync();
        var line = await company.AddSubscriptionAsync(await company.AddClientAsync("Wanjiku Kamau"), await company.AddPackageAsync("Home 10"), username: "wanjiku");
        var (_, email) = await web.AddPersonAsync(company, Role.Owner);
        await visit.SignInAsync(email);
        await visit.ShellAsync();
        var page = visit.Page;

        await page.GotoAsync("/settings/billing");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the known Kenyan rates" }).ClickAsync();
        await Expect(page.Locator("table")).ToContainTextAsync("1 Jul 2023");
        await page.GetByLabel("We are registered for VAT").CheckAsync();
        await page.GetByLabel("We owe excise duty").CheckAsync();
        await page.FillAsync("#billing-pin", "P051234567X");
        await page.FillAsync("#billing-paybill", "400200");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save billing settings" }).ClickAsync();
        await LookAsync(page, "settings");

        await page.GotoAsync($"/clients/{line.ClientId}/billing");
        await page.GetByRole(AriaRole.Button, new() { Name = "Say how it is billed" }).ClickAsync();
        await page.Locator(".rz-dialog").GetByRole(AriaRole.Button, new() { Name = "Open contract" }).ClickAsync();
        await Expect(page.Locator(".facts").First).ToContainTextAsync("Monthly, ahead");
        await LookAsync(page, "client");

        await page.GotoAsync("/billing/runs");
        await page.GetByRole(AriaRole.Button, new() { Name = "New preview" }).ClickAsync();
        await page.Locator(".rz-dialog").GetByRole(AriaRole.Button, new() { Name = "Make preview" }).ClickAsync();
        await Expect(page.Locator("h1")).ToContainTextAsync("Billing run 1");
        await WorkAsync(company);
        await Expect(page.Locator(".rz-data-row")).ToContainTextAsync("Wanjiku Kamau", new() { Timeout = 30_000 });
        await LookAsync(page, "preview");
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve" }).First.ClickAsync();
        await page.Locator(".rz-dialog").GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();
        await Expect(page.Locator(".page-head")).ToContainTextAsync("Writing");
        await WorkAsync(company);
        await Expect(page.Locator(".page-head")).ToContainTextAsync("Done", new() { Timeout = 30_000 });
        await LookAsync(page, "run");

        await page.GotoAsync("/invoices");
        await Expect(page.Locator(".rz-data-row")).ToContainTextAsync("INV-");
        await LookAsync(page, "invoices");
        await page.Locator(".rz-data-row a").First.ClickAsync();
        await Expect(page.Locator("h1")).ToContainTextAsync("INV-");
        await LookAsync(page, "invoice");
        await using var db = company.Open();
        var invoice = await db.Invoices.SingleAsync(TestContext.Current.CancellationToken);
        var pdf = await page.APIRequest.GetAsync($"/invoices/{invoice.Id}/pdf");
        Assert.Equal(200, pdf.Status);
        Assert.StartsWith("%PDF-1.4", System.Text.Encoding.Latin1.GetString(await pdf.BodyAsync()), StringComparison.Ordinal);

        await page.GotoAsync("/ledger");
        await Expect(page.Locator("tfoot")).ToContainTextAsync("Both sides are equal");
        await LookAsync(page, "ledger");
        await page.GotoAsync("/ledger/1");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Transaction 1 ");
        await LookAsync(page, "transaction");
        await page.GotoAsync($"/packages/{line.PackageId}/billing");
        await Expect(page.Locator("#terms-band")).ToBeVisibleAsync();
        await LookAsync(page, "package");
        Assert.Empty(visit.Complaints);
    }

    /// <summary>Carries the runs on, as the worker does, which no test host has.</summary>
    private async Task WorkAsync(TestCompany company)
    {
        await using var scope = web.Services.GetRequiredService<TenantScopes>().Open(company.Id, "billing");
        var work = scope.ServiceProvider.GetRequiredService<BillingRunWork>();
        foreach (var run in await work.UnfinishedAsync(TestContext.Current.CancellationToken))
        {
            await work.ContinueAsync(run, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>No page is wider than a phone. DATADEFENDER_SCREENSHOTS names a folder for pictures at three widths in both themes, to be looked at.</summary>
    private static async Task LookAsync(IPage page, string name)
    {
        var folder = Environment.GetEnvironmentVariable("DATADEFENDER_SCREENSHOTS");
        foreach (var width in folder is null ? new[] { 390 } : [1440, 1024, 390])
        {
            await page.SetViewportSizeAsync(width, 900);
            Assert.True(await page.EvaluateAsync<int>("document.documentElement.scrollWidth") <= width, $"{name} is wider than {width} pixels");
            foreach (var theme in folder is null ? [] : new[] { "light", "dark" })
            {
                await page.EvaluateAsync("theme => document.documentElement.dataset.theme = theme", theme);
                await page.ScreenshotAsync(new() { Path = Path.Combine(folder!, $"{name}-{width}-{theme}.png"), FullPage = true });
            }
        }

        await page.SetViewportSizeAsync(1440, 900);
    }

}
