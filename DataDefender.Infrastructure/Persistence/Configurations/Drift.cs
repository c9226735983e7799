using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataDefender.Infrastructure.Persistence.Configurations;

internal sealed class DriftConfiguration : IEntityTypeConfiguration<Drift>
{
    public void Configure(EntityTypeBuilder<Drift> drift)
    {
        drift.ToTable("drifts");
        drift.Ignore(d => d.IsOfALine);
        drift.ComplexProperty(d => d.CostPerDay);
        drift.Property(d => d.ItemKey).HasMaxLength(300);
        drift.Property(d => d.Menu).HasMaxLength(80);
        drift.Property(d => d.What).HasMaxLength(200);
        drift.Property(d => d.Username).HasMaxLength(100);
        drift.Property(d => d.Values).IsJsonValue(StepValues.None);
        drift.HasOne<Router>().WithMany()
            .HasForeignKey(d => new { d.TenantId, d.RouterId }).HasPrincipalKey(r => new { r.TenantId, r.Id }).OnDelete(DeleteBehavior.Restrict);
        drift.HasIndex(d => new { d.TenantId, d.RouterId });
    }
}

internal sealed class DriftLookConfiguration : IEntityTypeConfiguration<DriftLook>
{
    public void Configure(EntityTypeBuilder<DriftLook> look)
    {
        look.ToTable("drift_looks");
        look.Property(l => l.Trouble).HasMaxLength(500);
        look.HasOne<Router>().WithMany()
            .HasForeignKey(l => new { l.TenantId, l.RouterId }).HasPrincipalKey(r => new { r.TenantId, r.Id }).OnDelete(DeleteBehavior.Restrict);
        look.HasIndex(l => new { l.TenantId, l.RouterId }).IsUnique();
    }
}
