using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace DataDefender.Domain.Common;

/// <summary>Values into a hash, each with its length, so that no two sequences of values hash alike.</summary>
internal static class Hashing
{
    public static void Text(this IncrementalHash hash, string text) => hash.Bytes(Encoding.UTF8.GetBytes(text));

    public static void Bytes(this IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        hash.Number(bytes.Length);
        hash.AppendData(bytes);
    }

    public static void Number(this IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
