using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Subscriptions;
using FsCheck;
using FsCheck.Fluent;

namespace DataDefender.Domain.Tests.Billing;

public sealed class BillingEngineTests
{
    private static readonly Guid Client = Guid.CreateVersion7();
    private static readonly Guid Line = Guid.CreateVersion7();
    private static readonly Guid Small = Guid.CreateVersion7();
    private static readonly Guid Large = Guid.CreateVersion7();
    private static readonly TimeZoneInfo Nairobi = TimeZoneInfo.FindSystemTimeZoneById("Africa/Nairobi");

    private static readonly BillingRules NoTax = new(new TaxTable([]), new TaxStatus(false, false), true, Nairobi);

    [Fact]
    public void A_day_without_a_midnight_begins_when_its_clocks_do()
    {
        var cairo = NoTax with { TimeZone = TimeZoneInfo.FindSystemTimeZoneById("Africa/Cairo") };

        Assert.Equal(new DateTime(2026, 4, 23, 22, 0, 0), cairo.StartOf(new DateOnly(2026, 4, 24))); // 00:00 is skipped: 01:00 at +03:00
        Assert.Equal(new DateOnly(2026, 4, 24), cairo.DayOf(cairo.StartOf(new DateOnly(2026, 4, 24))));
    }

    [Fact]
    public void The_slices_of_a_period_add_up_to_its_price_however_it_is_cut()
    {
        var size = int.TryParse(Environment.GetEnvironmentVariable("DATADEFENDER_PROPERTY_RUNS"), out var asked) ? asked : 50_000;
        var cuts = from price in Gen.Choose(0, 100_000_000)
                   from total in Gen.Choose(1, 366)
                   from at in Gen.Choose(0, total).ListOf(6)
                   select (price, total, at);

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(size), Prop.ForAll(cuts.ToArbitrary(), cut =>
        {
            var (sum, from) = (0L, 0);
            foreach (var until in cut.at.Append(cut.total).Order())
            {
                var slice = Proration.Slice(new Money(cut.price), cut.total, from, until).Minor;
                if (slice < 0 || slice > cut.price)
                {
                    return false;
                }

                (sum, from) = (sum + slice, until);
            }

            return sum == cut.price;
        }));
    }

    [Fact]
    public void Every_day_of_a_month_alone_makes_the_month()
    {
        foreach (var month in Enumerable.Range(0, 48).Select(m => new DateOnly(2024, 1, 1).AddMonths(m))) // two Februaries of 29 and of 28 days among them
        {
            var period = new BillingPeriod(month, month.AddMonths(1));
            var sum = Enumerable.Range(0, period.Days).Sum(day => Proration.Slice(Money.Of(2_999.99m), period, month.AddDays(day), month.AddDays(day + 1)).Minor);
            Assert.Equal(299_999, sum);
        }
    }

    [Fact]
    public void A_line_billed_ahead_pays_the_part_of_its_first_month_and_then_whole_months()
    {
        var contract = NewContract(BillingMode.Advance, billingDay: 1, new DateOnly(2026, 3, 11));

        var first = Bill(contract, new DateOnly(2026, 3, 11));
        Assert.Equal([Money.Of(2_100m)], first.Lines.Select(l => l.Price)); // 21 of 31 days of 3,100
        Assert.Equal("Home 10 (jane), 11 Mar 2026 to 31 Mar 2026", first.Lines[0].Description);
        Advance(contract, first);
        Assert.Empty(Bill(contract, new DateOnly(2026, 3, 31)).Lines);
        Assert.Equal([Money.Of(3_100m)], Bill(contract, new DateOnly(2026, 4, 1)).Lines.Select(l => l.Price));
    }

    [Fact]
    public void A_line_billed_afterwards_pays_when_the_month_is_over()
    {
        var contract = NewContract(BillingMode.Postpaid, billingDay: 5, new DateOnly(2026, 3, 5));

        Assert.Empty(Bill(contract, new DateOnly(2026, 4, 4)).Lines);
        var bill = Bill(contract, new DateOnly(2026, 4, 5));
        Assert.Equal([Money.Of(3_100m)], bill.Lines.Select(l => l.Price));
        Advance(contract, bill);
        contract.End(new DateOnly(2026, 4, 20));
        Assert.Equal([Money.Of(1_550m)], Bill(contract, new DateOnly(2026, 4, 20)).Lines.Select(l => l.Price)); // 15 of 30 days, at once since it is over
    }

    [Fact]
    public void An_anniversary_on_the_31st_keeps_its_day_through_short_months()
    {
        var contract = NewContract(BillingMode.Anniversary, 1, new DateOnly(2026, 1, 31));

        var bill = Bill(contract, new DateOnly(2026, 4, 30));

        Assert.Equal(
            [(new DateOnly(2026, 1, 31), new DateOnly(2026, 2, 28)), (new DateOnly(2026, 2, 28), new DateOnly(2026, 3, 31)), (new DateOnly(2026, 3, 31), new DateOnly(2026, 4, 30)), (new DateOnly(2026, 4, 30), new DateOnly(2026, 5, 31))],
            bill.Lines.Select(l => (Day(l.From!.Value), Day(l.Until!.Value))));
        Assert.All(bill.Lines, l => Assert.Equal(Money.Of(3_100m), l.Price));
    }

    [Fact]
    public void A_change_within_a_month_that_is_billed_afterwards_makes_two_lines_that_are_neither_less_nor_more_than_their_days()
    {
        var contract = NewContract(BillingMode.Postpaid, 1, new DateOnly(2026, 3, 1));
        contract.ChangeTo(new ContractTerm(new DateOnly(2026, 3, 11), Large, "Home 50", 620_000, 1, PeriodUnit.Month));

        var bill = Bill(contract, new DateOnly(2026, 4, 1));

        Assert.Equal([Money.Of(1_000m), Money.Of(4_200m)], bill.Lines.Select(l => l.Price));
    }

    [Fact]
    public void Days_of_rest_cost_what_the_package_says()
    {
        var contract = NewContract(BillingMode.Postpaid, 1, new DateOnly(2026, 3, 1));
        contract.Pause(new DateOnly(2026, 3, 11), new DateOnly(2026, 3, 21), billedPercent: 20);

        var bill = Bill(contract, new DateOnly(2026, 4, 1));

        Assert.Equal([Money.Of(1_000m), Money.Of(200m), Money.Of(1_100m)], bill.Lines.Select(l => l.Price));
        Assert.Contains("resting", bill.Lines[1].Description, StringComparison.Ordinal);
    }

    [Fact]
    public void A_discount_ends_on_its_day()
    {
        var contract = NewContract(BillingMode.Advance, 1, new DateOnly(2026, 3, 1));
        contract.Grant(1_000, new DateOnly(2026, 4, 16), "Coupon JUMBO");

        var march = Bill(contract, new DateOnly(2026, 3, 1));
        Assert.Equal([Money.Of(3_100m), Money.Of(-310m)], march.Lines.Select(l => l.Price));
        Advance(contract, march);
        Assert.Equal([Money.Of(3_100m), Money.Of(-155m)], Bill(contract, new DateOnly(2026, 4, 1)).Lines.Select(l => l.Price));
    }

    [Fact]
    public void What_is_given_back_lowers_a_bill_to_nothing_at_most_but_no_deposit_and_waits_with_the_rest()
    {
        var charge = Charge(-5_000m);
        var deposit = Charge(1_000m) with { Kind = LineKind.Deposit, TaxBand = "D" };
        var contract = NewContract(BillingMode.Advance, 1, new DateOnly(2026, 3, 1));

        var large = BillingEngine.Compute(new AccountFacts(Client, [Facts(contract)], [charge, deposit]), NoTax, new DateOnly(2026, 3, 1));
        Assert.Equal((Money.Of(1_000m), Money.Of(-3_100m)), (large.Sum.Total, large.Parts[charge.ChargeId]));
        Assert.Contains(charge.ChargeId, large.Charges.Keys);
        Assert.Empty(BillingEngine.Compute(new AccountFacts(Client, [], [charge]), NoTax, new DateOnly(2026, 3, 1)).Lines);
        var small = BillingEngine.Compute(new AccountFacts(Client, [Facts(contract)], [charge with { Price = -3_000_00 }]), NoTax, new DateOnly(2026, 3, 1));
        Assert.Equal(Money.Of(100m), small.Sum.Total);
        Assert.Empty(small.Parts);
    }

    /// <summary>Prices without tax, whose gross is rounded: a part of a reduction never makes the bill less than nothing, and leaves no more than the next cent would take.</summary>
    [Fact]
    public void A_part_of_a_reduction_takes_as_much_of_a_taxed_bill_as_it_can()
    {
        var rules = new BillingRules(
            new TaxTable([new TaxRate(Guid.CreateVersion7(), Tax.Vat, "B", 1_600, VatBase.Net, new DateOnly(2020, 1, 1))]), new TaxStatus(true, false), false, Nairobi);
        var cases = from bill in Gen.Choose(1, 1_000_000) from off in Gen.Choose(1, 2_000_000) from inclusive in Gen.Elements(true, false) select (bill, off, inclusive);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5_000), Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var reduction = Charge(-c.off / 100m) with { TaxIncluded = c.inclusive };
            var bill = BillingEngine.Compute(new AccountFacts(Client, [], [Charge(c.bill / 100m), reduction]), rules, new DateOnly(2026, 3, 1));
            return bill.Sum.Total >= Money.Zero && (bill.Parts.TryGetValue(reduction.ChargeId, out var part) ? part.Minor > -c.off && bill.Sum.Total.Minor <= 1 : bill.Charges.ContainsKey(reduction.ChargeId));
        }));
    }

    [Fact]
    public void A_quote_gives_back_of_an_invoice_no_more_than_that_asks_for_however_many_lines_it_has()
    {
        var (from, until, invoice) = (new DateOnly(2026, 3, 1), new DateOnly(2026, 4, 1), Guid.CreateVersion7());
        var contract = NewContract(BillingMode.Advance, 1, from);
        Advance(contract, Bill(contract, from));
        BilledAhead Ahead(int line, decimal price) => new(
            invoice, "INV-2026-000001", line, "Home 10", from, until, NoTax.StartOf(from), NoTax.StartOf(until), null, Money.Of(price), Money.Zero, Money.Of(price)) { OfInvoice = Money.Of(2_500m) };

        var quote = PlanChange.Quote(Facts(contract), new ContractTerm(from, Large, "Home 50", 620_000, 1, PeriodUnit.Month), PackageTerms.Default, [Ahead(1, 2_000m), Ahead(2, 1_000m)], NoTax, from, atOnce: true);

        Assert.Equal([Money.Of(2_000m), Money.Of(500m)], quote.Credits.Select(c => c.Amount));
    }

    [Fact]
    public void A_monthly_charge_is_charged_for_each_month_that_has_begun()
    {
        var charge = Charge(500m) with { Monthly = true, From = new DateOnly(2026, 1, 31), BilledUntil = new DateOnly(2026, 1, 31), Until = new DateOnly(2026, 4, 15) };

        var bill = BillingEngine.Compute(new AccountFacts(Client, [], [charge]), NoTax, new DateOnly(2026, 12, 1));

        Assert.Equal([500m, 500m, 250m], bill.Lines.Select(l => Math.Round(l.Price.Amount)));
        Assert.Equal(new DateOnly(2026, 4, 15), bill.Charges[charge.ChargeId]);
    }

    [Fact]
    public void The_same_facts_give_the_same_lines_and_other_facts_another_hash()
    {
        var contract = NewContract(BillingMode.Advance, 1, new DateOnly(2026, 3, 11));
        var facts = new AccountFacts(Client, [Facts(contract)], [Charge(100m)]);
        var day = new DateOnly(2026, 3, 11);

        Assert.Equal(BillingRunWork.LinesHash(BillingEngine.Compute(facts, NoTax, day).Lines), BillingRunWork.LinesHash(BillingEngine.Compute(facts, NoTax, day).Lines));
        Assert.Equal(facts.Hash(day, NoTax), facts.Hash(day, NoTax));
        Assert.NotEqual(facts.Hash(day, NoTax), facts.Hash(day.AddDays(1), NoTax));
        contract.AgreeOnPrice(Money.Of(1m), day);
        Assert.NotEqual(facts.Hash(day, NoTax), (facts with { Contracts = [Facts(contract)] }).Hash(day, NoTax));
    }

    /// <summary>What the preview keeps (as JSON, in the database) is what the commit computes: the hashes are those of the same lines.</summary>
    [Fact]
    public void The_preview_of_any_account_is_its_commit()
    {
        var accounts = from price in Gen.Choose(1, 100_000_000)
                       from start in Gen.Choose(0, 700)
                       from billed in Gen.Choose(0, 60)
                       from discount in Gen.Choose(0, 10_000)
                       from mode in Gen.Elements(BillingMode.Advance, BillingMode.Postpaid, BillingMode.Anniversary)
                       from changed in Gen.Choose(0, 90)
                       from paused in Gen.Choose(0, 40)
                       from charge in Gen.Choose(-50_000, 50_000)
                       from excise in Gen.Elements(0, 1_500, 2_000)
                       select (price, start, billed, discount, mode, changed, paused, charge, excise);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(10_000), Prop.ForAll(accounts.ToArbitrary(), a =>
        {
            var start = new DateOnly(2024, 1, 1).AddDays(a.start);
            var contract = new Contract(Guid.CreateVersion7(), Line, Client, "jane", a.mode, 1, new ContractTerm(start, Small, "Home 10", a.price, 1, PeriodUnit.Month));
            contract.BilledTo(start.AddDays(a.billed));
            contract.Grant(a.discount, start.AddDays(80), "Friend");
            contract.ChangeTo(new ContractTerm(start.AddDays(a.changed), Large, "Home 50", a.price / 2, 1, PeriodUnit.Month));
            if (a.paused > 0)
            {
                contract.Pause(start.AddDays(a.billed + 5), start.AddDays(a.billed + 5 + a.paused), 25);
            }

            var company = Guid.CreateVersion7();
            var rules = new BillingRules(
                new TaxTable([new TaxRate(company, Tax.Vat, "B", 1_600, VatBase.NetPlusExcise, new DateOnly(2020, 1, 1)), new TaxRate(company, Tax.Excise, TaxRate.ExciseBand, a.excise, VatBase.Net, new DateOnly(2020, 1, 1))]),
                new TaxStatus(true, true), true, Nairobi);
            var facts = new AccountFacts(Client, [Facts(contract)], a.charge == 0 ? [] : [Charge(a.charge / 100m)]);
            var day = start.AddDays(75);

            var previewed = BillingEngine.Compute(facts, rules, day).Lines;
            var kept = System.Text.Json.JsonSerializer.Deserialize<RunLines>(System.Text.Json.JsonSerializer.Serialize(new RunLines(previewed)))!.Lines;
            var committed = BillingEngine.Compute(new AccountFacts(Client, [Facts(contract)], facts.Charges), rules, day).Lines;
            return BillingRunWork.LinesHash(kept).AsSpan().SequenceEqual(BillingRunWork.LinesHash(committed))
                && facts.Hash(day, rules).AsSpan().SequenceEqual(new AccountFacts(Client, [Facts(contract)], facts.Charges).Hash(day, rules));
        }));
    }

    /// <summary>A month billed ahead and changed at a random day: what is credited and what is charged are the days' shares, and what was used plus what was unused is the month.</summary>
    [Fact]
    public void A_quote_gives_back_and_charges_exactly_the_days_that_are_left()
    {
        var cases = from day in Gen.Choose(1, 31)
                    from oldPrice in Gen.Choose(1, 1_000_000)
                    from newPrice in Gen.Choose(1, 1_000_000)
                    select (day, oldPrice, newPrice);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var contract = new Contract(Guid.CreateVersion7(), Line, Client, "jane", BillingMode.Advance, 1, new ContractTerm(new DateOnly(2026, 3, 1), Small, "Home 10", c.oldPrice, 1, PeriodUnit.Month));
            Advance(contract, Bill(contract, new DateOnly(2026, 3, 1)));
            var today = new DateOnly(2026, 3, c.day);
            var ahead = new BilledAhead(Guid.CreateVersion7(), "INV-2026-000001", 1, "Home 10", new DateOnly(2026, 3, 1), new DateOnly(2026, 4, 1),
                NoTax.StartOf(new DateOnly(2026, 3, 1)), NoTax.StartOf(new DateOnly(2026, 4, 1)), null, new Money(c.oldPrice), Money.Zero, new Money(c.oldPrice));

            var quote = PlanChange.Quote(Facts(contract), new ContractTerm(today, Large, "Home 50", c.newPrice, 1, PeriodUnit.Month), PackageTerms.Default, [ahead], NoTax, today, atOnce: true);

            var period = new BillingPeriod(new DateOnly(2026, 3, 1), new DateOnly(2026, 4, 1));
            var used = Proration.Slice(new Money(c.oldPrice), period, period.Start, today);
            return used + quote.Credit == new Money(c.oldPrice)
                && quote.Charge == Proration.Slice(new Money(c.newPrice), period, today, period.End)
                && quote.Net >= -new Money(c.oldPrice) && quote.IsUpgrade == c.newPrice > c.oldPrice;
        }));
    }

    [Fact]
    public void A_downgrade_waits_for_the_end_of_what_is_billed_unless_asked_otherwise()
    {
        var contract = NewContract(BillingMode.Advance, 1, new DateOnly(2026, 3, 1));
        Advance(contract, Bill(contract, new DateOnly(2026, 3, 1)));
        var small = new ContractTerm(new DateOnly(2026, 3, 10), Large, "Home 5", 100_000, 1, PeriodUnit.Month);

        var later = PlanChange.Quote(Facts(contract), small, PackageTerms.Default, [], NoTax, new DateOnly(2026, 3, 10), atOnce: null);

        Assert.False(later.IsUpgrade);
        Assert.False(later.AtOnce);
        Assert.Equal(new DateOnly(2026, 4, 1), later.EffectiveOn);
        Assert.Equal(Money.Zero, later.Net);
        Assert.Equal(new DateOnly(2026, 3, 10), PlanChange.Quote(Facts(contract), small, PackageTerms.Default, [], NoTax, new DateOnly(2026, 3, 10), atOnce: true).EffectiveOn);
    }

    [Theory]
    [InlineData(BillingMode.Postpaid, PeriodUnit.Day, 30)]
    [InlineData(BillingMode.Advance, PeriodUnit.Year, 1)]
    [InlineData(BillingMode.Anniversary, PeriodUnit.Hour, 24)]
    public void A_package_is_billed_only_in_a_way_that_fits_its_period(BillingMode mode, PeriodUnit unit, int count) => Assert.Throws<DomainException>(() =>
        new Contract(Guid.CreateVersion7(), Line, Client, "jane", mode, 1, new ContractTerm(new DateOnly(2026, 3, 1), Small, "Odd", 100, count, unit)));

    [Fact]
    public void A_month_of_paid_time_from_the_31st_ends_on_the_last_of_February()
    {
        var from = new DateTime(2026, 1, 31, 9, 30, 0, DateTimeKind.Utc);

        Assert.Equal(new DateTime(2026, 2, 28, 9, 30, 0, DateTimeKind.Utc), PaidTime.Add(from, PeriodUnit.Month, 1, Nairobi));
        Assert.Equal(from.AddMinutes(90), PaidTime.Add(from, PeriodUnit.Minute, 90, Nairobi));
    }

    private static Contract NewContract(BillingMode mode, int billingDay, DateOnly from) =>
        new(Guid.CreateVersion7(), Line, Client, "jane", mode, billingDay, new ContractTerm(from, Small, "Home 10", 310_000, 1, PeriodUnit.Month));

    private static ContractFacts Facts(Contract contract) => BillingSnapshot.FactsOf(contract, new Dictionary<Guid, PackageTax>());

    private static ChargeFacts Charge(decimal price) => new(
        Guid.CreateVersion7(), Client, null, LineKind.Adjustment, "Something", Money.Of(price).Minor, "B", false, null, false, new DateOnly(2026, 1, 1), null, new DateOnly(2026, 1, 1));

    private static AccountBill Bill(Contract contract, DateOnly asOf) => BillingEngine.Compute(new AccountFacts(Client, [Facts(contract)], []), NoTax, asOf);

    private static void Advance(Contract contract, AccountBill bill) =>
        new Snapshot([], new Dictionary<Guid, Contract> { [contract.Id] = contract }, new Dictionary<Guid, Charge>()).Advance(bill);

    private static DateOnly Day(DateTime utc) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(utc, Nairobi));
}
