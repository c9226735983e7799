using System.Linq.Expressions;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring.Alerts;
using DataDefender.Domain.Notifications.Staff;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Monitoring.Incidents;

/// <summary>An incident as lists show it.</summary>
/// <param name="Down">Clients that are still without service.</param>
public sealed record IncidentRow(
    Guid Id, long Number, string Title, string Next, EventSeverity Severity, Guid? RouterId, string? Site, DateTime OpenedAt, DateTime? ResolvedAt, int Affected, int Down, long CostPerHourMinor,
    bool IsFlapping, DateTime? AcknowledgedAt, string? AcknowledgedBy, Guid? AssigneeId, string? Assignee, DateTime? MutedUntil)
{
    public Money CostPerHour => new(CostPerHourMinor);

    public IncidentState State(DateTime now) =>
        ResolvedAt is not null ? IncidentState.Resolved : MutedUntil > now ? IncidentState.Muted : AcknowledgedAt is not null ? IncidentState.Acknowledged : IncidentState.Open;
}

/// <summary>Which incidents.</summary>
public enum IncidentScope
{
    Open,
    Mine,
    Resolved,
    All,
}

public sealed record IncidentFilter(IncidentScope Scope = IncidentScope.Open, EventSeverity AtLeast = EventSeverity.Info);

/// <summary>An incident with its alerts and its story.</summary>
public sealed record IncidentDetails(
    IncidentRow Row, DateTime DetectedAt, string? MutedBy, string? MuteReason, Guid? MergedIntoId, long? MergedIntoNumber, string? RouterName, IReadOnlyList<IncidentAlertRow> Alerts, IReadOnlyList<IncidentEntryRow> Entries);

public sealed record IncidentAlertRow(
    AlertKind Kind, EventSeverity Severity, string SubjectName, Guid? RouterId, string Detail, DateTime Since, DateTime? ClearedAt, bool IsFlapping, bool IsStale);

public sealed record IncidentEntryRow(long Id, DateTime At, IncidentAct Act, string By, string Text);

/// <summary>A client without service.</summary>
public sealed record AffectedRow(Guid SubscriptionId, Guid ClientId, string ClientName, string Phone, string Username, string Package, DateTime LostAt, DateTime? BackAt);

/// <summary>Somebody who can be given an incident.</summary>
public sealed record Assignable(Guid Id, string Name, Role Role);

