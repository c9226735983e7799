using System.Collections.Concurrent;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using DataDefender.Testing.Payments;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Payments;

/// <summary>Scratch cards: made, printed once, redeemed once.</summary>
public sealed class CardTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_card_is_redeemed_once_whoever_tries_at_once_and_its_code_is_kept_nowhere(DatabaseProvider provider)
    {
        await using var bench = await PaymentBench.StartAsync(provider);
        var client = await bench.Company.AddClientAsync();
        var invoice = await bench.Company.AddInvoiceAsync(client.Id, 300m, tax: Domain.Billing.TaxRule.None);
        var batch = await MakeAsync(bench, 3, 500m);
        var code = batch.Cards[0].Code;
        var outcomes = new ConcurrentBag<bool>();

        await Parallel.ForEachAsync(Enumerable.Range(0, 32), new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Cancel }, async (_, _) =>
        {
            try
            {
                await bench.AsAsync(s => s.GetRequiredService<CardService>().RedeemAsync(client.Id, code), Role.Support);
                outcomes.Add(true);
            }
            catch (DomainException used) when (used.Code == "card.state")
            {
                outcomes.Add(false);
            }
        });

        Assert.Equal((1, 31), (outcomes.Count(o => o), outcomes.Count(o => !o)));
        await using var db = bench.Company.Open();
        Assert.Equal((Money.Zero, Money.Of(200m)), ((await db.Invoices.SingleAsync(i => i.Id == invoice.Id, Cancel)).Balance, await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client.Id, Cancel)));
        Assert.Equal(Money.Of(500m), await LedgerBalances.OfAccountAsync(db, AccountKind.Clearing, "cards", ct: Cancel));
        Assert.Equal((batch.Cards[0].Serial, PaymentMethod.Card), (Assert.Single(await bench.PaymentsAsync()).Receipt, Assert.Single(await bench.PaymentsAsync()).Method));
        var digits = code.Replace(" ", "", StringComparison.Ordinal);
        Assert.All(await db.ScratchCards.ToListAsync(Cancel), c => Assert.DoesNotContain(digits, c.CodeHash, StringComparison.Ordinal));
        Assert.Null(await bench.FaultInBooksAsync());

        await bench.AsAsync(s => s.GetRequiredService<CardService>().PaidInAsync(450m, 50m, "FT 9"));
        Assert.Equal((Money.Zero, Money.Of(450m), Money.Of(50m)), (await LedgerBalances.OfAccountAsync(db, AccountKind.Clearing, "cards", ct: Cancel), await LedgerBalances.OfAccountAsync(db, AccountKind.Bank, "main", ct: Cancel), await LedgerBalances.OfAccountAsync(db, AccountKind.ProviderFees, ct: Cancel)));
    }

    [Fact]
    public async Task Mistyped_unknown_void_and_expired_codes_are_refused_with_the_reason()
    {
        await using var bench = await PaymentBench.StartAsync();
        var client = await bench.Company.AddClientAsync();
        var batch = await MakeAsync(bench, 3, 100m, bench.Services.Clock.Now.AddDays(10));
        var code = batch.Cards[0].Code;
        var wrong = code[..^1] + (code[^1] == '0' ? '1' : '0');
        async Task<string> RefusedAsync(string typed) => (await Assert.ThrowsAnyAsync<DomainException>(() => bench.AsAsync(s => s.GetRequiredService<CardService>().RedeemAsync(client.Id, typed)))).Message;

        Assert.Contains("mistyped", await RefusedAsync(wrong), StringComparison.Ordinal);
        Assert.Contains("No card has this code", await RefusedAsync("0000 0000 0000 0000"), StringComparison.Ordinal);
        await bench.AsAsync(async s =>
        {
            var cards = s.GetRequiredService<CardService>();
            var first = (await cards.CardsAsync(batch.Id, new GridQuery(), null)).Items[0];
            await cards.VoidAsync(batch.Id, first.Id, "Misprinted");
        });
        Assert.Contains("void: Misprinted", await RefusedAsync(code), StringComparison.Ordinal);
        bench.Services.Clock.Advance(TimeSpan.FromDays(11));
        Assert.Contains("was to be redeemed by", await RefusedAsync(batch.Cards[1].Code), StringComparison.Ordinal);
        Assert.Empty(await bench.PaymentsAsync());
    }

    [Fact]
    public async Task A_large_batch_counts_only_when_a_second_person_released_it()
    {
        await using var bench = await PaymentBench.StartAsync();
        var client = await bench.Company.AddClientAsync();
        var batch = await ActAsync(bench, "Amina", s => s.GetRequiredService<CardService>().MakeAsync(new CardBatchInput { Count = 100, Value = 1_000 }));
        Assert.False(batch.IsReleased);

        Assert.Contains("second person", (await Assert.ThrowsAnyAsync<DomainException>(() => bench.AsAsync(s => s.GetRequiredService<CardService>().RedeemAsync(client.Id, batch.Cards[0].Code)))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<DomainException>(() => ReleaseAsync(bench, batch.Id, "Amina"));
        await ReleaseAsync(bench, batch.Id, "Brian");
        await bench.AsAsync(s => s.GetRequiredService<CardService>().RedeemAsync(client.Id, batch.Cards[0].Code));

        Assert.Equal(Money.Of(1_000m), Assert.Single(await bench.PaymentsAsync()).Amount);
    }

    [Fact]
    public async Task A_payout_leaves_its_fee_in_an_account_of_its_own()
    {
        await using var bench = await PaymentBench.StartAsync();
        var client = await bench.Company.AddClientAsync();
        bench.World.PayIn(bench.World.Account("522522")!, 1_000, "254712000001", "JANE", client.AccountNumber);
        await bench.PassAsync(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<DomainException>(() => bench.AsAsync(s => s.GetRequiredService<StatementService>().PaidOutAsync(bench.Paybill.Id, 1_000m, 5.50m, "PO 1")));
        await bench.AsAsync(s => s.GetRequiredService<StatementService>().PaidOutAsync(bench.Paybill.Id, 994.50m, 5.50m, "PO 1"));

        await using var db = bench.Company.Open();
        Assert.Equal((Money.Of(994.50m), Money.Of(5.50m), Money.Zero),
            (await LedgerBalances.OfAccountAsync(db, AccountKind.Bank, "main", ct: Cancel), await LedgerBalances.OfAccountAsync(db, AccountKind.ProviderFees, ct: Cancel), await LedgerBalances.OfAccountAsync(db, AccountKind.Clearing, bench.Paybill.Ledger, ct: Cancel)));
        Assert.Null(await bench.FaultInBooksAsync());
    }

    private static Task<PrintedBatch> MakeAsync(PaymentBench bench, int count, decimal value, DateTime? expires = null) =>
        bench.AsAsync(s => s.GetRequiredService<CardService>().MakeAsync(new CardBatchInput { Count = count, Value = value, ExpiresOn = expires is { } day ? DateOnly.FromDateTime(day) : null }));

    private static Task<bool> ReleaseAsync(PaymentBench bench, Guid batch, string who) => ActAsync(bench, who, async s =>
    {
        await s.GetRequiredService<CardService>().ReleaseAsync(batch);
        return true;
    });

    private static async Task<T> ActAsync<T>(PaymentBench bench, string who, Func<IServiceProvider, Task<T>> act)
    {
        await using var scope = bench.Services.Scope(bench.Company.Id, new Actor(Guid.CreateVersion7(), who, Permissions.Of(Role.Finance)));
        return await act(scope.ServiceProvider);
    }
}
