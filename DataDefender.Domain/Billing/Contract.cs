using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Subscriptions;

namespace DataDefender.Domain.Billing;

public enum BillingMode
{
    /// <summary>Bought ahead a period at a time, of minutes to years; the line runs until its paid time ends. No run bills it.</summary>
    Prepaid,

    /// <summary>Monthly on the billing day, for the month that has passed.</summary>
    Postpaid,

    /// <summary>Monthly on the billing day, for the month to come.</summary>
    Advance,

    /// <summary>By the package's own period from the day the line began, ahead.</summary>
    Anniversary,
}

/// <summary>What is sold from a day on. The price was frozen when it was agreed: a change of the price list is a new term.</summary>
/// <param name="Price">For one period of the package, as its tax treatment says with or without tax.</param>
public sealed record ContractTerm(DateOnly From, Guid PackageId, string Package, long Price, int PeriodCount, PeriodUnit PeriodUnit)
{
    /// <summary>The minimum contract that came with a change to this package; null where it brought none.</summary>
    public DateOnly? BoundUntil { get; init; }

    /// <summary>What leaving before <see cref="BoundUntil"/> costs, in minor units.</summary>
    public long EarlyTerminationFee { get; init; }

    /// <summary>It was agreed for a chosen day, on which its fee and what was billed past that day are still to be settled.</summary>
    public bool Unsettled { get; init; }

    /// <summary>The first day that was not billed under the term before it; null where nothing was billed past its day.</summary>
    public DateOnly? BilledBeforeUntil { get; init; }
}

/// <summary>Days on which a line rests.</summary>
/// <param name="Until">The first day on which it runs again; null while nobody knows.</param>
/// <param name="BilledPercent">What is still charged of the price.</param>
public sealed record ContractPause(DateOnly From, DateOnly? Until, int BilledPercent);

/// <summary>Days on which a line was suspended for debt and that cost something else than its price.</summary>
/// <param name="From">The first whole day; the day of the suspension itself is billed as any other.</param>
/// <param name="Until">The first day that is billed in full again; null while it lasts.</param>
/// <param name="BilledPercent">What is charged of the price, as the company's settings said when it began.</param>
/// <param name="BilledBefore">The days before this one had been billed when it became known.</param>
public sealed record ContractSuspension(DateOnly From, DateOnly? Until, int BilledPercent, DateOnly BilledBefore)
{
    /// <summary>The day up to which a charge has put right what was billed before the suspension was known, or before it ended; null while none has.</summary>
    public DateOnly? CorrectedUntil { get; init; }
}

/// <summary>What was agreed over time, newest last.</summary>
public sealed record ContractTerms(IReadOnlyList<ContractTerm> Terms, IReadOnlyList<ContractPause> Pauses)
{
    public static ContractTerms None { get; } = new([], []);

    public IReadOnlyList<ContractSuspension> Suspensions { get; init; } = [];

    /// <summary>What holds on a day; before the first term it is the first.</summary>
    public ContractTerm On(DateOnly day) => Terms.LastOrDefault(t => t.From <= day) ?? Terms[0];

    public ContractPause? PauseOn(DateOnly day) => Pauses.FirstOrDefault(p => p.From <= day && (p.Until is null || day < p.Until));

    /// <summary>The suspension for debt on a day that is billed in another way for it.</summary>
    public ContractSuspension? SuspensionOn(DateOnly day) => Suspensions.FirstOrDefault(s => s.From <= day && (s.Until is null || day < s.Until));

    public bool Equals(ContractTerms? other) => other is not null && Terms.SequenceEqual(other.Terms) && Pauses.SequenceEqual(other.Pauses) && Suspensions.SequenceEqual(other.Suspensions);

    public override int GetHashCode() => HashCode.Combine(Terms.Count, Pauses.Count, Terms.Count > 0 ? Terms[^1] : null);
}

/// <summary>How one line is billed: when, at which price from which day, and up to where it was billed. One a line.</summary>
public sealed class Contract : Entity, ITenantOwned, IAudited
{
    private Contract() { }

    public Contract(Guid tenantId, Guid subscriptionId, Guid clientId, string label, BillingMode mode, int billingDay, ContractTerm first)
    {
        DemandFits(mode, first);
        (TenantId, SubscriptionId, ClientId, Label, Mode, BillingDay) = (tenantId, subscriptionId, clientId, label, mode, billingDay);
        (StartsOn, BilledUntil, Terms) = (first.From, first.From, new ContractTerms([first], []));
    }

