using DataDefender.Domain.Billing;
using DataDefender.Domain.Billing.Revenue;
using DataDefender.Domain.Billing.TaxInvoices;
using DataDefender.Domain.Ledger;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Common;

public partial interface IDataDefenderDb
{
    DbSet<LedgerAccount> LedgerAccounts { get; }
    DbSet<JournalTransaction> JournalTransactions { get; }
    DbSet<JournalLine> JournalLines { get; }
    DbSet<LedgerHead> LedgerHeads { get; }
    DbSet<LedgerSeal> LedgerSeals { get; }
    DbSet<LedgerSnapshot> LedgerSnapshots { get; }
    DbSet<LedgerSealKey> LedgerSealKeys { get; }
    DbSet<Invoice> Invoices { get; }
    DbSet<InvoiceLine> InvoiceLines { get; }
    DbSet<EarnedRevenue> EarnedRevenue { get; }
    DbSet<CreditNote> CreditNotes { get; }
    DbSet<CreditNoteLine> CreditNoteLines { get; }
    DbSet<TaxRate> TaxRates { get; }
    DbSet<BillingSettings> BillingSettings { get; }
    DbSet<BillingProfile> BillingProfiles { get; }
    DbSet<PackageTerms> PackageTerms { get; }
    DbSet<Contract> Contracts { get; }
    DbSet<Charge> Charges { get; }
    DbSet<Coupon> Coupons { get; }
    DbSet<CouponUse> CouponUses { get; }
    DbSet<TaxTransmission> TaxTransmissions { get; }
    DbSet<TaxDevice> TaxDevices { get; }
    DbSet<BillingRun> BillingRuns { get; }
    DbSet<RunBill> RunBills { get; }

    /// <summary>
    /// Begins a transaction in which nobody else writes in this company's books: takes it before it reads an invoice, a wallet or a number
    /// that it is going to move. Not for a context that is in a transaction, nor for one of the platform.
    /// </summary>
    Task<LedgerTurn> TakeLedgerTurnAsync(CancellationToken ct = default);
}
