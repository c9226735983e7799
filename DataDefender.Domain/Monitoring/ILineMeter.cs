namespace DataDefender.Domain.Monitoring;

/// <summary>Where a line's counters come from.</summary>
public enum LineSource
{
    /// <summary>The router's own counters, read a moment ago.</summary>
    Router,

    /// <summary>The last interim report of RADIUS accounting.</summary>
    Accounting,
}

/// <summary>What can be said of a line's traffic at one moment.</summary>
public abstract record LineMeasure
{
    private LineMeasure() { }

    /// <summary>Counters since the session began, in the customer's view.</summary>
    /// <param name="At">When they were true; UTC.</param>
    /// <param name="Session">Tells one session from the next, whose counters begin anew.</param>
    /// <param name="Where">The router or NAS that counted, for people.</param>
    /// <param name="Instead">Why the router itself was not read, when accounting stands in.</param>
    public sealed record Counted(LineSource Source, DateTime At, string Session, long UploadBytes, long DownloadBytes, string Where, string? Instead) : LineMeasure;

    /// <summary>Accounting knows of no open session.</summary>
    public sealed record Offline : LineMeasure;
}

/// <summary>Reads a line's counters from wherever they are best known.</summary>
public interface ILineMeter
{
    /// <summary>A line of another company looks like one that is offline.</summary>
    Task<LineMeasure> MeasureAsync(Guid tenantId, Guid subscriptionId, CancellationToken ct);
}
