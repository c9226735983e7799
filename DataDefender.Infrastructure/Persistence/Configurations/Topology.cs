using DataDefender.Domain.Network;
using DataDefender.Domain.Topology;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataDefender.Infrastructure.Persistence.Configurations;

internal sealed class SiteConfiguration : IEntityTypeConfiguration<Site>
{
    public void Configure(EntityTypeBuilder<Site> site)
    {
        site.ToTable("sites");
        site.Ignore(s => s.AuditLabel);
        site.Property(s => s.Name).HasMaxLength(Site.NameLength);
        site.Property(s => s.Latitude).HasPrecision(9, 6);
        site.Property(s => s.Longitude).HasPrecision(9, 6);
        site.Property(s => s.Notes).HasMaxLength(1000);
        site.HasIndex(s => new { s.TenantId, s.Name }).IsUnique();
    }
}

internal sealed class NetworkLinkConfiguration : IEntityTypeConfiguration<NetworkLink>
{
    public void Configure(EntityTypeBuilder<NetworkLink> link)
    {
        link.ToTable("network_links");
        link.Ignore(l => l.AuditLabel);
        link.Property(l => l.Name).HasMaxLength(80);
        link.Property(l => l.FromInterface).HasMaxLength(100);
        link.Property(l => l.ToInterface).HasMaxLength(100);
        link.HasOne<Router>().WithMany().HasForeignKey(l => new { l.TenantId, l.FromRouterId }).HasPrincipalKey(r => new { r.TenantId, r.Id }).OnDelete(DeleteBehavior.Restrict);
        link.HasOne<Router>().WithMany().HasForeignKey(l => new { l.TenantId, l.ToRouterId }).HasPrincipalKey(r => new { r.TenantId, r.Id }).OnDelete(DeleteBehavior.Restrict);
        link.HasOne<Site>().WithMany().HasForeignKey(l => new { l.TenantId, l.FromSiteId }).HasPrincipalKey(s => new { s.TenantId, s.Id }).OnDelete(DeleteBehavior.Restrict);
        link.HasOne<Site>().WithMany().HasForeignKey(l => new { l.TenantId, l.ToSiteId }).HasPrincipalKey(s => new { s.TenantId, s.Id }).OnDelete(DeleteBehavior.Restrict);
        link.HasIndex(l => new { l.TenantId, l.Name }).IsUnique();
    }
}

internal sealed class RouterNeighbourConfiguration : IEntityTypeConfiguration<RouterNeighbour>
{
    public void Configure(EntityTypeBuilder<RouterNeighbour> neighbour)
    {
        neighbour.ToTable("router_neighbours");
        neighbour.Property(n => n.Interface).HasMaxLength(100);
        neighbour.Property(n => n.Mac).HasMaxLength(17);
        neighbour.Property(n => n.Address).HasMaxLength(45);
        neighbour.Property(n => n.TheirInterface).HasMaxLength(100);
        neighbour.Property(n => n.Platform).HasMaxLength(100);
        neighbour.Property(n => n.Board).HasMaxLength(100);
        neighbour.Property(n => n.RouterOsVersion).HasMaxLength(100);
        neighbour.HasOne<Router>().WithMany().HasForeignKey(n => new { n.TenantId, n.RouterId }).HasPrincipalKey(r => new { r.TenantId, r.Id }).OnDelete(DeleteBehavior.Restrict);
        neighbour.HasIndex(n => new { n.TenantId, n.RouterId });
    }
}
