using System.Diagnostics;
using System.Globalization;
using DataDefender.Testing;
using Npgsql;

namespace DataDefender.Benchmarks.Radius;

/// <summary>Takes PostgreSQL away from the product: gone, so that connections are refused, or hung, so that they are neither refused nor answered.</summary>
internal sealed class DatabaseOutage(TestDatabase database)
{
    private int[] _stopped = [];

    /// <summary>Ends the host's connections to the database and takes no more.</summary>
    public async Task StopAsync() => await ExecuteAsync($$"""
        ALTER DATABASE {0} WITH ALLOW_CONNECTIONS false;
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{0}' AND application_name = '{{HostProcess.DatabaseName}}';
        """);

    public async Task StartAsync() => await ExecuteAsync("ALTER DATABASE {0} WITH ALLOW_CONNECTIONS true;");

    /// <summary>Stops the server's processes where they stand, the one that takes new connections too.</summary>
    public async Task HangAsync()
    {
        await using var source = NpgsqlDataSource.Create(Superuser());
        await using var ask = source.CreateCommand("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()");
        var pids = new List<int>();
        await using (var reader = await ask.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                pids.Add(reader.GetInt32(0));
            }
        }

        _stopped = [Parent(pids[0]), .. pids];
        Signal("STOP", _stopped);
    }

    public void Resume() => Signal("CONT", _stopped);

    private static int Parent(int pid) => int.Parse(
        File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("PPid:", StringComparison.Ordinal))[5..].Trim(), CultureInfo.InvariantCulture);

    private static void Signal(string signal, IEnumerable<int> pids)
    {
        using var kill = Process.Start("kill", [$"-{signal}", .. pids.Select(p => p.ToString(CultureInfo.InvariantCulture))]);
        kill.WaitForExit();
    }

    private async Task ExecuteAsync(string statements)
    {
        await using var source = NpgsqlDataSource.Create(Superuser());
        await using var command = source.CreateCommand(statements.Replace("{0}", new NpgsqlConnectionStringBuilder(database.ConnectionString).Database, StringComparison.Ordinal));
        await command.ExecuteNonQueryAsync();
    }

    private string Superuser() => new NpgsqlConnectionStringBuilder(database.OwnerConnectionString) { Database = "postgres", Username = "postgres", Pooling = false }.ConnectionString;
}
