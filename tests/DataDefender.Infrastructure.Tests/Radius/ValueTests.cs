using System.Net;
using System.Text;
using DataDefender.Infrastructure.Radius.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace DataDefender.Infrastructure.Tests.Radius;

/// <summary>Attribute values of every data type: octets, objects and text are three forms of the same thing.</summary>
public sealed class ValueTests
{
    private static readonly RadiusSecret Secret = new("a secret");
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(500);

    private static readonly Gen<byte[]> AnyOctets = Gen.Choose(0, 253).SelectMany(n => Gen.Choose(0, 255).Select(i => (byte)i).ArrayOf(n));

    private static readonly Gen<RadiusAttributeDefinition> AnyDefinition = Gen.Elements(RadiusDictionary.Default.Attributes.ToArray());

    [Fact]
    public void Text_of_any_octets_reads_back_as_the_same_octets() =>
        Check.One(Runs.WithMaxTest(20_000), Prop.ForAll(
            AnyDefinition.SelectMany(definition => OctetsFor(definition).Select(value => (definition, value))).ToArbitrary(),
            pair =>
            {
                var text = RadiusAttributeText.Format(pair.definition, pair.value);
                return pair.definition.Type == RadiusDataType.VendorSpecific && !text.StartsWith("0x", StringComparison.Ordinal)
                    || (RadiusAttributeText.TryParse(pair.definition, text, out var again) && IsSame(pair.definition, again, pair.value));
            }));

    [Fact]
    public void A_message_reads_back_with_the_attributes_it_was_written_with() =>
        Check.One(Runs, Prop.ForAll(AnyMessageAttributes().ToArbitrary(), attributes =>
        {
            var message = new RadiusMessage(RadiusCode.AccountingRequest, 200);
            foreach (var attribute in attributes)
            {
                message.Add(attribute);
            }

            return RadiusMessage.TryParse(message.EncodeRequest(Secret), out var again, out _) && again.Attributes.SequenceEqual(message.Attributes);
        }));

    [Theory]
    [InlineData("Framed-IP-Address", "10.1.2.3", "0a010203")]
    [InlineData("Framed-IPv6-Address", "2001:db8::1", "20010db8000000000000000000000001")]
    [InlineData("Delegated-IPv6-Prefix", "2001:db8:0:100::/56", "003820010db8000001000000000000000000")] // RFC 3162 §2.3
    [InlineData("Delegated-IPv6-Prefix", "::/0", "000000000000000000000000000000000000")]
    [InlineData("Framed-Interface-Id", "0200:5eff:fe00:5301", "02005efffe005301")]
    [InlineData("Event-Timestamp", "2026-11-22T19:10:00Z", "6b033e08")]
    [InlineData("Service-Type", "Framed", "00000002")]
    [InlineData("Service-Type", "99", "00000063")] // a value without a name
    [InlineData("NAS-Port", "2148532244", "80100014")] // RouterOS: over 2³¹
    [InlineData("User-Name", "josé", "6a6f73c3a9")]
    [InlineData("User-Name", "0x6a6f73", "6a6f73", "jos")]
    [InlineData("Class", "0x0a0b", "0a0b")]
    [InlineData("Mikrotik-Rate-Limit", "10M/20M", "31304d2f32304d")]
    [InlineData("Tunnel-Type", "1:VLAN", "0100000d")]
    [InlineData("Tunnel-Type", "VLAN", "0000000d", "0:VLAN")]
    [InlineData("Tunnel-Private-Group-ID", "2:100", "02313030")]
    [InlineData("Tunnel-Private-Group-ID", "100", "313030")]
    public void A_value_is_read_from_text_and_shown_as_text(string name, string text, string octets, string? shown = null)
    {
        var message = new RadiusMessage(RadiusCode.AccessAccept).Add(name, text);

        Assert.Equal(octets, Convert.ToHexStringLower(message.GetOctets(name)!.Value.Span));
        Assert.Equal(shown ?? text, message[name]);
    }

    [Theory]
    [InlineData("Framed-IP-Address", "10.1.2")]
    [InlineData("Framed-IP-Address", "2001:db8::1")]
    [InlineData("Framed-IP-Address", "10.1.2.300")]
    [InlineData("Framed-IPv6-Address", "10.1.2.3")]
    [InlineData("Delegated-IPv6-Prefix", "10.0.0.0/8")]
    [InlineData("Session-Timeout", "-1")]
    [InlineData("Session-Timeout", "4294967296")]
    [InlineData("Session-Timeout", "soon")]
    [InlineData("Service-Type", "Framed ")]
    [InlineData("Framed-Interface-Id", "1:2:3")]
    [InlineData("Tunnel-Preference", "1:16777216")]
    [InlineData("Event-Timestamp", "1969-12-31T23:59:59Z")]
    public void Text_that_is_not_a_value_is_refused(string name, string text) =>
        Assert.Throws<ArgumentException>(() => new RadiusMessage(RadiusCode.AccessAccept).Add(name, text));

