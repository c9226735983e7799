using System.Globalization;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Billing;

/// <summary>The first row that is not as it must be.</summary>
/// <param name="Row">The table and the row's number or reference.</param>
public sealed record LedgerFault(Guid CompanyId, string Row, string Reason);

/// <summary>What was looked at, and the first fault if there is one.</summary>
public sealed record LedgerVerdict(int Companies, long Transactions, long Invoices, LedgerFault? Fault);

/// <summary>
/// Recomputes the books of every company from their rows: the chain of hashes, the balance of each transaction and of all, what invoices say
/// against their lines, their numbers and their frozen hash, payments against their entries and the parts of them that were put on invoices and
/// wallets, drawers, what clients owe by the ledger against their open invoices, and that no wallet is below nothing, the signed seals of days with what accounts had then, and that deferred revenue is what lines have unearned. Reads in pages, so memory does not grow with the books but for one sum a client. Whoever owns the database and rewrites
/// the whole chain with its head and its seals, keys included, leaves nothing to find: against that the copy of a seal that was mailed helps.
/// </summary>
public sealed partial class LedgerVerifier
{
    private const int PageSize = 5_000;
    private const string PaymentSource = "Payment";

    /// <summary>Postings that name an invoice as their source and put money on it: from wallets, and what a seed of data notes as paid.</summary>
    private static readonly string[] PaysInvoice = [WalletCredit.Used, "payment.received"];

    private readonly ContextSource _source;

    internal LedgerVerifier(ContextSource source) => _source = source;

    public async Task<LedgerVerdict> VerifyAsync(CancellationToken ct = default)
    {
        List<Guid> companies;
        await using (var db = _source.Create(null, null))
        {
            companies = await db.Companies.OrderBy(c => c.Name).ThenBy(c => c.Id).Select(c => c.Id).ToListAsync(ct);
        }

        var (transactions, invoices) = (0L, 0L);
        foreach (var company in companies)
        {
            await using var db = _source.Create(company, null);
            var books = new Books(db, company);
            var fault = await books.VerifyAsync(ct);
            (transactions, invoices) = (transactions + books.Transactions, invoices + books.Invoices);
            if (fault is not null)
            {
                return new LedgerVerdict(companies.Count, transactions, invoices, fault);
            }
        }

        return new LedgerVerdict(companies.Count, transactions, invoices, null);
    }

    /// <summary>One company's books while they are added up.</summary>
    private sealed partial class Books(DataDefenderDbContext db, Guid company)
    {
        private readonly Dictionary<(AccountKind, Guid), long> _ofClients = [];
        private readonly Dictionary<Guid, long> _openByInvoices = [];
        private Dictionary<Guid, LedgerAccount> _accounts = [];
        private Dictionary<Guid, long> _credited = [];
        private readonly Dictionary<Guid, long> _returned = [];
        private readonly Dictionary<Guid, (long Debit, long Credit)> _sums = [];
        private Queue<LedgerSeal> _seals = [];
        private byte[] _root = [];
        private long _balance;
        private long _unearned;

        public long Transactions { get; private set; }

        public long Invoices { get; private set; }

        public async Task<LedgerFault?> VerifyAsync(CancellationToken ct)
        {
            _accounts = await db.LedgerAccounts.AsNoTracking().ToDictionaryAsync(a => a.Id, ct);
            _seals = new Queue<LedgerSeal>(await db.LedgerSeals.AsNoTracking().OrderBy(s => s.Day).ToListAsync(ct));
            return await JournalAsync(ct) ?? await CreditNotesAsync(ct) ?? await PaymentsAsync(ct) ?? await InvoicesAsync(ct) ?? Clients() ?? Unearned() ?? await DrawersAsync(ct);
        }

