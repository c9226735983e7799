using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.RadiusHost.Accounting;

/// <summary>One hour of one subscription.</summary>
internal readonly record struct UsageKey(Guid TenantId, Guid SubscriptionId, DateTime Hour);

/// <summary>
/// The rules of accounting over the sessions of one batch, without a database. Applying a report twice, late or out of order gives the
/// same as applying it once in its place: counters never go down, and a session that its NAS stopped stays stopped.
/// </summary>
internal sealed class SessionLedger
{
    /// <summary>How far a start may seem to lie after the last sign of an open session and still be the same one's.</summary>
    private static readonly TimeSpan OpenTolerance = TimeSpan.FromSeconds(60);

    /// <summary>The same for a session that its NAS has stopped: seconds are whole, and datagrams overtake each other.</summary>
    private static readonly TimeSpan ClosedTolerance = TimeSpan.FromSeconds(5);

    private readonly Dictionary<SessionKey, TrackedSession> _sessions = [];
    private readonly Dictionary<Guid, List<TrackedSession>> _bySubscription = [];
    private readonly Dictionary<UsageKey, (long Upload, long Download)> _usage = [];
    private readonly List<SessionRecord> _retired = [];

    /// <summary>Octets that moved, by subscription and hour.</summary>
    public IReadOnlyDictionary<UsageKey, (long Upload, long Download)> Usage => _usage;

    public void Load(LiveSession row)
    {
        var session = Track(new SessionKey(row.NasId, row.AcctSessionId));
        session.Load(row);
        Index(session, row.SubscriptionId);
    }

    public void Load(SessionRecord record) => Track(new SessionKey(record.NasId, record.AcctSessionId)).Load(record);

    public void Apply(AccountingReport report)
    {
        switch (report.Status)
        {
            case AcctStatusType.Start:
                Start(report);
                break;
            case AcctStatusType.InterimUpdate:
                Interim(report);
                break;
            case AcctStatusType.Stop:
                Stop(report);
                break;
            case AcctStatusType.AccountingOn or AcctStatusType.AccountingOff:
                CloseAll(report.NasId, report.EventAt);
                break;
            default:
                break; // kept in the journal and acknowledged, but says nothing about a session
        }
    }

    /// <summary>Closes an open session that has not been heard of since <see cref="LiveSession.UpdatedAt"/>.</summary>
    public void CloseSilent(SessionKey key)
    {
        if (_sessions.GetValueOrDefault(key) is { Open: { } open } session)
        {
            session.Close(open.UpdatedAt, OwnCauses.NoReports);
        }
    }

    public LedgerChanges Changes()
    {
        var changes = new LedgerChanges();
        foreach (var session in _sessions.Values)
        {
            session.CollectChanges(changes);
        }

        changes.NewRecords.AddRange(_retired);
        return changes;
    }

    private void Start(AccountingReport report)
    {
        var session = Track(Key(report));
        if (Current(session, report) is { } open)
        {
            Advance(open, report);
        }
        else if (session.Closed is null)
        {
            Begin(session, report);
            CloseReplaced(session, report);
        }

        // Else the Stop overtook its Start: the record has all that the Start could say.
    }

    private void Interim(AccountingReport report)
    {
        var session = Track(Key(report));
        var open = Current(session, report);
        if (open is null && session.Closed is { } closed)
        {
            if (!OwnCauses.IsConclusion(closed.TerminateCause) || report.EventAt <= closed.StoppedAt)
            {
                Advance(closed, report);
                return;
            }

            open = session.Reopen();
            Index(session, open.SubscriptionId);
        }

        Advance(open ?? Begin(session, report), report);
    }

    private void Stop(AccountingReport report)
    {
        var session = Track(Key(report));
        var open = Current(session, report);
        if (open is null && session.Closed is { } closed)
        {
            Advance(closed, report);
            if (OwnCauses.IsConclusion(closed.TerminateCause))
            {
                (closed.StoppedAt, closed.TerminateCause) = (report.EventAt, report.TerminateCause ?? OwnCauses.NotSaid);
            }

            return;
        }

        open ??= Begin(session, report);
        Advance(open, report);
        session.Close(report.EventAt > open.StartedAt ? report.EventAt : open.UpdatedAt, report.TerminateCause ?? OwnCauses.NotSaid);
    }

    private void CloseAll(Guid nasId, DateTime restartedAt)
    {
        foreach (var session in _sessions.Values)
        {
            if (session.Key.NasId == nasId && session.Open is { } open && open.UpdatedAt <= restartedAt)
            {
                session.Close(open.UpdatedAt, OwnCauses.NasRestart);
            }
        }
    }

