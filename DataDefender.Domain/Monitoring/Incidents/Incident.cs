using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring.Alerts;

namespace DataDefender.Domain.Monitoring.Incidents;

public enum IncidentState
{
    Open,

    /// <summary>Somebody has taken it up.</summary>
    Acknowledged,

    /// <summary>Nobody is told of it until its end.</summary>
    Muted,
    Resolved,
}

/// <summary>
/// Something that is wrong, with one cause as far as can be told: its alerts, whom it hurts, since when, what to do. It is opened and
/// resolved by what is measured; people acknowledge, assign and mute it.
/// </summary>
public sealed class Incident : Entity, ITenantOwned
{
    private Incident() { }

    public Incident(Guid tenantId, long number, CauseGroup cause, DateTime now)
    {
        (TenantId, Number, OpenedAt, DetectedAt) = (tenantId, number, cause.Since, now);
        Follow(cause);
    }

    public Guid TenantId { get; private set; }

    /// <summary>What people call it: "#118". Counts up in each company.</summary>
    public long Number { get; private set; }

    /// <summary>Of the cause; see <see cref="CauseGroup.Key"/>.</summary>
    public string CauseKey { get; private set; } = "";

    public string Title { get; private set; } = "";
    public string Next { get; private set; } = "";
    public EventSeverity Severity { get; private set; }
    public Guid? RouterId { get; private set; }
    public Guid? NasId { get; private set; }
    public string? Site { get; private set; }

    /// <summary>Since when it has been wrong; <see cref="DetectedAt"/> is when that was noticed.</summary>
    public DateTime OpenedAt { get; private set; }

    public DateTime DetectedAt { get; private set; }
    public DateTime? ResolvedAt { get; private set; }

    /// <summary>Clients without service by it, at its worst.</summary>
    public int Affected { get; private set; }

    /// <summary>What those pay for an hour, in minor units of the company's currency.</summary>
    public long CostPerHourMinor { get; private set; }

    public bool IsFlapping { get; private set; }
    public DateTime? AcknowledgedAt { get; private set; }
    public string? AcknowledgedBy { get; private set; }
    public Guid? AssigneeId { get; private set; }
    public string? Assignee { get; private set; }
    public DateTime? MutedUntil { get; private set; }
    public string? MutedBy { get; private set; }
    public string? MuteReason { get; private set; }

    /// <summary>The incident whose cause this one's turned out to be.</summary>
    public Guid? MergedIntoId { get; private set; }

    public bool IsOpen => ResolvedAt is null;

    public bool IsMuted(DateTime now) => MutedUntil > now;

    public IncidentState State(DateTime now) =>
        ResolvedAt is not null ? IncidentState.Resolved : IsMuted(now) ? IncidentState.Muted : AcknowledgedAt is not null ? IncidentState.Acknowledged : IncidentState.Open;

    /// <summary>Takes over what is known of its cause now.</summary>
    /// <returns>True when it became worse.</returns>
    public bool Follow(CauseGroup cause)
    {
        var worse = cause.Severity > Severity;
        (CauseKey, Title, Next, Severity) = (Cut(cause.Key), Cut(cause.Title), Cut(cause.Next, 300), cause.Severity);
        (RouterId, NasId, Site) = (cause.RouterId, cause.NasId, cause.Site);
        OpenedAt = cause.Since < OpenedAt ? cause.Since : OpenedAt;
        IsFlapping = cause.Alerts.Any(a => a.IsFlapping);
        return worse;
    }

    /// <summary>So many clients are or were without service.</summary>
    public void Hurt(int clients) => Affected = Math.Max(Affected, clients);

    /// <returns>True when it is another sum than before.</returns>
    public bool Cost(Money perHour)
    {
        var changed = CostPerHourMinor != perHour.Minor;
        CostPerHourMinor = perHour.Minor;
        return changed;
    }

    public void Resolve(DateTime now) => ResolvedAt ??= now;

    public void Reopen() => ResolvedAt = null;

    public void MergeInto(Guid other, DateTime now) => (MergedIntoId, ResolvedAt) = (other, now);

