using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Billing;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Billing;

/// <summary>Rules that go over several documents: what is void in the middle, changes of package in a row, prepaid changes, coupons.</summary>
public sealed class BillingRulesTests
{
    [Theory, EachDatabase]
    public async Task What_a_void_invoice_billed_and_later_ones_went_past_becomes_charges(DatabaseProvider provider)
    {
        await using var services = await StartAsync(provider);
        var (company, line) = await SellAsync(services, BillingMode.Advance);
        await using (var db = company.Open())
        {
            db.Charges.Add(new Charge(company.Id, line.ClientId, line.Id, new ChargeInput { Kind = LineKind.Recurring, Description = "Public address", Price = 300m, Monthly = true }, new DateOnly(2026, 3, 1)));
            await db.SaveChangesAsync();
        }

        await RunAsync(services, company);
        services.Clock.Advance(TimeSpan.FromDays(31));
        await RunAsync(services, company);
        Money first;
        await using (var db = company.Open())
        {
            await using var turn = await db.TakeLedgerTurnAsync();
            var march = await db.Invoices.Include(i => i.Lines).OrderBy(i => i.Number).FirstAsync();
            first = march.Total;
            await Invoicing.VoidAsync(turn, march, "Wrong price");
            await turn.CommitAsync();
        }

        await RunAsync(services, company); // the same day again: what is due is what the void one charged

        await using var read = company.Open();
        var invoices = await read.Invoices.Include(i => i.Lines).OrderBy(i => i.Number).ToListAsync();
        Assert.Equal([InvoiceStatus.Void, InvoiceStatus.Issued, InvoiceStatus.Issued], invoices.Select(i => i.Status));
        Assert.Equal(first, invoices[2].Total);
        Assert.All(invoices[2].Lines, l => Assert.Contains("again, INV-2026-000001 is void", l.Description, StringComparison.Ordinal));
        Assert.Null((await services.Provider.GetRequiredService<LedgerVerifier>().VerifyAsync()).Fault);
    }

    [Theory, EachDatabase]
    public async Task Two_changes_in_a_month_give_each_day_back_once(DatabaseProvider provider)
    {
        await using var services = await StartAsync(provider);
        var (company, line) = await SellAsync(services, BillingMode.Advance); // 3,100 for March: 100 a day
        var (silver, gold) = (await company.AddPackageAsync("Silver", price: 6_200m), await company.AddPackageAsync("Gold", price: 9_300m));
        await RunAsync(services, company);

        services.Clock.Advance(TimeSpan.FromDays(10));
        var first = await ChangeAsync(services, company, line.Id, silver.Id); // the 11th: 21 days are left
        Assert.Equal((Money.Of(2_100m), Money.Of(4_200m)), (first.Credit, first.Charge));
        services.Clock.Advance(TimeSpan.FromDays(10));
        var second = await ChangeAsync(services, company, line.Id, gold.Id); // the 21st: 11 days
        Assert.Equal((Money.Of(2_200m), Money.Of(3_300m)), (second.Credit, second.Charge));

        await using var db = company.Open();
        var billed = await db.Invoices.SumAsync(i => i.Total.Minor - i.Credited.Minor);
        Assert.Equal(Money.Of((10 * 100m) + (10 * 200m) + (11 * 300m)), new Money(billed));
        Assert.Null((await services.Provider.GetRequiredService<LedgerVerifier>().VerifyAsync()).Fault);
    }

