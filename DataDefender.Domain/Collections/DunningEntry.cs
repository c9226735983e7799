using DataDefender.Domain.Common;

namespace DataDefender.Domain.Collections;

public enum DunningOutcome
{
    Done,

    /// <summary>Passed over for good.</summary>
    Skipped,

    /// <summary>A person did it.</summary>
    ByHand,

    /// <summary>It came about by itself: a payment restored the service.</summary>
    Followed,
}

/// <summary>Something that was done about what a client owes: a line of the client's history. Only added, never changed.</summary>
public sealed class DunningEntry : ITenantOwned
{
    public long Id { get; init; }
    public Guid TenantId { get; init; }
    public Guid ClientId { get; init; }
    public Guid? InvoiceId { get; init; }

    /// <summary>Unique in the company: a step happens once for an invoice.</summary>
    public string StepKey { get; init; } = "";

    /// <summary>The step within its invoice; null for what a person did.</summary>
    public string? Step { get; init; }

    public DunningAct? Act { get; init; }
    public DunningOutcome Outcome { get; init; }
    public DateTime At { get; init; }

    /// <summary>What and why, for people.</summary>
    public string Text { get; init; } = "";

    public string By { get; init; } = "";

    /// <summary>The key of a step for an invoice.</summary>
    public static string KeyOf(Guid invoiceId, string step) => $"{invoiceId:N}:{step}";
}
