using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DataDefender.RadiusHost.Lines;

/// <summary>An Acct-Session-Id by value. What NAS send is short (MikroTik: eight digits); a longer one, up to the 253 octets of an attribute, has an array of its own.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct SessionName
{
    private const int Short = 24;
    private readonly Octets _octets;
    private readonly byte _length;
    private readonly byte[]? _long;

    private SessionName(ReadOnlySpan<byte> id)
    {
        if (id.Length > Short)
        {
            _long = id.ToArray();
            return;
        }

        id.CopyTo(_octets);
        _length = (byte)id.Length;
    }

    [UnscopedRef]
    private ReadOnlySpan<byte> Bytes => _long ?? ((ReadOnlySpan<byte>)_octets)[.._length];

    public static SessionName Of(ReadOnlySpan<byte> id) => new(id);

    public bool Is(ReadOnlySpan<byte> id) => Bytes.SequenceEqual(id);

    public byte[] ToArray() => Bytes.ToArray();

    [InlineArray(Short)]
    private struct Octets
    {
        private byte _first;
    }
}
