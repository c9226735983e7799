using System.Collections.Concurrent;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Monitoring.Alerts;

/// <summary>Says that a company's rules or planned work have changed, so that the watch reads them at once.</summary>
public sealed class AlertSignal(TimeProvider clock)
{
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _changed = new();

    public void Announce(Guid tenantId) => _changed[tenantId] = clock.GetUtcNow();

    /// <summary>True once for each announcement.</summary>
    public bool Take(Guid tenantId) => _changed.TryRemove(tenantId, out _);
}

/// <summary>A rule as it is listed.</summary>
public sealed record AlertRuleRow(Guid Id, AlertRuleInput Input, string? RouterName, int Version);

/// <summary>What a rule may say.</summary>
public sealed class AlertRuleInputValidator : AbstractValidator<AlertRuleInput>
{
    public AlertRuleInputValidator()
    {
        RuleFor(r => r.Kind).IsInEnum().WithMessage("Choose what the rule watches.");
        RuleFor(r => r.Threshold).Must((rule, value) => Enum.IsDefined(rule.Kind) && Within(rule.Kind, value)).WithMessage(rule => Range(rule.Kind));
        RuleFor(r => r.DelaySeconds).InclusiveBetween(0, 86_400).WithMessage("It waits for at most a day.");
        RuleFor(r => r.ClearSeconds).InclusiveBetween(0, 86_400).WithMessage("It ends after at most a day.");
        RuleFor(r => r.CapacityMbps).Must((rule, mbps) => rule.Kind is not AlertKind.Utilisation || mbps is >= 1 and <= 1_000_000).WithMessage("Say what the link carries at most, 1 to 1,000,000 Mbps.");
        RuleFor(r => r.RouterId).NotNull().When(r => r.Kind is AlertKind.Utilisation).WithMessage("Choose the router whose link this is.");
        RuleFor(r => r.Interface).MaximumLength(100).WithMessage("An interface's name has at most 100 characters.");
    }

    private static bool Within(AlertKind kind, double value) =>
        AlertKindFacts.Of(kind) is var facts && (facts.Direction is AlertDirection.State || (value >= facts.Least && value <= facts.Most));

    private static string Range(AlertKind kind) =>
        Enum.IsDefined(kind) && AlertKindFacts.Of(kind) is var facts ? $"Between {facts.Least:0.#} and {facts.Most:#,##0.#}{facts.Unit}." : "Choose what the rule watches.";
}

/// <summary>A company's alert rules.</summary>
public sealed class AlertRuleService(IDataDefenderDbFactory dbFactory, AlertSignal signal, CurrentUser user)
{
    private static readonly AlertRuleInputValidator Validator = new();

    /// <summary>All rules; a company that has none yet is given the default ones first.</summary>
    public async Task<IReadOnlyList<AlertRuleRow>> ListAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using (var first = await dbFactory.OpenAsync(ct))
        {
            await EnsureDefaultsAsync(first, ct);
        }

        await using var db = await dbFactory.OpenAsync(ct);
        var names = await db.Routers.Select(r => new { r.Id, r.Name }).ToDictionaryAsync(r => r.Id, r => r.Name, ct);
        var rules = await db.AlertRules.AsNoTracking().ToListAsync(ct);
        return [.. rules.OrderBy(r => r.Kind).ThenByDescending(r => r.Severity).ThenBy(r => r.Threshold).Select(r => new AlertRuleRow(r.Id, ToInput(r), r.RouterId is { } id ? names.GetValueOrDefault(id) : null, r.Version))];
    }

    public async Task<AlertDamping> DampingAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        return (await db.AlertSettings.AsNoTracking().SingleOrDefaultAsync(ct))?.Damping ?? AlertDamping.Default;
    }

    public async Task ChangeDampingAsync(int flapCount, int flapMinutes, int calmMinutes, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var settings = await db.AlertSettings.SingleOrDefaultAsync(ct) ?? throw new NotFoundException("Alert settings", db.TenantId);
        settings.Change(flapCount, flapMinutes, calmMinutes);
        await db.SaveAsync(ct);
        signal.Announce(db.TenantId);
    }

    public async Task<Guid> AddAsync(AlertRuleInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        await RequireRouterAsync(db, input, ct);
        var rule = db.AlertRules.Add(new AlertRule(db.TenantId, input)).Entity;
        await db.SaveAsync(ct);
        signal.Announce(db.TenantId);
        return rule.Id;
    }

    public async Task ChangeAsync(Guid id, AlertRuleInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        await RequireRouterAsync(db, input, ct);
        var rule = await db.AlertRules.SingleOrDefaultAsync(r => r.Id == id, ct) ?? throw new NotFoundException("Alert rule", id);
        rule.Change(input);
        await db.SaveAsync(ct);
        signal.Announce(db.TenantId);
    }

    public async Task RemoveAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        db.AlertRules.Remove(await db.AlertRules.SingleOrDefaultAsync(r => r.Id == id, ct) ?? throw new NotFoundException("Alert rule", id));
        await db.SaveAsync(ct);
        signal.Announce(db.TenantId);
    }

    /// <summary>Gives a company its first rules, once in its life: rules that were removed stay removed.</summary>
    public static async Task EnsureDefaultsAsync(IDataDefenderDb db, CancellationToken ct)
    {
        if (await db.AlertSettings.AnyAsync(ct))
        {
            return;
        }

        db.AlertSettings.Add(new AlertSettings(db.TenantId));
        db.AlertRules.AddRange(DefaultRules.All.Select(input => new AlertRule(db.TenantId, input)));
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException) when (!ct.IsCancellationRequested)
        {
            if (!await db.AlertSettings.AsNoTracking().AnyAsync(ct)) // another process gave them at the same moment
            {
                throw;
            }
        }
    }

    private static async Task RequireRouterAsync(IDataDefenderDb db, AlertRuleInput input, CancellationToken ct)
    {
        if (input.RouterId is { } router && !await db.Routers.AnyAsync(r => r.Id == router, ct))
        {
            throw new NotFoundException("Router", router);
        }
    }

    private static AlertRuleInput ToInput(AlertRule rule) => new()
    {
        Kind = rule.Kind, Severity = rule.Severity, IsEnabled = rule.IsEnabled, Notifies = rule.Notifies, Threshold = rule.Threshold, DelaySeconds = rule.DelaySeconds,
        ClearSeconds = rule.ClearSeconds, RouterId = rule.RouterId, Interface = rule.Interface, CapacityMbps = rule.CapacityMbps, Reason = rule.Reason,
    };
}
