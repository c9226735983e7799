using DataDefender.Domain.Common;

namespace DataDefender.Domain.Billing.TaxInvoices;

public enum TaxDocumentKind
{
    Invoice,
    CreditNote,

    /// <summary>An invoice that was void after the authority may have heard of it: all of it is taken back there.</summary>
    VoidedInvoice,
}

public enum TransmissionState
{
    Waiting,

    /// <summary>Given to the authority, and no answer is known yet. It is sent again under the same number.</summary>
    Sending,

    /// <summary>Signed by the control unit.</summary>
    Accepted,

    /// <summary>The authority does not want it as it is; the reason stands beside it, and a person sends it again.</summary>
    Refused,

    /// <summary>Its invoice was void before anything was sent.</summary>
    Withdrawn,
}

/// <summary>
/// A document on its way to the tax authority. It is written in the transaction that issues the document, sent in the order of its numbers
/// and signed at most once: its number is what the authority knows it by, however often it is sent.
/// </summary>
public sealed class TaxTransmission : Entity, ITenantOwned
{
    private static readonly TimeSpan[] Pauses =
        [TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1)];

    private TaxTransmission() { }

    internal TaxTransmission(Guid tenantId, long sequence, TaxDocumentKind kind, Guid documentId, string reference, Guid invoiceId, long? originalSequence, DateTime now)
    {
        (TenantId, Sequence, Kind, DocumentId, Reference) = (tenantId, sequence, kind, documentId, reference);
        (InvoiceId, OriginalSequence, QueuedAt, NextAttemptAt) = (invoiceId, originalSequence, now, now);
    }

    public Guid TenantId { get; private set; }

    /// <summary>The number by which the authority knows the document; counts within the company over all kinds and years.</summary>
    public long Sequence { get; private set; }

    public TaxDocumentKind Kind { get; private set; }

    /// <summary>The invoice's or the credit note's id.</summary>
    public Guid DocumentId { get; private set; }

    /// <summary>Our number on the document.</summary>
    public string Reference { get; private set; } = "";

    /// <summary>The invoice itself, or the one that is taken back.</summary>
    public Guid InvoiceId { get; private set; }

    /// <summary>The number of the invoice that is taken back; it must be signed before.</summary>
    public long? OriginalSequence { get; private set; }

    public TransmissionState State { get; private set; } = TransmissionState.Waiting;
    public DateTime QueuedAt { get; private set; }
    public DateTime NextAttemptAt { get; private set; }
    public int Attempts { get; private set; }
    public DateTime? LastAttemptAt { get; private set; }
    public DateTime? SettledAt { get; private set; }

    /// <summary>Waits for its invoice, and others pass it meanwhile.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>The authority's own code of its last answer, such as 000 or 921.</summary>
    public string? ResultCode { get; private set; }

    /// <summary>Why it is where it is.</summary>
    public string? Message { get; private set; }

    public string? ControlNumber { get; private set; }

    /// <summary>It is about to leave: saved before it does, so that a process that dies here leaves a trace.</summary>
    internal void Begin(DateTime now, TimeSpan patience)
    {
        if (State is not (TransmissionState.Waiting or TransmissionState.Sending))
        {
            throw Wrong("sent");
        }

        (State, Attempts, LastAttemptAt, NextAttemptAt, IsHeld) = (TransmissionState.Sending, Attempts + 1, now, now + patience, false);
    }

    internal void Hold(string why, DateTime until) => (IsHeld, Message, NextAttemptAt) = (true, why, until);

    internal void Release(DateTime now) => (IsHeld, NextAttemptAt) = (false, now);

    /// <summary>No answer that says anything: the same again after a while. It stays unknown whether the authority has it unless nothing can have left.</summary>
    internal void TryLater(string why, bool nothingLeft, DateTime now)
    {
        State = nothingLeft && Attempts <= 1 ? TransmissionState.Waiting : TransmissionState.Sending;
        (Message, NextAttemptAt) = (why, now + Pauses[Math.Min(Attempts, Pauses.Length) - 1]);
    }

    internal void Sign(string controlNumber, string code, DateTime now) =>
        (State, ControlNumber, ResultCode, Message, SettledAt) = (TransmissionState.Accepted, controlNumber, code, null, now);

    internal void Refuse(string code, string why, DateTime now) => (State, ResultCode, Message, SettledAt) = (TransmissionState.Refused, code, why, now);

    internal void Withdraw(DateTime now)
    {
        if (State is not TransmissionState.Refused && (State is not TransmissionState.Waiting || Attempts > 0))
        {
            throw Wrong("taken back");
        }

        (State, SettledAt, Message) = (TransmissionState.Withdrawn, now, "The invoice was void before it was sent.");
    }

    /// <summary>A person has put right what was refused.</summary>
    internal void Retry(DateTime now)
    {
        if (State is not TransmissionState.Refused)
        {
            throw Wrong("sent again");
        }

        (State, NextAttemptAt, SettledAt) = (TransmissionState.Waiting, now, null);
    }

    private DomainException Wrong(string act) => new("tax.transmission", $"{Reference} is {State} at the tax authority and cannot be {act} now.");
}
