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
    public async Task<PlanChangeQuote> QuoteAsync(Guid subscriptionId, Guid packageId, bool? atOnce = null, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var company = await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct);
        return (await QuoteAsync(db, subscriptionId, packageId, atOnce, company.Today(clock), Second(clock.GetUtcNow().UtcDateTime), tracked: false, ct)).Quote;
    }

    /// <param name="token">Of the quote that was shown.</param>
    /// <exception cref="DomainException">The quote would be another one now.</exception>
    public async Task ConfirmAsync(Guid subscriptionId, Guid packageId, bool? atOnce, string token, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var settings = await CurrentBillingSettings.OfAsync(db, ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var at = PlanChangeQuote.MomentOf(token) is { } shown && shown <= turn.Now && turn.Now - shown <= PlanChangeQuote.Holds ? shown : Second(turn.Now);
        var (quote, contract, payer) = await QuoteAsync(db, subscriptionId, packageId, atOnce, turn.Today, at, tracked: true, ct);
        if (quote.Token != token)
        {
            throw new DomainException("plan-change.changed", "Something that the price depends on was changed since you looked. Look at the new quote and confirm that.");
        }

        foreach (var credit in quote.Credits.GroupBy(c => c.InvoiceId))
        {
            var invoice = await db.Invoices.Include(i => i.Lines).SingleAsync(i => i.Id == credit.Key, ct);
            await Invoicing.CreditAsync(
                db, turn, invoice, [.. credit.Select(c => new LineCredit(c.Line, c.Amount))], $"Change from {quote.From.Package} to {quote.To.Package} on {quote.EffectiveOn:yyyy-MM-dd}", settings, ct);
        }

        if (quote.Charges.Count > 0)
        {
            var invoice = db.Invoices.Add(new Invoice(tenant.TenantId, payer, turn.Company.Currency, $"Change of package by {user.Name}", quote.Charges, turn.Now)).Entity;
            var prepaid = contract.Mode is BillingMode.Prepaid;
            await Invoicing.IssueAsync(db, turn, [invoice], settings, turn.Today, prepaid ? turn.Today : turn.Today.AddDays(settings.DueDays), ct);
            if (prepaid)
            {
                await PayAsync(db, turn, invoice, contract.Label, ct);
            }
        }

        contract.CancelScheduled(turn.Today);
        contract.ChangeTo(quote.To);
        if (quote.EffectiveOn <= turn.Today)
        {
            await ScheduledChanges.ApplyAsync(db, contract, quote.To, user.Name, turn.Now, ct);
        }

        await turn.CommitAsync(ct);
        signal.Wake();
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
        IDataDefenderDb db, Guid subscriptionId, Guid packageId, bool? atOnce, DateOnly today, DateTime at, bool tracked, CancellationToken ct)
    {
        var contract = await FindAsync(db, subscriptionId, tracked, ct);
        var package = await db.Packages.AsNoTracking().SingleOrDefaultAsync(p => p.Id == packageId, ct) ?? throw new NotFoundException("Package", packageId);
        if (package.Status is not PackageStatus.Active)
        {
            throw new DomainException("plan-change.retired", $"{package.Name} is retired; choose another package.");
        }

        if (contract.Terms.On(today).PackageId == packageId)
        {
            throw new DomainException("plan-change.same", $"{contract.Label} has {package.Name} already.");
        }

        var settings = await CurrentBillingSettings.OfAsync(db, ct);
        var rules = await BillingSnapshot.RulesAsync(db, settings, ct);
        var taxes = await BillingSnapshot.PackageTaxesAsync(db, ct);
        var terms = (await db.PackageTerms.AsNoTracking().SingleOrDefaultAsync(t => t.PackageId == packageId, ct))?.ToInput() ?? PackageTerms.Default;
        taxes[packageId] = taxes.GetValueOrDefault(packageId) ?? PackageTax.Of(null);
        var facts = BillingSnapshot.FactsOf(contract, taxes);
        facts = facts with { Taxes = new Dictionary<Guid, PackageTax>(facts.Taxes) { [packageId] = taxes[packageId] } };
        var to = new ContractTerm(today, packageId, package.Name, package.Price.Minor, package.PeriodCount, package.PeriodUnit);
        var payer = await db.BillingProfiles.Where(p => p.ClientId == contract.ClientId).Select(p => p.ParentId).SingleOrDefaultAsync(ct) ?? contract.ClientId;
        var ahead = await AheadAsync(db, facts, rules, today, ct);
        if (contract.Mode is not BillingMode.Prepaid)
        {
            return (PlanChange.Quote(facts, to, terms, ahead, rules, today, atOnce), contract, payer);
        }

        var paidUntil = await db.Subscriptions.Where(s => s.Id == subscriptionId).Select(s => s.ExpiresAt).SingleAsync(ct);
        return (PlanChange.QuotePrepaid(facts, to, terms, ahead, rules, at, paidUntil, atOnce), contract, payer);
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
            new JournalPosting("wallet.used", $"wallet-change:{invoice.Id}", turn.Now, $"Wallet: {invoice.Reference}, package of {label} changed", Invoice.SourceType, invoice.Id,
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
        var rows = await (
            from line in db.InvoiceLines.AsNoTracking()
            join invoice in db.Invoices on line.InvoiceId equals invoice.Id
            where line.SubscriptionId == id && line.Until > now
                && (invoice.Status == InvoiceStatus.Paid || (!prepaid && (invoice.Status == InvoiceStatus.Issued || invoice.Status == InvoiceStatus.PartlyPaid)))
            orderby line.From, invoice.IssuedAt, line.Number
            select new { Line = line, invoice.Reference, invoice.IssuedAt }).ToListAsync(ct);
        var discounts = rows.Where(r => r.Line.Kind is LineKind.Discount).ToLookup(r => (r.Line.InvoiceId, r.Line.From));
        return [.. rows.Where(r => r.Line.Kind is LineKind.Subscription or LineKind.Proration && r.Line.Creditable > Money.Zero).Select(r => new BilledAhead(
            r.Line.InvoiceId, r.Reference!, r.Line.Number, r.Line.Description, rules.DayOf(r.Line.From!.Value), rules.DayOf(r.Line.Until!.Value), r.Line.From.Value, r.Line.Until.Value,
            Replaced(r.Line, r.IssuedAt), r.Line.Total, new Money(discounts[(r.Line.InvoiceId, r.Line.From)].Sum(d => d.Line.Total.Minor)), r.Line.Creditable))];

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

    private static async Task<Contract> FindAsync(IDataDefenderDb db, Guid subscriptionId, bool tracked, CancellationToken ct) =>
        await (tracked ? db.Contracts : db.Contracts.AsNoTracking()).SingleOrDefaultAsync(c => c.SubscriptionId == subscriptionId, ct)
        ?? throw new DomainException("contract.none", "This line has no contract yet; say first how it is billed.");
}

/// <summary>Brings a package that was agreed for a day to the line itself when that day has come.</summary>
public static class ScheduledChanges
{
    /// <summary>The contracts of which a term has begun that the line does not have yet. At most that many.</summary>
    public static async Task<int> ApplyDueAsync(IDataDefenderDb db, DateOnly today, string by, DateTime now, CancellationToken ct = default)
    {
        // Terms are one JSON text: what is asked is which lines have another package than their contract last gave them.
        var running = await (
            from contract in db.Contracts
            join line in db.Subscriptions on contract.SubscriptionId equals line.Id
            where contract.HasScheduled && line.State != SubscriptionState.Disconnected
            select contract).ToListAsync(ct);
        var applied = 0;
        foreach (var contract in running)
        {
            applied += await ApplyAsync(db, contract, contract.Terms.On(today), by, now, ct) ? 1 : 0;
            contract.Settle(today);
        }

        return applied;
    }

    public static async Task<bool> ApplyAsync(IDataDefenderDb db, Contract contract, ContractTerm term, string by, DateTime now, CancellationToken ct = default)
    {
        var line = await db.Subscriptions.SingleAsync(s => s.Id == contract.SubscriptionId, ct);
        if (line.PackageId == term.PackageId || line.State is SubscriptionState.Disconnected)
        {
            return false;
        }

        line.ChangePackage(term.PackageId);
        db.Order(line, LineAction.Apply, $"package changed to {term.Package}", by, now);
        db.Report(line, "line.package", $"{line.Username}: package changed to {term.Package}, by {by}.", now);
        return true;
    }
}
