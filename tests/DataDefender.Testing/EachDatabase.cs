using System.Reflection;
using DataDefender.Infrastructure.Persistence;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace DataDefender.Testing;

/// <summary>
/// Runs a theory once for each provider (its only argument). One that is absent here is skipped with the reason; when
/// DATADEFENDER_TESTS_STRICT is set an absent PostgreSQL fails instead. SQL Server is never demanded.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EachDatabaseAttribute : DataAttribute
{
    /// <summary>Leaves out SQLite, which has no row-level security.</summary>
    public bool ServersOnly { get; init; }

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>(
        [
            .. Enum.GetValues<DatabaseProvider>().Where(p => !ServersOnly || p is not DatabaseProvider.Sqlite).Select(provider => new TheoryDataRow<DatabaseProvider>(provider)
            {
                Skip = Requires.Strict && provider is not DatabaseProvider.SqlServer ? null : TestDatabase.Absence(provider),
            }),
        ]);

    public override bool SupportsDiscoveryEnumeration() => true;
}

/// <summary>Class fixture: one database a provider, made when a test first asks for it.</summary>
public sealed class TestDatabases : IAsyncDisposable
{
    private readonly SemaphoreSlim _making = new(1, 1);
    private readonly Dictionary<DatabaseProvider, TestServices> _made = [];

    /// <summary>The product's services over this class's database of that provider; <paramref name="configure"/> counts at the first call.</summary>
    public async Task<TestServices> GetAsync(DatabaseProvider provider, Action<IServiceCollection>? configure = null)
    {
        await _making.WaitAsync();
        try
        {
            if (!_made.TryGetValue(provider, out var services))
            {
                _made[provider] = services = await TestServices.CreateAsync(provider, configure);
            }

            return services;
        }
        finally
        {
            _making.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var services in _made.Values)
        {
            await services.DisposeAsync();
        }

        _making.Dispose();
    }
}
