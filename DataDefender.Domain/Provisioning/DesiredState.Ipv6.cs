using DataDefender.Domain.Network;

namespace DataDefender.Domain.Provisioning;

public static partial class DesiredStates
{
    /// <summary>What an IPv6 pool of a design is called on the router: it takes no comment there, so that its name bears the mark.</summary>
    public static string Ipv6PoolName(Guid tenantId, string name) => Marks.Of(tenantId).Name + name;

    private sealed partial class Builder
    {
        /// <summary>A version 6 without its package has neither pools nor their place in a profile, and refuses a profile that names one.</summary>
        private bool HasIpv6 => actual is null || actual.Rows(RouterMenu.Ipv6Pool) is not null;

        private void Ipv6Pools()
        {
            foreach (var pool in Design.Ipv6PoolList())
            {
                Named(RouterMenu.Ipv6Pool, facts.NamePrefix + pool.Name, $"IPv6 pool {pool.Name}", new("prefix", pool.Prefix), new("prefix-length", Text(pool.Length)));
            }
        }

        /// <summary>As the router calls it: a pool of the design by its own name or with our mark, or one that the router has of its own. Null for one that is neither.</summary>
        private string? Ipv6Pool(string? name) =>
            string.IsNullOrEmpty(name) ? null
            : Design.Ipv6PoolList().FirstOrDefault(p => p.Name == name || facts.NamePrefix + p.Name == name) is { } designed ? facts.NamePrefix + designed.Name
            : actual?.Rows(RouterMenu.Ipv6Pool)?.Any(r => r["name"] == name) is true ? name
            : null;

        private IEnumerable<DesiredValue> Ipv6Of(string key, string? link, string? delegation) =>
            HasIpv6 ? WhereSet(key, new("remote-ipv6-prefix-pool", link ?? ""), new("dhcpv6-pd-pool", delegation ?? "")) : [];

        /// <summary>"None" is said only to a profile that has something there: one that never had is as it should be, and an older router may not know the property.</summary>
        private IEnumerable<DesiredValue> WhereSet(string key, params DesiredValue[] values)
        {
            var row = actual?.Rows(RouterMenu.Profile)?.FirstOrDefault(r => r["comment"] == facts.MarkPrefix + key);
            return values.Where(v => v.Value.Length > 0 || (row?[v.Name] is not (null or "" or "none") && RouterOsValues.Duration(row[v.Name]) != TimeSpan.Zero));
        }
    }
}
