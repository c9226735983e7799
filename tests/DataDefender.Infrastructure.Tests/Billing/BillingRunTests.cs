using System.Data.Common;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Billing;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Billing;

/// <summary>A run from preview to the last invoice, with everything that can come in between.</summary>
public sealed class BillingRunTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    private static readonly DateOnly Today = new(2026, 3, 1);

    [Theory, EachDatabase]
    public async Task What_was_previewed_is_what_is_written(DatabaseProvider provider)
    {
        var bench = await StartAsync(provider, clients: 5);
        var parent = await bench.ChildrenAsync(2);
        var run = await bench.PreviewAsync();
        var preview = await bench.BillsAsync(run);
        Assert.Equal(6, preview.Count); // the children's bills are the parent's
        Assert.All(preview, b => Assert.Equal("first bill", b.Reasons));

        await bench.ApproveAsync(run);
        await bench.WorkAsync(run);

        await using var db = bench.Company.Open();
        var invoices = await db.Invoices.Include(i => i.Lines).ToListAsync();
        Assert.Equal(
            preview.Select(b => (b.ClientId, b.Total)).OrderBy(b => b.ClientId),
            invoices.Select(i => (i.ClientId, i.Total)).OrderBy(i => i.ClientId));
        var corporate = invoices.Single(i => i.ClientId == parent);
        Assert.Equal(3, corporate.Lines.Select(l => l.ClientId).Distinct().Count());
        var written = await db.BillingRuns.SingleAsync();
        Assert.Equal((RunState.Done, 6, 0), (written.State, written.Written, written.LeftOut));
        Assert.Equal(Enumerable.Range(1, 6).Select(n => (long?)n), invoices.Select(i => i.Number).Order());
        Assert.Null((await bench.VerifyAsync()).Fault);
    }

    [Theory, EachDatabase]
    public async Task Running_twice_bills_once(DatabaseProvider provider)
    {
        var bench = await StartAsync(provider, clients: 3);
        await bench.RunAsync();
        Assert.Empty(await bench.BillsAsync(await bench.PreviewAsync()));

        await using var db = bench.Company.Open();
        Assert.Equal(3, await db.Invoices.CountAsync());
    }

    [Theory, EachDatabase]
    public async Task What_a_void_invoice_billed_is_billed_again_by_the_next_run(DatabaseProvider provider)
    {
        var bench = await StartAsync(provider, clients: 2);
        await using (var db = bench.Company.Open())
        {
            db.Charges.Add(new Charge(bench.Company.Id, (await db.Contracts.FirstAsync()).ClientId, null, new ChargeInput { Description = "Cable", Price = 100m }, Today));
            await db.SaveChangesAsync();
        }

        await bench.RunAsync();
        Money total;
        await using (var db = bench.Company.Open())
        {
            await using var turn = await db.TakeLedgerTurnAsync();
            var dearest = await db.Invoices.Include(i => i.Lines).OrderByDescending(i => i.Total.Minor).FirstAsync();
            total = dearest.Total;
            await Invoicing.VoidAsync(turn, dearest, "Wrong address");
            await turn.CommitAsync();
        }

        await bench.RunAsync();

        await using var after = bench.Company.Open();
        Assert.Equal(total, (await after.Invoices.SingleAsync(i => i.Number == 3)).Total);
        Assert.Null((await bench.VerifyAsync()).Fault);
    }

    [Theory, EachDatabase]
    public async Task A_run_is_refused_when_something_was_changed_after_the_preview(DatabaseProvider provider)
    {
        var bench = await StartAsync(provider, clients: 3);
        var run = await bench.PreviewAsync();
        await using (var db = bench.Company.Open())
        {
            (await db.Contracts.FirstAsync()).Grant(500, null, "Loyal");
            await db.SaveChangesAsync();
        }

        await bench.ApproveAsync(run);
        await bench.WorkAsync(run);

        await using var after = bench.Company.Open();
        var refused = await after.BillingRuns.SingleAsync();
        Assert.Equal(RunState.Refused, refused.State);
        Assert.Contains("Nothing was written", refused.Reason, StringComparison.Ordinal);
        Assert.Equal(0, await after.Invoices.CountAsync());
    }

    [Theory, EachDatabase]
    public async Task Who_made_the_preview_does_not_approve_it_where_there_are_two(DatabaseProvider provider)
    {
        var bench = await StartAsync(provider, clients: 1);
        await bench.Company.AddStaffAsync(Role.Owner);
        await bench.Company.AddStaffAsync(Role.Finance);
        var person = new Actor(Guid.CreateVersion7(), "Achieng", Permissions.Of(Role.Finance));
        var run = await bench.ActAsync(person, s => s.StartAsync());
        await bench.WorkAsync(run);

        Assert.Equal("run.same-person", (await Assert.ThrowsAsync<DomainException>(() => bench.ActAsync(person, s => s.ApproveAsync(run)))).Code);
        await bench.ApproveAsync(run);
    }

    [Theory, EachDatabase]
    public async Task The_second_bill_says_why_it_differs_from_the_first(DatabaseProvider provider)
    {
        await using var services = await TestServices.CreateAsync(provider, Configure); // its clock is moved
        var bench = await StartAsync(services, clients: 4);
        await bench.RunAsync();
        Guid dearer, charged;
        await using (var db = bench.Company.Open())
        {
            var contracts = await db.Contracts.OrderBy(c => c.Label).ToListAsync();
            (dearer, charged) = (contracts[0].ClientId, contracts[1].ClientId);
            contracts[0].ChangeTo(new ContractTerm(new DateOnly(2026, 4, 1), contracts[0].Terms.Terms[0].PackageId, "Home 100", 900_000, 1, PeriodUnit.Month));
            db.Charges.Add(new Charge(bench.Company.Id, charged, null, new ChargeInput { Description = "Cable", Price = 100m }, Today));
            await db.SaveChangesAsync();
        }

        services.Clock.Advance(TimeSpan.FromDays(31));
        var bills = (await bench.BillsAsync(await bench.PreviewAsync())).ToList();

        Assert.Equal(dearer, bills[0].ClientId); // what stands out comes first
        Assert.True(bills[0].StandsOut);
        Assert.Equal("plan change", bills[0].Reasons);
        Assert.Equal("one-time charges", bills.Single(b => b.ClientId == charged).Reasons);
        Assert.All(bills.Where(b => b.ClientId != dearer && b.ClientId != charged), b => Assert.Equal("", b.Reasons));
    }

    /// <summary>The process dies at each statement in turn, before it is sent or after it was done; another goes on.</summary>
    [Theory]
    [InlineData(DatabaseProvider.Sqlite, 1)]
    [InlineData(DatabaseProvider.PostgreSql, 5)]
    public async Task Killed_at_any_statement_and_begun_again_a_run_bills_each_client_once(DatabaseProvider provider, int step)
    {
        Assert.SkipWhen(TestDatabase.Absence(provider) is not null, TestDatabase.Absence(provider) ?? "");
        var statements = 0;
        {
            var whole = await StartAsync(provider, clients: 2);
            var counter = new Dies(int.MaxValue, after: false);
            var run = await whole.PreviewAsync();
            await whole.ApproveAsync(run);
            await whole.WorkAsync(run, counter);
            statements = counter.Seen;
        }

        Assert.True(statements > 20);
        for (var at = 1; at <= statements; at += step)
        {
            foreach (var after in (bool[])[false, true])
            {
                var bench = await StartAsync(provider, clients: 2);
                var run = await bench.ActAsync(Actor.System("test"), s => s.StartAsync());
                await Record.ExceptionAsync(() => bench.WorkAsync(run, new Dies(at, after)));
                await bench.WorkAsync(run);
                await bench.ApproveAsync(run);
                await Record.ExceptionAsync(() => bench.WorkAsync(run, new Dies(at, after)));
                await bench.WorkAsync(run);

                await using var db = bench.Company.Open();
                Assert.Equal((RunState.Done, 2), ((await db.BillingRuns.SingleAsync()).State, (await db.BillingRuns.SingleAsync()).Written));
                Assert.Equal([(long?)1, 2], await db.Invoices.OrderBy(i => i.Number).Select(i => i.Number).ToListAsync());
                Assert.Equal(2, await db.Invoices.Select(i => i.ClientId).Distinct().CountAsync());
                Assert.Equal(2, await db.JournalTransactions.CountAsync());
            }
        }

        Assert.Null((await (await StartAsync(provider, clients: 0)).VerifyAsync()).Fault); // of all companies made here
    }

    private async Task<Bench> StartAsync(DatabaseProvider provider, int clients)
    {
        return await StartAsync(await databases.GetAsync(provider, Configure), clients);
    }

    private static void Configure(IServiceCollection services) => services.AddBilling().AddSingleton<BillingSignal>().AddScoped<BillingRunService>().AddScoped<BillingRunWork>();

    private static async Task<Bench> StartAsync(TestServices services, int clients)
    {
        var company = await TestCompany.CreateAsync(services);
        var bench = new Bench(services, company);
        await bench.SellAsync(clients);
        return bench;
    }

    /// <summary>Throws at one statement, as if the process had ended there.</summary>
    private sealed class Dies(int at, bool after) : DbCommandInterceptor, IDbTransactionInterceptor
    {
        public int Seen { get; private set; }

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            Count(before: true);
            return ValueTask.FromResult(result);
        }

        public override ValueTask<DbDataReader> ReaderExecutedAsync(DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
        {
            Count(before: false);
            return ValueTask.FromResult(result);
        }

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            Count(before: true);
            return ValueTask.FromResult(result);
        }

        public override ValueTask<int> NonQueryExecutedAsync(DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default)
        {
            Count(before: false);
            return ValueTask.FromResult(result);
        }

        public ValueTask<InterceptionResult> TransactionCommittingAsync(DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
        {
            Count(before: true);
            return ValueTask.FromResult(result);
        }

        public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Count(before: false);
            return Task.CompletedTask;
        }

        private void Count(bool before)
        {
            Seen += before ? 1 : 0;
            if (Seen == at && before != after)
            {
                throw new InvalidOperationException("The process ended here.");
            }
        }
    }

    private sealed class InterceptedFactory(TestServices services, Guid company, IInterceptor interceptor) : IDataDefenderDbFactory
    {
        public Task<IDataDefenderDb> OpenAsync(CancellationToken ct = default) => Task.FromResult<IDataDefenderDb>(services.Open(company, interceptor));
    }

    private sealed class Bench(TestServices services, TestCompany company)
    {
        public TestServices Services => services;

        public TestCompany Company => company;

        public async Task SellAsync(int clients)
        {
            for (var i = 0; i < clients; i++)
            {
                await SellAsync(await company.AddSubscriptionAsync());
            }
        }

        /// <summary>A client that pays for itself and for some others.</summary>
        public async Task<Guid> ChildrenAsync(int count)
        {
            var parent = await company.AddSubscriptionAsync();
            await SellAsync(parent);
            for (var i = 0; i < count; i++)
            {
                var child = await company.AddSubscriptionAsync();
                await SellAsync(child);
                await using var db = company.Open();
                var profile = new BillingProfile(company.Id, child.ClientId);
                profile.Change(parent.ClientId, null, null, null);
                db.Add(profile);
                await db.SaveChangesAsync();
            }

            return parent.ClientId;
        }

        public async Task<Guid> PreviewAsync()
        {
            var run = await ActAsync(Actor.System("test"), s => s.StartAsync());
            await WorkAsync(run);
            return run;
        }

        public Task ApproveAsync(Guid run) => ActAsync(new Actor(Guid.CreateVersion7(), "Somebody else", Permissions.Of(Role.Owner)), s => s.ApproveAsync(run));

        public async Task RunAsync()
        {
            var run = await PreviewAsync();
            await ApproveAsync(run);
            await WorkAsync(run);
        }

        public async Task WorkAsync(Guid run, IInterceptor? interceptor = null)
        {
            await using var scope = services.Scope(company.Id, Actor.System("billing"));
            var work = interceptor is null
                ? scope.ServiceProvider.GetRequiredService<BillingRunWork>()
                : new BillingRunWork(new InterceptedFactory(services, company.Id, interceptor), scope.ServiceProvider.GetRequiredService<TenantContext>(), scope.ServiceProvider.GetRequiredService<CurrentUser>(), services.Clock);
            await work.ContinueAsync(run);
        }

        public async Task<IReadOnlyList<RunBillRow>> BillsAsync(Guid run) => (await ActAsync(Actor.System("test"), s => s.BillsAsync(run, new GridQuery(PageSize: 100)))).Items;

        public Task<LedgerVerdict> VerifyAsync() => services.Provider.GetRequiredService<LedgerVerifier>().VerifyAsync();

        public async Task<T> ActAsync<T>(Actor actor, Func<BillingRunService, Task<T>> act)
        {
            await using var scope = services.Scope(company.Id, actor);
            return await act(scope.ServiceProvider.GetRequiredService<BillingRunService>());
        }

        public async Task ActAsync(Actor actor, Func<BillingRunService, Task> act)
        {
            await using var scope = services.Scope(company.Id, actor);
            await act(scope.ServiceProvider.GetRequiredService<BillingRunService>());
        }

        private async Task SellAsync(Subscription line)
        {
            await using var db = company.Open();
            db.Add(new Contract(company.Id, line.Id, line.ClientId, line.Username, BillingMode.Advance, 1, new ContractTerm(Today, line.PackageId, "Home 10", 250_000, 1, PeriodUnit.Month)));
            await db.SaveChangesAsync();
        }
    }
}
