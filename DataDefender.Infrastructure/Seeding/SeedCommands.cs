using System.Globalization;
using DataDefender.Infrastructure.Persistence;

namespace DataDefender.Infrastructure.Seeding;

/// <summary>
/// <c>seed load --clients N --months M</c> and <c>seed demo --password P …</c>, asked on the command line in place of serving. Each migrates the
/// database first and may be asked again: what is there is left as it is.
/// </summary>
public static class SeedCommands
{
    public const string Purpose = "load --clients N [--months M]: a company with N subscribers to load with, and M months of billing and payments; demo --password P --sandbox-config FILE …: the demonstration's companies";

    /// <param name="args">The words after <c>seed</c>.</param>
    /// <returns>0; 1 when the database refused, with the reason on <paramref name="error"/>; 2 when the words make no sense.</returns>
    public static async Task<int> RunAsync(IServiceProvider services, string[] args, TextWriter output, TextWriter error, CancellationToken ct = default)
    {
        try
        {
            Func<Task> work = args switch
            {
                ["load", .. var rest] => Load(services, SeedArguments.Parse(rest), output, ct),
                ["demo", .. var rest] => Demo(services, SeedArguments.Parse(rest), output, ct),
                _ => throw new SeedArgumentException($"Say what to seed. {Purpose}"),
            };
            await services.GetRequiredService<DatabaseMigration>().ApplyAsync(ct);
            await work();
            return 0;
        }
        catch (SeedArgumentException wrong)
        {
            await error.WriteLineAsync(wrong.Message);
            return 2;
        }
        catch (SeedRefusedException refused)
        {
            await error.WriteLineAsync(refused.Message);
            return 1;
        }
    }

    private static Func<Task> Load(IServiceProvider services, SeedArguments arguments, TextWriter output, CancellationToken ct)
    {
        var clients = arguments.Number("--clients", 1, SeedLoad.MaxClients) ?? throw new SeedArgumentException($"Say --clients N, 1 to {SeedLoad.MaxClients:#,##0}.");
        var months = arguments.Number("--months", 1, 60);
        return async () =>
        {
            var load = ActivatorUtilities.CreateInstance<SeedLoad>(services);
            await output.WriteLineAsync(await load.RunAsync(clients, ct));
            if (months is { } billed)
            {
                await output.WriteLineAsync(await ActivatorUtilities.CreateInstance<SeedMonths>(services).RunAsync(await load.CompanyAsync(ct), billed, ct));
            }
        };
    }

    private static Func<Task> Demo(IServiceProvider services, SeedArguments arguments, TextWriter output, CancellationToken ct)
    {
        var password = arguments.Text("--password") ?? throw new SeedArgumentException("Say --password P, which everybody of the demonstration signs in with.");
        var places = new DemoPlaces(
            arguments.Text("--sandbox-config"), arguments.Number("--sandbox-http-port", 1, 65535) ?? 5080, arguments.Number("--router-port", 1, 65000) ?? 8728, arguments.Text("--web-url"))
        {
            IsLarge = arguments.Text("--large") is "yes",
            Days = arguments.Number("--days", 1, 400) ?? DemoHistory.Days,
        };
        return async () =>
        {
            var payments = ActivatorUtilities.CreateInstance<DemoPayments>(services);
            var demo = ActivatorUtilities.CreateInstance<DemoSeed>(
                services, ActivatorUtilities.CreateInstance<DemoSandbox>(services, payments), ActivatorUtilities.CreateInstance<DemoLarge>(services), ActivatorUtilities.CreateInstance<DemoHistory>(services, payments));
            await output.WriteLineAsync(await demo.RunAsync(password, places, ct));
        };
    }
}

/// <summary>The database cannot take the seed; says why, for people.</summary>
public sealed class SeedRefusedException(string message) : Exception(message);

internal sealed class SeedArgumentException(string message) : Exception(message);

/// <summary>Words of the form <c>--name value</c>.</summary>
internal sealed class SeedArguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);

    public static SeedArguments Parse(string[] words)
    {
        var arguments = new SeedArguments();
        for (var i = 0; i < words.Length; i += 2)
        {
            if (!words[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == words.Length)
            {
                throw new SeedArgumentException($"“{words[i]}” was not understood; options have the form --name value.");
            }

            arguments._values[words[i]] = words[i + 1];
        }

        return arguments;
    }

    public string? Text(string name) => _values.GetValueOrDefault(name);

    public int? Number(string name, int least, int most) => Text(name) switch
    {
        null => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most => number,
        var text => throw new SeedArgumentException($"{name} is a number from {least:#,##0} to {most:#,##0}, not “{text}”."),
    };
}
