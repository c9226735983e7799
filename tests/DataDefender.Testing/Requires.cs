using System.Diagnostics.CodeAnalysis;
using Xunit;

namespace DataDefender.Testing;

/// <summary>
/// What a test needs of the machine. Absent, the test is skipped with the reason; with DATADEFENDER_TESTS_STRICT=1, as in CI, it fails,
/// so that a green run there means that everything ran.
/// </summary>
public static class Requires
{
    public static bool Strict => Environment.GetEnvironmentVariable("DATADEFENDER_TESTS_STRICT") == "1";

    public static void That([DoesNotReturnIf(false)] bool present, string reason)
    {
        if (!present)
        {
            Assert.SkipWhen(!Strict, reason);
            Assert.Fail($"{reason} (DATADEFENDER_TESTS_STRICT is set)");
        }
    }

    /// <summary>The full path of a program on the PATH or in one of the further folders.</summary>
    public static string Program(string name, string reason, params IEnumerable<string> folders)
    {
        var path = FindProgram(name, folders);
        That(path is not null, reason);
        return path;
    }

    public static string? FindProgram(string name, params IEnumerable<string> folders) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(folders)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
}
