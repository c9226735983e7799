using DataDefender.Domain.Network;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;

namespace DataDefender.RadiusHost.Lines;

/// <summary>All that a package's decisions are made from. Nothing of it changes: another package, policy or setting is another value.</summary>
internal sealed record PackageFacts(ServicePackage Package, PolicyRules Rules, NetworkSettings Settings, CompanyStatus Company, TimeZoneInfo Zone)
{
    public TimeSpan Grace => TimeSpan.FromDays(Settings.States.GraceDays);

    /// <summary>When a session that begins before has to end, because the paid time does; long.MaxValue for never. Both are UTC ticks.</summary>
    public long EndOfService(long expiresAt) =>
        expiresAt == long.MaxValue ? long.MaxValue
        : Grace > TimeSpan.Zero && Settings.States.Grace.Access is not LineAccess.AsSold ? expiresAt
        : Settings.States.Expired.Access is LineAccess.AsSold ? long.MaxValue
        : expiresAt + Grace.Ticks;

    /// <summary>What the rules are applied to when a line of this package logs in.</summary>
    public LineFacts LineFacts(DateTime? expiresAt) => new(Package.DownloadKbps, Package.UploadKbps, [], [], expiresAt, Zone) { Grace = Grace };
}

/// <summary>A package as logins see it. Its lines point here, so that a changed one reaches them at once.</summary>
internal sealed class PackageLines(Guid id)
{
    // A line can be seen a moment before its package; until then it is refused.
    private volatile PackageDecisions _decisions = PackageDecisions.Refusing("The line's package is not known yet.");

    public Guid Id { get; } = id;

    public PackageDecisions Decisions => _decisions;

    public void Decide(PackageFacts facts) => _decisions = new PackageDecisions(facts);

    public void Refuse(string explanation) => _decisions = PackageDecisions.Refusing(explanation);
}

/// <summary>
/// The decisions of one package under one set of rules, made once for each state that a line can be in and, where hours of the day change
/// the speed, once for each such time.
/// </summary>
internal sealed class PackageDecisions
{
    private const string UnusableSpeed = "The line's speed is not one that a router takes.";

    private static readonly SubscriptionState[] States = Enum.GetValues<SubscriptionState>();
    private static readonly SuspendReason[] Reasons = Enum.GetValues<SuspendReason>();

    private readonly ReplyTemplate[] _templates = new ReplyTemplate[(States.Length + Reasons.Length) * LineAddressing.Kinds];
    private readonly ReplyTemplate[] _expired = new ReplyTemplate[LineAddressing.Kinds];
    private volatile Hours? _hours;

    public PackageDecisions(PackageFacts facts)
    {
        Facts = facts;
        for (byte kind = 0; kind < LineAddressing.Kinds; kind++)
        {
            foreach (var state in States)
            {
                _templates[Place(state, null, kind)] = Make(state, null, kind, null);
            }

            foreach (var reason in Reasons)
            {
                _templates[Place(SubscriptionState.Suspended, reason, kind)] = Make(SubscriptionState.Suspended, reason, kind, null);
            }

            _expired[kind] = Make(SubscriptionState.Active, null, kind, PolicyEngine.AtLogin(facts.Rules, facts.LineFacts(DateTime.UnixEpoch), null, DateTime.UnixEpoch + facts.Grace));
        }
    }

    private PackageDecisions(string refusal)
    {
        var refused = new ReplyTemplate(new LineDecision.Refused(LoginOutcome.NotActivated, refusal), null);
        Array.Fill(_templates, refused);
        Array.Fill(_expired, refused);
    }

    /// <summary>Null when every line is refused, whatever it is.</summary>
    public PackageFacts? Facts { get; }

    public static PackageDecisions Refusing(string explanation) => new(explanation);

    /// <summary>What a line gets that is not active.</summary>
    public ReplyTemplate InState(SubscriptionState state, SuspendReason? reason, byte kind) => _templates[Place(state, reason, kind)];

    /// <summary>What an active line gets whose paid time, grace included, is over.</summary>
    public ReplyTemplate Expired(byte kind) => _expired[kind];

