using DataDefender.Infrastructure.Accounting;
using DataDefender.Infrastructure.Billing;
using DataDefender.Infrastructure.Lines;
using DataDefender.Infrastructure.Messaging;
using DataDefender.Infrastructure.Monitoring;
using DataDefender.Infrastructure.Network.Polling;
using DataDefender.Infrastructure.Network.Provisioning;
using DataDefender.Infrastructure.Network.RouterOs;
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
        services.AddPolicies();
        services.AddProvisioning();
        services.AddLineControl();
        services.AddMessaging();
        services.AddAccountingLedgers();
        services.AddSessionHealing();
        services.AddBilling();
    }

    public static void Map(WebApplication app)
    {
        app.MapMessageHooks();
    }
}