    public Guid TenantId { get; private set; }
    public Guid SubscriptionId { get; private set; }
    public Guid ClientId { get; private set; }

    /// <summary>The line's user name, for the lines of invoices.</summary>
    public string Label { get; private set; } = "";

    public BillingMode Mode { get; private set; }

    /// <summary>1 to 28, for the monthly modes.</summary>
    public int BillingDay { get; private set; }

    public ContractTerms Terms { get; private set; } = ContractTerms.None;

    public DateOnly StartsOn { get; private set; }

    /// <summary>The first day that was not billed yet.</summary>
    [Observed]
    public DateOnly BilledUntil { get; private set; }

    /// <summary>The first day on which it is over; null while it runs.</summary>
    public DateOnly? EndsOn { get; private set; }

    /// <summary>Until then leaving costs <see cref="EarlyTerminationFee"/>.</summary>
    public DateOnly? MinimumUntil { get; private set; }

    public Money EarlyTerminationFee { get; private set; }

    /// <summary>Hundredths of a percent off the price while <see cref="DiscountUntil"/> has not come.</summary>
    public int DiscountRate { get; private set; }

    /// <summary>The first day without the discount; null for a discount without an end.</summary>
    public DateOnly? DiscountUntil { get; private set; }

    public string? DiscountName { get; private set; }

    /// <summary>True while a term or a rest waits for its day, so that nobody reads all contracts every night.</summary>
    [Observed]
    public bool HasScheduled { get; private set; }

    public string AuditLabel => $"Contract of {Label}";

    /// <summary>The period that holds a day: by the billing day for the monthly modes, by the package's period from the start for anniversary.</summary>
    public BillingPeriod PeriodOf(DateOnly day) => PeriodOf(day, Terms);

    /// <summary>The same under other terms than those that were agreed: what a change would make of it.</summary>
    public BillingPeriod PeriodOf(DateOnly day, ContractTerms terms) => Mode is BillingMode.Anniversary ? AnniversaryOf(day, terms) : MonthOf(day);

    /// <summary>Whether a discount lowers the price of a day.</summary>
    public bool HasDiscountOn(DateOnly day) => DiscountRate > 0 && (DiscountUntil is null || day < DiscountUntil);

    /// <summary>A price of this line's own for its package, from a day on. What was agreed for later stays.</summary>
    /// <exception cref="DomainException">Another package is agreed for that day or before, and what that costs is not written yet.</exception>
    public void AgreeOnPrice(Money price, DateOnly from)
    {
        if (Terms.Terms.FirstOrDefault(t => t.Unsettled && t.From <= from) is { } scheduled)
        {
            throw new DomainException("contract.price", $"{Label} changes to {scheduled.Package} on {scheduled.From:yyyy-MM-dd}, and the price would be for that. Take the change back, or agree on the price after that day.");
        }

        AddTerm(Terms.On(from) with { From = from, Price = price.Minor }, Terms.Terms.Where(t => t.From > from));
    }

    /// <summary>Another package from a day on. What was billed ahead of that day is the caller's to adjust.</summary>
    public void ChangeTo(ContractTerm term)
    {
        DemandFits(Mode, term);
        AddTerm(term, []);
        BilledAnew(term.From);
    }

    /// <summary>Takes back what was agreed for a day that has not come yet.</summary>
    public void CancelScheduled(DateOnly today)
    {
        Terms = Terms with { Terms = [.. Terms.Terms.Where((t, index) => index == 0 || t.From <= today)] };
        Settle(today);
    }

    /// <summary>Another package from a chosen day on, which that day settles: until then nothing of it is charged, and it can be taken back.</summary>
    internal void Schedule(ContractTerm term)
    {
        DemandFits(Mode, term);
        AddTerm(term with { Unsettled = true, BilledBeforeUntil = term.From < BilledUntil ? BilledUntil : null }, []);
    }

    /// <summary>What was billed ahead from that day on has been given back and charged again, under the terms and the suspension as they are.</summary>
    internal void BilledAnew(DateOnly from) => Terms = Terms with
    {
        Suspensions = [.. Terms.Suspensions.Select(s => s.Until is null && s.BilledBefore > from ? s with { BilledBefore = from } : s)],
    };

