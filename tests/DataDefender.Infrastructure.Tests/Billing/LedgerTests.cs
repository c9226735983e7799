using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Billing;

/// <summary>Posting, on each database.</summary>
public sealed class LedgerTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    [Theory, EachDatabase]
    public async Task The_same_event_posted_again_gives_the_first_transaction(DatabaseProvider provider)
    {
        var (_, company, client) = await StartAsync(provider);
        var receipt = Receipt("mpesa:SKA1", client, 500m, At(company));

        var first = await PostAsync(company, receipt);
        var again = await PostAsync(company, receipt with { Memo = "told twice" });

        Assert.Equal(first.Sequence, again.Sequence);
        await using var db = company.Open();
        Assert.Equal(1, await db.JournalTransactions.CountAsync());
        Assert.Equal(2, await db.JournalLines.CountAsync());
    }

    [Theory, EachDatabase]
    public async Task Another_event_under_the_same_key_is_refused(DatabaseProvider provider)
    {
        var (_, company, client) = await StartAsync(provider);
        await PostAsync(company, Receipt("mpesa:SKA1", client, 500m, At(company)));

        var refused = await Assert.ThrowsAsync<DomainException>(() => PostAsync(company, Receipt("mpesa:SKA1", client, 600m, At(company))));

        Assert.Equal("ledger.key", refused.Code);
    }

    [Theory, EachDatabase]
    public async Task A_posting_that_does_not_balance_is_refused_and_leaves_nothing(DatabaseProvider provider)
    {
        var (_, company, client) = await StartAsync(provider);
        var good = Receipt("a", client, 500m, At(company));

        foreach (var bad in (JournalPosting[])
        [
            good with { Legs = [good.Legs[0]] },
            good with { Legs = [good.Legs[0], good.Legs[1] with { Credit = Money.Of(499m) }] },
            good with { Legs = [good.Legs[0], good.Legs[1] with { ClientId = null }] },
            good with { Legs = [good.Legs[0] with { Channel = null }, good.Legs[1]] },
            good with { Legs = [good.Legs[0] with { Debit = Money.Of(-500m) }, good.Legs[1] with { Credit = Money.Of(-500m) }] },
        ])
        {
            Assert.Equal("ledger.posting", (await Assert.ThrowsAsync<DomainException>(() => PostAsync(company, bad))).Code);
        }

        await using var db = company.Open();
        Assert.Equal(0, await db.JournalTransactions.CountAsync());
        Assert.Equal(0, (await db.LedgerHeads.SingleAsync()).Sequence);
    }

    [Theory, EachDatabase]
    public async Task A_transaction_is_taken_back_once(DatabaseProvider provider)
    {
        var (_, company, client) = await StartAsync(provider);
        var posted = await PostAsync(company, Receipt("mpesa:SKA1", client, 500m, At(company)));

        var back = await ReverseAsync(company, posted.Sequence, "back:1");
        Assert.Equal(posted.Sequence, back.Reverses);
        Assert.Equal(back.Sequence, (await ReverseAsync(company, posted.Sequence, "back:1")).Sequence); // told twice
        Assert.Equal("ledger.reversed", (await Assert.ThrowsAsync<DomainException>(() => ReverseAsync(company, posted.Sequence, "back:2"))).Code);
        Assert.Equal("ledger.reversal", (await Assert.ThrowsAsync<DomainException>(() => ReverseAsync(company, back.Sequence, "back:3"))).Code);

        await using var db = company.Open();
        Assert.Equal(Money.Zero, await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client));
        Assert.Equal(Money.Zero, await LedgerBalances.OfAccountAsync(db, AccountKind.Clearing, "mpesa"));
    }

    [Theory, EachDatabase]
    public async Task Nothing_is_posted_into_a_closed_period(DatabaseProvider provider)
    {
        var (services, company, client) = await StartAsync(provider);
        var yesterday = services.Clock.Now.AddDays(-1);
        await using (var db = company.Open())
        {
            await using var turn = await db.TakeLedgerTurnAsync();
            turn.Close(DateOnly.FromDateTime(yesterday));
            await turn.CommitAsync();
        }

        var refused = await Assert.ThrowsAsync<DomainException>(() => PostAsync(company, Receipt("late", client, 5m, yesterday)));
        Assert.Equal("ledger.closed", refused.Code);
        Assert.Contains("2026-02-28", refused.Message, StringComparison.Ordinal);
        await PostAsync(company, Receipt("today", client, 5m, services.Clock.Now));

        await using var invoicing = company.Open();
        await using var again = await invoicing.TakeLedgerTurnAsync();
        var backdated = new Invoice(company.Id, client, "KES", "test", [new LineDraft(LineKind.OneTime, "Backdated", Money.Of(1m), TaxRule.None, client)], services.Clock.Now);
        await Assert.ThrowsAsync<DomainException>(() => Invoicing.IssueAsync(
            invoicing, again, [backdated], new BillingSettings(company.Id), DateOnly.FromDateTime(yesterday), DateOnly.FromDateTime(yesterday)));
    }

    [Theory, EachDatabase]
    public async Task What_is_in_the_books_is_changed_by_nobody(DatabaseProvider provider)
    {
        var (_, company, client) = await StartAsync(provider);
        await PostAsync(company, Receipt("mpesa:SKA1", client, 500m, At(company)));

        await using (var db = company.Open())
        {
            var transaction = await db.JournalTransactions.Include(t => t.Lines).SingleAsync();
            db.Entry(transaction).Property(t => t.Memo).CurrentValue = "another";
            await Assert.ThrowsAsync<InvalidOperationException>(() => db.SaveChangesAsync());
        }

        await using (var db = company.Open())
        {
            db.JournalLines.Remove(await db.JournalLines.FirstAsync());
            await Assert.ThrowsAsync<InvalidOperationException>(() => db.SaveChangesAsync());
        }

        foreach (var sql in (string[])
        [
            "UPDATE journal_transactions SET memo = 'another'", "DELETE FROM journal_lines", "UPDATE journal_lines SET debit_minor = 1 WHERE debit_minor > 0", "DELETE FROM journal_transactions",
        ])
        {
            await using var db = company.Open();
            var refused = await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => db.ExecuteAsync(sql));
            Assert.Contains("append-only", refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory, EachDatabase]
    public async Task Companies_keep_books_of_their_own_and_do_not_wait_for_each_other(DatabaseProvider provider)
    {
        if (provider is DatabaseProvider.Sqlite)
        {
            return; // one writer a file
        }

        var (services, company, client) = await StartAsync(provider);
        var other = await TestCompany.CreateAsync(services, "Lakeside");
        var guest = (await other.AddClientAsync()).Id;

        await using var db = company.Open();
        await using var turn = await db.TakeLedgerTurnAsync();
        await turn.PostAsync(Receipt("x", client, 1m, At(company)));
        Assert.Equal(1, (await PostAsync(other, Receipt("x", guest, 2m, At(other)))).Sequence); // while the first holds his turn
        await turn.CommitAsync();
    }

    private static DateTime At(TestCompany company) => company.Company.RegisteredAt;

    private static JournalPosting Receipt(string key, Guid client, decimal amount, DateTime at) => new(
        "payment.received", key, at, $"Receipt {key}", "Payment", client,
        [PostingLeg.OnDebit(AccountKind.Clearing, Money.Of(amount), channel: "mpesa"), PostingLeg.OnCredit(AccountKind.Wallet, Money.Of(amount), client)]);

    private static async Task<JournalTransaction> PostAsync(TestCompany company, JournalPosting posting)
    {
        await using var db = company.Open();
        await using var turn = await db.TakeLedgerTurnAsync();
        var posted = await turn.PostAsync(posting);
        await turn.CommitAsync();
        return posted;
    }

    private static async Task<JournalTransaction> ReverseAsync(TestCompany company, long sequence, string key)
    {
        await using var db = company.Open();
        await using var turn = await db.TakeLedgerTurnAsync();
        var posted = await turn.ReverseAsync(sequence, "payment.reversed", key, "Taken back", At(company));
        await turn.CommitAsync();
        return posted;
    }

    private async Task<(TestServices Services, TestCompany Company, Guid Client)> StartAsync(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider);
        var company = await TestCompany.CreateAsync(services);
        return (services, company, (await company.AddClientAsync()).Id);
    }
}
