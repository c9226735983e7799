using DataDefender.Domain.Common;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Monitoring;

/// <summary>An open session. It is as fresh as <see cref="UpdatedAt"/>; octets are in the customer's view.</summary>
public sealed record OpenSessionRow(
    Guid Id, Guid? SubscriptionId, string Username, Guid? ClientId, string? ClientName, string? Address, string? CallingStationId, Guid NasId, string NasName,
    string? NasPortId, DateTime StartedAt, DateTime UpdatedAt, long UploadBytes, long DownloadBytes);

/// <summary>A session that has ended.</summary>
public sealed record PastSessionRow(
    Guid Id, string Username, string? Address, string? CallingStationId, string NasName, DateTime StartedAt, DateTime StoppedAt, long SessionSeconds, long UploadBytes,
    long DownloadBytes, string TerminateCause);

/// <summary>Which open sessions: text finds user, IP, MAC and client name.</summary>
public sealed record SessionFilter(string? Search = null, Guid? NasId = null, Guid? RouterId = null, Guid? SubscriptionId = null);

/// <summary>How many sessions are open, how many of them have not reported when they should have, and when accounting last said anything.</summary>
public sealed record SessionSummary(int Open, int Silent, DateTime? NewestReportAt);

/// <summary>Sessions as accounting tells them: the open ones and those that ended.</summary>
public sealed class SessionService(IDataDefenderDbFactory dbFactory, CurrentUser user, TimeProvider clock)
{
    public async Task<PageOf<OpenSessionRow>> ListOpenAsync(SessionFilter filter, GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var sessions = Matching(db, filter);
        var rows = from session in sessions
                   join nas in db.NasDevices on session.NasId equals nas.Id
                   select new
                   {
                       session,
                       Nas = nas.Name,
                       Client = (from subscription in db.Subscriptions
                                 join client in db.Clients on subscription.ClientId equals client.Id
                                 where subscription.Id == session.SubscriptionId
                                 select client).FirstOrDefault(),
                   };
        var sorted = (query.SortBy, query.Descending) switch
        {
            (nameof(OpenSessionRow.Username), false) => rows.OrderBy(r => r.session.Username),
            (nameof(OpenSessionRow.Username), true) => rows.OrderByDescending(r => r.session.Username),
            (nameof(OpenSessionRow.Address), false) => rows.OrderBy(r => r.session.FramedAddress),
            (nameof(OpenSessionRow.Address), true) => rows.OrderByDescending(r => r.session.FramedAddress),
            (nameof(OpenSessionRow.NasName), false) => rows.OrderBy(r => r.Nas),
            (nameof(OpenSessionRow.NasName), true) => rows.OrderByDescending(r => r.Nas),
            (nameof(OpenSessionRow.UploadBytes), false) => rows.OrderBy(r => r.session.UploadBytes),
            (nameof(OpenSessionRow.UploadBytes), true) => rows.OrderByDescending(r => r.session.UploadBytes),
            (nameof(OpenSessionRow.DownloadBytes), false) => rows.OrderBy(r => r.session.DownloadBytes),
            (nameof(OpenSessionRow.DownloadBytes), true) => rows.OrderByDescending(r => r.session.DownloadBytes),
            (nameof(OpenSessionRow.UpdatedAt), false) => rows.OrderBy(r => r.session.UpdatedAt),
            (nameof(OpenSessionRow.UpdatedAt), true) => rows.OrderByDescending(r => r.session.UpdatedAt),
            (nameof(OpenSessionRow.StartedAt), false) => rows.OrderBy(r => r.session.StartedAt),
            _ => rows.OrderByDescending(r => r.session.StartedAt),
        };
        var page = await sorted.ThenBy(r => r.session.Id)
            .Skip(query.Page * query.PageSize).Take(query.PageSize)
            .Select(r => new OpenSessionRow(
                r.session.Id, r.session.SubscriptionId, r.session.Username, r.Client == null ? null : r.Client.Id, r.Client == null ? null : r.Client.Name,
                r.session.FramedAddress, r.session.CallingStationId, r.session.NasId, r.Nas, r.session.NasPortId, r.session.StartedAt, r.session.UpdatedAt,
                r.session.UploadBytes, r.session.DownloadBytes))
            .ToListAsync(ct);
        return new PageOf<OpenSessionRow>(page, await sessions.CountAsync(ct));
    }

    /// <summary>The sessions of a line that have ended, newest first.</summary>
    public async Task<PageOf<PastSessionRow>> HistoryAsync(Guid subscriptionId, int page = 0, int pageSize = 25, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var past = db.SessionRecords.Where(s => s.SubscriptionId == subscriptionId);
        var rows = await past.OrderByDescending(s => s.StartedAt).ThenBy(s => s.Id)
            .Skip(page * pageSize).Take(pageSize)
            .Select(s => new PastSessionRow(
                s.Id, s.Username, s.FramedAddress, s.CallingStationId, db.NasDevices.Where(n => n.Id == s.NasId).Select(n => n.Name).FirstOrDefault() ?? "",
                s.StartedAt, s.StoppedAt, s.SessionSeconds, s.UploadBytes, s.DownloadBytes, s.TerminateCause))
            .ToListAsync(ct);
        return new PageOf<PastSessionRow>(rows, await past.CountAsync(ct));
    }

    /// <summary>
    /// A session counts as silent once two of its interim reports are overdue: it may be gone without a Stop, or the way to us is cut.
    /// </summary>
    public async Task<SessionSummary> SummariseAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var interim = await db.NetworkSettings.Select(s => (int?)s.InterimSeconds).SingleOrDefaultAsync(ct) ?? new Network.NetworkSettingsInput().InterimSeconds;
        var overdue = clock.GetUtcNow().UtcDateTime.AddSeconds(-2.5 * interim);
        var sums = await db.LiveSessions.GroupBy(_ => 1)
            .Select(all => new { Open = all.Count(), Silent = all.Count(s => s.UpdatedAt < overdue), Newest = all.Max(s => (DateTime?)s.UpdatedAt) })
            .SingleOrDefaultAsync(ct);
        return sums is null ? new SessionSummary(0, 0, null) : new SessionSummary(sums.Open, sums.Silent, sums.Newest);
    }

    private static IQueryable<LiveSession> Matching(IDataDefenderDb db, SessionFilter filter)
    {
        var sessions = db.LiveSessions.AsNoTracking();
        if (filter.NasId is { } nas)
        {
            sessions = sessions.Where(s => s.NasId == nas);
        }

        if (filter.RouterId is { } router)
        {
            sessions = sessions.Where(s => db.NasDevices.Any(n => n.RouterId == router && n.Id == s.NasId));
        }

        if (filter.SubscriptionId is { } subscription)
        {
            sessions = sessions.Where(s => s.SubscriptionId == subscription);
        }

        if (string.IsNullOrWhiteSpace(filter.Search))
        {
            return sessions;
        }

        if (MacAddress.Normalise(filter.Search) is { } mac)
        {
            return sessions.Where(s => s.CallingStationId == mac);
        }

        var term = filter.Search.Trim().ToLowerInvariant();
        return sessions.Where(s =>
            s.Username.ToLower().Contains(term) || s.FramedAddress!.StartsWith(term) || s.CallingStationId!.ToLower().Contains(term)
            || db.Subscriptions.Any(line => line.Id == s.SubscriptionId && db.Clients.Any(c => c.Id == line.ClientId && c.SearchText.Contains(term))));
    }
}
