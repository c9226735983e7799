using System.Buffers.Binary;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.RadiusHost.Tests.Fuzz;

/// <summary>The attributes of one packet, to be spoilt one change at a time. What is too long for a packet is cut.</summary>
internal sealed class FuzzAttributes(Random random)
{
    private const int Room = RadiusPacket.MaxLength - RadiusPacket.HeaderLength;

    private static readonly uint[] Vendors = [RadiusVendors.Microsoft, RadiusVendors.Mikrotik, RadiusVendors.AdslForum, RadiusVendors.Wispr, 9, 0, uint.MaxValue];
    private static readonly byte[] Tagged = [RadiusAttributes.TunnelType, RadiusAttributes.TunnelMediumType, 66, 67, RadiusAttributes.TunnelPassword, RadiusAttributes.TunnelPrivateGroupId, 82, 83, 90, 91];
    private static readonly uint[] Numbers = [0, 1, 2, 3, 7, 8, 15, 0x7FFF_FFFF, 0x8000_0000, uint.MaxValue, 1_772_352_000];
    private static readonly byte[][] Texts =
    [
        [], [0], "'; DROP TABLE clients; --"u8.ToArray(), [0xC3], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x92, 0xA9], [0xFF, 0xFE, 0], "%s%n{0}"u8.ToArray(), "\r\n\e[31m"u8.ToArray(), "DOMAIN\\fuzz"u8.ToArray(),
    ];

    private readonly byte[] _octets = new byte[Room];
    private readonly byte[] _scratch = new byte[Room];
    private int _length;

    public ReadOnlySpan<byte> Octets => _octets.AsSpan(0, _length);

    /// <summary>Where the hash of the Message-Authenticator that is to be right goes; null for none.</summary>
    public int? MessageAuthenticatorOffset { get; private set; }

    public void Take(ReadOnlySpan<byte> attributes)
    {
        attributes.CopyTo(_octets);
        (_length, MessageAuthenticatorOffset) = (attributes.Length, null);
    }

    /// <summary>The octets from there on.</summary>
    public Span<byte> At(int offset) => _octets.AsSpan(offset, _length - offset);

    public void Change()
    {
        switch (random.Next(16))
        {
            case 0: Remove(); break;
            case 1: Repeat(random.Next(1, 4)); break;
            case 2: Repeat(Many()); break;
            case 3: Swap(); break;
            case 4: Resize(random.Next(0, 254)); break;
            case 5: Retype((byte)random.Next(256)); break;
            case 6: Insert(Any(), Texts[random.Next(Texts.Length)]); break;
            case 7: Insert(Any(), Number()); break;
            case 8: Insert(Any(), Noise(random.Next(254))); break;
            case 9: InsertVendor(depth: 0); break;
            case 10: InsertVendor(depth: random.Next(1, 5)); break;
            case 11: Insert(Tagged[random.Next(Tagged.Length)], [(byte)random.Next(random.Next(2) == 0 ? 0x20 : 0x100), .. Noise(random.Next(60))]); break;
            case 12: Insert(RadiusAttributes.EapMessage, [2, 1, 0, (byte)random.Next(256), 1, .. Noise(random.Next(240))]); break;
            case 13: InsertMany(RadiusAttributes.ProxyState, random.Next(1, 40), random.Next(0, 254)); break;
            case 14: InsertMany((byte)random.Next(256), Many(), 0); break;
            default: Overwrite(); break;
        }
    }

    /// <summary>Mostly where a NAS puts it, last; else first, among the others, twice, of a wrong length, or not at all.</summary>
    public void PlaceMessageAuthenticator(bool needed)
    {
        switch (random.Next(needed ? 40 : 160))
        {
            case 0:
                return;
            case 1:
                Insert(RadiusAttributes.MessageAuthenticator, Noise(random.Next(20)));
                return;
            case 2:
                Place(_length);
                Insert(RadiusAttributes.MessageAuthenticator, Noise(Md5.HashLength));
                return;
            case < 7:
                Place(0);
                return;
            case < 12:
                Place(Somewhere());
                return;
            default:
                if (needed || random.Next(4) == 0)
                {
                    Place(_length);
                }

                return;
        }
    }

    private void Place(int at)
    {
        _length = Math.Min(_length, Room - (2 + Md5.HashLength)); // rather a cut attribute than none of these
        at = Math.Min(at, _length);
        InsertAt(at, RadiusAttributes.MessageAuthenticator, new byte[Md5.HashLength]);
        MessageAuthenticatorOffset = at + 2;
    }

    // Seldom as many as fit, for they cost the test most of its time.
    private int Many() => random.Next(30) == 0 ? random.Next(100, Room / 2) : random.Next(2, 30);

    private byte Any() => random.Next(3) == 0 ? (byte)random.Next(256) : (byte)random.Next(1, 100);

    private byte[] Noise(int length)
    {
        var octets = new byte[length];
        random.NextBytes(octets);
        return octets;
    }

    private byte[] Number()
    {
        var octets = new byte[random.Next(8) == 0 ? random.Next(1, 9) : sizeof(uint)];
        if (octets.Length >= sizeof(uint))
        {
            BinaryPrimitives.WriteUInt32BigEndian(octets, Numbers[random.Next(Numbers.Length)]);
        }

        return octets;
    }

    // Sub-attributes with lengths that are right, nearly right, or lie; inside them, to that depth, the same again.
    private void InsertVendor(int depth)
    {
        Span<byte> value = stackalloc byte[253];
        BinaryPrimitives.WriteUInt32BigEndian(value, Vendors[random.Next(Vendors.Length)]);
        var at = sizeof(uint);
        for (var parts = random.Next(depth == 0 ? 5 : 2, 8); parts > 0 && at + 2 < value.Length; parts--)
        {
            var size = Math.Min(random.Next(0, 40), value.Length - at - 2);
            random.NextBytes(value.Slice(at + 2, size));
            value[at] = (byte)random.Next(40);
            value[at + 1] = (byte)(random.Next(5) == 0 ? random.Next(256) : 2 + size);
            for (var (inner, level) = (at + 2, 0); level < depth && inner + 8 < at + 2 + size; level++, inner += 6)
            {
                (value[inner], value[inner + 1]) = (RadiusAttributes.VendorSpecific, (byte)(at + 2 + size - inner));
                BinaryPrimitives.WriteUInt32BigEndian(value[(inner + 2)..], Vendors[random.Next(Vendors.Length)]);
            }

            at += 2 + size;
        }

        Insert(RadiusAttributes.VendorSpecific, value[..random.Next(random.Next(6) == 0 ? 0 : at, at + 1)]);
    }

    private void InsertMany(byte type, int count, int size)
    {
        var at = Somewhere();
        for (; count > 0; count--)
        {
            InsertAt(at, type, Noise(size));
        }
    }

    private void Insert(byte type, ReadOnlySpan<byte> value) => InsertAt(Somewhere(), type, value);

    private void InsertAt(int at, byte type, ReadOnlySpan<byte> value)
    {
        var length = 2 + value.Length;
        if (_length + length > Room)
        {
            return;
        }

        Array.Copy(_octets, at, _octets, at + length, _length - at);
        (_octets[at], _octets[at + 1]) = (type, (byte)length);
        value.CopyTo(_octets.AsSpan(at + 2));
        _length += length;
    }

    private void Remove()
    {
        var (at, size) = Whole();
        Array.Copy(_octets, at + size, _octets, at, _length - at - size);
        _length -= size;
    }

    private void Repeat(int times)
    {
        var (at, size) = Whole();
        for (; times > 0 && size > 0 && _length + size <= Room; times--)
        {
            Array.Copy(_octets, at, _octets, _length, size);
            _length += size;
        }
    }

    private void Swap()
    {
        var (at, size) = Whole();
        if (at + size >= _length)
        {
            return;
        }

        // The attribute goes to the end, all that follow come forward.
        Array.Copy(_octets, at, _scratch, 0, size);
        Array.Copy(_octets, at + size, _octets, at, _length - at - size);
        Array.Copy(_scratch, 0, _octets, _length - size, size);
    }

    private void Resize(int valueLength)
    {
        var (at, size) = Whole();
        if (size == 0)
        {
            return;
        }

        var type = _octets[at];
        _octets.AsSpan(at + 2, size - 2).CopyTo(_scratch);
        random.NextBytes(_scratch.AsSpan(size - 2, Math.Max(0, valueLength - (size - 2))));
        Array.Copy(_octets, at + size, _octets, at, _length - at - size);
        _length -= size;
        InsertAt(at, type, _scratch.AsSpan(0, valueLength));
    }

    private void Retype(byte type)
    {
        if (Whole() is (var at, > 0))
        {
            _octets[at] = type;
        }
    }

    private void Overwrite()
    {
        var (at, size) = Whole();
        if (size > 2)
        {
            random.NextBytes(_octets.AsSpan(at + 2, Math.Min(size - 2, random.Next(1, 8))));
        }
    }

    // The start of some attribute, or the end.
    private int Somewhere()
    {
        var at = 0;
        for (var steps = random.Next(14); steps > 0 && at + 1 < _length && _octets[at + 1] >= 2 && at + _octets[at + 1] <= _length; steps--)
        {
            at += _octets[at + 1];
        }

        return at;
    }

    private (int At, int Size) Whole()
    {
        var at = Somewhere();
        return at + 1 < _length && _octets[at + 1] >= 2 && at + _octets[at + 1] <= _length ? (at, _octets[at + 1]) : (at, 0);
    }
}
