using DataDefender.Domain.Common;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Network;

/// <summary>A state whose treatment a company decides.</summary>
public enum TreatedState
{
    Grace,
    Expired,
    OverQuota,
    Unpaid,
    Requested,
    Abuse,
    Maintenance,
    OtherReason,
}

/// <summary>The company's treatments, how many lines are in each state now, and what a null falls back to.</summary>
/// <param name="Version">Null for a company that never saved its settings.</param>
public sealed record StateTreatmentsView(
    int? Version, StateTreatments States, IReadOnlyDictionary<TreatedState, int> Lines, string WalledGardenList, int WalledGardenKbps);

/// <summary>Decides what a company's lines get in each state that is not simply active.</summary>
public sealed class StateTreatmentService(IDataDefenderDbFactory dbFactory, CurrentUser user, LineSignal signal, TimeProvider clock)
{
    private static readonly StateTreatmentsValidator Validator = new();

    public async Task<StateTreatmentsView> GetAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewNetwork);
        await using var db = await dbFactory.OpenAsync(ct);
        var settings = await db.NetworkSettings.AsNoTracking().SingleOrDefaultAsync(ct);
        var shown = settings ?? new NetworkSettings(db.TenantId);
        var lines = new Dictionary<TreatedState, int>();
        foreach (var state in Enum.GetValues<TreatedState>())
        {
            lines[state] = await In(db, state).CountAsync(ct);
        }

        return new StateTreatmentsView(settings?.Version, shown.States, lines, shown.WalledGardenList, shown.WalledGardenKbps);
    }

    /// <summary>Saves the treatments and brings the changed ones to the open sessions of their lines. Returns how many lines that are.</summary>
    /// <param name="version">The version that the person saw.</param>
    public async Task<int> SaveAsync(int? version, StateTreatments states, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageNetwork);
        Validator.Demand(states);
        await using var db = await dbFactory.OpenAsync(ct);
        var settings = await db.NetworkSettings.SingleOrDefaultAsync(ct);
        if (settings?.Version != version)
        {
            throw Saving.ChangedMeanwhile();
        }

        settings ??= db.NetworkSettings.Add(new NetworkSettings(db.TenantId)).Entity;
        var reached = 0;
        foreach (var state in Enum.GetValues<TreatedState>().Where(s => Of(settings.States, s) != Of(states, s)))
        {
            foreach (var line in await In(db, state).AsNoTracking().ToListAsync(ct))
            {
                db.Order(line, LineAction.Release, "the company changed what such lines get", user.Name, clock.GetUtcNow().UtcDateTime);
                reached++;
            }
        }

        settings.Treat(states);
        await db.SaveAsync(ct);
        if (reached > 0)
        {
            signal.Wake();
        }

        return reached;
    }

    /// <summary>A state's treatment.</summary>
    public static Treatment Of(StateTreatments states, TreatedState state) => state switch
    {
        TreatedState.Grace => states.Grace,
        TreatedState.Expired => states.Expired,
        TreatedState.OverQuota => states.OverQuota,
        TreatedState.Unpaid => states.Unpaid,
        TreatedState.Requested => states.Requested,
        TreatedState.Abuse => states.Abuse,
        TreatedState.Maintenance => states.Maintenance,
        TreatedState.OtherReason => states.OtherReason,
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    /// <summary>The same treatments with another one for this state.</summary>
    public static StateTreatments With(StateTreatments states, TreatedState state, Treatment treatment) => state switch
    {
        TreatedState.Grace => states with { Grace = treatment },
        TreatedState.Expired => states with { Expired = treatment },
        TreatedState.OverQuota => states with { OverQuota = treatment },
        TreatedState.Unpaid => states with { Unpaid = treatment },
        TreatedState.Requested => states with { Requested = treatment },
        TreatedState.Abuse => states with { Abuse = treatment },
        TreatedState.Maintenance => states with { Maintenance = treatment },
        TreatedState.OtherReason => states with { OtherReason = treatment },
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    private static IQueryable<Subscription> In(IDataDefenderDb db, TreatedState state)
    {
        var active = db.Subscriptions.Where(s => s.State == SubscriptionState.Active);
        return state switch
        {
            TreatedState.Grace => active.Where(s => s.Limit == LimitKind.Grace),
            TreatedState.Expired => active.Where(s => s.Limit == LimitKind.Expired),
            TreatedState.OverQuota => active.Where(s => s.LimitAction == QuotaAction.WalledGarden && s.Limit != LimitKind.Expired),
            TreatedState.Unpaid => Suspended(SuspendReason.Unpaid),
            TreatedState.Requested => Suspended(SuspendReason.Requested),
            TreatedState.Abuse => Suspended(SuspendReason.Abuse),
            TreatedState.Maintenance => Suspended(SuspendReason.Maintenance),
            TreatedState.OtherReason => db.Subscriptions.Where(
                s => s.State == SubscriptionState.Suspended && (s.SuspendReason == SuspendReason.Other || s.SuspendReason == null)),
            _ => throw new ArgumentOutOfRangeException(nameof(state)),
        };

        IQueryable<Subscription> Suspended(SuspendReason reason) =>
            db.Subscriptions.Where(s => s.State == SubscriptionState.Suspended && s.SuspendReason == reason);
    }
}

/// <summary>Refuses treatments that cannot be meant. Errors are named by state: "Unpaid.DownloadKbps".</summary>
public sealed class StateTreatmentsValidator : AbstractValidator<StateTreatments>
{
    private static readonly TreatmentValidator Treatment = new();

    public StateTreatmentsValidator()
    {
        RuleFor(s => s.GraceDays).InclusiveBetween(0, 60).WithMessage("Grace is 0 to 60 days.");
        RuleFor(s => s.Grace).SetValidator(Treatment);
        RuleFor(s => s.Expired).SetValidator(Treatment);
        RuleFor(s => s.Unpaid).SetValidator(Treatment);
        RuleFor(s => s.Requested).SetValidator(Treatment);
        RuleFor(s => s.Abuse).SetValidator(Treatment);
        RuleFor(s => s.Maintenance).SetValidator(Treatment);
        RuleFor(s => s.OtherReason).SetValidator(Treatment);
        RuleFor(s => s.OverQuota).SetValidator(Treatment);
        RuleFor(s => s.OverQuota.Access).Equal(LineAccess.WalledGarden)
            .WithMessage("Whether a line over its quota is slowed, walled in or refused is said by its policy; here only what the walled garden is like.");
    }

    private sealed class TreatmentValidator : AbstractValidator<Treatment>
    {
        public TreatmentValidator()
        {
            RuleFor(t => t.DownloadKbps).InclusiveBetween(64, 100_000_000).When(t => t.DownloadKbps is not null).WithMessage("A speed is at least 0.064 Mbps.");
            RuleFor(t => t.UploadKbps).InclusiveBetween(64, 100_000_000).When(t => t.UploadKbps is not null).WithMessage("A speed is at least 0.064 Mbps.");
            RuleFor(t => t.AddressList).Must(IsName).When(t => t.AddressList is not null)
                .WithMessage("Name the routers' address list with up to 60 letters, digits, dots, dashes or underscores.");
            RuleFor(t => t.Pool).Must(IsName).When(t => t.Pool is not null).WithMessage("Name the routers' pool with up to 60 letters, digits, dots, dashes or underscores.");
            RuleFor(t => t.Message).MaximumLength(200).WithMessage("A message has at most 200 characters.");
        }

        private static bool IsName(string? name) =>
            name is { Length: > 0 and <= 60 } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
    }
}
