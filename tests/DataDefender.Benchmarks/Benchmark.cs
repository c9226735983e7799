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

    /// <summary>What follows "--name" in the options, or the default.</summary>
    protected static int Option(string[] options, string name, int otherwise) =>
        Array.IndexOf(options, $"--{name}") is var at and >= 0 && at + 1 < options.Length
            ? int.Parse(options[at + 1], CultureInfo.InvariantCulture)
            : otherwise;

    protected static bool Flag(string[] options, string name) => options.Contains($"--{name}");
}
