using System.Collections.Concurrent;
using System.Security.Cryptography;
using DataDefender.RadiusHost.Access;
using DataDefender.RadiusHost.Lines;
using DataDefender.RadiusHost.Status;

namespace DataDefender.RadiusHost.LoginTests;

/// <summary>What the web application is told to send its test to.</summary>
internal sealed record LoginTestOpening(Guid Id, string Address, int Port, string Secret);

/// <summary>What was decided, which the reply does not say.</summary>
internal sealed record LoginTestVerdict(string Outcome, string Detail);

/// <summary>
/// Test logins as the web application makes them. Each has a UDP port of its own for a few seconds, on the address that it was asked for at
/// (the loopback one for a caller on this machine), with a secret of its own, and takes one Access-Request from who asked for it. That is
/// decided by the same code from the same memory as one of the chosen NAS. It is logged as a test; it is in no counter, and nothing is learnt
/// from it.
/// </summary>
internal sealed class LoginTestDesk(LineDirectory directory, LearnedCallers callers, LoginLog log, FaultLog faults, TimeProvider clock) : IDisposable
{
    private const int WaitingAtOnce = 8;
    private const int KeptAtOnce = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<Guid, LoginTest> _open = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Null when as many are open as may be, or no NAS of that id is known: see <paramref name="isKnown"/>.</summary>
    public LoginTestOpening? Open(Guid nasId, TestPath path, out bool isKnown)
    {
        var nas = directory.Content.Nas.All.FirstOrDefault(n => n.Id == nasId);
        isKnown = nas is not null;
        if (nas is null || _open.Count >= KeptAtOnce || _open.Values.Count(t => t.Verdict is null) >= WaitingAtOnce)
        {
            return null;
        }

        var secret = RandomNumberGenerator.GetHexString(48, lowercase: true);
        var test = new LoginTest(new NasEntry(nas.State, nas.Company, nas.Facts with { Secret = secret }), path, callers, log, clock);
        var id = Guid.CreateVersion7();
        _open[id] = test;
        _ = RunAsync(id, test);
        return new LoginTestOpening(id, path.Here.ToString(), test.Port, secret);
    }

    /// <summary>What was decided; null when nothing was yet, or it is long ago.</summary>
    public LoginTestVerdict? Verdict(Guid id) => _open.GetValueOrDefault(id)?.Verdict;

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private async Task RunAsync(Guid id, LoginTest test)
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _stopping.Token);
            await test.AnswerAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // its time is over
        }
        catch (Exception ex)
        {
            faults.Report("A test login", ex);
        }
        finally
        {
            _open.TryRemove(id, out _);
            test.Dispose();
        }
    }
}
