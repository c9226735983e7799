using System.Net;
using System.Security.Cryptography;
using System.Text;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.Infrastructure.Radius;

/// <summary>Where a NAS takes CoA and Disconnect requests. The port is its own setting: RFC 5176 says 3799, and RouterOS has been found on 1700.</summary>
/// <param name="Vendor">In whose attributes a change is told.</param>
public sealed record CoaTarget(IPEndPoint Endpoint, RadiusSecret Secret, NasVendor Vendor = NasVendor.MikroTik);

/// <summary>
/// Which session is meant. <paramref name="NasAddress"/> must be what the NAS itself reported as NAS-IP-Address: RouterOS refuses any other.
/// </summary>
public sealed record CoaSession(string UserName, string? AcctSessionId = null, IPAddress? FramedAddress = null, IPAddress? NasAddress = null);

/// <summary>What to change in a running session; what is null stays. RouterOS cannot change address, pool or route this way: disconnect instead.</summary>
/// <param name="RateLimit">As <see cref="MikrotikRateLimit"/> writes it, whatever the NAS's vendor.</param>
public sealed record CoaChange(string? RateLimit = null, string? AddressList = null, TimeSpan? SessionTimeout = null);

/// <summary>What the NAS made of it.</summary>
public abstract record CoaOutcome
{
    private CoaOutcome()
    {
    }

    public sealed record Acknowledged : CoaOutcome;

    /// <summary>The NAS refused: its Error-Cause (None when it gave no reason) and that in words.</summary>
    public sealed record Refused(RadiusErrorCause Cause, string Text) : CoaOutcome;

    /// <summary>Nothing was sent, for this vendor's NAS could not do it; <paramref name="Text"/> says why, without a full stop.</summary>
    public sealed record NotPossible(string Text) : CoaOutcome;

    /// <summary>Nothing that can be trusted came back; <paramref name="Text"/> says what did, in words for staff.</summary>
    public sealed record NoAnswer(string Text) : CoaOutcome;
}

/// <summary>Changes and ends sessions on a NAS (RFC 5176). Three tries, one second each.</summary>
public sealed class CoaClient(RadiusClient client, TimeProvider clock)
{
    private static readonly RadiusRetry Retry = new(3, TimeSpan.FromSeconds(1));

    /// <summary>Changes a running session. A change of nothing is refused here, for a NAS would acknowledge it.</summary>
    /// <exception cref="ArgumentException">The change is empty.</exception>
    public Task<CoaOutcome> ChangeAsync(CoaTarget nas, CoaSession session, CoaChange change, CancellationToken ct = default)
    {
        if (change is { RateLimit: null, AddressList: null, SessionTimeout: null })
        {
            throw new ArgumentException("A CoA request that changes nothing.", nameof(change));
        }

        if (VendorAttributes.WhyNoChange(change.AddressList, leavesList: false, nas.Vendor) is { } why)
        {
            return Task.FromResult<CoaOutcome>(new CoaOutcome.NotPossible(why));
        }

        var values = VendorAttributes.ChangeOf(change.RateLimit, change.AddressList, nas.Vendor);
        if (values.Count == 0 && change.SessionTimeout is null)
        {
            return Task.FromResult<CoaOutcome>(new CoaOutcome.NotPossible($"the speed {change.RateLimit} cannot be told to {VendorAttributes.NameOf(nas.Vendor)}"));
        }

        var request = Identify(RadiusCode.CoaRequest, session);
        foreach (var (name, value) in values)
        {
            Add(request, name, value);
        }

        if (change.SessionTimeout is { } left)
        {
            request.Add("Session-Timeout", (uint)Math.Max(1, left.TotalSeconds));
        }

        return SendAsync(nas, request, ct);
    }

    /// <summary>Ends a session at once.</summary>
    public Task<CoaOutcome> DisconnectAsync(CoaTarget nas, CoaSession session, CancellationToken ct = default) =>
        SendAsync(nas, Identify(RadiusCode.DisconnectRequest, session), ct);

    // Text as it is: a list may well be called 0x10, as may a user or a session.
    private static void Add(RadiusMessage request, string name, string value) =>
        _ = RadiusDictionary.Default.Get(name).Type is RadiusDataType.Text ? request.AddOctets(name, Encoding.UTF8.GetBytes(value)) : request.Add(name, value);

    private RadiusMessage Identify(RadiusCode code, CoaSession session)
    {
        var request = new RadiusMessage(code, (byte)RandomNumberGenerator.GetInt32(256)).AddOctets("User-Name", Encoding.UTF8.GetBytes(session.UserName));
        if (session.AcctSessionId is { } id)
        {
            request.AddOctets("Acct-Session-Id", Encoding.UTF8.GetBytes(id));
        }

        if (session.FramedAddress is { } framed)
        {
            request.Add(framed.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? "Framed-IP-Address" : "Framed-IPv6-Address", framed);
        }

        if (session.NasAddress is { } nas)
        {
            request.Add(nas.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? "NAS-IP-Address" : "NAS-IPv6-Address", nas);
        }

        // Against replay of an old request (RFC 5176 §6.3).
        return request.Add("Event-Timestamp", clock.GetUtcNow().UtcDateTime);
    }

    private async Task<CoaOutcome> SendAsync(CoaTarget nas, RadiusMessage request, CancellationToken ct) =>
        await client.SendAsync(nas.Endpoint, request, nas.Secret, Retry, ct) switch
        {
            RadiusExchange.Answered { Reply.Code: RadiusCode.CoaAck or RadiusCode.DisconnectAck } => new CoaOutcome.Acknowledged(),
            RadiusExchange.Answered { Reply: var reply } => Refusal(reply),
            RadiusExchange.BadAnswer { Fault: RadiusReplyFault.WrongResponseAuthenticator or RadiusReplyFault.WrongMessageAuthenticator } =>
                new CoaOutcome.NoAnswer("The router answered with another secret than ours."),
            RadiusExchange.BadAnswer { Fault: var fault } => new CoaOutcome.NoAnswer($"The router's answer could not be used ({fault})."),
            RadiusExchange.NoAnswer { Refused: true } =>
                new CoaOutcome.NoAnswer($"Nothing listens on {nas.Endpoint}: switch on /radius incoming accept=yes on the router, and check its port."),
            _ => new CoaOutcome.NoAnswer($"No answer from {nas.Endpoint} after {Retry.Tries} tries."),
        };

    private static CoaOutcome.Refused Refusal(RadiusMessage reply)
    {
        var cause = (RadiusErrorCause)(reply.GetNumber("Error-Cause") ?? 0);
        var text = reply.GetText("Reply-Message") ?? (cause == RadiusErrorCause.None ? "The router gave no reason." : reply["Error-Cause"]!);
        return new CoaOutcome.Refused(cause, text);
    }
}
