using System.Collections.Concurrent;
using System.Security.Cryptography;
using DataDefender.Domain.Common;
using DataDefender.Domain.Fleet;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Network.Fleet;

/// <summary>Has a router write a binary backup, encrypted with a password of its own that is in the vault before the router hears it.</summary>
internal sealed class BackupTaker(TenantScopes scopes, ISecretVault vault, IRouterGateway gateway, LiveMetrics live, IOptions<FleetOptions> options, TimeProvider clock)
{
    private const string Part = "fleet care";

    private readonly ConcurrentDictionary<Guid, Lazy<Task<string?>>> _taking = new();

    /// <summary>Null when there is one now; else why not. Whoever asks for one that is being taken waits for that: a second password would lock the first one's file.</summary>
    public async Task<string?> TakeAsync(Guid tenantId, Guid backupId, CancellationToken ct)
    {
        var taking = _taking.GetOrAdd(backupId, _ => new Lazy<Task<string?>>(() => TakeOnceAsync(tenantId, backupId, ct)));
        try
        {
            return await taking.Value;
        }
        finally
        {
            _taking.TryRemove(KeyValuePair.Create(backupId, taking));
        }
    }

    private async Task<string?> TakeOnceAsync(Guid tenantId, Guid backupId, CancellationToken ct)
    {
        var cipher = await vault.OpenAsync(tenantId, ct);
        var password = RandomNumberGenerator.GetString("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789", 24);
        RouterEndpoint endpoint;
        string file;
        await using (var scope = scopes.Open(tenantId, Part))
        await using (var db = await OpenAsync(scope, ct))
        {
            var backup = await db.RouterBackups.SingleOrDefaultAsync(b => b.Id == backupId && b.State == BackupState.Wanted, ct);
            if (backup is null)
            {
                return null;
            }

            if (await db.Routers.AsNoTracking().SingleOrDefaultAsync(r => r.Id == backup.RouterId, ct) is not { IsEnabled: true } router)
            {
                backup.Fail("The router was switched off or removed.");
                await db.SaveChangesAsync(ct);
                return backup.Trouble;
            }

            endpoint = router.Endpoint(cipher);
            file = FileOf(tenantId, backup.RequestedAt);
            backup.LockWith(cipher.Protect(backup.PasswordPlace(), password));
            await db.SaveChangesAsync(ct);
        }

        var (saved, trouble) = await SaveAsync(tenantId, endpoint, file, password, ct);
        await using (var scope = scopes.Open(tenantId, Part))
        await using (var db = await OpenAsync(scope, ct))
        {
            var backup = await db.RouterBackups.SingleAsync(b => b.Id == backupId, ct);
            if (saved is { } kept)
            {
                backup.Keep(kept.Name, kept.Size, kept.Content is null ? null : cipher.Protect(backup.ContentPlace(), Convert.ToBase64String(kept.Content)), clock.GetUtcNow().UtcDateTime);
            }
            else
            {
                backup.Fail(trouble!);
            }

            await db.SaveChangesAsync(ct);
        }

        live.Announce(tenantId);
        await RemoveOldAsync(tenantId, endpoint, ct);
        return trouble;
    }