    /// <summary>What a change on a chosen day costs is written.</summary>
    internal void SettleTerm(ContractTerm settled) =>
        Terms = Terms with { Terms = [.. Terms.Terms.Select(t => t == settled ? t with { Unsettled = false, BilledBeforeUntil = null } : t)] };

    /// <summary>Notes that the terms and the rests up to a day have come into force.</summary>
    internal void Settle(DateOnly today) => HasScheduled = Terms.Terms[^1].From > today || Terms.Terms.Any(t => t.Unsettled) || Terms.Suspensions.Any(s => s.Until is null) || Terms.Pauses.Any(p => p.Until is null || p.Until > today);

    public void Grant(int discountRate, DateOnly? until, string name) => (DiscountRate, DiscountUntil, DiscountName) = (discountRate, until, name);

    public void Bind(DateOnly? minimumUntil, Money earlyTerminationFee) => (MinimumUntil, EarlyTerminationFee) = (minimumUntil, earlyTerminationFee);

    /// <summary>The term has come into force: its minimum contract binds, unless what binds already does so for longer.</summary>
    internal void BindBy(ContractTerm term)
    {
        if (term.BoundUntil is { } until && !(MinimumUntil >= until))
        {
            Bind(until, new Money(term.EarlyTerminationFee));
        }
    }

    /// <summary>Lets the line rest. A day that was billed already cannot be paused any more.</summary>
    public void Pause(DateOnly from, DateOnly? until, int billedPercent)
    {
        if (from < BilledUntil)
        {
            throw new DomainException("contract.pause", $"{Label} is billed up to {BilledUntil.AddDays(-1):yyyy-MM-dd}; a pause can begin on {BilledUntil:yyyy-MM-dd}.");
        }

        if (until <= from)
        {
            throw new DomainException("contract.pause", "A pause ends after it begins.");
        }

        if (Terms.Pauses.Any(p => (p.Until is null || from < p.Until) && (until is null || p.From < until)))
        {
            throw new DomainException("contract.pause", $"{Label} rests already on some of these days.");
        }

        Terms = Terms with { Pauses = [.. Terms.Pauses, new ContractPause(from, until, billedPercent)] };
        HasScheduled = true;
    }

    /// <summary>Ends a pause that runs or is to come.</summary>
    public void Resume(DateOnly on)
    {
        var pause = Terms.Pauses.LastOrDefault(p => p.Until is null || p.Until > on) ?? throw new DomainException("contract.pause", $"{Label} does not rest.");
        var rest = Terms.Pauses.Where(p => p != pause);
        Terms = Terms with { Pauses = pause.From >= on ? [.. rest] : [.. rest, pause with { Until = on }] };
    }

    /// <summary>Its line is suspended for debt: from that day on another share of the price is billed.</summary>
    internal void Suspend(DateOnly from, int billedPercent)
    {
        Terms = Terms with { Suspensions = [.. Terms.Suspensions, new ContractSuspension(from, null, billedPercent, BilledUntil)] };
        HasScheduled = true; // until it is over
    }

    /// <summary>The suspension is over: the price counts again from that day on. One without a whole day was none.</summary>
    internal void Unsuspend(ContractSuspension suspension, DateOnly until) => Terms = Terms with
    {
        Suspensions = [.. Terms.Suspensions.Where(s => s != suspension), .. until > suspension.From ? new[] { suspension with { Until = until } } : []],
    };

    /// <summary>A charge has put right what was billed of the suspension that ended then.</summary>
    internal void Corrected(DateOnly ended, DateOnly until) => Terms = Terms with
    {
        Suspensions = [.. Terms.Suspensions.Select(s => s.Until == ended ? s with { CorrectedUntil = until } : s)],
    };

    public void End(DateOnly on)
    {
        if (on < StartsOn)
        {
            throw new DomainException("contract.end", $"{Label} began on {StartsOn:yyyy-MM-dd} and cannot end before.");
        }

        EndsOn = on;
    }

    /// <summary>It does not end after all.</summary>
    public void GoOn() => EndsOn = null;

    /// <summary>Prepaid, postpaid or by anniversary from now on; what was billed stays billed, and what was paid ahead counts as billed up to <paramref name="paidUntil"/>.</summary>
    public void BillBy(BillingMode mode, int billingDay, DateOnly paidUntil)
    {
        DemandFits(mode, Terms.Terms[^1]);
        if (billingDay is < 1 or > 28)
        {
            throw new DomainException("contract.day", "A billing day is 1 to 28: each month has it.");
        }

        if (Mode is BillingMode.Prepaid && mode is not BillingMode.Prepaid)
        {
            BilledTo(paidUntil); // else the first run would bill all its prepaid days
        }

        (Mode, BillingDay) = (mode, billingDay);
    }

