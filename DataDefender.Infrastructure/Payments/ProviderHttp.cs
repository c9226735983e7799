using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using DataDefender.Domain.Payments;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;

namespace DataDefender.Infrastructure.Payments;

/// <summary>What a client wants sent. <paramref name="Content"/> is made anew for each try, since a sent one is used up.</summary>
internal sealed record ProviderCall(string Operation, HttpMethod Method, Uri Address, Func<string>? Content = null, string ContentType = "application/json");

/// <summary>
/// Requests to providers: with a token, a time-out, a line in the log for each, and further tries only of what provably was not carried
/// out. There is no way here to send a request twice whose outcome is open.
/// </summary>
internal sealed class ProviderHttp(IHttpClientFactory clients, ICallbackAddresses addresses, ProviderRequestLog requests, IOptions<PaymentOptions> options, TimeProvider clock) : IDisposable
{
    public const string ClientName = "payments";

    private const int MaxAnswerBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan LongestToken = TimeSpan.FromMinutes(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Token> _tokens = new();
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _asking = new();
    private readonly ResiliencePipeline _safeTries = Pipeline(options.Value, clock);

    /// <param name="token">Asks for a token: the raw request and how its answer is read. Null when the request needs none.</param>
    /// <exception cref="ProviderException">No usable answer came.</exception>
    public async Task<ProviderResponse<JsonElement>> SendAsync(ChannelAccess channel, ProviderCall call, Func<HttpRequestMessage>? token, RequestOptions request, CancellationToken ct) =>
        await _safeTries.ExecuteAsync(async cancel => await TryAsync(channel, call, token, request, cancel), ct);

    /// <summary>Asks for a token and nothing else, to try the credentials.</summary>
    /// <exception cref="ProviderException">None was given.</exception>
    public async Task TokenOnlyAsync(ChannelAccess channel, Func<HttpRequestMessage> token, CancellationToken ct)
    {
        ForgetToken(channel);
        await TokenAsync(channel, token, RequestOptions.Default, ct);
    }

    public void Dispose()
    {
        foreach (var asking in _asking.Values)
        {
            asking.Dispose();
        }
    }

    /// <summary>Forgets a channel's token, after its credentials changed.</summary>
    public void ForgetToken(ChannelAccess channel) => _tokens.TryRemove(KeyOf(channel), out _);

    private static ResiliencePipeline Pipeline(PaymentOptions options, TimeProvider clock) => options.Retries == 0
        ? ResiliencePipeline.Empty
        : new ResiliencePipelineBuilder { TimeProvider = clock }.AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = options.Retries,
            BackoffType = DelayBackoffType.Exponential,
            Delay = options.RetryPause,
            MaxDelay = LongestPause,
            UseJitter = true,
            ShouldHandle = static args => ValueTask.FromResult(args.Outcome.Exception is ProviderException { IsProvablyNotExecuted: true, Kind: not ProviderErrorKind.Authentication }),
            DelayGenerator = static args => ValueTask.FromResult(args.Outcome.Exception is ProviderException { RetryAfter: { } asked } && asked <= LongestPause ? asked : (TimeSpan?)null),
        }).Build();

    private async Task<ProviderResponse<JsonElement>> TryAsync(ChannelAccess channel, ProviderCall call, Func<HttpRequestMessage>? token, RequestOptions request, CancellationToken ct)
    {
        for (var second = false; ; second = true)
        {
            try
            {
                using var message = new HttpRequestMessage(call.Method, call.Address);
                var body = call.Content?.Invoke();
                if (body is not null)
                {
                    message.Content = new StringContent(body, Encoding.UTF8, call.ContentType);
                }

                if (token is not null)
                {
                    message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(channel, token, request, ct));
                }

                return await OnceAsync(channel, call.Operation, message, body, request, ct);
            }
            catch (ProviderException refused) when (refused.Kind is ProviderErrorKind.Authentication && token is not null && !second)
            {
                ForgetToken(channel); // it ended before its time: once more with a new one
            }
        }
    }

    private async Task<string> TokenAsync(ChannelAccess channel, Func<HttpRequestMessage> ask, RequestOptions request, CancellationToken ct)
    {
        var key = KeyOf(channel);
        if (_tokens.TryGetValue(key, out var known) && known.EndsAt > clock.GetUtcNow())
        {
            return known.Value;
        }

        var asking = _asking.GetOrAdd(key, static _ => new SemaphoreSlim(1, 1));
        await asking.WaitAsync(ct); // of one account one asks and the others wait for his answer; other accounts do not wait
        try
        {
            if (_tokens.TryGetValue(key, out known) && known.EndsAt > clock.GetUtcNow())
            {
                return known.Value;
            }

            using var message = ask();
            ProviderResponse<JsonElement> answer;
            try
            {
                answer = await OnceAsync(channel, "token", message, null, request, ct);
            }
            catch (ProviderException open) when (open.Kind is ProviderErrorKind.OutcomeUnknown or ProviderErrorKind.Api)
            {
                // Asking for a token moves nothing: whatever became of it, the request that wanted it was not sent.
                throw new ProviderException(ProviderErrorKind.Connection, $"No token: {open.Message}", open.Code, open.Status, open.RequestId, cause: open);
            }

            if (answer.Object.ValueKind is not JsonValueKind.Object || !answer.Object.TryGetProperty("access_token", out var value) || value.GetString() is not { Length: > 0 } text)
            {
                throw new ProviderException(ProviderErrorKind.Authentication, "The provider's answer holds no access_token.", status: answer.StatusCode);
            }

            var lasts = TimeSpan.FromSeconds(JsonFields.Number(answer.Object, "expires_in") ?? 600) - TimeSpan.FromSeconds(60);
            _tokens[key] = new Token(text, clock.GetUtcNow() + (lasts > LongestToken ? LongestToken : lasts));
            return text;
        }
        finally
        {
            asking.Release();
        }
    }

    private async Task<ProviderResponse<JsonElement>> OnceAsync(ChannelAccess channel, string operation, HttpRequestMessage message, string? body, RequestOptions request, CancellationToken ct)
    {
        if (!addresses.IsAllowedProvider(message.RequestUri!))
        {
            throw new ProviderException(ProviderErrorKind.Permission, $"{message.RequestUri!.Host} is not among the providers that this installation may call (Payments:AllowedProviders).");
        }

        var began = Stopwatch.GetTimestamp();
        int? status = null;
        string? raw = null, requestId = null, error = null;
        using var limit = new CancellationTokenSource(request.Timeout ?? options.Value.RequestTimeout); // the network's time, not the business's
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            using var client = clients.CreateClient(ClientName);
            using var answer = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token);
            status = (int)answer.StatusCode;
            var headers = answer.Headers.ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
            requestId = headers.GetValueOrDefault("X-Request-Id") ?? headers.GetValueOrDefault("Request-Id");
            raw = await ReadAsync(answer, either.Token);
            return Understand(answer, headers, ref requestId, raw, operation is "token");
        }
        catch (ProviderException failed)
        {
            error = failed.Message;
            throw;
        }
        catch (HttpRequestException broken)
        {
            error = broken.Message;
            throw broken.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError
                ? new ProviderException(ProviderErrorKind.Connection, $"{message.RequestUri!.Host} was not reached: {broken.Message}", cause: broken)
                : new ProviderException(ProviderErrorKind.OutcomeUnknown, $"The connection broke: {broken.Message}", cause: broken);
        }
        catch (IOException broken)
        {
            error = broken.Message;
            throw new ProviderException(ProviderErrorKind.OutcomeUnknown, $"The connection broke: {broken.Message}", cause: broken);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            error = "No answer in time";
            throw new ProviderException(ProviderErrorKind.OutcomeUnknown, $"No answer within {(request.Timeout ?? options.Value.RequestTimeout).TotalSeconds:0.#} s.");
        }
        finally
        {
            requests.Write(new ProviderRequest
            {
                TenantId = channel.TenantId, ChannelId = channel.ChannelId, AttemptId = request.AttemptId, At = clock.GetUtcNow().UtcDateTime, Operation = operation,
                Url = Cut(message.RequestUri!.GetLeftPart(UriPartial.Path), 300)!, StatusCode = status, Milliseconds = (int)Stopwatch.GetElapsedTime(began).TotalMilliseconds,
                RequestId = Cut(requestId, 100), RequestBody = operation is "token" ? null : Cut(Redaction.Of(body), 2000), ResponseBody = operation is "token" && error is null ? null : Cut(Redaction.Of(raw), 4000), Error = Cut(error, 300),
            });
        }
    }

    /// <summary>Sorts an answer by whether anything can have come of the request.</summary>
    private static ProviderResponse<JsonElement> Understand(HttpResponseMessage answer, Dictionary<string, string> headers, ref string? requestId, string raw, bool isToken)
    {
        JsonElement? json = null;
        try
        {
            using var document = JsonDocument.Parse(raw);
            json = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // Said below, together with the status.
        }

        var code = json is { } read ? JsonFields.Text(read, "errorCode") ?? JsonFields.Text(read, "error") : null;
        requestId ??= json is { } body ? JsonFields.Text(body, "requestId") : null;
        if (answer.IsSuccessStatusCode)
        {
            return json is { ValueKind: JsonValueKind.Object or JsonValueKind.Array } good
                ? new ProviderResponse<JsonElement>(good, requestId, answer.StatusCode, headers, raw)
                : throw new ProviderException(ProviderErrorKind.Api, $"The answer ({(int)answer.StatusCode}) is no JSON.", null, answer.StatusCode, requestId);
        }

        var text = $"{(json is { } said ? JsonFields.Text(said, "errorMessage") ?? JsonFields.Text(said, "error_description") ?? JsonFields.Text(said, "ResponseDescription") : null) ?? answer.ReasonPhrase ?? "refused"} ({code ?? ((int)answer.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture)})";
        var kind = (answer.StatusCode, code) switch
        {
            (HttpStatusCode.Unauthorized, _) or (_, "404.001.03" or "404.001.04") => ProviderErrorKind.Authentication,
            (HttpStatusCode.TooManyRequests, _) or (_, "500.003.02" or "500.003.03") => ProviderErrorKind.RateLimit,
            (HttpStatusCode.Forbidden, _) => ProviderErrorKind.Permission,
            (HttpStatusCode.RequestTimeout, _) => ProviderErrorKind.OutcomeUnknown,
            ( >= HttpStatusCode.InternalServerError, _) => ProviderErrorKind.Api,

            // A 4xx from the provider's own code refuses; one without its form may come from a gateway on the way and says nothing.
            _ when isToken => ProviderErrorKind.Authentication,
            _ when json is { ValueKind: JsonValueKind.Object } => ProviderErrorKind.InvalidRequest,
            _ => ProviderErrorKind.Api,
        };
        throw new ProviderException(kind, text, code, answer.StatusCode, requestId, answer.Headers.RetryAfter?.Delta);
    }

    private static async Task<string> ReadAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(ct);
        using var text = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, ct)) > 0)
        {
            if (text.Length + read > MaxAnswerBytes)
            {
                throw new ProviderException(ProviderErrorKind.Api, "The answer is longer than anything that a provider sends.", status: answer.StatusCode);
            }

            text.Write(buffer, 0, read);
        }

        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    private static string KeyOf(ChannelAccess channel) => $"{channel.ChannelId:N}|{channel.TokenUrl}|{channel.ClientId}|{channel.ClientSecret.GetHashCode(StringComparison.Ordinal)}";

    private static string? Cut(string? text, int most) => text is not null && text.Length > most ? text[..most] : text;

    private sealed record Token(string Value, DateTimeOffset EndsAt);
}
