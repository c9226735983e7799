using System.Buffers.Binary;
using System.Net;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.Infrastructure.Tests.Radius;

public sealed class PacketTests
{
    private static readonly RadiusSecret Secret = new("a secret of some length");

    [Theory]
    [InlineData("", MalformedReason.DatagramTooShort)]
    [InlineData("0101001400000000000000000000000000000000", MalformedReason.None)]
    [InlineData("01010014000000000000000000000000000000", MalformedReason.DatagramTooShort)]
    [InlineData("0101001300000000000000000000000000000000", MalformedReason.LengthTooSmall)]
    [InlineData("0101000000000000000000000000000000000000", MalformedReason.LengthTooSmall)]
    [InlineData("0101001500000000000000000000000000000000", MalformedReason.LengthBeyondDatagram)]
    [InlineData("0101100100000000000000000000000000000000", MalformedReason.LengthTooLarge)]
    [InlineData("010100150000000000000000000000000000000001", MalformedReason.AttributeOverflow)]
    [InlineData("01010016000000000000000000000000000000000100", MalformedReason.AttributeTooShort)]
    [InlineData("01010016000000000000000000000000000000000101", MalformedReason.AttributeTooShort)]
    [InlineData("01010016000000000000000000000000000000000102", MalformedReason.None)]
    [InlineData("01010016000000000000000000000000000000000103", MalformedReason.AttributeOverflow)]
    [InlineData("0101001700000000000000000000000000000000500300", MalformedReason.MessageAuthenticatorLength)]
    [InlineData("0101001700000000000000000000000000000000010300ffff", MalformedReason.None)] // what follows Length is padding
    [InlineData("0c01001400000000000000000000000000000000", MalformedReason.MessageAuthenticatorMissing)] // RFC 5997 §3
    [InlineData("01010017000000000000000000000000000000004f0300", MalformedReason.MessageAuthenticatorMissing)] // RFC 3579 §3.1
    public void A_datagram_is_a_packet_or_says_why_not(string hex, MalformedReason expected)
    {
        var read = RadiusPacket.TryRead(Convert.FromHexString(hex), out _, out var reason);

        Assert.Equal(expected, reason);
        Assert.Equal(expected == MalformedReason.None, read);
    }

    [Fact]
    public void A_second_message_authenticator_is_refused()
    {
        var packet = Request((ref w) =>
        {
            w.Add(RadiusAttributes.MessageAuthenticator, new byte[16]);
            w.Add(RadiusAttributes.MessageAuthenticator, new byte[16]);
        });

        Assert.False(RadiusPacket.TryRead(packet, out _, out var reason));
        Assert.Equal(MalformedReason.MessageAuthenticatorRepeated, reason);
    }

    [Fact]
    public void Padding_after_the_packet_is_no_part_of_it()
    {
        byte[] padded = [.. Request((ref w) => w.Add(RadiusAttributes.UserName, "bob")), 1, 2, 3];

        Assert.True(RadiusPacket.TryRead(padded, out var packet, out _));
        Assert.Equal(padded.Length - 3, packet.Bytes.Length);
        Assert.Equal(MessageAuthenticatorState.Valid, RadiusSignature.CheckRequest(packet, Secret));
    }

    [Fact]
    public void Several_sub_attributes_in_one_vendor_specific_are_found_one_by_one()
    {
        // MikroTik (0x3a8c): Rate-Limit "1M", Address-List "ok"; RFC 2865 §5.26 allows both in one attribute.
        var packet = Request((ref w) => w.Add(RadiusAttributes.VendorSpecific, Convert.FromHexString("00003a8c" + "0804314d" + "13046f6b")));

        Assert.True(RadiusPacket.TryRead(packet, out var read, out _));
        Assert.True(read.TryFind(RadiusVendors.Mikrotik, MikrotikAttributes.RateLimit, out var rate));
        Assert.Equal("1M"u8, rate);
        Assert.True(read.TryFind(RadiusVendors.Mikrotik, MikrotikAttributes.AddressList, out var list));
        Assert.Equal("ok"u8, list);
        Assert.False(read.TryFind(RadiusVendors.Microsoft, MikrotikAttributes.RateLimit, out _));
    }

