using System.Text;
using ClosedXML.Excel;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using DataDefender.Testing.Payments;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Payments;

/// <summary>Money that people bring, orphans, statements and opening balances.</summary>
public sealed class CounterTests(TestDatabases databases) : PaymentDesk(databases), IClassFixture<TestDatabases>
{
    [Theory, EachDatabase]
    public async Task A_drawer_is_opened_takes_cash_is_banked_counted_and_closed_with_its_difference(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider);
        var client = await company.AddClientAsync();
        await using var scope = services.Scope(company.Id, Cashier);
        var counter = scope.ServiceProvider.GetRequiredService<CounterService>();

        Assert.Equal("cash.none", (await Assert.ThrowsAsync<DomainException>(() => counter.ReceiveAsync(Cash(client.Id, 100m)))).Code);
        await counter.OpenAsync("Office", 1_000m);
        var input = Cash(client.Id, 1_500.50m);
        var payment = await counter.ReceiveAsync(input);
        Assert.Equal(payment, await counter.ReceiveAsync(input)); // the second click
        await counter.BankAsync(2_000m, "Slip 7");
        Assert.Equal(Money.Of(500.50m), (await counter.MineAsync())!.Expected);
        Assert.Equal("cash.note", (await Assert.ThrowsAsync<DomainException>(() => counter.CloseAsync(500m, null))).Code);
        Assert.Equal(Money.Of(-0.50m), await counter.CloseAsync(500m, "Coins lost"));

