using System.ComponentModel.DataAnnotations;

namespace DataDefender.Infrastructure.Lines;

/// <summary>How changes of lines are brought to the routers.</summary>
public sealed class LineControlOptions
{
    public const string Section = "Lines";

    /// <summary>How often commands are looked for when nobody tells of a new one (it came from another process, or its next attempt is due).</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How many lines are worked on at once.</summary>
    [Range(1, 1000)]
    public int Parallel { get; set; } = 128;

    /// <summary>How many of them on one NAS.</summary>
    [Range(1, 100)]
    public int ParallelPerNas { get; set; } = 8;

    /// <summary>After how many attempts a command has failed. Where the router is not reached it goes on, and is reported once after so many.</summary>
    [Range(1, 100)]
    public int Attempts { get; set; } = 7;

    /// <summary>The wait after the first attempt; it doubles with each further one, up to <see cref="LongestPause"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromSeconds(5);

    [Range(typeof(TimeSpan), "00:00:01", "06:00:00")]
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a NAS that did not answer a CoA or Disconnect is not asked again, so that its lines go to the API at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan SilenceKept { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often changes that found no open session are held against the sessions that are open now.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ReviewInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the routers' walled garden lists are compared with the lines.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(2);

    public TimeSpan PauseAfter(int attempts) =>
        TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << Math.Clamp(attempts - 1, 0, 20)));
}
