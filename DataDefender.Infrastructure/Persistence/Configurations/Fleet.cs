using DataDefender.Domain.Fleet;
using DataDefender.Domain.Network;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataDefender.Infrastructure.Persistence.Configurations;

internal sealed class RouterCareConfiguration : IEntityTypeConfiguration<RouterCare>
{
    public void Configure(EntityTypeBuilder<RouterCare> care)
    {
        care.ToTable("router_care");
        care.Property(c => c.ExportTrouble).HasMaxLength(500);
        care.Property(c => c.FirmwareTrouble).HasMaxLength(500);
        care.HasOne<Router>().WithMany().HasForeignKey(c => new { c.TenantId, c.RouterId }).HasPrincipalKey(r => new { r.TenantId, r.Id }).OnDelete(DeleteBehavior.Restrict);
        care.HasIndex(c => new { c.TenantId, c.RouterId }).IsUnique();
    }
}

internal sealed class ConfigurationTextConfiguration : IEntityTypeConfiguration<ConfigurationText>
{
    public void Configure(EntityTypeBuilder<ConfigurationText> text)
    {
        text.ToTable("configuration_texts");
        text.Property(t => t.Hash).HasMaxLength(64);
        text.Property(t => t.Sealed).HasMaxLength(-1);
        text.HasIndex(t => new { t.TenantId, t.Hash }).IsUnique();
    }
}

internal sealed class ConfigurationExportConfiguration : IEntityTypeConfiguration<ConfigurationExport>
{
    public void Configure(EntityTypeBuilder<ConfigurationExport> export)
    {
        export.ToTable("configuration_exports");
        export.Property(e => e.RouterOsVersion).HasMaxLength(60);
        export.HasOne<ConfigurationText>().WithMany().HasForeignKey(e => new { e.TenantId, e.TextId }).HasPrincipalKey(t => new { t.TenantId, t.Id }).OnDelete(DeleteBehavior.Restrict);
        // No foreign key to the router: how it was configured stays known when it is replaced.
        export.HasIndex(e => new { e.TenantId, e.RouterId, e.TakenAt });
        export.HasIndex(e => new { e.TenantId, e.TextId });
    }
}

internal sealed class RouterBackupConfiguration : IEntityTypeConfiguration<RouterBackup>
{
    public void Configure(EntityTypeBuilder<RouterBackup> backup)
    {
        backup.ToTable("router_backups");
        backup.Ignore(b => b.AuditLabel);
        backup.Property(b => b.PasswordCipher).HasMaxLength(500);
        backup.Property(b => b.ContentCipher).HasMaxLength(-1);
        backup.Property(b => b.Trouble).HasMaxLength(500);
        backup.HasIndex(b => new { b.TenantId, b.RouterId, b.RequestedAt });
        backup.HasIndex(b => new { b.TenantId, b.State });
    }
}

internal sealed class FirmwareUpgradeConfiguration : IEntityTypeConfiguration<FirmwareUpgrade>
{
    public void Configure(EntityTypeBuilder<FirmwareUpgrade> upgrade)
    {
        upgrade.ToTable("firmware_upgrades");
        upgrade.Ignore(u => u.AuditLabel).Ignore(u => u.IsOver);
        upgrade.Property(u => u.Name).HasMaxLength(80);
        upgrade.Property(u => u.Detail).HasMaxLength(500);
        upgrade.HasIndex(u => new { u.TenantId, u.RequestedAt });
        upgrade.HasIndex(u => u.FinishedAt);
    }
}

internal sealed class FirmwareUpgradeRouterConfiguration : IEntityTypeConfiguration<FirmwareUpgradeRouter>
{
    public void Configure(EntityTypeBuilder<FirmwareUpgradeRouter> router)
    {
        router.ToTable("firmware_upgrade_routers");
        router.Ignore(r => r.IsUnderWay).Ignore(r => r.IsOver);
        router.Property(r => r.Detail).HasMaxLength(500);
        router.Property(r => r.PackagesBefore).HasMaxLength(1000);
        router.HasOne<FirmwareUpgrade>().WithMany().HasForeignKey(r => new { r.TenantId, r.UpgradeId }).HasPrincipalKey(u => new { u.TenantId, u.Id }).OnDelete(DeleteBehavior.Restrict);
        router.HasIndex(r => new { r.TenantId, r.UpgradeId, r.Position }).IsUnique();
        router.HasIndex(r => new { r.TenantId, r.RouterId }).IsUnique().HasFilter("finished_at IS NULL"); // one upgrade at a time
    }
}
