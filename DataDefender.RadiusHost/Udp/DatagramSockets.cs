using System.Net;
using System.Net.Sockets;

namespace DataDefender.RadiusHost.Udp;

/// <summary>Binds UDP ports with the buffers that bursts need.</summary>
internal static class DatagramSockets
{
    private const int SolSocket = 1; // Linux
    private const int ReceiveBufferForce = 33; // SO_RCVBUFFORCE: above net.core.rmem_max, with CAP_NET_ADMIN
    private const int WindowsConnectionReset = unchecked((int)0x9800000C); // SIO_UDP_CONNRESET

    /// <param name="portable">Uses what every platform has even where there is something quicker.</param>
    /// <exception cref="SocketException">The port is taken or may not be used.</exception>
    public static IDatagramSocket Bind(IPEndPoint endpoint, int receiveBufferBytes, bool portable = false)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (endpoint.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            SizeBuffers(socket, receiveBufferBytes);
            if (OperatingSystem.IsWindows())
            {
                socket.IOControl(WindowsConnectionReset, [0, 0, 0, 0], null); // else an unreachable NAS ends the next receive
            }

            socket.Bind(endpoint);
            return LinuxSocket.IsSupported && !portable ? new LinuxSocket(socket) : new PortableSocket(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void SizeBuffers(Socket socket, int bytes)
    {
        socket.SendBufferSize = bytes;
        socket.ReceiveBufferSize = bytes; // Linux quietly gives net.core.rmem_max at most
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            Span<byte> value = stackalloc byte[sizeof(int)];
            BitConverter.TryWriteBytes(value, bytes);
            socket.SetRawSocketOption(SolSocket, ReceiveBufferForce, value);
        }
        catch (SocketException)
        {
            // Not privileged: what the plain option gave stands.
        }
    }
}
