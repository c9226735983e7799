using System.Security.Cryptography;
using DataDefender.Domain.Common;

namespace DataDefender.Domain.Payments;

/// <summary>What a path of callbacks is for. Names are in the address, which may hold none of Safaricom's forbidden words.</summary>
public enum CallbackKind
{
    /// <summary>The outcome of a push.</summary>
    Stk,

    /// <summary>Money that came in (C2B confirmation, a bank's notification).</summary>
    Confirm,

    /// <summary>May this payment be made? It is answered and moves nothing.</summary>
    Validate,

    /// <summary>Not called: the list that we fetched ourselves.</summary>
    Pull,

    /// <summary>The result of an order or a question that is answered later (Daraja's ResultURL): a reversal, a transaction's status.</summary>
    Result,

    /// <summary>The provider had no time for such an order (QueueTimeOutURL). That says nothing about its outcome.</summary>
    Timeout,
}

public enum InboundStatus
{
    Received,
    Applied,

    /// <summary>Money without an owner: it is in suspense.</summary>
    Orphan,

    /// <summary>It does not parse, or speaks of nothing of ours. Kept for people.</summary>
    Rejected,

    /// <summary>A success that waits for our own question to the provider.</summary>
    Claimed,

    /// <summary>It could not be brought into the books, by a mistake of ours or because a person has to decide. Kept with the reason.</summary>
    SetAside,
}

/// <summary>What a provider sent, as it came, stored before anybody read it. The same text again is counted on the first.</summary>
public sealed class InboundMessage : Entity, ITenantOwned
{
    public const int MaxBytes = 64 * 1024;

    /// <summary>How long a message waits after each try that failed; after the last it is set aside.</summary>
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10)];

    private InboundMessage() { }

    public InboundMessage(Guid tenantId, Guid channelId, CallbackKind kind, byte[] body, string? pushId, string headers, string source, bool isTrusted, DateTime now, string? hash = null)
    {
        PushId = pushId;
        (TenantId, ChannelId, Kind, Body, Headers, RemoteAddress) = (tenantId, channelId, kind, body, headers, source);
        (IsTrusted, Hash, ReceivedAt, LastReceivedAt) = (isTrusted, hash ?? HashOf(body), now, now);
    }

    public Guid TenantId { get; private set; }
    public Guid ChannelId { get; private set; }
    public CallbackKind Kind { get; private set; }
    public byte[] Body { get; private set; } = [];

    /// <summary>The push whose address it came to; null for an address of the channel.</summary>
    public string? PushId { get; private set; }

    /// <summary>SHA-256 in hexadecimal: of the body; of a page that we fetched, of its entries alone, since what stands around them differs each time.</summary>
    public string Hash { get; private set; } = "";

    /// <summary>Content type, user agent and the like; never a credential.</summary>
    public string Headers { get; private set; } = "";

    public string RemoteAddress { get; private set; } = "";

    /// <summary>It came from an address that the company had listed.</summary>
    public bool IsTrusted { get; private set; }

    public DateTime ReceivedAt { get; private set; }
    public DateTime LastReceivedAt { get; private set; }

    /// <summary>How often the same text came.</summary>
    public int Deliveries { get; private set; } = 1;

    public InboundStatus Status { get; private set; } = InboundStatus.Received;
    public DateTime? DoneAt { get; private set; }

    /// <summary>What became of it, for people.</summary>
    public string? Outcome { get; private set; }

    public static string HashOf(ReadOnlySpan<byte> body) => Convert.ToHexString(SHA256.HashData(body));

    public void Finish(InboundStatus status, string outcome, DateTime now) =>
        (Status, Outcome, DoneAt) = (status, Cut(outcome), now);

    /// <summary>Tries to apply it that failed.</summary>
    public int Tries { get; private set; }

    /// <summary>It is not tried before; null: at once.</summary>
    public DateTime? NotBefore { get; private set; }

    /// <summary>It could not be applied, for no reason of its own that is known: it lets the others go first, and is set aside in the end.</summary>
    public void Postpone(string error, DateTime now)
    {
        if (Tries >= Pauses.Length)
        {
            Finish(InboundStatus.SetAside, $"Not applied after {Tries + 1} tries: {error}", now);
            return;
        }

        NotBefore = now + Pauses[Tries++];
        Outcome = Cut($"Not applied yet, it is tried again: {error}");
    }

    /// <summary>Read it once more, after a mistake of ours was mended.</summary>
    public void Reopen() => (Status, DoneAt, Tries, NotBefore) = (InboundStatus.Received, null, 0, null);

    private static string Cut(string text) => text.Length > 400 ? text[..400] : text;
}

/// <summary>One line of what happened to a request, a push or a payment, for the timeline. Only ever added.</summary>
public sealed class PaymentEvent : ITenantOwned
{
    public long Id { get; init; }
    public Guid TenantId { get; init; }
    public DateTime At { get; init; }
    public Guid? IntentId { get; init; }
    public Guid? AttemptId { get; init; }
    public Guid? TransactionId { get; init; }

    /// <summary>A word for programs: sent, accepted, lost, asked, failed, paid, overturned, matched, refunded …</summary>
    public string Kind { get; init; } = "";

    /// <summary>For people.</summary>
    public string Text { get; init; } = "";

    public string By { get; init; } = "";
}

/// <summary>One request to a provider and its answer, secrets taken out.</summary>
public sealed class ProviderRequest : ITenantOwned
{
    public long Id { get; init; }
    public Guid TenantId { get; init; }
    public Guid ChannelId { get; init; }
    public Guid? AttemptId { get; init; }
    public DateTime At { get; init; }
    public string Operation { get; init; } = "";
    public string Url { get; init; } = "";
    public int? StatusCode { get; init; }
    public int Milliseconds { get; init; }

    /// <summary>The provider's id of the request, to quote to its support.</summary>
    public string? RequestId { get; init; }

    public string? RequestBody { get; init; }
    public string? ResponseBody { get; init; }

    /// <summary>What went wrong on the way, for people.</summary>
    public string? Error { get; init; }
}
