using System.Security.Cryptography;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Notifications;

public sealed class MessagingInputValidator : AbstractValidator<MessagingInput>
{
    public MessagingInputValidator()
    {
        RuleFor(s => s.PaymentInstructions).MaximumLength(120).WithMessage("How to pay has at most 120 characters: it stands in every SMS.")
            .Must(t => !t.Contains('{') && !t.Contains('}')).WithMessage("How to pay is plain text, without braces.");
        RuleFor(s => s.SmsUsername).NotEmpty().When(s => s.SmsOn).WithMessage("Write the user name of your SMS account.")
            .MaximumLength(60).WithMessage("A user name has at most 60 characters.");
        RuleFor(s => s.SmsKey).NotEmpty().When(s => s is { SmsOn: true, HasSmsKey: false }).WithMessage("Write the API key of your SMS account.")
            .MaximumLength(300).WithMessage("An API key has at most 300 characters.");
        RuleFor(s => s.SmsSender).Must(IsSender).WithMessage("A sender has at most 11 letters and digits, or is a short code.");
        RuleFor(s => s.SmsPromotionalSender).Must(IsSender).WithMessage("A sender has at most 11 letters and digits, or is a short code.");
        RuleFor(s => s.SecondSmsUsername).MaximumLength(60).WithMessage("An account SID has at most 60 characters.");
        RuleFor(s => s.SecondSmsKey).NotEmpty().When(s => s is { SecondSmsUsername.Length: > 0, HasSecondSmsKey: false }).WithMessage("Write the token of the second SMS account, or take its SID out.")
            .MaximumLength(300).WithMessage("A token has at most 300 characters.");
        RuleFor(s => s.SecondSmsSender).NotEmpty().When(s => s.SecondSmsUsername.Length > 0).WithMessage("The second SMS provider needs a sender: a number or a name that it has approved.")
            .MaximumLength(20).WithMessage("A sender has at most 20 characters.");
        RuleFor(s => s.SecondEmailKey).NotEmpty().When(s => s is { UsesSecondEmail: true, HasSecondEmailKey: false }).WithMessage("Write the server token of the second e-mail account.")
            .MaximumLength(300).WithMessage("A token has at most 300 characters.");
        RuleFor(s => s.EmailKey).NotEmpty().When(s => s is { EmailOn: true, HasEmailKey: false }).WithMessage("Write the API key of your e-mail account.")
            .MaximumLength(300).WithMessage("An API key has at most 300 characters.");
        RuleFor(s => s.EmailFrom).Must(IsMailbox).When(s => s.EmailOn).WithMessage("Write who it comes from: Savanna Fibre <billing@savanna.example>.")
            .MaximumLength(200).WithMessage("A sender has at most 200 characters.");
        RuleFor(s => s.EmailReplyTo).EmailAddress().When(s => !string.IsNullOrWhiteSpace(s.EmailReplyTo)).WithMessage("This is not an e-mail address.");
        RuleFor(s => s.EmailSigning).Must(s => SvixSignature.IsSecret(s!)).When(s => !string.IsNullOrEmpty(s.EmailSigning))
            .WithMessage("A signing secret begins with whsec_ and goes on in Base64.");
        RuleFor(s => s.PromotionalUntil).Must((s, until) => until > s.PromotionalFrom).WithMessage("Advertising ends after it begins.")
            .LessThanOrEqualTo(new TimeOnly(20, 0)).WithMessage("No advertising after 20:00.");
        RuleFor(s => s.PromotionalFrom).GreaterThanOrEqualTo(new TimeOnly(7, 0)).WithMessage("No advertising before 07:00.");
    }

    private static bool IsSender(string? text) =>
        string.IsNullOrWhiteSpace(text) || (text.Trim().Length <= 11 && text.Trim().All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or ' '));

    private static bool IsMailbox(string text) =>
        System.Net.Mail.MailAddress.TryCreate(text, out var mailbox) && mailbox.Host.Contains('.', StringComparison.Ordinal) && !text.Contains('\n', StringComparison.Ordinal);
}

/// <summary>The channels of a company, and where their reports come to.</summary>
public sealed class MessagingSettingsService(IDataDefenderDbFactory dbFactory, ISecretVault vault, CurrentUser user, MessageSignal signal)
{
    private static readonly MessagingInputValidator Validator = new();

