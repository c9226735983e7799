using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Billing;

/// <summary>What is agreed on a line after it was sold: packages, rests, discounts, another way of billing, and that each day is charged once.</summary>
public sealed class ContractChangeTests
{
    [Theory, EachDatabase]
    public async Task A_second_change_within_a_period_gives_the_same_days_back_once_and_what_comes_back_pays_what_is_charged(DatabaseProvider provider)
    {
        await using var money = await MoneyCompany.StartAsync(provider);
        var line = await money.SellAsync(3_100m);
        var (second, third) = (await money.Company.AddPackageAsync(price: 6_200m), await money.Company.AddPackageAsync(price: 9_300m));
        await money.RunAsync();
        await money.PayAsync(line.ClientId, 3_100m);
        money.Clock.Advance(TimeSpan.FromDays(9));
        await ChangeAsync(money, line, second);
        Assert.Equal(Money.Of(2_200m), await money.ReadAsync(db => Receivables.BalanceAsync(db, line.ClientId))); // 4,400 less the 2,200 that came back
        Assert.Equal(Money.Zero, await money.WalletAsync(line.ClientId));
        money.Clock.Advance(TimeSpan.FromDays(10));

        var quote = await ChangeAsync(money, line, third);

        Assert.Equal((Money.Of(2_400m), Money.Of(3_600m)), (quote.Credit, quote.Charge)); // twelve days of the second and of the third
        Assert.Null(await money.FaultAsync());
    }

    [Fact]
    public async Task The_package_of_a_line_with_a_contract_is_changed_by_that_prepaid_or_not()
    {
        await using var money = await MoneyCompany.StartAsync();
        var other = await money.Company.AddPackageAsync();

        foreach (var mode in new[] { BillingMode.Advance, BillingMode.Prepaid })
        {
            var line = await money.SellAsync(mode: mode);
            Assert.Equal("subscription.billed", (await Assert.ThrowsAsync<DomainException>(() => money.WithAsync<SubscriptionService>(s => s.ChangePackageAsync(line.Id, other.Id)))).Code);
        }
    }

    [Theory, EachDatabase]
    public async Task A_change_at_the_end_of_paid_time_is_what_the_next_purchase_sells_also_an_hour_before_that_end(DatabaseProvider provider)
    {
        await using var money = await MoneyCompany.StartAsync(provider);
        var line = await money.SellAsync(5_000m, BillingMode.Prepaid);
        var cheaper = await money.Company.AddPackageAsync(price: 1_000m);
        await money.PayAsync(line.ClientId, 5_000m);
        await money.WithAsync<ContractService>(c => c.SellAsync(line.Id, 1));
        var ends = (await money.LineAsync(line.Id)).ExpiresAt!.Value;
        Assert.False((await ChangeAsync(money, line, cheaper)).AtOnce);
        money.Clock.Advance(ends - money.Clock.Now - TimeSpan.FromMinutes(50));
        await money.PayAsync(line.ClientId, 1_200m);

        await money.WithAsync<AutoRenewal>(async a => Assert.Equal(1, await a.RenewDueAsync()));

        var sold = await money.ReadAsync(db => db.InvoiceLines.Where(l => l.From == ends).SingleAsync());
        Assert.Equal((cheaper.Id, Money.Of(1_000m)), (sold.PackageId, sold.Total));
        Assert.Equal((line.PackageId, Money.Of(200m)), ((await money.LineAsync(line.Id)).PackageId, await money.WalletAsync(line.ClientId)));
        money.Clock.Advance(TimeSpan.FromDays(1));
        await DayAsync(money);
        Assert.Equal(cheaper.Id, (await money.LineAsync(line.Id)).PackageId);
        Assert.Null(await money.FaultAsync());
    }

    [Fact]
    public async Task A_price_agreed_on_for_a_prepaid_line_is_that_of_its_next_purchase_after_a_change_of_package_too()
    {
        await using var money = await MoneyCompany.StartAsync();
        var line = await money.SellAsync(1_000m, BillingMode.Prepaid);
        money.Clock.Advance(TimeSpan.FromDays(9));
        await ChangeAsync(money, line, await money.Company.AddPackageAsync(price: 2_000m));
        money.Clock.Advance(TimeSpan.FromDays(9));

        await money.WithAsync<ContractService>(c => c.AgreeOnPriceAsync(line.Id, 1_800m));
        await money.WithAsync<ContractService>(c => c.SellAsync(line.Id, 1));

        Assert.Equal(Money.Of(1_800m), (await money.ReadAsync(db => db.Invoices.SingleAsync())).Total);
    }

