using System.Diagnostics;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Collections;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Collections;
using DataDefender.Infrastructure.Lines;
using DataDefender.Infrastructure.Messaging;
using DataDefender.Infrastructure.Network.RouterOs;
using DataDefender.Infrastructure.Tests.Lines;
using DataDefender.Sandbox;
using DataDefender.Sandbox.RouterOs;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DataDefender.Infrastructure.Tests.Collections;

/// <summary>From an unpaid invoice to the walled garden on the router and back by payment, over the real protocols on real sockets.</summary>
public sealed class SandboxCollectionsTests : IAsyncLifetime
{
    private readonly SandboxLineTests.AcceptingRadius _radius = new("5M/10M");
    private SandboxWorld _world = null!;
    private TestServices _services = null!;
    private TestCompany _company = null!;
    private Subscription _line = null!;

    private SimulatedRouter Router => _world["r1"];

    public async ValueTask InitializeAsync()
    {
        _world = await SandboxWorld.StartAsync(new SandboxOptions
        {
            HttpPort = 0,
            Radius = new RadiusServerOptions { AuthenticationPort = _radius.AuthenticationPort, AccountingPort = _radius.AccountingPort, Secret = "testing123" },
            Routers = [new RouterOptions { Name = "r1", Personality = "v7.22", Password = "pw" }],
            Subscribers = [new SubscriberOptions { Username = "jane", Password = "pw", Router = "r1", Method = AuthenticationMethod.Pap }],
        });
        await Router.Nas.UntilAsync(n => n.Online == 1);
        _services = await TestServices.CreateAsync(configure: s => s
            .AddSingleton(TimeProvider.System)
            .AddSingleton<LiveMetrics>().AddScoped<LicenceGuard>().AddScoped<SubscriptionService>().AddRouterOs().AddLineControl()
            .AddMessaging().AddCollections().AddScoped<CollectionsRun>().AddScoped<PaidLines>().AddScoped<MessagingSettingsService>()
            .AddScoped<PolicyEvaluation>().AddScoped<AutoRenewal>().AddScoped<CounterService>().AddSingleton<IMoneyWatcher, CollectionsWatcher>()
            .Configure<MessagingOptions>(o => o.AfricasTalkingUrl = $"{_world.ControlUrl}africastalking")
            .Configure<RouterOsOptions>(o => o.DeniedNetworks = ""));
        _company = await TestCompany.CreateAsync(_services);
        var router = await _company.AddRouterAsync("r1", "127.0.0.1", Router.ApiEndPoint!.Port, "admin", "pw");
        var nas = await _company.AddNasAsync("127.0.0.1", "testing123", router, configure: n => n.CoaPort = Router.CoaEndPoint!.Port);
        _line = await _company.AddSubscriptionAsync(await _company.AddClientAsync("Jane Wambui", "0712345678"), await _company.AddPackageAsync("Home 10", 10_000, 5_000), username: "jane");
        var session = Router.Nas.Session("jane")!;
        await using (var db = _company.Open())
        {
            var now = TimeProvider.System.GetUtcNow().UtcDateTime;
            db.LiveSessions.Add(new LiveSession
            {
                TenantId = _company.Id, NasId = nas.Id, AcctSessionId = session.Id, SubscriptionId = _line.Id, Username = "jane", FramedAddress = session.Address!.ToString(), StartedAt = now, UpdatedAt = now,
            });
            var settings = new CollectionsSettings(_company.Id);
            settings.Change(DunningPolicy.Standard with
            {
                IsOn = true, SuspendDays = (WeekDays)127, SuspendFrom = TimeOnly.MinValue, SuspendUntil = new(23, 59), TellFrom = TimeOnly.MinValue, TellUntil = new(23, 59),
                MaintenanceFrom = TimeOnly.MinValue, MaintenanceUntil = TimeOnly.MinValue,
            });
            db.CollectionsSettings.Add(settings);
            await db.SaveChangesAsync();
        }

        await using (var scope = _company.Scope())
        {
            await scope.ServiceProvider.GetRequiredService<MessagingSettingsService>().SaveAsync(new MessagingInput { SmsOn = true, SmsUsername = "savanna", SmsKey = "key" });
        }

        foreach (var service in Background())
        {
            await service.StartAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in Background())
        {
            await service.StopAsync(CancellationToken.None);
        }

        await _services.DisposeAsync();
        await _world.DisposeAsync();
        await _radius.DisposeAsync();
    }

    [Fact]
    public async Task An_unpaid_client_is_suspended_on_the_router_told_by_SMS_and_restored_by_payment_within_five_seconds()
    {
        var invoice = await IssueAsync(daysAgo: 10);
        await RunAsync();
        await UntilAsync(() => Router.Nas.Session("jane") is { IsWalled: true });
        await UntilAsync(() => _world.Messages.All.Any(m => m.Text.Contains("is suspended", StringComparison.Ordinal) && m.To == "+254712345678"));

        var watch = Stopwatch.StartNew();
        await PayAsync(invoice);
        await UntilAsync(() => Router.Nas.Session("jane") is { IsWalled: false });
        var took = watch.Elapsed;

        TestContext.Current.TestOutputHelper?.WriteLine($"restored {took.TotalMilliseconds:0} ms after the payment, without being woken");
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        await UntilAsync(() => _world.Messages.All.Any(m => m.Text.Contains("is back", StringComparison.Ordinal)));
        await using var db = _company.Open();
        Assert.Equal(SubscriptionState.Active, (await db.Subscriptions.SingleAsync()).State);
        Assert.Equal(["Warned by SMS and e-mail", "Suspended jane", "Restored jane"], (await db.DunningEntries.Where(e => e.Outcome != DunningOutcome.Skipped).OrderBy(e => e.Id).ToListAsync()).Select(e => e.Text.Split('.', ':')[0]));
    }

