using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Accounting;
using DataDefender.Infrastructure.Billing;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Infrastructure.Seeding;

namespace DataDefender.Web.Setup;

/// <summary>
/// What can be asked on the command line in place of serving: <c>dotnet run --project DataDefender.Web -- migrate</c>. A verb gets the
/// application's services and the words after it; it answers with the process's exit code.
/// </summary>
internal static class Verbs
{
    private static readonly Dictionary<string, Verb> All = new(StringComparer.OrdinalIgnoreCase)
    {
        ["migrate"] = new("apply the database's pending migrations", MigrateAsync),
        ["seed"] = new(SeedCommands.Purpose, static (services, rest) => SeedCommands.RunAsync(services, rest, Console.Out, Console.Error)),
        ["verify-usage"] = new("add the usage ledger up anew and name the first hour that differs from what is kept", VerifyUsageAsync),
        ["verify-ledger"] = new("recompute every company's books and name the first row that is wrong", VerifyLedgerAsync),
        ["create-admin"] = new("--email E --name N: create a super admin of the platform; the password is read from the standard input", CreateAdminAsync),
    };

    /// <summary>Gives a verb what it needs other than serving does.</summary>
    public static void Prepare(IServiceCollection services, string[] args)
    {
        if (args is [var word, ..] && word.Equals("seed", StringComparison.OrdinalIgnoreCase))
        {
            services.AddSeedClock();
        }
    }

    /// <summary>Null when the first word is no verb but an option of the host, or there is none.</summary>
    public static async Task<int?> TryRunAsync(IServiceProvider services, string[] args)
    {
        if (args is not [var word, .. var rest] || word.StartsWith('-'))
        {
            return null;
        }

        if (All.TryGetValue(word, out var verb))
        {
            return await verb.RunAsync(services, rest);
        }

        await Console.Error.WriteLineAsync($"“{word}” is not something I can do. There is:");
        foreach (var (name, known) in All)
        {
            await Console.Error.WriteLineAsync($"  {name,-13} {known.Purpose}");
        }

        return 2;
    }

    private static async Task<int> MigrateAsync(IServiceProvider services, string[] rest)
    {
        var applied = await services.GetRequiredService<DatabaseMigration>().ApplyAsync();
        await Console.Out.WriteLineAsync(applied.Count == 0 ? "The database is up to date." : $"Applied: {string.Join(", ", applied)}");
        return 0;
    }

    private static async Task<int> VerifyUsageAsync(IServiceProvider services, string[] rest)
    {
        var verdict = await services.GetRequiredService<UsageVerifier>().VerifyAsync();
        if (verdict.Difference is { } first)
        {
            await Console.Error.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"Subscription {first.SubscriptionId} of company {first.TenantId} differs in the hour of {first.Hour:yyyy-MM-dd HH:mm} UTC: the ledger has {first.Ledger}; kept are {first.Kept}."));
            return 1;
        }

        await Console.Out.WriteLineAsync($"The usage ledger agrees with what is kept: {verdict.Compared} hours of lines, {verdict.Companies} companies.");
        return 0;
    }

    private static async Task<int> VerifyLedgerAsync(IServiceProvider services, string[] rest)
    {
        var verdict = await services.GetRequiredService<LedgerVerifier>().VerifyAsync();
        if (verdict.Fault is { } first)
        {
            await Console.Error.WriteLineAsync($"{first.Row} of company {first.CompanyId} {first.Reason}.");
            return 1;
        }

        await Console.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"The books hold: {verdict.Companies} companies, {verdict.Transactions} transactions, {verdict.Invoices} invoices."));
        return 0;
    }

    private static async Task<int> CreateAdminAsync(IServiceProvider services, string[] rest)
    {
        if (Option(rest, "--email") is not { } email || Option(rest, "--name") is not { } name)
        {
            await Console.Error.WriteLineAsync("Say --email and --name.");
            return 2;
        }

        await services.GetRequiredService<DatabaseMigration>().ApplyAsync();
        await Console.Out.WriteAsync("Password: ");
        var password = await Console.In.ReadLineAsync();
        try
        {
            await services.GetRequiredService<IAccounts>().CreateAsync(
                new NewAccount(null, name, email, Role.SuperAdmin, password ?? ""), Actor.System("command line"));
        }
        catch (InvalidInputException invalid)
        {
            await Console.Error.WriteLineAsync(invalid.Message);
            return 1;
        }

        await Console.Out.WriteLineAsync($"{email} may sign in now.");
        return 0;
    }

    /// <summary>The word after an option, or null.</summary>
    private static string? Option(string[] words, string name)
    {
        var at = Array.IndexOf(words, name);
        return at >= 0 && at + 1 < words.Length ? words[at + 1] : null;
    }

    private sealed record Verb(string Purpose, Func<IServiceProvider, string[], Task<int>> RunAsync);
}
