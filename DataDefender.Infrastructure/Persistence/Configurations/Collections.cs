using DataDefender.Domain.Billing;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Collections;
using DataDefender.Domain.Reports;
using DataDefender.Domain.Topology;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataDefender.Infrastructure.Persistence.Configurations;

internal sealed class CollectionsSettingsConfiguration : IEntityTypeConfiguration<CollectionsSettings>
{
    public void Configure(EntityTypeBuilder<CollectionsSettings> settings)
    {
        settings.ToTable("collections_settings");
        settings.Ignore(s => s.AuditLabel);
        settings.Property(s => s.Policy).IsJsonValue(DunningPolicy.Standard);
        settings.HasIndex(s => s.TenantId).IsUnique();
    }
}

internal sealed class ClientStandingConfiguration : IEntityTypeConfiguration<ClientStanding>
{
    public void Configure(EntityTypeBuilder<ClientStanding> standing)
    {
        standing.ToTable("client_standings");
        standing.Ignore(s => s.AuditLabel).Ignore(s => s.Exclusion);
        standing.HasOne<Client>().WithMany()
            .HasForeignKey(s => new { s.TenantId, s.ClientId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);
        standing.HasIndex(s => new { s.TenantId, s.ClientId }).IsUnique();
        standing.HasIndex(s => new { s.TenantId, s.PromiseUntil });
    }
}

internal sealed class DunningEntryConfiguration : IEntityTypeConfiguration<DunningEntry>
{
    public void Configure(EntityTypeBuilder<DunningEntry> entry)
    {
        entry.ToTable("dunning_entries");
        entry.Property(e => e.StepKey).HasMaxLength(100);
        entry.Property(e => e.Step).HasMaxLength(60);
        entry.Property(e => e.Text).HasMaxLength(300);
        entry.HasOne<Client>().WithMany()
            .HasForeignKey(e => new { e.TenantId, e.ClientId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);
        entry.HasOne<Invoice>().WithMany()
            .HasForeignKey(e => new { e.TenantId, e.InvoiceId }).HasPrincipalKey(i => new { i.TenantId, i.Id }).OnDelete(DeleteBehavior.Restrict);

        // A step happens once for an invoice, whoever takes it.
        entry.HasIndex(e => new { e.TenantId, e.StepKey }).IsUnique();
        entry.HasIndex(e => new { e.TenantId, e.ClientId, e.At });
        entry.HasIndex(e => new { e.TenantId, e.InvoiceId });
    }
}

internal sealed class SiteCostConfiguration : IEntityTypeConfiguration<SiteCost>
{
    public void Configure(EntityTypeBuilder<SiteCost> cost)
    {
        cost.ToTable("site_costs");
        cost.Ignore(c => c.AuditLabel);
        cost.ComplexProperty(c => c.Amount);
        cost.Property(c => c.What).HasMaxLength(100);
        cost.HasOne<Site>().WithMany()
            .HasForeignKey(c => new { c.TenantId, c.SiteId }).HasPrincipalKey(s => new { s.TenantId, s.Id }).OnDelete(DeleteBehavior.Restrict);
        cost.HasIndex(c => new { c.TenantId, c.Month });
    }
}
