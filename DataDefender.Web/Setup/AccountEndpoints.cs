using System.Security.Claims;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.AspNetCore.Mvc;

namespace DataDefender.Web.Setup;

/// <summary>What forms and our own script post outside a circuit. Each binds a form, so that UseAntiforgery demands its token.</summary>
internal static class AccountEndpoints
{
    public static void MapAccountEndpoints(this WebApplication app)
    {
        app.MapPost("/sign-out", async (ISignIn signIn, IFormCollection form, CancellationToken ct) =>
        {
            await signIn.SignOutAsync(ct);
            return Results.LocalRedirect("/sign-in");
        }).AllowAnonymous();

        var passkeys = app.MapGroup("/account/passkey");
        passkeys.MapPost("/request", async (ISignIn signIn, IFormCollection form) => Json(await signIn.PasskeyRequestAsync())).AllowAnonymous();
        passkeys.MapPost("/creation", async (ISignIn signIn, ClaimsPrincipal user, IFormCollection form) => Json(await signIn.PasskeyCreationAsync(IdOf(user))));
        passkeys.MapPost("/", async (ISignIn signIn, ClaimsPrincipal user, [FromForm] string credential, [FromForm] string name) =>
        {
            try
            {
                await signIn.KeepPasskeyAsync(IdOf(user), credential, name);
                return Results.NoContent();
            }
            catch (DomainException refused)
            {
                return Results.Problem(refused.Message, statusCode: StatusCodes.Status400BadRequest);
            }
        });
    }

    private static IResult Json(string options) => Results.Text(options, "application/json");

    private static Guid IdOf(ClaimsPrincipal user) => Guid.Parse(user.FindFirstValue(ClaimTypes.NameIdentifier)!);
}
