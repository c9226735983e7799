using DataDefender.Infrastructure;
using DataDefender.Infrastructure.Persistence;
using DataDefender.RadiusHost.Access;
using DataDefender.RadiusHost.Accounting;
using DataDefender.RadiusHost.Lines;
using DataDefender.RadiusHost.LoginTests;
using DataDefender.RadiusHost.RadSec;
using DataDefender.RadiusHost.Status;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace DataDefender.RadiusHost.Setup;

/// <summary>Puts the process together.</summary>
internal static class RadiusApplication
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(10);

    /// <param name="configure">Further services, for tests that host the process in their own.</param>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.UseSharedSettings();
        builder.Services.AddDataDefenderData(builder.Configuration, builder.Environment);
        builder.Services.AddOptions<RadiusOptions>().Bind(builder.Configuration.GetSection("Radius")).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<RadSecOptions>().Bind(builder.Configuration.GetSection("Radius")).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = DrainLimit);
        builder.Services.AddRadius();
        configure?.Invoke(builder);

        var app = builder.Build();
        app.Urls.Clear();
        app.Urls.Add(app.Services.GetRequiredService<RadiusOptions>().StatusUrl);
        var rows = app.Services.GetRequiredService<RowSecurityWatch>();
        app.MapStatus(degraded: () => rows.Weakness);
        return app;
    }

    private static void AddRadius(this IServiceCollection services)
    {
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<RadiusOptions>>().Value);
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<RadSecOptions>>().Value);
        services.AddSingleton<HostCounters>().AddSingleton<FaultLog>();

        services.AddSingleton<LineDirectory>().AddSingleton<DirectoryLoader>().AddSingleton<ChangeFeed>().AddSingleton<SessionFeed>().AddSingleton<LearnedAuthenticators>().AddSingleton<LearnedCallers>();
        services.AddSingleton(provider => new DirectoryFile(
            Path.Combine(JournalDirectory(provider), "lines.sealed"), provider.GetRequiredService<IDataProtectionProvider>(), provider.GetRequiredService<LineDirectory>()));

        services.AddSingleton(provider => Journal.Open(
            JournalDirectory(provider), (long)provider.GetRequiredService<RadiusOptions>().JournalSegmentMegabytes << 20));
        services.AddSingleton(provider => new DeadLetters(Path.Combine(JournalDirectory(provider), "dead-letters.jsonl")));
        services.AddSingleton<ApplierStatus>().AddSingleton<SessionStore>().AddSingleton<StaleSessions>();

        services.AddSingleton<LoginLog>().AddSingleton<RouterLoginTrail>().AddSingleton<LoginLogWriter>().AddSingleton<LoginTestDesk>();
        services.AddSingleton<PulseSampler>().AddSingleton<Pulse>().AddSingleton<Metrics>().AddSingleton<RadiusPorts>().AddSingleton<RadSecPorts>();

        // They end in the reverse order: first the ports, so that what they took is still carried over.
        services.AddHostedService(provider => provider.GetRequiredService<PulseSampler>());
        services.AddHostedService<AccountingApplier>();
        services.AddHostedService(provider => provider.GetRequiredService<LoginLogWriter>());
        services.AddHostedService<DirectoryService>();
        services.AddHostedService(provider => provider.GetRequiredService<RadiusPorts>());
        services.AddHostedService(provider => provider.GetRequiredService<RadSecPorts>());
    }

    private static string JournalDirectory(IServiceProvider provider) => Directory.CreateDirectory(
        DataPaths.Resolve(provider.GetRequiredService<IHostEnvironment>(), provider.GetRequiredService<RadiusOptions>().JournalDirectory)).FullName;
}