    /// <summary>Bills a monthly line on another day of the month; the days up to it make a short period of their own.</summary>
    public void BillOn(int billingDay)
    {
        if (billingDay is < 1 or > 28)
        {
            throw new DomainException("contract.day", "A billing day is 1 to 28: each month has it.");
        }

        if (Mode is not (BillingMode.Postpaid or BillingMode.Advance))
        {
            throw new DomainException("contract.day", $"{Label} is not billed on a day of the month.");
        }

        BillingDay = billingDay;
    }

    /// <summary>Billed up to that day (exclusive). Never goes back but by <see cref="Reopen"/>.</summary>
    internal void BilledTo(DateOnly until) => BilledUntil = until > BilledUntil ? until : BilledUntil;

    /// <summary>The invoice that billed from that day on is void: those days are to be billed anew.</summary>
    /// <exception cref="DomainException">What was billed of these days has been put right on another bill, and would be twice.</exception>
    internal void Reopen(DateOnly from)
    {
        if (Terms.Suspensions.FirstOrDefault(s => s.CorrectedUntil > from) is { } corrected)
        {
            throw new DomainException("invoice.suspended", $"{Label} was suspended from {corrected.From:yyyy-MM-dd} to {corrected.Until!.Value.AddDays(-1):yyyy-MM-dd}, and a charge has put right what was billed of these days. Correct this invoice by a credit note.");
        }

        BilledUntil = from < BilledUntil ? from : BilledUntil;

        // What is billed anew is billed under the terms as they are by then.
        Terms = Terms with
        {
            Terms = [.. Terms.Terms.Select(t => t.BilledBeforeUntil > from ? t with { BilledBeforeUntil = from > t.From ? from : null } : t)],
        };
        BilledAnew(from);
    }

    private static void DemandFits(BillingMode mode, ContractTerm term)
    {
        var month = term is { PeriodUnit: PeriodUnit.Month, PeriodCount: 1 };
        if (mode is BillingMode.Postpaid or BillingMode.Advance && !month)
        {
            throw new DomainException("contract.mode", $"{term.Package} is sold for {term.PeriodCount} {term.PeriodUnit}; on a billing day only packages of one month are billed. Bill it by anniversary or prepaid.");
        }

        if (mode is BillingMode.Anniversary && term.PeriodUnit is PeriodUnit.Minute or PeriodUnit.Hour)
        {
            throw new DomainException("contract.mode", $"{term.Package} is sold by the {term.PeriodUnit}; it can only be prepaid.");
        }
    }

    private void AddTerm(ContractTerm term, IEnumerable<ContractTerm> later)
    {
        var kept = Terms.Terms.Where(t => t.From < term.From);
        Terms = Terms with { Terms = [.. kept, term, .. later] };
        HasScheduled = true;
    }

    private BillingPeriod MonthOf(DateOnly day)
    {
        var start = new DateOnly(day.Year, day.Month, BillingDay);
        return start <= day ? new BillingPeriod(start, start.AddMonths(1)) : new BillingPeriod(start.AddMonths(-1), start);
    }

    private BillingPeriod AnniversaryOf(DateOnly day, ContractTerms terms)
    {
        var term = terms.On(day);
        if (term.PeriodUnit is PeriodUnit.Day or PeriodUnit.Week)
        {
            var length = term.PeriodCount * (term.PeriodUnit is PeriodUnit.Week ? 7 : 1);
            var start = StartsOn.AddDays((day.DayNumber - StartsOn.DayNumber) / length * length);
            return new BillingPeriod(start, start.AddDays(length));
        }

        // From the first day and not from the period before: the 31st is the 28th of February and the 31st of March again.
        var months = term.PeriodCount * (term.PeriodUnit is PeriodUnit.Year ? 12 : 1);
        var index = ((day.Year - StartsOn.Year) * 12 + day.Month - StartsOn.Month) / months;
        while (StartsOn.AddMonths(index * months) > day)
        {
            index--;
        }

        while (StartsOn.AddMonths((index + 1) * months) <= day)
        {
            index++;
        }

        return new BillingPeriod(StartsOn.AddMonths(index * months), StartsOn.AddMonths((index + 1) * months));
    }
}
