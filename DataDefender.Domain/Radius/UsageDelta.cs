using DataDefender.Domain.Common;

namespace DataDefender.Domain.Radius;

/// <summary>What an entry of the usage ledger was learnt from.</summary>
public enum UsageSource
{
    /// <summary>A report of a session that goes on. A Start that already carries counters is one too.</summary>
    Interim,

    /// <summary>The session's Stop.</summary>
    Stop,

    /// <summary>A report of a session that had been closed meanwhile: it was opened again, or its record was put right.</summary>
    Healed,
}

/// <summary>
/// One entry of the usage ledger: what one accounting report added to what its session had moved before. Written once, never changed;
/// <see cref="UsageHour"/> is the sum of these and can be made again from them as long as they are kept. Named by the journal's record
/// that it comes from, so that no record counts twice.
/// </summary>
public sealed class UsageDelta : ITenantOwned
{
    public Guid TenantId { get; init; }

    /// <summary>The hour (UTC) of <see cref="UsageHour"/> that it is part of.</summary>
    public DateTime Hour { get; init; }

    public Guid JournalId { get; init; }
    public long Sequence { get; init; }
    public Guid SubscriptionId { get; init; }
    public Guid NasId { get; init; }
    public string AcctSessionId { get; init; } = "";

    /// <summary>When it was reported for, by the clock that was believed (Event-Timestamp, or receipt less Acct-Delay-Time).</summary>
    public DateTime At { get; init; }

    public long UploadBytes { get; init; }
    public long DownloadBytes { get; init; }
    public int Seconds { get; init; }
    public UsageSource Source { get; init; }

    public static DateTime HourOf(DateTime at) => new(at.Year, at.Month, at.Day, at.Hour, 0, 0, DateTimeKind.Utc);
}
