using System.Text.Json;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Collections;
using DataDefender.Domain.Network;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Seeding;

/// <summary>Where the demonstration's outside world is to be played. The file gets the Sandbox's settings; null writes none.</summary>
/// <param name="RouterPort">The routers' API ports count up from here, their CoA ports from 40 further on.</param>
/// <param name="WebUrl">Where providers reach the web application with their reports; null: they report nothing.</param>
internal sealed record DemoPlaces(string? SandboxConfig, int SandboxHttpPort, int RouterPort, string? WebUrl = null)
{
    /// <summary>How many days of business there are before today.</summary>
    public int Days { get; init; } = DemoHistory.Days;

    /// <summary>300 routers and 20,000 lines.</summary>
    public bool IsLarge { get; init; }
}

/// <summary>
/// The companies of the demonstration, built through the Domain's services as people would build them. What is there already is left
/// alone; the files are written each time.
/// </summary>
internal sealed class DemoSeed(ContextSource source, TenantScopes scopes, IAccounts accounts, DemoSandbox sandbox, DemoLarge large, DemoHistory history, TimeProvider clock)
{
    public const string MainSlug = "savanna-fibre";
    public const int MainClients = 120;

    private const string SecondSlug = "lakeside-wireless";
    private const string PendingSlug = "rift-valley-net";
    private const string SuperAdmin = "admin@platform.example";

    private static readonly Actor Seeder = Actor.System("seed demo");
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private static readonly (string Name, Role Role, string Mailbox)[] Staff =
    [
        ("Wangari Muthoni", Role.Owner, "owner"), ("Brian Otieno", Role.NocOperator, "noc"), ("Kiptoo Langat", Role.Technician, "technician"),
        ("Amina Hassan", Role.Support, "support"), ("Njeri Kamau", Role.Sales, "sales"), ("Peter Wekesa", Role.Finance, "finance"),
    ];

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <returns>What was done, for people.</returns>
    public async Task<string> RunAsync(string password, DemoPlaces places, CancellationToken ct)
    {
        var main = await FindAsync(MainSlug, ct);
        var isNew = main is null;
        if (main is null)
        {
            history.Begin(places.Days);
            main = await AddMainAsync(password, places, ct);
            await AddSecondAsync(password, ct);
            await AddCompanyAsync("Rift Valley Net", PendingSlug, "Chebet Rotich", "Nakuru", licence: null, ct);
            await accounts.CreateAsync(new NewAccount(null, "Platform Admin", SuperAdmin, Role.SuperAdmin, password), Seeder, ct);
        }

        if (places.IsLarge)
        {
            await large.RunAsync(main.Value, places, ct);
        }

        if (places.SandboxConfig is { } file)
        {
            await sandbox.WriteAsync(file, main.Value, places, ct);
            await WriteSignInsAsync(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, "sign-ins.json"), ct);
        }

