using DataDefender.Domain.Common;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Monitoring;

/// <summary>One answered login.</summary>
public sealed record LoginRow(
    long Id, DateTime At, string Username, Guid? SubscriptionId, Guid? ClientId, string? ClientName, string? CallingStationId, Guid NasId, string NasName, string Method, LoginOutcome Outcome, string Detail)
{
    /// <summary>Sent by our own people to try it.</summary>
    public bool IsTest { get; init; }
}

/// <summary>Which logins. Text finds user and MAC; times are UTC, from inclusive, until exclusive.</summary>
public sealed record LoginFilter(
    DateTime From, DateTime Until, string? Search = null, Guid? NasId = null, LoginOutcome? Outcome = null, bool RefusedOnly = false, Guid? SubscriptionId = null, bool AcceptedOnly = false,
    bool RoutersOnly = false);

/// <summary>How often one outcome came in a period.</summary>
public sealed record OutcomeCount(LoginOutcome Outcome, int Count);

/// <summary>The log of login attempts: who tried, from where, and what we answered.</summary>
public sealed class LoginLogService(IDataDefenderDbFactory dbFactory, CurrentUser user)
{
    private static readonly LoginOutcome[] OfRouters = [.. LoginOutcomes.OfRouters];
    private static readonly LoginOutcome[] Let = [.. LoginOutcomes.Accepting];

    public async Task<PageOf<LoginRow>> SearchAsync(LoginFilter filter, int page = 0, int pageSize = 25, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewLogins);
        await using var db = await dbFactory.OpenAsync(ct);
        var attempts = Matching(db, filter);
        var rows = await Rows(db, attempts.OrderByDescending(a => a.At).ThenByDescending(a => a.Id).Skip(page * pageSize).Take(pageSize)).ToListAsync(ct);
        return new PageOf<LoginRow>(rows, await attempts.CountAsync(ct));
    }

    /// <summary>The newest of the filtered attempts that were stored after one, newest first: for a screen that follows the log.</summary>
    /// <param name="afterId">0 for any.</param>
    public async Task<IReadOnlyList<LoginRow>> NewestAsync(LoginFilter filter, long afterId, int most, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewLogins);
        await using var db = await dbFactory.OpenAsync(ct);
        var attempts = Matching(db, filter).Where(a => a.Id > afterId);
        return await Rows(db, attempts.OrderByDescending(a => a.Id).Take(most)).ToListAsync(ct);
    }

    /// <summary>The NAS by which the log can be filtered.</summary>
    public async Task<IReadOnlyList<(Guid Id, string Name)>> NasAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewLogins);
        await using var db = await dbFactory.OpenAsync(ct);
        var devices = await db.NasDevices.OrderBy(n => n.Name).Select(n => new { n.Id, n.Name }).ToListAsync(ct);
        return [.. devices.Select(n => (n.Id, n.Name))];
    }

    private static IQueryable<LoginRow> Rows(IDataDefenderDb db, IQueryable<LoginAttempt> attempts) => attempts
            .Select(a => new
            {
                a,
                Nas = db.NasDevices.Where(n => n.Id == a.NasId).Select(n => n.Name).FirstOrDefault(),
                Client = (from subscription in db.Subscriptions
                          join client in db.Clients on subscription.ClientId equals client.Id
                          where subscription.Id == a.SubscriptionId
                          select client).FirstOrDefault(),
            })
            .Select(r => new LoginRow(
                r.a.Id, r.a.At, r.a.Username, r.a.SubscriptionId, r.Client == null ? null : r.Client.Id, r.Client == null ? null : r.Client.Name,
                r.a.CallingStationId, r.a.NasId, r.Nas ?? "", r.a.Method, r.a.Outcome, r.a.Detail)
            {
                IsTest = r.a.IsTest,
            });

    /// <summary>Outcomes of the filtered logins, tests left out, the most frequent first; an outcome that did not come is left out.</summary>
    public async Task<IReadOnlyList<OutcomeCount>> CountOutcomesAsync(LoginFilter filter, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewLogins);
        await using var db = await dbFactory.OpenAsync(ct);
        var counts = await Matching(db, filter).Where(a => !a.IsTest).GroupBy(a => a.Outcome).Select(g => new { Outcome = g.Key, Count = g.Count() }).ToListAsync(ct);
        return [.. counts.Select(c => new OutcomeCount(c.Outcome, c.Count)).OrderByDescending(c => c.Count).ThenBy(c => c.Outcome)];
    }

    private static IQueryable<LoginAttempt> Matching(IDataDefenderDb db, LoginFilter filter)
    {
        var attempts = db.LoginAttempts.AsNoTracking().Where(a => a.At >= filter.From && a.At < filter.Until);
        if (filter.NasId is { } nas)
        {
            attempts = attempts.Where(a => a.NasId == nas);
        }

        if (filter.SubscriptionId is { } subscription)
        {
            attempts = attempts.Where(a => a.SubscriptionId == subscription);
        }

        if (filter.RoutersOnly)
        {
            attempts = attempts.Where(a => OfRouters.Contains(a.Outcome));
        }

        if (filter.Outcome is { } outcome)
        {
            attempts = attempts.Where(a => a.Outcome == outcome);
        }
        else if (filter.RefusedOnly)
        {
            attempts = attempts.Where(a => !Let.Contains(a.Outcome));
        }
        else if (filter.AcceptedOnly)
        {
            attempts = attempts.Where(a => Let.Contains(a.Outcome));
        }

        if (string.IsNullOrWhiteSpace(filter.Search))
        {
            return attempts;
        }

        if (MacAddress.Normalise(filter.Search) is { } mac)
        {
            return attempts.Where(a => a.CallingStationId == mac);
        }

        var term = filter.Search.Trim().ToLowerInvariant();
        return attempts.Where(a => a.Username.ToLower().Contains(term) || a.CallingStationId!.ToLower().Contains(term));
    }
}
