using Microsoft.AspNetCore.Http.Extensions;

namespace DataDefender.Web.Setup;

/// <summary>
/// Headers of every answer. Styles may be inline because Radzen's components set them; scripts may not, so a script that somebody
/// smuggles into a page does not run.
/// </summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    private const string Policy =
        "default-src 'self'; base-uri 'self'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; " +
        "script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'";

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(static state =>
        {
            var headers = ((HttpContext)state).Response.Headers;
            headers.ContentSecurityPolicy = Policy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "strict-origin-when-cross-origin";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(self), geolocation=(self), microphone=()";
            return Task.CompletedTask;
        }, context);
        return IsForeignWebSocket(context.Request) ? Refuse(context) : next(context);
    }

    /// <summary>A page of another site may open a WebSocket to us with this browser's cookies; only its Origin tells (ASVS 4.4.2).</summary>
    private static bool IsForeignWebSocket(HttpRequest request) =>
        request.Headers.Upgrade.Count > 0
        && request.Headers.Origin is [{ } origin]
        && !string.Equals(origin, UriHelper.BuildAbsolute(request.Scheme, request.Host).TrimEnd('/'), StringComparison.OrdinalIgnoreCase);

    private static Task Refuse(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }
}
