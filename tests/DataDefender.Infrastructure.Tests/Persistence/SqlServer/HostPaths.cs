using System.Reflection;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Accounting;
using DataDefender.Infrastructure.Identity;
using DataDefender.Infrastructure.Lines;
using DataDefender.Infrastructure.Monitoring;
using DataDefender.Infrastructure.Monitoring.Alerts;
using DataDefender.Infrastructure.Monitoring.History;
using DataDefender.Infrastructure.Network.Polling;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Infrastructure.Policies;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Accounting;
using DataDefender.RadiusHost.Lines;
using DataDefender.RadiusHost.Setup;
using DataDefender.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataDefender.Infrastructure.Tests.Persistence.SqlServer;

/// <summary>Calls what works in the background of both processes, over captured contexts: the classes of Infrastructure and RadiusHost that open the database.</summary>
internal static class HostPaths
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2); // some wait for a clock that stands still

    private static readonly Type[] Doors = [typeof(IDataDefenderDbFactory), typeof(IPlatformDbFactory), typeof(ContextSource), typeof(TenantScopes)];

    // The factories themselves, migrations and the catalogue of PostgreSQL, and what fills demonstration databases.
    private static readonly string[] Beside = ["TenantDbFactory", "PlatformDbFactory", "DatabaseMigration", "RowSecurityWatch", "DemoLarge", "DemoSandbox", "DemoSeed", "SeedLoad"];

    public static async Task<IReadOnlyList<CodePaths.Outcome>> RunAsync(StatementCapture capture)
    {
        var folder = Directory.CreateTempSubdirectory("ddpaths");
        var outcomes = new List<CodePaths.Outcome>();
        try
        {
            await using var app = RadiusApplication.Create(
                [$"--Radius:JournalDirectory={folder.FullName}", $"--DataProtection:KeyDirectory={folder.FullName}", $"--ConnectionStrings:DataDefender=Data Source={folder.FullName}/none.db"],
                builder => Register(builder.Services, capture));
            foreach (var type in Workers())
            {
                foreach (var method in Methods(type))
                {
                    foreach (var scenario in Scenario.All)
                    {
                        capture.Scenario = scenario;
                        outcomes.Add(new CodePaths.Outcome($"{type.Name}.{method.Name}", await CallAsync(app.Services, capture.Id, type, method)));
                    }
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        return outcomes;
    }

    /// <summary>Found, not listed: a new one is called too.</summary>
    public static IEnumerable<Type> Workers() => new[] { typeof(RouterDirectory), typeof(DirectoryLoader) }.SelectMany(t => t.Assembly.GetTypes())
        .Where(t => t is { IsClass: true, IsAbstract: false, IsNested: false } && !Beside.Contains(t.Name, StringComparer.Ordinal)
            && t.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance).Any(c => c.GetParameters().Any(p => Doors.Contains(p.ParameterType))))
        .OrderBy(t => t.FullName, StringComparer.Ordinal);

    private static void Register(IServiceCollection services, StatementCapture capture)
    {
        var clock = new ManualClock();
        services.AddLogging(logging => logging.ClearProviders());
        services.AddSingleton<TimeProvider>(clock).AddSingleton(new ContextSource(capture.Contexts(), clock)).AddSingleton<ISecretVault, CodePaths.OpenVault>();
        services.AddSingleton<IRouterGateway>(new ScriptedRouters()).AddSingleton<LiveMetrics>().AddSingleton<LineSignal>();
        services.AddRouterPolling().AddAccountingLedgers().AddSessionHealing().AddMonitoring().AddAlerts().AddMetricHistory().AddPolicies().AddLineControl();
        services.AddDataDefenderIdentity(new Microsoft.Extensions.Configuration.ConfigurationBuilder().Build());
    }

    /// <summary>A background service has none to call from outside, so its own steps are called; its loop is not.</summary>
    private static IEnumerable<MethodInfo> Methods(Type type) => type
        .GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(m => (m.IsPublic || m.IsAssembly || typeof(BackgroundService).IsAssignableFrom(type)) && m.Name is not ("ExecuteAsync" or "WorkAsync") && !m.Name.Contains('<') && !m.IsGenericMethodDefinition
            && (typeof(Task).IsAssignableFrom(m.ReturnType) || m.ReturnType.Name.StartsWith("ValueTask", StringComparison.Ordinal)));

    private static async Task<Exception?> CallAsync(IServiceProvider provider, Guid company, Type type, MethodInfo method)
    {
        await using var scope = provider.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<TenantContext>().Use(company);
        scope.ServiceProvider.GetRequiredService<CurrentUser>().Use(Actor.System("test"));
        using var stop = new CancellationTokenSource(Patience);
        try
        {
            var worker = scope.ServiceProvider.GetService(type) ?? ActivatorUtilities.CreateInstance(scope.ServiceProvider, type);
            var result = method.Invoke(worker, [.. method.GetParameters().Select(p => Sample(p.ParameterType, company, scope.ServiceProvider, stop.Token))]);
            var work = result as Task ?? (Task)result!.GetType().GetMethod("AsTask")!.Invoke(result, null)!;
            await work.WaitAsync(Patience, CancellationToken.None);
            return null;
        }
        catch (TargetInvocationException wrapped)
        {
            return wrapped.InnerException;
        }
        catch (Exception ended)
        {
            return ended;
        }
    }

    private static object? Sample(Type type, Guid id, IServiceProvider services, CancellationToken stop) => type switch
    {
        _ when type == typeof(CancellationToken) => stop,
        _ when type == typeof(Func<CancellationToken, Task>) => (Func<CancellationToken, Task>)(static _ => Task.CompletedTask),
        _ when type == typeof(AccountingReport) => Report(AcctStatusType.AccountingOn, id, 9),
        _ when type.IsAssignableFrom(typeof(List<AccountingReport>)) && type.IsGenericType => new List<AccountingReport>
        {
            Report(AcctStatusType.Start, id, 1), Report(AcctStatusType.InterimUpdate, id, 2), Report(AcctStatusType.Stop, id, 3),
        },
        _ when type == typeof(DirectoryContent) => services.GetRequiredService<LineDirectory>().Content,
        _ => CodePaths.Sample(type, id, null, descending: false),
    };

    private static AccountingReport Report(AcctStatusType status, Guid id, long sequence)
    {
        var at = new DateTime(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc);
        var report = new AccountingReport { Sequence = sequence, TenantId = id, NasId = id, SubscriptionId = id, ReceivedAt = at };
        foreach (var (name, value) in ((string, object)[])
            [("Status", status), ("AcctSessionId", $"8100{sequence}"), ("Username", "wanjiku"), ("EventAt", at), ("SessionSeconds", 60L), ("UploadBytes", 1_000L), ("DownloadBytes", 9_000L)])
        {
            typeof(AccountingReport).GetProperty(name)!.SetValue(report, value); // read from packets only, otherwise
        }

        return report;
    }
}
