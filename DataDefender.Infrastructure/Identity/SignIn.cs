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
    AccountSignInManager signIns, UserManager<SignInAccount> accounts, DataDefenderDbContext db, ISessionDirectory sessions,
    IPasswordHasher<SignInAccount> hasher, IHttpContextAccessor http, TimeProvider clock, ILogger<SignIn> log) : ISignIn
{
    private const string WrongPair = "The e-mail address or the password is wrong.";

    // Verified against when the address is unknown, so that the answer takes as long as for a known one.
    private static readonly SignInAccount Nobody = new();
    private static string? _nobodysHash;

    public async Task<SignInOutcome> WithPasswordAsync(string email, string password, CancellationToken ct = default)
    {
        var account = await accounts.FindByEmailAsync(email.Trim());
        if (account?.PasswordHash is null)
        {
            _nobodysHash ??= hasher.HashPassword(Nobody, Guid.CreateVersion7().ToString());
            hasher.VerifyHashedPassword(Nobody, _nobodysHash, password);
            Failed(log, "unknown address");
            return new SignInOutcome.Refused(WrongPair);
        }

        var check = await signIns.CheckPasswordSignInAsync(account, password, lockoutOnFailure: true);
        if (check.IsLockedOut)
        {
            Failed(log, "locked out");
            return new SignInOutcome.Refused("Too many wrong passwords for this account. Wait five minutes, then try again.");
        }

        if (!check.Succeeded)
        {
            Failed(log, "wrong password");
            return new SignInOutcome.Refused(WrongPair);
        }

        if (await RefusalAsync(account, ct) is { } refusal)
        {
            return refusal;
        }

        var result = await signIns.ContinueAsync(account);
        return result.RequiresTwoFactor ? new SignInOutcome.SecondFactorWanted() : new SignInOutcome.Done();
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

    /// <summary>Only after the proof was right: it says things that strangers must not learn.</summary>
    private async Task<SignInOutcome?> RefusalAsync(SignInAccount account, CancellationToken ct)
    {
        if (account.IsDisabled)
        {
            Failed(log, "disabled");
            return new SignInOutcome.Refused("This account has been disabled. Ask your company's administrator.");
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

    [LoggerMessage(Level = LogLevel.Information, Message = "A sign-in was refused: {Reason}")]
    private static partial void Failed(ILogger log, string reason);
}
