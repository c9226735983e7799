using System.Runtime.InteropServices;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.RadiusHost.Accounting;

/// <summary>One hour of one subscription.</summary>
internal readonly record struct UsageKey(Guid TenantId, Guid SubscriptionId, DateTime Hour);

/// <summary>Octets that moved and seconds online, by which a session had grown.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Growth(long Upload, long Download, int Seconds)
{
    public static Growth operator +(Growth left, Growth right) => new(left.Upload + right.Upload, left.Download + right.Download, left.Seconds + right.Seconds);
}

/// <summary>What one report added to what was known of its session.</summary>
internal sealed record UsageGain(AccountingReport Report, Guid SubscriptionId, Growth Growth, UsageSource Source)
{
    public UsageKey Key => new(Report.TenantId, SubscriptionId, UsageDelta.HourOf(Report.EventAt));
}

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

    /// <summary>A NAS whose clock is put right moves its sessions' starts by no more than is believed of it, once each way.</summary>
    private static readonly TimeSpan EarlierTolerance = TimeSpan.FromMinutes(10);

    private readonly Dictionary<SessionKey, TrackedSession> _sessions = [];
    private readonly Dictionary<Guid, List<TrackedSession>> _bySubscription = [];
    private readonly List<UsageGain> _gains = [];

    /// <summary>One for each report that told something new, in their order.</summary>
    public IReadOnlyCollection<UsageGain> Gains => _gains;

    public void Load(LiveSession row)
    {
        var session = Track(new SessionKey(row.NasId, row.AcctSessionId));
        session.Load(row);
        Index(session, row.SubscriptionId);
    }

    public void Load(SessionRecord record) => Track(new SessionKey(record.NasId, record.AcctSessionId)).Load(record);

    /// <summary>
    /// Whether the report is about an earlier session than the one of the same id that began then. A NAS counts its ids anew after a
    /// restart, and the journal of a RadiusHost that was away may hold reports from before it.
    /// </summary>
    public static bool IsEarlier(AccountingReport report, DateTime began) =>
        report.EventAt <= began && report.StartedAt + EarlierTolerance < began;

    public void Apply(AccountingReport report)
    {
        switch (report.Status)
        {
            case AcctStatusType.Start or AcctStatusType.InterimUpdate or AcctStatusType.Stop
                when Track(Key(report)) is { Began: { } began } session && IsEarlier(report, began):
                Complete(session, session.Earlier(report, EarlierTolerance), report);
                break;
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

        return changes;
    }

    private void Start(AccountingReport report)
    {
        var session = Track(Key(report));
        session.IsReported = true;
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
        session.IsReported = true;
        var open = Current(session, report);
        if (open is null && session.Closed is { } closed)
        {
            if (!OwnCauses.IsConclusion(closed.TerminateCause) || report.EventAt <= closed.StoppedAt)
            {
                Advance(session, closed, report);
                return;
            }

            var reopened = session.Reopen();
            Index(session, reopened.SubscriptionId);
            Advance(reopened, report, healed: true);
            return;
        }

        Advance(open ?? Begin(session, report), report);
    }

    private void Stop(AccountingReport report)
    {
        var session = Track(Key(report));
        session.IsReported = true;
        var open = Current(session, report);
        if (open is null && session.Closed is { } closed)
        {
            Complete(session, closed, report);
            return;
        }

        open ??= Begin(session, report);
        Advance(open, report);
        session.Close(report.EventAt > open.StartedAt ? report.EventAt : open.UpdatedAt, report.TerminateCause ?? OwnCauses.NotSaid);
    }

    /// <summary>A report of a session that is over. Its Stop knows better when and why than we did.</summary>
    private void Complete(TrackedSession session, SessionRecord closed, AccountingReport report)
    {
        Advance(session, closed, report);
        if (report.Status is AcctStatusType.Stop && (OwnCauses.IsConclusion(closed.TerminateCause) || closed.TerminateCause == OwnCauses.IdReused))
        {
            (closed.StoppedAt, closed.TerminateCause) = (report.EventAt, report.TerminateCause ?? OwnCauses.NotSaid);
        }
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
            session.Retire();
        }
        else if (session.Closed is { } closed && report.StartedAt > closed.StoppedAt + ClosedTolerance)
        {
            session.Retire();
        }

        return null;
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

    private void Advance(LiveSession open, AccountingReport report, bool healed = false)
    {
        open.SubscriptionId ??= report.SubscriptionId;
        open.FramedAddress = report.FramedAddress ?? open.FramedAddress;
        (open.Ipv6Prefix, open.DelegatedPrefix) = (report.Ipv6Prefix ?? open.Ipv6Prefix, report.DelegatedPrefix ?? open.DelegatedPrefix);
        open.CallingStationId ??= report.CallingStationId;
        open.CalledStationId ??= report.CalledStationId;
        open.NasPortId ??= report.NasPortId;
        open.StartedAt = report.Status is AcctStatusType.Start ? report.EventAt : open.StartedAt;
        var growth = Gain(open.UploadBytes, open.DownloadBytes, open.SessionSeconds, open.UpdatedAt, report);
        open.UpdatedAt = report.EventAt > open.UpdatedAt ? report.EventAt : open.UpdatedAt;
        open.SessionSeconds += growth.Seconds;
        (open.UploadBytes, open.DownloadBytes) = (open.UploadBytes + growth.Upload, open.DownloadBytes + growth.Download);
        Count(open.SubscriptionId, report, growth, healed);
    }

    private void Advance(TrackedSession session, SessionRecord closed, AccountingReport report)
    {
        session.Mend(closed);
        var growth = Gain(closed.UploadBytes, closed.DownloadBytes, closed.SessionSeconds, closed.StoppedAt, report);
        closed.SessionSeconds += growth.Seconds;
        (closed.UploadBytes, closed.DownloadBytes) = (closed.UploadBytes + growth.Upload, closed.DownloadBytes + growth.Download);
        Count(closed.SubscriptionId, report, growth, healed: true);
    }

    private void Count(Guid? subscriptionId, AccountingReport report, Growth growth, bool healed)
    {
        if (subscriptionId is { } subscription && growth != default)
        {
            var source = healed ? UsageSource.Healed : report.Status is AcctStatusType.Stop ? UsageSource.Stop : UsageSource.Interim;
            _gains.Add(new UsageGain(report, subscription, growth, source));
        }
    }

    /// <summary>What a report adds to what is known of its session as of some moment.</summary>
    private static Growth Gain(long upload, long download, long seconds, DateTime asOf, AccountingReport report)
    {
        var isLater = report.EventAt > asOf && report.SessionSeconds >= seconds;
        return new Growth(report.Upload.Since(upload, isLater), report.Download.Since(download, isLater), (int)Math.Max(0, report.SessionSeconds - seconds));
    }

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
