using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DataDefender.Infrastructure.Persistence;
using DataDefender.RadiusHost;
using DataDefender.Testing;
using Npgsql;

namespace DataDefender.Benchmarks.Radius;

/// <summary>RadiusHost as a process of its own, as it runs in production.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    /// <summary>What its connections call themselves at PostgreSQL.</summary>
    public const string DatabaseName = "RadiusHost";

    private readonly Process _process;
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler());

    private HostProcess(Process process, int authentication, int accounting, int status) =>
        (_process, AuthenticationPort, AccountingPort, StatusPort) = (process, authentication, accounting, status);

    public int AuthenticationPort { get; }

    public int AccountingPort { get; }

    private int StatusPort { get; }

    public static async Task<HostProcess> StartAsync(TestDatabase database)
    {
        var (authentication, accounting, status) = (FreePort(SocketType.Dgram), FreePort(SocketType.Dgram), FreePort(SocketType.Stream));
        var start = new ProcessStartInfo("dotnet", [typeof(RadiusOptions).Assembly.Location]) { UseShellExecute = false, RedirectStandardOutput = true, WorkingDirectory = database.Folder.FullName };
        foreach (var (key, value) in TestServices.Settings(database))
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        if (database.Provider is DatabaseProvider.PostgreSql)
        {
            // So that an outage can be the host's alone.
            start.Environment["ConnectionStrings__DataDefender"] = new NpgsqlConnectionStringBuilder(database.ConnectionString) { ApplicationName = DatabaseName }.ConnectionString;
        }

        start.Environment.TryAdd("DOTNET_GCgen0size", "0x8000000"); // as docs/operations.md says for a large installation
        start.Environment["Radius__Address"] = "127.0.0.1";
        start.Environment["Radius__AuthenticationPort"] = authentication.ToString(CultureInfo.InvariantCulture);
        start.Environment["Radius__AccountingPort"] = accounting.ToString(CultureInfo.InvariantCulture);
        start.Environment["Radius__RequestsPerSecondPerNas"] = "10000000"; // one source stands for all NAS here
        start.Environment["Radius__StatusUrl"] = $"http://127.0.0.1:{status}";
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        var host = new HostProcess(process, authentication, accounting, status);
        while (await host.MetricAsync("radius_directory_nas") is not > 0)
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException("RadiusHost did not start.");
            }

            await Task.Delay(50);
        }

        return host;
    }

    /// <summary>A figure of /metrics, the labels being part of its name; null while it does not answer.</summary>
    public async Task<double?> MetricAsync(string name)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{StatusPort}/metrics");
            using var answer = await _http.SendAsync(request, CancellationToken.None);
            var text = await answer.Content.ReadAsStringAsync();
            return text.Split('\n').FirstOrDefault(l => l.StartsWith(name + " ", StringComparison.Ordinal)) is { } line
                ? double.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture)
                : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    public double ProcessorSeconds()
    {
        _process.Refresh();
        return _process.TotalProcessorTime.TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
    }

    private static int FreePort(SocketType type)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, type is SocketType.Dgram ? ProtocolType.Udp : ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
