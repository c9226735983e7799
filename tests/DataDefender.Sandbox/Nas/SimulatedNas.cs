using System.Net;
using System.Threading.Channels;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Sandbox.RouterOs;

namespace DataDefender.Sandbox.Nas;

/// <summary>
/// The lines that end at one router: who dials, who is let in, what is accounted. One socket towards the RADIUS server, one
/// for CoA, and a handful of tasks, however many lines there are.
/// </summary>
public sealed partial class SimulatedNas : IAsyncDisposable
{
    private readonly SimulatedRouter _router;
    private readonly ILogger _log;
    private readonly NasRequests _requests;
    private readonly Dictionary<string, Subscriber> _subscribers = new(StringComparer.Ordinal);
    private readonly Channel<(Subscriber Subscriber, int Generation)> _toDial = Channel.CreateUnbounded<(Subscriber, int)>();
    private readonly CancellationTokenSource _stop = new();
    private RadiusSocket? _socket;
    private IncomingRequests? _incoming;
    private Task _pump = Task.CompletedTask;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private (int Version, RadiusTarget? Ppp, RadiusTarget? Hotspot)? _targets;
    private uint _lastSession;
    private bool _isUp;

    internal SimulatedNas(SimulatedRouter router, ILogger log)
    {
        (_router, _log, _requests) = (router, log, new NasRequests(router));

        // A router counts its reboots in the middle of the session id. This one does not remember them from one run to the
        // next, and must not use the ids of the last run again: the minute takes their place.
        _lastSession = (uint)(router.World.StartAt is null ? router.Clock.Now.ToUnixTimeSeconds() / 60 % 256 : 0x10) << 16;
    }

    public NasCounters Counters { get; } = new();

    /// <summary>Where CoA and Disconnect-Requests arrive; null while they are not accepted.</summary>
    public IPEndPoint? CoaEndPoint => _incoming?.EndPoint;

    public int Online
    {
        get
        {
            lock (_router.Gate)
            {
                return _router.Sessions.Count;
            }
        }
    }

    public IReadOnlyList<Subscriber> Subscribers
    {
        get
        {
            lock (_router.Gate)
            {
                return [.. _subscribers.Values];
            }
        }
    }

    internal SimulatedRouter Router => _router;

    public Subscriber? Find(string username)
    {
        lock (_router.Gate)
        {
            return _subscribers.GetValueOrDefault(username);
        }
    }

    /// <summary>A new line, or other credentials for one that is there.</summary>
    public Subscriber Add(SubscriberOptions options)
    {
        lock (_router.Gate)
        {
            if (_subscribers.TryGetValue(options.Username, out var known))
            {
                (known.Password, known.Method) = (options.Password, options.Method);
                return known;
            }

            var subscriber = new Subscriber(options, _router.Seed);
            _subscribers.Add(options.Username, subscriber);
            return subscriber;
        }
    }

    /// <summary>Hangs up and takes the line away.</summary>
    public void Remove(Subscriber subscriber)
    {
        HangUp(subscriber);
        lock (_router.Gate)
        {
            _subscribers.Remove(subscriber.Username);
        }
    }

    /// <summary>Dials as soon as the line's turn comes; a line that is up or on its way stays so.</summary>
    public void Dial(Subscriber subscriber)
    {
        lock (_router.Gate)
        {
            if (subscriber.State is LineState.Online or LineState.Dialling)
            {
                return;
            }

            (subscriber.State, subscriber.Failures, subscriber.Redials) = (LineState.Waiting, 0, true);
            Queue(subscriber);
        }
    }

    /// <summary>The customer switches the device off: Stop with User-Request, and nobody dials again.</summary>
    public void HangUp(Subscriber subscriber)
    {
        lock (_router.Gate)
        {
            subscriber.Generation++;
            subscriber.State = LineState.Idle;
            if (subscriber.Session is { } session)
            {
                End(session, AcctTerminateCause.UserRequest);
            }

            Changed();
        }
    }

    /// <summary>The line breaks: Stop with Lost-Carrier, and the device dials again.</summary>
    public void Break(Subscriber subscriber)
    {
        lock (_router.Gate)
        {
            if (subscriber.Session is { } session)
            {
                End(session, AcctTerminateCause.LostCarrier);
            }
        }
    }

