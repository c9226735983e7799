using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataDefender.Infrastructure.Persistence.Configurations;

/// <summary>Immutable values that are kept as one JSON text: they are read and written whole and never queried into.</summary>
internal static class JsonValues
{
    private static readonly JsonSerializerOptions Json = new()
    {
        Converters = { new JsonStringEnumConverter() },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <param name="empty">Is kept as the empty text: most rows have it, and it costs neither room nor parsing.</param>
    public static PropertyBuilder<T> IsJsonValue<T>(this PropertyBuilder<T> property, T empty) where T : class =>
        property.HasMaxLength(-1).HasConversion(
            value => Write(value, empty),
            text => Read(text, empty),
            new ValueComparer<T>((left, right) => Equals(left, right), value => value.GetHashCode(), value => value));

    private static string Write<T>(T value, T empty) where T : class => value.Equals(empty) ? "" : JsonSerializer.Serialize(value, Json);

    private static T Read<T>(string text, T empty) where T : class => text.Length == 0 ? empty : JsonSerializer.Deserialize<T>(text, Json) ?? empty;
}
