using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>
/// A packet as an object, for clients, tests, simulators and screens; a server's receive path reads with <see cref="RadiusPacket"/> and
/// writes with <see cref="RadiusWriter"/> instead. Attributes keep their order. A request made here starts with a random authenticator.
/// </summary>
public sealed partial class RadiusMessage
{
    private readonly List<RadiusAttribute> _attributes = [];
    private byte[] _authenticator;

    public RadiusMessage(RadiusCode code, byte identifier = 0)
        : this(code, identifier, RandomNumberGenerator.GetBytes(RadiusPacket.AuthenticatorLength))
    {
    }

    private RadiusMessage(RadiusCode code, byte identifier, byte[] authenticator) => (Code, Identifier, _authenticator) = (code, identifier, authenticator);

    public RadiusCode Code { get; }

    public byte Identifier { get; set; }

    /// <summary>
    /// 16 octets: of a received message what stood on the wire; of a request being made the random Request Authenticator, which
    /// encoding replaces by the hash where the code has a keyed one.
    /// </summary>
    public ReadOnlyMemory<byte> Authenticator => _authenticator;

    /// <summary>The attributes in order.</summary>
    public IReadOnlyList<RadiusAttribute> Attributes => _attributes;

    /// <summary>The first attribute of that name as text (see <see cref="RadiusAttributeText"/>), or null. Names as in dictionary.txt.</summary>
    public string? this[string name] => Find(name) is { } attribute ? RadiusAttributeText.Format(attribute.Definition, attribute.Value.Span) : null;

    /// <summary>A reply to this request, with its identifier and its Proxy-State attributes (RFC 2865 §5.33).</summary>
    public RadiusMessage CreateReply(RadiusCode code)
    {
        var reply = new RadiusMessage(code, Identifier, new byte[RadiusPacket.AuthenticatorLength]);
        reply._attributes.AddRange(_attributes.Where(a => a is { Vendor: 0, Type: RadiusAttributes.ProxyState }));
        return reply;
    }

    /// <summary>Parses a datagram. Structure only: check signatures on the datagram with <see cref="RadiusSignature"/>.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, [NotNullWhen(true)] out RadiusMessage? message, out MalformedReason reason)
    {
        message = null;
        if (!RadiusPacket.TryRead(datagram, out var packet, out reason))
        {
            return false;
        }

        message = From(packet);
        return true;
    }

    public static RadiusMessage From(in RadiusPacket packet)
    {
        var message = new RadiusMessage(packet.Code, packet.Identifier, packet.Authenticator.ToArray());
        foreach (var attribute in packet)
        {
            message._attributes.Add(new RadiusAttribute(attribute.Vendor, attribute.Type, attribute.Value.ToArray()));
        }

        return message;
    }

    public RadiusMessage Add(RadiusAttribute attribute)
    {
        var max = attribute.Vendor == 0 ? WireFormat.MaxValueLength : WireFormat.MaxVendorValueLength;
        if (attribute.Value.Length > max)
        {
            throw new ArgumentException($"{attribute.Name} takes at most {max} octets, not {attribute.Value.Length}.", nameof(attribute));
        }

        _attributes.Add(attribute);
        return this;
    }

    /// <summary>Adds an attribute of the standard with octets as they stand on the wire.</summary>
    public RadiusMessage Add(byte type, ReadOnlySpan<byte> value) => Add(new RadiusAttribute(0, type, value.ToArray()));

    /// <summary>Adds a vendor's attribute with octets as they stand on the wire.</summary>
    public RadiusMessage AddVendor(uint vendor, byte type, ReadOnlySpan<byte> value) => Add(new RadiusAttribute(vendor, type, value.ToArray()));

    /// <summary>Adds by name with the value as text: "Framed", "10.0.0.1", "0x0a0b", "1:VLAN" (tag 1).</summary>
    /// <exception cref="ArgumentException">The dictionary has no such attribute, or the text is not a value of its type.</exception>
    public RadiusMessage Add(string name, string text)
    {
        var definition = RadiusDictionary.Default.Get(name);
        return RadiusAttributeText.TryParse(definition, text, out var value)
            ? Add(new RadiusAttribute(definition.Vendor, definition.Number, value))
            : throw new ArgumentException($"'{text}' is not a value for {name} ({definition.Type}).", nameof(text));
    }

    public RadiusMessage Add(string name, uint number)
    {
        var octets = new byte[sizeof(uint)];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(octets, number);
        return AddOctets(name, octets);
    }

    public RadiusMessage Add(string name, IPAddress address) => AddOctets(name, address.GetAddressBytes());

