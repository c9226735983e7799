using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Monitoring.Alerts;
using DataDefender.Domain.Monitoring.Incidents;
using DataDefender.Domain.Network;
using DataDefender.Domain.Notifications.Staff;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Domain.Topology;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Domain.Tests.Network;

/// <summary>The network services over a database of their own and routers that answer by script.</summary>
public sealed class NetworkFixture : IAsyncDisposable
{
    private readonly Dictionary<DatabaseProvider, TestServices> _services = [];

    public ScriptedRouters Routers { get; } = new();

    public LiveMetrics Metrics { get; } = new();

    public async Task<TestServices> ServicesAsync(DatabaseProvider provider = DatabaseProvider.Sqlite)
    {
        if (!_services.TryGetValue(provider, out var services))
        {
            _services[provider] = services = await TestServices.CreateAsync(provider, s => s
                .AddSingleton<IRouterGateway>(Routers).AddSingleton(Metrics).AddScoped<LicenceGuard>()
                .AddScoped<RouterService>().AddScoped<SiteService>().AddScoped<LinePlaces>().AddScoped<TopologyService>().AddScoped<RouterConnectionTest>().AddScoped<NasService>().AddScoped<NetworkSettingsService>()
                .AddScoped<SessionService>().AddScoped<LoginLogService>().AddScoped<EventService>()
                .AddSingleton<AlertSignal>().AddSingleton<StaffInbox>().AddSingleton<StaffNotifier>()
                .AddScoped<AlertRuleService>().AddScoped<IncidentService>().AddScoped<MaintenanceService>().AddScoped<StaffNotificationService>()
                .AddSingleton<NocBoard>().AddScoped<NocService>());
        }

        return services;
    }

    public async Task<TestCompany> CompanyAsync(DatabaseProvider provider = DatabaseProvider.Sqlite, Licence? licence = null) =>
        await TestCompany.CreateAsync(await ServicesAsync(provider), licence: licence);

    public async ValueTask DisposeAsync()
    {
        foreach (var services in _services.Values)
        {
            await services.DisposeAsync();
        }
    }
}

internal static class Working
{
    /// <summary>Runs something with a service as somebody of that role in the company.</summary>
    public static async Task<TResult> AsAsync<TService, TResult>(this TestCompany company, Role role, Func<TService, Task<TResult>> work) where TService : notnull
    {
        await using var scope = company.Scope(role);
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    public static async Task AsAsync<TService>(this TestCompany company, Role role, Func<TService, Task> work) where TService : notnull
    {
        await using var scope = company.Scope(role);
        await work(scope.ServiceProvider.GetRequiredService<TService>());
    }
}
