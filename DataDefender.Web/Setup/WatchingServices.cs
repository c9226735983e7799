using DataDefender.Domain.Monitoring.Alerts;
using DataDefender.Domain.Monitoring.Diagnosis;
using DataDefender.Domain.Monitoring.History;
using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Notifications.Staff;

namespace DataDefender.Web.Setup;

/// <summary>Alerts, incidents and what staff are told.</summary>
internal static class WatchingServices
{
    public static IServiceCollection AddWatchingServices(this IServiceCollection services)
    {
        services.AddSingleton<AlertSignal>().AddScoped<AlertRuleService>();
        services.AddScoped<DiagnosisService>().AddScoped<MetricHistoryService>().AddScoped<IncidentService>().AddScoped<MaintenanceService>();
        return services.AddSingleton<StaffInbox>().AddSingleton<StaffNotifier>().AddScoped<StaffNotificationService>();
    }
}
