using DataDefender.Domain.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Accounting;

/// <summary>Removes the usage ledger's entries that are older than they are kept, an hour of a company at a time.</summary>
internal sealed class LedgerUpkeep(IPlatformDbFactory platform, IOptions<UsageLedgerOptions> options, TimeProvider clock)
{
    /// <summary>Returns how many entries went.</summary>
    public async Task<int> RemoveOldAsync(CancellationToken ct)
    {
        var keptFrom = options.Value.KeptFrom(clock.GetUtcNow().UtcDateTime);
        await using var db = await platform.OpenAsync(ct);
        var removed = 0;
        foreach (var company in await db.Companies.Select(c => c.Id).ToListAsync(ct))
        {
            var entries = db.UsageDeltas.AcrossTenants().Where(d => d.TenantId == company);
            while (await entries.Where(d => d.Hour < keptFrom).MinAsync(d => (DateTime?)d.Hour, ct) is { } oldest)
            {
                removed += await entries.Where(d => d.Hour == oldest).ExecuteDeleteAsync(ct);
            }
        }

        return removed;
    }
}
