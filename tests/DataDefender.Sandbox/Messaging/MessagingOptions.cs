namespace DataDefender.Sandbox.Messaging;

/// <summary>The SMS and the e-mail provider of this world, reached on the control port under <c>/africastalking</c> and <c>/resend</c>.</summary>
public sealed class MessagingOptions
{
    /// <summary>Where the SMS provider posts its delivery reports; null: nowhere.</summary>
    public string? SmsReportUrl { get; set; }

    /// <summary>Where the e-mail provider posts its events; null: nowhere.</summary>
    public string? EmailReportUrl { get; set; }

    /// <summary>What those are signed with: <c>whsec_…</c>.</summary>
    public string EmailSigningSecret { get; set; } = "whsec_c2FuZGJveC1zaWduaW5nLXNlY3JldA==";

    /// <summary>Real seconds from a message to its report.</summary>
    public double ReportDelaySeconds { get; set; } = 1;

    /// <summary>What one part of an SMS costs, in KES.</summary>
    public decimal SmsPrice { get; set; } = 0.8m;
}

public enum MessagingFault
{
    None,

    /// <summary>Takes the message and never answers.</summary>
    LostAnswer,

    /// <summary>Takes nothing and answers 503.</summary>
    Down,

    /// <summary>Takes nothing and answers 429 with a Retry-After of two seconds.</summary>
    SlowDown,

    /// <summary>Takes the message and reports nothing later.</summary>
    LostReport,
}
