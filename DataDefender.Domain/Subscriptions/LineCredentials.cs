using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DataDefender.Domain.Subscriptions;

/// <summary>User names and passwords that are read out on the telephone and typed into a router by hand.</summary>
public static class LineCredentials
{
    // Without 0/o, 1/l/i: they are mistaken for one another on a sticker. 31 symbols, 15 places: 74 bits.
    private const string Alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
    private const int LongestStem = 24;

    /// <summary>"Jane Wambũi Kamau" becomes "jane.kamau"; a name without Latin letters falls back to the account number.</summary>
    public static string UsernameStem(string clientName, string accountNumber)
    {
        var words = Latin(clientName).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var stem = words.Length switch
        {
            0 => "",
            1 => words[0],
            _ => $"{words[0]}.{words[^1]}",
        };
        return stem.Length < 3 ? $"client{accountNumber}" : stem[..Math.Min(stem.Length, LongestStem)].TrimEnd('.');
    }

    /// <summary>The first of "jane.kamau", "jane.kamau2", "jane.kamau3" … that is free.</summary>
    public static string FirstFree(string stem, IReadOnlySet<string> taken)
    {
        var name = stem;
        for (var number = 2; taken.Contains(name); number++)
        {
            name = string.Create(CultureInfo.InvariantCulture, $"{stem}{number}");
        }

        return name;
    }

    /// <summary>"q7mpk-x3qdw-9wtzn", from the system's cryptographic generator.</summary>
    public static string NewPassword() =>
        string.Join('-', Enumerable.Range(0, 3).Select(static _ => RandomNumberGenerator.GetString(Alphabet, 5)));

    private static string Latin(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var c in name.Normalize(NormalizationForm.FormD).ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                text.Append(c);
            }
            else if (char.IsWhiteSpace(c) || c is '-' or '/' or '&' or '.')
            {
                text.Append(' ');
            }
        }

        return text.ToString();
    }
}
