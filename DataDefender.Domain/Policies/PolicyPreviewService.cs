using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Policies;

/// <summary>Whose past a preview replays: the lines of a policy, or of one package.</summary>
public sealed record PreviewScope(Guid? PolicyId, Guid? PackageId);

/// <summary>One line's part in a preview: on how many of the past 30 days its present rules and the changed ones limit it.</summary>
public sealed record PolicyImpact(Guid SubscriptionId, string Username, Guid ClientId, string Client, int LimitedDaysNow, int LimitedDaysThen, long Bytes);

/// <summary>What changed rules would have done to the lines looked at, the most affected first.</summary>
/// <param name="Lines">All lines of the scope that have not ended.</param>
/// <param name="LookedAt">How many of them were replayed: those that moved most.</param>
public sealed record PolicyImpactReport(DateTime From, DateTime Until, int Lines, int LookedAt, IReadOnlyList<PolicyImpact> Rows)
{
    public int LimitedNow => Rows.Count(r => r.LimitedDaysNow > 0);

    public int LimitedThen => Rows.Count(r => r.LimitedDaysThen > 0);

    public int Worse => Rows.Count(r => r.LimitedDaysThen > r.LimitedDaysNow);

    public int Better => Rows.Count(r => r.LimitedDaysThen < r.LimitedDaysNow);
}

/// <summary>A line's past 30 days under its present rules and under the changed ones; the days are the same in both.</summary>
public sealed record LineReplay(Guid SubscriptionId, string Username, string Client, int SoldDownloadKbps, IReadOnlyList<PreviewDay> Now, IReadOnlyList<PreviewDay> Then);

/// <summary>Shows what a policy would have done before it is saved.</summary>
public sealed class PolicyPreviewService(IDataDefenderDbFactory dbFactory, CurrentUser user, TimeProvider clock)
{
    public const int Days = 30;

    /// <summary>Lines that one preview replays at most.</summary>
    public const int MostLines = 5_000;

    private const int Batch = 200;

    /// <param name="progress">Told how many lines have been replayed.</param>
    public Task<PolicyImpactReport> ImpactAsync(PreviewScope scope, PolicyRules changed, IProgress<int>? progress = null, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPackages);
        return Task.Run(() => ReplayAllAsync(scope, changed, progress, ct), ct); // seconds of work for thousands of lines: not on the circuit
    }

    /// <summary>Day by day, what the rules would have done to one line.</summary>
    public async Task<LineReplay> ReplayAsync(Guid subscriptionId, PolicyRules changed, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPackages);
        user.Demand(Permissions.ViewClients);
        await using var db = await dbFactory.OpenAsync(ct);
        var frame = await PolicyFrame.LoadAsync(db, ct);
        var line = await db.Subscriptions.AsNoTracking().SingleOrDefaultAsync(s => s.Id == subscriptionId, ct) ?? throw new NotFoundException("Line", subscriptionId);
        var client = await db.Clients.Where(c => c.Id == line.ClientId).Select(c => c.Name).SingleAsync(ct);
        var (from, until) = Span();
        var present = frame.RulesOf(line);
        var facts = (await frame.FactsAsync(db, [line], from, changed, ct))[line.Id];
        return new LineReplay(
            line.Id, line.Username, client, facts.SoldDownloadKbps, PolicyPreview.Replay(present, facts, from, until), PolicyPreview.Replay(changed, facts, from, until));
    }

    /// <summary>The line of this user name, for a preview of one line; null when there is none.</summary>
    public async Task<Guid?> FindLineAsync(string username, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewClients);
        var name = username.Trim().ToLowerInvariant();
        await using var db = await dbFactory.OpenAsync(ct);
        return await db.Subscriptions.Where(s => s.Username == name).Select(s => (Guid?)s.Id).SingleOrDefaultAsync(ct);
    }

    private async Task<PolicyImpactReport> ReplayAllAsync(PreviewScope scope, PolicyRules changed, IProgress<int>? progress, CancellationToken ct)
    {
        var (from, until) = Span();
        await using var db = await dbFactory.OpenAsync(ct);
        var frame = await PolicyFrame.LoadAsync(db, ct);
        var lines = Lines(db, scope);
        var count = await lines.CountAsync(ct);
        var chosen = await lines
            .Select(s => new { s.Id, Bytes = db.UsageHours.Where(u => u.SubscriptionId == s.Id && u.Hour >= from).Sum(u => u.UploadBytes + u.DownloadBytes) })
            .OrderByDescending(s => s.Bytes).ThenBy(s => s.Id)
            .Take(MostLines)
            .ToListAsync(ct);

        var rows = new List<PolicyImpact>(chosen.Count);
        foreach (var batch in chosen.Chunk(Batch))
        {
            Guid[] ids = [.. batch.Select(b => b.Id)];
            var bytes = batch.ToDictionary(b => b.Id, b => b.Bytes);
            rows.AddRange(await ReplayAsync(db, frame, ids, bytes, changed, from, until, ct));
            progress?.Report(rows.Count);
        }

        return new PolicyImpactReport(from, until, count, chosen.Count,
        [
            .. rows.OrderByDescending(r => Math.Abs(r.LimitedDaysThen - r.LimitedDaysNow)).ThenByDescending(r => r.LimitedDaysThen).ThenByDescending(r => r.Bytes).ThenBy(r => r.SubscriptionId),
        ]);
    }

    private static async Task<List<PolicyImpact>> ReplayAsync(
        IDataDefenderDb db, PolicyFrame frame, Guid[] ids, Dictionary<Guid, long> bytes, PolicyRules changed, DateTime from, DateTime until, CancellationToken ct)
    {
        var lines = await db.Subscriptions.AsNoTracking().Where(s => ids.Contains(s.Id)).ToListAsync(ct);
        var clientIds = lines.Select(l => l.ClientId).Distinct().ToList();
        var clients = await db.Clients.Where(c => clientIds.Contains(c.Id)).ToDictionaryAsync(c => c.Id, c => c.Name, ct);
        var facts = await frame.FactsAsync(db, lines, from, changed, ct);
        return lines.ConvertAll(l => new PolicyImpact(
            l.Id, l.Username, l.ClientId, clients[l.ClientId],
            PolicyPreview.LimitedDays(frame.RulesOf(l), facts[l.Id], from, until), PolicyPreview.LimitedDays(changed, facts[l.Id], from, until), bytes[l.Id]));
    }

    private static IQueryable<Subscription> Lines(IDataDefenderDb db, PreviewScope scope)
    {
        var packages = scope switch
        {
            { PackageId: { } package } => db.Packages.Where(p => p.Id == package),
            { PolicyId: { } policy } => db.Packages.Where(p => p.PolicyId == policy),
            _ => throw new DomainException("preview.scope", "Choose whose lines the preview is for."),
        };
        return db.Subscriptions.AsNoTracking().Where(s => s.State != SubscriptionState.Disconnected && packages.Any(p => p.Id == s.PackageId));
    }

    private (DateTime From, DateTime Until) Span()
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return (now.AddDays(-Days), now);
    }
}