    public async Task<MessagingInput> GetAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageMessaging);
        await using var db = await dbFactory.OpenAsync(ct);
        return await db.MessagingSettings
            .Select(s => new MessagingInput
            {
                Language = s.Language, PaymentInstructions = s.PaymentInstructions, AnnouncesInvoices = s.AnnouncesInvoices, AnnouncesPayments = s.AnnouncesPayments,
                SmsOn = s.SmsOn, SmsUsername = s.SmsUsername, HasSmsKey = s.SmsKeyCipher != null, SmsSender = s.SmsSender, SmsPromotionalSender = s.SmsPromotionalSender,
                RepeatsUncertainSms = s.RepeatsUncertainSms,
                SecondSmsUsername = s.SecondSmsUsername, HasSecondSmsKey = s.SecondSmsKeyCipher != null, SecondSmsSender = s.SecondSmsSender,
                UsesSecondEmail = s.SecondEmailKeyCipher != null, HasSecondEmailKey = s.SecondEmailKeyCipher != null,
                EmailOn = s.EmailOn, HasEmailKey = s.EmailKeyCipher != null, EmailFrom = s.EmailFrom, EmailReplyTo = s.EmailReplyTo, HasEmailSigning = s.EmailSigningCipher != null,
                PromotionalFrom = s.PromotionalFrom, PromotionalUntil = s.PromotionalUntil,
            })
            .SingleOrDefaultAsync(ct) ?? new MessagingInput();
    }

    /// <summary>The path that the SMS provider posts its delivery reports to; null until the settings were saved once.</summary>
    public async Task<string?> SmsReportPathAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageMessaging);
        await using var db = await dbFactory.OpenAsync(ct);
        var token = await db.MessagingSettings.Select(s => s.ReportToken).SingleOrDefaultAsync(ct);
        return token is null ? null : $"/hooks/africastalking/{db.TenantId}/{token}";
    }

    public async Task SaveAsync(MessagingInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageMessaging);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var cipher = await vault.OpenAsync(db.TenantId, ct);
        var settings = await db.MessagingSettings.SingleOrDefaultAsync(ct)
            ?? db.MessagingSettings.Add(new MessagingSettings(db.TenantId, RandomNumberGenerator.GetHexString(32, lowercase: true))).Entity;
        settings.Change(input);
        if (!string.IsNullOrEmpty(input.SmsKey))
        {
            settings.SetSmsKey(cipher.Protect(settings.SmsKeyPlace(), input.SmsKey.Trim()));
        }

        if (!string.IsNullOrEmpty(input.EmailKey))
        {
            settings.SetEmailKey(cipher.Protect(settings.EmailKeyPlace(), input.EmailKey.Trim()));
        }

        if (input.SecondSmsUsername.Trim().Length == 0 || !string.IsNullOrEmpty(input.SecondSmsKey))
        {
            settings.SetSecondSmsKey(input.SecondSmsUsername.Trim().Length == 0 ? null : cipher.Protect(settings.SecondSmsKeyPlace(), input.SecondSmsKey!.Trim()));
        }

        if (!input.UsesSecondEmail || !string.IsNullOrEmpty(input.SecondEmailKey))
        {
            settings.SetSecondEmailKey(input.UsesSecondEmail ? cipher.Protect(settings.SecondEmailKeyPlace(), input.SecondEmailKey!.Trim()) : null);
        }

        if (!string.IsNullOrEmpty(input.EmailSigning))
        {
            settings.SetEmailSigning(cipher.Protect(settings.EmailSigningPlace(), input.EmailSigning.Trim()));
        }

        if ((settings.SmsOn && settings.SmsKeyCipher is null) || (settings.EmailOn && settings.EmailKeyCipher is null))
        {
            throw new InvalidInputException([new FieldError(settings.SmsOn && settings.SmsKeyCipher is null ? nameof(input.SmsKey) : nameof(input.EmailKey), "Write the API key of the account.")]);
        }

        await db.SaveAsync(ct);
        signal.Wake(); // what waited for the channel to be switched on goes now
    }
}
