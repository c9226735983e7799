using System.Security.Cryptography;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Lines;

/// <summary>Reads the directory, or rows of it that have changed, from the database and reveals their secrets.</summary>
internal sealed partial class DirectoryLoader(IPlatformDbFactory databases, ISecretVault vault, LineDirectory directory, ILogger<DirectoryLoader> log)
{
    private const int Chunk = 500;
    private const int PutAtOnce = 2000;

    public async Task<DirectoryContent> LoadAllAsync(CancellationToken ct)
    {
        await using var db = await databases.OpenAsync(ct);
        var companies = await LoadCompaniesAsync(db, ct);
        Decide(companies, await db.Packages.AcrossTenants().AsNoTracking().ToListAsync(ct), await db.UsagePolicies.AcrossTenants().AsNoTracking().ToListAsync(ct));

        // Revealing a password costs as much as reading its row, so a second thread does it while the next rows are read.
        var (putting, read) = (Task.CompletedTask, new List<SubscriptionRow>(PutAtOnce));
        await foreach (var row in Rows(db.Subscriptions.AcrossTenants()).WithCancellation(ct))
        {
            read.Add(row);
            if (read.Count == PutAtOnce)
            {
                var rows = read;
                await putting;
                (putting, read) = (Task.Run(() => PutAsync(companies, rows, ct), ct), new List<SubscriptionRow>(PutAtOnce));
            }
        }

        await putting;
        await PutAsync(companies, read, ct);
        return new DirectoryContent(await LoadNasAsync(db, companies, ct), companies);
    }

    private async Task PutAsync(Dictionary<Guid, CompanyLines> companies, List<SubscriptionRow> rows, CancellationToken ct)
    {
        foreach (var row in rows)
        {
            if (companies.TryGetValue(row.TenantId, out var company))
            {
                company.Put(await MakeAsync(company, row, ct));
            }
        }
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
        await DecideAsync(db, db.Packages.AcrossTenants().Where(p => ids.Contains(p.Id)), ct);
    }

    /// <summary>Policies: every package that refers to one of them is decided anew.</summary>
    public async Task RefreshPoliciesAsync(IReadOnlyCollection<Guid> ids, CancellationToken ct)
    {
        await using var db = await databases.OpenAsync(ct);
        await DecideAsync(db, db.Packages.AcrossTenants().Where(p => p.PolicyId != null && ids.Contains(p.PolicyId.Value)), ct);
    }

    /// <summary>The router logins of a company's staff.</summary>
    public async Task RefreshStaffAsync(Guid tenantId, CancellationToken ct)
    {
        if (directory.Content.Companies.TryGetValue(tenantId, out var company))
        {
            await using var db = await databases.OpenAsync(ct);
            company.Staff = (await LoadStaffAsync(db.Staff.AcrossTenants().Where(s => s.TenantId == tenantId), ct)).GetValueOrDefault(tenantId, StaffLogins.None);
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
            (known.Status, known.Settings, known.Zone, known.Staff) = (fresh.Status, fresh.Settings, fresh.Zone, fresh.Staff);
            known.UseMacLogins(fresh.Settings.MacLogins, await MacPasswordAsync(fresh.Settings, ct));
        }
        else
        {
            directory.AddCompany(known = fresh);
        }

        await DecideAsync(db, db.Packages.AcrossTenants().Where(p => p.TenantId == tenantId), ct);
    }

    public async Task RefreshNasAsync(CancellationToken ct)
    {
        await using var db = await databases.OpenAsync(ct);
        directory.ReplaceNas(await LoadNasAsync(db, directory.Content.Companies, ct));
    }

    private async Task<Dictionary<Guid, CompanyLines>> LoadCompaniesAsync(IDataDefenderDb db, CancellationToken ct)
    {
        var settings = await db.NetworkSettings.AcrossTenants().AsNoTracking().ToDictionaryAsync(s => s.TenantId, ct);
        var staff = await LoadStaffAsync(db.Staff.AcrossTenants(), ct);
        var companies = new Dictionary<Guid, CompanyLines>();
        foreach (var row in await db.Companies.AsNoTracking().Select(c => new { c.Id, c.Status, c.TimeZone }).ToListAsync(ct))
        {
            var company = directory.NewCompany(row.Id);
            company.Status = row.Status;
            company.Settings = settings.GetValueOrDefault(row.Id) ?? new NetworkSettings(row.Id);
            company.Zone = TimeZoneInfo.FindSystemTimeZoneById(row.TimeZone);
            company.Staff = staff.GetValueOrDefault(row.Id, StaffLogins.None);
            company.UseMacLogins(company.Settings.MacLogins, await MacPasswordAsync(company.Settings, ct));
            companies.Add(row.Id, company);
        }

        return companies;
    }

