using DataDefender.Domain.Monitoring.Alerts;
using DataDefender.Domain.Monitoring.History;
using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Notifications.Staff;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Common;

public partial interface IDataDefenderDb
{
    DbSet<AlertRule> AlertRules { get; }
    DbSet<AlertSettings> AlertSettings { get; }
    DbSet<Incident> Incidents { get; }
    DbSet<IncidentAlert> IncidentAlerts { get; }
    DbSet<IncidentLine> IncidentLines { get; }
    DbSet<IncidentEntry> IncidentEntries { get; }
    DbSet<MaintenanceWindow> MaintenanceWindows { get; }
    DbSet<StaffNotification> StaffNotifications { get; }
    DbSet<MetricChunk> MetricChunks { get; }
}
