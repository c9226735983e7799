using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Provisioning;

/// <summary>What the network is designed to be. Saving changes no router: the difference is the next plan.</summary>
public sealed class DesignService(IDataDefenderDbFactory dbFactory, ISecretVault vault, CurrentUser user)
{
    private static readonly NetworkDesignValidator NetworkValidator = new();
    private static readonly RouterDesignValidator RouterValidator = new();

    public async Task<NetworkDesignInput> NetworkAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var settings = await db.NetworkSettings.AsNoTracking().SingleOrDefaultAsync(ct);
        return NetworkDesignInput.Of(settings?.Design ?? NetworkDesign.None);
    }

    public async Task SaveNetworkAsync(NetworkDesignInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        NetworkValidator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        if (input.HubRouterId is { } hub && !await db.Routers.AnyAsync(r => r.Id == hub, ct))
        {
            throw new NotFoundException("Router", hub);
        }

        var settings = await db.NetworkSettings.SingleOrDefaultAsync(ct) ?? db.NetworkSettings.Add(new NetworkSettings(db.TenantId)).Entity;
        settings.Plan(input.ToDesign());
        if (!string.IsNullOrEmpty(input.SnmpPassword))
        {
            settings.SetSnmpPassword((await vault.OpenAsync(db.TenantId, ct)).Protect(settings.SnmpPasswordPlace(), input.SnmpPassword));
        }

        await db.SaveAsync(ct);
    }

    public async Task<RouterDesignInput> RouterAsync(Guid routerId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var router = await db.Routers.AsNoTracking().SingleOrDefaultAsync(r => r.Id == routerId, ct) ?? throw new NotFoundException("Router", routerId);
        return RouterDesignInput.Of(router.Design);
    }

    public async Task SaveRouterAsync(Guid routerId, RouterDesignInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        RouterValidator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var router = await db.Routers.SingleOrDefaultAsync(r => r.Id == routerId, ct) ?? throw new NotFoundException("Router", routerId);
        router.Plan(input.ToDesign());
        await db.SaveAsync(ct);
    }
}
