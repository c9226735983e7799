using System.Collections.Frozen;
using System.Text;
using DataDefender.Infrastructure.Persistence;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Identity;

/// <summary>
/// ASVS 5, 6.2: twelve characters or more, up to 128, any characters; not a common password, not the person's or the company's name with
/// a little round it, not a sequence. No rules of composition.
/// </summary>
internal sealed class PasswordRules(DataDefenderDbContext db) : IPasswordValidator<SignInAccount>
{
    public const int MinimumLength = 12;
    public const int MaximumLength = 128;

    /// <summary>What must be left of a password when everything that can be guessed is taken out of it.</summary>
    private const int MinimumRest = 8;

    private static readonly FrozenSet<string> Common = Read();

    public static IdentityError TooClose { get; } =
        new() { Code = "PasswordAbout", Description = "This password is too close to a name that others know. A few unrelated words make a good one." };

    public async Task<IdentityResult> ValidateAsync(UserManager<SignInAccount> manager, SignInAccount user, string? password)
    {
        if (password is not { Length: >= MinimumLength })
        {
            return IdentityResult.Success; // the length is refused by Identity itself, with its own sentence
        }

        if (password.Length > MaximumLength)
        {
            return Refuse("PasswordTooLong", $"A password may have up to {MaximumLength} characters.");
        }

        if (IsCommon(password))
        {
            return Refuse("PasswordCommon", "This password is on every guesser's list. A few unrelated words make a good one.");
        }

        var company = user.TenantId is { } tenantId
            ? await db.Companies.Where(c => c.Id == tenantId).Select(c => c.Name).SingleOrDefaultAsync()
            : null;
        return IsAbout(password, [user.Email?.Split('@')[0], user.DisplayName, company, "DataDefender"])
            ? IdentityResult.Failed(TooClose)
            : IdentityResult.Success;
    }

    /// <summary>A listed word, alone, repeated or with digits and signs round it; one character or a keyboard's or an alphabet's row over and over.</summary>
    internal static bool IsCommon(string password)
    {
        var plain = Plain(password);
        return Common.Contains(password.ToLowerInvariant())
            || password.Distinct().Count() < 4
            || IsSequence(password.ToLowerInvariant())
            || (password.Any(char.IsLetter) && Rest(plain, Common.Where(word => word.Length >= 4)).Length < 4);
    }

    internal static bool IsAbout(string password, IEnumerable<string?> names)
    {
        var words = names.OfType<string>().SelectMany(n => n.Split([' ', '.', '-', '_', '+', '&', ','], StringSplitOptions.RemoveEmptyEntries)).Select(Plain).Where(w => w.Length >= 3).ToList();
        var plain = Plain(password);
        return words.Exists(w => plain.Contains(w, StringComparison.Ordinal)) && Rest(plain, words).Length < MinimumRest;
    }

    private static IdentityResult Refuse(string code, string description) => IdentityResult.Failed(new IdentityError { Code = code, Description = description });

    /// <summary>Lower-case letters only, without what hangs on at the ends and with the usual disguises taken off: "P@ssw0rd!2026" is "password".</summary>
    private static string Plain(string text)
    {
        var (first, last) = (0, text.Length - 1);
        while (first <= last && !char.IsLetter(text[first]))
        {
            first++;
        }

        while (last >= first && !char.IsLetter(text[last]))
        {
            last--;
        }

        var plain = new StringBuilder(text.Length);
        foreach (var c in text[first..(last + 1)].ToLowerInvariant())
        {
            var letter = c switch { '@' or '4' => 'a', '3' => 'e', '1' or '!' => 'i', '0' => 'o', '$' or '5' => 's', '7' => 't', _ => c };
            if (char.IsLetter(letter))
            {
                plain.Append(letter);
            }
        }

        return plain.ToString();
    }

    private static string Rest(string plain, IEnumerable<string> words)
    {
        foreach (var word in words.OrderByDescending(w => w.Length))
        {
            plain = plain.Replace(word, "", StringComparison.Ordinal);
        }

        return plain;
    }

    private static bool IsSequence(string text)
    {
        var steps = text.Zip(text.Skip(1), (a, b) => b - a).ToList();
        return steps.Count(s => s is 1 or -1 or 0 or -9 or 9) >= steps.Count - 2;
    }

    private static FrozenSet<string> Read()
    {
        using var file = typeof(PasswordRules).Assembly.GetManifestResourceStream("DataDefender.Infrastructure.Identity.common-passwords.txt")!;
        using var reader = new StreamReader(file);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(l => l[0] != '#').ToFrozenSet(StringComparer.Ordinal);
    }
}
