using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Persistence;

/// <summary>
/// Recomputes the chain line by line. Whoever can rewrite the whole chain and its head, as owner of the database with the triggers off,
/// leaves nothing to find: against that only a copy of a hash kept elsewhere helps.
/// </summary>
internal sealed class AuditVerifier(ContextSource source) : IAuditVerifier
{
    public async Task<AuditVerdict> VerifyAsync(Guid tenantId, CancellationToken ct = default)
    {
        await using var db = source.Create(null, null);
        var (sequence, hash) = (0L, new byte[AuditEntry.HashBytes]);
        var lines = db.AuditEntries.AcrossTenants().AsNoTracking().Where(e => e.TenantId == tenantId).OrderBy(e => e.Sequence);
        await foreach (var line in lines.AsAsyncEnumerable().WithCancellation(ct))
        {
            sequence++;
            if (Fault(line, sequence, hash) is { } reason)
            {
                return new AuditVerdict.Broken(sequence, reason);
            }

            hash = line.Hash;
        }

        var head = await db.AuditHeads.AcrossTenants().AsNoTracking().SingleOrDefaultAsync(h => h.TenantId == tenantId, ct);
        return (head?.Sequence ?? 0, head?.Hash.AsSpan().SequenceEqual(hash) ?? sequence == 0) switch
        {
            (var last, true) when last == sequence => new AuditVerdict.Intact(sequence),
            (var last, _) when last > sequence => new AuditVerdict.Broken(sequence + 1, $"The trail ends here, but {last} lines were written."),
            _ => new AuditVerdict.Broken(sequence, "The trail does not end with the line that was written last."),
        };
    }

    private static string? Fault(AuditEntry line, long expected, ReadOnlySpan<byte> previous) =>
        line.Sequence > expected ? "The line is missing."
        : line.Sequence < expected ? "The number is there twice."
        : !line.PreviousHash.AsSpan().SequenceEqual(previous) ? "The line does not follow the one before it."
        : !line.ComputeHash().AsSpan().SequenceEqual(line.Hash) ? "The line was changed after it was written."
        : null;
}