    [Fact]
    public void A_name_that_the_dictionary_lacks_is_refused() =>
        Assert.Throws<ArgumentException>(() => new RadiusMessage(RadiusCode.AccessAccept).Add("Framed-IP-Adress", "10.0.0.1"));

    [Fact]
    public void A_value_longer_than_an_attribute_is_refused() =>
        Assert.Throws<ArgumentException>(() => new RadiusMessage(RadiusCode.AccessAccept).Add("Reply-Message", new string('x', 254)));

    [Fact]
    public void Typed_values_come_back_as_they_were_added()
    {
        var at = new DateTime(2026, 11, 22, 19, 10, 0, DateTimeKind.Utc);
        var message = new RadiusMessage(RadiusCode.AccountingRequest)
            .Add("Acct-Session-Time", 3600u)
            .Add("NAS-IPv6-Address", IPAddress.Parse("2001:db8::7"))
            .Add("Event-Timestamp", at)
            .AddOctets("Class", [1, 2, 3]);

        Assert.Equal(3600u, message.GetNumber("Acct-Session-Time"));
        Assert.Equal(IPAddress.Parse("2001:db8::7"), message.GetAddress("NAS-IPv6-Address"));
        Assert.True(WireFormat.TryReadTime(message.GetOctets("Event-Timestamp")!.Value.Span, out var again));
        Assert.Equal((at, DateTimeKind.Utc), (again, again.Kind));
        Assert.Equal([1, 2, 3], message.GetOctets("Class")!.Value.ToArray());
        Assert.Null(message.GetText("User-Name"));
        Assert.Null(message.GetNumber("Class"));
        Assert.Equal(1, message.RemoveAll("Class"));
        Assert.Null(message["Class"]);
    }

    [Fact]
    public void Tags_are_told_from_values()
    {
        var message = new RadiusMessage(RadiusCode.AccessAccept).Add("Tunnel-Medium-Type", "3:IEEE-802").Add("Tunnel-Private-Group-ID", "3:42");

        Assert.Equal(3, message.Find("Tunnel-Medium-Type")!.Tag);
        Assert.Equal(6u, message.GetNumber("Tunnel-Medium-Type"));
        Assert.Equal(3, message.Find("Tunnel-Private-Group-ID")!.Tag);
        Assert.Equal("42", message.GetText("Tunnel-Private-Group-ID"));
    }

    [Fact]
    public void A_prefix_is_understood_with_more_or_fewer_octets_than_we_send()
    {
        Assert.Equal("2001:db8::/32", new RadiusMessage(RadiusCode.AccessAccept).Add("Framed-IPv6-Prefix", "0x002020010db8")["Framed-IPv6-Prefix"]);

        // 2001:db8::/32 padded to 16 octets, with rubbish in the host part
        var value = Convert.FromHexString("002020010db8ffff00000000000000000000");
        Assert.True(WireFormat.TryReadIPv6Prefix(value, out var prefix));
        Assert.Equal(IPNetwork.Parse("2001:db8::/32"), prefix);
        Assert.False(WireFormat.TryReadIPv6Prefix(Convert.FromHexString("008120010db8"), out _)); // 129 bits
        Assert.False(WireFormat.TryReadIPv6Prefix(Convert.FromHexString("004020010db8"), out _)); // 64 bits in 4 octets
    }

    [Fact]
    public void Pap_passwords_of_every_length_are_revealed_as_they_were_hidden()
    {
        var random = new Random(2865);
        var (hidden, revealed, authenticator) = (new byte[PapPassword.MaxLength], new byte[PapPassword.MaxLength], new byte[16]);
        for (var length = 0; length <= PapPassword.MaxLength; length++)
        {
            var password = Enumerable.Range(0, length).Select(_ => (byte)random.Next(1, 256)).ToArray();
            random.NextBytes(authenticator);

            var taken = PapPassword.Hide(password, authenticator, Secret, hidden);

            Assert.Equal(Math.Max(16, (length + 15) / 16 * 16), taken);
            Assert.True(PapPassword.TryReveal(hidden.AsSpan(0, taken), authenticator, Secret, revealed, out var found));
            Assert.Equal(password, revealed[..found]);
        }

        Assert.Throws<ArgumentException>(() => PapPassword.Hide(new byte[129], authenticator, Secret, hidden));
        Assert.False(PapPassword.TryReveal(new byte[15], authenticator, Secret, revealed, out _));
        Assert.False(PapPassword.TryReveal(new byte[144], authenticator, Secret, revealed, out _));
    }

