using System.Globalization;
using System.Text.Json;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Clients;
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

/// <summary>What providers send, into the books: once, to the right owner, in whatever order and number it comes.</summary>
public sealed class IntakeTests
{
    [Theory, EachDatabase]
    public async Task The_facts_of_one_payment_in_every_order_and_twice_over_end_in_one_payment(DatabaseProvider provider)
    {
        await using var bench = await PaymentBench.StartAsync(provider);
        var orders = Permutations([0, 1, 2, 3, 4]).ToList();
        orders = provider is DatabaseProvider.Sqlite ? orders : [.. orders.Where((_, i) => i % 12 == 0)];
        for (var round = 0; round < orders.Count; round++)
        {
            var client = await bench.Company.AddClientAsync(phone: string.Create(CultureInfo.InvariantCulture, $"07{40_000_000 + round}"));
            var intent = await bench.AskAsync(client, 500m);
            var attempt = await bench.AttemptAsync(intent);
            var receipt = string.Create(CultureInfo.InvariantCulture, $"SRC{round:D7}");
            var order = orders[round].Concat(orders[round].Reverse()).ToArray();
            foreach (var fact in order)
            {
                await TellAsync(bench, client, attempt, receipt, fact);
            }

            await using var db = bench.Company.Open();
            var payment = Assert.Single(await db.ProviderTransactions.AsNoTracking().Where(t => t.ClientId == client.Id && t.State != TransactionState.Reversed).ToListAsync());
            Assert.True(payment.Receipt == receipt && payment.AttemptId == attempt.Id && payment.Amount == Money.Of(500m), $"order {string.Join(' ', order)}: {payment.Receipt} {payment.Amount}");
            Assert.Equal(AttemptStatus.Succeeded, (await bench.AttemptAsync(intent)).Status);
            Assert.Equal((IntentStatus.Succeeded, Money.Of(500m)), ((await bench.IntentAsync(intent)).Status, (await bench.IntentAsync(intent)).Received));
            Assert.Equal(Money.Of(500m), await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client.Id));
        }

