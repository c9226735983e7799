using System.Net;
using DataDefender.Infrastructure.Radius;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.Testing;

/// <summary>A NAS for tests: makes the requests that RouterOS makes and insists on a signed answer within two seconds.</summary>
public sealed class RadiusTestClient(IPEndPoint authentication, IPEndPoint accounting, string secret)
{
    /// <summary>Where no answer is what is expected.</summary>
    private static readonly RadiusRetry Once = new(1, TimeSpan.FromSeconds(2));

    /// <summary>Where an answer is expected: a machine that runs other tests beside may be slow with it.</summary>
    private static readonly RadiusRetry Patiently = new(1, TimeSpan.FromSeconds(10));

    private readonly RadiusClient _client = new(TimeProvider.System);
    private int _identifier = -1;

    public RadiusSecret Secret { get; } = new(secret);

    /// <summary>What the NAS calls itself.</summary>
    public string NasIdentifier { get; init; } = "test-nas";

    public IPAddress NasAddress { get; init; } = IPAddress.Loopback;

    /// <summary>A PPPoE Access-Request as RouterOS sends it, still without a password.</summary>
    public RadiusMessage PppoeRequest(string userName, string mac = "02:00:5E:00:53:01") => Request(RadiusCode.AccessRequest)
        .Add("Service-Type", "Framed")
        .Add("Framed-Protocol", "PPP")
        .Add("NAS-Port", 0x80100014u)
        .Add("NAS-Port-Type", "Ethernet")
        .Add("User-Name", userName)
        .Add("Calling-Station-Id", mac)
        .Add("Called-Station-Id", "pppoe")
        .Add("NAS-Port-Id", "ether2")
        .Add("Acct-Session-Id", "80100014")
        .Add("NAS-Identifier", NasIdentifier)
        .Add("NAS-IP-Address", NasAddress);

    /// <summary>A hotspot's Access-Request as RouterOS sends it: Service-Type Login like one for the router itself, but with a network's NAS-Port-Type.</summary>
    public RadiusMessage HotspotRequest(string userName, string mac = "02:00:5E:00:53:01") => Request(RadiusCode.AccessRequest)
        .Add("NAS-Port-Type", "Wireless-802.11")
        .Add("Calling-Station-Id", mac)
        .Add("Called-Station-Id", "hotspot1")
        .Add("NAS-Port-Id", "bridge")
        .Add("User-Name", userName)
        .Add("NAS-Port", 0x80400007u)
        .Add("Acct-Session-Id", "80400007")
        .Add("Framed-IP-Address", IPAddress.Parse("10.5.50.7"))
        .Add("Service-Type", "Login")
        .Add("NAS-Identifier", NasIdentifier)
        .Add("NAS-IP-Address", NasAddress);

    /// <summary>What RouterOS's DHCP server asks: the MAC address as the user name, and the caller as the DHCP client id.</summary>
    public RadiusMessage DhcpRequest(string mac, string clientId) => Request(RadiusCode.AccessRequest)
        .Add("NAS-Port-Type", "Ethernet")
        .Add("NAS-Port", 2_200_000_001u)
        .Add("Calling-Station-Id", clientId)
        .Add("Called-Station-Id", "dhcp1")
        .Add("User-Name", mac)
        .Add("NAS-Identifier", NasIdentifier)
        .Add("NAS-IP-Address", NasAddress);

    /// <summary>What RouterOS asks when somebody logs in to the router itself and /user aaa has use-radius=yes, still without a password.</summary>
    public RadiusMessage RouterLoginRequest(string userName, string from = "192.0.2.10") => Request(RadiusCode.AccessRequest)
        .Add("Service-Type", "Login")
        .Add("User-Name", userName)
        .Add("Calling-Station-Id", from)
        .Add("NAS-Identifier", NasIdentifier)
        .Add("NAS-IP-Address", NasAddress);

    public Task<RadiusMessage> PapAsync(string userName, string password, CancellationToken ct = default)
    {
        var request = PppoeRequest(userName);
        return AskAsync(request.AddPapPassword(password, Secret), ct);
    }

    public Task<RadiusMessage> ChapAsync(string userName, string password, CancellationToken ct = default) =>
        AskAsync(PppoeRequest(userName).AddChapPassword(password), ct);

    public Task<RadiusMessage> MsChapV1Async(string userName, string password, CancellationToken ct = default) =>
        AskAsync(PppoeRequest(userName).AddMsChapV1Password(password), ct);

    /// <summary>Logs in by MS-CHAPv2 and, when accepted, insists that the server proved itself and gave both keys.</summary>
    public async Task<RadiusMessage> MsChapV2Async(string userName, string password, CancellationToken ct = default)
    {
        var request = PppoeRequest(userName).AddMsChapV2Password(password);
        var reply = await AskAsync(request, ct);
        if (reply.Code == RadiusCode.AccessAccept)
        {
            if (!request.IsProvenBy(reply, password))
            {
                throw new InvalidOperationException("The Accept lacks a right MS-CHAP2-Success.");
            }

            foreach (var key in (string[])["MS-MPPE-Send-Key", "MS-MPPE-Recv-Key"])
            {
                if (reply.GetSalted(key, Secret, request.Authenticator) is not { Length: Mppe.KeyLength })
                {
                    throw new InvalidOperationException($"The Accept lacks a usable {key}.");
                }
            }
        }

        return reply;
    }

    /// <summary>An accounting record of a PPPoE session; add counters to the message before sending it by <see cref="AskAsync"/>.</summary>
    public RadiusMessage AccountingRequest(AcctStatusType type, string userName, string sessionId = "80100014") => Request(RadiusCode.AccountingRequest)
        .Add("Acct-Status-Type", (uint)type)
        .Add("NAS-Port-Type", "Ethernet")
        .Add("Calling-Station-Id", "02:00:5E:00:53:01")
        .Add("Called-Station-Id", "pppoe")
        .Add("NAS-Port-Id", "ether2")
        .Add("User-Name", userName)
        .Add("Acct-Session-Id", sessionId)
        .Add("Acct-Authentic", "RADIUS")
        .Add("Acct-Delay-Time", 0u)
        .Add("NAS-Identifier", NasIdentifier)
        .Add("NAS-IP-Address", NasAddress);

    public Task<RadiusMessage> StatusAsync(CancellationToken ct = default) => AskAsync(Request(RadiusCode.StatusServer), ct);

    /// <summary>Sends a request and gives the answer, whose authenticators have been checked.</summary>
    /// <exception cref="TimeoutException">No answer that can be trusted came.</exception>
    public async Task<RadiusMessage> AskAsync(RadiusMessage request, CancellationToken ct = default) => await SendAsync(request, Patiently, ct) switch
    {
        RadiusExchange.Answered answered => answered.Reply,
        var other => throw new TimeoutException($"{request.Code} for {request["User-Name"]}: {other}"),
    };

    /// <summary>Sends a request once and gives whatever came of it: for tests of silence.</summary>
    public Task<RadiusExchange> ExchangeAsync(RadiusMessage request, CancellationToken ct = default) => SendAsync(request, Once, ct);

    private Task<RadiusExchange> SendAsync(RadiusMessage request, RadiusRetry retry, CancellationToken ct) =>
        _client.SendAsync(request.Code == RadiusCode.AccountingRequest ? accounting : authentication, request, Secret, retry, ct);

    private RadiusMessage Request(RadiusCode code) => new(code, (byte)Interlocked.Increment(ref _identifier));
}
