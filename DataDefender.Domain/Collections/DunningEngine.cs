using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Subscriptions;

namespace DataDefender.Domain.Collections;

/// <summary>An open invoice of a debtor. <paramref name="Done"/> are the keys of the steps that were done or passed over.</summary>
public sealed record DebtorInvoice(Guid Id, string Reference, DateOnly DueOn, Money Balance, bool IsLateFee, IReadOnlySet<string> Done);

/// <summary>A line of a debtor that has not ended.</summary>
public sealed record DebtorLine(Guid Id, string Username, SubscriptionState State, SuspendReason? Reason)
{
    /// <summary>Since when it is in that state (UTC).</summary>
    public DateTime Since { get; init; }
}

/// <summary>A client who owes something, with what was agreed. Times are UTC.</summary>
public sealed record Debtor(
    Guid ClientId, Exclusion? Exclusion, DateTime? PromiseUntil, DateTime? GraceUntil, bool EquipmentFlagged, IReadOnlyList<DebtorInvoice> Invoices, IReadOnlyList<DebtorLine> Lines)
{
    public Money OverdueOn(DateOnly today) => new(Invoices.Where(i => i.DueOn < today).Sum(i => i.Balance.Minor));
}

/// <summary>When the ladder is looked at.</summary>
/// <param name="PausedUntil">Collections rest until then (UTC): payments cannot be made, or somebody said so.</param>
public sealed record DunningMoment(DateTime Utc, TimeZoneInfo Zone, DateTime? PausedUntil = null)
{
    public DateTime Local { get; } = TimeZoneInfo.ConvertTimeFromUtc(Utc, Zone);

    public DateOnly Today => DateOnly.FromDateTime(Local);

    public DateTime ToUtc(DateTime local)
    {
        local = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        return TimeZoneInfo.ConvertTimeToUtc(Zone.IsInvalidTime(local) ? local.AddHours(1) : local, Zone);
    }
}

/// <summary>What is to become of one step for one invoice.</summary>
public abstract record DunningDecision(DebtorInvoice Invoice, DunningStep Step)
{
    /// <summary>It is done now.</summary>
    public sealed record Do(DebtorInvoice Invoice, DunningStep Step, string Why) : DunningDecision(Invoice, Step);

    /// <summary>It is passed over for good.</summary>
    public sealed record Skip(DebtorInvoice Invoice, DunningStep Step, string Why) : DunningDecision(Invoice, Step);

    /// <summary>Its day has come and something keeps it; null when only an act ends that.</summary>
    public sealed record Wait(DebtorInvoice Invoice, DunningStep Step, DateTime? Until, string Why) : DunningDecision(Invoice, Step);
}

/// <summary>
/// Decides, from what is known and nothing else, which steps of a company's ladder are taken for a client now. It asks no database and no
/// clock, so that the preview, the job and the explanation on the client's page cannot differ.
/// </summary>
public static class DunningEngine
{
    private const string TooLittle = "What is overdue is less than the least debt.";

    /// <summary>One whole unit of the currency, in minor units: phones pay no less.</summary>
    private const long LeastAsked = 100;

    public static IReadOnlyList<DunningDecision> Decide(DunningPolicy policy, Debtor debtor, DunningMoment moment)
    {
        if (!policy.IsOn)
        {
            return [];
        }

        List<DunningDecision> decisions = [];
        var oldestFirst = debtor.Invoices.Where(i => i.Balance > Money.Zero).OrderBy(i => i.DueOn).ThenBy(i => i.Reference, StringComparer.Ordinal).ToList();
        Tell(policy, debtor, oldestFirst, moment, decisions);
        foreach (var invoice in oldestFirst)
        {
            foreach (var step in Due(policy, invoice, moment.Today).Where(s => !s.Tells && s.Act is not DunningAct.Suspend && !invoice.Done.Contains(s.Key)))
            {
                decisions.Add(Act(policy, debtor, invoice, step, moment));
            }
        }

        if (Suspend(policy, debtor, oldestFirst, moment) is { } suspension)
        {
            decisions.Add(suspension);
        }

        return decisions;
    }

    /// <summary>The next step for an invoice whose day has not come, with that day; null when the ladder has no more.</summary>
    public static (DunningStep Step, DateOnly Day)? Next(DunningPolicy policy, DebtorInvoice invoice, DateOnly today) => policy.Steps
        .Where(s => invoice.DueOn.AddDays(s.Day) > today && !invoice.Done.Contains(s.Key) && !(invoice.IsLateFee && s.Act is DunningAct.LateFee))
        .OrderBy(s => s.Day)
        .Select(s => ((DunningStep, DateOnly)?)(s, invoice.DueOn.AddDays(s.Day)))
        .FirstOrDefault();

    /// <summary>The first moment, from that one on, at which a line may be suspended (local time).</summary>
    public static DateTime NextSuspension(DunningPolicy policy, DateTime local)
    {
        for (var day = 0; day <= 7; day++)
        {
            var date = local.Date.AddDays(day);
            var (from, until) = (date + policy.SuspendFrom.ToTimeSpan(), date + policy.SuspendUntil.ToTimeSpan());
            if (policy.SuspendDays.HasFlag(DayOf(date)) && until > local)
            {
                return from > local ? from : local;
            }
        }

        return DateTime.MaxValue; // no day is allowed
    }

