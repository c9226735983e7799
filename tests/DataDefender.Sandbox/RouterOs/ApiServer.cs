using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace DataDefender.Sandbox.RouterOs;

/// <summary>The listening side of the API: both services, their limits, and the faults that concern reaching them.</summary>
internal sealed class ApiServer(SimulatedRouter router, ILogger log) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<ApiConnection, Task> _connections = new();
    private readonly List<Socket> _fillers = [];
    private Service? _plain;
    private Service? _tls;
    private bool _running;
    private int _accepted;
    private long _commands;

    public IPEndPoint? Plain => _plain?.EndPoint;

    public IPEndPoint? Tls => _tls?.EndPoint;

    public int Connections => _connections.Count;

    public int Accepted => _accepted;

    public long Commands => Interlocked.Read(ref _commands);

    public void Start()
    {
        _running = true;
        router.Faults.Switched = OnFault;
        ApplyServices();
    }

    public void CountCommand() => Interlocked.Increment(ref _commands);

    /// <summary>Opens, closes and moves listeners as <c>/ip/service</c> says.</summary>
    public void ApplyServices()
    {
        if (!_running)
        {
            return;
        }

        lock (_gate)
        {
            if (!router.Faults.IsOn(Fault.Refused) && !router.Faults.IsOn(Fault.Dark))
            {
                _plain = Apply(_plain, "api", tls: false);
                _tls = Apply(_tls, "api-ssl", tls: true);
            }
        }
    }

    public async Task StopAsync()
    {
        _running = false;
        CloseListeners();
        await DropConnectionsAsync();
    }

    public async ValueTask DisposeAsync()
    {
        router.Faults.Switched = null;
        await StopAsync();
    }

    private Service? Apply(Service? now, string name, bool tls)
    {
        var services = router.Table("/ip/service");
        var row = services.Find(name)!;
        var port = int.Parse(row["port"]!, System.Globalization.CultureInfo.InvariantCulture);
        if (row["disabled"] == "true")
        {
            now?.Dispose();
            return null;
        }

        if (now is { IsOpen: true } && now.EndPoint.Port == port)
        {
            return now;
        }

        now?.Dispose();
        var service = Service.Open(name, tls, new IPEndPoint(IPAddress.Parse(router.Options.Address), port), backlog: 128);
        row["port"] = RouterFormat.Number(service.EndPoint.Port);
        _ = Task.Run(() => AcceptAsync(service));
        return service;
    }

    private async Task AcceptAsync(Service service)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await service.Socket.AcceptAsync();
            }
            catch (Exception ex) when (ex is SocketException or ObjectDisposedException)
            {
                return;
            }

            Interlocked.Increment(ref _accepted);
            if (!Admits(service, (IPEndPoint)socket.RemoteEndPoint!))
            {
                socket.Dispose();
                continue;
            }

            var connection = new ApiConnection(router, this, socket, service.Name, service.IsTls, log);
            var run = new TaskCompletionSource();
            _connections[connection] = run.Task;
            _ = RunAsync(connection, run);
        }
    }

    private async Task RunAsync(ApiConnection connection, TaskCompletionSource done)
    {
        await Task.Yield();
        try
        {
            await connection.RunAsync();
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            done.SetResult();
        }
    }

    private bool Admits(Service service, IPEndPoint from)
    {
        lock (router.Gate)
        {
            var services = router.Table("/ip/service");
            var row = services.Find(service.Name)!;
            var allowed = (row["address"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
            var limit = int.Parse(services.Value(row, "max-sessions") ?? "20", System.Globalization.CultureInfo.InvariantCulture);
            return _connections.Keys.Count(c => c.Service == service.Name) < limit
                && (allowed.Length == 0 || allowed.Any(a => IPNetwork.TryParse(a.Contains('/', StringComparison.Ordinal) ? a : $"{a}/32", out var network) && network.Contains(from.Address)));
        }
    }

    private void OnFault(Fault fault, bool on)
    {
        if (fault is not (Fault.Refused or Fault.Dark) || !_running)
        {
            return;
        }

        CloseListeners();
        if (fault == Fault.Refused && on)
        {
            foreach (var connection in _connections.Keys)
            {
                connection.Abort();
            }
        }
        else if (fault == Fault.Dark && on)
        {
            lock (_gate)
            {
                GoDark(_plain);
                GoDark(_tls);
            }
        }
        else
        {
            ApplyServices();
        }
    }

    /// <summary>
    /// A listener whose queue is full: the kernel drops every further SYN, as a router without power would. Linux lets one
    /// more connection in than the backlog says.
    /// </summary>
    private void GoDark(Service? service)
    {
        if (service is null)
        {
            return;
        }

        service.Reopen(backlog: 0);
        for (var i = 0; i < 4; i++)
        {
            var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            _fillers.Add(filler);
            try
            {
                filler.Connect(service.EndPoint);
            }
            catch (SocketException ex) when (ex.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                // Under way, or waiting for a place that never comes free.
            }
        }
    }

    private void CloseListeners()
    {
        lock (_gate)
        {
            _fillers.ForEach(f => f.Dispose());
            _fillers.Clear();
            _plain?.Close();
            _tls?.Close();
        }
    }

    private async Task DropConnectionsAsync()
    {
        var open = _connections.ToArray();
        foreach (var (connection, _) in open)
        {
            connection.Abort();
        }

        await Task.WhenAll(open.Select(pair => pair.Value));
    }

    private sealed class Service(string name, bool tls, IPEndPoint endPoint, Socket socket) : IDisposable
    {
        public string Name => name;

        public bool IsTls => tls;

        /// <summary>Kept while the listener is closed, so that it opens at the same port again.</summary>
        public IPEndPoint EndPoint => endPoint;

        public Socket Socket { get; private set; } = socket;

        public bool IsOpen { get; private set; } = true;

        public static Service Open(string name, bool tls, IPEndPoint at, int backlog)
        {
            var socket = Listen(at, backlog);
            return new Service(name, tls, (IPEndPoint)socket.LocalEndPoint!, socket);
        }

        public void Reopen(int backlog) => (Socket, IsOpen) = (Listen(endPoint, backlog), false);

        public void Close()
        {
            IsOpen = false;
            Socket.Dispose();
        }

        public void Dispose() => Close();

        private static Socket Listen(IPEndPoint at, int backlog)
        {
            var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, optionValue: true);
            socket.Bind(at);
            socket.Listen(backlog);
            return socket;
        }
    }
}
