using System.Diagnostics;
using DataDefender.Testing;

namespace DataDefender.Infrastructure.Tests.Persistence.SqlServer;

/// <summary>Microsoft's semantic model of SQL Server 2019 (DacFx), run under mono: it binds every table, column and type that a script names.</summary>
internal static class DacFxModel
{
    private static readonly Lazy<Task<string>> Checker = new(CompileAsync);

    /// <summary>What the model says of each script, by its name. Skips the test where mono is absent.</summary>
    public static async Task<Dictionary<string, List<string>>> ValidateAsync(IReadOnlyDictionary<string, string> scripts)
    {
        var mono = Requires.Program("mono", "mono (mono-devel) is not installed: DacFx's model runs on nothing else here.");
        Requires.Program("mcs", "mcs (mono-devel) is not installed: DacFx's checker is compiled by it.");
        var checker = await Checker.Value;
        var folder = Directory.CreateTempSubdirectory("dddac");
        try
        {
            foreach (var (name, sql) in scripts)
            {
                await File.WriteAllTextAsync(Path.Combine(folder.FullName, name), sql);
            }

            var output = await RunAsync(mono, [checker, .. scripts.Keys.Select(name => Path.Combine(folder.FullName, name))]);
            var messages = scripts.Keys.ToDictionary(name => name, _ => new List<string>());
            foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var parts = line.Split('\t', 2);
                messages[parts[0]].Add(parts[1]);
            }

            Assert.All(messages, m => Assert.Equal("done", m.Value[^1]));
            return messages.ToDictionary(m => m.Key, m => m.Value[..^1]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> CompileAsync()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "dacfx");
        var checker = Path.Combine(folder, "DacFxCheck.exe");
        await RunAsync("mcs", [
            "-nologo", $"-out:{checker}", Path.Combine(folder, "DacFxCheck.cs"), $"-lib:{folder}",
            "-r:Microsoft.SqlServer.Dac.dll", "-r:Microsoft.SqlServer.Dac.Extensions.dll", "-r:Microsoft.SqlServer.TransactSql.ScriptDom.dll", "-r:Facades/netstandard.dll",
        ]);
        return checker;
    }

    private static async Task<string> RunAsync(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await error}{await output}");
        return await output;
    }
}
