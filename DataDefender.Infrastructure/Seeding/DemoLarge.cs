using System.Globalization;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Domain.Topology;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Seeding;

/// <summary>
/// Makes the demonstration's main company a large one: 300 routers at 60 sites, those of a site reached over its first, and 20,000 lines
/// that dial in. Written in bulk, with one line in the audit trail.
/// </summary>
internal sealed class DemoLarge(ContextSource source, ISecretVault vault, TimeProvider clock)
{
    public const int Routers = 300;
    public const int Lines = 20_000;

    private const int PerSite = 5;
    private const int BatchSize = 2_000;
    private const string ApiUser = "datadefender";
    private static readonly Actor Seeder = Actor.System("seed demo");

    private static readonly string[] Towns =
        ["Thika", "Nakuru", "Eldoret", "Kisumu", "Naivasha", "Nyeri", "Meru", "Embu", "Machakos", "Kitui", "Voi", "Malindi", "Kilifi", "Kericho", "Bomet", "Kakamega", "Bungoma", "Kitale", "Narok", "Isiolo"];

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>Adds what is missing, and moves the routers to the ports that are asked for now.</summary>
    public async Task RunAsync(Guid company, DemoPlaces places, CancellationToken ct)
    {
        var (api, coa) = (places.RouterPort + 60, places.RouterPort + 61);
        await using var db = source.Create(company, Seeder);
        db.AuditEachRow = false;
        if (await db.Routers.CountAsync(ct) >= Routers)
        {
            await db.Routers.Where(r => r.Host.StartsWith("127.1.") && r.ApiPort != api).ExecuteUpdateAsync(set => set.SetProperty(r => r.ApiPort, api), ct);
            await db.NasDevices.Where(n => n.Address.StartsWith("127.1.") && n.CoaPort != coa).ExecuteUpdateAsync(set => set.SetProperty(n => n.CoaPort, coa), ct);
            return;
        }

        await using var platform = source.Create(null, Seeder);
        var row = await platform.Companies.SingleAsync(c => c.Id == company, ct);
        row.Grant(new Licence("Carrier", 30_000, 400, LicensedModules.All, DateOnly.FromDateTime(Now).AddYears(1)));
        await platform.SaveChangesAsync(ct);
        var settings = await db.NetworkSettings.SingleAsync(ct);
        settings.Change(settings.WalledGardenList, settings.WalledGardenKbps, 300); // 20,000 reports a minute would be a load test
        await db.SaveChangesAsync(ct);
        await AddRoutersAsync(db, company, api, coa, ct);
        await AddLinesAsync(db, company, ct);
        db.Record($"made large: {Routers} routers, {Lines} lines", row);
        await db.SaveChangesAsync(ct);
    }

    private async Task AddRoutersAsync(DataDefenderDbContext db, Guid company, int api, int coa, CancellationToken ct)
    {
        var cipher = await vault.OpenAsync(company, ct);
        var there = await db.Routers.CountAsync(ct);
        Site? site = null;
        Router? first = null;
        for (var n = 0; n < Routers - there; n++)
        {
            if (n % PerSite == 0)
            {
                site = new Site(company, new SiteInput { Name = $"{Towns[n / PerSite % Towns.Length]} {1 + (n / PerSite / Towns.Length)}" }, Now);
                db.Sites.Add(site);
            }

            var name = string.Create(CultureInfo.InvariantCulture, $"{site!.Name.Replace(' ', '-').ToUpperInvariant()}-{1 + (n % PerSite)}");
            var address = string.Create(CultureInfo.InvariantCulture, $"127.1.{n / 200}.{1 + (n % 200)}");
            var router = new Router(company, new RouterInput { Name = name, Host = address, ApiPort = api, Username = ApiUser }, Now);
            router.SetPassword(cipher.Protect(router.PasswordPlace(), LineCredentials.NewPassword()));
            router.StandAt(site.Id);
            if (n % PerSite == 0)
            {
                first = router;
            }
            else
            {
                router.ReachOver(first!.Id);
            }

            var nas = new Nas(company, router.Id, new NasInput { Name = name, Address = address, CoaPort = coa });
            nas.SetSecret(cipher.Protect(nas.SecretPlace(), LineCredentials.NewPassword()));
            db.Routers.Add(router);
            db.NasDevices.Add(nas);
        }

        await db.SaveChangesAsync(ct);
        db.ChangeTracker.Clear();
    }

    private async Task AddLinesAsync(DataDefenderDbContext db, Guid company, CancellationToken ct)
    {
        var cipher = await vault.OpenAsync(company, ct);
        var packages = await db.Packages.Where(p => p.Status == PackageStatus.Active).OrderBy(p => p.Name).Select(p => p.Id).ToListAsync(ct);
        var missing = Lines - await db.Subscriptions.CountAsync(ct);
        var numbers = await db.NumberSequences.SingleAsync(s => s.Name == ClientService.AccountSequence, ct);
        var account = numbers.Take(missing);
        await db.SaveChangesAsync(ct);
        db.ChangeTracker.AutoDetectChangesEnabled = false;
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        foreach (var batch in DemoPeople.Take(missing, first: 1_000).Select((person, i) => (person, i)).Chunk(BatchSize))
        {
            var clients = batch.Select(b => new Client(company, AccountNumbers.WithCheckDigit(account + b.i), b.person, Now)).ToList();
            db.AddRange(clients);
            db.AddRange(batch.Zip(clients, (b, client) =>
            {
                var line = new Subscription(company, client.Id, packages[b.i % packages.Count], string.Create(CultureInfo.InvariantCulture, $"sav{b.i:D6}"), Now);
                line.SetPassword(cipher.Protect(line.PasswordPlace(), LineCredentials.NewPassword()));
                line.Activate(Now);
                return line;
            }));
            await db.SaveChangesAsync(ct);
            db.ChangeTracker.Clear();
        }

        await transaction.CommitAsync(ct);
        db.ChangeTracker.AutoDetectChangesEnabled = true;
    }
}
