using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Policies;

/// <summary>A top-up that is valid now.</summary>
public sealed record TopUpRow(long Bytes, DateTime From, DateTime Until, string Note);

/// <summary>The rules of one line as its page shows them. Times are UTC.</summary>
/// <param name="Limit">What the line was last told to obey; its kind is None when it has what was sold.</param>
/// <param name="Since">Since when; null without a limit.</param>
/// <param name="Due">What the rules say now, when that is not yet carried out; the next look, within a minute, brings it.</param>
/// <param name="Standing">Null without a data quota.</param>
/// <param name="ServedUntil">The end of the paid time with the company's grace; null for a line that is billed afterwards.</param>
public sealed record LineRulesView(
    Guid SubscriptionId,
    string Username,
    SubscriptionState State,
    Guid? PolicyId,
    string? Policy,
    PolicyRules Rules,
    int SoldDownloadKbps,
    int SoldUploadKbps,
    LineLimit Limit,
    DateTime? Since,
    LineLimit? Due,
    QuotaStanding? Standing,
    IReadOnlyList<TopUpRow> TopUps,
    DateTime? ExpiresAt,
    DateTime? ServedUntil)
{
    /// <summary>What a login at this moment is answered, in words: the same decision that RadiusHost makes.</summary>
    public string AtLogin { get; init; } = "";
}

/// <summary>Extra data as somebody types it: decimal GB, from now on.</summary>
public sealed record TopUpInput
{
    public decimal Gigabytes { get; set; }
    public int ValidDays { get; set; } = 30;
    public string Note { get; set; } = "";

    public long Bytes => (long)(Gigabytes * 1_000_000_000m);
}

/// <summary>What a top-up would change at once.</summary>
public sealed record TopUpConsequence(LineLimit Before, LineLimit After, QuotaStanding? StandingBefore, QuotaStanding? StandingAfter, DateTime Until);

