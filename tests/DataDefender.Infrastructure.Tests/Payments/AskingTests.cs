using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Payments;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Sandbox.Money;
using DataDefender.Testing;
using DataDefender.Testing.Payments;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Payments;

/// <summary>Asking a client on the phone, against simulated providers on a real socket.</summary>
public sealed class AskingTests
{
    [Theory, EachDatabase]
    public async Task A_prompt_that_is_accepted_pays_the_oldest_invoice_and_the_rest_is_the_wallets(DatabaseProvider provider)
    {
        await using var bench = await PaymentBench.StartAsync(provider);
        var client = await bench.Company.AddClientAsync();
        var invoice = await bench.Company.AddInvoiceAsync(client.Id, 700m, tax: Domain.Billing.TaxRule.None);

        foreach (var channel in (PaymentChannel[])[bench.Paybill, bench.Bank])
        {
            var intent = await bench.AskAsync(client, 1_000m, channel);
            Assert.True((await bench.AttemptAsync(intent)).Status is AttemptStatus.AwaitingCustomer, await bench.StoryAsync());
            await bench.PassAsync(TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(2));
            Assert.Equal(IntentStatus.Succeeded, (await bench.IntentAsync(intent)).Status);
        }

        await using var db = bench.Company.Open();
        Assert.Equal(Money.Zero, (await db.Invoices.SingleAsync(i => i.Id == invoice.Id)).Balance);
        Assert.Equal(Money.Of(1_300m), await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client.Id));
        Assert.Equal(Money.Of(1_000m), await LedgerBalances.OfAccountAsync(db, AccountKind.Clearing, bench.Paybill.Ledger));
        Assert.Equal(Money.Of(1_000m), await LedgerBalances.OfAccountAsync(db, AccountKind.Clearing, bench.Bank.Ledger));
        Assert.Equal(bench.World.Moved.Select(m => m.Receipt).Order(), (await bench.PaymentsAsync()).Select(p => p.Receipt!).Order());
        Assert.True(bench.Moves.Count >= 2);
        Assert.Null(await bench.FaultInBooksAsync());
    }

    [Fact]
    public async Task The_push_is_in_the_database_before_the_provider_hears_of_it()
    {
        await using var bench = await PaymentBench.StartAsync();
        var client = await bench.Company.AddClientAsync();
        var seen = new List<AttemptStatus>();
        bench.World.Pushed = prompt =>
        {
            using var db = bench.Company.Open();
            seen.AddRange(db.PaymentAttempts.AsNoTracking().Select(a => a.Status).ToList());
        };

        await bench.AskAsync(client, 500m);

        Assert.True(seen is [AttemptStatus.Sending], $"{string.Join(", ", seen)}\n{await bench.StoryAsync()}");
    }

    [Fact]
    public async Task A_push_that_times_out_after_it_was_carried_out_is_unknown_is_not_sent_again_and_is_found_paid()
    {
        await using var bench = await PaymentBench.StartAsync(timeout: TimeSpan.FromMilliseconds(300));
        bench.World.Silence = TimeSpan.FromSeconds(1);
        var client = await bench.Company.AddClientAsync();

        var intent = await bench.AskAsync(client, 500m, phone: "0712000408");
        Assert.Equal(AttemptStatus.Unknown, (await bench.AttemptAsync(intent)).Status);
        var busy = await Assert.ThrowsAsync<DomainException>(() => bench.AskAsync(client, 500m, phone: "0712000408"));
        await bench.PassAsync(TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(2));

        Assert.Equal("payment.busy", busy.Code);
        Assert.Equal(IntentStatus.Succeeded, (await bench.IntentAsync(intent)).Status);
        Assert.Single(bench.World.Prompts);
        Assert.Single(await bench.PaymentsAsync());
    }

    [Theory, EachDatabase]
    public async Task Of_eight_people_who_ask_one_client_at_one_moment_one_sends_a_prompt(DatabaseProvider provider)
    {
        await using var bench = await PaymentBench.StartAsync(provider);
        var client = await bench.Company.AddClientAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            try
            {
                await bench.AskAsync(client, 500m);
                return "asked";
            }
            catch (DomainException refused)
            {
                return refused.Code;
            }
        }));

        Assert.Equal(["asked", .. Enumerable.Repeat("payment.busy", 7)], outcomes.Order(StringComparer.Ordinal));
        Assert.Single(bench.World.Prompts);
    }

    [Fact]
    public async Task A_lost_callback_is_found_by_asking_and_gets_its_receipt_from_the_list()
    {
        await using var bench = await PaymentBench.StartAsync();
        var client = await bench.Company.AddClientAsync();

        var intent = await bench.AskAsync(client, 500m, phone: "0712000404");
        await bench.PassAsync(TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(10));
        Assert.Equal(IntentStatus.Succeeded, (await bench.IntentAsync(intent)).Status);
        await bench.PassAsync(TimeSpan.FromMinutes(11), TimeSpan.FromMinutes(1));

        var payment = Assert.Single(await bench.PaymentsAsync());
        Assert.Equal(Assert.Single(bench.World.Moved).Receipt, payment.Receipt);
        Assert.NotNull(payment.ConfirmedAt);
        Assert.Null(await bench.FaultInBooksAsync());
    }

    [Theory]
    [InlineData("0712001032", "1032")]
    [InlineData("0712001037", "1037")]
    [InlineData("0712000001", "1")]
    public async Task What_the_customer_does_not_pay_is_failed_with_the_reason_and_may_be_asked_again(string phone, string code)
    {
        await using var bench = await PaymentBench.StartAsync();
        var client = await bench.Company.AddClientAsync();

        var intent = await bench.AskAsync(client, 500m, phone: phone);
        await bench.PassAsync(TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(2));

        Assert.Equal((AttemptStatus.Failed, code), ((await bench.AttemptAsync(intent)).Status, (await bench.AttemptAsync(intent)).ResultCode));
        Assert.Equal(IntentStatus.RequiresPayment, (await bench.IntentAsync(intent)).Status);
        await bench.AsAsync(s => s.GetRequiredService<PaymentService>().AskAgainAsync(intent));
        Assert.Equal(2, bench.World.Prompts.Count());
        Assert.Empty(await bench.PaymentsAsync());
    }

    [Fact]
    public async Task Only_what_provably_was_not_carried_out_is_tried_again_and_then_is_refused()
    {
        await using var bench = await PaymentBench.StartAsync();
        var client = await bench.Company.AddClientAsync();

        var busy = await bench.AskAsync(client, 500m, phone: "0712000503"); // spike arrest, each time
        bench.World.InMaintenance = true;
        var down = await bench.AskAsync(client, 600m); // 503 without the provider's form: nobody knows

        Assert.Equal((AttemptStatus.Rejected, "not_sent"), ((await bench.AttemptAsync(busy)).Status, (await bench.AttemptAsync(busy)).ResultCode));
        Assert.Equal(AttemptStatus.Unknown, (await bench.AttemptAsync(down)).Status);
        await bench.Services.Provider.GetRequiredService<Infrastructure.Payments.ProviderRequestLog>().FlushAsync();
        await using var db = bench.Company.Open();
        Assert.Equal(3, await db.ProviderRequests.CountAsync(r => r.Operation == "stkpush" && r.RequestBody!.Contains("254712000503"))); // the first and two more
        Assert.Equal(1, await db.ProviderRequests.CountAsync(r => r.Operation == "stkpush" && !r.RequestBody!.Contains("254712000503")));
        Assert.All(await db.ProviderRequests.Where(r => r.RequestBody != null).Select(r => r.RequestBody!).ToListAsync(), body => Assert.Contains("\"Password\":\"***\"", body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_provider_that_cannot_be_reached_has_seen_nothing()
    {
        await using var bench = await PaymentBench.StartAsync(channel: input => input.BaseUrl = input.TokenUrl = "http://127.0.0.1:9");
        var client = await bench.Company.AddClientAsync();

        var intent = await bench.AskAsync(client, 500m);

        Assert.Equal((AttemptStatus.Rejected, "not_sent"), ((await bench.AttemptAsync(intent)).Status, (await bench.AttemptAsync(intent)).ResultCode));
        Assert.Equal(IntentStatus.RequiresPayment, (await bench.IntentAsync(intent)).Status);
    }

    [Fact]
    public async Task The_same_key_asks_once_and_gets_the_same_answer_and_other_content_is_refused()
    {
        await using var bench = await PaymentBench.StartAsync();
        var client = await bench.Company.AddClientAsync();

        var first = await bench.AskAsync(client, 500m, key: "key-1");
        var again = await bench.AskAsync(client, 500m, key: "key-1");
        var reused = await Assert.ThrowsAsync<DomainException>(() => bench.AskAsync(client, 501m, key: "key-1"));

        Assert.Equal(first, again);
        Assert.Equal("idempotency_key_reuse", reused.Code);
        Assert.Single(bench.World.Prompts);
    }

    [Fact]
    public async Task A_second_request_under_the_key_of_one_that_is_under_way_is_told_to_come_again()
    {
        await using var bench = await PaymentBench.StartAsync(timeout: TimeSpan.FromSeconds(2));
        var client = await bench.Company.AddClientAsync();
        bench.World.Silence = TimeSpan.FromSeconds(1);

        var first = bench.AskAsync(client, 500m, phone: "0712000408", key: "key-2");
        while (!bench.World.Prompts.Any())
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        var second = await Assert.ThrowsAsync<DomainException>(() => bench.AskAsync(client, 500m, phone: "0712000408", key: "key-2"));
        Assert.Equal("idempotency_in_flight", second.Code);
        await first;
    }

    [Fact]
    public async Task Cents_strange_numbers_and_amounts_beyond_the_channels_limits_are_refused_with_the_field()
    {
        await using var bench = await PaymentBench.StartAsync();
        var client = await bench.Company.AddClientAsync();

        foreach (var (amount, phone, field) in ((decimal, string, string)[])[(100.50m, "0712345678", "Amount"), (0m, "0712345678", "Amount"), (300_000m, "0712345678", "Amount"), (100m, "020 123", "Phone")])
        {
            var refused = await Assert.ThrowsAsync<InvalidInputException>(() => bench.AskAsync(client, amount, phone: phone));
            Assert.Contains(refused.Errors, e => e.Field == field);
        }

        Assert.Empty(bench.World.Prompts);
    }

    [Fact]
    public async Task Credentials_can_be_tried_and_a_wrong_secret_is_told()
    {
        await using var bench = await PaymentBench.StartAsync();

        Assert.True((await bench.AsAsync(s => s.GetRequiredService<ChannelService>().TestAsync(bench.Paybill.Id))).Works);
        Assert.True((await bench.AsAsync(s => s.GetRequiredService<ChannelService>().TestAsync(bench.Bank.Id))).Works);
        await bench.AsAsync(async s =>
        {
            var channels = s.GetRequiredService<ChannelService>();
            var input = (await channels.GetAsync(bench.Paybill.Id)).Input;
            input.ClientSecret = "wrong";
            await channels.SaveAsync(bench.Paybill.Id, input);
            Assert.False((await channels.TestAsync(bench.Paybill.Id)).Works);
        });
    }

    [Fact]
    public async Task A_company_cannot_name_an_address_of_ours_as_its_provider()
    {
        await using var bench = await PaymentBench.StartAsync();

        await bench.AsAsync(async s =>
        {
            var channels = s.GetRequiredService<ChannelService>();
            var input = (await channels.GetAsync(bench.Paybill.Id)).Input;
            input.BaseUrl = "http://169.254.169.254/latest";
            var refused = await Assert.ThrowsAsync<InvalidInputException>(() => channels.SaveAsync(bench.Paybill.Id, input));
            Assert.Equal("BaseUrl", Assert.Single(refused.Errors).Field);
        });
    }
}
