using System.ComponentModel.DataAnnotations;

namespace DataDefender.Infrastructure.Accounting;

/// <summary>How open sessions are held against what routers list. Section <c>SessionHealing</c>.</summary>
public sealed class HealingOptions : IValidatableObject
{
    public const string Section = "SessionHealing";

    /// <summary>Off for a second web node: two would ask every router twice.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How often a router's list is read.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>How soon a refused login is looked into.</summary>
    public TimeSpan RefusalInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Routers asked at the same moment.</summary>
    [Range(1, 256)]
    public int AtOnce { get; set; } = 16;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Interval <= TimeSpan.Zero || RefusalInterval <= TimeSpan.Zero || Interval > TimeSpan.FromDays(1))
        {
            yield return new ValidationResult("Each time must be longer than zero and at most a day.");
        }
    }
}
