using DataDefender.Domain.Common;

namespace DataDefender.Domain.Payments;

/// <summary>A statement that a person brought in: of a channel at its provider, or of the company's bank account.</summary>
public sealed class StatementImport : Entity, ITenantOwned, IAudited
{
    private StatementImport() { }

    public StatementImport(Guid tenantId, Guid? channelId, PaymentMethod method, string fileName, string fileHash, string by, DateTime now) =>
        (TenantId, ChannelId, Method, FileName, FileHash, ImportedBy, ImportedAt) = (tenantId, channelId, method, fileName.Length > 120 ? fileName[^120..] : fileName, fileHash, by, now);

    public Guid TenantId { get; private set; }

    /// <summary>Null for a bank account.</summary>
    public Guid? ChannelId { get; private set; }

    public PaymentMethod Method { get; private set; }
    public string FileName { get; private set; } = "";

    /// <summary>SHA-256 of the file: the same file is not taken twice.</summary>
    public string FileHash { get; private set; } = "";

    public string ImportedBy { get; private set; } = "";
    public DateTime ImportedAt { get; private set; }
    public int Rows { get; private set; }

    /// <summary>Rows that an earlier statement had brought already.</summary>
    public int KnownRows { get; private set; }

    public DateTime? FirstAt { get; private set; }
    public DateTime? LastAt { get; private set; }

    public string AuditLabel => FileName;

    public void Count(int rows, int knownRows, DateTime? firstAt, DateTime? lastAt) => (Rows, KnownRows, FirstAt, LastAt) = (rows, knownRows, firstAt, lastAt);
}

public enum StatementRowState
{
    /// <summary>Money that we have no payment for, or that took a payment of ours back; it waits for a person.</summary>
    Waiting,

    /// <summary>The same receipt and the same amount as a payment of ours.</summary>
    Matched,

    /// <summary>The same receipt, another amount.</summary>
    AmountDiffers,

    /// <summary>Nothing of a client's: a fee, a transfer to the bank, or what a person set aside.</summary>
    SetAside,
}

/// <summary>
/// One line of a statement. Its receipt within the channel makes it unique, so that overlapping statements bring it once. At a bank a reference
/// may come again, as that of a standing order: there the day, the amount and its place among the same of that day count too.
/// </summary>
public sealed class StatementRow : Entity, ITenantOwned
{
    private const int MostReceipts = 8;

    private StatementRow() { }

    /// <param name="same">How many rows like it the file has before it.</param>
    public StatementRow(StatementImport import, int line, StatementLine read, int same = 0)
    {
        (TenantId, ImportId, ChannelId, Method, Line) = (import.TenantId, import.Id, import.ChannelId, import.Method, line);
        (Receipt, At, Amount, Details) = (read.Receipt.Trim().ToUpperInvariant(), read.At, read.Amount, Cut(read.Details, 300) ?? "");
        (Payer, Msisdn, AccountReference) = (Cut(read.Payer, 120), Cut(read.Msisdn, 64), Cut(read.AccountReference, 64));
        Key = import.ChannelId is { } channel
            ? read.Amount.Minor < 0 ? FormattableString.Invariant($"{channel:N}:{Receipt}:{read.Amount.Minor}") : $"{channel:N}:{Receipt}:+" // a fee and a reversal may have the receipt of their payment
            : FormattableString.Invariant($"{import.Method}:{Receipt}:{At:yyyyMMdd}:{read.Amount.Minor}:{same}");
        State = read.IsForeign ? StatementRowState.SetAside : StatementRowState.Waiting;
        Note = read.IsForeign ? "Not a client's payment" : null;
    }

    public Guid TenantId { get; private set; }
    public Guid ImportId { get; private set; }
    public Guid? ChannelId { get; private set; }
    public PaymentMethod Method { get; private set; }
    public int Line { get; private set; }
    public string Key { get; private set; } = "";
    public string Receipt { get; private set; } = "";
    public DateTime At { get; private set; }

