using DataDefender.Domain.Common;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Access;

/// <summary>Logins to routers themselves are acts of staff: each is written with a line in the company's audit trail, in one transaction.</summary>
internal sealed class RouterLoginTrail(IPlatformDbFactory databases)
{
    private static readonly Actor Unproven = new(null, "RADIUS", new HashSet<string>());

    public async Task WriteAsync(LoginAttempt attempt, CancellationToken ct)
    {
        await using var db = await databases.OpenAsync(await ActorAsync(attempt, ct), ct);
        db.LoginAttempts.Add(attempt);
        if (!attempt.IsTest && await db.NasDevices.AcrossTenants().SingleOrDefaultAsync(n => n.Id == attempt.NasId, ct) is { } nas)
        {
            db.Record(
                attempt.Outcome is LoginOutcome.RouterLoginAccepted ? "logged in to the router" : "refused at the router",
                nas,
                new { attempt.Username, From = attempt.CallingStationId, attempt.Method, attempt.Detail });
        }

        await db.SaveChangesAsync(ct);
    }

    // Only a login that was accepted proves whose it was.
    private async Task<Actor> ActorAsync(LoginAttempt attempt, CancellationToken ct)
    {
        if (attempt.Outcome is not LoginOutcome.RouterLoginAccepted)
        {
            return Unproven;
        }

        var username = attempt.Username.ToLowerInvariant();
        await using var db = await databases.OpenAsync(ct);
        return await db.Staff.AcrossTenants().AsNoTracking().SingleOrDefaultAsync(s => s.TenantId == attempt.TenantId && s.RouterUsername == username, ct) is { } staff
            ? new Actor(staff.Id, staff.Name, new HashSet<string>())
            : Unproven;
    }
}