        private async Task<LedgerFault?> JournalAsync(CancellationToken ct)
        {
            var hash = new byte[JournalTransaction.HashBytes];
            while (true)
            {
                var first = Transactions + 1;
                var page = await db.JournalTransactions.AsNoTracking().Where(t => t.Sequence >= first).OrderBy(t => t.Sequence).Take(PageSize).ToListAsync(ct);
                if (page.Count == 0)
                {
                    break;
                }

                var last = page[^1].Sequence;
                var lines = (await db.JournalLines.AsNoTracking().Where(l => l.Sequence >= first && l.Sequence <= last).OrderBy(l => l.Sequence).ThenBy(l => l.Number).ToListAsync(ct))
                    .ToLookup(l => l.Sequence);
                foreach (var transaction in page)
                {
                    Transactions++;
                    if (transaction.Sequence != Transactions)
                    {
                        return Fault("journal_transactions", Number(Transactions), "is missing");
                    }

                    if (!transaction.PreviousHash.AsSpan().SequenceEqual(hash))
                    {
                        return Fault("journal_transactions", Number(Transactions), "does not follow the one before it");
                    }

                    if (Wrong(transaction, [.. lines[transaction.Sequence]]) is { } reason)
                    {
                        return Fault("journal_transactions", Number(Transactions), reason);
                    }

                    hash = transaction.Hash;
                    while (_seals.TryPeek(out var seal) && seal.Sequence == Transactions)
                    {
                        if (await WrongAsync(_seals.Dequeue(), hash, ct) is { } broken)
                        {
                            return broken;
                        }
                    }
                }
            }

            if (_seals.TryPeek(out var beyond))
            {
                return Fault("ledger_seals", Day(beyond), $"covers {beyond.Sequence} transactions, of which {Transactions} are there in their order");
            }

            var orphan = await db.JournalLines.AsNoTracking().Where(l => l.Sequence > Transactions || l.Sequence < 1).OrderBy(l => l.Sequence).Select(l => (long?)l.Sequence).FirstOrDefaultAsync(ct);
            if (orphan is { } sequence)
            {
                return Fault("journal_lines", Number(sequence), "belongs to no transaction");
            }

            var head = await db.LedgerHeads.AsNoTracking().SingleOrDefaultAsync(ct);
            return (head?.Sequence ?? 0) != Transactions ? Fault("journal_transactions", Number(Transactions + 1), $"is missing: {head?.Sequence ?? 0} were written and {Transactions} are there")
                : head is not null && !head.Hash.AsSpan().SequenceEqual(hash) ? Fault("ledger_heads", company.ToString(), "does not name the last transaction's hash")
                : _balance != 0 ? Fault("ledger", company.ToString(), $"the trial balance is {new Money(_balance)} and not nothing")
                : null;
        }

        /// <summary>A seal against the chain and the sums as they are at its last transaction, the seal before it, and its signature.</summary>
        private async Task<LedgerFault?> WrongAsync(LedgerSeal seal, byte[] hash, CancellationToken ct)
        {
            if (!seal.HeadHash.AsSpan().SequenceEqual(hash))
            {
                return Fault("ledger_seals", Day(seal), "was made over another chain: the journal was written anew");
            }

            var snapshots = await db.LedgerSnapshots.AsNoTracking().Where(s => s.Day == seal.Day).ToListAsync(ct);
            var wrong = snapshots.Find(s => _sums.GetValueOrDefault(s.AccountId) != (s.Debit.Minor, s.Credit.Minor))?.AccountId
                ?? _sums.Keys.Where(a => snapshots.TrueForAll(s => s.AccountId != a)).Select(a => (Guid?)a).FirstOrDefault();
            if (wrong is { } account)
            {
                return Fault("ledger_snapshots", $"{Day(seal)} {Chart.Name(_accounts[account].Kind)}", "is not the sum of the account's lines");
            }

            var key = await db.LedgerSealKeys.AsNoTracking().SingleOrDefaultAsync(k => k.Id == seal.KeyId, ct);
            var fault = !seal.PreviousRoot.AsSpan().SequenceEqual(_root) ? "does not follow the seal before it"
                : !seal.ComputeRoot(snapshots).AsSpan().SequenceEqual(seal.Root) ? "was changed after it was made"
                : key is null || !key.Verify(seal.Root, seal.Signature) ? "has a signature that is not its key's"
                : null;
            _root = seal.Root;
            return fault is null ? null : Fault("ledger_seals", Day(seal), fault);
        }

        private string? Wrong(JournalTransaction transaction, List<JournalLine> lines)
        {
            var sum = 0L;
            foreach (var line in lines)
            {
                if (!_accounts.TryGetValue(line.AccountId, out var account))
                {
                    return $"has a line on account {line.AccountId}, which is not there";
                }

                sum += line.Debit.Minor - line.Credit.Minor;
                var (debit, credit) = _sums.GetValueOrDefault(line.AccountId);
                _sums[line.AccountId] = (debit + line.Debit.Minor, credit + line.Credit.Minor);
                if (Chart.IsPerClient(account.Kind) && line.ClientId is { } client)
                {
                    var key = (account.Kind, client);
                    _ofClients[key] = _ofClients.GetValueOrDefault(key) + line.Debit.Minor - line.Credit.Minor;
                }
            }

            _balance += sum;
            return !transaction.ComputeHash(lines, _accounts).AsSpan().SequenceEqual(transaction.Hash) ? "was changed after it was written"
                : lines.Count < 2 || sum != 0 ? "does not balance"
                : transaction.Reverses >= transaction.Sequence ? "takes back what came after it"
                : null;
        }

