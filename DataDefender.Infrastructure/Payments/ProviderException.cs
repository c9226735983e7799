using System.Net;
using DataDefender.Domain.Payments;

namespace DataDefender.Infrastructure.Payments;

/// <summary>What went wrong with a request, as far as it matters for what may be done next.</summary>
internal enum ProviderErrorKind
{
    /// <summary>No connection was made: the provider has seen nothing.</summary>
    Connection,

    /// <summary>It was sent, and no answer came in time or the connection broke: it may have been carried out.</summary>
    OutcomeUnknown,

    /// <summary>The token or the credentials were refused.</summary>
    Authentication,
    Permission,

    /// <summary>A typed refusal of what was asked.</summary>
    InvalidRequest,

    /// <summary>Too many requests, or the provider says that it is busy: not carried out.</summary>
    RateLimit,

    /// <summary>A 5xx, or an answer that makes no sense: it may have been carried out.</summary>
    Api,
}

/// <summary>A request to a provider that came to no usable answer.</summary>
internal sealed class ProviderException(ProviderErrorKind kind, string message, string? code = null, HttpStatusCode? status = null, string? requestId = null, TimeSpan? retryAfter = null, Exception? cause = null)
    : Exception(message, cause)
{
    public ProviderErrorKind Kind { get; } = kind;

    /// <summary>The provider's own code, such as 400.002.02.</summary>
    public string? Code { get; } = code;

    public HttpStatusCode? Status { get; } = status;

    public string? RequestId { get; } = requestId;

    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>Whether the provider provably did nothing, so that the same may be sent again.</summary>
    public bool IsProvablyNotExecuted => Kind is ProviderErrorKind.Connection or ProviderErrorKind.RateLimit or ProviderErrorKind.Authentication;

    /// <summary>What it means for a push.</summary>
    public PushOutcome ToPushOutcome() => Kind switch
    {
        ProviderErrorKind.Connection or ProviderErrorKind.RateLimit or ProviderErrorKind.Authentication => new PushOutcome.NotSent(Message),
        ProviderErrorKind.Permission or ProviderErrorKind.InvalidRequest => new PushOutcome.Rejected(Code ?? ((int?)Status)?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "refused", Message),
        ProviderErrorKind.OutcomeUnknown or ProviderErrorKind.Api => new PushOutcome.Unknown(Message),
        _ => throw new InvalidOperationException($"{Kind} is no kind of error."),
    };
}

/// <summary>How one request differs from the client's defaults.</summary>
internal sealed record RequestOptions
{
    public static readonly RequestOptions Default = new();

    /// <summary>Our own id of the work. No provider is known to obey it; it is in the log, to find all requests of one push.</summary>
    public string? IdempotencyKey { get; init; }

    public Guid? AttemptId { get; init; }

    public TimeSpan? Timeout { get; init; }
}

/// <summary>An answer, read and raw.</summary>
internal sealed record ProviderResponse<T>(T Object, string? RequestId, HttpStatusCode StatusCode, IReadOnlyDictionary<string, string> Headers, string RawJson);
