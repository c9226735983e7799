namespace DataDefender.RadiusHost.Status;

/// <summary>Logs an unexpected exception of packet handling at most once a minute, with how many there were: a packet must not fill the log.</summary>
internal sealed partial class FaultLog(TimeProvider clock, ILogger<FaultLog> log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long? _loggedAt;
    private long _since;

    public void Report(string where, Exception exception)
    {
        lock (_lock)
        {
            _since++;
            if (_loggedAt is { } last && clock.GetElapsedTime(last) < Interval)
            {
                return;
            }

            Failed(log, where, _since, exception);
            (_loggedAt, _since) = (clock.GetTimestamp(), 0);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Where} failed on {Count} packets since this was last said; the newest:")]
    private static partial void Failed(ILogger log, string where, long count, Exception exception);
}
