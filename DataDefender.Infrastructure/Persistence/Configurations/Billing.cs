using DataDefender.Domain.Billing;
using DataDefender.Domain.Billing.Revenue;
using DataDefender.Domain.Billing.TaxInvoices;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataDefender.Infrastructure.Persistence.Configurations;

internal sealed class InvoiceConfiguration : IEntityTypeConfiguration<Invoice>
{
    public void Configure(EntityTypeBuilder<Invoice> invoice)
    {
        invoice.ToTable("invoices");
        invoice.Ignore(i => i.Balance).Ignore(i => i.IsOpen).Ignore(i => i.Label).Ignore(i => i.Creditable);
        invoice.Property(i => i.Currency).HasMaxLength(3);
        invoice.Property(i => i.Origin).HasMaxLength(120);
        invoice.Property(i => i.Reference).HasMaxLength(40);
        invoice.Property(i => i.Series).HasMaxLength(8);
        invoice.Property(i => i.StatusReason).HasMaxLength(500);
        invoice.Property(i => i.ContentHash).HasMaxLength(JournalTransaction.HashBytes);
        invoice.Property(i => i.TaxControlNumber).HasMaxLength(60);
        invoice.Property(i => i.TaxVerificationUrl).HasMaxLength(500);
        invoice.Property(i => i.TaxMessage).HasMaxLength(500);
        invoice.ComplexProperty(i => i.Net);
        invoice.ComplexProperty(i => i.Excise);
        invoice.ComplexProperty(i => i.Vat);
        invoice.ComplexProperty(i => i.Total);
        invoice.ComplexProperty(i => i.Paid);
        invoice.ComplexProperty(i => i.Credited);
        invoice.ComplexProperty(i => i.Returned);
        invoice.ComplexProperty(i => i.WrittenOff);
        invoice.ComplexProperty(i => i.Rounded);
        invoice.HasOne<Client>().WithMany().HasForeignKey(i => new { i.TenantId, i.ClientId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);
        invoice.HasMany(i => i.Lines).WithOne().HasForeignKey(l => new { l.TenantId, l.InvoiceId }).HasPrincipalKey(i => new { i.TenantId, i.Id }).OnDelete(DeleteBehavior.Restrict);
        invoice.HasIndex(i => new { i.TenantId, i.Series, i.FiscalYear, i.Number }).IsUnique().HasFilter("number IS NOT NULL");
        invoice.HasIndex(i => new { i.TenantId, i.Reference }).IsUnique().HasFilter("reference IS NOT NULL");
        invoice.HasIndex(i => new { i.TenantId, i.ClientId, i.Status });
        invoice.HasIndex(i => new { i.TenantId, i.Status, i.DueOn });
        invoice.HasIndex(i => new { i.TenantId, i.IssuedOn });
        invoice.HasIndex(i => new { i.TenantId, i.TaxState }).HasFilter("tax_state <> 'None'");
    }
}

internal sealed class InvoiceLineConfiguration : IEntityTypeConfiguration<InvoiceLine>
{
    public void Configure(EntityTypeBuilder<InvoiceLine> line)
    {
        line.ToTable("invoice_lines");
        line.Ignore(l => l.Split).Ignore(l => l.Total).Ignore(l => l.Creditable).Ignore(l => l.Account).Ignore(l => l.Unearned);
        line.HasKey(l => new { l.TenantId, l.InvoiceId, l.Number });
        line.Property(l => l.Number).ValueGeneratedNever();
        line.Property(l => l.Description).HasMaxLength(300);
        line.Property(l => l.ChargeKey).HasMaxLength(120);
        line.Property(l => l.TaxBand).HasMaxLength(4);
        line.ComplexProperty(l => l.Price);
        line.ComplexProperty(l => l.Net);
        line.ComplexProperty(l => l.Excise);
        line.ComplexProperty(l => l.Vat);
        line.ComplexProperty(l => l.Credited);
        line.HasOne<Client>().WithMany().HasForeignKey(l => new { l.TenantId, l.ClientId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);
        line.HasOne<Subscription>().WithMany().HasForeignKey(l => new { l.TenantId, l.SubscriptionId }).HasPrincipalKey(s => new { s.TenantId, s.Id }).OnDelete(DeleteBehavior.Restrict);
        line.HasIndex(l => new { l.TenantId, l.InvoiceId });
        line.HasIndex(l => new { l.TenantId, l.ChargeKey }).IsUnique().HasFilter("charge_key IS NOT NULL");
        line.ComplexProperty(l => l.Earned);
        line.ComplexProperty(l => l.CreditedAhead);
        line.HasIndex(l => new { l.TenantId, l.SubscriptionId, l.From });
        line.HasIndex(l => new { l.TenantId, l.UnearnedFrom }).HasFilter("unearned_from IS NOT NULL");
    }
}

internal sealed class EarnedRevenueConfiguration : IEntityTypeConfiguration<EarnedRevenue>
{
    public void Configure(EntityTypeBuilder<EarnedRevenue> earned)
    {
        const string table = "earned_revenue";
        earned.ToTable(table, t => t.HasTrigger(RowPolicies.AppendOnlyTrigger(table)));
        earned.HasKey(e => new { e.InvoiceId, e.Line, e.Month });
        earned.Property(e => e.Line).ValueGeneratedNever();
        earned.ComplexProperty(e => e.Amount);
        earned.HasOne<Invoice>().WithMany().HasForeignKey(e => new { e.TenantId, e.InvoiceId }).HasPrincipalKey(i => new { i.TenantId, i.Id }).OnDelete(DeleteBehavior.Restrict);
        earned.HasOne<JournalTransaction>().WithMany().HasForeignKey(e => new { e.TenantId, e.Sequence }).OnDelete(DeleteBehavior.Restrict);
        earned.HasIndex(e => new { e.TenantId, e.Month });
    }
}

internal sealed class CreditNoteConfiguration : IEntityTypeConfiguration<CreditNote>
{
    public void Configure(EntityTypeBuilder<CreditNote> note)
    {
        note.ToTable("credit_notes");
        note.Ignore(n => n.AuditLabel);
        note.Property(n => n.InvoiceReference).HasMaxLength(40);
        note.Property(n => n.Currency).HasMaxLength(3);
        note.Property(n => n.Series).HasMaxLength(8);
        note.Property(n => n.Reference).HasMaxLength(40);
        note.Property(n => n.Reason).HasMaxLength(500);
        note.Property(n => n.ContentHash).HasMaxLength(JournalTransaction.HashBytes);
        note.Property(n => n.TaxControlNumber).HasMaxLength(60);
        note.Property(n => n.TaxVerificationUrl).HasMaxLength(500);
        note.Property(n => n.TaxMessage).HasMaxLength(500);
        note.ComplexProperty(n => n.Net);
        note.ComplexProperty(n => n.Excise);
        note.ComplexProperty(n => n.Vat);
        note.ComplexProperty(n => n.Total);
        note.ComplexProperty(n => n.ToWallet);
        note.HasOne<Invoice>().WithMany().HasForeignKey(n => new { n.TenantId, n.InvoiceId }).HasPrincipalKey(i => new { i.TenantId, i.Id }).OnDelete(DeleteBehavior.Restrict);
        note.HasMany(n => n.Lines).WithOne().HasForeignKey(l => new { l.TenantId, l.CreditNoteId }).HasPrincipalKey(n => new { n.TenantId, n.Id }).OnDelete(DeleteBehavior.Restrict);
        note.HasIndex(n => new { n.TenantId, n.Series, n.FiscalYear, n.Number }).IsUnique();
        note.HasIndex(n => new { n.TenantId, n.ClientId, n.IssuedOn });
    }
}

internal sealed class CreditNoteLineConfiguration : IEntityTypeConfiguration<CreditNoteLine>
{
    public void Configure(EntityTypeBuilder<CreditNoteLine> line)
    {
        line.ToTable("credit_note_lines");
        line.Ignore(l => l.Total);
        line.ComplexProperty(l => l.Ahead);
        line.HasKey(l => new { l.CreditNoteId, l.InvoiceLine });
        line.Property(l => l.InvoiceLine).ValueGeneratedNever();
        line.Property(l => l.Description).HasMaxLength(300);
        line.Property(l => l.TaxBand).HasMaxLength(4);
        line.ComplexProperty(l => l.Net);
        line.ComplexProperty(l => l.Excise);
        line.ComplexProperty(l => l.Vat);
    }
}

internal sealed class TaxRateConfiguration : IEntityTypeConfiguration<TaxRate>
{
    public void Configure(EntityTypeBuilder<TaxRate> rate)
    {
        rate.ToTable("tax_rates");
        rate.Ignore(r => r.AuditLabel);
        rate.Property(r => r.Band).HasMaxLength(4);
        rate.HasIndex(r => new { r.TenantId, r.Tax, r.Band, r.From }).IsUnique();
    }
}

internal sealed class BillingSettingsConfiguration : IEntityTypeConfiguration<BillingSettings>
{
    public void Configure(EntityTypeBuilder<BillingSettings> settings)
    {
        settings.ToTable("billing_settings");
        settings.Ignore(s => s.AuditLabel).Ignore(s => s.TaxStatus);
        settings.ComplexProperty(s => s.RoundingTolerance);
        settings.Property(s => s.InvoiceSeries).HasMaxLength(8);
        settings.Property(s => s.CreditSeries).HasMaxLength(8);
        settings.Property(s => s.TaxPin).HasMaxLength(11);
        settings.Property(s => s.Paybill).HasMaxLength(7);
        settings.Property(s => s.BrandColour).HasMaxLength(7);
        settings.Property(s => s.Footer).HasMaxLength(500);
        settings.Property(s => s.BankDetails).HasMaxLength(500);
        settings.HasIndex(s => s.TenantId).IsUnique();
    }
}

internal sealed class ContractConfiguration : IEntityTypeConfiguration<Contract>
{
    public void Configure(EntityTypeBuilder<Contract> contract)
    {
        contract.ToTable("contracts");
        contract.Ignore(c => c.AuditLabel);
        contract.Property(c => c.Label).HasMaxLength(64);
        contract.Property(c => c.Terms).IsJsonValue(ContractTerms.None);
        contract.Property(c => c.DiscountName).HasMaxLength(80);
        contract.ComplexProperty(c => c.EarlyTerminationFee);
        contract.HasOne<Subscription>().WithMany().HasForeignKey(c => new { c.TenantId, c.SubscriptionId }).HasPrincipalKey(s => new { s.TenantId, s.Id }).OnDelete(DeleteBehavior.Restrict);
        contract.HasOne<Client>().WithMany().HasForeignKey(c => new { c.TenantId, c.ClientId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);
        contract.HasIndex(c => new { c.TenantId, c.SubscriptionId }).IsUnique();
        contract.HasIndex(c => new { c.TenantId, c.ClientId });
        contract.HasIndex(c => new { c.TenantId, c.BilledUntil });
    }
}

internal sealed class ChargeConfiguration : IEntityTypeConfiguration<Charge>
{
    public void Configure(EntityTypeBuilder<Charge> charge)
    {
        charge.ToTable("charges");
        charge.Ignore(c => c.AuditLabel);
        charge.Property(c => c.TaxBand).HasMaxLength(4);
        charge.ComplexProperty(c => c.Price);
        charge.HasOne<Client>().WithMany().HasForeignKey(c => new { c.TenantId, c.ClientId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);
        charge.HasOne<Subscription>().WithMany().HasForeignKey(c => new { c.TenantId, c.SubscriptionId }).HasPrincipalKey(s => new { s.TenantId, s.Id }).OnDelete(DeleteBehavior.Restrict);
        charge.HasIndex(c => new { c.TenantId, c.ClientId, c.State });
    }
}

internal sealed class CouponConfiguration : IEntityTypeConfiguration<Coupon>
{
    public void Configure(EntityTypeBuilder<Coupon> coupon)
    {
        coupon.ToTable("coupons");
        coupon.Ignore(c => c.AuditLabel);
        coupon.Property(c => c.Code).HasMaxLength(30);
        coupon.ComplexProperty(c => c.Amount);
        coupon.HasIndex(c => new { c.TenantId, c.Code }).IsUnique();
    }
}

internal sealed class CouponUseConfiguration : IEntityTypeConfiguration<CouponUse>
{
    public void Configure(EntityTypeBuilder<CouponUse> use)
    {
        use.ToTable("coupon_uses");
        use.HasOne<Coupon>().WithMany().HasForeignKey(u => new { u.TenantId, u.CouponId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);
        use.HasOne<Client>().WithMany().HasForeignKey(u => new { u.TenantId, u.ClientId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);
        use.HasOne<Subscription>().WithMany().HasForeignKey(u => new { u.TenantId, u.SubscriptionId }).HasPrincipalKey(s => new { s.TenantId, s.Id }).OnDelete(DeleteBehavior.Restrict);
        use.HasIndex(u => new { u.TenantId, u.CouponId, u.SubscriptionId }).IsUnique();
        use.HasIndex(u => new { u.TenantId, u.CouponId, u.At });
    }
}

internal sealed class TaxTransmissionConfiguration : IEntityTypeConfiguration<TaxTransmission>
{
    public void Configure(EntityTypeBuilder<TaxTransmission> transmission)
    {
        transmission.ToTable("tax_transmissions");
        transmission.Property(t => t.Reference).HasMaxLength(60);
        transmission.Property(t => t.ResultCode).HasMaxLength(40);
        transmission.Property(t => t.Message).HasMaxLength(500);
        transmission.Property(t => t.ControlNumber).HasMaxLength(60);
        transmission.HasOne<Invoice>().WithMany().HasForeignKey(t => new { t.TenantId, t.InvoiceId }).HasPrincipalKey(i => new { i.TenantId, i.Id }).OnDelete(DeleteBehavior.Restrict);
        transmission.HasIndex(t => new { t.TenantId, t.Sequence }).IsUnique();
        transmission.HasIndex(t => new { t.TenantId, t.Kind, t.DocumentId }).IsUnique();
        transmission.HasIndex(t => new { t.TenantId, t.State, t.Sequence });
    }
}

internal sealed class TaxDeviceConfiguration : IEntityTypeConfiguration<TaxDevice>
{
    public void Configure(EntityTypeBuilder<TaxDevice> device)
    {
        device.ToTable("tax_devices");
        device.Ignore(d => d.AuditLabel).Ignore(d => d.IsConnected);
        device.Property(d => d.BaseUrl).HasMaxLength(300);
        device.Property(d => d.BranchId).HasMaxLength(2);
        device.Property(d => d.SerialNumber).HasMaxLength(60);
        device.Property(d => d.ItemCode).HasMaxLength(20);
        device.Property(d => d.ItemClass).HasMaxLength(10);
        device.Property(d => d.KeyCipher).HasMaxLength(600);
        device.HasIndex(d => d.TenantId).IsUnique();
    }
}

internal sealed class BillingProfileConfiguration : IEntityTypeConfiguration<BillingProfile>
{
    public void Configure(EntityTypeBuilder<BillingProfile> profile)
    {
        profile.ToTable("billing_profiles");
        profile.Ignore(p => p.AuditLabel);
        profile.Property(p => p.TaxPin).HasMaxLength(11);
        profile.HasOne<Client>().WithMany().HasForeignKey(p => new { p.TenantId, p.ClientId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);
        profile.HasOne<Client>().WithMany().HasForeignKey(p => new { p.TenantId, p.ParentId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);
        profile.HasIndex(p => new { p.TenantId, p.ClientId }).IsUnique();
        profile.HasIndex(p => new { p.TenantId, p.ParentId });
    }
}

internal sealed class PackageTermsConfiguration : IEntityTypeConfiguration<PackageTerms>
{
    public void Configure(EntityTypeBuilder<PackageTerms> terms)
    {
        terms.ToTable("package_terms");
        terms.Ignore(t => t.AuditLabel);
        terms.Property(t => t.TaxBand).HasMaxLength(4);
        terms.ComplexProperty(t => t.InstallationFee);
        terms.ComplexProperty(t => t.Deposit);
        terms.ComplexProperty(t => t.UpgradeFee);
        terms.ComplexProperty(t => t.DowngradeFee);
        terms.ComplexProperty(t => t.EarlyTerminationFee);
        terms.HasOne<ServicePackage>().WithMany().HasForeignKey(t => new { t.TenantId, t.PackageId }).HasPrincipalKey(p => new { p.TenantId, p.Id }).OnDelete(DeleteBehavior.Restrict);
        terms.HasIndex(t => new { t.TenantId, t.PackageId }).IsUnique();
    }
}

internal sealed class BillingRunConfiguration : IEntityTypeConfiguration<BillingRun>
{
    public void Configure(EntityTypeBuilder<BillingRun> run)
    {
        run.ToTable("billing_runs");
        run.Ignore(r => r.AuditLabel).Ignore(r => r.Total).Ignore(r => r.Origin);
        run.Property(r => r.LinesHash).HasMaxLength(JournalTransaction.HashBytes);
        run.Property(r => r.Reason).HasMaxLength(1000);
        run.ComplexProperty(r => r.Net);
        run.ComplexProperty(r => r.Excise);
        run.ComplexProperty(r => r.Vat);
        run.ComplexProperty(r => r.PreviousTotal);
        run.HasIndex(r => new { r.TenantId, r.Number }).IsUnique();
        run.HasIndex(r => new { r.TenantId, r.AsOf });
    }
}

internal sealed class RunBillConfiguration : IEntityTypeConfiguration<RunBill>
{
    public void Configure(EntityTypeBuilder<RunBill> bill)
    {
        bill.ToTable("run_bills");
        bill.Ignore(b => b.Total);
        bill.HasKey(b => new { b.RunId, b.ClientId });
        bill.Property(b => b.Lines).IsJsonValue(RunLines.None);
        bill.Property(b => b.Reasons).HasMaxLength(300);
        bill.Property(b => b.InputHash).HasMaxLength(JournalTransaction.HashBytes);
        bill.Property(b => b.LinesHash).HasMaxLength(JournalTransaction.HashBytes);
        bill.ComplexProperty(b => b.Net);
        bill.ComplexProperty(b => b.Excise);
        bill.ComplexProperty(b => b.Vat);
        bill.HasOne<BillingRun>().WithMany().HasForeignKey(b => new { b.TenantId, b.RunId }).HasPrincipalKey(r => new { r.TenantId, r.Id }).OnDelete(DeleteBehavior.Restrict);
        bill.HasOne<Client>().WithMany().HasForeignKey(b => new { b.TenantId, b.ClientId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);
        bill.HasIndex(b => new { b.TenantId, b.RunId, b.State, b.ClientId });
        bill.HasIndex(b => new { b.TenantId, b.ClientId, b.State });
    }
}
