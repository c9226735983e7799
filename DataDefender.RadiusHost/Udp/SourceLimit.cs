namespace DataDefender.RadiusHost.Udp;

/// <summary>
/// How many requests a second one source may send to one port (the generic cell rate algorithm: one number, no timer). Twice the rate
/// may come at once, as when a router's customers redial together. The port's thread alone uses it.
/// </summary>
internal struct SourceLimit
{
    private const int BurstSeconds = 2;

    private long _nextAt;

    /// <param name="now">In timestamp units.</param>
    /// <param name="interval">Timestamp units between two requests at the full rate; 0 is no limit.</param>
    /// <param name="frequency">Timestamp units a second.</param>
    public bool TryTake(long now, long interval, long frequency)
    {
        var earliest = Math.Max(_nextAt, now);
        if (earliest - now > BurstSeconds * frequency)
        {
            return false;
        }

        _nextAt = earliest + interval;
        return true;
    }
}
