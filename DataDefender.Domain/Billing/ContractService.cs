using System.Globalization;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>How a client's lines are billed and what else is charged: contracts, charges, discounts, pauses, who pays for whom.</summary>
public sealed class ContractService(IDataDefenderDbFactory dbFactory, TenantContext tenant, IEnumerable<IMoneyWatcher> watchers, CurrentUser user, TimeProvider clock)
{
    private const int MostDaysOff = 366;

    private static readonly ChargeInputValidator ChargeValidator = new();

    /// <summary>Everything about a client's money on one page.</summary>
    public async Task<ClientBilling> GetAsync(Guid clientId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var today = await TodayAsync(db, ct);
        var profile = await db.BillingProfiles.AsNoTracking().SingleOrDefaultAsync(p => p.ClientId == clientId, ct);
        var parent = profile?.ParentId is { } parentId ? await db.Clients.AsNoTracking().Where(c => c.Id == parentId).Select(c => new ClientName(c.Id, c.Name, c.AccountNumber)).SingleAsync(ct) : null;
        var children = await (
            from child in db.BillingProfiles.AsNoTracking()
            join client in db.Clients on child.ClientId equals client.Id
            where child.ParentId == clientId
            orderby client.Name
            select new ClientName(client.Id, client.Name, client.AccountNumber)).ToListAsync(ct);
        var contracts = await db.Contracts.AsNoTracking().Where(c => c.ClientId == clientId).OrderBy(c => c.Label).ToListAsync(ct);
        var charges = await db.Charges.AsNoTracking().Where(c => c.ClientId == clientId && c.State == ChargeState.Pending).OrderBy(c => c.From).ThenBy(c => c.Id).ToListAsync(ct);
        return new ClientBilling(
            profile?.TaxPin, profile?.BillingDay, (await CurrentBillingSettings.OfAsync(db, ct)).BillingDay, profile?.DueDays, parent, children,
            [.. contracts.Select(c => RowOf(c, today))],
            [.. charges.Select(c => new ChargeRow(c.Id, c.Kind, c.Description, c.Price, c.Monthly, c.From, c.Until))],
            await Receivables.BalanceAsync(db, clientId, ct),
            await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, clientId, ct),
            await LedgerBalances.OfClientAsync(db, AccountKind.GrantedWallet, clientId, ct),
            await LedgerBalances.OfClientAsync(db, AccountKind.Deposits, clientId, ct));
    }

    /// <summary>
    /// Says how a line is billed, from a day on (null for today). The package's installation fee and deposit become
    /// charges, its minimum contract binds. The price of the day is frozen until somebody agrees on another.
    /// </summary>
    public async Task OpenAsync(Guid subscriptionId, ContractInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var line = await db.Subscriptions.SingleOrDefaultAsync(s => s.Id == subscriptionId, ct) ?? throw new NotFoundException("Line", subscriptionId);
        if (line.State is SubscriptionState.Disconnected)
        {
            throw new DomainException("subscription.state", $"{line.Username} is {line.State}; it is not billed any more.");
        }

        if (await db.Contracts.AnyAsync(c => c.SubscriptionId == subscriptionId, ct))
        {
            throw new DomainException("contract.exists", $"{line.Username} has a contract already.");
        }

        var today = await TodayAsync(db, ct);
        var package = await db.Packages.AsNoTracking().SingleAsync(p => p.Id == line.PackageId, ct);
        var terms = (await db.PackageTerms.AsNoTracking().SingleOrDefaultAsync(t => t.PackageId == package.Id, ct))?.ToInput() ?? PackageTerms.Default;
        var profile = await db.BillingProfiles.AsNoTracking().SingleOrDefaultAsync(p => p.ClientId == line.ClientId, ct);
        var settings = await CurrentBillingSettings.OfAsync(db, ct);
        var startsOn = input.StartsOn ?? today;
        if (Math.Abs(startsOn.DayNumber - today.DayNumber) > MostDaysOff)
        {
            throw new InvalidInputException([new FieldError(nameof(input.StartsOn), "A contract begins at most 366 days before or after today.")]);
        }

        var contract = new Contract(
            tenant.TenantId, line.Id, line.ClientId, line.Username, input.Mode, input.BillingDay ?? profile?.BillingDay ?? settings.BillingDay,
            new ContractTerm(startsOn, package.Id, package.Name, input.Price is { } price ? DemandPrice(price).Minor : package.Price.Minor, package.PeriodCount, package.PeriodUnit));
        if (terms.MinimumMonths > 0)
        {
            contract.Bind(startsOn.AddMonths(terms.MinimumMonths), Money.Of(terms.EarlyTerminationFee));
        }

        if (input.Mode is BillingMode.Prepaid && line.ExpiresAt is null)
        {
            line.ExpireAt(clock.GetUtcNow().UtcDateTime); // it runs as long as it is paid
        }
        else if (input.Mode is not BillingMode.Prepaid)
        {
            if (PaidUntil(line, await BillingSnapshot.RulesAsync(db, settings, ct)) is { } paidUntil && paidUntil > startsOn)
            {
                contract.BilledTo(paidUntil); // the days that are paid ahead are not billed again
            }

            line.ExpireAt(null); // a bill comes, and no paid time ends it any more
        }

        db.Contracts.Add(contract);
        AddFee(terms.InstallationFee, LineKind.Installation, $"Installation of {line.Username}", terms.TaxBand);
        AddFee(terms.Deposit, LineKind.Deposit, $"Deposit for {line.Username}", "D");
        await db.SaveAsync(ct);

        void AddFee(decimal fee, LineKind kind, string text, string band)
        {
            if (fee > 0)
            {
                db.Charges.Add(new Charge(tenant.TenantId, line.ClientId, line.Id, new ChargeInput { Kind = kind, Description = text, Price = fee, TaxBand = band, Excisable = false }, startsOn));
            }
        }
    }

    /// <summary>The first day that is not paid of a line with paid time ahead; null without any.</summary>
    private DateOnly? PaidUntil(Subscription line, BillingRules rules) =>
        line.ExpiresAt is { } ends && ends > clock.GetUtcNow().UtcDateTime ? rules.DayOf(ends.AddTicks(-1)).AddDays(1) : null;

    /// <summary>
    /// Bills a line in another way from now on. Time that was paid ahead is not billed again, and the line no longer ends with it; days that a
    /// prepaid line was not billed for yet become a charge.
    /// </summary>
    public async Task BillByAsync(Guid subscriptionId, BillingMode mode, int billingDay, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var contract = await FindAsync(db, subscriptionId, ct);
        var line = await db.Subscriptions.SingleAsync(s => s.Id == subscriptionId, ct);
        var (today, now) = (await TodayAsync(db, ct), clock.GetUtcNow().UtcDateTime);
        var rules = await BillingSnapshot.RulesAsync(db, await CurrentBillingSettings.OfAsync(db, ct), ct);
        if (mode is not BillingMode.Prepaid)
        {
            contract.BillBy(mode, billingDay, PaidUntil(line, rules) ?? today);
            line.ExpireAt(null);
        }
        else if (contract.Mode is not BillingMode.Prepaid)
        {
            if (contract.BilledUntil < today)
            {
                await ChargeDaysAsync(db, contract, rules, contract.BilledUntil, today, before: null, today, ct);
                contract.BilledTo(today);
            }

            contract.BillBy(mode, billingDay, today);
            line.ExpireAt(contract.BilledUntil > today ? rules.StartOf(contract.BilledUntil) : now);
        }

        await db.SaveAsync(ct);
    }

    /// <summary>
    /// Sells a prepaid line its next periods. What the wallet holds pays at once; the line runs longer as soon as the invoice is paid.
    /// </summary>
    /// <returns>The invoice, and what of it is still to be paid.</returns>
    public async Task<(string Reference, Money Open)> SellAsync(Guid subscriptionId, int periods, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var contract = await FindAsync(db, subscriptionId, ct);
        if (contract.Mode is not BillingMode.Prepaid || contract.EndsOn <= turn.Today)
        {
            throw new DomainException("contract.mode", $"{contract.Label} is not prepaid: a billing run bills it.");
        }

        var waiting = await (
            from sold in db.InvoiceLines
            join bill in db.Invoices on sold.InvoiceId equals bill.Id
            where sold.SubscriptionId == subscriptionId && sold.Kind == LineKind.Subscription && sold.Until > turn.Now && (bill.Status == InvoiceStatus.Issued || bill.Status == InvoiceStatus.PartlyPaid)
            select bill.Reference).FirstOrDefaultAsync(ct);
        if (waiting is not null)
        {
            throw new DomainException("renewal.open", $"{waiting} for time of {contract.Label} waits to be paid. Take its payment or void it first.");
        }

        var line = await db.Subscriptions.SingleAsync(s => s.Id == subscriptionId, ct);
        var package = await db.Packages.AsNoTracking().SingleAsync(p => p.Id == line.PackageId, ct);
        var invoice = await Renewals.IssueAsync(db, turn, line, package, periods, contract, $"Sold by {user.Name}", ct);
        await WalletCredit.PayOpenAsync(db, turn, [.. new[] { line.ClientId, invoice.ClientId }.Distinct()], ct);
        await turn.CommitAsync(ct);
        watchers.Tell(invoice.Status is InvoiceStatus.Paid, db.TenantId);
        return (invoice.Label, invoice.Balance);
    }

    /// <summary>A price of this line's own from the next day that is not billed yet; of prepaid time from the next purchase.</summary>
    public Task AgreeOnPriceAsync(Guid subscriptionId, decimal price, CancellationToken ct = default) =>
        ChangeAsync(subscriptionId, (contract, today) => contract.AgreeOnPrice(DemandPrice(price), contract.Mode is BillingMode.Prepaid ? today : contract.BilledUntil), ct);

    public Task GrantDiscountAsync(Guid subscriptionId, decimal percent, DateOnly? until, string name, CancellationToken ct = default) => ChangeAsync(subscriptionId, (contract, _) =>
    {
        if (percent is < 0 or > 100 || percent * 100 != Math.Truncate(percent * 100))
        {
            throw new InvalidInputException([new FieldError(nameof(percent), "A discount is 0 to 100 percent, with two decimals at most.")]);
        }

        contract.Grant((int)(percent * 100), until, string.IsNullOrWhiteSpace(name) ? "Discount" : name.Trim());
    }, ct);

    /// <summary>A percentage goes on the line for the coupon's months; an amount becomes a charge that lowers the next bills until it is used up.</summary>
    public async Task RedeemAsync(Guid subscriptionId, string code, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var contract = await FindAsync(db, subscriptionId, ct);
        var wanted = code.Trim().ToUpperInvariant();
        var coupon = await db.Coupons.SingleOrDefaultAsync(c => c.Code == wanted, ct) ?? throw new DomainException("coupon.unknown", $"There is no coupon {wanted}.");
        var today = await TodayAsync(db, ct);
        if (await db.CouponUses.AnyAsync(u => u.CouponId == coupon.Id && u.SubscriptionId == subscriptionId, ct))
        {
            throw new DomainException("coupon.again", $"{contract.Label} has redeemed {coupon.Code} already; a line does so once.");
        }

        if (coupon.DiscountRate > 0 && contract.HasDiscountOn(today))
        {
            throw new DomainException("coupon.discount", $"{contract.Label} has “{contract.DiscountName}” already, and a percentage takes the place of another. Redeem it when that is over.");
        }

        if (coupon.DiscountRate == 0 && contract.Mode is BillingMode.Prepaid)
        {
            throw new DomainException("coupon.prepaid", $"{coupon.Code} takes {coupon.Amount} off the next bill, and {contract.Label} is prepaid: no bill comes. Grant credit to its wallet instead.");
        }

        coupon.Redeem(today);
        db.CouponUses.Add(new CouponUse(coupon, contract, user.Name, clock.GetUtcNow().UtcDateTime));
        if (coupon.DiscountRate > 0)
        {
            contract.Grant(coupon.DiscountRate, coupon.Months is { } months ? (contract.Mode is BillingMode.Prepaid ? today : contract.BilledUntil).AddMonths(months) : null, $"Coupon {coupon.Code}");
        }
        else
        {
            // Taxed as what it lowers: another rate would take back tax that nobody charged.
            var packageId = contract.Terms.On(today).PackageId;
            var product = PackageTax.Of(await db.PackageTerms.AsNoTracking().SingleOrDefaultAsync(t => t.PackageId == packageId, ct));
            var off = new ChargeInput
            {
                Kind = LineKind.Discount, Description = $"Coupon {coupon.Code}", Price = -coupon.Amount.Amount, TaxBand = product.Band, Excisable = product.Excisable, TaxIncluded = product.Included,
            };
            db.Charges.Add(new Charge(tenant.TenantId, contract.ClientId, subscriptionId, off, today));
        }

        await db.SaveAsync(ct);
    }

    /// <summary>Lets a line rest by the rules of its package: so many days a year, at such a share of the price. It is suspended on the first day and restored after the last.</summary>
    public async Task PauseAsync(Guid subscriptionId, DateOnly from, DateOnly? until, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var contract = await FindAsync(db, subscriptionId, ct);
        var today = await TodayAsync(db, ct);
        var packageId = contract.Terms.On(from).PackageId;
        var terms = (await db.PackageTerms.AsNoTracking().SingleOrDefaultAsync(t => t.PackageId == packageId, ct))?.ToInput() ?? PackageTerms.Default;
        if (terms.PauseDaysPerYear == 0)
        {
            throw new DomainException("contract.pause", $"{contract.Terms.On(from).Package} cannot be paused.");
        }

        if (until is not { } back)
        {
            throw new DomainException("contract.pause", $"Say on which day it runs again. {contract.Label} may rest {terms.PauseDaysPerYear} days a year; a rest can be ended early.");
        }

        var used = contract.Terms.Pauses.Where(p => p.From.Year == from.Year).Sum(p => (p.Until ?? today).DayNumber - p.From.DayNumber);
        var asked = back.DayNumber - from.DayNumber;
        if (used + asked > terms.PauseDaysPerYear)
        {
            throw new DomainException("contract.pause", $"{contract.Label} may rest {terms.PauseDaysPerYear} days a year; {used} are used and {asked} more are asked for.");
        }

        contract.Pause(from, back, terms.PausePercent);
        ScheduledChanges.Rest(db, contract, await db.Subscriptions.SingleAsync(s => s.Id == subscriptionId, ct), today, user.Name, clock.GetUtcNow().UtcDateTime);
        await db.SaveAsync(ct);
    }

    /// <summary>Ends a rest. Days that were billed as days of rest already and are none any more become a charge for what they cost more.</summary>
    public async Task ResumeAsync(Guid subscriptionId, DateOnly? on = null, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var contract = await FindAsync(db, subscriptionId, ct);
        var (today, before) = (await TodayAsync(db, ct), contract.Terms);
        var day = on ?? today;
        contract.Resume(day);
        if (day < contract.BilledUntil)
        {
            var rules = await BillingSnapshot.RulesAsync(db, await CurrentBillingSettings.OfAsync(db, ct), ct);
            await ChargeDaysAsync(db, contract, rules, day, contract.BilledUntil, before, today, ct);
        }

        ScheduledChanges.Rest(db, contract, await db.Subscriptions.SingleAsync(s => s.Id == subscriptionId, ct), today, user.Name, clock.GetUtcNow().UtcDateTime);
        await db.SaveAsync(ct);
    }

    /// <summary>What ending on a day costs, today when it is null: the early-termination fee as long as the minimum contract runs; nothing without a contract.</summary>
    public async Task<Money> EndFeeAsync(Guid subscriptionId, DateOnly? on = null, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        return await db.Contracts.AsNoTracking().SingleOrDefaultAsync(c => c.SubscriptionId == subscriptionId, ct) is { } contract
            ? EndedContracts.FeeOf(contract, on ?? await TodayAsync(db, ct))
            : Money.Zero;
    }

    /// <summary>
    /// Ends the contract on a day (the first one without it), on which the line is disconnected; prepaid time that is left runs out first. What an
    /// early end costs becomes a charge.
    /// </summary>
    public async Task EndAsync(Guid subscriptionId, DateOnly on, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var contract = await FindAsync(db, subscriptionId, ct);
        EndedContracts.End(db, contract, on);
        await db.SaveAsync(ct);
        if (await EndedContracts.DisconnectAsync(db, await TodayAsync(db, ct), user.Name, clock.GetUtcNow().UtcDateTime, subscriptionId, ct) > 0)
        {
            await db.SaveAsync(ct);
        }
    }

    /// <summary>Takes the end of a contract back before it has come, with the charge for leaving early.</summary>
    /// <exception cref="DomainException">It does not end, or it is over.</exception>
    public async Task GoOnAsync(Guid subscriptionId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var contract = await FindAsync(db, subscriptionId, ct);
        var today = await TodayAsync(db, ct);
        if (contract.EndsOn is null || await db.Subscriptions.AnyAsync(s => s.Id == subscriptionId && s.State == SubscriptionState.Disconnected, ct))
        {
            throw new DomainException("contract.end", contract.EndsOn is null ? $"{contract.Label} does not end." : $"{contract.Label} is over and its line disconnected; sell a new line instead.");
        }

        foreach (var fee in await db.Charges.Where(c => c.SubscriptionId == subscriptionId && c.Kind == LineKind.EarlyTermination && c.State == ChargeState.Pending).ToListAsync(ct))
        {
            fee.Cancel(today);
        }

        contract.GoOn();
        await db.SaveAsync(ct);
    }

    public async Task<Guid> AddChargeAsync(Guid clientId, ChargeInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        ChargeValidator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        if (!await db.Clients.AnyAsync(c => c.Id == clientId, ct))
        {
            throw new NotFoundException("Client", clientId);
        }

        var charge = db.Charges.Add(new Charge(tenant.TenantId, clientId, input.SubscriptionId, input, await TodayAsync(db, ct))).Entity;
        await db.SaveAsync(ct);
        return charge.Id;
    }

    public async Task CancelChargeAsync(Guid chargeId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var charge = await db.Charges.SingleOrDefaultAsync(c => c.Id == chargeId, ct) ?? throw new NotFoundException("Charge", chargeId);
        charge.Cancel(await TodayAsync(db, ct));
        await db.SaveAsync(ct);
    }

    /// <summary>
    /// Who pays for a client, by account number, and what else is particular about its bills. The billing day is that of contracts to come; those
    /// that are there keep theirs until <see cref="BillingDayService"/> brings it to them.
    /// </summary>
    public async Task ChangeProfileAsync(Guid clientId, string? parentAccount, string? taxPin, int? billingDay, int? dueDays, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var parent = (Guid?)null;
        if (!string.IsNullOrWhiteSpace(parentAccount))
        {
            var account = parentAccount.Trim();
            parent = await db.Clients.Where(c => c.AccountNumber == account).Select(c => (Guid?)c.Id).SingleOrDefaultAsync(ct)
                ?? throw new InvalidInputException([new FieldError(nameof(parentAccount), $"There is no client {account}.")]);
            if (await db.BillingProfiles.AnyAsync(p => (p.ClientId == parent && p.ParentId != null) || p.ParentId == clientId, ct))
            {
                throw new InvalidInputException([new FieldError(nameof(parentAccount), "A client that is paid for pays for nobody, and the other way round.")]);
            }
        }

        var profile = await db.BillingProfiles.SingleOrDefaultAsync(p => p.ClientId == clientId, ct) ?? db.BillingProfiles.Add(new BillingProfile(tenant.TenantId, clientId)).Entity;
        profile.Change(parent, taxPin, billingDay, dueDays);
        await db.SaveAsync(ct);
    }

    /// <summary>Puts what days of a contract cost on the next bill, less what they cost under the terms by which they were billed.</summary>
    private async Task ChargeDaysAsync(IDataDefenderDb db, Contract contract, BillingRules rules, DateOnly from, DateOnly until, ContractTerms? before, DateOnly today, CancellationToken ct)
    {
        var facts = BillingSnapshot.FactsOf(contract, await BillingSnapshot.PackageTaxesAsync(db, ct));
        var price = PriceUnder(contract.Terms) - (before is null ? 0 : PriceUnder(before));
        if (price <= 0)
        {
            return;
        }

        var term = contract.Terms.On(from);
        var tax = facts.Taxes.GetValueOrDefault(term.PackageId) ?? PackageTax.Of(null);
        db.Charges.Add(new Charge(tenant.TenantId, contract.ClientId, contract.SubscriptionId,
            new ChargeInput
            {
                Kind = LineKind.OneTime, Description = string.Create(CultureInfo.InvariantCulture, $"{term.Package} ({contract.Label}), {from:d MMM yyyy} to {until.AddDays(-1):d MMM yyyy}"),
                Price = new Money(price).Amount, TaxBand = tax.Band, Excisable = tax.Excisable, TaxIncluded = tax.Included,
            }, today));

        long PriceUnder(ContractTerms terms)
        {
            var lines = new List<LineDraft>();
            BillingEngine.AddDays(facts with { Terms = terms }, rules, from, until, lines);
            return lines.Sum(l => l.Price.Minor);
        }
    }

    private static Money DemandPrice(decimal price) => price is >= 0 and <= 100_000_000m && InvoiceLineInputValidator.HasCentsAtMost(price)
        ? Money.Of(price)
        : throw new InvalidInputException([new FieldError(nameof(ContractInput.Price), "A price is 0 to 100,000,000 with two decimals at most.")]);

    private static ContractRow RowOf(Contract c, DateOnly today)
    {
        var term = c.Terms.On(today);
        var next = c.Terms.Terms.FirstOrDefault(t => t.From > today);
        var pause = c.Terms.Pauses.LastOrDefault(p => p.Until is null || p.Until > today);
        return new ContractRow(
            c.SubscriptionId, c.Label, c.Mode, c.BillingDay, term.PackageId, term.Package, new Money(term.Price), term.PeriodCount, term.PeriodUnit, c.StartsOn, c.BilledUntil, c.EndsOn,
            c.MinimumUntil, c.EarlyTerminationFee, c.DiscountUntil is { } end && end <= today ? 0 : c.DiscountRate, c.DiscountUntil, c.DiscountName,
            next is null ? null : new ScheduledTerm(next.Package, next.From, new Money(next.Price)), pause, c.Terms.Suspensions.FirstOrDefault(s => s.Until is null));
    }

    private static async Task<Contract> FindAsync(IDataDefenderDb db, Guid subscriptionId, CancellationToken ct) =>
        await db.Contracts.SingleOrDefaultAsync(c => c.SubscriptionId == subscriptionId, ct) ?? throw new DomainException("contract.none", "This line has no contract yet; say first how it is billed.");

    private async Task ChangeAsync(Guid subscriptionId, Action<Contract, DateOnly> change, CancellationToken ct)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        change(await FindAsync(db, subscriptionId, ct), await TodayAsync(db, ct));
        await db.SaveAsync(ct);
    }

    private async Task<DateOnly> TodayAsync(IDataDefenderDb db, CancellationToken ct) => (await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct)).Today(clock);
}
