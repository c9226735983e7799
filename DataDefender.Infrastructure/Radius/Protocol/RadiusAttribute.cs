using System.Net;
using System.Text;

namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>
/// One attribute of a <see cref="RadiusMessage"/>. <see cref="Vendor"/> is 0 for the standard's; <see cref="Value"/> is what stands on
/// the wire, tag, salt and encryption included.
/// </summary>
public sealed record RadiusAttribute(uint Vendor, byte Type, ReadOnlyMemory<byte> Value)
{
    public RadiusAttributeDefinition? Definition => RadiusDictionary.Default.Find(Vendor, Type);

    public string Name => RadiusDictionary.Default.NameOf(Vendor, Type);

    /// <summary>The tag of a tagged attribute (RFC 2868 §3), 0 when it has none.</summary>
    public byte Tag => Definition is { IsTagged: true } definition ? RadiusAttributeText.SplitTag(definition, Value.Span).Tag : (byte)0;

    /// <summary>The value as UTF-8 text, without the tag.</summary>
    public string Text => Encoding.UTF8.GetString(Untagged);

    /// <summary>The value as a number, or null when it is not four octets long.</summary>
    public uint? Number
    {
        get
        {
            if (Definition is { IsTagged: true })
            {
                return WireFormat.TryReadTagged(Value.Span, out _, out var tagged) ? tagged : null;
            }

            return WireFormat.TryReadUInt32(Value.Span, out var number) ? number : null;
        }
    }

    /// <summary>The value as an address, or null when it is neither 4 nor 16 octets long.</summary>
    public IPAddress? Address => WireFormat.TryReadAddress(Value.Span, out var address) ? address : null;

    private ReadOnlySpan<byte> Untagged =>
        Definition is { IsTagged: true } definition ? RadiusAttributeText.SplitTag(definition, Value.Span).Value : Value.Span;

    public bool Equals(RadiusAttribute? other) => other is not null && Vendor == other.Vendor && Type == other.Type && Value.Span.SequenceEqual(other.Value.Span);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Vendor);
        hash.Add(Type);
        hash.AddBytes(Value.Span);
        return hash.ToHashCode();
    }

    /// <summary>"Name = value", as on the screens; a secret value is shown as "(hidden)".</summary>
    public override string ToString() => RadiusAttributeText.Describe(this);
}
