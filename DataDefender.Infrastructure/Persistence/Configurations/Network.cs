using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Topology;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataDefender.Infrastructure.Persistence.Configurations;

internal sealed class RouterConfiguration : IEntityTypeConfiguration<Router>
{
    public void Configure(EntityTypeBuilder<Router> router)
    {
        router.ToTable("routers");
        router.Ignore(r => r.AuditLabel);
        router.Property(r => r.Name).HasMaxLength(80);
        router.Property(r => r.PasswordCipher).HasMaxLength(500);
        router.Property(r => r.StateReason).HasMaxLength(500);
        router.Property(r => r.Design).IsJsonValue(RouterDesign.None);
        router.HasOne<Site>().WithMany()
            .HasForeignKey(r => new { r.TenantId, r.SiteId }).HasPrincipalKey(s => new { s.TenantId, s.Id }).OnDelete(DeleteBehavior.Restrict);
        router.HasOne<Router>().WithMany()
            .HasForeignKey(r => new { r.TenantId, r.ParentRouterId }).HasPrincipalKey(r => new { r.TenantId, r.Id }).OnDelete(DeleteBehavior.Restrict);
        router.HasIndex(r => new { r.TenantId, r.Name }).IsUnique();
    }
}

internal sealed class NasConfiguration : IEntityTypeConfiguration<Nas>
{
    public void Configure(EntityTypeBuilder<Nas> nas)
    {
        nas.ToTable("nas_devices");
        nas.Ignore(n => n.AuditLabel);
        nas.Property(n => n.Name).HasMaxLength(80);
        nas.Property(n => n.Address).HasMaxLength(45);
        nas.Property(n => n.Identifier).HasMaxLength(100);
        nas.Property(n => n.Certificate).HasMaxLength(NasCertificate.MaxLength);
        nas.Property(n => n.SecretCipher).HasMaxLength(500);
        nas.HasOne<Router>().WithMany()
            .HasForeignKey(n => new { n.TenantId, n.RouterId }).HasPrincipalKey(r => new { r.TenantId, r.Id }).OnDelete(DeleteBehavior.Restrict);

        // A packet must lead to one NAS of one company: the pair is unique on the whole platform, on purpose not per tenant.
        nas.HasIndex(n => new { n.Address, n.Identifier }).IsUnique().HasFilter("address <> ''");
        nas.HasIndex(n => new { n.Certificate, n.Identifier }).IsUnique().HasFilter("certificate <> ''");
    }
}

internal sealed class NetworkSettingsConfiguration : IEntityTypeConfiguration<NetworkSettings>
{
    public void Configure(EntityTypeBuilder<NetworkSettings> settings)
    {
        settings.ToTable("network_settings");
        settings.Ignore(s => s.AuditLabel).Ignore(s => s.AddressLists);
        settings.Property(s => s.States).IsJsonValue(StateTreatments.Default);
        settings.Property(s => s.Design).IsJsonValue(NetworkDesign.None);
        settings.Property(s => s.WalledGardenList).HasMaxLength(60);
        settings.Property(s => s.MacPasswordCipher).HasMaxLength(500);
        settings.Property(s => s.SnmpPasswordCipher).HasMaxLength(500);
        settings.HasIndex(s => s.TenantId).IsUnique();
    }
}

internal sealed class NetworkEventConfiguration : IEntityTypeConfiguration<NetworkEvent>
{
    public void Configure(EntityTypeBuilder<NetworkEvent> networkEvent)
    {
        networkEvent.ToTable("network_events");
        networkEvent.Property(e => e.Kind).HasMaxLength(40);
        networkEvent.Property(e => e.Message).HasMaxLength(500);
        networkEvent.HasIndex(e => new { e.TenantId, e.At });
        networkEvent.HasIndex(e => new { e.TenantId, e.SubscriptionId, e.At });
    }
}
