using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Accounting;

/// <summary>Closes sessions beside RadiusHost, which is told so that its session limits forget them.</summary>
internal static class SessionCloser
{
    private const int AtOnce = 200;

    /// <summary>
    /// Closes those of the sessions that have not been reported since they were read, and returns how many. A session that moved
    /// meanwhile is left alone: its record would lack what it moved, which a later report would then count again.
    /// </summary>
    public static async Task<int> CloseAsync(DataDefenderDbContext db, IEnumerable<LiveSession> sessions, string cause, DateTime now, CancellationToken ct)
    {
        var closed = 0;
        foreach (var part in sessions.Chunk(AtOnce))
        {
            await using var turn = await db.TakeAccountingTurnAsync(ct);
            foreach (var session in part)
            {
                var gone = await db.LiveSessions
                    .Where(s => s.Id == session.Id && s.UpdatedAt == session.UpdatedAt && s.SessionSeconds == session.SessionSeconds
                        && s.UploadBytes == session.UploadBytes && s.DownloadBytes == session.DownloadBytes)
                    .ExecuteDeleteAsync(ct);
                if (gone == 0)
                {
                    continue;
                }

                closed++;
                db.SessionRecords.Add(session.ToRecord(session.UpdatedAt, cause));
                if (session.SubscriptionId is { } line)
                {
                    db.SessionChanges.Add(new SessionChange { TenantId = session.TenantId, SubscriptionId = line, At = now });
                }
            }

            await db.SaveChangesAsync(ct);
            await turn.CommitAsync(ct);
            db.ChangeTracker.Clear();
        }

        return closed;
    }
}