    /// <summary>Negative for money that went out.</summary>
    public Money Amount { get; private set; }

    public string Details { get; private set; } = "";
    public string? Payer { get; private set; }
    public string? Msisdn { get; private set; }
    public string? AccountReference { get; private set; }
    public StatementRowState State { get; private set; }
    public Guid? TransactionId { get; private set; }
    public string? Note { get; private set; }

    /// <summary>Money went out, by a row that calls itself a reversal.</summary>
    public bool IsReversal => Amount < Money.Zero && State is StatementRowState.Waiting;

    public void Pair(ProviderTransaction transaction) =>
        (TransactionId, State) = (transaction.Id, transaction.Amount == Amount ? StatementRowState.Matched : StatementRowState.AmountDiffers);

    /// <summary>It took a payment of ours back. Unless the books say so too, a person has to look.</summary>
    /// <param name="isInBooks">As much of it went back by one act that no other row speaks of.</param>
    public void TakeBack(ProviderTransaction payment, bool isInBooks)
    {
        TransactionId = payment.Id;
        State = isInBooks ? StatementRowState.Matched
            : payment.Amount != -Amount ? StatementRowState.AmountDiffers
            : payment.State is TransactionState.Refunded or TransactionState.Reversed ? StatementRowState.Matched
            : StatementRowState.Waiting;
        Note = payment.Amount == -Amount ? null : $"Takes {-Amount} of {payment.Amount} back";
    }

    /// <summary>The books have what it took as given back now.</summary>
    public void Settle()
    {
        if (Amount < Money.Zero && State is StatementRowState.Waiting or StatementRowState.AmountDiffers)
        {
            State = StatementRowState.Matched;
        }
    }

    /// <summary>The receipts of which it may speak: its own, then what looks like one in its details.</summary>
    internal IEnumerable<string> Receipts() => string.Concat(Details.ToUpperInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')).Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Where(word => word.Length >= 4 && word.Any(char.IsAsciiDigit) && word.Any(char.IsAsciiLetter)).Take(MostReceipts).Prepend(Receipt);

    public void SetAside(string reason)
    {
        if (State is StatementRowState.Matched)
        {
            throw new DomainException("statement.matched", "This row is paired with a payment already.");
        }

        (State, Note) = (StatementRowState.SetAside, Cut(reason, 300));
    }

    private static string? Cut(string? text, int most) => string.IsNullOrWhiteSpace(text) ? null : text.Trim() is var trimmed && trimmed.Length > most ? trimmed[..most] : trimmed;
}

/// <summary>A row as it was read from a file.</summary>
/// <param name="Line">In the file, counted from 1.</param>
/// <param name="Amount">Negative for money that went out.</param>
/// <param name="IsForeign">A fee or a transfer of the company's own: it is counted, not paired, unless it takes back exactly what a payment brought.</param>
public sealed record StatementLine(
    int Line, string Receipt, DateTime At, Money Amount, string Details, string? Payer = null, string? Msisdn = null, string? AccountReference = null, bool IsForeign = false);

/// <summary>A row that could not be read, and why.</summary>
public sealed record StatementFault(int Line, string Message);

/// <summary>What reading a file came to. With a fault nothing of it is taken.</summary>
public sealed record StatementReading(IReadOnlyList<StatementLine> Lines, IReadOnlyList<StatementFault> Faults);

/// <summary>Reads statements, CSV or Excel, of the layouts that are known.</summary>
public interface IStatementReader
{
    StatementReading Read(string fileName, ReadOnlyMemory<byte> file, TimeZoneInfo zone);

    /// <summary>Reads opening balances: an account number and what the client owes (negative: has in credit).</summary>
    OpeningReading ReadOpening(string fileName, ReadOnlyMemory<byte> file);
}

/// <summary>One client's balance as brought from another system. Positive: he owes.</summary>
public sealed record OpeningLine(int Line, string AccountNumber, Money Owes);

public sealed record OpeningReading(IReadOnlyList<OpeningLine> Lines, IReadOnlyList<StatementFault> Faults);