    /// <param name="utc">An instant between 1970 and 2106, to the second.</param>
    public RadiusMessage Add(string name, DateTime utc) => Add(name, WireFormat.ToSeconds(utc));

    /// <summary>Adds by name with octets as they stand on the wire.</summary>
    public RadiusMessage AddOctets(string name, ReadOnlySpan<byte> value)
    {
        var definition = RadiusDictionary.Default.Get(name);
        return Add(new RadiusAttribute(definition.Vendor, definition.Number, value.ToArray()));
    }

    public int RemoveAll(string name)
    {
        var definition = RadiusDictionary.Default.Get(name);
        return _attributes.RemoveAll(a => a.Vendor == definition.Vendor && a.Type == definition.Number);
    }

    public RadiusAttribute? Find(string name)
    {
        var definition = RadiusDictionary.Default.Get(name);
        return Find(definition.Vendor, definition.Number);
    }

    public RadiusAttribute? Find(uint vendor, byte type) => _attributes.Find(a => a.Vendor == vendor && a.Type == type);

    public IEnumerable<RadiusAttribute> All(string name)
    {
        var definition = RadiusDictionary.Default.Get(name);
        return _attributes.Where(a => a.Vendor == definition.Vendor && a.Type == definition.Number);
    }

    public string? GetText(string name) => Find(name)?.Text;

    public uint? GetNumber(string name) => Find(name)?.Number;

    public IPAddress? GetAddress(string name) => Find(name)?.Address;

    public ReadOnlyMemory<byte>? GetOctets(string name) => Find(name)?.Value;

    /// <summary>
    /// The packet of a request. Unless told otherwise a Message-Authenticator goes first into Access-Request and Status-Server; the
    /// other codes have a keyed Request Authenticator, and NAS and servers in the field send none with those.
    /// </summary>
    public byte[] EncodeRequest(RadiusSecret secret, bool? messageAuthenticator = null)
    {
        var packet = Write(messageAuthenticator ?? !RadiusSignature.HasKeyedAuthenticator(Code), secret, requestAuthenticator: null);
        _authenticator = packet[RadiusPacket.AuthenticatorOffset..RadiusPacket.HeaderLength];
        return packet;
    }

    /// <summary>
    /// The packet of a reply to the request that carried this authenticator. Unless told otherwise a Message-Authenticator goes first
    /// into the replies to Access-Request; over what to take it in an Accounting-Response servers disagree, so that has none.
    /// </summary>
    public byte[] EncodeReply(RadiusSecret secret, ReadOnlyMemory<byte> requestAuthenticator, bool? messageAuthenticator = null)
    {
        var access = Code is RadiusCode.AccessAccept or RadiusCode.AccessReject or RadiusCode.AccessChallenge;
        var packet = Write(messageAuthenticator ?? access, secret, requestAuthenticator);
        _authenticator = packet[RadiusPacket.AuthenticatorOffset..RadiusPacket.HeaderLength];
        return packet;
    }

    /// <summary>The message decoded for a person, one attribute a line, passwords and keys hidden.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().Append(Code).Append(" id ").Append(Identifier);
        foreach (var attribute in _attributes)
        {
            text.Append("\n  ").Append(attribute);
        }

        return text.ToString();
    }

    private byte[] Write(bool messageAuthenticator, RadiusSecret secret, ReadOnlyMemory<byte>? requestAuthenticator)
    {
        Span<byte> buffer = stackalloc byte[RadiusPacket.MaxLength];
        var writer = new RadiusWriter(buffer, Code, Identifier);
        var own = _attributes.Exists(a => a is { Vendor: 0, Type: RadiusAttributes.MessageAuthenticator });
        if (messageAuthenticator && !own)
        {
            writer.AddMessageAuthenticator();
        }

        foreach (var attribute in _attributes)
        {
            switch (attribute)
            {
                case { Vendor: 0, Type: RadiusAttributes.MessageAuthenticator }:
                    writer.AddMessageAuthenticator();
                    break;
                case { Vendor: 0 }:
                    writer.Add(attribute.Type, attribute.Value.Span);
                    break;
                default:
                    writer.AddVendor(attribute.Vendor, attribute.Type, attribute.Value.Span);
                    break;
            }
        }

        var length = requestAuthenticator is { } request ? writer.FinishReply(request.Span, secret) : writer.FinishRequest(_authenticator, secret);
        return length > 0
            ? buffer[..length].ToArray()
            : throw new InvalidOperationException($"The attributes of this {Code} do not fit into {RadiusPacket.MaxLength} octets.");
    }
}