    [Fact]
    public async Task A_discount_that_ends_within_bought_time_is_given_on_the_days_before()
    {
        await using var money = await MoneyCompany.StartAsync();
        var line = await money.SellAsync(1_000m, BillingMode.Prepaid);
        await money.WithAsync<ContractService>(c => c.GrantDiscountAsync(line.Id, 50, money.Today.AddMonths(1), "Welcome"));

        await money.WithAsync<ContractService>(c => c.SellAsync(line.Id, 12));

        var total = (await money.ReadAsync(db => db.Invoices.SingleAsync())).Total;
        Assert.InRange(total.Amount, 12_000m - 510m, 12_000m - 490m); // half of the first of twelve months
        var until = await money.ReadAsync(db => db.InvoiceLines.Where(l => l.Kind == LineKind.Discount).Select(l => l.Until).SingleAsync());
        Assert.Equal(new DateTime(2026, 3, 31, 21, 0, 0, DateTimeKind.Utc), until); // it lowers what is earned in that month, and of no other
    }

    [Fact]
    public async Task A_prepaid_line_that_rests_keeps_the_paid_time_that_the_rest_does_not_cost()
    {
        await using var money = await MoneyCompany.StartAsync();
        var line = await money.SellAsync(1_000m, BillingMode.Prepaid);
        await money.PayAsync(line.ClientId, 1_000m);
        await money.WithAsync<ContractService>(c => c.SellAsync(line.Id, 1));
        var ends = (await money.LineAsync(line.Id)).ExpiresAt!.Value;
        await money.WithAsync<ContractService>(c => c.PauseAsync(line.Id, money.Today, money.Today.AddDays(10)));
        Assert.Equal(SubscriptionState.Suspended, (await money.LineAsync(line.Id)).State);
        var charged = (await money.ContractAsync(line.Id)).Terms.Pauses[0].BilledPercent;

        money.Clock.Advance(TimeSpan.FromDays(10));
        await DayAsync(money);

        var back = await money.LineAsync(line.Id);
        Assert.Equal((SubscriptionState.Active, ends.AddDays(10 * (100 - charged) / 100d)), (back.State, back.ExpiresAt));
    }

    [Fact]
    public async Task Leaving_early_costs_its_fee_once_however_often_the_end_is_said()
    {
        await using var money = await MoneyCompany.StartAsync();
        var line = await money.SellAsync();
        await money.ChangeAsync(async db => (await db.Contracts.SingleAsync()).Bind(money.Today.AddMonths(12), Money.Of(4_000m)));

        await money.WithAsync<ContractService>(async c => Assert.Equal(Money.Of(4_000m), await c.EndFeeAsync(line.Id, money.Today.AddDays(20))));
        await money.WithAsync<ContractService>(c => c.EndAsync(line.Id, money.Today.AddDays(20)));
        await money.WithAsync<ContractService>(async c => Assert.Equal(Money.Zero, await c.EndFeeAsync(line.Id, money.Today.AddDays(10))));
        await money.WithAsync<SubscriptionService>(s => s.DisconnectAsync(line.Id, "Moves away"));

        Assert.Equal(Money.Of(4_000m), (await money.ReadAsync(db => db.Charges.SingleAsync())).Price);
    }

