using DataDefender.Domain.Common;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Subscriptions;

/// <summary>The passwords of lines. Every look at one is a line in the audit trail.</summary>
public sealed class CredentialService(IDataDefenderDbFactory dbFactory, TenantContext tenant, CurrentUser user, ISecretVault vault, TimeProvider clock)
{
    public async Task<string> RevealAsync(Guid subscriptionId, CancellationToken ct = default)
    {
        user.Demand(Permissions.RevealCredentials);
        var cipher = await vault.OpenAsync(tenant.TenantId, ct);
        await using var db = await dbFactory.OpenAsync(ct);
        var line = await FindAsync(db, subscriptionId, ct);

        // Recorded before it is shown: a look that could not be recorded does not happen.
        db.Record("revealed password", line);
        await db.SaveAsync(ct);
        return cipher.Reveal(line.PasswordPlace(), line.PasswordCipher);
    }

    /// <summary>Makes a new password and returns it. An open session goes on; the next login needs the new one.</summary>
    public async Task<string> ResetAsync(Guid subscriptionId, CancellationToken ct = default)
    {
        user.Demand(Permissions.RevealCredentials);
        var cipher = await vault.OpenAsync(tenant.TenantId, ct);
        await using var db = await dbFactory.OpenAsync(ct);
        var line = await FindAsync(db, subscriptionId, ct);
        if (line.State is SubscriptionState.Disconnected)
        {
            throw new DomainException("subscription.state", $"{line.Username} is disconnected; it needs no password any more.");
        }

        var password = LineCredentials.NewPassword();
        line.SetPassword(cipher.Protect(line.PasswordPlace(), password));
        if (await PushedRouters.AnyAsync(db, ct))
        {
            db.Order(line, LineAction.Apply, "new password", user.Name, clock.GetUtcNow().UtcDateTime);
        }

        await db.SaveAsync(ct);
        return password;
    }

    private static async Task<Subscription> FindAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.Subscriptions.SingleOrDefaultAsync(s => s.Id == id, ct) ?? throw new NotFoundException("Line", id);
}
