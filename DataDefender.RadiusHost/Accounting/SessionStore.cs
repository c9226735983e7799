using DataDefender.Domain.Common;
using DataDefender.Domain.Radius;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Accounting;

/// <summary>
/// Applies reports to the sessions in the database. The journal's position moves in the same transaction as the rows, so that each record
/// counts exactly once whatever happens in between. Each time it is done in the <see cref="AccountingTurn"/>: another RadiusHost may be
/// applying reports of the same sessions from its own journal.
/// </summary>
internal sealed class SessionStore(IPlatformDbFactory databases, TimeProvider clock)
{
    private const int CloseAtOnce = 1000;
    private static readonly TimeSpan LookedBack = TimeSpan.FromDays(7);

    /// <summary>Up to where the journal is in the database.</summary>
    public async Task<long> PositionAsync(Guid journalId, CancellationToken ct)
    {
        await using var db = await databases.OpenAsync(ct);
        return await db.JournalPositions.Where(p => p.JournalId == journalId).Select(p => p.Sequence).SingleOrDefaultAsync(ct);
    }

    /// <summary>The same of several journals; one of which nothing has been applied is missing.</summary>
    public async Task<Dictionary<Guid, long>> PositionsAsync(IReadOnlyCollection<Guid> journals, CancellationToken ct)
    {
        Guid[] ids = [.. journals];
        await using var db = await databases.OpenAsync(ct);
        return await db.JournalPositions.Where(p => ids.Contains(p.JournalId)).ToDictionaryAsync(p => p.JournalId, p => p.Sequence, ct);
    }

    /// <summary>Applies the reports in their order and moves the position to <paramref name="lastSequence"/>. None of them may be On or Off.</summary>
    public async Task ApplyAsync(Guid journalId, IReadOnlyCollection<AccountingReport> reports, long lastSequence, CancellationToken ct)
    {
        await using var db = await databases.OpenAsync(ct);
        await using var turn = await db.TakeAccountingTurnAsync(ct);
        var position = await LoadPositionAsync(db, journalId, ct);
        if (position.Sequence >= lastSequence)
        {
            return; // an earlier save of the same went through though its answer was lost
        }

        var fresh = reports.Where(r => r.Sequence > position.Sequence).ToList();
        var ledger = new SessionLedger();
        await LoadAsync(db, ledger, fresh, ct);
        foreach (var report in fresh)
        {
            ledger.Apply(report);
        }

        var changes = ledger.Changes();
        await WriteAsync(db, changes, ct);
        await TellAsync(db, changes, ct);
        await db.WriteAsync(RowWrite.Insert, ledger.Gains.Select(g => Entry(journalId, g)).ToList(), ct);
        await WriteUsageAsync(db, Sums(ledger.Gains), ct);
        await SaveAsync(db, position, lastSequence, turn, ct);
    }

    /// <summary>Applies an Accounting-On or -Off: every open session of the NAS that it ended is closed, a part at a time.</summary>
    public async Task RestartAsync(Guid journalId, AccountingReport restart, CancellationToken ct)
    {
        while (true)
        {
            await using var db = await databases.OpenAsync(ct);
            await using var turn = await db.TakeAccountingTurnAsync(ct);
            var position = await LoadPositionAsync(db, journalId, ct);
            if (position.Sequence >= restart.Sequence)
            {
                return;
            }

            var open = await db.LiveSessions.AcrossTenants().AsNoTracking()
                .Where(s => s.TenantId == restart.TenantId && s.NasId == restart.NasId && s.UpdatedAt <= restart.EventAt)
                .Take(CloseAtOnce)
                .ToListAsync(ct);
            var ledger = new SessionLedger();
            open.ForEach(ledger.Load);
            ledger.Apply(restart);
            await WriteAsync(db, ledger.Changes(), ct);
            if (open.Count < CloseAtOnce)
            {
                db.SessionChanges.Add(new SessionChange { TenantId = restart.TenantId, NasId = restart.NasId, At = restart.ReceivedAt });
                await SaveAsync(db, position, restart.Sequence, turn, ct);
                return;
            }

            await turn.CommitAsync(ct);
        }
    }

    /// <summary>Closes sessions of a company not heard of since <paramref name="before"/> and returns how many.</summary>
    public async Task<int> CloseSilentAsync(Guid tenantId, DateTime before, CancellationToken ct)
    {
        await using var db = await databases.OpenAsync(ct);
        await using var turn = await db.TakeAccountingTurnAsync(ct);
        var silent = await db.LiveSessions.AcrossTenants().AsNoTracking().Where(s => s.TenantId == tenantId && s.UpdatedAt < before).Take(CloseAtOnce).ToListAsync(ct);
        if (silent.Count == 0)
        {
            return 0;
        }

        var ledger = new SessionLedger();
        foreach (var session in silent)
        {
            ledger.Load(session);
            ledger.CloseSilent(new SessionKey(session.NasId, session.AcctSessionId));
        }

        var changes = ledger.Changes();
        await WriteAsync(db, changes, ct);
        await TellAsync(db, changes, ct);
        await turn.CommitAsync(ct);
        return silent.Count;
    }

