using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Notifications;

/// <summary>A text as it is used now, and whether it is the company's own.</summary>
public sealed record TemplateRow(MessageTopic Topic, MessageChannel Channel, MessageLanguage Language, TemplateWording Wording, bool IsOwn);

/// <summary>The texts of a company's messages.</summary>
public sealed class TemplateService(IDataDefenderDbFactory dbFactory, CurrentUser user)
{
    private const int MaxSms = 640;
    private const int MaxEmail = 3000;

    public async Task<IReadOnlyList<TemplateRow>> ListAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageMessaging);
        await using var db = await dbFactory.OpenAsync(ct);
        var own = await db.MessageTemplates.AsNoTracking().ToDictionaryAsync(t => (t.Topic, t.Channel, t.Language), ct);
        return
        [
            .. from topic in Enum.GetValues<MessageTopic>()
               from channel in Enum.GetValues<MessageChannel>()
               from language in Enum.GetValues<MessageLanguage>()
               let written = own.GetValueOrDefault((topic, channel, language))
               select new TemplateRow(topic, channel, language, written is null ? StandardTemplates.Of(topic, channel, language) : new(written.Subject, written.Body), written is not null),
        ];
    }

    public async Task SaveAsync(MessageTopic topic, MessageChannel channel, MessageLanguage language, TemplateWording wording, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageMessaging);
        Demand(topic, channel, wording);
        await using var db = await dbFactory.OpenAsync(ct);
        var template = await FindAsync(db, topic, channel, language, ct) ?? db.MessageTemplates.Add(new MessageTemplate(db.TenantId, topic, channel, language)).Entity;
        template.Write(channel is MessageChannel.Sms ? new(null, wording.Body.Trim()) : new(wording.Subject!.Trim(), wording.Body.Trim()));
        await db.SaveAsync(async () => await db.MessageTemplates.AnyAsync(t => t.Topic == topic && t.Channel == channel && t.Language == language, ct) ? Saving.ChangedMeanwhile() : null, ct);
    }

    /// <summary>Takes the company's own text away, so that the standard one is used again.</summary>
    public async Task ResetAsync(MessageTopic topic, MessageChannel channel, MessageLanguage language, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageMessaging);
        await using var db = await dbFactory.OpenAsync(ct);
        if (await FindAsync(db, topic, channel, language, ct) is { } template)
        {
            db.MessageTemplates.Remove(template);
            await db.SaveAsync(ct);
        }
    }

    private static Task<MessageTemplate?> FindAsync(IDataDefenderDb db, MessageTopic topic, MessageChannel channel, MessageLanguage language, CancellationToken ct) =>
        db.MessageTemplates.SingleOrDefaultAsync(t => t.Topic == topic && t.Channel == channel && t.Language == language, ct);

    private static void Demand(MessageTopic topic, MessageChannel channel, TemplateWording wording)
    {
        List<FieldError> errors = [];
        var allowed = Placeholders.Of(topic);
        var most = channel is MessageChannel.Sms ? MaxSms : MaxEmail;
        if (wording.Body.Trim().Length < 3 || wording.Body.Length > most)
        {
            errors.Add(new("Body", $"A text has 3 to {most:#,##0} characters."));
        }
        else if (TemplateText.Fault(wording.Body, allowed) is { } fault)
        {
            errors.Add(new("Body", fault));
        }

        if (channel is MessageChannel.Email)
        {
            if (string.IsNullOrWhiteSpace(wording.Subject) || wording.Subject.Length > 150)
            {
                errors.Add(new("Subject", "A subject has 1 to 150 characters."));
            }
            else if (TemplateText.Fault(wording.Subject, allowed) is { } fault)
            {
                errors.Add(new("Subject", fault));
            }
        }

        if (errors.Count > 0)
        {
            throw new InvalidInputException(errors);
        }
    }
}
