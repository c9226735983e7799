using DataDefender.Domain.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace DataDefender.Domain.Ledger;

/// <summary>What a turn knows of the company whose books it writes.</summary>
public sealed record LedgerCompany(Guid Id, string Currency, TimeZoneInfo TimeZone)
{
    /// <summary>The day where the company is.</summary>
    public DateOnly DayOf(DateTime utc) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(utc, TimeZone));
}

/// <summary>
/// The turn to write in a company's books: a transaction that holds the end of its chain, so that one at a time posts, takes document
/// numbers and moves what invoices and wallets hold. Taken by <see cref="IDataDefenderDb.TakeLedgerTurnAsync"/>; keep it short and make no
/// call to the outside in it. Dispose without a commit takes all back.
/// </summary>
public sealed class LedgerTurn(IDataDefenderDb db, LedgerCompany company, LedgerHead head, string by, DateTime now, IDbContextTransaction transaction, IDisposable? place) : IAsyncDisposable
{
    private readonly List<Func<CancellationToken, Task>> _last = [];
    private Dictionary<(AccountKind, string), LedgerAccount>? _accounts;

    public LedgerCompany Company => company;

    internal IDataDefenderDb Db => db;

    /// <summary>When the turn was taken (UTC): one time for everything that is written in it.</summary>
    public DateTime Now => now;

    public DateOnly Today => company.DayOf(now);

    public string By => by;

    public DateOnly? ClosedThrough => head.ClosedThrough;

    /// <summary>Closes the books up to and with that day.</summary>
    public void Close(DateOnly through) => head.Close(through);

    /// <summary>Posts one event; posted again under its key, it gives back the first.</summary>
    public async Task<JournalTransaction> PostAsync(JournalPosting posting, CancellationToken ct = default) => (await PostAsync([posting], ct))[0];

    /// <summary>Posts several events with one look for those that are there already.</summary>
    /// <exception cref="DomainException">One does not balance, falls into a closed period, or its key belongs to another event.</exception>
    public async Task<IReadOnlyList<JournalTransaction>> PostAsync(IReadOnlyList<JournalPosting> postings, CancellationToken ct = default)
    {
        _accounts ??= await db.LedgerAccounts.ToDictionaryAsync(a => (a.Kind, a.Channel), ct);
        var known = await FindAsync(postings, ct);
        var posted = new List<JournalTransaction>(postings.Count);
        foreach (var posting in postings)
        {
            posting.Demand();
            if (known.TryGetValue(posting.Key, out var first))
            {
                posted.Add(Same(first, posting));
                continue;
            }

            var day = company.DayOf(posting.EffectiveAt);
            if (head.ClosedThrough is { } closed && day <= closed)
            {
                throw new DomainException("ledger.closed", $"“{posting.Memo}” counts on {day:yyyy-MM-dd}, and the books are closed up to {closed:yyyy-MM-dd}. Give it a later day.");
            }

            var written = new JournalTransaction(company.Id, head.Sequence + 1, posting, day, by, now, AccountOf, head.Hash);
            head.Advance(written);
            db.JournalTransactions.Add(written);
            known[posting.Key] = written;
            posted.Add(written);
        }

        return posted;
    }

    /// <summary>Takes a transaction back by one with its legs the other way round.</summary>
    /// <exception cref="DomainException">It was taken back already, or is itself a reversal.</exception>
    public async Task<JournalTransaction> ReverseAsync(long sequence, string kind, string key, string memo, DateTime effectiveAt, CancellationToken ct = default)
    {
        var original = db.JournalTransactions.Local.FirstOrDefault(t => t.Sequence == sequence)
            ?? await db.JournalTransactions.Include(t => t.Lines).SingleOrDefaultAsync(t => t.Sequence == sequence, ct)
            ?? throw new NotFoundException("Journal transaction", sequence);
        if (original.Reverses is not null)
        {
            throw new DomainException("ledger.reversal", $"Transaction {sequence} is a reversal; post the event anew instead.");
        }

        var reversed = db.JournalTransactions.Local.FirstOrDefault(t => t.Reverses == sequence)
            ?? await db.JournalTransactions.SingleOrDefaultAsync(t => t.Reverses == sequence, ct);
        if (reversed is not null && reversed.NaturalKey != key)
        {
            throw new DomainException("ledger.reversed", $"Transaction {sequence} was taken back by {reversed.Sequence} already.");
        }

        _accounts ??= await db.LedgerAccounts.ToDictionaryAsync(a => (a.Kind, a.Channel), ct);
        var byId = _accounts.Values.ToDictionary(a => a.Id);
        var legs = original.Lines.OrderBy(l => l.Number)
            .Select(l => new PostingLeg(byId[l.AccountId].Kind, l.Credit, l.Debit, l.ClientId, byId[l.AccountId].Channel is { Length: > 0 } channel ? channel : null));
        return await PostAsync(new JournalPosting(kind, key, effectiveAt, memo, original.SourceType, original.SourceId, [.. legs]) { Reverses = sequence }, ct);
    }

    /// <summary>Has something written last, when all that the turn does is known: what is told of an invoice whose payment comes in the same turn.</summary>
    public void BeforeCommit(Func<CancellationToken, Task> write) => _last.Add(write);

    /// <summary>Saves and commits what was done in this turn.</summary>
    public async Task CommitAsync(CancellationToken ct = default)
    {
        foreach (var write in _last)
        {
            await write(ct);
        }

        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        using (place) // also when the transaction cannot be ended, or every later writer would wait
        {
            await transaction.DisposeAsync();
        }
    }

    private static JournalTransaction Same(JournalTransaction first, JournalPosting posting) => first.ContentHash.AsSpan().SequenceEqual(posting.ContentHash())
        ? first
        : throw new DomainException("ledger.key", $"“{posting.Memo}”: {posting.Key} is in the books already, as transaction {first.Sequence} with other content.");

    private async Task<Dictionary<string, JournalTransaction>> FindAsync(IReadOnlyList<JournalPosting> postings, CancellationToken ct)
    {
        var keys = postings.Select(p => p.Key).ToList();
        var wanted = keys.ToHashSet(StringComparer.Ordinal);
        var known = await db.JournalTransactions.Where(t => keys.Contains(t.NaturalKey)).ToDictionaryAsync(t => t.NaturalKey, StringComparer.Ordinal, ct);
        foreach (var unsaved in db.Held<JournalTransaction>().Where(t => wanted.Contains(t.NaturalKey)))
        {
            known[unsaved.NaturalKey] = unsaved;
        }

        return known;
    }

    private LedgerAccount AccountOf(PostingLeg leg)
    {
        var key = (leg.Account, leg.Channel ?? "");
        if (!_accounts!.TryGetValue(key, out var account))
        {
            _accounts[key] = account = db.LedgerAccounts.Add(new LedgerAccount(company.Id, leg.Account, key.Item2, company.Currency)).Entity;
        }

        return account;
    }
}
