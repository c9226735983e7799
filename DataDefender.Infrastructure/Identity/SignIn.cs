using System.Security.Claims;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Persistence;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Identity;

/// <summary>Signs people in. A wrong address and a wrong password look and last alike.</summary>
internal sealed partial class SignIn(
    AccountSignInManager signIns, UserManager<SignInAccount> accounts, DataDefenderDbContext db, ISessionDirectory sessions, WrongPasswords wrong,
    IPasswordHasher<SignInAccount> hasher, IHttpContextAccessor http, TimeProvider clock, ILogger<SignIn> log) : ISignIn
{
    private const string WrongPair = "The e-mail address or the password is wrong.";
    private const string WrongCode = "This code is wrong or has been used. Wait for the next one.";
    private const string Locked = "Too many attempts for this account. Wait five minutes, then try again.";

    // Verified against when the address is unknown, so that the answer takes as long as for a known one.
    private static readonly SignInAccount Nobody = new();
    private static string? _nobodysHash;

    private string Address => http.HttpContext?.Connection.RemoteIpAddress?.ToString() ?? "";

    public async Task<SignInOutcome> WithPasswordAsync(string email, string password, CancellationToken ct = default)
    {
        var name = email.Trim().ToUpperInvariant();
        if (!wrong.MayTry(name, Address))
        {
            return Refused("too many from one address", Locked);
        }

        var account = await accounts.FindByEmailAsync(email.Trim());
        if (account?.PasswordHash is null || password.Length > PasswordRules.MaximumLength)
        {
            _nobodysHash ??= hasher.HashPassword(Nobody, Guid.CreateVersion7().ToString());
            hasher.VerifyHashedPassword(Nobody, _nobodysHash, password[..Math.Min(password.Length, PasswordRules.MaximumLength)]);
            wrong.Count(name, Address);
            return Refused("unknown address", WrongPair);
        }

        var check = await signIns.CheckPasswordSignInAsync(account, password, lockoutOnFailure: true);
        if (check.IsLockedOut)
        {
            return Refused("locked out", Locked);
        }

        if (!check.Succeeded)
        {
            wrong.Count(name, Address);
            return Refused("wrong password", WrongPair);
        }

        wrong.Forget(name, Address);
        if (await RefusalAsync(account, ct) is { } refusal)
        {
            return refusal;
        }

        var result = await signIns.ContinueAsync(account);
        return result.RequiresTwoFactor ? new SignInOutcome.SecondFactorWanted() : new SignInOutcome.Done();
    }

    public async Task<bool> AwaitsSecondFactorAsync() => await signIns.GetTwoFactorAuthenticationUserAsync() is not null;

    public Task<SignInOutcome> WithCodeAsync(string code, CancellationToken ct = default) => WithSecondFactorAsync(
        () => signIns.TwoFactorSignInAsync(TokenOptions.DefaultAuthenticatorProvider, Bare(code), isPersistent: false, rememberClient: false), WrongCode, ct);

    public Task<SignInOutcome> WithRecoveryCodeAsync(string code, CancellationToken ct = default) => WithSecondFactorAsync(
        async () =>
        {
            var account = (await signIns.GetTwoFactorAuthenticationUserAsync())!;
            if (await accounts.IsLockedOutAsync(account))
            {
                return SignInResult.LockedOut;
            }

            var result = await signIns.TwoFactorRecoveryCodeSignInAsync(Bare(code).ToUpperInvariant());
            if (!result.Succeeded)
            {
                await accounts.AccessFailedAsync(account); // Identity itself lets recovery codes be guessed without end
            }

            return result;
        },
        "This recovery code is wrong or has been used.", ct);

    public Task<string> PasskeyRequestAsync() => signIns.MakePasskeyRequestOptionsAsync(null);

    public async Task<SignInOutcome> WithPasskeyAsync(string credential, CancellationToken ct = default)
    {
        PasskeyAssertionResult<SignInAccount> assertion;
        try
        {
            assertion = await signIns.PerformPasskeyAssertionAsync(credential);
        }
        catch (InvalidOperationException)
        {
            return Refused("no passkey request", "The passkey took too long. Try again.");
        }

        if (!assertion.Succeeded)
        {
            return Refused("passkey", "This passkey is not known here.");
        }

        if (await RefusalAsync(assertion.User, ct) is { } refusal)
        {
            return refusal;
        }

        await accounts.AddOrUpdatePasskeyAsync(assertion.User, assertion.Passkey); // its counter has moved
        await signIns.SignInWithClaimsAsync(assertion.User, isPersistent: false, [new Claim("amr", "passkey")]);
        return new SignInOutcome.Done();
    }

    public async Task<string> PasskeyCreationAsync(Guid accountId)
    {
        var account = await FindAsync(accountId);
        return await signIns.MakePasskeyCreationOptionsAsync(new PasskeyUserEntity
        {
            Id = account.Id.ToString(),
            Name = account.Email!,
            DisplayName = account.DisplayName,
        });
    }

    public async Task KeepPasskeyAsync(Guid accountId, string credential, string name)
    {
        var account = await FindAsync(accountId);
        PasskeyAttestationResult attestation;
        try
        {
            attestation = await signIns.PerformPasskeyAttestationAsync(credential);
        }
        catch (InvalidOperationException)
        {
            throw new DomainException("passkey.late", "The passkey took too long. Try again.");
        }

        if (!attestation.Succeeded)
        {
            throw new DomainException("passkey.refused", "The browser's passkey was not accepted. Try again.");
        }

        attestation.Passkey.Name = name.Trim() is { Length: > 0 } given ? given[..Math.Min(given.Length, 60)] : "Passkey";
        var kept = await accounts.AddOrUpdatePasskeyAsync(account, attestation.Passkey);
        if (!kept.Succeeded)
        {
            throw new DomainException("passkey.refused", "The passkey could not be kept.");
        }

        sessions.Refresh(accountId);
    }

    public async Task SignOutAsync(CancellationToken ct = default)
    {
        if (Guid.TryParse(http.HttpContext?.User.FindFirstValue(SessionClaim.Type), out var sessionId))
        {
            var now = clock.GetUtcNow().UtcDateTime;
            await db.SignInSessions.Where(s => s.Id == sessionId && s.RevokedAt == null).ExecuteUpdateAsync(set => set.SetProperty(s => s.RevokedAt, now), ct);
            sessions.Refresh(Guid.TryParse(http.HttpContext.User.FindFirstValue(ClaimTypes.NameIdentifier), out var accountId) ? accountId : null);
        }

        await signIns.SignOutAsync();
    }

    private static string Bare(string code) => string.Concat(code.Where(c => !char.IsWhiteSpace(c)));

    private async Task<SignInOutcome> WithSecondFactorAsync(Func<Task<SignInResult>> verify, string wrongCode, CancellationToken ct)
    {
        if (await signIns.GetTwoFactorAuthenticationUserAsync() is not { } account)
        {
            return Refused("no password before the code", "Too much time has passed. Start again with your password.");
        }

        if (await RefusalAsync(account, ct) is { } refusal)
        {
            return refusal;
        }

        return await verify() switch
        {
            { Succeeded: true } => new SignInOutcome.Done(),
            { IsLockedOut: true } => Refused("locked out", Locked),
            _ => Refused("wrong code", wrongCode),
        };
    }

    private async Task<SignInAccount> FindAsync(Guid accountId) =>
        await accounts.FindByIdAsync(accountId.ToString()) ?? throw new NotFoundException("Account", accountId);

    private SignInOutcome.Refused Refused(string reason, string message)
    {
        Failed(log, reason, Address);
        return new SignInOutcome.Refused(message);
    }

    /// <summary>Only after the proof was right: it says things that strangers must not learn.</summary>
    private async Task<SignInOutcome?> RefusalAsync(SignInAccount account, CancellationToken ct)
    {
        if (account.IsDisabled)
        {
            return Refused("disabled", "This account has been disabled. Ask your company's administrator.");
        }

        if (account.TenantId is not { } tenantId)
        {
            return null;
        }

        var company = await db.Companies.AsNoTracking().SingleAsync(c => c.Id == tenantId, ct);
        return company.Status is CompanyStatus.Active
            ? null
            : new SignInOutcome.CompanyNotActive(company.Name, company.Status, company.StatusReason, company.StatusSince);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A sign-in was refused ({Reason}) from {Address}")]
    private static partial void Failed(ILogger log, string reason, string address);
}
