using DataDefender.Domain.Billing;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Collections;
using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Billing;

/// <summary>Money finds the debt: from wallets, from sub-accounts to who pays for them, and back when a payment is reversed.</summary>
public sealed class WalletAndPayerTests
{
    [Theory, EachDatabase]
    public async Task What_was_paid_ahead_pays_the_next_invoice_and_credit_that_is_granted_pays_what_is_open(DatabaseProvider provider)
    {
        await using var money = await MoneyCompany.StartAsync(provider);
        var (ahead, owing) = (await money.SellAsync(), await money.SellAsync());
        await money.PayAsync(ahead.ClientId, 3_000m);

        await money.RunAsync();
        await money.WithAsync<WalletService>(w => w.GrantAsync(owing.ClientId, 1_000m, "Two days without service", "gift"));

        Assert.Equal(InvoiceStatus.Paid, await money.ReadAsync(db => db.Invoices.Where(i => i.ClientId == ahead.ClientId).Select(i => i.Status).SingleAsync()));
        Assert.Equal(Money.Of(500m), await money.WalletAsync(ahead.ClientId));
        Assert.Equal(Money.Of(1_500m), await money.ReadAsync(db => Receivables.BalanceAsync(db, owing.ClientId)));
        Assert.Null(await money.FaultAsync());
    }

    [Fact]
    public async Task Nobody_is_suspended_for_what_his_wallet_can_pay()
    {
        await using var money = await MoneyCompany.StartAsync();
        var (has, hasNot) = (await money.SellAsync(), await money.SellAsync());
        await money.PayAsync(has.ClientId, 2_500m);
        await money.Company.AddInvoiceAsync(has.ClientId, 2_500m, tax: TaxRule.None); // issued by itself: no run and no page put the wallet on it
        await money.Company.AddInvoiceAsync(hasNot.ClientId, 2_500m, tax: TaxRule.None);
        await money.ChangeAsync(async db =>
        {
            var settings = new CollectionsSettings(money.Company.Id);
            settings.Change(DunningPolicy.Standard with { IsOn = true, Steps = [new DunningStep(3, DunningAct.Suspend, DunningChannels.Sms)] });
            await db.AddAsync(settings);
        });
        money.Clock.Advance(TimeSpan.FromDays(16) + TimeSpan.FromHours(-1)); // Tuesday, ten in Nairobi

        await money.WithAsync<CollectionsRun>(c => c.RunAsync());

        Assert.Equal((SubscriptionState.Active, SubscriptionState.Suspended), ((await money.LineAsync(has.Id)).State, (await money.LineAsync(hasNot.Id)).State));
        Assert.Equal(Money.Zero, await money.WalletAsync(has.ClientId));
        Assert.Null(await money.FaultAsync());
    }

    [Theory, EachDatabase]
    public async Task Money_of_a_sub_account_pays_the_invoice_of_who_pays_for_it_and_is_owed_again_when_it_is_reversed(DatabaseProvider provider)
    {
        await using var money = await MoneyCompany.StartAsync(provider);
        var (parent, child) = (await money.Company.AddClientAsync(), await money.Company.AddClientAsync());
        await JoinAsync(money, parent, child);
        await money.SellAsync(client: child);
        await money.RunAsync();

        var payment = await money.PayAsync(child.Id, 3_000m);

        Assert.Equal(Money.Zero, await money.ReadAsync(db => Receivables.BalanceAsync(db, parent.Id)));
        Assert.Equal(Money.Of(500m), await money.WalletAsync(child.Id));
        Assert.Null(await money.FaultAsync());
        money.Clock.Advance(TimeSpan.FromDays(31));
        await money.RunAsync();
        Assert.Equal((Money.Of(2_000m), Money.Zero), (await money.ReadAsync(db => Receivables.BalanceAsync(db, parent.Id)), await money.WalletAsync(child.Id)));

        await money.WithAsync<OrphanService>(o => o.ReverseAsync(payment, "The bank took it back"));

        Assert.Null(await money.FaultAsync());
    }

