using System.Security.Cryptography;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Lines;

/// <summary>Reads the directory, or rows of it that have changed, from the database and reveals their secrets.</summary>
internal sealed partial class DirectoryLoader(IPlatformDbFactory databases, ISecretVault vault, LineDirectory directory, ILogger<DirectoryLoader> log)
{
    private const int Chunk = 500;

    public async Task<DirectoryContent> LoadAllAsync(CancellationToken ct)
    {
        await using var db = await databases.OpenAsync(ct);
        var companies = await LoadCompaniesAsync(db, ct);
        foreach (var package in await db.Packages.AcrossTenants().AsNoTracking().ToListAsync(ct))
        {
            if (companies.TryGetValue(package.TenantId, out var company))
            {
                Decide(company, package);
            }
        }

        await foreach (var row in Rows(db.Subscriptions.AcrossTenants()).WithCancellation(ct))
        {
            if (companies.TryGetValue(row.TenantId, out var company))
            {
                company.Put(await MakeAsync(company, row, ct));
            }
        }

        return new DirectoryContent(await LoadNasAsync(db, companies, ct), companies);
    }

    public async Task RefreshSubscriptionsAsync(IReadOnlyCollection<Guid> ids, CancellationToken ct)
    {
        await using var db = await databases.OpenAsync(ct);
        foreach (var chunk in ids.Chunk(Chunk))
        {
            var found = new HashSet<Guid>();
            await foreach (var row in Rows(db.Subscriptions.AcrossTenants().Where(s => chunk.Contains(s.Id))).WithCancellation(ct))
            {
                found.Add(row.Id);
                if (directory.Content.Companies.TryGetValue(row.TenantId, out var company))
                {
                    company.Put(await MakeAsync(company, row, ct));
                }
            }

            foreach (var gone in chunk.Where(id => !found.Contains(id)))
            {
                foreach (var company in directory.Content.Companies.Values)
                {
                    company.Remove(gone);
                }
            }
        }
    }

    public async Task RefreshPackagesAsync(IReadOnlyCollection<Guid> ids, CancellationToken ct)
    {
        await using var db = await databases.OpenAsync(ct);
        foreach (var package in await db.Packages.AcrossTenants().AsNoTracking().Where(p => ids.Contains(p.Id)).ToListAsync(ct))
        {
            if (directory.Content.Companies.TryGetValue(package.TenantId, out var company))
            {
                Decide(company, package);
            }
        }
    }

    /// <summary>A company's status or network settings: every package of it is decided anew.</summary>
    public async Task RefreshCompanyAsync(Guid tenantId, CancellationToken ct)
    {
        await using var db = await databases.OpenAsync(ct);
        var loaded = await LoadCompaniesAsync(db, ct);
        if (!loaded.TryGetValue(tenantId, out var fresh))
        {
            return;
        }

        if (directory.Content.Companies.TryGetValue(tenantId, out var known))
        {
            (known.Status, known.Settings, known.InterimSeconds) = (fresh.Status, fresh.Settings, fresh.InterimSeconds);
        }
        else
        {
            directory.AddCompany(known = fresh);
        }

        foreach (var package in await db.Packages.AcrossTenants().AsNoTracking().Where(p => p.TenantId == tenantId).ToListAsync(ct))
        {
            Decide(known, package);
        }
    }

    public async Task RefreshNasAsync(CancellationToken ct)
    {
        await using var db = await databases.OpenAsync(ct);
        directory.ReplaceNas(await LoadNasAsync(db, directory.Content.Companies, ct));
    }

