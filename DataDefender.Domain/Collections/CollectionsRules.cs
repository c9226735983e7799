using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Collections;

/// <summary>What a person sets. Amounts are in major units, percents in percent.</summary>
public sealed record CollectionsInput
{
    public bool IsOn { get; set; }
    public List<StepInput> Steps { get; set; } = [];
    public decimal LeastDebt { get; set; } = 100;
    public LateFeeKind LateFeeKind { get; set; }
    public decimal LateFee { get; set; } = 200;
    public decimal MostLateFee { get; set; } = 1_000;
    public TimeOnly TellFrom { get; set; } = new(8, 0);
    public TimeOnly TellUntil { get; set; } = new(19, 0);
    public Policies.WeekDays SuspendDays { get; set; }
    public TimeOnly SuspendFrom { get; set; } = new(9, 0);
    public TimeOnly SuspendUntil { get; set; } = new(16, 0);
    public TimeOnly MaintenanceFrom { get; set; } = new(2, 0);
    public TimeOnly MaintenanceUntil { get; set; } = new(4, 0);
    public bool SuspendSubAccounts { get; set; }
    public int MostPromiseDays { get; set; } = 14;
    public int MostGraceHours { get; set; } = 72;

    public static CollectionsInput Of(DunningPolicy policy) => new()
    {
        IsOn = policy.IsOn, Steps = [.. policy.Steps.Select(s => new StepInput { Day = s.Day, Act = s.Act, Sms = s.Channels.HasFlag(DunningChannels.Sms), Email = s.Channels.HasFlag(DunningChannels.Email) })],
        LeastDebt = policy.LeastDebt / 100m, LateFeeKind = policy.LateFeeKind, LateFee = policy.LateFee / 100m, MostLateFee = policy.MostLateFee / 100m,
        TellFrom = policy.TellFrom, TellUntil = policy.TellUntil, SuspendDays = policy.SuspendDays, SuspendFrom = policy.SuspendFrom, SuspendUntil = policy.SuspendUntil,
        MaintenanceFrom = policy.MaintenanceFrom, MaintenanceUntil = policy.MaintenanceUntil, SuspendSubAccounts = policy.SuspendSubAccounts, MostPromiseDays = policy.MostPromiseDays, MostGraceHours = policy.MostGraceHours,
    };

    public DunningPolicy ToPolicy() => new()
    {
        IsOn = IsOn,
        Steps =
        [
            .. Steps.OrderBy(s => s.Day).ThenBy(s => s.Act)
                .Select(s => new DunningStep(s.Day, s.Act, (s.Sms ? DunningChannels.Sms : DunningChannels.None) | (s.Email ? DunningChannels.Email : DunningChannels.None))),
        ],
        LeastDebt = (long)(LeastDebt * 100), LateFeeKind = LateFeeKind, LateFee = (long)(LateFee * 100), MostLateFee = (long)(MostLateFee * 100),
        TellFrom = TellFrom, TellUntil = TellUntil, SuspendDays = SuspendDays, SuspendFrom = SuspendFrom, SuspendUntil = SuspendUntil,
        MaintenanceFrom = MaintenanceFrom, MaintenanceUntil = MaintenanceUntil, SuspendSubAccounts = SuspendSubAccounts, MostPromiseDays = MostPromiseDays, MostGraceHours = MostGraceHours,
    };
}

/// <summary>A step as it is typed.</summary>
public sealed record StepInput
{
    public int Day { get; set; }
    public DunningAct Act { get; set; }
    public bool Sms { get; set; }
    public bool Email { get; set; }
}