/// <summary>What staff see of incidents and do about them.</summary>
public sealed class IncidentService(IDataDefenderDbFactory dbFactory, StaffNotifier notifier, StaffInbox inbox, LiveMetrics metrics, CurrentUser user, TimeProvider clock)
{
    private const int MostOpen = 200;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>All that are open, the worst first.</summary>
    public async Task<IReadOnlyList<IncidentRow>> OpenAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var rows = await Rows(db, db.Incidents.Where(i => i.ResolvedAt == null).OrderBy(i => i.OpenedAt).Take(MostOpen)).ToListAsync(ct);
        var now = Now;
        return [.. rows.OrderBy(r => r.State(now) is IncidentState.Muted).ThenByDescending(r => r.Severity).ThenByDescending(r => r.Affected).ThenBy(r => r.OpenedAt)];
    }

    public async Task<PageOf<IncidentRow>> ListAsync(IncidentFilter filter, GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var incidents = db.Incidents.AsNoTracking();
        incidents = filter.Scope switch
        {
            IncidentScope.Open => incidents.Where(i => i.ResolvedAt == null),
            IncidentScope.Mine => incidents.Where(i => i.ResolvedAt == null && i.AssigneeId == user.Id),
            IncidentScope.Resolved => incidents.Where(i => i.ResolvedAt != null),
            _ => incidents,
        };
        if (filter.AtLeast is not EventSeverity.Info)
        {
            var wanted = Enum.GetValues<EventSeverity>().Where(s => s >= filter.AtLeast).ToList();
            incidents = incidents.Where(i => wanted.Contains(i.Severity));
        }

        if (query.Term is { } term)
        {
            var number = long.TryParse(term.TrimStart('#'), System.Globalization.CultureInfo.InvariantCulture, out var typed) ? typed : -1;
            incidents = incidents.Where(i => i.Title.ToLower().Contains(term) || i.Number == number || i.Site!.ToLower().Contains(term) || i.Assignee!.ToLower().Contains(term));
        }

        var sorted = (query.SortBy, query.Descending) switch
        {
            (nameof(IncidentRow.Affected), false) => incidents.OrderBy(i => i.Affected),
            (nameof(IncidentRow.Affected), true) => incidents.OrderByDescending(i => i.Affected),
            (nameof(IncidentRow.Number), false) => incidents.OrderBy(i => i.Number),
            (nameof(IncidentRow.Number), true) => incidents.OrderByDescending(i => i.Number),
            (nameof(IncidentRow.OpenedAt), false) => incidents.OrderBy(i => i.OpenedAt),
            _ => incidents.OrderByDescending(i => i.OpenedAt),
        };
        var page = await Rows(db, sorted.ThenBy(i => i.Id).Skip(query.Page * query.PageSize).Take(query.PageSize)).ToListAsync(ct);
        return new PageOf<IncidentRow>(page, await incidents.CountAsync(ct));
    }

    public async Task<IncidentDetails> GetAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var row = await Rows(db, db.Incidents.Where(i => i.Id == id)).SingleOrDefaultAsync(ct) ?? throw new NotFoundException("Incident", id);
        var more = await db.Incidents.Where(i => i.Id == id)
            .Select(i => new
            {
                i.DetectedAt, i.MutedBy, i.MuteReason, i.MergedIntoId,
                MergedInto = db.Incidents.Where(o => o.Id == i.MergedIntoId).Select(o => (long?)o.Number).FirstOrDefault(),
                Router = db.Routers.Where(r => r.Id == i.RouterId).Select(r => r.Name).FirstOrDefault(),
            }).SingleAsync(ct);
        var alerts = await db.IncidentAlerts.Where(a => a.IncidentId == id).OrderBy(a => a.Since).Take(200)
            .Select(a => new IncidentAlertRow(a.Kind, a.Severity, a.SubjectName, a.RouterId, a.Detail, a.Since, a.ClearedAt, a.IsFlapping, a.IsStale)).ToListAsync(ct);
        var entries = await db.IncidentEntries.Where(e => e.IncidentId == id).OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Take(200)
            .Select(e => new IncidentEntryRow(e.Id, e.At, e.Act, e.By, e.Text)).ToListAsync(ct);
        return new IncidentDetails(row, more.DetectedAt, more.MutedBy, more.MuteReason, more.MergedIntoId, more.MergedInto, more.Router, alerts, entries);
    }

    /// <summary>The clients that it hurts, those who are still without service first.</summary>
    public async Task<PageOf<AffectedRow>> AffectedAsync(Guid id, GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var lines = from line in db.IncidentLines.AsNoTracking()
                    where line.IncidentId == id
                    join subscription in db.Subscriptions on line.SubscriptionId equals subscription.Id
                    join client in db.Clients on subscription.ClientId equals client.Id
                    join package in db.Packages on subscription.PackageId equals package.Id
                    select new { line, subscription, client, package };
        if (query.Term is { } term)
        {
            lines = lines.Where(l => l.client.SearchText.Contains(term) || l.subscription.Username.ToLower().Contains(term));
        }

        var page = await lines.OrderBy(l => l.line.BackAt != null).ThenBy(l => l.client.Name).ThenBy(l => l.subscription.Id)
            .Skip(query.Page * query.PageSize).Take(query.PageSize)
            .Select(l => new AffectedRow(l.subscription.Id, l.client.Id, l.client.Name, l.client.Phone, l.subscription.Username, l.package.Name, l.line.LostAt, l.line.BackAt))
            .ToListAsync(ct);
        return new PageOf<AffectedRow>(page, await lines.CountAsync(ct));
    }

    /// <summary>Staff who may work on the network.</summary>
    public async Task<IReadOnlyList<Assignable>> AssignableAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        var roles = Enum.GetValues<Role>().Where(r => Permissions.Of(r).Contains(Permissions.ViewNetwork)).ToList();
        await using var db = await dbFactory.OpenAsync(ct);
        return await db.Staff.Where(s => s.IsActive && roles.Contains(s.Role)).OrderBy(s => s.Name).Select(s => new Assignable(s.Id, s.Name, s.Role)).ToListAsync(ct);
    }

    public Task AcknowledgeAsync(Guid id, CancellationToken ct = default) => ChangeAsync(
        id, IncidentAct.Acknowledged, (incident, _) =>
        {
            incident.Acknowledge(user.Name, Now);
            return Task.FromResult("");
        }, ct);

    /// <param name="staffId">Null takes it back from whoever had it.</param>
    public Task AssignAsync(Guid id, Guid? staffId, CancellationToken ct = default) => ChangeAsync(
        id, IncidentAct.Assigned, async (incident, db) =>
        {
            if (staffId is not { } person)
            {
                incident.Assign(null, null);
                return "Nobody has it now.";
            }

            var name = await db.Staff.Where(s => s.Id == person && s.IsActive).Select(s => s.Name).SingleOrDefaultAsync(ct) ?? throw new NotFoundException("Staff member", person);
            incident.Assign(person, name);
            incident.Acknowledge(user.Name, Now); // who gives it to somebody has seen it
            if (person != user.Id)
            {
                var notice = new StaffNotice("incident.assigned", incident.Severity, $"Yours: {incident.Title}", $"{user.Name} gave you incident #{incident.Number}. {incident.Next}", $"/incidents/{incident.Id}");
                await notifier.AddAsync(db, new StaffAudience.Person(person), notice, ct);
            }

            return name;
        }, ct);

    /// <param name="until">UTC; in the future, within 30 days.</param>
    public Task MuteAsync(Guid id, DateTime until, string reason, CancellationToken ct = default) => ChangeAsync(
        id, IncidentAct.Muted, (incident, _) =>
        {
            incident.Mute(until, reason, user.Name, Now);
            return Task.FromResult(reason.Trim());
        }, ct);

    public Task UnmuteAsync(Guid id, CancellationToken ct = default) => ChangeAsync(
        id, IncidentAct.Unmuted, (incident, _) =>
        {
            incident.Unmute();
            return Task.FromResult("");
        }, ct);

    public Task NoteAsync(Guid id, string text, CancellationToken ct = default) => ChangeAsync(
        id, IncidentAct.Noted, (_, _) => string.IsNullOrWhiteSpace(text) || text.Length > 600
            ? throw new InvalidInputException([new FieldError("Text", "A note has 1 to 600 characters.")])
            : Task.FromResult(text.Trim()), ct);

    private async Task ChangeAsync(Guid id, IncidentAct act, Func<Incident, IDataDefenderDb, Task<string>> change, CancellationToken ct)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var incident = await db.Incidents.SingleOrDefaultAsync(i => i.Id == id, ct) ?? throw new NotFoundException("Incident", id);
        var text = await change(incident, db);
        db.IncidentEntries.Add(new IncidentEntry { TenantId = db.TenantId, IncidentId = id, At = Now, Act = act, By = user.Name, Text = text.Length > 600 ? text[..600] : text });
        await db.SaveAsync(ct);
        metrics.Announce(db.TenantId);
        inbox.Announce(db.TenantId);
    }

    private static IQueryable<IncidentRow> Rows(IDataDefenderDb db, IQueryable<Incident> incidents) => incidents.AsNoTracking().Select(Row(db));

    private static Expression<Func<Incident, IncidentRow>> Row(IDataDefenderDb db) => i => new IncidentRow(
        i.Id, i.Number, i.Title, i.Next, i.Severity, i.RouterId, i.Site, i.OpenedAt, i.ResolvedAt, i.Affected, db.IncidentLines.Count(l => l.IncidentId == i.Id && l.BackAt == null), i.CostPerHourMinor,
        i.IsFlapping, i.AcknowledgedAt, i.AcknowledgedBy, i.AssigneeId, i.Assignee, i.MutedUntil);
}
