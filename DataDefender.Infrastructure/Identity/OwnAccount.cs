using System.Buffers.Text;
using System.Text.Encodings.Web;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Identity;

/// <summary>Works on the account of the scope's user, whoever asks; like <see cref="Accounts"/> in a scope of its own each time.</summary>
internal sealed class OwnAccount(
    CurrentUser me, IServiceScopeFactory scopes, ContextSource source, ISessionDirectory directory, IOptions<SignInRules> rules, TimeProvider clock) : IOwnAccount
{
    private const int RecoveryCodes = 10;

    private Guid AccountId => me.Id ?? throw new ForbiddenException("account");

    public Task<OwnAccountState> GetAsync(CancellationToken ct = default) => WithAsync(async (users, account) =>
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var idleSince = now.AddHours(-rules.Value.IdleHours);
        var createdAfter = now.AddHours(-rules.Value.AbsoluteHours);
        await using var db = source.Create(null, null);
        var sessions = await db.SignInSessions.AsNoTracking()
            .Where(s => s.AccountId == account.Id && s.RevokedAt == null && s.LastSeenAt >= idleSince && s.CreatedAt >= createdAfter)
            .OrderByDescending(s => s.LastSeenAt).ThenBy(s => s.Id)
            .Select(s => new OwnSession(s.Id, s.CreatedAt, s.LastSeenAt, s.Address, s.UserAgent, s.Method))
            .ToListAsync(ct);
        var passkeys = (await users.GetPasskeysAsync(account))
            .Select(p => new OwnPasskey(Base64Url.EncodeToString(p.CredentialId), p.Name ?? "Passkey", p.CreatedAt.UtcDateTime))
            .OrderBy(p => p.CreatedAt).ToList();
        return new OwnAccountState(account.Email!, account.TwoFactorEnabled, await users.CountRecoveryCodesAsync(account), passkeys, sessions);
    });

    public Task ChangePasswordAsync(Guid keepSession, string current, string password, CancellationToken ct = default) => WithAsync(async (users, account) =>
    {
        var result = await users.ChangePasswordAsync(account, current, password);
        if (result.Errors.Any(e => e.Code == nameof(IdentityErrorDescriber.PasswordMismatch)))
        {
            throw WrongPassword();
        }

        Accounts.Demand(result);
        await EndSessionsAsync(null, keepSession, ct);
        return true;
    });

    public Task<TotpSetup> BeginTotpAsync(CancellationToken ct = default) => WithAsync(async (users, account) =>
    {
        if (account.TwoFactorEnabled)
        {
            throw new DomainException("totp.on", "The second factor is on already. Remove it before you set up another.");
        }

        Accounts.Demand(await users.ResetAuthenticatorKeyAsync(account));
        var secret = (await users.GetAuthenticatorKeyAsync(account))!;
        var label = UrlEncoder.Default.Encode($"DataDefender:{account.Email}");
        return new TotpSetup(string.Join(' ', secret.Chunk(4).Select(c => new string(c))), $"otpauth://totp/{label}?secret={secret}&issuer=DataDefender&digits=6&period=30");
    });

    public Task<IReadOnlyList<string>> ConfirmTotpAsync(string code, CancellationToken ct = default) => WithAsync<IReadOnlyList<string>>(async (users, account) =>
    {
        var digits = string.Concat(code.Where(char.IsAsciiDigit));
        if (!await users.VerifyTwoFactorTokenAsync(account, TokenOptions.DefaultAuthenticatorProvider, digits))
        {
            throw new InvalidInputException([new FieldError("Code", "This code does not fit. Check the clock of your phone and type the newest code.")]);
        }

        Accounts.Demand(await users.SetTwoFactorEnabledAsync(account, true));
        directory.Refresh(account.Id);
        return await NewCodesAsync(users, account);
    });

    public Task<IReadOnlyList<string>> NewRecoveryCodesAsync(string password, CancellationToken ct = default) => WithAsync(async (users, account) =>
    {
        await DemandPasswordAsync(users, account, password);
        return await NewCodesAsync(users, account);
    });

    public Task RemoveTotpAsync(string password, CancellationToken ct = default) => WithAsync(async (users, account) =>
    {
        await DemandPasswordAsync(users, account, password);
        Accounts.Demand(await users.SetTwoFactorEnabledAsync(account, false));
        Accounts.Demand(await users.ResetAuthenticatorKeyAsync(account));
        directory.Refresh(account.Id);
        return true;
    });

    public Task RemovePasskeyAsync(string credentialId, CancellationToken ct = default) => WithAsync(async (users, account) =>
    {
        Accounts.Demand(await users.RemovePasskeyAsync(account, Base64Url.DecodeFromChars(credentialId)));
        directory.Refresh(account.Id);
        return true;
    });

    public async Task EndSessionsAsync(Guid? session, Guid? keepSession, CancellationToken ct = default)
    {
        var (accountId, now) = (AccountId, clock.GetUtcNow().UtcDateTime);
        await using var db = source.Create(null, null);
        await db.SignInSessions
            .Where(s => s.AccountId == accountId && s.RevokedAt == null && (session == null || s.Id == session) && (keepSession == null || s.Id != keepSession))
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.RevokedAt, now), ct);
        directory.Refresh(accountId);
    }

    private static InvalidInputException WrongPassword() => new([new FieldError("Current", "This is not your password.")]);

    private static async Task DemandPasswordAsync(UserManager<SignInAccount> users, SignInAccount account, string password)
    {
        if (await users.IsLockedOutAsync(account) || !await users.CheckPasswordAsync(account, password))
        {
            await users.AccessFailedAsync(account); // an open screen must not be a place to guess at
            throw WrongPassword();
        }
    }

    private static async Task<IReadOnlyList<string>> NewCodesAsync(UserManager<SignInAccount> users, SignInAccount account) =>
        [.. await users.GenerateNewTwoFactorRecoveryCodesAsync(account, RecoveryCodes) ?? []];

    private async Task<T> WithAsync<T>(Func<UserManager<SignInAccount>, SignInAccount, Task<T>> act)
    {
        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<SignInAccount>>();
        var account = await users.FindByIdAsync(AccountId.ToString()) ?? throw new NotFoundException("Account", AccountId);
        return await act(users, account);
    }
}
