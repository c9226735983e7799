using System.Globalization;
using System.Text.Json;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Collections;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Reports;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Billing;
using DataDefender.Infrastructure.Identity;
using DataDefender.Infrastructure.Network.RouterOs;
using DataDefender.Infrastructure.Payments;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Infrastructure.Seeding;
using DataDefender.Sandbox;
using DataDefender.Testing;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Seeding;

public sealed class DemoSeedTests
{
    private const string Password = "a long demo password";

    [Theory, EachDatabase]
    public async Task It_makes_three_companies_and_lines_in_every_state(DatabaseProvider provider)
    {
        await using var services = await CreateAsync(provider);

        Assert.Equal(0, await SeedAsync(services, routerPort: 9000));

        await using var db = services.OpenPlatform();
        var companies = await db.Companies.ToDictionaryAsync(c => c.Slug);
        Assert.Equal(CompanyStatus.Active, companies[DemoSeed.MainSlug].Status);
        Assert.Contains(companies.Values, c => c.Status is CompanyStatus.Pending);
        var main = companies[DemoSeed.MainSlug].Id;
        var lines = await db.Subscriptions.AcrossTenants().Where(s => s.TenantId == main).ToListAsync();
        Assert.Equal(DemoSeed.MainClients, lines.Count);
        Assert.Equal(Enum.GetValues<SubscriptionState>(), lines.Select(s => s.State).Distinct().Order());
        Assert.Equal(4, await db.Routers.AcrossTenants().CountAsync(r => r.TenantId == main));
        Assert.Equal([PackageStatus.Active, PackageStatus.Retired], (await db.Packages.AcrossTenants().Where(p => p.TenantId == main).Select(p => p.Status).Distinct().ToListAsync()).Order());
        await using (var own = services.Open(main))
        {
            Assert.Equal([InvoiceStatus.Issued, InvoiceStatus.PartlyPaid, InvoiceStatus.Paid], (await own.Invoices.Select(i => i.Status).Distinct().ToListAsync()).Where(s => s is InvoiceStatus.Issued or InvoiceStatus.PartlyPaid or InvoiceStatus.Paid).Order());
            Assert.InRange(await own.ProviderTransactions.CountAsync(t => t.State == TransactionState.Orphan), 3, 10);
            Assert.Contains(await own.CashSessions.ToListAsync(), s => s.IsOpen);
            Assert.NotEmpty(await own.StatementImports.ToListAsync());
            var taken = await own.DunningEntries.Where(e => e.Outcome == DunningOutcome.Done).Select(e => e.Act).Distinct().ToListAsync();
            Assert.All(Enum.GetValues<DunningAct>(), act => Assert.True(taken.Contains(act), $"Nobody was met by {act}."));
            Assert.NotEmpty(await own.ClientStandings.Where(s => s.PromiseUntil != null).ToListAsync());
            Assert.Equal(0, await own.Subscriptions.CountAsync(l => l.State == SubscriptionState.Disconnected && own.Contracts.Any(c => c.SubscriptionId == l.Id && c.EndsOn == null)));
        }

        Assert.Null((await services.Provider.GetRequiredService<LedgerVerifier>().VerifyAsync()).Fault);
        foreach (var company in companies.Values)
        {
            Assert.IsType<AuditVerdict.Intact>(await services.Provider.GetRequiredService<IAuditVerifier>().VerifyAsync(company.Id));
        }
    }

