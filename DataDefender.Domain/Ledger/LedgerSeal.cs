using System.Security.Cryptography;
using DataDefender.Domain.Common;

namespace DataDefender.Domain.Ledger;

/// <summary>
/// A day's end of a company's chain under a signature: how far the chain went, its last hash, and what each account held then. Each seal names
/// the one before it. A copy of one kept elsewhere (it is mailed to the owner) shows a chain that was written anew as a whole.
/// </summary>
public sealed class LedgerSeal : ITenantOwned, IAppendOnly
{
    private LedgerSeal() { }

    internal LedgerSeal(Guid tenantId, DateOnly day, LedgerHead head, IReadOnlyList<LedgerSnapshot> balances, byte[] previousRoot, LedgerSealKey key, Func<byte[], byte[]> sign, DateTime now)
    {
        (TenantId, Day, Sequence, HeadHash, PreviousRoot, KeyId, SealedAt) = (tenantId, day, head.Sequence, head.Hash, previousRoot, key.Id, now);
        Root = ComputeRoot(balances);
        Signature = sign(Root);
    }

    public Guid TenantId { get; private set; }

    /// <summary>The day that was over, where the company is.</summary>
    public DateOnly Day { get; private set; }

    /// <summary>The last transaction under it.</summary>
    public long Sequence { get; private set; }

    public byte[] HeadHash { get; private set; } = [];
    public byte[] PreviousRoot { get; private set; } = [];
    public byte[] Root { get; private set; } = [];

    /// <summary>ECDSA P-256 over <see cref="Root"/>.</summary>
    public byte[] Signature { get; private set; } = [];

    public Guid KeyId { get; private set; }
    public DateTime SealedAt { get; private set; }

    /// <summary>SHA-256 of everything under the seal, anew from what the rows say now.</summary>
    public byte[] ComputeRoot(IEnumerable<LedgerSnapshot> balances)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.Bytes(TenantId.ToByteArray());
        hash.Number(Day.DayNumber);
        hash.Number(Sequence);
        hash.Bytes(HeadHash);
        hash.Bytes(PreviousRoot);
        foreach (var balance in balances.OrderBy(b => b.AccountId.ToString("N"), StringComparer.Ordinal))
        {
            hash.Bytes(balance.AccountId.ToByteArray());
            hash.Number(balance.Debit.Minor);
            hash.Number(balance.Credit.Minor);
        }

        return hash.GetHashAndReset();
    }
}

/// <summary>What an account had on both sides when the books were sealed: the sums of its lines up to the seal's last transaction.</summary>
public sealed class LedgerSnapshot : ITenantOwned, IAppendOnly
{
    private LedgerSnapshot() { }

    internal LedgerSnapshot(Guid tenantId, DateOnly day, Guid accountId, Money debit, Money credit) => (TenantId, Day, AccountId, Debit, Credit) = (tenantId, day, accountId, debit, credit);

    public Guid TenantId { get; private set; }

    /// <summary>Of its <see cref="LedgerSeal"/>.</summary>
    public DateOnly Day { get; private set; }

    public Guid AccountId { get; private set; }
    public Money Debit { get; private set; }
    public Money Credit { get; private set; }
}

/// <summary>The key with which a company's books are sealed. The private half is kept under the company's own cipher.</summary>
public sealed class LedgerSealKey : Entity, ITenantOwned
{
    private LedgerSealKey() { }

    internal LedgerSealKey(Guid tenantId, byte[] publicKey, DateTime now) => (TenantId, PublicKey, CreatedAt) = (tenantId, publicKey, now);

    public Guid TenantId { get; private set; }

    /// <summary>SubjectPublicKeyInfo.</summary>
    public byte[] PublicKey { get; private set; } = [];

    [Sensitive]
    public string PrivateKeyCipher { get; private set; } = "";

    public DateTime CreatedAt { get; private set; }

    /// <summary>The first sixteen characters of the SHA-256 of the public key, by which people tell keys apart.</summary>
    public string Fingerprint => FingerprintOf(PublicKey);

    public static string FingerprintOf(byte[] publicKey) => Convert.ToHexStringLower(SHA256.HashData(publicKey))[..16];

    internal void Keep(string privateKeyCipher) => PrivateKeyCipher = privateKeyCipher;

    public bool Verify(byte[] root, byte[] signature)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(PublicKey, out _);
        return key.VerifyData(root, signature, HashAlgorithmName.SHA256);
    }
}
