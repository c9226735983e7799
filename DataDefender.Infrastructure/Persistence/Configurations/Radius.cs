using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataDefender.Infrastructure.Persistence.Configurations;

internal sealed class LiveSessionConfiguration : IEntityTypeConfiguration<LiveSession>
{
    public void Configure(EntityTypeBuilder<LiveSession> session)
    {
        session.ToTable("live_sessions");
        session.Property(s => s.AcctSessionId).HasMaxLength(128);
        session.Property(s => s.FramedAddress).HasMaxLength(45);
        session.Property(s => s.Ipv6Prefix).HasMaxLength(43);
        session.Property(s => s.DelegatedPrefix).HasMaxLength(43);
        session.Property(s => s.Username).HasMaxLength(253);
        session.Property(s => s.CallingStationId).HasMaxLength(64);
        session.Property(s => s.CalledStationId).HasMaxLength(100);
        session.Property(s => s.NasPortId).HasMaxLength(100);
        session.HasOne<Nas>().WithMany()
            .HasForeignKey(s => new { s.TenantId, s.NasId }).HasPrincipalKey(n => new { n.TenantId, n.Id }).OnDelete(DeleteBehavior.Restrict);

        // No index on what an interim update changes: on PostgreSQL the row then stays in its page (HOT).
        session.HasIndex(s => new { s.TenantId, s.NasId, s.AcctSessionId }).IsUnique();
        session.HasIndex(s => new { s.TenantId, s.SubscriptionId });
        session.HasIndex(s => new { s.TenantId, s.FramedAddress });
        session.HasIndex(s => new { s.TenantId, s.Ipv6Prefix });
        session.HasIndex(s => new { s.TenantId, s.DelegatedPrefix });
        session.HasIndex(s => new { s.TenantId, s.CallingStationId });
    }
}

internal sealed class SessionRecordConfiguration : IEntityTypeConfiguration<SessionRecord>
{
    public void Configure(EntityTypeBuilder<SessionRecord> session)
    {
        session.ToTable(SessionMonths.Table);
        session.HasKey(s => new { s.Id, s.StartedAt }); // PostgreSQL wants what the partitions are made by in every key
        session.Property(s => s.AcctSessionId).HasMaxLength(128);
        session.Property(s => s.FramedAddress).HasMaxLength(45);
        session.Property(s => s.Ipv6Prefix).HasMaxLength(43);
        session.Property(s => s.DelegatedPrefix).HasMaxLength(43);
        session.Property(s => s.Username).HasMaxLength(253);
        session.Property(s => s.CallingStationId).HasMaxLength(64);
        session.Property(s => s.CalledStationId).HasMaxLength(100);
        session.Property(s => s.NasPortId).HasMaxLength(100);
        session.Property(s => s.TerminateCause).HasMaxLength(40);
        session.HasIndex(s => new { s.TenantId, s.NasId, s.AcctSessionId, s.StartedAt });
        session.HasIndex(s => new { s.TenantId, s.SubscriptionId, s.StartedAt });
        session.HasIndex(s => new { s.TenantId, s.FramedAddress, s.StartedAt });
        session.HasIndex(s => new { s.TenantId, s.Ipv6Prefix, s.StartedAt });
        session.HasIndex(s => new { s.TenantId, s.DelegatedPrefix, s.StartedAt });
        session.HasIndex(s => new { s.TenantId, s.NasId, s.StoppedAt }); // who was lost when a NAS restarted
    }
}

internal sealed class UsageHourConfiguration : IEntityTypeConfiguration<UsageHour>
{
    public void Configure(EntityTypeBuilder<UsageHour> usage)
    {
        usage.ToTable("usage_hours");
        usage.HasKey(u => new { u.TenantId, u.SubscriptionId, u.Hour });
        usage.HasOne<Subscription>().WithMany()
            .HasForeignKey(u => new { u.TenantId, u.SubscriptionId }).HasPrincipalKey(s => new { s.TenantId, s.Id }).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class UsageDeltaConfiguration : IEntityTypeConfiguration<UsageDelta>
{
    public void Configure(EntityTypeBuilder<UsageDelta> delta)
    {
        delta.ToTable("usage_deltas");

        // Each accounting report becomes a row: the one key is what the sums are made by, and nothing else is looked up while it is written.
        delta.HasKey(d => new { d.TenantId, d.Hour, d.JournalId, d.Sequence });
        delta.Property(d => d.AcctSessionId).HasMaxLength(128);
        delta.Property(d => d.Source).HasMaxLength(10);
    }
}

internal sealed class LoginAttemptConfiguration : IEntityTypeConfiguration<LoginAttempt>
{
    public void Configure(EntityTypeBuilder<LoginAttempt> attempt)
    {
        attempt.ToTable("login_attempts");
        attempt.Property(a => a.Username).HasMaxLength(253);
        attempt.Property(a => a.CallingStationId).HasMaxLength(64);
        attempt.Property(a => a.Method).HasMaxLength(20);
        attempt.Property(a => a.Detail).HasMaxLength(LoginAttempt.MaxDetail);
        attempt.HasIndex(a => new { a.TenantId, a.At });
        attempt.HasIndex(a => new { a.TenantId, a.Username, a.At });
        attempt.HasIndex(a => new { a.TenantId, a.SubscriptionId, a.At });
        attempt.HasIndex(a => new { a.TenantId, a.NasId, a.At });
    }
}

internal sealed class RadiusChangeConfiguration : IEntityTypeConfiguration<RadiusChange>
{
    public void Configure(EntityTypeBuilder<RadiusChange> change)
    {
        change.ToTable("radius_changes");
        change.Property(c => c.Kind).HasMaxLength(40);
        change.HasIndex(c => c.At);
    }
}

internal sealed class SessionChangeConfiguration : IEntityTypeConfiguration<SessionChange>
{
    public void Configure(EntityTypeBuilder<SessionChange> change)
    {
        change.ToTable("session_changes");
        change.HasIndex(c => new { c.TenantId, c.At });
    }
}

internal sealed class JournalPositionConfiguration : IEntityTypeConfiguration<JournalPosition>
{
    public void Configure(EntityTypeBuilder<JournalPosition> position)
    {
        position.ToTable("journal_positions");
        position.HasKey(p => p.JournalId);
    }
}
