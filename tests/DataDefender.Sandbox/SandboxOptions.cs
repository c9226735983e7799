namespace DataDefender.Sandbox;

/// <summary>The world to play. In a file or on the command line these keys stand under <c>Sandbox:</c>.</summary>
public sealed class SandboxOptions
{
    /// <summary>Same seed, same MAC addresses, challenges, appetites and latencies.</summary>
    public int Seed { get; set; } = 1;

    /// <summary>Where the control page listens; null: no page; 0: a port of the system's choice.</summary>
    public int? HttpPort { get; set; }

    public string HttpAddress { get; set; } = "127.0.0.1";

    /// <summary>When the simulated time starts; null: now.</summary>
    public DateTimeOffset? StartAt { get; set; }

    /// <summary>Simulated seconds in a real second.</summary>
    public double Speed { get; set; } = 1;

    /// <summary>Whether subscribers dial in by themselves when the world starts.</summary>
    public bool AutoDial { get; set; } = true;

    /// <summary>Dial-ins per real second and router at start and after a reboot.</summary>
    public int DialRate { get; set; } = 200;

    /// <summary>Mean length of a session in simulated hours after which the line drops by itself and redials; 0: never.</summary>
    public double MeanSessionHours { get; set; }

    public RadiusServerOptions Radius { get; set; } = new();

    /// <summary>The bank and the mobile money.</summary>
    public Money.MoneyOptions Money { get; set; } = new();
    public Messaging.MessagingOptions Messaging { get; set; } = new();

    public List<RouterOptions> Routers { get; set; } = [];

    public List<SubscriberOptions> Subscribers { get; set; } = [];

    public List<SubscriberPattern> Patterns { get; set; } = [];
}

/// <summary>The RADIUS server that every router's <c>/radius</c> names at start.</summary>
public sealed class RadiusServerOptions
{
    public string Address { get; set; } = "127.0.0.1";

    public int AuthenticationPort { get; set; } = 1812;

    public int AccountingPort { get; set; } = 1813;

    public string Secret { get; set; } = "testing123";

    /// <summary>Milliseconds until a request is sent again, in real time; 0: the default of the router's version.</summary>
    public int TimeoutMilliseconds { get; set; }
}

public sealed class RouterOptions
{
    public string Name { get; set; } = "router1";

    /// <summary>v6.42, v6.49, v7.9 or v7.22.</summary>
    public string Personality { get; set; } = "v7.22";

    /// <summary>Where the API listens, and the source of its RADIUS packets: 127.0.0.1, 127.0.0.11 …</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>Plain API; 0: chosen by the system; null: closed.</summary>
    public int? ApiPort { get; set; } = 0;

    /// <summary>API over TLS; 0: chosen by the system; null: closed.</summary>
    public int? TlsPort { get; set; } = 0;

    /// <summary>PKCS#12 file with the API's certificate, made when it is not there, so that the certificate stays over a restart; null: a new one at each start.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>Where CoA and Disconnect-Requests arrive; 0: chosen by the system; null: <c>/radius/incoming accept=no</c>.</summary>
    public int? CoaPort { get; set; } = 0;

    /// <summary>Null: the name.</summary>
    public string? NasIdentifier { get; set; }

    public string User { get; set; } = "admin";

    public string Password { get; set; } = "";

    /// <summary>This router's shared secret; null: the one of <see cref="SandboxOptions.Radius"/>.</summary>
    public string? RadiusSecret { get; set; }

    /// <summary>Message-Authenticator in Access-Requests; null: as the version does (7.15 and later).</summary>
    public bool? MessageAuthenticator { get; set; }

    public string PppoePool { get; set; } = "";

    public string HotspotPool { get; set; } = "";

    /// <summary>Address lists that this router's firewall keeps from the Internet.</summary>
    public List<string> WalledLists { get; set; } = ["suspended"];

    /// <summary>Features that device-mode forbids (7.17 and later): hotspot, scheduler, fetch.</summary>
    public List<string> DeviceModeForbids { get; set; } = [];

    /// <summary>The level of a CHR's licence (free, p1, p10, p-unlimited); null for a RouterBOARD, whose licence never ends.</summary>
    public string? ChrLevel { get; set; }

    /// <summary>Until when a CHR's licence holds, by the router's clock; null for free.</summary>
    public DateTimeOffset? LicenceDeadline { get; set; }

    /// <summary>Version 6 has its package ipv6; version 7 has IPv6 always.</summary>
    public bool Ipv6Package { get; set; } = true;

    /// <summary>Real seconds that a reboot takes.</summary>
    public double BootSeconds { get; set; } = 3;

    /// <summary>The newest version of each channel as its update server has it; a channel that is missing has nothing newer.</summary>
    public Dictionary<string, string> Updates { get; set; } = [];

    /// <summary>Characters up to which a file's contents are printed; versions before 7 print less.</summary>
    public int PrintableFile { get; set; } = 60 * 1024;

    /// <summary>Other routers of the world that it sees on its interfaces.</summary>
    public List<NeighbourOptions> Neighbours { get; set; } = [];
}

/// <summary>A cable between two routers, as one of them sees it.</summary>
public sealed class NeighbourOptions
{
    public string Interface { get; set; } = "";

    public string Router { get; set; } = "";

    public string TheirInterface { get; set; } = "";
}

public enum SubscriberService
{
    Pppoe,
    Hotspot,
}

public enum AuthenticationMethod
{
    Pap,
    Chap,

    /// <summary>MS-CHAP version 1 (RFC 2433).</summary>
    MsChap,
    MsChapV2,

    /// <summary>A hotspot that knows the device by its address: the user name is the MAC address, the password empty.</summary>
    Mac,
}

public sealed class SubscriberOptions
{
    public string Username { get; set; } = "";

    public string Password { get; set; } = "";

    /// <summary>Name of the router that the line ends at; empty: the first.</summary>
    public string Router { get; set; } = "";

    public SubscriberService Service { get; set; }

    public AuthenticationMethod Method { get; set; } = AuthenticationMethod.MsChapV2;

    /// <summary>Null: made from the seed and the name.</summary>
    public string? Mac { get; set; }

    /// <summary>What the line would draw at the evening peak without a limit, in Mbit/s; 0: from the seed.</summary>
    public double DemandMbps { get; set; }
}

/// <summary>Subscribers by the number: <c>user000000</c>/<c>pw000000</c> and on, spread over the routers.</summary>
public sealed class SubscriberPattern
{
    public int Count { get; set; }

    public int First { get; set; }

    public string UserPrefix { get; set; } = "user";

    public string PasswordPrefix { get; set; } = "pw";

    public int Digits { get; set; } = 6;

    /// <summary>Empty: spread over all.</summary>
    public string Router { get; set; } = "";

    public SubscriberService Service { get; set; }

    public AuthenticationMethod Method { get; set; } = AuthenticationMethod.MsChapV2;
}