    [Fact]
    public async Task Everybody_of_the_sign_in_list_has_an_account_with_the_password()
    {
        await using var services = await CreateAsync(DatabaseProvider.Sqlite);
        await SeedAsync(services, routerPort: 9000, days: 5);

        using var list = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(services.Database.Folder.FullName, "sign-ins.json")));
        await using var scope = services.Provider.CreateAsyncScope();
        var accounts = scope.ServiceProvider.GetRequiredService<UserManager<SignInAccount>>();
        var roles = new List<string>();
        foreach (var signIn in list.RootElement.EnumerateArray())
        {
            var account = await accounts.FindByEmailAsync(signIn.GetProperty("email").GetString()!);
            Assert.True(await accounts.CheckPasswordAsync(account!, Password));
            Assert.Equal(signIn.GetProperty("role").GetString(), account!.Role.ToString());
            roles.Add(account.Role.ToString());
        }

        Assert.Equal(["SuperAdmin", "Owner", "NocOperator", "Technician", "Support", "Sales", "Finance"], roles);
    }

    [Fact]
    public async Task The_Sandbox_dials_in_the_lines_that_the_database_holds()
    {
        await using var services = await CreateAsync(DatabaseProvider.Sqlite);
        await SeedAsync(services, routerPort: 9000, days: 5);

        var world = ReadSandbox(services);

        await using var platform = services.OpenPlatform();
        var main = await platform.Companies.SingleAsync(c => c.Slug == DemoSeed.MainSlug);
        await using var db = services.Open(main.Id);
        var cipher = await services.Vault.OpenAsync(main.Id);
        Assert.Equal(await db.Routers.Select(r => r.Name).Order().ToListAsync(), world.Routers.Select(r => r.Name));
        foreach (var nas in await db.NasDevices.ToListAsync())
        {
            var router = world.Routers.Single(r => r.Name == nas.Name);
            Assert.Equal((nas.Address, nas.CoaPort, cipher.Reveal(nas.SecretPlace(), nas.SecretCipher)), (router.Address, router.CoaPort ?? 0, router.RadiusSecret));
        }

        var lines = await db.Subscriptions.ToDictionaryAsync(s => s.Username);
        var right = world.Subscribers.Count(s => s.Password == cipher.Reveal(lines[s.Username].PasswordPlace(), lines[s.Username].PasswordCipher));
        Assert.Equal(lines.Count, world.Subscribers.Count);
        Assert.InRange(right, lines.Count - 5, lines.Count - 1); // a few boxes have a mistyped password
        Assert.All(world.Subscribers, s => Assert.Contains(world.Routers, r => r.Name == s.Router));
    }

    [Fact]
    public async Task Seeded_again_it_keeps_the_data_and_moves_the_routers_to_the_new_ports()
    {
        await using var services = await CreateAsync(DatabaseProvider.Sqlite);
        await SeedAsync(services, routerPort: 9000, days: 5);
        await using var db = services.OpenPlatform();
        var clients = await db.Clients.AcrossTenants().CountAsync();

        Assert.Equal(0, await SeedAsync(services, routerPort: 9500, days: 5));

        Assert.Equal(clients, await db.Clients.AcrossTenants().CountAsync());
        Assert.Equal([9500, 9501, 9502, 9503], await db.Routers.AcrossTenants().Select(r => r.ApiPort).Order().ToListAsync());
        Assert.Equal([9540, 9541, 9542, 9543], await db.NasDevices.AcrossTenants().Select(n => n.CoaPort).Order().ToListAsync());
        Assert.Equal([9500, 9501, 9502, 9503], ReadSandbox(services).Routers.Select(r => r.ApiPort ?? r.TlsPort ?? 0).Order());
    }

    [Theory]
    [InlineData("2026-02-28")]
    [InlineData("2026-03-01")]
    [InlineData("2026-11-09")]
    [InlineData("2026-11-27")]
    [InlineData("2027-01-31")]
    public async Task It_can_be_made_on_any_day_of_a_month(string day)
    {
        await using var services = await CreateAsync(DatabaseProvider.Sqlite, new ManualClock(DateTimeOffset.Parse($"{day}T06:30:00Z", CultureInfo.InvariantCulture)));

        Assert.Equal(0, await SeedAsync(services, routerPort: 9000));

        Assert.Null((await services.Provider.GetRequiredService<LedgerVerifier>().VerifyAsync()).Fault);
    }

    private static SandboxOptions ReadSandbox(TestServices services) =>
        new ConfigurationBuilder().AddJsonFile(SandboxFile(services)).Build().GetSection("Sandbox").Get<SandboxOptions>(o => o.ErrorOnUnknownConfiguration = true)!;

    private static string SandboxFile(TestServices services) => Path.Combine(services.Database.Folder.FullName, "sandbox.json");

    private static async Task<int> SeedAsync(TestServices services, int routerPort, int days = DemoHistory.Days)
    {
        var (exit, _, error) = await SeedLoadTests.SeedAsync(services, "demo", "--password", Password, "--sandbox-config", SandboxFile(services), "--router-port", $"{routerPort}", "--days", $"{days}");
        Assert.Equal("", error);
        return exit;
    }

    private static Task<TestServices> CreateAsync(DatabaseProvider provider, TimeProvider? present = null) => TestServices.CreateAsync(provider, services =>
    {
        services.AddDataDefenderIdentity(new ConfigurationBuilder().Build());
        services.AddRouterOs();
        services.AddSingleton<LiveMetrics>().AddSingleton<LineSignal>().AddScoped<LicenceGuard>();
        services.AddSingleton<DataDefender.Domain.Notifications.MessageSignal>().AddScoped<DataDefender.Domain.Notifications.MessagingSettingsService>().AddScoped<CollectionsRules>();
        services.AddSeedClock(present).AddBilling();
        services.AddSingleton<BillingSignal>().AddScoped<BillingRunService>().AddScoped<BillingRunWork>().AddScoped<BillingSettingsService>().AddScoped<ContractService>().AddScoped<InvoiceService>();
        services.AddScoped<CollectionsRun>().AddScoped<CollectionsService>().AddScoped<PaidLines>().AddScoped<SiteCosts>();
        services.AddScoped<CounterService>().AddScoped<PaymentIntake>().AddScoped<OrphanService>().AddScoped<StatementService>().AddScoped<OpeningBalances>();
        services.Configure<PaymentOptions>(o => (o.PublicUrl, o.AllowedProviders) = ("http://127.0.0.1:9", "127.0.0.1"));
        services.AddScoped<ClientService>().AddScoped<PackageService>().AddScoped<SubscriptionService>();
        services.AddScoped<RouterService>().AddScoped<NasService>().AddScoped<NetworkSettingsService>();
        services.AddScoped<DataDefender.Domain.Topology.SiteService>().AddScoped<DataDefender.Domain.Topology.TopologyService>();
        services.AddScoped<DataDefender.Domain.Addresses.AddressPlanService>().AddScoped<DataDefender.Domain.Addresses.CgnatService>().AddScoped<LineAccessService>();
        services.AddPaymentGateways().AddScoped<ChannelService>();
    });
}
