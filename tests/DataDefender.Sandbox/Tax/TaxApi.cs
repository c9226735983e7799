using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DataDefender.Sandbox.Tax;

/// <summary>The authority's interface under <c>/etims-api</c>, and what a person turns at it under <c>/api/tax</c>.</summary>
internal static class TaxApi
{
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(2);

    public static void Map(WebApplication app, TaxOffice office)
    {
        // As a Delegate: an async lambda would be taken for a RequestDelegate, whose result nobody writes.
        app.MapPost("/etims-api/selectInitOsdcInfo", (Delegate)((HttpContext context) => InstallAsync(context, office)));
        app.MapPost("/etims-api/saveTrnsSalesOsdc", (Delegate)((HttpContext context, CancellationToken ct) => SaveAsync(context, office, ct)));
        app.MapGet("/api/tax/documents", () => office.Documents.Reverse().Take(500));
        app.MapPost("/api/tax/faults", (TaxFaultOrder order) =>
        {
            office.Next(order.Fault, Math.Clamp(order.Times ?? 1, 1, 10_000));
            return Results.Ok();
        });
    }

    private static async Task<IResult> InstallAsync(HttpContext context, TaxOffice office)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        return Answer(office.Install(Text(body.RootElement, "tin"), Text(body.RootElement, "bhfId"), Text(body.RootElement, "dvcSrlNo")));
    }

    private static async Task<IResult> SaveAsync(HttpContext context, TaxOffice office, CancellationToken ct)
    {
        var (tin, branch) = (context.Request.Headers["tin"].ToString(), context.Request.Headers["bhfId"].ToString());
        if (tin.Length == 0 || branch.Length == 0)
        {
            return Answer(("900", "There is no header information", null));
        }

        if (!office.Knows(tin, branch, context.Request.Headers["cmcKey"].ToString()))
        {
            return Answer(("901", "It is not valid device", null));
        }

        using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: ct);
        if (!office.Strikes(out var fault))
        {
            return Answer(office.Save(tin, branch, body.RootElement, tellsAgain: true));
        }

        switch (fault)
        {
            case TaxFault.BadGateway:
                return Results.Content("<html>502 Bad Gateway</html>", "text/html", statusCode: StatusCodes.Status502BadGateway);
            case TaxFault.Trouble:
                return Answer(("999", "Unknown error", null));
            case TaxFault.Refused:
                return Answer(("921", "Sales data cannot be received", null));
            case TaxFault.ForgetsSignature:
                return Answer(office.Save(tin, branch, body.RootElement, tellsAgain: false));
            case TaxFault.TimeoutAfterExecution:
                office.Save(tin, branch, body.RootElement, tellsAgain: true);
                await Task.Delay(Silence, ct);
                return Results.Empty;
            case TaxFault.BreakAfterExecution:
                office.Save(tin, branch, body.RootElement, tellsAgain: true);
                context.Abort();
                return Results.Empty;
            default:
                throw new InvalidOperationException($"There is no fault {fault}.");
        }
    }

    private static IResult Answer((string Code, string Message, object? Data) answer) => Results.Json(new { resultCd = answer.Code, resultMsg = answer.Message, resultDt = "20260101000000", data = answer.Data });

    private static string Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private sealed record TaxFaultOrder(TaxFault Fault, int? Times);
}

/// <summary>The authority alone, on a port of the system's choice: for tests that need no routers.</summary>
public sealed class TaxServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TaxServer(WebApplication app, TaxOffice office, Uri url) => (_app, Office, Url) = (app, office, url);

    public TaxOffice Office { get; }

    /// <summary>What a company enters as its control unit's address.</summary>
    public Uri Url { get; }

    public static async Task<TaxServer> StartAsync(TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(TaxServer).Assembly.GetName().Name, ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var office = new TaxOffice(time);
        TaxApi.Map(app, office);
        await app.StartAsync();
        return new TaxServer(app, office, new Uri($"{app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()}/etims-api"));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
