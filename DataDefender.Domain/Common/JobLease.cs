namespace DataDefender.Domain.Common;

/// <summary>
/// Which process does a job that only one of an installation may do. Whoever does it moves <see cref="Beat"/> on every few seconds; another
/// process takes the job over when it has seen the same beat for too long by its own clock, so that the clocks of two machines need not agree.
/// </summary>
public sealed class JobLease : IPlatformOwned
{
    /// <summary>The job's name.</summary>
    public string Job { get; init; } = "";

    /// <summary>The process that does it, by an id that it made when it started; empty when it was laid down.</summary>
    public Guid Holder { get; init; }

    /// <summary>For people: where that process runs.</summary>
    public string Machine { get; init; } = "";

    public long Beat { get; init; }

    /// <summary>For people: nothing is decided by it. UTC.</summary>
    public DateTime TakenAt { get; init; }
}
