using Xunit;

namespace DataDefender.Testing;

/// <summary>
/// <c>dotnet test</c> starts all test projects of the solution at once. Each starts servers, browsers and databases of its own, so
/// on a small machine they would only make each other late. Each waits here for its turn; the turn belongs to one checkout, so that
/// two of them do not wait for each other, and ends with the process however that ends.
/// </summary>
public sealed class OneProjectAtATime : IAsyncLifetime
{
    // Beside the projects' outputs: artifacts/bin/Project/debug/ is where the tests run.
    private static readonly string Turn = Path.Combine(AppContext.BaseDirectory, "..", "..", ".tests-turn");

    // Processes that a test starts of its own executable belong to the turn of that test.
    private const string Held = "DATADEFENDER_TESTS_TURN";

    private FileStream? _turn;

    public async ValueTask InitializeAsync()
    {
        while (_turn is null && Environment.GetEnvironmentVariable(Held) is null)
        {
            try
            {
                _turn = new FileStream(Turn, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                Environment.SetEnvironmentVariable(Held, "1");
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250), TestContext.Current.CancellationToken);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_turn is not null)
        {
            await _turn.DisposeAsync();
        }
    }
}
