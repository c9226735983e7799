using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.Benchmarks.Radius;

internal enum LoginKind
{
    Pap,
    MsChapV2,
}

/// <summary>
/// PPPoE logins as a MikroTik sends them, one user after the other, each request with an authenticator of its own. An answer is right
/// when it is an Accept, both its authenticators are, it has the user's own address, and for MS-CHAPv2 the proof that the server knows the
/// password, and both keys.
/// </summary>
internal sealed class LoginLoad : ILoad
{
    private const uint FirstAddress = (100u << 24) | (64u << 16);

    private readonly RadiusSecret _secret = new("testing123");
    private readonly LoginKind _kind;
    private readonly bool _needsMessageAuthenticator;
    private readonly byte[][] _names;
    private readonly byte[][] _passwords;
    private readonly byte[][] _responses;
    private readonly byte[][] _proofs;
    private readonly byte[] _challenge = RandomNumberGenerator.GetBytes(MsChapV2.ChallengeLength);
    private readonly byte[] _tail;
    private readonly (int User, UInt128 Authenticator)[] _slots = new (int, UInt128)[256];
    private UInt128 _authenticator = BinaryPrimitives.ReadUInt128BigEndian(RandomNumberGenerator.GetBytes(16));
    private int _next;

    public LoginLoad(LoginKind kind, int users, bool needsMessageAuthenticator)
    {
        (_kind, _needsMessageAuthenticator) = (kind, needsMessageAuthenticator);
        _names = [.. Enumerable.Range(0, users).Select(n => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"user{n:D6}")))];
        _passwords = [.. Enumerable.Range(0, users).Select(n => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"pw{n:D6}")))];
        (_responses, _proofs) = kind is LoginKind.MsChapV2 ? Responses(users) : ([], []);
        _tail = Tail();
    }

    public int Write(byte slot, Span<byte> buffer)
    {
        var user = _next++ % _names.Length;
        _authenticator += 0x9E3779B97F4A7C15;
        _slots[slot] = (user, _authenticator);
        Span<byte> authenticator = stackalloc byte[RadiusPacket.AuthenticatorLength];
        BinaryPrimitives.WriteUInt128BigEndian(authenticator, _authenticator);

        var request = new RadiusWriter(buffer, RadiusCode.AccessRequest, slot);
        request.Add(RadiusAttributes.ServiceType, (uint)RadiusServiceType.Framed);
        request.Add(RadiusAttributes.FramedProtocol, 1u);
        request.Add(RadiusAttributes.NasPort, 0x80100014u);
        request.Add(RadiusAttributes.UserName, _names[user]);
        request.AddEncoded(_tail);
        if (_kind is LoginKind.Pap)
        {
            Span<byte> hidden = stackalloc byte[PapPassword.MaxLength];
            request.Add(RadiusAttributes.UserPassword, hidden[..PapPassword.Hide(_passwords[user], authenticator, _secret, hidden)]);
        }
        else
        {
            request.AddVendor(RadiusVendors.Microsoft, MicrosoftAttributes.ChapChallenge, _challenge);
            request.AddVendor(RadiusVendors.Microsoft, MicrosoftAttributes.Chap2Response, _responses[user]);
        }

        request.AddMessageAuthenticator();
        return request.FinishRequest(authenticator, _secret);
    }

    public bool IsRight(byte slot, ReadOnlySpan<byte> reply)
    {
        var (user, number) = _slots[slot];
        Span<byte> authenticator = stackalloc byte[RadiusPacket.AuthenticatorLength];
        BinaryPrimitives.WriteUInt128BigEndian(authenticator, number);
        return RadiusPacket.TryRead(reply, out var packet, out _)
            && packet.Code is RadiusCode.AccessAccept
            && RadiusSignature.HasValidResponseAuthenticator(packet, authenticator, _secret)
            && RadiusSignature.CheckReply(packet, authenticator, _secret) is var signed
            && (signed is MessageAuthenticatorState.Valid || (signed is MessageAuthenticatorState.Absent && !_needsMessageAuthenticator))
            && packet.TryFindUInt32(RadiusAttributes.FramedIpAddress, out var address) && address == FirstAddress + user
            && (_kind is LoginKind.Pap || IsProven(packet, user));
    }

    private bool IsProven(in RadiusPacket packet, int user) =>
        packet.TryFind(RadiusVendors.Microsoft, MicrosoftAttributes.Chap2Success, out var proof) && proof.SequenceEqual(_proofs[user])
        && packet.TryFind(RadiusVendors.Microsoft, MicrosoftAttributes.MppeSendKey, out _)
        && packet.TryFind(RadiusVendors.Microsoft, MicrosoftAttributes.MppeRecvKey, out _);

    // The challenge stays the same, so that what is costly for a client is computed once; for the server every request is new.
    private (byte[][] Responses, byte[][] Proofs) Responses(int users)
    {
        var (responses, proofs) = (new byte[users][], new byte[users][]);
        Span<byte> ntHash = stackalloc byte[MsChap.NtHashLength];
        for (var i = 0; i < users; i++)
        {
            MsChap.HashPassword(Encoding.ASCII.GetString(_passwords[i]), ntHash);
            (responses[i], proofs[i]) = (new byte[MsChap.ResponseAttributeLength], new byte[MsChapV2.SuccessLength]);
            MsChapV2.WriteResponse(1, _challenge, _challenge, _names[i], ntHash, responses[i]);
            MsChapV2.WriteSuccess(responses[i], _challenge, _names[i], ntHash, proofs[i]);
        }

        return (responses, proofs);
    }

    private static byte[] Tail()
    {
        var buffer = new byte[512];
        var rest = new RadiusWriter(buffer, RadiusCode.AccessRequest, 0);
        rest.Add(RadiusAttributes.NasPortType, 15u);
        rest.Add(RadiusAttributes.CallingStationId, "02:00:5E:00:53:01");
        rest.Add(RadiusAttributes.CalledStationId, "pppoe-service");
        rest.Add(RadiusAttributes.NasPortId, "ether2-customers");
        rest.Add(RadiusAttributes.AcctSessionId, "80100014");
        rest.Add(RadiusAttributes.NasIdentifier, "bench-router");
        rest.Add(RadiusAttributes.NasIpAddress, System.Net.IPAddress.Loopback);
        return buffer[RadiusPacket.HeaderLength..rest.Length];
    }
}
