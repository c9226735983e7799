using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;

namespace DataDefender.Testing;

/// <summary>Rows that RadiusHost and the poller would have written.</summary>
public static class Observations
{
    private static int _serial;

    /// <summary>The moment at which a test's clock starts.</summary>
    public static readonly DateTime Now = new ManualClock().Now;

    public static async Task<LiveSession> AddSessionAsync(this TestCompany company, Nas nas, Action<LiveSession>? configure = null)
    {
        var number = Interlocked.Increment(ref _serial);
        var session = new LiveSession
        {
            TenantId = company.Id, NasId = nas.Id, AcctSessionId = $"81{number:x6}", Username = $"user{number}", FramedAddress = $"100.64.0.{number % 250}",
            CallingStationId = $"AA:BB:CC:00:{number / 256:X2}:{number % 256:X2}", StartedAt = Now.AddHours(-1), UpdatedAt = Now,
        };
        configure?.Invoke(session);
        await using var db = company.Open();
        db.LiveSessions.Add(session);
        await db.SaveChangesAsync();
        return session;
    }

    public static async Task<DateTime> AddLoginAsync(
        this TestCompany company, Nas nas, string username = "user1", LoginOutcome outcome = LoginOutcome.Accepted, DateTime? at = null, string? mac = null, Guid? subscriptionId = null, bool isTest = false)
    {
        var attempt = new LoginAttempt
        {
            TenantId = company.Id, NasId = nas.Id, Username = username, Outcome = outcome, At = at ?? Now.AddMinutes(-1), Method = "MS-CHAPv2", CallingStationId = mac, SubscriptionId = subscriptionId, IsTest = isTest,
        };
        await using var db = company.Open();
        db.LoginAttempts.Add(attempt);
        await db.SaveChangesAsync();
        return attempt.At;
    }

    public static async Task AddEventAsync(this TestCompany company, string kind, EventSeverity severity = EventSeverity.Info, string message = "Something happened", Guid? router = null, int minutesAgo = 0)
    {
        await using var db = company.Open();
        db.NetworkEvents.Add(new NetworkEvent { TenantId = company.Id, At = Now.AddMinutes(-minutesAgo), Kind = kind, Severity = severity, Message = message, RouterId = router });
        await db.SaveChangesAsync();
    }
}
