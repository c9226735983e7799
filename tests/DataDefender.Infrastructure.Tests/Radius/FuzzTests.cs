using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.Infrastructure.Tests.Radius;

/// <summary>
/// Packets that no one should send. Seeded, so that a failure can be had again; DATADEFENDER_FUZZ_PACKETS raises the count.
/// </summary>
public sealed class FuzzTests
{
    private const int DefaultPackets = 200_000;

    private static readonly RadiusSecret Secret = new("fuzz");

    [Fact]
    public void Nothing_that_arrives_makes_the_codec_throw()
    {
        var packets = int.TryParse(Environment.GetEnvironmentVariable("DATADEFENDER_FUZZ_PACKETS"), out var asked) ? asked : DefaultPackets;
        var (random, seeds) = (new Random(3579), Seeds());
        var (read, refused, buffer) = (0, new int[Enum.GetValues<MalformedReason>().Length], new byte[5000]);
        for (var i = 0; i < packets; i++)
        {
            var length = Make(random, seeds, buffer);
            try
            {
                refused[(int)Exercise(buffer.AsSpan(0, length))]++;
            }
            catch (Exception ex)
            {
                Assert.Fail($"Packet {i}: {Convert.ToHexStringLower(buffer.AsSpan(0, length))}\n{ex}");
            }
        }

        read = refused[(int)MalformedReason.None];
        Assert.InRange(read, packets / 10, packets); // the mutations must leave enough packets whole to reach the code behind the checks
        Assert.All(Enum.GetValues<MalformedReason>(), reason => Assert.True(refused[(int)reason] > 0, $"no packet was refused as {reason}"));
    }

    private static MalformedReason Exercise(ReadOnlySpan<byte> datagram)
    {
        if (!RadiusPacket.TryRead(datagram, out var packet, out var reason))
        {
            return reason;
        }

        Span<byte> scratch = stackalloc byte[RadiusPacket.MaxLength];
        RadiusSignature.CheckRequest(packet, Secret);
        RadiusSignature.HasValidRequestAuthenticator(packet, Secret);
        RadiusSignature.HasValidResponseAuthenticator(packet, packet.Authenticator, Secret);
        packet.TryFind(RadiusAttributes.UserName, out var userName);
        packet.TryFind(RadiusAttributes.UserPassword, out var hidden);
        PapPassword.Matches(hidden, packet.Authenticator, Secret, "password"u8);
        packet.TryFind(RadiusAttributes.ChapPassword, out var chap);
        packet.TryFind(RadiusAttributes.ChapChallenge, out var chapChallenge);
        ChapPassword.Matches(chap, chapChallenge, "password"u8);
        packet.TryFind(RadiusVendors.Microsoft, MicrosoftAttributes.ChapChallenge, out var challenge);
        packet.TryFind(RadiusVendors.Microsoft, MicrosoftAttributes.ChapResponse, out var response);
        packet.TryFind(RadiusVendors.Microsoft, MicrosoftAttributes.Chap2Response, out var response2);
        MsChapV1.Matches(response, challenge, scratch[..16]);
        MsChapV2.Matches(response2, challenge, userName, scratch[..16]);
        packet.TryFind(RadiusAttributes.TunnelPassword, out var tunnel);
        SaltedValue.TryDecrypt(tunnel, packet.Authenticator, Secret, scratch, out _);

        var writer = new RadiusWriter(scratch, RadiusCode.AccessReject, packet.Identifier);
        writer.AddMessageAuthenticator();
        writer.AddProxyStates(packet);
        writer.FinishReply(packet.Authenticator, Secret);

        var message = RadiusMessage.From(packet);
        foreach (var attribute in message.Attributes)
        {
            _ = (attribute.Text, attribute.Number, attribute.Address, attribute.Tag);
        }

        return message.ToString().Length > 0 ? MalformedReason.None : throw new InvalidOperationException("A message shown as nothing.");
    }

    private static int Make(Random random, byte[][] seeds, byte[] buffer)
    {
        if (random.Next(20) == 0)
        {
            var length = random.Next(60);
            random.NextBytes(buffer.AsSpan(0, length));
            return length;
        }

        var seed = seeds[random.Next(seeds.Length)];
        Array.Clear(buffer);
        seed.CopyTo(buffer, 0);
        var packet = new Mutation(random, buffer, seed.Length);
        for (var changes = random.Next(4); changes > 0; changes--)
        {
            packet.Change();
        }

        return packet.Length;
    }