    [Fact]
    public async Task A_payment_that_lacks_some_cents_restores_a_line_within_five_seconds_too()
    {
        var invoice = await IssueAsync(daysAgo: 10);
        await RunAsync();
        await UntilAsync(() => Router.Nas.Session("jane") is { IsWalled: true });

        var watch = Stopwatch.StartNew();
        await PayAsync(invoice, less: 0.54m);
        new CollectionsWatcher(_services.Provider.GetRequiredService<CollectionsSignal>()).MoneyMoved(_company.Id); // as who books payments does
        await UntilAsync(() => Router.Nas.Session("jane") is { IsWalled: false });

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_prepaid_line_that_ran_out_three_weeks_ago_is_back_on_the_router_within_five_seconds_of_the_money()
    {
        await using (var db = _company.Open())
        {
            (await db.Subscriptions.SingleAsync()).ExpireAt(TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-21));
            await db.SaveChangesAsync();
        }

        await using var scope = _company.Scope();
        await scope.ServiceProvider.GetRequiredService<PolicyEvaluation>().EvaluateAsync(DateTime.UnixEpoch, TestContext.Current.CancellationToken);
        await UntilAsync(() => Router.Nas.Session("jane") is { IsWalled: true });
        var price = await PriceAsync();

        var watch = Stopwatch.StartNew();
        await scope.ServiceProvider.GetRequiredService<CounterService>().ReceiveAsync(
            new ReceivedInput { ClientId = _line.ClientId, Method = PaymentMethod.BankTransfer, Amount = price, Reference = "FT 21 days", IdempotencyKey = "r" }, TestContext.Current.CancellationToken);
        await UntilAsync(() => Router.Nas.Session("jane") is { IsWalled: false });

        TestContext.Current.TestOutputHelper?.WriteLine($"back {watch.Elapsed.TotalMilliseconds:0} ms after the payment");
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        await using var after = _company.Open();
        Assert.True((await after.Subscriptions.SingleAsync()).ExpiresAt > TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(27));
        Assert.Equal(InvoiceStatus.Paid, (await after.Invoices.SingleAsync()).Status);
    }

    [Fact]
    public async Task What_was_suspended_for_another_reason_stays_so_and_so_does_a_line_with_something_else_overdue()
    {
        var (first, second) = (await IssueAsync(daysAgo: 20), await IssueAsync(daysAgo: 10));
        await RunAsync();
        await PayAsync(first);
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        await using (var db = _company.Open())
        {
            Assert.Equal(SubscriptionState.Suspended, (await db.Subscriptions.SingleAsync()).State);
            var line = await db.Subscriptions.SingleAsync();
            line.Restore(TimeProvider.System.GetUtcNow().UtcDateTime);
            line.Suspend(SuspendReason.Abuse, "Spam", TimeProvider.System.GetUtcNow().UtcDateTime);
            await db.SaveChangesAsync();
        }

        await PayAsync(second);
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        await using var after = _company.Open();
        Assert.Equal(SuspendReason.Abuse, (await after.Subscriptions.SingleAsync()).SuspendReason);
    }

    private IEnumerable<IHostedService> Background() => _services.Provider.GetServices<IHostedService>().Where(s => s is LineCommandDispatcher or MessageDispatcher or PaidLineWatch);

    private async Task<Guid> IssueAsync(int daysAgo)
    {
        await using var db = _company.Open();
        await using var turn = await db.TakeLedgerTurnAsync();
        var invoice = new Invoice(_company.Id, _line.ClientId, "KES", "test", [new LineDraft(LineKind.OneTime, "Internet", Money.Of(2_500), TaxRule.None, _line.ClientId, _line.Id)], turn.Now);
        db.Invoices.Add(invoice);
        await Invoicing.IssueAsync(db, turn, [invoice], await CurrentBillingSettings.OfAsync(db), turn.Today.AddDays(-daysAgo), turn.Today.AddDays(-daysAgo));
        await turn.CommitAsync();
        return invoice.Id;
    }

    private async Task<decimal> PriceAsync()
    {
        await using var db = _company.Open();
        return (await db.Packages.SingleAsync()).Price.Amount;
    }

    /// <summary>As a payment does it: money on the invoice, posted in the same turn.</summary>
    private async Task PayAsync(Guid id, decimal less = 0)
    {
        await using var db = _company.Open();
        await using var turn = await db.TakeLedgerTurnAsync();
        var invoice = await db.Invoices.Include(i => i.Lines).SingleAsync(i => i.Id == id);
        var amount = invoice.Balance - Money.Of(less);
        await Receivables.SettleAsync(db, turn, invoice, amount);
        await turn.PostAsync(new JournalPosting(
            "payment.received", $"payment:{Guid.CreateVersion7()}", turn.Now, "Test payment", "Payment", Guid.CreateVersion7(),
            [PostingLeg.OnDebit(AccountKind.Cash, amount, channel: "desk"), PostingLeg.OnCredit(AccountKind.Receivable, amount, _line.ClientId)]));
        await turn.CommitAsync();
    }

    private async Task RunAsync()
    {
        await using var scope = _company.Scope();
        await scope.ServiceProvider.GetRequiredService<CollectionsRun>().RunAsync(TestContext.Current.CancellationToken);
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        var watch = Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), "It did not come about within 30 seconds.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
