using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>Tells the database whose rows this connection may see, each time EF opens one from the pool. The pool forgets it on return.</summary>
internal sealed class TenantSession(string setTenantSql, string setPlatformSql) : DbConnectionInterceptor
{
    public static readonly TenantSession Postgres = new(
        "SELECT set_config('app.tenant_id', @tenant, false), set_config('app.platform', 'off', false)",
        "SELECT set_config('app.tenant_id', '', false), set_config('app.platform', 'on', false)");

    public static readonly TenantSession SqlServer = new(
        "EXEC sp_set_session_context @key = N'TenantId', @value = @tenant, @read_only = 1",
        "EXEC sp_set_session_context @key = N'Platform', @value = 1, @read_only = 1");

    public string SetTenantSql => setTenantSql;

    public string SetPlatformSql => setPlatformSql;

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        if (eventData.Context is DataDefenderDbContext { IsStamped: true })
        {
            throw new NotSupportedException("Open connections asynchronously.");
        }
    }

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is not DataDefenderDbContext { IsStamped: true } db)
        {
            return; // migrations: they see no rows, since they say no tenant
        }

        await using var command = connection.CreateCommand();
        command.CommandText = db.IsPlatform ? setPlatformSql : setTenantSql;
        if (!db.IsPlatform)
        {
            var tenant = command.CreateParameter();
            tenant.ParameterName = "tenant";
            tenant.Value = db.TenantId.ToString();
            command.Parameters.Add(tenant);
        }

        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
