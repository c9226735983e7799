using System.Text.RegularExpressions;

namespace DataDefender.Infrastructure.Payments;

/// <summary>Takes secrets out of what is kept of a request: passwords, tokens, credentials, and the marks of callback addresses.</summary>
internal static partial class Redaction
{
    private const string Hidden = "***";

    public static string? Of(string? text) => text is null ? null : MarkInPath().Replace(Field().Replace(text, $"$1{Hidden}$2"), $"$1{Hidden}");

    [GeneratedRegex("""("(?:Password|SecurityCredential|access_token|refresh_token|client_secret|client_id|passkey|Authorization)"\s*:\s*")[^"]*(")""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Field();

    [GeneratedRegex("""(/ipn/[0-9a-f]{32}/[0-9a-f]{32}/[a-z]+/)[0-9a-f]+""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex MarkInPath();
}
