using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using DataDefender.Domain.Notifications;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Messaging;

/// <summary>
/// SMS through Twilio, for when the first provider does not take one. The API takes one number a call and knows no idempotency key, so a lost
/// answer leaves the message uncertain.
/// </summary>
internal sealed class TwilioClient(HttpClient http, TwilioCalls calls, IOptions<MessagingOptions> options, TimeProvider clock) : ISmsGateway
{
    private const int Unsubscribed = 21610;
    private const int Parallel = 4;

    public string Provider => "Twilio";

    public async Task<IReadOnlyList<SendOutcome>> SendAsync(SmsAccount account, string text, IReadOnlyList<string> numbers, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(numbers.Count, ISmsGateway.MostRecipients, nameof(numbers));
        var outcomes = new SendOutcome[numbers.Count];
        await System.Threading.Tasks.Parallel.ForEachAsync(
            Enumerable.Range(0, numbers.Count), new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = CancellationToken.None },
            async (i, _) => outcomes[i] = await SendOneAsync(account, text, numbers[i], ct));
        return outcomes;
    }

    private async Task<SendOutcome> SendOneAsync(SmsAccount account, string text, string number, CancellationToken ct)
    {
        var (answer, instead) = await calls.Calls.SendAsync(http, () => Request(account, text, number), ct);
        if (answer is null)
        {
            return instead!;
        }

        using (answer)
        {
            var (sid, code, message) = Read(await answer.Content.ReadAsStringAsync(CancellationToken.None));
            return answer.StatusCode switch
            {
                HttpStatusCode.Created or HttpStatusCode.OK => sid is null ? new SendOutcome.Unknown($"{Provider} answered without an id.") : new SendOutcome.Accepted(sid),
                HttpStatusCode.TooManyRequests => new SendOutcome.NotSent($"{Provider} asks us to slow down.", ProviderCalls.RetryAfter(answer, clock)),
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new SendOutcome.NotSent($"{Provider} refused the account: check its SID and token.", TimeSpan.FromMinutes(15)),
                >= HttpStatusCode.InternalServerError => new SendOutcome.Unknown($"{Provider} answered {(int)answer.StatusCode}."),
                _ when code == Unsubscribed => new SendOutcome.Blocked("The recipient has blocked messages from this sender at the provider."),
                _ => new SendOutcome.Refused($"{Provider} refused it: {message ?? $"{(int)answer.StatusCode}"}"),
            };
        }
    }

    private static (string? Sid, int? Code, string? Message) Read(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            return (
                root.TryGetProperty("sid", out var sid) ? sid.GetString() : null,
                root.TryGetProperty("code", out var code) && code.ValueKind is JsonValueKind.Number ? code.GetInt32() : null,
                root.TryGetProperty("message", out var message) ? message.GetString() : null);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return (null, null, null);
        }
    }

    private HttpRequestMessage Request(SmsAccount account, string text, string number)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"{options.Value.TwilioUrl.TrimEnd('/')}/2010-04-01/Accounts/{Uri.EscapeDataString(account.Username)}/Messages.json")
        {
            Content = new FormUrlEncodedContent([new("To", "+" + number), new("From", account.SenderId ?? ""), new("Body", text)]),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{account.Username}:{account.ApiKey}")));
        request.Headers.Accept.ParseAdd("application/json");
        return request;
    }
}

/// <summary>Shared by all calls of the process: what is down is down for every company.</summary>
internal sealed class TwilioCalls(TimeProvider clock)
{
    public ProviderCalls Calls { get; } = new("Twilio", clock);
}
