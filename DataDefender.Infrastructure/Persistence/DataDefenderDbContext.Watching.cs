using DataDefender.Domain.Monitoring.Alerts;
using DataDefender.Domain.Monitoring.History;
using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Notifications.Staff;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Persistence;

public abstract partial class DataDefenderDbContext
{
    public DbSet<AlertRule> AlertRules => Set<AlertRule>();
    public DbSet<AlertSettings> AlertSettings => Set<AlertSettings>();
    public DbSet<Incident> Incidents => Set<Incident>();
    public DbSet<IncidentAlert> IncidentAlerts => Set<IncidentAlert>();
    public DbSet<IncidentLine> IncidentLines => Set<IncidentLine>();
    public DbSet<IncidentEntry> IncidentEntries => Set<IncidentEntry>();
    public DbSet<MaintenanceWindow> MaintenanceWindows => Set<MaintenanceWindow>();
    public DbSet<MetricChunk> MetricChunks => Set<MetricChunk>();
    public DbSet<StaffNotification> StaffNotifications => Set<StaffNotification>();
}
