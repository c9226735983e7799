using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Subscriptions;

namespace DataDefender.Domain.Tests.Billing;

/// <summary>What was agreed on a line, one thing after the other.</summary>
public sealed class TermsTests
{
    private static readonly BillingRules NoTax = new(new TaxTable([]), new TaxStatus(false, false), true, TimeZoneInfo.FindSystemTimeZoneById("Africa/Nairobi"));
    private static readonly ContractTerm Monthly = new(new DateOnly(2026, 3, 1), Guid.CreateVersion7(), "Home 10", 300_000, 1, PeriodUnit.Month);

    [Fact]
    public void A_price_of_its_own_leaves_a_package_that_was_agreed_for_later()
    {
        var contract = NewContract(BillingMode.Advance);
        var later = new ContractTerm(new DateOnly(2026, 6, 1), Guid.CreateVersion7(), "Home 50", 600_000, 1, PeriodUnit.Month);
        contract.ChangeTo(later);

        contract.AgreeOnPrice(Money.Of(2_000m), new DateOnly(2026, 4, 1));

        Assert.Equal([(Monthly.From, 300_000L), (new DateOnly(2026, 4, 1), 200_000L), (later.From, 600_000L)], contract.Terms.Terms.Select(t => (t.From, t.Price)));
    }

    [Fact]
    public void Days_under_a_package_of_another_period_are_shares_of_that_period()
    {
        var contract = NewContract(BillingMode.Anniversary);
        var yearly = new ContractTerm(new DateOnly(2026, 3, 10), Guid.CreateVersion7(), "Home 10 for a year", 3_650_000, 1, PeriodUnit.Year);
        var changed = contract.Terms with { Terms = [.. contract.Terms.Terms, yearly] };
        var lines = new List<LineDraft>();

        BillingEngine.AddDays(BillingSnapshot.FactsOf(contract, new Dictionary<Guid, PackageTax>()) with { Terms = changed }, NoTax, yearly.From, new DateOnly(2026, 4, 1), lines);

        Assert.Equal([Money.Of(2_200m)], lines.Select(l => l.Price)); // 22 of 365 days, and not of a month
    }

    [Fact]
    public void A_credit_note_takes_back_no_more_than_was_asked_for()
    {
        var (tenant, client, now) = (Guid.CreateVersion7(), Guid.CreateVersion7(), new DateTime(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc));
        var day = new DateOnly(2026, 3, 1);
        var invoice = new Invoice(tenant, client, "KES", "test", [new LineDraft(LineKind.Subscription, "A month", Money.Of(1_000m), TaxRule.None, client), new LineDraft(LineKind.Discount, "Off", Money.Of(-200m), TaxRule.None, client)], now);
        invoice.Issue("INV", 2026, 1, day, day, now);

        Assert.Equal("credit.amount", Assert.Throws<DomainException>(() => new CreditNote(invoice, "CN", 2026, 1, day, "test", [new LineCredit(1, Money.Of(1_000m))], now)).Code);

        Assert.Equal(Money.Zero, new CreditNote(invoice, "CN", 2026, 1, day, "test", [new LineCredit(1, Money.Of(800m))], now).ToWallet);
        Assert.Equal(InvoiceStatus.Credited, invoice.Status);
    }

    private static Contract NewContract(BillingMode mode) => new(Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), "jane", mode, 1, Monthly);
}
