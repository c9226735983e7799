using DataDefender.Domain.Common;

namespace DataDefender.Domain.Monitoring.History;

/// <summary>How far apart the points of a chunk lie.</summary>
public enum MetricStep
{
    /// <summary>As they were read; kept for two days.</summary>
    Raw,

    /// <summary>Five minutes, an hour to a chunk; kept for 90 days.</summary>
    FiveMinutes,

    /// <summary>An hour, a day (UTC) to a chunk; kept for two years.</summary>
    Hour,
}

/// <summary>
/// The values of one router, or of a company's RADIUS, over a stretch of time, packed: one row where single values would be thousands.
/// Written once and never changed; what it is called by is what it holds, so that writing it again changes nothing.
/// </summary>
public sealed class MetricChunk : ITenantOwned
{
    private MetricChunk() { }

    public MetricChunk(Guid tenantId, Guid subjectId, MetricStep step, DateTime from, DateTime until, byte[] payload) =>
        (TenantId, SubjectId, Step, From, Until, Payload) = (tenantId, subjectId, step, from, until, payload);

    public Guid TenantId { get; private set; }

    /// <summary>A router's id, or the company's own for its RADIUS.</summary>
    public Guid SubjectId { get; private set; }

    public MetricStep Step { get; private set; }

    /// <summary>The first point of a raw chunk; the beginning of the hour or the day otherwise.</summary>
    public DateTime From { get; private set; }

    /// <summary>Just after the last.</summary>
    public DateTime Until { get; private set; }

    public byte[] Payload { get; private set; } = [];
}

/// <summary>What the series of a chunk are called.</summary>
public static class MetricNames
{
    public const string Cpu = "cpu";
    public const string Memory = "mem";
    public const string Temperature = "temp";
    public const string Voltage = "volt";
    public const string Sessions = "sessions";
    public const string Answer = "answer";
    public const string Download = "rx";
    public const string Upload = "tx";
    public const string Accepts = "accepts";
    public const string Rejects = "rejects";
    public const string Accounting = "accounting";
    public const string Latency = "p99";

    /// <summary>Follows the name of a series that holds the highest values of its steps.</summary>
    public const string Highest = "^";

    public static string Received(string link) => $"if:{link}:rx";

    public static string Sent(string link) => $"if:{link}:tx";

    /// <summary>Of receiving and sending together, a minute.</summary>
    public static string Errors(string link) => $"if:{link}:err";

    /// <summary>The interface that a series is of; null for one of the whole router.</summary>
    public static string? Link(string name) => name.StartsWith("if:", StringComparison.Ordinal) && name.LastIndexOf(':') is > 3 and var end ? name[3..end] : null;

    /// <summary>Traffic is kept to the kilobit, all else to the tenth.</summary>
    internal static double Unit(string name)
    {
        var series = name.TrimEnd('^');
        return series is Download or Upload || (series.StartsWith("if:", StringComparison.Ordinal) && !series.EndsWith(":err", StringComparison.Ordinal)) ? 1000 : 0.1;
    }
}
