using System.Globalization;
using DataDefender.Domain.Common;

namespace DataDefender.Domain.Billing;

public enum RunState
{
    /// <summary>Its lines are being computed.</summary>
    Computing,

    /// <summary>To be looked at and approved.</summary>
    Preview,

    /// <summary>Approved: invoices are being written, a batch at a time; after a stop it goes on where it was.</summary>
    Committing,
    Done,

    /// <summary>Nothing was written: what it depends on was changed after the preview.</summary>
    Refused,
    Cancelled,
}

/// <summary>One billing of everybody who has something due on a day: first a preview, then, approved by a second person, exactly that.</summary>
public sealed class BillingRun : Entity, ITenantOwned, IAudited
{
    private BillingRun() { }

    public BillingRun(Guid tenantId, int number, DateOnly asOf, string by, Guid? byId, DateTime now) =>
        (TenantId, Number, AsOf, MadeBy, MadeById, CreatedAt) = (tenantId, number, asOf, by, byId, now);

    public Guid TenantId { get; private set; }

    /// <summary>Counts within the company.</summary>
    public int Number { get; private set; }

    /// <summary>The day of its invoices, where the company is.</summary>
    public DateOnly AsOf { get; private set; }

    public RunState State { get; private set; } = RunState.Computing;
    public string MadeBy { get; private set; } = "";
    public Guid? MadeById { get; private set; }
    public DateTime CreatedAt { get; private set; }
    public string? ApprovedBy { get; private set; }
    public DateTime? ApprovedAt { get; private set; }
    public DateTime? EndedAt { get; private set; }

    /// <summary>How many bills the preview holds.</summary>
    [Observed]
    public int Bills { get; private set; }

    /// <summary>How many of them stand out.</summary>
    [Observed]
    public int Outliers { get; private set; }

    [Observed]
    public Money Net { get; private set; }

    [Observed]
    public Money Excise { get; private set; }

    [Observed]
    public Money Vat { get; private set; }

    /// <summary>What the same clients were billed the time before.</summary>
    [Observed]
    public Money PreviousTotal { get; private set; }

    [Observed]
    public int Written { get; private set; }

    /// <summary>Bills that were left out since their client's facts changed while others were being written.</summary>
    [Observed]
    public int LeftOut { get; private set; }

    /// <summary>SHA-256 over the lines of all bills in order; the invoices that were written have the same.</summary>
    public byte[] LinesHash { get; private set; } = [];

    public string? Reason { get; private set; }

    public string AuditLabel => string.Create(CultureInfo.InvariantCulture, $"Billing run {Number}");

    public Money Total => Net + Excise + Vat;

    /// <summary>What stands in <see cref="Invoice.Origin"/>.</summary>
    public string Origin => AuditLabel;

    internal void Computed(int bills, int outliers, TaxSplit sum, Money previous, byte[] linesHash)
    {
        Require(RunState.Computing);
        (Bills, Outliers, Net, Excise, Vat, PreviousTotal, LinesHash) = (bills, outliers, sum.Net, sum.Excise, sum.Vat, previous, linesHash);
        State = RunState.Preview;
    }

    /// <exception cref="DomainException">It is no preview, or the same person made it.</exception>
    public void Approve(string by, Guid? byId, bool alone, DateTime now)
    {
        Require(RunState.Preview);
        if (!alone && byId is not null && byId == MadeById)
        {
            throw new DomainException("run.same-person", "You made this preview; somebody else approves it.");
        }

        if (Bills == 0)
        {
            throw new DomainException("run.empty", "There is nothing in this run to approve.");
        }

        (ApprovedBy, ApprovedAt, State) = (by, now, RunState.Committing);
    }

    public void Cancel(DateTime now)
    {
        Require(RunState.Preview, RunState.Computing);
        (State, EndedAt) = (RunState.Cancelled, now);
    }

    internal void Refuse(string reason, DateTime now)
    {
        Require(RunState.Committing, RunState.Preview);
        (State, Reason, EndedAt) = (RunState.Refused, reason, now);
    }

    internal void Progress(int written, int leftOut) => (Written, LeftOut) = (Written + written, LeftOut + leftOut);

    internal void Finish(DateTime now)
    {
        Require(RunState.Committing);
        (State, EndedAt) = (RunState.Done, now);
        Reason = LeftOut == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{LeftOut} bills were left out: their clients' contracts or charges were changed meanwhile. The next run bills them.");
    }

    private void Require(params ReadOnlySpan<RunState> allowed)
    {
        if (!allowed.Contains(State))
        {
            throw new DomainException("run.state", $"{AuditLabel} is {State}; that is not possible now.");
        }
    }
}

public enum BillState
{
    Pending,
    Written,
    LeftOut,
}

/// <summary>One client's bill in a run: what the preview showed, and after the commit which invoice it became.</summary>
public sealed class RunBill : ITenantOwned
{
    private RunBill() { }

    internal RunBill(BillingRun run, AccountBill bill, byte[] inputHash, byte[] linesHash, RunLines lines, Money? previous, string reasons, int deviation, bool standsOut)
    {
        (TenantId, RunId, ClientId, InputHash, LinesHash, Lines) = (run.TenantId, run.Id, bill.ClientId, inputHash, linesHash, lines);
        var sum = bill.Sum;
        (Net, Excise, Vat, Previous, Reasons, Deviation, StandsOut) = (sum.Net, sum.Excise, sum.Vat, previous?.Minor, reasons, deviation, standsOut);
    }

    /// <summary>A bill of which only its outcome is going to be written: what the preview froze stays in the database unread.</summary>
    internal RunBill(Guid tenantId, Guid runId, Guid clientId, byte[] inputHash, byte[] linesHash) =>
        (TenantId, RunId, ClientId, InputHash, LinesHash) = (tenantId, runId, clientId, inputHash, linesHash);

    public Guid TenantId { get; private set; }
    public Guid RunId { get; private set; }

    /// <summary>Who pays.</summary>
    public Guid ClientId { get; private set; }

    public BillState State { get; private set; } = BillState.Pending;
    public Guid? InvoiceId { get; private set; }
    public Money Net { get; private set; }
    public Money Excise { get; private set; }
    public Money Vat { get; private set; }

    /// <summary>The total of the client's bill before, in minor units; null for the first.</summary>
    public long? Previous { get; private set; }

    /// <summary>Why it differs from the one before; empty when it does not.</summary>
    public string Reasons { get; private set; } = "";

    /// <summary>By how many percent it differs; for sorting.</summary>
    public int Deviation { get; private set; }

    public bool StandsOut { get; private set; }
    public RunLines Lines { get; private set; } = RunLines.None;
    public byte[] InputHash { get; private set; } = [];
    public byte[] LinesHash { get; private set; } = [];

    public Money Total => Net + Excise + Vat;

    internal void WrittenAs(Guid invoiceId) => (State, InvoiceId) = (BillState.Written, invoiceId);

    internal void LeaveOut() => State = BillState.LeftOut;
}

/// <summary>The lines of a bill as the preview froze them.</summary>
public sealed record RunLines(IReadOnlyList<LineDraft> Lines)
{
    public static RunLines None { get; } = new([]);
}
