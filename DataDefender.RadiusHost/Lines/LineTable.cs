using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace DataDefender.RadiusHost.Lines;

/// <summary>By what a <see cref="LineTable{TKey, TBy}"/> finds its lines.</summary>
internal interface ILineKey<TKey> where TKey : allows ref struct
{
    /// <summary>Seeded anew in each process, so that nobody can aim at one place.</summary>
    static abstract int HashOf(TKey key);

    static abstract bool Has(Subscriber line, TKey key);

    static abstract TKey KeyOf(Subscriber line);
}

/// <summary>
/// Lines by one of their own keys, twelve octets a place and no object a line: of a million lines a dictionary's nodes were a fifth of the
/// memory. Open addressing with linear probing. Any thread reads, without a lock; writers take turns.
/// </summary>
internal sealed class LineTable<TKey, TBy> where TKey : allows ref struct where TBy : ILineKey<TKey>
{
    private const int Smallest = 16;

    private readonly Lock _writing = new();
    private volatile Places _places = new(Smallest);
    private int _used; // places that have been taken, those given back included: a search stops at one that never was
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Those that are there all the while; one that comes or goes meanwhile may be among them or not.</summary>
    public IEnumerable<Subscriber> Lines
    {
        get
        {
            var lines = _places.Lines;
            for (var i = 0; i < lines.Length; i++)
            {
                if (Volatile.Read(ref lines[i]) is { } line)
                {
                    yield return line;
                }
            }
        }
    }

    public bool TryFind(TKey key, [NotNullWhen(true)] out Subscriber? line)
    {
        var places = _places;
        line = places.Find(key, out _);
        return line is not null;
    }

    /// <summary>Puts the line in the place of the one with its key.</summary>
    public void Put(Subscriber line)
    {
        lock (_writing)
        {
            var places = _places;
            if (places.Find(TBy.KeyOf(line), out var at) is not null)
            {
                Volatile.Write(ref places.Lines[at], line);
                return;
            }

            if ((_used + 1) * 4L > places.Lines.Length * 3L)
            {
                places = Roomier();
            }

            _used += places.Add(line);
            Volatile.Write(ref _count, _count + 1);
        }
    }

    /// <summary>Takes the line out if it is this very one that has its key.</summary>
    public void Remove(Subscriber line)
    {
        lock (_writing)
        {
            if (ReferenceEquals(_places.Find(TBy.KeyOf(line), out var at), line))
            {
                Volatile.Write(ref _places.Lines[at], null);
                Volatile.Write(ref _count, _count - 1);
            }
        }
    }

    private Places Roomier()
    {
        var roomier = new Places((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(Smallest, (_count + 1) * 2))); // half of it stays for comings and goings
        foreach (var line in Lines)
        {
            roomier.Add(line);
        }

        (_places, _used) = (roomier, _count);
        return roomier;
    }

    private sealed class Places(int capacity)
    {
        private readonly int[] _marks = new int[capacity]; // the hash, never 0, of what is or was there: most others need not be looked at

        public readonly Subscriber?[] Lines = new Subscriber?[capacity];

        public Subscriber? Find(TKey key, out int at)
        {
            var mark = Mark(key);
            for (at = mark & (capacity - 1); Volatile.Read(ref _marks[at]) is not 0 and var there; at = (at + 1) & (capacity - 1))
            {
                if (there == mark && Volatile.Read(ref Lines[at]) is { } line && TBy.Has(line, key))
                {
                    return line;
                }
            }

            return null;
        }

        /// <summary>Of a line that is not there; says how many new places that took, 1 or 0.</summary>
        public int Add(Subscriber line)
        {
            var mark = Mark(TBy.KeyOf(line));
            var at = mark & (capacity - 1);
            while (Lines[at] is not null)
            {
                at = (at + 1) & (capacity - 1);
            }

            var isNew = _marks[at] == 0;
            Volatile.Write(ref Lines[at], line); // before its mark, so that who sees the mark sees the line
            Volatile.Write(ref _marks[at], mark);
            return isNew ? 1 : 0;
        }

        private static int Mark(TKey key) => TBy.HashOf(key) is not 0 and var hash ? hash : 1;
    }
}

/// <summary>By the user name, in the octets that it is stored in.</summary>
internal readonly struct ByUsername : ILineKey<ReadOnlySpan<byte>>
{
    public static int HashOf(ReadOnlySpan<byte> key)
    {
        var hash = new HashCode();
        hash.AddBytes(key);
        return hash.ToHashCode();
    }

    public static bool Has(Subscriber line, ReadOnlySpan<byte> key) => key.SequenceEqual(line.Username);

    public static ReadOnlySpan<byte> KeyOf(Subscriber line) => line.Username;
}

/// <summary>By the subscription.</summary>
internal readonly struct BySubscription : ILineKey<Guid>
{
    public static int HashOf(Guid key) => HashCode.Combine(key);

    public static bool Has(Subscriber line, Guid key) => line.Line.SubscriptionId == key;

    public static Guid KeyOf(Subscriber line) => line.Line.SubscriptionId;
}
