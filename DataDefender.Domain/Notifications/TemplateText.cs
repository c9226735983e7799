using System.Text;

namespace DataDefender.Domain.Notifications;

/// <summary>Texts with names in braces: <c>Dear {client}, {amount} is due on {due}.</c></summary>
public static class TemplateText
{
    /// <summary>What is wrong with the text, in words; null when it can be filled.</summary>
    public static string? Fault(string text, IReadOnlyList<string> allowed)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '}')
            {
                return $"There is a }} without a {{ before it, at character {i + 1}.";
            }

            if (text[i] != '{')
            {
                continue;
            }

            var end = text.IndexOf('}', i);
            if (end < 0)
            {
                return $"The {{ at character {i + 1} is not closed.";
            }

            var name = text[(i + 1)..end];
            if (!allowed.Contains(name, StringComparer.Ordinal))
            {
                return $"{{{name}}} is not known here. You may use {string.Join(", ", allowed.Select(a => $"{{{a}}}"))}.";
            }

            i = end;
        }

        return null;
    }

    /// <summary>Puts the values in. A name without a value leaves nothing; what a value holds is never looked into again.</summary>
    public static string Fill(string text, IReadOnlyDictionary<string, string> values)
    {
        var filled = new StringBuilder(text.Length + 64);
        for (var i = 0; i < text.Length; i++)
        {
            var end = text[i] == '{' ? text.IndexOf('}', i) : -1;
            if (end < 0)
            {
                filled.Append(text[i]);
                continue;
            }

            filled.Append(values.GetValueOrDefault(text[(i + 1)..end], ""));
            i = end;
        }

        return filled.ToString();
    }
}