/// <summary>What the rules of collections may hold.</summary>
public sealed class CollectionsInputValidator : AbstractValidator<CollectionsInput>
{
    public CollectionsInputValidator()
    {
        RuleFor(i => i.Steps).NotEmpty().When(i => i.IsOn).WithMessage("A ladder that is switched on has at least one step.");
        RuleFor(i => i.Steps).Must(s => s.Count <= 20).WithMessage("A ladder has at most 20 steps.");
        RuleFor(i => i.Steps).Must(s => s.All(step => step.Day is >= -30 and <= 365)).WithMessage("A step is 30 days before to 365 days after the last day to pay.");
        RuleFor(i => i.Steps).Must(s => s.Select(step => (step.Day, step.Act)).Distinct().Count() == s.Count).WithMessage("Two steps do the same on the same day.");
        RuleFor(i => i.Steps).Must(s => s.All(step => step.Act is DunningAct.Remind or DunningAct.Warn || step.Day >= 1)).WithMessage("Late fees, suspension, disconnection and recovery come at least a day after the last day to pay.");
        RuleFor(i => i.Steps).Must(s => s.All(step => step.Act is not (DunningAct.Remind or DunningAct.Warn) || step.Sms || step.Email)).WithMessage("A reminder or a warning needs a channel.");
        RuleFor(i => i.Steps).Must(s => s.Count(step => step.Act is DunningAct.Suspend) <= 1).WithMessage("A ladder suspends once; take one of the steps away.");
        RuleFor(i => i.Steps).Must(DisconnectsAfterSuspending).WithMessage("Disconnection comes after suspension.");
        RuleFor(i => i.LeastDebt).InclusiveBetween(0, 1_000_000).WithMessage("The least debt is 0 to 1,000,000.");
        RuleFor(i => i.LateFee).Must((i, fee) => i.LateFeeKind is LateFeeKind.Percent ? fee is >= 0 and <= 50 : fee is >= 0 and <= 100_000 && decimal.Round(fee, 2) == fee)
            .WithMessage(i => i.LateFeeKind is LateFeeKind.Percent ? "A late fee is 0 to 50 percent." : "A late fee is 0 to 100,000, in whole cents.");
        RuleFor(i => i.MostLateFee).InclusiveBetween(0, 1_000_000).WithMessage("The most is 0 to 1,000,000.");
        RuleFor(i => i.TellUntil).Must((i, until) => until > i.TellFrom).WithMessage("Clients are written to between two times of one day.");
        RuleFor(i => i.SuspendUntil).Must((i, until) => until > i.SuspendFrom).WithMessage("Suspension happens between two times of one day.");
        RuleFor(i => i.SuspendDays).Must(d => d is not Policies.WeekDays.None).When(i => i.Steps.Any(s => s.Act is DunningAct.Suspend or DunningAct.Disconnect)).WithMessage("Choose at least one day on which lines may be suspended.");
        RuleFor(i => i.MostPromiseDays).InclusiveBetween(1, 60).WithMessage("A promise lasts 1 to 60 days.");
        RuleFor(i => i.MostGraceHours).InclusiveBetween(1, 336).WithMessage("Grace lasts 1 to 336 hours.");
    }

    private static bool DisconnectsAfterSuspending(List<StepInput> steps) => steps.Where(s => s.Act is DunningAct.Disconnect)
        .All(d => steps.Any(s => s.Act is DunningAct.Suspend && s.Day < d.Day));
}

/// <summary>Whom one kind of step would reach: how many, what they owe, and the first of them.</summary>
public sealed record PreviewAct(DunningAct Act, int Clients, int Lines, Money Owed, int Excluded, IReadOnlyList<PreviewClient> First);

public sealed record PreviewClient(Guid ClientId, string Name, string Invoice, Money Owed, string Why);

/// <summary>What the rules would do at their next chance.</summary>
public sealed record CollectionsPreview(DateTime At, int Debtors, Money Owed, IReadOnlyList<PreviewAct> Acts);

/// <summary>A company's rules of collections, and what they would do before they are saved.</summary>
public sealed class CollectionsRules(IDataDefenderDbFactory dbFactory, CollectionsRun run, CurrentUser user, TimeProvider clock)
{
    private const int MostDebtors = 20_000;
    private const int Batch = 500;
    private const int Named = 20;

