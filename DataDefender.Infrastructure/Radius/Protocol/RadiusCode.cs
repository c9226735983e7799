namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>What a packet is: the first octet (RFC 2865 §4, RFC 2866 §4, RFC 5176 §3, RFC 5997).</summary>
public enum RadiusCode : byte
{
    None = 0,
    AccessRequest = 1,
    AccessAccept = 2,
    AccessReject = 3,
    AccountingRequest = 4,
    AccountingResponse = 5,
    AccessChallenge = 11,
    StatusServer = 12,
    StatusClient = 13,
    DisconnectRequest = 40,
    DisconnectAck = 41,
    DisconnectNak = 42,
    CoaRequest = 43,
    CoaAck = 44,
    CoaNak = 45,
}
