using System.Text;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Tenancy;

namespace DataDefender.Web.Setup;

/// <summary>
/// Where providers of money call. Nobody signs in here: the path proves the caller. What comes is stored before it is read, and 200 is
/// said once it is stored.
/// </summary>
internal static class PaymentEndpoints
{
    public const string Path = "/ipn";

    private const int MaxHeaders = 900;
    private static readonly string[] KeptHeaders = ["Content-Type", "User-Agent", "X-Request-Id", "X-Forwarded-For"];

    public static void MapPaymentCallbacks(this WebApplication app)
    {
        app.MapPost(Path + "/{company:guid}/{channel:guid}/{kind}/{mark}/{push?}", async (
            HttpContext context, Guid company, Guid channel, string kind, string mark, string? push, TenantContext tenant, InboundDesk desk, CancellationToken ct) =>
        {
            if (!Enum.TryParse<CallbackKind>(kind, ignoreCase: true, out var purpose) || !Enum.IsDefined(purpose) || company == Guid.Empty || push is { Length: > 40 })
            {
                return Results.NotFound();
            }

            if (await ReadAsync(context.Request, ct) is not { } body)
            {
                return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
            }

            tenant.Use(company);
            var answer = await desk.ReceiveAsync(new InboundCall(channel, purpose, mark, push, body, HeadersOf(context.Request), context.Connection.RemoteIpAddress), ct);
            return answer.Json is { } json ? Results.Text(json, "application/json", Encoding.UTF8, answer.Status) : Results.StatusCode(answer.Status);
        }).AllowAnonymous().DisableAntiforgery();
    }

    /// <summary>Null when it is longer than anything that a provider sends.</summary>
    private static async Task<byte[]?> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        if (request.ContentLength > InboundMessage.MaxBytes)
        {
            return null;
        }

        using var body = new MemoryStream();
        var buffer = new byte[8 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, ct)) > 0)
        {
            if (body.Length + read > InboundMessage.MaxBytes)
            {
                return null;
            }

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    private static string HeadersOf(HttpRequest request)
    {
        var text = string.Join('\n', KeptHeaders.Where(request.Headers.ContainsKey).Select(h => $"{h}: {request.Headers[h]}"));
        return text.Length > MaxHeaders ? text[..MaxHeaders] : text;
    }
}
