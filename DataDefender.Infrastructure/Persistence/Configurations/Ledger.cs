using DataDefender.Domain.Clients;
using DataDefender.Domain.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataDefender.Infrastructure.Persistence.Configurations;

internal sealed class LedgerAccountConfiguration : IEntityTypeConfiguration<LedgerAccount>
{
    public void Configure(EntityTypeBuilder<LedgerAccount> account)
    {
        account.ToTable("ledger_accounts");
        account.Property(a => a.Channel).HasMaxLength(60);
        account.Property(a => a.Code).HasMaxLength(10);
        account.Property(a => a.Currency).HasMaxLength(3);
        account.HasIndex(a => new { a.TenantId, a.Kind, a.Channel }).IsUnique();
    }
}

internal sealed class JournalTransactionConfiguration : IEntityTypeConfiguration<JournalTransaction>
{
    public void Configure(EntityTypeBuilder<JournalTransaction> transaction)
    {
        const string table = "journal_transactions";
        transaction.ToTable(table, t => t.HasTrigger(RowPolicies.AppendOnlyTrigger(table)));
        transaction.HasKey(t => new { t.TenantId, t.Sequence });
        transaction.Property(t => t.Sequence).ValueGeneratedNever();
        transaction.Property(t => t.NaturalKey).HasMaxLength(120);
        transaction.Property(t => t.Kind).HasMaxLength(60);
        transaction.Property(t => t.Memo).HasMaxLength(JournalTransaction.MaxMemo);
        transaction.Property(t => t.SourceType).HasMaxLength(60);
        transaction.Property(t => t.ContentHash).HasMaxLength(JournalTransaction.HashBytes);
        transaction.Property(t => t.PreviousHash).HasMaxLength(JournalTransaction.HashBytes);
        transaction.Property(t => t.Hash).HasMaxLength(JournalTransaction.HashBytes);
        transaction.HasMany(t => t.Lines).WithOne().HasForeignKey(l => new { l.TenantId, l.Sequence }).OnDelete(DeleteBehavior.Restrict);
        transaction.HasIndex(t => new { t.TenantId, t.NaturalKey }).IsUnique();
        transaction.HasIndex(t => new { t.TenantId, t.Reverses }).IsUnique().HasFilter("reverses IS NOT NULL");
        transaction.HasIndex(t => new { t.TenantId, t.EffectiveOn });
        transaction.HasIndex(t => new { t.TenantId, t.SourceId });
    }
}

internal sealed class JournalLineConfiguration : IEntityTypeConfiguration<JournalLine>
{
    public void Configure(EntityTypeBuilder<JournalLine> line)
    {
        const string table = "journal_lines";
        line.ToTable(table, t =>
        {
            t.HasTrigger(RowPolicies.AppendOnlyTrigger(table));
            t.HasCheckConstraint("ck_journal_lines_one_side", "debit_minor >= 0 AND credit_minor >= 0 AND debit_minor + credit_minor > 0 AND (debit_minor = 0 OR credit_minor = 0)");
        });
        line.HasKey(l => new { l.TenantId, l.Sequence, l.Number });
        line.Property(l => l.Sequence).ValueGeneratedNever();
        line.Property(l => l.Number).ValueGeneratedNever();
        line.ComplexProperty(l => l.Debit);
        line.ComplexProperty(l => l.Credit);
        line.HasOne<LedgerAccount>().WithMany().HasForeignKey(l => new { l.TenantId, l.AccountId }).HasPrincipalKey(a => new { a.TenantId, a.Id }).OnDelete(DeleteBehavior.Restrict);
        line.HasOne<Client>().WithMany().HasForeignKey(l => new { l.TenantId, l.ClientId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);
        line.HasIndex(l => new { l.TenantId, l.AccountId, l.Sequence });
        line.HasIndex(l => new { l.TenantId, l.ClientId, l.AccountId }).HasFilter("client_id IS NOT NULL");
    }
}

internal sealed class LedgerHeadConfiguration : IEntityTypeConfiguration<LedgerHead>
{
    public void Configure(EntityTypeBuilder<LedgerHead> head)
    {
        head.ToTable("ledger_heads");
        head.HasKey(h => h.TenantId);
        head.Property(h => h.Hash).HasMaxLength(JournalTransaction.HashBytes);
    }
}

internal sealed class LedgerSealConfiguration : IEntityTypeConfiguration<LedgerSeal>
{
    public void Configure(EntityTypeBuilder<LedgerSeal> seal)
    {
        const string table = "ledger_seals";
        seal.ToTable(table, t => t.HasTrigger(RowPolicies.AppendOnlyTrigger(table)));
        seal.HasKey(s => new { s.TenantId, s.Day });
        seal.Property(s => s.HeadHash).HasMaxLength(JournalTransaction.HashBytes);
        seal.Property(s => s.PreviousRoot).HasMaxLength(JournalTransaction.HashBytes);
        seal.Property(s => s.Root).HasMaxLength(JournalTransaction.HashBytes);
        seal.Property(s => s.Signature).HasMaxLength(80);
        seal.HasOne<LedgerSealKey>().WithMany().HasForeignKey(s => new { s.TenantId, s.KeyId }).HasPrincipalKey(k => new { k.TenantId, k.Id }).OnDelete(DeleteBehavior.Restrict);
        seal.HasIndex(s => new { s.TenantId, s.Sequence }).IsUnique();
    }
}

internal sealed class LedgerSnapshotConfiguration : IEntityTypeConfiguration<LedgerSnapshot>
{
    public void Configure(EntityTypeBuilder<LedgerSnapshot> snapshot)
    {
        const string table = "ledger_snapshots";
        snapshot.ToTable(table, t => t.HasTrigger(RowPolicies.AppendOnlyTrigger(table)));
        snapshot.HasKey(s => new { s.TenantId, s.Day, s.AccountId });
        snapshot.ComplexProperty(s => s.Debit);
        snapshot.ComplexProperty(s => s.Credit);
        snapshot.HasOne<LedgerSeal>().WithMany().HasForeignKey(s => new { s.TenantId, s.Day }).OnDelete(DeleteBehavior.Restrict);
        snapshot.HasOne<LedgerAccount>().WithMany().HasForeignKey(s => new { s.TenantId, s.AccountId }).HasPrincipalKey(a => new { a.TenantId, a.Id }).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class LedgerSealKeyConfiguration : IEntityTypeConfiguration<LedgerSealKey>
{
    public void Configure(EntityTypeBuilder<LedgerSealKey> key)
    {
        key.ToTable("ledger_seal_keys");
        key.Ignore(k => k.Fingerprint);
        key.Property(k => k.PublicKey).HasMaxLength(200);
        key.Property(k => k.PrivateKeyCipher).HasMaxLength(600);
    }
}
