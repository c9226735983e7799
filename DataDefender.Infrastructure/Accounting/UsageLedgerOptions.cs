using System.ComponentModel.DataAnnotations;

namespace DataDefender.Infrastructure.Accounting;

/// <summary>Section <c>UsageLedger</c>.</summary>
public sealed class UsageLedgerOptions
{
    public const string Section = "UsageLedger";

    /// <summary>How long single entries are kept, days. The sums by the hour that they went into are kept on.</summary>
    [Range(1, 400)]
    public int RetentionDays { get; set; } = 14;

    /// <summary>The first hour of which all entries are kept.</summary>
    public DateTime KeptFrom(DateTime now) => now.Date.AddDays(-RetentionDays);
}