    private async Task<Dictionary<Guid, CompanyLines>> LoadCompaniesAsync(IDataDefenderDb db, CancellationToken ct)
    {
        var settings = await db.NetworkSettings.AcrossTenants().AsNoTracking().ToDictionaryAsync(s => s.TenantId, ct);
        var companies = new Dictionary<Guid, CompanyLines>();
        foreach (var row in await db.Companies.AsNoTracking().Select(c => new { c.Id, c.Status }).ToListAsync(ct))
        {
            var company = directory.NewCompany(row.Id);
            company.Status = row.Status;
            company.Settings = settings.GetValueOrDefault(row.Id) ?? new NetworkSettings(row.Id);
            company.InterimSeconds = company.Settings.InterimSeconds;
            companies.Add(row.Id, company);
        }

        return companies;
    }

    private async Task<NasTable> LoadNasAsync(IDataDefenderDb db, IReadOnlyDictionary<Guid, CompanyLines> companies, CancellationToken ct)
    {
        var entries = new List<NasEntry>();
        foreach (var nas in await db.NasDevices.AcrossTenants().AsNoTracking().Where(n => n.IsEnabled).ToListAsync(ct))
        {
            if (companies.TryGetValue(nas.TenantId, out var company) && await RevealAsync(nas.SecretPlace(), nas.SecretCipher, ct) is { Length: > 0 } secret)
            {
                var facts = new NasFacts(nas.Id, nas.Name, nas.Address, nas.Identifier, secret, nas.MessageAuthenticator, nas.MessageAuthenticatorSeen, nas.Certificate, nas.Vendor);
                var state = directory.NasState(nas.Id);
                state.MessageAuthenticatorSeen |= nas.MessageAuthenticatorSeen;
                entries.Add(new NasEntry(state, company, facts));
            }
        }

        return new NasTable(entries);
    }

    private void Decide(CompanyLines company, ServicePackage package)
    {
        try
        {
            company.Package(package.Id).Decide(package, company.Settings ?? new NetworkSettings(company.TenantId), company.Status);
        }
        catch (ArgumentOutOfRangeException unusable)
        {
            PackageUnusable(log, package.Id, unusable.Message);
            company.Package(package.Id).Refuse("The package's speed is not one that a router takes.");
        }
    }

    private async ValueTask<Subscriber> MakeAsync(CompanyLines company, SubscriptionRow row, CancellationToken ct)
    {
        var password = await RevealAsync(new SecretPlace(row.TenantId, nameof(Subscription), row.Id, nameof(Subscription.PasswordCipher)), row.PasswordCipher, ct);
        var facts = new SubscriberFacts(row.Id, row.PackageId, row.Username, password, row.StaticAddress, row.CallerLock, row.State, row.SuspendReason);
        return new Subscriber(directory.LineState(row.TenantId, row.Id), company.Package(row.PackageId), facts);
    }

    private async ValueTask<string?> RevealAsync(SecretPlace place, string cipherText, CancellationToken ct)
    {
        try
        {
            return (await vault.OpenAsync(place.TenantId, ct)).Reveal(place, cipherText);
        }
        catch (Exception unreadable) when (unreadable is CryptographicException or FormatException)
        {
            SecretUnreadable(log, place.Entity, place.Id);
            return null;
        }
    }

    private static IAsyncEnumerable<SubscriptionRow> Rows(IQueryable<Subscription> subscriptions) => subscriptions.AsNoTracking()
        .Select(s => new SubscriptionRow(s.TenantId, s.Id, s.PackageId, s.Username, s.PasswordCipher, s.StaticAddress, s.CallerLock, s.State, s.SuspendReason))
        .AsAsyncEnumerable();

    private sealed record SubscriptionRow(
        Guid TenantId, Guid Id, Guid PackageId, string Username, string PasswordCipher, string? StaticAddress, string? CallerLock, SubscriptionState State, SuspendReason? SuspendReason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The secret of {Entity} {Id} cannot be read; it is taken as not set")]
    private static partial void SecretUnreadable(ILogger log, string entity, Guid id);

    [LoggerMessage(Level = LogLevel.Error, Message = "Package {PackageId} cannot be put into an answer: {Reason}. Its lines are refused")]
    private static partial void PackageUnusable(ILogger log, Guid packageId, string reason);
}
