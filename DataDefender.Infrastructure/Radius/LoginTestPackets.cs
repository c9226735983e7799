using System.Globalization;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.Infrastructure.Radius;

/// <summary>Packets taken apart for people: names and types from the dictionary, octets in hexadecimal, secrets left out.</summary>
internal static class LoginTestPackets
{
    public static DecodedPacket Decode(ReadOnlySpan<byte> datagram) =>
        RadiusMessage.TryParse(datagram, out var message, out var reason)
            ? new DecodedPacket(CodeOf(message.Code), message.Identifier, datagram.Length, Convert.ToHexStringLower(message.Authenticator.Span), [.. message.Attributes.Select(Decode)])
            : throw new ArgumentException($"This is no RADIUS packet ({reason}).", nameof(datagram));

    private static PacketAttribute Decode(RadiusAttribute attribute)
    {
        var definition = attribute.Definition;
        var isSecret = definition is { IsSecret: true };
        var octets = attribute.Value.Span;
        return new PacketAttribute(
            attribute.Name,
            attribute.Vendor == 0 ? attribute.Type.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"26.{attribute.Vendor}.{attribute.Type}"),
            TypeOf(definition),
            octets.Length,
            isSecret ? null : RadiusAttributeText.Format(definition, octets),
            isSecret ? null : Convert.ToHexStringLower(octets),
            definition?.Document);
    }

    private static string CodeOf(RadiusCode code) => code switch
    {
        RadiusCode.AccessRequest => "Access-Request",
        RadiusCode.AccessAccept => "Access-Accept",
        RadiusCode.AccessReject => "Access-Reject",
        RadiusCode.AccessChallenge => "Access-Challenge",
        _ => code.ToString(),
    };

    // The names of RFC 8044.
    private static string TypeOf(RadiusAttributeDefinition? definition) => definition?.Type switch
    {
        null => "unknown",
        RadiusDataType.Octets => "string",
        RadiusDataType.Text => "text",
        RadiusDataType.Number => "integer",
        RadiusDataType.Enum => "enum",
        RadiusDataType.Time => "time",
        RadiusDataType.Number64 => "integer64",
        RadiusDataType.IPv4Address => "ipv4addr",
        RadiusDataType.IPv6Address => "ipv6addr",
        RadiusDataType.IPv6Prefix => "ipv6prefix",
        RadiusDataType.InterfaceId => "ifid",
        RadiusDataType.VendorSpecific => "vsa",
        _ => "",
    };
}