        await using var books = bench.Company.Open();
        Assert.Equal(Money.Of(500m * orders.Count), await LedgerBalances.OfAccountAsync(books, AccountKind.Clearing, bench.Paybill.Ledger));
        Assert.Equal(Money.Zero, await LedgerBalances.OfAccountAsync(books, AccountKind.Suspense));
        Assert.Equal(0, await books.InboundMessages.CountAsync(m => m.Status == InboundStatus.Received));
        Assert.Null(await bench.FaultInBooksAsync());
    }

    [Theory, EachDatabase]
    public async Task For_every_receipt_there_is_one_transaction_in_the_books_and_all_debits_of_clearing_are_payments(DatabaseProvider provider)
    {
        await using var bench = await PaymentBench.StartAsync(provider);
        var client = await bench.Company.AddClientAsync();
        for (var i = 0; i < 20; i++)
        {
            var message = Confirmation($"SAA{i:D7}", 100 + i, i % 3 == 0 ? "no account" : client.AccountNumber);
            await DeliverAsync(bench, message);
            await DeliverAsync(bench, message);
            await DeliverAsync(bench, message.Replace("254712000077", "2547 ***** 077", StringComparison.Ordinal)); // another text, the same receipt
        }

        await bench.WorkAsync();

        var payments = await bench.PaymentsAsync();
        Assert.Equal(20, payments.Count);
        await using var db = bench.Company.Open();
        var posted = await db.JournalTransactions.Where(t => t.Kind == "payment.received").Select(t => t.SourceId).ToListAsync();
        Assert.Equal(payments.Select(p => p.Id).Order(), posted.Order());
        Assert.Equal(new Money(payments.Sum(p => p.Amount.Minor)), await LedgerBalances.OfAccountAsync(db, AccountKind.Clearing, bench.Paybill.Ledger));
        Assert.Equal(new Money(payments.Where(p => p.State is TransactionState.Orphan).Sum(p => p.Amount.Minor)), await LedgerBalances.OfAccountAsync(db, AccountKind.Suspense));
        var allocated = (await db.PaymentAllocations.ToListAsync()).GroupBy(a => a.TransactionId).ToDictionary(g => g.Key, g => g.Sum(a => a.Amount.Minor));
        Assert.All(payments.Where(p => p.State is TransactionState.Applied), p => Assert.Equal(p.Amount.Minor, allocated[p.Id]));
        Assert.Equal([.. Enumerable.Range(1, 20).Select(i => (long)i)], payments.Select(p => p.Number));
        Assert.Null(await bench.FaultInBooksAsync());
    }

    [Fact]
    public async Task Messages_that_do_not_parse_are_kept_with_the_reason_and_move_nothing()
    {
        await using var bench = await PaymentBench.StartAsync();
        (string Body, string Reason)[] messages =
        [
            ("{\"TransID\":", "no JSON"), ("[1,2]", "no object"), ("{}", "neither a ResultCode nor a TransID"), ("{\"TransID\":\"SBB1\",\"TransAmount\":\"12.345\"}", "more than two decimals"),
            ("{\"TransID\":\"SBB2\",\"TransAmount\":\"-5\"}", "no amount that a payment can have"), ("{\"TransID\":\"SBB3\",\"TransAmount\":\"many\"}", "is no amount"), ("{\"TransID\":\"SBB4\"}", "has no TransAmount"),
            ("{\"Body\":{\"stkCallback\":{\"ResultCode\":0}}}", "no CheckoutRequestID"), ("{\"ResultCode\":\"0\",\"ThirdPartyTransID\":\"nobody\"}", "none of this channel's"),
            ("{\"ResultCode\":\"1032\",\"CheckoutRequestID\":\"nobody\",\"BusinessShortCode\":\"999999\"}", "names the short code 999999"),
        ];
        foreach (var (body, _) in messages)
        {
            Assert.Equal(200, (await DeliverAsync(bench, body)).Status);
        }

        await bench.WorkAsync();

        await using var db = bench.Company.Open();
        var kept = await db.InboundMessages.AsNoTracking().Where(m => m.Kind == CallbackKind.Confirm).ToListAsync();
        Assert.Equal(messages.Length, kept.Count);
        foreach (var (body, reason) in messages)
        {
            var message = Assert.Single(kept, m => System.Text.Encoding.UTF8.GetString(m.Body) == body);
            Assert.Equal(InboundStatus.Rejected, message.Status);
            Assert.Contains(reason, message.Outcome, StringComparison.Ordinal);
        }

        Assert.Empty(await bench.PaymentsAsync());
    }

    [Theory]
    [InlineData("1,250.50", 125_050)]
    [InlineData("1250.5", 125_050)]
    [InlineData("1250", 125_000)]
    public async Task Amounts_come_as_text_or_numbers(string text, long minor)
    {
        await using var bench = await PaymentBench.StartAsync();
        var client = await bench.Company.AddClientAsync();

        await DeliverAsync(bench, $$"""{"transid":"SCC1","TRANSAMOUNT":"{{text}}","BillRefNumber":" {{client.AccountNumber}} "}""");
        await bench.WorkAsync();

        var payment = Assert.Single(await bench.PaymentsAsync());
        Assert.Equal((new Money(minor), client.Id), (payment.Amount, payment.ClientId));
    }

    [Fact]
    public async Task The_banks_collections_notice_is_understood()
    {
        await using var bench = await PaymentBench.StartAsync();
        var client = await bench.Company.AddClientAsync();

        await bench.DeliverAsync(bench.AddressOf(bench.Bank, CallbackKind.Confirm), $$$"""{"action":"PAYMENT_NOTIFICATION","payload":{"customer_id":"{{{client.AccountNumber}}}","payer_name":"JANE","payer_phone":"254712000001","txn_amount":2500,"txn_reference":"FB0001","date_time":"2026-03-01 10:59:00"}}""");
        await bench.WorkAsync();

        var payment = Assert.Single(await bench.PaymentsAsync());
        Assert.Equal(("FB0001", Money.Of(2_500m), client.Id, PaymentMethod.FamilyBank), (payment.Receipt, payment.Amount, payment.ClientId, payment.Method));
        Assert.Equal(new DateTime(2026, 3, 1, 7, 59, 0, DateTimeKind.Utc), payment.OccurredAt);
    }

    [Fact]
    public async Task A_success_from_an_address_that_nobody_listed_is_a_claim_until_the_provider_confirms_it()
    {
        await using var bench = await PaymentBench.StartAsync(world: w => w.AnswerSeconds = null);
        var client = await bench.Company.AddClientAsync();
        var intent = await bench.AskAsync(client, 500m);
        var attempt = await bench.AttemptAsync(intent);

        await bench.DeliverAsync(bench.AddressOf(bench.Paybill, CallbackKind.Stk, attempt.PushId), Stk(attempt, "SDD1", 500), source: "203.0.113.9");
        await bench.WorkAsync();
        Assert.Empty(await bench.PaymentsAsync()); // asked, and the prompt is still on the phone
        Assert.True((await bench.AttemptAsync(intent)).HasClaim);

        bench.World.Answer(attempt.CheckoutRequestId!, accept: true);
        await bench.PassAsync(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(10));
        Assert.Equal(IntentStatus.Succeeded, (await bench.IntentAsync(intent)).Status);
        Assert.Equal(Assert.Single(bench.World.Moved).Receipt, Assert.Single(await bench.PaymentsAsync()).Receipt); // not the one that was made up
        await using var db = bench.Company.Open();
        Assert.Equal([InboundStatus.Applied, InboundStatus.Rejected], await db.InboundMessages.Where(m => m.Kind == CallbackKind.Stk).OrderBy(m => m.Status).Select(m => m.Status).ToListAsync());
    }

    [Fact]
    public async Task A_forged_success_of_a_cancelled_prompt_pays_nothing()
    {
        await using var bench = await PaymentBench.StartAsync(world: w => w.AnswerSeconds = null);
        var client = await bench.Company.AddClientAsync();
        var intent = await bench.AskAsync(client, 500m);
        var attempt = await bench.AttemptAsync(intent);
        bench.World.Answer(attempt.CheckoutRequestId!, accept: false);

        await bench.DeliverAsync(bench.AddressOf(bench.Paybill, CallbackKind.Stk, attempt.PushId), Stk(attempt, "SEE1", 500), source: "203.0.113.9");
        await bench.PassAsync(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5));

        Assert.Empty(await bench.PaymentsAsync());
        await using var db = bench.Company.Open();
        Assert.Equal(AttemptStatus.NeedsReview, (await bench.AttemptAsync(intent)).Status); // the provider says no, a message says paid
        Assert.Contains(await db.PaymentEvents.ToListAsync(), e => e.Kind == "review" && e.Text.Contains("cancelled", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_path_with_another_mark_is_nobodys()
    {
        await using var bench = await PaymentBench.StartAsync();
        var genuine = bench.AddressOf(bench.Paybill, CallbackKind.Confirm);
        var forged = new Uri(genuine.AbsoluteUri[..^1] + (genuine.AbsoluteUri[^1] == '0' ? '1' : '0'));
        var other = new Uri(bench.AddressOf(bench.Paybill, CallbackKind.Stk, "p").AbsoluteUri.Replace("/stk/", "/confirm/", StringComparison.Ordinal));

        Assert.Equal(404, (await bench.DeliverAsync(forged, "{}")).Status);
        Assert.Equal(404, (await bench.DeliverAsync(other, "{}")).Status);
        Assert.Equal(200, (await bench.DeliverAsync(genuine, "{}")).Status);
    }

    [Fact]
    public async Task An_account_number_that_is_nobodys_is_refused_before_the_payment_where_the_company_wants_that()
    {
        await using var bench = await PaymentBench.StartAsync(channel: c => c.RefuseUnknownAccounts = true);
        var client = await bench.Company.AddClientAsync();
        var url = bench.AddressOf(bench.Paybill, CallbackKind.Validate);

        Assert.Contains("C2B00012", (await bench.DeliverAsync(url, """{"BillRefNumber":"4711","TransAmount":"5"}""")).Json, StringComparison.Ordinal);
        Assert.Contains("\"0\"", (await bench.DeliverAsync(url, $$"""{"BillRefNumber":"{{client.AccountNumber}}","TransAmount":"5"}""")).Json, StringComparison.Ordinal);
        Assert.Contains("\"0\"", (await bench.DeliverAsync(url, $$"""{"BillRefNumber":"Acc {{client.AccountNumber[..4]}} {{client.AccountNumber[4..]}}","TransAmount":"5"}""")).Json, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task What_comes_through_a_channel_that_is_not_live_is_shown_as_a_test_and_is_in_no_books_until_a_person_says_that_it_was_money(DatabaseProvider provider)
    {
        await using var bench = await PaymentBench.StartAsync(provider, channel: c => c.IsLive = false);
        var client = await bench.Company.AddClientAsync();
        await bench.Company.AddInvoiceAsync(client.Id, 1_000m);
        var attempt = await bench.AttemptAsync(await bench.AskAsync(client, 1_334m));

        await DeliverAsync(bench, Confirmation("STT1", 1_334, client.AccountNumber, client.Phone));
        await DeliverAsync(bench, Confirmation("STT1", 1_334, client.AccountNumber, client.Phone).Replace("1334", "1334.00", StringComparison.Ordinal));
        await bench.WorkAsync();

        var payment = Assert.Single(await bench.PaymentsAsync());
        Assert.Equal((TransactionState.Test, "STT1"), (payment.State, payment.Receipt));
        Assert.Equal(AttemptStatus.Succeeded, (await bench.AttemptAsync(attempt.IntentId)).Status); // what the tester wants to see
        await using var db = bench.Company.Open();
        Assert.Equal(Money.Of(1_334m), (await db.Invoices.SingleAsync()).Balance);
        Assert.Empty(await db.JournalTransactions.Where(t => t.Kind == "payment.received").ToListAsync());
        Assert.All(await bench.AsAsync(s => s.GetRequiredService<CustodyBoard>().GetAsync()), column => Assert.Equal(Money.Zero, column.Total));

        await bench.AsAsync(s => s.GetRequiredService<OrphanService>().CountAsync(payment.Id, "The channel was live already"));
        await bench.AsAsync(s => s.GetRequiredService<OrphanService>().MatchAsync(payment.Id, client.Id));

        await using var after = bench.Company.Open();
        Assert.Equal(InvoiceStatus.Paid, (await after.Invoices.SingleAsync()).Status);
        Assert.Equal("payment.state", (await Assert.ThrowsAsync<DomainException>(() => bench.AsAsync(s => s.GetRequiredService<OrphanService>().CountAsync(payment.Id, "Again")))).Code);
        Assert.Null(await bench.FaultInBooksAsync());
    }

    [Fact]
    public void A_providers_live_address_wants_a_channel_that_is_live()
    {
        var input = new ChannelInput { Name = "Paybill", ShortCode = "522522", ClientId = "key", ClientSecret = "secret", Passkey = "pass", IsLive = true };
        input.UseProviderAddresses();
        var validator = new ChannelInputValidator();

        Assert.True(validator.Validate(input).IsValid);
        input.IsLive = false;
        Assert.Equal(nameof(ChannelInput.IsLive), Assert.Single(validator.Validate(input).Errors).PropertyName);
        input.UseProviderAddresses();
        Assert.True(validator.Validate(input).IsValid);
    }

    [Fact]
    public async Task A_client_of_another_company_is_never_the_owner_and_another_companys_push_is_never_ours()
    {
        await using var bench = await PaymentBench.StartAsync();
        var other = await TestCompany.CreateAsync(bench.Services, "Lakeside");
        var stranger = await other.AddClientAsync();
        var attempt = await bench.AttemptAsync(await bench.AskAsync(await bench.Company.AddClientAsync(), 500m));

        await DeliverAsync(bench, Confirmation("SFF1", 900, stranger.AccountNumber, stranger.Phone));
        await bench.DeliverAsync(bench.AddressOf(bench.Bank, CallbackKind.Stk, attempt.PushId), Stk(attempt, "SFF2", 500)); // the bank's address, the Paybill's push
        await bench.WorkAsync();

        Assert.All(await bench.PaymentsAsync(), payment => Assert.Equal((TransactionState.Orphan, null, null), (payment.State, payment.ClientId, payment.AttemptId)));
        Assert.NotEqual(AttemptStatus.Succeeded, (await bench.AttemptAsync(attempt.IntentId)).Status);
        await using var theirs = other.Open();
        Assert.Empty(await theirs.ProviderTransactions.ToListAsync());
    }

    [Fact]
    public async Task A_reversal_is_a_contra_entry_and_what_it_paid_is_owed_again()
    {
        await using var bench = await PaymentBench.StartAsync();
        var client = await bench.Company.AddClientAsync();
        var invoice = await bench.Company.AddInvoiceAsync(client.Id, 700m, tax: Domain.Billing.TaxRule.None);
        await DeliverAsync(bench, Confirmation("SGG1", 1_000, client.AccountNumber));
        await bench.WorkAsync();
        var payment = Assert.Single(await bench.PaymentsAsync());

        await bench.AsAsync(s => s.GetRequiredService<OrphanService>().ReverseAsync(payment.Id, "Reversed by Safaricom"));
        await Assert.ThrowsAsync<DomainException>(() => bench.AsAsync(s => s.GetRequiredService<OrphanService>().ReverseAsync(payment.Id, "Again")));
        await DeliverAsync(bench, Confirmation("SGG1", 1_000, client.AccountNumber, "254700000000"));
        await bench.WorkAsync();

        await using var db = bench.Company.Open();
        Assert.Equal(Money.Of(700m), (await db.Invoices.SingleAsync(i => i.Id == invoice.Id)).Balance);
        Assert.Equal(Money.Zero, await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client.Id));
        Assert.Equal(Money.Zero, await LedgerBalances.OfAccountAsync(db, AccountKind.Clearing, bench.Paybill.Ledger));
        Assert.Equal(TransactionState.Reversed, Assert.Single(await bench.PaymentsAsync()).State);
        Assert.Null(await bench.FaultInBooksAsync());
    }

    [Theory, EachDatabase]
    public async Task A_receipt_of_a_push_that_was_booked_without_one_is_set_aside_where_a_part_was_given_back_meanwhile(DatabaseProvider provider)
    {
        await using var bench = await PaymentBench.StartAsync(provider, world: w => w.AnswerSeconds = null);
        var (client, other) = (await bench.Company.AddClientAsync(), await bench.Company.AddClientAsync());
        var (attempt, untouched) = (await BookTwiceAsync(bench, client, "SHH1"), await BookTwiceAsync(bench, other, "SHH2"));
        var assumed = Assert.Single(await bench.PaymentsAsync(), p => p.AttemptId == attempt.Id);
        Assert.True(await bench.AsAsync(s => s.GetRequiredService<OrphanService>().RefundAsync(new RefundInput { PaymentId = assumed.Id, Amount = 200m, Reason = "Paid too much", IdempotencyKey = "a" })));

        // The provider sends it again and again until it is believed.
        for (var time = 0; time < 3; time++)
        {
            await bench.DeliverAsync(bench.AddressOf(bench.Paybill, CallbackKind.Stk, attempt.PushId), Stk(attempt, "SHH1", 500));
            await bench.DeliverAsync(bench.AddressOf(bench.Paybill, CallbackKind.Stk, untouched.PushId), Stk(untouched, "SHH2", 500));
            await bench.WorkAsync();
        }

        var payments = await bench.PaymentsAsync();
        var (kept, loose) = (Assert.Single(payments, p => p.AttemptId == attempt.Id), Assert.Single(payments, p => p.Receipt == "SHH1"));
        Assert.Equal((TransactionState.Applied, Money.Of(300m), null), (kept.State, kept.Remaining, kept.Receipt));
        Assert.Equal((TransactionState.Orphan, Money.Of(500m), null, null), (loose.State, loose.Remaining, loose.ClientId, loose.AttemptId));
        var merged = Assert.Single(payments, p => p.Receipt == "SHH2"); // of which nothing was given back: one payment
        Assert.Equal((TransactionState.Applied, untouched.Id, other.Id), (merged.State, merged.AttemptId, merged.ClientId));

        await using var db = bench.Company.Open();
        var aside = await db.InboundMessages.AsNoTracking().Where(m => m.Status == InboundStatus.SetAside).ToListAsync();
        Assert.NotEmpty(aside);
        Assert.All(aside, m => Assert.Contains($"{Money.Of(200m)} of that was given back meanwhile. A person has to look.", m.Outcome, StringComparison.Ordinal));
        Assert.All(aside, m => Assert.Contains("SHH1", System.Text.Encoding.UTF8.GetString(m.Body), StringComparison.Ordinal));
        Assert.Equal(untouched.Id, Assert.Single(await db.PaymentAttempts.Where(a => db.ProviderTransactions.Any(t => t.AttemptId == a.Id && t.Receipt != null)).ToListAsync()).Id);
        Assert.Equal(Money.Of(300m), await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client.Id));
        Assert.Equal(Money.Of(500m), await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, other.Id));
        Assert.Equal(Money.Of(500m), await LedgerBalances.OfAccountAsync(db, AccountKind.Suspense));
        Assert.Null(await bench.FaultInBooksAsync());
    }

    /// <summary>One payment in the books twice over: its receipt under an account that is nobody's, and its push, which was asked and said paid without naming a receipt.</summary>
    private static async Task<PaymentAttempt> BookTwiceAsync(PaymentBench bench, Client client, string receipt)
    {
        var attempt = await bench.AttemptAsync(await bench.AskAsync(client, 500m));
        await DeliverAsync(bench, Confirmation(receipt, 500, "4711", "2547 ***** 000", Local(bench)));
        await bench.WorkAsync();
        await ApplyAsync(bench, new PaymentEvidence { Source = EvidenceSource.Query, Paid = true, PushId = attempt.PushId, CheckoutRequestId = attempt.CheckoutRequestId, ResultCode = "0" });
        return attempt;
    }

    private static async Task TellAsync(PaymentBench bench, Client client, PaymentAttempt attempt, string receipt, int fact)
    {
        var stk = bench.AddressOf(bench.Paybill, CallbackKind.Stk, attempt.PushId);
        switch (fact)
        {
            case 0:
                await bench.DeliverAsync(stk, Stk(attempt, receipt, 500));
                break;
            case 1:
                await bench.DeliverAsync(stk, JsonSerializer.Serialize(new { Body = new { stkCallback = new { attempt.CheckoutRequestId, ResultCode = 1037, ResultDesc = "unreachable" } } }).Replace("CheckoutRequestId", "CheckoutRequestID", StringComparison.Ordinal));
                break;
            case 2:
                await DeliverAsync(bench, Confirmation(receipt, 500, client.AccountNumber, "2547 ***** 000", Local(bench)));
                break;
            case 3: // the answer to a question: paid, and no receipt
                await ApplyAsync(bench, new PaymentEvidence { Source = EvidenceSource.Query, Paid = true, PushId = attempt.PushId, CheckoutRequestId = attempt.CheckoutRequestId, ResultCode = "0" });
                break;
            case 4:
                await ApplyAsync(bench, new PaymentEvidence { Source = EvidenceSource.Pull, Paid = true, Receipt = receipt, Amount = Money.Of(500m), Msisdn = client.Phone, AccountReference = client.AccountNumber, At = bench.Services.Clock.Now });
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fact));
        }

        await bench.AsAsync(s => s.GetRequiredService<PaymentIntake>().ApplyWaitingAsync());
    }

    private static Task<IReadOnlyList<IntakeResult>> ApplyAsync(PaymentBench bench, PaymentEvidence evidence) => bench.AsAsync(s => s.GetRequiredService<PaymentIntake>().ApplyAsync(bench.Paybill.Id, [evidence], CancellationToken.None));

    private static Task<InboundAnswer> DeliverAsync(PaymentBench bench, string body) => bench.DeliverAsync(bench.AddressOf(bench.Paybill, CallbackKind.Confirm), body);

    private static string Local(PaymentBench bench) => bench.Services.Clock.Now.AddHours(3).ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);

    private static string Confirmation(string receipt, decimal amount, string account, string phone = "254712000077", string time = "20260301110000") => JsonSerializer.Serialize(new
    {
        TransactionType = "Pay Bill", TransID = receipt, TransTime = time, TransAmount = amount.ToString("0.00", CultureInfo.InvariantCulture), BusinessShortCode = "522522", BillRefNumber = account, MSISDN = phone, FirstName = "JANE", LastName = "WANJIRU",
    });

    private static string Stk(PaymentAttempt attempt, string receipt, decimal amount) => JsonSerializer.Serialize(new
    {
        Body = new
        {
            stkCallback = new
            {
                MerchantRequestID = "1-1-1", CheckoutRequestID = attempt.CheckoutRequestId, ResultCode = 0, ResultDesc = "ok",
                CallbackMetadata = new { Item = new object[] { new { Name = "Amount", Value = amount }, new { Name = "MpesaReceiptNumber", Value = receipt }, new { Name = "PhoneNumber", Value = 254712000001 } } },
            },
        },
    });

    private static IEnumerable<int[]> Permutations(int[] items) => items.Length == 1 ? [items] : items.SelectMany((item, i) => Permutations([.. items[..i], .. items[(i + 1)..]]).Select(rest => (int[])[item, .. rest]));
}
