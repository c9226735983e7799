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

    private const int AtOnce = 250;

    private readonly ConcurrentDictionary<Guid, ulong> _waiting = new();

    /// <summary>The caller that a line learned and that its row does not have yet; 0 for none.</summary>
    public ulong Of(Guid subscriptionId) => _waiting.GetValueOrDefault(subscriptionId);

    /// <summary>Returns false when another caller was first.</summary>
    public bool TryAdd(Guid subscriptionId, ulong caller) => _waiting.GetOrAdd(subscriptionId, caller) == caller;

    public async Task SaveAsync(CancellationToken ct)
    {
        // After a power cut thousands are learnt at once, and suspensions wait behind this: some of them each time, together.
        var some = _waiting.Take(AtOnce).ToDictionary();
        if (some.Count > 0 && !await TryLearnAsync(some, ct))
        {
            foreach (var one in some)
            {
                await TryLearnAsync(new Dictionary<Guid, ulong> { [one.Key] = one.Value }, ct);
            }
        }
    }

    /// <summary>False when another host, or a person, was faster with one of them: the next round reads what they wrote.</summary>
    private async Task<bool> TryLearnAsync(Dictionary<Guid, ulong> callers, CancellationToken ct)
    {
        Guid[] ids = [.. callers.Keys];
        await using (var db = await databases.OpenAsync(Radius, ct))
        {
            var changed = false;
            foreach (var line in await db.Subscriptions.AcrossTenants().Where(s => ids.Contains(s.Id)).ToListAsync(ct))
            {
                changed |= line.Learn(MacAddress.ToText(callers[line.Id]));
            }

            if (changed && !await TrySaveAsync(db, ct))
            {
                return false;
            }
        }

        await loader.RefreshSubscriptionsAsync(ids, ct);
        foreach (var id in ids)
        {
            _waiting.TryRemove(id, out _);
        }

        return true;
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
