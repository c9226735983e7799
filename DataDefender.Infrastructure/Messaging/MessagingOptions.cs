using System.ComponentModel.DataAnnotations;

namespace DataDefender.Infrastructure.Messaging;

/// <summary>Where the providers of messages are. Accounts and keys are each company's own.</summary>
public sealed class MessagingOptions
{
    public const string Section = "Messaging";

    [Required, Url]
    public string AfricasTalkingUrl { get; set; } = "https://api.africastalking.com";

    /// <summary>Used for accounts with the user name <c>sandbox</c>, as the provider demands.</summary>
    [Required, Url]
    public string AfricasTalkingSandboxUrl { get; set; } = "https://api.sandbox.africastalking.com";

    [Required, Url]
    public string ResendUrl { get; set; } = "https://api.resend.com";

    /// <summary>Stands in for the first SMS provider.</summary>
    [Required, Url]
    public string TwilioUrl { get; set; } = "https://api.twilio.com";

    /// <summary>Stands in for the first e-mail provider.</summary>
    [Required, Url]
    public string PostmarkUrl { get; set; } = "https://api.postmarkapp.com";

    /// <summary>How long a provider is waited for. An SMS whose answer takes longer is uncertain.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:02:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the queue is looked into when nobody says that something is new.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>E-mails a second that one installation sends; the provider allows two.</summary>
    [Range(1, 100)]
    public int EmailsPerSecond { get; set; } = 2;
}
