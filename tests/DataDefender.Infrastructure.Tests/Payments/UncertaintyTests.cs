using System.Globalization;
using System.Text.Json;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Payments;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Sandbox.Money;
using DataDefender.Testing;
using DataDefender.Testing.Payments;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Payments;

/// <summary>What nobody knows stays unknown until there is evidence, and what is odd keeps nothing else waiting.</summary>
public sealed class UncertaintyTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_that_the_providers_documents_do_not_name_is_no_absence_and_after_a_week_a_person_decides()
    {
        await using var bench = await PaymentBench.StartAsync(world: w => w.FaultPercent[MoneyFault.ErrorBeforeExecution] = 100, channel: c => c.NotFoundCodes = "");
        var client = await bench.Company.AddClientAsync();
        var intent = await bench.AskAsync(client, 500m, bench.Bank);

        await bench.PassAsync(TimeSpan.FromDays(3), TimeSpan.FromHours(6));
        Assert.Equal(AttemptStatus.Unknown, (await bench.AttemptAsync(intent)).Status); // asked many times, and told 404 each time
        await bench.PassAsync(TimeSpan.FromDays(12), TimeSpan.FromHours(12)); // a look a day, a little later each time
        Assert.Equal(AttemptStatus.NeedsReview, (await bench.AttemptAsync(intent)).Status);

        await bench.AsAsync(async s => await s.GetRequiredService<PushInquiry>().CameToNothingAsync((await bench.AttemptAsync(intent)).Id, "Not in the bank's portal"));
        Assert.Equal((AttemptStatus.Failed, "staff"), ((await bench.AttemptAsync(intent)).Status, (await bench.AttemptAsync(intent)).ResultCode));
    }

    [Fact]
    public async Task The_documented_code_is_an_absence_after_a_day()
    {
        await using var bench = await PaymentBench.StartAsync(world: w => w.FaultPercent[MoneyFault.ErrorBeforeExecution] = 100);
        var client = await bench.Company.AddClientAsync();
        var intent = await bench.AskAsync(client, 500m, bench.Bank);

        await bench.PassAsync(TimeSpan.FromHours(20), TimeSpan.FromHours(2));
        Assert.Equal(AttemptStatus.Unknown, (await bench.AttemptAsync(intent)).Status);
        await bench.PassAsync(TimeSpan.FromDays(2), TimeSpan.FromHours(6));

        Assert.Equal((AttemptStatus.Failed, "absent"), ((await bench.AttemptAsync(intent)).Status, (await bench.AttemptAsync(intent)).ResultCode));
    }

    [Fact]
    public async Task The_providers_no_against_a_message_with_a_receipt_goes_to_a_person_until_money_comes()
    {
        await using var bench = await PaymentBench.StartAsync(world: w => w.AnswerSeconds = null);
        var client = await bench.Company.AddClientAsync();
        var (lied, came) = (await bench.AskAsync(client, 500m), await bench.AskAsync(client, 600m, phone: "0712999998"));
        foreach (var intent in (Guid[])[lied, came])
        {
            var attempt = await bench.AttemptAsync(intent);
            bench.World.Answer(attempt.CheckoutRequestId!, accept: false);
            await bench.DeliverAsync(bench.AddressOf(bench.Paybill, CallbackKind.Stk, attempt.PushId), Paid(attempt, intent == came ? "SREAL1" : "SFALSE", attempt.Amount.Amount), source: "203.0.113.9");
        }

        await bench.PassAsync(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5));
        Assert.All((AttemptStatus[])[(await bench.AttemptAsync(lied)).Status, (await bench.AttemptAsync(came)).Status], status => Assert.Equal(AttemptStatus.NeedsReview, status));
        Assert.Empty(await bench.PaymentsAsync());

        // The list has one of them; of the other a person says that nothing came.
        await ApplyAsync(bench, new PaymentEvidence { Source = EvidenceSource.Pull, Paid = true, Receipt = "SREAL1", Amount = Money.Of(600m), Msisdn = "254712999998", AccountReference = client.AccountNumber, At = bench.Services.Clock.Now });
        await bench.AsAsync(async s => await s.GetRequiredService<PushInquiry>().CameToNothingAsync((await bench.AttemptAsync(lied)).Id, "Not in the portal"));

        Assert.Equal((AttemptStatus.Failed, AttemptStatus.Succeeded), ((await bench.AttemptAsync(lied)).Status, (await bench.AttemptAsync(came)).Status));
        Assert.Equal("SREAL1", Assert.Single(await bench.PaymentsAsync()).Receipt);
        await using var db = bench.Company.Open();
        Assert.Equal(0, await db.InboundMessages.CountAsync(m => m.Status == InboundStatus.Claimed || m.Status == InboundStatus.Received, Cancel));
    }

    [Fact]
    public async Task Money_that_names_another_short_code_or_another_push_lies_in_suspense_and_is_not_dropped()
    {
        await using var bench = await PaymentBench.StartAsync(world: w => w.AnswerSeconds = null);
        var client = await bench.Company.AddClientAsync();
        var attempt = await bench.AttemptAsync(await bench.AskAsync(client, 500m));

        await ConfirmAsync(bench, "SKK1", 700, client.AccountNumber, shortCode: "999999");
        await bench.DeliverAsync(bench.AddressOf(bench.Paybill, CallbackKind.Stk, attempt.PushId), Paid(attempt, "SKK2", 500).Replace(attempt.CheckoutRequestId!, "ws_CO_another", StringComparison.Ordinal));
        await bench.WorkAsync();

        Assert.All(await bench.PaymentsAsync(), p => Assert.Equal((TransactionState.Orphan, null), (p.State, p.ClientId)));
        Assert.Equal(["SKK1", "SKK2"], (await bench.PaymentsAsync()).Select(p => p.Receipt!));
        Assert.Equal(AttemptStatus.AwaitingCustomer, (await bench.AttemptAsync(attempt.IntentId)).Status);
        await using var db = bench.Company.Open();
        Assert.Equal(Money.Of(1_200m), await LedgerBalances.OfAccountAsync(db, AccountKind.Suspense, ct: Cancel));
        Assert.Null(await bench.FaultInBooksAsync());
    }

    [Fact]
    public async Task A_message_that_breaks_us_lets_the_others_go_first_is_set_aside_with_its_error_and_alerts()
    {
        var odd = new OddGateway();
        await using var bench = await PaymentBench.StartAsync(more: odd.Wrap);
        await bench.Company.AddStaffAsync(Role.Finance);
        var client = await bench.Company.AddClientAsync();
        await ConfirmAsync(bench, "SODD", 100, client.AccountNumber);
        for (var i = 0; i < 5; i++)
        {
            await ConfirmAsync(bench, $"SLL{i}", 100 + i, client.AccountNumber);
        }

        await bench.WorkAsync();
        Assert.Equal(5, (await bench.PaymentsAsync()).Count);
        Assert.Contains(bench.Services.Log.Lines, l => l.StartsWith("Error", StringComparison.Ordinal) && l.Contains("was not applied", StringComparison.Ordinal));
        await bench.PassAsync(TimeSpan.FromMinutes(6), TimeSpan.FromMinutes(1));
        await using (var db = bench.Company.Open())
        {
            var waits = await db.InboundMessages.SingleAsync(m => m.Status == InboundStatus.Received, Cancel);
            Assert.Contains("A mistake of ours", waits.Outcome, StringComparison.Ordinal);
            Assert.Single(await db.StaffNotifications.Where(n => n.Kind == "payments.messages-wait").ToListAsync(Cancel)); // five minutes; and told once
        }

        await bench.PassAsync(TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(2));
        Guid aside;
        await using (var db = bench.Company.Open())
        {
            var message = await db.InboundMessages.SingleAsync(m => m.Status == InboundStatus.SetAside, Cancel);
            Assert.Contains("A mistake of ours", message.Outcome, StringComparison.Ordinal);
            aside = message.Id;
            Assert.Single(await db.StaffNotifications.Where(n => n.Kind == "payments.set-aside").ToListAsync(Cancel));
        }

        odd.IsMended = true;
        await bench.AsAsync(s => s.GetRequiredService<PaymentQueries>().ReadAgainAsync(aside));
        await bench.WorkAsync();
        Assert.Contains(await bench.PaymentsAsync(), p => p.Receipt == "SODD");
    }

    [Fact]
    public async Task One_bad_row_of_a_fetched_list_is_told_and_the_others_are_taken()
    {
        await using var bench = await PaymentBench.StartAsync();
        var client = await bench.Company.AddClientAsync();
        bench.World.SpoilsList = true;
        for (var i = 0; i < 3; i++)
        {
            bench.World.PayIn(bench.World.Account("522522")!, 100 + i, "254712000001", "JANE", client.AccountNumber, MoneyFault.Lost);
        }

        await bench.PassAsync(TimeSpan.FromMinutes(11), TimeSpan.FromMinutes(11));

        Assert.Equal(2, (await bench.PaymentsAsync()).Count);
        await using var db = bench.Company.Open();
        var page = await db.InboundMessages.SingleAsync(m => m.Kind == CallbackKind.Pull && m.Status == InboundStatus.Rejected, Cancel);
        Assert.Contains("Row 1:", page.Outcome, StringComparison.Ordinal);
        Assert.Contains("2 applied", page.Outcome, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_ignores_the_offset_ends_the_fetching_and_its_list_is_no_evidence_of_absence()
    {
        await using var bench = await PaymentBench.StartAsync();
        bench.World.IgnoresOffset = true;
        var client = await bench.Company.AddClientAsync();
        bench.World.PayIn(bench.World.Account("522522")!, 100, "254712000001", "JANE", client.AccountNumber, MoneyFault.Lost);

        var reason = await bench.AsAsync(s => s.GetRequiredService<PullFeed>().FetchAsync(bench.Paybill.Id));
        await bench.AsAsync(s => s.GetRequiredService<PaymentIntake>().ApplyWaitingAsync());

        Assert.Contains("the same page again", reason, StringComparison.Ordinal);
        Assert.Single(await bench.PaymentsAsync());
        await using var db = bench.Company.Open();
        Assert.Null((await db.PaymentChannels.SingleAsync(c => c.Id == bench.Paybill.Id, Cancel)).PulledUntil);
    }

    [Fact]
    public async Task A_provider_that_does_not_answer_keeps_neither_callbacks_nor_other_accounts_waiting()
    {
        await using var bench = await PaymentBench.StartAsync(world: w => w.AnswerSeconds = null, timeout: TimeSpan.FromSeconds(60));
        var client = await bench.Company.AddClientAsync();
        await bench.AskAsync(client, 500m, bench.Paybill);
        bench.Services.Clock.Advance(TimeSpan.FromMinutes(3)); // its outcome is due
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bench.World.LeavesUnanswered = path => path.StartsWith("/daraja", StringComparison.Ordinal);
        bench.World.Held = _ => asked.TrySetResult();
        var worker = bench.Services.Provider.GetRequiredService<PaymentWorker>();
        await worker.StartAsync(Cancel);
        try
        {
            await asked.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
            await ConfirmAsync(bench, "SMM1", 300, client.AccountNumber);
            await UntilAsync(async () => (await bench.PaymentsAsync()).Count == 1);

            // The bank's account asks for its own token meanwhile.
            Assert.Equal(AttemptStatus.AwaitingCustomer, (await bench.AttemptAsync(await bench.AskAsync(client, 200m, bench.Bank))).Status);
        }
        finally
        {
            bench.World.LeavesUnanswered = null;
            await worker.StopAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_token_that_is_not_given_to_one_account_keeps_no_other_account_waiting()
    {
        await using var bench = await PaymentBench.StartAsync(world: w => w.AnswerSeconds = null, timeout: TimeSpan.FromSeconds(60));
        var client = await bench.Company.AddClientAsync();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bench.World.LeavesUnanswered = path => path == "/familybank/connect/token";
        bench.World.Held = _ => asked.TrySetResult();

        var waiting = bench.AskAsync(client, 500m, bench.Bank);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        var other = await bench.AskAsync(client, 600m, bench.Paybill).WaitAsync(TimeSpan.FromSeconds(20), Cancel);

        Assert.Equal(AttemptStatus.AwaitingCustomer, (await bench.AttemptAsync(other)).Status);
        Assert.False(waiting.IsCompleted);
        bench.World.LeavesUnanswered = null;
        await waiting;
    }

    [Fact]
    public async Task A_receipt_that_fits_two_pushes_goes_to_the_one_that_was_paid_and_lacks_its_receipt()
    {
        await using var bench = await PaymentBench.StartAsync(world: w => w.AnswerSeconds = null);
        var client = await bench.Company.AddClientAsync();
        var first = await bench.AskAsync(client, 500m);
        bench.World.Answer((await bench.AttemptAsync(first)).CheckoutRequestId!, accept: false);
        await bench.PassAsync(TimeSpan.FromSeconds(3));
        var second = await bench.AskAsync(client, 500m);
        var paid = await bench.AttemptAsync(second);
        await ApplyAsync(bench, new PaymentEvidence { Source = EvidenceSource.Query, Paid = true, PushId = paid.PushId, ResultCode = "0" });

        await ApplyAsync(bench, new PaymentEvidence { Source = EvidenceSource.Pull, Paid = true, Receipt = "SNN1", Amount = Money.Of(500m), Msisdn = client.Phone, AccountReference = client.AccountNumber, At = bench.Services.Clock.Now });

        var payment = Assert.Single(await bench.PaymentsAsync());
        Assert.Equal(("SNN1", paid.Id), (payment.Receipt, payment.AttemptId!.Value));
        Assert.Equal(AttemptStatus.Failed, (await bench.AttemptAsync(first)).Status);
    }

    [Fact]
    public async Task Another_amount_of_money_that_was_given_back_meanwhile_is_a_persons_to_settle()
    {
        await using var bench = await PaymentBench.StartAsync(world: w => w.AnswerSeconds = null);
        var client = await bench.Company.AddClientAsync();
        var attempt = await bench.AttemptAsync(await bench.AskAsync(client, 500m));
        await ApplyAsync(bench, new PaymentEvidence { Source = EvidenceSource.Query, Paid = true, PushId = attempt.PushId, ResultCode = "0" });
        var payment = Assert.Single(await bench.PaymentsAsync());
        await bench.AsAsync(s => s.GetRequiredService<OrphanService>().RefundAsync(new RefundInput { PaymentId = payment.Id, Amount = 500m, Reason = "Paid twice, R1", IdempotencyKey = "back" }));

        await bench.DeliverAsync(bench.AddressOf(bench.Paybill, CallbackKind.Stk, attempt.PushId), Paid(attempt, "SPP1", 450));
        await bench.WorkAsync();

        await using var db = bench.Company.Open();
        Assert.Equal(InboundStatus.SetAside, (await db.InboundMessages.SingleAsync(m => m.Kind == CallbackKind.Stk, Cancel)).Status);
        Assert.Equal(Money.Zero, await LedgerBalances.OfAccountAsync(db, AccountKind.Clearing, bench.Paybill.Ledger, ct: Cancel));
        Assert.Null(await bench.FaultInBooksAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Large_money_that_rests_on_one_message_counts_when_the_providers_own_word_confirms_it(bool byQuestion)
    {
        await using var bench = await PaymentBench.StartAsync(channel: c => (c.ConfirmAbove, c.CanPull, c.Initiator) = (50_000, c.CanPull && !byQuestion, byQuestion && c.Kind is ChannelKind.Paybill ? "sandbox-initiator" : null));
        await bench.Company.AddStaffAsync(Role.Finance);
        var client = await bench.Company.AddClientAsync();
        bench.World.PayIn(bench.World.Account("522522")!, 60_000, "254712000001", "JANE", client.AccountNumber);
        await ConfirmAsync(bench, "SFORGED", 70_000, client.AccountNumber);
        await ConfirmAsync(bench, "SSMALL", 1_000, client.AccountNumber);
        bench.Services.Clock.Advance(TimeSpan.FromSeconds(2));
        await bench.World.TellDueAsync();
        await bench.AsAsync(s => s.GetRequiredService<PaymentIntake>().ApplyWaitingAsync());

        Assert.Equal(2, (await bench.PaymentsAsync()).Count(p => p is { IsHeld: true, State: TransactionState.Orphan, ClientId: null }));
        await bench.PassAsync(TimeSpan.FromMinutes(80), TimeSpan.FromMinutes(2));

        var payments = await bench.PaymentsAsync();
        Assert.Equal((TransactionState.Applied, client.Id), (payments.Single(p => p.Amount == Money.Of(60_000m)).State, payments.Single(p => p.Amount == Money.Of(60_000m)).ClientId));
        Assert.NotNull(payments.Single(p => p.Amount == Money.Of(60_000m)).ConfirmedAt);
        Assert.True(payments.Single(p => p.Receipt == "SFORGED") is { IsHeld: true, State: TransactionState.Orphan });
        Assert.True(payments.Single(p => p.Receipt == "SSMALL") is { State: TransactionState.Applied });
        await using var db = bench.Company.Open();
        Assert.Equal(Money.Of(61_000m), await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client.Id, Cancel));
        Assert.Equal(Money.Of(70_000m), await LedgerBalances.OfAccountAsync(db, AccountKind.Suspense, ct: Cancel));
        Assert.Single(await db.StaffNotifications.Where(n => n.Kind == "payments.unconfirmed").ToListAsync(Cancel));
        Assert.Null(await bench.FaultInBooksAsync());
    }

    [Fact]
    public async Task A_statement_confirms_large_money_too_and_gives_it_to_its_owner()
    {
        await using var bench = await PaymentBench.StartAsync(channel: c => c.ConfirmAbove = 50_000);
        var client = await bench.Company.AddClientAsync();
        await ConfirmAsync(bench, "SQQ1", 60_000, client.AccountNumber);
        await bench.AsAsync(s => s.GetRequiredService<PaymentIntake>().ApplyWaitingAsync());
        Assert.True(Assert.Single(await bench.PaymentsAsync()).IsHeld);

        var csv = $"Receipt No.,Completion Time,Details,Transaction Status,Paid In,A/C No.\nSQQ1,2026-03-01 11:00:00,Pay Bill,Completed,60000.00,{client.AccountNumber}";
        var result = await bench.AsAsync(s => s.GetRequiredService<StatementService>().ImportAsync(bench.Paybill.Id, "march.csv", System.Text.Encoding.UTF8.GetBytes(csv)));

        Assert.Equal(1, result.Paired);
        Assert.True(Assert.Single(await bench.PaymentsAsync()) is { State: TransactionState.Applied, IsHeld: false, ConfirmedAt: not null });
        Assert.Null(await bench.FaultInBooksAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")] // an overlapping one
    public async Task A_statement_that_was_broken_off_before_it_confirmed_does_so_when_it_is_brought_again(string more)
    {
        await using var bench = await PaymentBench.StartAsync(channel: c => c.ConfirmAbove = 50_000);
        var client = await bench.Company.AddClientAsync();
        await ConfirmAsync(bench, "SQQ1", 60_000, client.AccountNumber);
        await bench.AsAsync(s => s.GetRequiredService<PaymentIntake>().ApplyWaitingAsync());
        var csv = $"Receipt No.,Completion Time,Details,Transaction Status,Paid In,A/C No.\nSQQ1,2026-03-01 11:00:00,Pay Bill,Completed,60000.00,{client.AccountNumber}";
        await using (var db = bench.Company.Open())
        {
            // As a process leaves it that stops between the two saves.
            var import = new StatementImport(bench.Company.Id, bench.Paybill.Id, PaymentMethod.Mpesa, "march.csv", Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(csv))), "test", bench.Services.Clock.Now);
            var row = new StatementRow(import, 2, new StatementLine(2, "SQQ1", new DateTime(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc), Money.Of(60_000m), "Pay Bill", AccountReference: client.AccountNumber));
            row.Pair(await db.ProviderTransactions.SingleAsync(Cancel));
            db.AddRange(import, row);
            await db.SaveChangesAsync(Cancel);
        }

        var again = bench.AsAsync(s => s.GetRequiredService<StatementService>().ImportAsync(bench.Paybill.Id, "march.csv", System.Text.Encoding.UTF8.GetBytes(csv + more)));
        if (more.Length > 0)
        {
            Assert.Equal(1, (await again).Known);
        }
        else
        {
            Assert.Equal("statement.known", (await Assert.ThrowsAsync<DomainException>(() => again)).Code);
        }

        Assert.True(Assert.Single(await bench.PaymentsAsync()) is { State: TransactionState.Applied, IsHeld: false, ConfirmedAt: not null });
        Assert.Null(await bench.FaultInBooksAsync());
    }

    private static Task<IReadOnlyList<IntakeResult>> ApplyAsync(PaymentBench bench, PaymentEvidence evidence) => bench.AsAsync(s => s.GetRequiredService<PaymentIntake>().ApplyAsync(bench.Paybill.Id, [evidence], CancellationToken.None));

    private static Task<InboundAnswer> ConfirmAsync(PaymentBench bench, string receipt, decimal amount, string account, string shortCode = "522522") => bench.DeliverAsync(bench.AddressOf(bench.Paybill, CallbackKind.Confirm), JsonSerializer.Serialize(new
    {
        TransactionType = "Pay Bill", TransID = receipt, TransTime = "20260301110000", TransAmount = amount.ToString("0.00", CultureInfo.InvariantCulture), BusinessShortCode = shortCode, BillRefNumber = account, MSISDN = "254712000077", FirstName = "JANE",
    }));

    private static string Paid(PaymentAttempt attempt, string receipt, decimal amount) => JsonSerializer.Serialize(new
    {
        Body = new
        {
            stkCallback = new
            {
                MerchantRequestID = "1-1-1", CheckoutRequestID = attempt.CheckoutRequestId, ResultCode = 0, ResultDesc = "ok",
                CallbackMetadata = new { Item = new object[] { new { Name = "Amount", Value = amount }, new { Name = "MpesaReceiptNumber", Value = receipt } } },
            },
        },
    });

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await holds())
        {
            await Task.Delay(50, patience.Token);
        }
    }

    /// <summary>A provider's adapter with a mistake in it: it breaks on one receipt.</summary>
    private sealed class OddGateway : IMobileMoneyGateway
    {
        private IMobileMoneyGateway _inner = null!;

        public bool IsMended { get; set; }

        public void Wrap(IServiceCollection services)
        {
            var known = services.Single(d => d.ServiceType == typeof(IMobileMoneyGateway) && d.ImplementationType?.Name == "DarajaGateway");
            services.Remove(known);
            services.AddSingleton<IMobileMoneyGateway>(provider =>
            {
                _inner = (IMobileMoneyGateway)ActivatorUtilities.CreateInstance(provider, known.ImplementationType!);
                return this;
            });
        }

        public bool Serves(ChannelKind kind) => _inner.Serves(kind);

        public Task<PushOutcome> PushAsync(ChannelAccess channel, PushRequest push, CancellationToken ct = default) => _inner.PushAsync(channel, push, ct);

        public Task<QueryOutcome> QueryAsync(ChannelAccess channel, PaymentAttempt attempt, CancellationToken ct = default) => _inner.QueryAsync(channel, attempt, ct);

        public Task<PullOutcome> PullAsync(ChannelAccess channel, DateTime from, DateTime until, int offset, CancellationToken ct = default) => _inner.PullAsync(channel, from, until, offset, ct);

        public Task<CredentialCheck> TestAsync(ChannelAccess channel, CancellationToken ct = default) => _inner.TestAsync(channel, ct);

        public Task<CredentialCheck> RegisterAsync(ChannelAccess channel, Uri confirmation, Uri validation, CancellationToken ct = default) => _inner.RegisterAsync(channel, confirmation, validation, ct);

        public Task<PushOutcome> SendBackAsync(ChannelAccess channel, RefundRequest refund, CancellationToken ct = default) => _inner.SendBackAsync(channel, refund, ct);

        public Task<string?> AskStatusAsync(ChannelAccess channel, StatusQuestion question, CancellationToken ct = default) => _inner.AskStatusAsync(channel, question, ct);

        public MessageReading Read(CallbackKind kind, ReadOnlyMemory<byte> body) => !IsMended && System.Text.Encoding.UTF8.GetString(body.Span).Contains("SODD", StringComparison.Ordinal)
            ? throw new InvalidOperationException("A mistake of ours")
            : _inner.Read(kind, body);

        public ProviderResult ReadResult(ReadOnlyMemory<byte> body) => _inner.ReadResult(body);
    }
}
