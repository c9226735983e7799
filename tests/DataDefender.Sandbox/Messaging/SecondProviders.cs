using System.Globalization;
using System.Text;
using System.Text.Json;

namespace DataDefender.Sandbox.Messaging;

/// <summary>Twilio and Postmark as their documentation describes them: one message a call; a number in 0406 has unsubscribed, one in 0403 is none.</summary>
internal static class SecondProviders
{
    /// <summary>Postmark writes its names with a capital.</summary>
    private static readonly JsonSerializerOptions AsNamed = new();

    public static void Map(WebApplication app, SandboxWorld world)
    {
        app.MapPost("/twilio/2010-04-01/Accounts/{sid}/Messages.json", (HttpContext http, string sid, CancellationToken ct) => TwilioAsync(http, world, sid, ct));
        app.MapPost("/postmark/email", (HttpContext http, CancellationToken ct) => PostmarkAsync(http, world, ct));
    }

    private static async Task<IResult> TwilioAsync(HttpContext http, SandboxWorld world, string sid, CancellationToken ct)
    {
        var basic = http.Request.Headers.Authorization.ToString();
        if (!basic.StartsWith("Basic ", StringComparison.Ordinal) || !Encoding.UTF8.GetString(Convert.FromBase64String(basic[6..])).StartsWith($"{sid}:", StringComparison.Ordinal))
        {
            return Twilio(StatusCodes.Status401Unauthorized, 20003, "Authenticate");
        }

        var form = await http.Request.ReadFormAsync(ct);
        var (to, from, text) = (form["To"].ToString(), form["From"].ToString(), form["Body"].ToString());
        if (from.Length == 0 || text.Length == 0)
        {
            return Twilio(StatusCodes.Status400BadRequest, 21603, "A 'From' phone number is required.");
        }

        if (to.EndsWith("0403", StringComparison.Ordinal) || !to.StartsWith('+'))
        {
            return Twilio(StatusCodes.Status400BadRequest, 21211, $"The 'To' number {to} is not a valid phone number.");
        }

        if (to.EndsWith("0406", StringComparison.Ordinal))
        {
            return Twilio(StatusCodes.Status400BadRequest, 21610, "Attempt to send to unsubscribed recipient");
        }

        var boxed = world.Messages.Add("sms", to, from, null, text, "Success", world.Clock.Now);
        return Results.Json(new { sid = "SM" + boxed.Number.ToString("x32", CultureInfo.InvariantCulture), status = "queued", to, from, body = text, error_code = (int?)null, price = (string?)null }, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> PostmarkAsync(HttpContext http, SandboxWorld world, CancellationToken ct)
    {
        if (http.Request.Headers["X-Postmark-Server-Token"].ToString() is not { Length: > 0 })
        {
            return Results.Json(new { ErrorCode = 10, Message = "No Account or Server API tokens were supplied." }, AsNamed, statusCode: StatusCodes.Status401Unauthorized);
        }

        using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: ct);
        var root = body.RootElement;
        var (from, to) = (root.GetProperty("From").GetString() ?? "", root.GetProperty("To").GetString() ?? "");
        if (to.StartsWith("bounce", StringComparison.Ordinal))
        {
            return Results.Json(new { ErrorCode = 406, Message = "You tried to send to a recipient that has been marked as inactive." }, AsNamed, statusCode: StatusCodes.Status422UnprocessableEntity);
        }

        var boxed = world.Messages.Add("email", to, from, root.GetProperty("Subject").GetString(), root.GetProperty("TextBody").GetString() ?? "", "sent", world.Clock.Now);
        return Results.Json(new { To = to, SubmittedAt = world.Clock.Now, MessageID = boxed.Id, ErrorCode = 0, Message = "OK" }, AsNamed);
    }

    private static IResult Twilio(int status, int code, string message) => Results.Json(new { code, message, more_info = $"https://www.twilio.com/docs/errors/{code}", status }, statusCode: status);
}