    [Theory, EachDatabase]
    public async Task A_line_is_disconnected_on_the_day_its_contract_ends_and_goes_on_when_that_is_taken_back(DatabaseProvider provider)
    {
        await using var money = await MoneyCompany.StartAsync(provider);
        var (leaves, stays) = (await money.SellAsync(), await money.SellAsync());
        await money.ChangeAsync(async db => await db.Contracts.ForEachAsync(c => c.Bind(money.Today.AddMonths(12), Money.Of(4_000m))));
        await money.WithAsync<ContractService>(c => c.AddChargeAsync(leaves.ClientId, new ChargeInput { Description = "Router rent", Price = 200m, Monthly = true, SubscriptionId = leaves.Id }));
        foreach (var line in new[] { leaves, stays })
        {
            await money.WithAsync<ContractService>(c => c.EndAsync(line.Id, money.Today.AddDays(10)));
        }

        await money.WithAsync<ContractService>(c => c.GoOnAsync(stays.Id));
        Assert.Equal(ChargeState.Cancelled, (await money.ReadAsync(db => db.Charges.SingleAsync(c => c.SubscriptionId == stays.Id))).State);
        money.Clock.Advance(TimeSpan.FromDays(9));
        await DayAsync(money);
        Assert.Equal(SubscriptionState.Active, (await money.LineAsync(leaves.Id)).State);

        money.Clock.Advance(TimeSpan.FromDays(1));
        await DayAsync(money);

        var over = await money.LineAsync(leaves.Id);
        Assert.Equal((SubscriptionState.Disconnected, "Disconnected: its contract ended on 11 Mar 2026"), (over.State, over.StateNote));
        Assert.Equal(LineAction.Drop, (await money.ReadAsync(db => db.LineCommands.SingleAsync(c => c.SubscriptionId == leaves.Id))).Action);
        Assert.Equal(new DateOnly(2026, 3, 11), (await money.ReadAsync(db => db.Charges.SingleAsync(c => c.Monthly))).Until);
        Assert.Equal((SubscriptionState.Active, null), ((await money.LineAsync(stays.Id)).State, (await money.ContractAsync(stays.Id)).EndsOn));
        Assert.Equal("contract.end", (await Assert.ThrowsAsync<DomainException>(() => money.WithAsync<ContractService>(c => c.GoOnAsync(leaves.Id)))).Code);
    }

    [Fact]
    public async Task Prepaid_time_that_is_left_runs_out_before_a_line_is_disconnected_and_an_end_today_is_at_once()
    {
        await using var money = await MoneyCompany.StartAsync();
        var (prepaid, monthly) = (await money.SellAsync(1_000m, BillingMode.Prepaid), await money.SellAsync());
        await money.ChangeAsync(async db => (await db.Subscriptions.SingleAsync(s => s.Id == prepaid.Id)).ExpireAt(money.Clock.Now.AddDays(5)));

        await money.WithAsync<ContractService>(c => c.EndAsync(prepaid.Id, money.Today));
        await money.WithAsync<ContractService>(c => c.EndAsync(monthly.Id, money.Today));

        Assert.Equal((SubscriptionState.Active, SubscriptionState.Disconnected), ((await money.LineAsync(prepaid.Id)).State, (await money.LineAsync(monthly.Id)).State));
        money.Clock.Advance(TimeSpan.FromDays(6));
        await DayAsync(money);
        Assert.Equal(SubscriptionState.Disconnected, (await money.LineAsync(prepaid.Id)).State);
    }

    [Fact]
    public async Task Lines_in_service_that_nobody_bills_are_listed_until_they_have_a_contract()
    {
        await using var money = await MoneyCompany.StartAsync();
        await money.SellAsync();
        var line = await money.Company.AddSubscriptionAsync(await money.Company.AddClientAsync("Baraka Otieno"));

        await money.WithAsync<UnbilledLineService>(async u =>
        {
            Assert.Equal(line.Id, Assert.Single((await u.ListAsync(new GridQuery())).Items).Id);
            Assert.Empty((await u.ListAsync(new GridQuery { Search = "somebody else" })).Items);
            Assert.Single((await u.ListAsync(new GridQuery { Search = "baraka" })).Items);
        });
        await money.WithAsync<ContractService>(async c =>
        {
            await c.OpenAsync(line.Id, new ContractInput { Mode = BillingMode.Advance, StartsOn = money.Today.AddDays(-3), Price = 1_900m, BillingDay = 5 });
            var row = Assert.Single((await c.GetAsync(line.ClientId)).Contracts);
            Assert.Equal((money.Today.AddDays(-3), 5, Money.Of(1_900m)), (row.StartsOn, row.BillingDay, row.Price));
        });
        await money.WithAsync<UnbilledLineService>(async u => Assert.Empty((await u.ListAsync(new GridQuery())).Items));
    }

