using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Policies;

/// <summary>
/// Looks at the lines of one company whose rules may say something new — they were used since the last look, a moment of their rules has
/// come, or they were never looked at — and, where the treatment changes, saves it together with the command that brings it to the router.
/// </summary>
public sealed class PolicyEvaluation(IDataDefenderDbFactory dbFactory, TenantContext tenant, LineSignal signal, TimeProvider clock)
{
    /// <summary>Lines a transaction; one query each for lines, usage and top-ups.</summary>
    private const int Batch = 250;

    private const string By = "policy";

    /// <summary>Looks at what was used since <paramref name="since"/> (UTC). Returns how many lines are treated otherwise now.</summary>
    public async Task<int> EvaluateAsync(DateTime since, CancellationToken ct = default)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        List<Guid> candidates;
        Frame frame;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            frame = await FrameAsync(db, ct);
            candidates = await CandidatesAsync(db, since, now, ct);
        }

        var changed = 0;
        foreach (var batch in candidates.Chunk(Batch))
        {
            changed += await EvaluateAsync(batch, frame, now, ct);
        }

        if (changed > 0)
        {
            signal.Wake();
        }

        return changed;
    }

    /// <summary>Looks at one line at once: it was topped up, extended or sold another package.</summary>
    public async Task EvaluateLineAsync(Guid subscriptionId, CancellationToken ct = default)
    {
        Frame frame;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            frame = await FrameAsync(db, ct);
        }

        if (await EvaluateAsync([subscriptionId], frame, clock.GetUtcNow().UtcDateTime, ct) > 0)
        {
            signal.Wake();
        }
    }

    private static async Task<List<Guid>> CandidatesAsync(IDataDefenderDb db, DateTime since, DateTime now, CancellationToken ct)
    {
        var ruled = from line in db.Subscriptions
                    join package in db.Packages on line.PackageId equals package.Id
                    where line.State == SubscriptionState.Active
                        && (package.PolicyId != null || line.ExpiresAt != null || line.Limit != LimitKind.None)
                    select line.Id;
        return await ruled
            .Where(id => !db.PolicyChecks.Any(c => c.SubscriptionId == id)
                || db.PolicyChecks.Any(c => c.SubscriptionId == id && c.NextAt <= now)
                || db.LiveSessions.Any(s => s.SubscriptionId == id && s.UpdatedAt >= since))
            .OrderBy(id => id)
            .ToListAsync(ct);
    }

    private async Task<Frame> FrameAsync(IDataDefenderDb db, CancellationToken ct)
    {
        var zone = await db.Companies.Where(c => c.Id == tenant.TenantId).Select(c => c.TimeZone).SingleAsync(ct);
        var policies = await db.UsagePolicies.AsNoTracking().ToDictionaryAsync(p => p.Id, p => p.Rules, ct);
        var packages = await db.Packages.AsNoTracking().ToDictionaryAsync(p => p.Id, ct);
        return new Frame(TimeZoneInfo.FindSystemTimeZoneById(zone), policies, packages);
    }

    private async Task<int> EvaluateAsync(Guid[] ids, Frame frame, DateTime now, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        var lines = await db.Subscriptions.Where(s => ids.Contains(s.Id) && s.State == SubscriptionState.Active).ToListAsync(ct);
        var history = await UsageLedger.LoadAsync(db, ids, frame.HistoryStart(now), ct);
        var topUps = await db.TopUps.AsNoTracking().Where(t => ids.Contains(t.SubscriptionId) && t.Until > now).ToListAsync(ct);
        var checks = await db.PolicyChecks.Where(c => ids.Contains(c.SubscriptionId)).ToDictionaryAsync(c => c.SubscriptionId, ct);

        var changed = 0;
        foreach (var line in lines)
        {
            var rules = frame.RulesOf(line);
            var facts = frame.FactsOf(line, history[line.Id], [.. topUps.Where(t => t.SubscriptionId == line.Id).Select(t => t.Grant)]);
            var walled = line.LimitAction is QuotaAction.WalledGarden;
            if (line.Obey(PolicyEngine.Evaluate(rules, facts, now), now))
            {
                changed++;
                Announce(db, line, walled ? LineAction.Release : LineAction.Apply, now);
            }

            var next = PolicyEngine.NextBoundary(rules, facts, now) ?? now.AddDays(1);
            if (checks.TryGetValue(line.Id, out var check))
            {
                check.NextAt = next;
            }
            else
            {
                db.PolicyChecks.Add(new PolicyCheck { TenantId = line.TenantId, SubscriptionId = line.Id, NextAt = next });
            }
        }

        await db.SaveChangesAsync(ct);
        return changed;
    }

    private static void Announce(IDataDefenderDb db, Subscription line, LineAction action, DateTime now)
    {
        var because = line.Limit is LimitKind.None ? "back to the speed that was sold" : line.LimitReason ?? line.Limit.ToString();
        db.Order(line, action, because, By, now);
        db.Report(line, "line.policy", $"{line.Username}: {because}", now, line.LimitAction is QuotaAction.Refuse ? EventSeverity.Warning : EventSeverity.Info);
    }

    /// <summary>What all lines of the company share during one look.</summary>
    private sealed record Frame(TimeZoneInfo Zone, IReadOnlyDictionary<Guid, PolicyRules> Policies, IReadOnlyDictionary<Guid, ServicePackage> Packages)
    {
        public PolicyRules RulesOf(Subscription line) =>
            Packages[line.PackageId].PolicyId is { } id && Policies.TryGetValue(id, out var rules) ? rules : PolicyRules.None;

        public LineFacts FactsOf(Subscription line, IEnumerable<HourOfUse> history, IReadOnlyList<TopUpGrant> topUps)
        {
            var package = Packages[line.PackageId];
            return new LineFacts(package.DownloadKbps, package.UploadKbps, [.. history], topUps, line.ExpiresAt, Zone);
        }

        /// <summary>The begin of the window before the present one, of the longest kind in use: roll-over looks back that far.</summary>
        public DateTime HistoryStart(DateTime now)
        {
            var longest = Policies.Values.Max(p => p.LongestWindow) ?? UsageWindow.Day;
            return WindowSpan.At(longest, now, Zone).Previous(longest, Zone).Start;
        }
    }
}