    /// <summary>
    /// The open session that the report is about, or null when there is none. When the report can only be about a later session with the
    /// same id, what was there before is put away first.
    /// </summary>
    private LiveSession? Current(TrackedSession session, AccountingReport report)
    {
        if (session.Open is { } open)
        {
            if (report.StartedAt <= open.UpdatedAt + OpenTolerance)
            {
                return open;
            }

            session.Close(open.UpdatedAt, OwnCauses.IdReused);
            PutAway(session);
        }
        else if (session.Closed is { } closed && report.StartedAt > closed.StoppedAt + ClosedTolerance)
        {
            PutAway(session);
        }

        return null;
    }

    private void PutAway(TrackedSession session)
    {
        if (session.Retire() is { } record)
        {
            _retired.Add(record);
        }
    }

    private LiveSession Begin(TrackedSession session, AccountingReport report)
    {
        var open = session.Begin(report);
        Index(session, open.SubscriptionId);
        return open;
    }

    private void CloseReplaced(TrackedSession begun, AccountingReport report)
    {
        if (report is not { SubscriptionId: { } subscription, CallingStationId: { } caller })
        {
            return;
        }

        foreach (var other in _bySubscription[subscription])
        {
            if (!ReferenceEquals(other, begun) && other.Key.NasId == report.NasId
                && other.Open is { } open && open.CallingStationId == caller && open.StartedAt <= report.StartedAt)
            {
                other.Close(open.UpdatedAt, OwnCauses.Replaced);
            }
        }
    }

    private void Advance(LiveSession open, AccountingReport report)
    {
        open.SubscriptionId ??= report.SubscriptionId;
        open.FramedAddress = report.FramedAddress ?? open.FramedAddress;
        open.CallingStationId ??= report.CallingStationId;
        open.CalledStationId ??= report.CalledStationId;
        open.NasPortId ??= report.NasPortId;
        open.StartedAt = report.Status is AcctStatusType.Start ? report.EventAt : open.StartedAt;
        open.UpdatedAt = report.EventAt > open.UpdatedAt ? report.EventAt : open.UpdatedAt;
        open.SessionSeconds = Math.Max(open.SessionSeconds, report.SessionSeconds);
        var (upload, download) = (Gain(open.UploadBytes, report.UploadBytes), Gain(open.DownloadBytes, report.DownloadBytes));
        (open.UploadBytes, open.DownloadBytes) = (open.UploadBytes + upload, open.DownloadBytes + download);
        Count(open.TenantId, open.SubscriptionId, report.EventAt, upload, download);
    }

    private void Advance(SessionRecord closed, AccountingReport report)
    {
        closed.SessionSeconds = Math.Max(closed.SessionSeconds, report.SessionSeconds);
        var (upload, download) = (Gain(closed.UploadBytes, report.UploadBytes), Gain(closed.DownloadBytes, report.DownloadBytes));
        (closed.UploadBytes, closed.DownloadBytes) = (closed.UploadBytes + upload, closed.DownloadBytes + download);
        Count(closed.TenantId, closed.SubscriptionId, report.EventAt, upload, download);
    }

    private void Count(Guid tenantId, Guid? subscriptionId, DateTime at, long upload, long download)
    {
        if (subscriptionId is not { } subscription || (upload == 0 && download == 0))
        {
            return;
        }

        var key = new UsageKey(tenantId, subscription, new DateTime(at.Year, at.Month, at.Day, at.Hour, 0, 0, DateTimeKind.Utc));
        var (up, down) = _usage.GetValueOrDefault(key);
        _usage[key] = (up + upload, down + download);
    }

    private static long Gain(long known, long reported) => Math.Max(0, reported - known);

    private static SessionKey Key(AccountingReport report) => new(report.NasId, report.AcctSessionId);

    private TrackedSession Track(SessionKey key) =>
        _sessions.TryGetValue(key, out var known) ? known : _sessions[key] = new TrackedSession(key);

    private void Index(TrackedSession session, Guid? subscriptionId)
    {
        if (subscriptionId is not { } subscription)
        {
            return;
        }

        if (!_bySubscription.TryGetValue(subscription, out var sessions))
        {
            _bySubscription[subscription] = sessions = [];
        }

        if (!sessions.Contains(session))
        {
            sessions.Add(session);
        }
    }
}