    private static byte[][] Seeds()
    {
        RadiusMessage Login() => new RadiusMessage(RadiusCode.AccessRequest, 1).Add("User-Name", "bob").Add("NAS-IP-Address", "10.0.0.1");
        return
        [
            Login().AddPapPassword("password", Secret).EncodeRequest(Secret),
            Login().AddChapPassword("password").EncodeRequest(Secret),
            Login().AddMsChapV1Password("password").EncodeRequest(Secret),
            Login().AddMsChapV2Password("password").EncodeRequest(Secret),
            Login().Add("Proxy-State", "0x0102").Add("EAP-Message", "0x0201000501").EncodeRequest(Secret),
            Login().AddVendor(9, 1, "a"u8).Add("Mikrotik-Realm", "r").Add("ADSL-Agent-Circuit-Id", "eth 1/1").EncodeRequest(Secret),
            Login().Add("Framed-IPv6-Prefix", "2001:db8::/64").Add("Framed-Interface-Id", "1:2:3:4").Add("Event-Timestamp", 7u)
                .Add("Tunnel-Type", "1:VLAN").Add("Tunnel-Private-Group-ID", "1:7").EncodeRequest(Secret),
            Login().AddOctets("Tunnel-Password", new byte[35]).EncodeRequest(Secret),
            new RadiusMessage(RadiusCode.AccountingRequest, 2).Add("Acct-Status-Type", "Stop").Add("Acct-Session-Id", "80100014").EncodeRequest(Secret),
            new RadiusMessage(RadiusCode.CoaRequest, 3).Add("Mikrotik-Rate-Limit", "1M/1M").EncodeRequest(Secret, messageAuthenticator: true),
            new RadiusMessage(RadiusCode.StatusServer, 4).EncodeRequest(Secret),
        ];
    }

    /// <summary>Changes a packet as damage and malice do: any octet, the lengths, the types, an attribute cut, doubled or left out.</summary>
    private sealed class Mutation(Random random, byte[] packet, int length)
    {
        private readonly Random _random = random;

        public int Length { get; private set; } = length;

        public void Change()
        {
            switch (_random.Next(10))
            {
                case 0:
                    packet[_random.Next(Length)] = (byte)_random.Next(256);
                    break;
                case 1:
                    SetLength(_random.Next(3) == 0 ? _random.Next(65536) : Length + _random.Next(-3, 4));
                    break;
                case 2:
                    packet[Attribute() + 1] = (byte)(_random.Next(2) == 0 ? _random.Next(4) : _random.Next(256));
                    break;
                case 3:
                    packet[Attribute()] = (byte)_random.Next(256);
                    break;
                case 4:
                    Length = _random.Next(Length + 1);
                    break;
                case 5:
                    Double();
                    break;
                case 6:
                    Remove();
                    break;
                case 7:
                    packet[0] = (byte)_random.Next(16);
                    break;
                case 8:
                    Resize();
                    break;
                default:
                    _random.NextBytes(packet.AsSpan(Math.Min(Attribute() + 2, Length), Math.Min(4, Math.Max(0, packet.Length - Length))));
                    break;
            }
        }

        // The start of some attribute, found by walking while the lengths make sense.
        private int Attribute()
        {
            var at = RadiusPacket.HeaderLength;
            for (var steps = _random.Next(8); steps > 0 && at + 1 < Length && packet[at + 1] >= 2 && at + packet[at + 1] < Length; steps--)
            {
                at += packet[at + 1];
            }

            return at;
        }

        private void Double()
        {
            var (at, size) = Whole();
            if (size > 0 && Length + size < packet.Length)
            {
                Array.Copy(packet, at, packet, Length, size);
                SetLength(Length += size);
            }
        }

        private void Remove()
        {
            var (at, size) = Whole();
            Array.Copy(packet, at + size, packet, at, Math.Max(0, Length - at - size));
            SetLength(Length = Math.Max(0, Length - size));
        }

        // The last attribute made longer or shorter, with the packet's length following it: the structure stays, the value changes.
        private void Resize()
        {
            var at = RadiusPacket.HeaderLength;
            while (at + 1 < Length && packet[at + 1] >= 2 && at + packet[at + 1] < Length)
            {
                at += packet[at + 1];
            }

            if (at + 1 < Length)
            {
                var size = _random.Next(2, 256);
                packet[at + 1] = (byte)size;
                SetLength(Length = at + size);
            }
        }

        private (int At, int Size) Whole()
        {
            var at = Attribute();
            return at + 1 < Length && packet[at + 1] >= 2 && at + packet[at + 1] <= Length ? (at, packet[at + 1]) : (at, 0);
        }

        private void SetLength(int value) => (packet[2], packet[3]) = ((byte)(value >> 8), (byte)value);
    }
}