    [Theory]
    [InlineData("00003a8c08")] // half a header
    [InlineData("00003a8c0801")] // shorter than its own header
    [InlineData("00003a8c080531")] // past the end
    [InlineData("00003a8c")] // nothing inside
    [InlineData("3a8c")] // no room for the vendor
    [InlineData("000000000104abcd")] // vendor 0 would pass for the standard's User-Name
    public void A_vendor_specific_of_another_form_is_kept_as_it_is(string hex)
    {
        var value = Convert.FromHexString(hex);
        var message = Parse(Request((ref w) => w.Add(RadiusAttributes.VendorSpecific, value)));

        var kept = Assert.Single(message.Attributes, a => a.Type == RadiusAttributes.VendorSpecific);
        Assert.Equal(0u, kept.Vendor);
        Assert.Equal(value, kept.Value.ToArray());
        Assert.Null(message.Find("User-Name"));
    }

    [Fact]
    public void Attributes_of_one_type_keep_their_order()
    {
        var message = Parse(Request((ref w) =>
        {
            w.Add(RadiusAttributes.Class, "1"u8);
            w.Add(RadiusAttributes.ReplyMessage, "x");
            w.Add(RadiusAttributes.Class, "2"u8);
        }));

        Assert.Equal(["1", "2"], message.All("Class").Select(a => a.Text));
        Assert.Equal([80, 25, 18, 25], message.Attributes.Select(a => (int)a.Type));
    }

    [Theory] // RouterOS puts it last, we put it first; RFC 3579 §3.2 takes it anywhere
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_message_authenticator_holds_wherever_it_stands(int place)
    {
        var buffer = new byte[200];
        var writer = new RadiusWriter(buffer, RadiusCode.AccessRequest, 7);
        for (var i = 0; i < 3; i++)
        {
            if (i == place)
            {
                writer.AddMessageAuthenticator();
            }

            writer.Add(RadiusAttributes.Class, (uint)i);
        }

        var packet = buffer[..writer.FinishRequest(new byte[16], Secret)];

        Assert.Equal(MessageAuthenticatorState.Valid, Check(packet));
        for (var i = 0; i < packet.Length; i++)
        {
            var changed = packet.ToArray();
            changed[i] ^= 0x40;
            Assert.NotEqual(MessageAuthenticatorState.Valid, Check(changed));
        }
    }

    [Theory] // RFC 2866 §3, RFC 5176 §2.3
    [InlineData(RadiusCode.AccountingRequest)]
    [InlineData(RadiusCode.CoaRequest)]
    [InlineData(RadiusCode.DisconnectRequest)]
    public void A_keyed_request_authenticator_shows_any_change(RadiusCode code)
    {
        var packet = new RadiusMessage(code, 3).Add("Acct-Session-Id", "80100014").EncodeRequest(Secret, messageAuthenticator: true);
        Assert.True(RadiusPacket.TryRead(packet, out var request, out _));
        Assert.True(RadiusSignature.HasValidRequestAuthenticator(request, Secret));
        Assert.Equal(MessageAuthenticatorState.Valid, RadiusSignature.CheckRequest(request, Secret)); // over zeros: RFC 5176 §3.4
        Assert.False(RadiusSignature.HasValidRequestAuthenticator(request, new RadiusSecret("another")));

        packet[^1] ^= 1;
        Assert.True(RadiusPacket.TryRead(packet, out var changed, out _));
        Assert.False(RadiusSignature.HasValidRequestAuthenticator(changed, Secret));
    }

    [Fact] // RFC 2865 §5.33
    public void Proxy_states_are_echoed_unchanged_and_in_order()
    {
        var request = Request((ref w) =>
        {
            w.Add(RadiusAttributes.ProxyState, "first"u8);
            w.Add(RadiusAttributes.UserName, "bob");
            w.Add(RadiusAttributes.ProxyState, "second"u8);
        });
        Assert.True(RadiusPacket.TryRead(request, out var packet, out _));
        Assert.True(packet.HasProxyState);

        var buffer = new byte[200];
        var writer = new RadiusWriter(buffer, RadiusCode.AccessReject, packet.Identifier);
        writer.AddMessageAuthenticator();
        writer.AddProxyStates(packet);
        var reply = Parse(buffer[..writer.FinishReply(packet.Authenticator, Secret)]);

        Assert.Equal(["first", "second"], reply.All("Proxy-State").Select(a => a.Text));
        Assert.Equal(["first", "second"], Parse(request).CreateReply(RadiusCode.AccessReject).All("Proxy-State").Select(a => a.Text));
    }

