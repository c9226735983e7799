using DataDefender.Infrastructure.Persistence;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Identity;

/// <summary>Identity's store, with the authenticator secret and the recovery codes encrypted and bound to their account.</summary>
internal sealed class AccountStore(DataDefenderDbContext db, IDataProtectionProvider protection, IdentityErrorDescriber errors)
    : UserOnlyStore<SignInAccount, DataDefenderDbContext, Guid, IdentityUserClaim<Guid>, IdentityUserLogin<Guid>, IdentityUserToken<Guid>, IdentityUserPasskey<Guid>>(db, errors)
{
    public override Task SetTokenAsync(SignInAccount user, string loginProvider, string name, string? value, CancellationToken cancellationToken) =>
        base.SetTokenAsync(user, loginProvider, name, value is null ? null : Protector(user, name).Protect(value), cancellationToken);

    public override async Task<string?> GetTokenAsync(SignInAccount user, string loginProvider, string name, CancellationToken cancellationToken) =>
        await base.GetTokenAsync(user, loginProvider, name, cancellationToken) is { } value ? Protector(user, name).Unprotect(value) : null;

    private IDataProtector Protector(SignInAccount user, string name) => protection.CreateProtector("DataDefender.AccountToken.v1", user.Id.ToString("N"), name);
}
