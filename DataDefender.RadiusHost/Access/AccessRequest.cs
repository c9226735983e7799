using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.RadiusHost.Access;

/// <summary>How a login proves who it is.</summary>
internal enum LoginMethod
{
    None,
    Pap,
    Chap,
    MsChap,
    MsChapV2,
    Eap,

    /// <summary>By the caller's address, whatever stands in the place of the password.</summary>
    Mac,
}

/// <summary>The attributes of an Access-Request that a decision looks at, found in one pass; absent ones are empty.</summary>
internal ref struct AccessRequest
{
    // NAS-Port-Type (RFC 2865 §5.41) of a terminal.
    private const uint Async = 0;
    private const uint Virtual = 5;

    public ReadOnlySpan<byte> UserName;
    public ReadOnlySpan<byte> UserPassword;
    public ReadOnlySpan<byte> ChapPassword;
    public ReadOnlySpan<byte> ChapChallenge;
    public ReadOnlySpan<byte> MsChapChallenge;
    public ReadOnlySpan<byte> MsChapResponse;
    public ReadOnlySpan<byte> MsChapV2Response;
    public ReadOnlySpan<byte> CallingStationId;
    public ReadOnlySpan<byte> NasPortId;

    /// <summary>Agent-Circuit-Id of the access node (RFC 4679 §3.3.1).</summary>
    public ReadOnlySpan<byte> CircuitId;

    /// <summary>0 when it is not said.</summary>
    public uint NasPort;

    /// <summary>The NAS asks for a Chargeable-User-Identity, by one without octets or of one NUL, or names one that it had (RFC 4372 §2.1).</summary>
    public bool AsksForIdentity;

    public LoginMethod Method;

    private RadiusServiceType _serviceType;
    private uint? _nasPortType;
    private bool _hasFramedProtocol;

    /// <summary>
    /// Whether the NAS asks who may log in to itself (RFC 2865 §5.6). RouterOS sends Service-Type Login for that, and for hotspot
    /// customers too; those come with the NAS-Port-Type of a network, whereas a login to the router has none, and that of Cisco's
    /// terminals is Async or Virtual.
    /// </summary>
    public readonly bool IsForNasItself => _serviceType switch
    {
        RadiusServiceType.Administrative or RadiusServiceType.NasPrompt or RadiusServiceType.CallbackNasPrompt or RadiusServiceType.CallbackAdministrative => true,
        RadiusServiceType.Login or RadiusServiceType.CallbackLogin => !_hasFramedProtocol && _nasPortType is null or Async or Virtual,
        _ => false,
    };

    /// <summary>PPP has a user name and a password of its own; a MAC address is no user name there.</summary>
    public readonly bool IsPpp => _hasFramedProtocol;

    public static AccessRequest Read(in RadiusPacket packet)
    {
        AccessRequest request = default;
        foreach (var attribute in packet)
        {
            if (attribute.Vendor == 0)
            {
                request.TakeStandard(attribute);
            }
            else if (attribute.Vendor == RadiusVendors.Microsoft)
            {
                request.TakeMicrosoft(attribute);
            }
            else if (attribute.Vendor == RadiusVendors.AdslForum && attribute.Type == AdslForumAttributes.AgentCircuitId)
            {
                request.CircuitId = attribute.Value;
            }
        }

        request.Method = packet.HasEapMessage ? LoginMethod.Eap
            : !request.MsChapV2Response.IsEmpty ? LoginMethod.MsChapV2
            : !request.MsChapResponse.IsEmpty ? LoginMethod.MsChap
            : !request.ChapPassword.IsEmpty ? LoginMethod.Chap
            : !request.UserPassword.IsEmpty ? LoginMethod.Pap
            : LoginMethod.None;
        return request;
    }

    /// <summary>The names that people know the methods by, in the order of <see cref="LoginMethod"/>.</summary>
    public static string NameOf(LoginMethod method) => method switch
    {
        LoginMethod.None => "none",
        LoginMethod.Pap => "PAP",
        LoginMethod.Chap => "CHAP",
        LoginMethod.MsChap => "MS-CHAP",
        LoginMethod.MsChapV2 => "MS-CHAPv2",
        LoginMethod.Eap => "EAP",
        LoginMethod.Mac => "MAC",
        _ => throw new ArgumentOutOfRangeException(nameof(method)),
    };

    private void TakeStandard(RadiusAttributeView attribute)
    {
        switch (attribute.Type)
        {
            case RadiusAttributes.UserName:
                UserName = attribute.Value;
                break;
            case RadiusAttributes.UserPassword:
                UserPassword = attribute.Value;
                break;
            case RadiusAttributes.ChapPassword:
                ChapPassword = attribute.Value;
                break;
            case RadiusAttributes.ChapChallenge:
                ChapChallenge = attribute.Value;
                break;
            case RadiusAttributes.CallingStationId:
                CallingStationId = attribute.Value;
                break;
            case RadiusAttributes.NasPort:
                _ = attribute.TryGetUInt32(out NasPort);
                break;
            case RadiusAttributes.NasPortId:
                NasPortId = attribute.Value;
                break;
            case RadiusAttributes.ServiceType:
                _serviceType = attribute.TryGetUInt32(out var service) ? (RadiusServiceType)service : default;
                break;
            case RadiusAttributes.NasPortType:
                _nasPortType = attribute.TryGetUInt32(out var port) ? port : null;
                break;
            case RadiusAttributes.ChargeableUserIdentity:
                AsksForIdentity = true;
                break;
            case RadiusAttributes.FramedProtocol:
                _hasFramedProtocol = true;
                break;
        }
    }

    private void TakeMicrosoft(RadiusAttributeView attribute)
    {
        switch (attribute.Type)
        {
            case MicrosoftAttributes.ChapChallenge:
                MsChapChallenge = attribute.Value;
                break;
            case MicrosoftAttributes.ChapResponse:
                MsChapResponse = attribute.Value;
                break;
            case MicrosoftAttributes.Chap2Response:
                MsChapV2Response = attribute.Value;
                break;
        }
    }
}
