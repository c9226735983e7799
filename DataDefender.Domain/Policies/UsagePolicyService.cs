using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Policies;

/// <summary>A row of the policies page.</summary>
public sealed record UsagePolicyRow(Guid Id, string Name, string Summary, int Packages, int Lines);

/// <summary>What an admin edits.</summary>
public sealed record UsagePolicyInput(string Name, PolicyRules Rules);

/// <summary>One line's part in a preview: how many days of the past month the changed rules would have limited it.</summary>
public sealed record PolicyImpact(Guid SubscriptionId, string Username, string Client, int LimitedDaysNow, int LimitedDaysThen, long Bytes);

/// <summary>Policies: who has them, what a change would do, and extra data for single lines.</summary>
public sealed class UsagePolicyService(
    IDataDefenderDbFactory dbFactory, TenantContext tenant, CurrentUser user, PolicyEvaluation evaluation, TimeProvider clock)
{
    private static readonly UsagePolicyInputValidator Validator = new();

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    public async Task<PageOf<UsagePolicyRow>> ListAsync(GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPackages);
        await using var db = await dbFactory.OpenAsync(ct);
        var policies = db.UsagePolicies.AsNoTracking();
        if (query.Term is { } term)
        {
            policies = policies.Where(p => p.Name.ToLower().Contains(term));
        }

        var sorted = query.Descending ? policies.OrderByDescending(p => p.Name) : policies.OrderBy(p => p.Name);
        var page = await sorted.ThenBy(p => p.Id).Skip(query.Page * query.PageSize).Take(query.PageSize)
            .Select(p => new
            {
                p.Id,
                p.Name,
                p.Rules,
                Packages = db.Packages.Count(k => k.PolicyId == p.Id),
                Lines = db.Subscriptions.Count(s => s.State != SubscriptionState.Disconnected && db.Packages.Any(k => k.Id == s.PackageId && k.PolicyId == p.Id)),
            })
            .ToListAsync(ct);
        return new PageOf<UsagePolicyRow>(
            [.. page.Select(p => new UsagePolicyRow(p.Id, p.Name, PolicyText.Summary(p.Rules), p.Packages, p.Lines))], await policies.CountAsync(ct));
    }

    /// <exception cref="NotFoundException">No such policy in this company.</exception>
    public async Task<UsagePolicyInput> GetAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPackages);
        await using var db = await dbFactory.OpenAsync(ct);
        var policy = await FindAsync(db, id, ct);
        return new UsagePolicyInput(policy.Name, policy.Rules);
    }

    public async Task<Guid> CreateAsync(UsagePolicyInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePackages);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var policy = new UsagePolicy(tenant.TenantId, input.Name, input.Rules, Now);
        db.UsagePolicies.Add(policy);
        await db.SaveAsync(() => TakenAsync(db, policy, ct), ct);
        return policy.Id;
    }

    /// <summary>Saves the rules and has every line of the policy looked at anew within a minute.</summary>
    public async Task ChangeAsync(Guid id, UsagePolicyInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePackages);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var policy = await FindAsync(db, id, ct);
        policy.Change(input.Name, input.Rules);
        await db.SaveAsync(() => TakenAsync(db, policy, ct), ct);
        await db.PolicyChecks
            .Where(c => db.Subscriptions.Any(s => s.Id == c.SubscriptionId && db.Packages.Any(p => p.Id == s.PackageId && p.PolicyId == id)))
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.NextAt, Now), ct);
    }

    /// <summary>What the rules would have done to each line of the policy over the past 30 days, the most affected first.</summary>
    public async Task<PageOf<PolicyImpact>> PreviewAsync(Guid id, PolicyRules changed, int page, int pageSize, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPackages);
        await using var db = await dbFactory.OpenAsync(ct);
        var policy = await FindAsync(db, id, ct);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(await db.Companies.Where(c => c.Id == tenant.TenantId).Select(c => c.TimeZone).SingleAsync(ct));
        var (end, start) = (Now, Now.AddDays(-30));
        var users = from line in db.Subscriptions.AsNoTracking()
                    join package in db.Packages on line.PackageId equals package.Id
                    join client in db.Clients on line.ClientId equals client.Id
                    where package.PolicyId == id && line.State != SubscriptionState.Disconnected
                    select new
                    {
                        line.Id,
                        line.Username,
                        Client = client.Name,
                        package.DownloadKbps,
                        package.UploadKbps,
                        Bytes = db.UsageHours.Where(u => u.SubscriptionId == line.Id && u.Hour >= start).Sum(u => u.UploadBytes + u.DownloadBytes),
                    };
        var chosen = await users.OrderByDescending(u => u.Bytes).ThenBy(u => u.Id).Skip(page * pageSize).Take(pageSize).ToListAsync(ct);
        var history = await UsageLedger.LoadAsync(db, [.. chosen.Select(u => u.Id)], start.AddDays(-62), ct);

        var impacts = chosen.Select(u =>
        {
            var facts = new LineFacts(u.DownloadKbps, u.UploadKbps, [.. history[u.Id]], [], null, zone);
            return new PolicyImpact(u.Id, u.Username, u.Client, LimitedDays(policy.Rules, facts, start, end), LimitedDays(changed, facts, start, end), u.Bytes);
        });
        return new PageOf<PolicyImpact>([.. impacts], await users.CountAsync(ct));
    }

    /// <summary>Day by day, what the rules would have done to one line over the past 30 days.</summary>
    public async Task<IReadOnlyList<PreviewDay>> ReplayAsync(Guid subscriptionId, PolicyRules rules, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewClients);
        await using var db = await dbFactory.OpenAsync(ct);
        var (facts, _) = await FactsAsync(db, subscriptionId, ct);
        return PolicyPreview.Replay(rules, facts, Now.AddDays(-30), Now);
    }

    /// <summary>Where the line's data quota stands now, or null without one.</summary>
    public async Task<QuotaStanding?> StandingAsync(Guid subscriptionId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewClients);
        await using var db = await dbFactory.OpenAsync(ct);
        var (facts, rules) = await FactsAsync(db, subscriptionId, ct);
        return PolicyEngine.Standing(rules, facts, Now);
    }

    /// <summary>Gives a line extra data; a line that had run out is open again at once.</summary>
    public async Task GrantTopUpAsync(Guid subscriptionId, long bytes, DateTime until, string note, CancellationToken ct = default)
    {
        user.Demand(Permissions.ControlLines);
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            var line = await db.Subscriptions.SingleOrDefaultAsync(s => s.Id == subscriptionId, ct) ?? throw new NotFoundException("Subscription", subscriptionId);
            db.TopUps.Add(new TopUp(tenant.TenantId, line.Id, bytes, Now, until, note));
            await db.SaveAsync(ct);
        }

        await evaluation.EvaluateLineAsync(subscriptionId, ct);
    }

    private async Task<(LineFacts Facts, PolicyRules Rules)> FactsAsync(IDataDefenderDb db, Guid subscriptionId, CancellationToken ct)
    {
        var now = Now;
        var line = await db.Subscriptions.AsNoTracking().SingleOrDefaultAsync(s => s.Id == subscriptionId, ct) ?? throw new NotFoundException("Subscription", subscriptionId);
        var package = await db.Packages.AsNoTracking().SingleAsync(p => p.Id == line.PackageId, ct);
        var rules = package.PolicyId is { } id ? await db.UsagePolicies.Where(p => p.Id == id).Select(p => p.Rules).SingleAsync(ct) : PolicyRules.None;
        var zone = TimeZoneInfo.FindSystemTimeZoneById(await db.Companies.Where(c => c.Id == tenant.TenantId).Select(c => c.TimeZone).SingleAsync(ct));
        var history = await UsageLedger.LoadAsync(db, [subscriptionId], now.AddDays(-92), ct);
        var topUps = await db.TopUps.AsNoTracking().Where(t => t.SubscriptionId == subscriptionId && t.Until > now).ToListAsync(ct);
        return (new LineFacts(package.DownloadKbps, package.UploadKbps, [.. history[subscriptionId]], [.. topUps.Select(t => t.Grant)], line.ExpiresAt, zone), rules);
    }

    private static int LimitedDays(PolicyRules rules, LineFacts facts, DateTime from, DateTime to) =>
        PolicyPreview.Replay(rules, facts, from, to).Count(d => d.Kind is not LimitKind.None);

    private static async Task<UsagePolicy> FindAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.UsagePolicies.SingleOrDefaultAsync(p => p.Id == id, ct) ?? throw new NotFoundException("Policy", id);

    private static async Task<DomainException?> TakenAsync(IDataDefenderDb db, UsagePolicy policy, CancellationToken ct) =>
        await db.UsagePolicies.AnyAsync(p => p.Name == policy.Name && p.Id != policy.Id, ct)
            ? new DomainException("policy.name", $"There is a policy called “{policy.Name}” already.")
            : null;
}

