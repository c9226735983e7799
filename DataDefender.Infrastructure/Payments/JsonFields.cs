using System.Globalization;
using System.Text.Json;
using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;

namespace DataDefender.Infrastructure.Payments;

/// <summary>Fields as providers spell them: in any case, numbers as numbers or as text, empty for absent.</summary>
internal static class JsonFields
{
    // Kenya has no daylight saving: East Africa Time is UTC+3 all year.
    private static readonly TimeSpan Nairobi = TimeSpan.FromHours(3);
    private static readonly string[] Times = ["yyyyMMddHHmmss", "yyyyMMddHHmm"];

    public static JsonElement? Find(JsonElement json, string name)
    {
        if (json.ValueKind is JsonValueKind.Object)
        {
            foreach (var field in json.EnumerateObject())
            {
                if (field.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return field.Value;
                }
            }
        }

        return null;
    }

    /// <summary>The text of a string or a number; null when it is absent, empty or something else.</summary>
    public static string? Text(JsonElement json, string name) => Find(json, name) switch
    {
        { ValueKind: JsonValueKind.String } text => string.IsNullOrWhiteSpace(text.GetString()) ? null : text.GetString()!.Trim(),
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => null,
    };

    public static double? Number(JsonElement json, string name) =>
        double.TryParse(Text(json, name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    /// <exception cref="UnreadableMessageException">It is there and is no amount, is not above zero, or has more decimals than the currency.</exception>
    public static Money? Amount(JsonElement json, string name) => Text(json, name) is { } text ? Amount(text, name) : null;

    public static Money Amount(string text, string name)
    {
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands | NumberStyles.AllowLeadingSign | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var amount))
        {
            throw new UnreadableMessageException($"{name} “{Short(text)}” is no amount.");
        }

        if (amount <= 0 || amount > 1_000_000_000m)
        {
            throw new UnreadableMessageException($"{name} {Short(text)} is no amount that a payment can have.");
        }

        return decimal.Round(amount, 2) == amount ? Money.Of(amount) : throw new UnreadableMessageException($"{name} {Short(text)} has more than two decimals.");
    }

    /// <summary>"20260318140509" in Nairobi's time, or a time with its zone; UTC. Null when it is absent or no time.</summary>
    public static DateTime? Time(JsonElement json, string name)
    {
        if (Text(json, name) is not { } text)
        {
            return null;
        }

        if (DateTime.TryParseExact(text, Times, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            return new DateTimeOffset(local, Nairobi).UtcDateTime;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? text.EndsWith('Z') || text.Contains('+', StringComparison.Ordinal) ? at.UtcDateTime : DateTime.SpecifyKind(at.DateTime - Nairobi, DateTimeKind.Utc)
            : null;
    }

    private static string Short(string text) => text.Length > 40 ? $"{text[..40]}…" : text;
}
