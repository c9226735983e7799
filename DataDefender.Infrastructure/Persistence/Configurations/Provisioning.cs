using DataDefender.Domain.Provisioning;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataDefender.Infrastructure.Persistence.Configurations;

internal sealed class ProvisioningRunConfiguration : IEntityTypeConfiguration<ProvisioningRun>
{
    public void Configure(EntityTypeBuilder<ProvisioningRun> run)
    {
        run.ToTable("provisioning_runs");
        run.Ignore(r => r.AuditLabel).Ignore(r => r.IsOver);
        run.Property(r => r.Label).HasMaxLength(120);
        run.Property(r => r.RequestedBy).HasMaxLength(200);
        run.Property(r => r.Detail).HasMaxLength(500);
        // No foreign key to the router: what was done to it stays in the journal when it is removed.
        run.HasIndex(r => new { r.TenantId, r.RouterId, r.RequestedAt });
        run.HasIndex(r => new { r.Status, r.NextAttemptAt });
        run.HasIndex(r => new { r.TenantId, r.RouterId }).IsUnique().HasFilter($"status IN ({string.Join(", ", ProvisioningRun.UnderWay.Select(s => $"'{s}'"))})").HasDatabaseName("IX_provisioning_runs_under_way"); // one at a time writes to a router
    }
}

internal sealed class ProvisioningStepConfiguration : IEntityTypeConfiguration<ProvisioningStep>
{
    public void Configure(EntityTypeBuilder<ProvisioningStep> step)
    {
        step.ToTable("provisioning_steps");
        step.Ignore(s => s.MayHaveWritten);
        step.Property(s => s.Menu).HasMaxLength(80);
        step.Property(s => s.ItemKey).HasMaxLength(300);
        step.Property(s => s.What).HasMaxLength(200);
        step.Property(s => s.Intent).HasMaxLength(64);
        step.Property(s => s.Detail).HasMaxLength(500);
        step.Property(s => s.Values).IsJsonValue(StepValues.None);
        step.Property(s => s.UndoCipher).HasMaxLength(-1);
        step.HasOne<ProvisioningRun>().WithMany()
            .HasForeignKey(s => new { s.TenantId, s.RunId }).HasPrincipalKey(r => new { r.TenantId, r.Id }).OnDelete(DeleteBehavior.Restrict);
        step.HasIndex(s => new { s.TenantId, s.RunId, s.Sequence }).IsUnique();
    }
}
