using System.Security.Cryptography;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;

namespace DataDefender.Domain.Billing;

public enum LineKind
{
    /// <summary>A period of a subscription.</summary>
    Subscription,
    OneTime,
    Recurring,
    Installation,
    Equipment,

    /// <summary>Security that stays the client's: no revenue and no tax.</summary>
    Deposit,
    Discount,

    /// <summary>The unused rest of a period, given back, or the rest of a period at a new price.</summary>
    Proration,
    EarlyTermination,
    LateFee,
    Adjustment,

    /// <summary>What was owed in the system before.</summary>
    OpeningBalance,
}

/// <summary>What a line of an invoice is to say, priced and with its tax, before the invoice exists.</summary>
/// <param name="Price">All of the line, as the price list has it: with or without tax by the rule. Negative for a discount.</param>
/// <param name="ClientId">Who uses it; another than the invoice's client where a parent pays.</param>
/// <param name="Key">Names what is charged within the company for ever ("line ID from DAY"): it can stand on one invoice only. Null when nothing of the kind is to be kept apart.</param>
public sealed record LineDraft(LineKind Kind, string Description, Money Price, TaxRule Tax, Guid ClientId, Guid? SubscriptionId = null, DateTime? From = null, DateTime? Until = null, string? Key = null)
{
    /// <summary>Revenue is earned over the period and not at once.</summary>
    public bool Deferred { get; init; }

    /// <summary>What is sold, where it is a package.</summary>
    public Guid? PackageId { get; init; }

    public TaxSplit Split { get; } = Tax.Split(Price);
}

/// <summary>A line of an invoice. Frozen when the invoice is issued; only what was credited of it moves.</summary>
public sealed class InvoiceLine : ITenantOwned
{
    private InvoiceLine() { }

    internal InvoiceLine(Guid tenantId, Guid invoiceId, int number, LineDraft draft)
    {
        (TenantId, InvoiceId, Number, Kind, Description) = (tenantId, invoiceId, number, draft.Kind, draft.Description);
        (ClientId, SubscriptionId, From, Until, ChargeKey, Deferred) = (draft.ClientId, draft.SubscriptionId, draft.From, draft.Until, draft.Key, draft.Deferred);
        PackageId = draft.PackageId;
        (Price, Net, Excise, Vat) = (draft.Price, draft.Split.Net, draft.Split.Excise, draft.Split.Vat);
        (TaxBand, ExciseRate, VatRate, VatBase, TaxInclusive) = (draft.Tax.Band, draft.Tax.ExciseRate, draft.Tax.VatRate, draft.Tax.Base, draft.Tax.Inclusive);
    }

    public Guid TenantId { get; private set; }
    public Guid InvoiceId { get; private set; }

    /// <summary>Counts from 1 within the invoice.</summary>
    public int Number { get; private set; }

    public LineKind Kind { get; private set; }
    public string Description { get; private set; } = "";

    /// <summary>Who uses what is charged.</summary>
    public Guid ClientId { get; private set; }

    public Guid? SubscriptionId { get; private set; }
    public DateTime? From { get; private set; }

    /// <summary>The end of the period, exclusive (UTC).</summary>
    public DateTime? Until { get; private set; }

    /// <summary>Unique in the company while the invoice counts, so that nothing is charged twice; see <see cref="LineDraft"/>.</summary>
    public string? ChargeKey { get; private set; }

    /// <summary>The price as it was put in: with or without tax, as <see cref="TaxInclusive"/> says.</summary>
    public Money Price { get; private set; }

    public Money Net { get; private set; }
    public Money Excise { get; private set; }
    public Money Vat { get; private set; }
    public string TaxBand { get; private set; } = "";

    /// <summary>Hundredths of a percent.</summary>
    public int ExciseRate { get; private set; }

    /// <summary>Hundredths of a percent.</summary>
    public int VatRate { get; private set; }

    public VatBase VatBase { get; private set; }
    public bool TaxInclusive { get; private set; }

    /// <summary>Revenue of this line is earned over its period.</summary>
    public bool Deferred { get; private set; }

    /// <summary>The package that the line had when it was billed; null for what belongs to no line.</summary>
    public Guid? PackageId { get; private set; }

    /// <summary>The site that the line counted for when it was billed.</summary>
    public Guid? SiteId { get; private set; }

