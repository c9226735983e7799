using System.Collections.Concurrent;
using DataDefender.Domain.Common;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Lines;

/// <summary>NAS that have shown a valid Message-Authenticator under the rule Learn, waiting to be written to the database: from then on a restart does not forget it. One that was forgotten meanwhile is not written.</summary>
internal sealed class LearnedAuthenticators(IPlatformDbFactory databases)
{
    private readonly ConcurrentQueue<NasState> _waiting = new();

    public void Add(NasState nas) => _waiting.Enqueue(nas);

    public async Task SaveAsync(CancellationToken ct)
    {
        while (_waiting.TryPeek(out var state))
        {
            if (state.MessageAuthenticatorIsNews)
            {
                await SaveAsync(state.Id, ct);
                state.MessageAuthenticatorIsSaved();
            }

            _waiting.TryDequeue(out _);
        }
    }

    private async Task SaveAsync(Guid nasId, CancellationToken ct)
    {
        await using var db = await databases.OpenAsync(ct);
        if (await db.NasDevices.AcrossTenants().SingleOrDefaultAsync(n => n.Id == nasId, ct) is { MessageAuthenticatorSeen: false } nas)
        {
            nas.LearnMessageAuthenticator();
            await db.SaveChangesAsync(ct);
        }
    }
}
