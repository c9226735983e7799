using DataDefender.Domain.Radius;

namespace DataDefender.RadiusHost.Accounting;

/// <summary>How a session is told (radius identifiers are only unique within their NAS).</summary>
internal readonly record struct SessionKey(Guid NasId, string AcctSessionId);

/// <summary>
/// One Acct-Session-Id of a NAS while a batch is applied: the row of the open session, or the newest record of a closed one, as they are
/// in the database and as they become. Rows are reused rather than removed and added, so that no two of a key meet in one save. It notes
/// itself what has changed, since no context tracks them.
/// </summary>
internal sealed class TrackedSession(SessionKey key)
{
    private readonly List<SessionRecord> _earlier = [];
    private readonly List<SessionRecord> _stored = [];
    private readonly List<SessionRecord> _unstored = [];
    private List<SessionRecord>? _mended;
    private LiveSession? _storedRow;
    private SessionRecord? _storedRecord;
    private bool _reopened;

    public SessionKey Key => key;

    /// <summary>The open session, or null.</summary>
    public LiveSession? Open { get; private set; }

    /// <summary>The newest closed session when none is open, or null when there has been none.</summary>
    public SessionRecord? Closed { get; private set; }

    /// <summary>Whether a report was about the session that the key stands for now.</summary>
    public bool IsReported { get; set; }

    /// <summary>When the session that the key stands for now began, null when it stands for none.</summary>
    public DateTime? Began => Open?.StartedAt ?? Closed?.StartedAt;

    public void Load(LiveSession row) => (_storedRow, Open) = (row, row);

    /// <summary>The open session, if there is one, must have been loaded before.</summary>
    public void Load(SessionRecord record)
    {
        _stored.Add(record);
        if (Open is not null || record.StoppedAt <= _storedRecord?.StoppedAt)
        {
            _earlier.Add(record);
            return;
        }

        if (_storedRecord is { } older)
        {
            _earlier.Add(older);
        }

        Closed = _storedRecord = record;
    }

    /// <summary>Begins a session; one that was open before must have been closed by <see cref="Retire"/>.</summary>
    public LiveSession Begin(AccountingReport report)
    {
        (Closed, Open) = (null, TakeRow(report.TenantId));
        Open.SubscriptionId = report.SubscriptionId;
        Open.Username = report.Username;
        (Open.FramedAddress, Open.CallingStationId, Open.CalledStationId, Open.NasPortId) =
            (report.FramedAddress, report.CallingStationId, report.CalledStationId, report.NasPortId);
        (Open.Ipv6Prefix, Open.DelegatedPrefix) = (report.Ipv6Prefix, report.DelegatedPrefix);
        (Open.StartedAt, Open.UpdatedAt) = (report.StartedAt, report.EventAt);
        (Open.SessionSeconds, Open.UploadBytes, Open.DownloadBytes) = (0, 0, 0);
        return Open;
    }

    public void Close(DateTime stoppedAt, string cause)
    {
        var open = Open!;
        if (_reopened && _storedRecord is not null)
        {
            (_storedRecord.StoppedAt, _storedRecord.TerminateCause, _storedRecord.SessionSeconds) = (stoppedAt, cause, open.SessionSeconds);
            (_storedRecord.UploadBytes, _storedRecord.DownloadBytes) = (open.UploadBytes, open.DownloadBytes);
            (Closed, _reopened) = (_storedRecord, false);
            Mend(_storedRecord);
        }
        else
        {
            Closed = open.ToRecord(stoppedAt, cause);
        }

        Open = null;
    }

    /// <summary>The record of a closed session is no longer as it was.</summary>
    public void Mend(SessionRecord record) => (_mended ??= []).Add(record);

