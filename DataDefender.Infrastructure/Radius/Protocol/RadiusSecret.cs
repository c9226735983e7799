using System.Text;

namespace DataDefender.Infrastructure.Radius.Protocol;

/// <summary>
/// The secret that a NAS and the server share, with the two HMAC-MD5 key states (RFC 2104) computed once, so that a
/// Message-Authenticator costs two blocks less for each packet. Immutable and safe to share between threads; never prints itself.
/// </summary>
public sealed class RadiusSecret
{
    private readonly byte[] _bytes;
    private readonly Md5.State _inner;
    private readonly Md5.State _outer;

    /// <exception cref="ArgumentException">The secret is empty: RFC 2865 §3 forbids it.</exception>
    public RadiusSecret(ReadOnlySpan<byte> secret)
    {
        if (secret.IsEmpty)
        {
            throw new ArgumentException("A RADIUS secret must not be empty (RFC 2865 §3).", nameof(secret));
        }

        _bytes = secret.ToArray();
        Span<byte> key = stackalloc byte[Md5.BlockLength];
        key.Clear();
        if (secret.Length > Md5.BlockLength)
        {
            Md5.Hash(secret, key);
        }
        else
        {
            secret.CopyTo(key);
        }

        _inner = After(key, 0x36);
        _outer = After(key, 0x5c);
    }

    public RadiusSecret(string secret)
        : this(Encoding.UTF8.GetBytes(secret))
    {
    }

    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>HMAC-MD5 of one piece of data under this secret.</summary>
    public void Hmac(ReadOnlySpan<byte> data, Span<byte> hash)
    {
        var inner = StartHmac();
        inner.Append(data);
        FinishHmac(ref inner, hash);
    }

    /// <summary>The inner hash of an HMAC, to which data is appended piece by piece before <see cref="FinishHmac"/>.</summary>
    internal Md5 StartHmac() => Md5.Resume(_inner, Md5.BlockLength);

    internal void FinishHmac(ref Md5 inner, Span<byte> hash)
    {
        Span<byte> digest = stackalloc byte[Md5.HashLength];
        inner.Finish(digest);
        var outer = Md5.Resume(_outer, Md5.BlockLength);
        outer.Append(digest);
        outer.Finish(hash);
    }

    public override string ToString() => "(secret)";

    private static Md5.State After(ReadOnlySpan<byte> key, byte pad)
    {
        Span<byte> block = stackalloc byte[Md5.BlockLength];
        for (var i = 0; i < block.Length; i++)
        {
            block[i] = (byte)(key[i] ^ pad);
        }

        return Md5.After(Md5.State.Initial, block);
    }
}
