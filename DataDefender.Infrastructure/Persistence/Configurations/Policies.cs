using DataDefender.Domain.Policies;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataDefender.Infrastructure.Persistence.Configurations;

internal sealed class UsagePolicyConfiguration : IEntityTypeConfiguration<UsagePolicy>
{
    public void Configure(EntityTypeBuilder<UsagePolicy> policy)
    {
        policy.ToTable("usage_policies");
        policy.Ignore(p => p.AuditLabel);
        policy.Property(p => p.Name).HasMaxLength(80);
        policy.Property(p => p.Rules).IsJsonValue(PolicyRules.None);
        policy.HasIndex(p => new { p.TenantId, p.Name }).IsUnique();
    }
}

internal sealed class TopUpConfiguration : IEntityTypeConfiguration<TopUp>
{
    public void Configure(EntityTypeBuilder<TopUp> topUp)
    {
        topUp.ToTable("top_ups");
        topUp.Ignore(t => t.AuditLabel).Ignore(t => t.Grant);
        topUp.HasOne<Subscription>().WithMany()
            .HasForeignKey(t => new { t.TenantId, t.SubscriptionId }).HasPrincipalKey(s => new { s.TenantId, s.Id }).OnDelete(DeleteBehavior.Restrict);
        topUp.HasIndex(t => new { t.TenantId, t.SubscriptionId, t.Until });
    }
}

internal sealed class PolicyCheckConfiguration : IEntityTypeConfiguration<PolicyCheck>
{
    public void Configure(EntityTypeBuilder<PolicyCheck> check)
    {
        check.ToTable("policy_checks");
        check.HasKey(c => new { c.TenantId, c.SubscriptionId });
        check.HasOne<Subscription>().WithMany()
            .HasForeignKey(c => new { c.TenantId, c.SubscriptionId }).HasPrincipalKey(s => new { s.TenantId, s.Id }).OnDelete(DeleteBehavior.Restrict);
        check.HasIndex(c => new { c.TenantId, c.NextAt });
    }
}
