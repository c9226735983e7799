using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Identity;

/// <summary>Each operation works in a scope of its own, since a circuit's scope lives for hours and Identity's store keeps what it read.</summary>
internal sealed class Accounts(IServiceScopeFactory scopes, TimeProvider clock) : IAccounts
{
    public async Task<Guid> CreateAsync(NewAccount account, Actor actor, CancellationToken ct = default)
    {
        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<SignInAccount>>();
        var source = scope.ServiceProvider.GetRequiredService<ContextSource>();
        var user = new SignInAccount
        {
            Id = Guid.CreateVersion7(),
            TenantId = account.TenantId,
            Role = account.Role,
            DisplayName = account.Name.Trim(),
            UserName = account.Email.Trim().ToLowerInvariant(),
            Email = account.Email.Trim().ToLowerInvariant(),
            LockoutEnabled = true,
        };
        Demand(account.Password is null ? await users.CreateAsync(user) : await users.CreateAsync(user, account.Password));
        if (account.TenantId is not { } tenantId)
        {
            return user.Id;
        }

        try
        {
            await using var db = source.Create(tenantId, actor);
            db.Staff.Add(new StaffMember(user.Id, tenantId, user.DisplayName, user.Email, account.Role, clock.GetUtcNow().UtcDateTime));
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException)
        {
            await users.DeleteAsync(user); // half a person would block the address for ever
            throw;
        }

        return user.Id;
    }

    /// <summary>Identity's refusals in the house's terms: about the password, or about the address.</summary>
    private static void Demand(IdentityResult result)
    {
        if (result.Succeeded)
        {
            return;
        }

        throw new InvalidInputException([.. result.Errors
            .Where(e => e.Code is not nameof(IdentityErrorDescriber.DuplicateUserName) || result.Errors.Count() == 1)
            .Select(e => e.Code.StartsWith("Password", StringComparison.Ordinal)
                ? new FieldError("Password", e.Description)
                : new FieldError("Email", e.Code.StartsWith("Duplicate", StringComparison.Ordinal) ? "Somebody signs in with this address already." : e.Description))]);
    }
}
