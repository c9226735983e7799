using System.Globalization;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Notifications;

/// <summary>What a message tells of. Only what its topic speaks of needs a value.</summary>
public sealed record MessageValues
{
    public string? Invoice { get; init; }
    public Money? Amount { get; init; }
    public Money? Balance { get; init; }
    public DateOnly? Due { get; init; }
    public int? Days { get; init; }
    public string? Line { get; init; }

    /// <summary>UTC.</summary>
    public DateTime? Until { get; init; }

    public string? Receipt { get; init; }
    public string? Text { get; init; }
}

/// <summary>A client as far as messages need one.</summary>
public sealed record Addressee(Guid ClientId, string Name, string AccountNumber, string Phone, string? Email, MessageLanguage? Language)
{
    public static Addressee Of(Client client) => new(client.Id, client.Name, client.AccountNumber, client.Phone, client.Email, client.Language);
}

/// <summary>
/// Writes messages into the context that also saves what they tell of. It is opened once for a piece of work and asks the database
/// nothing after that, so that a thousand messages cost no more queries than one.
/// </summary>
public sealed class MessageDesk
{
    private readonly MessagingSettings? _settings;
    private readonly Dictionary<(MessageTopic, MessageChannel, MessageLanguage), TemplateWording> _own;
    private readonly string _company;
    private readonly string _currency;
    private readonly TimeZoneInfo _zone;

    private MessageDesk(MessagingSettings? settings, IEnumerable<MessageTemplate> own, Company company)
    {
        _settings = settings;
        _own = own.ToDictionary(t => (t.Topic, t.Channel, t.Language), t => new TemplateWording(t.Subject, t.Body));
        (_company, _currency, _zone) = (company.Name, company.Currency, TimeZoneInfo.FindSystemTimeZoneById(company.TimeZone));
    }

    public static async Task<MessageDesk> OpenAsync(IDataDefenderDb db, CancellationToken ct = default) => new(
        await db.MessagingSettings.AsNoTracking().SingleOrDefaultAsync(ct),
        await db.MessageTemplates.AsNoTracking().ToListAsync(ct),
        await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct));

    /// <summary>The channels that are switched on.</summary>
    public IReadOnlyList<MessageChannel> On => _settings is { } settings ? [.. Enum.GetValues<MessageChannel>().Where(settings.IsOn)] : [];

    /// <summary>
    /// Adds a message for each channel to what <paramref name="db"/> saves next. <paramref name="businessEvent"/> is what happened, as a key
    /// that is the same when the same thing is written again; the database refuses the second one, so look before when that is usual.
    /// A channel that is switched off leaves a suppressed message, so that the log can say why nothing came.
    /// </summary>
    public IReadOnlyList<Message> Write(
        IDataDefenderDb db, MessageTopic topic, Addressee to, MessageValues values, string businessEvent, IEnumerable<MessageChannel> channels, DateTime now,
        MessagePurpose purpose = MessagePurpose.Transactional, DateTime? notBefore = null)
    {
        var language = to.Language ?? _settings?.Language ?? MessageLanguage.English;
        var filling = Filling(to, values, language);
        List<Message> written = [];
        foreach (var channel in channels)
        {
            var wording = _own.GetValueOrDefault((topic, channel, language)) ?? StandardTemplates.Of(topic, channel, language);
            var recipient = channel is MessageChannel.Sms ? to.Phone : to.Email?.ToLowerInvariant() ?? "";
            var message = new Message(
                db.TenantId,
                new MessageDraft(channel, topic, purpose, language, recipient, OneLine(wording.Subject, filling), Whole(wording.Body, filling), businessEvent, to.ClientId, notBefore),
                now);
            if (message.Status is MessageStatus.Queued && _settings?.IsOn(channel) is not true)
            {
                message.Suppress($"{Name(channel)} is switched off in the message channels.", now);
            }

            db.Messages.Add(message);
            written.Add(message);
        }

        return written;
    }

    /// <summary>The channel as people write it.</summary>
    public static string Name(MessageChannel channel) => channel switch
    {
        MessageChannel.Sms => "SMS",
        MessageChannel.Email => "E-mail",
        _ => throw new ArgumentOutOfRangeException(nameof(channel), channel, null),
    };

    private static string Whole(string text, IReadOnlyDictionary<string, string> filling)
    {
        // A value that is empty (no payment instructions yet) leaves two spaces behind.
        var filled = TemplateText.Fill(text, filling).Replace("  ", " ", StringComparison.Ordinal).Trim();
        return filled.Length <= Message.MaxBody ? filled : filled[..Message.MaxBody];
    }

    private static string? OneLine(string? text, IReadOnlyDictionary<string, string> filling)
    {
        var filled = text is null ? null : Whole(text, filling).ReplaceLineEndings(" ");
        return filled is { Length: > 200 } ? filled[..200] : filled;
    }

    private Dictionary<string, string> Filling(Addressee to, MessageValues values, MessageLanguage language) => new(StringComparer.Ordinal)
    {
        [Placeholders.Client] = to.Name,
        [Placeholders.Company] = _company,
        [Placeholders.Account] = to.AccountNumber,
        [Placeholders.Invoice] = values.Invoice ?? "",
        [Placeholders.Amount] = values.Amount?.Show(_currency) ?? "",
        [Placeholders.Balance] = values.Balance?.Show(_currency) ?? "",
        [Placeholders.Due] = values.Due?.ToString("d MMM yyyy", CultureInfo.InvariantCulture) ?? "",
        [Placeholders.Days] = values.Days is { } days ? Days(Math.Abs(days), language) : "",
        [Placeholders.Line] = values.Line ?? "",
        [Placeholders.Until] = values.Until is { } until ? Until(TimeZoneInfo.ConvertTimeFromUtc(until, _zone)) : "",
        [Placeholders.Receipt] = values.Receipt ?? "",
        [Placeholders.PayTo] = PayTo(to),
        [Placeholders.Text] = values.Text ?? "",
    };

    private string PayTo(Addressee to) => _settings?.PaymentInstructions is { Length: > 0 } text
        ? text.Replace("ACCOUNT", to.AccountNumber, StringComparison.Ordinal) is var said && !said.EndsWith('.') ? said + "." : said
        : "";

    private static string Until(DateTime local) =>
        local.ToString(local.TimeOfDay == TimeSpan.Zero ? "d MMM yyyy" : "d MMM yyyy, HH:mm", CultureInfo.InvariantCulture);

    private static string Days(int days, MessageLanguage language) => (language, days) switch
    {
        (MessageLanguage.Swahili, _) => string.Create(CultureInfo.InvariantCulture, $"siku {days}"),
        (_, 1) => "1 day",
        _ => string.Create(CultureInfo.InvariantCulture, $"{days} days"),
    };
}
