using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DataDefender.RadiusHost.Udp;

/// <summary>
/// The port over recvmmsg and sendmmsg: one call of the system for all datagrams that are there, and one for all answers. Under load that
/// is a fifth more logins a second. One thread receives and sends replies, always with the same batch.
/// </summary>
internal sealed unsafe partial class LinuxSocket : IDatagramSocket
{
    private const int WaitForOne = 0x10000; // MSG_WAITFORONE
    private const int Interrupted = 4; // EINTR
    private const int MaxAddress = 28; // sockaddr_in6

    private readonly Socket _socket;
    private readonly PortableSocket _plain;
    private byte[] _headers = [];
    private Message* _received;
    private Message* _replies;
    private IoVector* _vectors;
    private byte* _names;
    private volatile bool _stopped;

    public LinuxSocket(Socket bound)
    {
        _socket = bound;
        _plain = new PortableSocket(bound);
    }

    /// <summary>The layout of the structures below is that of 64-bit Linux.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux() && Environment.Is64BitProcess && BitConverter.IsLittleEndian;

    public IPEndPoint LocalEndPoint => _plain.LocalEndPoint;

    public bool Receive(DatagramBatch batch)
    {
        batch.Clear();
        if (_received is null)
        {
            Prepare(batch);
        }

        var family = _socket.AddressFamily;
        while (!_stopped)
        {
            for (var i = 0; i < batch.Capacity; i++)
            {
                _received[i].NameLength = MaxAddress; // the call before has put the real one there
            }

            // Fewer than one: a signal, or an ICMP error of an earlier answer. Neither concerns the next datagram.
            var count = recvmmsg(_socket.SafeHandle, _received, (uint)batch.Capacity, WaitForOne, null);
            if (count <= 0 || _stopped)
            {
                continue;
            }

            for (var i = 0; i < count; i++)
            {
                batch.Add((int)_received[i].Length, Peer.Of(family, new ReadOnlySpan<byte>(_names + (i * MaxAddress), MaxAddress)));
            }

            return true;
        }

        return false;
    }

    public void SendReplies(DatagramBatch batch)
    {
        uint count = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            if (batch.ReplyLength(i) == 0)
            {
                continue;
            }

            var vector = _vectors + batch.Capacity + count;
            vector->Base = (byte*)Unsafe.AsPointer(ref batch.ReplyMemory[i * DatagramBatch.MaxDatagram]);
            vector->Length = (nuint)batch.ReplyLength(i);
            _replies[count] = new Message { Name = _names + (i * MaxAddress), NameLength = _received[i].NameLength, Vectors = vector, VectorCount = 1 };
            count++;
        }

        for (uint sent = 0; sent < count;)
        {
            var done = sendmmsg(_socket.SafeHandle, _replies + sent, count - sent, 0);
            if (done > 0)
            {
                sent += (uint)done;
            }
            else if (Marshal.GetLastPInvokeError() != Interrupted)
            {
                sent++; // this one cannot be sent, as anything may be lost over UDP
            }
        }
    }

    public void Send(ReadOnlySpan<byte> datagram, Peer to) => _plain.Send(datagram, to);

    public void StopReceiving()
    {
        _stopped = true;
        _plain.StopReceiving();
    }

    public void Dispose() => _plain.Dispose();

    // The memory of the batch and of the headers is pinned for as long as it lives, so its addresses may be kept.
    private void Prepare(DatagramBatch batch)
    {
        var (messages, vectors) = (batch.Capacity * sizeof(Message), batch.Capacity * sizeof(IoVector));
        _headers = GC.AllocateArray<byte>((2 * messages) + (2 * vectors) + (batch.Capacity * MaxAddress), pinned: true);
        var start = (byte*)Unsafe.AsPointer(ref _headers[0]);
        _received = (Message*)start;
        _replies = (Message*)(start + messages);
        _vectors = (IoVector*)(start + (2 * messages));
        _names = start + (2 * messages) + (2 * vectors);
        for (var i = 0; i < batch.Capacity; i++)
        {
            _vectors[i] = new IoVector { Base = (byte*)Unsafe.AsPointer(ref batch.RequestMemory[i * DatagramBatch.MaxDatagram]), Length = DatagramBatch.MaxDatagram };
            _received[i] = new Message { Name = _names + (i * MaxAddress), Vectors = _vectors + i, VectorCount = 1 };
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int recvmmsg(SafeSocketHandle socket, Message* messages, uint count, int flags, void* timeout);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int sendmmsg(SafeSocketHandle socket, Message* messages, uint count, int flags);

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary>struct mmsghdr with the struct msghdr inside it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public byte* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public long Flags; // an int, and the padding after it
        public uint Length;
    }
}