    /// <summary>The first moment, from that one on, at which clients are written to (local time).</summary>
    public static DateTime NextTelling(DunningPolicy policy, DateTime local)
    {
        var time = TimeOnly.FromDateTime(local);
        return time >= policy.TellFrom && time < policy.TellUntil ? local
            : (time < policy.TellFrom ? local.Date : local.Date.AddDays(1)) + policy.TellFrom.ToTimeSpan();
    }

    /// <summary>When this invoice's ladder suspends the client at the earliest (local time); null when it never does.</summary>
    public static DateTime? SuspensionOf(DunningPolicy policy, DebtorInvoice invoice) =>
        policy.Steps.Where(s => s.Act is DunningAct.Suspend).Select(s => (int?)s.Day).Min() is { } day
        && NextSuspension(policy, invoice.DueOn.AddDays(day).ToDateTime(TimeOnly.MinValue)) is var at && at != DateTime.MaxValue ? at : null;

    /// <summary>
    /// One message at a time: of all reminders whose day has come the latest step of the oldest invoice speaks, and the others have been
    /// overtaken by it. A client with three invoices is not written to three times in an hour.
    /// </summary>
    private static void Tell(DunningPolicy policy, Debtor debtor, List<DebtorInvoice> invoices, DunningMoment moment, List<DunningDecision> decisions)
    {
        var due = invoices.SelectMany(i => Due(policy, i, moment.Today).Where(s => s.Tells && !i.Done.Contains(s.Key)).Select(s => (Invoice: i, Step: s))).ToList();

        // A suspension that cannot come is not threatened with, and what no phone can pay is not asked for.
        var owed = debtor.Invoices.Sum(i => i.Balance.Minor);
        var little = due.FindAll(t => owed < (t.Step.Act is DunningAct.Warn ? Math.Max(policy.LeastDebt, LeastAsked) : LeastAsked));
        decisions.AddRange(little.Select(t => new DunningDecision.Wait(t.Invoice, t.Step, null, TooLittle)));
        due = due.Except(little)
            .OrderByDescending(t => moment.Today.DayNumber - t.Invoice.DueOn.DayNumber).ThenByDescending(t => t.Step.Day).ThenByDescending(t => t.Step.Act).ToList();
        if (due.Count == 0)
        {
            return;
        }

        var (invoice, step) = due[0];
        if (Keeps(policy, moment) is var (until, why))
        {
            decisions.AddRange(due.Select(t => new DunningDecision.Wait(t.Invoice, t.Step, until, why)));
            return;
        }

        if (debtor.PromiseUntil is { } promised && promised > moment.Utc)
        {
            decisions.AddRange(due.Select(t => new DunningDecision.Wait(t.Invoice, t.Step, promised, "The client has promised to pay.")));
            return;
        }

        if (NextTelling(policy, moment.Local) is var morning && morning > moment.Local)
        {
            decisions.AddRange(due.Select(t => new DunningDecision.Wait(t.Invoice, t.Step, moment.ToUtc(morning), "Clients are not written to at this hour.")));
            return;
        }

        decisions.Add(new DunningDecision.Do(invoice, step, Because(invoice, step, moment.Today)));
        decisions.AddRange(due.Skip(1).Select(t => new DunningDecision.Skip(t.Invoice, t.Step, t.Invoice == invoice ? "A later step came first." : $"Said together with {invoice.Reference}.")));
    }

    private static DunningDecision Act(DunningPolicy policy, Debtor debtor, DebtorInvoice invoice, DunningStep step, DunningMoment moment)
    {
        if (step.Act is DunningAct.LateFee && invoice.IsLateFee)
        {
            return new DunningDecision.Skip(invoice, step, "A late fee bears no late fee.");
        }

        if (step.Act is DunningAct.RecoverEquipment && debtor.EquipmentFlagged)
        {
            return new DunningDecision.Skip(invoice, step, "It is marked already.");
        }

        if (Spared(policy, debtor, moment, graceToo: false) is var (until, why))
        {
            return new DunningDecision.Wait(invoice, step, until, why);
        }

        if (step.Act is DunningAct.LateFee)
        {
            return policy.FeeOn(invoice.Balance) > Money.Zero
                ? new DunningDecision.Do(invoice, step, Because(invoice, step, moment.Today))
                : new DunningDecision.Skip(invoice, step, "The fee comes to nothing.");
        }

        if (step.Act is DunningAct.Disconnect)
        {
            if (debtor.Lines.All(l => !IsOurs(l)))
            {
                return debtor.Lines.Count == 0
                    ? new DunningDecision.Skip(invoice, step, "The client has no line.")
                    : new DunningDecision.Wait(invoice, step, null, "A line is suspended first.");
            }

            // The ladder's days between suspending and ending are the client's to pay in, also when the ladder came late.
            var rest = step.Day - policy.Steps.Where(s => s.Act is DunningAct.Suspend && s.Day <= step.Day).Select(s => s.Day).DefaultIfEmpty(step.Day).Max();
            var earliest = TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(debtor.Lines.Where(IsOurs).Max(l => l.Since), DateTimeKind.Utc), moment.Zone).Date.AddDays(rest);
            if (DateOnly.FromDateTime(earliest) > moment.Today)
            {
                return new DunningDecision.Wait(invoice, step, moment.ToUtc(earliest), "The line was suspended only lately.");
            }

            if (AtNight(policy, moment) is var (allowed, night))
            {
                return new DunningDecision.Wait(invoice, step, allowed, night);
            }
        }