        private async Task<LedgerFault?> CreditNotesAsync(CancellationToken ct)
        {
            var expected = new Dictionary<(string, int), long>();
            for (var page = 0; ; page++)
            {
                var notes = await db.CreditNotes.AsNoTracking().Include(n => n.Lines)
                    .OrderBy(n => n.Series).ThenBy(n => n.FiscalYear).ThenBy(n => n.Number).Skip(page * PageSize).Take(PageSize).AsSplitQuery().ToListAsync(ct);
                foreach (var note in notes)
                {
                    var next = expected[(note.Series, note.FiscalYear)] = expected.GetValueOrDefault((note.Series, note.FiscalYear)) + 1;
                    var lines = note.Lines.OrderBy(l => l.InvoiceLine).ToList();
                    if (note.Number != next)
                    {
                        return Fault("credit_notes", DocumentNumbers.Reference(note.Series, note.FiscalYear, next), "is missing");
                    }

                    if (note.Total.Minor != lines.Sum(l => l.Total.Minor) || note.Total != note.Net + note.Excise + note.Vat)
                    {
                        return Fault("credit_notes", note.Reference, "is not the sum of its lines");
                    }

                    if (!note.ComputeHash(lines).AsSpan().SequenceEqual(note.ContentHash) && !note.ComputeHash(note.Lines).AsSpan().SequenceEqual(note.ContentHash))
                    {
                        return Fault("credit_notes", note.Reference, "was changed after it was issued");
                    }

                    _credited[note.InvoiceId] = _credited.GetValueOrDefault(note.InvoiceId) + note.Total.Minor;
                    _returned[note.InvoiceId] = _returned.GetValueOrDefault(note.InvoiceId) + note.ToWallet.Minor;
                }

                if (notes.Count < PageSize)
                {
                    return null;
                }
            }
        }

        private async Task<LedgerFault?> InvoicesAsync(CancellationToken ct)
        {
            var series = await db.Invoices.AsNoTracking().Where(i => i.Number != null).Select(i => new { i.Series, i.FiscalYear }).Distinct().ToListAsync(ct);
            foreach (var one in series.OrderBy(s => s.Series, StringComparer.Ordinal).ThenBy(s => s.FiscalYear))
            {
                if (await SeriesAsync(one.Series!, one.FiscalYear!.Value, ct) is { } fault)
                {
                    return fault;
                }
            }

            return null;
        }

        private async Task<LedgerFault?> SeriesAsync(string series, int year, CancellationToken ct)
        {
            for (var last = 0L; ;)
            {
                var after = last;
                var invoices = await db.Invoices.AsNoTracking().Include(i => i.Lines)
                    .Where(i => i.Series == series && i.FiscalYear == year && i.Number > after).OrderBy(i => i.Number).Take(PageSize).AsSplitQuery().ToListAsync(ct);
                var moves = await MovesAsync(invoices.ConvertAll(i => i.Id), ct);
                foreach (var invoice in invoices)
                {
                    Invoices++;
                    last++;
                    if (invoice.Number != last)
                    {
                        return Fault("invoices", DocumentNumbers.Reference(series, year, last), "is missing");
                    }

                    if (Wrong(invoice, moves[invoice.Id].ToDictionary(m => m.Kind, m => m.Credit, StringComparer.Ordinal)) is { } reason)
                    {
                        return Fault("invoices", invoice.Label, reason);
                    }

                    _unearned += invoice.Status is InvoiceStatus.Void ? 0 : invoice.Lines.Sum(l => l.Unearned.Minor);
                    if (invoice.IsOpen)
                    {
                        _openByInvoices[invoice.ClientId] = _openByInvoices.GetValueOrDefault(invoice.ClientId) + invoice.Balance.Minor;
                    }
                }

                if (invoices.Count < PageSize)
                {
                    return null;
                }
            }
        }

        /// <summary>What postings that name one of these invoices took off what is owed, by their kinds.</summary>
        private async Task<ILookup<Guid, (string Kind, long Credit)>> MovesAsync(List<Guid> invoices, CancellationToken ct)
        {
            var receivable = _accounts.Values.Where(a => a.Kind is AccountKind.Receivable).Select(a => a.Id).ToList();
            var moves = await (
                from transaction in db.JournalTransactions.AsNoTracking()
                join line in db.JournalLines on transaction.Sequence equals line.Sequence
                where transaction.SourceType == Invoice.SourceType && invoices.Contains(transaction.SourceId) && receivable.Contains(line.AccountId)
                group line.Credit.Minor - line.Debit.Minor by new { transaction.SourceId, transaction.Kind } into sums
                select new { sums.Key.SourceId, sums.Key.Kind, Credit = sums.Sum() }).ToListAsync(ct);
            return moves.ToLookup(m => m.SourceId, m => (m.Kind, m.Credit));
        }

