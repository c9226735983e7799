using System.Text;
using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Reports;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Security;

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

    /// <summary>The lists of payments as files, by the address that the page gives.</summary>
    public static void MapPaymentFiles(this WebApplication app) => app.MapGet("/payments/files/{name}.{format}", async (
        string name, string format, string? q, string? state, string? method, int? days, PaymentExports exports, IReportWriter files, Workplace workplace, TimeProvider clock, CancellationToken ct) =>
    {
        if (!Enum.TryParse<PaymentExport>(name, ignoreCase: true, out var export) || !Enum.IsDefined(export) || format is not ("xlsx" or "csv"))
        {
            return Results.NotFound();
        }

        var query = new PaymentExportQuery(string.IsNullOrWhiteSpace(q) ? null : q, Of<TransactionState>(state), Of<PaymentMethod>(method), Of<StatementRowState>(state), Of<InboundStatus>(state), days is > 0 and < 4000 ? days : null);
        ReportTable table;
        try
        {
            table = await exports.GetAsync(export, query, ct);
        }
        catch (ForbiddenException)
        {
            return Results.Forbid(); // a list that wants more than looking at payments
        }

        var file = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{table.Name}-{clock.GetUtcNow():yyyy-MM-dd}.{format}");
        return format == "xlsx"
            ? Results.File(files.Excel(table, workplace.Company?.Name ?? "", clock.GetUtcNow().UtcDateTime), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", file)
            : Results.File(files.Csv(table), "text/csv; charset=utf-8", file);

        static T? Of<T>(string? text) where T : struct, Enum => Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value) ? value : null;
    }).RequireAuthorization(Permissions.ViewPayments);

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
