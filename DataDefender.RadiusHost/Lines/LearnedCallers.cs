using System.Collections.Concurrent;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Lines;

/// <summary>
/// Lines that were bound to their first caller a moment ago. A login is decided from here until the database has it and the line came
/// back from there, so that a second caller is refused from the first one's Accept on.
/// </summary>
internal sealed class LearnedCallers(IPlatformDbFactory databases, DirectoryLoader loader)
{
    private static readonly Actor Radius = new(null, "RADIUS", new HashSet<string>());

    private readonly ConcurrentDictionary<Guid, ulong> _waiting = new();

    /// <summary>The caller that a line learned and that its row does not have yet; 0 for none.</summary>
    public ulong Of(Guid subscriptionId) => _waiting.GetValueOrDefault(subscriptionId);

    /// <summary>Returns false when another caller was first.</summary>
    public bool TryAdd(Guid subscriptionId, ulong caller) => _waiting.GetOrAdd(subscriptionId, caller) == caller;

    public async Task SaveAsync(CancellationToken ct)
    {
        foreach (var (id, caller) in _waiting)
        {
            await using (var db = await databases.OpenAsync(Radius, ct))
            {
                if (await db.Subscriptions.AcrossTenants().SingleOrDefaultAsync(s => s.Id == id, ct) is { } line
                    && line.Learn(MacAddress.ToText(caller)) && !await TrySaveAsync(db, ct))
                {
                    continue; // another host, or a person, was faster: the next round reads what they wrote
                }
            }

            await loader.RefreshSubscriptionsAsync([id], ct);
            _waiting.TryRemove(id, out _);
        }
    }

    private static async Task<bool> TrySaveAsync(IDataDefenderDb db, CancellationToken ct)
    {
        try
        {
            await db.SaveChangesAsync(ct);
            return true;
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }
    }
}
