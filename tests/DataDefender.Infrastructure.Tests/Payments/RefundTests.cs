using DataDefender.Domain.Clients;
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

/// <summary>Giving money back by the provider's own interface: two people, one order, and no guess about what came of it.</summary>
public sealed class RefundTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task One_wants_it_another_agrees_and_the_payer_has_his_money_again(DatabaseProvider provider)
    {
        await using var bench = await StartAsync(provider);
        var (client, payment) = await PaidAsync(bench, 1_000m);

        await ProposeAsync(bench, payment, "Amina");
        var own = await Assert.ThrowsAsync<DomainException>(() => AgreeAsync(bench, payment, "Amina"));
        Assert.Equal("payment.second", own.Code);
        Assert.Empty(bench.World.Orders);
        Assert.Equal(RefundStatus.Accepted, await AgreeAsync(bench, payment, "Brian"));
        await using (var db = bench.Company.Open())
        {
            // On its way: the client has it no more, and it has not left.
            Assert.Equal((Money.Zero, Money.Of(1_000m)), (await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client.Id, Cancel), await LedgerBalances.OfAccountAsync(db, AccountKind.Suspense, ct: Cancel)));
        }

        await bench.PassAsync(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(5));

        await using var after = bench.Company.Open();
        var refund = await after.Refunds.SingleAsync(Cancel);
        Assert.Equal((RefundStatus.Succeeded, Assert.Single(bench.World.Orders).ReceiptBack), (refund.Status, refund.ReceiptBack));
        Assert.Equal(TransactionState.Refunded, (await bench.PaymentsAsync()).Single().State);
        Assert.Equal(Money.Zero, await LedgerBalances.OfAccountAsync(after, AccountKind.Clearing, bench.Paybill.Ledger, ct: Cancel));
        Assert.Equal(Money.Zero, await LedgerBalances.OfAccountAsync(after, AccountKind.Suspense, ct: Cancel));
        Assert.Null(await bench.FaultInBooksAsync());
    }

    [Theory]
    [InlineData(MoneyFault.Insufficient, RefundStatus.Failed)]
    [InlineData(MoneyFault.Busy, RefundStatus.Rejected)]
    public async Task What_came_to_nothing_is_the_clients_again_and_may_be_ordered_once_more(MoneyFault fault, RefundStatus ends)
    {
        await using var bench = await StartAsync();
        var (client, payment) = await PaidAsync(bench, 1_000m);
        bench.World.OrderFault = fault;
        await ProposeAsync(bench, payment, "Amina");
        await AgreeAsync(bench, payment, "Brian");
        await bench.PassAsync(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(5));

        await using (var db = bench.Company.Open())
        {
            Assert.Equal(ends, (await db.Refunds.SingleAsync(Cancel)).Status);
            Assert.Equal((Money.Of(1_000m), Money.Zero), (await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client.Id, Cancel), await LedgerBalances.OfAccountAsync(db, AccountKind.Suspense, ct: Cancel)));
        }

        bench.World.OrderFault = MoneyFault.None;
        await ProposeAsync(bench, payment, "Amina");
        await AgreeAsync(bench, payment, "Brian");
        await bench.PassAsync(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(5));
        Assert.Equal(TransactionState.Refunded, (await bench.PaymentsAsync()).Single().State);
        Assert.Null(await bench.FaultInBooksAsync());
    }

    [Theory]
    [InlineData(MoneyFault.ErrorAfterExecution)] // 502 in place of an answer
    [InlineData(MoneyFault.Lost)] // no result ever
    [InlineData(MoneyFault.Late)] // "no time in the queue", and carried out
    public async Task An_order_whose_outcome_nobody_knows_is_asked_for_and_never_ordered_again(MoneyFault fault)
    {
        await using var bench = await StartAsync();
        var (_, payment) = await PaidAsync(bench, 1_000m);
        bench.World.OrderFault = fault;
        await ProposeAsync(bench, payment, "Amina");
        await AgreeAsync(bench, payment, "Brian");
        await Assert.ThrowsAsync<DomainException>(() => ProposeAsync(bench, payment, "Amina"));

        await bench.PassAsync(TimeSpan.FromMinutes(20), TimeSpan.FromSeconds(20));

        await using var db = bench.Company.Open();
        Assert.Equal(RefundStatus.Succeeded, (await db.Refunds.SingleAsync(Cancel)).Status);
        Assert.Single(bench.World.Orders);
        Assert.Equal(0, bench.World.OrdersOfOneId);
        Assert.Equal(TransactionState.Refunded, (await bench.PaymentsAsync()).Single().State);
        Assert.Null(await bench.FaultInBooksAsync());
    }

    [Fact]
    public async Task A_result_of_unknown_meaning_is_a_persons_to_settle()
    {
        await using var bench = await StartAsync();
        var (client, payment) = await PaidAsync(bench, 1_000m);
        bench.World.OrderFault = MoneyFault.Lost;
        await ProposeAsync(bench, payment, "Amina");
        await AgreeAsync(bench, payment, "Brian");
        Refund refund;
        await using (var db = bench.Company.Open())
        {
            refund = await db.Refunds.AsNoTracking().SingleAsync(Cancel);
        }

        await bench.DeliverAsync(bench.AddressOf(bench.Paybill, CallbackKind.Result, $"r{refund.OrderId}"), """{"Result":{"ResultType":0,"ResultCode":"R000001","ResultDesc":"The transaction has already been reversed","OriginatorConversationID":"x","ConversationID":"y","TransactionID":""}}""");
        await bench.WorkAsync();
        await using (var db = bench.Company.Open())
        {
            Assert.Equal(RefundStatus.NeedsReview, (await db.Refunds.SingleAsync(Cancel)).Status);
        }

        await bench.AsAsync(s => s.GetRequiredService<RefundService>().DecideAsync(refund.Id, wentBack: false, "The portal shows no reversal"));
        await using var after = bench.Company.Open();
        Assert.Equal(Money.Of(1_000m), await LedgerBalances.OfClientAsync(after, AccountKind.Wallet, client.Id, Cancel));
        Assert.Null(await bench.FaultInBooksAsync());
    }

    [Fact]
    public async Task Money_whose_return_is_ordered_is_nobody_elses_to_give_away()
    {
        await using var bench = await StartAsync();
        var (client, payment) = await PaidAsync(bench, 1_000m);
        bench.World.OrderFault = MoneyFault.Lost;
        await ProposeAsync(bench, payment, "Amina");
        await AgreeAsync(bench, payment, "Brian");

        await bench.AsAsync(async s =>
        {
            var orphans = s.GetRequiredService<OrphanService>();
            Assert.Equal("payment.refunding", (await Assert.ThrowsAsync<DomainException>(() => orphans.RefundAsync(new RefundInput { PaymentId = payment, Amount = 1_000m, Reason = "By the portal", IdempotencyKey = "portal" }))).Code);
            Assert.Equal("payment.refunding", (await Assert.ThrowsAsync<DomainException>(() => orphans.MatchAsync(payment, client.Id))).Code);
            Assert.Equal("payment.state", (await Assert.ThrowsAsync<DomainException>(() => orphans.ReverseAsync(payment, "Taken back"))).Code);
        });

        await using var db = bench.Company.Open();
        Assert.Equal(Money.Of(1_000m), await LedgerBalances.OfAccountAsync(db, AccountKind.Suspense, ct: Cancel));
        Assert.Null(await bench.FaultInBooksAsync());
    }

    [Fact]
    public async Task A_statement_that_shows_what_was_given_back_needs_nobody()
    {
        await using var bench = await StartAsync();
        var (_, payment) = await PaidAsync(bench, 1_000m);
        await ProposeAsync(bench, payment, "Amina");
        await AgreeAsync(bench, payment, "Brian");
        await bench.PassAsync(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(5));
        var csv = $"Receipt No.,Completion Time,Details,Transaction Status,Paid In,Withdrawn\n{Assert.Single(bench.World.Orders).ReceiptBack},2026-03-01 12:00:00,Reversal,Completed,,-1000.00";

        var result = await bench.AsAsync(s => s.GetRequiredService<StatementService>().ImportAsync(bench.Paybill.Id, "march.csv", System.Text.Encoding.UTF8.GetBytes(csv)));

        Assert.Equal((1, 0), (result.Paired, result.Waiting));
        await using var db = bench.Company.Open();
        Assert.Equal((StatementRowState.Matched, payment), await db.StatementRows.SingleAsync(Cancel) is var row ? (row.State, row.TransactionId) : default);
    }

    [Fact]
    public async Task A_large_reversal_wants_two_people_by_the_companys_own_limit()
    {
        await using var bench = await StartAsync();
        var (_, payment) = await PaidAsync(bench, 1_000m);
        await bench.AsAsync(s => s.GetRequiredService<PaymentSettingsService>().SaveAsync(500m));

        Assert.False(await ReverseAsync(bench, payment, "Amina"));
        Assert.False(await ReverseAsync(bench, payment, "Amina"));
        Assert.True(await ReverseAsync(bench, payment, "Brian"));
        Assert.Equal(TransactionState.Reversed, (await bench.PaymentsAsync()).Single().State);
        Assert.Null(await bench.FaultInBooksAsync());
    }

    [Fact]
    public async Task A_gift_under_one_key_is_given_once_and_other_content_under_it_is_refused()
    {
        await using var bench = await StartAsync();
        var client = await bench.Company.AddClientAsync();
        for (var i = 0; i < 2; i++)
        {
            await bench.AsAsync(s => s.GetRequiredService<WalletService>().GrantAsync(client.Id, 500m, "Two days without service", "gift-1"));
            bench.Services.Clock.Advance(TimeSpan.FromSeconds(5));
        }

        var reused = await Assert.ThrowsAsync<DomainException>(() => bench.AsAsync(s => s.GetRequiredService<WalletService>().GrantAsync(client.Id, 600m, "More", "gift-1")));

        Assert.Equal("idempotency_key_reuse", reused.Code);
        await using var db = bench.Company.Open();
        Assert.Equal(Money.Of(500m), await LedgerBalances.OfClientAsync(db, AccountKind.GrantedWallet, client.Id, Cancel));
    }

    private static Task<PaymentBench> StartAsync(DatabaseProvider provider = DatabaseProvider.Sqlite) => PaymentBench.StartAsync(provider, channel: c => c.Initiator = c.Kind is ChannelKind.Paybill ? "sandbox-initiator" : null);

    private static async Task<(Client Client, Guid Payment)> PaidAsync(PaymentBench bench, decimal amount)
    {
        var client = await bench.Company.AddClientAsync();
        bench.World.PayIn(bench.World.Account("522522")!, amount, "254712000001", "JANE", client.AccountNumber);
        await bench.PassAsync(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1));
        return (client, Assert.Single(await bench.PaymentsAsync()).Id);
    }

    private static Task<bool> ProposeAsync(PaymentBench bench, Guid payment, string who, decimal amount = 1_000m) => ActAsync(bench, who, async s =>
    {
        await s.GetRequiredService<RefundService>().ProposeAsync(payment, amount, "Paid to the wrong company");
        return true;
    });

    private static Task<RefundStatus> AgreeAsync(PaymentBench bench, Guid payment, string who) => ActAsync(bench, who, s => s.GetRequiredService<RefundService>().AgreeAsync(payment));

    private static Task<bool> ReverseAsync(PaymentBench bench, Guid payment, string who) => ActAsync(bench, who, s => s.GetRequiredService<OrphanService>().ReverseAsync(payment, "Taken back by Safaricom"));

    private static async Task<T> ActAsync<T>(PaymentBench bench, string who, Func<IServiceProvider, Task<T>> act)
    {
        await using var scope = bench.Services.Scope(bench.Company.Id, new Actor(Guid.CreateVersion7(), who, Permissions.Of(Role.Finance)));
        return await act(scope.ServiceProvider);
    }
}
