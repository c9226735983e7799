using System.Net;
using System.Net.Sockets;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.RadiusHost.Tests.RadSec;

/// <summary>Requests of a router that go over TLS.</summary>
internal static class Test
{
    public static RadiusMessage Request(RadiusCode code, byte id) => new RadiusMessage(code, id).Add("NAS-Identifier", "tls-router");

    public static RadiusMessage Login(RadiusSecret secret, string user, string password, byte id) =>
        Request(RadiusCode.AccessRequest, id).Add("Service-Type", "Framed").Add("Framed-Protocol", "PPP").Add("User-Name", user).AddPapPassword(password, secret);

    public static RadiusMessage Accounting(AcctStatusType status, string user, string session, byte id = 1) =>
        Request(RadiusCode.AccountingRequest, id).Add("Acct-Status-Type", (uint)status).Add("User-Name", user).Add("Acct-Session-Id", session).Add("Acct-Delay-Time", 0u);

    public static int FreeTcpPort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