    public void Acknowledge(string by, DateTime now)
    {
        RequireOpen();
        if (AcknowledgedAt is null)
        {
            (AcknowledgedAt, AcknowledgedBy) = (now, by);
        }
    }

    public void Assign(Guid? staffId, string? name)
    {
        RequireOpen();
        (AssigneeId, Assignee) = (staffId, name);
    }

    public void Mute(DateTime until, string reason, string by, DateTime now)
    {
        RequireOpen();
        if (until <= now || until > now.AddDays(30))
        {
            throw new InvalidInputException([new FieldError("Until", "A mute ends in the future, and within 30 days.")]);
        }

        if (string.IsNullOrWhiteSpace(reason))
        {
            throw new InvalidInputException([new FieldError("Reason", "Say why nobody is to be told.")]);
        }

        (MutedUntil, MuteReason, MutedBy) = (until, Cut(reason.Trim(), 300), by);
    }

    public void Unmute() => (MutedUntil, MuteReason, MutedBy) = (null, null, null);

    private void RequireOpen()
    {
        if (!IsOpen)
        {
            throw new DomainException("incident.resolved", $"Incident #{Number} is resolved already.");
        }
    }

    private static string Cut(string text, int length = 200) => text.Length > length ? text[..length] : text;
}

/// <summary>An alert that belongs to an incident, while it is on and after.</summary>
public sealed class IncidentAlert : ITenantOwned
{
    private IncidentAlert() { }

    public IncidentAlert(Guid tenantId, Guid incidentId, ActiveAlert alert, DateTime now)
    {
        (TenantId, IncidentId, RuleId, Kind, SubjectKey, RaisedAt, Since) = (tenantId, incidentId, alert.RuleId, alert.Kind, alert.Subject.Key, now, alert.Since);
        Follow(alert);
    }

    public Guid Id { get; private set; } = Guid.CreateVersion7();
    public Guid TenantId { get; private set; }
    public Guid IncidentId { get; private set; }

    /// <summary>Null for what is found without a rule's threshold. A rule may be removed; this stays.</summary>
    public Guid? RuleId { get; private set; }

    public AlertKind Kind { get; private set; }
    public string SubjectKey { get; private set; } = "";
    public string SubjectName { get; private set; } = "";
    public Guid? RouterId { get; private set; }
    public Guid? NasId { get; private set; }
    public string? Site { get; private set; }
    public string? Interface { get; private set; }
    public EventSeverity Severity { get; private set; }
    public string Detail { get; private set; } = "";
    public double? Value { get; private set; }
    public DateTime Since { get; private set; }
    public DateTime RaisedAt { get; private set; }
    public DateTime? ClearedAt { get; private set; }
    public bool Notifies { get; private set; }
    public bool IsFlapping { get; private set; }

    /// <summary>Nothing is known of it at the moment.</summary>
    public bool IsStale { get; private set; }

    public (Guid?, string) Key => (RuleId, SubjectKey);

    public void Follow(ActiveAlert alert)
    {
        (Severity, Value, Notifies, IsFlapping, IsStale) = (alert.Severity, alert.Value, alert.Notifies, alert.IsFlapping, alert.IsStale);
        Detail = alert.Detail.Length > 300 ? alert.Detail[..300] : alert.Detail;
        SubjectName = alert.Subject.Name.Length > 200 ? alert.Subject.Name[..200] : alert.Subject.Name;
        (RouterId, NasId, Site, Interface) = (alert.Subject.RouterId, alert.Subject.NasId, alert.Subject.Site, alert.Subject.Interface);
    }

    public void MoveTo(Guid incidentId) => IncidentId = incidentId;

    public void Clear(DateTime now) => ClearedAt ??= now;

    /// <summary>As the engine holds it.</summary>
    public ActiveAlert ToActive() => new(
        RuleId, Kind, Severity, new AlertSubject(SubjectKey, SubjectName) { RouterId = RouterId, NasId = NasId, Site = Site, Interface = Interface }, Since, Value, Detail, Notifies, IsFlapping, IsStale);
}

