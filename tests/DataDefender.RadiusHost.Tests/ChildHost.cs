using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using DataDefender.Testing;

namespace DataDefender.RadiusHost.Tests;

/// <summary>RadiusHost as a process of its own, which can be killed.</summary>
internal sealed partial class ChildHost : IAsyncDisposable
{
    private const int Terminate = 15;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private ChildHost(Process process, Ports ports) => (_process, HostPorts) = (process, ports);

    public Ports HostPorts { get; }

    public string Output => string.Join('\n', _output);

    public static Ports FreePorts()
    {
        using var authentication = Bound(ProtocolType.Udp);
        using var accounting = Bound(ProtocolType.Udp);
        using var status = Bound(ProtocolType.Tcp);
        return new Ports(Port(authentication), Port(accounting), Port(status));

        static Socket Bound(ProtocolType protocol)
        {
            var socket = new Socket(AddressFamily.InterNetwork, protocol is ProtocolType.Udp ? SocketType.Dgram : SocketType.Stream, protocol);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            return socket;
        }

        static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="journal">The name of its journal's folder, when there is more than one RadiusHost.</param>
    public static async Task<ChildHost> StartAsync(TestDatabase database, Ports ports, string journal = "radius")
    {
        var assembly = typeof(RadiusOptions).Assembly.Location;
        var start = new ProcessStartInfo("dotnet", [assembly]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = database.Folder.FullName };
        foreach (var (key, value) in TestServices.Settings(database))
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        start.Environment["Radius__Address"] = "127.0.0.1";
        start.Environment["Radius__AuthenticationPort"] = $"{ports.Authentication}";
        start.Environment["Radius__AccountingPort"] = $"{ports.Accounting}";
        start.Environment["Radius__StatusUrl"] = $"http://127.0.0.1:{ports.Status}";
        start.Environment["Radius__JournalSegmentMegabytes"] = "1";
        start.Environment["Radius__JournalDirectory"] = Path.Combine(database.Folder.FullName, journal);
        var child = new ChildHost(Process.Start(start)!, ports);
        child._process.OutputDataReceived += (_, line) => child._output.Enqueue(line.Data ?? "");
        child._process.ErrorDataReceived += (_, line) => child._output.Enqueue(line.Data ?? "");
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        await Eventually.Is(async () =>
        {
            Assert.False(child._process.HasExited, child.Output);
            return await child.MetricAsync("radius_directory_nas") > 0;
        });
        return child;
    }

    /// <summary>A figure of /metrics, null while it does not answer.</summary>
    public async Task<double?> MetricAsync(string name)
    {
        try
        {
            using var handler = new SocketsHttpHandler();
            using var http = new HttpMessageInvoker(handler);
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{HostPorts.Status}/metrics");
            using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
            var lines = (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split('\n');
            return lines.FirstOrDefault(l => l.StartsWith(name + " ", StringComparison.Ordinal)) is { } line
                ? double.Parse(line[(name.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture)
                : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>kill -9: it gets no chance to do anything.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and how long it took to end.</summary>
    public async Task<TimeSpan> TerminateAsync()
    {
        var watch = Stopwatch.StartNew();
        Assert.Equal(0, Signal(_process.Id, Terminate));
        await _process.WaitForExitAsync();
        return watch.Elapsed;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Signal(int process, int signal);

    internal sealed record Ports(int Authentication, int Accounting, int Status);
}