/// <summary>What limits a line now, and the two acts that lift it: extra data, and more paid time.</summary>
public sealed class LineRulesService(IDataDefenderDbFactory dbFactory, TenantContext tenant, CurrentUser user, PolicyEvaluation evaluation, TimeProvider clock)
{
    private static readonly TopUpInputValidator Validator = new();

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    public async Task<LineRulesView> GetAsync(Guid subscriptionId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewClients);
        await using var db = await dbFactory.OpenAsync(ct);
        var now = Now;
        var (line, frame, facts) = await LoadAsync(db, subscriptionId, now, ct);
        var rules = frame.RulesOf(line);
        var limit = LimitOf(line, facts);
        var due = line.State is SubscriptionState.Active ? PolicyEngine.Evaluate(rules, facts, now) : limit;
        var topUps = await db.TopUps.AsNoTracking().Where(t => t.SubscriptionId == subscriptionId && t.Until > now)
            .OrderBy(t => t.Until).Select(t => new TopUpRow(t.Bytes, t.From, t.Until, t.Note)).ToListAsync(ct);
        var policy = frame.PolicyOf(line);
        return new LineRulesView(
            line.Id, line.Username, line.State, policy?.Id, policy?.Name, rules, facts.SoldDownloadKbps, facts.SoldUploadKbps,
            limit, line.LimitSince, due.SameTreatment(limit) ? null : due, PolicyEngine.Standing(rules, facts, now), topUps, line.ExpiresAt, facts.ServedUntil)
        {
            AtLogin = await AtLoginAsync(db, line, frame, facts, now, ct),
        };
    }

    private static async Task<string> AtLoginAsync(IDataDefenderDb db, Subscription line, PolicyFrame frame, LineFacts facts, DateTime now, CancellationToken ct)
    {
        var settings = await db.NetworkSettings.AsNoTracking().SingleOrDefaultAsync(ct) ?? new NetworkSettings(db.TenantId);
        var company = await db.Companies.Where(c => c.Id == db.TenantId).Select(c => c.Status).SingleAsync(ct);
        var limit = PolicyEngine.AtLogin(frame.RulesOf(line), facts, LinePolicy.LimitOf(line), now);
        return LinePolicy.Decide(
            line.State, line.SuspendReason, line.StaticAddress, frame.Packages[line.PackageId], settings, company, limit.Kind is LimitKind.None ? null : limit) switch
        {
            LineDecision.Granted { Grant: var grant } => grant.Explanation,
            LineDecision.Refused refused => $"Refused: {refused.Explanation}",
            var other => throw new NotSupportedException(other.GetType().Name),
        };
    }

    /// <summary>What a top-up would do, without giving it.</summary>
    /// <exception cref="InvalidInputException">It could not be given so.</exception>
    public async Task<TopUpConsequence> WeighTopUpAsync(Guid subscriptionId, TopUpInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ControlLines);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var now = Now;
        var (line, frame, facts) = await LoadAsync(db, subscriptionId, now, ct);
        var (rules, until) = (frame.RulesOf(line), now.AddDays(input.ValidDays));
        var grant = new TopUpGrant(input.Bytes, now, until, await MovedThisHourAsync(db, subscriptionId, now, ct));
        var with = facts with { TopUps = [.. facts.TopUps, grant] };
        return new TopUpConsequence(
            PolicyEngine.Evaluate(rules, facts, now), PolicyEngine.Evaluate(rules, with, now), PolicyEngine.Standing(rules, facts, now), PolicyEngine.Standing(rules, with, now), until);
    }

    /// <summary>Gives a line extra data; a line that had run out is open again at once.</summary>
    /// <exception cref="DomainException">The line has ended, or has no data quota that a top-up could add to.</exception>
    public async Task GrantTopUpAsync(Guid subscriptionId, TopUpInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ControlLines);
        Validator.Demand(input);
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            var now = Now;
            var line = await FindAsync(db.Subscriptions, subscriptionId, ct);
            if (line.State is SubscriptionState.Disconnected)
            {
                throw new DomainException("topup.ended", $"{line.Username} has ended; it cannot be topped up.");
            }

            if (!await db.Packages.AnyAsync(p => p.Id == line.PackageId && p.PolicyId != null, ct))
            {
                throw new DomainException("topup.no_quota", $"{line.Username} has no data quota: a top-up would change nothing.");
            }

            db.TopUps.Add(new TopUp(
                tenant.TenantId, line.Id, input.Bytes, now, now.AddDays(input.ValidDays), input.Note, await MovedThisHourAsync(db, subscriptionId, now, ct)));
            db.Report(line, "line.topup", $"{line.Username}: {PolicyText.Gigabytes(input.Bytes)} given by {user.Name} for {input.ValidDays} days. {input.Note.Trim()}", now);
            await db.SaveAsync(ct);
        }

        await evaluation.EvaluateLineAsync(subscriptionId, ct);
    }

    /// <summary>Sets the end of the paid time (UTC); null for a line that is billed afterwards. A line that had expired is open again at once.</summary>
    public async Task SetPaidUntilAsync(Guid subscriptionId, DateTime? until, CancellationToken ct = default)
    {
        user.Demand(Permissions.ControlLines);
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            var line = await FindAsync(db.Subscriptions, subscriptionId, ct);
            if (line.ExpiresAt == until)
            {
                return;
            }

            var zone = TimeZoneInfo.FindSystemTimeZoneById(await db.Companies.Where(c => c.Id == tenant.TenantId).Select(c => c.TimeZone).SingleAsync(ct));
            line.ExpireAt(until);
            db.Report(line, "line.paid_until", $"{line.Username}: {PaidTime(until, zone)}, by {user.Name}.", Now);
            await db.SaveAsync(ct);
        }

        await evaluation.EvaluateLineAsync(subscriptionId, ct);
    }

    private static string PaidTime(DateTime? until, TimeZoneInfo zone) => until is { } end
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"paid until {TimeZoneInfo.ConvertTimeFromUtc(end, zone):d MMM yyyy, HH:mm}")
        : "billed afterwards, no end of the paid time";

    private static LineLimit LimitOf(Subscription line, LineFacts facts) => line.Limit is LimitKind.None
        ? new LineLimit(LimitKind.None, null, facts.SoldDownloadKbps, facts.SoldUploadKbps, "The speed that was sold.", null)
        : new LineLimit(
            line.Limit, line.LimitAction, line.LimitDownloadKbps ?? facts.SoldDownloadKbps, line.LimitUploadKbps ?? facts.SoldUploadKbps, line.LimitReason ?? "", line.LimitUntil);

    private static async Task<(Subscription Line, PolicyFrame Frame, LineFacts Facts)> LoadAsync(IDataDefenderDb db, Guid id, DateTime now, CancellationToken ct)
    {
        var line = await FindAsync(db.Subscriptions.AsNoTracking(), id, ct);
        var frame = await PolicyFrame.LoadAsync(db, ct);
        return (line, frame, (await frame.FactsAsync(db, [line], now, ct: ct))[id]);
    }

    private static async Task<Subscription> FindAsync(IQueryable<Subscription> lines, Guid id, CancellationToken ct) =>
        await lines.SingleOrDefaultAsync(s => s.Id == id, ct) ?? throw new NotFoundException("Line", id);

    private static async Task<HourOfUse?> MovedThisHourAsync(IDataDefenderDb db, Guid id, DateTime now, CancellationToken ct)
    {
        var hour = new DateTime(now.Year, now.Month, now.Day, now.Hour, 0, 0, DateTimeKind.Utc);
        var moved = await db.UsageHours.AsNoTracking().SingleOrDefaultAsync(u => u.SubscriptionId == id && u.Hour == hour, ct);
        return moved is null ? null : new HourOfUse(hour, moved.UploadBytes, moved.DownloadBytes, moved.OnlineSeconds);
    }
}

public sealed class TopUpInputValidator : AbstractValidator<TopUpInput>
{
    public TopUpInputValidator()
    {
        RuleFor(t => t.Gigabytes).InclusiveBetween(0.1m, 100_000m).WithMessage("A top-up is 0.1 to 100,000 GB.");
        RuleFor(t => t.ValidDays).InclusiveBetween(1, 366).WithMessage("A top-up is valid for 1 to 366 days.");
        RuleFor(t => t.Note).NotEmpty().WithMessage("Say why it is given, or which payment bought it.").MaximumLength(200).WithMessage("A note has at most 200 characters.");
    }
}
