using System.Security.Cryptography;
using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace DataDefender.Infrastructure.Network.Polling;

/// <summary>Which routers there are to poll, over all companies that are active. The one place of the poller that looks across companies.</summary>
internal sealed partial class RouterDirectory(IPlatformDbFactory platform, ISecretVault vault, ILogger<RouterDirectory> log)
{
    public async Task<IReadOnlyList<PolledRouter>> LoadAsync(CancellationToken ct)
    {
        List<Router> routers;
        await using (var db = await platform.OpenAsync(ct))
        {
            routers = await db.Routers.AcrossTenants().AsNoTracking()
                .Where(r => r.IsEnabled && db.Companies.Any(c => c.Id == r.TenantId && c.Status == CompanyStatus.Active))
                .ToListAsync(ct);
        }

        var polled = new List<PolledRouter>(routers.Count);
        foreach (var company in routers.GroupBy(r => r.TenantId))
        {
            var cipher = await vault.OpenAsync(company.Key, ct);
            polled.AddRange(company.Select(r => new PolledRouter(r.TenantId, r.Id, r.Name, Endpoint(r, cipher)) { Push = r.Design.LinePush, TakesUnbound = r.Design.PushUnbound }));
        }

        return polled;
    }

    private RouterEndpoint? Endpoint(Router router, ITenantCipher cipher)
    {
        try
        {
            return router.Endpoint(cipher);
        }
        catch (Exception ex) when (ex is CryptographicException or FormatException)
        {
            Unreadable(log, router.Id, ex);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The password of router {RouterId} cannot be read")]
    private static partial void Unreadable(ILogger log, Guid routerId, Exception exception);
}
