namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>Numbers of the standard's attributes that code names. The dictionary holds all of them, with types and values.</summary>
public static class RadiusAttributes
{
    public const byte UserName = 1;
    public const byte UserPassword = 2;
    public const byte ChapPassword = 3;
    public const byte NasIpAddress = 4;
    public const byte NasPort = 5;
    public const byte ServiceType = 6;
    public const byte FramedProtocol = 7;
    public const byte FramedIpAddress = 8;
    public const byte FramedIpNetmask = 9;
    public const byte FilterId = 11;
    public const byte FramedMtu = 12;
    public const byte ReplyMessage = 18;
    public const byte FramedRoute = 22;
    public const byte State = 24;
    public const byte Class = 25;
    public const byte VendorSpecific = 26;
    public const byte SessionTimeout = 27;
    public const byte IdleTimeout = 28;
    public const byte CalledStationId = 30;
    public const byte CallingStationId = 31;
    public const byte NasIdentifier = 32;
    public const byte ProxyState = 33;
    public const byte AcctStatusType = 40;
    public const byte AcctDelayTime = 41;
    public const byte AcctInputOctets = 42;
    public const byte AcctOutputOctets = 43;
    public const byte AcctSessionId = 44;
    public const byte AcctAuthentic = 45;
    public const byte AcctSessionTime = 46;
    public const byte AcctInputPackets = 47;
    public const byte AcctOutputPackets = 48;
    public const byte AcctTerminateCause = 49;
    public const byte AcctMultiSessionId = 50;
    public const byte AcctInputGigawords = 52;
    public const byte AcctOutputGigawords = 53;
    public const byte EventTimestamp = 55;
    public const byte ChapChallenge = 60;
    public const byte NasPortType = 61;
    public const byte PortLimit = 62;
    public const byte TunnelType = 64;
    public const byte TunnelMediumType = 65;
    public const byte TunnelPassword = 69;
    public const byte ConnectInfo = 77;
    public const byte EapMessage = 79;
    public const byte MessageAuthenticator = 80;
    public const byte TunnelPrivateGroupId = 81;
    public const byte AcctInterimInterval = 85;
    public const byte NasPortId = 87;
    public const byte FramedPool = 88;
    public const byte ChargeableUserIdentity = 89;
    public const byte NasIpv6Address = 95;
    public const byte FramedInterfaceId = 96;
    public const byte FramedIpv6Prefix = 97;
    public const byte FramedIpv6Pool = 100;
    public const byte ErrorCause = 101;
    public const byte DelegatedIpv6Prefix = 123;
    public const byte FramedIpv6Address = 168;
    public const byte DelegatedIpv6PrefixPool = 171;
}

/// <summary>SMI enterprise numbers of the vendors in the dictionary.</summary>
public static class RadiusVendors
{
    public const uint Cisco = 9;
    public const uint Microsoft = 311;
    public const uint Huawei = 2011;
    public const uint AdslForum = 3561;
    public const uint Wispr = 14122;
    public const uint Mikrotik = 14988;
}

/// <summary>Vendor 14988: what RouterOS sends and obeys.</summary>
public static class MikrotikAttributes
{
    public const byte RecvLimit = 1;
    public const byte XmitLimit = 2;
    public const byte Group = 3;
    public const byte RateLimit = 8;
    public const byte Realm = 9;
    public const byte HostIp = 10;
    public const byte MarkId = 11;
    public const byte AdvertiseUrl = 12;
    public const byte AdvertiseInterval = 13;
    public const byte RecvLimitGigawords = 14;
    public const byte XmitLimitGigawords = 15;
    public const byte TotalLimit = 17;
    public const byte TotalLimitGigawords = 18;
    public const byte AddressList = 19;
    public const byte DelegatedIpv6Pool = 22;
}

/// <summary>Vendor 311 (RFC 2548): MS-CHAP and MPPE.</summary>
public static class MicrosoftAttributes
{
    public const byte ChapResponse = 1;
    public const byte ChapError = 2;
    public const byte MppeEncryptionPolicy = 7;
    public const byte MppeEncryptionTypes = 8;
    public const byte ChapDomain = 10;
    public const byte ChapChallenge = 11;
    public const byte ChapMppeKeys = 12;
    public const byte MppeSendKey = 16;
    public const byte MppeRecvKey = 17;
    public const byte Chap2Response = 25;
    public const byte Chap2Success = 26;
    public const byte PrimaryDnsServer = 28;
    public const byte SecondaryDnsServer = 29;
}

/// <summary>Vendor 14122 (Wi-Fi Alliance's Wireless ISP roaming).</summary>
public static class WisprAttributes
{
    public const byte LocationId = 1;
    public const byte LocationName = 2;
    public const byte LogoffUrl = 3;
    public const byte RedirectionUrl = 4;
    public const byte BandwidthMaxUp = 7;
    public const byte BandwidthMaxDown = 8;
    public const byte SessionTerminateTime = 9;
}

/// <summary>Vendor 3561 (RFC 4679): the line that an access node saw the customer on.</summary>
public static class AdslForumAttributes
{
    public const byte AgentCircuitId = 1;
    public const byte AgentRemoteId = 2;
}

/// <summary>Acct-Status-Type (RFC 2866 §5.1).</summary>
public enum AcctStatusType : uint
{
    None = 0,
    Start = 1,
    Stop = 2,
    InterimUpdate = 3,
    AccountingOn = 7,
    AccountingOff = 8,
}

/// <summary>Acct-Terminate-Cause (RFC 2866 §5.10).</summary>
public enum AcctTerminateCause : uint
{
    None = 0,
    UserRequest = 1,
    LostCarrier = 2,
    LostService = 3,
    IdleTimeout = 4,
    SessionTimeout = 5,
    AdminReset = 6,
    AdminReboot = 7,
    PortError = 8,
    NasError = 9,
    NasRequest = 10,
    NasReboot = 11,
    PortUnneeded = 12,
    PortPreempted = 13,
    PortSuspended = 14,
    ServiceUnavailable = 15,
    Callback = 16,
    UserError = 17,
    HostRequest = 18,
}

/// <summary>Service-Type (RFC 2865 §5.6).</summary>
public enum RadiusServiceType : uint
{
    None = 0,
    Login = 1,
    Framed = 2,
    CallbackLogin = 3,
    CallbackFramed = 4,
    Outbound = 5,
    Administrative = 6,
    NasPrompt = 7,
    AuthenticateOnly = 8,
    CallbackNasPrompt = 9,
    CallCheck = 10,
    CallbackAdministrative = 11,
    AuthorizeOnly = 17,
}

/// <summary>Error-Cause (RFC 5176 §3.5): why a CoA or Disconnect request was refused.</summary>
public enum RadiusErrorCause : uint
{
    None = 0,
    ResidualSessionContextRemoved = 201,
    InvalidEapPacket = 202,
    UnsupportedAttribute = 401,
    MissingAttribute = 402,
    NasIdentificationMismatch = 403,
    InvalidRequest = 404,
    UnsupportedService = 405,
    UnsupportedExtension = 406,
    InvalidAttributeValue = 407,
    AdministrativelyProhibited = 501,
    RequestNotRoutable = 502,
    SessionContextNotFound = 503,
    SessionContextNotRemovable = 504,
    OtherProxyProcessingError = 505,
    ResourcesUnavailable = 506,
    RequestInitiated = 507,
    MultipleSessionSelectionUnsupported = 508,
}
