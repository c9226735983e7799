using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.Infrastructure.Tests.Radius;

/// <summary>Whole attributes as the documents lay them out, written by hand from their figures, each with the section that it is from.</summary>
public sealed class ConformanceTests
{
    private static readonly RadiusSecret Secret = new("conformance");

    [Theory]
    [InlineData("RFC 2865 §5.4", "NAS-IP-Address", "192.168.1.16", "0406c0a80110")]
    [InlineData("RFC 2865 §5.5", "NAS-Port", "3", "050600000003")]
    [InlineData("RFC 2865 §5.25", "Class", "0x00ff", "190400ff")]
    [InlineData("RFC 2865 §5.32", "NAS-Identifier", "r1", "20047231")]
    [InlineData("RFC 2866 §5.1", "Acct-Status-Type", "Interim-Update", "280600000003")]
    [InlineData("RFC 2866 §5.2", "Acct-Delay-Time", "30", "29060000001e")]
    [InlineData("RFC 2866 §5.3", "Acct-Input-Octets", "4294967295", "2a06ffffffff")]
    [InlineData("RFC 2866 §5.5", "Acct-Session-Id", "80100014", "2c0a3830313030303134")]
    [InlineData("RFC 2866 §5.6", "Acct-Authentic", "RADIUS", "2d0600000001")]
    [InlineData("RFC 2866 §5.10", "Acct-Terminate-Cause", "Lost-Carrier", "310600000002")]
    [InlineData("RFC 2868 §3.1", "Tunnel-Type", "1:VLAN", "40060100000d")]
    [InlineData("RFC 2868 §3.2", "Tunnel-Medium-Type", "31:IEEE-802", "41061f000006")]
    [InlineData("RFC 2868 §3.3", "Tunnel-Client-Endpoint", "2:10.0.0.1", "420b0231302e302e302e31")]
    [InlineData("RFC 2868 §3.6", "Tunnel-Private-Group-ID", "1:42", "5105013432")]
    [InlineData("RFC 2868 §3.8", "Tunnel-Preference", "1:10", "53060100000a")]
    [InlineData("RFC 2869 §5.1", "Acct-Input-Gigawords", "2", "340600000002")]
    [InlineData("RFC 2869 §5.3", "Event-Timestamp", "2026-11-22T19:10:00Z", "37066b033e08")]
    [InlineData("RFC 2869 §5.16", "Acct-Interim-Interval", "300", "55060000012c")]
    [InlineData("RFC 2869 §5.17", "NAS-Port-Id", "ether2", "5708657468657232")]
    [InlineData("RFC 2869 §5.18", "Framed-Pool", "home", "5806686f6d65")]
    [InlineData("RFC 3162 §2.1", "NAS-IPv6-Address", "2001:db8::1", "5f1220010db8000000000000000000000001")]
    [InlineData("RFC 3162 §2.2", "Framed-Interface-Id", "0200:5eff:fe00:5301", "600a02005efffe005301")]
    [InlineData("RFC 3162 §2.3", "Framed-IPv6-Prefix", "2001:db8:1:2::/64", "6114004020010db8000100020000000000000000")]
    [InlineData("RFC 3162 §2.6", "Framed-IPv6-Pool", "six", "6405736978")]
    [InlineData("RFC 4372 §2.2", "Chargeable-User-Identity", "0x00", "590300")] // what a NAS sends that asks for it
    [InlineData("RFC 4679 §3.3.1", "ADSL-Agent-Circuit-Id", "eth 1/1", "1a0f00000de90109657468" + "20312f31")]
    [InlineData("RFC 4679 §3.3.3", "Actual-Data-Rate-Upstream", "1024", "1a0c00000de9810600000400")]
    [InlineData("RFC 4818 §3", "Delegated-IPv6-Prefix", "2001:db8:100::/56", "7b14003820010db8010000000000000000000000")]
    [InlineData("RFC 5176 §3.5", "Error-Cause", "Unsupported-Attribute", "650600000191")]
    [InlineData("RFC 6911 §3.1", "Framed-IPv6-Address", "2001:db8::7", "a81220010db8000000000000000000000007")]
    [InlineData("RFC 6911 §3.2", "DNS-Server-IPv6-Address", "2001:db8::53", "a91220010db8000000000000000000000053")]
    [InlineData("RFC 6911 §3.4", "Delegated-IPv6-Prefix-Pool", "pd", "ab047064")]
    public void An_attribute_lies_on_the_wire_as_its_section_draws_it_and_reads_back(string section, string name, string text, string wire)
    {
        var message = new RadiusMessage(RadiusCode.AccountingRequest, 1).Add(name, text);

        var octets = message.EncodeRequest(Secret, messageAuthenticator: false);

        Assert.True(wire == Convert.ToHexStringLower(octets.AsSpan(RadiusPacket.HeaderLength)), $"{section}: {Convert.ToHexStringLower(octets.AsSpan(RadiusPacket.HeaderLength))}");
        Assert.True(RadiusMessage.TryParse(octets, out var again, out _));
        Assert.Equal(message.Find(name), again.Find(name));
        Assert.Equal(message[name], again[name]);
    }

