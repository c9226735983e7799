using Microsoft.Extensions.DependencyInjection.Extensions;

namespace DataDefender.Infrastructure.Seeding;

/// <summary>
/// The clock of a seeding process: it can be set to a past day and moved on from there, so that months of business are done by the
/// product's own services on the days on which they would have been. Until it is set, and after it was let go, it is the system's.
/// </summary>
public sealed class SeedClock(TimeProvider present) : TimeProvider
{
    private DateTimeOffset? _at;

    public override DateTimeOffset GetUtcNow() => _at ?? present.GetUtcNow();

    /// <summary>The clock beyond which nothing is seeded.</summary>
    public TimeProvider Present => present;

    /// <summary>Begins in the past.</summary>
    public void Begin(DateTime utc) => _at = new DateTimeOffset(utc, TimeSpan.Zero);

    /// <summary>Moves on to that moment, and never back nor beyond the present.</summary>
    public void MoveTo(DateTime utc)
    {
        var (wanted, now) = (new DateTimeOffset(utc, TimeSpan.Zero), present.GetUtcNow());
        _at = wanted > now ? now : wanted > GetUtcNow() ? wanted : _at;
    }

    /// <summary>From now on it is the present's clock again.</summary>
    public void LetGo() => _at = null;
}

public static class SeedRegistration
{
    /// <summary>For a process that seeds and serves nobody: its time is a <see cref="SeedClock"/>.</summary>
    public static IServiceCollection AddSeedClock(this IServiceCollection services, TimeProvider? present = null)
    {
        services.AddSingleton(new SeedClock(present ?? TimeProvider.System));
        return services.Replace(ServiceDescriptor.Singleton<TimeProvider>(provider => provider.GetRequiredService<SeedClock>()));
    }
}
