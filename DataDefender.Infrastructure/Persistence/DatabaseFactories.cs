using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>Makes contexts of the configured provider. Unpooled, so that nothing of one company's work outlives it.</summary>
internal sealed class ContextSource(Func<DataDefenderDbContext> create, TimeProvider clock)
{
    public DataDefenderDbContext Create(Guid? tenantId, Actor? actor)
    {
        var db = create();
        db.Stamp(tenantId, actor, clock);
        return db;
    }

    /// <summary>A context that is nobody's, for migrations only.</summary>
    public DataDefenderDbContext CreateForMigrations() => create();
}

internal sealed class TenantDbFactory(ContextSource source, TenantContext tenant, CurrentUser user) : IDataDefenderDbFactory
{
    public Task<IDataDefenderDb> OpenAsync(CancellationToken ct = default) =>
        Task.FromResult<IDataDefenderDb>(source.Create(tenant.TenantId, user.IsSet ? new Actor(user.Id, user.Name, new HashSet<string>()) : null));
}

internal sealed class PlatformDbFactory(ContextSource source) : IPlatformDbFactory
{
    public Task<IDataDefenderDb> OpenAsync(CancellationToken ct = default) => Task.FromResult<IDataDefenderDb>(source.Create(null, null));

    public Task<IDataDefenderDb> OpenAsync(Actor actor, CancellationToken ct = default) => Task.FromResult<IDataDefenderDb>(source.Create(null, actor));
}

/// <summary>A scope in which background work runs for one company, as a named part of the system.</summary>
public sealed class TenantScopes(IServiceScopeFactory scopes)
{
    public AsyncServiceScope Open(Guid tenantId, string asPart)
    {
        var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<TenantContext>().Use(tenantId);
        scope.ServiceProvider.GetRequiredService<CurrentUser>().Use(Actor.System(asPart));
        return scope;
    }
}
