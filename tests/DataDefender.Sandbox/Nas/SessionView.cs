using System.Net;

namespace DataDefender.Sandbox.Nas;

/// <summary>A session as it stands at one moment: for tests and the control page. Rates in bits per second.</summary>
public sealed record SessionView(
    string Id, string Username, IPAddress Address, DateTimeOffset StartedAt, TimeSpan Uptime, string? RateLimit, string? AddressList, bool IsWalled,
    TimeSpan? SessionTimeout, TimeSpan? InterimInterval, ulong UploadBytes, ulong DownloadBytes, long UploadRate, long DownloadRate)
{
    internal static SessionView Of(LineSession session, DateTimeOffset now)
    {
        session.Count(now);
        var (up, down) = session.RateNow(now);
        return new SessionView(session.Id, session.Subscriber.Username, session.Address, session.StartedAt, session.Uptime(now), session.LimitText, session.AddressList, session.IsWalled,
            session.SessionTimeout, session.InterimInterval, session.UploadBytes, session.DownloadBytes, up, down);
    }
}
