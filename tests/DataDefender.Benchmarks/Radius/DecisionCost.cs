using System.Diagnostics;
using System.Net;
using DataDefender.RadiusHost;
using DataDefender.RadiusHost.Access;
using DataDefender.RadiusHost.Lines;
using DataDefender.RadiusHost.Setup;
using DataDefender.RadiusHost.Status;
using DataDefender.RadiusHost.Udp;
using DataDefender.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Benchmarks.Radius;

/// <summary>What one login costs the server's thread without the network: from the datagram to the signed answer.</summary>
internal sealed class DecisionCost(LineDirectory directory, IServiceProvider services)
{
    private const int Batch = 64;
    private const int Rounds = 4000;

    /// <summary>Nanoseconds and allocated bytes a login.</summary>
    public (double Nanoseconds, double Bytes) Measure(LoginKind kind, int users)
    {
        using var socket = DatagramSockets.Bind(new IPEndPoint(IPAddress.Loopback, 0), 65_536);
        using var delayed = new DelayedRejects(socket, TimeProvider.System);
        var port = new AccessPort(
            directory, new HostCounters(), new LoginLog(), services.GetRequiredService<LearnedAuthenticators>(), services.GetRequiredService<LearnedCallers>(), delayed,
            services.GetRequiredService<FaultLog>(), services.GetRequiredService<RadiusOptions>(), TimeProvider.System, Batch);
        var load = new LoginLoad(new LoginRequests(kind, users, Batch), needsMessageAuthenticator: true);
        var batch = new DatagramBatch(Batch);
        var peer = new Peer(Peer.Key(IPAddress.Loopback), 4242);
        var (spent, bytes) = (new List<long>(Rounds), 0L);
        for (var round = -Rounds / 4; round < Rounds; round++)
        {
            batch.Clear();
            for (var i = 0; i < Batch; i++)
            {
                batch.Add(load.Write((byte)i, batch.RequestBuffer(i)), peer);
            }

            var (allocated, started) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
            port.Handle(batch);
            port.Sent(batch);
            if (round >= 0)
            {
                spent.Add(Stopwatch.GetTimestamp() - started);
                bytes += GC.GetAllocatedBytesForCurrentThread() - allocated;
            }

            for (var i = 0; i < Batch; i++)
            {
                load.Take((byte)i, batch.Reply(i));
            }
        }

        if (load.Check() is { Wrong: > 0, FirstWrong: var wrong })
        {
            throw new InvalidOperationException($"An answer was wrong: {wrong}.");
        }

        // The median, since whatever else the machine does would else be in the figure.
        spent.Sort();
        return (spent[Rounds / 2] * 1e9 / Stopwatch.Frequency / Batch, bytes / (Batch * (double)Rounds));
    }

    /// <summary>Over the lines of a database, in this process.</summary>
    public static async Task<(double Nanoseconds, double Bytes)[]> MeasureAsync(TestDatabase database, int users, params LoginKind[] kinds)
    {
        var settings = TestServices.Settings(database).Append(new("Radius:JournalDirectory", Path.Combine(database.Folder.FullName, "cost"))).Append(new("Radius:RequestsPerSecondPerNas", "10000000"));
        await using var app = RadiusApplication.Create([.. settings.Select(s => $"--{s.Key}={s.Value}"), "--Logging:LogLevel:Default=Warning"]);
        var directory = app.Services.GetRequiredService<LineDirectory>();
        directory.Replace(await app.Services.GetRequiredService<DirectoryLoader>().LoadAllAsync(CancellationToken.None), DirectorySource.Database);
        var cost = new DecisionCost(directory, app.Services);
        return [.. kinds.Select(k => cost.Measure(k, users))];
    }
}
