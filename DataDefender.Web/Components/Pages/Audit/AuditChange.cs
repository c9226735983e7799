using System.Text.Json;

namespace DataDefender.Web.Components.Pages.Audit;

/// <summary>One value of a line of the trail, before and after; null where there was none.</summary>
public sealed record AuditChange(string Name, string? Before, string? After)
{
    /// <summary>Reads the two JSON objects of a line. What is in neither, or empty in both, is left out.</summary>
    public static IReadOnlyList<AuditChange> Read(string? before, string? after)
    {
        var (was, now) = (Values(before), Values(after));
        return [.. was.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
            .Select(name => new AuditChange(name, was.GetValueOrDefault(name), now.GetValueOrDefault(name)))
            .Where(change => change.Before is not null || change.After is not null)];
    }

    private static Dictionary<string, string?> Values(string? json)
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (json is null)
        {
            return values;
        }

        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind is JsonValueKind.Object)
        {
            foreach (var property in document.RootElement.EnumerateObject())
            {
                values[property.Name] = property.Value.ValueKind switch
                {
                    JsonValueKind.Null => null,
                    JsonValueKind.True => "yes",
                    JsonValueKind.False => "no",
                    JsonValueKind.String => property.Value.GetString() is { Length: > 0 } text ? text : null,
                    _ => property.Value.GetRawText(),
                };
            }
        }

        return values;
    }
}
