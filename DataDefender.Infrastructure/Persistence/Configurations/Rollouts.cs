using DataDefender.Domain.Provisioning;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataDefender.Infrastructure.Persistence.Configurations;

internal sealed class RolloutConfiguration : IEntityTypeConfiguration<Rollout>
{
    public void Configure(EntityTypeBuilder<Rollout> rollout)
    {
        rollout.ToTable("rollouts");
        rollout.Ignore(r => r.AuditLabel).Ignore(r => r.IsOver);
        rollout.Property(r => r.Label).HasMaxLength(120);
        rollout.Property(r => r.RequestedBy).HasMaxLength(200);
        rollout.Property(r => r.Detail).HasMaxLength(500);
        rollout.HasIndex(r => new { r.TenantId, r.RequestedAt });
        rollout.HasIndex(r => r.Status);
    }
}

internal sealed class RolloutRouterConfiguration : IEntityTypeConfiguration<RolloutRouter>
{
    public void Configure(EntityTypeBuilder<RolloutRouter> router)
    {
        router.ToTable("rollout_routers");
        router.Ignore(r => r.IsSettled);
        router.Property(r => r.RouterName).HasMaxLength(80);
        router.Property(r => r.Detail).HasMaxLength(500);
        // As with a single change, the router may be removed and what was done to it stays.
        router.HasOne<Rollout>().WithMany()
            .HasForeignKey(r => new { r.TenantId, r.RolloutId }).HasPrincipalKey(r => new { r.TenantId, r.Id }).OnDelete(DeleteBehavior.Restrict);
        router.HasOne<ProvisioningRun>().WithMany()
            .HasForeignKey(r => new { r.TenantId, r.RunId }).HasPrincipalKey(r => new { r.TenantId, r.Id }).OnDelete(DeleteBehavior.Restrict);
        router.HasIndex(r => new { r.TenantId, r.RolloutId, r.Sequence }).IsUnique();
    }
}
