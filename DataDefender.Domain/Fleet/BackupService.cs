using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Fleet;

public sealed record BackupRow(Guid Id, DateTime RequestedAt, string RequestedBy, BackupState State, DateTime? TakenAt, string? FileName, long? Size, string? Trouble);

/// <summary>Binary backups: asked for here, taken in the background, their password shown to those who may.</summary>
public sealed class BackupService(IDataDefenderDbFactory dbFactory, ISecretVault vault, FleetSignal signal, CurrentUser user, TimeProvider clock)
{
    private const int Shown = 20;

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<BackupRow>> ListAsync(Guid routerId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        return await db.RouterBackups.AsNoTracking().Where(b => b.RouterId == routerId).OrderByDescending(b => b.RequestedAt).Take(Shown)
            .Select(b => new BackupRow(b.Id, b.RequestedAt, b.RequestedBy, b.State, b.TakenAt, b.FileName, b.Size, b.Trouble)).ToListAsync(ct);
    }

    public async Task<Guid> RequestAsync(Guid routerId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ProvisionNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var router = await db.Routers.AsNoTracking().SingleOrDefaultAsync(r => r.Id == routerId, ct) ?? throw new NotFoundException("Router", routerId);
        if (!router.IsEnabled)
        {
            throw new DomainException("fleet.off", $"{router.Name} is switched off here; it is not asked for anything.");
        }

        if (await db.RouterBackups.AnyAsync(b => b.RouterId == routerId && b.State == BackupState.Wanted, ct))
        {
            throw new DomainException("fleet.backup_under_way", "A backup of this router is under way.");
        }

        var backup = new RouterBackup(db.TenantId, routerId, router.Name, user.Name, clock.GetUtcNow().UtcDateTime);
        db.RouterBackups.Add(backup);
        await db.SaveAsync(ct);
        signal.Wake();
        return backup.Id;
    }

    /// <summary>The password that opens it. That it was shown is in the audit trail.</summary>
    public async Task<string> RevealPasswordAsync(Guid backupId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ProvisionNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var backup = await FindAsync(db, backupId, ct);
        var password = (await vault.OpenAsync(db.TenantId, ct)).Reveal(backup.PasswordPlace(), backup.PasswordCipher);
        db.Record("revealed the password of", backup);
        await db.SaveChangesAsync(ct);
        return password;
    }

    /// <summary>The file as the router wrote it, still encrypted with its password.</summary>
    /// <exception cref="DomainException">It lies on the router.</exception>
    public async Task<(string Name, byte[] Content)> DownloadAsync(Guid backupId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ProvisionNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var backup = await FindAsync(db, backupId, ct);
        if (backup.ContentCipher is not { } content)
        {
            throw new DomainException("fleet.backup_on_router", $"This backup lies on the router as {backup.FileName}; its version cannot hand it over the API.");
        }

        db.Record("downloaded", backup);
        await db.SaveChangesAsync(ct);
        return ($"{backup.RouterName}-{backup.FileName!.Split('/')[^1]}", Convert.FromBase64String((await vault.OpenAsync(db.TenantId, ct)).Reveal(backup.ContentPlace(), content)));
    }

    private static async Task<RouterBackup> FindAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.RouterBackups.SingleOrDefaultAsync(b => b.Id == id && b.TakenAt != null, ct) ?? throw new NotFoundException("Backup", id);
}
