using System.Globalization;
using System.Net;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Notifications.Staff;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Billing;
using DataDefender.Infrastructure.Payments;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Sandbox.Money;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Testing.Payments;

/// <summary>
/// A company that collects through simulated providers on a real socket. Time is the test's: it moves on, messages that are due are
/// told, and one round of the background work is done, all by <see cref="PassAsync"/>.
/// </summary>
public sealed class PaymentBench : IAsyncDisposable
{
    private readonly MoneyServer _server;

    private PaymentBench(TestServices services, TestCompany company, MoneyServer server, PaymentChannel paybill, PaymentChannel bank) =>
        (Services, Company, _server, Paybill, Bank) = (services, company, server, paybill, bank);

    public TestServices Services { get; }

    public TestCompany Company { get; }

    public MoneyWorld World => _server.World;

    public PaymentChannel Paybill { get; }

    public PaymentChannel Bank { get; }

    /// <summary>Told of moved money.</summary>
    public MoneyMoves Moves => Services.Provider.GetRequiredService<MoneyMoves>();

    public static async Task<PaymentBench> StartAsync(DatabaseProvider provider = DatabaseProvider.Sqlite, Action<MoneyOptions>? world = null, Action<ChannelInput>? channel = null, TimeSpan? timeout = null, Action<IServiceCollection>? more = null)
    {
        var services = await TestServices.CreateAsync(provider, s =>
        {
            Register(s, timeout ?? TimeSpan.FromSeconds(10));
            more?.Invoke(s);
        });
        var company = await TestCompany.CreateAsync(services);
        var options = new MoneyOptions { TellsByItself = false, AnswerSeconds = 5 };
        options.Accounts.Add(new MoneyAccountOptions { Provider = MoneyProvider.Mpesa, ShortCode = "522522" });
        options.Accounts.Add(new MoneyAccountOptions { Provider = MoneyProvider.FamilyBank, ShortCode = "222169" });
        world?.Invoke(options);
        var server = await MoneyServer.StartAsync(options, services.Clock);
        var paybill = await company.AddChannelAsync(ChannelKind.Paybill, input => Configure(input, "522522", $"{server.Url}daraja", "/oauth/v1/generate", canPull: true, channel));
        var bank = await company.AddChannelAsync(ChannelKind.FamilyBank, input => Configure(input, "222169", $"{server.Url}familybank", "/connect/token", canPull: false, channel));
        var bench = new PaymentBench(services, company, server, paybill, bank);
        server.World.Deliver = async (url, body) => (await bench.DeliverAsync(url, body)).Status;
        foreach (var confirmed in (PaymentChannel[])[paybill, bank])
        {
            server.World.Register(confirmed.ShortCode, bench.AddressOf(confirmed, CallbackKind.Confirm));
        }

        return bench;
    }

    public async Task<T> AsAsync<T>(Func<IServiceProvider, Task<T>> act, Role role = Role.Owner)
    {
        await using var scope = Company.Scope(role);
        return await act(scope.ServiceProvider);
    }

    public Task AsAsync(Func<IServiceProvider, Task> act, Role role = Role.Owner) => AsAsync(async services =>
    {
        await act(services);
        return true;
    }, role);

    /// <summary>Asks a client for money; the outcome of the push is in the database when it returns.</summary>
    public Task<Guid> AskAsync(Client client, decimal amount, PaymentChannel? channel = null, string? phone = null, string? key = null) => AsAsync(services =>
        services.GetRequiredService<PaymentService>().AskAsync(new AskInput
        {
            ClientId = client.Id, ChannelId = (channel ?? Paybill).Id, Amount = amount, Phone = phone ?? client.Phone, IdempotencyKey = key ?? Guid.CreateVersion7().ToString("N"),
        }));

    /// <summary>Lets time pass: what is due is told, stored, applied and looked after.</summary>
    public async Task PassAsync(TimeSpan by, TimeSpan? step = null)
    {
        var end = Services.Clock.GetUtcNow() + by;
        var stride = step ?? by;
        do
        {
            var left = end - Services.Clock.GetUtcNow();
            Services.Clock.Advance(left < stride ? left : stride);
            await World.TellDueAsync();
            await WorkAsync();
        }
        while (Services.Clock.GetUtcNow() < end);
    }

    /// <summary>The background work until nothing is due.</summary>
    public async Task WorkAsync()
    {
        var worker = Services.Provider.GetRequiredService<PaymentWorker>();
        while (await worker.RunOnceAsync(CancellationToken.None) > 0)
        {
            // Another round: what one applied may be what the next looks at.
        }
    }