    [Fact]
    public async Task A_package_with_a_minimum_binds_from_its_first_day_and_a_change_that_is_taken_back_binds_nobody()
    {
        await using var money = await MoneyCompany.StartAsync();
        var line = await money.SellAsync();
        var (better, less) = (await money.Company.AddPackageAsync("Home 50", price: 5_000m), await money.Company.AddPackageAsync("Home 5", price: 1_000m));
        await money.ChangeAsync(async db =>
        {
            foreach (var (package, months, fee) in new[] { (better, 12, 6_000m), (less, 24, 900m) })
            {
                var terms = new PackageTerms(money.Company.Id, package.Id);
                terms.Change(PackageTerms.Default with { MinimumMonths = months, EarlyTerminationFee = fee });
                await db.AddAsync(terms);
            }
        });
        await money.RunAsync();

        var quote = await ChangeAsync(money, line, better);
        Assert.Equal((money.Today.AddMonths(12), 600_000L), (quote.To.BoundUntil, quote.To.EarlyTerminationFee));
        var bound = await money.ContractAsync(line.Id);
        Assert.Equal((money.Today.AddMonths(12), Money.Of(6_000m)), (bound.MinimumUntil, bound.EarlyTerminationFee));

        await ChangeAsync(money, line, less); // at the end of the period
        Assert.Equal(Money.Of(6_000m), (await money.ContractAsync(line.Id)).EarlyTerminationFee);
        await money.WithAsync<PlanChangeService>(p => p.CancelScheduledAsync(line.Id));
        money.Clock.Advance(TimeSpan.FromDays(40));
        await DayAsync(money);
        Assert.Equal(bound.MinimumUntil, (await money.ContractAsync(line.Id)).MinimumUntil);

        quote = await ChangeAsync(money, line, less);
        money.Clock.Advance(TimeSpan.FromDays(quote.EffectiveOn.DayNumber - money.Today.DayNumber));
        await DayAsync(money);
        Assert.Equal((quote.EffectiveOn.AddMonths(24), Money.Of(900m)), ((await money.ContractAsync(line.Id)).MinimumUntil!.Value, (await money.ContractAsync(line.Id)).EarlyTerminationFee));
    }

    [Fact]
    public async Task A_line_rests_on_its_days_and_pays_for_those_on_which_it_was_woken_early()
    {
        await using var money = await MoneyCompany.StartAsync();
        var line = await money.SellAsync(3_000m);
        await money.RunAsync();
        Assert.Equal("contract.pause", (await Assert.ThrowsAsync<DomainException>(() => money.WithAsync<ContractService>(c => c.PauseAsync(line.Id, new DateOnly(2026, 4, 1), null)))).Code);
        await money.WithAsync<ContractService>(c => c.PauseAsync(line.Id, new DateOnly(2026, 4, 1), new DateOnly(2026, 5, 1)));
        Assert.Equal(SubscriptionState.Active, (await money.LineAsync(line.Id)).State);

        money.Clock.Advance(TimeSpan.FromDays(31));
        await DayAsync(money);
        var resting = await money.LineAsync(line.Id);
        Assert.Equal((SubscriptionState.Suspended, SuspendReason.Requested, "Rests until 30 Apr 2026"), (resting.State, resting.SuspendReason, resting.StateNote));
        await money.PreviewAsync();
        Assert.Equal(RunState.Cancelled, (await money.NewestRunAsync()).State); // a month of rest costs nothing

        money.Clock.Advance(TimeSpan.FromDays(10));
        await money.WithAsync<ContractService>(c => c.ResumeAsync(line.Id));

        Assert.Equal(SubscriptionState.Active, (await money.LineAsync(line.Id)).State);
        Assert.Equal(Money.Of(2_000m), (await money.ReadAsync(db => db.Charges.SingleAsync())).Price); // 20 of 30 days
        await DayAsync(money);
        Assert.False((await money.ContractAsync(line.Id)).HasScheduled);
    }

    [Fact]
    public async Task A_rest_ends_by_itself_and_a_line_that_is_suspended_for_another_reason_stays_so()
    {
        await using var money = await MoneyCompany.StartAsync();
        var (line, owing) = (await money.SellAsync(mode: BillingMode.Postpaid), await money.SellAsync(mode: BillingMode.Postpaid));
        await money.ChangeAsync(async db => (await db.Subscriptions.SingleAsync(s => s.Id == owing.Id)).Suspend(SuspendReason.Unpaid, null, money.Clock.Now));
        foreach (var one in new[] { line, owing })
        {
            await money.WithAsync<ContractService>(c => c.PauseAsync(one.Id, money.Today, money.Today.AddDays(10)));
        }

        Assert.Equal(SuspendReason.Requested, (await money.LineAsync(line.Id)).SuspendReason); // from this very day
        money.Clock.Advance(TimeSpan.FromDays(10));
        await DayAsync(money);

        Assert.Equal(SubscriptionState.Active, (await money.LineAsync(line.Id)).State);
        Assert.Equal(SuspendReason.Unpaid, (await money.LineAsync(owing.Id)).SuspendReason);
    }