        /// <param name="moves">What the books took off it, by the kind of posting.</param>
        private string? Wrong(Invoice invoice, Dictionary<string, long> moves)
        {
            var put = _allocated.GetValueOrDefault(invoice.Id) + PaysInvoice.Sum(kind => moves.GetValueOrDefault(kind));
            var lines = invoice.Lines.OrderBy(l => l.Number).ToList();
            return invoice.Total != invoice.Net + invoice.Excise + invoice.Vat || invoice.Total.Minor != lines.Sum(l => l.Total.Minor)
                    || invoice.Excise.Minor != lines.Sum(l => l.Excise.Minor) || invoice.Vat.Minor != lines.Sum(l => l.Vat.Minor) ? "is not the sum of its lines"
                : !invoice.ComputeHash(lines).AsSpan().SequenceEqual(invoice.ContentHash) ? "was changed after it was issued"
                : invoice.Balance < Money.Zero || invoice.Paid < Money.Zero || invoice.Credited > invoice.Total ? $"holds more than it asks for: {invoice.Balance} are open"
                : invoice.Credited.Minor != _credited.GetValueOrDefault(invoice.Id) || invoice.Credited.Minor != lines.Sum(l => l.Credited.Minor) ? "says another credited amount than its credit notes"
                : invoice.Paid.Minor != put ? $"says that {invoice.Paid} were paid, and payments and wallets put {new Money(put)} on it"
                : invoice.Returned.Minor != _returned.GetValueOrDefault(invoice.Id) ? $"says that {invoice.Returned} of what was paid went back, and its credit notes say {new Money(_returned.GetValueOrDefault(invoice.Id))}"
                : invoice.WrittenOff.Minor != moves.GetValueOrDefault(Invoicing.WrittenOff) ? $"says that {invoice.WrittenOff} are given up, and the ledger says {new Money(moves.GetValueOrDefault(Invoicing.WrittenOff))}"
                : invoice.Rounded.Minor != moves.GetValueOrDefault(Rounding.Off) + moves.GetValueOrDefault(Rounding.Back) ? $"says that {invoice.Rounded} were let off as rounding, and the ledger says {new Money(moves.GetValueOrDefault(Rounding.Off) + moves.GetValueOrDefault(Rounding.Back))}"
                : invoice.IsOpen == (invoice.Balance == Money.Zero) ? $"is {invoice.Status} with {invoice.Balance} open"
                : null;
        }

        private LedgerFault? Clients()
        {
            foreach (var ((kind, client), debit) in _ofClients.OrderBy(c => c.Key.Item2))
            {
                if (kind is AccountKind.Receivable && debit != _openByInvoices.GetValueOrDefault(client))
                {
                    return Fault("clients", client.ToString(), $"owes {new Money(debit)} by the ledger and {new Money(_openByInvoices.GetValueOrDefault(client))} on open invoices");
                }

                if (kind is not AccountKind.Receivable && debit > 0)
                {
                    return Fault("clients", client.ToString(), $"has {new Money(-debit)} on {Chart.Name(kind)}, which is less than nothing");
                }
            }

            var unposted = _openByInvoices.Where(o => o.Value != 0 && !_ofClients.ContainsKey((AccountKind.Receivable, o.Key))).Select(o => (Guid?)o.Key).FirstOrDefault();
            return unposted is { } owing ? Fault("clients", owing.ToString(), $"owes nothing by the ledger and {new Money(_openByInvoices[owing])} on open invoices") : null;
        }

        /// <summary>What waits to be earned by the ledger against the lines that it was billed on.</summary>
        private LedgerFault? Unearned()
        {
            var held = _sums.Where(s => _accounts[s.Key].Kind is AccountKind.DeferredRevenue).Sum(s => s.Value.Credit - s.Value.Debit);
            return held == _unearned ? null : Fault("ledger", company.ToString(), $"holds {new Money(held)} of deferred revenue, and {new Money(_unearned)} of invoice lines are unearned");
        }

        private static string Day(LedgerSeal seal) => seal.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

        private LedgerFault Fault(string table, string row, string reason) => new(company, $"{table} {row}", reason);

        private static string Number(long sequence) => sequence.ToString(CultureInfo.InvariantCulture);
    }
}
