using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DataDefender.Testing;
using Npgsql;

namespace DataDefender.Benchmarks.Radius;

/// <summary>Where FreeRADIUS has its users.</summary>
internal enum FreeRadiusUsers
{
    Files,
    Sql,
}

/// <summary>
/// Debian's FreeRADIUS with a lean configuration that is made here: the modules that the logins need and no others, no reject delay, a
/// receive buffer of 4 MB. That is quicker than what Debian installs.
/// </summary>
internal sealed class FreeRadius : IAsyncDisposable
{
    private const int FirstAddress = (100 << 24) | (64 << 16);

    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private FreeRadius(Process process, DirectoryInfo folder, int port) => (_process, _folder, Port) = (process, folder, port);

    public int Port { get; }

    /// <summary>The program, or null when it is not installed.</summary>
    public static string? Program => Requires.FindProgram("freeradius", "/usr/sbin") ?? Requires.FindProgram("radiusd", "/usr/sbin");

    /// <summary>Whether it can ask PostgreSQL (Debian: freeradius-postgresql).</summary>
    public static bool TakesSql => File.Exists("/usr/lib/freeradius/rlm_sql_postgresql.so");

    public static async Task<FreeRadius> StartAsync(FreeRadiusUsers users, int count, TestDatabase database)
    {
        var folder = Directory.CreateTempSubdirectory("ddfr");
        var port = FreePort();
        if (users is FreeRadiusUsers.Files)
        {
            await File.WriteAllLinesAsync(Path.Combine(folder.FullName, "users"), Enumerable.Range(0, count).Select(User));
        }
        else
        {
            await FillAsync(database, count);
        }

        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "radiusd.conf"), Configuration(folder.FullName, port, users, database));
        var start = new ProcessStartInfo(Program!, ["-f", "-l", Path.Combine(folder.FullName, "log"), "-d", folder.FullName, "-n", "radiusd"]) { UseShellExecute = false };
        var server = new FreeRadius(Process.Start(start)!, folder, port);
        await server.AnswersAsync(count);
        return server;
    }

    public double ProcessorSeconds()
    {
        _process.Refresh();
        return _process.TotalProcessorTime.TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static string User(int number) => string.Create(
        CultureInfo.InvariantCulture,
        $"user{number:D6} Cleartext-Password := \"pw{number:D6}\"\n\tFramed-IP-Address = {Address(number)}, Mikrotik-Rate-Limit = \"10M/10M\", Acct-Interim-Interval = 300\n");

    private static IPAddress Address(int number) => new(BitConverter.GetBytes(IPAddress.HostToNetworkOrder(FirstAddress + number)));

    private static async Task FillAsync(TestDatabase database, int count)
    {
        await using var source = NpgsqlDataSource.Create(database.OwnerConnectionString);
        await using var make = source.CreateCommand(string.Create(CultureInfo.InvariantCulture, $"""
            CREATE TABLE radcheck (id serial PRIMARY KEY, username text NOT NULL, attribute text NOT NULL, op varchar(2) NOT NULL, value text NOT NULL);
            CREATE TABLE radreply (id serial PRIMARY KEY, username text NOT NULL, attribute text NOT NULL, op varchar(2) NOT NULL, value text NOT NULL);
            INSERT INTO radcheck (username, attribute, op, value)
                SELECT 'user' || lpad(n::text, 6, '0'), 'Cleartext-Password', ':=', 'pw' || lpad(n::text, 6, '0') FROM generate_series(0, {count - 1}) n;
            INSERT INTO radreply (username, attribute, op, value)
                SELECT 'user' || lpad(n::text, 6, '0'), 'Framed-IP-Address', '=', host('100.64.0.0'::inet + n) FROM generate_series(0, {count - 1}) n;
            INSERT INTO radreply (username, attribute, op, value)
                SELECT 'user' || lpad(n::text, 6, '0'), 'Mikrotik-Rate-Limit', '=', '10M/10M' FROM generate_series(0, {count - 1}) n;
            CREATE INDEX ON radcheck (username, attribute);
            CREATE INDEX ON radreply (username, attribute);
            ANALYZE radcheck;
            ANALYZE radreply;
            """));
        await make.ExecuteNonQueryAsync();
    }

    private static string Configuration(string folder, int port, FreeRadiusUsers users, TestDatabase database)
    {
        var source = users is FreeRadiusUsers.Files ? "files" : "sql";
        return $$"""
            prefix = /usr
            libdir = /usr/lib/freeradius
            raddbdir = {{folder}}
            logdir = {{folder}}
            run_dir = {{folder}}
            max_request_time = 5
            cleanup_delay = 5
            max_requests = 65536
            hostname_lookups = no
            log { destination = files
              file = {{folder}}/log
              auth = no }
            security { max_attributes = 200
              reject_delay = 0
              status_server = yes }
            proxy_requests = no
            thread pool { start_servers = 2
              max_servers = 2
              min_spare_servers = 1
              max_spare_servers = 2
              max_requests_per_server = 0
              auto_limit_acct = no }
            client bench { ipaddr = 127.0.0.1
              secret = testing123
              require_message_authenticator = no }
            modules {
              pap { normalise = no }
              mschap { use_mppe = yes }
              {{(users is FreeRadiusUsers.Files ? $"files {{ usersfile = {folder}/users }}" : SqlModule(database))}}
            }
            server default {
              listen { type = auth
                ipaddr = 127.0.0.1
                port = {{port}}
                recv_buff = 4194304 }
              authorize {
                {{source}}
                mschap
                pap
              }
              authenticate {
                Auth-Type PAP {
                  pap
                }
                Auth-Type MS-CHAP {
                  mschap
                }
              }
            }
            """;
    }

    private static string SqlModule(TestDatabase database)
    {
        var server = new NpgsqlConnectionStringBuilder(database.OwnerConnectionString);
        return $$"""
            sql { dialect = "postgresql"
                driver = "rlm_sql_postgresql"
                radius_db = "host={{server.Host}} port={{server.Port}} dbname={{server.Database}} user={{server.Username}} password={{server.Password}}"
                read_groups = no
                read_profiles = no
                sql_user_name = "%{User-Name}"
                authcheck_table = "radcheck"
                authreply_table = "radreply"
                authorize_check_query = "SELECT id, username, attribute, value, op FROM radcheck WHERE username = '%{SQL-User-Name}' ORDER BY id"
                authorize_reply_query = "SELECT id, username, attribute, value, op FROM radreply WHERE username = '%{SQL-User-Name}' ORDER BY id"
                pool { start = 4
                  min = 4
                  max = 32
                  spare = 4
                  uses = 0
                  lifetime = 0
                  idle_timeout = 0 }
              }
            """;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private async Task AnswersAsync(int count)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromSeconds(60) && !_process.HasExited)
        {
            using var probe = new ClosedLoop(Port, new LoginLoad(new LoginRequests(LoginKind.Pap, count, 1), needsMessageAuthenticator: false), 1);
            if (await probe.RunAsync(TimeSpan.FromMilliseconds(200)) is { Answered: > 0, Wrong: 0 })
            {
                return;
            }
        }

        throw new InvalidOperationException($"FreeRADIUS did not start: {await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "log"))}");
    }
}
