using DataDefender.Domain.Security;

namespace DataDefender.Web.Setup;

internal static class AccountEndpoints
{
    public static void MapAccountEndpoints(this WebApplication app) =>
        // A form of the shell posts here; UseAntiforgery checks its token because the endpoint binds a form.
        app.MapPost("/sign-out", async (ISignIn signIn, IFormCollection form, CancellationToken ct) =>
        {
            await signIn.SignOutAsync(ct);
            return Results.LocalRedirect("/sign-in");
        }).AllowAnonymous();
}