        await using var db = company.Open();
        Assert.Equal(Money.Of(500m), await LedgerBalances.OfAccountAsync(db, AccountKind.Cash, "Office"));
        Assert.Equal(Money.Of(2_000m), await LedgerBalances.OfAccountAsync(db, AccountKind.Bank, "main"));
        Assert.Equal(Money.Of(1_500.50m), await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client.Id));
        Assert.Equal(Money.Of(500m), await counter.LeftInAsync("Office"));
        Assert.Null(await FaultAsync(services));
    }

    [Theory, EachDatabase]
    public async Task The_drawer_of_a_cashier_who_left_is_closed_by_whoever_handles_payments_and_the_reason_stands_in_the_audit(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider);
        await using var cashier = services.Scope(company.Id, Cashier);
        var session = await cashier.ServiceProvider.GetRequiredService<CounterService>().OpenAsync("Office", 1_000m);
        await Assert.ThrowsAsync<ForbiddenException>(() => cashier.ServiceProvider.GetRequiredService<CounterService>().CloseForAsync(session, 1_000m, "I may not"));
        await using var scope = services.Scope(company.Id, new Actor(Guid.CreateVersion7(), "Brian", Permissions.Of(Role.Finance)));
        var counter = scope.ServiceProvider.GetRequiredService<CounterService>();

        Assert.Equal("payment.reason", (await Assert.ThrowsAsync<DomainException>(() => counter.CloseForAsync(session, 900m, " "))).Code);
        Assert.Equal(Money.Of(-100m), await counter.CloseForAsync(session, 900m, "Went home ill"));
        Assert.Equal("cash.closed", (await Assert.ThrowsAsync<DomainException>(() => counter.CloseForAsync(session, 900m, "Again"))).Code);

        Assert.Null(await cashier.ServiceProvider.GetRequiredService<CounterService>().MineAsync());
        await counter.OpenAsync("Office", 900m); // and the next one has it
        await using var db = company.Open();
        Assert.Equal("Closed by Brian: Went home ill", (await db.CashSessions.SingleAsync(s => s.Id == session)).ClosingNote);
        Assert.Equal(Money.Of(900m), await LedgerBalances.OfAccountAsync(db, AccountKind.Cash, "Office"));
        var audit = await db.AuditEntries.SingleAsync(a => a.Action == "closed for its cashier");
        Assert.Equal(("Brian", "Office, Amina"), (audit.Actor, audit.Label));
        Assert.Contains("Went home ill", audit.After, StringComparison.Ordinal);
        Assert.Null(await FaultAsync(services));
    }

    [Fact]
    public async Task Who_pays_is_told_so_with_the_receipt_once_and_only_where_the_company_wants_it()
    {
        var (services, company) = await StartAsync(DatabaseProvider.Sqlite);
        var client = await company.AddClientAsync();
        await using var scope = services.Scope(company.Id, Role.Finance);
        var counter = scope.ServiceProvider.GetRequiredService<CounterService>();
        var cheque = await counter.ReceiveAsync(Cheque(client.Id, 900m, "000123"));
        await using (var db = company.Open())
        {
            var settings = new MessagingSettings(company.Id, "token");
            settings.Change(new MessagingInput { SmsOn = true, SmsUsername = "savanna", AnnouncesPayments = true });
            settings.SetSmsKey("not revealed here");
            db.Add(settings);
            await db.SaveChangesAsync();
        }

        await counter.ChequeClearedAsync(cheque);

        await using var after = company.Open();
        var message = await after.Messages.SingleAsync(); // nothing when it was taken: it counts when the bank has paid it
        Assert.Equal(MessageTopic.PaymentReceived, message.Topic);
        Assert.Contains("we received KES 900, receipt 000123. You owe KES 0.", message.Body, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task A_cheque_counts_when_the_bank_has_paid_it_and_never_when_it_bounced(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider);
        var client = await company.AddClientAsync();
        await using var scope = services.Scope(company.Id, Role.Finance);
        var counter = scope.ServiceProvider.GetRequiredService<CounterService>();
        var (good, bad) = (await counter.ReceiveAsync(Cheque(client.Id, 900m, "000123")), await counter.ReceiveAsync(Cheque(client.Id, 400m, "000124")));
        await using (var before = company.Open())
        {
            Assert.Equal(Money.Zero, await LedgerBalances.OfClientAsync(before, AccountKind.Wallet, client.Id));
            Assert.Equal(Money.Of(1_300m), await LedgerBalances.OfAccountAsync(before, AccountKind.Clearing, "cheques"));
        }

        await counter.ChequeClearedAsync(good);
        await counter.ChequeBouncedAsync(bad, "No funds");

        await using var db = company.Open();
        Assert.Equal(Money.Of(900m), await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client.Id));
        Assert.Equal(Money.Of(900m), await LedgerBalances.OfAccountAsync(db, AccountKind.Bank, "main"));
        Assert.Equal(Money.Zero, await LedgerBalances.OfAccountAsync(db, AccountKind.Clearing, "cheques"));
        Assert.Equal(Money.Zero, await LedgerBalances.OfAccountAsync(db, AccountKind.Suspense));
        Assert.Null(await FaultAsync(services));
    }

    [Theory, EachDatabase]
    public async Task Owners_are_suggested_by_phone_a_wrong_digit_the_amount_and_the_name_the_best_first(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider);
        var owner = await company.AddClientAsync("Jane Wanjiru Kamau", "0722111222");
        var neighbour = await company.AddClientAsync("Peter Otieno", "0722333444");
        await company.AddClientAsync("Somebody Else", "0733000000");
        await company.AddInvoiceAsync(neighbour.Id, 1_500m, tax: TaxRule.None);
        var wrong = $"{owner.AccountNumber[..2]}9{owner.AccountNumber[3..]}"; // far from the neighbour's, whose last digits may be like his
        var orphan = await OrphanAsync(company, 1_500m, "254722111222", "JANE KAMAU", wrong);
        await using var scope = services.Scope(company.Id, Role.Finance);

        var found = await scope.ServiceProvider.GetRequiredService<OrphanService>().SuggestAsync(orphan);

        Assert.Equal([owner.Id, neighbour.Id], found.Select(f => f.ClientId));
        Assert.True(found[0].Score > 90 && found[1].Score < 40, string.Join(", ", found.Select(f => f.Score)));
        Assert.Contains(found[0].Reasons, r => r.Contains("one digit off", StringComparison.Ordinal));
        Assert.Contains("owes exactly this amount", found[1].Reasons);
    }

    [Theory, EachDatabase]
    public async Task A_large_orphan_wants_two_people_and_a_small_one_goes_at_once(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider);
        var client = await company.AddClientAsync();
        var (small, large) = (await OrphanAsync(company, 500m), await OrphanAsync(company, 50_000m));
        async Task<bool> MatchAsync(string who, Guid id)
        {
            await using var scope = services.Scope(company.Id, new Actor(Guid.CreateVersion7(), who, Permissions.Of(Role.Finance)));
            return await scope.ServiceProvider.GetRequiredService<OrphanService>().MatchAsync(id, client.Id);
        }

        Assert.True(await MatchAsync("Amina", small));
        Assert.False(await MatchAsync("Amina", large));
        Assert.False(await MatchAsync("Amina", large)); // her own second click is not a second person
        Assert.True(await MatchAsync("Brian", large));

        await using var db = company.Open();
        Assert.Equal(Money.Of(50_500m), await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client.Id));
        Assert.Equal(Money.Zero, await LedgerBalances.OfAccountAsync(db, AccountKind.Suspense));
        Assert.Null(await FaultAsync(services));
    }

    [Theory, EachDatabase]
    public async Task A_refund_takes_back_from_where_the_money_went_also_when_its_credit_was_spent(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider);
        var client = await company.AddClientAsync();
        var invoice = await company.AddInvoiceAsync(client.Id, 600m, tax: TaxRule.None);
        await using var scope = services.Scope(company.Id, Role.Finance);
        var counter = scope.ServiceProvider.GetRequiredService<CounterService>();
        var payment = await counter.ReceiveAsync(new ReceivedInput { ClientId = client.Id, Method = PaymentMethod.BankTransfer, Amount = 1_000m, Reference = "FT 1", IdempotencyKey = "a" });

        Assert.True(await scope.ServiceProvider.GetRequiredService<OrphanService>().RefundAsync(new RefundInput { PaymentId = payment, Amount = 1_000m, Reason = "Paid twice, FT 99", IdempotencyKey = "back" }));

        await using var db = company.Open();
        Assert.Equal(Money.Of(600m), (await db.Invoices.SingleAsync(i => i.Id == invoice.Id)).Balance);
        Assert.Equal(Money.Zero, await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client.Id));
        Assert.Equal(Money.Zero, await LedgerBalances.OfAccountAsync(db, AccountKind.Bank, "main"));
        Assert.Equal(0, await db.PaymentAllocations.Where(a => a.TransactionId == payment).SumAsync(a => a.Amount.Minor));
        Assert.Null(await FaultAsync(services));
    }

    [Theory, EachDatabase]
    public async Task Opening_balances_are_in_the_books_once_and_only_when_the_control_total_agrees(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider);
        var (owes, has) = (await company.AddClientAsync(), await company.AddClientAsync());
        await using var scope = services.Scope(company.Id, Role.Finance);
        var opening = scope.ServiceProvider.GetRequiredService<OpeningBalances>();
        var file = Encoding.UTF8.GetBytes($"Account number;Balance\n{owes.AccountNumber};1500.25\n{has.AccountNumber};-300\n");

        Assert.Contains("control total", Assert.Single((await opening.ImportAsync("ob.csv", file, 1_200m, new DateOnly(2026, 2, 28))).Faults).Message, StringComparison.Ordinal);
        Assert.Equal((2, 0), ((await opening.ImportAsync("ob.csv", file, 1_200.25m, new DateOnly(2026, 2, 28))) is var first ? (first.Posted, first.Known) : default));
        Assert.Equal((0, 2), ((await opening.ImportAsync("ob.csv", file, 1_200.25m, new DateOnly(2026, 2, 28))) is var second ? (second.Posted, second.Known) : default));
        Assert.Contains("Nobody has the account", Assert.Single((await opening.ImportAsync("x.csv", Encoding.UTF8.GetBytes($"Account number,Balance\n{Domain.Clients.AccountNumbers.WithCheckDigit(9_999_999)},5\n"), 5m, new DateOnly(2026, 2, 28))).Faults).Message, StringComparison.Ordinal);

        await using var db = company.Open();
        Assert.Equal(Money.Of(1_500.25m), await LedgerBalances.OfClientAsync(db, AccountKind.Receivable, owes.Id));
        Assert.Equal(Money.Of(1_500.25m), await Receivables.BalanceAsync(db, owes.Id));
        Assert.Equal(Money.Of(300m), await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, has.Id));
        Assert.Equal("OB-2026-000001", (await db.Invoices.SingleAsync()).Reference);
        Assert.Null(await FaultAsync(services));
    }

    [Theory, EachDatabase]
    public async Task A_prepaid_line_that_runs_out_is_paid_on_from_the_wallet_given_credit_first_and_only_when_it_holds_the_whole_price(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider);
        var client = await company.AddClientAsync();
        var line = await company.AddSubscriptionAsync(client, await company.AddPackageAsync(price: 1_000m));
        var ends = services.Clock.Now.AddMinutes(30);
        await using (var db = company.Open())
        {
            (await db.Subscriptions.SingleAsync(s => s.Id == line.Id)).ExpireAt(ends);
            await db.SaveChangesAsync();
        }

        await using var scope = services.Scope(company.Id);
        var (counter, wallets, renewal) = (scope.ServiceProvider.GetRequiredService<CounterService>(), scope.ServiceProvider.GetRequiredService<WalletService>(), scope.ServiceProvider.GetRequiredService<AutoRenewal>());
        await wallets.GrantAsync(client.Id, 300m, "Two days without service", "gift");
        Assert.Equal(0, await renewal.RenewDueAsync());
        await counter.ReceiveAsync(new ReceivedInput { ClientId = client.Id, Method = PaymentMethod.BankTransfer, Amount = 900m, Reference = $"FT {client.AccountNumber}", IdempotencyKey = "r" });
        Assert.Equal(1, await renewal.RenewDueAsync());
        Assert.Equal(0, await renewal.RenewDueAsync());

        await using var after = company.Open();
        Assert.True((await after.Subscriptions.SingleAsync(s => s.Id == line.Id)).ExpiresAt > ends.AddDays(27));
        Assert.Equal(new WalletState(Money.Of(200m), Money.Zero), await wallets.GetAsync(client.Id));
        Assert.Equal(InvoiceStatus.Paid, (await after.Invoices.SingleAsync(i => i.ClientId == client.Id)).Status);
        Assert.Null(await FaultAsync(services));
    }

    [Theory, EachDatabase]
    public async Task A_wallet_is_paid_out_once_from_the_drawer_or_the_bank_and_never_more_than_the_client_paid(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider);
        var client = await company.AddClientAsync();
        await using var scope = services.Scope(company.Id, Role.Finance);
        var (counter, wallets) = (scope.ServiceProvider.GetRequiredService<CounterService>(), scope.ServiceProvider.GetRequiredService<WalletService>());
        await counter.OpenAsync("Front desk", 0m);
        await counter.ReceiveAsync(new ReceivedInput { ClientId = client.Id, Method = PaymentMethod.Cash, Amount = 10_000m, IdempotencyKey = "in" });
        await wallets.GrantAsync(client.Id, 500m, "Two days without service", "gift");

        var out1 = new PayOutInput { ClientId = client.Id, Amount = 3_000m, Reason = "Deposit back", IdempotencyKey = "out" };
        await wallets.PayOutAsync(out1);
        await wallets.PayOutAsync(out1); // a second click
        Assert.Equal(Money.Of(7_000m), (await counter.MineAsync())!.Expected);
        await wallets.PayOutAsync(new PayOutInput { ClientId = client.Id, Amount = 6_000m, InCash = false, Reference = "FT 9", Reason = "Leaves", IdempotencyKey = "out 2" });

        Assert.Equal(new WalletState(Money.Of(1_000m), Money.Of(500m)), await wallets.GetAsync(client.Id));
        await using (var db = company.Open())
        {
            Assert.Equal(Money.Of(-6_000m), await LedgerBalances.OfAccountAsync(db, AccountKind.Bank, "main"));
        }

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => wallets.PayOutAsync(new PayOutInput { ClientId = client.Id, Amount = 1_000.01m, Reason = "More", IdempotencyKey = "out 3" }));
        Assert.Equal(nameof(PayOutInput.Amount), refused.Errors[0].Field);
        Assert.Equal("idempotency_key_reuse", (await Assert.ThrowsAsync<DomainException>(() => wallets.PayOutAsync(new PayOutInput { ClientId = client.Id, Amount = 1m, Reason = "x", IdempotencyKey = "out" }))).Code);
        await counter.ReceiveAsync(new ReceivedInput { ClientId = client.Id, Method = PaymentMethod.Cash, Amount = 30_000m, IdempotencyKey = "in 2" });
        Assert.Equal("payment.second", (await Assert.ThrowsAsync<DomainException>(() => wallets.PayOutAsync(new PayOutInput { ClientId = client.Id, Amount = 11_000m, Reason = "In parts", IdempotencyKey = "out 4" }))).Code);
        Assert.Null(await FaultAsync(services));
    }

    [Theory, EachDatabase]
    public async Task A_cheque_that_bounced_is_a_payment_of_its_own_when_it_is_brought_again(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider);
        var (client, other) = (await company.AddClientAsync(), await company.AddClientAsync());
        await using var scope = services.Scope(company.Id, Role.Finance);
        var counter = scope.ServiceProvider.GetRequiredService<CounterService>();
        var first = await counter.ReceiveAsync(Cheque(client.Id, 400m, "000124"));
        Assert.Equal(first, await counter.ReceiveAsync(Cheque(client.Id, 400m, "000124"))); // a second click
        await counter.ChequeBouncedAsync(first, "No funds");

        var again = await counter.ReceiveAsync(Cheque(client.Id, 400m, "000124"));
        Assert.Equal(again, await counter.ReceiveAsync(Cheque(client.Id, 400m, "000124")));
        await counter.ChequeClearedAsync(again);

        await using var db = company.Open();
        Assert.Equal([(first, "000124", TransactionState.Reversed), (again, "000124 2", TransactionState.Applied)], (await db.ProviderTransactions.OrderBy(t => t.Number).ToListAsync()).Select(t => (t.Id, t.Receipt!, t.State)));
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => counter.ReceiveAsync(Cheque(other.Id, 700m, "000124")));
        Assert.Contains("name the bank", refused.Errors[0].Message, StringComparison.Ordinal);
        var drawnElsewhere = Cheque(other.Id, 700m, "000124");
        drawnElsewhere.Bank = "Equity";
        Assert.NotEqual(again, await counter.ReceiveAsync(drawnElsewhere));
        Assert.Null(await FaultAsync(services));
    }

    [Fact]
    public async Task A_payment_of_a_day_that_a_person_chose_is_refused_where_the_books_are_closed()
    {
        var (services, company) = await StartAsync(DatabaseProvider.Sqlite);
        var client = await company.AddClientAsync();
        await using var scope = services.Scope(company.Id);
        var today = company.Company.Today(services.Clock);
        await scope.ServiceProvider.GetRequiredService<LedgerService>().CloseAsync(today.AddDays(-2));
        var input = new ReceivedInput { ClientId = client.Id, Method = PaymentMethod.BankTransfer, Amount = 900m, Reference = "FT 1", IdempotencyKey = "r", On = today.AddDays(-2) };

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => scope.ServiceProvider.GetRequiredService<CounterService>().ReceiveAsync(input));

        Assert.Equal(nameof(ReceivedInput.On), refused.Errors[0].Field);
        input.On = today.AddDays(-1);
        await scope.ServiceProvider.GetRequiredService<CounterService>().ReceiveAsync(input);
    }

    private static ReceivedInput Cheque(Guid client, decimal amount, string number) => new() { ClientId = client, Method = PaymentMethod.Cheque, Amount = amount, Reference = number, IdempotencyKey = number };
}
