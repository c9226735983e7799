using System.Buffers.Binary;
using System.Net;
using System.Text;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Udp;

namespace DataDefender.RadiusHost.Tests.Fuzz;

/// <summary>One datagram as it goes in: to which port and from whom.</summary>
internal readonly record struct FuzzDatagram(bool ToAccounting, Peer From, int Length);

/// <summary>
/// Makes datagrams that no NAS should send: valid requests whose attributes are moved, repeated, resized, nested and retyped, and which are
/// then signed again, so that most get past the signature to what lies behind it; and some that are damaged after they were signed, sent
/// again, or noise. The same seed gives the same datagrams.
/// </summary>
internal sealed class FuzzPackets
{
    private const int Remembered = 256;

    private static readonly Peer[] Known = [.. Enumerable.Range(0, 4).Select(i => new Peer(Peer.Key(IPAddress.Loopback), (ushort)(40_000 + i)))];
    private static readonly RadiusCode[] Codes = [.. Enum.GetValues<RadiusCode>(), (RadiusCode)200, (RadiusCode)255];

    private readonly Random _random;
    private readonly FuzzAttributes _packet;
    private readonly FuzzTemplates _templates;
    private readonly RadiusSecret _secret;
    private readonly byte[] _password;
    private readonly RadiusSecret _otherSecret = new("not the secret");
    private readonly (byte[] Octets, FuzzDatagram Sent)[] _sent = new (byte[], FuzzDatagram)[Remembered];
    private int _count;

    public FuzzPackets(int seed, RadiusSecret secret, string username, string password)
    {
        (_random, _secret, _password) = (new Random(seed), secret, Encoding.UTF8.GetBytes(password));
        _templates = new FuzzTemplates(_random, username, password);
        _packet = new FuzzAttributes(_random);
    }

    public FuzzDatagram Next(Span<byte> buffer)
    {
        var chance = _random.Next(100);
        if (chance < 4 && _count > 0)
        {
            var (octets, sent) = _sent[_random.Next(Math.Min(_count, Remembered))];
            octets.AsSpan(0, sent.Length).CopyTo(buffer);
            return chance == 0 ? sent with { From = Known[_random.Next(Known.Length)] } : sent;
        }

        var accounting = _random.Next(100) < 40;
        var length = chance < 6 ? Noise(buffer) : Structured(buffer, accounting);
        var datagram = new FuzzDatagram(_random.Next(50) == 0 ? !accounting : accounting, Sender(), length);
        ref var place = ref _sent[_count++ % Remembered];
        place.Octets ??= new byte[RadiusPacket.MaxLength];
        buffer[..length].CopyTo(place.Octets);
        place.Sent = datagram;
        return datagram;
    }

    private int Noise(Span<byte> buffer)
    {
        var length = _random.Next(_random.Next(10) == 0 ? RadiusPacket.MaxLength + 1 : 64);
        _random.NextBytes(buffer[..length]);
        return length;
    }

    private int Structured(Span<byte> buffer, bool accounting)
    {
        var template = _templates.Choose(accounting);
        Span<byte> authenticator = stackalloc byte[RadiusPacket.AuthenticatorLength];
        _random.NextBytes(authenticator); // of its own, or it would count as a copy of the one before
        _packet.Take(template.Attributes);
        if (template.HiddenAt is { } at)
        {
            PapPassword.Hide(_password, authenticator, _secret, _packet.At(at));
        }

        for (var changes = Changes(); changes > 0; changes--)
        {
            _packet.Change();
        }

        var code = _random.Next(60) == 0 ? Codes[_random.Next(Codes.Length)] : template.Code;
        _packet.PlaceMessageAuthenticator(needed: !accounting || code is RadiusCode.StatusServer);
        var length = Sign(buffer, code, authenticator);
        return _random.Next(100) < 12 ? Damage(buffer, length) : length;
    }

    // Four in ten stay as they are, so that accepted logins and stored records are among them too.
    private int Changes() => _random.Next(10) switch { < 4 => 0, < 7 => 1, < 9 => _random.Next(2, 5), _ => _random.Next(5, 20) };

    private Peer Sender() => _random.Next(40) switch
    {
        0 => new Peer(new UInt128((ulong)_random.NextInt64(), (ulong)_random.NextInt64()), 1024),
        1 => new Peer(Peer.Key(IPAddress.Parse("127.0.0.9")), (ushort)_random.Next(65_536)),
        _ => Known[_random.Next(Known.Length)],
    };

    private int Sign(Span<byte> buffer, RadiusCode code, ReadOnlySpan<byte> authenticator)
    {
        var attributes = _packet.Octets;
        var length = RadiusPacket.HeaderLength + attributes.Length;
        attributes.CopyTo(buffer[RadiusPacket.HeaderLength..]);
        (buffer[0], buffer[1]) = ((byte)code, (byte)_random.Next(256));
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], (ushort)length);
        var secret = _random.Next(40) == 0 ? _otherSecret : _secret;
        var keyed = RadiusSignature.HasKeyedAuthenticator(code);
        Span<byte> used = stackalloc byte[RadiusPacket.AuthenticatorLength];
        if (keyed)
        {
            used.Clear();
        }
        else
        {
            authenticator.CopyTo(used);
        }

        if (_packet.MessageAuthenticatorOffset is { } at && RadiusPacket.HeaderLength + at + Md5.HashLength <= length)
        {
            Span<byte> hash = stackalloc byte[Md5.HashLength];
            RadiusSignature.HashMessageAuthenticator(buffer[..length], RadiusPacket.HeaderLength + at, used, secret, hash);
            hash.CopyTo(buffer[(RadiusPacket.HeaderLength + at)..]);
        }

        if (keyed)
        {
            RadiusSignature.HashAuthenticator(buffer[..length], used, secret, used);
        }

        used.CopyTo(buffer[RadiusPacket.AuthenticatorOffset..]);
        return length;
    }

    /// <summary>What happens to a packet that was whole: an octet changed, cut, padded, a length that lies.</summary>
    private int Damage(Span<byte> buffer, int length)
    {
        switch (_random.Next(6))
        {
            case 0:
                buffer[_random.Next(length)] ^= (byte)(1 << _random.Next(8));
                return length;
            case 1:
                return _random.Next(length + 1);
            case 2:
                var more = Math.Min(_random.Next(1, 64), RadiusPacket.MaxLength - length);
                _random.NextBytes(buffer.Slice(length, more));
                return length + more;
            case 3:
                BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], (ushort)(length + _random.Next(-20, 21)));
                return length;
            case 4:
                BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], (ushort)_random.Next(65_536));
                return length;
            default:
                var at = _random.Next(length);
                _random.NextBytes(buffer[at..Math.Min(length, at + _random.Next(1, 40))]);
                return length;
        }
    }
}
