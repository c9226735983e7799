using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Udp;

namespace DataDefender.RadiusHost.Access;

/// <summary>What is known of a request that came in.</summary>
internal enum Seen
{
    /// <summary>Not seen before: decide it, then tell the cache.</summary>
    New,

    /// <summary>The same request is being decided or its answer waits: drop this copy.</summary>
    InProgress,

    /// <summary>Answered a moment ago: send the same octets.</summary>
    Answered,
}

/// <summary>
/// Finds retransmissions (RFC 5080 §2.2.2): same source, code, identifier and authenticator. Of fixed size, four places for each hash;
/// when they are full the oldest goes, so that it never refuses and never grows. One thread uses it.
/// </summary>
internal sealed class DuplicateCache
{
    private const int Ways = 4;

    private readonly Entry[] _entries;
    private readonly byte[] _replies;
    private readonly int _replyBytes;
    private readonly long _keepFor;
    private readonly int _seed = Random.Shared.Next();
    private uint _generation;

    /// <param name="capacity">Requests remembered; a power of two.</param>
    /// <param name="replyBytes">Room for one answer; a longer one is kept apart.</param>
    /// <param name="keepFor">In timestamp units of the caller's clock.</param>
    public DuplicateCache(int capacity, int replyBytes, long keepFor)
    {
        if (!System.Numerics.BitOperations.IsPow2(capacity))
        {
            throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "A power of two was expected.");
        }

        (_entries, _replies) = (new Entry[capacity], new byte[capacity * replyBytes]);
        (_replyBytes, _keepFor) = (replyBytes, keepFor);
    }

    /// <summary>Looks a request up and, when it is new, takes a place for it.</summary>
    public Seen Look(Peer from, in RadiusPacket request, long now, out DuplicatePlace place)
    {
        var authenticator = BinaryPrimitives.ReadUInt128LittleEndian(request.Authenticator);
        var (code, identifier) = ((byte)request.Code, request.Identifier);
        var first = (HashCode.Combine(_seed, from, code, identifier) & (_entries.Length - 1)) & ~(Ways - 1);
        var chosen = first;
        for (var i = first; i < first + Ways; i++)
        {
            ref var entry = ref _entries[i];
            if (entry.From == from && entry.Code == code && entry.Identifier == identifier)
            {
                chosen = i;
                if (entry.Authenticator != authenticator || now - entry.At > _keepFor)
                {
                    break; // the identifier is used anew: a request of its own
                }

                place = new DuplicatePlace(i, entry.Generation);
                return entry.Length > 0 && now >= entry.ReadyAt ? Seen.Answered : Seen.InProgress;
            }

            chosen = entry.At < _entries[chosen].At ? i : chosen;
        }

        place = new DuplicatePlace(chosen, ++_generation);
        _entries[chosen] = new Entry { From = from, Code = code, Identifier = identifier, Authenticator = authenticator, At = now, Generation = _generation };
        return Seen.New;
    }

    /// <summary>Keeps the answer; until <paramref name="readyAt"/> (a delayed reject) copies of the request are dropped.</summary>
    public void Answer(DuplicatePlace place, ReadOnlySpan<byte> reply, long readyAt)
    {
        ref var entry = ref _entries[place.Index];
        if (entry.Generation != place.Generation)
        {
            return;
        }

        entry.Long = reply.Length > _replyBytes ? reply.ToArray() : null;
        if (entry.Long is null)
        {
            reply.CopyTo(_replies.AsSpan(place.Index * _replyBytes));
        }

        (entry.Length, entry.ReadyAt) = (reply.Length, readyAt);
    }

    /// <summary>No answer was or will be given: a retransmission is to be tried anew.</summary>
    public void Forget(DuplicatePlace place)
    {
        ref var entry = ref _entries[place.Index];
        if (entry.Generation == place.Generation)
        {
            entry = default;
        }
    }

    public ReadOnlySpan<byte> Reply(DuplicatePlace place)
    {
        ref var entry = ref _entries[place.Index];
        return entry.Long ?? _replies.AsSpan(place.Index * _replyBytes, entry.Length);
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Entry
    {
        public Peer From;
        public UInt128 Authenticator;
        public long At;
        public long ReadyAt;
        public byte[]? Long;
        public int Length;
        public uint Generation;
        public byte Code;
        public byte Identifier;
    }
}

/// <summary>A place in the cache, as long as nobody else has taken it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct DuplicatePlace(int Index, uint Generation);
