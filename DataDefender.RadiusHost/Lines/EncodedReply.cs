using System.Text;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.RadiusHost.Lines;

/// <summary>Attributes of a reply in wire form, made once and copied into each packet.</summary>
internal static class EncodedReply
{
    private const int MaxAttributes = 1024;

    /// <summary>A value that does not fit its attribute is left out: a customer is served better by the rest than by nothing.</summary>
    public static byte[] Of(IReadOnlyList<ReplyValue> values)
    {
        var buffer = new byte[MaxAttributes];
        var reply = new RadiusWriter(buffer, RadiusCode.AccessAccept, 0);
        foreach (var (name, text) in values)
        {
            var attribute = RadiusDictionary.Default.Get(name);
            if (Value(attribute, text) is not { } value)
            {
                continue;
            }

            if (attribute.Vendor == 0)
            {
                reply.Add(attribute.Number, value);
            }
            else
            {
                reply.AddVendor(attribute.Vendor, attribute.Number, value);
            }
        }

        return buffer[RadiusPacket.HeaderLength..reply.Length];
    }

    // Text as it is: an address pool may well be called 0x10.
    private static byte[]? Value(RadiusAttributeDefinition attribute, string text) =>
        attribute.Type is RadiusDataType.Text ? Encoding.UTF8.GetBytes(text)
        : RadiusAttributeText.TryParse(attribute, text, out var value) ? value
        : null;
}