    [Fact] // CVE-2024-3596
    public void The_message_authenticator_is_the_first_attribute_of_a_reply()
    {
        var request = new RadiusMessage(RadiusCode.AccessRequest, 9).Add("User-Name", "bob");
        request.EncodeRequest(Secret);

        var packet = request.CreateReply(RadiusCode.AccessAccept).Add("Reply-Message", "hello").EncodeReply(Secret, request.Authenticator);

        Assert.Equal(RadiusAttributes.MessageAuthenticator, packet[RadiusPacket.HeaderLength]);
        Assert.True(RadiusPacket.TryRead(packet, out var reply, out _));
        Assert.Equal(MessageAuthenticatorState.Valid, RadiusSignature.CheckReply(reply, request.Authenticator.Span, Secret));
        Assert.True(RadiusSignature.HasValidResponseAuthenticator(reply, request.Authenticator.Span, Secret));
    }

    [Fact]
    public void A_packet_that_lacks_an_attribute_for_want_of_room_is_not_finished()
    {
        var writer = new RadiusWriter(new byte[40], RadiusCode.AccessAccept, 1);
        writer.Add(RadiusAttributes.Class, new byte[16]);
        Assert.False(writer.Overflowed);
        writer.Add(RadiusAttributes.SessionTimeout, 1u);

        Assert.True(writer.Overflowed);
        Assert.Equal(0, writer.FinishReply(new byte[16], Secret));
    }

    [Fact]
    public void A_value_of_253_octets_fits_and_one_of_254_does_not()
    {
        var writer = new RadiusWriter(new byte[1000], RadiusCode.AccessAccept, 1);
        writer.Add(RadiusAttributes.ReplyMessage, new string('x', 253));
        Assert.False(writer.Overflowed);
        writer.Add(RadiusAttributes.ReplyMessage, new string('x', 254));
        Assert.True(writer.Overflowed);

        writer = new RadiusWriter(new byte[1000], RadiusCode.AccessAccept, 1);
        writer.AddVendor(RadiusVendors.Mikrotik, MikrotikAttributes.Group, new string('x', 247));
        Assert.False(writer.Overflowed);
        writer.AddVendor(RadiusVendors.Mikrotik, MikrotikAttributes.Group, new string('x', 248));
        Assert.True(writer.Overflowed);
    }

    [Fact]
    public void Octets_that_do_not_fit_are_left_out_and_said_so()
    {
        var standard = new RadiusWriter(new byte[40], RadiusCode.AccessAccept, 1);
        standard.Add(RadiusAttributes.ProxyState, new byte[100]);
        var vendor = new RadiusWriter(new byte[40], RadiusCode.AccessAccept, 1);
        vendor.AddVendor(RadiusVendors.Microsoft, MicrosoftAttributes.ChapError, new byte[100]);

        Assert.Equal((true, 20, true, 20), (standard.Overflowed, standard.Length, vendor.Overflowed, vendor.Length));
    }

    [Fact]
    public void An_accept_is_read_and_written_without_allocation()
    {
        var message = new RadiusMessage(RadiusCode.AccessRequest, 1).Add("User-Name", "bob").Add("NAS-Identifier", "r1");
        var request = message.AddPapPassword("secret1", Secret).EncodeRequest(Secret);
        var (reply, accepted) = (new byte[RadiusPacket.MaxLength], 0);
        accepted += Answer(request, reply); // the first call may build tables

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            accepted += Answer(request, reply);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(101, accepted);
    }

