using DataDefender.Domain.Billing;
using DataDefender.Domain.Billing.Revenue;
using DataDefender.Domain.Billing.TaxInvoices;
using DataDefender.Domain.Ledger;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Persistence;

public abstract partial class DataDefenderDbContext
{
    public DbSet<LedgerAccount> LedgerAccounts => Set<LedgerAccount>();
    public DbSet<JournalTransaction> JournalTransactions => Set<JournalTransaction>();
    public DbSet<JournalLine> JournalLines => Set<JournalLine>();
    public DbSet<LedgerHead> LedgerHeads => Set<LedgerHead>();
    public DbSet<LedgerSeal> LedgerSeals => Set<LedgerSeal>();
    public DbSet<LedgerSnapshot> LedgerSnapshots => Set<LedgerSnapshot>();
    public DbSet<LedgerSealKey> LedgerSealKeys => Set<LedgerSealKey>();
    public DbSet<Invoice> Invoices => Set<Invoice>();
    public DbSet<InvoiceLine> InvoiceLines => Set<InvoiceLine>();
    public DbSet<EarnedRevenue> EarnedRevenue => Set<EarnedRevenue>();
    public DbSet<CreditNote> CreditNotes => Set<CreditNote>();
    public DbSet<CreditNoteLine> CreditNoteLines => Set<CreditNoteLine>();
    public DbSet<TaxRate> TaxRates => Set<TaxRate>();
    public DbSet<BillingSettings> BillingSettings => Set<BillingSettings>();
    public DbSet<BillingProfile> BillingProfiles => Set<BillingProfile>();
    public DbSet<PackageTerms> PackageTerms => Set<PackageTerms>();
    public DbSet<Contract> Contracts => Set<Contract>();
    public DbSet<Charge> Charges => Set<Charge>();
    public DbSet<Coupon> Coupons => Set<Coupon>();
    public DbSet<CouponUse> CouponUses => Set<CouponUse>();
    public DbSet<TaxTransmission> TaxTransmissions => Set<TaxTransmission>();
    public DbSet<TaxDevice> TaxDevices => Set<TaxDevice>();
    public DbSet<BillingRun> BillingRuns => Set<BillingRun>();
    public DbSet<RunBill> RunBills => Set<RunBill>();

    public Task<LedgerTurn> TakeLedgerTurnAsync(CancellationToken ct = default) => LedgerLock.TakeAsync(this, Actor.Name, _clock, ct);
}
