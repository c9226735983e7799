using DataDefender.Domain.Clients;
using DataDefender.Domain.Payments;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataDefender.Infrastructure.Persistence.Configurations;

internal sealed class PaymentChannelConfiguration : IEntityTypeConfiguration<PaymentChannel>
{
    public void Configure(EntityTypeBuilder<PaymentChannel> channel)
    {
        channel.ToTable("payment_channels");
        channel.Ignore(c => c.AuditLabel).Ignore(c => c.Method).Ignore(c => c.PayTo).Ignore(c => c.CanAskStatus);
        channel.Property(c => c.Name).HasMaxLength(60);
        channel.Property(c => c.ShortCode).HasMaxLength(10);
        channel.Property(c => c.TillNumber).HasMaxLength(10);
        channel.Property(c => c.ClientSecretCipher).HasMaxLength(1000);
        channel.Property(c => c.PasskeyCipher).HasMaxLength(1000);
        channel.Property(c => c.InitiatorCipher).HasMaxLength(2000);
        channel.Property(c => c.CallbackSecretCipher).HasMaxLength(500);
        channel.Property(c => c.Options).IsJsonValue(ChannelOptions.None);
        channel.Property(c => c.Ledger).HasMaxLength(40);
        channel.HasIndex(c => new { c.TenantId, c.Name }).IsUnique();
        channel.HasIndex(c => new { c.TenantId, c.Ledger }).IsUnique();
    }
}

