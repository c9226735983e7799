namespace DataDefender.Sandbox;

/// <summary>Numbers that look random and depend on nothing but the seed and the name: the same in every run.</summary>
internal static class Seeded
{
    public static ulong Hash(int seed, string key, long index = 0)
    {
        var hash = 14695981039346656037UL ^ (uint)seed; // FNV-1a
        foreach (var c in key)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        return Mix(hash ^ (ulong)index);
    }

    /// <summary>In [0, 1).</summary>
    public static double Unit(ulong hash, long index) => (Mix(hash + (ulong)index) >> 11) * (1.0 / (1UL << 53));

    public static double Unit(int seed, string key, long index = 0) => Unit(Hash(seed, key), index);

    public static string Mac(int seed, string key, byte vendor = 0x4C)
    {
        var hash = Hash(seed, key);
        return $"{vendor & 0xFC:X2}:5E:0C:{(byte)hash:X2}:{(byte)(hash >> 8):X2}:{(byte)(hash >> 16):X2}";
    }

    /// <summary>32 bytes as WireGuard writes a key.</summary>
    public static string Key(int seed, string key)
    {
        var bytes = new byte[32];
        for (var i = 0; i < 4; i++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(i * 8), Hash(seed, key, i));
        }

        return Convert.ToBase64String(bytes);
    }

    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15UL; // SplitMix64
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
