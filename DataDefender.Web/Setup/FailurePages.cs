using System.Data.Common;
using System.Net;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Web.Setup;

/// <summary>
/// While the database is away every page is this one, which looks again by itself. It needs nothing but this process: no database, no
/// session, no script.
/// </summary>
internal sealed partial class FailurePages(RequestDelegate next, DatabaseWatch database, ILogger<FailurePages> log)
{
    private const int RetrySeconds = 5;

    public async Task InvokeAsync(HttpContext context)
    {
        if (!database.IsReady && NeedsDatabase(context.Request))
        {
            await AwayAsync(context, database.Problem ?? "The database does not answer.");
            return;
        }

        try
        {
            await next(context);
        }
        catch (BadHttpRequestException bad) when (!context.Response.HasStarted)
        {
            await PageAsync(context, (HttpStatusCode)bad.StatusCode, "This form cannot be taken",
                "It was open for too long, or came from somewhere else. Nothing was changed. Load the page again and repeat your step.", retry: false);
        }
        catch (Exception ex) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            Failed(log, context.Request.Method, Shown(context), ex);
            if (IsDatabaseAway(ex))
            {
                database.Suspect();
                await AwayAsync(context, "The database does not answer.");
                return;
            }

            await PageAsync(context, HttpStatusCode.InternalServerError, "Something went wrong",
                "The page could not be made. Nothing was changed by it; what you did before is saved. It has been written to the log.", retry: false);
        }
    }

    /// <summary>An error of a connection, not of a statement: the same request may work in a moment.</summary>
    internal static bool IsDatabaseAway(Exception? ex) => ex switch
    {
        null => false,
        DbUpdateException { InnerException: { } inner } => IsDatabaseAway(inner),
        DbException { IsTransient: true } => true,
        Microsoft.Data.Sqlite.SqliteException { SqliteErrorCode: 8 or 10 or 11 or 13 or 14 or 26 } => true, // read-only, I/O, corrupt, full, cannot open, no database
        System.Net.Sockets.SocketException or TimeoutException => true,
        _ => IsDatabaseAway(ex.InnerException),
    };

    private static bool NeedsDatabase(HttpRequest request) =>
        !request.Path.StartsWithSegments("/health") && !request.Path.StartsWithSegments("/_content") && !request.Path.StartsWithSegments("/css") && !request.Path.StartsWithSegments("/_framework");

    private static Task AwayAsync(HttpContext context, string problem) => PageAsync(
        context, HttpStatusCode.ServiceUnavailable, "One moment",
        $"{problem} This page looks again every {RetrySeconds} seconds and opens by itself. Subscribers stay online: the RADIUS host works from what it knows.", retry: true);

    /// <summary>Somebody tries faster than people do.</summary>
    public static Task TooManyAsync(HttpContext context) => PageAsync(
        context, HttpStatusCode.TooManyRequests, "Slow down", "There were many attempts from your address within a minute. Wait a minute, then try again.", retry: false);

    private static Task PageAsync(HttpContext context, HttpStatusCode status, string title, string text, bool retry)
    {
        context.Response.Clear();
        context.Response.StatusCode = (int)status;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        if (retry)
        {
            context.Response.Headers.RetryAfter = $"{RetrySeconds}";
            if (HttpMethods.IsGet(context.Request.Method))
            {
                context.Response.Headers["Refresh"] = $"{RetrySeconds}";
            }
        }

        return context.Response.WriteAsync($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <title>{WebUtility.HtmlEncode(title)} · DataDefender</title>
              <link rel="stylesheet" href="/css/tokens.css"><link rel="stylesheet" href="/css/public.css">
            </head>
            <body class="public">
              <main class="public-card">
                <h1>{WebUtility.HtmlEncode(title)}</h1>
                <p>{WebUtility.HtmlEncode(text)}</p>
                <p><a class="button" href="{WebUtility.HtmlEncode(HttpMethods.IsGet(context.Request.Method) ? context.Request.Path + context.Request.QueryString : "/")}">Try again</a></p>
              </main>
            </body>
            </html>
            """);
    }

    // A path may hold a secret: the mark of a callback, the token of a new router. The pattern of the route does not.
    private static string Shown(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? context.Request.Path.Value ?? "";

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void Failed(ILogger log, string method, string path, Exception exception);
}
