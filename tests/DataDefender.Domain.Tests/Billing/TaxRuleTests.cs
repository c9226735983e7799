using DataDefender.Domain.Billing;
using DataDefender.Domain.Billing.TaxInvoices;
using DataDefender.Domain.Common;
using FsCheck;
using FsCheck.Fluent;

namespace DataDefender.Domain.Tests.Billing;

public sealed class TaxRuleTests
{
    private static readonly Gen<TaxRule> Rules =
        from excise in Gen.Choose(0, 3_000)
        from vat in Gen.Choose(0, 3_000)
        from vatBase in Gen.Elements(VatBase.Net, VatBase.NetPlusExcise)
        select new TaxRule("B", excise, vat, vatBase, false);

    private static readonly Arbitrary<(TaxRule Rule, long Minor)> Prices = Gen.Choose(0, 1_000_000_000).SelectMany(minor => Rules, (minor, rule) => (rule, (long)minor)).ToArbitrary();

    [Fact]
    public void VAT_on_net_and_excise_makes_1_334_of_a_net_price()
    {
        var split = new TaxRule("B", 1_500, 1_600, VatBase.NetPlusExcise, false).Split(Money.Of(1_000m));

        Assert.Equal(new TaxSplit(Money.Of(1_000m), Money.Of(150m), Money.Of(184m)), split);
    }

    [Fact]
    public void VAT_on_net_alone_is_the_bill_that_was_seen_of_another_operator()
    {
        // 11,299 = 8,674 + 1,237 excise + 1,388 VAT, September 2018, at 14.26 % and 16 %: the parts of a gross price, rounded to shillings there.
        var split = new TaxRule("B", 1_426, 1_600, VatBase.Net, true).Split(Money.Of(11_299m));

        Assert.Equal(11_299m, split.Total.Amount);
        Assert.Equal(8_674m, Math.Round(split.Net.Amount));
        Assert.Equal(1_237m, Math.Round(split.Excise.Amount));
        Assert.Equal(1_388m, Math.Round(split.Vat.Amount));
    }

    /// <summary>Lines of several rates and any reductions of them that leave something to pay.</summary>
    [Fact]
    public void What_the_tax_authority_hears_has_no_negative_line_and_the_total_of_the_invoice()
    {
        var part = from minor in Gen.Choose(-200_000, 300_000)
                   from band in Gen.Elements(("A", 0), ("B", 1_600), ("E", 800))
                   from vatBase in Gen.Elements(VatBase.Net, VatBase.NetPlusExcise)
                   select new TaxPart("Line", band.Item1, band.Item2, vatBase, new TaxRule(band.Item1, band.Item1 == "B" ? 1_500 : 0, band.Item2, vatBase, false).Split(new Money(minor)));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5_000), Prop.ForAll(part.ListOf().ToArbitrary(), parts =>
        {
            var total = parts.Sum(p => p.Split.Total.Minor);
            var lines = TaxDocuments.Fold(parts);
            return total <= 0 || (lines.All(l => l.Total > Money.Zero && l.Discount >= Money.Zero) && lines.Sum(l => l.Total.Minor) == total);
        }));
    }

    [Fact]
    public void Net_to_gross_and_back_is_the_same_net_for_every_rate() => Holds(p =>
    {
        var there = p.Rule.Split(new Money(p.Minor));
        return (p.Rule with { Inclusive = true }).Split(there.Total) == there;
    });

    [Fact]
    public void The_parts_of_a_gross_price_make_that_price() => Holds(p =>
    {
        var split = (p.Rule with { Inclusive = true }).Split(new Money(p.Minor));
        return split.Total.Minor == p.Minor && split.Net.Minor >= 0 && split.Excise.Minor >= 0 && split.Vat.Minor >= 0;
    });

    [Fact]
    public void Each_tax_is_within_a_cent_of_its_exact_value() => Holds(p =>
    {
        var split = p.Rule.Split(new Money(p.Minor));
        var excise = p.Minor * (decimal)p.Rule.ExciseRate / 10_000m;
        var vat = (p.Minor + (p.Rule.Base is VatBase.NetPlusExcise ? excise : 0)) * p.Rule.VatRate / 10_000m;
        return Math.Abs(split.Excise.Minor - excise) <= 1 && Math.Abs(split.Vat.Minor - vat) <= 1;
    });

    [Fact]
    public void A_credit_is_the_mirror_of_its_charge() => Holds(p => p.Rule.Split(new Money(-p.Minor)) == -p.Rule.Split(new Money(p.Minor)));

    [Fact]
    public void However_a_total_is_cut_into_credits_their_parts_add_up_to_it()
    {
        var cuts = from price in Prices.Generator
                   from at in Gen.Choose(0, 1_000_000).ListOf(4)
                   select (price, at);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(cuts.ToArbitrary(), cut =>
        {
            var whole = cut.price.Rule.Split(new Money(cut.price.Minor));
            var (done, sum) = (Money.Zero, default(TaxSplit));
            foreach (var share in cut.at.Append(1_000_000).Order())
            {
                var upTo = new Money((long)(whole.Total.Minor * (share / 1_000_000m)));
                sum += (whole.Total == Money.Zero ? whole : whole.UpTo(upTo)) - (whole.Total == Money.Zero ? whole : whole.UpTo(done));
                done = upTo;
            }

            return whole.Total == Money.Zero || sum == whole;
        }));
    }

    [Fact]
    public void A_tax_that_is_owed_wants_a_rate_for_the_day()
    {
        var table = new TaxTable([new TaxRate(Guid.CreateVersion7(), Tax.Vat, "B", 1_600, VatBase.Net, new DateOnly(2026, 1, 1))]);

        var refused = Assert.Throws<DomainException>(() => table.On(new DateOnly(2025, 12, 31), new TaxStatus(true, false), new ProductTax("B", false, false)));
        Assert.Contains("2025-12-31", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1_600, table.On(new DateOnly(2026, 1, 1), new TaxStatus(true, false), new ProductTax("B", false, false)).VatRate);
    }

    [Fact]
    public void The_rate_of_a_day_is_the_newest_that_has_begun()
    {
        var company = Guid.CreateVersion7();
        var table = new TaxTable(
        [
            new TaxRate(company, Tax.Excise, TaxRate.ExciseBand, 1_500, VatBase.Net, new DateOnly(2018, 7, 1)),
            new TaxRate(company, Tax.Excise, TaxRate.ExciseBand, 2_000, VatBase.Net, new DateOnly(2021, 7, 1)),
            new TaxRate(company, Tax.Excise, TaxRate.ExciseBand, 1_500, VatBase.Net, new DateOnly(2023, 7, 1)),
        ]);

        Assert.Equal([1_500, 2_000, 1_500], new[] { new DateOnly(2021, 6, 30), new DateOnly(2021, 7, 1), new DateOnly(2023, 7, 1) }
            .Select(day => table.On(day, new TaxStatus(false, true), new ProductTax("B", true, false)).ExciseRate));
    }

    private static void Holds(Func<(TaxRule Rule, long Minor), bool> law) => Check.One(Config.QuickThrowOnFailure.WithMaxTest(20_000), Prop.ForAll(Prices, law));
}
