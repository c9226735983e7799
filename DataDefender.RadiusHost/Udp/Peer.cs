using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace DataDefender.RadiusHost.Udp;

/// <summary>Who sent a datagram, as a value: an address (IPv4 as ::ffff:a.b.c.d) and a port.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Peer(UInt128 Address, ushort Port)
{
    private const int PortOffset = 2;
    private const int IPv4Offset = 4;
    private const int IPv6Offset = 8;
    private const int AddressLength = 16;
    private static readonly UInt128 IPv4Prefix = (UInt128)0xFFFF << 32;

    /// <summary>Reads the system's own form of a socket address. Address and port lie at the same place on every platform.</summary>
    public static Peer Of(AddressFamily family, ReadOnlySpan<byte> socketAddress)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(socketAddress[PortOffset..]);
        return family is AddressFamily.InterNetwork
            ? new Peer(IPv4Prefix | BinaryPrimitives.ReadUInt32BigEndian(socketAddress[IPv4Offset..]), port)
            : new Peer(BinaryPrimitives.ReadUInt128BigEndian(socketAddress[IPv6Offset..]), port);
    }

    /// <summary>The address as it is kept in tables.</summary>
    public static UInt128 Key(IPAddress address)
    {
        Span<byte> octets = stackalloc byte[AddressLength];
        address.MapToIPv6().TryWriteBytes(octets, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(octets);
    }

    /// <summary>What stands for an address of a NAS that is told by its certificate: 128 bits of the hash of its name or fingerprint.</summary>
    public static UInt128 KeyOfCertificate(string certificate) => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(certificate)));

    public IPAddress ToAddress()
    {
        Span<byte> octets = stackalloc byte[AddressLength];
        BinaryPrimitives.WriteUInt128BigEndian(octets, Address);
        var address = new IPAddress(octets);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    /// <summary>Writes the address into one of the socket's family.</summary>
    public void WriteTo(SocketAddress target)
    {
        var octets = target.Buffer.Span;
        BinaryPrimitives.WriteUInt16BigEndian(octets[PortOffset..], Port);
        if (target.Family is AddressFamily.InterNetwork)
        {
            BinaryPrimitives.WriteUInt32BigEndian(octets[IPv4Offset..], (uint)Address);
        }
        else
        {
            BinaryPrimitives.WriteUInt128BigEndian(octets[IPv6Offset..], Address);
        }
    }
}
