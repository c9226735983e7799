using System.Text;
using System.Text.Json;
using DataDefender.Domain.Notifications;
using DataDefender.Infrastructure.Persistence;

namespace DataDefender.Web.Setup;

/// <summary>
/// Where the providers of SMS and e-mail tell what became of a message. They have no session: the one shows an address that only the
/// company and it know, the other a signature. What they say of a message that we do not know is taken and changes nothing.
/// </summary>
internal static class MessageHooks
{
    public const string Path = "/hooks";

    private const int MostBytes = 64 * 1024;

    public static void MapMessageHooks(this WebApplication app)
    {
        app.MapPost(Path + "/africastalking/{company:guid}/{token}", SmsAsync).AllowAnonymous().DisableAntiforgery();
        app.MapPost(Path + "/resend/{company:guid}", EmailAsync).AllowAnonymous().DisableAntiforgery();
    }

    private static async Task<IResult> SmsAsync(Guid company, string token, HttpContext http, TenantScopes scopes)
    {
        if (company == Guid.Empty || !http.Request.HasFormContentType || http.Request.ContentLength is null or > MostBytes)
        {
            return Results.BadRequest();
        }

        await using var scope = scopes.Open(company, "SMS provider");
        var reports = scope.ServiceProvider.GetRequiredService<DeliveryReports>();
        if (!await reports.KnowsAsync(token, http.RequestAborted))
        {
            return Results.NotFound();
        }

        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var (id, status) = (form["id"].ToString(), form["status"].ToString());
        if (id.Length is 0 or > 120)
        {
            return Results.BadRequest();
        }

        var state = status switch
        {
            "Success" => ReportedState.Delivered,
            "Failed" or "Rejected" => ReportedState.Failed,
            _ => ReportedState.UnderWay, // Sent, Submitted, Buffered
        };
        var reason = form["failureReason"].ToString() is { Length: > 0 } named ? $"Not delivered: {named}." : null;
        await reports.ApplyAsync(MessageChannel.Sms, new DeliveryReport(id, state, string.Concat(form["phoneNumber"].ToString().Where(char.IsAsciiDigit)), reason), ct: http.RequestAborted);
        return Results.Ok();
    }

    private static async Task<IResult> EmailAsync(Guid company, HttpContext http, TenantScopes scopes)
    {
        if (company == Guid.Empty || http.Request.ContentLength is null or > MostBytes)
        {
            return Results.BadRequest();
        }

        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        await using var scope = scopes.Open(company, "e-mail provider");
        var reports = scope.ServiceProvider.GetRequiredService<DeliveryReports>();
        var headers = http.Request.Headers;
        if (!await reports.IsSignedAsync(headers["svix-id"], headers["svix-timestamp"], headers["svix-signature"], body, http.RequestAborted))
        {
            return Results.NotFound();
        }

        if (Read(body) is var (report, suppress))
        {
            await reports.ApplyAsync(MessageChannel.Email, report, suppress, http.RequestAborted);
        }

        return Results.Ok();
    }

    /// <summary>Null for events that say nothing of delivery (opened, clicked), and for what cannot be read.</summary>
    private static (DeliveryReport Report, bool Suppress)? Read(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var data = json.RootElement.GetProperty("data");
            if (data.GetProperty("email_id").GetString() is not { Length: > 0 and <= 120 } id)
            {
                return null;
            }

            var to = data.TryGetProperty("to", out var all) && all.ValueKind is JsonValueKind.Array && all.GetArrayLength() > 0 ? all[0].GetString()?.ToLowerInvariant() : null;
            return json.RootElement.GetProperty("type").GetString() switch
            {
                "email.sent" or "email.delivery_delayed" => (new DeliveryReport(id, ReportedState.UnderWay, to), false),
                "email.delivered" => (new DeliveryReport(id, ReportedState.Delivered, to), false),
                "email.bounced" => (new DeliveryReport(id, ReportedState.Failed, to, "The address bounced."), true),
                "email.complained" => (new DeliveryReport(id, ReportedState.Failed, to, "The recipient marked it as spam."), true),
                "email.failed" or "email.suppressed" => (new DeliveryReport(id, ReportedState.Failed, to, "The provider could not deliver it."), false),
                _ => null,
            };
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
