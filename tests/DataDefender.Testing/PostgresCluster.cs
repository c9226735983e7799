using System.Diagnostics;
using Npgsql;

namespace DataDefender.Testing;

/// <summary>
/// One PostgreSQL server for the whole test run: the one that DATADEFENDER_TEST_POSTGRES names (a connection string of a superuser), or a
/// private one started from the installed binaries, on a Unix socket in a folder of its own. A private server ends with this process,
/// however that ends: a shell holds the other end of a pipe to us and stops the server when the pipe closes.
/// </summary>
public sealed class PostgresCluster
{
    public const string Owner = "datadefender_test_owner";
    public const string App = "datadefender_test_app";

    private const string Password = "test";
    private const string UnixUser = "postgres";

    // Everything that a test relies on is as in production, fsync included; only the size is small.
    private const string Settings = "-c listen_addresses= -c fsync=on -c max_connections=300 -c shared_buffers=64MB -c max_wal_size=256MB -c log_min_messages=fatal";

    private static readonly Lazy<Task<PostgresCluster>> Instance = new(StartAsync);

    private readonly string _superuser;

    private static string? Binaries { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "postgres"))).Max()
        : null;

    private PostgresCluster(string superuser) => _superuser = superuser;

    /// <summary>Why there is no PostgreSQL here, or null when there is.</summary>
    public static string? Absence => External is null && Binaries is null
        ? "PostgreSQL is neither installed (/usr/lib/postgresql/*/bin) nor named by DATADEFENDER_TEST_POSTGRES."
        : Environment.UserName == "root" && External is null && Requires.FindProgram("runuser", "/usr/sbin", "/sbin") is null
            ? "PostgreSQL does not run as root, and there is no runuser to start it as another user."
            : null;

    private static string? External => Environment.GetEnvironmentVariable("DATADEFENDER_TEST_POSTGRES");

    public static Task<PostgresCluster> GetAsync()
    {
        Requires.That(Absence is null, Absence ?? "");
        return Instance.Value;
    }

    public string ConnectionString(string database, string role) =>
        new NpgsqlConnectionStringBuilder(_superuser) { Database = database, Username = role, Password = Password }.ConnectionString;

    public string SuperuserConnectionString(string database) => new NpgsqlConnectionStringBuilder(_superuser) { Database = database }.ConnectionString;

    /// <summary>Runs statements as superuser.</summary>
    public async Task ExecuteAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_superuser) { Database = database, Pooling = false }.ConnectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<PostgresCluster> StartAsync()
    {
        var cluster = new PostgresCluster(External ?? await StartPrivateAsync());
        await cluster.ExecuteAsync("postgres", $"""
            DO $$ BEGIN
                PERFORM pg_advisory_xact_lock(4242);
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{Owner}') THEN
                    CREATE ROLE {Owner} LOGIN PASSWORD '{Password}' NOSUPERUSER NOBYPASSRLS;
                END IF;
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{App}') THEN
                    CREATE ROLE {App} LOGIN PASSWORD '{Password}' NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
                END IF;
            END $$;
            """);
        return cluster;
    }

    private static async Task<string> StartPrivateAsync()
    {
        var folder = Directory.CreateTempSubdirectory("ddpg");
        var data = Path.Combine(folder.FullName, "data");
        var script = $"""
            set -e
            "{Binaries}/initdb" -D "{data}" -U {UnixUser} -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"{folder}/initdb.log" 2>&1
            "{Binaries}/postgres" -D "{data}" -k "{folder}" {Settings} >"{folder}/server.log" 2>&1 &
            server=$!
            read -r _ || true
            kill -QUIT $server
            wait $server || true
            rm -rf "{folder}"
            """;
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, UseShellExecute = false };
        if (Environment.UserName == "root")
        {
            start.FileName = Requires.FindProgram("runuser", "/usr/sbin", "/sbin")!;
            start.ArgumentList.Add("-u");
            start.ArgumentList.Add(UnixUser);
            start.ArgumentList.Add("--");
            start.ArgumentList.Add("/bin/sh");
            using var chown = Process.Start("chown", [UnixUser, folder.FullName]);
            await chown.WaitForExitAsync();
        }

        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(script);
        start.WorkingDirectory = "/";
        var shell = Process.Start(start)!;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Stop(shell);
        var superuser = new NpgsqlConnectionStringBuilder { Host = folder.FullName, Username = UnixUser, Database = "postgres", Timeout = 5, MaxPoolSize = 60 }.ConnectionString;
        await WaitUntilReadyAsync(superuser, shell, folder);
        return superuser;
    }

    private static async Task WaitUntilReadyAsync(string superuser, Process shell, DirectoryInfo folder)
    {
        for (var attempt = 0; !shell.HasExited && attempt < 600; attempt++)
        {
            try
            {
                await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(superuser) { Pooling = false }.ConnectionString);
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException)
            {
                await Task.Delay(50); // the server gives no signal of readiness that a client can wait for
            }
        }

        var logs = string.Concat(folder.GetFiles("*.log").Select(f => File.ReadAllText(f.FullName)));
        throw new InvalidOperationException($"The private PostgreSQL did not start: {logs}");
    }

    private static void Stop(Process shell)
    {
        shell.StandardInput.Close();
        shell.WaitForExit(10_000);
    }
}
