using DataDefender.Domain.Common;

namespace DataDefender.Domain.Ledger;

/// <summary>The chart of accounts. Each company has each once in its currency; clearing, cash and bank accounts once a channel.</summary>
public enum AccountKind
{
    /// <summary>What clients owe. Each line names its client.</summary>
    Receivable,

    /// <summary>Money that a provider has taken and not yet paid out; one account a channel.</summary>
    Clearing,
    Cash,
    Bank,

    /// <summary>Money that clients paid ahead. Each line names its client.</summary>
    Wallet,

    /// <summary>Credit that the company gave away. Each line names its client.</summary>
    GrantedWallet,

    /// <summary>What was billed for time that has not passed.</summary>
    DeferredRevenue,
    VatPayable,
    ExcisePayable,

    /// <summary>Money without an owner.</summary>
    Suspense,

    /// <summary>What clients left as security. Each line names its client.</summary>
    Deposits,
    Revenue,

    /// <summary>What was credited after it had been billed, against revenue.</summary>
    CreditNotes,

    /// <summary>What was granted, against revenue.</summary>
    Grants,
    BadDebt,

    /// <summary>What providers of money keep for their service.</summary>
    ProviderFees,

    /// <summary>What a drawer held more or less than the books when it was counted.</summary>
    CashDifference,

    /// <summary>Cents that whole-shilling payments left on invoices, and that were let off.</summary>
    Rounding,

    /// <summary>The counterpart of balances brought in from elsewhere.</summary>
    OpeningBalances,
}

/// <summary>What the chart says of a kind of account.</summary>
public static class Chart
{
    public static bool IsPerClient(AccountKind kind) => kind is AccountKind.Receivable or AccountKind.Wallet or AccountKind.GrantedWallet or AccountKind.Deposits;

    public static bool IsPerChannel(AccountKind kind) => kind is AccountKind.Clearing or AccountKind.Cash or AccountKind.Bank;

    /// <summary>True when a debit makes the balance larger.</summary>
    public static bool IsDebitNormal(AccountKind kind) => kind is AccountKind.Receivable or AccountKind.Clearing or AccountKind.Cash or AccountKind.Bank
        or AccountKind.CreditNotes or AccountKind.Grants or AccountKind.BadDebt or AccountKind.ProviderFees or AccountKind.CashDifference or AccountKind.Rounding;

    /// <summary>The number that accountants sort by.</summary>
    public static string Code(AccountKind kind) => kind switch
    {
        AccountKind.Cash => "1000",
        AccountKind.Bank => "1010",
        AccountKind.Clearing => "1050",
        AccountKind.Receivable => "1100",
        AccountKind.Wallet => "2000",
        AccountKind.GrantedWallet => "2010",
        AccountKind.Deposits => "2050",
        AccountKind.DeferredRevenue => "2100",
        AccountKind.VatPayable => "2200",
        AccountKind.ExcisePayable => "2210",
        AccountKind.Suspense => "2900",
        AccountKind.OpeningBalances => "3000",
        AccountKind.Revenue => "4000",
        AccountKind.CreditNotes => "4100",
        AccountKind.Grants => "4110",
        AccountKind.BadDebt => "5000",
        AccountKind.ProviderFees => "5100",
        AccountKind.CashDifference => "5900",
        AccountKind.Rounding => "5910",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such account."),
    };

    public static string Name(AccountKind kind) => kind switch
    {
        AccountKind.Receivable => "Clients' accounts",
        AccountKind.Clearing => "Provider clearing",
        AccountKind.Wallet => "Wallets, paid",
        AccountKind.GrantedWallet => "Wallets, granted",
        AccountKind.DeferredRevenue => "Deferred revenue",
        AccountKind.VatPayable => "VAT payable",
        AccountKind.ExcisePayable => "Excise payable",
        AccountKind.CreditNotes => "Credit notes",
        AccountKind.BadDebt => "Bad debt",
        AccountKind.ProviderFees => "Provider fees",
        AccountKind.CashDifference => "Cash over and short",
        AccountKind.OpeningBalances => "Opening balances",
        AccountKind.Cash or AccountKind.Bank or AccountKind.Suspense or AccountKind.Deposits or AccountKind.Revenue or AccountKind.Grants or AccountKind.Rounding => kind.ToString(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such account."),
    };
}

/// <summary>One account of a company. Its balance is not kept here: it is the sum of its lines.</summary>
public sealed class LedgerAccount : Entity, ITenantOwned
{
    private LedgerAccount() { }

    public LedgerAccount(Guid tenantId, AccountKind kind, string channel, string currency) =>
        (TenantId, Kind, Channel, Currency, Code) = (tenantId, kind, channel, currency, Chart.Code(kind));

    public Guid TenantId { get; private set; }
    public AccountKind Kind { get; private set; }

    /// <summary>Which provider, desk or bank account; empty for a kind that has none.</summary>
    public string Channel { get; private set; } = "";

    public string Code { get; private set; } = "";
    public string Currency { get; private set; } = "";
}
