using System.Globalization;
using System.Net;
using DataDefender.Sandbox.Nas;
using DataDefender.Sandbox.RouterOs;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataDefender.Sandbox;

/// <summary>
/// The outside world in this process: routers on real sockets with customers behind them. <c>await using</c> it; ports that
/// were 0 are known once it has started.
/// </summary>
public sealed class SandboxWorld : IAsyncDisposable
{
    private readonly List<SimulatedRouter> _routers = [];
    private Http.ControlServer? _control;

    private SandboxWorld(SandboxOptions options, TimeProvider time, ILogger log)
    {
        Options = options;
        Clock = new SimulatedClock(time, options.StartAt, options.Speed);
        Money = new Money.MoneyWorld(options.Money, time, log); // in real time: its peers compare its stamps with their own clock
        Tax = new Tax.TaxOffice(time);
        foreach (var router in options.Routers)
        {
            _routers.Add(new SimulatedRouter(router, options, Clock, log));
        }

        foreach (var subscriber in options.Subscribers)
        {
            RouterFor(subscriber.Router, 0).Nas.Add(subscriber);
        }

        foreach (var pattern in options.Patterns)
        {
            AddPattern(pattern);
        }
    }

    public SandboxOptions Options { get; }

    /// <summary>Where the control page is; null when <see cref="SandboxOptions.HttpPort"/> is.</summary>
    public Uri? ControlUrl => _control?.Url;

    public SimulatedClock Clock { get; }

    /// <summary>The bank and the mobile money.</summary>
    public Money.MoneyWorld Money { get; }

    /// <summary>The tax authority.</summary>
    public Tax.TaxOffice Tax { get; }

    /// <summary>What reached customers by SMS and e-mail.</summary>
    public Messaging.MessageBox Messages { get; } = new();

    internal HttpMessageInvoker Reporter { get; } = new(new SocketsHttpHandler());

    public IReadOnlyList<SimulatedRouter> Routers => _routers;

    public SimulatedRouter this[string router] => _routers.FirstOrDefault(r => r.Name == router) ?? throw new KeyNotFoundException($"No router '{router}'.");

    /// <summary>Starts a world; with no routers named there is one, <c>router1</c>, of the newest personality.</summary>
    /// <exception cref="SandboxConfigurationException">The options make no world.</exception>
    public static async Task<SandboxWorld> StartAsync(SandboxOptions? options = null, ILogger? log = null, TimeProvider? time = null)
    {
        options ??= new SandboxOptions();
        if (options.Routers.Count == 0)
        {
            options.Routers.Add(new RouterOptions());
        }

        SandboxConfiguration.Check(options);
        var world = new SandboxWorld(options, time ?? TimeProvider.System, log ?? NullLogger.Instance);
        try
        {
            foreach (var router in world._routers)
            {
                router.Start();
            }

            if (options.HttpPort is { } port)
            {
                world._control = await Http.ControlServer.StartAsync(world, IPAddress.Parse(options.HttpAddress), port);
            }

            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>All lines of all routers.</summary>
    public IEnumerable<(SimulatedRouter Router, Subscriber Subscriber)> Subscribers => _routers.SelectMany(r => r.Nas.Subscribers.Select(s => (r, s)));

    /// <summary>The router and the line of that name; null when nobody has it.</summary>
    public (SimulatedRouter Router, Subscriber Subscriber)? Find(string username)
    {
        foreach (var router in _routers)
        {
            if (router.Nas.Find(username) is { } subscriber)
            {
                return (router, subscriber);
            }
        }

        return null;
    }

    /// <summary>A customer who comes while the world runs; dials at once if told to.</summary>
    public Subscriber AddSubscriber(SubscriberOptions options, bool dial = true)
    {
        var router = RouterFor(options.Router, 0);
        var subscriber = router.Nas.Add(options);
        if (dial)
        {
            router.Nas.Dial(subscriber);
        }

        return subscriber;
    }

    public async ValueTask DisposeAsync()
    {
        if (_control is { } control)
        {
            await control.DisposeAsync();
        }

        await Money.DisposeAsync();
        Reporter.Dispose();

        foreach (var router in _routers)
        {
            await router.DisposeAsync();
        }
    }

    private SimulatedRouter RouterFor(string name, int index) => name.Length > 0 ? this[name] : _routers[index % _routers.Count];

    private void AddPattern(SubscriberPattern pattern)
    {
        for (var i = 0; i < pattern.Count; i++)
        {
            var number = (pattern.First + i).ToString(CultureInfo.InvariantCulture).PadLeft(pattern.Digits, '0');
            RouterFor(pattern.Router, i).Nas.Add(new SubscriberOptions
            {
                Username = $"{pattern.UserPrefix}{number}", Password = $"{pattern.PasswordPrefix}{number}", Service = pattern.Service, Method = pattern.Method,
            });
        }
    }
}
