using DataDefender.Infrastructure.Accounting;
using DataDefender.Infrastructure.Billing;
using DataDefender.Infrastructure.Collections;
using DataDefender.Infrastructure.Exports;
using DataDefender.Infrastructure.Lines;
using DataDefender.Infrastructure.Messaging;
using DataDefender.Infrastructure.Monitoring;
using DataDefender.Infrastructure.Monitoring.Alerts;
using DataDefender.Infrastructure.Network.Fleet;
using DataDefender.Infrastructure.Monitoring.History;
using DataDefender.Infrastructure.Network.Polling;
using DataDefender.Infrastructure.Network.Provisioning;
using DataDefender.Infrastructure.Network.RouterOs;
using DataDefender.Infrastructure.Payments;
using DataDefender.Infrastructure.Policies;

namespace DataDefender.Web.Setup;

/// <summary>Where a module of the product adds what only Web runs: gateways, background work, hubs, endpoints. One line each.</summary>
internal static class WebModules
{
    public static void Add(IServiceCollection services)
    {
        services.AddRouterOs();
        services.AddRouterPolling();
        services.AddMonitoring();
        services.AddAlerts();
        services.AddMetricHistory();
        services.AddPolicies();
        services.AddProvisioning();
        services.AddFleetCare();
        services.AddLineControl();
        services.AddMessaging();
        services.AddCollections();
        services.AddReportFiles().AddScoped<ReportFiles>();
        services.AddAccountingLedgers();
        services.AddSessionHealing();
        services.AddPayments();
        services.AddBilling();
        services.AddBillingWork();
    }

    public static void Map(WebApplication app)
    {
        app.MapEnrolment();
        app.MapMessageHooks();
        app.MapBilling();
        app.MapPaymentCallbacks();
        app.MapReportFiles();
    }
}
