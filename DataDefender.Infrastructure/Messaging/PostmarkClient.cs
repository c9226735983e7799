using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using DataDefender.Domain.Notifications;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Messaging;

/// <summary>E-mail through Postmark, for when the first provider does not take one. It knows no idempotency key, so a lost answer leaves the e-mail uncertain.</summary>
internal sealed class PostmarkClient(HttpClient http, PostmarkCalls calls, IOptions<MessagingOptions> options, TimeProvider clock) : IEmailGateway
{
    private const int Inactive = 406;

    public string Provider => "Postmark";

    public async Task<SendOutcome> SendAsync(EmailAccount account, Email email, string idempotencyKey, CancellationToken ct = default)
    {
        var (answer, instead) = await calls.Calls.SendAsync(http, () => Request(account, email), ct);
        if (answer is null)
        {
            return instead!;
        }

        using (answer)
        {
            var (id, code, message) = Read(await answer.Content.ReadAsStringAsync(CancellationToken.None));
            return answer.StatusCode switch
            {
                HttpStatusCode.OK => id is null ? new SendOutcome.Unknown($"{Provider} answered without an id.") : new SendOutcome.Accepted(id),
                HttpStatusCode.TooManyRequests => new SendOutcome.NotSent($"{Provider} asks us to slow down.", ProviderCalls.RetryAfter(answer, clock)),
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new SendOutcome.NotSent($"{Provider} refused the account: check the server token.", TimeSpan.FromMinutes(15)),
                >= HttpStatusCode.InternalServerError => new SendOutcome.Unknown($"{Provider} answered {(int)answer.StatusCode}."),
                _ when code == Inactive => new SendOutcome.Blocked("The address bounced or complained before, so the provider does not write to it."),
                _ => new SendOutcome.Refused($"{Provider} refused it: {message ?? $"{(int)answer.StatusCode}"}"),
            };
        }
    }

    private static (string? Id, int? Code, string? Message) Read(string body)
    {
        try
        {
            var answer = JsonSerializer.Deserialize(body, PostmarkJson.Default.Answer);
            return (answer?.MessageID, answer?.ErrorCode, answer?.Message);
        }
        catch (JsonException)
        {
            return (null, null, null);
        }
    }

    private HttpRequestMessage Request(EmailAccount account, Email email)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"{options.Value.PostmarkUrl.TrimEnd('/')}/email")
        {
            Content = JsonContent.Create(new Body(account.From, email.To, email.Subject, email.Body, account.ReplyTo, "outbound"), PostmarkJson.Default.Body),
        };
        request.Headers.TryAddWithoutValidation("X-Postmark-Server-Token", account.ApiKey);
        request.Headers.Accept.ParseAdd("application/json");
        return request;
    }

    internal sealed record Body(string From, string To, string Subject, string TextBody, string? ReplyTo, string MessageStream);

    internal sealed record Answer(string? MessageID, int? ErrorCode, string? Message);
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PostmarkClient.Body))]
[JsonSerializable(typeof(PostmarkClient.Answer))]
internal sealed partial class PostmarkJson : JsonSerializerContext;

/// <summary>Shared by all calls of the process.</summary>
internal sealed class PostmarkCalls(TimeProvider clock)
{
    public ProviderCalls Calls { get; } = new("Postmark", clock);
}