    [Fact]
    public void Ms_chap_v2_is_checked_and_answered_without_allocation()
    {
        var message = new RadiusMessage(RadiusCode.AccessRequest, 1).Add("User-Name", "bob").AddMsChapV2Password("secret1");
        var request = message.EncodeRequest(Secret);
        var (reply, hash) = (new byte[RadiusPacket.MaxLength], new byte[MsChap.NtHashLength]);
        MsChap.HashPassword("secret1", hash);
        var length = AnswerMsChap(request, hash, reply);
        Assert.True(RadiusMessage.TryParse(reply.AsSpan(0, length), out var accept, out _));
        Assert.True(message.IsProvenBy(accept, "secret1"));

        var before = GC.GetAllocatedBytesForCurrentThread();
        AnswerMsChap(request, hash, reply);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static int Answer(ReadOnlySpan<byte> datagram, Span<byte> buffer)
    {
        if (!RadiusPacket.TryRead(datagram, out var request, out _)
            || RadiusSignature.CheckRequest(request, Secret) != MessageAuthenticatorState.Valid
            || !request.TryFind(RadiusAttributes.UserPassword, out var hidden)
            || !PapPassword.Matches(hidden, request.Authenticator, Secret, "secret1"u8))
        {
            return 0;
        }

        var writer = new RadiusWriter(buffer, RadiusCode.AccessAccept, request.Identifier);
        writer.AddMessageAuthenticator();
        writer.Add(RadiusAttributes.FramedIpAddress, BinaryPrimitives.ReadUInt32BigEndian([10, 0, 0, 1]));
        writer.AddVendor(RadiusVendors.Mikrotik, MikrotikAttributes.RateLimit, "10M/20M");
        writer.AddProxyStates(request);
        return writer.FinishReply(request.Authenticator, Secret) > 0 ? 1 : 0;
    }

    private static int AnswerMsChap(ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> ntHash, Span<byte> buffer)
    {
        RadiusPacket.TryRead(datagram, out var request, out _);
        request.TryFind(RadiusAttributes.UserName, out var userName);
        request.TryFind(RadiusVendors.Microsoft, MicrosoftAttributes.ChapChallenge, out var challenge);
        request.TryFind(RadiusVendors.Microsoft, MicrosoftAttributes.Chap2Response, out var response);
        if (!MsChapV2.Matches(response, challenge, userName, ntHash))
        {
            return 0;
        }

        Span<byte> success = stackalloc byte[MsChapV2.SuccessLength];
        MsChapV2.WriteSuccess(response, challenge, userName, ntHash, success);
        var writer = new RadiusWriter(buffer, RadiusCode.AccessAccept, request.Identifier);
        writer.AddMessageAuthenticator();
        writer.AddVendor(RadiusVendors.Microsoft, MicrosoftAttributes.Chap2Success, success);
        Mppe.AddKeys(ref writer, ntHash, response, request.Authenticator, Secret, salt: 1);
        return writer.FinishReply(request.Authenticator, Secret);
    }

    private delegate void Writing(ref RadiusWriter writer);

    // An Access-Request; its Message-Authenticator comes first, unless the octets of one are put by hand.
    private static byte[] Request(Writing write)
    {
        var buffer = new byte[RadiusPacket.MaxLength];
        var probe = new RadiusWriter(buffer, RadiusCode.AccessRequest, 7);
        write(ref probe);
        var own = probe.Length > RadiusPacket.HeaderLength && buffer[RadiusPacket.HeaderLength] == RadiusAttributes.MessageAuthenticator;

        var writer = new RadiusWriter(buffer, RadiusCode.AccessRequest, 7);
        if (!own)
        {
            writer.AddMessageAuthenticator();
        }

        write(ref writer);
        return buffer[..writer.FinishRequest(Convert.FromHexString("000102030405060708090a0b0c0d0e0f"), Secret)];
    }

    private static MessageAuthenticatorState? Check(byte[] datagram) =>
        RadiusPacket.TryRead(datagram, out var packet, out _) ? RadiusSignature.CheckRequest(packet, Secret) : null;

    private static RadiusMessage Parse(byte[] datagram)
    {
        Assert.True(RadiusMessage.TryParse(datagram, out var message, out var reason), reason.ToString());
        return message;
    }
}