        return isNew ? "The demonstration's companies are in the database." : "The demonstration's companies are in the database already; they were left as they are.";
    }

    private async Task<Guid?> FindAsync(string slug, CancellationToken ct)
    {
        await using var db = source.Create(null, Seeder);
        return await db.Companies.Where(c => c.Slug == slug).Select(c => (Guid?)c.Id).SingleOrDefaultAsync(ct);
    }

    private async Task<Guid> AddCompanyAsync(string name, string slug, string contact, string county, Licence? licence, CancellationToken ct)
    {
        await using var db = source.Create(null, Seeder);
        var company = new Company(name, slug, contact, $"owner@{slug}.example", "254711000100", county, Now);
        if (licence is not null)
        {
            company.Approve(licence, Now);
        }

        db.Companies.Add(company);
        await db.SaveChangesAsync(ct);
        return company.Id;
    }

    private async Task<Guid> AddMainAsync(string password, DemoPlaces places, CancellationToken ct)
    {
        var licence = new Licence("Growth", 500, 10, LicensedModules.All, DateOnly.FromDateTime(Now).AddYears(1));
        var company = await AddCompanyAsync("Savanna Fibre", MainSlug, "Wangari Muthoni", "Nairobi", licence, ct);
        foreach (var (name, role, mailbox) in Staff)
        {
            await accounts.CreateAsync(new NewAccount(company, name, $"{mailbox}@{MainSlug}.example", role, password), Seeder, ct);
        }

        await using var scope = scopes.Open(company, Seeder.Name);
        var settings = scope.ServiceProvider.GetRequiredService<NetworkSettingsService>();
        var network = await settings.GetAsync(ct);
        network.InterimSeconds = 60;
        await settings.SaveAsync(network, ct);
        await sandbox.AddRoutersAsync(scope.ServiceProvider, places, ct);
        await scope.ServiceProvider.GetRequiredService<MessagingSettingsService>().SaveAsync(DemoSandbox.Messaging, ct);
        await scope.ServiceProvider.GetRequiredService<CollectionsRules>().SaveAsync(CollectionsInput.Of(DemoHistory.Ladder), ct);
        await history.PlayAsync(company, await AddPackagesAsync(scope.ServiceProvider, ct), places.SandboxHttpPort, ct);
        return company;
    }

    private async Task AddSecondAsync(string password, CancellationToken ct)
    {
        var licence = new Licence("Starter", 50, 2, LicensedModules.All, DateOnly.FromDateTime(Now).AddMonths(6));
        var company = await AddCompanyAsync("Lakeside Wireless", SecondSlug, "Akinyi Odhiambo", "Kisumu", licence, ct);
        await accounts.CreateAsync(new NewAccount(company, "Akinyi Odhiambo", $"owner@{SecondSlug}.example", Role.Owner, password), Seeder, ct);
        await using var scope = scopes.Open(company, Seeder.Name);
        var package = await scope.ServiceProvider.GetRequiredService<PackageService>()
            .CreateAsync(new ServicePackageInput { Name = "Lakeside 8", Price = 2_000m, DownloadKbps = 8_000, UploadKbps = 4_000 }, ct);
        foreach (var person in DemoPeople.Take(8, first: 500))
        {
            var client = await scope.ServiceProvider.GetRequiredService<ClientService>().CreateAsync(person, ct);
            await scope.ServiceProvider.GetRequiredService<SubscriptionService>().CreateAsync(client, new SubscriptionInput { PackageId = package }, ct);
        }
    }

    /// <summary>Four on sale, cheapest first, and one that is not sold any more.</summary>
    private static async Task<List<Guid>> AddPackagesAsync(IServiceProvider scope, CancellationToken ct)
    {
        var packages = scope.GetRequiredService<PackageService>();
        List<Guid> ids = [];
        foreach (var input in (ServicePackageInput[])
        [
            new() { Name = "Home 5", Description = "E-mail, calls and one film at a time", Price = 1_500m, DownloadKbps = 5_000, UploadKbps = 2_000 },
            new() { Name = "Home 10", Description = "For a family", Price = 2_500m, DownloadKbps = 10_000, UploadKbps = 5_000 },
            new()
            {
                Name = "Home 20", Description = "Bursts to 30 Mbps", Price = 4_000m, DownloadKbps = 20_000, UploadKbps = 10_000,
                BurstDownloadKbps = 30_000, BurstUploadKbps = 15_000, BurstThresholdPercent = 75, BurstSeconds = 16,
            },
            new() { Name = "Business 50", Description = "Fixed address, first in the queue", Price = 12_000m, DownloadKbps = 50_000, UploadKbps = 50_000, Priority = 2 },
            new() { Name = "Early Bird 3", Description = "Sold until 2024", Price = 1_000m, DownloadKbps = 3_000, UploadKbps = 1_000 },
        ])
        {
            ids.Add(await packages.CreateAsync(input, ct));
        }

        return ids;
    }

    /// <summary>One sign-in a role, the platform's first, for whoever shows the demonstration. The password is not among it.</summary>
    private static async Task WriteSignInsAsync(string file, CancellationToken ct)
    {
        var signIns = Staff.Select(s => new { Role = s.Role.ToString(), Email = $"{s.Mailbox}@{MainSlug}.example" })
            .Prepend(new { Role = nameof(Role.SuperAdmin), Email = SuperAdmin });
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(signIns, Json), ct);
    }
}
