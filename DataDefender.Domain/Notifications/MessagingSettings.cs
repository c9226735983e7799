using DataDefender.Domain.Common;
using DataDefender.Domain.Security;

namespace DataDefender.Domain.Notifications;

/// <summary>How a company writes to its customers. One row a company; without it nothing is sent.</summary>
public sealed class MessagingSettings : Entity, ITenantOwned, IAudited
{
    private MessagingSettings() { }

    public MessagingSettings(Guid tenantId, string reportToken) => (TenantId, ReportToken) = (tenantId, reportToken);

    public Guid TenantId { get; private set; }

    /// <summary>Of clients who said nothing.</summary>
    public MessageLanguage Language { get; private set; } = MessageLanguage.English;

    /// <summary>How to pay, for {payto}: "Paybill 123456, account 10000017".</summary>
    public string PaymentInstructions { get; private set; } = "";

    /// <summary>Whether a client is told of each new invoice.</summary>
    public bool AnnouncesInvoices { get; private set; }

    /// <summary>Whether a client is told that money came.</summary>
    public bool AnnouncesPayments { get; private set; }

    /// <summary>False keeps all SMS in the queue: nothing leaves before the company goes live.</summary>
    public bool SmsOn { get; private set; }

    public string SmsUsername { get; private set; } = "";

    [Sensitive]
    public string? SmsKeyCipher { get; private set; }

    /// <summary>The sender that phones show; null for the provider's shared number.</summary>
    public string? SmsSender { get; private set; }

    /// <summary>Advertising has a sender of its own; null sends none.</summary>
    public string? SmsPromotionalSender { get; private set; }

    /// <summary>Whether an SMS whose answer was lost is sent again. It may then arrive, and cost, twice.</summary>
    public bool RepeatsUncertainSms { get; private set; }

    /// <summary>The account at the provider that stands in when the first one takes nothing; empty for none.</summary>
    public string SecondSmsUsername { get; private set; } = "";

    [Sensitive]
    public string? SecondSmsKeyCipher { get; private set; }

    public string? SecondSmsSender { get; private set; }

    /// <summary>The key at the e-mail provider that stands in; null for none. It writes from the same address.</summary>
    [Sensitive]
    public string? SecondEmailKeyCipher { get; private set; }

    public bool EmailOn { get; private set; }

    [Sensitive]
    public string? EmailKeyCipher { get; private set; }

    /// <summary>"Savanna Fibre &lt;billing@savanna.example&gt;".</summary>
    public string EmailFrom { get; private set; } = "";

    public string? EmailReplyTo { get; private set; }

    /// <summary>What the e-mail provider signs its reports with.</summary>
    [Sensitive]
    public string? EmailSigningCipher { get; private set; }

    /// <summary>Advertising goes out between these two only, by the company's clock.</summary>
    public TimeOnly PromotionalFrom { get; private set; } = new(8, 0);

    public TimeOnly PromotionalUntil { get; private set; } = new(18, 0);

    /// <summary>The unguessable part of the address that delivery reports come to: the SMS provider signs nothing.</summary>
    [Sensitive]
    public string ReportToken { get; private set; } = "";

    public string AuditLabel => "Message channels";

    public SecretPlace SmsKeyPlace() => new(TenantId, nameof(MessagingSettings), Id, nameof(SmsKeyCipher));

    public SecretPlace EmailKeyPlace() => new(TenantId, nameof(MessagingSettings), Id, nameof(EmailKeyCipher));

    public SecretPlace EmailSigningPlace() => new(TenantId, nameof(MessagingSettings), Id, nameof(EmailSigningCipher));

    public SecretPlace SecondSmsKeyPlace() => new(TenantId, nameof(MessagingSettings), Id, nameof(SecondSmsKeyCipher));

    public SecretPlace SecondEmailKeyPlace() => new(TenantId, nameof(MessagingSettings), Id, nameof(SecondEmailKeyCipher));

    public void SetSecondSmsKey(string? cipherText) => SecondSmsKeyCipher = cipherText;

    public void SetSecondEmailKey(string? cipherText) => SecondEmailKeyCipher = cipherText;

    public void SetSmsKey(string cipherText) => SmsKeyCipher = cipherText;

    public void SetEmailKey(string cipherText) => EmailKeyCipher = cipherText;

    public void SetEmailSigning(string cipherText) => EmailSigningCipher = cipherText;

    public void Change(MessagingInput input)
    {
        (Language, PaymentInstructions) = (input.Language, input.PaymentInstructions.Trim());
        (AnnouncesInvoices, AnnouncesPayments) = (input.AnnouncesInvoices, input.AnnouncesPayments);
        (SmsOn, SmsUsername, SmsSender) = (input.SmsOn, input.SmsUsername.Trim(), Blank(input.SmsSender));
        (SmsPromotionalSender, RepeatsUncertainSms) = (Blank(input.SmsPromotionalSender), input.RepeatsUncertainSms);
        (SecondSmsUsername, SecondSmsSender) = (input.SecondSmsUsername.Trim(), Blank(input.SecondSmsSender));
        (EmailOn, EmailFrom, EmailReplyTo) = (input.EmailOn, input.EmailFrom.Trim(), Blank(input.EmailReplyTo));
        (PromotionalFrom, PromotionalUntil) = (input.PromotionalFrom, input.PromotionalUntil);
    }

    public bool IsOn(MessageChannel channel) => channel switch
    {
        MessageChannel.Sms => SmsOn && SmsKeyCipher is not null,
        MessageChannel.Email => EmailOn && EmailKeyCipher is not null,
        _ => throw new ArgumentOutOfRangeException(nameof(channel), channel, null),
    };

    /// <summary>Null when advertising may go out at that time of the company's clock; else when it may.</summary>
    public DateTime? QuietUntil(DateTime local)
    {
        var (time, day) = (TimeOnly.FromDateTime(local), local.Date);
        return time < PromotionalFrom ? day + PromotionalFrom.ToTimeSpan()
            : time >= PromotionalUntil ? day.AddDays(1) + PromotionalFrom.ToTimeSpan()
            : null;
    }

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

/// <summary>What a person sets. Secrets are never read back; an empty one keeps what is stored.</summary>
public sealed record MessagingInput
{
    public MessageLanguage Language { get; set; } = MessageLanguage.English;
    public string PaymentInstructions { get; set; } = "";
    public bool AnnouncesInvoices { get; set; }
    public bool AnnouncesPayments { get; set; }
    public bool SmsOn { get; set; }
    public string SmsUsername { get; set; } = "";
    public string? SmsKey { get; set; }
    public bool HasSmsKey { get; set; }
    public string? SmsSender { get; set; }
    public string? SmsPromotionalSender { get; set; }
    public bool RepeatsUncertainSms { get; set; }
    public string SecondSmsUsername { get; set; } = "";
    public string? SecondSmsKey { get; set; }
    public bool HasSecondSmsKey { get; set; }
    public string? SecondSmsSender { get; set; }
    public bool UsesSecondEmail { get; set; }
    public string? SecondEmailKey { get; set; }
    public bool HasSecondEmailKey { get; set; }
    public bool EmailOn { get; set; }
    public string? EmailKey { get; set; }
    public bool HasEmailKey { get; set; }
    public string EmailFrom { get; set; } = "";
    public string? EmailReplyTo { get; set; }
    public string? EmailSigning { get; set; }
    public bool HasEmailSigning { get; set; }
    public TimeOnly PromotionalFrom { get; set; } = new(8, 0);
    public TimeOnly PromotionalUntil { get; set; } = new(18, 0);
}
