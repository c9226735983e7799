using System.Text.RegularExpressions;

namespace DataDefender.Infrastructure.Payments;

/// <summary>Takes secrets out of what is kept of a request: passwords, tokens, credentials, and the marks of callback addresses.</summary>
internal static partial class Redaction
{
    private const string Hidden = "***";

    public static string? Of(string? text) => text is null ? null : MarkInPath().Replace(Field().Replace(text, $"${{before}}{Hidden}${{after}}"), $"${{before}}{Hidden}");

    [GeneratedRegex("""(?<before>"(Password|SecurityCredential|access_token|refresh_token|client_secret|client_id|passkey|Authorization)"\s*:\s*")[^"]*(?<after>")""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Field();

    [GeneratedRegex("""(?<before>/ipn/[0-9a-f]{32}/[0-9a-f]{32}/[a-z]+/)[0-9a-f]+""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex MarkInPath();
}
