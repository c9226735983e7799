using System.Buffers.Binary;

namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>
/// Values encrypted with the secret and a salt: MS-MPPE-Send-Key and -Recv-Key (RFC 2548 §2.4.2), Tunnel-Password after its tag
/// (RFC 2868 §3.5). On the wire: two octets of salt, then the encrypted length octet, value and padding.
/// </summary>
public static class SaltedValue
{
    public const int SaltLength = 2;

    private const int Chunk = Md5.HashLength;
    private const ushort SaltMark = 0x8000; // the top bit of a salt is always set

    /// <summary>Octets that a value takes once encrypted.</summary>
    public static int EncryptedLength(int valueLength) => SaltLength + ((1 + valueLength + Chunk - 1) / Chunk * Chunk);

    /// <summary>Encrypts and returns the octets written. Within one packet every salt must be different.</summary>
    public static int Encrypt(
        ReadOnlySpan<byte> value, ushort salt, ReadOnlySpan<byte> requestAuthenticator, RadiusSecret secret, Span<byte> encrypted)
    {
        var length = EncryptedLength(value.Length);
        if (length > WireFormat.MaxValueLength)
        {
            throw new ArgumentException($"A value of {value.Length} octets does not fit into one attribute.", nameof(value));
        }

        encrypted = encrypted[..length];
        encrypted.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(encrypted, (ushort)(salt | SaltMark));
        var chunks = encrypted[SaltLength..];
        chunks[0] = (byte)value.Length;
        value.CopyTo(chunks[1..]);

        Span<byte> key = stackalloc byte[Chunk];
        FirstKey(secret, requestAuthenticator, encrypted, key);
        for (var at = 0; at < chunks.Length; at += Chunk)
        {
            if (at > 0)
            {
                NextKey(secret, chunks.Slice(at - Chunk, Chunk), key);
            }

            Xor(chunks.Slice(at, Chunk), key);
        }

        return length;
    }

    /// <summary>
    /// Decrypts into <paramref name="value"/>, which must hold as many octets as the encrypted value, and gives its length. False when
    /// the form is wrong, which a wrong secret nearly always shows as.
    /// </summary>
    public static bool TryDecrypt(
        ReadOnlySpan<byte> encrypted, ReadOnlySpan<byte> requestAuthenticator, RadiusSecret secret, Span<byte> value, out int length)
    {
        length = 0;
        if (encrypted.Length < SaltLength + Chunk || encrypted.Length > WireFormat.MaxValueLength || (encrypted.Length - SaltLength) % Chunk != 0)
        {
            return false;
        }

        Span<byte> plain = stackalloc byte[WireFormat.MaxValueLength];
        Span<byte> key = stackalloc byte[Chunk];
        var chunks = encrypted[SaltLength..];
        FirstKey(secret, requestAuthenticator, encrypted, key);
        for (var at = 0; at < chunks.Length; at += Chunk)
        {
            if (at > 0)
            {
                NextKey(secret, chunks.Slice(at - Chunk, Chunk), key);
            }

            chunks.Slice(at, Chunk).CopyTo(plain[at..]);
            Xor(plain.Slice(at, Chunk), key);
        }

        length = plain[0];
        if (length > chunks.Length - 1)
        {
            length = 0;
            return false;
        }

        plain.Slice(1, length).CopyTo(value);
        return true;
    }

    private static void FirstKey(RadiusSecret secret, ReadOnlySpan<byte> requestAuthenticator, ReadOnlySpan<byte> encrypted, Span<byte> key)
    {
        var md5 = Md5.Start();
        md5.Append(secret.Bytes);
        md5.Append(requestAuthenticator);
        md5.Append(encrypted[..SaltLength]);
        md5.Finish(key);
    }

    private static void NextKey(RadiusSecret secret, ReadOnlySpan<byte> previous, Span<byte> key)
    {
        var md5 = Md5.Start();
        md5.Append(secret.Bytes);
        md5.Append(previous);
        md5.Finish(key);
    }

    private static void Xor(Span<byte> target, ReadOnlySpan<byte> key)
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i] ^= key[i];
        }
    }
}
