using System.Collections.Concurrent;
using DataDefender.Domain.Common;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Lines;

/// <summary>NAS that have shown a valid Message-Authenticator under the rule Learn, waiting to be written to the database: from then on a restart does not forget it.</summary>
internal sealed class LearnedAuthenticators(IPlatformDbFactory databases)
{
    private readonly ConcurrentQueue<Guid> _waiting = new();

    public void Add(Guid nasId) => _waiting.Enqueue(nasId);

    public async Task SaveAsync(CancellationToken ct)
    {
        while (_waiting.TryPeek(out var nasId))
        {
            await using var db = await databases.OpenAsync(ct);
            if (await db.NasDevices.AcrossTenants().SingleOrDefaultAsync(n => n.Id == nasId, ct) is { MessageAuthenticatorSeen: false } nas)
            {
                nas.LearnMessageAuthenticator();
                await db.SaveChangesAsync(ct);
            }

            _waiting.TryDequeue(out _);
        }
    }
}
