namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>
/// The session keys of MPPE that follow from an MS-CHAPv2 login (RFC 3079 §3), and the attributes that carry them to the NAS.
/// RouterOS drops an encrypted session right after the Accept if they are missing.
/// </summary>
public static class Mppe
{
    public const int KeyLength = 16;

    private static ReadOnlySpan<byte> Magic1 => "This is the MPPE Master Key"u8;

    private static ReadOnlySpan<byte> Magic2 =>
        "On the client side, this is the send key; on the server side, it is the receive key."u8;

    private static ReadOnlySpan<byte> Magic3 =>
        "On the client side, this is the receive key; on the server side, it is the send key."u8;

    /// <summary>The 128-bit start keys as the server names them: it sends with what the client receives with.</summary>
    public static void DeriveKeys(ReadOnlySpan<byte> ntHash, ReadOnlySpan<byte> ntResponse, Span<byte> sendKey, Span<byte> receiveKey)
    {
        Span<byte> master = stackalloc byte[KeyLength];
        DeriveMasterKey(ntHash, ntResponse, master);
        DeriveStartKey(master, Magic3, sendKey);
        DeriveStartKey(master, Magic2, receiveKey);
    }

    /// <summary>
    /// Adds MS-MPPE-Encryption-Policy, -Types, -Send-Key and -Recv-Key for an accepted MS-CHAPv2 response.
    /// <paramref name="salt"/> is used for the first key and its successor for the second; take another one for each packet.
    /// </summary>
    public static void AddKeys(
        ref RadiusWriter reply,
        scoped ReadOnlySpan<byte> ntHash,
        scoped ReadOnlySpan<byte> response,
        scoped ReadOnlySpan<byte> requestAuthenticator,
        RadiusSecret secret,
        ushort salt)
    {
        const uint EncryptionAllowed = 1;
        const uint Rc4With40Or128Bits = 6;

        Span<byte> send = stackalloc byte[KeyLength];
        Span<byte> receive = stackalloc byte[KeyLength];
        DeriveKeys(ntHash, MsChapV2.NtResponse(response), send, receive);

        reply.AddVendor(RadiusVendors.Microsoft, MicrosoftAttributes.MppeEncryptionPolicy, EncryptionAllowed);
        reply.AddVendor(RadiusVendors.Microsoft, MicrosoftAttributes.MppeEncryptionTypes, Rc4With40Or128Bits);
        AddKey(ref reply, MicrosoftAttributes.MppeSendKey, send, salt, requestAuthenticator, secret);
        AddKey(ref reply, MicrosoftAttributes.MppeRecvKey, receive, (ushort)(salt + 1), requestAuthenticator, secret);
    }

    /// <summary>
    /// Adds MS-CHAP-MPPE-Keys for MS-CHAP version 1 (RFC 2548 §2.4.1): the hash of the NT hash for 128 bits. The LAN Manager key of
    /// 40-bit encryption is left zero, for the server keeps no LAN Manager hash.
    /// </summary>
    public static void AddVersion1Keys(
        ref RadiusWriter reply, scoped ReadOnlySpan<byte> ntHash, scoped ReadOnlySpan<byte> requestAuthenticator, RadiusSecret secret)
    {
        const int LmKeyLength = 8;
        Span<byte> keys = stackalloc byte[32];
        keys.Clear();
        Md4.Hash(ntHash, keys[LmKeyLength..]);
        Span<byte> hidden = stackalloc byte[keys.Length];
        PapPassword.Hide(keys, requestAuthenticator, secret, hidden);
        reply.AddVendor(RadiusVendors.Microsoft, MicrosoftAttributes.ChapMppeKeys, hidden);
    }

    internal static void DeriveMasterKey(ReadOnlySpan<byte> ntHash, ReadOnlySpan<byte> ntResponse, Span<byte> masterKey)
    {
        Span<byte> data = stackalloc byte[MsChap.NtHashLength + MsChap.NtResponseLength + Magic1.Length];
        Md4.Hash(ntHash, data);
        ntResponse[..MsChap.NtResponseLength].CopyTo(data[MsChap.NtHashLength..]);
        Magic1.CopyTo(data[(MsChap.NtHashLength + MsChap.NtResponseLength)..]);

        Span<byte> digest = stackalloc byte[Sha1.HashLength];
        Sha1.Hash(data, digest);
        digest[..KeyLength].CopyTo(masterKey);
    }

    private static void DeriveStartKey(ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> magic, Span<byte> key)
    {
        const int PadLength = 40;
        Span<byte> data = stackalloc byte[KeyLength + PadLength + magic.Length + PadLength];
        masterKey.CopyTo(data);
        data.Slice(KeyLength, PadLength).Clear();
        magic.CopyTo(data[(KeyLength + PadLength)..]);
        data[^PadLength..].Fill(0xF2);

        Span<byte> digest = stackalloc byte[Sha1.HashLength];
        Sha1.Hash(data, digest);
        digest[..KeyLength].CopyTo(key);
    }

    private static void AddKey(
        ref RadiusWriter reply, byte type, scoped ReadOnlySpan<byte> key, ushort salt, scoped ReadOnlySpan<byte> requestAuthenticator, RadiusSecret secret)
    {
        Span<byte> encrypted = stackalloc byte[SaltedValue.EncryptedLength(KeyLength)];
        SaltedValue.Encrypt(key, salt, requestAuthenticator, secret, encrypted);
        reply.AddVendor(RadiusVendors.Microsoft, type, encrypted);
    }
}
