using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Billing;

/// <summary>A client's billing day: lines keep theirs until the change is confirmed, and pay the days in between as quoted.</summary>
public sealed class BillingDayTests
{
    [Theory, EachDatabase]
    public async Task Lines_keep_their_day_until_it_is_confirmed_and_then_pay_the_days_in_between_as_quoted(DatabaseProvider provider)
    {
        await using var money = await MoneyCompany.StartAsync(provider);
        var ahead = await money.SellAsync(3_100m);
        var client = await money.ReadAsync(db => db.Clients.SingleAsync(c => c.Id == ahead.ClientId));
        var after = await money.SellAsync(2_800m, BillingMode.Postpaid, client);
        var prepaid = await money.SellAsync(1_000m, BillingMode.Prepaid, client);
        await money.WithAsync<ContractService>(c => c.GrantDiscountAsync(ahead.Id, 10m, null, "Loyal"));
        await money.RunAsync(); // March ahead
        await money.WithAsync<ContractService>(c => c.ChangeProfileAsync(client.Id, null, null, 15, null));

        await money.WithAsync<ContractService>(async c => Assert.Equal([ahead.Username, after.Username], (await c.GetAsync(client.Id)).OnAnotherDay.Select(l => l.Label).Order(StringComparer.Ordinal)));
        Assert.Equal((1, 1), ((await money.ContractAsync(ahead.Id)).BillingDay, (await money.ContractAsync(after.Id)).BillingDay));
        var quote = await ConfirmAsync(money, client.Id);

        var (first, second) = (quote.Lines.Single(l => l.SubscriptionId == ahead.Id), quote.Lines.Single(l => l.SubscriptionId == after.Id));
        Assert.Equal((new DateOnly(2026, 4, 1), new DateOnly(2026, 4, 15), 14, 31, Money.Of(1_260m)), (first.From, first.Until, first.Days, first.DaysOfPeriod, first.Price)); // 1,400 less a tenth
        Assert.Equal((new DateOnly(2026, 3, 1), new DateOnly(2026, 3, 15), 14, 28, Money.Of(1_400m)), (second.From, second.Until, second.Days, second.DaysOfPeriod, second.Price));
        Assert.DoesNotContain(quote.Lines, l => l.SubscriptionId == prepaid.Id);
        money.Clock.Advance(TimeSpan.FromDays(14)); // 15 March
        await money.RunAsync();
        Assert.Equal(second.Price, await NewestAsync(money));
        money.Clock.Advance(TimeSpan.FromDays(17)); // 1 April
        await money.RunAsync();
        Assert.Equal(first.Price, await NewestAsync(money));
        money.Clock.Advance(TimeSpan.FromDays(14)); // 15 April: whole months of both
        await money.RunAsync();
        Assert.Equal(Money.Of(2_790m + 2_800m), await NewestAsync(money));
        Assert.Empty((await QuoteAsync(money, client.Id)).Lines);
        Assert.Null(await money.FaultAsync());
    }

    [Fact]
    public async Task A_quote_that_does_not_hold_any_more_is_refused()
    {
        await using var money = await MoneyCompany.StartAsync();
        var line = await money.SellAsync(3_100m);
        await money.WithAsync<ContractService>(c => c.ChangeProfileAsync(line.ClientId, null, null, 10, null));
        var shown = await QuoteAsync(money, line.ClientId);
        await money.RunAsync(); // March is billed meanwhile

        var refused = await Assert.ThrowsAsync<DomainException>(() => money.WithAsync<BillingDayService>(d => d.ConfirmAsync(line.ClientId, shown.Token)));

        Assert.Equal("billing-day.changed", refused.Code);
        Assert.Equal(1, (await money.ContractAsync(line.Id)).BillingDay);
    }

    private static async Task<BillingDayQuote> QuoteAsync(MoneyCompany money, Guid client)
    {
        BillingDayQuote? quote = null;
        await money.WithAsync<BillingDayService>(async d => quote = await d.QuoteAsync(client));
        return quote!;
    }

    private static async Task<BillingDayQuote> ConfirmAsync(MoneyCompany money, Guid client)
    {
        var quote = await QuoteAsync(money, client);
        await money.WithAsync<BillingDayService>(d => d.ConfirmAsync(client, quote.Token));
        return quote;
    }

    private static Task<Money> NewestAsync(MoneyCompany money) => money.ReadAsync(db => db.Invoices.OrderByDescending(i => i.Number).Select(i => i.Total).FirstAsync());
}
