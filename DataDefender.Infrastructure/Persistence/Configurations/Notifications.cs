using DataDefender.Domain.Clients;
using DataDefender.Domain.Notifications;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataDefender.Infrastructure.Persistence.Configurations;

internal sealed class MessageConfiguration : IEntityTypeConfiguration<Message>
{
    public void Configure(EntityTypeBuilder<Message> message)
    {
        message.ToTable("messages");
        message.Property(m => m.Body).HasMaxLength(Message.MaxBody);
        message.Property(m => m.BusinessEvent).HasMaxLength(120);
        message.Property(m => m.Detail).HasMaxLength(500);
        message.Property(m => m.ProviderId).HasMaxLength(120);
        message.Property(m => m.CostCurrency).HasMaxLength(3);
        message.HasOne<Client>().WithMany()
            .HasForeignKey(m => new { m.TenantId, m.ClientId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);

        // One event makes one message for a recipient, whoever writes it and however often.
        message.HasIndex(m => new { m.TenantId, m.Topic, m.Recipient, m.BusinessEvent, m.Channel }).IsUnique();
        message.HasIndex(m => new { m.Status, m.NextAttemptAt });
        message.HasIndex(m => new { m.TenantId, m.QueuedAt });
        message.HasIndex(m => new { m.TenantId, m.ProviderId });
        message.HasIndex(m => new { m.TenantId, m.ClientId, m.QueuedAt });
    }
}

internal sealed class MessageTemplateConfiguration : IEntityTypeConfiguration<MessageTemplate>
{
    public void Configure(EntityTypeBuilder<MessageTemplate> template)
    {
        template.ToTable("message_templates");
        template.Ignore(t => t.AuditLabel);
        template.Property(t => t.Body).HasMaxLength(3000);
        template.HasIndex(t => new { t.TenantId, t.Topic, t.Channel, t.Language }).IsUnique();
    }
}

internal sealed class MessagingSettingsConfiguration : IEntityTypeConfiguration<MessagingSettings>
{
    public void Configure(EntityTypeBuilder<MessagingSettings> settings)
    {
        settings.ToTable("messaging_settings");
        settings.Ignore(s => s.AuditLabel);
        settings.Property(s => s.SmsKeyCipher).HasMaxLength(800);
        settings.Property(s => s.EmailKeyCipher).HasMaxLength(800);
        settings.Property(s => s.EmailSigningCipher).HasMaxLength(800);
        settings.Property(s => s.SecondSmsKeyCipher).HasMaxLength(800);
        settings.Property(s => s.SecondEmailKeyCipher).HasMaxLength(800);
        settings.HasIndex(s => s.TenantId).IsUnique();
    }
}

internal sealed class OptOutConfiguration : IEntityTypeConfiguration<OptOut>
{
    public void Configure(EntityTypeBuilder<OptOut> optOut)
    {
        optOut.ToTable("opt_outs");
        optOut.Ignore(o => o.AuditLabel);
        optOut.HasIndex(o => new { o.TenantId, o.Channel, o.Recipient }).IsUnique();
    }
}
