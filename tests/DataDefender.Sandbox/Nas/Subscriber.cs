namespace DataDefender.Sandbox.Nas;

public enum LineState
{
    /// <summary>Hung up; nobody dials.</summary>
    Idle,

    /// <summary>Waiting for its turn, or for the back-off to pass.</summary>
    Waiting,

    /// <summary>An Access-Request is out.</summary>
    Dialling,

    Online,
}

/// <summary>A customer's device at the end of a line. Its state changes under the router's lock.</summary>
public sealed class Subscriber
{
    internal Subscriber(SubscriberOptions options, int seed)
    {
        (Username, Password, Service, Method) = (options.Username, options.Password, options.Service, options.Method);
        Mac = options.Mac is { } mac && RouterOs.RouterFormat.TryMac(mac, out var known) ? known : Seeded.Mac(seed, $"cpe:{options.Username}", 0xD4);
        PeakBits = options.DemandMbps > 0 ? options.DemandMbps * 1e6 : 1.5e6 + (10.5e6 * Seeded.Unit(seed, $"demand:{options.Username}"));
    }

    public string Username { get; }

    public SubscriberService Service { get; }

    public AuthenticationMethod Method { get; internal set; }

    public string Mac { get; }

    public LineState State { get; internal set; }

    /// <summary>Why the last attempt failed or the last session ended; null while all is well.</summary>
    public string? LastFailure { get; internal set; }

    /// <summary>Rejects and timeouts in a row.</summary>
    public int Failures { get; internal set; }

    internal string Password { get; set; }

    /// <summary>What it would draw at the evening peak without a limit.</summary>
    internal double PeakBits { get; }

    internal string ServiceName => Service == SubscriberService.Pppoe ? "internet" : "hotspot1";

    /// <summary>A device that dials again by itself; a guest who logged in on a page does not.</summary>
    internal bool Redials { get; set; } = true;

    internal LineSession? Session { get; set; }

    /// <summary>Rises whenever what was scheduled for this line no longer holds.</summary>
    internal int Generation { get; set; }
}
