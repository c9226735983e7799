using System.ComponentModel.DataAnnotations;

namespace DataDefender.Infrastructure.Billing.Etims;

/// <summary>How this installation talks to the tax authority's control units. Section <c>Etims</c>.</summary>
public sealed class EtimsOptions : IValidatableObject
{
    public const string Section = "Etims";

    /// <summary>Hosts that a company may enter as its control unit, comma-joined; one that begins with a dot means all below it, over https.</summary>
    public string AllowedHosts { get; set; } = ".kra.go.ke";

    /// <summary>Until when an answer must have come.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often this process looks for documents that are due, beside being woken.</summary>
    public TimeSpan LookInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many documents of a company are sent before others have their turn.</summary>
    [Range(1, 10_000)]
    public int Batch { get; set; } = 200;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        // What was begun may be taken up by another process after two minutes.
        if (RequestTimeout <= TimeSpan.Zero || RequestTimeout > TimeSpan.FromSeconds(90) || LookInterval <= TimeSpan.Zero)
        {
            yield return new ValidationResult("Etims:RequestTimeout is up to 90 seconds, and times are longer than zero.");
        }
    }
}
