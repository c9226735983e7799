using System.Collections.Concurrent;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataDefender.Testing;

/// <summary>The product's services, registered as the product registers them, over a <see cref="TestDatabase"/> and a <see cref="ManualClock"/>.</summary>
public sealed class TestServices : IAsyncDisposable
{
    private readonly ServiceProvider _provider;
    private readonly bool _ownsDatabase;

    private TestServices(TestDatabase database, bool ownsDatabase, ServiceProvider provider, ManualClock clock, CapturedLog log)
    {
        (Database, _ownsDatabase, _provider, Clock, Log) = (database, ownsDatabase, provider, clock, log);
    }

    public TestDatabase Database { get; }

    public ManualClock Clock { get; }

    /// <summary>Everything that was logged, EF's statements with it.</summary>
    public CapturedLog Log { get; }

    public IServiceProvider Provider => _provider;

    public ISecretVault Vault => _provider.GetRequiredService<ISecretVault>();

    internal ContextSource Source => _provider.GetRequiredService<ContextSource>();

    public static async Task<TestServices> CreateAsync(DatabaseProvider provider = DatabaseProvider.Sqlite, Action<IServiceCollection>? configure = null) =>
        Create(await TestDatabase.CreateAsync(provider), ownsDatabase: true, configure);

    /// <summary>Further services over a database that somebody else disposes: another process of the same installation.</summary>
    public static TestServices Over(TestDatabase database, Action<IServiceCollection>? configure = null) => Create(database, ownsDatabase: false, configure);

    /// <summary>The settings that lead a process of the product to this database.</summary>
    public static Dictionary<string, string?> Settings(TestDatabase database) => new()
    {
        ["Database:Provider"] = database.Provider.ToString(),
        ["ConnectionStrings:DataDefender"] = database.ConnectionString,
        ["DataProtection:KeyDirectory"] = Path.Combine(database.Folder.FullName, "keys"),
        ["Radius:JournalDirectory"] = Path.Combine(database.Folder.FullName, "radius"),
    };

    /// <summary>A scope of a company in which somebody of that role acts.</summary>
    public AsyncServiceScope Scope(Guid tenantId, Role role = Role.Owner) => Scope(tenantId, new Actor(Guid.CreateVersion7(), $"{role} of the test", Permissions.Of(role)));

    public AsyncServiceScope Scope(Guid tenantId, Actor actor)
    {
        var scope = _provider.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<TenantContext>().Use(tenantId);
        scope.ServiceProvider.GetRequiredService<CurrentUser>().Use(actor);
        return scope;
    }

    /// <summary>The company's database, as the test itself.</summary>
    public DataDefenderDbContext Open(Guid tenantId) => Source.Create(tenantId, Actor.System("test"));

    public DataDefenderDbContext OpenPlatform() => Source.Create(null, Actor.System("test"));

    /// <summary>A context like the product's with more interceptors (to count or capture statements).</summary>
    public DataDefenderDbContext Open(Guid? tenantId, params IInterceptor[] more)
    {
        var db = Providers.Create(Database.Provider, Database.ConnectionString, more)();
        db.Stamp(tenantId, Actor.System("test"), Clock);
        return db;
    }

    public async ValueTask DisposeAsync()
    {
        await _provider.DisposeAsync();
        if (_ownsDatabase)
        {
            await Database.DisposeAsync();
        }
    }

    private static TestServices Create(TestDatabase database, bool ownsDatabase, Action<IServiceCollection>? configure)
    {
        var (clock, log) = (new ManualClock(), new CapturedLog());
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(Settings(database)).Build();
        var environment = new TestEnvironment(database.Folder.FullName);
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(configuration).AddSingleton<IHostEnvironment>(environment).AddSingleton<TimeProvider>(clock);
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(log));
        services.AddDataDefenderData(configuration, environment);
        services.AddSingleton<LinesOnRouters>(); // what several services share in memory, empty
        configure?.Invoke(services);
        var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true });
        return new TestServices(database, ownsDatabase, provider, clock, log);
    }

    private sealed class TestEnvironment(string folder) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = Environments.Development;

        public string ApplicationName { get; set; } = "DataDefender.Tests";

        public string ContentRootPath { get; set; } = folder;

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}

/// <summary>Keeps each log line with its exception, for tests that look for what must or must not be there.</summary>
public sealed class CapturedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => new Category(categoryName, _lines);

    public void Dispose() { }

    private sealed class Category(string name, ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel} {name}: {formatter(state, exception)} {exception}");
    }
}
