using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace DataDefender.Domain.Fleet;

/// <summary>One command of an export with the menu that it belongs to.</summary>
public readonly record struct ExportLine(string Menu, string Text)
{
    /// <summary>As a person would type it into a terminal.</summary>
    public string Command => $"{Menu} {Text}";
}

/// <summary>
/// What a router's <c>/export</c> says, brought to a form in which two of them can be compared: without the header that names the time,
/// with wrapped lines joined, and without secrets, whatever the router has put in.
/// </summary>
public static partial class ExportText
{
    public const string HiddenSecret = "(hidden)";

    /// <summary>Menu headings and commands, a line each, ended by <c>\n</c>.</summary>
    public static string Normalise(string raw)
    {
        var text = new StringBuilder(raw.Length);
        var open = new StringBuilder();
        foreach (var piece in raw.Split('\n'))
        {
            var line = piece.TrimEnd('\r');
            if (open.Length == 0 && (line.StartsWith('#') || string.IsNullOrWhiteSpace(line)))
            {
                continue;
            }

            // A wrapped line ends with a backslash and goes on indented.
            var part = open.Length > 0 ? line.TrimStart() : line;
            if (Wraps(part))
            {
                open.Append(part, 0, part.Length - 1);
                continue;
            }

            text.Append(Redact(open.Append(part).ToString().TrimEnd())).Append('\n');
            open.Clear();
        }

        if (open.Length > 0)
        {
            text.Append(Redact(open.ToString().TrimEnd())).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The commands of a normalised text.</summary>
    public static IReadOnlyList<ExportLine> Lines(string normalised)
    {
        var lines = new List<ExportLine>();
        var menu = "";
        foreach (var line in normalised.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith('/'))
            {
                menu = line;
            }
            else
            {
                lines.Add(new ExportLine(menu, line));
            }
        }

        return lines;
    }

    public static string Hash(string normalised) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(normalised)));

    /// <summary>Takes the value of each secret out.</summary>
    public static string Redact(string line) => Secret().Replace(line, "${name}" + HiddenSecret);

    // An odd number of backslashes: an even one is a backslash that was meant.
    private static bool Wraps(string line) => line.Length - line.TrimEnd('\\').Length is var slashes && slashes % 2 == 1;

    [GeneratedRegex("""(?<name>(?<=^|\s)(?:[a-z0-9-]*password|[a-z0-9-]*passphrase|[a-z0-9-]*secret|(?:wpa2?|wep|static)-?[a-z0-9-]*key[a-z0-9-]*|pre-shared-key|private-key|authentication-key|encryption-key|tcp-md5-key|auth-key|md5-key|ppp-secret|pin)=)(?:"(?:[^"\\]|\\.)*"|\S+)""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Secret();
}
