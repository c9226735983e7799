using System.Globalization;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;

namespace DataDefender.Domain.Radius;

/// <summary>One attribute of a reply by its name in the dictionary and its value as text.</summary>
public readonly record struct ReplyValue(string Name, string Value);

/// <summary>
/// The table of what each vendor's NAS is told: how a speed, an address list (the walled garden) and an address pool become attributes.
/// Everything else of a grant is the standard's and the same for all.
/// </summary>
public static class VendorAttributes
{
    /// <summary>
    /// In the order in which they are sent. The standard attributes come first, so that a NAS which stops at a vendor it does not know
    /// has them.
    /// </summary>
    public static IReadOnlyList<ReplyValue> Of(LineGrant grant, NasVendor vendor) =>
    [
        .. Pool(grant, vendor),
        .. Text("Framed-IPv6-Pool", grant.Ipv6Pool),
        .. Text(vendor is NasVendor.MikroTik ? "Mikrotik-Delegated-IPv6-Pool" : "Delegated-IPv6-Prefix-Pool", grant.DelegatedIpv6Pool),
        .. Text("Reply-Message", grant.Message),
        .. Seconds("Session-Timeout", grant.SessionTimeoutSeconds),
        .. Seconds("Idle-Timeout", grant.IdleTimeoutSeconds),
        .. Seconds("Acct-Interim-Interval", grant.InterimSeconds),
        .. Speed(grant, vendor),
        .. List(grant, vendor),
    ];

    /// <summary>Speed and list alone: what a change of authorization (RFC 5176) can change in an open session.</summary>
    public static IReadOnlyList<ReplyValue> ChangeOf(string? rateLimit, string? addressList, NasVendor vendor) =>
    [
        .. rateLimit is null ? [] : Speed(rateLimit, vendor),
        .. addressList is null ? [] : List(addressList, vendor),
    ];

    /// <summary>
    /// Why an open session on this vendor's NAS cannot be brought there by a change of authorization, in words; null when it can be asked.
    /// Such a session is ended, and dials in again to what is new. A NAS of the standard is always asked: it has to refuse what it does
    /// not support (RFC 5176 §2.3), and then it is ended as well.
    /// </summary>
    /// <param name="leavesList">It may be in the walled garden now and is to leave it.</param>
    public static string? WhyNoChange(string? addressList, bool leavesList, NasVendor vendor) => vendor switch
    {
        NasVendor.MikroTik => null,
        NasVendor.Ubiquiti => "Ubiquiti ends sessions on request but does not change an open one",
        NasVendor.Cisco when addressList is not null => "Cisco takes an access list when a session begins, not into an open one",
        _ when leavesList && addressList is null => $"{NameOf(vendor)} cannot be told to take a list out of an open session",
        _ => null,
    };

    /// <summary>The vendor as people call it.</summary>
    public static string NameOf(NasVendor vendor) => vendor is NasVendor.Standard ? "a standard NAS" : vendor.ToString();

    /// <summary>What lets a member of staff in to the router itself.</summary>
    public static IReadOnlyList<ReplyValue> Of(RouterAccess access, NasVendor vendor) => (vendor, access) switch
    {
        (_, RouterAccess.None) => throw new ArgumentOutOfRangeException(nameof(access), access, "Nobody is let in without access."),
        (NasVendor.MikroTik, _) => [new("Mikrotik-Group", access.ToString().ToLowerInvariant())],
        (NasVendor.Cisco, RouterAccess.Full) => [new("Service-Type", "NAS-Prompt"), new("Cisco-AVPair", "shell:priv-lvl=15")],
        (NasVendor.Cisco, RouterAccess.Write) => [new("Service-Type", "NAS-Prompt"), new("Cisco-AVPair", "shell:priv-lvl=7")],
        (NasVendor.Cisco, _) => [new("Service-Type", "NAS-Prompt"), new("Cisco-AVPair", "shell:priv-lvl=1")],
        (NasVendor.Huawei, RouterAccess.Full) => [new("Service-Type", "Login"), new("Huawei-Exec-Privilege", "15")],
        (NasVendor.Huawei, RouterAccess.Write) => [new("Service-Type", "Login"), new("Huawei-Exec-Privilege", "2")],
        (NasVendor.Huawei, _) => [new("Service-Type", "Login"), new("Huawei-Exec-Privilege", "1")],
        (_, RouterAccess.Full) => [new("Service-Type", "Administrative")], // RFC 2865 §5.6: privileged commands
        _ => [new("Service-Type", "NAS-Prompt")],
    };

