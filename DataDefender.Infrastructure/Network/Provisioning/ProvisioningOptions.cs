using System.ComponentModel.DataAnnotations;

namespace DataDefender.Infrastructure.Network.Provisioning;

/// <summary>How plans are carried out on routers.</summary>
public sealed class ProvisioningOptions
{
    public const string Section = "Provisioning";

    /// <summary>How often changes are looked for when nobody tells of a new one.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How many routers are changed at once.</summary>
    [Range(1, 200)]
    public int Parallel { get; set; } = 16;

    /// <summary>How often one thing is written before the router is said not to do it.</summary>
    [Range(1, 10)]
    public int Writes { get; set; } = 2;

    /// <summary>How many writes of lines are under way on one router at once.</summary>
    [Range(1, 100)]
    public int Pipeline { get; set; } = 16;

    /// <summary>How often a router that does not answer is asked before the change is interrupted.</summary>
    [Range(1, 20)]
    public int Reads { get; set; } = 4;

    /// <summary>Between two of these.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan Pause { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How soon an interrupted change is tried again; doubles up to <see cref="LongestWait"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan FirstWait { get; set; } = TimeSpan.FromSeconds(15);

    [Range(typeof(TimeSpan), "00:00:00.050", "06:00:00")]
    public TimeSpan LongestWait { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>After so long without an answer a person has to look.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long a router of a roll-out may be lost, or not yet be right after its change, before it counts as failed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "02:00:00")]
    public TimeSpan RolloutPatience { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>How often each router is read for drift.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan DriftInterval { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often it is seen which routers are due.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan DriftTick { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How many routers are read for drift at once.</summary>
    [Range(1, 200)]
    public int DriftAtOnce { get; set; } = 8;

    public TimeSpan WaitAfter(int attempts) => TimeSpan.FromTicks(Math.Min(LongestWait.Ticks, FirstWait.Ticks << Math.Clamp(attempts - 1, 0, 16)));
}
