using System.Net;

namespace DataDefender.Sandbox.Nas;

/// <summary>The sessions of one router, by what they are looked up by. Callers hold the router's lock.</summary>
internal sealed class SessionTable
{
    private static readonly TimeSpan TotalsLast = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, LineSession> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<IPAddress, LineSession> _byAddress = [];
    private readonly Dictionary<string, List<LineSession>> _byUser = new(StringComparer.Ordinal);
    private (double Up, double Down) _ended;
    private (DateTimeOffset At, double Up, double Down) _totals;

    public int Count => _byId.Count;

    public IEnumerable<LineSession> All => _byId.Values;

    public LineSession? ById(string id) => _byId.GetValueOrDefault(id);

    public LineSession? ByAddress(IPAddress address) => _byAddress.GetValueOrDefault(address);

    public IReadOnlyList<LineSession> ByUser(string name) => _byUser.TryGetValue(name, out var sessions) ? sessions : [];

    public void Add(LineSession session)
    {
        _byId.Add(session.Id, session);
        _byAddress[session.Address] = session;
        if (!_byUser.TryGetValue(session.Subscriber.Username, out var sessions))
        {
            _byUser.Add(session.Subscriber.Username, sessions = []);
        }

        sessions.Add(session);
    }

    public void Remove(LineSession session)
    {
        if (!_byId.Remove(session.Id))
        {
            return;
        }

        if (_byAddress.GetValueOrDefault(session.Address) == session)
        {
            _byAddress.Remove(session.Address);
        }

        if (_byUser.TryGetValue(session.Subscriber.Username, out var sessions) && sessions.Remove(session) && sessions.Count == 0)
        {
            _byUser.Remove(session.Subscriber.Username);
        }

        _ended = (_ended.Up + session.UploadBytes, _ended.Down + session.DownloadBytes);
    }

    /// <summary>All that lines carried since the router booted, ended sessions included; half a second old at most.</summary>
    public (double Up, double Down) Totals(DateTimeOffset now)
    {
        if (now - _totals.At >= TotalsLast || now < _totals.At)
        {
            var (up, down) = _ended;
            foreach (var session in _byId.Values)
            {
                session.Count(now);
                up += session.UploadBytes;
                down += session.DownloadBytes;
            }

            _totals = (now, up, down);
        }

        return (_totals.Up, _totals.Down);
    }

    public (double Up, double Down) RateNow(DateTimeOffset now) => _byId.Values
        .Select(session => session.RateNow(now))
        .Aggregate((Up: 0.0, Down: 0.0), static (sum, rate) => (sum.Up + rate.Up, sum.Down + rate.Down));

    public void Clear()
    {
        _byId.Clear();
        _byAddress.Clear();
        _byUser.Clear();
        (_ended, _totals) = (default, default);
    }
}
