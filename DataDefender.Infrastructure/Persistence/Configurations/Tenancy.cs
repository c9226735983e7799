using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Identity;
using DataDefender.Infrastructure.Security;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataDefender.Infrastructure.Persistence.Configurations;

internal sealed class CompanyConfiguration : IEntityTypeConfiguration<Company>
{
    public void Configure(EntityTypeBuilder<Company> company)
    {
        company.ToTable("companies");
        company.Ignore(c => c.Licence).Ignore(c => c.AuditLabel);
        company.Property(c => c.Slug).HasMaxLength(60);
        company.Property(c => c.StatusReason).HasMaxLength(500);
        company.Property(c => c.Currency).HasMaxLength(3);
        company.Property(c => c.LicenceModules).HasMaxLength(120); // several names, with commas between
        company.HasIndex(c => c.Slug).IsUnique();
        company.HasIndex(c => c.Status);
    }
}

internal sealed class NumberSequenceConfiguration : IEntityTypeConfiguration<NumberSequence>
{
    public void Configure(EntityTypeBuilder<NumberSequence> sequence)
    {
        sequence.ToTable("number_sequences");
        sequence.Property(s => s.Name).HasMaxLength(60);
        sequence.HasIndex(s => new { s.TenantId, s.Name }).IsUnique();
    }
}

internal sealed class StaffMemberConfiguration : IEntityTypeConfiguration<StaffMember>
{
    public void Configure(EntityTypeBuilder<StaffMember> staff)
    {
        staff.ToTable("staff");
        staff.Ignore(s => s.AuditLabel);
        staff.Property(s => s.RouterUsername).HasMaxLength(StaffMember.MaxRouterUsername);
        staff.Property(s => s.RouterPasswordCipher).HasMaxLength(500);
        staff.HasIndex(s => new { s.TenantId, s.Email }).IsUnique();
        staff.HasIndex(s => new { s.TenantId, s.RouterUsername }).IsUnique().HasFilter("router_username IS NOT NULL");
    }
}

internal sealed class AuditEntryConfiguration : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> entry)
    {
        // The trigger refuses changes and removals; EF must know of it, since SQL Server allows no plain OUTPUT beside a trigger.
        entry.ToTable("audit_entries", table => table.HasTrigger(RowPolicies.AppendOnlyTrigger("audit_entries")));
        entry.Property(e => e.Action).HasMaxLength(60);
        entry.Property(e => e.Entity).HasMaxLength(60);
        entry.Property(e => e.EntityId).HasMaxLength(60);
        entry.Property(e => e.Before).HasMaxLength(-1);
        entry.Property(e => e.After).HasMaxLength(-1);
        entry.Property(e => e.Hash).HasMaxLength(AuditEntry.HashBytes);
        entry.Property(e => e.PreviousHash).HasMaxLength(AuditEntry.HashBytes);
        entry.HasIndex(e => new { e.TenantId, e.Sequence }).IsUnique();
        entry.HasIndex(e => new { e.TenantId, e.At });
        entry.HasIndex(e => new { e.TenantId, e.Entity, e.EntityId });
    }
}

internal sealed class AuditHeadConfiguration : IEntityTypeConfiguration<AuditHead>
{
    public void Configure(EntityTypeBuilder<AuditHead> head)
    {
        head.ToTable("audit_heads");
        head.HasKey(h => h.TenantId);
        head.Property(h => h.Hash).HasMaxLength(AuditEntry.HashBytes);
    }
}

internal sealed class SignInSessionConfiguration : IEntityTypeConfiguration<SignInSession>
{
    public void Configure(EntityTypeBuilder<SignInSession> session)
    {
        session.ToTable("sign_in_sessions");
        session.Property(s => s.UserAgent).HasMaxLength(400);
        session.HasIndex(s => new { s.AccountId, s.CreatedAt });
        session.HasOne<SignInAccount>().WithMany().HasForeignKey(s => s.AccountId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class TenantKeyConfiguration : IEntityTypeConfiguration<TenantKey>
{
    public void Configure(EntityTypeBuilder<TenantKey> key)
    {
        key.ToTable("tenant_keys");
        key.HasKey(k => new { k.TenantId, k.KeyVersion });
        key.Property(k => k.WrappedKey).HasMaxLength(1000);
    }
}
