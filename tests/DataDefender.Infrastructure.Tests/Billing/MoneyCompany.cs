using DataDefender.Domain.Billing;
using DataDefender.Domain.Billing.Documents;
using DataDefender.Domain.Billing.Revenue;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Collections;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Billing;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using DataDefender.Testing.Payments;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Billing;

/// <summary>A company from 1 March 2026 with all services of money, on a clock that tests move.</summary>
internal sealed class MoneyCompany(TestServices services, TestCompany company) : IAsyncDisposable
{
    private static readonly Actor Approver = new(Guid.CreateVersion7(), "Somebody else", Permissions.Of(Role.Owner));

    public TestCompany Company => company;

    public ManualClock Clock => services.Clock;

    public DateOnly Today => company.Company.Today(services.Clock);

    public static async Task<MoneyCompany> StartAsync(DatabaseProvider provider = DatabaseProvider.Sqlite)
    {
        var services = await TestServices.CreateAsync(provider, Configure);
        return new MoneyCompany(services, await TestCompany.CreateAsync(services));
    }

    /// <summary>A line with its contract from today, of a package of that price a month.</summary>
    public async Task<Subscription> SellAsync(decimal price = 2_500m, BillingMode mode = BillingMode.Advance, Client? client = null, ServicePackage? package = null)
    {
        package ??= await company.AddPackageAsync(price: price);
        var line = await company.AddSubscriptionAsync(client, package);
        await WithAsync<ContractService>(c => c.OpenAsync(line.Id, new ContractInput { Mode = mode, Price = price }));
        return line;
    }

    public async Task<Guid> PreviewAsync()
    {
        var run = Guid.Empty;
        await WithAsync<BillingRunService>(async s => run = await s.StartAsync(), Actor.System("test"));
        await WorkAsync(run);
        return run;
    }

    public Task ApproveAsync(Guid run) => WithAsync<BillingRunService>(s => s.ApproveAsync(run), Approver);

    public Task WorkAsync(Guid run) => WithAsync<BillingRunWork>(w => w.ContinueAsync(run), Actor.System("billing"));

    /// <summary>A whole run as of today.</summary>
    public async Task RunAsync()
    {
        var run = await PreviewAsync();
        await ApproveAsync(run);
        await WorkAsync(run);
    }

    /// <summary>Money that came to the bank for a client.</summary>
    public async Task<Guid> PayAsync(Guid client, decimal amount)
    {
        var (payment, key) = (Guid.Empty, Guid.CreateVersion7().ToString("N"));
        await WithAsync<CounterService>(async c => payment = await c.ReceiveAsync(new ReceivedInput { ClientId = client, Method = PaymentMethod.BankTransfer, Amount = amount, Reference = key[..20], IdempotencyKey = key }));
        return payment;
    }

    public async Task WithAsync<T>(Func<T, Task> act, Actor? actor = null) where T : notnull
    {
        await using var scope = actor is null ? company.Scope() : services.Scope(company.Id, actor);
        await act(scope.ServiceProvider.GetRequiredService<T>());
    }

    public async Task<T> ReadAsync<T>(Func<DataDefenderDbContext, Task<T>> read)
    {
        await using var db = company.Open();
        return await read(db);
    }

    public async Task ChangeAsync(Func<DataDefenderDbContext, Task> change)
    {
        await using var db = company.Open();
        await change(db);
        await db.SaveChangesAsync();
    }

    public Task<Money> WalletAsync(Guid client) => ReadAsync(db => LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client));

    public Task<BillingRun> NewestRunAsync() => ReadAsync(db => db.BillingRuns.OrderByDescending(r => r.Number).FirstAsync());

    public Task<Subscription> LineAsync(Guid id) => ReadAsync(db => db.Subscriptions.SingleAsync(s => s.Id == id));

    public Task<Contract> ContractAsync(Guid line) => ReadAsync(db => db.Contracts.SingleAsync(c => c.SubscriptionId == line));

    /// <summary>What is wrong with the books, by the verifier; null when nothing is.</summary>
    public async Task<string?> FaultAsync() => (await services.Provider.GetRequiredService<LedgerVerifier>().VerifyAsync()).Fault is { } fault ? $"{fault.Row} {fault.Reason}" : null;

    /// <summary>As somebody with a database client does, who owns the tables.</summary>
    public Task ExecuteAsOwnerAsync(string sql) => services.Database.ExecuteAsOwnerAsync(sql);

    public ValueTask DisposeAsync() => services.DisposeAsync();

    private static void Configure(IServiceCollection services)
    {
        PaymentBench.Register(services, TimeSpan.FromSeconds(5));
        services.AddSingleton<BillingSignal>().AddSingleton<LineSignal>().AddSingleton<MessageSignal>();
        services.AddScoped<BillingRunService>().AddScoped<BillingRunWork>().AddScoped<ContractService>().AddScoped<UnbilledLineService>().AddScoped<InvoiceService>().AddScoped<DocumentService>().AddScoped<PlanChangeService>().AddScoped<BillingDayService>().AddScoped<LedgerService>().AddScoped<RevenueRecognition>().AddScoped<LedgerSealing>().AddScoped<CouponService>().AddScoped<BillingSettingsService>();
        services.AddScoped<LicenceGuard>().AddScoped<SubscriptionService>().AddScoped<CollectionsRun>();
    }
}
