using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Policies;

/// <summary>A row of the policies page. Lines that have ended are not counted.</summary>
public sealed record UsagePolicyRow(Guid Id, string Name, string Summary, int Packages, int Lines);

/// <summary>A policy that a package may refer to.</summary>
public sealed record UsagePolicyChoice(Guid Id, string Name, string Summary);

/// <summary>What an admin edits.</summary>
public sealed record UsagePolicyInput(string Name, PolicyRules Rules);

/// <summary>A policy to be edited: its version says later whether somebody else was faster.</summary>
public sealed record UsagePolicyDetails(Guid Id, int Version, UsagePolicyInput Input, IReadOnlyList<string> Packages, int Lines);

/// <summary>The policies of a company. Changed rules reach their lines with the next look of the evaluation, within a minute.</summary>
public sealed class UsagePolicyService(IDataDefenderDbFactory dbFactory, TenantContext tenant, CurrentUser user, TimeProvider clock)
{
    private static readonly UsagePolicyInputValidator Validator = new();

    public async Task<PageOf<UsagePolicyRow>> ListAsync(GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPackages);
        await using var db = await dbFactory.OpenAsync(ct);
        var policies = db.UsagePolicies.AsNoTracking();
        if (query.Term is { } term)
        {
            policies = policies.Where(p => p.Name.ToLower().Contains(term));
        }

        var rows = policies.Select(p => new
        {
            p.Id,
            p.Name,
            p.Rules,
            Packages = db.Packages.Count(k => k.PolicyId == p.Id),
            Lines = db.Subscriptions.Count(s => s.State != SubscriptionState.Disconnected && db.Packages.Any(k => k.Id == s.PackageId && k.PolicyId == p.Id)),
        });
        var sorted = (query.SortBy, query.Descending) switch
        {
            (nameof(UsagePolicyRow.Packages), false) => rows.OrderBy(p => p.Packages),
            (nameof(UsagePolicyRow.Packages), true) => rows.OrderByDescending(p => p.Packages),
            (nameof(UsagePolicyRow.Lines), false) => rows.OrderBy(p => p.Lines),
            (nameof(UsagePolicyRow.Lines), true) => rows.OrderByDescending(p => p.Lines),
            (_, true) => rows.OrderByDescending(p => p.Name),
            _ => rows.OrderBy(p => p.Name),
        };
        var page = await sorted.ThenBy(p => p.Id).Skip(query.Page * query.PageSize).Take(query.PageSize).ToListAsync(ct);
        return new PageOf<UsagePolicyRow>(
            [.. page.Select(p => new UsagePolicyRow(p.Id, p.Name, PolicyText.Summary(p.Rules), p.Packages, p.Lines))], await policies.CountAsync(ct));
    }

    /// <summary>All policies by name, for a choice.</summary>
    public async Task<IReadOnlyList<UsagePolicyChoice>> ChoicesAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPackages);
        await using var db = await dbFactory.OpenAsync(ct);
        var all = await db.UsagePolicies.AsNoTracking().OrderBy(p => p.Name).Select(p => new { p.Id, p.Name, p.Rules }).ToListAsync(ct);
        return [.. all.Select(p => new UsagePolicyChoice(p.Id, p.Name, PolicyText.Summary(p.Rules)))];
    }

    /// <exception cref="NotFoundException">No such policy in this company.</exception>
    public async Task<UsagePolicyDetails> GetAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPackages);
        await using var db = await dbFactory.OpenAsync(ct);
        var policy = await FindAsync(db, id, ct);
        var packages = await db.Packages.Where(p => p.PolicyId == id).OrderBy(p => p.Name).Select(p => p.Name).ToListAsync(ct);
        var lines = await db.Subscriptions.CountAsync(
            s => s.State != SubscriptionState.Disconnected && db.Packages.Any(p => p.Id == s.PackageId && p.PolicyId == id), ct);
        return new UsagePolicyDetails(id, policy.Version, new UsagePolicyInput(policy.Name, policy.Rules), packages, lines);
    }

    /// <exception cref="InvalidInputException">Some rule cannot be meant.</exception>
    public async Task<Guid> CreateAsync(UsagePolicyInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePackages);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var policy = new UsagePolicy(tenant.TenantId, input.Name, input.Rules, clock.GetUtcNow().UtcDateTime);
        db.UsagePolicies.Add(policy);
        await RefuseTakenNameAsync(db, policy, ct);
        await db.SaveAsync(() => TakenAsync(db, policy, ct), ct);
        return policy.Id;
    }

    /// <param name="version">The version that the person saw; another one means that somebody else was faster.</param>
    public async Task ChangeAsync(Guid id, int version, UsagePolicyInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePackages);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var policy = await FindAsync(db, id, ct);
        if (policy.Version != version)
        {
            throw Saving.ChangedMeanwhile();
        }

        policy.Change(input.Name, input.Rules);
        await RefuseTakenNameAsync(db, policy, ct);
        await db.SaveAsync(() => TakenAsync(db, policy, ct), ct);
    }

    /// <exception cref="DomainException">A package still refers to it.</exception>
    public async Task RemoveAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePackages);
        await using var db = await dbFactory.OpenAsync(ct);
        var policy = await FindAsync(db, id, ct);
        if (await InUseAsync(db, policy, ct) is { } used)
        {
            throw used;
        }

        db.UsagePolicies.Remove(policy);
        await db.SaveAsync(() => InUseAsync(db, policy, ct), ct);
    }

    private static async Task<UsagePolicy> FindAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.UsagePolicies.SingleOrDefaultAsync(p => p.Id == id, ct) ?? throw new NotFoundException("Policy", id);

    private static async Task RefuseTakenNameAsync(IDataDefenderDb db, UsagePolicy policy, CancellationToken ct)
    {
        if (await TakenAsync(db, policy, ct) is { } taken)
        {
            throw taken;
        }
    }

    private static async Task<DomainException?> TakenAsync(IDataDefenderDb db, UsagePolicy policy, CancellationToken ct) =>
        await db.UsagePolicies.AsNoTracking().AnyAsync(p => p.Name == policy.Name && p.Id != policy.Id, ct)
            ? new InvalidInputException([new FieldError(nameof(UsagePolicyInput.Name), $"There is a policy called “{policy.Name}” already.")])
            : null;

    private static async Task<DomainException?> InUseAsync(IDataDefenderDb db, UsagePolicy policy, CancellationToken ct)
    {
        var packages = await db.Packages.AsNoTracking().Where(p => p.PolicyId == policy.Id).OrderBy(p => p.Name).Select(p => p.Name).ToListAsync(ct);
        return packages.Count == 0
            ? null
            : new DomainException("policy.in_use", $"{policy.Name} is the policy of {string.Join(", ", packages.Take(3))}{(packages.Count > 3 ? $" and {packages.Count - 3} more" : "")}. Give these packages another one first.");
    }
}
