using System.ComponentModel.DataAnnotations;

namespace DataDefender.Infrastructure.Network.Polling;

/// <summary>How routers are polled. Section <c>Polling</c>.</summary>
public sealed class PollingOptions : IValidatableObject
{
    public const string Section = "Polling";

    /// <summary>Off for a second web node: two pollers would ask every router twice.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Resources and interface counters of a router. Raise it for slow routers or a very large fleet.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The router's own count of sessions, to hold against what RADIUS accounting says.</summary>
    public TimeSpan SessionInterval { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Temperature and voltage.</summary>
    public TimeSpan SensorInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Identity, model, version and serial number; also read after each restart of the router.</summary>
    public TimeSpan InventoryInterval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How often the list of routers is read, so how soon a new, changed or removed router counts.</summary>
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How often what was seen is written to the database, all routers of a company together.</summary>
    public TimeSpan StoreInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How old the stored time of the last answer may grow while nothing else about a router changes.</summary>
    public TimeSpan LastSeenInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>All that one poll of one router may take.</summary>
    public TimeSpan Budget { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>A first answer slower than this, twice in a row, makes a router degraded.</summary>
    public TimeSpan SlowAnswer { get; set; } = TimeSpan.FromSeconds(1.5);

    public TimeSpan FirstBackOff { get; set; } = TimeSpan.FromSeconds(5);

    public TimeSpan LongestBackOff { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Polls without an answer before a router counts as down.</summary>
    [Range(1, 20)]
    public int MissesUntilDown { get; set; } = 3;

    /// <summary>A router that RADIUS heard from within this time is not down, whatever its API does.</summary>
    public TimeSpan RadiusEvidence { get; set; } = TimeSpan.FromMinutes(6);

    /// <summary>Routers polled at the same moment, over all companies; as many again of those that do not answer.</summary>
    [Range(1, 1024)]
    public int AtOnce { get; set; } = 64;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        TimeSpan[] times = [Interval, SessionInterval, SensorInterval, InventoryInterval, ReloadInterval, StoreInterval, LastSeenInterval, Budget, SlowAnswer, FirstBackOff, LongestBackOff, RadiusEvidence];
        if (times.Any(t => t <= TimeSpan.Zero || t > TimeSpan.FromDays(1)))
        {
            yield return new ValidationResult("Each time must be longer than zero and at most a day.");
        }

        if (LongestBackOff < FirstBackOff)
        {
            yield return new ValidationResult("The longest back-off cannot be shorter than the first.", [nameof(LongestBackOff)]);
        }
    }
}
