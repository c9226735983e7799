using System.Security.Cryptography;
using System.Text;

namespace DataDefender.Infrastructure.Radius.Protocol;

// Logins as a NAS makes them and encrypted values as it reads them.
public sealed partial class RadiusMessage
{
    /// <summary>Adds User-Password, hidden under this message's authenticator.</summary>
    public RadiusMessage AddPapPassword(string password, RadiusSecret secret)
    {
        Span<byte> hidden = stackalloc byte[PapPassword.MaxLength];
        return Add(RadiusAttributes.UserPassword, hidden[..PapPassword.Hide(Encoding.UTF8.GetBytes(password), _authenticator, secret, hidden)]);
    }

    /// <summary>The password in User-Password, or null when there is none or its form is wrong.</summary>
    public string? GetPapPassword(RadiusSecret secret)
    {
        Span<byte> password = stackalloc byte[PapPassword.MaxLength];
        return Find(0, RadiusAttributes.UserPassword) is { } hidden && PapPassword.TryReveal(hidden.Value.Span, _authenticator, secret, password, out var length)
            ? Encoding.UTF8.GetString(password[..length])
            : null;
    }

    /// <summary>Adds CHAP-Password and a CHAP-Challenge of 16 random octets, as RouterOS does.</summary>
    public RadiusMessage AddChapPassword(string password)
    {
        var challenge = RandomNumberGenerator.GetBytes(RadiusPacket.AuthenticatorLength);
        Span<byte> value = stackalloc byte[ChapPassword.Length];
        ChapPassword.Write(challenge[0], challenge, Encoding.UTF8.GetBytes(password), value);
        return Add(RadiusAttributes.ChapPassword, value).Add(RadiusAttributes.ChapChallenge, challenge);
    }

    /// <summary>Adds MS-CHAP-Challenge and MS-CHAP-Response (version 1).</summary>
    public RadiusMessage AddMsChapV1Password(string password)
    {
        var challenge = RandomNumberGenerator.GetBytes(MsChapV1.ChallengeLength);
        Span<byte> ntHash = stackalloc byte[MsChap.NtHashLength];
        Span<byte> response = stackalloc byte[MsChap.ResponseAttributeLength];
        MsChap.HashPassword(password, ntHash);
        MsChapV1.WriteResponse(challenge[0], challenge, ntHash, response);
        return AddVendor(RadiusVendors.Microsoft, MicrosoftAttributes.ChapChallenge, challenge)
            .AddVendor(RadiusVendors.Microsoft, MicrosoftAttributes.ChapResponse, response);
    }

    /// <summary>Adds MS-CHAP-Challenge and MS-CHAP2-Response for the User-Name that was added before.</summary>
    /// <exception cref="InvalidOperationException">There is no User-Name, which the response is made of.</exception>
    public RadiusMessage AddMsChapV2Password(string password)
    {
        var userName = Find(0, RadiusAttributes.UserName) ?? throw new InvalidOperationException("MS-CHAPv2 needs the User-Name first.");
        Span<byte> challenges = stackalloc byte[2 * MsChapV2.ChallengeLength];
        RandomNumberGenerator.Fill(challenges);
        Span<byte> ntHash = stackalloc byte[MsChap.NtHashLength];
        Span<byte> response = stackalloc byte[MsChap.ResponseAttributeLength];
        MsChap.HashPassword(password, ntHash);
        var challenge = challenges[..MsChapV2.ChallengeLength];
        MsChapV2.WriteResponse(challenges[0], challenge, challenges[MsChapV2.ChallengeLength..], userName.Value.Span, ntHash, response);
        return AddVendor(RadiusVendors.Microsoft, MicrosoftAttributes.ChapChallenge, challenge)
            .AddVendor(RadiusVendors.Microsoft, MicrosoftAttributes.Chap2Response, response);
    }

    /// <summary>Whether the reply's MS-CHAP2-Success proves that the server knows the password of this request.</summary>
    public bool IsProvenBy(RadiusMessage reply, string password)
    {
        if (Find(0, RadiusAttributes.UserName) is not { } userName
            || Find(RadiusVendors.Microsoft, MicrosoftAttributes.ChapChallenge) is not { } challenge
            || Find(RadiusVendors.Microsoft, MicrosoftAttributes.Chap2Response) is not { Value.Length: MsChap.ResponseAttributeLength } response
            || reply.Find(RadiusVendors.Microsoft, MicrosoftAttributes.Chap2Success) is not { } success)
        {
            return false;
        }

        Span<byte> ntHash = stackalloc byte[MsChap.NtHashLength];
        Span<byte> expected = stackalloc byte[MsChapV2.SuccessLength];
        MsChap.HashPassword(password, ntHash);
        MsChapV2.WriteSuccess(response.Value.Span, challenge.Value.Span, userName.Value.Span, ntHash, expected);
        return success.Value.Span.StartsWith(expected);
    }

    /// <summary>Adds a salted attribute (MS-MPPE-Send-Key, Tunnel-Password with tag 0) to the reply to a request with this authenticator.</summary>
    public RadiusMessage AddSalted(string name, ReadOnlySpan<byte> value, RadiusSecret secret, ReadOnlyMemory<byte> requestAuthenticator)
    {
        var definition = RadiusDictionary.Default.Get(name);
        Span<byte> octets = stackalloc byte[1 + WireFormat.MaxValueLength];
        octets[0] = 0;
        var tag = definition.IsTagged ? 1 : 0;

        // The attributes before this one number it, so that no salt occurs twice in a packet.
        var salt = (ushort)((RandomNumberGenerator.GetInt32(0x80) << 8) | (byte)_attributes.Count);
        var length = SaltedValue.Encrypt(value, salt, requestAuthenticator.Span, secret, octets[tag..]);
        return Add(new RadiusAttribute(definition.Vendor, definition.Number, octets[..(tag + length)].ToArray()));
    }

    /// <summary>The decrypted value of a salted attribute in the reply to a request with this authenticator, or null.</summary>
    public byte[]? GetSalted(string name, RadiusSecret secret, ReadOnlyMemory<byte> requestAuthenticator)
    {
        if (Find(name) is not { } attribute)
        {
            return null;
        }

        var encrypted = attribute.Definition is { IsTagged: true } && !attribute.Value.IsEmpty ? attribute.Value.Span[1..] : attribute.Value.Span;
        Span<byte> value = stackalloc byte[WireFormat.MaxValueLength];
        return SaltedValue.TryDecrypt(encrypted, requestAuthenticator.Span, secret, value, out var length) ? value[..length].ToArray() : null;
    }
}
