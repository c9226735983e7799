using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DataDefender.RadiusHost.Udp;

/// <summary>
/// The port over recvmmsg and sendmmsg: one call of the system for all datagrams that are there, and one for all answers. Where the kernel
/// can, datagrams of the same peer and length go through its network stack as one and are cut apart at its edge (UDP_GRO, UDP_SEGMENT),
/// which is most of what a datagram costs: routers send and get many alike when their customers redial together. One thread receives and
/// sends replies, always with the same batch.
/// </summary>
internal sealed unsafe partial class LinuxSocket : IDatagramSocket
{
    private const int WaitForOne = 0x10000; // MSG_WAITFORONE
    private const int Interrupted = 4; // EINTR
    private const int MaxAddress = 28; // sockaddr_in6
    private const int Udp = 17; // SOL_UDP
    private const int Segment = 103; // UDP_SEGMENT: what is sent is to be cut into datagrams of that length
    private const int Coalesce = 104; // UDP_GRO: what arrives may be several datagrams of that length
    private const int MaxBundle = 65_536;
    private const int MaxSegments = 64; // of older kernels; newer ones take 128
    private const int BundlesAtOnce = 64;

    // Not a multiple of a page: the beginnings of all bundles would share the same few lines of the processor's cache.
    private const int BundleStride = MaxBundle + 320;

    private readonly Socket _socket;
    private readonly PortableSocket _plain;
    private byte[] _headers = [];
    private byte[] _bundles = [];
    private Message* _received;
    private Message* _replies;
    private IoVector* _vectors;
    private Control* _controls;
    private byte* _names;
    private int[] _sources = [];
    private int _count;
    private int _next;
    private int _nextOffset;
    private bool _mayBundle = true;
    private volatile bool _stopped;

    public LinuxSocket(Socket bound)
    {
        _socket = bound;
        _plain = new PortableSocket(bound);
        try
        {
            bound.SetRawSocketOption(Udp, Coalesce, BitConverter.GetBytes(1));
        }
        catch (SocketException)
        {
            _mayBundle = false; // before Linux 5.0: each datagram comes and goes by itself
        }
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

        while (!_stopped)
        {
            if (_next == _count)
            {
                ReceiveBundles();
            }

            if (Unpack(batch))
            {
                return true;
            }
        }

        return false;
    }

