using System.ComponentModel.DataAnnotations;

namespace DataDefender.Infrastructure.Payments;

/// <summary>How this installation talks to providers of money. Section <c>Payments</c>.</summary>
public sealed class PaymentOptions : IValidatableObject
{
    public const string Section = "Payments";

    /// <summary>Where providers reach this installation, such as https://pay.example.com; empty until it is known, and then nothing can be asked for.</summary>
    public string PublicUrl { get; set; } = "";

    /// <summary>
    /// Hosts that a company may enter as its provider, comma-joined; one that begins with a dot means all below it. Whoever types a
    /// provider's address must not reach this server's own services with it.
    /// </summary>
    public string AllowedProviders { get; set; } = ".familybank.co.ke,.safaricom.co.ke";

    /// <summary>Until when a provider must have answered. What is open then has an unknown outcome.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Further tries of what provably did not reach the provider.</summary>
    [Range(0, 5)]
    public int Retries { get; set; } = 2;

    /// <summary>The pause before the first further try; it doubles, with jitter.</summary>
    public TimeSpan RetryPause { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often this process looks for outcomes that are due, beside being woken.</summary>
    public TimeSpan LookInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often what came in is fetched from the channels that can be asked.</summary>
    public TimeSpan PullInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How many questions a channel's provider is asked at once.</summary>
    [Range(1, 64)]
    public int Parallel { get; set; } = 8;

    /// <summary>Callbacks that one address may send in a minute.</summary>
    [Range(10, 1_000_000)]
    public int CallbacksPerMinutePerAddress { get; set; } = 6_000;

    /// <summary>How long requests to providers are kept to look at.</summary>
    [Range(1, 3650)]
    public int KeepRequestsDays { get; set; } = 90;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (PublicUrl.Length > 0 && (!Uri.TryCreate(PublicUrl, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")))
        {
            yield return new ValidationResult("Payments:PublicUrl is an absolute address, such as https://pay.example.com.", [nameof(PublicUrl)]);
        }

        if (RequestTimeout <= TimeSpan.Zero || LookInterval <= TimeSpan.Zero || PullInterval <= TimeSpan.Zero || RetryPause < TimeSpan.Zero)
        {
            yield return new ValidationResult("Times are longer than zero.");
        }
    }
}
