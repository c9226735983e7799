using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DataDefender.Testing;

namespace DataDefender.Web.Tests.Browser;

/// <summary>The web application and, once it is started, a RadiusHost over the same database.</summary>
public class RadiusWeb : BrowserWeb
{
    private const string Token = "the token of the test";

    private readonly string _status = $"http://127.0.0.1:{FreePort(ProtocolType.Tcp)}";
    private Process? _radius;

    /// <summary>Where RadiusHost listens once it is started.</summary>
    public (int Authentication, int Accounting) RadiusPorts { get; } = (FreePort(ProtocolType.Udp), FreePort(ProtocolType.Udp));

    protected override Dictionary<string, string?> Settings => new() { ["Radius:StatusUrl"] = _status, ["Radius:StatusToken"] = Token };

    public async Task StartRadiusAsync()
    {
        var name = "DataDefender.RadiusHost";
        var assembly = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", name, new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Name, $"{name}.dll"));
        var start = new ProcessStartInfo("dotnet", [assembly]) { UseShellExecute = false, WorkingDirectory = Database.Folder.FullName };
        foreach (var (key, value) in TestServices.Settings(Database).Concat(Settings))
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        start.Environment["Radius__Address"] = "127.0.0.1";
        start.Environment["Radius__AuthenticationPort"] = $"{RadiusPorts.Authentication}";
        start.Environment["Radius__AccountingPort"] = $"{RadiusPorts.Accounting}";
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        _radius = Process.Start(start)!;

        using var handler = new SocketsHttpHandler();
        using var http = new HttpMessageInvoker(handler);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await IsReadyAsync(http, patience.Token))
        {
            Assert.False(_radius.HasExited, "RadiusHost has ended.");
            await Task.Delay(100, patience.Token);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_radius is not null)
        {
            _radius.Kill();
            await _radius.WaitForExitAsync();
            _radius.Dispose();
        }

        await base.DisposeAsync();
    }

    private async Task<bool> IsReadyAsync(HttpMessageInvoker http, CancellationToken ct)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{_status}/health/ready");
            using var answer = await http.SendAsync(request, ct);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    protected static int FreePort(ProtocolType protocol)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, protocol is ProtocolType.Udp ? SocketType.Dgram : SocketType.Stream, protocol);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
