using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>What another billing day makes of one line: first some days of their own, by the day, then whole months again.</summary>
/// <param name="Until">The first day of the first whole month.</param>
/// <param name="Price">What those days cost, with tax and discount, as the run will bill it.</param>
/// <param name="BilledOn">The day from which a run bills them.</param>
public sealed record BillingDayLine(Guid SubscriptionId, string Label, int FromDay, int ToDay, DateOnly From, DateOnly Until, int DaysOfPeriod, Money Price, DateOnly BilledOn)
{
    public int Days => Until.DayNumber - From.DayNumber;
}

/// <summary>What bringing a client's billing day to its lines does, shown before it is confirmed.</summary>
public sealed record BillingDayQuote(int Day, IReadOnlyList<BillingDayLine> Lines)
{
    /// <summary>Names this quote by all it says: the one that is confirmed must be the one that was shown.</summary>
    [JsonIgnore]
    public string Token => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this)));
}

/// <summary>
/// Brings a client's billing day to the lines that have one already. A contract keeps the day that it was made with until somebody confirms what
/// the change costs; the days in between are priced by the code of the billing run.
/// </summary>
public sealed class BillingDayService(IDataDefenderDbFactory dbFactory, CurrentUser user, TimeProvider clock)
{
    /// <summary>What the client's day, or the company's where it has none, would make of its monthly lines that are billed on another.</summary>
    public async Task<BillingDayQuote> QuoteAsync(Guid clientId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        return (await QuoteAsync(db, clientId, ct)).Quote;
    }

    /// <param name="token">Of the quote that was shown.</param>
    /// <exception cref="DomainException">The quote would be another one now.</exception>
    public async Task ConfirmAsync(Guid clientId, string token, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var (quote, contracts) = await QuoteAsync(db, clientId, ct);
        if (quote.Token != token)
        {
            throw new DomainException("billing-day.changed", "Something that the price depends on was changed since you looked. Look at the new quote and confirm that.");
        }

        foreach (var contract in await db.Contracts.Where(c => contracts.Contains(c.Id)).ToListAsync(ct))
        {
            contract.BillOn(quote.Day);
        }

        await db.SaveAsync(ct);
    }

    private async Task<(BillingDayQuote Quote, List<Guid> Contracts)> QuoteAsync(IDataDefenderDb db, Guid clientId, CancellationToken ct)
    {
        var settings = await CurrentBillingSettings.OfAsync(db, ct);
        var day = await db.BillingProfiles.Where(p => p.ClientId == clientId).Select(p => p.BillingDay).SingleOrDefaultAsync(ct) ?? settings.BillingDay;
        var rules = await BillingSnapshot.RulesAsync(db, settings, ct);
        var taxes = await BillingSnapshot.PackageTaxesAsync(db, ct);
        var today = (await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct)).Today(clock);
        var other = await db.Contracts.AsNoTracking()
            .Where(c => c.ClientId == clientId && (c.Mode == BillingMode.Postpaid || c.Mode == BillingMode.Advance) && c.BillingDay != day && (c.EndsOn == null || c.EndsOn > c.BilledUntil))
            .OrderBy(c => c.Label).ThenBy(c => c.Id).ToListAsync(ct);
        return (new BillingDayQuote(day, other.ConvertAll(c => LineOf(c, day, rules, taxes, today))), other.ConvertAll(c => c.Id));
    }

    /// <param name="contract">A copy that is not saved: it is billed on the new day to see what comes of it.</param>
    private static BillingDayLine LineOf(Contract contract, int day, BillingRules rules, IReadOnlyDictionary<Guid, PackageTax> taxes, DateOnly today)
    {
        var before = contract.BillingDay;
        contract.BillOn(day);
        var (from, period) = (contract.BilledUntil, contract.PeriodOf(contract.BilledUntil));
        var until = contract.EndsOn is { } ends && ends < period.End ? ends : period.End;
        var lines = new List<LineDraft>();
        BillingEngine.AddDays(BillingSnapshot.FactsOf(contract, taxes), rules, from, until, lines);
        var due = contract.Mode is BillingMode.Postpaid ? until : from;
        return new BillingDayLine(contract.SubscriptionId, contract.Label, before, day, from, until, period.Days, new Money(lines.Sum(l => l.Split.Total.Minor)), due > today ? due : today);
    }
}
