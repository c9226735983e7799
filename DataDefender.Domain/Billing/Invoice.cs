using System.Globalization;
using System.Security.Cryptography;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;

namespace DataDefender.Domain.Billing;

public enum InvoiceStatus
{
    /// <summary>No number yet and nothing posted: may be thrown away and made anew, and printed as pro-forma.</summary>
    Draft,
    Issued,
    PartlyPaid,
    Paid,

    /// <summary>Taken back as a whole before anything was paid. It keeps its number.</summary>
    Void,

    /// <summary>Credit notes have taken all of it back.</summary>
    Credited,

    /// <summary>What was left of it is given up as bad debt.</summary>
    WrittenOff,
}

/// <summary>Where an invoice is with the tax authority.</summary>
public enum TaxInvoiceState
{
    /// <summary>It need not be sent.</summary>
    None,
    Waiting,
    Submitted,
    Accepted,
    Rejected,
}

/// <summary>
/// What a client is asked to pay. From the moment it is issued its lines and figures are frozen under a hash; what moves is how much of it
/// was paid, credited or given up. All of these moves are made in the company's <see cref="LedgerTurn"/>, beside the posting that says so.
/// </summary>
public sealed class Invoice : Entity, ITenantOwned
{
    public const string SourceType = "Invoice";

    private readonly List<InvoiceLine> _lines = [];

    private Invoice() { }

    /// <summary>A draft.</summary>
    public Invoice(Guid tenantId, Guid clientId, string currency, string origin, IReadOnlyList<LineDraft> lines, DateTime now)
    {
        (TenantId, ClientId, Currency, Origin, CreatedAt) = (tenantId, clientId, currency, origin, now);
        if (lines.Count == 0)
        {
            throw new DomainException("invoice.empty", "An invoice has at least one line.");
        }

        var sum = default(TaxSplit);
        foreach (var (index, draft) in lines.Index())
        {
            _lines.Add(new InvoiceLine(TenantId, Id, index + 1, draft));
            sum += draft.Split;
        }

        if (sum.Total < Money.Zero)
        {
            throw new DomainException("invoice.negative", $"The lines come to {sum.Total}. An invoice cannot ask for less than nothing; give a credit note instead.");
        }

        (Net, Excise, Vat, Total) = (sum.Net, sum.Excise, sum.Vat, sum.Total);
    }

    public Guid TenantId { get; private set; }

    /// <summary>Who pays.</summary>
    public Guid ClientId { get; private set; }

    public string Currency { get; private set; } = "";

    /// <summary>What made it: a billing run, a person, a purchase.</summary>
    public string Origin { get; private set; } = "";

    public InvoiceStatus Status { get; private set; } = InvoiceStatus.Draft;

    /// <summary>The number as people write it, such as INV-2026-000123; null for a draft.</summary>
    public string? Reference { get; private set; }

    public string? Series { get; private set; }
    public int? FiscalYear { get; private set; }

    /// <summary>Counts from 1 without gaps within series and year.</summary>
    public long? Number { get; private set; }

    /// <summary>Where the company is.</summary>
    public DateOnly? IssuedOn { get; private set; }

    /// <summary>The last day to pay, where the company is.</summary>
    public DateOnly? DueOn { get; private set; }

    public DateTime CreatedAt { get; private set; }
    public DateTime? IssuedAt { get; private set; }

    /// <summary>When the last of it was paid (UTC); null while something is open.</summary>
    public DateTime? SettledAt { get; private set; }

    public Money Net { get; private set; }
    public Money Excise { get; private set; }
    public Money Vat { get; private set; }
    public Money Total { get; private set; }

    /// <summary>What payments and the wallet have put on it.</summary>
    public Money Paid { get; private set; }

    /// <summary>What credit notes have taken back.</summary>
    public Money Credited { get; private set; }

    /// <summary>What had been paid and was put into the wallet when a credit note took back more than was open.</summary>
    public Money Returned { get; private set; }

    public Money WrittenOff { get; private set; }

    /// <summary>Cents that its payments left and that were let off, see <see cref="Rounding"/>.</summary>
    public Money Rounded { get; private set; }

    /// <summary>The journal transaction that it made; null for a draft and for an invoice of nothing.</summary>
    public long? JournalSequence { get; private set; }

    /// <summary>Why it is void or written off.</summary>
    public string? StatusReason { get; private set; }

    /// <summary>SHA-256 of what was issued.</summary>
    public byte[] ContentHash { get; private set; } = [];

    public TaxInvoiceState TaxState { get; private set; } = TaxInvoiceState.None;

    /// <summary>The control unit's number for this invoice, once the tax authority's device signed it.</summary>
    public string? TaxControlNumber { get; private set; }

