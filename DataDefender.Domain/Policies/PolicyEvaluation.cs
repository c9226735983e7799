using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Policies;

/// <summary>
/// Looks at the lines of one company whose rules may say something new — they were used since the last look, a moment of their rules has
/// come, what they go by was changed, or they were never looked at — and, where the treatment changes, saves it together with the command
/// that brings it to the router.
/// </summary>
public sealed class PolicyEvaluation(IDataDefenderDbFactory dbFactory, LineSignal signal, TimeProvider clock)
{
    /// <summary>Lines a transaction; one query each for lines, usage and top-ups.</summary>
    private const int Batch = 250;

    /// <summary>How often a batch is looked at anew when somebody else changed a line of it meanwhile.</summary>
    private const int Tries = 3;

    private const string By = "policy";

    /// <summary>Looks at what was used since <paramref name="since"/> (UTC). Returns how many lines are treated otherwise now.</summary>
    public async Task<int> EvaluateAsync(DateTime since, CancellationToken ct = default)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        List<Guid> candidates;
        PolicyFrame frame;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            frame = await PolicyFrame.LoadAsync(db, ct);
            candidates = await CandidatesAsync(db, frame, since, now, ct);
        }

        return await EvaluateAsync(candidates, frame, now, ct);
    }

    /// <summary>Looks at one line at once: it was topped up, extended or sold another package.</summary>
    public async Task EvaluateLineAsync(Guid subscriptionId, CancellationToken ct = default)
    {
        PolicyFrame frame;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            frame = await PolicyFrame.LoadAsync(db, ct);
        }

        await EvaluateAsync([subscriptionId], frame, clock.GetUtcNow().UtcDateTime, ct);
    }

    /// <summary>
    /// Looks at once at the lines that are treated as run out, or served beyond their time, and are paid for again. Returns how many are treated
    /// otherwise now.
    /// </summary>
    public async Task<int> EvaluatePaidAsync(CancellationToken ct = default)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        List<Guid> paid;
        PolicyFrame frame;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            paid = await db.Subscriptions.Where(s => s.State == SubscriptionState.Active && (s.Limit == LimitKind.Expired || s.Limit == LimitKind.Grace) && (s.ExpiresAt == null || s.ExpiresAt > now))
                .OrderBy(s => s.Id).Select(s => s.Id).ToListAsync(ct);
            if (paid.Count == 0)
            {
                return 0;
            }

            frame = await PolicyFrame.LoadAsync(db, ct);
        }

        return await EvaluateAsync(paid, frame, now, ct);
    }

    private static async Task<List<Guid>> CandidatesAsync(IDataDefenderDb db, PolicyFrame frame, DateTime since, DateTime now, CancellationToken ct)
    {
        var ruled = from line in db.Subscriptions
                    join package in db.Packages on line.PackageId equals package.Id
                    where line.State == SubscriptionState.Active && (package.PolicyId != null || line.ExpiresAt != null || line.Limit != LimitKind.None)
                    join policy in db.UsagePolicies on package.PolicyId equals policy.Id into policies
                    from policy in policies.DefaultIfEmpty()
                    join check in db.PolicyChecks on line.Id equals check.SubscriptionId into checks
                    from check in checks.DefaultIfEmpty()
                    where check == null || check.NextAt <= now
                        || check.PackageId != line.PackageId || check.PackageVersion != package.Version || check.PolicyVersion != (int?)policy.Version
                        || check.SettingsVersion != frame.SettingsVersion || check.ExpiresAt != line.ExpiresAt
                        || db.LiveSessions.Any(s => s.SubscriptionId == line.Id && s.UpdatedAt >= since)
                        || db.SessionRecords.Any(s => s.SubscriptionId == line.Id && s.StoppedAt >= since)
                    orderby line.Id
                    select line.Id;
        return await ruled.ToListAsync(ct);
    }

    private async Task<int> EvaluateAsync(List<Guid> lines, PolicyFrame frame, DateTime now, CancellationToken ct)
    {
        var changed = 0;
        foreach (var batch in lines.Chunk(Batch))
        {
            changed += await EvaluateBatchAsync(batch, frame, now, ct);
        }

        if (changed > 0)
        {
            signal.Wake();
        }

        return changed;
    }

    private async Task<int> EvaluateBatchAsync(Guid[] ids, PolicyFrame frame, DateTime now, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await LookAsync(ids, frame, now, ct);
            }
            catch (DbUpdateException) when (attempt < Tries && !ct.IsCancellationRequested)
            {
                // A person, or the other Web host, saved one of these lines between our look and our write.
            }
        }
    }

    private async Task<int> LookAsync(Guid[] ids, PolicyFrame frame, DateTime now, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        var found = await db.Subscriptions.Where(s => ids.Contains(s.Id) && s.State == SubscriptionState.Active).ToListAsync(ct);
        var lines = found.FindAll(l => frame.Packages.ContainsKey(l.PackageId)); // a package sold since the frame was loaded waits for the next round
        var facts = await frame.FactsAsync(db, lines, now, ct: ct);
        var checks = await db.PolicyChecks.Where(c => ids.Contains(c.SubscriptionId)).ToDictionaryAsync(c => c.SubscriptionId, ct);

        var online = await OnlineAsync(db, lines.FindAll(l => frame.RulesOf(l).Time is not null), ct);
        var changed = 0;
        foreach (var line in lines)
        {
            var rules = frame.RulesOf(line);
            if (!online.Contains(line.Id) || line.OnlineLeftUntil is null || line.OnlineLeftUntil <= now)
            {
                line.TellOnlineLeft(PolicyEngine.OnlineTimeLeft(rules, facts[line.Id], now));
            }

            var before = (Kind: line.Limit, Action: line.LimitAction);
            if (line.Obey(PolicyEngine.Evaluate(rules, facts[line.Id], now), now))
            {
                changed++;
                var onList = before.Action is QuotaAction.WalledGarden || before.Kind is LimitKind.Grace; // or may be: the company chooses the list of each state
                Announce(db, line, before.Kind, onList ? LineAction.Release : LineAction.Apply, now);
            }

            if (!checks.TryGetValue(line.Id, out var check))
            {
                check = db.PolicyChecks.Add(new PolicyCheck { TenantId = line.TenantId, SubscriptionId = line.Id }).Entity;
            }

            check.NextAt = PolicyEngine.NextBoundary(rules, facts[line.Id], now) ?? now.AddDays(1);
            (check.PackageId, check.PackageVersion) = (line.PackageId, frame.Packages[line.PackageId].Version);
            (check.PolicyVersion, check.SettingsVersion, check.ExpiresAt) = (frame.PolicyOf(line)?.Version, frame.SettingsVersion, line.ExpiresAt);
        }

        await db.SaveChangesAsync(ct);
        return changed;
    }

    /// <summary>Those that are online: what is left for them becomes less all the time, and matters at their next login only.</summary>
    private static async Task<HashSet<Guid>> OnlineAsync(IDataDefenderDb db, List<Subscription> lines, CancellationToken ct)
    {
        Guid[] ids = [.. lines.Select(l => l.Id)];
        return ids.Length == 0 ? [] : await db.LiveSessions.Where(s => s.SubscriptionId != null && ids.Contains(s.SubscriptionId.Value)).Select(s => s.SubscriptionId!.Value).ToHashSetAsync(ct);
    }

    private static void Announce(IDataDefenderDb db, Subscription line, LimitKind before, LineAction action, DateTime now)
    {
        var because = line.Limit is LimitKind.None ? "back to the speed that was sold" : line.LimitReason ?? line.Limit.ToString();
        db.Order(line, action, because, By, now);

        // What the clock does to everybody twice a day is no event.
        if (before is not (LimitKind.None or LimitKind.Schedule) || line.Limit is not (LimitKind.None or LimitKind.Schedule))
        {
            db.Report(line, "line.policy", $"{line.Username}: {because}", now, line.LimitAction is QuotaAction.Refuse ? EventSeverity.Warning : EventSeverity.Info);
        }
    }
}
