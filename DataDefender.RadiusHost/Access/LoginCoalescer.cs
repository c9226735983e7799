using System.Globalization;
using DataDefender.Domain.Radius;

namespace DataDefender.RadiusHost.Access;

/// <summary>Lets the first of many same attempts through at once and counts the rest until the window of a second ends.</summary>
internal sealed class LoginCoalescer
{
    private const int DetailLength = 500;

    private readonly Dictionary<Key, (LoginAttempt Last, int More)> _window = [];

    /// <summary>The attempts to be written now: those of which the window has none yet.</summary>
    public IEnumerable<LoginAttempt> Fold(IEnumerable<LoginAttempt> attempts)
    {
        foreach (var attempt in attempts)
        {
            var key = new Key(attempt.NasId, attempt.Username, attempt.CallingStationId, attempt.Outcome, attempt.Method, attempt.IsTest);
            if (_window.TryGetValue(key, out var known))
            {
                _window[key] = (attempt, known.More + 1);
                continue;
            }

            _window[key] = (attempt, 0);
            yield return attempt;
        }
    }

    /// <summary>One row for each kind of attempt that was repeated in the window, saying how often.</summary>
    public IReadOnlyList<LoginAttempt> CloseWindow()
    {
        var repeated = _window.Values.Where(r => r.More > 0).Select(r => Repeated(r.Last, r.More)).ToList();
        _window.Clear();
        return repeated;
    }

    private static LoginAttempt Repeated(LoginAttempt last, int more)
    {
        var detail = string.Create(CultureInfo.InvariantCulture, $"{last.Detail} ({more} more like this within a second)");
        return new LoginAttempt
        {
            TenantId = last.TenantId,
            NasId = last.NasId,
            SubscriptionId = last.SubscriptionId,
            At = last.At,
            Username = last.Username,
            CallingStationId = last.CallingStationId,
            Method = last.Method,
            Outcome = last.Outcome,
            IsTest = last.IsTest,
            Detail = detail.Length > DetailLength ? detail[..DetailLength] : detail,
        };
    }

    private readonly record struct Key(Guid NasId, string Username, string? Caller, LoginOutcome Outcome, string Method, bool IsTest);
}
