using System.Net.Sockets;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Status;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace DataDefender.RadiusHost.Tests;

/// <summary>A PostgreSQL that neither answers nor refuses, as after a network fault: the worst that a database can do.</summary>
public sealed class HangingDatabaseTests
{
    [Fact]
    public async Task Logins_and_accounting_go_on_while_PostgreSQL_hangs_and_nothing_is_lost()
    {
        Requires.That(TestDatabase.Absence(DatabaseProvider.PostgreSql) is null, TestDatabase.Absence(DatabaseProvider.PostgreSql) ?? "");
        await using var services = await TestServices.CreateAsync(DatabaseProvider.PostgreSql);
        var company = await TestCompany.CreateAsync(services);
        await company.AddNasAsync("127.0.0.1", HostFixture.Secret);
        await company.AddSubscriptionAsync(username: "wanjiku", password: HostFixture.Password);
        var connection = new NpgsqlConnectionStringBuilder(services.Database.ConnectionString);
        using var wire = new Wire(connection.Host!, connection.Port);
        (connection.Host, connection.Timeout, connection.CommandTimeout) = (wire.Folder, 2, 2);
        await using var host = await RunningHost.StartAsync(services.Database, ("ConnectionStrings:DataDefender", connection.ConnectionString));

        wire.Hang();
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(RadiusCode.AccessAccept, (await host.Client().PapAsync("wanjiku", HostFixture.Password)).Code);
            await host.Client().AskAsync(host.Client().AccountingRequest(AcctStatusType.Stop, "wanjiku", $"hang-{i}"));
        }

        await Eventually.Is(() => !host.Service<Lines.LineDirectory>().DatabaseReachable);
        Assert.True(host.Service<Pulse>().Depth > 0);

        wire.Heal();
        await host.AppliedAsync();
        await using var db = company.Open();
        Assert.Equal(100, await db.SessionRecords.CountAsync());
        await Eventually.Is(() => host.Service<Lines.LineDirectory>().DatabaseReachable);
    }

    /// <summary>Passes a Unix socket on to another and can stop passing anything.</summary>
    private sealed class Wire : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ddwire");
        private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private readonly List<Socket> _sockets = [];
        private readonly UnixDomainSocketEndPoint _server;
        private TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Wire(string folder, int port)
        {
            Requires.That(folder.StartsWith('/'), "This PostgreSQL is not reached over a Unix socket.");
            _server = new UnixDomainSocketEndPoint(Path.Combine(folder, $".s.PGSQL.{port}"));
            _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder.FullName, $".s.PGSQL.{port}")));
            _listener.Listen();
            _open.SetResult();
            _ = AcceptAsync();
        }

        public string Folder => _folder.FullName;

        public void Hang() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Heal() => _open.TrySetResult();

        public void Dispose()
        {
            Heal();
            _listener.Dispose();
            lock (_sockets)
            {
                _sockets.ForEach(s => s.Dispose());
            }

            _folder.Delete(recursive: true);
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    var client = await _listener.AcceptAsync();
                    var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await server.ConnectAsync(_server);
                    lock (_sockets)
                    {
                        _sockets.AddRange([client, server]);
                    }

                    _ = PassAsync(client, server);
                    _ = PassAsync(server, client);
                }
            }
            catch (Exception end) when (end is SocketException or ObjectDisposedException)
            {
                // disposed
            }
        }

        private async Task PassAsync(Socket from, Socket to)
        {
            var buffer = new byte[65_536];
            try
            {
                while (await from.ReceiveAsync(buffer) is > 0 and var length)
                {
                    await _open.Task;
                    await to.SendAsync(buffer.AsMemory(0, length));
                }
            }
            catch (Exception end) when (end is SocketException or ObjectDisposedException)
            {
                // one side has ended
            }

            from.Dispose();
            to.Dispose();
        }
    }
}