    /// <summary>The name of the policy map that a Cisco must have for a speed: in, out and the speed in kbit/s, such as <c>DD-IN-5000</c>.</summary>
    public static string CiscoPolicy(string direction, long bitsPerSecond) => string.Create(CultureInfo.InvariantCulture, $"DD-{direction}-{bitsPerSecond / 1000}");

    private static IEnumerable<ReplyValue> Pool(LineGrant grant, NasVendor vendor) => (grant.Pool, vendor) switch
    {
        (null, _) => [],
        ({ } pool, NasVendor.Cisco) => [new("Cisco-AVPair", $"ip:addr-pool={pool}")],
        ({ } pool, _) => [new("Framed-Pool", pool)],
    };

    private static IEnumerable<ReplyValue> Text(string name, string? value) => value is null ? [] : [new(name, value)];

    private static IEnumerable<ReplyValue> Speed(LineGrant grant, NasVendor vendor) => Speed(grant.RateLimit, vendor);

    private static IEnumerable<ReplyValue> Speed(string rateLimit, NasVendor vendor)
    {
        if (vendor is NasVendor.MikroTik)
        {
            return [new("Mikrotik-Rate-Limit", rateLimit)];
        }

        if (!MikrotikRateLimit.TryParse(rateLimit, out var parsed))
        {
            return [];
        }

        var (up, down) = (parsed.Limit.Upload, parsed.Limit.Download);
        var (upPeak, downPeak) = (Math.Max(up, parsed.Burst?.Limit.Upload ?? 0), Math.Max(down, parsed.Burst?.Limit.Download ?? 0));
        return vendor switch
        {
            NasVendor.Cisco => [Cisco("in", "IN", up), Cisco("out", "OUT", down)],
            NasVendor.Huawei =>
            [
                Bits("Huawei-Input-Average-Rate", up), Bits("Huawei-Input-Peak-Rate", upPeak),
                Bits("Huawei-Output-Average-Rate", down), Bits("Huawei-Output-Peak-Rate", downPeak),
            ],
            _ => [Bits("WISPr-Bandwidth-Max-Up", up), Bits("WISPr-Bandwidth-Max-Down", down)],
        };
    }

    private static IEnumerable<ReplyValue> List(LineGrant grant, NasVendor vendor) => grant.AddressList is { } list ? List(list, vendor) : [];

    private static IEnumerable<ReplyValue> List(string list, NasVendor vendor) => vendor switch
    {
        NasVendor.MikroTik => [new("Mikrotik-Address-List", list)],
        NasVendor.Cisco => [new("Filter-Id", list + ".in")], // IOS takes the direction from the suffix
        _ => [new("Filter-Id", list)],
    };

    private static ReplyValue Cisco(string direction, string name, long bits) => new("Cisco-AVPair", $"ip:sub-qos-policy-{direction}={CiscoPolicy(name, bits)}");

    private static ReplyValue Bits(string name, long bits) => new(name, Math.Min(bits, uint.MaxValue).ToString(CultureInfo.InvariantCulture));

    private static IEnumerable<ReplyValue> Seconds(string name, int? seconds) =>
        seconds is { } value ? [new(name, value.ToString(CultureInfo.InvariantCulture))] : [];
}
