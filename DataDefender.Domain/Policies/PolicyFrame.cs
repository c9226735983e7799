using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Policies;

/// <summary>What all lines of a company share while their rules are looked at.</summary>
internal sealed record PolicyFrame(
    TimeZoneInfo Zone, TimeSpan Grace, int? SettingsVersion, IReadOnlyDictionary<Guid, UsagePolicy> Policies, IReadOnlyDictionary<Guid, ServicePackage> Packages)
{
    public static async Task<PolicyFrame> LoadAsync(IDataDefenderDb db, CancellationToken ct)
    {
        var zone = await db.Companies.Where(c => c.Id == db.TenantId).Select(c => c.TimeZone).SingleAsync(ct);
        var settings = await db.NetworkSettings.AsNoTracking().Select(s => new { s.Version, s.States }).SingleOrDefaultAsync(ct);
        return new PolicyFrame(
            TimeZoneInfo.FindSystemTimeZoneById(zone),
            TimeSpan.FromDays((settings?.States ?? StateTreatments.Default).GraceDays),
            settings?.Version,
            await db.UsagePolicies.AsNoTracking().ToDictionaryAsync(p => p.Id, ct),
            await db.Packages.AsNoTracking().ToDictionaryAsync(p => p.Id, ct));
    }

    public UsagePolicy? PolicyOf(Subscription line) => Packages[line.PackageId].PolicyId is { } id ? Policies.GetValueOrDefault(id) : null;

    public PolicyRules RulesOf(Subscription line) => PolicyOf(line)?.Rules ?? PolicyRules.None;

    /// <summary>
    /// The facts of these lines, by line. The usage reaches back as far as their own rules, and <paramref name="others"/>, need it at
    /// <paramref name="earliest"/>.
    /// </summary>
    public async Task<IReadOnlyDictionary<Guid, LineFacts>> FactsAsync(
        IDataDefenderDb db, IReadOnlyCollection<Subscription> lines, DateTime earliest, PolicyRules? others = null, CancellationToken ct = default)
    {
        Guid[] ids = [.. lines.Select(l => l.Id)];
        var grants = await GrantsAsync(db, ids, earliest, ct);
        var history = new Dictionary<Guid, HourOfUse[]>();

        // Most lines look back equally far; a top-up makes one look back farther.
        foreach (var group in lines.GroupBy(HistoryStart))
        {
            var rows = await UsageLedger.LoadAsync(db, [.. group.Select(l => l.Id)], group.Key, ct);
            foreach (var line in group)
            {
                history[line.Id] = [.. rows[line.Id]];
            }
        }

        return lines.ToDictionary(l => l.Id, l => Of(l, history[l.Id], grants.GetValueOrDefault(l.Id, [])));

        DateTime HistoryStart(Subscription line)
        {
            var own = LineFacts.HistoryStart(RulesOf(line), grants.GetValueOrDefault(line.Id, []), earliest, Zone);
            var other = others is null ? own : LineFacts.HistoryStart(others, grants.GetValueOrDefault(line.Id, []), earliest, Zone);
            return own < other ? own : other;
        }
    }

    private LineFacts Of(Subscription line, HourOfUse[] history, IReadOnlyList<TopUpGrant> topUps)
    {
        var package = Packages[line.PackageId];
        return new LineFacts(package.DownloadKbps, package.UploadKbps, history, topUps, line.ExpiresAt, Zone) { ActiveSince = line.ActivatedAt, Grace = Grace };
    }

    private static async Task<Dictionary<Guid, IReadOnlyList<TopUpGrant>>> GrantsAsync(IDataDefenderDb db, Guid[] ids, DateTime earliest, CancellationToken ct)
    {
        var topUps = db.TopUps.AsNoTracking().Where(t => ids.Contains(t.SubscriptionId));
        var holders = await topUps.Where(t => t.Until > earliest).Select(t => t.SubscriptionId).Distinct().ToListAsync(ct);
        if (holders.Count == 0)
        {
            return [];
        }

        var all = await db.TopUps.AsNoTracking().Where(t => holders.Contains(t.SubscriptionId)).ToListAsync(ct);
        return all.GroupBy(t => t.SubscriptionId).ToDictionary(g => g.Key, g => TopUpGrant.Relevant(g.Select(t => t.Grant), earliest));
    }
}
