using DataDefender.Domain.Billing.Revenue;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>Changes a line's package with its money: a quote first, and on confirmation exactly that quote or a refusal.</summary>
public sealed class PlanChangeService(IDataDefenderDbFactory dbFactory, TenantContext tenant, CurrentUser user, LineSignal signal, TimeProvider clock)
{
    private const int MostDaysAhead = 366;

    /// <param name="on">A chosen day after today; null for at once or the end of the period.</param>
    public async Task<PlanChangeQuote> QuoteAsync(Guid subscriptionId, Guid packageId, bool? atOnce = null, DateOnly? on = null, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var company = await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct);
        return (await QuoteAsync(db, subscriptionId, packageId, atOnce, on, company.Today(clock), Second(clock.GetUtcNow().UtcDateTime), tracked: false, ct)).Quote;
    }

    /// <param name="token">Of the quote that was shown.</param>
    /// <param name="on">A chosen day: the night before it dawns settles it by the same code, and until then it can be taken back.</param>
    /// <exception cref="DomainException">The quote would be another one now.</exception>
    public async Task ConfirmAsync(Guid subscriptionId, Guid packageId, bool? atOnce, string token, DateOnly? on = null, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var settings = await CurrentBillingSettings.OfAsync(db, ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var at = PlanChangeQuote.MomentOf(token) is { } shown && shown <= turn.Now && turn.Now - shown <= PlanChangeQuote.Holds ? shown : Second(turn.Now);
        var (quote, contract, payer) = await QuoteAsync(db, subscriptionId, packageId, atOnce, on, turn.Today, at, tracked: true, ct);
        if (quote.Token != token)
        {
            throw new DomainException("plan-change.changed", "Something that the price depends on was changed since you looked. Look at the new quote and confirm that.");
        }

        if (quote.OnDay)
        {
            contract.CancelScheduled(turn.Today);
            contract.Schedule(quote.To);
            await turn.CommitAsync(ct);
            return;
        }

        await WriteAsync(db, turn, contract, payer, quote, settings, ct);
        contract.CancelScheduled(turn.Today);
        contract.ChangeTo(quote.To);
        if (quote.EffectiveOn <= turn.Today)
        {
            await ScheduledChanges.ApplyAsync(db, contract, quote.To, user.Name, turn.Now, ct);
        }

        await WalletCredit.PayOpenAsync(db, turn, [payer], ct); // what was given back pays for what is charged
        await turn.CommitAsync(ct);
        signal.Wake();
    }

    /// <summary>
    /// Settles the changes whose chosen day has come, where the company is: gives back and charges by the code of the quote, and brings the package to
    /// the line. Each in a turn of its own that takes its mark away, so that a night that is broken off and begun again settles each once.
    /// </summary>
    /// <returns>How many were settled.</returns>
    /// <exception cref="DomainException">One could not be settled, such as for a tax without a rate; the others were.</exception>
    public async Task<int> SettleDueAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        List<Guid> due;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            var today = (await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct)).Today(clock);
            due = [.. (await db.Contracts.AsNoTracking().Where(c => c.HasScheduled).ToListAsync(ct)).Where(c => c.Terms.Terms.Any(t => t.Unsettled && t.From <= today)).Select(c => c.SubscriptionId)];
        }

        var (settled, refusal) = (0, (DomainException?)null);
        foreach (var line in due)
        {
            try
            {
                settled += await SettleAsync(line, ct) ? 1 : 0;
            }
            catch (DomainException refused)
            {
                refusal ??= refused;
            }
        }

        if (settled > 0)
        {
            signal.Wake();
        }

        return refusal is null ? settled : throw refusal;
    }

    private async Task<bool> SettleAsync(Guid subscriptionId, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        var settings = await CurrentBillingSettings.OfAsync(db, ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var contract = await FindAsync(db, subscriptionId, tracked: true, ct);
        if (contract.Terms.Terms.FirstOrDefault(t => t.Unsettled && t.From <= turn.Today) is not { } term)
        {
            return false; // another process was faster
        }

        if (contract.Mode is not BillingMode.Prepaid && !(contract.EndsOn <= term.From))
        {
            var (facts, rules, terms, payer) = await ReadAsync(db, contract, term.PackageId, ct);
            facts = facts with { Terms = facts.Terms with { Terms = [.. facts.Terms.Terms.Where(t => t.From < term.From)] }, BilledUntil = term.BilledBeforeUntil ?? term.From };
            var ahead = await AheadAsync(db, facts, rules, term.From, ct);
            await WriteAsync(db, turn, contract, payer, PlanChange.Quote(facts, term, terms, ahead, rules, turn.Today, null, term.From), settings, ct);
            await ScheduledChanges.ApplyAsync(db, contract, term, user.Name, turn.Now, ct);
            contract.SettleTerm(term);
            contract.BilledAnew(term.From);
            await WalletCredit.PayOpenAsync(db, turn, [payer], ct);
        }
        else
        {
            contract.SettleTerm(term);
        }

        await turn.CommitAsync(ct);
        return true;
    }

    /// <summary>Writes what a quote gives back and charges.</summary>
    private async Task WriteAsync(IDataDefenderDb db, LedgerTurn turn, Contract contract, Guid payer, PlanChangeQuote quote, BillingSettings settings, CancellationToken ct)
    {
        foreach (var credit in quote.Credits.GroupBy(c => c.InvoiceId))
        {
            var invoice = await db.Invoices.Include(i => i.Lines).SingleAsync(i => i.Id == credit.Key, ct);
            await Invoicing.CreditAsync(
                db, turn, invoice, [.. credit.Select(c => new LineCredit(c.Line, c.Amount))], $"Change from {quote.From.Package} to {quote.To.Package} on {quote.EffectiveOn:yyyy-MM-dd}", settings, ct);
            var ended = credit.Select(c => invoice.Lines.Single(l => l.Number == c.Line)).ToList();
            var lowered = invoice.Lines.Where(l => l.Kind is LineKind.Discount && ended.Exists(e => e.SubscriptionId == l.SubscriptionId && e.From == l.From));
            await RevenueRecognition.EndAsync(db, turn, invoice, ended.Concat(lowered), quote.EffectiveOn, ct);
        }

        if (quote.Charges.Count > 0)
        {
            var invoice = db.Invoices.Add(new Invoice(tenant.TenantId, payer, turn.Company.Currency, $"Change of package by {user.Name}", quote.Charges, turn.Now)).Entity;
            var days = await DaysToPay.OfAsync(db, settings, [payer], ct);
            var prepaid = contract.Mode is BillingMode.Prepaid;
            await Invoicing.IssueAsync(db, turn, [invoice], settings, turn.Today, prepaid ? turn.Today : turn.Today.AddDays(days(payer)), ct);
            if (prepaid)
            {
                await PayAsync(db, turn, invoice, contract.Label, ct);
            }
        }
    }

    /// <summary>Takes back a change that has not come into force.</summary>
    public async Task CancelScheduledAsync(Guid subscriptionId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        (await FindAsync(db, subscriptionId, tracked: true, ct)).CancelScheduled(turn.Today);
        await turn.CommitAsync(ct);
    }

    private static async Task<(PlanChangeQuote Quote, Contract Contract, Guid Payer)> QuoteAsync(
        IDataDefenderDb db, Guid subscriptionId, Guid packageId, bool? atOnce, DateOnly? on, DateOnly today, DateTime at, bool tracked, CancellationToken ct)
    {
        var contract = await FindAsync(db, subscriptionId, tracked, ct);
        DemandDay(contract, on, today);
        var package = await db.Packages.AsNoTracking().SingleOrDefaultAsync(p => p.Id == packageId, ct) ?? throw new NotFoundException("Package", packageId);
        if (package.Status is not PackageStatus.Active)
        {
            throw new DomainException("plan-change.retired", $"{package.Name} is retired; choose another package.");
        }

        if (contract.Terms.Terms.FirstOrDefault(t => t.Unsettled && t.From <= today) is { } waiting)
        {
            throw new DomainException("plan-change.settling", $"The change of {contract.Label} to {waiting.Package}, agreed for {waiting.From:yyyy-MM-dd}, is settled by the night's work first.");
        }

        if (contract.Terms.On(today).PackageId == packageId)
        {
            throw new DomainException("plan-change.same", $"{contract.Label} has {package.Name} already.");
        }

        var (facts, rules, terms, payer) = await ReadAsync(db, contract, packageId, ct);
        var to = new ContractTerm(today, packageId, package.Name, package.Price.Minor, package.PeriodCount, package.PeriodUnit);
        if (on is { } day)
        {
            // A change takes the place of one that was agreed before and has not come.
            facts = facts with { Terms = facts.Terms with { Terms = [.. facts.Terms.Terms.Where((t, index) => index == 0 || t.From <= today)] } };
            return (Bound(PlanChange.Quote(facts, to, terms, await AheadAsync(db, facts, rules, day, ct), rules, today, null, day)), contract, payer);
        }

        var ahead = await AheadAsync(db, facts, rules, today, ct);
        if (contract.Mode is not BillingMode.Prepaid)
        {
            return (Bound(PlanChange.Quote(facts, to, terms, ahead, rules, today, atOnce)), contract, payer);
        }

        var paidUntil = await db.Subscriptions.Where(s => s.Id == subscriptionId).Select(s => s.ExpiresAt).SingleAsync(ct);
        return (Bound(PlanChange.QuotePrepaid(facts, to, terms, ahead, rules, at, paidUntil, atOnce)), contract, payer);

        // A package that is sold with a minimum brings it along; a shorter one does not free whoever is bound for longer.
        PlanChangeQuote Bound(PlanChangeQuote quote) =>
            terms.MinimumMonths > 0 && quote.EffectiveOn.AddMonths(terms.MinimumMonths) is var until && !(contract.MinimumUntil >= until)
                ? quote with { To = quote.To with { BoundUntil = until, EarlyTerminationFee = Money.Of(terms.EarlyTerminationFee).Minor } }
                : quote;
    }

    private static void DemandDay(Contract contract, DateOnly? on, DateOnly today)
    {
        if (on is not { } day)
        {
            return;
        }

        if (contract.Mode is BillingMode.Prepaid)
        {
            throw new DomainException("plan-change.prepaid", $"{contract.Label} is prepaid: its package changes at once, or when its paid time ends.");
        }

        if (day <= today || day.DayNumber - today.DayNumber > MostDaysAhead)
        {
            throw new DomainException("plan-change.day", $"Choose a day from {today.AddDays(1):yyyy-MM-dd} to {today.AddDays(MostDaysAhead):yyyy-MM-dd}; today is at once.");
        }

        if (day < contract.StartsOn || contract.EndsOn <= day)
        {
            throw new DomainException("plan-change.day", contract.EndsOn <= day ? $"{contract.Label} ends on {contract.EndsOn:yyyy-MM-dd}." : $"{contract.Label} begins on {contract.StartsOn:yyyy-MM-dd}.");
        }
    }

    /// <summary>What a change to a package is computed from, and who pays.</summary>
    private static async Task<(ContractFacts Facts, BillingRules Rules, PackageTermsInput Terms, Guid Payer)> ReadAsync(IDataDefenderDb db, Contract contract, Guid packageId, CancellationToken ct)
    {
        var rules = await BillingSnapshot.RulesAsync(db, await CurrentBillingSettings.OfAsync(db, ct), ct);
        var taxes = await BillingSnapshot.PackageTaxesAsync(db, ct);
        var terms = (await db.PackageTerms.AsNoTracking().SingleOrDefaultAsync(t => t.PackageId == packageId, ct))?.ToInput() ?? PackageTerms.Default;
        taxes[packageId] = taxes.GetValueOrDefault(packageId) ?? PackageTax.Of(null);
        var facts = BillingSnapshot.FactsOf(contract, taxes);
        facts = facts with { Taxes = new Dictionary<Guid, PackageTax>(facts.Taxes) { [packageId] = taxes[packageId] } };
        return (facts, rules, terms, await db.BillingProfiles.Where(p => p.ClientId == contract.ClientId).Select(p => p.ParentId).SingleOrDefaultAsync(ct) ?? contract.ClientId);
    }

    /// <summary>A prepaid change is paid with what the old package gives back and what else the wallet holds; granted credit goes first.</summary>
    /// <exception cref="DomainException">The wallet does not hold enough.</exception>
    private static async Task PayAsync(IDataDefenderDb db, LedgerTurn turn, Invoice invoice, string label, CancellationToken ct)
    {
        await db.SaveChangesAsync(ct); // what was credited a moment ago is in the wallet
        var granted = await LedgerBalances.OfClientAsync(db, AccountKind.GrantedWallet, invoice.ClientId, ct);
        var paid = await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, invoice.ClientId, ct);
        if (granted + paid < invoice.Total)
        {
            throw new DomainException(
                "plan-change.unpaid", $"This change costs {(invoice.Total - granted - paid).Show(turn.Company.Currency)} more than the wallet holds, and {label} is prepaid. Take the payment first, then change the package.");
        }

        var given = granted < invoice.Total ? granted : invoice.Total;
        await Receivables.SettleAsync(db, turn, invoice, invoice.Total, ct);
        await turn.PostAsync(
            new JournalPosting(WalletCredit.Used, $"wallet-change:{invoice.Id}", turn.Now, $"Wallet: {invoice.Reference}, package of {label} changed", Invoice.SourceType, invoice.Id,
                [.. PostingLeg.Net(AccountKind.GrantedWallet, given, invoice.ClientId), .. PostingLeg.Net(AccountKind.Wallet, invoice.Total - given, invoice.ClientId), PostingLeg.OnCredit(AccountKind.Receivable, invoice.Total, invoice.ClientId)]),
            ct);
    }

    private static DateTime Second(DateTime utc) => utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerSecond));

    /// <summary>
    /// The billed lines of a subscription whose days reach beyond today, each with the discount that was given on the same days. Prepaid time
    /// that is not paid was not sold yet.
    /// </summary>
    private static async Task<List<BilledAhead>> AheadAsync(IDataDefenderDb db, ContractFacts facts, BillingRules rules, DateOnly today, CancellationToken ct)
    {
        var (id, now, prepaid) = (facts.SubscriptionId, rules.StartOf(today), facts.Mode is BillingMode.Prepaid);

        // Prepaid time that was paid late, or rested, runs later than its invoices say: by as much as the line runs longer than what was sold.
        var later = prepaid ? await LaterAsync(db, id, ct) : TimeSpan.Zero;
        now -= later;
        var rows = await (
            from line in db.InvoiceLines.AsNoTracking()
            join invoice in db.Invoices on line.InvoiceId equals invoice.Id
            where line.SubscriptionId == id && line.Until > now
                && (invoice.Status == InvoiceStatus.Paid || (!prepaid && (invoice.Status == InvoiceStatus.Issued || invoice.Status == InvoiceStatus.PartlyPaid)))
            orderby line.From, invoice.IssuedAt, line.Number
            select new { Line = line, invoice.Reference, invoice.IssuedAt, Room = invoice.Total.Minor - invoice.Credited.Minor - invoice.WrittenOff.Minor }).ToListAsync(ct);
        var discounts = rows.Where(r => r.Line.Kind is LineKind.Discount).ToLookup(r => (r.Line.InvoiceId, r.Line.From));
        return [.. rows.Where(r => r.Line.Kind is LineKind.Subscription or LineKind.Proration && r.Line.Creditable > Money.Zero).Select(r => new BilledAhead(
            r.Line.InvoiceId, r.Reference!, r.Line.Number, r.Line.Description, rules.DayOf(r.Line.From!.Value), rules.DayOf(r.Line.Until!.Value), r.Line.From.Value + later, r.Line.Until.Value + later,
            Replaced(r.Line, r.IssuedAt), r.Line.Total, new Money(discounts[(r.Line.InvoiceId, r.Line.From)].Sum(d => d.Line.Total.Minor)), r.Line.Creditable) { OfInvoice = new Money(r.Room) })];

        // A line is billed in one piece as long as its terms are one; where a term begins within it, a change gave the rest back. That shows in
        // what the change sold in its place too, which knows the minute.
        DateTime? Replaced(InvoiceLine line, DateTime? issuedAt)
        {
            var (first, last) = (rules.DayOf(line.From!.Value), rules.DayOf(line.Until!.Value));
            var byTerm = facts.Terms.Terms.Where(t => t.From > first && t.From < last && t.From <= today).Select(t => (DateTime?)rules.StartOf(t.From)).FirstOrDefault();
            var bySale = rows.Where(r => r.Line.Kind is LineKind.Proration && r.IssuedAt > issuedAt && r.Line.From > line.From && r.Line.From < line.Until).Select(r => r.Line.From).Min();
            return bySale ?? byTerm;
        }
    }

    private static async Task<TimeSpan> LaterAsync(IDataDefenderDb db, Guid line, CancellationToken ct)
    {
        var sold = await db.InvoiceLines
            .Where(l => l.SubscriptionId == line && (l.Kind == LineKind.Subscription || l.Kind == LineKind.Proration) && db.Invoices.Any(i => i.Id == l.InvoiceId && i.Status == InvoiceStatus.Paid))
            .MaxAsync(l => l.Until, ct);
        var runs = await db.Subscriptions.Where(s => s.Id == line).Select(s => s.ExpiresAt).SingleAsync(ct);
        return runs > sold ? (runs - sold).Value : TimeSpan.Zero;
    }

    private static async Task<Contract> FindAsync(IDataDefenderDb db, Guid subscriptionId, bool tracked, CancellationToken ct) =>
        await (tracked ? db.Contracts : db.Contracts.AsNoTracking()).SingleOrDefaultAsync(c => c.SubscriptionId == subscriptionId, ct)
        ?? throw new DomainException("contract.none", "This line has no contract yet; say first how it is billed.");
}

