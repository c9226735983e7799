using DataDefender.RadiusHost.Lines;

namespace DataDefender.RadiusHost.Accounting;

/// <summary>
/// Closes sessions of which three reports in a row did not come. Only reports that could have reached us count: after a start it waits
/// until that time has passed, or an outage of our own would end everybody's session.
/// </summary>
internal sealed partial class StaleSessions(SessionStore store, LineDirectory directory, ApplierStatus status, TimeProvider clock, ILogger<StaleSessions> log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly long _listeningSince = clock.GetTimestamp();
    private long? _sweptAt;

    /// <summary>Does nothing when it was done a moment ago. Called when the whole journal has been applied.</summary>
    public async Task SweepAsync(CancellationToken ct)
    {
        if (_sweptAt is { } last && clock.GetElapsedTime(last) < Interval)
        {
            return;
        }

        _sweptAt = clock.GetTimestamp();
        foreach (var company in directory.Content.Companies.Values.Where(c => clock.GetElapsedTime(_listeningSince) > c.StaleAfter))
        {
            try
            {
                var before = clock.GetUtcNow().UtcDateTime - company.StaleAfter;
                var closed = await store.CloseSilentAsync(company.TenantId, before, ct);
                if (closed > 0)
                {
                    status.SilentClosed += closed;
                    Closed(log, closed, company.TenantId);
                }
            }
            catch (Exception failed) when (!ct.IsCancellationRequested)
            {
                Postponed(log, failed.GetBaseException().Message);
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Sessions} sessions of company {TenantId} sent no reports and were closed")]
    private static partial void Closed(ILogger log, int sessions, Guid tenantId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Silent sessions could not be looked for: {Reason}")]
    private static partial void Postponed(ILogger log, string reason);
}