    public string? TaxSignature { get; private set; }

    /// <summary>What the QR code on the document leads to.</summary>
    public string? TaxVerificationUrl { get; private set; }

    public string? TaxMessage { get; private set; }

    public IReadOnlyList<InvoiceLine> Lines => _lines;

    /// <summary>What is still to be paid.</summary>
    public Money Balance => Status is InvoiceStatus.Draft or InvoiceStatus.Void ? Money.Zero : Total - Paid - Credited - WrittenOff - Rounded + Returned;

    public bool IsOpen => Status is InvoiceStatus.Issued or InvoiceStatus.PartlyPaid;

    /// <summary>For people, also before it has a number.</summary>
    public string Label => Reference ?? "Draft";

    /// <summary>Freezes it under a number. The number was taken in the same transaction.</summary>
    internal void Issue(string series, int year, long number, DateOnly issuedOn, DateOnly dueOn, DateTime now)
    {
        Require("issue", InvoiceStatus.Draft);
        if (dueOn < issuedOn)
        {
            throw new DomainException("invoice.due", $"It would be due on {dueOn:yyyy-MM-dd}, before the day of issue.");
        }

        (Series, FiscalYear, Number, Reference) = (series, year, number, DocumentNumbers.Reference(series, year, number));
        (IssuedOn, DueOn, IssuedAt, Status) = (issuedOn, dueOn, now, InvoiceStatus.Issued);
        ContentHash = ComputeHash(_lines);
        Settle(now);
    }

    internal void PostedAs(long sequence) => JournalSequence = sequence;

    /// <summary>Puts money on it and returns what was too much.</summary>
    /// <exception cref="DomainException">It is no invoice that one can pay.</exception>
    public Money Apply(Money amount, DateTime now)
    {
        if (amount < Money.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(amount), amount, "A payment is not negative.");
        }

        if (Status is InvoiceStatus.Draft or InvoiceStatus.Void)
        {
            throw Wrong("pay");
        }

