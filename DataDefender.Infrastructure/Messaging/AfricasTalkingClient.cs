using System.Globalization;
using System.Net;
using System.Text.Json;
using DataDefender.Domain.Notifications;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Messaging;

/// <summary>
/// SMS through Africa's Talking (the classic messaging API). A 201 says nothing of a single number: each recipient in it has a code of its
/// own. The API has no idempotency key, so a lost answer leaves the message uncertain.
/// </summary>
internal sealed class AfricasTalkingClient(HttpClient http, AfricasTalkingCalls calls, IOptions<MessagingOptions> options, TimeProvider clock) : ISmsGateway
{
    private const string Name = "Africa's Talking";
    private const string SandboxUsername = "sandbox";

    public string Provider => Name;

    public async Task<IReadOnlyList<SendOutcome>> SendAsync(SmsAccount account, string text, IReadOnlyList<string> numbers, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(numbers.Count, ISmsGateway.MostRecipients, nameof(numbers));
        var (answer, instead) = await calls.Calls.SendAsync(http, () => Request(account, text, numbers), ct);
        if (answer is null)
        {
            return All(numbers, instead!);
        }

        using (answer)
        {
            var body = await answer.Content.ReadAsStringAsync(CancellationToken.None);
            return answer.StatusCode switch
            {
                HttpStatusCode.Created or HttpStatusCode.OK => Read(body, numbers),
                HttpStatusCode.TooManyRequests => All(numbers, new SendOutcome.NotSent($"{Name} asks us to slow down.", ProviderCalls.RetryAfter(answer, clock) ?? TimeSpan.FromSeconds(30))),
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                    All(numbers, new SendOutcome.NotSent($"{Name} refused the account: check user name and API key.", TimeSpan.FromMinutes(15))),
                >= HttpStatusCode.InternalServerError => All(numbers, new SendOutcome.Unknown($"{Name} answered {(int)answer.StatusCode}.")),
                _ => All(numbers, new SendOutcome.Refused($"{Name} answered {(int)answer.StatusCode}: {Shorten(body)}")),
            };
        }
    }

    /// <summary>"KES 0.8000" as millionths of KES; null when it is written otherwise.</summary>
    internal static (long Micros, string Currency)? Cost(string? text)
    {
        var parts = text?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return parts is [{ Length: 3 } currency, var amount] && decimal.TryParse(amount, NumberStyles.Number, CultureInfo.InvariantCulture, out var value) && value is >= 0 and < 1_000_000
            ? ((long)Math.Round(value * 1_000_000m), currency)
            : null;
    }

    internal static SendOutcome Outcome(int statusCode, string status, string? messageId, string? cost) => statusCode switch
    {
        100 or 101 or 102 => Cost(cost) is var (micros, currency) ? new SendOutcome.Accepted(Blank(messageId), micros, currency) : new SendOutcome.Accepted(Blank(messageId)),
        401 => new SendOutcome.Refused("Held back by the provider as a risk."),
        402 => new SendOutcome.Refused("The sender is not known to the provider."),
        403 => new SendOutcome.Refused("This is not a phone number that can be reached."),
        404 => new SendOutcome.Refused("The provider does not serve this kind of number."),
        405 => new SendOutcome.NotSent("The account at the provider has no credit left.", TimeSpan.FromMinutes(15)),
        406 => new SendOutcome.Blocked("The recipient has blocked messages from this sender at the provider."),
        407 => new SendOutcome.Refused("The provider found no route to this number."),
        409 => new SendOutcome.Blocked("The recipient is registered as not to be disturbed."),
        500 or 501 or 502 => new SendOutcome.NotSent($"The provider could not pass it on ({status})."),
        _ => new SendOutcome.Refused($"The provider answered {statusCode} {status}."),
    };

    private static List<SendOutcome> Read(string body, IReadOnlyList<string> numbers)
    {
        var byNumber = new Dictionary<string, SendOutcome>(StringComparer.Ordinal);
        string? whole = null;
        try
        {
            using var json = JsonDocument.Parse(body);
            var data = json.RootElement.GetProperty("SMSMessageData");
            whole = data.TryGetProperty("Message", out var message) ? message.GetString() : null;
            foreach (var recipient in data.GetProperty("Recipients").EnumerateArray())
            {
                var number = Text(recipient, "number");
                if (number is not null && recipient.TryGetProperty("statusCode", out var code))
                {
                    byNumber[Digits(number)] = Outcome(
                        code.ValueKind is JsonValueKind.Number ? code.GetInt32() : int.Parse(code.GetString()!, CultureInfo.InvariantCulture),
                        Text(recipient, "status") ?? "", Text(recipient, "messageId"), Text(recipient, "cost"));
                }
            }
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return All(numbers, new SendOutcome.Unknown($"{Name} answered what we cannot read: {Shorten(body)}"));
        }

        // With no recipient at all the whole request was refused: "InvalidSenderId".
        var missing = byNumber.Count == 0
            ? (SendOutcome)new SendOutcome.Refused($"{Name} took none of the numbers: {Shorten(whole ?? "")}")
            : new SendOutcome.Unknown($"{Name}'s answer does not name this number.");
        return [.. numbers.Select(n => byNumber.GetValueOrDefault(n, missing))];
    }

    private static List<SendOutcome> All(IReadOnlyList<string> numbers, SendOutcome outcome) => [.. numbers.Select(_ => outcome)];

    private static string Digits(string number) => string.Concat(number.Where(char.IsAsciiDigit));

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) || text == "None" ? null : text;

    private static string Shorten(string text) => text.Length <= 120 ? text : text[..119] + "…";

    private HttpRequestMessage Request(SmsAccount account, string text, IReadOnlyList<string> numbers)
    {
        var root = account.Username == SandboxUsername ? options.Value.AfricasTalkingSandboxUrl : options.Value.AfricasTalkingUrl;
        List<KeyValuePair<string, string>> form =
        [
            new("username", account.Username), new("to", string.Join(',', numbers.Select(n => "+" + n))), new("message", text), new("bulkSMSMode", "1"), new("enqueue", "1"),
        ];
        if (account.SenderId is { } sender)
        {
            form.Add(new("from", sender));
        }

        var request = new HttpRequestMessage(HttpMethod.Post, $"{root.TrimEnd('/')}/version1/messaging") { Content = new FormUrlEncodedContent(form) };
        request.Headers.TryAddWithoutValidation("apiKey", account.ApiKey);
        request.Headers.Accept.ParseAdd("application/json");
        return request;
    }
}

/// <summary>Shared by all calls of the process: what is down is down for every company.</summary>
internal sealed class AfricasTalkingCalls(TimeProvider clock)
{
    public ProviderCalls Calls { get; } = new("Africa's Talking", clock);
}
