using DataDefender.Domain.Common;

namespace DataDefender.Domain.Billing.TaxInvoices;

/// <summary>A control unit with its key in clear, for the time of a call.</summary>
public sealed record TaxDeviceAccess(Uri BaseUrl, string Pin, string BranchId, string SerialNumber, string? Key, string? ControlUnitId, string ItemCode, string ItemClass)
{
    public override string ToString() => $"{BaseUrl} {Pin} {BranchId}"; // a record would print its key
}

/// <summary>A document as the tax authority wants it: no negative line, amounts in the company's currency.</summary>
/// <param name="Number">Names it at the authority for ever.</param>
/// <param name="OriginalNumber">Of the invoice that this one takes back; null for an invoice.</param>
/// <param name="At">When it was issued, by the company's clock.</param>
public sealed record TaxDocument(
    long Number, long? OriginalNumber, string Reference, string SellerName, string? SellerAddress, string? BuyerPin, string BuyerName, string? BuyerPhone, DateTime At, string? Reason,
    IReadOnlyList<TaxDocumentLine> Lines)
{
    public Money Total => new(Lines.Sum(l => l.Total.Minor));
}

/// <param name="VatRate">Hundredths of a percent.</param>
/// <param name="Supply">Before the discount and with excise, without VAT.</param>
/// <param name="Taxable">What VAT is reckoned on.</param>
public sealed record TaxDocumentLine(string Description, string Band, int VatRate, Money Supply, Money Discount, Money Taxable, Money Vat, Money Total);

/// <summary>What became of sending a document.</summary>
public abstract record TransmissionOutcome
{
    private TransmissionOutcome() { }

    /// <param name="ControlNumber">The CU invoice number.</param>
    public sealed record Accepted(string Code, string ControlNumber, string Signature, string VerificationUrl) : TransmissionOutcome;

    /// <summary>The code of a refusal that says that the authority has a document of this number already.</summary>
    public const string AlreadyThere = "994";

    /// <summary>The authority understood and does not want it.</summary>
    public sealed record Refused(string Code, string Message) : TransmissionOutcome;

    /// <summary>It never arrived.</summary>
    public sealed record NotReached(string Message) : TransmissionOutcome;

    /// <summary>It may have arrived: sent again under its number.</summary>
    public sealed record Unknown(string Message) : TransmissionOutcome;
}

/// <summary>What became of setting a control unit up.</summary>
public abstract record DeviceOutcome
{
    private DeviceOutcome() { }

    public sealed record Ready(string Key, string? ControlUnitId, string? TaxpayerName) : DeviceOutcome;

    public sealed record Refused(string Message) : DeviceOutcome;
}

/// <summary>The way to the tax authority. Sending the same number twice is safe: it signs it once.</summary>
public interface ITaxInvoiceTransmitter
{
    /// <summary>Whether this installation may call that address.</summary>
    bool IsAllowed(Uri address);

    Task<DeviceOutcome> ConnectAsync(TaxDeviceAccess device, CancellationToken ct = default);

    Task<TransmissionOutcome> SendAsync(TaxDeviceAccess device, TaxDocument document, CancellationToken ct = default);
}