    [Fact]
    public async Task A_prepaid_line_is_paid_on_from_the_wallet_of_who_pays_for_it()
    {
        await using var money = await MoneyCompany.StartAsync();
        var (parent, child) = (await money.Company.AddClientAsync(), await money.Company.AddClientAsync());
        await JoinAsync(money, parent, child);
        var line = await money.SellAsync(1_000m, BillingMode.Prepaid, child);
        await money.PayAsync(child.Id, 400m);
        await money.PayAsync(parent.Id, 700m);
        var renewed = 0;

        await money.WithAsync<AutoRenewal>(async r => renewed = await r.RenewDueAsync());

        Assert.Equal(1, renewed);
        Assert.Equal((Money.Zero, Money.Of(100m)), (await money.WalletAsync(child.Id), await money.WalletAsync(parent.Id))); // its own first
        Assert.Null(await money.FaultAsync());
    }

    [Theory, EachDatabase]
    public async Task A_line_that_ran_out_long_ago_is_bought_again_by_money_that_comes_for_it_and_not_by_money_for_another_line(DatabaseProvider provider)
    {
        await using var money = await MoneyCompany.StartAsync(provider);
        var (away, two) = (await money.SellAsync(1_000m, BillingMode.Prepaid), await money.SellAsync(1_000m, BillingMode.Prepaid));
        var running = await money.SellAsync(1_000m, BillingMode.Prepaid, await money.ReadAsync(db => db.Clients.SingleAsync(c => c.Id == two.ClientId)));
        await money.PayAsync(away.ClientId, 1_000m); // it lay there while nobody came for it
        money.Clock.Advance(TimeSpan.FromDays(21));
        await money.ChangeAsync(async db => (await db.Subscriptions.SingleAsync(s => s.Id == running.Id)).ExpireAt(money.Clock.Now.AddDays(20)));
        await money.PayAsync(two.ClientId, 1_000m);
        var renewed = 0;

        await money.WithAsync<AutoRenewal>(async a => renewed = await a.RenewPaidAsync() + await a.RenewDueAsync());
        Assert.Equal(0, renewed);

        await money.PayAsync(away.ClientId, 100m);
        await money.WithAsync<AutoRenewal>(async a => renewed = await a.RenewPaidAsync());

        Assert.Equal(1, renewed);
        Assert.True((await money.LineAsync(away.Id)).ExpiresAt > money.Clock.Now.AddDays(27));
        Assert.Equal(Money.Of(100m), await money.WalletAsync(away.ClientId));
        Assert.Null(await money.FaultAsync());
    }

    [Theory, EachDatabase]
    public async Task Time_that_is_sold_runs_when_it_is_paid_and_goes_when_the_payment_does(DatabaseProvider provider)
    {
        await using var money = await MoneyCompany.StartAsync(provider);
        var line = await money.SellAsync(1_000m, BillingMode.Prepaid);
        var before = (await money.LineAsync(line.Id)).ExpiresAt;
        var sold = ("", Money.Zero);

        await money.WithAsync<ContractService>(async c => sold = await c.SellAsync(line.Id, 3));

        Assert.Equal(Money.Of(3_000m), sold.Item2);
        Assert.Equal(before, (await money.LineAsync(line.Id)).ExpiresAt);
        Assert.Equal("renewal.open", (await Assert.ThrowsAsync<DomainException>(() => money.WithAsync<ContractService>(c => c.SellAsync(line.Id, 1)))).Code);
        var payment = await money.PayAsync(line.ClientId, 3_000m);
        Assert.Equal(before!.Value.AddMonths(3), (await money.LineAsync(line.Id)).ExpiresAt);

        await money.WithAsync<OrphanService>(o => o.ReverseAsync(payment, "The bank took it back"));

        Assert.Equal(before, (await money.LineAsync(line.Id)).ExpiresAt);
        Assert.Null(await money.FaultAsync());
    }

