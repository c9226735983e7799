using DataDefender.Domain.Billing;
using DataDefender.Domain.Billing.Revenue;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Reports;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Billing;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Billing;

/// <summary>Revenue earned month by month, and the books sealed day by day.</summary>
public sealed class RevenueAndSealTests
{
    [Theory, EachDatabase]
    public async Task A_year_paid_ahead_is_earned_month_by_month_to_the_cent(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider); // 1 March 2026
        await using var _ = services;
        var invoice = await BuyAsync(services, company, months: 12, price: 1_000m);
        await using (var db = company.Open())
        {
            Assert.Equal(Money.Of(12_000m), await LedgerBalances.OfAccountAsync(db, AccountKind.DeferredRevenue));
            Assert.Equal(Money.Zero, await LedgerBalances.OfAccountAsync(db, AccountKind.Revenue));
        }

        Assert.Equal(0, await EarnAsync(services, company)); // March is not over
        services.Clock.Advance(TimeSpan.FromDays(95)); // June
        Assert.Equal(3, await EarnAsync(services, company));
        Assert.Equal(0, await EarnAsync(services, company)); // twice is once
        await using (var db = company.Open())
        {
            var year = 365m;
            Assert.Equal(Money.Of(Math.Round(12_000m * (31 + 30 + 31) / year, 2)), await LedgerBalances.OfAccountAsync(db, AccountKind.Revenue));
            Assert.Equal(new DateOnly(2026, 3, 31), await db.JournalTransactions.Where(t => t.Kind == "revenue.earned").MinAsync(t => t.EffectiveOn));
        }

