using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.RateLimiting;
using DataDefender.Domain.Notifications;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Messaging;

/// <summary>E-mail through Resend. It sends once for one Idempotency-Key within a day, so an attempt without an answer may be repeated.</summary>
internal sealed class ResendClient(HttpClient http, ResendCalls calls, IOptions<MessagingOptions> options, TimeProvider clock) : IEmailGateway
{
    private const string Name = "Resend";

    public string Provider => Name;

    public async Task<SendOutcome> SendAsync(EmailAccount account, Email email, string idempotencyKey, CancellationToken ct = default)
    {
        using var permit = await calls.Rate.AcquireAsync(1, ct);
        if (!permit.IsAcquired)
        {
            return new SendOutcome.NotSent("Many e-mails wait; this one takes its turn later.", TimeSpan.FromSeconds(10));
        }

        var (answer, instead) = await calls.Calls.SendAsync(http, () => Request(account, email, idempotencyKey), ct);
        if (answer is null)
        {
            return instead!;
        }

        using (answer)
        {
            var body = await answer.Content.ReadAsStringAsync(CancellationToken.None);
            return answer.StatusCode switch
            {
                HttpStatusCode.OK or HttpStatusCode.Created => Id(body) is { } id ? new SendOutcome.Accepted(id) : new SendOutcome.Unknown($"{Name} answered without an id."),
                HttpStatusCode.TooManyRequests => new SendOutcome.NotSent($"{Name} asks us to slow down.", ProviderCalls.RetryAfter(answer, clock) ?? TimeSpan.FromSeconds(30)),
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                    new SendOutcome.NotSent($"{Name} refused the account: {Reason(body)}", TimeSpan.FromMinutes(15)),
                HttpStatusCode.Conflict => new SendOutcome.Unknown($"{Name} has this e-mail under way already."),
                >= HttpStatusCode.InternalServerError => new SendOutcome.Unknown($"{Name} answered {(int)answer.StatusCode}."),
                _ => new SendOutcome.Refused($"{Name} refused it: {Reason(body)}"),
            };
        }
    }

    private static string? Id(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.TryGetProperty("id", out var id) ? id.GetString() : null;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Reason(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.TryGetProperty("message", out var message) ? message.GetString() ?? "" : "";
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return "no reason given";
        }
    }

    private HttpRequestMessage Request(EmailAccount account, Email email, string idempotencyKey)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"{options.Value.ResendUrl.TrimEnd('/')}/emails")
        {
            Content = JsonContent.Create(new Body(account.From, [email.To], email.Subject, email.Body, account.ReplyTo), ResendJson.Default.Body),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", account.ApiKey);
        request.Headers.UserAgent.ParseAdd("DataDefender/1.0"); // without one the provider answers 403
        request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
        return request;
    }

    internal sealed record Body(string From, string[] To, string Subject, string Text, string? ReplyTo);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ResendClient.Body))]
internal sealed partial class ResendJson : JsonSerializerContext;

/// <summary>Shared by all calls of the process: the provider counts calls, not companies.</summary>
internal sealed class ResendCalls(IOptions<MessagingOptions> options, TimeProvider clock) : IDisposable
{
    public ProviderCalls Calls { get; } = new("Resend", clock);

    public TokenBucketRateLimiter Rate { get; } = new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = options.Value.EmailsPerSecond,
        TokensPerPeriod = options.Value.EmailsPerSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 1000,
        AutoReplenishment = true,
    });

    public void Dispose() => Rate.Dispose();
}