/// <summary>A line that is without service by an incident.</summary>
public sealed class IncidentLine : ITenantOwned
{
    private IncidentLine() { }

    public IncidentLine(Guid tenantId, Guid incidentId, Guid subscriptionId, DateTime lostAt) =>
        (TenantId, IncidentId, SubscriptionId, LostAt) = (tenantId, incidentId, subscriptionId, lostAt);

    public Guid TenantId { get; private set; }
    public Guid IncidentId { get; private set; }
    public Guid SubscriptionId { get; private set; }
    public DateTime LostAt { get; private set; }

    /// <summary>When it was online again; null while it is not.</summary>
    public DateTime? BackAt { get; private set; }

    public void ComeBack(DateTime at) => BackAt ??= at;

    /// <summary>It was online in between, and is not any more.</summary>
    public void LoseAgain(DateTime at) => (LostAt, BackAt) = (at, null);
}

/// <summary>What happened to an incident, or was done about it.</summary>
public enum IncidentAct
{
    Opened,
    Worsened,
    Changed,
    Acknowledged,
    Assigned,
    Muted,
    Unmuted,
    Noted,
    Resolved,
    Reopened,
    Merged,
}

/// <summary>One line of an incident's story. Never changed.</summary>
public sealed class IncidentEntry : ITenantOwned
{
    public long Id { get; init; }
    public Guid TenantId { get; init; }
    public Guid IncidentId { get; init; }
    public DateTime At { get; init; }
    public IncidentAct Act { get; init; }

    /// <summary>A person's name, or "the watch".</summary>
    public string By { get; init; } = "";

    public string Text { get; init; } = "";
}

/// <summary>A time in which somebody works on something: nothing new is raised for it.</summary>
public sealed class MaintenanceWindow : Entity, ITenantOwned, IAudited
{
    private MaintenanceWindow() { }

    public MaintenanceWindow(Guid tenantId, MaintenanceInput input, string by)
    {
        if (input.Until <= input.From || input.Until - input.From > TimeSpan.FromDays(14))
        {
            throw new InvalidInputException([new FieldError(nameof(MaintenanceInput.Until), "It ends after it begins, and within 14 days.")]);
        }

        if (string.IsNullOrWhiteSpace(input.Reason))
        {
            throw new InvalidInputException([new FieldError(nameof(MaintenanceInput.Reason), "Say what is being done.")]);
        }

        if (input.RouterId is null && string.IsNullOrWhiteSpace(input.Site))
        {
            throw new InvalidInputException([new FieldError(nameof(MaintenanceInput.RouterId), "Choose a router or a site.")]);
        }

        (TenantId, From, Until, RouterId, PlannedBy) = (tenantId, input.From, input.Until, input.RouterId, by);
        (Site, Reason) = (input.RouterId is null ? input.Site!.Trim() : null, input.Reason.Trim());
    }

    public Guid TenantId { get; private set; }
    public DateTime From { get; private set; }
    public DateTime Until { get; private set; }

    /// <summary>The router and all that is reached through it; null for a site.</summary>
    public Guid? RouterId { get; private set; }

    public string? Site { get; private set; }
    public string Reason { get; private set; } = "";
    public string PlannedBy { get; private set; } = "";

    public string AuditLabel => Reason;

    public bool Holds(DateTime now) => From <= now && now < Until;

    public void End(DateTime now) => Until = now < From ? From : now < Until ? now : Until;

    public bool Covers(AlertSubject subject, NetworkShape shape) =>
        RouterId is { } router
            ? subject.RouterId is { } id && shape.UpFrom(id).Any(r => r.Id == router)
            : subject.Site is not null && string.Equals(subject.Site, Site, StringComparison.OrdinalIgnoreCase);
}

/// <summary>What an operator says of planned work. Times are UTC.</summary>
public sealed record MaintenanceInput
{
    public DateTime From { get; set; }
    public DateTime Until { get; set; }
    public Guid? RouterId { get; set; }
    public string? Site { get; set; }
    public string Reason { get; set; } = "";
}
