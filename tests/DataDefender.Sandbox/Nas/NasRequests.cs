using System.Net;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Sandbox.RouterOs;

namespace DataDefender.Sandbox.Nas;

/// <summary>RADIUS requests with the attributes that RouterOS sends, in its order.</summary>
internal sealed class NasRequests(SimulatedRouter router)
{
    private string Identifier => router.Options.NasIdentifier ?? router.Name;

    private IPAddress Address => IPAddress.Parse(router.Options.Address);

    public RadiusMessage Access(Subscriber subscriber, string sessionId, IPAddress? hotspotAddress, RadiusTarget target)
    {
        var request = subscriber.Service == SubscriberService.Pppoe ? Pppoe(subscriber, sessionId) : Hotspot(subscriber, sessionId, hotspotAddress!);
        _ = subscriber.Method switch
        {
            AuthenticationMethod.Pap => request.AddPapPassword(subscriber.Password, target.Secret),
            AuthenticationMethod.Chap => request.AddChapPassword(subscriber.Password),
            AuthenticationMethod.MsChap => request.AddMsChapV1Password(subscriber.Password),
            AuthenticationMethod.Mac => request.AddPapPassword("", target.Secret),
            AuthenticationMethod.MsChapV2 => request.AddMsChapV2Password(subscriber.Password),
            _ => throw new InvalidOperationException($"No method {subscriber.Method}."),
        };
        Sign(request);
        if (router.Options.MessageAuthenticator ?? router.Personality.SignsAccessRequests)
        {
            request.Add(RadiusAttributes.MessageAuthenticator, new byte[16]); // RouterOS puts it last
        }

        return request;
    }

    public RadiusMessage Accounting(AcctStatusType type, LineSession session, DateTimeOffset now, AcctTerminateCause? cause = null)
    {
        var subscriber = session.Subscriber;
        var request = new RadiusMessage(RadiusCode.AccountingRequest).Add("Acct-Status-Type", (uint)type);
        if (cause is { } ended)
        {
            request.Add("Acct-Terminate-Cause", (uint)ended);
        }

        if (subscriber.Service == SubscriberService.Pppoe)
        {
            request.Add("Service-Type", "Framed").Add("Framed-Protocol", "PPP");
        }

        Line(request, subscriber, session.Id).Add("Framed-IP-Address", session.Address);
        if (subscriber.Service == SubscriberService.Hotspot)
        {
            request.Add("Mikrotik-Host-IP", session.Address);
        }
        else
        {
            request.Add("Acct-Authentic", "RADIUS");
            foreach (var value in session.Classes)
            {
                request.AddOctets("Class", value);
            }
        }

        request.Add("Event-Timestamp", now.UtcDateTime);
        if (type != AcctStatusType.Start)
        {
            request.Add("Acct-Session-Time", (uint)session.Uptime(now).TotalSeconds)
                .Add("Acct-Input-Octets", (uint)session.UploadBytes).Add("Acct-Input-Gigawords", (uint)(session.UploadBytes >> 32))
                .Add("Acct-Output-Octets", (uint)session.DownloadBytes).Add("Acct-Output-Gigawords", (uint)(session.DownloadBytes >> 32))
                .Add("Acct-Input-Packets", (uint)session.UploadPackets).Add("Acct-Output-Packets", (uint)session.DownloadPackets);
        }

        return request.Add("NAS-Identifier", Identifier).Add("Acct-Delay-Time", 0u).Add("NAS-IP-Address", Address);
    }

    /// <summary>Accounting-On or -Off of the whole NAS (RFC 2866 §5.1).</summary>
    public RadiusMessage WholeNas(AcctStatusType type, string sessionId, DateTimeOffset now) => new RadiusMessage(RadiusCode.AccountingRequest)
        .Add("Acct-Status-Type", (uint)type).Add("Acct-Session-Id", sessionId).Add("Event-Timestamp", now.UtcDateTime)
        .Add("NAS-Identifier", Identifier).Add("Acct-Delay-Time", 0u).Add("NAS-IP-Address", Address);

    private RadiusMessage Pppoe(Subscriber subscriber, string sessionId) =>
        Line(new RadiusMessage(RadiusCode.AccessRequest).Add("Service-Type", "Framed").Add("Framed-Protocol", "PPP"), subscriber, sessionId);

    private RadiusMessage Hotspot(Subscriber subscriber, string sessionId, IPAddress address) =>
        Line(new RadiusMessage(RadiusCode.AccessRequest), subscriber, sessionId)
            .Add("Framed-IP-Address", address).Add("Mikrotik-Host-IP", address).Add("Service-Type", "Login")
            .Add("WISPr-Logoff-URL", $"http://{address}/logout");

    private RadiusMessage Line(RadiusMessage request, Subscriber subscriber, string sessionId) => request
        .Add("NAS-Port", Convert.ToUInt32(sessionId, 16))
        .Add("NAS-Port-Type", subscriber.Service == SubscriberService.Pppoe ? "Ethernet" : PortType())
        .Add("User-Name", subscriber.Username)
        .Add("Calling-Station-Id", subscriber.Mac)
        .Add("Called-Station-Id", subscriber.ServiceName)
        .Add("NAS-Port-Id", subscriber.Service == SubscriberService.Pppoe ? router.AccessInterface : "bridge-hotspot")
        .Add("Acct-Session-Id", sessionId);

    private void Sign(RadiusMessage request) => request.Add("NAS-Identifier", Identifier).Add("NAS-IP-Address", Address);

    private string PortType() => router.Table("/ip/hotspot/profile") is var profiles && profiles.Find("default") is { } profile
        ? profiles.Value(profile, "nas-port-type") switch { "cable" => "Cable", "ethernet" => "Ethernet", _ => "Wireless-802.11" }
        : "Wireless-802.11";
}