    private async Task<((string Name, long Size, byte[]? Content)? Saved, string? Trouble)> SaveAsync(Guid tenantId, RouterEndpoint router, string file, string password, CancellationToken ct)
    {
        if (await gateway.PrintAsync(router, "/system/resource", properties: ["version"], ct: ct) is not RouterOutcome.Done { Rows: [var resource, ..] })
        {
            return (null, "The router does not answer.");
        }

        var files = new RouterFiles(gateway, router, ActualState.ReadVersion(resource["version"] ?? ""));
        var name = await files.LastingAsync(file, ct);
        await RemoveLeftAsync(tenantId, router, name, files, ct);
        await files.RemoveAsync(name, ct); // one that was left under this name has another password, and would be read as this one if the save were lost
        var saving = await gateway.ExecuteAsync(
            router, RouterCommand.Call("/system/backup/save", [("name", name[..^".backup".Length]), ("password", password), ("encryption", "aes-sha256")]) with { Patience = options.Value.Patience }, ct);
        switch (saving)
        {
            case RouterOutcome.Refused refused:
                return (null, $"The router refused: {refused.Message}");
            case RouterOutcome.Unknown unknown when !unknown.Sent:
                return (null, unknown.Reason);
            default:
                break; // also after a lost connection: the file tells
        }

        switch (await files.ReadAsync(name, isText: false, options.Value.LargestBackup, ct))
        {
            case FileReading.Read read:
                await files.RemoveAsync(name, ct);
                return ((name, read.Content.Length, read.Content), null);
            case FileReading.TooLarge large:
                return ((name, large.Size, null), null);
            case FileReading.Failed failed:
                await files.RemoveAsync(name, ct);
                return (null, failed.Reason);
            default:
                return (null, "The router answered nothing.");
        }
    }

    /// <summary>Files of backups that were not read, on a router that was lost before they could be removed.</summary>
    private async Task RemoveLeftAsync(Guid tenantId, RouterEndpoint router, string name, RouterFiles files, CancellationToken ct)
    {
        if (await files.ListAsync(f => f != name && f[(f.LastIndexOf('/') + 1)..].StartsWith(Marks.Of(tenantId).Name, StringComparison.Ordinal) && f.EndsWith(".backup", StringComparison.Ordinal), ct) is not { Count: > 0 } left)
        {
            return;
        }

        HashSet<string> kept;
        await using (var scope = scopes.Open(tenantId, Part))
        await using (var db = await OpenAsync(scope, ct))
        {
            // One that is wanted may be on its way in this moment.
            kept = (await db.RouterBackups.AsNoTracking().Where(b => b.RouterId == router.RouterId && (b.State == BackupState.OnRouter || b.State == BackupState.Wanted))
                .Select(b => new { b.FileName, b.RequestedAt }).ToListAsync(ct)).Select(b => b.FileName?.Split('/')[^1] ?? FileOf(tenantId, b.RequestedAt)).ToHashSet(StringComparer.Ordinal);
        }

        foreach (var file in left.Where(f => !kept.Contains(f.Split('/')[^1])))
        {
            await files.RemoveAsync(file, ct);
        }
    }

    private static string FileOf(Guid tenantId, DateTime requestedAt) => $"{Marks.Of(tenantId).Name}{requestedAt:yyyyMMdd-HHmmss}.backup";

    private async Task RemoveOldAsync(Guid tenantId, RouterEndpoint endpoint, CancellationToken ct)
    {
        List<RouterBackup> old;
        await using (var scope = scopes.Open(tenantId, Part))
        await using (var db = await OpenAsync(scope, ct))
        {
            old = await db.RouterBackups.AsNoTracking().Where(b => b.RouterId == endpoint.RouterId && (b.State == BackupState.Kept || b.State == BackupState.OnRouter))
                .OrderByDescending(b => b.RequestedAt).Skip(options.Value.Backups).ToListAsync(ct);
        }

        foreach (var file in old.Where(b => b.State is BackupState.OnRouter && b.FileName is not null))
        {
            await new RouterFiles(gateway, endpoint, new Version(7, 0)).RemoveAsync(file.FileName!, ct);
        }

        if (old.Count > 0)
        {
            await using var scope = scopes.Open(tenantId, Part);
            await using var db = await OpenAsync(scope, ct);
            var ids = old.ConvertAll(b => b.Id);
            db.RouterBackups.RemoveRange(await db.RouterBackups.Where(b => ids.Contains(b.Id)).ToListAsync(ct));
            await db.SaveChangesAsync(ct);
        }
    }

    private static Task<IDataDefenderDb> OpenAsync(AsyncServiceScope scope, CancellationToken ct) =>
        scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>().OpenAsync(ct);
}
