using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Billing;

/// <summary>A change of package on a chosen day: quoted and shown, taken back before, and settled once by the night of that day.</summary>
public sealed class ScheduledChangeTests
{
    private static readonly DateOnly Sixteenth = new(2026, 3, 16);

    [Theory, EachDatabase]
    public async Task What_was_quoted_for_a_day_is_written_on_that_day_once_and_nothing_before(DatabaseProvider provider)
    {
        await using var money = await MoneyCompany.StartAsync(provider);
        var (line, better) = (await money.SellAsync(3_100m), await money.Company.AddPackageAsync(price: 6_200m));
        await money.RunAsync(); // bills March ahead

        var quote = await AgreeAsync(money, line, better, Sixteenth);

        Assert.Equal((Money.Of(1_600m), Money.Of(3_200m), true, false), (quote.Credit, quote.Charge, quote.OnDay, quote.AtOnce)); // sixteen days of 31
        await NightAsync(money, TimeSpan.FromDays(14)); // the 15th
        Assert.Equal((1, 0), await PapersAsync(money));
        Assert.Equal(line.PackageId, (await money.LineAsync(line.Id)).PackageId);

        await NightAsync(money, TimeSpan.FromHours(13.5)); // 15 March, 21:30 in London, which is the 16th in Nairobi
        await NightAsync(money, TimeSpan.Zero); // broken off and begun again
        await NightAsync(money, TimeSpan.FromDays(1));

        Assert.Equal((2, 1), await PapersAsync(money));
        var written = await money.ReadAsync(db => db.Invoices.OrderByDescending(i => i.Number).FirstAsync());
        Assert.Equal((quote.Charge, quote.Credit), (written.Total, await money.ReadAsync(db => db.CreditNotes.Select(n => n.Total).SingleAsync())));
        Assert.Equal(better.Id, (await money.LineAsync(line.Id)).PackageId);
        Assert.False((await money.ContractAsync(line.Id)).HasScheduled);
        money.Clock.Advance(TimeSpan.FromDays(15)); // 1 April
        await money.RunAsync();
        Assert.Equal(Money.Of(6_200m), await money.ReadAsync(db => db.Invoices.OrderByDescending(i => i.Number).Select(i => i.Total).FirstAsync()));
        Assert.Null(await money.FaultAsync());
    }

    [Fact]
    public async Task A_day_that_no_bill_has_reached_is_billed_by_the_run_as_two_parts_and_settles_only_its_fee()
    {
        await using var money = await MoneyCompany.StartAsync();
        var (line, better) = (await money.SellAsync(3_000m), await money.Company.AddPackageAsync(price: 6_000m));
        await money.ChangeAsync(db =>
        {
            var terms = new PackageTerms(money.Company.Id, better.Id);
            terms.Change(new PackageTermsInput { UpgradeFee = 250m });
            db.PackageTerms.Add(terms);
            return Task.CompletedTask;
        });
        await money.RunAsync();
        var quote = await AgreeAsync(money, line, better, new DateOnly(2026, 4, 10));
        Assert.Equal((Money.Zero, Money.Of(250m)), (quote.Credit, quote.Charge));

        money.Clock.Advance(TimeSpan.FromDays(31));
        await money.RunAsync();
        Assert.Equal(Money.Of(5_100m), await NewestAsync(money)); // nine days of the old, 21 of the new
        await NightAsync(money, TimeSpan.FromDays(9));

        Assert.Equal(Money.Of(250m), await NewestAsync(money));
        Assert.Equal((3, 0), await PapersAsync(money));
        Assert.Null(await money.FaultAsync());
    }

    [Fact]
    public async Task It_is_taken_back_before_its_day_without_a_trace_in_the_books()
    {
        await using var money = await MoneyCompany.StartAsync();
        var (line, better) = (await money.SellAsync(3_100m), await money.Company.AddPackageAsync(price: 6_200m));
        await money.RunAsync();
        await AgreeAsync(money, line, better, Sixteenth);
        await money.WithAsync<ContractService>(async c => Assert.Equal((Sixteenth, better.Name), (await c.GetAsync(line.ClientId)).Contracts.Single().Next is { } next ? (next.From, next.Package) : default));

        await money.WithAsync<PlanChangeService>(p => p.CancelScheduledAsync(line.Id));
        await NightAsync(money, TimeSpan.FromDays(20));

        Assert.Equal((1, 0), await PapersAsync(money));
        Assert.Equal(line.PackageId, (await money.LineAsync(line.Id)).PackageId);
    }

