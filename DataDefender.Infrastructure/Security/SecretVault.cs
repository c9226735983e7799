using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Security;

/// <summary>One AES-256-GCM key a company, kept in the database wrapped by the installation's DataProtection key, unwrapped once a process.</summary>
internal sealed class SecretVault(ContextSource source, IDataProtectionProvider protection, TimeProvider clock) : ISecretVault, IDisposable
{
    private const int CurrentVersion = 1;

    private readonly IDataProtector _wrapper = protection.CreateProtector("DataDefender.TenantKey.v1");
    private readonly ConcurrentDictionary<Guid, ITenantCipher> _ciphers = new();
    private readonly SemaphoreSlim _opening = new(1, 1);

    public ValueTask<ITenantCipher> OpenAsync(Guid tenantId, CancellationToken ct = default) =>
        _ciphers.TryGetValue(tenantId, out var cipher) ? ValueTask.FromResult(cipher) : new ValueTask<ITenantCipher>(LoadAsync(tenantId, ct));

    public void Dispose() => _opening.Dispose();

    private async Task<ITenantCipher> LoadAsync(Guid tenantId, CancellationToken ct)
    {
        await _opening.WaitAsync(ct);
        try
        {
            if (_ciphers.TryGetValue(tenantId, out var known))
            {
                return known;
            }

            var wrapped = await FindAsync(tenantId, ct) ?? await CreateAsync(tenantId, ct);
            return _ciphers[tenantId] = new TenantCipher(tenantId, CurrentVersion, Convert.FromBase64String(_wrapper.Unprotect(wrapped)));
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task<string?> FindAsync(Guid tenantId, CancellationToken ct)
    {
        await using var db = source.Create(null, null);
        return await db.TenantKeys.Where(k => k.TenantId == tenantId && k.KeyVersion == CurrentVersion).Select(k => k.WrappedKey).SingleOrDefaultAsync(ct);
    }

    private async Task<string> CreateAsync(Guid tenantId, CancellationToken ct)
    {
        var wrapped = _wrapper.Protect(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        await using var db = source.Create(null, null);
        db.TenantKeys.Add(new TenantKey { TenantId = tenantId, KeyVersion = CurrentVersion, WrappedKey = wrapped, CreatedAt = clock.GetUtcNow().UtcDateTime });
        try
        {
            await db.SaveChangesAsync(ct);
            return wrapped;
        }
        catch (DbUpdateException taken) when (!ct.IsCancellationRequested)
        {
            // Another process made the company's key at the same moment: its key is the company's.
            return await FindAsync(tenantId, ct) ?? throw new CryptographicException($"No key could be stored for company {tenantId}.", taken);
        }
    }
}

/// <summary>Text form: "1:" + base64(nonce 12 ‖ tag 16 ‖ ciphertext). The place and the key version are authenticated with it.</summary>
internal sealed class TenantCipher(Guid tenantId, int version, byte[] key) : ITenantCipher
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int MaxPlace = 512;
    private const int OnStack = 256;

    private readonly string _prefix = $"{version}:";

    // Setting a key up costs as much as using it, and a start of RadiusHost reveals a million secrets one after the other.
    [ThreadStatic]
    private static AesGcm? _aes;

    [ThreadStatic]
    private static TenantCipher? _aesOf;

    public string Protect(SecretPlace place, string secret)
    {
        var plain = Encoding.UTF8.GetBytes(secret);
        var sealedBytes = new byte[NonceBytes + TagBytes + plain.Length];
        var (nonce, tag, cipher) = Parts(sealedBytes);
        RandomNumberGenerator.Fill(nonce);
        Span<byte> bound = stackalloc byte[MaxPlace];
        Aes().Encrypt(nonce, plain, cipher, tag, bound[..Bind(place, bound)]);
        return _prefix + Convert.ToBase64String(sealedBytes);
    }

    public string Reveal(SecretPlace place, string cipherText)
    {
        if (!cipherText.StartsWith(_prefix, StringComparison.Ordinal))
        {
            throw new CryptographicException($"The secret at {place.Entity}.{place.Column} was written with a key that is not at hand.");
        }

        var text = cipherText.AsSpan(_prefix.Length);
        var most = text.Length / 4 * 3;
        var sealedBytes = most <= OnStack ? stackalloc byte[OnStack] : new byte[most];
        if (!Convert.TryFromBase64Chars(text, sealedBytes[..most], out var length) || length < NonceBytes + TagBytes)
        {
            throw new CryptographicException($"The secret at {place.Entity}.{place.Column} is cut short or garbled.");
        }

        var (nonce, tag, cipher) = Parts(sealedBytes[..length]);
        var plain = cipher.Length <= OnStack ? stackalloc byte[OnStack] : new byte[cipher.Length];
        Span<byte> bound = stackalloc byte[MaxPlace];
        Aes().Decrypt(nonce, cipher, tag, plain[..cipher.Length], bound[..Bind(place, bound)]);
        var secret = Encoding.UTF8.GetString(plain[..cipher.Length]);
        CryptographicOperations.ZeroMemory(plain);
        return secret;
    }

    private AesGcm Aes()
    {
        if (!ReferenceEquals(_aesOf, this))
        {
            _aes?.Dispose();
            (_aes, _aesOf) = (new AesGcm(key, TagBytes), this);
        }

        return _aes!;
    }

    private static Parted Parts(Span<byte> all) => new(all);

    private int Bind(SecretPlace place, Span<byte> bound) =>
        place.TenantId != tenantId ? throw new CryptographicException("The place belongs to another company.")
        : Utf8.TryWrite(bound, CultureInfo.InvariantCulture, $"{place.TenantId:N}|{place.Entity}|{place.Id:N}|{place.Column}|{version}", out var length) ? length
        : throw new ArgumentException("The place's names are too long.", nameof(place));

    private readonly ref struct Parted(Span<byte> all)
    {
        private readonly Span<byte> _all = all;

        public void Deconstruct(out Span<byte> nonce, out Span<byte> tag, out Span<byte> cipher)
        {
            nonce = _all[..NonceBytes];
            tag = _all.Slice(NonceBytes, TagBytes);
            cipher = _all[(NonceBytes + TagBytes)..];
        }
    }
}
