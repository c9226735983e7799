using System.Buffers.Text;
using System.Text;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Identity;

/// <summary>Each operation works in a scope of its own, since a circuit's scope lives for hours and Identity's store keeps what it read.</summary>
internal sealed class Accounts(IServiceScopeFactory scopes, ContextSource source, ISessionDirectory sessions, TimeProvider clock) : IAccounts
{
    public async Task<Guid> CreateAsync(NewAccount account, Actor actor, CancellationToken ct = default)
    {
        await using var work = new Work(scopes);
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
        Demand(account.Password is null ? await work.Users.CreateAsync(user) : await work.Users.CreateAsync(user, account.Password));
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
            await work.Users.DeleteAsync(user); // half a person would block the address for ever
            throw;
        }

        return user.Id;
    }

    public async Task DemandAcceptableAsync(NewAccount account, string companyName, CancellationToken ct = default)
    {
        await using var work = new Work(scopes);
        var user = new SignInAccount { DisplayName = account.Name, Email = account.Email.Trim(), UserName = account.Email.Trim() };
        var errors = new List<IdentityError>();
        foreach (var rule in work.Users.UserValidators)
        {
            errors.AddRange((await rule.ValidateAsync(work.Users, user)).Errors);
        }

        foreach (var rule in work.Users.PasswordValidators)
        {
            errors.AddRange((await rule.ValidateAsync(work.Users, user, account.Password)).Errors);
        }

        if (errors.TrueForAll(e => !e.Code.StartsWith("Password", StringComparison.Ordinal)) && PasswordRules.IsAbout(account.Password ?? "", [companyName]))
        {
            errors.Add(PasswordRules.TooClose);
        }

        Demand(errors.Count == 0 ? IdentityResult.Success : IdentityResult.Failed([.. errors]));
    }

    public async Task<IReadOnlyDictionary<Guid, AccountState>> StatesAsync(IReadOnlyCollection<Guid> accountIds, CancellationToken ct = default)
    {
        var now = clock.GetUtcNow();
        await using var db = source.Create(null, null);
        var passkeys = await db.UserPasskeys.Where(p => accountIds.Contains(p.UserId)).GroupBy(p => p.UserId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        var seen = await db.SignInSessions.Where(s => accountIds.Contains(s.AccountId)).GroupBy(s => s.AccountId).Select(g => new { g.Key, Last = g.Max(s => s.LastSeenAt) }).ToDictionaryAsync(g => g.Key, g => g.Last, ct);
        var accounts = await db.Users.AsNoTracking().Where(a => accountIds.Contains(a.Id)).Select(a => new { a.Id, HasPassword = a.PasswordHash != null, a.TwoFactorEnabled, a.LockoutEnd }).ToListAsync(ct);
        return accounts.ToDictionary(a => a.Id, a => new AccountState(
            a.Id, a.HasPassword, a.TwoFactorEnabled, passkeys.GetValueOrDefault(a.Id), seen.TryGetValue(a.Id, out var last) ? last : null, a.LockoutEnd > now));
    }

    public async Task<string> PasswordTokenAsync(Guid accountId, CancellationToken ct = default)
    {
        await using var work = new Work(scopes);
        var user = await work.FindAsync(accountId);
        Demand(await work.Users.UpdateSecurityStampAsync(user)); // earlier links carry the old stamp
        var token = await work.Users.GeneratePasswordResetTokenAsync(user);
        return Base64Url.EncodeToString(Encoding.UTF8.GetBytes(token));
    }

    public async Task SetPasswordAsync(Guid accountId, string token, string password, CancellationToken ct = default)
    {
        await using var work = new Work(scopes);
        var user = await work.Users.FindByIdAsync(accountId.ToString());
        var plain = Base64Url.IsValid(token) ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token)) : "";
        var result = user is null ? null : await work.Users.ResetPasswordAsync(user, plain, password);
        if (result is null || result.Errors.Any(e => e.Code == nameof(IdentityErrorDescriber.InvalidToken)))
        {
            throw new DomainException("account.link", "This link has been used, has run out, or is not complete. Ask your administrator for a new one.");
        }

        Demand(result);
        await work.Users.SetLockoutEndDateAsync(user!, null);
        await EndSessionsAsync(accountId, ct);
    }

    public async Task ChangeAsync(Guid accountId, string name, Role role, CancellationToken ct = default)
    {
        await using var work = new Work(scopes);
        var user = await work.FindAsync(accountId);
        (user.DisplayName, user.Role) = (name.Trim(), role);
        Demand(await work.Users.UpdateAsync(user));
        sessions.Refresh(accountId);
    }

    public async Task SetDisabledAsync(Guid accountId, bool disabled, CancellationToken ct = default)
    {
        await using var work = new Work(scopes);
        var user = await work.FindAsync(accountId);
        user.IsDisabled = disabled;
        Demand(await work.Users.UpdateAsync(user));
        if (disabled)
        {
            await EndSessionsAsync(accountId, ct);
        }
    }

    public async Task ResetSecondFactorAsync(Guid accountId, CancellationToken ct = default)
    {
        await using var work = new Work(scopes);
        var user = await work.FindAsync(accountId);
        Demand(await work.Users.SetTwoFactorEnabledAsync(user, false));
        Demand(await work.Users.ResetAuthenticatorKeyAsync(user));
        foreach (var passkey in await work.Users.GetPasskeysAsync(user))
        {
            Demand(await work.Users.RemovePasskeyAsync(user, passkey.CredentialId));
        }

        await EndSessionsAsync(accountId, ct);
    }

    private async Task EndSessionsAsync(Guid accountId, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        await using var db = source.Create(null, null);
        await db.SignInSessions.Where(s => s.AccountId == accountId && s.RevokedAt == null).ExecuteUpdateAsync(set => set.SetProperty(s => s.RevokedAt, now), ct);
        sessions.Refresh(accountId);
    }

    /// <summary>Identity's refusals in the house's terms: about the password, or about the address.</summary>
    internal static void Demand(IdentityResult result)
    {
        if (result.Succeeded)
        {
            return;
        }

        if (result.Errors.Any(e => e.Code == nameof(IdentityErrorDescriber.ConcurrencyFailure)))
        {
            throw Saving.ChangedMeanwhile();
        }

        throw new InvalidInputException([.. result.Errors.Select(ToField).DistinctBy(e => (e.Field, e.Message))]);
    }

    private static FieldError ToField(IdentityError error) => error.Code switch
    {
        nameof(IdentityErrorDescriber.PasswordTooShort) => new("Password", $"Use {PasswordRules.MinimumLength} characters or more."),
        var code when code.StartsWith("Password", StringComparison.Ordinal) => new("Password", error.Description),
        var code when code.StartsWith("Duplicate", StringComparison.Ordinal) => new("Email", "Somebody signs in with this address already."),
        _ => new("Email", "This is not an e-mail address."),
    };

    private sealed class Work(IServiceScopeFactory scopes) : IAsyncDisposable
    {
        private readonly AsyncServiceScope _scope = scopes.CreateAsyncScope();

        public UserManager<SignInAccount> Users => _scope.ServiceProvider.GetRequiredService<UserManager<SignInAccount>>();

        public async Task<SignInAccount> FindAsync(Guid accountId) =>
            await Users.FindByIdAsync(accountId.ToString()) ?? throw new NotFoundException("Account", accountId);

        public ValueTask DisposeAsync() => _scope.DisposeAsync();
    }
}
