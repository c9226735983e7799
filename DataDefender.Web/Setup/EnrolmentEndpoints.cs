using System.Text;
using DataDefender.Infrastructure.Network.Provisioning;

namespace DataDefender.Web.Setup;

/// <summary>What a new router asks for with the token of its line. A token that is not open is answered as if there were nothing here.</summary>
internal static class EnrolmentEndpoints
{
    public const string Path = "/enrol";

    private const int MostSent = 256;
    private const string Plain = "text/plain; charset=utf-8";

    public static void MapEnrolment(this WebApplication app)
    {
        var enrol = app.MapGroup(Path + "/{token:length(48)}").AllowAnonymous();
        app.MapGet(Path + "/{token:length(48)}.rsc", async (string token, EnrolmentDesk desk, HttpRequest request, HttpResponse response, CancellationToken ct) =>
        {
            response.Headers.CacheControl = "no-store";
            return await desk.ScriptAsync(token, $"{request.Scheme}://{request.Host}{request.PathBase}", ct) is { } script ? Results.Text(script, Plain) : Results.NotFound();
        }).AllowAnonymous();
        enrol.MapGet("/ran", async (string token, EnrolmentDesk enrolments, CancellationToken ct) => await enrolments.RanAsync(token, ct) ? Results.Text("ok", Plain) : Results.NotFound());

        enrol.MapPost("/home", async (string token, EnrolmentDesk enrolments, HttpContext context, CancellationToken ct) =>
            await enrolments.HomeAsync(token, From(context), await KeyAsync(context.Request, ct), ct) ? Results.Text("ok", Plain) : Results.NotFound());
    }

    // Routers send what they are told to send as it stands, under whatever content type their version likes: the body is read as text.
    private static async Task<string?> KeyAsync(HttpRequest request, CancellationToken ct)
    {
        var buffer = new byte[MostSent];
        var read = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct);
        var text = Encoding.ASCII.GetString(buffer, 0, read).Trim();
        return text.StartsWith("key=", StringComparison.Ordinal) && text.Length > 4 ? text[4..] : null;
    }

    private static string From(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString() : "";
}