    private static readonly CollectionsInputValidator Validator = new();

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    public async Task<(CollectionsInput Input, DateTime? PausedUntil, string? PauseReason, DateTime? LastRunAt)> GetAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.SetCollections);
        await using var db = await dbFactory.OpenAsync(ct);
        var settings = await db.CollectionsSettings.AsNoTracking().SingleOrDefaultAsync(ct) ?? new CollectionsSettings(db.TenantId);
        return (CollectionsInput.Of(settings.Policy), settings.PausedUntil > Now ? settings.PausedUntil : null, settings.PauseReason, settings.LastRunAt);
    }

    public async Task SaveAsync(CollectionsInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.SetCollections);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        (await OwnAsync(db, ct)).Change(input.ToPolicy());
        await db.SaveAsync(ct);
    }

    /// <summary>Rests until then (UTC): payments are down, or somebody wants to look first.</summary>
    public async Task PauseAsync(DateTime until, string reason, CancellationToken ct = default)
    {
        user.Demand(Permissions.SetCollections);
        if (until <= Now || until > Now.AddDays(31))
        {
            throw new InvalidInputException([new FieldError("Until", "A pause ends within 31 days.")]);
        }

        if (reason.Trim().Length is < 3 or > 200)
        {
            throw new InvalidInputException([new FieldError("Reason", "Say why in 3 to 200 characters.")]);
        }

        await using var db = await dbFactory.OpenAsync(ct);
        (await OwnAsync(db, ct)).Pause(until, reason.Trim());
        await db.SaveAsync(ct);
    }

    /// <summary>Takes the steps that are due now in place of at the next round; hours, pauses and exclusions hold as always.</summary>
    /// <exception cref="DomainException">Collections are off, or paused.</exception>
    public async Task<CollectionsResult> RunNowAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.SetCollections);
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            var settings = await db.CollectionsSettings.AsNoTracking().SingleOrDefaultAsync(ct);
            if (settings is not { Policy.IsOn: true })
            {
                throw new DomainException("collections.off", "Collections are off. Switch them on and save the rules first.");
            }

            if (settings.PausedUntil > Now)
            {
                throw new DomainException("collections.paused", $"Collections are paused: {settings.PauseReason} Resume them first.");
            }
        }

        return await run.RunAsync(ct);
    }

    public async Task ResumeAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.SetCollections);
        await using var db = await dbFactory.OpenAsync(ct);
        (await OwnAsync(db, ct)).Resume();
        await db.SaveAsync(ct);
    }

    /// <summary>
    /// What these rules would do at the first moment from now on at which lines may be suspended and clients written to, were they saved and
    /// switched on. Decided by the engine that does it.
    /// </summary>
    public async Task<CollectionsPreview> PreviewAsync(CollectionsInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.SetCollections);
        Validator.Demand(input);
        var policy = input.ToPolicy() with { IsOn = true };
        await using var db = await dbFactory.OpenAsync(ct);
        var (_, now) = await CollectionsService.FrameAsync(db, Now, ct);
        var chance = DunningEngine.NextSuspension(policy, now.Local);
        var at = chance == DateTime.MaxValue || chance - now.Local > TimeSpan.FromDays(7) ? now.Local : chance;
        var moment = new DunningMoment(now.ToUtc(at), now.Zone);
        var clients = await DebtorBook.Owing(db, policy, moment.Today).Take(MostDebtors).ToListAsync(ct);
        var (owed, found) = (Money.Zero, new List<(DebtorRows Rows, DunningDecision Decision)>());
        foreach (var batch in clients.Chunk(Batch))
        {
            await using var reading = await dbFactory.OpenAsync(ct); // a context of its own, so that what was read can go again
            foreach (var rows in await DebtorBook.LoadAsync(reading, batch, moment.Utc, ct))
            {
                owed += rows.Owed;
                found.AddRange(DunningEngine.Decide(policy, rows.Debtor, moment).Where(d => d is not DunningDecision.Skip).Select(d => (rows, d)));
            }
        }

        return new CollectionsPreview(moment.Utc, clients.Count, owed,
        [
            .. Enum.GetValues<DunningAct>().Where(act => policy.Steps.Any(s => s.Act == act)).Select(act => Sum(act, found)),
        ]);
    }

    private static PreviewAct Sum(DunningAct act, List<(DebtorRows Rows, DunningDecision Decision)> found)
    {
        var done = found.Where(f => f.Decision is DunningDecision.Do && f.Decision.Step.Act == act).DistinctBy(f => f.Rows.Debtor.ClientId).ToList();
        var excluded = found.Where(f => f.Decision is DunningDecision.Wait && f.Decision.Step.Act == act && f.Rows.Debtor.Exclusion is not null).DistinctBy(f => f.Rows.Debtor.ClientId).Count();
        var state = act is DunningAct.Suspend ? SubscriptionState.Active : SubscriptionState.Suspended;
        return new PreviewAct(
            act, done.Count, act is DunningAct.Suspend or DunningAct.Disconnect ? done.Sum(f => f.Rows.Lines.Count(l => l.State == state)) : 0, new Money(done.Sum(f => f.Rows.Owed.Minor)), excluded,
            [.. done.OrderByDescending(f => f.Rows.Owed).Take(Named).Select(f => new PreviewClient(f.Rows.Debtor.ClientId, f.Rows.Addressee.Name, f.Decision.Invoice.Reference, f.Rows.Owed, ((DunningDecision.Do)f.Decision).Why))]);
    }

    private static async Task<CollectionsSettings> OwnAsync(IDataDefenderDb db, CancellationToken ct) =>
        await db.CollectionsSettings.SingleOrDefaultAsync(ct) ?? db.CollectionsSettings.Add(new CollectionsSettings(db.TenantId)).Entity;
}
