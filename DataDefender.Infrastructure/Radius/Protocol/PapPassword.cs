using System.Security.Cryptography;

namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>User-Password hiding (RFC 2865 §5.2), which MS-CHAP-MPPE-Keys shares (RFC 2548 §2.4.1). Passwords are octets: UTF-8 text, or whatever a NAS sends.</summary>
public static class PapPassword
{
    /// <summary>The longest password that can be sent, and the most octets a hidden one takes.</summary>
    public const int MaxLength = 128;

    private const int Chunk = Md5.HashLength;

    /// <summary>Hides a password and returns the octets written: the password's length rounded up to 16, at least 16.</summary>
    /// <exception cref="ArgumentException">The password is longer than 128 octets.</exception>
    public static int Hide(ReadOnlySpan<byte> password, ReadOnlySpan<byte> requestAuthenticator, RadiusSecret secret, Span<byte> hidden)
    {
        if (password.Length > MaxLength)
        {
            throw new ArgumentException($"A password of {password.Length} octets; User-Password carries {MaxLength}.", nameof(password));
        }

        var length = Math.Max(Chunk, (password.Length + Chunk - 1) / Chunk * Chunk);
        hidden = hidden[..length];
        hidden.Clear();
        password.CopyTo(hidden);

        var previous = requestAuthenticator;
        Span<byte> key = stackalloc byte[Chunk];
        for (var at = 0; at < length; at += Chunk)
        {
            Key(secret, previous, key);
            Xor(hidden.Slice(at, Chunk), key);
            previous = hidden.Slice(at, Chunk);
        }

        return length;
    }

    /// <summary>
    /// Reads a hidden password into <paramref name="password"/> (128 octets or more) and gives its length without the zero padding.
    /// False when the value is not 16 to 128 octets in whole chunks. A wrong secret is not noticed here: it gives rubbish.
    /// </summary>
    public static bool TryReveal(
        ReadOnlySpan<byte> hidden, ReadOnlySpan<byte> requestAuthenticator, RadiusSecret secret, Span<byte> password, out int length)
    {
        length = 0;
        if (hidden.Length is < Chunk or > MaxLength || hidden.Length % Chunk != 0)
        {
            return false;
        }

        var previous = requestAuthenticator;
        Span<byte> key = stackalloc byte[Chunk];
        for (var at = 0; at < hidden.Length; at += Chunk)
        {
            Key(secret, previous, key);
            hidden.Slice(at, Chunk).CopyTo(password[at..]);
            Xor(password.Slice(at, Chunk), key);
            previous = hidden.Slice(at, Chunk);
        }

        length = password[..hidden.Length].TrimEnd((byte)0).Length;
        return true;
    }

    /// <summary>Whether the hidden value is this password; the comparison takes the same time wherever they differ.</summary>
    public static bool Matches(
        ReadOnlySpan<byte> hidden, ReadOnlySpan<byte> requestAuthenticator, RadiusSecret secret, ReadOnlySpan<byte> password)
    {
        Span<byte> sent = stackalloc byte[MaxLength];
        return TryReveal(hidden, requestAuthenticator, secret, sent, out var length)
            && CryptographicOperations.FixedTimeEquals(sent[..length], password);
    }

    private static void Key(RadiusSecret secret, ReadOnlySpan<byte> previous, Span<byte> key)
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
