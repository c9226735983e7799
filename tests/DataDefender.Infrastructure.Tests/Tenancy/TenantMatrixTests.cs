using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace DataDefender.Infrastructure.Tests.Tenancy;

/// <summary>
/// Three companies × every table that companies have × every way to read or write it. A new entity fails until
/// <see cref="TestCompany.CreateFullAsync"/> makes a row of it.
/// </summary>
public sealed class TenantMatrixTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    private static readonly MethodInfo Attack = typeof(TenantMatrixTests).GetMethod(nameof(AttackAsync), BindingFlags.NonPublic | BindingFlags.Static)!;

    [Theory, EachDatabase]
    public async Task No_company_reads_or_changes_a_row_of_another(DatabaseProvider provider)
    {
        var services = await databases.GetAsync(provider);
        TestCompany[] companies = [await TestCompany.CreateFullAsync(services, "Savanna"), await TestCompany.CreateFullAsync(services, "Lakeside"), await TestCompany.CreateFullAsync(services, "Rift")];
        await using var model = services.OpenPlatform();
        var entities = model.Model.GetEntityTypes().Where(e => typeof(ITenantOwned).IsAssignableFrom(e.ClrType)).ToList();
        Assert.True(entities.Count > 15);

        foreach (var attacker in companies)
        {
            foreach (var victim in companies.Where(c => c != attacker))
            {
                var before = await DumpAsync(services, victim.Id, entities);
                foreach (var entity in entities)
                {
                    await (Task)Attack.MakeGenericMethod(entity.ClrType).Invoke(null, [services, attacker.Id, victim.Id, entity])!;
                }

                Assert.Equal(before, await DumpAsync(services, victim.Id, entities));
            }
        }
    }

    private static async Task AttackAsync<T>(TestServices services, Guid attacker, Guid victim, IEntityType entity) where T : class, ITenantOwned
    {
        await using var platform = services.OpenPlatform();
        var foreign = await platform.Set<T>().AcrossTenants().FirstOrDefaultAsync(r => r.TenantId == victim);
        Assert.True(foreign is not null, $"TestCompany.CreateFullAsync makes no {typeof(T).Name}.");
        var key = entity.FindPrimaryKey()!.Properties.Select(p => p.PropertyInfo!.GetValue(foreign)).ToArray();

        await ReadAsync<T>(services, attacker, victim, key, entity);
        if (!typeof(IAppendOnly).IsAssignableFrom(typeof(T))) // nobody changes it, its own company neither
        {
            await ChangeByQueryAsync<T>(services, attacker, victim, entity);
            if (key is not [Guid only] || only != victim) // a row whose key is the company: with the attacker's key it is his own
            {
                await ChangeByStubAsync(services, attacker, foreign, entity);
            }

            await ReferAsync<T>(services, attacker, victim, entity);
        }
    }

    private static async Task ReadAsync<T>(TestServices services, Guid attacker, Guid victim, object?[] key, IEntityType entity) where T : class, ITenantOwned
    {
        await using var db = services.Open(attacker);
        var rows = db.Set<T>();
        var all = await rows.ToListAsync();
        Assert.NotEmpty(all);
        Assert.All(all, row => Assert.Equal(attacker, row.TenantId));
        Assert.Equal(all.Count, await rows.CountAsync());
        Assert.False(await rows.AnyAsync(r => r.TenantId == victim));
        Assert.Equal(0, await rows.CountAsync(r => r.TenantId == victim));
        Assert.Null(await rows.FindAsync(key));
        foreach (var navigation in entity.GetNavigations())
        {
            var target = navigation.TargetEntityType.ClrType;
            Assert.All(await rows.Include(navigation.Name).ToListAsync(), row => Assert.All(
                Related(navigation.PropertyInfo!.GetValue(row)).OfType<ITenantOwned>(), related => Assert.True(related.TenantId == attacker, $"{target.Name} of another company")));
        }
    }

    private static async Task ChangeByQueryAsync<T>(TestServices services, Guid attacker, Guid victim, IEntityType entity) where T : class, ITenantOwned
    {
        await using var db = services.Open(attacker);
        await using var transaction = await db.Database.BeginTransactionAsync();
        var own = await db.Set<T>().CountAsync();
        var column = entity.GetProperties().First(p => !p.IsKey() && !p.IsForeignKey() && !p.IsConcurrencyToken);
        Assert.Equal(own, await db.Set<T>().ExecuteUpdateAsync(Rewrite<T>(column)));
        Assert.Equal(0, await db.Set<T>().Where(r => r.TenantId == victim).ExecuteUpdateAsync(Rewrite<T>(column)));
        Assert.Equal(0, await db.Set<T>().Where(r => r.TenantId == victim).ExecuteDeleteAsync());
    }

    private static async Task ChangeByStubAsync<T>(TestServices services, Guid attacker, T foreign, IEntityType entity) where T : class, ITenantOwned
    {
        foreach (var state in (EntityState[])[EntityState.Modified, EntityState.Deleted])
        {
            await using var db = services.Open(attacker);
            db.AuditEachRow = false; // what is tried here fails, whether it is recorded or not
            var stub = db.Entry((T)Activator.CreateInstance(typeof(T), nonPublic: true)!);
            foreach (var property in entity.GetProperties().Where(p => p.PropertyInfo is not null))
            {
                stub.Property(property.Name).CurrentValue = property.Name == nameof(ITenantOwned.TenantId) ? attacker : property.PropertyInfo!.GetValue(foreign);
            }

            stub.State = state;
            await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => db.SaveChangesAsync());
        }
    }

    /// <summary>Points the attacker's own rows at the victim's: the composite foreign key must refuse.</summary>
    private static async Task ReferAsync<T>(TestServices services, Guid attacker, Guid victim, IEntityType entity) where T : class, ITenantOwned
    {
        foreach (var reference in entity.GetForeignKeys().Where(k => typeof(ITenantOwned).IsAssignableFrom(k.PrincipalEntityType.ClrType)))
        {
            await using var platform = services.OpenPlatform();
            var parent = await FirstOfAsync(platform, reference.PrincipalEntityType.ClrType, victim);
            var column = reference.Properties[^1];
            var value = reference.PrincipalKey.Properties[^1].PropertyInfo!.GetValue(parent);

            await using var db = services.Open(attacker);
            await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => db.Set<T>().ExecuteUpdateAsync(Set<T>(column, value)));
        }
    }

    private static async Task<object> FirstOfAsync(DataDefenderDbContext db, Type type, Guid tenantId)
    {
        var first = typeof(TenantMatrixTests).GetMethod(nameof(FirstAsync), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type);
        return await (Task<object>)first.Invoke(null, [db, tenantId])!;
    }

    private static async Task<object> FirstAsync<T>(DataDefenderDbContext db, Guid tenantId) where T : class, ITenantOwned =>
        await db.Set<T>().AcrossTenants().FirstAsync(r => r.TenantId == tenantId);

    private static async Task<string> DumpAsync(TestServices services, Guid tenantId, List<IEntityType> entities)
    {
        await using var db = services.OpenPlatform();
        var rows = new List<string>();
        foreach (var entity in entities)
        {
            var dump = typeof(TenantMatrixTests).GetMethod(nameof(RowsAsync), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(entity.ClrType);
            rows.AddRange(await (Task<List<string>>)dump.Invoke(null, [db, tenantId])!);
        }

        rows.Sort(StringComparer.Ordinal);
        return string.Join('\n', rows);
    }

    private static async Task<List<string>> RowsAsync<T>(DataDefenderDbContext db, Guid tenantId) where T : class, ITenantOwned =>
        [.. (await db.Set<T>().AcrossTenants().AsNoTracking().Where(r => r.TenantId == tenantId).ToListAsync()).Select(r => typeof(T).Name + JsonSerializer.Serialize(r))];

    private static IEnumerable<object> Related(object? navigation) => navigation switch
    {
        null => [],
        System.Collections.IEnumerable many => many.Cast<object>(),
        _ => [navigation],
    };

    private static Action<Microsoft.EntityFrameworkCore.Query.UpdateSettersBuilder<T>> Rewrite<T>(IProperty column) where T : class
    {
        var row = Expression.Parameter(typeof(T));
        var value = Expression.Lambda(ValueOf(row, column), row);
        return set => SetProperty(set, column.ClrType, value, value);
    }

    private static Action<Microsoft.EntityFrameworkCore.Query.UpdateSettersBuilder<T>> Set<T>(IProperty column, object? constant) where T : class
    {
        var row = Expression.Parameter(typeof(T));
        var value = Expression.Lambda(ValueOf(row, column), row);
        return set => SetProperty(set, column.ClrType, value, Expression.Lambda(Expression.Convert(Expression.Constant(constant), column.ClrType), row));
    }

    private static MethodCallExpression ValueOf(ParameterExpression row, IProperty column) =>
        Expression.Call(typeof(EF), nameof(EF.Property), [column.ClrType], row, Expression.Constant(column.Name));

    private static void SetProperty<T>(Microsoft.EntityFrameworkCore.Query.UpdateSettersBuilder<T> set, Type type, LambdaExpression column, LambdaExpression value) =>
        typeof(Microsoft.EntityFrameworkCore.Query.UpdateSettersBuilder<T>).GetMethods()
            .Single(m => m.Name == "SetProperty" && m.IsGenericMethod && m.GetParameters()[1].ParameterType.Name.StartsWith("Expression", StringComparison.Ordinal))
            .MakeGenericMethod(type).Invoke(set, [column, value]);
}
