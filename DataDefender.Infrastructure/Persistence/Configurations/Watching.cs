using DataDefender.Domain.Monitoring.Alerts;
using DataDefender.Domain.Monitoring.History;
using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Notifications.Staff;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataDefender.Infrastructure.Persistence.Configurations;

internal sealed class AlertRuleConfiguration : IEntityTypeConfiguration<AlertRule>
{
    public void Configure(EntityTypeBuilder<AlertRule> rule)
    {
        rule.ToTable("alert_rules");
        rule.Ignore(r => r.AuditLabel).Ignore(r => r.Delay).Ignore(r => r.ClearAfter);
        rule.Property(r => r.Interface).HasMaxLength(100);
        rule.Property(r => r.Threshold).HasConversion<decimal>().HasPrecision(18, 3);
    }
}

internal sealed class AlertSettingsConfiguration : IEntityTypeConfiguration<AlertSettings>
{
    public void Configure(EntityTypeBuilder<AlertSettings> settings)
    {
        settings.ToTable("alert_settings");
        settings.Ignore(s => s.AuditLabel).Ignore(s => s.Damping);
        settings.HasIndex(s => s.TenantId).IsUnique(); // two processes that begin at once give the company one set of rules
    }
}

internal sealed class IncidentConfiguration : IEntityTypeConfiguration<Incident>
{
    public void Configure(EntityTypeBuilder<Incident> incident)
    {
        incident.ToTable("incidents");
        incident.Ignore(i => i.IsOpen);
        incident.Property(i => i.Next).HasMaxLength(300);
        incident.Property(i => i.MuteReason).HasMaxLength(300);
        incident.HasIndex(i => new { i.TenantId, i.Number }).IsUnique();
        incident.HasIndex(i => new { i.TenantId, i.ResolvedAt });
        incident.HasIndex(i => new { i.TenantId, i.OpenedAt });
    }
}

internal sealed class IncidentAlertConfiguration : IEntityTypeConfiguration<IncidentAlert>
{
    public void Configure(EntityTypeBuilder<IncidentAlert> alert)
    {
        alert.ToTable("incident_alerts");
        alert.Ignore(a => a.Key);
        alert.Property(a => a.Detail).HasMaxLength(300);
        alert.Property(a => a.Interface).HasMaxLength(100);
        alert.Property(a => a.Value).HasConversion<decimal?>().HasPrecision(18, 3);
        alert.HasOne<Incident>().WithMany()
            .HasForeignKey(a => new { a.TenantId, a.IncidentId }).HasPrincipalKey(i => new { i.TenantId, i.Id }).OnDelete(DeleteBehavior.Restrict);
        alert.HasIndex(a => new { a.TenantId, a.ClearedAt });
        alert.HasIndex(a => new { a.TenantId, a.RaisedAt });
    }
}

internal sealed class IncidentLineConfiguration : IEntityTypeConfiguration<IncidentLine>
{
    public void Configure(EntityTypeBuilder<IncidentLine> line)
    {
        line.ToTable("incident_lines");
        line.HasKey(l => new { l.TenantId, l.IncidentId, l.SubscriptionId });
        line.HasOne<Incident>().WithMany()
            .HasForeignKey(l => new { l.TenantId, l.IncidentId }).HasPrincipalKey(i => new { i.TenantId, i.Id }).OnDelete(DeleteBehavior.Restrict);
        line.HasOne<Subscription>().WithMany()
            .HasForeignKey(l => new { l.TenantId, l.SubscriptionId }).HasPrincipalKey(s => new { s.TenantId, s.Id }).OnDelete(DeleteBehavior.Restrict);
        line.HasIndex(l => new { l.TenantId, l.SubscriptionId, l.LostAt });
    }
}

internal sealed class IncidentEntryConfiguration : IEntityTypeConfiguration<IncidentEntry>
{
    public void Configure(EntityTypeBuilder<IncidentEntry> entry)
    {
        entry.ToTable("incident_entries");
        entry.Property(e => e.Text).HasMaxLength(600);
        entry.HasOne<Incident>().WithMany()
            .HasForeignKey(e => new { e.TenantId, e.IncidentId }).HasPrincipalKey(i => new { i.TenantId, i.Id }).OnDelete(DeleteBehavior.Restrict);
        entry.HasIndex(e => new { e.TenantId, e.IncidentId, e.At });
    }
}

internal sealed class MaintenanceWindowConfiguration : IEntityTypeConfiguration<MaintenanceWindow>
{
    public void Configure(EntityTypeBuilder<MaintenanceWindow> window)
    {
        window.ToTable("maintenance_windows");
        window.Ignore(w => w.AuditLabel);
        window.Property(w => w.Reason).HasMaxLength(300);
        window.HasIndex(w => new { w.TenantId, w.Until });
    }
}

internal sealed class MetricChunkConfiguration : IEntityTypeConfiguration<MetricChunk>
{
    public void Configure(EntityTypeBuilder<MetricChunk> chunk)
    {
        chunk.ToTable("metric_chunks");
        chunk.HasKey(c => new { c.TenantId, c.SubjectId, c.Step, c.From });
        chunk.Property(c => c.Step).HasMaxLength(12);
        chunk.Property(c => c.Payload).HasMaxLength(-1);
        chunk.HasIndex(c => new { c.TenantId, c.Step, c.Until });
    }
}

internal sealed class StaffNotificationConfiguration : IEntityTypeConfiguration<StaffNotification>
{
    public void Configure(EntityTypeBuilder<StaffNotification> notification)
    {
        notification.ToTable("staff_notifications");
        notification.Property(n => n.Kind).HasMaxLength(40);
        notification.Property(n => n.Text).HasMaxLength(600);
        notification.Property(n => n.Href).HasMaxLength(300);
        notification.HasOne<StaffMember>().WithMany()
            .HasForeignKey(n => new { n.TenantId, n.StaffId }).HasPrincipalKey(s => new { s.TenantId, s.Id }).OnDelete(DeleteBehavior.Restrict);
        notification.HasIndex(n => new { n.TenantId, n.StaffId, n.At });
        notification.HasIndex(n => new { n.TenantId, n.At });
    }
}