    /// <summary>Opens again what was closed by our own conclusion.</summary>
    public LiveSession Reopen()
    {
        var closed = Closed!;
        _reopened = ReferenceEquals(closed, _storedRecord);
        Open = TakeRow(closed.TenantId);
        (Open.SubscriptionId, Open.Username, Open.FramedAddress) = (closed.SubscriptionId, closed.Username, closed.FramedAddress);
        (Open.Ipv6Prefix, Open.DelegatedPrefix) = (closed.Ipv6Prefix, closed.DelegatedPrefix);
        (Open.CallingStationId, Open.CalledStationId, Open.NasPortId) = (closed.CallingStationId, closed.CalledStationId, closed.NasPortId);
        (Open.StartedAt, Open.UpdatedAt, Open.SessionSeconds) = (closed.StartedAt, closed.StoppedAt, closed.SessionSeconds);
        (Open.UploadBytes, Open.DownloadBytes) = (closed.UploadBytes, closed.DownloadBytes);
        Closed = null;
        return Open;
    }

    /// <summary>Gives up the closed session, because the key now stands for another.</summary>
    public void Retire()
    {
        if (Closed is not { } closed)
        {
            return;
        }

        _earlier.Add(closed);
        if (!ReferenceEquals(closed, _storedRecord))
        {
            _unstored.Add(closed);
        }

        (Closed, _storedRecord) = (null, null);
    }

    /// <summary>The session that had the key before and that the report is about; one that nobody had heard of is made from the report.</summary>
    public SessionRecord Earlier(AccountingReport report, TimeSpan tolerance)
    {
        var known = _earlier.Where(r => (r.StartedAt - report.StartedAt).Duration() <= tolerance).MinBy(r => (r.StartedAt - report.StartedAt).Duration());
        if (known is null)
        {
            known = new SessionRecord
            {
                TenantId = report.TenantId,
                NasId = key.NasId,
                AcctSessionId = key.AcctSessionId,
                SubscriptionId = report.SubscriptionId,
                Username = report.Username,
                FramedAddress = report.FramedAddress,
                Ipv6Prefix = report.Ipv6Prefix,
                DelegatedPrefix = report.DelegatedPrefix,
                CallingStationId = report.CallingStationId,
                CalledStationId = report.CalledStationId,
                NasPortId = report.NasPortId,
                StartedAt = report.StartedAt,
                StoppedAt = report.EventAt,
                TerminateCause = OwnCauses.IdReused,
            };
            _earlier.Add(known);
            _unstored.Add(known);
        }

        return known;
    }

    public void CollectChanges(LedgerChanges changes)
    {
        changes.NewRecords.AddRange(_unstored);
        if (Open is not null && !ReferenceEquals(Open, _storedRow))
        {
            changes.OpenedRows.Add(Open);
        }
        else if (Open is not null && IsReported)
        {
            changes.MovedRows.Add(Open);
        }
        else if (Open is null && _storedRow is not null)
        {
            changes.ClosedRows.Add(_storedRow);
        }

        if (Closed is not null && !ReferenceEquals(Closed, _storedRecord))
        {
            changes.NewRecords.Add(Closed);
        }

        var reopened = _reopened && Open is not null ? _storedRecord : null;
        if (reopened is not null)
        {
            changes.ReopenedRecords.Add(reopened);
        }

        if (_mended is not null)
        {
            changes.MendedRecords.AddRange(_mended.Distinct().Where(r => _stored.Contains(r) && !ReferenceEquals(r, reopened)));
        }
    }

    private LiveSession TakeRow(Guid tenantId) =>
        _storedRow ?? new LiveSession { TenantId = tenantId, NasId = key.NasId, AcctSessionId = key.AcctSessionId };
}

/// <summary>What a batch changes.</summary>
internal sealed class LedgerChanges
{
    public List<LiveSession> OpenedRows { get; } = [];

    public List<LiveSession> ClosedRows { get; } = [];

    public List<SessionRecord> NewRecords { get; } = [];

    public List<SessionRecord> ReopenedRecords { get; } = [];

    /// <summary>Open before and after, with what the reports told.</summary>
    public List<LiveSession> MovedRows { get; } = [];

    /// <summary>Closed before and after, and put right.</summary>
    public List<SessionRecord> MendedRecords { get; } = [];
}
