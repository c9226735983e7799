using System.Security.Cryptography;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;

namespace DataDefender.Domain.Billing;

/// <summary>How much of a line, with tax, is to be taken back.</summary>
public sealed record LineCredit(int Line, Money Amount);

/// <summary>Takes back a part or all of an issued invoice, line by line at the rates of that invoice. Final from the start.</summary>
public sealed class CreditNote : Entity, ITenantOwned, IAudited
{
    private readonly List<CreditNoteLine> _lines = [];

    private CreditNote() { }

    internal CreditNote(Invoice invoice, string series, int year, long number, DateOnly issuedOn, string reason, IReadOnlyList<LineCredit> credits, DateTime now)
    {
        if (string.IsNullOrWhiteSpace(reason))
        {
            throw new DomainException("credit.reason", "Say why; it stands on the credit note.");
        }

        (TenantId, ClientId, InvoiceId, InvoiceReference, Currency) = (invoice.TenantId, invoice.ClientId, invoice.Id, invoice.Label, invoice.Currency);
        (Series, FiscalYear, Number, Reference) = (series, year, number, DocumentNumbers.Reference(series, year, number));
        (IssuedOn, IssuedAt, Reason) = (issuedOn, now, reason.Trim());
        invoice.DemandCreditable(new Money(credits.Sum(c => c.Amount.Minor)));
        var sum = default(TaxSplit);
        foreach (var credit in credits)
        {
            var line = invoice.Lines.SingleOrDefault(l => l.Number == credit.Line)
                ?? throw new DomainException("credit.line", $"{invoice.Label} has no line {credit.Line}.");
            var (parts, ahead) = line.Credit(credit.Amount);
            _lines.Add(new CreditNoteLine(this, line, parts, ahead));
            sum += parts;
        }

        if (sum.Total <= Money.Zero)
        {
            throw new DomainException("credit.amount", "Say how much is taken back.");
        }

        (Net, Excise, Vat, Total) = (sum.Net, sum.Excise, sum.Vat, sum.Total);
        ToWallet = invoice.Credit(Total, now);
        ContentHash = ComputeHash(_lines);
    }

    public Guid TenantId { get; private set; }
    public Guid ClientId { get; private set; }
    public Guid InvoiceId { get; private set; }
    public string InvoiceReference { get; private set; } = "";
    public string Currency { get; private set; } = "";
    public string Series { get; private set; } = "";
    public int FiscalYear { get; private set; }
    public long Number { get; private set; }
    public string Reference { get; private set; } = "";
    public DateOnly IssuedOn { get; private set; }
    public DateTime IssuedAt { get; private set; }
    public string Reason { get; private set; } = "";
    public Money Net { get; private set; }
    public Money Excise { get; private set; }
    public Money Vat { get; private set; }
    public Money Total { get; private set; }

    /// <summary>What of it had been paid already and went into the client's wallet.</summary>
    public Money ToWallet { get; private set; }

    public long? JournalSequence { get; private set; }
    public byte[] ContentHash { get; private set; } = [];
    public TaxInvoiceState TaxState { get; private set; } = TaxInvoiceState.None;
    public string? TaxControlNumber { get; private set; }
    public string? TaxSignature { get; private set; }
    public string? TaxVerificationUrl { get; private set; }
    public string? TaxMessage { get; private set; }

    public string AuditLabel => Reference;

    public IReadOnlyList<CreditNoteLine> Lines => _lines;

    internal void PostedAs(long sequence) => JournalSequence = sequence;

    internal void AwaitTaxNumber() => TaxState = TaxInvoiceState.Waiting;

    public void TaxSubmitted() => TaxState = TaxInvoiceState.Submitted;

    public void TaxSigned(string controlNumber, string signature, string verificationUrl) =>
        (TaxState, TaxControlNumber, TaxSignature, TaxVerificationUrl, TaxMessage) = (TaxInvoiceState.Accepted, controlNumber, signature, verificationUrl, null);

    public void TaxRejected(string message) => (TaxState, TaxMessage) = (TaxInvoiceState.Rejected, message);

    internal JournalPosting ToPosting(Invoice invoice, DateTime effectiveAt)
    {
        // Revenue stays as it was booked; what is taken back stands against it. A deposit, a balance brought along and time not yet earned were no revenue.
        var ahead = new Money(_lines.Sum(l => l.Ahead.Minor));
        var legs = _lines.GroupBy(l => invoice.Lines.Single(i => i.Number == l.InvoiceLine).Account is var account and (AccountKind.Deposits or AccountKind.OpeningBalances) ? account : AccountKind.CreditNotes)
            .SelectMany(g => PostingLeg.Net(g.Key, new Money(g.Sum(l => l.Net.Minor - l.Ahead.Minor)), g.Key is AccountKind.Deposits ? ClientId : null))
            .Concat(PostingLeg.Net(AccountKind.DeferredRevenue, ahead))
            .Concat(PostingLeg.Net(AccountKind.ExcisePayable, Excise))
            .Concat(PostingLeg.Net(AccountKind.VatPayable, Vat))
            .Concat(PostingLeg.Net(AccountKind.Receivable, ToWallet - Total, ClientId))
            .Concat(PostingLeg.Net(AccountKind.Wallet, -ToWallet, ClientId));
        return new JournalPosting("credit-note.issued", $"credit-note:{Id}", effectiveAt, $"Credit note {Reference} on {InvoiceReference}", nameof(CreditNote), Id, [.. legs]);
    }

    /// <summary>The hash of what is frozen, anew from what the rows say now.</summary>
    public byte[] ComputeHash(IEnumerable<CreditNoteLine> lines)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.Bytes(TenantId.ToByteArray());
        hash.Bytes(Id.ToByteArray());
        hash.Bytes(InvoiceId.ToByteArray());
        hash.Text(Reference);
        hash.Number(IssuedOn.DayNumber);
        hash.Text(Reason);
        hash.Number(Total.Minor);
        hash.Number(ToWallet.Minor);
        foreach (var line in lines)
        {
            hash.Number(line.InvoiceLine);
            hash.Number(line.Net.Minor);
            hash.Number(line.Excise.Minor);
            hash.Number(line.Vat.Minor);
        }

        return hash.GetHashAndReset();
    }
}

/// <summary>What a credit note takes back of one line.</summary>
public sealed class CreditNoteLine : ITenantOwned
{
    private CreditNoteLine() { }

    internal CreditNoteLine(CreditNote note, InvoiceLine line, TaxSplit parts, Money ahead)
    {
        (TenantId, CreditNoteId, InvoiceLine, Description) = (note.TenantId, note.Id, line.Number, line.Description);
        (TaxBand, ExciseRate, VatRate, VatBase) = (line.TaxBand, line.ExciseRate, line.VatRate, line.VatBase);
        (Net, Excise, Vat, Ahead) = (parts.Net, parts.Excise, parts.Vat, ahead);
    }

    public Guid TenantId { get; private set; }
    public Guid CreditNoteId { get; private set; }

    /// <summary>The number of the invoice's line.</summary>
    public int InvoiceLine { get; private set; }

    public string Description { get; private set; } = "";
    public string TaxBand { get; private set; } = "";
    public int ExciseRate { get; private set; }
    public int VatRate { get; private set; }
    public VatBase VatBase { get; private set; }
    public Money Net { get; private set; }
    public Money Excise { get; private set; }
    public Money Vat { get; private set; }

    /// <summary>What of the net amount had not been earned when it was taken back.</summary>
    public Money Ahead { get; private set; }

    public Money Total => Net + Excise + Vat;
}
