using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Persistence;

/// <summary>Rows that go in bulk where the database can take them so, and one by one elsewhere, end alike.</summary>
public sealed class PostgresBulkTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    [Theory, EachDatabase]
    public async Task Many_rows_are_written_read_back_changed_and_stay_changeable(DatabaseProvider provider)
    {
        var company = await TestCompany.CreateAsync(await databases.GetAsync(provider));
        var client = await company.AddClientAsync();
        await using var db = company.Open();
        var drafts = Enumerable.Range(0, 20).Select(n => Draft(company, client.Id, 100m + n, $"key:{n}")).ToList();
        db.Invoices.AddRange(drafts);
        await db.SaveChangesAsync();
        Assert.All(db.ChangeTracker.Entries(), e => Assert.Equal(EntityState.Unchanged, e.State));

        var lines = await db.InvoiceLines.OrderBy(l => l.Net.Minor).ToListAsync();
        lines.ForEach(l => l.Credit(new Money(l.Total.Minor / 2)));
        await db.SaveChangesAsync();
        lines.ForEach(l => l.Credit(new Money(100))); // from what was saved a moment ago
        await db.SaveChangesAsync();

        await using var read = company.Open();
        Assert.Equal(lines.Select(l => l.Credited), (await read.InvoiceLines.OrderBy(l => l.Net.Minor).ToListAsync()).Select(l => l.Credited));
        Assert.Equal(new Money((lines[0].Total.Minor / 2) + 100), lines[0].Credited);
    }

    [Theory, EachDatabase]
    public async Task What_the_database_refuses_is_refused_as_a_save(DatabaseProvider provider)
    {
        var company = await TestCompany.CreateAsync(await databases.GetAsync(provider));
        var client = await company.AddClientAsync();
        await using var db = company.Open();
        db.Invoices.AddRange(Enumerable.Range(0, 20).Select(n => Draft(company, client.Id, 100m, "the same")));

        await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync());

        await using var read = company.Open();
        Assert.Equal(0, await read.Invoices.CountAsync());
    }

    [Theory, EachDatabase]
    public async Task Rows_that_somebody_else_changed_meanwhile_are_not_overwritten(DatabaseProvider provider)
    {
        var company = await TestCompany.CreateAsync(await databases.GetAsync(provider));
        for (var i = 0; i < 12; i++)
        {
            var line = await company.AddSubscriptionAsync();
            await using var add = company.Open();
            add.Contracts.Add(new Contract(company.Id, line.Id, line.ClientId, line.Username, BillingMode.Advance, 1, new ContractTerm(new DateOnly(2026, 3, 1), line.PackageId, "Home", 100, 1, Domain.Subscriptions.PeriodUnit.Month)));
            await add.SaveChangesAsync();
        }

        await using var slow = company.Open();
        var contracts = await slow.Contracts.ToListAsync();
        await using (var fast = company.Open())
        {
            (await fast.Contracts.FirstAsync()).BilledTo(new DateOnly(2026, 5, 1));
            await fast.SaveChangesAsync();
        }

        contracts.ForEach(c => c.BilledTo(new DateOnly(2026, 4, 1)));
        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => slow.SaveChangesAsync());

        await using var read = company.Open();
        Assert.Equal(11, await read.Contracts.CountAsync(c => c.BilledUntil == new DateOnly(2026, 3, 1)));
    }

    private static Invoice Draft(TestCompany company, Guid client, decimal price, string key) =>
        new(company.Id, client, "KES", "test", [new LineDraft(LineKind.OneTime, "Something", Money.Of(price), TestCompany.KenyanTax, client, Key: key)], company.Now);
}
