namespace DataDefender.RadiusHost.Udp;

/// <summary>
/// What one receive brought, with room for an answer beside each datagram. All memory is made once, on the pinned heap, so that the
/// system may read and write it while the collector runs.
/// </summary>
internal sealed class DatagramBatch
{
    /// <summary>RFC 2865 §3: no packet is longer. A datagram of more is cut and then found malformed.</summary>
    public const int MaxDatagram = 4096;

    private readonly byte[] _requests;
    private readonly byte[] _replies;
    private readonly int[] _requestLengths;
    private readonly int[] _replyLengths;
    private readonly Peer[] _peers;

    public DatagramBatch(int capacity)
    {
        Capacity = capacity;
        _requests = GC.AllocateUninitializedArray<byte>(capacity * MaxDatagram, pinned: true);
        _replies = GC.AllocateUninitializedArray<byte>(capacity * MaxDatagram, pinned: true);
        (_requestLengths, _replyLengths, _peers) = (new int[capacity], new int[capacity], new Peer[capacity]);
    }

    public int Capacity { get; }

    public int Count { get; private set; }

    internal byte[] RequestMemory => _requests;

    internal byte[] ReplyMemory => _replies;

    public void Clear() => Count = 0;

    /// <summary>Takes the datagram that lies in <see cref="RequestBuffer"/> of the next place.</summary>
    public void Add(int length, Peer peer)
    {
        (_requestLengths[Count], _replyLengths[Count], _peers[Count]) = (length, 0, peer);
        Count++;
    }

    public Span<byte> RequestBuffer(int index) => _requests.AsSpan(index * MaxDatagram, MaxDatagram);

    public ReadOnlySpan<byte> Request(int index) => _requests.AsSpan(index * MaxDatagram, _requestLengths[index]);

    public Peer PeerOf(int index) => _peers[index];

    public Span<byte> ReplyBuffer(int index) => _replies.AsSpan(index * MaxDatagram, MaxDatagram);

    public ReadOnlySpan<byte> Reply(int index) => _replies.AsSpan(index * MaxDatagram, _replyLengths[index]);

    /// <summary>0 means no answer.</summary>
    public void SetReply(int index, int length) => _replyLengths[index] = length;

    public int ReplyLength(int index) => _replyLengths[index];
}
