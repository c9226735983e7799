using DataDefender.Domain.Common;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>Reads the facts of accounts for the <see cref="BillingEngine"/>: a few questions for however many accounts, never one an account.</summary>
public static class BillingSnapshot
{
    public static async Task<BillingRules> RulesAsync(IDataDefenderDb db, BillingSettings settings, CancellationToken ct = default)
    {
        var zone = await db.Companies.Where(c => c.Id == db.TenantId).Select(c => c.TimeZone).SingleAsync(ct);
        return new BillingRules(
            new TaxTable(await db.TaxRates.AsNoTracking().ToListAsync(ct)), settings.TaxStatus, settings.PricesIncludeTax, TimeZoneInfo.FindSystemTimeZoneById(zone));
    }

    public static async Task<Dictionary<Guid, PackageTax>> PackageTaxesAsync(IDataDefenderDb db, CancellationToken ct = default) =>
        (await db.PackageTerms.AsNoTracking().ToListAsync(ct)).ToDictionary(t => t.PackageId, PackageTax.Of);

    /// <summary>
    /// Who pays, in the order of ids, of those who may have something due on that day: with a contract or a charge of their own or of a client that they pay for.
    /// </summary>
    public static async Task<List<Guid>> PayersAsync(IDataDefenderDb db, DateOnly asOf, Guid? after, int atMost, CancellationToken ct = default)
    {
        // By clients in their order and not by what is due: a page then reads a page, however many there are.
        var due = from client in db.Clients
                  where (after == null || client.Id > after) && !db.BillingProfiles.Any(p => p.ClientId == client.Id && p.ParentId != null)
                  where db.Contracts.Any(c => c.ClientId == client.Id && c.Mode != BillingMode.Prepaid && c.BilledUntil <= asOf && (c.EndsOn == null || c.EndsOn > c.BilledUntil))
                      || db.Charges.Any(c => c.ClientId == client.Id && c.State == ChargeState.Pending && c.From <= asOf)
                      || db.BillingProfiles.Any(p => p.ParentId == client.Id && (
                          db.Contracts.Any(c => c.ClientId == p.ClientId && c.Mode != BillingMode.Prepaid && c.BilledUntil <= asOf && (c.EndsOn == null || c.EndsOn > c.BilledUntil))
                          || db.Charges.Any(c => c.ClientId == p.ClientId && c.State == ChargeState.Pending && c.From <= asOf)))
                  orderby client.Id
                  select client.Id;
        return await due.Take(atMost).ToListAsync(ct);
    }

    /// <param name="tracked">True when the contracts and charges are to be moved by what is computed.</param>
    public static async Task<Snapshot> ReadAsync(
        IDataDefenderDb db, IReadOnlyCollection<Guid> payers, IReadOnlyDictionary<Guid, PackageTax> taxes, bool tracked, CancellationToken ct = default)
    {
        var children = await db.BillingProfiles.AsNoTracking().Where(p => p.ParentId != null && payers.Contains(p.ParentId!.Value))
            .Select(p => new { p.ClientId, ParentId = p.ParentId!.Value }).ToListAsync(ct);
        var payerOf = children.ToDictionary(c => c.ClientId, c => c.ParentId);
        var paidFor = await db.BillingProfiles.AsNoTracking().Where(p => p.ParentId != null && payers.Contains(p.ClientId)).Select(p => p.ClientId).ToListAsync(ct);
        foreach (var own in payers.Except(paidFor))
        {
            payerOf[own] = own;
        }

        var clients = payerOf.Keys.ToList();
        var contracts = await Reading(db.Contracts, tracked).Where(c => clients.Contains(c.ClientId) && c.Mode != BillingMode.Prepaid).OrderBy(c => c.Label).ThenBy(c => c.Id).ToListAsync(ct);
        var charges = await Reading(db.Charges, tracked).Where(c => clients.Contains(c.ClientId) && c.State == ChargeState.Pending).OrderBy(c => c.From).ThenBy(c => c.Id).ToListAsync(ct);
        var contractsOf = contracts.ToLookup(c => payerOf[c.ClientId]);
        var chargesOf = charges.ToLookup(c => payerOf[c.ClientId]);
        return new Snapshot(
            [.. payers.Select(payer => new AccountFacts(payer, [.. contractsOf[payer].Select(c => FactsOf(c, taxes))], [.. chargesOf[payer].Select(FactsOf)]))],
            contracts.ToDictionary(c => c.Id),
            charges.ToDictionary(c => c.Id));
    }

    public static ContractFacts FactsOf(Contract c, IReadOnlyDictionary<Guid, PackageTax> taxes) => new(
        c.Id, c.SubscriptionId, c.ClientId, c.Label, c.Mode, c.BillingDay, c.StartsOn, c.BilledUntil, c.EndsOn, c.Terms, c.DiscountRate, c.DiscountUntil, c.DiscountName,
        c.Terms.Terms.Select(t => t.PackageId).Distinct().Order().ToDictionary(id => id, id => taxes.GetValueOrDefault(id) ?? PackageTax.Of(null)))
    {
        Contract = c,
    };

    private static ChargeFacts FactsOf(Charge c) => new(
        c.Id, c.ClientId, c.SubscriptionId, c.Kind, c.Description, c.Price.Minor, c.TaxBand, c.Excisable, c.TaxIncluded, c.Monthly, c.From, c.Until, c.BilledUntil);

    private static IQueryable<T> Reading<T>(DbSet<T> rows, bool tracked) where T : class => tracked ? rows : rows.AsNoTracking();
}

/// <summary>The facts of some accounts, with the rows behind them.</summary>
public sealed record Snapshot(IReadOnlyList<AccountFacts> Accounts, IReadOnlyDictionary<Guid, Contract> Contracts, IReadOnlyDictionary<Guid, Charge> Charges)
{
    /// <summary>Moves the rows as far as a bill has billed them.</summary>
    /// <returns>What is left of charges that were taken in part: rows of their own, for the caller to add.</returns>
    public IReadOnlyList<Charge> Advance(AccountBill bill)
    {
        var rests = bill.Parts.Select(part => Charges[part.Key].Part(part.Value)).ToList();
        foreach (var (id, until) in bill.Contracts)
        {
            Contracts[id].BilledTo(until);
        }

        foreach (var (id, until) in bill.Charges)
        {
            Charges[id].Billed(until);
        }

        return rests;
    }
}