    /// <summary>Hands a message in as its HTTP endpoint does.</summary>
    public async Task<InboundAnswer> DeliverAsync(Uri url, string body, string source = "127.0.0.1")
    {
        var parts = url.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        await using var scope = Services.Provider.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<TenantContext>().Use(Guid.Parse(parts[1]));
        return await scope.ServiceProvider.GetRequiredService<InboundDesk>().ReceiveAsync(new InboundCall(
            Guid.Parse(parts[2]), Enum.Parse<CallbackKind>(parts[3], ignoreCase: true), parts[4], parts.ElementAtOrDefault(5), System.Text.Encoding.UTF8.GetBytes(body), "", IPAddress.Parse(source)));
    }

    public Uri AddressOf(PaymentChannel channel, CallbackKind kind, string? push = null) =>
        Services.Provider.GetRequiredService<ICallbackAddresses>().Of(channel, "callback-secret", kind, push)!;

    /// <summary>The first thing that is wrong in the company's books; null when all holds.</summary>
    public async Task<string?> FaultInBooksAsync() => (await Services.Provider.GetRequiredService<LedgerVerifier>().VerifyAsync()).Fault?.ToString();

    /// <summary>What happened so far, for the message of a test that fails.</summary>
    public async Task<string> StoryAsync()
    {
        await Services.Provider.GetRequiredService<ProviderRequestLog>().FlushAsync();
        await using var db = Company.Open();
        var events = await db.PaymentEvents.AsNoTracking().OrderBy(e => e.Id).Select(e => $"{e.Kind}: {e.Text}").ToListAsync();
        var requests = await db.ProviderRequests.AsNoTracking().OrderBy(r => r.Id).Select(r => $"{r.Operation} {r.StatusCode} {r.Error} {r.ResponseBody}").ToListAsync();
        return string.Join('\n', [.. events, .. requests]);
    }

    public async Task<PaymentIntent> IntentAsync(Guid id)
    {
        await using var db = Company.Open();
        return await db.PaymentIntents.AsNoTracking().SingleAsync(i => i.Id == id);
    }

    public async Task<PaymentAttempt> AttemptAsync(Guid intent)
    {
        await using var db = Company.Open();
        return await db.PaymentAttempts.AsNoTracking().OrderByDescending(a => a.CreatedAt).FirstAsync(a => a.IntentId == intent);
    }

    public async Task<List<ProviderTransaction>> PaymentsAsync()
    {
        await using var db = Company.Open();
        return await db.ProviderTransactions.AsNoTracking().OrderBy(t => t.Number).ToListAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await Services.DisposeAsync();
    }

    /// <summary>The services as Web registers them.</summary>
    public static void Register(IServiceCollection services, TimeSpan timeout)
    {
        services.AddPaymentGateways();
        services.AddSingleton<PaymentWorker>();
        services.AddSingleton(provider => new LedgerVerifier(provider.GetRequiredService<ContextSource>()));
        services.AddSingleton<MoneyMoves>().AddSingleton<IMoneyWatcher>(provider => provider.GetRequiredService<MoneyMoves>());
        services.AddScoped<ChannelService>().AddScoped<PaymentService>().AddScoped<PaymentIntake>().AddScoped<PaymentQueries>().AddScoped<InboundDesk>().AddScoped<CounterService>();
        services.AddScoped<OrphanService>().AddScoped<StatementService>().AddScoped<CustodyBoard>().AddScoped<OpeningBalances>().AddScoped<WalletService>().AddScoped<AutoRenewal>();
        services.AddScoped<PushInquiry>().AddScoped<PullFeed>().AddScoped<RefundService>().AddScoped<StatusInquiry>().AddScoped<CardService>().AddScoped<PaymentSettingsService>().AddScoped<PaymentAlerts>().AddScoped<PaymentExports>();
        services.AddScoped<LedgerService>();
        services.AddSingleton<StaffNotifier>().AddSingleton<StaffInbox>();
        services.Configure<PaymentOptions>(o =>
        {
            (o.PublicUrl, o.AllowedProviders, o.RequestTimeout, o.RetryPause) = ("http://pay.test", "127.0.0.1", timeout, TimeSpan.Zero);
        });
    }

    private static void Configure(ChannelInput input, string shortCode, string root, string token, bool canPull, Action<ChannelInput>? more)
    {
        (input.ShortCode, input.BaseUrl, input.TokenUrl, input.CanPull, input.ConfirmAbove) = (shortCode, root, root + token, canPull, 0);
        (input.CanQuery, input.NotFoundCodes) = (true, "404.002.01"); // what the simulated providers' documents say
        more?.Invoke(input);
    }
}

/// <summary>Counts how often it was told that money moved.</summary>
public sealed class MoneyMoves : IMoneyWatcher
{
    private int _count;

    public int Count => _count;

    public void MoneyMoved(Guid tenantId) => Interlocked.Increment(ref _count);
}