    [Theory, EachDatabase]
    public async Task Time_that_is_paid_a_day_late_runs_from_then_is_given_back_whole_and_is_counted_from_then_by_a_change(DatabaseProvider provider)
    {
        await using var money = await MoneyCompany.StartAsync(provider);
        var line = await money.SellAsync(3_100m, BillingMode.Prepaid);
        await money.WithAsync<ContractService>(c => c.SellAsync(line.Id, 1)); // for the 31 days of March
        money.Clock.Advance(TimeSpan.FromDays(5));

        var payment = await money.PayAsync(line.ClientId, 3_100m);

        var paid = money.Clock.Now;
        Assert.Equal(paid.AddDays(31), (await money.LineAsync(line.Id)).ExpiresAt);
        money.Clock.Advance(TimeSpan.FromDays(30));
        var dearer = await money.Company.AddPackageAsync(price: 6_200m);
        PlanChangeQuote? quote = null;
        await money.WithAsync<PlanChangeService>(async p => quote = await p.QuoteAsync(line.Id, dearer.Id));
        Assert.Equal(Money.Of(100m), quote!.Credit); // the day that is left
        await money.WithAsync<OrphanService>(o => o.ReverseAsync(payment, "The bank took it back"));
        Assert.Equal(paid, (await money.LineAsync(line.Id)).ExpiresAt);
        Assert.Null(await money.FaultAsync());
    }

    [Theory, EachDatabase]
    public async Task Two_purchases_that_are_paid_late_give_the_time_of_both_and_lose_both_when_their_payments_are_reversed(DatabaseProvider provider)
    {
        await using var money = await MoneyCompany.StartAsync(provider);
        var line = await money.SellAsync(1_000m, BillingMode.Prepaid);
        await money.WithAsync<ContractService>(c => c.SellAsync(line.Id, 1)); // for the 31 days of March
        money.Clock.Advance(TimeSpan.FromDays(40));
        await money.WithAsync<ContractService>(c => c.SellAsync(line.Id, 1)); // for 30 days from 10 April
        money.Clock.Advance(TimeSpan.FromHours(1));
        var paid = money.Clock.Now;

        var (first, second) = (await money.PayAsync(line.ClientId, 1_000m), await money.PayAsync(line.ClientId, 1_000m));

        Assert.Equal(paid.AddDays(61), (await money.LineAsync(line.Id)).ExpiresAt);
        await money.WithAsync<OrphanService>(o => o.ReverseAsync(first, "The bank took it back"));
        Assert.Equal(paid.AddDays(30), (await money.LineAsync(line.Id)).ExpiresAt);
        await money.WithAsync<OrphanService>(o => o.ReverseAsync(second, "The bank took it back"));
        Assert.Equal(paid, (await money.LineAsync(line.Id)).ExpiresAt);
        Assert.Null(await money.FaultAsync());
    }

    [Fact]
    public async Task Days_that_a_run_billed_before_a_line_became_prepaid_are_neither_given_nor_taken_again_by_their_payment()
    {
        await using var money = await MoneyCompany.StartAsync();
        var line = await money.SellAsync(3_100m);
        await money.RunAsync();
        await money.WithAsync<ContractService>(c => c.BillByAsync(line.Id, BillingMode.Prepaid, 1));
        var march = new DateTime(2026, 3, 31, 21, 0, 0, DateTimeKind.Utc);
        Assert.Equal(march, (await money.LineAsync(line.Id)).ExpiresAt);

        var payment = await money.PayAsync(line.ClientId, 3_100m);
        Assert.Equal(march, (await money.LineAsync(line.Id)).ExpiresAt);
        await money.WithAsync<OrphanService>(o => o.ReverseAsync(payment, "The bank took it back"));

        Assert.Equal(march, (await money.LineAsync(line.Id)).ExpiresAt);
        Assert.Equal(Money.Of(3_100m), await money.ReadAsync(db => Receivables.BalanceAsync(db, line.ClientId)));
    }

    [Fact]
    public async Task Time_that_two_wallets_pay_together_is_given_once()
    {
        await using var money = await MoneyCompany.StartAsync();
        var (parent, child) = (await money.Company.AddClientAsync(), await money.Company.AddClientAsync());
        await JoinAsync(money, parent, child);
        var line = await money.SellAsync(1_000m, BillingMode.Prepaid, child);
        await money.PayAsync(child.Id, 400m);
        await money.PayAsync(parent.Id, 700m);

        await money.WithAsync<ContractService>(c => c.SellAsync(line.Id, 1));

        Assert.Equal(money.Clock.Now.AddDays(31), (await money.LineAsync(line.Id)).ExpiresAt);
        Assert.Equal(Money.Of(100m), await money.WalletAsync(child.Id) + await money.WalletAsync(parent.Id));
        Assert.Null(await money.FaultAsync());
    }

