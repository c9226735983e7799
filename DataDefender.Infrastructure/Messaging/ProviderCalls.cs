using System.Net;
using System.Net.Sockets;
using DataDefender.Domain.Notifications;
using Polly;
using Polly.CircuitBreaker;

namespace DataDefender.Infrastructure.Messaging;

/// <summary>
/// One way to call a provider. It repeats nothing by itself: whether a message may go twice is for the queue to know. What it does is to
/// stop calling a provider that fails again and again, and to tell a call that certainly did not arrive from one that may have.
/// </summary>
internal sealed class ProviderCalls(string provider, TimeProvider clock)
{
    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
        {
            MinimumThroughput = 10,
            FailureRatio = 0.8,
            SamplingDuration = TimeSpan.FromSeconds(60),
            BreakDuration = TimeSpan.FromSeconds(30),
            ShouldHandle = static args => ValueTask.FromResult(
                args.Outcome.Exception is HttpRequestException or OperationCanceledException { InnerException: TimeoutException } || args.Outcome.Result?.StatusCode >= HttpStatusCode.InternalServerError),
        })
        .Build();

    /// <summary>The answer, or what is known when there is none.</summary>
    public async Task<(HttpResponseMessage? Answer, SendOutcome? Instead)> SendAsync(HttpClient http, Func<HttpRequestMessage> request, CancellationToken ct)
    {
        try
        {
            var answer = await _pipeline.ExecuteAsync(
                async token =>
                {
                    using var message = request();
                    return await http.SendAsync(message, HttpCompletionOption.ResponseContentRead, token);
                },
                ct);
            return (answer, null);
        }
        catch (BrokenCircuitException broken)
        {
            return (null, new SendOutcome.NotSent($"{provider} has failed often in the last minute; waiting a little.", broken.RetryAfter ?? TimeSpan.FromSeconds(30)));
        }
        catch (HttpRequestException trouble) when (NeverArrived(trouble))
        {
            return (null, new SendOutcome.NotSent($"{provider} could not be reached: {trouble.Message}"));
        }
        catch (HttpRequestException trouble)
        {
            return (null, new SendOutcome.Unknown($"The connection to {provider} broke before it answered: {trouble.Message}"));
        }
        catch (OperationCanceledException)
        {
            return (null, new SendOutcome.Unknown($"{provider} did not answer in time."));
        }
    }

    /// <summary>When the provider says how long to wait.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage answer, TimeProvider clock) => answer.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > clock.GetUtcNow() => date - clock.GetUtcNow(),
        _ => null,
    };

    // No byte of the request left: no address, no connection, no TLS.
    private static bool NeverArrived(HttpRequestException trouble) =>
        trouble.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError
        && trouble.InnerException is not IOException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionReset } };
}
