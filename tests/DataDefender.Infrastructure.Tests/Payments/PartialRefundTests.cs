using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Sandbox.Money;
using DataDefender.Testing;
using DataDefender.Testing.Payments;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Payments;

/// <summary>Parts of payments given back: how much there is to give, where it is taken from, and that nothing is given twice.</summary>
public sealed class PartialRefundTests(TestDatabases databases) : PaymentDesk(databases), IClassFixture<TestDatabases>
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Parts_come_out_of_the_wallet_first_then_off_the_newest_invoice_until_nothing_is_left(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider);
        var client = await company.AddClientAsync();
        var older = await company.AddInvoiceAsync(client.Id, 300m, tax: TaxRule.None);
        var newer = await company.AddInvoiceAsync(client.Id, 400m, tax: TaxRule.None);
        await using var scope = services.Scope(company.Id, Role.Finance);
        var (counter, orphans) = (scope.ServiceProvider.GetRequiredService<CounterService>(), scope.ServiceProvider.GetRequiredService<OrphanService>());
        var payment = await counter.ReceiveAsync(new ReceivedInput { ClientId = client.Id, Method = PaymentMethod.BankTransfer, Amount = 1_000m, Reference = "FT 1", IdempotencyKey = "a" });

        Assert.True(await orphans.RefundAsync(Part(payment, 200m, "first")));
        Assert.Equal((100m, 0m, 0m), await StandAsync());
        Assert.True(await orphans.RefundAsync(Part(payment, 300.50m, "second")));
        Assert.True(await orphans.RefundAsync(Part(payment, 300.50m, "second"))); // the second click
        Assert.Equal((0m, 0m, 200.50m), await StandAsync());
        Assert.Equal("idempotency_key_reuse", (await Assert.ThrowsAsync<DomainException>(() => orphans.RefundAsync(Part(payment, 1m, "second")))).Code);
        Assert.Contains("499.50 of FT 1 can still be given back", (await Assert.ThrowsAsync<DomainException>(() => orphans.RefundAsync(Part(payment, 499.51m, "third")))).Message, StringComparison.Ordinal);
        Assert.Contains("two decimals", (await Assert.ThrowsAsync<InvalidInputException>(() => orphans.RefundAsync(Part(payment, 1.001m, "third")))).Message, StringComparison.Ordinal);
        await using (var db = company.Open())
        {
            Assert.Equal((TransactionState.Applied, Money.Of(499.50m)), await db.ProviderTransactions.SingleAsync(t => t.Id == payment, Cancel) is var part ? (part.State, part.Remaining) : default);
            Assert.Equal(Money.Of(499.50m), await LedgerBalances.OfAccountAsync(db, AccountKind.Bank, "main", ct: Cancel));
        }

        Assert.True(await orphans.RefundAsync(Part(payment, 499.50m, "last")));
        Assert.Equal((0m, 300m, 400m), await StandAsync());
        Assert.Equal("payment.state", (await Assert.ThrowsAsync<DomainException>(() => orphans.RefundAsync(Part(payment, 0.01m, "more")))).Code);
        await using (var db = company.Open())
        {
            Assert.Equal(TransactionState.Refunded, (await db.ProviderTransactions.SingleAsync(t => t.Id == payment, Cancel)).State);
            Assert.Equal(Money.Zero, await LedgerBalances.OfAccountAsync(db, AccountKind.Bank, "main", ct: Cancel));
        }

        async Task<(decimal Wallet, decimal Older, decimal Newer)> StandAsync()
        {
            Assert.Null(await FaultAsync(services));
            await using var db = company.Open();
            return ((await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client.Id, Cancel)).Amount, (await db.Invoices.SingleAsync(i => i.Id == older.Id, Cancel)).Balance.Amount, (await db.Invoices.SingleAsync(i => i.Id == newer.Id, Cancel)).Balance.Amount);
        }
    }

    [Fact]
    public async Task Cash_goes_out_of_the_drawer_and_a_part_of_what_is_nobodys_leaves_the_rest_to_be_found()
    {
        var (services, company) = await StartAsync(DatabaseProvider.Sqlite);
        var client = await company.AddClientAsync();
        await using var scope = services.Scope(company.Id, Role.Finance);
        var (counter, orphans) = (scope.ServiceProvider.GetRequiredService<CounterService>(), scope.ServiceProvider.GetRequiredService<OrphanService>());
        await counter.OpenAsync("Office", 0m);
        var cash = await counter.ReceiveAsync(Cash(client.Id, 500m));
        var orphan = await OrphanAsync(company, 800m);

        Assert.True(await orphans.RefundAsync(Part(cash, 120m, "change", inCash: true)));
        Assert.True(await orphans.RefundAsync(Part(orphan, 300m, "half")));
        Assert.Equal(Money.Of(500m), (await orphans.ListAsync(new GridQuery(), Cancel)).Items.Single().Amount);
        Assert.True(await orphans.MatchAsync(orphan, client.Id));
        Assert.True(await orphans.ReverseAsync(cash, "Counted wrong"));

        Assert.Equal(Money.Zero, (await counter.MineAsync())!.Expected);
        await using var db = company.Open();
        Assert.Equal((Money.Of(500m), Money.Zero), (await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client.Id, Cancel), await LedgerBalances.OfAccountAsync(db, AccountKind.Suspense, ct: Cancel)));
        Assert.Equal(TransactionState.Reversed, (await db.ProviderTransactions.SingleAsync(t => t.Id == cash, Cancel)).State);
        Assert.Null(await FaultAsync(services));
    }

    [Fact]
    public async Task What_a_credit_note_put_into_the_wallet_is_given_back_from_there()
    {
        var (services, company) = await StartAsync(DatabaseProvider.Sqlite);
        var client = await company.AddClientAsync();
        var invoice = await company.AddInvoiceAsync(client.Id, 1_000m, tax: TaxRule.None);
        await using var scope = services.Scope(company.Id, Role.Finance);
        var payment = await scope.ServiceProvider.GetRequiredService<CounterService>().ReceiveAsync(new ReceivedInput { ClientId = client.Id, Method = PaymentMethod.BankTransfer, Amount = 1_000m, Reference = "FT 2", IdempotencyKey = "a" });
        await using (var db = company.Open())
        {
            await using var turn = await db.TakeLedgerTurnAsync(Cancel);
            var paid = await db.Invoices.Include(i => i.Lines).SingleAsync(i => i.Id == invoice.Id, Cancel);
            await Invoicing.CreditAsync(db, turn, paid, [new LineCredit(1, Money.Of(600m))], "Half a month without service", new BillingSettings(company.Id), Cancel);
            await turn.CommitAsync(Cancel);
        }

        Assert.True(await scope.ServiceProvider.GetRequiredService<OrphanService>().RefundAsync(Part(payment, 1_000m, "all")));

        await using var after = company.Open();
        Assert.Equal((Money.Zero, Money.Of(400m)), (await LedgerBalances.OfClientAsync(after, AccountKind.Wallet, client.Id, Cancel), (await after.Invoices.SingleAsync(i => i.Id == invoice.Id, Cancel)).Balance));
        Assert.Null(await FaultAsync(services));
    }

    [Fact]
    public async Task The_limit_for_two_people_counts_the_parts_together_and_the_second_agrees_to_the_same_amount()
    {
        var (services, company) = await StartAsync(DatabaseProvider.Sqlite);
        var client = await company.AddClientAsync();
        Guid payment;
        await using (var scope = services.Scope(company.Id, Role.Finance))
        {
            await scope.ServiceProvider.GetRequiredService<PaymentSettingsService>().SaveAsync(500m);
            payment = await scope.ServiceProvider.GetRequiredService<CounterService>().ReceiveAsync(new ReceivedInput { ClientId = client.Id, Method = PaymentMethod.BankTransfer, Amount = 1_000m, Reference = "FT 3", IdempotencyKey = "a" });
        }

        Assert.True(await RefundAsync("Amina", 300m, "one"));
        Assert.False(await RefundAsync("Amina", 250m, "two"));
        Assert.False(await RefundAsync("Brian", 240m, "three")); // another amount is a proposal of his own
        Assert.False(await RefundAsync("Brian", 240m, "four"));
        Assert.True(await RefundAsync("Amina", 240m, "five"));

        await using var db = company.Open();
        Assert.Equal(Money.Of(460m), (await db.ProviderTransactions.SingleAsync(t => t.Id == payment, Cancel)).Remaining);
        Assert.Null(await FaultAsync(services));

        async Task<bool> RefundAsync(string who, decimal amount, string key)
        {
            await using var scope = services.Scope(company.Id, new Actor(Guid.CreateVersion7(), who, Permissions.Of(Role.Finance)));
            return await scope.ServiceProvider.GetRequiredService<OrphanService>().RefundAsync(Part(payment, amount, key));
        }
    }

    [Theory, EachDatabase]
    public async Task The_provider_gives_parts_back_one_order_after_the_other(DatabaseProvider provider)
    {
        await using var bench = await PaymentBench.StartAsync(provider, channel: c => c.Initiator = c.Kind is ChannelKind.Paybill ? "sandbox-initiator" : null);
        var client = await bench.Company.AddClientAsync();
        bench.World.PayIn(bench.World.Account("522522")!, 1_000m, "254712000001", "JANE", client.AccountNumber);
        await bench.PassAsync(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1));
        var payment = Assert.Single(await bench.PaymentsAsync()).Id;

        Assert.Equal("refund.shillings", (await Assert.ThrowsAsync<DomainException>(() => ProposeAsync(bench, payment, 400.50m))).Code);
        Assert.Equal("refund.amount", (await Assert.ThrowsAsync<DomainException>(() => ProposeAsync(bench, payment, 1_001m))).Code);
        await ProposeAsync(bench, payment, 400m);
        await AgreeAsync(bench, payment);
        var open = await Assert.ThrowsAsync<DomainException>(() => bench.AsAsync(s => s.GetRequiredService<OrphanService>().RefundAsync(Part(payment, 1m, "meanwhile"))));
        Assert.Equal("payment.refunding", open.Code);
        Assert.Equal((Money.Of(600m), Money.Of(400m)), await StandAsync());
        Assert.Null(await bench.FaultInBooksAsync());
        await bench.PassAsync(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(5));
        Assert.Equal((Money.Of(600m), Money.Zero), await StandAsync());

        bench.World.OrderFault = MoneyFault.Insufficient;
        await ProposeAsync(bench, payment, 250m);
        await AgreeAsync(bench, payment);
        await bench.PassAsync(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(5));
        Assert.Equal((Money.Of(600m), Money.Zero), await StandAsync()); // nothing came of it

        bench.World.OrderFault = MoneyFault.None;
        await ProposeAsync(bench, payment, 600m);
        await AgreeAsync(bench, payment);
        Assert.Equal(TransactionState.Refunding, (await bench.PaymentsAsync()).Single().State);
        await bench.PassAsync(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(5));
        Assert.Equal((Money.Zero, Money.Zero), await StandAsync());

        Assert.Equal(TransactionState.Refunded, (await bench.PaymentsAsync()).Single().State);
        Assert.Equal([400m, 250m, 600m], bench.World.Orders.OrderBy(o => o.ConversationId, StringComparer.Ordinal).Select(o => o.Amount));
        Assert.Null(await bench.FaultInBooksAsync());

        var csv = $"Receipt No.,Completion Time,Details,Transaction Status,Paid In,Withdrawn\n{string.Join('\n', bench.World.Orders.Where(o => o.ReceiptBack is not null).Select(o => $"{o.ReceiptBack},2026-03-01 12:00:00,Reversal,Completed,,-{o.Amount:0.00}"))}";
        var read = await bench.AsAsync(s => s.GetRequiredService<StatementService>().ImportAsync(bench.Paybill.Id, "march.csv", System.Text.Encoding.UTF8.GetBytes(csv)));
        Assert.Equal((2, 0), (read.Paired, read.Waiting));

        async Task<(Money Wallet, Money Suspense)> StandAsync()
        {
            await using var db = bench.Company.Open();
            return (await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client.Id, Cancel), await LedgerBalances.OfAccountAsync(db, AccountKind.Suspense, ct: Cancel));
        }
    }

    private static RefundInput Part(Guid payment, decimal amount, string key, bool inCash = false) => new() { PaymentId = payment, Amount = amount, Reason = "Paid too much", InCash = inCash, IdempotencyKey = key };

    private static Task ProposeAsync(PaymentBench bench, Guid payment, decimal amount) => ActAsync(bench, "Amina", s => s.GetRequiredService<RefundService>().ProposeAsync(payment, amount, "Paid too much"));

    private static Task AgreeAsync(PaymentBench bench, Guid payment) => ActAsync(bench, "Brian", s => s.GetRequiredService<RefundService>().AgreeAsync(payment));

    private static async Task ActAsync(PaymentBench bench, string who, Func<IServiceProvider, Task> act)
    {
        await using var scope = bench.Services.Scope(bench.Company.Id, new Actor(Guid.CreateVersion7(), who, Permissions.Of(Role.Finance)));
        await act(scope.ServiceProvider);
    }
}
