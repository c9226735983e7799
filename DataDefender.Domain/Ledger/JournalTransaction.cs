using System.Security.Cryptography;
using DataDefender.Domain.Common;

namespace DataDefender.Domain.Ledger;

/// <summary>
/// A money event in the books. Never changed or removed; a mistake is taken back by a reversal that names it. Each carries the hash of the
/// one before it, so that a changed, removed or inserted row breaks the company's chain from there on.
/// </summary>
public sealed class JournalTransaction : ITenantOwned, IAppendOnly
{
    public const int HashBytes = 32;
    public const int MaxMemo = 300;

    private readonly List<JournalLine> _lines = [];

    private JournalTransaction() { }

    internal JournalTransaction(Guid tenantId, long sequence, JournalPosting posting, DateOnly effectiveOn, string by, DateTime now, Func<PostingLeg, LedgerAccount> accountOf, byte[] previousHash)
    {
        (TenantId, Sequence, NaturalKey, Kind) = (tenantId, sequence, posting.Key, posting.Kind);
        (EffectiveAt, EffectiveOn, CreatedAt) = (ToMicrosecond(posting.EffectiveAt), effectiveOn, ToMicrosecond(now));
        (By, Memo, SourceType, SourceId, Reverses) = (by, posting.Memo.Length <= MaxMemo ? posting.Memo : posting.Memo[..MaxMemo], posting.SourceType, posting.SourceId, posting.Reverses);
        (ContentHash, PreviousHash) = (posting.ContentHash(), previousHash);
        using var hash = BeginHash();
        foreach (var (index, leg) in posting.Legs.Index())
        {
            var account = accountOf(leg);
            var line = new JournalLine(this, index + 1, account.Id, leg);
            _lines.Add(line);
            line.AppendTo(hash, account);
        }

        Hash = hash.GetHashAndReset();
    }

    public Guid TenantId { get; private set; }

    /// <summary>Counts from 1 without gaps within the company.</summary>
    public long Sequence { get; private set; }

    /// <summary>The event's name within the company; unique.</summary>
    public string NaturalKey { get; private set; } = "";

    public string Kind { get; private set; } = "";

    /// <summary>When it counts (UTC).</summary>
    public DateTime EffectiveAt { get; private set; }

    /// <summary>The day on which it counts, where the company is.</summary>
    public DateOnly EffectiveOn { get; private set; }

    /// <summary>When it was written (UTC).</summary>
    public DateTime CreatedAt { get; private set; }

    /// <summary>Who acted.</summary>
    public string By { get; private set; } = "";

    public string Memo { get; private set; } = "";
    public string SourceType { get; private set; } = "";
    public Guid SourceId { get; private set; }

    /// <summary>The sequence of the transaction that this one takes back.</summary>
    public long? Reverses { get; private set; }

    public byte[] ContentHash { get; private set; } = [];
    public byte[] PreviousHash { get; private set; } = [];
    public byte[] Hash { get; private set; } = [];

    public IReadOnlyList<JournalLine> Lines => _lines;

    /// <summary>The hash anew from what the rows say now; another one than <see cref="Hash"/> means that something was changed.</summary>
    public byte[] ComputeHash(IEnumerable<JournalLine> lines, IReadOnlyDictionary<Guid, LedgerAccount> accounts)
    {
        using var hash = BeginHash();
        foreach (var line in lines)
        {
            line.AppendTo(hash, accounts[line.AccountId]);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>PostgreSQL keeps no more than microseconds, and what is hashed must be what is read back.</summary>
    private static DateTime ToMicrosecond(DateTime at) => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMicrosecond));

    private IncrementalHash BeginHash()
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.Bytes(PreviousHash);
        hash.Bytes(TenantId.ToByteArray());
        hash.Number(Sequence);
        hash.Text(NaturalKey);
        hash.Text(Kind);
        hash.Number(EffectiveAt.Ticks);
        hash.Number(EffectiveOn.DayNumber);
        hash.Number(CreatedAt.Ticks);
        hash.Text(By);
        hash.Text(Memo);
        hash.Text(SourceType);
        hash.Bytes(SourceId.ToByteArray());
        hash.Number(Reverses ?? 0);
        hash.Bytes(ContentHash);
        return hash;
    }
}

/// <summary>One side of a <see cref="JournalTransaction"/>: a debit or a credit on one account, and for some accounts whose it is.</summary>
public sealed class JournalLine : ITenantOwned, IAppendOnly
{
    private JournalLine() { }

    internal JournalLine(JournalTransaction transaction, int number, Guid accountId, PostingLeg leg)
    {
        (TenantId, Sequence, Number, AccountId, ClientId) = (transaction.TenantId, transaction.Sequence, number, accountId, leg.ClientId);
        (Debit, Credit) = (leg.Debit, leg.Credit);
    }

    public Guid TenantId { get; private set; }

    /// <summary>Of its transaction.</summary>
    public long Sequence { get; private set; }

    /// <summary>Counts from 1 within the transaction.</summary>
    public int Number { get; private set; }

    public Guid AccountId { get; private set; }
    public Guid? ClientId { get; private set; }
    public Money Debit { get; private set; }
    public Money Credit { get; private set; }

    internal void AppendTo(IncrementalHash hash, LedgerAccount account)
    {
        hash.Number(Number);
        hash.Text(account.Kind.ToString());
        hash.Text(account.Channel);
        hash.Text(account.Currency);
        hash.Bytes(ClientId?.ToByteArray() ?? []);
        hash.Number(Debit.Minor);
        hash.Number(Credit.Minor);
    }
}

/// <summary>The end of a company's chain and the day up to which its books are closed. Whoever posts holds this row until he commits.</summary>
public sealed class LedgerHead : ITenantOwned
{
    private LedgerHead() { }

    public LedgerHead(Guid tenantId) => TenantId = tenantId;

    public Guid TenantId { get; private set; }
    public long Sequence { get; private set; }
    public byte[] Hash { get; private set; } = new byte[JournalTransaction.HashBytes];

    /// <summary>The last day of the closed period, where the company is; nothing is posted on it or before. Null when all is open.</summary>
    public DateOnly? ClosedThrough { get; private set; }

    internal void Advance(JournalTransaction transaction) => (Sequence, Hash) = (transaction.Sequence, transaction.Hash);

    /// <exception cref="DomainException">The day is before the one up to which the books are closed already.</exception>
    public void Close(DateOnly through)
    {
        if (ClosedThrough is { } closed && through < closed)
        {
            throw new DomainException("ledger.closed", $"The books are closed up to {closed:yyyy-MM-dd} already, and a closed period is not opened again.");
        }

        ClosedThrough = through;
    }
}
