namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>Why a datagram is not a RADIUS packet. Such a datagram is dropped without an answer and counted by this reason.</summary>
public enum MalformedReason : byte
{
    None = 0,

    /// <summary>Fewer than the 20 octets of the header arrived (RFC 2865 §3).</summary>
    DatagramTooShort,

    /// <summary>The Length field is under 20 (RFC 2865 §3).</summary>
    LengthTooSmall,

    /// <summary>The Length field is over 4096 (RFC 2865 §3).</summary>
    LengthTooLarge,

    /// <summary>The datagram is shorter than its Length field says (RFC 2865 §3).</summary>
    LengthBeyondDatagram,

    /// <summary>An attribute's length is 0 or 1, less than its own header (RFC 2865 §5).</summary>
    AttributeTooShort,

    /// <summary>An attribute reaches past the end of the packet (RFC 2865 §5).</summary>
    AttributeOverflow,

    /// <summary>Message-Authenticator is not 18 octets (RFC 3579 §3.2).</summary>
    MessageAuthenticatorLength,

    /// <summary>Message-Authenticator occurs twice (RFC 3579 §3.3).</summary>
    MessageAuthenticatorRepeated,

    /// <summary>Status-Server or EAP-Message without Message-Authenticator (RFC 5997 §3, RFC 3579 §3.1).</summary>
    MessageAuthenticatorMissing,
}