        services.Clock.Advance(TimeSpan.FromDays(400));
        await EarnAsync(services, company);
        await using var read = company.Open();
        Assert.Equal(Money.Zero, await LedgerBalances.OfAccountAsync(read, AccountKind.DeferredRevenue));
        Assert.Equal(Money.Of(12_000m), await LedgerBalances.OfAccountAsync(read, AccountKind.Revenue));
        Assert.Equal(12, await read.EarnedRevenue.CountAsync(e => e.InvoiceId == invoice.Id));
        Assert.Null((await services.Provider.GetRequiredService<LedgerVerifier>().VerifyAsync()).Fault);
    }

    [Theory, EachDatabase]
    public async Task A_credit_takes_what_was_not_earned_first_and_the_reports_tie(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider);
        await using var _ = services;
        var invoice = await BuyAsync(services, company, months: 6, price: 1_000m);
        services.Clock.Advance(TimeSpan.FromDays(35));
        await EarnAsync(services, company);
        Money earned;
        await using (var db = company.Open())
        {
            earned = await LedgerBalances.OfAccountAsync(db, AccountKind.Revenue);
            await using var turn = await db.TakeLedgerTurnAsync();
            await Invoicing.CreditAsync(db, turn, await db.Invoices.Include(i => i.Lines).SingleAsync(i => i.Id == invoice.Id), [new LineCredit(1, Money.Of(5_500m))], "Moved away", new BillingSettings(company.Id));
            await turn.CommitAsync();
        }

        await using (var db = company.Open())
        {
            Assert.Equal(Money.Zero, await LedgerBalances.OfAccountAsync(db, AccountKind.DeferredRevenue));
            Assert.Equal(Money.Of(5_500m) - (Money.Of(6_000m) - earned), await LedgerBalances.OfAccountAsync(db, AccountKind.CreditNotes));
        }

        await using var scope = services.Scope(company.Id);
        var reports = scope.ServiceProvider.GetRequiredService<FinanceReports>();
        var year = new ReportQuery(new DateOnly(2026, 1, 1), new DateOnly(2026, 12, 31), RevenueBy.Package);
        Assert.DoesNotContain((await reports.GetAsync(FinanceReport.Revenue, year)).Facts, f => f.Differs);
        Assert.DoesNotContain((await reports.GetAsync(FinanceReport.Deferred, year)).Facts, f => f.Differs);
        Assert.DoesNotContain((await reports.GetAsync(FinanceReport.Sites, year)).Facts, f => f.Differs);
        Assert.Null((await services.Provider.GetRequiredService<LedgerVerifier>().VerifyAsync()).Fault);
    }

    [Theory, EachDatabase]
    public async Task What_was_earned_of_an_invoice_that_is_void_comes_off_its_package_on_the_day_of_it(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider); // 1 March 2026
        await using var _ = services;
        var invoice = await BuyAsync(services, company, months: 6, price: 1_000m);
        services.Clock.Advance(TimeSpan.FromDays(35)); // 5 April
        await EarnAsync(services, company);
        await using (var db = company.Open())
        {
            await using var turn = await db.TakeLedgerTurnAsync();
            await Invoicing.VoidAsync(turn, await db.Invoices.Include(i => i.Lines).SingleAsync(i => i.Id == invoice.Id), "Wrong client");
            await turn.CommitAsync();
        }

        await using var scope = services.Scope(company.Id);
        var reports = scope.ServiceProvider.GetRequiredService<FinanceReports>();
        var year = new ReportQuery(new DateOnly(2026, 1, 1), new DateOnly(2026, 12, 31));
        foreach (var report in (FinanceReport[])[FinanceReport.Revenue, FinanceReport.Sites])
        {
            var (april, all) = (await reports.GetAsync(report, year with { From = new DateOnly(2026, 4, 1) }), await reports.GetAsync(report, year));
            Assert.DoesNotContain(april.Facts.Concat(all.Facts), f => f.Differs);
            Assert.Equal(Money.Zero, all.Total(2) ?? Money.Zero);
            Assert.True((Money)april.Total(2)! < Money.Zero);
        }
    }

    [Theory, EachDatabase]
    public async Task A_year_that_a_change_ends_early_has_earned_its_days_by_then(DatabaseProvider provider)
    {
        await using var money = await MoneyCompany.StartAsync(provider);
        var (small, large) = (await YearAsync(12_000m), await YearAsync(24_000m));
        var line = await money.SellAsync(12_000m, BillingMode.Anniversary, package: small);
        await money.WithAsync<ContractService>(c => c.GrantDiscountAsync(line.Id, 10m, null, "School"));
        await money.RunAsync();
        money.Clock.Advance(TimeSpan.FromDays(50)); // 20 April
        await money.WithAsync<PlanChangeService>(async p => await p.ConfirmAsync(line.Id, large.Id, true, (await p.QuoteAsync(line.Id, large.Id, true)).Token));

        var year = await money.ReadAsync(db => db.Invoices.Include(i => i.Lines).OrderBy(i => i.Number).FirstAsync());
        Assert.Equal(2, year.Lines.Count);
        Assert.All(year.Lines, l => Assert.Equal((Money.Zero, null), (l.Unearned, l.UnearnedFrom)));
        Assert.InRange(year.Lines.Sum(l => l.Earned.Amount), (10_800m * 50 / 365) - 0.01m, (10_800m * 50 / 365) + 0.01m);
        Assert.Equal(new Money(year.Lines.Sum(l => l.Earned.Minor)), await money.ReadAsync(db => LedgerBalances.OfAccountAsync(db, AccountKind.Revenue)));
        await money.WithAsync<RevenueRecognition>(async r => Assert.True(await r.EarnAsync() >= 0));
        money.Clock.Advance(TimeSpan.FromDays(400));
        await money.WithAsync<RevenueRecognition>(r => r.EarnAsync());
        Assert.Equal(Money.Zero, await money.ReadAsync(db => LedgerBalances.OfAccountAsync(db, AccountKind.DeferredRevenue)));
        Assert.Null(await money.FaultAsync());

        Task<ServicePackage> YearAsync(decimal price) => money.Company.AddPackageAsync(price: price, configure: p => (p.PeriodCount, p.PeriodUnit) = (1, PeriodUnit.Year));
    }

    [Theory, EachDatabase]
    public async Task Revenue_counts_for_the_package_and_the_site_of_the_day_it_was_billed(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider);
        await using var _ = services;
        var (old, other) = (await company.AddSiteAsync("Old mast"), await company.AddSiteAsync("New mast"));
        var line = await company.AddSubscriptionAsync();
        await MoveAsync(company, line.Id, old.Id);
        await company.AddInvoiceAsync(line.ClientId, 1_000m, line.Id);
        await MoveAsync(company, line.Id, other.Id);

        await using var scope = services.Scope(company.Id);
        var table = await scope.ServiceProvider.GetRequiredService<FinanceReports>().GetAsync(FinanceReport.Revenue, new ReportQuery(new DateOnly(2026, 1, 1), new DateOnly(2026, 12, 31), RevenueBy.Site));

        Assert.Equal(("Old mast", Money.Of(1_000m)), ((string)table.Rows[0].Cells[0]!, (Money)table.Rows[0].Cells[2]!));
    }

    [Theory, EachDatabase]
    public async Task Each_day_is_sealed_once_and_balances_are_read_from_the_seal(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider);
        await using var _ = services;
        var client = await company.AddClientAsync();
        await company.AddInvoiceAsync(client.Id, 1_000m);
        Assert.True(await SealAsync(services, company));
        Assert.False(await SealAsync(services, company));
        services.Clock.Advance(TimeSpan.FromDays(1));
        Assert.False(await SealAsync(services, company)); // nothing was posted since
        await company.AddInvoiceAsync(client.Id, 500m);
        Assert.True(await SealAsync(services, company));

        await using var scope = services.Scope(company.Id);
        var ledger = scope.ServiceProvider.GetRequiredService<LedgerService>();
        var (fromSeal, byLines) = (await ledger.TrialBalanceAsync(), await ledger.TrialBalanceAsync(new DateOnly(2030, 1, 1)));
        Assert.Equal(byLines.Accounts.Select(a => (a.Kind, a.Debit, a.Credit)), fromSeal.Accounts.Select(a => (a.Kind, a.Debit, a.Credit)));
        Assert.Equal(Money.Of(2_001m), fromSeal.Accounts.Single(a => a.Kind is AccountKind.Receivable).Balance);
        Assert.All((await ledger.SealsAsync(new GridQuery())).Items, s => Assert.True(s.IsGenuine));
        Assert.Null((await services.Provider.GetRequiredService<LedgerVerifier>().VerifyAsync()).Fault);
    }

    [Theory]
    [InlineData("UPDATE ledger_snapshots SET debit_minor = debit_minor + 1 WHERE account_id = (SELECT id FROM ledger_accounts WHERE kind = 'Receivable')", "ledger_snapshots 2026-02-28 Clients' accounts")]
    [InlineData("UPDATE ledger_seals SET root = head_hash", "ledger_seals 2026-02-28")]
    [InlineData("UPDATE ledger_seals SET sequence = 7", "ledger_seals 2026-02-28")]
    [InlineData("UPDATE ledger_seals SET head_hash = root", "ledger_seals 2026-02-28")]
    [InlineData("UPDATE ledger_seals SET signature = root", "ledger_seals 2026-02-28")]
    public async Task A_forged_seal_is_named(string sql, string row)
    {
        var (services, company) = await StartAsync(DatabaseProvider.Sqlite);
        await using var _ = services;
        await company.AddInvoiceAsync((await company.AddClientAsync()).Id, 1_000m);
        await SealAsync(services, company);
        await services.Database.ExecuteAsOwnerAsync($"DROP TRIGGER ledger_seals_append_only_update; DROP TRIGGER ledger_snapshots_append_only_update; PRAGMA foreign_keys = OFF; {sql};");

        Assert.Equal(row, (await services.Provider.GetRequiredService<LedgerVerifier>().VerifyAsync()).Fault?.Row);
    }

    private static async Task MoveAsync(TestCompany company, Guid line, Guid site)
    {
        await using var db = company.Open();
        await db.Subscriptions.Where(s => s.Id == line).ExecuteUpdateAsync(set => set.SetProperty(s => s.SiteId, site));
    }

    /// <summary>An invoice of prepaid months that is not taxed.</summary>
    private static async Task<Invoice> BuyAsync(TestServices services, TestCompany company, int months, decimal price)
    {
        var package = await company.AddPackageAsync(price: price);
        var line = await company.AddSubscriptionAsync(package: package);
        await using var db = company.Open();
        await using var turn = await db.TakeLedgerTurnAsync();
        var invoice = await Renewals.IssueAsync(db, turn, await db.Subscriptions.SingleAsync(s => s.Id == line.Id), package, months, null, "test");
        await turn.CommitAsync();
        return invoice;
    }

    private static async Task<int> EarnAsync(TestServices services, TestCompany company)
    {
        await using var scope = services.Scope(company.Id, Actor.System("billing"));
        return await scope.ServiceProvider.GetRequiredService<RevenueRecognition>().EarnAsync();
    }

    private static async Task<bool> SealAsync(TestServices services, TestCompany company)
    {
        await using var scope = services.Scope(company.Id, Actor.System("billing"));
        return await scope.ServiceProvider.GetRequiredService<LedgerSealing>().SealAsync();
    }

    private static async Task<(TestServices Services, TestCompany Company)> StartAsync(DatabaseProvider provider)
    {
        var services = await TestServices.CreateAsync(provider, s => s.AddBilling().AddScoped<RevenueRecognition>().AddScoped<LedgerSealing>().AddScoped<LedgerService>().AddScoped<FinanceReports>());
        return (services, await TestCompany.CreateAsync(services));
    }
}
