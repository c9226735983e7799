using System.Net;
using System.Net.Sockets;

namespace DataDefender.RadiusHost.LoginTests;

/// <summary>Between which addresses a test login goes: those over which it was asked for.</summary>
internal readonly record struct TestPath(IPAddress Here, IPAddress There)
{
    public static TestPath Local { get; } = new(IPAddress.Loopback, IPAddress.Loopback);

    public bool IsLocal => IPAddress.IsLoopback(There);

    public IPAddress Any => Here.AddressFamily is AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;

    /// <summary>A caller whose addresses are not known is none of this machine.</summary>
    public static TestPath Of(ConnectionInfo connection)
    {
        var (here, there) = (Plain(connection.LocalIpAddress), Plain(connection.RemoteIpAddress));
        return IPAddress.IsLoopback(there) ? Local : new TestPath(here, there);
    }

    private static IPAddress Plain(IPAddress? address) => address is null ? IPAddress.None : address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
