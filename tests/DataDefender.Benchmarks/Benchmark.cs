using System.Globalization;

namespace DataDefender.Benchmarks;

/// <summary>Something that is measured. Prints one line a figure: <c>name: value unit</c>.</summary>
internal abstract class Benchmark
{
    public abstract string Name { get; }

    public abstract string Purpose { get; }

    public abstract Task<int> RunAsync(string[] options);

    protected static void Print(string figure, double value, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{figure}: {value:0.###} {unit}"));

    /// <summary>What else the machine does is in the figures: so that a reader can tell.</summary>
    protected static void PrintMachine(string figure)
    {
        if (File.Exists("/proc/loadavg"))
        {
            Print($"{figure}.load", double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture), "load average of the last minute");
        }
    }

    /// <summary>What follows "--name" in the options, or the default.</summary>
    protected static int Option(string[] options, string name, int otherwise) =>
        Array.IndexOf(options, $"--{name}") is var at and >= 0 && at + 1 < options.Length
            ? int.Parse(options[at + 1], CultureInfo.InvariantCulture)
            : otherwise;

    protected static bool Flag(string[] options, string name) => options.Contains($"--{name}");
}