    private async Task<NasTable> LoadNasAsync(IDataDefenderDb db, IReadOnlyDictionary<Guid, CompanyLines> companies, CancellationToken ct)
    {
        var entries = new List<NasEntry>();
        var before = directory.Content.Nas.All.ToDictionary(n => n.Id, n => n.Facts);
        foreach (var nas in await db.NasDevices.AcrossTenants().AsNoTracking().Where(n => n.IsEnabled).ToListAsync(ct))
        {
            if (companies.TryGetValue(nas.TenantId, out var company) && await RevealAsync(nas.SecretPlace(), nas.SecretCipher, ct) is { Length: > 0 } secret)
            {
                var facts = new NasFacts(nas.Id, nas.Name, nas.Address, nas.Identifier, secret, nas.MessageAuthenticator, nas.MessageAuthenticatorSeen, nas.Certificate, nas.Vendor, nas.RouterId);
                var state = directory.NasState(nas.Id);
                if (before.TryGetValue(nas.Id, out var known) && !known.IsSameDeviceAndRule(facts))
                {
                    state.ForgetMessageAuthenticator();
                }

                state.MessageAuthenticatorIsKnown(nas.MessageAuthenticatorSeen);
                entries.Add(new NasEntry(state, company, facts));
            }
        }

        return new NasTable(entries);
    }

    private async Task<Dictionary<Guid, StaffLogins>> LoadStaffAsync(IQueryable<StaffMember> staff, CancellationToken ct)
    {
        var found = new List<(Guid TenantId, StaffFacts Facts)>();
        foreach (var person in await staff.AsNoTracking().Where(s => s.IsActive && s.RouterUsername != null && s.RouterPasswordCipher != null).ToListAsync(ct))
        {
            if (await RevealAsync(person.RouterPasswordPlace(), person.RouterPasswordCipher!, ct) is { Length: > 0 } password)
            {
                found.Add((person.TenantId, new StaffFacts(person.Name, person.RouterUsername!, password, person.Role)));
            }
        }

        return found.GroupBy(s => s.TenantId).ToDictionary(g => g.Key, g => new StaffLogins(g.Select(s => s.Facts)));
    }

    private async ValueTask<string?> MacPasswordAsync(NetworkSettings settings, CancellationToken ct) =>
        settings.MacPasswordCipher is { } cipher ? await RevealAsync(settings.MacPasswordPlace(), cipher, ct) : null;

    private async Task DecideAsync(IDataDefenderDb db, IQueryable<ServicePackage> packages, CancellationToken ct)
    {
        var rows = await packages.AsNoTracking().ToListAsync(ct);
        Guid[] policies = [.. rows.Select(p => p.PolicyId).OfType<Guid>().Distinct()];
        Decide(directory.Content.Companies, rows, policies.Length == 0 ? [] : await db.UsagePolicies.AcrossTenants().AsNoTracking().Where(p => policies.Contains(p.Id)).ToListAsync(ct));
    }

    private static void Decide(IReadOnlyDictionary<Guid, CompanyLines> companies, IEnumerable<ServicePackage> packages, IEnumerable<UsagePolicy> policies)
    {
        var rules = policies.ToDictionary(p => p.Id, p => p.Rules);
        foreach (var package in packages)
        {
            if (companies.TryGetValue(package.TenantId, out var company))
            {
                company.Package(package.Id).Decide(new PackageFacts(
                    package, package.PolicyId is { } policy ? rules.GetValueOrDefault(policy, PolicyRules.None) : PolicyRules.None, company.Settings, company.Status, company.Zone));
            }
        }
    }

    private async ValueTask<Subscriber> MakeAsync(CompanyLines company, SubscriptionRow row, CancellationToken ct)
    {
        var password = await RevealAsync(new SecretPlace(row.TenantId, nameof(Subscription), row.Id, nameof(Subscription.PasswordCipher)), row.PasswordCipher, ct);
        var facts = new SubscriberFacts(row.Id, row.PackageId, row.Username, password, row.StaticAddress, row.CallerLock, row.State, row.SuspendReason)
        {
            ExpiresAt = row.ExpiresAt,
            Limit = row.Limit is LimitKind.None
                ? null
                : new LineLimit(row.Limit, row.LimitAction, row.LimitDownloadKbps ?? 0, row.LimitUploadKbps ?? 0, row.LimitReason ?? "", row.LimitUntil),
            OnlineLeft = row is { OnlineSecondsLeft: { } seconds, OnlineLeftUntil: { } until } ? new OnlineLeft(seconds, until) : null,
            Binding = row.Binding,
            DelegatedPrefix = row.DelegatedPrefix,
        };
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
        .Select(s => new SubscriptionRow(
            s.TenantId, s.Id, s.PackageId, s.Username, s.PasswordCipher, s.StaticAddress, s.CallerLock, s.State, s.SuspendReason, s.ExpiresAt, s.Binding, s.DelegatedPrefix,
            s.Limit, s.LimitAction, s.LimitDownloadKbps, s.LimitUploadKbps, s.LimitReason, s.LimitUntil, s.OnlineSecondsLeft, s.OnlineLeftUntil))
        .AsAsyncEnumerable();

    private sealed record SubscriptionRow(
        Guid TenantId, Guid Id, Guid PackageId, string Username, string PasswordCipher, string? StaticAddress, string? CallerLock, SubscriptionState State, SuspendReason? SuspendReason,
        DateTime? ExpiresAt, LineBinding Binding, string? DelegatedPrefix,
        LimitKind Limit, QuotaAction? LimitAction, int? LimitDownloadKbps, int? LimitUploadKbps, string? LimitReason, DateTime? LimitUntil,
        int? OnlineSecondsLeft, DateTime? OnlineLeftUntil);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The secret of {Entity} {Id} cannot be read; it is taken as not set")]
    private static partial void SecretUnreadable(ILogger log, string entity, Guid id);
}