    [Fact]
    public async Task Days_that_a_void_invoice_gave_free_are_billed_by_the_run_and_not_settled_again()
    {
        await using var money = await MoneyCompany.StartAsync();
        var (line, better) = (await money.SellAsync(3_100m), await money.Company.AddPackageAsync(price: 6_200m));
        await money.RunAsync();
        await AgreeAsync(money, line, better, Sixteenth);
        var first = await money.ReadAsync(db => db.Invoices.Select(i => i.Id).SingleAsync());
        await money.WithAsync<InvoiceService>(i => i.VoidAsync(first, "Wrong address"));
        money.Clock.Advance(TimeSpan.FromDays(1));
        await money.RunAsync();
        Assert.Equal(Money.Of(4_700m), await NewestAsync(money)); // fifteen days of the old, sixteen of the new

        await NightAsync(money, TimeSpan.FromDays(14));

        Assert.Equal((1, 0), await PapersAsync(money));
        Assert.Equal(better.Id, (await money.LineAsync(line.Id)).PackageId);
        Assert.Null(await money.FaultAsync());
    }

    [Fact]
    public async Task A_day_that_cannot_be_is_refused_with_the_reason()
    {
        await using var money = await MoneyCompany.StartAsync();
        var (line, prepaid, better) = (await money.SellAsync(), await money.SellAsync(mode: BillingMode.Prepaid), await money.Company.AddPackageAsync(price: 6_200m));
        await money.WithAsync<ContractService>(c => c.EndAsync(line.Id, new DateOnly(2026, 5, 1)));

        await money.WithAsync<PlanChangeService>(async p =>
        {
            Assert.Contains("today is at once", await RefusedAsync(line, money.Today), StringComparison.Ordinal);
            Assert.Contains("today is at once", await RefusedAsync(line, money.Today.AddDays(367)), StringComparison.Ordinal);
            Assert.Contains("ends on 2026-05-01", await RefusedAsync(line, new DateOnly(2026, 5, 1)), StringComparison.Ordinal);
            Assert.Contains("prepaid", await RefusedAsync(prepaid, money.Today.AddDays(9)), StringComparison.Ordinal);

            async Task<string> RefusedAsync(Subscription of, DateOnly on) => (await Assert.ThrowsAsync<DomainException>(() => p.QuoteAsync(of.Id, better.Id, null, on))).Message;
        });
    }

    [Fact]
    public async Task A_price_is_not_agreed_over_a_change_that_waits()
    {
        await using var money = await MoneyCompany.StartAsync();
        var (line, better) = (await money.SellAsync(3_100m), await money.Company.AddPackageAsync(price: 6_200m));
        await money.RunAsync();
        await AgreeAsync(money, line, better, new DateOnly(2026, 4, 1));

        await money.WithAsync<ContractService>(async c =>
            Assert.Contains("Take the change back", (await Assert.ThrowsAsync<DomainException>(() => c.AgreeOnPriceAsync(line.Id, 2_500m))).Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Days_after_the_end_are_neither_given_back_nor_charged()
    {
        await using var money = await MoneyCompany.StartAsync();
        var (line, better) = (await money.SellAsync(3_100m), await money.Company.AddPackageAsync(price: 6_200m));
        await money.RunAsync();
        await AgreeAsync(money, line, better, Sixteenth);
        await money.WithAsync<ContractService>(c => c.EndAsync(line.Id, new DateOnly(2026, 3, 21)));

        await NightAsync(money, TimeSpan.FromDays(16)); // 17 March

        Assert.Equal(Money.Of(1_000m), await NewestAsync(money)); // five days
        Assert.Equal(Money.Of(500m), await money.ReadAsync(db => db.CreditNotes.Select(n => n.Total).SingleAsync()));
        Assert.Null(await money.FaultAsync());
    }

    private static async Task<PlanChangeQuote> AgreeAsync(MoneyCompany money, Subscription line, ServicePackage to, DateOnly on)
    {
        PlanChangeQuote? quote = null;
        await money.WithAsync<PlanChangeService>(async p =>
        {
            quote = await p.QuoteAsync(line.Id, to.Id, null, on);
            await p.ConfirmAsync(line.Id, to.Id, null, quote.Token, on);
        });
        return quote!;
    }

    /// <summary>What a night does with packages, after some time.</summary>
    private static async Task NightAsync(MoneyCompany money, TimeSpan after)
    {
        money.Clock.Advance(after);
        await money.WithAsync<PlanChangeService>(p => p.SettleDueAsync());
        await money.ChangeAsync(db => ScheduledChanges.ApplyDueAsync(db, money.Today, "billing", money.Clock.Now));
    }

    private static async Task<(int Invoices, int Notes)> PapersAsync(MoneyCompany money) =>
        (await money.ReadAsync(db => db.Invoices.CountAsync(i => i.Status != InvoiceStatus.Void)), await money.ReadAsync(db => db.CreditNotes.CountAsync()));

    private static Task<Money> NewestAsync(MoneyCompany money) => money.ReadAsync(db => db.Invoices.OrderByDescending(i => i.Number).Select(i => i.Total).FirstAsync());
}
