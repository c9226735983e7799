using System.Security.Cryptography;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>What an import came to. With faults nothing was taken.</summary>
public sealed record ImportResult(Guid? ImportId, int Rows, int Known, int Paired, int Waiting, IReadOnlyList<StatementFault> Faults);

public sealed record StatementImportRow(Guid Id, string FileName, string? Channel, PaymentMethod Method, string ImportedBy, DateTime ImportedAt, int Rows, int KnownRows, DateTime? FirstAt, DateTime? LastAt, int Waiting);

public sealed record StatementRowView(Guid Id, string Receipt, DateTime At, Money Amount, string Details, string? Payer, string? Msisdn, string? AccountReference, StatementRowState State, Guid? TransactionId, string? Note);

/// <summary>One day of one channel: what our books have, and what the provider's statement has. Days are the company's.</summary>
/// <param name="Matched">On both sides with the same amount.</param>
/// <param name="OursOnly">In our books, not on the statement.</param>
/// <param name="TheirsOnly">On the statement, not in our books.</param>
/// <param name="AmountDiffers">On both sides with different amounts.</param>
public sealed record SettlementDay(DateOnly Day, Guid? ChannelId, string Channel, Money Expected, Money Received, int Matched, int OursOnly, int TheirsOnly, int AmountDiffers, bool HasStatement)
{
    public Money Difference => Received - Expected;

    public bool IsClosed => HasStatement && OursOnly == 0 && TheirsOnly == 0 && AmountDiffers == 0 && Difference == Money.Zero;
}

/// <summary>Statements of providers and banks: brought in, paired with our payments, and set against them by day.</summary>
public sealed class StatementService(IDataDefenderDbFactory dbFactory, IStatementReader reader, PaymentIntake intake, OrphanService orphans, TimeProvider clock, CurrentUser user)
{
    public const int MaxFileBytes = 20 * 1024 * 1024;
    private const int PairsAtOnce = 500;

    /// <summary>
    /// Reads a file and pairs its rows. Any row that cannot be read stops the import with the reasons, and nothing is taken. A row without
    /// a payment of ours waits for a person, and so does one that takes a payment of ours back.
    /// </summary>
    /// <param name="channelId">Null for the company's bank account.</param>
    public async Task<ImportResult> ImportAsync(Guid? channelId, string fileName, ReadOnlyMemory<byte> file, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        if (file.Length is 0 or > MaxFileBytes)
        {
            throw new DomainException("statement.size", $"A statement is a file of at most {MaxFileBytes / 1024 / 1024} MB that is not empty.");
        }

        var hash = Convert.ToHexString(SHA256.HashData(file.Span));
        await using var db = await dbFactory.OpenAsync(ct);
        var channel = channelId is { } id ? await db.PaymentChannels.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, ct) ?? throw new NotFoundException("Payment channel", id) : null;
        if (await db.StatementImports.AsNoTracking().SingleOrDefaultAsync(i => i.FileHash == hash, ct) is { } taken)
        {
            await ConfirmAsync(await HeldAsync(db, db.StatementRows.Where(r => r.ImportId == taken.Id), ct), ct); // whoever brought it in may have been stopped before
            throw new DomainException("statement.known", "This very file has been imported already.");
        }

        var reading = reader.Read(fileName, file, await ZoneAsync(db, ct));
        if (reading.Faults.Count > 0)
        {
            return new ImportResult(null, reading.Lines.Count, 0, 0, 0, reading.Faults);
        }