    public SessionView? Session(string username)
    {
        lock (_router.Gate)
        {
            return _router.Sessions.ByUser(username) is [var session, ..] ? SessionView.Of(session, _router.Clock.Now) : null;
        }
    }

    public IReadOnlyList<SessionView> Sessions
    {
        get
        {
            lock (_router.Gate)
            {
                var now = _router.Clock.Now;
                return [.. _router.Sessions.All.Select(s => SessionView.Of(s, now))];
            }
        }
    }

    /// <summary>Returns once the condition holds; it is looked at whenever a line or session changes.</summary>
    /// <exception cref="TimeoutException">It did not hold in that (real) time.</exception>
    public async Task UntilAsync(Func<SimulatedNas, bool> condition, TimeSpan? within = null)
    {
        using var limit = new CancellationTokenSource(within ?? TimeSpan.FromSeconds(10), _router.Clock.Real);
        while (true)
        {
            Task changed;
            lock (_router.Gate)
            {
                changed = _changed.Task;
            }

            if (condition(this))
            {
                return;
            }

            try
            {
                await changed.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException ex)
            {
                throw new TimeoutException($"{_router.Name}: it did not come to that. {Online} lines are online; {string.Join("; ", Subscribers.Take(5).Select(s => $"{s.Username} {s.State} {s.LastFailure}"))}", ex);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _toDial.Writer.TryComplete();
        await _pump;
        await CloseAsync();
        _stop.Dispose();
    }

    /// <summary>What <c>/ip/hotspot/active/login</c> does; null when it let the guest in, else why not.</summary>
    internal async Task<string?> HotspotLoginAsync(string user, string password, string ip, string? mac, CancellationToken ct)
    {
        if (!IPAddress.TryParse(ip, out var address))
        {
            return "invalid ip address";
        }

        var guest = Add(new SubscriberOptions { Username = user, Password = password, Service = SubscriberService.Hotspot, Method = AuthenticationMethod.Chap, Mac = mac });
        var outcome = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_router.Gate)
        {
            if (guest.Session is not null)
            {
                return "already logged in";
            }

            (guest.Password, guest.Redials) = (password, false);
            guest.Generation++;
            Dial(guest, address, failure => outcome.TrySetResult(failure));
        }

        return await outcome.Task.WaitAsync(ct);
    }

    internal void Start()
    {
        _pump = Task.Run(PumpAsync);
        ComeUp();
        if (_router.World.AutoDial)
        {
            lock (_router.Gate)
            {
                foreach (var subscriber in _subscribers.Values)
                {
                    Dial(subscriber);
                }
            }
        }
    }

    internal void ComeUp()
    {
        lock (_router.Gate)
        {
            _socket = new RadiusSocket(_router, Counters, _log);
            _isUp = true;
            OpenIncoming();
            TellWholeNas(AcctStatusType.AccountingOn);
            foreach (var subscriber in _subscribers.Values.Where(s => s.State != LineState.Idle))
            {
                subscriber.State = LineState.Waiting;
                Queue(subscriber);
            }

            Changed();
        }
    }

    internal async Task ShutDownAsync(bool clean)
    {
        lock (_router.Gate)
        {
            if (clean)
            {
                TellWholeNas(AcctStatusType.AccountingOff);
            }

            _isUp = false;
            foreach (var session in _router.Sessions.All.ToList())
            {
                session.HasEnded = true;
                session.Subscriber.Session = null;
            }

            foreach (var subscriber in _subscribers.Values)
            {
                subscriber.Generation++;
                subscriber.State = subscriber.State == LineState.Idle ? LineState.Idle : LineState.Waiting;
            }

            // The next boot's ids differ from this one's in the middle.
            _lastSession = (_lastSession + 0x1_0000) & 0xFF_0000;
        }

        await CloseAsync();
        Changed();
    }

    /// <summary>Opens, closes or moves the port for CoA as <c>/radius/incoming</c> says.</summary>
    internal void OpenIncoming()
    {
        lock (_router.Gate)
        {
            _incoming?.Dispose();
            _incoming = null;
            var only = _router.Table("/radius/incoming").Only;
            if (_isUp && only["accept"] == "true")
            {
                _incoming = new IncomingRequests(this, new IPEndPoint(IPAddress.Parse(_router.Options.Address), int.Parse(only["port"]!, System.Globalization.CultureInfo.InvariantCulture)), _log);
                only["port"] = RouterFormat.Number(_incoming.EndPoint.Port);
            }
        }
    }

    /// <summary>The first enabled entry of <c>/radius</c> that serves this; null when there is none.</summary>
    internal RadiusTarget? Target(SubscriberService service)
    {
        var table = _router.Table("/radius");
        if (_targets?.Version != table.Store.Version)
        {
            _targets = (table.Store.Version, Target(table, "ppp"), Target(table, "hotspot"));
        }

        return service == SubscriberService.Pppoe ? _targets?.Ppp : _targets?.Hotspot;
    }

    /// <summary>Secret of the server at this address; null for strangers.</summary>
    internal RadiusSecret? SecretOf(IPAddress server)
    {
        var table = _router.Table("/radius");
        return table.Rows.FirstOrDefault(r => r["disabled"] != "true" && r["address"] == server.ToString()) is { } row ? new RadiusSecret(row["secret"] ?? "") : null;
    }

    internal void Changed()
    {
        lock (_router.Gate)
        {
            _changed.TrySetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private RadiusTarget? Target(Table table, string service)
    {
        var row = table.Rows.FirstOrDefault(r => r["disabled"] != "true" && (r["service"] ?? "").Split(',').Contains(service, StringComparer.Ordinal));
        if (row is null)
        {
            return null;
        }

        var address = IPAddress.Parse(row["address"]!);
        int Port(string field) => int.Parse(table.Value(row, field)!, System.Globalization.CultureInfo.InvariantCulture);
        _ = RouterFormat.TryDuration(table.Value(row, "timeout")!, out var timeout);
        return new RadiusTarget(new IPEndPoint(address, Port("authentication-port")), new IPEndPoint(address, Port("accounting-port")), new RadiusSecret(row["secret"] ?? ""), timeout,
            table.Value(row, "require-message-auth") == "yes-for-request-resp");
    }

    private void TellWholeNas(AcctStatusType type)
    {
        if (Target(SubscriberService.Pppoe) is { } target)
        {
            _socket?.Send(_requests.WholeNas(type, NextSessionId(0x81), _router.Clock.Now), target, CountAnswer);
        }
    }

    private void CountAnswer(RadiusMessage? answer)
    {
        if (answer is not null)
        {
            Counters.CountAccountingAnswer();
        }
    }

    /// <summary>Two digits for the service, two that count boots, four that count sessions.</summary>
    private string NextSessionId(byte service) => (((uint)service << 24) | (++_lastSession & 0xFF_FFFF)).ToString("x8", System.Globalization.CultureInfo.InvariantCulture);

    private void Queue(Subscriber subscriber) => _toDial.Writer.TryWrite((subscriber, ++subscriber.Generation));

    /// <summary>Lets lines dial no faster than the world's rate, as customers come back one by one after a power cut.</summary>
    private async Task PumpAsync()
    {
        var slice = TimeSpan.FromMilliseconds(50);
        var perSlice = Math.Max(1, _router.World.DialRate / 20);
        try
        {
            while (await _toDial.Reader.WaitToReadAsync(_stop.Token))
            {
                for (var i = 0; i < perSlice && _toDial.Reader.TryRead(out var next); i++)
                {
                    lock (_router.Gate)
                    {
                        if (_isUp && next.Generation == next.Subscriber.Generation)
                        {
                            Dial(next.Subscriber, hotspotAddress: null, outcome: null);
                        }
                    }
                }

                await Task.Delay(slice, _router.Clock.Real, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The world ends.
        }
    }

    private async Task CloseAsync()
    {
        RadiusSocket? socket;
        lock (_router.Gate)
        {
            _incoming?.Dispose();
            (_incoming, socket, _socket) = (null, _socket, null);
        }

        if (socket is not null)
        {
            await socket.DisposeAsync();
        }
    }
}