    [Fact]
    public async Task A_package_that_waits_for_its_day_is_looked_at_until_then_and_no_longer()
    {
        await using var money = await MoneyCompany.StartAsync();
        var (line, smaller) = (await money.SellAsync(), await money.Company.AddPackageAsync(price: 1_000m));
        await money.RunAsync();
        await ChangeAsync(money, line, smaller);
        await DayAsync(money);
        Assert.True((await money.ContractAsync(line.Id)).HasScheduled);

        money.Clock.Advance(TimeSpan.FromDays(31));
        await DayAsync(money);

        Assert.Equal(smaller.Id, (await money.LineAsync(line.Id)).PackageId);
        Assert.False((await money.ContractAsync(line.Id)).HasScheduled);
    }

    [Fact]
    public async Task A_line_that_changes_from_paid_ahead_to_billed_is_billed_from_the_end_of_its_paid_time_and_never_cut_by_it()
    {
        await using var money = await MoneyCompany.StartAsync();
        var line = await money.SellAsync(3_100m, BillingMode.Prepaid);
        await money.PayAsync(line.ClientId, 3_100m);
        await money.WithAsync<ContractService>(c => c.SellAsync(line.Id, 1)); // until 1 April, 11:00 in Nairobi
        money.Clock.Advance(TimeSpan.FromDays(5));

        await money.WithAsync<ContractService>(c => c.BillByAsync(line.Id, BillingMode.Advance, 1));

        Assert.Null((await money.LineAsync(line.Id)).ExpiresAt);
        money.Clock.Advance(TimeSpan.FromDays(30));
        await money.RunAsync();
        var billed = await money.ReadAsync(db => db.InvoiceLines.SingleAsync(l => l.Description.Contains("2 Apr 2026")));
        Assert.Equal(new Money(310_000 - 10_333), billed.Price); // 29 of 30 days of April

        await money.WithAsync<ContractService>(c => c.BillByAsync(line.Id, BillingMode.Prepaid, 1));

        Assert.Equal(new DateTime(2026, 4, 30, 21, 0, 0, DateTimeKind.Utc), (await money.LineAsync(line.Id)).ExpiresAt); // what is billed stays paid for: until May
    }

    [Theory, EachDatabase]
    public async Task A_coupon_that_is_more_than_a_bill_lowers_the_next_ones_until_it_is_used_up_and_a_void_bill_gives_its_part_back(DatabaseProvider provider)
    {
        await using var money = await MoneyCompany.StartAsync(provider);
        var line = await money.SellAsync(3_000m);
        await money.ChangeAsync(async db => await db.AddAsync(new Coupon(money.Company.Id, "BIG", 0, 5_000m, null, money.Today, null, null)));
        await money.WithAsync<ContractService>(c => c.RedeemAsync(line.Id, "big"));

        await money.RunAsync();
        Assert.Equal(Money.Zero, (await NewestAsync()).Total);
        Assert.Equal([Money.Of(-2_000m)], await PendingAsync());
        money.Clock.Advance(TimeSpan.FromDays(31));
        await money.RunAsync();
        Assert.Equal(Money.Of(1_000m), (await NewestAsync()).Total);
        Assert.Empty(await PendingAsync());

        await money.WithAsync<InvoiceService>(async i => await i.VoidAsync((await NewestAsync()).Id, "Wrong address"));
        Assert.Equal([Money.Of(-2_000m)], await PendingAsync());
        await money.RunAsync();

        Assert.Equal(Money.Of(1_000m), (await NewestAsync()).Total);
        Assert.Empty(await PendingAsync());
        Assert.Null(await money.FaultAsync());

        Task<Invoice> NewestAsync() => money.ReadAsync(db => db.Invoices.OrderByDescending(i => i.Number).FirstAsync());

        Task<List<Money>> PendingAsync() => money.ReadAsync(db => db.Charges.Where(c => c.State == ChargeState.Pending).Select(c => c.Price).ToListAsync());
    }

