using System.Security.Claims;
using DataDefender.Domain.Security;
using DataDefender.Web.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Identity;

namespace DataDefender.Web.Setup;

/// <summary>The cookie and the policies of sign-in.</summary>
internal static class SignInSetup
{
    public static void AddStaffSignIn(this IServiceCollection services, IHostEnvironment environment)
    {
        services.AddAuthentication(IdentityConstants.ApplicationScheme).AddIdentityCookies(cookies =>
        {
            cookies.ApplicationCookie!.Configure(cookie => Configure(cookie, "DataDefender", environment));
            cookies.TwoFactorUserIdCookie!.Configure(cookie => Harden(cookie, "DataDefender.2fa", environment));
        });
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = NameOf("DataDefender.form", environment);
            antiforgery.Cookie.SecurePolicy = Secure(environment);
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
        });
        services.AddAuthorization(options =>
        {
            options.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build();
            foreach (var permission in Permissions.All)
            {
                options.AddPolicy(permission, policy => policy.RequireAuthenticatedUser().RequireClaim(StaffPrincipal.PermissionClaim, permission));
            }
        });
    }

    private static void Configure(CookieAuthenticationOptions cookie, string name, IHostEnvironment environment)
    {
        Harden(cookie, name, environment);
        cookie.LoginPath = "/sign-in";
        cookie.AccessDeniedPath = "/forbidden";
        cookie.ReturnUrlParameter = "returnUrl";
        cookie.SlidingExpiration = false; // the session's own idle and absolute limits decide
        cookie.ExpireTimeSpan = TimeSpan.FromDays(30);
        cookie.Events.OnValidatePrincipal = ValidateAsync;
    }

    private static void Harden(CookieAuthenticationOptions cookie, string name, IHostEnvironment environment)
    {
        cookie.Cookie.Name = NameOf(name, environment);
        cookie.Cookie.SecurePolicy = Secure(environment);
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        cookie.Cookie.Path = "/";
    }

    // Development serves plain HTTP on the loopback address, where a browser refuses the prefix and the flag.
    private static string NameOf(string name, IHostEnvironment environment) => environment.IsDevelopment() ? name : $"__Host-{name}";

    private static CookieSecurePolicy Secure(IHostEnvironment environment) =>
        environment.IsDevelopment() ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;

    /// <summary>The cookie only names a session; who that is and what they may do is asked anew for each request.</summary>
    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var staff = context.HttpContext.RequestServices.GetRequiredService<StaffPrincipal>();
        if (await staff.RefreshAsync(context.Principal!, context.HttpContext.RequestAborted) is { } current)
        {
            context.ReplacePrincipal(current);
            return;
        }

        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(IdentityConstants.ApplicationScheme);
    }
}
