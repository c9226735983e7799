using DataDefender.Domain.Provisioning;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataDefender.Infrastructure.Persistence.Configurations;

internal sealed class EnrolmentConfiguration : IEntityTypeConfiguration<Enrolment>
{
    public void Configure(EntityTypeBuilder<Enrolment> enrolment)
    {
        enrolment.ToTable("enrolments");
        enrolment.Ignore(e => e.AuditLabel).Ignore(e => e.ApiHost);
        enrolment.Property(e => e.Name).HasMaxLength(80);
        enrolment.Property(e => e.Site).HasMaxLength(80);
        enrolment.Property(e => e.TokenHash).HasMaxLength(64);
        enrolment.Property(e => e.PasswordCipher).HasMaxLength(500);
        enrolment.Property(e => e.Host).HasMaxLength(255);
        enrolment.Property(e => e.TunnelAddress).HasMaxLength(45);
        enrolment.Property(e => e.RequestedBy).HasMaxLength(200);
        enrolment.Property(e => e.CalledFrom).HasMaxLength(45);
        enrolment.Property(e => e.PublicKey).HasMaxLength(44);
        enrolment.Property(e => e.Identity).HasMaxLength(300);
        enrolment.Property(e => e.Trouble).HasMaxLength(500);
        // A token leads to one company: unique on the whole platform, on purpose not per tenant.
        enrolment.HasIndex(e => e.TokenHash).IsUnique();
        enrolment.Property(e => e.HubTrouble).HasMaxLength(500);
        enrolment.HasIndex(e => new { e.TenantId, e.TunnelAddress }).IsUnique().HasFilter("tunnel_address IS NOT NULL");
        enrolment.HasIndex(e => new { e.TenantId, e.CreatedAt });
    }
}
