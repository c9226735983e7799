using DataDefender.Domain.Payments;

namespace DataDefender.Infrastructure.Payments;

/// <summary>What the words of an answer come to; both providers speak alike.</summary>
internal static class PushAnswers
{
    public static PushOutcome Understand(string? responseCode, string? description, string? checkoutRequestId, string? merchantRequestId) => responseCode switch
    {
        "0" => new PushOutcome.Accepted(checkoutRequestId, merchantRequestId),
        null => new PushOutcome.Unknown("The answer has no ResponseCode."),

        // A code other than 0 in a 200 is the provider's refusal of the request itself.
        _ => new PushOutcome.Rejected(responseCode, description ?? ResultCodes.Explain(responseCode)),
    };

    public static QueryOutcome Understand(PaymentEvidence evidence) => evidence.Paid is null
        ? new QueryOutcome.Pending(evidence.ResultText ?? $"Code {evidence.ResultCode ?? "none"}")
        : new QueryOutcome.Known(evidence);
}