    /// <summary>Moves the position past records that cannot be applied.</summary>
    public async Task SkipAsync(Guid journalId, long sequence, CancellationToken ct)
    {
        await using var db = await databases.OpenAsync(ct);
        await using var turn = await db.TakeAccountingTurnAsync(ct);
        var position = await LoadPositionAsync(db, journalId, ct);
        await SaveAsync(db, position, Math.Max(position.Sequence, sequence), turn, ct);
    }

    private static async Task LoadAsync(IDataDefenderDb db, SessionLedger ledger, List<AccountingReport> reports, CancellationToken ct)
    {
        var keys = reports.Select(r => new SessionKey(r.NasId, r.AcctSessionId)).ToHashSet();
        var (tenants, nas, ids) = (Distinct(reports, r => r.TenantId), Distinct(reports, r => r.NasId), Distinct(reports, r => r.AcctSessionId));
        var callers = reports.Where(r => r.Status is Infrastructure.Radius.Protocol.AcctStatusType.Start && r.CallingStationId is not null)
            .Select(r => r.SubscriptionId).OfType<Guid>().Distinct().ToArray();

        var open = await db.LiveSessions.AcrossTenants().AsNoTracking()
            .Where(s => tenants.Contains(s.TenantId) && nas.Contains(s.NasId) && ids.Contains(s.AcctSessionId))
            .ToListAsync(ct);
        if (callers.Length > 0)
        {
            // A Start may show that the same caller's session before it has ended without a Stop.
            open.AddRange(await db.LiveSessions.AcrossTenants().AsNoTracking()
                .Where(s => tenants.Contains(s.TenantId) && s.SubscriptionId != null && callers.Contains(s.SubscriptionId.Value))
                .ToListAsync(ct));
        }

        var reported = reports.ToLookup(r => new SessionKey(r.NasId, r.AcctSessionId));
        foreach (var session in open.DistinctBy(s => s.Id))
        {
            ledger.Load(session);
            var key = new SessionKey(session.NasId, session.AcctSessionId);
            if (!reported[key].Any(r => SessionLedger.IsEarlier(r, session.StartedAt)))
            {
                keys.Remove(key);
            }
        }

        await LoadClosedAsync(db, ledger, reports.Where(r => keys.Contains(new SessionKey(r.NasId, r.AcctSessionId))).ToList(), ct);
    }

    /// <summary>
    /// The records of the sessions that are not open. Nearly all began about when their report says, which is where the database looks
    /// first: its months are apart on PostgreSQL. Only a session in its course that is found nowhere is looked for in all of them, since a
    /// NAS may not say how long it has lasted.
    /// </summary>
    private static async Task LoadClosedAsync(IDataDefenderDb db, SessionLedger ledger, List<AccountingReport> reports, CancellationToken ct)
    {
        if (reports.Count == 0)
        {
            return;
        }

        var since = reports.Min(r => r.StartedAt) - LookedBack;
        var found = await Closed(db, reports).Where(s => s.StartedAt >= since).ToListAsync(ct);
        var known = found.Select(s => new SessionKey(s.NasId, s.AcctSessionId)).ToHashSet();
        var unknown = reports.Where(r => r.Status is not Infrastructure.Radius.Protocol.AcctStatusType.Start && !known.Contains(new SessionKey(r.NasId, r.AcctSessionId))).ToList();
        if (unknown.Count > 0)
        {
            found.AddRange(await Closed(db, unknown).Where(s => s.StartedAt < since).ToListAsync(ct));
        }

        found.ForEach(ledger.Load);
    }

    private static IQueryable<SessionRecord> Closed(IDataDefenderDb db, List<AccountingReport> reports)
    {
        var (tenants, nas, ids) = (Distinct(reports, r => r.TenantId), Distinct(reports, r => r.NasId), Distinct(reports, r => r.AcctSessionId));
        return db.SessionRecords.AcrossTenants().AsNoTracking().Where(s => tenants.Contains(s.TenantId) && nas.Contains(s.NasId) && ids.Contains(s.AcctSessionId));
    }