    [Fact]
    public async Task A_change_gives_back_no_more_than_its_invoice_asked_for()
    {
        await using var money = await MoneyCompany.StartAsync();
        var line = await money.SellAsync(3_000m);
        await money.ChangeAsync(async db => await db.AddAsync(new Coupon(money.Company.Id, "LESS", 0, 500m, null, money.Today, null, null)));
        await money.WithAsync<ContractService>(c => c.RedeemAsync(line.Id, "less"));
        await money.RunAsync();
        await money.PayAsync(line.ClientId, 2_500m);

        var quote = await ChangeAsync(money, line, await money.Company.AddPackageAsync(price: 6_200m)); // on the first day: all of it is unused

        Assert.Equal((Money.Of(2_500m), Money.Of(6_200m)), (quote.Credit, quote.Charge));
        Assert.Equal(Money.Of(3_700m), await money.ReadAsync(db => Receivables.BalanceAsync(db, line.ClientId)));
        Assert.Null(await money.FaultAsync());
    }

    [Fact]
    public async Task A_percentage_of_a_coupon_does_not_take_the_place_of_a_discount_that_runs()
    {
        await using var money = await MoneyCompany.StartAsync();
        var line = await money.SellAsync();
        await money.ChangeAsync(async db => await db.AddAsync(new Coupon(money.Company.Id, "JUMBO", 10, 0, 3, money.Today, null, null)));
        await money.WithAsync<ContractService>(c => c.GrantDiscountAsync(line.Id, 25m, null, "School"));

        Assert.Equal("coupon.discount", (await Assert.ThrowsAsync<DomainException>(() => money.WithAsync<ContractService>(c => c.RedeemAsync(line.Id, "jumbo")))).Code);
        await money.WithAsync<ContractService>(c => c.GrantDiscountAsync(line.Id, 25m, money.Today, "School"));
        await money.WithAsync<ContractService>(c => c.RedeemAsync(line.Id, "jumbo"));

        Assert.Equal("Coupon JUMBO", (await money.ContractAsync(line.Id)).DiscountName);
    }

    [Fact]
    public async Task An_invoice_by_hand_has_the_days_that_its_client_has_and_the_taxes_of_the_day_on_which_it_is_issued()
    {
        await using var money = await MoneyCompany.StartAsync();
        var client = await money.Company.AddClientAsync();
        await money.ChangeAsync(async db =>
        {
            var profile = new BillingProfile(money.Company.Id, client.Id);
            profile.Change(null, null, null, 30);
            var settings = new BillingSettings(money.Company.Id);
            settings.Change(new BillingSettingsInput { OwesVat = true, PricesIncludeTax = false, TaxPin = "P051234567X" });
            await db.AddRangeAsync(
                profile, settings, new TaxRate(money.Company.Id, Tax.Vat, "B", 1_600, VatBase.Net, new DateOnly(2020, 1, 1)), new TaxRate(money.Company.Id, Tax.Vat, "B", 1_400, VatBase.Net, new DateOnly(2026, 3, 10)));
        });
        var draft = Guid.Empty;
        await money.WithAsync<InvoiceService>(async i => draft = await i.DraftAsync(client.Id, [new InvoiceLineInput { Kind = LineKind.OneTime, Description = "Cable", Price = 1_000m, TaxBand = "B" }]));
        money.Clock.Advance(TimeSpan.FromDays(9));

        await money.WithAsync<InvoiceService>(i => i.IssueAsync(draft));

        var invoice = await money.ReadAsync(db => db.Invoices.SingleAsync());
        Assert.Equal((Money.Of(140m), Money.Of(1_140m)), (invoice.Vat, invoice.Total));
        Assert.Equal(new DateOnly(2026, 4, 9), invoice.DueOn);
        Assert.Null(await money.FaultAsync());
    }

    private static async Task<PlanChangeQuote> ChangeAsync(MoneyCompany money, Subscription line, ServicePackage to)
    {
        PlanChangeQuote? quote = null;
        await money.WithAsync<PlanChangeService>(async p =>
        {
            quote = await p.QuoteAsync(line.Id, to.Id);
            await p.ConfirmAsync(line.Id, to.Id, null, quote.Token);
        });
        return quote!;
    }

    /// <summary>What every night does for the company's day.</summary>
    private static Task DayAsync(MoneyCompany money) => money.ChangeAsync(db => ScheduledChanges.ApplyDueAsync(db, money.Today, "billing", money.Clock.Now));
}
