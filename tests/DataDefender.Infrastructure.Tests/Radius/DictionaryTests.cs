using System.Reflection;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.Infrastructure.Tests.Radius;

public sealed class DictionaryTests
{
    private static readonly RadiusDictionary Dictionary = RadiusDictionary.Default;

    [Theory]
    [InlineData(typeof(RadiusAttributes), 0u, "")]
    [InlineData(typeof(MikrotikAttributes), RadiusVendors.Mikrotik, "Mikrotik")]
    [InlineData(typeof(MicrosoftAttributes), RadiusVendors.Microsoft, "MS")]
    [InlineData(typeof(WisprAttributes), RadiusVendors.Wispr, "WISPr")]
    [InlineData(typeof(AdslForumAttributes), RadiusVendors.AdslForum, "ADSL")]
    public void Every_number_named_in_code_is_the_dictionarys(Type constants, uint vendor, string prefix)
    {
        var fields = constants.GetFields(BindingFlags.Public | BindingFlags.Static);

        Assert.NotEmpty(fields);
        Assert.All(fields, field =>
        {
            var definition = Dictionary.Find(vendor, (byte)field.GetRawConstantValue()!);
            Assert.NotNull(definition);
            Assert.Equal(prefix + field.Name, Letters(definition.Name), ignoreCase: true);
        });
    }

    [Theory]
    [InlineData(typeof(AcctStatusType), "Acct-Status-Type")]
    [InlineData(typeof(AcctTerminateCause), "Acct-Terminate-Cause")]
    [InlineData(typeof(RadiusServiceType), "Service-Type")]
    [InlineData(typeof(RadiusErrorCause), "Error-Cause")]
    public void Every_value_named_in_code_is_the_dictionarys(Type values, string attribute)
    {
        var names = Dictionary.Get(attribute).Values;
        Assert.All(Enum.GetValues(values).Cast<object>().Where(v => (uint)v != 0), value =>
            Assert.Equal(value.ToString(), Letters(names[(uint)value]), ignoreCase: true));
    }

    [Fact]
    public void Names_and_numbers_occur_once()
    {
        Assert.Equal(Dictionary.Attributes.Count, Dictionary.Attributes.Select(a => a.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Equal(Dictionary.Attributes.Count, Dictionary.Attributes.Select(a => (a.Vendor, a.Number)).Distinct().Count());
        Assert.All(Dictionary.Attributes, a => Assert.Same(a, Dictionary.Find(a.Name.ToUpperInvariant())));
        Assert.All(Dictionary.Attributes, a => Assert.Equal(a.Vendor != 0, Dictionary.Vendors.ContainsKey(a.Vendor)));
    }

    [Fact]
    public void Enumerations_have_values_and_nothing_else_does() => Assert.All(Dictionary.Attributes, a =>
    {
        Assert.Equal(a.Type == RadiusDataType.Enum, a.Values.Count > 0);
        Assert.Equal(a.Values.Count, a.Values.Values.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    });

    [Fact]
    public void Every_attribute_says_which_document_it_comes_from() => Assert.All(Dictionary.Attributes, a => Assert.NotEmpty(a.Document));

    [Theory]
    [InlineData("RFC 2865", 41)]
    [InlineData("RFC 2866", 12)]
    [InlineData("RFC 2868", 10)]
    [InlineData("RFC 2869", 18)]
    [InlineData("RFC 3162", 6)]
    [InlineData("RFC 4372", 1)]
    [InlineData("RFC 4679", 18)]
    [InlineData("RFC 4818", 1)]
    [InlineData("RFC 5176", 1)]
    [InlineData("RFC 6911", 5)]
    [InlineData("RFC 2548", 31)]
    [InlineData("RouterOS documentation, RADIUS", 30)]
    public void The_document_is_covered_in_full(string document, int attributes) =>
        Assert.Equal(attributes, Dictionary.Attributes.Count(a => a.Document == document));

    [Fact]
    public void Whatever_proves_a_password_is_marked_secret() =>
        Assert.All(Dictionary.Attributes.Where(a => (a.Flags & (RadiusAttributeFlags.Hidden | RadiusAttributeFlags.Salted)) != RadiusAttributeFlags.None), a => Assert.True(a.IsSecret, a.Name));

    [Fact]
    public void What_the_dictionary_does_not_know_still_has_a_name()
    {
        Assert.Equal("Attribute-241", Dictionary.NameOf(0, 241));
        Assert.Equal("Vendor-10-Attribute-1", Dictionary.NameOf(10, 1));
    }

    [Theory]
    [InlineData("1 User-Name", "form")]
    [InlineData("256 Too-Big text", "256 Too-Big text")]
    [InlineData("1 User-Name words", "words")]
    [InlineData("1 User-Name text loud", "loud")]
    public void A_line_that_cannot_be_read_is_named(string line, string part)
    {
        var error = Assert.Throws<FormatException>(() => RadiusDictionary.Read(new StringReader("# head\n" + line)));
        Assert.Contains("line 2", error.Message, StringComparison.Ordinal);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    private static string Letters(string name) => string.Concat(name.Where(char.IsLetterOrDigit));
}
