using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Reports;

/// <summary>What a site cost in a month: rent, power, backhaul. For the profit by site; it is no posting in the books.</summary>
public sealed class SiteCost : Entity, ITenantOwned, IAudited
{
    private SiteCost() { }

    public SiteCost(Guid tenantId, Guid siteId, DateOnly month, string what, Money amount) => (TenantId, SiteId, Month, What, Amount) = (tenantId, siteId, month, what, amount);

    public Guid TenantId { get; private set; }
    public Guid SiteId { get; private set; }

    /// <summary>The first day of the month.</summary>
    public DateOnly Month { get; private set; }

    public string What { get; private set; } = "";
    public Money Amount { get; private set; }

    public string AuditLabel => $"{What}, {Month:yyyy-MM}";
}

/// <summary>A cost as it is typed; the amount in major units.</summary>
public sealed record SiteCostInput
{
    public Guid SiteId { get; set; }
    public DateOnly Month { get; set; }
    public string What { get; set; } = "";
    public decimal Amount { get; set; }
}

public sealed record SiteCostRow(Guid Id, string Site, DateOnly Month, string What, Money Amount);

/// <summary>The costs of sites, entered by finance.</summary>
public sealed class SiteCosts(IDataDefenderDbFactory dbFactory, CurrentUser user)
{
    public async Task<IReadOnlyList<(Guid Id, string Name)>> SitesAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewReports);
        await using var db = await dbFactory.OpenAsync(ct);
        return [.. (await db.Sites.AsNoTracking().OrderBy(s => s.Name).Select(s => new { s.Id, s.Name }).ToListAsync(ct)).Select(s => (s.Id, s.Name))];
    }

    public async Task<PageOf<SiteCostRow>> ListAsync(GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewReports);
        await using var db = await dbFactory.OpenAsync(ct);
        var rows = from cost in db.SiteCosts.AsNoTracking() join site in db.Sites on cost.SiteId equals site.Id select new { cost, site.Name };
        var page = await rows.OrderByDescending(r => r.cost.Month).ThenBy(r => r.Name).ThenBy(r => r.cost.Id).Skip(query.Page * query.PageSize).Take(query.PageSize)
            .Select(r => new SiteCostRow(r.cost.Id, r.Name, r.cost.Month, r.cost.What, r.cost.Amount)).ToListAsync(ct);
        return new PageOf<SiteCostRow>(page, await rows.CountAsync(ct));
    }

    public async Task AddAsync(SiteCostInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        List<FieldError> errors = [];
        if (input.What.Trim().Length is < 2 or > 100)
        {
            errors.Add(new(nameof(input.What), "Say in 2 to 100 characters what it was for."));
        }

        if (input.Amount is <= 0 or > 1_000_000_000 || decimal.Round(input.Amount, 2) != input.Amount)
        {
            errors.Add(new(nameof(input.Amount), "A cost is more than nothing, in whole cents."));
        }

        if (input.Month.Year is < 2000 or > 2100)
        {
            errors.Add(new(nameof(input.Month), "Choose a month."));
        }

        await using var db = await dbFactory.OpenAsync(ct);
        if (!await db.Sites.AnyAsync(s => s.Id == input.SiteId, ct))
        {
            errors.Add(new(nameof(input.SiteId), "Choose a site."));
        }

        if (errors.Count > 0)
        {
            throw new InvalidInputException(errors);
        }

        db.SiteCosts.Add(new SiteCost(db.TenantId, input.SiteId, new DateOnly(input.Month.Year, input.Month.Month, 1), input.What.Trim(), Money.Of(input.Amount)));
        await db.SaveAsync(ct);
    }

    public async Task RemoveAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        db.SiteCosts.Remove(await db.SiteCosts.SingleOrDefaultAsync(c => c.Id == id, ct) ?? throw new NotFoundException("Cost", id));
        await db.SaveAsync(ct);
    }
}
