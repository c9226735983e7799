using System.ComponentModel.DataAnnotations;

namespace DataDefender.Infrastructure.Network.Fleet;

/// <summary>How routers are looked after: exports, backups, firmware.</summary>
public sealed class FleetOptions
{
    public const string Section = "Fleet";

    /// <summary>Off in a process that only shows pages.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How often what is due is looked for.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:30:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>When the night's exports begin, in the company's own time.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "23:59:00")]
    public TimeSpan NightlyAt { get; set; } = TimeSpan.FromHours(2);

    /// <summary>How often a router is asked for its neighbours.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "7.00:00:00")]
    public TimeSpan NeighbourInterval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How many routers are read at once.</summary>
    [Range(1, 100)]
    public int Parallel { get; set; } = 8;

    /// <summary>How long a router may take over its export or its backup.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long exports are kept; the newest of a router stays.</summary>
    [Range(7, 3650)]
    public int ExportDays { get; set; } = 400;

    /// <summary>How many binary backups of a router are kept.</summary>
    [Range(1, 50)]
    public int Backups { get; set; } = 3;

    /// <summary>A larger backup stays on the router. Bytes.</summary>
    [Range(65536, 64 << 20)]
    public int LargestBackup { get; set; } = 8 << 20;

    /// <summary>Between two looks at a router that is upgraded.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan Pause { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a router may take to download a version.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "04:00:00")]
    public TimeSpan DownloadPatience { get; set; } = TimeSpan.FromMinutes(20);

    /// <summary>How long a router may stay away after a reboot.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "02:00:00")]
    public TimeSpan RebootPatience { get; set; } = TimeSpan.FromMinutes(15);
}
