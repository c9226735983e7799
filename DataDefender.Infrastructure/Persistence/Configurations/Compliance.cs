using DataDefender.Domain.Compliance;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataDefender.Infrastructure.Persistence.Configurations;

internal sealed class DisclosureConfiguration : IEntityTypeConfiguration<Disclosure>
{
    public void Configure(EntityTypeBuilder<Disclosure> disclosure)
    {
        disclosure.ToTable("disclosures");
        disclosure.Ignore(d => d.AuditLabel);
        disclosure.Property(d => d.CaseNumber).HasMaxLength(80);
        disclosure.Property(d => d.Authority).HasMaxLength(120);
        disclosure.Property(d => d.Address).HasMaxLength(45);
        disclosure.HasIndex(d => new { d.TenantId, d.At });
    }
}
