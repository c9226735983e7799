using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Jobs;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Infrastructure.Security;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure;

/// <summary>What every process of the product needs: the database, the tenant, the vault.</summary>
public static class DependencyInjection
{
    private const string EmbeddedDefault = "Data Source=../data/datadefender.db";

    /// <exception cref="InvalidOperationException">The connection string is missing.</exception>
    public static IServiceCollection AddDataDefenderData(this IServiceCollection services, IConfiguration configuration, IHostEnvironment environment)
    {
        services.AddOptions<DatabaseOptions>().Bind(configuration.GetSection("Database")).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new ContextSource(
            Providers.Create(provider.GetRequiredService<IOptions<DatabaseOptions>>().Value.Provider, ConnectionString(configuration, environment)),
            provider.GetRequiredService<TimeProvider>()));
        services.AddScoped<TenantContext>().AddScoped<CurrentUser>().AddScoped<IDataDefenderDbFactory, TenantDbFactory>();
        services.AddSingleton<IPlatformDbFactory, PlatformDbFactory>();
        services.AddSingleton<TenantScopes>();
        services.AddOptions<JobLeaseOptions>().BindConfiguration(JobLeaseOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => new JobLeases(
            provider.GetRequiredService<IPlatformDbFactory>(), provider.GetRequiredService<IOptions<JobLeaseOptions>>(), TimeProvider.System, provider.GetRequiredService<ILogger<JobLeases>>()));
        services.AddSingleton(provider => new DatabaseMigration(
            provider.GetRequiredService<ContextSource>(), OwnerSource(provider, configuration), provider.GetRequiredService<ILogger<DatabaseMigration>>()));
        services.AddSingleton(provider => new RowSecurityWatch(
            provider.GetRequiredService<ContextSource>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<RowSecurityWatch>>()));
        services.AddHostedService(provider => provider.GetRequiredService<RowSecurityWatch>());

        var keys = DataPaths.Resolve(environment, configuration["DataProtection:KeyDirectory"] ?? "../data/keys");
        services.AddDataProtection().SetApplicationName("DataDefender").PersistKeysToFileSystem(Directory.CreateDirectory(keys));
        services.AddSingleton<ISecretVault, SecretVault>();
        services.AddSingleton<IAuditVerifier, AuditVerifier>();
        return services;
    }

    private static ContextSource OwnerSource(IServiceProvider provider, IConfiguration configuration)
    {
        var database = provider.GetRequiredService<IOptions<DatabaseOptions>>().Value.Provider;
        return configuration.GetConnectionString("DataDefenderMigrations") is { Length: > 0 } owner && database is not DatabaseProvider.Sqlite
            ? new ContextSource(Providers.Create(database, owner), provider.GetRequiredService<TimeProvider>())
            : provider.GetRequiredService<ContextSource>();
    }

    private static string ConnectionString(IConfiguration configuration, IHostEnvironment environment)
    {
        var text = configuration.GetConnectionString("DataDefender");
        if (configuration.GetSection("Database").GetValue("Provider", DatabaseProvider.Sqlite) is not DatabaseProvider.Sqlite)
        {
            return text ?? throw new InvalidOperationException("ConnectionStrings:DataDefender is not set.");
        }

        var sqlite = new SqliteConnectionStringBuilder(text ?? EmbeddedDefault);
        sqlite.DataSource = DataPaths.Resolve(environment, sqlite.DataSource);
        Directory.CreateDirectory(Path.GetDirectoryName(sqlite.DataSource)!);
        return sqlite.ConnectionString;
    }
}

/// <summary>Relative paths in the settings are meant from the project's own folder, so that all processes of a checkout share them.</summary>
public static class DataPaths
{
    public static string Resolve(IHostEnvironment environment, string path) => Path.GetFullPath(path, environment.ContentRootPath);
}
