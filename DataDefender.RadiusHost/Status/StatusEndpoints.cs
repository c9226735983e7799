using System.Security.Cryptography;
using System.Text;
using DataDefender.RadiusHost.Accounting;
using DataDefender.RadiusHost.Lines;
using DataDefender.RadiusHost.LoginTests;

namespace DataDefender.RadiusHost.Status;

/// <summary>Health, metrics and pulse over HTTP.</summary>
internal static class StatusEndpoints
{
    private const string Bearer = "Bearer ";

    /// <param name="degraded">What is wrong although logins are answered, or null.</param>
    public static void MapStatus(this WebApplication app, Func<string?> degraded)
    {
        app.MapGet("/health/live", () => Results.Text("alive"));
        app.MapGet("/health/ready", (LineDirectory directory, Journal journal, ApplierStatus applier, RadiusPorts ports) => Ready(directory, journal, ports, degraded() ?? applier.Unreadable ?? applier.Alarm));
        app.MapGet("/metrics", (HttpContext http, RadiusOptions options, Metrics metrics) =>
            TestPath.Of(http.Connection).IsLocal || (options.StatusToken.Length > 0 && IsAllowed(http.Request, options.StatusToken)) ? Results.Text(metrics.Write(), Metrics.ContentType) : Results.Unauthorized());
        app.MapGet("/pulse", (HttpRequest request, RadiusOptions options, Pulse pulse, long since = 0) =>
            options.StatusToken.Length == 0 ? Results.NotFound()
            : IsAllowed(request, options.StatusToken) ? Results.Json(pulse.Take(since))
            : Results.Unauthorized());
        app.MapPost("/login-tests", (HttpContext http, RadiusOptions options, LoginTestDesk desk, Guid nas) =>
            MayTest(http, options) ?? (desk.Open(nas, TestPath.Of(http.Connection), out var isKnown) is { } opening ? Results.Json(opening)
                : Results.StatusCode(isKnown ? StatusCodes.Status429TooManyRequests : StatusCodes.Status404NotFound)));
        app.MapGet("/login-tests/{id:guid}", (HttpContext http, RadiusOptions options, LoginTestDesk desk, Guid id) =>
            MayTest(http, options) ?? (desk.Verdict(id) is { } verdict ? Results.Json(verdict) : Results.NotFound()));
    }

    /// <summary>
    /// Null for a caller with the token: on this machine, or on another one that came over TLS. A test is a way to try passwords, and its
    /// secret is in the answer, so neither it nor the token may cross a network in the clear.
    /// </summary>
    internal static IResult? MayTest(HttpContext http, RadiusOptions options) =>
        options.StatusToken.Length == 0 ? Results.NotFound()
        : !IsAllowed(http.Request, options.StatusToken) ? Results.Unauthorized()
        : TestPath.Of(http.Connection).IsLocal || http.Request.IsHttps ? null
        : Results.StatusCode(StatusCodes.Status403Forbidden);

    /// <summary>Ready as long as logins are answered and accounting can be kept; the database may be away meanwhile, which it says.</summary>
    private static IResult Ready(LineDirectory directory, Journal journal, RadiusPorts ports, string? degraded)
    {
        var problem = directory.Source is DirectorySource.None ? "The lines have not been read yet."
            : !ports.AreOpen ? "The ports are not open."
            : journal.Failure is { } failure ? $"The accounting journal cannot be written: {failure}"
            : null;
        var state = new
        {
            Ready = problem is null,
            Problem = problem,
            Degraded = degraded,
            Lines = directory.Content.SubscriberCount,
            Source = directory.Source.ToString(),
            directory.DatabaseReachable,
        };
        return Results.Json(state, statusCode: problem is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static bool IsAllowed(HttpRequest request, string token)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Bearer, StringComparison.Ordinal)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(header[Bearer.Length..])), SHA256.HashData(Encoding.UTF8.GetBytes(token)));
    }
}
