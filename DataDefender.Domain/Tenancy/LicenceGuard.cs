using DataDefender.Domain.Common;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Tenancy;

/// <summary>
/// Holds a company to its licence where things are created. Call it with the context that is about to save, after the permission was
/// demanded; each method throws <see cref="DomainException"/> with a sentence that says which limit was met and what is left to do.
/// </summary>
public sealed class LicenceGuard(TimeProvider clock)
{
    /// <summary>Room for <paramref name="more"/> lines that are not disconnected, and the RADIUS module that lets them in.</summary>
    public async Task DemandSubscribersAsync(IDataDefenderDb db, int more = 1, CancellationToken ct = default)
    {
        var licence = await DemandCurrentAsync(db, ct);
        DemandModule(licence, LicensedModules.Radius);
        var held = await db.Subscriptions.CountAsync(s => s.State != SubscriptionState.Disconnected, ct);
        DemandRoom(held, more, licence.MaxSubscribers, "subscribers");
    }

    /// <summary>Room for one more router, and the network module.</summary>
    public async Task DemandRouterAsync(IDataDefenderDb db, CancellationToken ct = default)
    {
        var licence = await DemandCurrentAsync(db, ct);
        DemandModule(licence, LicensedModules.Network);
        DemandRoom(await db.Routers.CountAsync(ct), 1, licence.MaxRouters, "routers");
    }

    public async Task DemandModuleAsync(IDataDefenderDb db, LicensedModules module, CancellationToken ct = default) =>
        DemandModule(await DemandCurrentAsync(db, ct), module);

    /// <summary>The company is active and its licence has not run out: the least that anything new needs.</summary>
    public async Task<Licence> DemandCurrentAsync(IDataDefenderDb db, CancellationToken ct = default)
    {
        var company = await db.Companies.AsNoTracking().SingleOrDefaultAsync(c => c.Id == db.TenantId, ct)
            ?? throw new NotFoundException("Company", db.TenantId);
        if (company.Status is not CompanyStatus.Active || company.Licence is not { } licence)
        {
            throw new DomainException("licence.inactive", $"{company.Name} is {company.Status.ToString().ToLowerInvariant()}; nothing new can be added.");
        }

        return licence.ExpiresOn < company.Today(clock)
            ? throw new DomainException("licence.expired", $"The licence ran out on {licence.ExpiresOn:d MMM yyyy}. What exists keeps working; ask the platform to renew it before adding more.")
            : licence;
    }

    private static void DemandModule(Licence licence, LicensedModules module)
    {
        if (!licence.Modules.HasFlag(module))
        {
            throw new DomainException("licence.module", $"The plan “{licence.Plan}” does not include {module}.");
        }
    }

    private static void DemandRoom(int held, int more, int cap, string what)
    {
        if (held + more > cap)
        {
            throw new DomainException("licence.cap", $"The licence covers {cap:#,##0} {what}; {held:#,##0} are in use, so {more:#,##0} more cannot be added.");
        }
    }
}
