using System.Security.Cryptography;
using System.Text;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.Infrastructure.Tests.Radius;

public sealed class HashTests
{
    [Theory] // RFC 1321 §A.5
    [InlineData("", "d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("a", "0cc175b9c0f1b6a831c399e269772661")]
    [InlineData("abc", "900150983cd24fb0d6963f7d28e17f72")]
    [InlineData("message digest", "f96b697d7cb7938d525a2f31aaf161d0")]
    [InlineData("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345678901234567890", "57edf4a22be3c955ac49da2e2107b67a")]
    public void Md5_gives_the_known_answers(string text, string expected)
    {
        var hash = new byte[Md5.HashLength];
        Md5.Hash(Encoding.ASCII.GetBytes(text), hash);
        Assert.Equal(expected, Convert.ToHexStringLower(hash));
    }

    [Theory] // RFC 1320 §A.5
    [InlineData("", "31d6cfe0d16ae931b73c59d7e0c089c0")]
    [InlineData("a", "bde52cb31de33e46245e05fbdbd6fb24")]
    [InlineData("abc", "a448017aaf21d8525fc10ae87aa6729d")]
    [InlineData("message digest", "d9130a8164549fe818874806e1c7014b")]
    [InlineData("abcdefghijklmnopqrstuvwxyz", "d79e1c308aa5bbcdeea8ed63df412da9")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "043f8582f241db351ce627e153e7f0e4")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345678901234567890", "e33b4ddc9c38f2199c3e7b164fcc0536")]
    public void Md4_gives_the_known_answers(string text, string expected)
    {
        var hash = new byte[Md4.HashLength];
        Md4.Hash(Encoding.ASCII.GetBytes(text), hash);
        Assert.Equal(expected, Convert.ToHexStringLower(hash));
    }

    [Theory] // RFC 3174 §7.3
    [InlineData("abc", "a9993e364706816aba3e25717850c26c9cd0d89d")]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1")]
    public void Sha1_gives_the_known_answers(string text, string expected)
    {
        var hash = new byte[Sha1.HashLength];
        Sha1.Hash(Encoding.ASCII.GetBytes(text), hash);
        Assert.Equal(expected, Convert.ToHexStringLower(hash));
    }

    [Theory] // RFC 2202 §2: key, data, digest
    [InlineData("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265", "9294727a3638bb1c13f48ef8158bfc9d")]
    [InlineData("4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f", "750c783e6ab0b503eaa86e310a5db738")]
    [InlineData("0102030405060708090a0b0c0d0e0f10111213141516171819", "cd*50", "697eaf0aca3a3aea3a75164746ffaa79")]
    [InlineData("aa*80", "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374", "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd")]
    public void Hmac_gives_the_known_answers(string key, string data, string expected)
    {
        var hash = new byte[Md5.HashLength];
        new RadiusSecret(Octets(key)).Hmac(Octets(data), hash);
        Assert.Equal(expected, Convert.ToHexStringLower(hash));
    }

    [Fact]
    public void Md5_agrees_with_the_platform_for_every_length_and_every_split()
    {
        var random = new Random(1321);
        var hash = new byte[Md5.HashLength];
        for (var length = 0; length < 400; length++)
        {
            var data = new byte[length];
            random.NextBytes(data);
            var (first, second) = (random.Next(length + 1), random.Next(length + 1));
            (first, second) = (Math.Min(first, second), Math.Max(first, second));

            var md5 = Md5.Start();
            md5.Append(data.AsSpan(0, first));
            md5.Append(data.AsSpan(first, second - first));
            md5.Append(data.AsSpan(second));
            md5.Finish(hash);

            Assert.Equal(MD5.HashData(data), hash);
        }
    }

    [Fact]
    public void Sha1_agrees_with_the_platform_for_every_length()
    {
        var random = new Random(3174);
        var hash = new byte[Sha1.HashLength];
        for (var length = 0; length < 400; length++)
        {
            var data = new byte[length];
            random.NextBytes(data);
            Sha1.Hash(data, hash);
            Assert.Equal(SHA1.HashData(data), hash);
        }
    }

    [Fact]
    public void Hmac_agrees_with_the_platform_for_keys_shorter_and_longer_than_a_block()
    {
        var random = new Random(2104);
        var hash = new byte[Md5.HashLength];
        for (var length = 1; length < 150; length++)
        {
            var (key, data) = (new byte[length], new byte[random.Next(300)]);
            random.NextBytes(key);
            random.NextBytes(data);

            new RadiusSecret(key).Hmac(data, hash);

            Assert.Equal(HMACMD5.HashData(key, data), hash);
        }
    }

    [Fact]
    public void A_secret_never_prints_itself() => Assert.DoesNotContain("xyzzy", new RadiusSecret("xyzzy5461").ToString(), StringComparison.Ordinal);

    [Fact]
    public void An_empty_secret_is_refused() => Assert.Throws<ArgumentException>(() => new RadiusSecret(string.Empty));

    // "aa*80" is octet aa, 80 times.
    private static byte[] Octets(string hex) => hex.Split('*') is [var octet, var times]
        ? [.. Enumerable.Repeat(Convert.FromHexString(octet)[0], int.Parse(times, System.Globalization.CultureInfo.InvariantCulture))]
        : Convert.FromHexString(hex);
}