    [Fact]
    public void Salted_values_of_every_length_decrypt_to_what_they_were()
    {
        var random = new Random(2548);
        var (encrypted, plain, authenticator) = (new byte[256], new byte[256], new byte[16]);
        for (var length = 0; length <= 239; length++)
        {
            var value = new byte[length];
            random.NextBytes(value);
            random.NextBytes(authenticator);

            var taken = SaltedValue.Encrypt(value, (ushort)length, authenticator, Secret, encrypted);

            Assert.True(encrypted[0] >= 0x80); // RFC 2548 §2.4.2: the top bit of the salt
            Assert.True(SaltedValue.TryDecrypt(encrypted.AsSpan(0, taken), authenticator, Secret, plain, out var found));
            Assert.Equal(value, plain[..found]);
        }

        Assert.Throws<ArgumentException>(() => SaltedValue.Encrypt(new byte[240], 0, authenticator, Secret, encrypted));
        Assert.False(SaltedValue.TryDecrypt(new byte[17], authenticator, Secret, plain, out _));
    }

    [Fact]
    public void Tunnel_passwords_and_keys_get_different_salts_in_one_packet()
    {
        var request = new RadiusMessage(RadiusCode.AccessRequest);
        var reply = request.CreateReply(RadiusCode.AccessAccept)
            .AddSalted("Tunnel-Password", "open sesame"u8, Secret, request.Authenticator)
            .AddSalted("MS-MPPE-Send-Key", new byte[16], Secret, request.Authenticator)
            .AddSalted("MS-MPPE-Recv-Key", new byte[16], Secret, request.Authenticator);

        Assert.Equal("open sesame"u8.ToArray(), reply.GetSalted("Tunnel-Password", Secret, request.Authenticator));
        Assert.Equal(new byte[16], reply.GetSalted("MS-MPPE-Recv-Key", Secret, request.Authenticator));
        Assert.NotEqual(reply.GetOctets("MS-MPPE-Send-Key")!.Value[..2].ToArray(), reply.GetOctets("MS-MPPE-Recv-Key")!.Value[..2].ToArray());
    }

    [Fact]
    public void A_decoded_message_names_everything_and_shows_no_secret()
    {
        var message = new RadiusMessage(RadiusCode.AccessRequest, 12)
            .Add("User-Name", "bob")
            .Add("Service-Type", "Framed")
            .AddPapPassword("topsecret", Secret)
            .AddVendor(63_000, 1, "x"u8)
            .Add("Mikrotik-Realm", "home");
        var hidden = Convert.ToHexStringLower(message.GetOctets("User-Password")!.Value.Span);

        var text = message.ToString();

        Assert.Equal(
            """
            AccessRequest id 12
              User-Name = "bob"
              Service-Type = Framed
              User-Password = (hidden)
              Vendor-63000-Attribute-1 = 0x78
              Mikrotik-Realm = "home"
            """.ReplaceLineEndings("\n"),
            text);
        Assert.DoesNotContain(hidden, text, StringComparison.Ordinal);
    }

    private static bool IsSame(RadiusAttributeDefinition definition, byte[] first, byte[] second) =>
        first.SequenceEqual(second)
        || (definition.Type == RadiusDataType.IPv6Prefix && first.AsSpan().TrimEnd((byte)0).SequenceEqual(second.AsSpan().TrimEnd((byte)0)));

    // Half of the values have the form of the type, or printable text, so that both paths of the formatting are taken.
    private static Gen<byte[]> OctetsFor(RadiusAttributeDefinition definition)
    {
        var max = RadiusAttributeText.MaxLength(definition);
        var length = definition.Type switch
        {
            RadiusDataType.Number or RadiusDataType.Enum or RadiusDataType.Time or RadiusDataType.IPv4Address => 4,
            RadiusDataType.Number64 or RadiusDataType.InterfaceId => 8,
            RadiusDataType.IPv6Address => 16,
            RadiusDataType.IPv6Prefix => 9,
            _ => 12,
        };
        var fitting = Gen.Choose(0, 255).Select(i => (byte)i).ArrayOf(length);
        var printable = Gen.Elements("0x1a".ToCharArray().Concat(":19 é/".ToCharArray()).ToArray()).ArrayOf().Select(c => Encoding.UTF8.GetBytes(c));
        var tagged = printable.SelectMany(text => Gen.Choose(0, 0x40).Select(tag => (byte[])[(byte)tag, .. text]));
        return Gen.OneOf(AnyOctets, fitting, printable, tagged).Where(value => value.Length <= max);
    }

    private static Gen<RadiusAttribute[]> AnyMessageAttributes()
    {
        var attribute =
            from vendor in Gen.Elements(0u, 9u, RadiusVendors.Mikrotik, RadiusVendors.Microsoft, uint.MaxValue)
            from type in Gen.Choose(1, 255).Where(t => vendor != 0 || t is not (RadiusAttributes.VendorSpecific or RadiusAttributes.MessageAuthenticator or RadiusAttributes.EapMessage))
            from value in AnyOctets.Where(v => v.Length <= WireFormat.MaxVendorValueLength)
            select new RadiusAttribute(vendor, (byte)type, value);
        return Gen.Choose(0, 12).SelectMany(n => attribute.ArrayOf(n));
    }
}
