using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;

namespace DataDefender.Infrastructure.Identity;

/// <summary>
/// Six-digit codes of an authenticator app (RFC 6238: SHA-1, 30 seconds), one step of clock drift to either side. An accepted code and
/// all before it are used up (ASVS 6.5.1); Identity's own provider would take the same code again for three minutes.
/// </summary>
internal sealed class SingleUseTotp(TimeProvider clock) : IUserTwoFactorTokenProvider<SignInAccount>
{
    private const int StepSeconds = 30;
    private const int Drift = 1;

    public Task<string> GenerateAsync(string purpose, UserManager<SignInAccount> manager, SignInAccount user) =>
        throw new NotSupportedException("Codes come from the person's authenticator app.");

    public async Task<bool> CanGenerateTwoFactorTokenAsync(UserManager<SignInAccount> manager, SignInAccount user) =>
        !string.IsNullOrEmpty(await manager.GetAuthenticatorKeyAsync(user));

    public async Task<bool> ValidateAsync(string purpose, string token, UserManager<SignInAccount> manager, SignInAccount user)
    {
        if (token.Length != 6 || !token.All(char.IsAsciiDigit) || await manager.GetAuthenticatorKeyAsync(user) is not { Length: > 0 } key)
        {
            return false;
        }

        var secret = Base32.Decode(key);
        var now = clock.GetUtcNow().ToUnixTimeSeconds() / StepSeconds;
        for (var step = now - Drift; step <= now + Drift; step++)
        {
            if (step > user.LastTotpStep && CryptographicOperations.FixedTimeEquals(Digits(secret, step), System.Text.Encoding.ASCII.GetBytes(token)))
            {
                user.LastTotpStep = step;
                return (await manager.UpdateAsync(user)).Succeeded; // of two at the same time the row's stamp lets one through
            }
        }

        return false;
    }

    /// <summary>The code of a step, for tests and for whoever plays the app.</summary>
    internal static string CodeAt(string key, DateTimeOffset at) =>
        System.Text.Encoding.ASCII.GetString(Digits(Base32.Decode(key), at.ToUnixTimeSeconds() / StepSeconds));

    private static byte[] Digits(byte[] secret, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // RFC 6238's default, the only one that authenticator apps have in common
        var hash = HMACSHA1.HashData(secret, counter);
#pragma warning restore CA5350
        var offset = hash[^1] & 0x0F; // RFC 4226 §5.3
        var code = (BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(offset)) & 0x7FFF_FFFF) % 1_000_000;
        return System.Text.Encoding.ASCII.GetBytes(code.ToString("000000", CultureInfo.InvariantCulture));
    }
}

/// <summary>RFC 4648 §6, without padding, as authenticator apps write secrets.</summary>
internal static class Base32
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static byte[] Decode(string text)
    {
        var bytes = new List<byte>(text.Length * 5 / 8);
        var (buffer, bits) = (0, 0);
        foreach (var c in text.ToUpperInvariant().Where(c => c is not ('=' or ' ')))
        {
            var value = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (value < 0)
            {
                throw new FormatException("The secret is not base 32.");
            }

            (buffer, bits) = ((buffer << 5) | value, bits + 5);
            if (bits >= 8)
            {
                bits -= 8;
                bytes.Add((byte)(buffer >> bits));
                buffer &= (1 << bits) - 1;
            }
        }

        return [.. bytes];
    }
}