/// <summary>Refuses rules that cannot be meant.</summary>
public sealed class UsagePolicyInputValidator : AbstractValidator<UsagePolicyInput>
{
    public UsagePolicyInputValidator()
    {
        RuleFor(p => p.Name).NotEmpty().WithMessage("Give the policy a name.").MaximumLength(80);
        RuleForEach(p => p.Rules.Schedules).ChildRules(schedule =>
        {
            schedule.RuleFor(s => s.Name).NotEmpty().WithMessage("Name each schedule.");
            schedule.RuleFor(s => s.DownloadPercent).InclusiveBetween(1, 1000).WithMessage("A schedule's speed is 1 to 1,000 % of the sold one.");
            schedule.RuleFor(s => s.UploadPercent).InclusiveBetween(1, 1000).WithMessage("A schedule's speed is 1 to 1,000 % of the sold one.");
            schedule.RuleFor(s => s.Hours.Days).NotEqual(WeekDays.None).WithMessage("Choose the days of each schedule.");
        });
        RuleForEach(p => p.Rules.FairUse).ChildRules(tier =>
        {
            tier.RuleFor(t => t.Name).NotEmpty().WithMessage("Name each fair-use tier.");
            tier.RuleFor(t => t.Bytes).GreaterThan(0).WithMessage("A fair-use tier begins after some data.");
            tier.RuleFor(t => t.DownloadKbps).GreaterThanOrEqualTo(64).WithMessage("A fair-use tier leaves at least 64 kbit/s.");
            tier.RuleFor(t => t.UploadKbps).GreaterThanOrEqualTo(64).WithMessage("A fair-use tier leaves at least 64 kbit/s.");
        });
        RuleForEach(p => p.Rules.Free).Must(f => f.Hours.Days != WeekDays.None).WithMessage("Choose the days of the free hours.");
        RuleFor(p => p.Rules.Free).Must(free => free.All(f => f.Hours.From.Minute == 0 && f.Hours.To.Minute == 0))
            .WithMessage("Free hours begin and end on the full hour: usage is counted by the hour.");
        When(p => p.Rules.Data is not null, () =>
        {
            RuleFor(p => p.Rules.Data!.Bytes).GreaterThan(0).WithMessage("A data quota needs some data.");
            RuleFor(p => p.Rules.Data!.ThrottleKbps).NotNull().GreaterThanOrEqualTo(64).When(p => p.Rules.Data!.Action is QuotaAction.Throttle)
                .WithMessage("Say how fast a line is after its quota: at least 64 kbit/s.");
            RuleFor(p => p.Rules.Data!.RollOverCapBytes).GreaterThan(0).When(p => p.Rules.Data!.RollOver).WithMessage("Say how much may be carried over.");
        });
        When(p => p.Rules.Time is not null, () =>
        {
            RuleFor(p => p.Rules.Time!.Minutes).GreaterThan(0).WithMessage("A time quota needs some minutes.");
            RuleFor(p => p.Rules.Time!.ThrottleKbps).NotNull().GreaterThanOrEqualTo(64).When(p => p.Rules.Time!.Action is QuotaAction.Throttle)
                .WithMessage("Say how fast a line is after its time: at least 64 kbit/s.");
        });
    }
}
