using System.Globalization;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Notifications;
using DataDefender.Web.Components.Ui;

namespace DataDefender.Web.Components.Pages.Messages;

/// <summary>How messages are spoken of on pages.</summary>
internal static class MessageWords
{
    public static string Name(MessageLanguage language) => language is MessageLanguage.Swahili ? "Kiswahili" : "English";

    public static string Name(MessageTopic topic) => States.Spaced(topic.ToString());

    public static string Recipient(MessageChannel channel, string recipient) => recipient.Length == 0 ? "no address" : channel is MessageChannel.Sms ? PhoneNumber.Format(recipient) : recipient;

    /// <summary>"KES 0.80"; null when the provider named no price.</summary>
    public static string? Cost(long? micros, string? currency) =>
        micros is { } cost && currency is not null ? string.Create(CultureInfo.InvariantCulture, $"{currency} {cost / 1_000_000m:#,##0.00##}") : null;

    /// <summary>"2 parts, 210 of 306 characters".</summary>
    public static string Parts(SmsSegments segments) => string.Create(
        CultureInfo.InvariantCulture, $"{segments.Count} {(segments.Count == 1 ? "part" : "parts")}, {segments.Units} of {segments.Room * segments.Count} characters");
}
