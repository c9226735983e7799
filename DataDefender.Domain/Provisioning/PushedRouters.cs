using DataDefender.Domain.Common;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Provisioning;

/// <summary>Whether changes of lines have to be brought to routers also when no session is open.</summary>
public static class PushedRouters
{
    /// <summary>True when some router of the company has its lines itself.</summary>
    public static async Task<bool> AnyAsync(IDataDefenderDb db, CancellationToken ct) =>
        (await db.Routers.AsNoTracking().Where(r => r.IsEnabled).Select(r => r.Design).ToListAsync(ct)).Exists(d => d.LinePush is not LinePush.None);
}