internal sealed class PaymentIntentConfiguration : IEntityTypeConfiguration<PaymentIntent>
{
    public void Configure(EntityTypeBuilder<PaymentIntent> intent)
    {
        intent.ToTable("payment_intents");
        intent.Ignore(i => i.IsOpen);
        intent.ComplexProperty(i => i.Amount);
        intent.ComplexProperty(i => i.Received);
        intent.Property(i => i.AccountReference).HasMaxLength(40);
        intent.Property(i => i.IdempotencyKey).HasMaxLength(80);
        intent.Property(i => i.RequestHash).HasMaxLength(64);
        intent.HasOne<Client>().WithMany()
            .HasForeignKey(i => new { i.TenantId, i.ClientId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);
        intent.HasIndex(i => new { i.TenantId, i.IdempotencyKey }).IsUnique();
        intent.HasIndex(i => new { i.TenantId, i.ClientId, i.CreatedAt });
        intent.HasIndex(i => new { i.TenantId, i.Status, i.ExpiresAt });
    }
}

internal sealed class PaymentAttemptConfiguration : IEntityTypeConfiguration<PaymentAttempt>
{
    public void Configure(EntityTypeBuilder<PaymentAttempt> attempt)
    {
        attempt.ToTable("payment_attempts");
        attempt.Ignore(a => a.IsSettled).Ignore(a => a.MayStillBePaid);
        attempt.ComplexProperty(a => a.Amount);
        attempt.Property(a => a.PushId).HasMaxLength(40);
        attempt.Property(a => a.Msisdn).HasMaxLength(20);
        attempt.Property(a => a.AccountReference).HasMaxLength(40);
        attempt.Property(a => a.CheckoutRequestId).HasMaxLength(100);
        attempt.Property(a => a.MerchantRequestId).HasMaxLength(100);
        attempt.Property(a => a.ResultCode).HasMaxLength(60);
        attempt.Property(a => a.ResultText).HasMaxLength(300);
        attempt.HasOne<PaymentIntent>().WithMany()
            .HasForeignKey(a => new { a.TenantId, a.IntentId }).HasPrincipalKey(i => new { i.TenantId, i.Id }).OnDelete(DeleteBehavior.Restrict);
        attempt.HasOne<PaymentChannel>().WithMany()
            .HasForeignKey(a => new { a.TenantId, a.ChannelId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);
        attempt.HasIndex(a => new { a.TenantId, a.PushId }).IsUnique();
        attempt.HasIndex(a => new { a.TenantId, a.CheckoutRequestId });
        attempt.HasIndex(a => new { a.TenantId, a.ClientId, a.CreatedAt });
        attempt.HasIndex(a => new { a.TenantId, a.ChannelId, a.AccountReference });
        attempt.HasIndex(a => a.NextLookAt).HasFilter("next_look_at IS NOT NULL"); // the janitor's queue, of all companies
    }
}

internal sealed class ProviderTransactionConfiguration : IEntityTypeConfiguration<ProviderTransaction>
{
    public void Configure(EntityTypeBuilder<ProviderTransaction> transaction)
    {
        transaction.ToTable("provider_transactions");
        transaction.Ignore(t => t.AuditLabel).Ignore(t => t.Remaining);
        transaction.ComplexProperty(t => t.Amount);
        transaction.ComplexProperty(t => t.GivenBack);
        transaction.ComplexProperty(t => t.GoingBack);
        transaction.Property(t => t.ProposedAmount).HasConversion(money => money!.Value.Minor, minor => new Domain.Common.Money(minor));
        transaction.Property(t => t.Receipt).HasMaxLength(80);
        transaction.Property(t => t.PayerMsisdn).HasMaxLength(64);
        transaction.Property(t => t.PayerName).HasMaxLength(120);
        transaction.Property(t => t.AccountReference).HasMaxLength(64);
        transaction.Property(t => t.Note).HasMaxLength(300);
        transaction.Property(t => t.ProposedReason).HasMaxLength(300);
        transaction.HasOne<PaymentChannel>().WithMany()
            .HasForeignKey(t => new { t.TenantId, t.ChannelId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);
        transaction.HasOne<PaymentAttempt>().WithMany()
            .HasForeignKey(t => new { t.TenantId, t.AttemptId }).HasPrincipalKey(a => new { a.TenantId, a.Id }).OnDelete(DeleteBehavior.Restrict);
        transaction.HasOne<Client>().WithMany()
            .HasForeignKey(t => new { t.TenantId, t.ClientId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);

        // Exactly once: a receipt, and a push, make one row, whatever raced.
        transaction.HasIndex(t => new { t.TenantId, t.Method, t.Receipt }).IsUnique().HasFilter("receipt IS NOT NULL");
        transaction.HasIndex(t => new { t.TenantId, t.AttemptId }).IsUnique().HasFilter("attempt_id IS NOT NULL");
        transaction.HasIndex(t => new { t.TenantId, t.Number }).IsUnique();
        transaction.HasIndex(t => new { t.TenantId, t.RecordedAt });
        transaction.HasIndex(t => new { t.TenantId, t.State, t.StateSince });
        transaction.HasIndex(t => new { t.TenantId, t.ClientId, t.OccurredAt });
        transaction.HasIndex(t => new { t.TenantId, t.ChannelId, t.OccurredAt });
        transaction.HasIndex(t => t.NextLookAt).HasFilter("next_look_at IS NOT NULL"); // what waits for the provider's word, of all companies
    }
}

internal sealed class PaymentAllocationConfiguration : IEntityTypeConfiguration<PaymentAllocation>
{
    public void Configure(EntityTypeBuilder<PaymentAllocation> allocation)
    {
        allocation.ToTable("payment_allocations");
        allocation.ComplexProperty(a => a.Amount);
        allocation.Property(a => a.InvoiceNumber).HasMaxLength(40);
        allocation.HasOne<ProviderTransaction>().WithMany()
            .HasForeignKey(a => new { a.TenantId, a.TransactionId }).HasPrincipalKey(t => new { t.TenantId, t.Id }).OnDelete(DeleteBehavior.Restrict);
        allocation.HasIndex(a => new { a.TenantId, a.TransactionId });
        allocation.HasIndex(a => new { a.TenantId, a.ClientId });
    }
}

internal sealed class PaymentSettingsConfiguration : IEntityTypeConfiguration<PaymentSettings>
{
    public void Configure(EntityTypeBuilder<PaymentSettings> settings)
    {
        settings.ToTable("payment_settings");
        settings.Ignore(s => s.AuditLabel);
        settings.ComplexProperty(s => s.TwoPeopleFrom);
        settings.Property(s => s.CardKeyCipher).HasMaxLength(500);
        settings.HasIndex(s => s.TenantId).IsUnique();
    }
}

internal sealed class RefundConfiguration : IEntityTypeConfiguration<Refund>
{
    public void Configure(EntityTypeBuilder<Refund> refund)
    {
        refund.ToTable("refunds");
        refund.Ignore(r => r.AuditLabel).Ignore(r => r.OrderId).Ignore(r => r.IsOpen);
        refund.ComplexProperty(r => r.Amount);
        refund.Property(r => r.Receipt).HasMaxLength(80);
        refund.Property(r => r.ReceiptBack).HasMaxLength(80);
        refund.Property(r => r.Reason).HasMaxLength(300);
        refund.Property(r => r.WantedBy).HasMaxLength(120);
        refund.Property(r => r.AgreedBy).HasMaxLength(120);
        refund.Property(r => r.ConversationId).HasMaxLength(100);
        refund.Property(r => r.ResultCode).HasMaxLength(60);
        refund.Property(r => r.ResultText).HasMaxLength(300);
        refund.HasOne<ProviderTransaction>().WithMany()
            .HasForeignKey(r => new { r.TenantId, r.TransactionId }).HasPrincipalKey(t => new { t.TenantId, t.Id }).OnDelete(DeleteBehavior.Restrict);
        refund.HasOne<PaymentChannel>().WithMany()
            .HasForeignKey(r => new { r.TenantId, r.ChannelId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);
        refund.HasIndex(r => new { r.TenantId, r.TransactionId });
        refund.HasIndex(r => r.NextLookAt).HasFilter("next_look_at IS NOT NULL");
    }
}

internal sealed class CardBatchConfiguration : IEntityTypeConfiguration<CardBatch>
{
    public void Configure(EntityTypeBuilder<CardBatch> batch)
    {
        batch.ToTable("card_batches");
        batch.Ignore(b => b.AuditLabel);
        batch.ComplexProperty(b => b.Value);
        batch.Property(b => b.Note).HasMaxLength(120);
        batch.Property(b => b.MadeBy).HasMaxLength(120);
        batch.Property(b => b.ReleasedBy).HasMaxLength(120);
        batch.HasIndex(b => new { b.TenantId, b.Number }).IsUnique();
    }
}

internal sealed class ScratchCardConfiguration : IEntityTypeConfiguration<ScratchCard>
{
    public void Configure(EntityTypeBuilder<ScratchCard> card)
    {
        card.ToTable("scratch_cards");
        card.Property(c => c.Serial).HasMaxLength(20);
        card.Property(c => c.CodeHash).HasMaxLength(64);
        card.Property(c => c.ChangedBy).HasMaxLength(120);
        card.Property(c => c.Reason).HasMaxLength(200);
        card.HasOne<CardBatch>().WithMany()
            .HasForeignKey(c => new { c.TenantId, c.BatchId }).HasPrincipalKey(b => new { b.TenantId, b.Id }).OnDelete(DeleteBehavior.Restrict);
        card.HasIndex(c => new { c.TenantId, c.CodeHash }).IsUnique();
        card.HasIndex(c => new { c.TenantId, c.Serial }).IsUnique();
        card.HasIndex(c => new { c.TenantId, c.BatchId, c.Status });
    }
}

internal sealed class InboundMessageConfiguration : IEntityTypeConfiguration<InboundMessage>
{
    public void Configure(EntityTypeBuilder<InboundMessage> message)
    {
        message.ToTable("inbound_messages");
        message.Property(m => m.Body).HasMaxLength(-1);
        message.Property(m => m.Hash).HasMaxLength(64);
        message.Property(m => m.PushId).HasMaxLength(40);
        message.Property(m => m.Headers).HasMaxLength(1000);
        message.Property(m => m.RemoteAddress).HasMaxLength(45);
        message.Property(m => m.Outcome).HasMaxLength(400);
        message.HasOne<PaymentChannel>().WithMany()
            .HasForeignKey(m => new { m.TenantId, m.ChannelId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);
        message.HasIndex(m => new { m.TenantId, m.ChannelId, m.Kind, m.Hash }).IsUnique();
        message.HasIndex(m => new { m.Status, m.ReceivedAt }); // the queue of all companies
        message.HasIndex(m => new { m.TenantId, m.ReceivedAt });
        message.HasIndex(m => new { m.TenantId, m.PushId });
    }
}

internal sealed class PaymentEventConfiguration : IEntityTypeConfiguration<PaymentEvent>
{
    public void Configure(EntityTypeBuilder<PaymentEvent> happened)
    {
        happened.ToTable("payment_events");
        happened.Property(e => e.Kind).HasMaxLength(40);
        happened.Property(e => e.Text).HasMaxLength(500);
        happened.HasIndex(e => new { e.TenantId, e.IntentId });
        happened.HasIndex(e => new { e.TenantId, e.AttemptId });
        happened.HasIndex(e => new { e.TenantId, e.TransactionId });
    }
}

internal sealed class ProviderRequestConfiguration : IEntityTypeConfiguration<ProviderRequest>
{
    public void Configure(EntityTypeBuilder<ProviderRequest> request)
    {
        request.ToTable("provider_requests");
        request.Property(r => r.Operation).HasMaxLength(40);
        request.Property(r => r.Url).HasMaxLength(300);
        request.Property(r => r.RequestId).HasMaxLength(100);
        request.Property(r => r.RequestBody).HasMaxLength(2000);
        request.Property(r => r.ResponseBody).HasMaxLength(4000);
        request.Property(r => r.Error).HasMaxLength(300);
        request.HasOne<PaymentChannel>().WithMany()
            .HasForeignKey(r => new { r.TenantId, r.ChannelId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);
        request.HasIndex(r => new { r.TenantId, r.ChannelId, r.At });
        request.HasIndex(r => new { r.TenantId, r.AttemptId });
    }
}

internal sealed class CashSessionConfiguration : IEntityTypeConfiguration<CashSession>
{
    public void Configure(EntityTypeBuilder<CashSession> session)
    {
        session.ToTable("cash_sessions");
        session.Ignore(s => s.AuditLabel).Ignore(s => s.Difference).Ignore(s => s.IsOpen);
        session.ComplexProperty(s => s.OpeningFloat);
        session.ComplexProperty(s => s.Expected);
        session.Property(s => s.Counted).HasConversion(money => money!.Value.Minor, minor => new Domain.Common.Money(minor));
        session.Property(s => s.Cashier).HasMaxLength(120);
        session.Property(s => s.Desk).HasMaxLength(40);
        session.Property(s => s.ClosingNote).HasMaxLength(300);

        // A cashier has one drawer open, and a drawer one cashier.
        session.HasIndex(s => new { s.TenantId, s.CashierId }).IsUnique().HasFilter("closed_at IS NULL").HasDatabaseName("IX_cash_sessions_open_cashier");
        session.HasIndex(s => new { s.TenantId, s.Desk }).IsUnique().HasFilter("closed_at IS NULL").HasDatabaseName("IX_cash_sessions_open_desk");
        session.HasIndex(s => new { s.TenantId, s.OpenedAt });
    }
}

internal sealed class CashMovementConfiguration : IEntityTypeConfiguration<CashMovement>
{
    public void Configure(EntityTypeBuilder<CashMovement> movement)
    {
        movement.ToTable("cash_movements");
        movement.ComplexProperty(m => m.Amount);
        movement.Property(m => m.Note).HasMaxLength(300);
        movement.HasOne<CashSession>().WithMany()
            .HasForeignKey(m => new { m.TenantId, m.SessionId }).HasPrincipalKey(s => new { s.TenantId, s.Id }).OnDelete(DeleteBehavior.Restrict);
        movement.HasIndex(m => new { m.TenantId, m.SessionId });
    }
}

internal sealed class StatementImportConfiguration : IEntityTypeConfiguration<StatementImport>
{
    public void Configure(EntityTypeBuilder<StatementImport> import)
    {
        import.ToTable("statement_imports");
        import.Ignore(i => i.AuditLabel);
        import.Property(i => i.FileName).HasMaxLength(120);
        import.Property(i => i.FileHash).HasMaxLength(64);
        import.HasOne<PaymentChannel>().WithMany()
            .HasForeignKey(i => new { i.TenantId, i.ChannelId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);
        import.HasIndex(i => new { i.TenantId, i.FileHash }).IsUnique();
        import.HasIndex(i => new { i.TenantId, i.ImportedAt });
    }
}

internal sealed class StatementRowConfiguration : IEntityTypeConfiguration<StatementRow>
{
    public void Configure(EntityTypeBuilder<StatementRow> row)
    {
        row.ToTable("statement_rows");
        row.ComplexProperty(r => r.Amount);
        row.Property(r => r.Key).HasMaxLength(140);
        row.Property(r => r.Receipt).HasMaxLength(80);
        row.Property(r => r.Details).HasMaxLength(300);
        row.Property(r => r.Payer).HasMaxLength(120);
        row.Property(r => r.Msisdn).HasMaxLength(64);
        row.Property(r => r.AccountReference).HasMaxLength(64);
        row.Property(r => r.Note).HasMaxLength(300);
        row.HasOne<StatementImport>().WithMany()
            .HasForeignKey(r => new { r.TenantId, r.ImportId }).HasPrincipalKey(i => new { i.TenantId, i.Id }).OnDelete(DeleteBehavior.Restrict);
        row.HasIndex(r => new { r.TenantId, r.Key }).IsUnique();
        row.HasIndex(r => new { r.TenantId, r.State, r.At });
        row.HasIndex(r => new { r.TenantId, r.ChannelId, r.At });
    }
}
