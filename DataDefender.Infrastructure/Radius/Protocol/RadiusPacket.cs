using System.Buffers.Binary;

namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>
/// A packet read where it lies, without allocation (RFC 2865 §3). Once <see cref="TryRead"/> has said yes every attribute is known to
/// be inside the packet, and nothing in here throws whatever a stranger sends.
/// </summary>
public readonly ref struct RadiusPacket
{
    public const int HeaderLength = 20;
    public const int MaxLength = 4096;
    public const int AuthenticatorLength = 16;

    internal const int AuthenticatorOffset = 4;

    private readonly Seen _seen;

    private RadiusPacket(ReadOnlySpan<byte> bytes, int messageAuthenticatorOffset, Seen seen)
    {
        Bytes = bytes;
        MessageAuthenticatorOffset = messageAuthenticatorOffset;
        _seen = seen;
    }

    [Flags]
    private enum Seen : byte
    {
        Nothing = 0,
        ProxyState = 1,
        EapMessage = 2,
    }

    /// <summary>The packet's octets, without the padding that may follow it in the datagram.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    public RadiusCode Code => (RadiusCode)Bytes[0];

    public byte Identifier => Bytes[1];

    public ReadOnlySpan<byte> Authenticator => Bytes.Slice(AuthenticatorOffset, AuthenticatorLength);

    /// <summary>All attributes as they came.</summary>
    public ReadOnlySpan<byte> Attributes => Bytes[HeaderLength..];

    public bool HasMessageAuthenticator => MessageAuthenticatorOffset > 0;

    public bool HasProxyState => (_seen & Seen.ProxyState) != Seen.Nothing;

    public bool HasEapMessage => (_seen & Seen.EapMessage) != Seen.Nothing;

    /// <summary>Where the 16 octets of the Message-Authenticator lie in <see cref="Bytes"/>; 0 when the packet has none.</summary>
    internal int MessageAuthenticatorOffset { get; }

    /// <summary>Checks lengths and structure. Signatures are <see cref="RadiusSignature"/>'s business.</summary>
    public static bool TryRead(ReadOnlySpan<byte> datagram, out RadiusPacket packet, out MalformedReason reason)
    {
        packet = default;
        reason = CheckLength(datagram, out var length);
        if (reason != MalformedReason.None)
        {
            return false;
        }

        var bytes = datagram[..length];
        reason = CheckAttributes(bytes, out var messageAuthenticator, out var seen);
        if (reason == MalformedReason.None && messageAuthenticator == 0
            && ((RadiusCode)bytes[0] == RadiusCode.StatusServer || (seen & Seen.EapMessage) != Seen.Nothing))
        {
            reason = MalformedReason.MessageAuthenticatorMissing;
        }

        if (reason != MalformedReason.None)
        {
            return false;
        }

        packet = new RadiusPacket(bytes, messageAuthenticator, seen);
        return true;
    }

    /// <summary>Every attribute in order; the sub-attributes of a well-formed Vendor-Specific one by one.</summary>
    public RadiusAttributeReader GetEnumerator() => new(Attributes);

    /// <summary>The first attribute of that type.</summary>
    public bool TryFind(byte type, out ReadOnlySpan<byte> value)
    {
        for (var rest = Attributes; rest.Length > 0; rest = rest[rest[1]..])
        {
            if (rest[0] == type)
            {
                value = rest[2..rest[1]];
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>The first sub-attribute of that type in a well-formed Vendor-Specific attribute of that vendor.</summary>
    public bool TryFind(uint vendor, byte type, out ReadOnlySpan<byte> value)
    {
        foreach (var attribute in this)
        {
            if (attribute.Vendor == vendor && attribute.Type == type)
            {
                value = attribute.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>The first attribute of that type as a number; no when it is missing or not four octets long.</summary>
    public bool TryFindUInt32(byte type, out uint number)
    {
        number = 0;
        return TryFind(type, out var value) && WireFormat.TryReadUInt32(value, out number);
    }

    private static MalformedReason CheckLength(ReadOnlySpan<byte> datagram, out int length)
    {
        length = 0;
        if (datagram.Length < HeaderLength)
        {
            return MalformedReason.DatagramTooShort;
        }

        length = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        return length switch
        {
            < HeaderLength => MalformedReason.LengthTooSmall,
            > MaxLength => MalformedReason.LengthTooLarge,
            _ when length > datagram.Length => MalformedReason.LengthBeyondDatagram,
            _ => MalformedReason.None,
        };
    }

    private static MalformedReason CheckAttributes(ReadOnlySpan<byte> bytes, out int messageAuthenticator, out Seen seen)
    {
        (messageAuthenticator, seen) = (0, Seen.Nothing);
        for (var at = HeaderLength; at < bytes.Length;)
        {
            if (at + 1 >= bytes.Length)
            {
                return MalformedReason.AttributeOverflow;
            }

            int type = bytes[at], length = bytes[at + 1];
            if (length < 2)
            {
                return MalformedReason.AttributeTooShort;
            }

            if (at + length > bytes.Length)
            {
                return MalformedReason.AttributeOverflow;
            }

            switch (type)
            {
                case RadiusAttributes.MessageAuthenticator when length != 2 + Md5.HashLength:
                    return MalformedReason.MessageAuthenticatorLength;
                case RadiusAttributes.MessageAuthenticator when messageAuthenticator > 0:
                    return MalformedReason.MessageAuthenticatorRepeated;
                case RadiusAttributes.MessageAuthenticator:
                    messageAuthenticator = at + 2;
                    break;
                case RadiusAttributes.ProxyState:
                    seen |= Seen.ProxyState;
                    break;
                case RadiusAttributes.EapMessage:
                    seen |= Seen.EapMessage;
                    break;
            }

            at += length;
        }

        return MalformedReason.None;
    }
}