    [Fact]
    public async Task Time_of_which_the_rest_is_let_off_runs_as_if_it_were_paid()
    {
        await using var money = await MoneyCompany.StartAsync();
        var line = await money.SellAsync(1_000m, BillingMode.Prepaid);
        await money.WithAsync<ContractService>(c => c.SellAsync(line.Id, 1));
        await money.PayAsync(line.ClientId, 600m);
        var invoice = await money.ReadAsync(db => db.Invoices.SingleAsync());
        Assert.Equal(money.Clock.Now, (await money.LineAsync(line.Id)).ExpiresAt);

        await money.WithAsync<InvoiceService>(i => i.CreditAsync(invoice.Id, [new LineCredit(1, Money.Of(400m))], "A bad start"));

        Assert.Equal(money.Clock.Now.AddDays(31), (await money.LineAsync(line.Id)).ExpiresAt);
        Assert.Null(await money.FaultAsync());
    }

    [Fact]
    public async Task A_line_that_cannot_be_renewed_and_one_with_too_little_keep_no_other_waiting()
    {
        await using var money = await MoneyCompany.StartAsync();
        var (poor, broken, rich) = (await money.SellAsync(1_000m, BillingMode.Prepaid), await money.SellAsync(1_000m, BillingMode.Prepaid), await money.SellAsync(1_000m, BillingMode.Prepaid));
        await money.PayAsync(poor.ClientId, 10m);
        await money.PayAsync(broken.ClientId, 1_000m);
        await money.PayAsync(rich.ClientId, 1_000m);
        await money.ChangeAsync(async db =>
        {
            var settings = new BillingSettings(money.Company.Id);
            settings.Change(new BillingSettingsInput { OwesVat = true, TaxPin = "P051234567X" });
            var untaxed = new PackageTerms(money.Company.Id, broken.PackageId);
            untaxed.Change(new PackageTermsInput { TaxBand = "A" });
            await db.AddRangeAsync(settings, untaxed, new TaxRate(money.Company.Id, Tax.Vat, "B", 1_600, VatBase.Net, money.Today)); // and none of band A
        });

        await money.WithAsync<AutoRenewal>(async a => Assert.Single((await Assert.ThrowsAsync<AggregateException>(() => a.RenewDueAsync())).InnerExceptions));

        Assert.True((await money.LineAsync(rich.Id)).ExpiresAt > money.Clock.Now);
        Assert.Equal(Money.Of(1_000m), await money.WalletAsync(broken.ClientId));
    }

    [Fact]
    public async Task Prepaid_time_that_is_credited_as_a_whole_is_the_lines_no_longer_and_can_be_sold_again()
    {
        await using var money = await MoneyCompany.StartAsync();
        var line = await money.SellAsync(1_000m, BillingMode.Prepaid);
        await money.PayAsync(line.ClientId, 1_000m);
        await money.WithAsync<ContractService>(c => c.SellAsync(line.Id, 1));
        var invoice = await money.ReadAsync(db => db.Invoices.SingleAsync());

        await money.WithAsync<InvoiceService>(i => i.CreditAsync(invoice.Id, [new LineCredit(1, Money.Of(1_000m))], "Not wanted"));

        Assert.True((await money.LineAsync(line.Id)).ExpiresAt <= money.Clock.Now);
        Assert.Equal(Money.Of(1_000m), await money.WalletAsync(line.ClientId));
        await money.WithAsync<ContractService>(c => c.SellAsync(line.Id, 1));
        Assert.True((await money.LineAsync(line.Id)).ExpiresAt > money.Clock.Now.AddDays(27));
        Assert.Null(await money.FaultAsync());
    }

    private static Task JoinAsync(MoneyCompany money, Client parent, Client child) => money.ChangeAsync(async db =>
    {
        var profile = new BillingProfile(money.Company.Id, child.Id);
        profile.Change(parent.Id, null, null, null);
        await db.AddAsync(profile);
    });
}