    [Theory]
    [InlineData("RFC 2868 §3.1", "40060000000d", 0, 13u)]
    [InlineData("RFC 2868 §3.1", "40061f00000d", 31, 13u)]
    public void A_tag_is_the_first_octet_of_a_number(string section, string wire, int tag, uint number)
    {
        var read = Read(wire).Find("Tunnel-Type")!;

        Assert.True(((byte)tag, (uint?)number) == (read.Tag, read.Number), $"{section}: {read.Tag} {read.Number}");
    }

    [Fact] // RFC 2868 §3.6: an octet above 0x1F is no tag but the first of the text
    public void A_text_without_a_tag_keeps_its_first_octet() => Assert.Equal("42", Read("51043432")["Tunnel-Private-Group-ID"]);

    [Fact] // RFC 4372 §2.2: the identity may be empty in a response, and is then there all the same
    public void A_chargeable_identity_without_octets_is_kept() => Assert.Equal(0, Read("5902").GetOctets("Chargeable-User-Identity")!.Value.Length);

    [Theory] // RFC 2865 §5.26: a vendor's attribute of an unknown form is no error, nor what follows it lost
    [InlineData("1a0600000137")]
    [InlineData("1a080000013719ff")]
    [InlineData("1a0800000137" + "1900")]
    public void A_vendor_attribute_of_another_form_is_kept_and_the_next_one_read(string wire) => Assert.Equal("r1", Read(wire + "20047231")["NAS-Identifier"]);

    [Fact] // RFC 2866 §3: accounting is signed with a hash over sixteen zeros, RFC 5176 §2.3 says the same of CoA and Disconnect
    public void Only_access_and_status_requests_carry_a_random_authenticator()
    {
        foreach (var code in (RadiusCode[])[RadiusCode.AccountingRequest, RadiusCode.CoaRequest, RadiusCode.DisconnectRequest])
        {
            var request = new RadiusMessage(code, 9).Add("User-Name", "bob");
            Assert.Equal(request.EncodeRequest(Secret), request.EncodeRequest(Secret));
            Assert.True(RadiusPacket.TryRead(request.EncodeRequest(Secret), out var packet, out _));
            Assert.True(RadiusSignature.HasValidRequestAuthenticator(packet, Secret));
        }

        Assert.False(RadiusSignature.HasKeyedAuthenticator(RadiusCode.AccessRequest)); // RFC 2865 §3
        Assert.False(RadiusSignature.HasKeyedAuthenticator(RadiusCode.StatusServer)); // RFC 5997 §3
    }

    private static RadiusMessage Read(string attributes)
    {
        var octets = Convert.FromHexString(attributes);
        var packet = (byte[])[(byte)RadiusCode.AccessAccept, 1, 0, (byte)(RadiusPacket.HeaderLength + octets.Length), .. new byte[16], .. octets];
        Assert.True(RadiusMessage.TryParse(packet, out var message, out var reason), reason.ToString());
        return message;
    }
}
