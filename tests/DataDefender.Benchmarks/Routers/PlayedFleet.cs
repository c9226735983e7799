using System.Diagnostics;
using System.Globalization;

namespace DataDefender.Benchmarks.Routers;

/// <summary>Simulated routers in a process of their own, so that what the client costs is not mixed with what the routers cost.</summary>
internal sealed class PlayedFleet : IAsyncDisposable
{
    public const string Command = "play-routers";

    private readonly Process _process;

    private PlayedFleet(Process process, IReadOnlyList<int> ports) => (_process, Ports) = (process, ports);

    /// <summary>Where the routers' plain API is, on 127.0.0.1.</summary>
    public IReadOnlyList<int> Ports { get; }

    /// <summary>Starts routers that are alike; see <see cref="FleetStage"/> for what each has.</summary>
    public static async Task<PlayedFleet> StartAsync(int routers, int interfaces = 0, int sessions = 0)
    {
        string[] words = [typeof(PlayedFleet).Assembly.Location, Command, .. new[] { routers, interfaces, sessions }.Select(n => n.ToString(CultureInfo.InvariantCulture))];
        var process = Process.Start(new ProcessStartInfo("dotnet", words) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The simulated routers did not start.");
        return new PlayedFleet(process, [.. line.Split(',').Select(p => int.Parse(p, CultureInfo.InvariantCulture))]);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close(); // which ends it
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