        var import = db.StatementImports.Add(new StatementImport(db.TenantId, channel?.Id, channel?.Method ?? PaymentMethod.BankTransfer, fileName, hash, user.Name, clock.GetUtcNow().UtcDateTime)).Entity;
        var rows = Rows(import, reading.Lines).DistinctBy(r => r.Key).ToList();
        var (known, unconfirmed) = await KnownAsync(db, rows, ct);
        var fresh = rows.FindAll(r => !known.Contains(r.Key));
        import.Count(fresh.Count, reading.Lines.Count - fresh.Count, reading.Lines.Min(l => (DateTime?)l.At), reading.Lines.Max(l => (DateTime?)l.At));
        db.StatementRows.AddRange(fresh);
        var (paired, held) = await PairAsync(db, fresh, ct);
        paired += await PairBackAsync(db, fresh, ct);
        await db.SaveAsync(ct);
        await ConfirmAsync([.. held, .. unconfirmed], ct);
        return new ImportResult(import.Id, fresh.Count, reading.Lines.Count - fresh.Count, paired, fresh.Count(r => r.State is StatementRowState.Waiting), []);
    }

    public async Task<PageOf<StatementImportRow>> ImportsAsync(GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        return new PageOf<StatementImportRow>(
            await db.StatementImports.AsNoTracking().OrderByDescending(i => i.ImportedAt).ThenBy(i => i.Id).Skip(query.Page * query.PageSize).Take(query.PageSize)
                .Select(i => new StatementImportRow(i.Id, i.FileName, db.PaymentChannels.Where(c => c.Id == i.ChannelId).Select(c => c.Name).FirstOrDefault(), i.Method, i.ImportedBy, i.ImportedAt, i.Rows, i.KnownRows, i.FirstAt, i.LastAt,
                    db.StatementRows.Count(r => r.ImportId == i.Id && (r.State == StatementRowState.Waiting || r.State == StatementRowState.AmountDiffers)))).ToListAsync(ct),
            await db.StatementImports.CountAsync(ct));
    }

    public async Task<PageOf<StatementRowView>> RowsAsync(GridQuery query, StatementRowState? state, Guid? importId = null, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var rows = Find(db, query.Search, state);
        rows = importId is { } import ? rows.Where(r => r.ImportId == import) : rows;
        return new PageOf<StatementRowView>(await Views(rows).Skip(query.Page * query.PageSize).Take(query.PageSize).ToListAsync(ct), await rows.CountAsync(ct));
    }

    /// <summary>How many rows the list has.</summary>
    public async Task<int> CountRowsAsync(string? search, StatementRowState? state, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        return await Find(db, search, state).CountAsync(ct);
    }

    /// <summary>The newest rows that come behind one in the list; the newest of all without one.</summary>
    public async Task<IReadOnlyList<StatementRowView>> RowsAfterAsync(string? search, StatementRowState? state, ListKey? after, int most, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var rows = Find(db, search, state);
        if (after is { } last)
        {
            rows = rows.Where(r => r.At < last.At || (r.At == last.At && r.Id > last.Id));
        }

        return await Views(rows).Take(most).ToListAsync(ct);
    }

    private static IQueryable<StatementRow> Find(IDataDefenderDb db, string? search, StatementRowState? state)
    {
        var rows = db.StatementRows.AsNoTracking();
        rows = state is { } wanted ? rows.Where(r => r.State == wanted) : rows;
        return new GridQuery(Search: search).Term is { } term
            ? rows.Where(r => r.Receipt.ToLower().Contains(term) || r.Details.ToLower().Contains(term) || (r.AccountReference != null && r.AccountReference.ToLower().Contains(term)))
            : rows;
    }

    private static IQueryable<StatementRowView> Views(IQueryable<StatementRow> rows) => rows.OrderByDescending(r => r.At).ThenBy(r => r.Id)
        .Select(r => new StatementRowView(r.Id, r.Receipt, r.At, r.Amount, r.Details, r.Payer, r.Msisdn, r.AccountReference, r.State, r.TransactionId, r.Note));

    /// <summary>Takes a waiting row into the books: it is money that came and that nobody told us of.</summary>
    public async Task TakeInAsync(Guid rowId, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        StatementRow row;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            row = await RowAsync(db, rowId, ct);
        }

        if (row.State is not StatementRowState.Waiting || row.Amount <= Money.Zero)
        {
            throw new DomainException("statement.state", "Only money that came and waits can be taken in.");
        }

        if (row.ChannelId is { } channel)
        {
            await intake.ApplyAsync(channel, [EvidenceOf(row)], ct);
        }
        else
        {
            await TakeTransferAsync(rowId, ct);
        }

        await using var pairing = await dbFactory.OpenAsync(ct);
        await PairAsync(pairing, [await RowAsync(pairing, rowId, ct)], ct);
        var back = await pairing.StatementRows
            .Where(r => r.State == StatementRowState.Waiting && r.Amount.Minor < 0 && r.TransactionId == null && r.ChannelId == row.ChannelId && r.Method == row.Method
                && (r.Receipt == row.Receipt || r.Details.ToUpper().Contains(row.Receipt))).Take(PairsAtOnce).ToListAsync(ct);
        await PairBackAsync(pairing, back, ct); // it may have been taken back before it was taken in
        await pairing.SaveAsync(ct);
    }

    /// <summary>A row that waits took a payment of ours back: that is reversed, and what it paid is owed again.</summary>
    /// <returns>True when it was done; false when it waits for a second person.</returns>
    public async Task<bool> ReverseAsync(Guid rowId, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        StatementRow row;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            row = await RowAsync(db, rowId, ct);
        }

        return row is { IsReversal: true, TransactionId: { } payment }
            ? await orphans.ReverseAsync(payment, $"Taken back, {row.Receipt} on the statement", ct)
            : throw new DomainException("statement.state", "Only a row that waits and takes a payment of ours back reverses that.");
    }

    /// <summary>Says that a row is nothing of a client's: a fee, a transfer of our own.</summary>
    public async Task SetAsideAsync(Guid rowId, string reason, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        var why = Reasons.Demand(reason);
        await using var db = await dbFactory.OpenAsync(ct);
        (await RowAsync(db, rowId, ct)).SetAside($"{why} ({user.Name})");
        await db.SaveAsync(ct);
    }

    /// <summary>The days up to and with <paramref name="last"/>, newest first, each channel on its own.</summary>
    public async Task<IReadOnlyList<SettlementDay>> SettlementAsync(DateOnly last, int days, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPayments);
        days = Math.Clamp(days, 1, 62);
        await using var db = await dbFactory.OpenAsync(ct);
        var zone = await ZoneAsync(db, ct);
        var (from, until) = (Utc(last.AddDays(1 - days), zone), Utc(last.AddDays(1), zone));
        var channels = await db.PaymentChannels.AsNoTracking().Select(c => new { c.Id, c.Name }).ToDictionaryAsync(c => c.Id, c => c.Name, ct);
        var ours = await db.ProviderTransactions.AsNoTracking()
            .Where(t => t.OccurredAt >= from && t.OccurredAt < until && (t.ChannelId != null || t.Method == PaymentMethod.BankTransfer) && t.State != TransactionState.Reversed && t.State != TransactionState.Test)
            .Select(t => new { t.Id, t.ChannelId, t.OccurredAt, t.Amount.Minor }).ToListAsync(ct);
        var theirs = await db.StatementRows.AsNoTracking()
            .Where(r => r.At >= from && r.At < until && r.Amount.Minor > 0 && r.State != StatementRowState.SetAside

                // What the statement takes back itself is money on neither side.
                && !db.ProviderTransactions.Any(t => t.Id == r.TransactionId && t.State == TransactionState.Reversed
                    && db.StatementRows.Any(b => b.TransactionId == t.Id && b.Amount.Minor < 0 && b.State == StatementRowState.Matched)))
            .Select(r => new { r.ChannelId, r.At, r.Amount.Minor, r.State, r.TransactionId }).ToListAsync(ct);
        var onStatement = theirs.Where(r => r.TransactionId is not null).Select(r => r.TransactionId!.Value).ToHashSet();
        var bought = ours.GroupBy(t => (Day(t.OccurredAt, zone), t.ChannelId)).ToDictionary(g => g.Key, g => g.ToList());
        var brought = theirs.GroupBy(r => (Day(r.At, zone), r.ChannelId)).ToDictionary(g => g.Key, g => g.ToList());
        return [.. bought.Keys.Union(brought.Keys).Select(key =>
        {
            var (mine, there) = (bought.GetValueOrDefault(key) ?? [], brought.GetValueOrDefault(key) ?? []);
            return new SettlementDay(
                key.Item1, key.ChannelId, key.ChannelId is { } channel ? channels.GetValueOrDefault(channel) ?? "?" : "Bank account", new Money(mine.Sum(t => t.Minor)), new Money(there.Sum(r => r.Minor)),
                there.Count(r => r.State is StatementRowState.Matched), mine.Count(t => !onStatement.Contains(t.Id)), there.Count(r => r.State is StatementRowState.Waiting), there.Count(r => r.State is StatementRowState.AmountDiffers), there.Count > 0);
        }).OrderByDescending(d => d.Day).ThenBy(d => d.Channel, StringComparer.Ordinal)];
    }

    /// <summary>The provider paid out to our bank account, and kept its fee.</summary>
    public async Task PaidOutAsync(Guid channelId, decimal amount, decimal fee, string reference, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        Payout.Demand(amount, fee, reference);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var channel = await db.PaymentChannels.AsNoTracking().SingleOrDefaultAsync(c => c.Id == channelId, ct) ?? throw new NotFoundException("Payment channel", channelId);
        var (money, kept, held) = (Money.Of(amount), Money.Of(fee), await LedgerBalances.OfAccountAsync(db, AccountKind.Clearing, channel.Ledger, ct: ct));
        if (money + kept > held)
        {
            throw new DomainException("payout.more", $"{channel.Name} holds {held} by our books; it cannot have paid out {money}{(kept > Money.Zero ? $" and kept {kept}" : "")}.");
        }

        await turn.PostAsync(Payout.Posting(turn, channel.Ledger, channel.Name, "PaymentChannel", channel.Id, money, kept, reference.Trim()), ct);
        await turn.CommitAsync(ct);
    }

    /// <summary>The keys that earlier statements brought, and those of their rows whose payments are not confirmed yet.</summary>
    private static async Task<(HashSet<string> Keys, List<StatementRow> Held)> KnownAsync(IDataDefenderDb db, List<StatementRow> rows, CancellationToken ct)
    {
        var (known, held) = (new HashSet<string>(StringComparer.Ordinal), new List<StatementRow>());
        foreach (var chunk in rows.Select(r => r.Key).Chunk(PairsAtOnce))
        {
            var earlier = db.StatementRows.Where(r => chunk.Contains(r.Key));
            known.UnionWith(await earlier.Select(r => r.Key).ToListAsync(ct));
            held.AddRange(await HeldAsync(db, earlier, ct));
        }

        return (known, held);
    }

    private static Task<List<StatementRow>> HeldAsync(IDataDefenderDb db, IQueryable<StatementRow> rows, CancellationToken ct) => rows.AsNoTracking()
        .Where(r => r.State == StatementRowState.Matched && r.ChannelId != null && r.Amount.Minor > 0 && db.ProviderTransactions.Any(t => t.Id == r.TransactionId && t.IsHeld)).ToListAsync(ct);

    private static PaymentEvidence EvidenceOf(StatementRow row) => new()
    {
        Source = EvidenceSource.Statement, Paid = true, Receipt = row.Receipt, Amount = row.Amount, At = row.At, Msisdn = row.Msisdn, PayerName = row.Payer, AccountReference = row.AccountReference, ResultCode = ResultCodes.Paid,
    };

    /// <summary>Large payments that had waited for the provider's own word: a statement is that.</summary>
    private async Task ConfirmAsync(IReadOnlyList<StatementRow> held, CancellationToken ct)
    {
        foreach (var channel in held.GroupBy(r => r.ChannelId!.Value))
        {
            await intake.ApplyAsync(channel.Key, [.. channel.Select(EvidenceOf)], ct);
        }
    }

    /// <summary>By receipt, in pieces. Pairing confirms the payment: it was said a second time. What had been held is left to whoever gives it to its owner.</summary>
    private async Task<(int Paired, IReadOnlyList<StatementRow> Held)> PairAsync(IDataDefenderDb db, IReadOnlyList<StatementRow> rows, CancellationToken ct)
    {
        var (paired, now, held) = (0, clock.GetUtcNow().UtcDateTime, new List<StatementRow>());
        foreach (var chunk in rows.Where(r => r.State is StatementRowState.Waiting && r.Amount > Money.Zero).Chunk(PairsAtOnce))
        {
            var (method, receipts) = (chunk[0].Method, chunk.Select(r => r.Receipt).ToList());
            var payments = (await db.ProviderTransactions.Where(t => t.Method == method && t.Receipt != null && receipts.Contains(t.Receipt)
                && (t.ChannelId != null || !db.StatementRows.Any(r => r.TransactionId == t.Id && r.Amount.Minor > 0))).ToListAsync(ct)).ToDictionary(t => t.Receipt!, StringComparer.Ordinal);
            foreach (var row in chunk)
            {
                if (payments.TryGetValue(row.Receipt, out var payment))
                {
                    row.Pair(payment);
                    if (payment.ChannelId is null)
                    {
                        payments.Remove(row.Receipt); // a reference that comes again is other money
                    }

                    paired += row.State is StatementRowState.Matched ? 1 : 0;
                    if (payment.IsHeld && row is { State: StatementRowState.Matched, ChannelId: not null })
                    {
                        held.Add(row);
                        continue;
                    }

                    payment.Learn(new PaymentEvidence { Source = EvidenceSource.Statement, Paid = true, PayerName = row.Payer }, now);
                }
            }
        }

        return (paired, held);
    }

    /// <summary>
    /// Finds the payments that rows took back: by their receipts where the whole amount went or the row calls itself a reversal, and by the
    /// receipt of an order of ours that gave it back. Returns how many the books know of.
    /// </summary>
    private static async Task<int> PairBackAsync(IDataDefenderDb db, IEnumerable<StatementRow> rows, CancellationToken ct)
    {
        var paired = 0;
        foreach (var chunk in rows.Where(r => r.Amount < Money.Zero && r.TransactionId is null).Chunk(PairsAtOnce))
        {
            var (method, channel, own) = (chunk[0].Method, chunk[0].ChannelId, chunk.Select(r => r.Receipt).ToList());
            var receipts = chunk.SelectMany(r => r.Receipts()).Distinct(StringComparer.Ordinal).ToList();
            var payments = await db.ProviderTransactions.AsNoTracking().Where(t => t.Method == method && t.ChannelId == channel && t.Receipt != null && receipts.Contains(t.Receipt)).ToDictionaryAsync(t => t.Receipt!, ct);
            var ordered = await (from refund in db.Refunds
                                 where refund.ReceiptBack != null && own.Contains(refund.ReceiptBack) && refund.ChannelId == channel
                                 join payment in db.ProviderTransactions.AsNoTracking() on refund.TransactionId equals payment.Id
                                 select new { Receipt = refund.ReceiptBack!, Payment = payment }).ToListAsync(ct);
            var spoken = payments.Values.Concat(ordered.Select(o => o.Payment)).Select(p => p.Id).Distinct().ToList();
            var back = (await PaymentBooks.BackAsync(db, spoken, ct)).ToDictionary(b => b.Key, b => b.ToList());
            foreach (var known in await db.StatementRows.AsNoTracking().Where(r => r.Amount.Minor < 0 && r.State == StatementRowState.Matched && r.TransactionId != null && spoken.Contains(r.TransactionId.Value)).Select(r => new { Payment = r.TransactionId!.Value, r.Amount.Minor }).ToListAsync(ct))
            {
                back.GetValueOrDefault(known.Payment)?.Remove(-known.Minor);
            }

            foreach (var row in chunk)
            {
                var taken = ordered.Find(o => o.Receipt == row.Receipt)?.Payment
                    ?? row.Receipts().Select(receipt => payments.GetValueOrDefault(receipt)).FirstOrDefault(p => p is not null && (p.Amount == -row.Amount || row.IsReversal));
                if (taken is not null)
                {
                    row.TakeBack(taken, back.GetValueOrDefault(taken.Id)?.Remove(-row.Amount.Minor) is true);
                    paired += row.State is StatementRowState.Matched ? 1 : 0;
                }
            }
        }

        return paired;
    }

    /// <summary>
    /// A transfer to the bank account becomes an orphan; its reference may say whose it is. A reference that an earlier transfer had, as that of a
    /// standing order, is told from it by its day.
    /// </summary>
    private async Task TakeTransferAsync(Guid rowId, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var row = await RowAsync(db, rowId, ct);
        if (row.State is not StatementRowState.Waiting)
        {
            return; // somebody else took it meanwhile
        }

        var receipt = row.Receipt;
        if (await db.ProviderTransactions.AnyAsync(t => t.Method == PaymentMethod.BankTransfer && t.Receipt == receipt, ct))
        {
            var dated = receipt = FormattableString.Invariant($"{receipt} {Day(row.At, await ZoneAsync(db, ct)):yyyy-MM-dd}");
            for (var same = 2; await db.ProviderTransactions.AnyAsync(t => t.Method == PaymentMethod.BankTransfer && t.Receipt == receipt, ct); same++)
            {
                receipt = FormattableString.Invariant($"{dated} {same}");
            }
        }

        var payment = new ProviderTransaction(db.TenantId, PaymentMethod.BankTransfer, null, receipt, row.Amount, EvidenceSource.Statement, row.At, turn.Now);
        payment.Describe(await PaymentBooks.NumberAsync(db, turn, 1, ct), row.Msisdn, row.Payer, row.AccountReference);
        db.ProviderTransactions.Add(payment);
        row.Pair(payment);
        var digits = string.Concat((row.AccountReference ?? row.Details).Where(char.IsAsciiDigit));
        if (Clients.AccountNumbers.IsValid(digits) && await db.Clients.Where(c => c.AccountNumber == digits).Select(c => (Guid?)c.Id).SingleOrDefaultAsync(ct) is { } client)
        {
            payment.ApplyTo(client, user.Name, "From the bank's statement", turn.Now);
            await turn.PostAsync(await PaymentBooks.ToClientAsync(db, turn, payment, Place.Bank, await Billing.Receivables.OpenAsync(db, client, ct), ct), ct);
        }
        else
        {
            await turn.PostAsync(PaymentBooks.ToSuspense(turn, payment, Place.Bank), ct);
        }

        await PaymentReceipts.WriteAsync(db, turn, ct);
        await turn.CommitAsync(ct);
    }

    /// <summary>Each with how many like it stand before it in the file.</summary>
    private static IEnumerable<StatementRow> Rows(StatementImport import, IEnumerable<StatementLine> lines)
    {
        var seen = new Dictionary<(string, DateTime, long), int>();
        foreach (var line in lines)
        {
            var like = (line.Receipt.Trim().ToUpperInvariant(), line.At.Date, line.Amount.Minor);
            var same = seen.GetValueOrDefault(like);
            seen[like] = same + 1;
            yield return new StatementRow(import, line.Line, line, same);
        }
    }

    private static async Task<StatementRow> RowAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.StatementRows.SingleOrDefaultAsync(r => r.Id == id, ct) ?? throw new NotFoundException("Statement row", id);

    private static async Task<TimeZoneInfo> ZoneAsync(IDataDefenderDb db, CancellationToken ct) =>
        TimeZoneInfo.FindSystemTimeZoneById(await db.Companies.AsNoTracking().Where(c => c.Id == db.TenantId).Select(c => c.TimeZone).SingleAsync(ct));

    private static DateOnly Day(DateTime utc, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(utc, zone));

    private static DateTime Utc(DateOnly day, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        return TimeZoneInfo.ConvertTimeToUtc(zone.IsInvalidTime(local) ? local.AddHours(1) : local, zone);
    }
}
