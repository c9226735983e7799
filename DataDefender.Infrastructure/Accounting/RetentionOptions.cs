using System.ComponentModel.DataAnnotations;

namespace DataDefender.Infrastructure.Accounting;

/// <summary>Section <c>Retention</c>: how long what happened is kept. The usage ledger's entries have a time of their own (<see cref="UsageLedgerOptions"/>).</summary>
public sealed class RetentionOptions
{
    public const string Section = "Retention";

    /// <summary>Sessions that have ended, months. Look-ups for the authorities go no further back.</summary>
    [Range(1, 240)]
    public int SessionMonths { get; set; } = 12;

    /// <summary>Usage by the hour, months. Quotas and their roll-over need three.</summary>
    [Range(3, 240)]
    public int UsageMonths { get; set; } = 25;

    [Range(1, 3650)]
    public int LoginAttemptDays { get; set; } = 90;

    /// <summary>The network's events, months.</summary>
    [Range(1, 240)]
    public int EventMonths { get; set; } = 12;
}
