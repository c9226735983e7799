using System.Collections.Immutable;

namespace DataDefender.Domain.Subscriptions;

/// <summary>The address pool of a package on one router, in place of the package's own.</summary>
public sealed record SitePool(Guid RouterId, string Pool);

/// <summary>Where a package has another pool. Immutable.</summary>
public sealed record SitePools
{
    public static SitePools None { get; } = new();

    public ImmutableArray<SitePool> Pools { get; init; } = [];

    /// <summary>The pool for lines that come in through this router; null for the package's own.</summary>
    public string? At(Guid? routerId)
    {
        foreach (var site in Pools)
        {
            if (site.RouterId == routerId)
            {
                return site.Pool;
            }
        }

        return null;
    }

    public bool Equals(SitePools? other) => other is not null && Pools.SequenceEqual(other.Pools);

    public override int GetHashCode() => Pools.Length;
}
