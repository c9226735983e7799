using DataDefender.Domain.Addresses;
using DataDefender.Domain.Network;
using DataDefender.Domain.Topology;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataDefender.Infrastructure.Persistence.Configurations;

internal sealed class AddressPrefixConfiguration : IEntityTypeConfiguration<AddressPrefix>
{
    public void Configure(EntityTypeBuilder<AddressPrefix> prefix)
    {
        prefix.ToTable("address_prefixes");
        prefix.Ignore(p => p.AuditLabel).Ignore(p => p.Range);
        prefix.Property(p => p.Network).HasMaxLength(43);
        prefix.Property(p => p.Name).HasMaxLength(80);
        prefix.Property(p => p.PoolName).HasMaxLength(60);
        prefix.Property(p => p.Gateway).HasMaxLength(45);
        prefix.Property(p => p.Notes).HasMaxLength(1000);
        prefix.HasOne<Site>().WithMany().HasForeignKey(p => new { p.TenantId, p.SiteId }).HasPrincipalKey(s => new { s.TenantId, s.Id }).OnDelete(DeleteBehavior.Restrict);
        prefix.HasOne<Router>().WithMany().HasForeignKey(p => new { p.TenantId, p.RouterId }).HasPrincipalKey(r => new { r.TenantId, r.Id }).OnDelete(DeleteBehavior.Restrict);
        prefix.HasIndex(p => new { p.TenantId, p.Network }).IsUnique();
    }
}

internal sealed class CgnatMapConfiguration : IEntityTypeConfiguration<CgnatMap>
{
    public void Configure(EntityTypeBuilder<CgnatMap> map)
    {
        map.ToTable("cgnat_maps");
        map.Ignore(m => m.AuditLabel).Ignore(m => m.BlocksPerAddress);
        map.Property(m => m.Name).HasMaxLength(80);
        map.Property(m => m.Inside).HasMaxLength(80);
        map.Property(m => m.Outside).HasMaxLength(80);
        // No foreign key to the router: the map of a time stays when the router is replaced.
        map.HasIndex(m => new { m.TenantId, m.ValidFrom });
    }
}

internal sealed class CgnatBlockConfiguration : IEntityTypeConfiguration<CgnatBlock>
{
    public void Configure(EntityTypeBuilder<CgnatBlock> block)
    {
        block.ToTable("cgnat_blocks");
        block.Property(b => b.Outside).HasMaxLength(15);
        block.Property(b => b.Inside).HasMaxLength(15);
        block.Property(b => b.Source).HasMaxLength(120);
        block.HasIndex(b => new { b.TenantId, b.Outside, b.From });
        block.HasIndex(b => new { b.TenantId, b.From });
    }
}
