using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>Lines in service that no run bills: money that is given away unseen.</summary>
public sealed class UnbilledLineService(IDataDefenderDbFactory dbFactory, CurrentUser user)
{
    /// <summary>Lines that are switched on or suspended and that nobody bills, those that are so for longest first.</summary>
    public async Task<PageOf<UnbilledLine>> ListAsync(GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var lines = Of(db);
        if (SearchTerm.Of(query.Search)?.Clients(db).Select(c => c.Id) is { } owners)
        {
            var term = query.Term!;
            lines = lines.Where(l => l.Username.ToLower().Contains(term) || owners.Contains(l.ClientId));
        }

        var rows = from line in lines.OrderBy(l => l.ActivatedAt ?? l.StateSince).ThenBy(l => l.Id).Skip(query.Page * query.PageSize).Take(query.PageSize)
                   join client in db.Clients on line.ClientId equals client.Id
                   join package in db.Packages on line.PackageId equals package.Id
                   select new UnbilledLine(line.Id, line.Username, client.Id, client.Name, client.AccountNumber, line.State, line.ActivatedAt, package.Name, package.Price, package.PeriodCount, package.PeriodUnit);
        return new PageOf<UnbilledLine>(await rows.ToListAsync(ct), await lines.CountAsync(ct));
    }

    /// <summary>Lines in service without a contract. What is paid ahead without one runs out by itself and is bought again: it is billed.</summary>
    internal static IQueryable<Subscription> Of(IDataDefenderDb db) => db.Subscriptions.AsNoTracking()
        .Where(l => (l.State == SubscriptionState.Active || l.State == SubscriptionState.Suspended) && l.ExpiresAt == null && !db.Contracts.Any(c => c.SubscriptionId == l.Id));
}

/// <summary>A line in service that no run bills, with what its package costs.</summary>
/// <param name="ActivatedAt">UTC.</param>
public sealed record UnbilledLine(
    Guid Id, string Username, Guid ClientId, string Client, string AccountNumber, SubscriptionState State, DateTime? ActivatedAt, string Package, Money Price, int PeriodCount, PeriodUnit PeriodUnit);
