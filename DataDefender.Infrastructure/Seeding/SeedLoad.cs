using System.Diagnostics;
using System.Globalization;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Seeding;

/// <summary>
/// A company with very many subscribers: user000000 with password pw000000 and address 100.64.0.0, and so on by the number; one package
/// of 10M/10M; a NAS 127.0.0.1 with secret testing123. All lines are written in one transaction with one line in the audit trail.
/// </summary>
internal sealed class SeedLoad(ContextSource source, ISecretVault vault, TimeProvider clock)
{
    /// <summary>User names carry six digits.</summary>
    public const int MaxClients = 1_000_000;

    private const string Slug = "load";
    private const string NasAddress = "127.0.0.1";
    private const string NasSecret = "testing123";
    private const long FirstAccount = 100_001;
    private const uint FirstAddress = (100u << 24) | (64u << 16); // 100.64.0.0, RFC 6598
    private const int BatchSize = 2_000;

    private static readonly Actor Seeder = Actor.System("seed load");

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <returns>What was done, for people.</returns>
    /// <exception cref="SeedRefusedException">The database holds another load, or another company uses the NAS address.</exception>
    public async Task<string> RunAsync(int clients, CancellationToken ct)
    {
        var watch = Stopwatch.GetTimestamp();
        var company = await FindOrCreateCompanyAsync(clients, ct);
        var there = await CountAsync(company.Id, ct);
        if (there == clients)
        {
            return $"The load company is there already with its {there:#,##0} subscribers.";
        }

        if (there > 0)
        {
            throw new SeedRefusedException($"The load company is there already with {there:#,##0} subscribers, not {clients:#,##0}. Seed into an empty database.");
        }

        var package = await AddNetworkAsync(company, ct);
        await AddLinesAsync(company, package, clients, ct);
        return string.Create(CultureInfo.InvariantCulture, $"{clients:#,##0} subscribers loaded in {Stopwatch.GetElapsedTime(watch).TotalSeconds:0.0} s.");
    }

    /// <summary>The load company's id.</summary>
    public async Task<Guid> CompanyAsync(CancellationToken ct)
    {
        await using var db = source.Create(null, Seeder);
        return await db.Companies.Where(c => c.Slug == Slug).Select(c => c.Id).SingleAsync(ct);
    }

    /// <summary>What every number makes of itself.</summary>
    internal static (string Username, string Password, string Address) Credentials(int number)
    {
        var address = FirstAddress + (uint)number;
        return (
            $"user{number:D6}",
            $"pw{number:D6}",
            string.Create(CultureInfo.InvariantCulture, $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}"));
    }

    private async Task<Company> FindOrCreateCompanyAsync(int clients, CancellationToken ct)
    {
        await using var db = source.Create(null, Seeder);
        if (await db.Companies.SingleOrDefaultAsync(c => c.Slug == Slug, ct) is { } found)
        {
            return found;
        }

        if (await db.NasDevices.AcrossTenants().AnyAsync(n => n.Address == NasAddress, ct))
        {
            throw new SeedRefusedException($"A NAS at {NasAddress} belongs to another company of this database. Seed into an empty one.");
        }

        var company = new Company("Load test", Slug, "Load Test", "load@load.example", "254700000000", "Nairobi", Now);
        company.Approve(new Licence("Load", MaxClients, 10, LicensedModules.All, DateOnly.FromDateTime(Now).AddYears(10)), Now);
        db.Companies.Add(company);
        await db.SaveChangesAsync(ct);
        return company;
    }

    private async Task<int> CountAsync(Guid company, CancellationToken ct)
    {
        await using var db = source.Create(company, Seeder);
        return await db.Subscriptions.CountAsync(ct);
    }

    /// <summary>The package and the NAS; an interrupted load may have left them.</summary>
    private async Task<ServicePackage> AddNetworkAsync(Company company, CancellationToken ct)
    {
        var cipher = await vault.OpenAsync(company.Id, ct);
        await using var db = source.Create(company.Id, Seeder);
        if (await db.Packages.SingleOrDefaultAsync(ct) is { } found)
        {
            return found;
        }

        var package = new ServicePackage(company.Id, new ServicePackageInput { Name = "10M/10M", Price = 2_500m, DownloadKbps = 10_000, UploadKbps = 10_000 }, Now);
        var nas = new Nas(company.Id, null, new NasInput { Name = "Load generator", Address = NasAddress });
        nas.SetSecret(cipher.Protect(nas.SecretPlace(), NasSecret));
        db.Packages.Add(package);
        db.NasDevices.Add(nas);
        await db.SaveChangesAsync(ct);
        return package;
    }

    private async Task AddLinesAsync(Company company, ServicePackage package, int clients, CancellationToken ct)
    {
        var cipher = await vault.OpenAsync(company.Id, ct);
        await using var db = source.Create(company.Id, Seeder);
        db.AuditEachRow = false;
        db.ChangeTracker.AutoDetectChangesEnabled = false;
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        // All clients before the first line: PostgreSQL keeps the plan by which it looks a line's client up for as long as the connection
        // lives, and one made while the table was small reads all clients of the company for every line.
        var owners = await AddInBatchesAsync(db, clients, number => NewClient(company.Id, number, Now), ct);
        await AddInBatchesAsync(db, clients, number => NewLine(company.Id, owners[number], package.Id, cipher, number, Now), ct);
        db.NumberSequences.Add(new NumberSequence(company.Id, ClientService.AccountSequence, FirstAccount + clients));
        db.Record($"loaded {clients} subscribers", company);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }

    /// <returns>The ids of the rows, in the order of their numbers.</returns>
    private static async Task<List<Guid>> AddInBatchesAsync<T>(DataDefenderDbContext db, int count, Func<int, T> create, CancellationToken ct)
        where T : Entity
    {
        var ids = new List<Guid>(count);
        foreach (var batch in Enumerable.Range(0, count).Chunk(BatchSize))
        {
            var rows = batch.Select(create).ToList();
            ids.AddRange(rows.Select(row => row.Id));
            db.AddRange(rows);
            await db.SaveChangesAsync(ct);
            db.ChangeTracker.Clear();
        }

        return ids;
    }

    internal static Client NewClient(Guid company, int number, DateTime now) =>
        new(company, AccountNumbers.WithCheckDigit(FirstAccount + number), new ClientInput { Name = $"Load client {number:D6}", Phone = $"07{number:D8}" }, now);

    internal static Subscription NewLine(Guid company, Guid client, Guid package, ITenantCipher cipher, int number, DateTime now)
    {
        var (username, password, address) = Credentials(number);
        var line = new Subscription(company, client, package, username, now);
        line.SetPassword(cipher.Protect(line.PasswordPlace(), password));
        line.AssignAddress(address);
        line.Activate(now);
        return line;
    }
}
