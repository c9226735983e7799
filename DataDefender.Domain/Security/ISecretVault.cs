namespace DataDefender.Domain.Security;

/// <summary>Where a secret is kept: it can be read back only at the same place, so a copied ciphertext is worthless.</summary>
public readonly record struct SecretPlace(Guid TenantId, string Entity, Guid Id, string Column);

/// <summary>
/// Encrypts secrets that must be read back (router passwords, RADIUS secrets, PPPoE passwords), per company and bound to their row.
/// Opening a company's cipher may ask the database once; after that both directions work in memory.
/// </summary>
public interface ISecretVault
{
    ValueTask<ITenantCipher> OpenAsync(Guid tenantId, CancellationToken ct = default);
}

/// <summary>The key of one company.</summary>
public interface ITenantCipher
{
    string Protect(SecretPlace place, string secret);

    /// <exception cref="System.Security.Cryptography.CryptographicException">The text was changed or belongs to another place.</exception>
    string Reveal(SecretPlace place, string cipherText);
}
