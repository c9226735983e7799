using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Notifications.Staff;

/// <summary>Something that one member of staff is told inside the product.</summary>
public sealed class StaffNotification : ITenantOwned
{
    private StaffNotification() { }

    public StaffNotification(Guid tenantId, Guid staffId, StaffNotice notice, DateTime now)
    {
        (TenantId, StaffId, At, Severity, Kind) = (tenantId, staffId, now, notice.Severity, notice.Kind);
        (Title, Text, Href) = (Cut(notice.Title, 200), Cut(notice.Text, 600), notice.Href);
    }

    public Guid Id { get; private set; } = Guid.CreateVersion7();
    public Guid TenantId { get; private set; }
    public Guid StaffId { get; private set; }
    public DateTime At { get; private set; }
    public EventSeverity Severity { get; private set; }

    /// <summary>A short code for filters: incident.opened, billing.approval …</summary>
    public string Kind { get; private set; } = "";

    public string Title { get; private set; } = "";
    public string Text { get; private set; } = "";

    /// <summary>The page that it leads to, within the product.</summary>
    public string? Href { get; private set; }

    public DateTime? ReadAt { get; private set; }

    public void Read(DateTime now) => ReadAt ??= now;

    private static string Cut(string text, int length) => text.Length > length ? text[..length] : text;
}

/// <summary>What staff are to be told: "The billing run of March waits for approval". Words only, no secret.</summary>
/// <param name="Kind">A short code: incident.opened, billing.approval …</param>
/// <param name="Href">The page that it leads to: "/incidents/…".</param>
public sealed record StaffNotice(string Kind, EventSeverity Severity, string Title, string Text, string? Href = null);

/// <summary>Who is told.</summary>
public abstract record StaffAudience
{
    private StaffAudience() { }

    /// <summary>Every active member of staff whose role has the permission.</summary>
    public sealed record Permitted(string Permission) : StaffAudience;

    public sealed record Person(Guid StaffId) : StaffAudience;
}

/// <summary>
/// Tells staff something inside the product. The rows join the caller's unit of work, so that whoever is told of an act is told of one
/// that happened; screens hear of it when <see cref="StaffInbox.Announce"/> is called after the save.
/// </summary>
public sealed class StaffNotifier(TimeProvider clock)
{
    /// <summary>Adds the notification to what <paramref name="db"/> saves next.</summary>
    /// <returns>How many people will be told.</returns>
    public async Task<int> AddAsync(IDataDefenderDb db, StaffAudience audience, StaffNotice notice, CancellationToken ct = default)
    {
        var staff = db.Staff.Where(s => s.IsActive);
        switch (audience)
        {
            case StaffAudience.Person person:
                staff = staff.Where(s => s.Id == person.StaffId);
                break;
            case StaffAudience.Permitted permitted:
                var roles = Enum.GetValues<Role>().Where(r => Permissions.Of(r).Contains(permitted.Permission)).ToList();
                staff = staff.Where(s => roles.Contains(s.Role));
                break;
        }

        var now = clock.GetUtcNow().UtcDateTime;
        var people = await staff.Select(s => s.Id).ToListAsync(ct);
        db.StaffNotifications.AddRange(people.Select(id => new StaffNotification(db.TenantId, id, notice, now)));
        return people.Count;
    }
}