/// <summary>Brings a package or a rest that was agreed for a day to the line itself when that day has come.</summary>
public static class ScheduledChanges
{
    private const string Rests = "Rests until ";

    /// <summary>
    /// Gives lines the packages of which the day has come, lets those rest whose rest has begun, wakes those whose rest is over and disconnects those
    /// whose contract is. Saves; returns how many lines were changed.
    /// </summary>
    public static async Task<int> ApplyDueAsync(IDataDefenderDb db, DateOnly today, string by, DateTime now, CancellationToken ct = default)
    {
        // Terms are one JSON text: the mark says which contracts wait for a day at all.
        var waiting = await (
            from contract in db.Contracts
            join line in db.Subscriptions on contract.SubscriptionId equals line.Id
            where contract.HasScheduled && line.State != SubscriptionState.Disconnected
            select new { Contract = contract, Line = line }).ToListAsync(ct);
        var applied = 0;
        foreach (var one in waiting)
        {
            var changed = Change(db, one.Contract, one.Line, one.Contract.Terms.On(today), by, now);
            applied += Rest(db, one.Contract, one.Line, today, by, now) || changed ? 1 : 0;
            one.Contract.Settle(today);
        }

        applied += await EndedContracts.DisconnectAsync(db, today, by, now, null, ct);
        await db.SaveAsync(ct);
        return applied;
    }

