using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace DataDefender.Sandbox.Messaging;

/// <summary>
/// Africa's Talking and Resend as their documentation describes them. What a number or an address ends in decides its fate: a number in
/// 0403 is invalid, 0405 has the account out of credit, 0406 is blacklisted, 0404 is delivered to nobody; an address beginning with bounce or
/// complain does so.
/// </summary>
internal static class MessagingRoutes
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static void Map(WebApplication app, SandboxWorld world)
    {
        app.MapPost("/africastalking/version1/messaging", (HttpContext http, CancellationToken ct) => SmsAsync(http, world, ct));
        app.MapPost("/resend/emails", (HttpContext http, CancellationToken ct) => EmailAsync(http, world, ct));
        SecondProviders.Map(app, world);
        app.MapGet("/outbox", () => Results.Content(Page(), "text/html; charset=utf-8"));
        app.MapGet("/api/messages", (string? search, string? channel, int? take) => world.Messages.All
            .Where(m => (string.IsNullOrEmpty(channel) || m.Channel == channel)
                && (string.IsNullOrEmpty(search) || m.To.Contains(search, StringComparison.OrdinalIgnoreCase) || m.Text.Contains(search, StringComparison.OrdinalIgnoreCase)))
            .Reverse().Take(Math.Clamp(take ?? 100, 1, 500)));
        app.MapPost("/api/messages/faults", (FaultTurn turn) =>
        {
            world.Messages.Turn(turn.Channel == "email" ? "email" : "sms", turn.Fault, Math.Clamp(turn.Times ?? 1, 0, 1_000_000));
            return Results.Ok();
        });
    }

    private static async Task<IResult> SmsAsync(HttpContext http, SandboxWorld world, CancellationToken ct)
    {
        var form = await http.Request.ReadFormAsync(ct);
        var key = http.Request.Headers["apiKey"].ToString();
        if (key.Length == 0 || key.StartsWith("wrong", StringComparison.Ordinal))
        {
            return Results.Text("The supplied authentication is invalid", statusCode: StatusCodes.Status401Unauthorized);
        }

        if (form["username"].ToString().Length == 0 || form["to"].ToString().Length == 0 || form["message"].ToString().Length == 0)
        {
            return Results.Text("Request is missing required form field", statusCode: StatusCodes.Status400BadRequest);
        }

        var fault = world.Messages.Take("sms");
        if (Refusal(http, fault) is { } refusal)
        {
            return refusal;
        }

        var (text, from) = (form["message"].ToString(), form["from"].ToString() is { Length: > 0 } sender ? sender : "AFRICASTKNG");
        var parts = Parts(text);
        List<object> recipients = [];
        var (sent, total, numbers) = (0, 0m, form["to"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        foreach (var number in numbers)
        {
            var (code, status) = Fate(number);
            var boxed = world.Messages.Add("sms", number, from, null, text, status, world.Clock.Now);
            var cost = code <= 102 ? world.Options.Messaging.SmsPrice * parts : 0;
            (sent, total) = (sent + (code <= 102 ? 1 : 0), total + cost);
            recipients.Add(new { statusCode = code, number, status, cost = code <= 102 ? Price(cost) : "0", messageId = code <= 102 ? boxed.Id : "None" });
            if (code <= 102 && fault is not MessagingFault.LostReport && world.Options.Messaging.SmsReportUrl is { } url)
            {
                _ = ReportAsync(world, () => SmsReport(url, boxed));
            }
        }

        if (fault is MessagingFault.LostAnswer)
        {
            await Task.Delay(Timeout.Infinite, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return Results.Json(
            new { SMSMessageData = new { Message = string.Create(CultureInfo.InvariantCulture, $"Sent to {sent}/{numbers.Length} Total Cost: {Price(total)}"), Recipients = recipients } },
            new JsonSerializerOptions(), statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> EmailAsync(HttpContext http, SandboxWorld world, CancellationToken ct)
    {
        if (http.Request.Headers.UserAgent.ToString().Length == 0)
        {
            return Error(403, "1010", "error code: 1010");
        }

        if (http.Request.Headers.Authorization.ToString() is not ['B', 'e', 'a', 'r', 'e', 'r', ' ', 'r', 'e', '_', ..])
        {
            return Error(401, "missing_api_key", "Missing API key in the authorization header");
        }

        var body = await new StreamReader(http.Request.Body).ReadToEndAsync(ct);
        EmailBody? email;
        try
        {
            email = JsonSerializer.Deserialize<EmailBody>(body, Json);
        }
        catch (JsonException)
        {
            return Error(422, "validation_error", "The body is not JSON.");
        }

        if (email is not { From.Length: > 0, To: [{ Length: > 0 } to, ..], Subject: not null } || !to.Contains('@', StringComparison.Ordinal))
        {
            return Error(422, "validation_error", "Invalid `to` field. The email address needs to follow the `email@example.com` format.");
        }

        var fault = world.Messages.Take("email");
        if (Refusal(http, fault) is { } refusal)
        {
            return refusal;
        }

        BoxedMessage? boxed = null;
        var (id, isNew) = world.Messages.Once(http.Request.Headers["Idempotency-Key"], body, () =>
        {
            boxed = world.Messages.Add("email", to, email.From, email.Subject, email.Text ?? email.Html ?? "", "sent", world.Clock.Now);
            return boxed.Id;
        });
        if (id is null)
        {
            return Error(409, "invalid_idempotent_request", "Same idempotency key used with a different request payload.");
        }

        if (isNew && fault is not MessagingFault.LostReport && world.Options.Messaging.EmailReportUrl is { } url)
        {
            _ = ReportAsync(world, () => EmailReport(world, url, boxed!));
        }

        if (fault is MessagingFault.LostAnswer)
        {
            await Task.Delay(Timeout.Infinite, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return Results.Json(new { id });
    }

    private static IResult? Refusal(HttpContext http, MessagingFault fault)
    {
        if (fault is MessagingFault.SlowDown)
        {
            http.Response.Headers.RetryAfter = "2";
            return Results.Text("Too many requests", statusCode: StatusCodes.Status429TooManyRequests);
        }

        return fault is MessagingFault.Down ? Results.Text("Service unavailable", statusCode: StatusCodes.Status503ServiceUnavailable) : null;
    }

    private static (int Code, string Status) Fate(string number) => number switch
    {
        [.., '0', '4', '0', '3'] => (403, "InvalidPhoneNumber"),
        [.., '0', '4', '0', '5'] => (405, "InsufficientBalance"),
        [.., '0', '4', '0', '6'] => (406, "UserInBlacklist"),
        _ => (101, "Success"),
    };

    private static int Parts(string text) => text.All(char.IsAscii)
        ? text.Length <= 160 ? 1 : (text.Length + 152) / 153
        : text.Length <= 70 ? 1 : (text.Length + 66) / 67;

    private static string Price(decimal amount) => string.Create(CultureInfo.InvariantCulture, $"KES {amount:0.0000}");

    private static HttpRequestMessage SmsReport(string url, BoxedMessage message)
    {
        var failed = message.To.EndsWith("0404", StringComparison.Ordinal);
        List<KeyValuePair<string, string>> form =
        [
            new("id", message.Id), new("status", failed ? "Failed" : "Success"), new("phoneNumber", message.To), new("networkCode", "63902"), new("retryCount", "0"),
        ];
        if (failed)
        {
            form.Add(new("failureReason", "AbsentSubscriber"));
        }

        return new HttpRequestMessage(HttpMethod.Post, url) { Content = new FormUrlEncodedContent(form) };
    }

    private static HttpRequestMessage EmailReport(SandboxWorld world, string url, BoxedMessage message)
    {
        var type = message.To switch
        {
            ['b', 'o', 'u', 'n', 'c', 'e', ..] => "email.bounced",
            ['c', 'o', 'm', 'p', 'l', 'a', 'i', 'n', ..] => "email.complained",
            _ => "email.delivered",
        };
        var body = JsonSerializer.Serialize(new { type, created_at = message.At, data = new { email_id = message.Id, to = new[] { message.To } } });
        var (id, timestamp) = ($"msg_{message.Number}", TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        var key = Convert.FromBase64String(world.Options.Messaging.EmailSigningSecret["whsec_".Length..]);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}")));
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("svix-id", id);
        request.Headers.Add("svix-timestamp", timestamp);
        request.Headers.Add("svix-signature", $"v1,{signature}");
        return request;
    }

    private static async Task ReportAsync(SandboxWorld world, Func<HttpRequestMessage> request)
    {
        await Task.Delay(TimeSpan.FromSeconds(world.Options.Messaging.ReportDelaySeconds));
        try
        {
            using var message = request();
            using var answer = await world.Reporter.SendAsync(message, CancellationToken.None);
        }
        catch (Exception trouble) when (trouble is HttpRequestException or OperationCanceledException or ObjectDisposedException or UriFormatException or InvalidOperationException)
        {
            // Nobody listens there, or the world ends: a provider's report is lost then too.
        }
    }

    private static IResult Error(int status, string name, string message) => Results.Json(new { statusCode = status, name, message }, statusCode: status);

    private static string Page()
    {
        using var stream = typeof(MessagingRoutes).Assembly.GetManifestResourceStream("outbox.html")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private sealed record FaultTurn(string? Channel, MessagingFault Fault, int? Times);

    private sealed record EmailBody(string From, string[] To, string? Subject, string? Text, string? Html);
}
