using System.Net;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Sandbox.RouterOs;

namespace DataDefender.Sandbox.Nas;

/// <summary>What the router's configuration and the attributes of an Accept mean for a session.</summary>
public sealed partial class SimulatedNas
{
    /// <summary>RADIUS is asked only for names that no local user has.</summary>
    private Row? LocalUser(Subscriber subscriber)
    {
        var row = _router.Table(subscriber.Service == SubscriberService.Pppoe ? "/ppp/secret" : "/ip/hotspot/user").Store.ByName(subscriber.Username);
        return row is not null && row["disabled"] != "true" && row["service"] is null or "any" or "pppoe" ? row : null;
    }

    private bool UsesRadius(SubscriberService service) => service == SubscriberService.Pppoe
        ? _router.Table("/ppp/aaa") is var aaa && aaa.Value(aaa.Only, "use-radius") == "true"
        : _router.Table("/ip/hotspot/profile") is var profiles && profiles.Find("default") is { } row && profiles.Value(row, "use-radius") == "true";

    private void LetInLocally(Subscriber subscriber, Row local, string sessionId, IPAddress? hotspotAddress, Action<string?>? outcome)
    {
        if (!string.Equals(local["password"] ?? "", subscriber.Password, StringComparison.Ordinal))
        {
            Fail(subscriber, "invalid user name or password", outcome, hotspotAddress);
            return;
        }

        var profiles = _router.Table(subscriber.Service == SubscriberService.Pppoe ? "/ppp/profile" : "/ip/hotspot/user/profile");
        var profile = local["profile"] is { } id ? profiles.ById(id) : profiles.Find("default");
        var address = hotspotAddress ?? RemoteAddress(local["remote-address"] ?? profile?["remote-address"], subscriber);
        if (address is null)
        {
            Fail(subscriber, "could not determine remote address, using 0.0.0.0", outcome);
            return;
        }

        var limit = profile?["rate-limit"] is { Length: > 0 } text && RateLimit.TryParse(text, out var parsed) ? (Text: text, Limit: parsed) : (null, RateLimit.None);
        var timeout = profile?["session-timeout"] is { } given && RouterFormat.TryDuration(given, out var time) && time > TimeSpan.Zero ? time : (TimeSpan?)null;
        Stand(new LineSession(_router, subscriber, sessionId, address, _router.Clock.Now, byRadius: false) { InterfaceName = FreeName(subscriber) }, limit.Text, limit.Limit, profile?["address-list"], timeout);
        outcome?.Invoke(null);
    }

    /// <summary>The profile that Mikrotik-Group names, or the one of the PPPoE server.</summary>
    private Row? Profile(string? group)
    {
        var profiles = _router.Table("/ppp/profile");
        if (group is not null && profiles.Find(group) is { } named)
        {
            return named;
        }

        var server = _router.Table("/interface/pppoe-server/server").Rows.FirstOrDefault();
        return (server?["default-profile"] is { } id ? profiles.ById(id) : null) ?? profiles.Find("default");
    }

    /// <summary>Framed-IP-Address hides Framed-Pool; an address in 127/8 or 224/3 means "from the pool".</summary>
    private IPAddress? AddressFrom(RadiusMessage reply, Subscriber subscriber, Row? profile)
    {
        if (reply.GetAddress("Framed-IP-Address") is { } framed && framed.GetAddressBytes()[0] is not 127 and < 224)
        {
            return framed;
        }

        return reply.GetText("Framed-Pool") is { Length: > 0 } pool
            ? _router.Pools.Take(pool, "pppoe", subscriber.Mac)
            : RemoteAddress(profile?["remote-address"], subscriber);
    }

    private IPAddress? RemoteAddress(string? addressOrPool, Subscriber subscriber) => addressOrPool switch
    {
        null => null,
        _ when addressOrPool.StartsWith('*') => _router.Pools.Take(addressOrPool, "pppoe", subscriber.Mac),
        _ => IPAddress.TryParse(addressOrPool, out var address) ? address : null,
    };

    private TimeSpan? InterimOfRouter(SubscriberService service)
    {
        var text = service == SubscriberService.Pppoe
            ? _router.Table("/ppp/aaa").Only["interim-update"]
            : _router.Table("/ip/hotspot/profile").Find("default")?["radius-interim-update"];
        return text is not null && RouterFormat.TryDuration(text, out var interval) && interval > TimeSpan.Zero ? interval : null;
    }

    internal static (ulong? Up, ulong? Down, ulong? Total) VolumeIn(RadiusMessage message) =>
        (Limit(message, "Mikrotik-Recv-Limit"), Limit(message, "Mikrotik-Xmit-Limit"), Limit(message, "Mikrotik-Total-Limit"));

    private static ulong? Limit(RadiusMessage message, string name) =>
        message.GetNumber(name) is null && message.GetNumber($"{name}-Gigawords") is null ? null
        : ((ulong)(message.GetNumber($"{name}-Gigawords") ?? 0) << 32) | (message.GetNumber(name) ?? 0);
}
