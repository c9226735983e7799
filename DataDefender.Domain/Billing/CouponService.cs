using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>Coupons as people work with them: made, looked through with who used them, taken out of use.</summary>
public sealed class CouponService(IDataDefenderDbFactory dbFactory, TenantContext tenant, CurrentUser user, TimeProvider clock)
{
    public async Task<PageOf<CouponRow>> ListAsync(GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var today = await TodayAsync(db, ct);
        var coupons = db.Coupons.AsNoTracking();
        if (query.Term is { } term)
        {
            var code = term.ToUpperInvariant();
            coupons = coupons.Where(c => c.Code.Contains(code));
        }

        var page = await coupons.OrderByDescending(c => c.From).ThenBy(c => c.Code).Skip(query.Page * query.PageSize).Take(query.PageSize).ToListAsync(ct);
        return new PageOf<CouponRow>(page.ConvertAll(c => RowOf(c, today)), await coupons.CountAsync(ct));
    }

    public async Task<CouponRow> GetAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        return RowOf(await db.Coupons.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, ct) ?? throw new NotFoundException("Coupon", id), await TodayAsync(db, ct));
    }

    /// <summary>Who redeemed it, newest first.</summary>
    public async Task<PageOf<CouponUseRow>> UsesAsync(Guid id, GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var uses = db.CouponUses.AsNoTracking().Where(u => u.CouponId == id);
        if (SearchTerm.Of(query.Search)?.Clients(db) is { } found)
        {
            uses = uses.Where(u => found.Select(c => c.Id).Contains(u.ClientId));
        }

        var page = from use in uses.OrderByDescending(u => u.At).ThenBy(u => u.Id).Skip(query.Page * query.PageSize).Take(query.PageSize)
                   join client in db.Clients on use.ClientId equals client.Id
                   orderby use.At descending, use.Id
                   select new CouponUseRow(use.Id, use.ClientId, client.Name, client.AccountNumber, use.Label, use.By, use.At);
        return new PageOf<CouponUseRow>(await page.ToListAsync(ct), await uses.CountAsync(ct));
    }

    public async Task<Guid> AddAsync(CouponInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var (percent, amount) = input.IsAmount ? (0m, input.Worth) : (input.Worth, 0m);
        var coupon = db.Coupons.Add(new Coupon(
            tenant.TenantId, input.Code, percent, amount, input.IsAmount ? null : input.Months, input.From ?? await TodayAsync(db, ct), input.LastDay?.AddDays(1), input.MaxUses)).Entity;
        await db.SaveAsync(async () => await db.Coupons.AsNoTracking().AnyAsync(c => c.Code == coupon.Code, ct)
            ? new InvalidInputException([new FieldError(nameof(Coupon.Code), $"There is a coupon {coupon.Code} already.")])
            : null, ct);
        return coupon.Id;
    }

    /// <summary>Nobody redeems it from today on; discounts that were given go on.</summary>
    public async Task EndAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        (await db.Coupons.SingleOrDefaultAsync(c => c.Id == id, ct) ?? throw new NotFoundException("Coupon", id)).End(await TodayAsync(db, ct));
        await db.SaveAsync(ct);
    }

    private static CouponRow RowOf(Coupon c, DateOnly today) => new(
        c.Id, c.Code, c.DiscountRate / 100m, c.Amount, c.Months, c.From, c.Until?.AddDays(-1), c.MaxUses, c.Uses,
        c.Until <= today ? CouponState.Over : c.Uses >= c.MaxUses ? CouponState.UsedUp : c.From > today ? CouponState.ToCome : CouponState.Valid);

    private async Task<DateOnly> TodayAsync(IDataDefenderDb db, CancellationToken ct) => (await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct)).Today(clock);
}

public enum CouponState
{
    Valid,
    ToCome,
    UsedUp,
    Over,
}

/// <summary>What a person says about a new coupon.</summary>
public sealed record CouponInput
{
    public string Code { get; set; } = "";

    /// <summary>Whether <see cref="Worth"/> is an amount off the next bill, or a percentage of the line's price.</summary>
    public bool IsAmount { get; set; }

    /// <summary>Percent, or an amount in major units.</summary>
    public decimal Worth { get; set; }

    /// <summary>How long a percentage lasts; null without an end.</summary>
    public int? Months { get; set; }

    /// <summary>Null for today.</summary>
    public DateOnly? From { get; set; }

    /// <summary>The last day on which it is taken; null for no end.</summary>
    public DateOnly? LastDay { get; set; }

    /// <summary>How many lines may redeem it; null for any number.</summary>
    public int? MaxUses { get; set; }
}

/// <summary>A coupon in the list.</summary>
public sealed record CouponRow(Guid Id, string Code, decimal Percent, Money Amount, int? Months, DateOnly From, DateOnly? LastDay, int? MaxUses, int Uses, CouponState State);

public sealed record CouponUseRow(Guid Id, Guid ClientId, string Client, string AccountNumber, string Line, string By, DateTime At);
