using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;

namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>What the octets of a value mean (RFC 8044).</summary>
public enum RadiusDataType
{
    /// <summary>Octets without a meaning of their own ("string" in RFC 8044).</summary>
    Octets,
    Text,
    Number,
    Enum,
    Time,
    Number64,
    IPv4Address,
    IPv6Address,
    IPv6Prefix,
    InterfaceId,
    VendorSpecific,
}

/// <summary>How an attribute is carried beyond its type.</summary>
[Flags]
public enum RadiusAttributeFlags
{
    None = 0,

    /// <summary>Carries a tag (RFC 2868 §3).</summary>
    Tagged = 1,

    /// <summary>Encrypted as User-Password is (RFC 2865 §5.2).</summary>
    Hidden = 2,

    /// <summary>Encrypted with a salt (RFC 2548 §2.4.2, RFC 2868 §3.5).</summary>
    Salted = 4,

    /// <summary>Proves or carries a password; its value is never shown.</summary>
    Secret = 8,
}

/// <summary>One attribute of the dictionary. <see cref="Vendor"/> is 0 for the standard's.</summary>
public sealed class RadiusAttributeDefinition
{
    internal RadiusAttributeDefinition(uint vendor, byte number, string name, RadiusDataType type, RadiusAttributeFlags flags, string document) =>
        (Vendor, Number, Name, Type, Flags, Document) = (vendor, number, name, type, flags, document);

    public uint Vendor { get; }

    public byte Number { get; }

    public string Name { get; }

    public RadiusDataType Type { get; }

    public RadiusAttributeFlags Flags { get; }

    /// <summary>The document that defines it, such as "RFC 2865".</summary>
    public string Document { get; }

    public bool IsTagged => Flags.HasFlag(RadiusAttributeFlags.Tagged);

    public bool IsSecret => Flags.HasFlag(RadiusAttributeFlags.Secret);

    /// <summary>Names by value; empty unless the type is <see cref="RadiusDataType.Enum"/>.</summary>
    public IReadOnlyDictionary<uint, string> Values { get; internal set; } = FrozenDictionary<uint, string>.Empty;

    public override string ToString() => Name;
}

/// <summary>The attributes, types and named values of dictionary.txt, which is part of this assembly and read once.</summary>
public sealed class RadiusDictionary
{
    private const string Resource = "DataDefender.Infrastructure.Radius.Protocol.dictionary.txt";

    private static readonly Lazy<RadiusDictionary> Loaded = new(LoadEmbedded);

    private readonly FrozenDictionary<(uint Vendor, byte Number), RadiusAttributeDefinition> _byNumber;
    private readonly FrozenDictionary<string, RadiusAttributeDefinition> _byName;

    private RadiusDictionary(IReadOnlyCollection<RadiusAttributeDefinition> attributes, IReadOnlyDictionary<uint, string> vendors)
    {
        Attributes = attributes;
        Vendors = vendors;
        _byNumber = attributes.ToFrozenDictionary(a => (a.Vendor, a.Number));
        _byName = attributes.ToFrozenDictionary(a => a.Name, StringComparer.OrdinalIgnoreCase);
    }

    public static RadiusDictionary Default => Loaded.Value;

    /// <summary>All attributes in the order of the file.</summary>
    public IReadOnlyCollection<RadiusAttributeDefinition> Attributes { get; }

    /// <summary>Vendor names by enterprise number.</summary>
    public IReadOnlyDictionary<uint, string> Vendors { get; }

    public RadiusAttributeDefinition? Find(uint vendor, byte number) => _byNumber.GetValueOrDefault((vendor, number));

    /// <summary>Finds by name, without regard to case.</summary>
    public RadiusAttributeDefinition? Find(string name) => _byName.GetValueOrDefault(name);

    /// <exception cref="ArgumentException">No such attribute.</exception>
    public RadiusAttributeDefinition Get(string name) =>
        Find(name) ?? throw new ArgumentException($"The RADIUS dictionary has no attribute '{name}'.", nameof(name));

    /// <summary>The attribute's name, or "Attribute-240" and "Vendor-9-Attribute-1" for one that the dictionary does not know.</summary>
    public string NameOf(uint vendor, byte number) =>
        Find(vendor, number)?.Name
        ?? (vendor == 0
            ? string.Create(CultureInfo.InvariantCulture, $"Attribute-{number}")
            : string.Create(CultureInfo.InvariantCulture, $"Vendor-{vendor}-Attribute-{number}"));

    /// <exception cref="FormatException">A line is not in the form that the head of dictionary.txt describes.</exception>
    internal static RadiusDictionary Read(TextReader text)
    {
        var (attributes, vendors, values) = (new List<RadiusAttributeDefinition>(), new Dictionary<uint, string>(), new Dictionary<uint, string>());
        var (vendor, document, number) = (0u, string.Empty, 0);
        while (text.ReadLine() is { } line)
        {
            number++;
            var words = line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            try
            {
                switch (words)
                {
                    case []:
                        break;
                    case ["document", ..]:
                        document = string.Join(' ', words[1..]);
                        break;
                    case ["vendor", var id, var name]:
                        vendor = Number<uint>(id);
                        vendors.Add(vendor, name);
                        break;
                    case [var value, var name] when char.IsWhiteSpace(line[0]):
                        values.Add(Number<uint>(value), name);
                        break;
                    case [var type, var name, var dataType, .. var flags]:
                        CloseValues();
                        attributes.Add(new RadiusAttributeDefinition(vendor, Number<byte>(type), name, TypeOf(dataType), FlagsOf(flags), document));
                        break;
                    default:
                        throw new FormatException("unknown form");
                }
            }
            catch (Exception ex) when (ex is FormatException or OverflowException or ArgumentException)
            {
                throw new FormatException($"RADIUS dictionary, line {number}: '{line.Trim()}': {ex.Message}", ex);
            }
        }

        CloseValues();
        return new RadiusDictionary(attributes, vendors.ToFrozenDictionary());

        void CloseValues()
        {
            if (values.Count > 0)
            {
                attributes[^1].Values = values.ToFrozenDictionary();
                values.Clear();
            }
        }
    }

    private static RadiusDictionary LoadEmbedded()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The assembly lacks its resource {Resource}.");
        using var reader = new StreamReader(stream);
        return Read(reader);
    }

    private static T Number<T>(string text)
        where T : IParsable<T> => T.Parse(text, CultureInfo.InvariantCulture);

    private static RadiusDataType TypeOf(string word) => word switch
    {
        "string" => RadiusDataType.Octets,
        "text" => RadiusDataType.Text,
        "integer" => RadiusDataType.Number,
        "enum" => RadiusDataType.Enum,
        "time" => RadiusDataType.Time,
        "integer64" => RadiusDataType.Number64,
        "ipv4addr" => RadiusDataType.IPv4Address,
        "ipv6addr" => RadiusDataType.IPv6Address,
        "ipv6prefix" => RadiusDataType.IPv6Prefix,
        "ifid" => RadiusDataType.InterfaceId,
        "vsa" => RadiusDataType.VendorSpecific,
        _ => throw new FormatException($"unknown type '{word}'"),
    };

    private static RadiusAttributeFlags FlagsOf(string[] words) => words.Aggregate(RadiusAttributeFlags.None, (flags, word) => flags | word switch
    {
        "tagged" => RadiusAttributeFlags.Tagged,
        "hidden" => RadiusAttributeFlags.Hidden,
        "salted" => RadiusAttributeFlags.Salted,
        "secret" => RadiusAttributeFlags.Secret,
        _ => throw new FormatException($"unknown flag '{word}'"),
    });
}
