using System.Security.Claims;
using DataDefender.Infrastructure.Persistence;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Identity;

/// <summary>Each sign-in, whatever the proof, opens a <see cref="SignInSession"/>; the cookie carries its id and nothing that could go stale.</summary>
internal sealed class AccountSignInManager(
    UserManager<SignInAccount> userManager, IHttpContextAccessor contextAccessor, IUserClaimsPrincipalFactory<SignInAccount> claimsFactory,
    IOptions<IdentityOptions> optionsAccessor, ILogger<SignInManager<SignInAccount>> logger, IAuthenticationSchemeProvider schemes,
    IUserConfirmation<SignInAccount> confirmation, DataDefenderDbContext db, TimeProvider clock)
    : SignInManager<SignInAccount>(userManager, contextAccessor, claimsFactory, optionsAccessor, logger, schemes, confirmation)
{
    /// <summary>Signs in, or asks for the second factor when the account has one.</summary>
    public Task<SignInResult> ContinueAsync(SignInAccount account) => SignInOrTwoFactorAsync(account, isPersistent: false);

    public override async Task SignInWithClaimsAsync(SignInAccount user, AuthenticationProperties? authenticationProperties, IEnumerable<Claim> additionalClaims)
    {
        var session = new SignInSession
        {
            AccountId = user.Id,
            CreatedAt = clock.GetUtcNow().UtcDateTime,
            LastSeenAt = clock.GetUtcNow().UtcDateTime,
            Address = Context.Connection.RemoteIpAddress?.ToString(),
            UserAgent = Cut(Context.Request.Headers.UserAgent.ToString(), 400),
            Method = MethodOf(additionalClaims),
        };
        db.SignInSessions.Add(session);
        await db.SaveChangesAsync(Context.RequestAborted);

        var identity = new ClaimsIdentity(
            [new(ClaimTypes.NameIdentifier, user.Id.ToString()), new(SessionClaim.Type, session.Id.ToString())], IdentityConstants.ApplicationScheme);
        var principal = new ClaimsPrincipal(identity);
        await Context.SignInAsync(IdentityConstants.ApplicationScheme, principal, authenticationProperties ?? new AuthenticationProperties());
        Context.User = principal;
    }

    private static string MethodOf(IEnumerable<Claim> claims) => claims.FirstOrDefault(c => c.Type == ClaimTypes.AuthenticationMethod || c.Type == "amr")?.Value switch
    {
        "mfa" => "password and code",
        "pwd" => "password",
        null => "password",
        var other => other,
    };

    private static string? Cut(string text, int length) => text.Length == 0 ? null : text[..Math.Min(length, text.Length)];
}

/// <summary>The claim of the cookie that names its session.</summary>
public static class SessionClaim
{
    public const string Type = "sid";
}