    public void SendReplies(DatagramBatch batch)
    {
        uint count = 0;
        for (var i = 0; i < batch.Count;)
        {
            i = batch.ReplyLength(i) == 0 ? i + 1 : AddBundle(batch, i, count++);
        }

        for (uint sent = 0; sent < count;)
        {
            var done = sendmmsg(_socket.SafeHandle, _replies + sent, count - sent, 0);
            if (done > 0)
            {
                sent += (uint)done;
            }
            else if (Marshal.GetLastPInvokeError() is not Interrupted and var error)
            {
                SendApart(_replies[sent], error);
                sent++;
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

    private void ReceiveBundles()
    {
        for (var i = 0; i < BundlesAtOnce; i++)
        {
            // The call before has put the real ones there.
            _received[i].NameLength = MaxAddress;
            _received[i].ControlLength = (nuint)sizeof(Control);
        }

        // Fewer than one: a signal, or an ICMP error of an earlier answer. Neither concerns the next datagram.
        _count = Math.Max(0, recvmmsg(_socket.SafeHandle, _received, BundlesAtOnce, WaitForOne, null));
        (_next, _nextOffset) = (0, 0);
    }

    /// <summary>Takes datagrams out of what was received until the batch is full or nothing is left. False when there was nothing.</summary>
    private bool Unpack(DatagramBatch batch)
    {
        var family = _socket.AddressFamily;
        for (; _next < _count && batch.Count < batch.Capacity; _next++)
        {
            ref var message = ref _received[_next];
            var length = (int)message.Length;
            var segment = message.ControlLength >= Control.Length && _controls[_next] is { Level: Udp, Type: Coalesce, Value: > 0 and var told } ? told : length;
            var peer = Peer.Of(family, new ReadOnlySpan<byte>(_names + (_next * MaxAddress), MaxAddress));
            do
            {
                if (batch.Count == batch.Capacity)
                {
                    return true; // the rest of the bundle comes with the next batch
                }

                var part = _bundles.AsSpan((_next * BundleStride) + _nextOffset, Math.Min(segment, length - _nextOffset));
                _nextOffset += part.Length;
                part = part[..Math.Min(part.Length, DatagramBatch.MaxDatagram)];
                part.CopyTo(batch.RequestBuffer(batch.Count));
                _sources[batch.Count] = _next;
                batch.Add(part.Length, peer);
            }
            while (_nextOffset < length);
            _nextOffset = 0;
        }

        return batch.Count > 0 && !_stopped;
    }

    /// <summary>Makes one message of a reply and those behind it that go to the same peer and are as long; the last may be shorter.</summary>
    /// <returns>The reply that comes next.</returns>
    private int AddBundle(DatagramBatch batch, int first, uint place)
    {
        var (peer, length, total) = (batch.PeerOf(first), batch.ReplyLength(first), 0);
        var next = first;
        do
        {
            var part = batch.ReplyLength(next);
            _vectors[next] = new IoVector { Base = (byte*)Unsafe.AsPointer(ref batch.ReplyMemory[next * DatagramBatch.MaxDatagram]), Length = (nuint)part };
            total += part;
            next++;
            if (part < length)
            {
                break;
            }
        }
        while (_mayBundle && next < batch.Count && next - first < MaxSegments && batch.PeerOf(next) == peer
            && batch.ReplyLength(next) is > 0 and var following && following <= length && total + following < MaxBundle - 1000);

        _replies[place] = new Message
        {
            Name = _names + (_sources[first] * MaxAddress), // as it came, since a link-local address has an interface beside it
            NameLength = _received[_sources[first]].NameLength,
            Vectors = _vectors + first,
            VectorCount = (nuint)(next - first),
        };
        if (next - first > 1)
        {
            var control = _controls + BundlesAtOnce + place;
            *control = new Control { ControlLength = Control.SegmentLength, Level = Udp, Type = Segment, Value = length };
            _replies[place].Control = control;
            _replies[place].ControlLength = (nuint)sizeof(Control);
        }

        return next;
    }

    /// <summary>What could not be sent as one is tried datagram by datagram: the way there may not take bundles (an MTU, IPsec, a driver).</summary>
    private void SendApart(Message bundle, int error)
    {
        const int inputOutput = 5; // EIO: the driver cannot
        _mayBundle &= error != inputOutput;
        for (nuint i = 0; bundle.VectorCount > 1 && i < bundle.VectorCount; i++)
        {
            var one = new Message { Name = bundle.Name, NameLength = bundle.NameLength, Vectors = bundle.Vectors + i, VectorCount = 1 };
            _ = sendmmsg(_socket.SafeHandle, &one, 1, 0); // one that cannot be sent is lost, as anything may be over UDP
        }
    }

    // The memory of the batch and of the headers is pinned for as long as it lives, so its addresses may be kept.
    private void Prepare(DatagramBatch batch)
    {
        var (received, replies) = (BundlesAtOnce * sizeof(Message), batch.Capacity * sizeof(Message));
        var vectors = (batch.Capacity + BundlesAtOnce) * sizeof(IoVector);
        var controls = (batch.Capacity + BundlesAtOnce) * sizeof(Control);
        _headers = GC.AllocateArray<byte>(received + replies + vectors + controls + (BundlesAtOnce * MaxAddress), pinned: true);
        _bundles = GC.AllocateUninitializedArray<byte>(BundlesAtOnce * BundleStride, pinned: true);
        var start = (byte*)Unsafe.AsPointer(ref _headers[0]);
        _received = (Message*)start;
        _replies = (Message*)(start + received);
        _vectors = (IoVector*)(start + received + replies);
        _controls = (Control*)(start + received + replies + vectors);
        _names = start + received + replies + vectors + controls;
        _sources = new int[batch.Capacity];
        for (var i = 0; i < BundlesAtOnce; i++)
        {
            var vector = _vectors + batch.Capacity + i;
            *vector = new IoVector { Base = (byte*)Unsafe.AsPointer(ref _bundles[i * BundleStride]), Length = MaxBundle };
            _received[i] = new Message { Name = _names + (i * MaxAddress), Vectors = vector, VectorCount = 1, Control = _controls + i };
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

    /// <summary>struct cmsghdr with the one number that both options have: an int received, the low 16 bits sent.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Control
    {
        public const int Length = 20; // CMSG_LEN(sizeof(int))
        public const int SegmentLength = 18; // CMSG_LEN(sizeof(ushort))

        public nuint ControlLength;
        public int Level;
        public int Type;
        public int Value;
        private readonly int _padding;
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