    /// <summary>What goes comes first: a key may be taken anew in the same batch.</summary>
    private static async Task WriteAsync(IDataDefenderDb db, LedgerChanges changes, CancellationToken ct)
    {
        await db.WriteAsync(RowWrite.Delete, changes.ClosedRows, ct);
        await db.WriteAsync(RowWrite.Delete, changes.ReopenedRecords, ct);
        await db.WriteAsync(RowWrite.Update, changes.MovedRows, ct);
        await db.WriteAsync(RowWrite.Update, changes.MendedRecords, ct);
        await db.WriteAsync(RowWrite.Insert, changes.OpenedRows, ct);
        await db.WriteAsync(RowWrite.Insert, changes.NewRecords, ct);
    }

    /// <summary>For the session limits of every RadiusHost, this one too: what it applies may be left from before it was started.</summary>
    private Task TellAsync(IDataDefenderDb db, LedgerChanges changes, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var lines = changes.OpenedRows.Concat(changes.ClosedRows).Select(s => (s.TenantId, s.SubscriptionId))
            .Concat(changes.NewRecords.Concat(changes.ReopenedRecords).Select(r => (r.TenantId, r.SubscriptionId)))
            .Where(l => l.SubscriptionId is not null).Distinct();
        return db.WriteAsync(RowWrite.Insert, lines.Select(l => new SessionChange { TenantId = l.TenantId, SubscriptionId = l.SubscriptionId, At = now }).ToList(), ct);
    }

    private static UsageDelta Entry(Guid journalId, UsageGain gain) => new()
    {
        TenantId = gain.Report.TenantId,
        Hour = gain.Key.Hour,
        JournalId = journalId,
        Sequence = gain.Report.Sequence,
        SubscriptionId = gain.SubscriptionId,
        NasId = gain.Report.NasId,
        AcctSessionId = gain.Report.AcctSessionId,
        At = gain.Report.EventAt,
        UploadBytes = gain.Growth.Upload,
        DownloadBytes = gain.Growth.Download,
        Seconds = gain.Growth.Seconds,
        Source = gain.Source,
    };

    private static Dictionary<UsageKey, Growth> Sums(IEnumerable<UsageGain> gains)
    {
        var sums = new Dictionary<UsageKey, Growth>();
        foreach (var gain in gains)
        {
            sums[gain.Key] = sums.GetValueOrDefault(gain.Key) + gain.Growth;
        }

        return sums;
    }

    private static async Task WriteUsageAsync(IDataDefenderDb db, Dictionary<UsageKey, Growth> usage, CancellationToken ct)
    {
        if (usage.Count == 0)
        {
            return;
        }

        var (tenants, subscriptions, hours) = (Distinct(usage.Keys, k => k.TenantId), Distinct(usage.Keys, k => k.SubscriptionId), Distinct(usage.Keys, k => k.Hour));
        var known = await db.UsageHours.AcrossTenants().AsNoTracking()
            .Where(u => tenants.Contains(u.TenantId) && subscriptions.Contains(u.SubscriptionId) && hours.Contains(u.Hour))
            .ToDictionaryAsync(u => new UsageKey(u.TenantId, u.SubscriptionId, u.Hour), ct);
        var (grown, begun) = (new List<UsageHour>(), new List<UsageHour>());
        foreach (var (key, growth) in usage)
        {
            var isKnown = known.TryGetValue(key, out var hour);
            hour ??= new UsageHour { TenantId = key.TenantId, SubscriptionId = key.SubscriptionId, Hour = key.Hour };
            hour.UploadBytes += growth.Upload;
            hour.DownloadBytes += growth.Download;
            hour.OnlineSeconds += growth.Seconds;
            (isKnown ? grown : begun).Add(hour);
        }

        await db.WriteAsync(RowWrite.Update, grown, ct);
        await db.WriteAsync(RowWrite.Insert, begun, ct);
    }

    private async Task<JournalPosition> LoadPositionAsync(IDataDefenderDb db, Guid journalId, CancellationToken ct) =>
        await db.JournalPositions.SingleOrDefaultAsync(p => p.JournalId == journalId, ct)
        ?? db.JournalPositions.Add(new JournalPosition { JournalId = journalId, AppliedAt = clock.GetUtcNow().UtcDateTime }).Entity;

    private async Task SaveAsync(IDataDefenderDb db, JournalPosition position, long sequence, AccountingTurn turn, CancellationToken ct)
    {
        (position.Sequence, position.AppliedAt) = (sequence, clock.GetUtcNow().UtcDateTime);
        await db.SaveChangesAsync(ct);
        await turn.CommitAsync(ct);
    }

    private static TKey[] Distinct<T, TKey>(IEnumerable<T> rows, Func<T, TKey> key) => [.. rows.Select(key).Distinct()];
}