    /// <summary>How much of the line, with tax, credit notes have taken back.</summary>
    public Money Credited { get; private set; }

    /// <summary>How much of the net amount was earned over time and is revenue now; only of a deferred line.</summary>
    public Money Earned { get; private set; }

    /// <summary>How much of the net amount credit notes took back before it was earned.</summary>
    public Money CreditedAhead { get; private set; }

    /// <summary>The first day whose revenue is still to be earned, where the company is; null when nothing is.</summary>
    public DateOnly? UnearnedFrom { get; private set; }

    /// <summary>What of the net amount still waits among deferred revenue.</summary>
    public Money Unearned => Deferred ? Net - Earned - CreditedAhead : Money.Zero;

    public TaxSplit Split => new(Net, Excise, Vat);

    public Money Total => Net + Excise + Vat;

    /// <summary>What can still be credited. A discount cannot be: it is credited with the line that it lowers, by crediting less of that.</summary>
    public Money Creditable => Total > Money.Zero ? Total - Credited : Money.Zero;

    /// <summary>Where the net amount is posted.</summary>
    public AccountKind Account => Kind is LineKind.Deposit ? AccountKind.Deposits : Kind is LineKind.OpeningBalance ? AccountKind.OpeningBalances : Deferred ? AccountKind.DeferredRevenue : AccountKind.Revenue;

    /// <summary>
    /// Takes an amount of the line back and says what parts it had, and how much of the net part was not earned yet; the parts of all credits
    /// of a line add up to the line.
    /// </summary>
    internal (TaxSplit Parts, Money Ahead) Credit(Money amount)
    {
        if (amount <= Money.Zero || amount > Creditable)
        {
            throw new DomainException("credit.amount", $"Of “{Description}” {Creditable} can still be credited, not {amount}.");
        }

        var before = Split.UpTo(Credited);
        Credited += amount;
        var parts = Split.UpTo(Credited) - before;
        var ahead = Unearned <= Money.Zero ? Money.Zero : parts.Net < Unearned ? parts.Net : Unearned;
        CreditedAhead += ahead;
        return (parts, ahead);
    }

    /// <summary>It is issued: what it counts for is frozen, and from which day a deferred one is earned.</summary>
    internal void Place(Guid? packageId, Guid? siteId, DateOnly? firstDay) => (PackageId, SiteId, UnearnedFrom) = (PackageId ?? packageId, siteId, Deferred ? firstDay : null);

    /// <summary>Earns the days up to one (exclusive) of a period that ends on another, and returns how much that is.</summary>
    internal Money Earn(DateOnly until, DateOnly end)
    {
        if (UnearnedFrom is not { } from || until <= from)
        {
            return Money.Zero;
        }

        var last = until < end ? until : end;
        var share = last == end ? Unearned : Proration.Slice(Unearned, new BillingPeriod(from, end), from, last);
        (Earned, UnearnedFrom) = (Earned + share, last == end ? null : last);
        return share;
    }

    /// <summary>Its invoice is void: nothing is left to be earned. Returns what was.</summary>
    internal Money Unearn()
    {
        var earned = Earned;
        (Earned, UnearnedFrom) = (Money.Zero, null);
        return earned;
    }

    /// <summary>What the line charged may be charged anew: its invoice is void.</summary>
    internal void FreeKey() => ChargeKey = null;

    internal void AppendTo(IncrementalHash hash)
    {
        hash.Number(Number);
        hash.Text(Kind.ToString());
        hash.Text(Description);
        hash.Bytes(ClientId.ToByteArray());
        hash.Bytes(SubscriptionId?.ToByteArray() ?? []);
        hash.Number(From?.Ticks ?? 0);
        hash.Number(Until?.Ticks ?? 0);
        hash.Number(Price.Minor);
        hash.Number(Net.Minor);
        hash.Number(Excise.Minor);
        hash.Number(Vat.Minor);
        hash.Text(TaxBand);
        hash.Number(ExciseRate);
        hash.Number(VatRate);
        hash.Text(VatBase.ToString());
        hash.Number(TaxInclusive ? 1 : 0);
        hash.Number(Deferred ? 1 : 0);
        hash.Bytes(PackageId?.ToByteArray() ?? []);
        hash.Bytes(SiteId?.ToByteArray() ?? []);
    }
}