        return new DunningDecision.Do(invoice, step, Because(invoice, step, moment.Today));
    }

    /// <summary>
    /// Suspending follows the lines and not the list of what was done: a client whose promise ran out, or who was restored by hand, is
    /// suspended again while the debt stands. Nothing happens twice, because a suspended line cannot be suspended.
    /// </summary>
    private static DunningDecision? Suspend(DunningPolicy policy, Debtor debtor, List<DebtorInvoice> invoices, DunningMoment moment)
    {
        var reached = from i in invoices
                      from s in Due(policy, i, moment.Today)
                      where s.Act is DunningAct.Suspend
                      select (Invoice: i, Step: s);
        if (reached.FirstOrDefault() is not { Invoice: { } invoice, Step: { } step } || debtor.Lines.All(l => l.State is not SubscriptionState.Active))
        {
            return null;
        }

        if (Spared(policy, debtor, moment, graceToo: true) is var (until, why))
        {
            return new DunningDecision.Wait(invoice, step, until, why);
        }

        return AtNight(policy, moment) is var (allowed, night)
            ? new DunningDecision.Wait(invoice, step, allowed, night)
            : new DunningDecision.Do(invoice, step, Because(invoice, step, moment.Today));
    }

    /// <summary>What keeps everything: the provider's maintenance, or a pause.</summary>
    private static (DateTime? Until, string Why)? Keeps(DunningPolicy policy, DunningMoment moment)
    {
        if (moment.PausedUntil is { } paused && paused > moment.Utc)
        {
            return (paused, "Collections are paused.");
        }

        var (time, day) = (TimeOnly.FromDateTime(moment.Local), moment.Local.Date);
        var within = policy.MaintenanceFrom <= policy.MaintenanceUntil
            ? time >= policy.MaintenanceFrom && time < policy.MaintenanceUntil
            : time >= policy.MaintenanceFrom || time < policy.MaintenanceUntil;
        return within
            ? (moment.ToUtc((time < policy.MaintenanceUntil ? day : day.AddDays(1)) + policy.MaintenanceUntil.ToTimeSpan()), "Payments are usually being maintained at this hour.")
            : null;
    }

    private static (DateTime? Until, string Why)? Spared(DunningPolicy policy, Debtor debtor, DunningMoment moment, bool graceToo)
    {
        if (Keeps(policy, moment) is { } kept)
        {
            return kept;
        }

        if (debtor.Exclusion is { } exclusion)
        {
            return (null, $"The client is excluded: {exclusion.Reason}");
        }

        if (debtor.PromiseUntil is { } promised && promised > moment.Utc)
        {
            return (promised, "The client has promised to pay.");
        }

        if (graceToo && debtor.GraceUntil is { } grace && grace > moment.Utc)
        {
            return (grace, "The client was given grace.");
        }

        return debtor.OverdueOn(moment.Today).Minor < policy.LeastDebt ? (null, TooLittle) : null;
    }

    private static (DateTime? Until, string Why)? AtNight(DunningPolicy policy, DunningMoment moment)
    {
        var next = NextSuspension(policy, moment.Local);
        return next == moment.Local ? null
            : next == DateTime.MaxValue ? (null, "The rules allow no day for it.")
            : (moment.ToUtc(next), policy.SuspendDays.HasFlag(DayOf(moment.Local.Date)) ? "Nobody is suspended at this hour." : $"Nobody is suspended on a {moment.Local.DayOfWeek}.");
    }

    private static IEnumerable<DunningStep> Due(DunningPolicy policy, DebtorInvoice invoice, DateOnly today) =>
        policy.Steps.Where(s => invoice.DueOn.AddDays(s.Day) <= today);

    private static bool IsOurs(DebtorLine line) => line is { State: SubscriptionState.Suspended, Reason: SuspendReason.Unpaid };

    private static WeekDays DayOf(DateTime date) => (WeekDays)(1 << (((int)date.DayOfWeek + 6) % 7));

    private static string Because(DebtorInvoice invoice, DunningStep step, DateOnly today)
    {
        var days = today.DayNumber - invoice.DueOn.DayNumber;
        var when = days switch
        {
            < 0 => $"is due on {invoice.DueOn.ToString("d MMM yyyy", CultureInfo.InvariantCulture)}",
            0 => "is due today",
            1 => "was due yesterday",
            _ => string.Create(CultureInfo.InvariantCulture, $"was due {days} days ago"),
        };
        return $"{invoice.Reference} {when}.";
    }
}
