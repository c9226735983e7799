using System.Buffers.Binary;
using System.Text;

namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>One attribute where it lies in the packet. <see cref="Vendor"/> is 0 for the attributes of the standard.</summary>
public readonly ref struct RadiusAttributeView(uint vendor, byte type, ReadOnlySpan<byte> value)
{
    public uint Vendor { get; } = vendor;

    public byte Type { get; } = type;

    public ReadOnlySpan<byte> Value { get; } = value;

    /// <summary>The value as UTF-8 text; octets that are not UTF-8 become U+FFFD. Allocates.</summary>
    public string Text => Encoding.UTF8.GetString(Value);

    public bool TryGetUInt32(out uint number) => WireFormat.TryReadUInt32(Value, out number);
}

/// <summary>
/// Walks attributes in order. A Vendor-Specific attribute whose inside has the form of RFC 2865 §5.26 is given as its sub-attributes;
/// one with any other inside is given whole, as type 26 without a vendor, for nothing is lost and nothing is fatal.
/// </summary>
public ref struct RadiusAttributeReader(ReadOnlySpan<byte> attributes)
{
    private const int VendorIdLength = 4;

    private ReadOnlySpan<byte> _rest = attributes;
    private ReadOnlySpan<byte> _inner;
    private uint _vendor;

    public RadiusAttributeView Current { get; private set; }

    public bool MoveNext()
    {
        if (_inner.IsEmpty)
        {
            if (_rest.Length < 2 || _rest[1] < 2 || _rest[1] > _rest.Length)
            {
                return false;
            }

            var type = _rest[0];
            var value = _rest[2.._rest[1]];
            _rest = _rest[_rest[1]..];
            if (type != RadiusAttributes.VendorSpecific || !IsWellFormed(value))
            {
                Current = new RadiusAttributeView(0, type, value);
                return true;
            }

            _vendor = BinaryPrimitives.ReadUInt32BigEndian(value);
            _inner = value[VendorIdLength..];
        }

        Current = new RadiusAttributeView(_vendor, _inner[0], _inner[2.._inner[1]]);
        _inner = _inner[_inner[1]..];
        return true;
    }

    private static bool IsWellFormed(ReadOnlySpan<byte> vendorSpecific)
    {
        // Vendor 0 is not a vendor: it would be taken for the standard's own numbers.
        if (vendorSpecific.Length < VendorIdLength + 2 || BinaryPrimitives.ReadUInt32BigEndian(vendorSpecific) == 0)
        {
            return false;
        }

        var rest = vendorSpecific[VendorIdLength..];
        while (rest.Length >= 2 && rest[1] >= 2 && rest[1] <= rest.Length)
        {
            rest = rest[rest[1]..];
        }

        return rest.IsEmpty;
    }
}
