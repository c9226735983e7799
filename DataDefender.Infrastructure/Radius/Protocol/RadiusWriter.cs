using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>
/// Writes a packet into the caller's buffer, attribute by attribute, and signs it at the end, without allocation. An attribute that
/// does not fit is left out and <see cref="Overflowed"/> is set; finishing then returns 0, because a reply without part of its
/// attributes must not be sent.
/// </summary>
public ref struct RadiusWriter
{
    private const int VendorHeaderLength = 8;

    private readonly Span<byte> _buffer;
    private int _length;
    private int _messageAuthenticator;

    /// <param name="buffer">At least 20 octets; what lies past 4096 is not used.</param>
    public RadiusWriter(Span<byte> buffer, RadiusCode code, byte identifier)
    {
        _buffer = buffer.Length > RadiusPacket.MaxLength ? buffer[..RadiusPacket.MaxLength] : buffer;
        (_buffer[0], _buffer[1]) = ((byte)code, identifier);
        _length = RadiusPacket.HeaderLength;
    }

    /// <summary>Octets written so far, header included.</summary>
    public readonly int Length => _length;

    /// <summary>What was written so far; a packet once it is finished.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

    /// <summary>Whether an attribute was left out for want of room.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>
    /// Reserves the Message-Authenticator, which finishing fills in. Call it before any other attribute of a reply to Access-Request:
    /// first place is what defeats the prefix attack of CVE-2024-3596.
    /// </summary>
    public void AddMessageAuthenticator()
    {
        var value = Reserve(RadiusAttributes.MessageAuthenticator, Md5.HashLength);
        if (!value.IsEmpty)
        {
            _messageAuthenticator = _length - Md5.HashLength;
        }
    }

    public void Add(byte type, scoped ReadOnlySpan<byte> value) => _ = value.TryCopyTo(Reserve(type, value.Length)); // no place was reserved when it does not fit

    public void Add(byte type, uint number)
    {
        var value = Reserve(type, sizeof(uint));
        if (!value.IsEmpty)
        {
            BinaryPrimitives.WriteUInt32BigEndian(value, number);
        }
    }

    public void Add(byte type, scoped ReadOnlySpan<char> text)
    {
        var value = Reserve(type, Encoding.UTF8.GetByteCount(text));
        if (!value.IsEmpty)
        {
            Encoding.UTF8.GetBytes(text, value);
        }
    }

    /// <summary>An IPv4 or IPv6 address, as long as its family is.</summary>
    public void Add(byte type, IPAddress address)
    {
        Span<byte> octets = stackalloc byte[WireFormat.IPv6Length];
        Add(type, octets[..WireFormat.WriteAddress(octets, address)]);
    }

    /// <summary>An IPv6 prefix (RFC 3162 §2.3).</summary>
    public void Add(byte type, IPNetwork prefix)
    {
        Span<byte> octets = stackalloc byte[2 + WireFormat.IPv6Length];
        Add(type, octets[..WireFormat.WriteIPv6Prefix(octets, prefix)]);
    }

    public void AddVendor(uint vendor, byte type, scoped ReadOnlySpan<byte> value) => _ = value.TryCopyTo(ReserveVendor(vendor, type, value.Length));

    public void AddVendor(uint vendor, byte type, uint number)
    {
        var value = ReserveVendor(vendor, type, sizeof(uint));
        if (!value.IsEmpty)
        {
            BinaryPrimitives.WriteUInt32BigEndian(value, number);
        }
    }

    public void AddVendor(uint vendor, byte type, scoped ReadOnlySpan<char> text)
    {
        var value = ReserveVendor(vendor, type, Encoding.UTF8.GetByteCount(text));
        if (!value.IsEmpty)
        {
            Encoding.UTF8.GetBytes(text, value);
        }
    }

    /// <summary>Whole attributes, already in wire form: a reply prepared beforehand, or what is echoed from a request.</summary>
    public void AddEncoded(scoped ReadOnlySpan<byte> attributes)
    {
        if (attributes.Length > _buffer.Length - _length)
        {
            Overflowed = true;
            return;
        }

        attributes.CopyTo(_buffer[_length..]);
        _length += attributes.Length;
    }

    /// <summary>Echoes every Proxy-State of the request, unchanged and in order (RFC 2865 §5.33).</summary>
    public void AddProxyStates(in RadiusPacket request)
    {
        if (!request.HasProxyState)
        {
            return;
        }

        foreach (var attribute in request)
        {
            if (attribute is { Vendor: 0, Type: RadiusAttributes.ProxyState })
            {
                Add(RadiusAttributes.ProxyState, attribute.Value);
            }
        }
    }

    /// <summary>Room for a value that the caller fills in; empty when it does not fit.</summary>
    internal Span<byte> Reserve(byte type, int valueLength)
    {
        var length = 2 + valueLength;
        if (valueLength > WireFormat.MaxValueLength || length > _buffer.Length - _length)
        {
            Overflowed = true;
            return default;
        }

        var attribute = _buffer.Slice(_length, length);
        (attribute[0], attribute[1]) = (type, (byte)length);
        _length += length;
        return attribute[2..];
    }

    internal Span<byte> ReserveVendor(uint vendor, byte type, int valueLength)
    {
        var value = Reserve(RadiusAttributes.VendorSpecific, VendorHeaderLength - 2 + valueLength);
        if (value.IsEmpty)
        {
            return default;
        }

        BinaryPrimitives.WriteUInt32BigEndian(value, vendor);
        (value[4], value[5]) = (type, (byte)(2 + valueLength));
        return value[6..];
    }

    /// <summary>
    /// Signs a reply with the Response Authenticator (RFC 2865 §3) and, if reserved, the Message-Authenticator. Returns the packet's
    /// length, or 0 when an attribute did not fit.
    /// </summary>
    public int FinishReply(scoped ReadOnlySpan<byte> requestAuthenticator, RadiusSecret secret)
    {
        if (!Close())
        {
            return 0;
        }

        Seal(requestAuthenticator, secret);
        Span<byte> hash = stackalloc byte[Md5.HashLength];
        RadiusSignature.HashAuthenticator(_buffer[.._length], requestAuthenticator, secret, hash);
        hash.CopyTo(_buffer[RadiusPacket.AuthenticatorOffset..]);
        return _length;
    }

    /// <summary>
    /// Finishes a request: a code with a keyed authenticator (accounting, CoA, Disconnect) gets its hash, any other carries
    /// <paramref name="authenticator"/>, 16 unpredictable octets. Returns the packet's length, or 0 when an attribute did not fit.
    /// </summary>
    public int FinishRequest(scoped ReadOnlySpan<byte> authenticator, RadiusSecret secret)
    {
        if (!Close())
        {
            return 0;
        }

        Span<byte> used = stackalloc byte[RadiusPacket.AuthenticatorLength];
        used.Clear();
        if (RadiusSignature.HasKeyedAuthenticator((RadiusCode)_buffer[0]))
        {
            Seal(used, secret);
            RadiusSignature.HashAuthenticator(_buffer[.._length], used, secret, used);
        }
        else
        {
            authenticator[..RadiusPacket.AuthenticatorLength].CopyTo(used);
            Seal(used, secret);
        }

        used.CopyTo(_buffer[RadiusPacket.AuthenticatorOffset..]);
        return _length;
    }

    private readonly bool Close()
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)_length);
        return !Overflowed;
    }

    private readonly void Seal(scoped ReadOnlySpan<byte> authenticator, RadiusSecret secret)
    {
        if (_messageAuthenticator > 0)
        {
            Span<byte> hash = stackalloc byte[Md5.HashLength];
            RadiusSignature.HashMessageAuthenticator(_buffer[.._length], _messageAuthenticator, authenticator, secret, hash);
            hash.CopyTo(_buffer[_messageAuthenticator..]);
        }
    }
}
