using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Infrastructure.Seeding;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace DataDefender.Benchmarks.Radius;

/// <summary>Fills the load company of a PostgreSQL up by COPY, with the rows that <see cref="SeedLoad"/> would write.</summary>
internal static class LineCopy
{
    public static async Task AddAsync(TestServices services, TestDatabase database, int from, int until)
    {
        await using var db = services.OpenPlatform();
        var first = await db.Subscriptions.AcrossTenants().AsNoTracking().SingleAsync();
        var cipher = await services.Vault.OpenAsync(first.TenantId);
        var now = services.Clock.Now;

        // Row-level security takes no COPY, so it is the superuser who copies; and the rows refer to each other as they should.
        var superuser = new NpgsqlConnectionStringBuilder(database.OwnerConnectionString) { Username = "postgres", Pooling = false, CommandTimeout = 600 }.ConnectionString;
        await using var source = NpgsqlDataSource.Create(superuser);
        await using var connection = await source.OpenConnectionAsync();
        await ExecuteAsync(connection, "SET session_replication_role = replica");
        var clients = Enumerable.Range(from, until - from).Select(n => SeedLoad.NewClient(first.TenantId, n, now)).ToList();
        await CopyAsync(connection, db.Model.FindEntityType(typeof(Client))!, clients);
        await CopyAsync(connection, db.Model.FindEntityType(typeof(Subscription))!, clients.Select((c, i) => SeedLoad.NewLine(first.TenantId, c.Id, first.PackageId, cipher, from + i, now)));
        await ExecuteAsync(connection, "ANALYZE");
    }

    private static async Task CopyAsync<T>(NpgsqlConnection connection, IEntityType type, IEnumerable<T> rows)
        where T : class
    {
        var table = StoreObjectIdentifier.Table(type.GetTableName()!);
        var columns = type.GetProperties().Select(p => (p.GetGetter(), p.GetRelationalTypeMapping(), Name: p.GetColumnName(table)!)).ToList();
        await using var copy = await connection.BeginBinaryImportAsync($"COPY {table.Name} ({string.Join(", ", columns.Select(c => c.Name))}) FROM STDIN (FORMAT BINARY)");
        foreach (var row in rows)
        {
            await copy.StartRowAsync();
            foreach (var (getter, mapping, _) in columns)
            {
                var value = getter.GetClrValue(row);
                if ((mapping.Converter is { } converter ? converter.ConvertToProvider(value) : value) is { } stored)
                {
                    await copy.WriteAsync(stored, mapping.StoreTypeNameBase);
                }
                else
                {
                    await copy.WriteNullAsync();
                }
            }
        }

        await copy.CompleteAsync();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string statement)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are the benchmark's own.
        command.CommandText = statement;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
