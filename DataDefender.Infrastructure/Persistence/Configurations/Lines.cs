using DataDefender.Domain.Clients;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Topology;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataDefender.Infrastructure.Persistence.Configurations;

internal sealed class ClientConfiguration : IEntityTypeConfiguration<Client>
{
    public void Configure(EntityTypeBuilder<Client> client)
    {
        client.ToTable("clients");
        client.Ignore(c => c.AuditLabel);
        client.Property(c => c.AccountNumber).HasMaxLength(10);
        client.Property(c => c.Phone).HasMaxLength(20);
        client.Property(c => c.Notes).HasMaxLength(2000);
        client.Property(c => c.SearchText).HasMaxLength(500);
        client.HasIndex(c => new { c.TenantId, c.AccountNumber }).IsUnique();
        client.HasIndex(c => new { c.TenantId, c.Phone });
        client.HasIndex(c => new { c.TenantId, c.Name });
    }
}

internal sealed class ServicePackageConfiguration : IEntityTypeConfiguration<ServicePackage>
{
    public void Configure(EntityTypeBuilder<ServicePackage> package)
    {
        package.ToTable("service_packages");
        package.Ignore(p => p.AuditLabel);
        package.ComplexProperty(p => p.Price);
        package.Property(p => p.Name).HasMaxLength(80);
        package.Property(p => p.Description).HasMaxLength(500);
        package.Property(p => p.AddressPool).HasMaxLength(60);
        package.Property(p => p.SitePools).IsJsonValue(SitePools.None);
        package.Property(p => p.Ipv6Pool).HasMaxLength(60);
        package.Property(p => p.DelegatedIpv6Pool).HasMaxLength(60);
        package.HasOne<UsagePolicy>().WithMany()
            .HasForeignKey(p => new { p.TenantId, p.PolicyId }).HasPrincipalKey(p => new { p.TenantId, p.Id }).OnDelete(DeleteBehavior.Restrict);
        package.HasIndex(p => new { p.TenantId, p.Name }).IsUnique();
    }
}

internal sealed class SubscriptionConfiguration : IEntityTypeConfiguration<Subscription>
{
    public void Configure(EntityTypeBuilder<Subscription> subscription)
    {
        subscription.ToTable("subscriptions");
        subscription.Ignore(s => s.AuditLabel);
        subscription.Property(s => s.Username).HasMaxLength(64);
        subscription.Property(s => s.PasswordCipher).HasMaxLength(500);
        subscription.Property(s => s.StaticAddress).HasMaxLength(45);
        subscription.Property(s => s.CallerLock).HasMaxLength(17);
        subscription.Property(s => s.Binding).IsJsonValue(LineBinding.None);
        subscription.Property(s => s.DelegatedPrefix).HasMaxLength(43);
        subscription.Property(s => s.StateNote).HasMaxLength(500);
        subscription.Property(s => s.LimitReason).HasMaxLength(500);
        subscription.HasOne<Client>().WithMany()
            .HasForeignKey(s => new { s.TenantId, s.ClientId }).HasPrincipalKey(c => new { c.TenantId, c.Id }).OnDelete(DeleteBehavior.Restrict);
        subscription.HasOne<ServicePackage>().WithMany()
            .HasForeignKey(s => new { s.TenantId, s.PackageId }).HasPrincipalKey(p => new { p.TenantId, p.Id }).OnDelete(DeleteBehavior.Restrict);
        subscription.HasOne<Site>().WithMany()
            .HasForeignKey(s => new { s.TenantId, s.SiteId }).HasPrincipalKey(s => new { s.TenantId, s.Id }).OnDelete(DeleteBehavior.Restrict);
        subscription.HasIndex(s => new { s.TenantId, s.Username }).IsUnique();
        subscription.HasIndex(s => new { s.TenantId, s.StaticAddress }).IsUnique().HasFilter("static_address IS NOT NULL");
        subscription.HasIndex(s => new { s.TenantId, s.DelegatedPrefix }).IsUnique().HasFilter("delegated_prefix IS NOT NULL");
        subscription.HasIndex(s => new { s.TenantId, s.State });
        subscription.HasIndex(s => new { s.State, s.SuspendReason }); // paid lines of all companies are looked for every two seconds
        subscription.HasIndex(s => new { s.TenantId, s.CallerLock });
    }
}

internal sealed class LineCommandConfiguration : IEntityTypeConfiguration<LineCommand>
{
    public void Configure(EntityTypeBuilder<LineCommand> command)
    {
        command.ToTable("line_commands");
        command.Property(c => c.Because).HasMaxLength(600); // what happened and the note that was given with it
        command.Property(c => c.Detail).HasMaxLength(1000);
        command.HasOne<Subscription>().WithMany()
            .HasForeignKey(c => new { c.TenantId, c.SubscriptionId }).HasPrincipalKey(s => new { s.TenantId, s.Id }).OnDelete(DeleteBehavior.Restrict);
        command.HasIndex(c => new { c.Status, c.NextAttemptAt });
        command.HasIndex(c => new { c.TenantId, c.SubscriptionId, c.RequestedAt });
    }
}