    [Theory, EachDatabase]
    public async Task A_prepaid_change_costs_what_its_quote_said_and_is_paid_from_the_wallet(DatabaseProvider provider)
    {
        await using var services = await StartAsync(provider);
        var (company, line) = await SellAsync(services, BillingMode.Prepaid);
        var gold = await company.AddPackageAsync("Gold", price: 9_300m);
        await BuyAsync(company, line, paid: true);
        services.Clock.Advance(TimeSpan.FromDays(15.5)); // half of the 31 days of March

        var quote = await QuoteAsync(services, company, line.Id, gold.Id);
        Assert.Equal((Money.Of(1_550m), Money.Of(4_650m), true), (quote.Credit, quote.Charge, quote.AtOnce));
        var refused = await Assert.ThrowsAsync<DomainException>(() => ConfirmAsync(services, company, line.Id, gold.Id, quote.Token));
        Assert.Equal("plan-change.unpaid", refused.Code);
        Assert.Contains("KES 3,100 more than the wallet holds", refused.Message, StringComparison.Ordinal);
        await PayIntoWalletAsync(company, line.ClientId, Money.Of(3_100m));

        services.Clock.Advance(TimeSpan.FromMinutes(10)); // the quote holds for a quarter of an hour
        await ConfirmAsync(services, company, line.Id, gold.Id, quote.Token);

        await using var db = company.Open();
        var changed = await db.Subscriptions.SingleAsync(s => s.Id == line.Id);
        Assert.Equal(gold.Id, changed.PackageId);
        Assert.Equal(services.Clock.Now.AddDays(15.5).AddMinutes(-10), changed.ExpiresAt!.Value); // the paid time ends when it did
        Assert.Equal(Money.Zero, await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, line.ClientId));
        Assert.Equal(Money.Zero, await Receivables.BalanceAsync(db, line.ClientId));
        Assert.Null((await services.Provider.GetRequiredService<LedgerVerifier>().VerifyAsync()).Fault);
    }

    [Theory, EachDatabase]
    public async Task A_prepaid_quote_is_refused_when_its_minutes_are_over_and_a_downgrade_waits_for_the_end(DatabaseProvider provider)
    {
        await using var services = await StartAsync(provider);
        var (company, line) = await SellAsync(services, BillingMode.Prepaid);
        var (gold, lite) = (await company.AddPackageAsync("Gold", price: 9_300m), await company.AddPackageAsync("Lite", price: 1_000m));
        await BuyAsync(company, line, paid: true);
        await PayIntoWalletAsync(company, line.ClientId, Money.Of(20_000m));
        services.Clock.Advance(TimeSpan.FromDays(3));
        var quote = await QuoteAsync(services, company, line.Id, gold.Id);
        services.Clock.Advance(TimeSpan.FromHours(6));
        Assert.Equal("plan-change.changed", (await Assert.ThrowsAsync<DomainException>(() => ConfirmAsync(services, company, line.Id, gold.Id, quote.Token))).Code);

        var later = await QuoteAsync(services, company, line.Id, lite.Id);
        Assert.Equal((false, Money.Zero, new DateOnly(2026, 4, 2)), (later.AtOnce, later.Net, later.EffectiveOn)); // paid until 1 April, 11:00
        await ConfirmAsync(services, company, line.Id, lite.Id, later.Token);
        await using var db = company.Open();
        Assert.NotEqual(lite.Id, await db.Subscriptions.Where(s => s.Id == line.Id).Select(s => s.PackageId).SingleAsync());
        Assert.True(await db.Contracts.Select(c => c.HasScheduled).SingleAsync());
    }

    [Theory, EachDatabase]
    public async Task A_coupon_is_redeemed_once_a_line_within_its_limits_and_says_by_whom(DatabaseProvider provider)
    {
        await using var services = await StartAsync(provider);
        var (company, line) = await SellAsync(services, BillingMode.Advance);
        var (_, other) = await SellAsync(services, BillingMode.Advance, company);
        await using var scope = services.Scope(company.Id);
        var (coupons, contracts) = (scope.ServiceProvider.GetRequiredService<CouponService>(), scope.ServiceProvider.GetRequiredService<ContractService>());
        var id = await coupons.AddAsync(new CouponInput { Code = "karibu10", Worth = 10m, Months = 3, MaxUses = 1, LastDay = new DateOnly(2026, 3, 31) });
        Assert.Contains((await Assert.ThrowsAsync<InvalidInputException>(() => coupons.AddAsync(new CouponInput { Code = "KARIBU10", Worth = 5m }))).Errors, e => e.Message.Contains("already", StringComparison.Ordinal));

        await contracts.RedeemAsync(line.Id, "Karibu10");
        Assert.Equal("coupon.again", (await Assert.ThrowsAsync<DomainException>(() => contracts.RedeemAsync(line.Id, "KARIBU10"))).Code);
        Assert.Equal("coupon.used", (await Assert.ThrowsAsync<DomainException>(() => contracts.RedeemAsync(other.Id, "KARIBU10"))).Code);

        var use = Assert.Single((await coupons.UsesAsync(id, new GridQuery())).Items);
        Assert.Equal((line.ClientId, line.Username, "Owner of the test"), (use.ClientId, use.Line, use.By));
        Assert.Equal((CouponState.UsedUp, 1), ((await coupons.GetAsync(id)).State, (await coupons.GetAsync(id)).Uses));
        await coupons.EndAsync(id);
        Assert.Equal(CouponState.Over, (await coupons.GetAsync(id)).State);
        await using var db = company.Open();
        Assert.Equal((1_000, new DateOnly(2026, 6, 1)), await db.Contracts.Where(c => c.SubscriptionId == line.Id).Select(c => new { c.DiscountRate, c.DiscountUntil }).SingleAsync() is var d ? (d.DiscountRate, d.DiscountUntil!.Value) : default);
    }

    [Theory, EachDatabase]
    public async Task An_amount_off_is_taxed_as_the_package_that_it_lowers_and_no_band_gives_back_more_than_it_charges(DatabaseProvider provider)
    {
        await using var money = await MoneyCompany.StartAsync(provider);
        var line = await money.SellAsync(3_000m);
        await money.ChangeAsync(async db =>
        {
            var settings = new BillingSettings(money.Company.Id);
            settings.Change(new BillingSettingsInput { OwesVat = true, OwesExcise = true, TaxPin = "P051234567X" });
            var exempt = new PackageTerms(money.Company.Id, line.PackageId);
            exempt.Change(PackageTerms.Default with { TaxBand = "A", Excisable = false });
            await db.AddRangeAsync(
                settings, exempt, new Coupon(money.Company.Id, "LESS", 0, 500m, null, money.Today, null, null), new TaxRate(money.Company.Id, Tax.Excise, TaxRate.ExciseBand, 1_500, VatBase.Net, money.Today),
                new TaxRate(money.Company.Id, Tax.Vat, "A", 0, VatBase.Net, money.Today), new TaxRate(money.Company.Id, Tax.Vat, "B", 1_600, VatBase.NetPlusExcise, money.Today));
        });
        await money.WithAsync<ContractService>(c => c.RedeemAsync(line.Id, "less"));

        await money.RunAsync();

        var invoice = await money.ReadAsync(db => db.Invoices.SingleAsync());
        Assert.Equal((Money.Of(2_500m), Money.Zero, Money.Zero), (invoice.Net, invoice.Excise, invoice.Vat));
        await money.WithAsync<InvoiceService>(async i =>
        {
            var draft = await i.DraftAsync(line.ClientId,
            [
                new InvoiceLineInput { Description = "Visit", Price = 1_000m, TaxBand = "A" },
                new InvoiceLineInput { Kind = LineKind.Discount, Description = "Off", Price = -200m, TaxBand = "B" },
            ]);
            Assert.Equal("invoice.band", (await Assert.ThrowsAsync<DomainException>(() => i.IssueAsync(draft))).Code);
        });
        Assert.Null(await money.FaultAsync());
    }

    [Theory, EachDatabase]
    public async Task A_client_is_asked_only_for_what_his_wallet_leaves_open(DatabaseProvider provider)
    {
        await using var money = await MoneyCompany.StartAsync(provider);
        var (ahead, partly) = (await money.SellAsync(2_500m), await money.SellAsync(2_500m));
        await money.PayAsync(ahead.ClientId, 3_000m);
        await money.PayAsync(partly.ClientId, 1_000m);
        await money.ChangeAsync(async db =>
        {
            var settings = new MessagingSettings(money.Company.Id, "token");
            settings.Change(new MessagingInput { SmsOn = true, SmsUsername = "savanna", AnnouncesInvoices = true });
            settings.SetSmsKey("not revealed here");
            await db.AddAsync(settings);
        });

        await money.RunAsync();

        var told = await money.ReadAsync(db => db.Messages.Where(m => m.Topic == MessageTopic.InvoiceIssued).ToListAsync());
        Assert.All(told, m => Assert.Equal(partly.ClientId, m.ClientId));
        Assert.Contains(told, m => m.Body.Contains("1,500", StringComparison.Ordinal));
    }

    private static Task<TestServices> StartAsync(DatabaseProvider provider) => TestServices.CreateAsync(provider, s => s.AddBilling()
        .AddSingleton<BillingSignal>().AddSingleton<LineSignal>().AddScoped<BillingRunService>().AddScoped<BillingRunWork>().AddScoped<PlanChangeService>().AddScoped<ContractService>().AddScoped<CouponService>());

    /// <summary>A line of 3,100 a month from 1 March 2026, without taxes.</summary>
    private static async Task<(TestCompany Company, Subscription Line)> SellAsync(TestServices services, BillingMode mode, TestCompany? company = null)
    {
        company ??= await TestCompany.CreateAsync(services);
        var package = await company.AddPackageAsync(price: 3_100m);
        var line = await company.AddSubscriptionAsync(package: package);
        await using var db = company.Open();
        db.Contracts.Add(new Contract(company.Id, line.Id, line.ClientId, line.Username, mode, 1, new ContractTerm(new DateOnly(2026, 3, 1), package.Id, package.Name, 310_000, 1, PeriodUnit.Month)));
        await db.SaveChangesAsync();
        return (company, line);
    }

    private static async Task RunAsync(TestServices services, TestCompany company)
    {
        await using var scope = services.Scope(company.Id, Actor.System("billing"));
        var (runs, work) = (scope.ServiceProvider.GetRequiredService<BillingRunService>(), scope.ServiceProvider.GetRequiredService<BillingRunWork>());
        var run = await runs.StartAsync();
        await work.ContinueAsync(run);
        await runs.ApproveAsync(run);
        await work.ContinueAsync(run);
    }

    private static async Task BuyAsync(TestCompany company, Subscription line, bool paid)
    {
        await using var db = company.Open();
        await using var turn = await db.TakeLedgerTurnAsync();
        var sold = await db.Subscriptions.SingleAsync(s => s.Id == line.Id);
        var package = await db.Packages.SingleAsync(p => p.Id == line.PackageId);
        var invoice = await Renewals.IssueAsync(db, turn, sold, package, 1, await db.Contracts.SingleAsync(c => c.SubscriptionId == line.Id), "test");
        await db.SaveChangesAsync(); // the line runs as long as it is paid from now on
        if (paid)
        {
            await Receivables.SettleAsync(db, turn, invoice, invoice.Total);
            await turn.PostAsync(new JournalPosting("payment.received", $"paid:{invoice.Id}", turn.Now, "Paid", Invoice.SourceType, invoice.Id,
                [PostingLeg.OnDebit(AccountKind.Cash, invoice.Total, channel: "desk"), PostingLeg.OnCredit(AccountKind.Receivable, invoice.Total, invoice.ClientId)]));
        }

        await turn.CommitAsync();
    }

    private static async Task PayIntoWalletAsync(TestCompany company, Guid client, Money amount)
    {
        await using var db = company.Open();
        await using var turn = await db.TakeLedgerTurnAsync();
        await turn.PostAsync(new JournalPosting("test.topped-up", $"top-up:{Guid.CreateVersion7()}", turn.Now, "Paid ahead", "Client", client,
            [PostingLeg.OnDebit(AccountKind.Cash, amount, channel: "desk"), PostingLeg.OnCredit(AccountKind.Wallet, amount, client)]));
        await turn.CommitAsync();
    }

    private static async Task<PlanChangeQuote> QuoteAsync(TestServices services, TestCompany company, Guid line, Guid package)
    {
        await using var scope = services.Scope(company.Id);
        return await scope.ServiceProvider.GetRequiredService<PlanChangeService>().QuoteAsync(line, package);
    }

    private static async Task ConfirmAsync(TestServices services, TestCompany company, Guid line, Guid package, string token)
    {
        await using var scope = services.Scope(company.Id);
        await scope.ServiceProvider.GetRequiredService<PlanChangeService>().ConfirmAsync(line, package, null, token);
    }

    private static async Task<PlanChangeQuote> ChangeAsync(TestServices services, TestCompany company, Guid line, Guid package)
    {
        var quote = await QuoteAsync(services, company, line, package);
        await ConfirmAsync(services, company, line, package, quote.Token);
        return quote;
    }
}