    /// <summary>What an active line gets that nothing of its own limits, and (ticks, UTC) until when.</summary>
    public (ReplyTemplate Template, long Until) Sold(byte kind, long utcTicks)
    {
        if (Facts is null || Facts.Rules.Schedules.IsEmpty)
        {
            return (_templates[Place(SubscriptionState.Active, null, kind)], long.MaxValue);
        }

        var hours = _hours;
        if (hours is null || utcTicks < hours.From || utcTicks >= hours.Until)
        {
            _hours = hours = HoursAt(utcTicks);
        }

        return (hours.Templates[kind], hours.Until);
    }

    /// <summary>Decides for one line that has a limit of its own.</summary>
    /// <param name="known">What its rules said last.</param>
    public LimitedAnswer Limited(byte kind, DateTime? expiresAt, LineLimit? known, long utcTicks)
    {
        var (facts, now) = (Facts!, new DateTime(utcTicks, DateTimeKind.Utc));
        var line = facts.LineFacts(expiresAt);
        var limit = PolicyEngine.AtLogin(facts.Rules, line, known, now);
        var schedule = PolicyEngine.NextScheduleChange(facts.Rules, line, now);
        long[] ends = [Ticks(limit.Until), Ticks(schedule), Ticks(expiresAt > now ? expiresAt : null), Ticks(line.ServedUntil > now ? line.ServedUntil : null), Ticks(known?.Until > now ? known.Until : null)];
        return new LimitedAnswer(this, Make(SubscriptionState.Active, null, kind, limit), utcTicks, ends.Min());
    }

    private static int Place(SubscriptionState state, SuspendReason? reason, byte kind)
    {
        var row = reason is { } known && state is SubscriptionState.Suspended ? States.Length + (int)known : (int)state;
        return (row * LineAddressing.Kinds) + kind;
    }

    private static long Ticks(DateTime? moment) => moment?.Ticks ?? long.MaxValue;

    private Hours HoursAt(long utcTicks)
    {
        var (facts, now) = (Facts!, new DateTime(utcTicks, DateTimeKind.Utc));
        var line = facts.LineFacts(null);
        var limit = PolicyEngine.AtLogin(facts.Rules, line, null, now);
        var until = PolicyEngine.NextScheduleChange(facts.Rules, line, now);
        var templates = new ReplyTemplate[LineAddressing.Kinds];
        for (byte kind = 0; kind < LineAddressing.Kinds; kind++)
        {
            templates[kind] = Make(SubscriptionState.Active, null, kind, limit);
        }

        return new Hours(utcTicks, Ticks(until), templates);
    }

    private ReplyTemplate Make(SubscriptionState state, SuspendReason? reason, byte kind, LineLimit? limit)
    {
        var facts = Facts!;
        try
        {
            var decision = LinePolicy.Decide(
                state, reason, LineAddressing.HasAddress(kind) ? "fixed" : null, facts.Package, facts.Settings, facts.Company, limit is { Kind: LimitKind.None } ? null : limit);
            return new ReplyTemplate(LineAddressing.HasPrefix(kind) ? LinePolicy.WithPrefix(decision, "fixed") : decision, facts.Package);
        }
        catch (ArgumentOutOfRangeException)
        {
            return new ReplyTemplate(new LineDecision.Refused(LoginOutcome.NotActivated, UnusableSpeed), null);
        }
    }

    /// <summary>Between two changes of the speed by the hour; the times are UTC ticks.</summary>
    private sealed record Hours(long From, long Until, ReplyTemplate[] Templates);
}

/// <summary>What one line with a limit of its own was last answered, kept until something of it changes. Times are UTC ticks.</summary>
internal sealed record LimitedAnswer(PackageDecisions Package, ReplyTemplate Template, long From, long Until);

/// <summary>Which addresses of a line are its own, as a small number: 1 for a fixed IPv4 address, 2 for an IPv6 prefix.</summary>
internal static class LineAddressing
{
    public const byte Kinds = 4;
    private const byte Address = 1;
    private const byte Prefix = 2;

    public static byte Kind(bool address, bool prefix) => (byte)((address ? Address : 0) | (prefix ? Prefix : 0));

    public static bool HasAddress(byte kind) => (kind & Address) != 0;

    public static bool HasPrefix(byte kind) => (kind & Prefix) != 0;
}