    /// <summary>Suspends a line whose rest has come, and restores one that rested and does so no more. A line that is suspended for another reason stays so.</summary>
    internal static bool Rest(IDataDefenderDb db, Contract contract, Subscription line, DateOnly today, string by, DateTime now)
    {
        var pause = contract.Terms.PauseOn(today);
        if (pause is { Until: { } until } && line.State is SubscriptionState.Active)
        {
            var note = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Rests}{until.AddDays(-1):d MMM yyyy}");
            line.Suspend(SuspendReason.Requested, note, now);
            db.Order(line, LineAction.Apply, $"suspended: {note}", by, now);
            db.Report(line, "line.suspended", $"{line.Username}: suspended: {note}, by {by}.", now);
            return true;
        }

        if (pause is null && line is { State: SubscriptionState.Suspended, SuspendReason: SuspendReason.Requested } && line.StateNote?.StartsWith(Rests, StringComparison.Ordinal) is true)
        {
            var since = line.StateSince;
            line.Restore(now);
            if (contract.Mode is BillingMode.Prepaid && line.ExpiresAt is { } end && end > since)
            {
                var charged = contract.Terms.Pauses.Where(p => p.From <= today).MaxBy(p => p.From)?.BilledPercent ?? 0;
                line.ExpireAt(end + ((now - since) * (100 - charged) / 100)); // what was paid for did not run while it rested, but for the share that a rest costs
            }

            db.Order(line, LineAction.Release, "restored: its rest is over", by, now);
            db.Report(line, "line.restored", $"{line.Username}: restored: its rest is over, by {by}.", now);
            return true;
        }

        return false;
    }

    public static async Task<bool> ApplyAsync(IDataDefenderDb db, Contract contract, ContractTerm term, string by, DateTime now, CancellationToken ct = default)
    {
        return Change(db, contract, await db.Subscriptions.SingleAsync(s => s.Id == contract.SubscriptionId, ct), term, by, now);
    }

    private static bool Change(IDataDefenderDb db, Contract contract, Subscription line, ContractTerm term, string by, DateTime now)
    {
        if (line.PackageId == term.PackageId || line.State is SubscriptionState.Disconnected)
        {
            return false;
        }

        line.ChangePackage(term.PackageId);
        contract.BindBy(term);
        db.Order(line, LineAction.Apply, $"package changed to {term.Package}", by, now);
        db.Report(line, "line.package", $"{line.Username}: package changed to {term.Package}, by {by}.", now);
        return true;
    }
}