        var applied = amount > Balance ? Balance : amount;
        Paid += applied;
        Settle(now);
        return amount - applied;
    }

    /// <summary>Takes money off again: the payment was reversed, or the cheque bounced.</summary>
    public void Release(Money amount, DateTime now)
    {
        if (amount <= Money.Zero || amount > Paid - Returned)
        {
            throw new DomainException("invoice.release", $"{Label} holds {Paid - Returned} of payments; {amount} cannot be taken off it.");
        }

        Paid -= amount;
        Settle(now);
    }

    /// <summary>What credit notes can still take back: discounts lowered what was asked for, and what was written off is not asked for any more.</summary>
    public Money Creditable => Total - Credited - WrittenOff;

    /// <exception cref="DomainException">More than was asked for would be taken back, which the client never owed.</exception>
    internal void DemandCreditable(Money amount)
    {
        if (amount > Creditable)
        {
            throw new DomainException("credit.amount", $"Of {Label} {Creditable} can still be credited, not {amount}: {(WrittenOff > Money.Zero ? $"{WrittenOff} of it was written off" : "its discounts come off its lines")}.");
        }
    }

    /// <summary>Taxes a draft by the rates of the day on which it is issued.</summary>
    internal void TaxAnew(Func<InvoiceLine, TaxRule> rule)
    {
        Require("tax anew", InvoiceStatus.Draft);
        _lines.ForEach(l => l.TaxAnew(rule(l)));
        var sum = _lines.Aggregate(default(TaxSplit), (before, line) => before + line.Split);
        (Net, Excise, Vat, Total) = (sum.Net, sum.Excise, sum.Vat, sum.Total);
    }

    /// <summary>Takes an amount back and returns how much of it had been paid, which belongs to the client's wallet now.</summary>
    internal Money Credit(Money amount, DateTime now)
    {
        Require("credit", InvoiceStatus.Issued, InvoiceStatus.PartlyPaid, InvoiceStatus.Paid);
        var excess = amount > Balance ? amount - Balance : Money.Zero;
        (Credited, Returned) = (Credited + amount, Returned + excess);
        Settle(now);
        return excess;
    }

    internal void Void(string reason, DateTime now)
    {
        Require("void", InvoiceStatus.Issued);
        if (Paid != Money.Zero || Credited != Money.Zero)
        {
            throw new DomainException("invoice.paid", $"{Label} was partly paid or credited; give a credit note instead.");
        }

        if (WrittenOff != Money.Zero)
        {
            throw new DomainException("invoice.written_off", $"{WrittenOff} of {Label} was written off; give a credit note over the rest instead.");
        }

        (Status, StatusReason, SettledAt) = (InvoiceStatus.Void, Because(reason), now);
        _lines.ForEach(l => l.FreeKey());
    }

    /// <summary>It was taken back as a whole: what it charged may be charged anew.</summary>
    internal void FreeKeys()
    {
        Require("free the charges of", InvoiceStatus.Credited);
        _lines.ForEach(l => l.FreeKey());
    }

    /// <summary>Gives up what is open and returns how much that is.</summary>
    internal Money WriteOff(string reason, DateTime now)
    {
        Require("write off", InvoiceStatus.Issued, InvoiceStatus.PartlyPaid);
        var rest = Balance;
        (WrittenOff, StatusReason) = (WrittenOff + rest, Because(reason));
        Settle(now);
        return rest;
    }

    /// <summary>Lets off the cents that are open and returns how much that is.</summary>
    internal Money Round(DateTime now)
    {
        Require("round", InvoiceStatus.PartlyPaid);
        var rest = Balance;
        Rounded += rest;
        Settle(now);
        return rest;
    }

    /// <summary>What was let off counts again; returns how much that is.</summary>
    internal Money Unround(DateTime now)
    {
        var cents = Rounded;
        Rounded = Money.Zero;
        Settle(now);
        return cents;
    }

    internal void AwaitTaxNumber() => TaxState = TaxInvoiceState.Waiting;

    /// <summary>It was void before the authority heard of it.</summary>
    internal void TaxWithdrawn() => TaxState = TaxInvoiceState.None;

    /// <summary>The authority has it and has not answered for good.</summary>
    public void TaxSubmitted() => TaxState = TaxInvoiceState.Submitted;

    public void TaxSigned(string controlNumber, string signature, string verificationUrl) =>
        (TaxState, TaxControlNumber, TaxSignature, TaxVerificationUrl, TaxMessage) = (TaxInvoiceState.Accepted, controlNumber, signature, verificationUrl, null);

    public void TaxRejected(string message) => (TaxState, TaxMessage) = (TaxInvoiceState.Rejected, message);

    /// <summary>The event of issuing as it goes into the books; null for an invoice of nothing.</summary>
    internal JournalPosting? ToPosting(DateTime effectiveAt)
    {
        var legs = PostingLeg.Net(AccountKind.Receivable, Total, ClientId)
            .Concat(_lines.GroupBy(l => (l.Account, Client: l.Account is AccountKind.Deposits ? (Guid?)ClientId : null))
                .SelectMany(g => PostingLeg.Net(g.Key.Account, -new Money(g.Sum(l => l.Net.Minor)), g.Key.Client)))
            .Concat(PostingLeg.Net(AccountKind.ExcisePayable, -Excise))
            .Concat(PostingLeg.Net(AccountKind.VatPayable, -Vat))
            .ToList();
        return legs.Count == 0 ? null : new JournalPosting("invoice.issued", $"invoice:{Id}", effectiveAt, $"Invoice {Reference}", SourceType, Id, legs);
    }

    /// <summary>The hash of what is frozen, anew from what the rows say now.</summary>
    public byte[] ComputeHash(IEnumerable<InvoiceLine> lines)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.Bytes(TenantId.ToByteArray());
        hash.Bytes(Id.ToByteArray());
        hash.Bytes(ClientId.ToByteArray());
        hash.Text(Reference ?? "");
        hash.Text(Currency);
        hash.Number(IssuedOn?.DayNumber ?? 0);
        hash.Number(DueOn?.DayNumber ?? 0);
        hash.Number(Net.Minor);
        hash.Number(Excise.Minor);
        hash.Number(Vat.Minor);
        hash.Number(Total.Minor);
        foreach (var line in lines)
        {
            line.AppendTo(hash);
        }

        return hash.GetHashAndReset();
    }

    private void Settle(DateTime now)
    {
        Status = Balance != Money.Zero ? (Paid - Returned == Money.Zero && Credited == Money.Zero ? InvoiceStatus.Issued : InvoiceStatus.PartlyPaid)
            : WrittenOff > Money.Zero ? InvoiceStatus.WrittenOff
            : Credited == Total && Total > Money.Zero ? InvoiceStatus.Credited
            : InvoiceStatus.Paid;
        SettledAt = Balance == Money.Zero ? SettledAt ?? now : null;
    }

    private static string Because(string reason) => string.IsNullOrWhiteSpace(reason)
        ? throw new DomainException("invoice.reason", "Say why; it stays with the invoice.")
        : reason.Trim();

    private void Require(string verb, params ReadOnlySpan<InvoiceStatus> allowed)
    {
        if (!allowed.Contains(Status))
        {
            throw Wrong(verb);
        }
    }

    private DomainException Wrong(string verb) => new("invoice.status", string.Create(CultureInfo.InvariantCulture, $"{Label} is {Status}; you cannot {verb} it now."));
}
