using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.Benchmarks.Radius;

internal enum LoginKind
{
    Pap,
    MsChapV2,
}

/// <summary>
/// PPPoE logins as a MikroTik sends them, one user after the other, each with an authenticator of its own. They can be made before the
/// clock runs, so that a run measures the server and not how quickly requests are signed: generator and server share the processors.
/// </summary>
internal sealed class LoginRequests
{
    private readonly byte[][] _names;
    private readonly byte[][] _passwords;
    private readonly byte[][] _responses;
    private readonly byte[] _challenge = RandomNumberGenerator.GetBytes(MsChapV2.ChallengeLength);
    private readonly byte[] _tail = Tail();
    private readonly UInt128 _seed = BinaryPrimitives.ReadUInt128BigEndian(RandomNumberGenerator.GetBytes(16));
    private readonly byte[][] _made;
    private readonly int _length;
    private readonly int _slots;

    /// <param name="slots">Requests outstanding at once; a request's slot is its identifier.</param>
    /// <param name="made">How many are made at once; what is wanted beyond that is made while the clock runs.</param>
    public LoginRequests(LoginKind kind, int users, int slots, int made = 0)
    {
        (Kind, _slots) = (kind, slots);
        _names = [.. Enumerable.Range(0, users).Select(n => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"user{n:D6}")))];
        _passwords = [.. Enumerable.Range(0, users).Select(n => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"pw{n:D6}")))];
        (_responses, Proofs) = kind is LoginKind.MsChapV2 ? Responses(users) : ([], []);
        _length = Make(0, 0, new byte[512]);
        var perSlot = made / slots;
        _made = [.. Enumerable.Range(0, slots).AsParallel().AsOrdered().Select(slot =>
        {
            var requests = GC.AllocateUninitializedArray<byte>(perSlot * _length);
            for (var number = 0; number < perSlot; number++)
            {
                Make((byte)slot, number, requests.AsSpan(number * _length, _length));
            }

            return requests;
        })];
    }

    public LoginKind Kind { get; }

    public RadiusSecret Secret { get; } = new("testing123");

    /// <summary>By user, the proof that a server knows the password; for MS-CHAPv2.</summary>
    public byte[][] Proofs { get; }

    /// <summary>Text of the address of a user's device, the same for logins and accounting.</summary>
    public static int WriteCaller(int user, Span<byte> text)
    {
        Utf8.TryWrite(text, CultureInfo.InvariantCulture, $"02:00:5E:{(user >> 16) & 0xFF:X2}:{(user >> 8) & 0xFF:X2}:{user & 0xFF:X2}", out var length);
        return length;
    }

    public int UserOf(byte slot, int number) => (int)((((long)number * _slots) + slot) % _names.Length);

    public UInt128 AuthenticatorOf(byte slot, int number) => _seed + ((((UInt128)(uint)number << 8) + slot) * 0x9E3779B97F4A7C15);

    public int Write(byte slot, int number, Span<byte> buffer)
    {
        if ((number + 1) * _length > _made[slot].Length)
        {
            return Make(slot, number, buffer);
        }

        _made[slot].AsSpan(number * _length, _length).CopyTo(buffer);
        return _length;
    }

    private int Make(byte slot, int number, Span<byte> buffer)
    {
        var user = UserOf(slot, number);
        Span<byte> authenticator = stackalloc byte[RadiusPacket.AuthenticatorLength];
        BinaryPrimitives.WriteUInt128BigEndian(authenticator, AuthenticatorOf(slot, number));
        Span<byte> text = stackalloc byte[PapPassword.MaxLength];
        var request = new RadiusWriter(buffer, RadiusCode.AccessRequest, slot);
        request.Add(RadiusAttributes.ServiceType, (uint)RadiusServiceType.Framed);
        request.Add(RadiusAttributes.FramedProtocol, 1u);
        request.Add(RadiusAttributes.NasPort, 0x80100014u);
        request.Add(RadiusAttributes.UserName, _names[user]);
        request.Add(RadiusAttributes.CallingStationId, text[..WriteCaller(user, text)]);
        request.AddEncoded(_tail);
        if (Kind is LoginKind.Pap)
        {
            request.Add(RadiusAttributes.UserPassword, text[..PapPassword.Hide(_passwords[user], authenticator, Secret, text)]);
        }
        else
        {
            request.AddVendor(RadiusVendors.Microsoft, MicrosoftAttributes.ChapChallenge, _challenge);
            request.AddVendor(RadiusVendors.Microsoft, MicrosoftAttributes.Chap2Response, _responses[user]);
        }

        request.AddMessageAuthenticator();
        return request.FinishRequest(authenticator, Secret);
    }

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
        rest.Add(RadiusAttributes.CalledStationId, "pppoe-service");
        rest.Add(RadiusAttributes.NasPortId, "ether2-customers");
        rest.Add(RadiusAttributes.AcctSessionId, "80100014");
        rest.Add(RadiusAttributes.NasIdentifier, "bench-router");
        rest.Add(RadiusAttributes.NasIpAddress, System.Net.IPAddress.Loopback);
        return buffer[RadiusPacket.HeaderLength..rest.Length];
    }
}
