using DataDefender.Domain.Common;

namespace DataDefender.Domain.Notifications;

public enum MessageChannel
{
    Sms,
    Email,
}

/// <summary>What a message is for. Promotional ones keep quiet hours and opt-outs; what concerns the customer's own account goes at any time.</summary>
public enum MessagePurpose
{
    Transactional,
    Promotional,
}

public enum MessageLanguage
{
    English,
    Swahili,
}

/// <summary>In the order in which a message goes through them. A later state is never taken back by a report that comes late.</summary>
public enum MessageStatus
{
    /// <summary>Waits for its time, or for a second attempt.</summary>
    Queued,

    /// <summary>Given to the provider, or about to be; written before it leaves this process.</summary>
    Sending,

    /// <summary>The provider did not answer: it may have been sent. Stays so until a delivery report or a person says otherwise.</summary>
    Uncertain,

    /// <summary>The provider has taken it.</summary>
    Sent,

    Delivered,

    Failed,

    /// <summary>Not sent, on purpose: the recipient opted out, or has no address.</summary>
    Suppressed,
}

/// <summary>
/// A message to a customer. It is written in the same save as what it tells of and sent right after; one event makes one message for a
/// recipient and topic, however often it is written.
/// </summary>
public sealed class Message : Entity, ITenantOwned
{
    /// <summary>After this many attempts a message is given up.</summary>
    public const int MostAttempts = 8;

    public const int MaxBody = 4000;

    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(20), TimeSpan.FromHours(1), TimeSpan.FromHours(3), TimeSpan.FromHours(6),
    ];

    private Message() { }

    public Message(Guid tenantId, MessageDraft draft, DateTime now)
    {
        (TenantId, ClientId, Channel, Topic, Purpose, Language) = (tenantId, draft.ClientId, draft.Channel, draft.Topic, draft.Purpose, draft.Language);
        (Recipient, Subject, Body, BusinessEvent) = (draft.Recipient, draft.Subject, draft.Body, draft.BusinessEvent);
        (QueuedAt, NextAttemptAt, StatusSince) = (now, draft.NotBefore is { } later && later > now ? later : now, now);
        Segments = draft.Channel is MessageChannel.Sms ? SmsSegments.Of(draft.Body).Count : 0;
        if (draft.Recipient.Length == 0)
        {
            Move(MessageStatus.Suppressed, "The client has no address for this channel.", now);
        }
    }

    public Guid TenantId { get; private set; }
    public Guid? ClientId { get; private set; }
    public MessageChannel Channel { get; private set; }
    public MessageTopic Topic { get; private set; }
    public MessagePurpose Purpose { get; private set; }
    public MessageLanguage Language { get; private set; }

    /// <summary>A phone number in the form 2547XXXXXXXX, or an e-mail address in lower case.</summary>
    public string Recipient { get; private set; } = "";

    public string? Subject { get; private set; }
    public string Body { get; private set; } = "";

    /// <summary>What happened, as a key: "invoice:…:overdue-3". Unique with topic and recipient.</summary>
    public string BusinessEvent { get; private set; } = "";

    public MessageStatus Status { get; private set; } = MessageStatus.Queued;
    public DateTime StatusSince { get; private set; }

    /// <summary>Why it is in this state, in words; null when the state says enough.</summary>
    public string? Detail { get; private set; }

    public DateTime QueuedAt { get; private set; }
    public DateTime NextAttemptAt { get; private set; }
    public int Attempts { get; private set; }
    public DateTime? SentAt { get; private set; }
    public DateTime? DeliveredAt { get; private set; }

    /// <summary>SMS only: how many parts are paid for.</summary>
    public int Segments { get; private set; }

    /// <summary>The provider's own id, which its delivery report names.</summary>
    public string? ProviderId { get; private set; }

    /// <summary>In millionths of <see cref="CostCurrency"/>: providers price below the cent. Null until the provider named it.</summary>
    public long? CostMicros { get; private set; }

    public string? CostCurrency { get; private set; }

    /// <summary>An attempt of it had no answer: another provider is not given it, for it might arrive twice.</summary>
    public bool MayHaveGone { get; private set; }

    /// <summary>It is about to leave: save this before it does, so that a process that dies here leaves a trace.</summary>
    public void Begin(DateTime now)
    {
        Require("send", MessageStatus.Queued);
        Attempts++;
        Move(MessageStatus.Sending, null, now);
    }

    /// <summary>Waits until then without having been tried: quiet hours.</summary>
    public void PutOff(DateTime until, string why)
    {
        Require("put off", MessageStatus.Queued);
        (NextAttemptAt, Detail) = (until, Short(why));
    }

    /// <summary>What the provider answered. A delivery report that was quicker is not undone; the price is still noted.</summary>
    public void Take(SendOutcome outcome, DateTime now)
    {
        if (Status is not MessageStatus.Sending)
        {
            if (outcome is SendOutcome.Accepted late)
            {
                (ProviderId, CostMicros, CostCurrency) = (ProviderId ?? late.ProviderId, late.CostMicros, late.CostCurrency);
            }

            return;
        }

        switch (outcome)
        {
            case SendOutcome.Accepted accepted:
                Move(MessageStatus.Sent, accepted.Note, now);
                (SentAt, ProviderId, CostMicros, CostCurrency) = (now, accepted.ProviderId, accepted.CostMicros, accepted.CostCurrency);
                break;
            case SendOutcome.Refused refused:
                Move(MessageStatus.Failed, refused.Reason, now);
                break;
            case SendOutcome.Blocked blocked:
                Move(MessageStatus.Suppressed, blocked.Reason, now);
                break;
            case SendOutcome.NotSent { RetryAfter: { } pause } notSent:
                Move(MessageStatus.Queued, notSent.Reason, now);
                (Attempts, NextAttemptAt) = (Attempts - 1, now + pause);
                break;
            case SendOutcome.NotSent notSent when Attempts < MostAttempts:
                MayHaveGone |= notSent.MayHaveGone;
                Move(MessageStatus.Queued, notSent.Reason, now);
                NextAttemptAt = now + Pauses[Math.Min(Attempts, Pauses.Length) - 1];
                break;
            case SendOutcome.NotSent notSent:
                Move(MessageStatus.Failed, $"Given up after {Attempts} attempts. {notSent.Reason}", now);
                break;
            case SendOutcome.Unknown unknown:
                MayHaveGone = true;
                Move(MessageStatus.Uncertain, unknown.Reason, now);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null);
        }
    }

    public void Suppress(string why, DateTime now)
    {
        Require("suppress", MessageStatus.Queued);
        Move(MessageStatus.Suppressed, why, now);
    }

    /// <summary>Was being sent by a process that ended: whether it went out is not known.</summary>
    /// <param name="mayRepeat">It does no harm when it goes out a second time.</param>
    public void Orphan(DateTime now, bool mayRepeat)
    {
        Require("give up", MessageStatus.Sending);
        MayHaveGone = true;
        Move(mayRepeat && Attempts < MostAttempts ? MessageStatus.Queued : MessageStatus.Uncertain, "The process ended while this was being sent.", now);
        NextAttemptAt = now;
    }

    /// <summary>What the provider reports later. Returns false when the message knows better already.</summary>
    public bool Report(DeliveryReport report, DateTime now)
    {
        if (Status is MessageStatus.Delivered or MessageStatus.Failed or MessageStatus.Suppressed or MessageStatus.Queued)
        {
            return false;
        }

        ProviderId ??= report.ProviderId;
        switch (report.State)
        {
            case ReportedState.Delivered:
                SentAt ??= now;
                DeliveredAt = now;
                Move(MessageStatus.Delivered, null, now);
                return true;
            case ReportedState.Failed:
                Move(MessageStatus.Failed, report.Reason ?? "The provider reports that it was not delivered.", now);
                return true;
            case ReportedState.UnderWay when Status is not MessageStatus.Sent:
                SentAt ??= now;
                Move(MessageStatus.Sent, null, now);
                return true;
            case ReportedState.UnderWay:
                return false;
            default:
                throw new ArgumentOutOfRangeException(nameof(report), report.State, null);
        }
    }

    /// <summary>Sends a failed or uncertain message anew, because a person decided it. An uncertain one may then arrive twice.</summary>
    public void SendAgain(DateTime now)
    {
        Require("send again", MessageStatus.Failed, MessageStatus.Uncertain);
        (Attempts, QueuedAt, NextAttemptAt, ProviderId) = (0, now, now, null);
        Move(MessageStatus.Queued, null, now);
    }

    private void Move(MessageStatus status, string? detail, DateTime now) => (Status, StatusSince, Detail) = (status, now, Short(detail));

    private static string? Short(string? text) => text is { Length: > 500 } ? text[..499] + "…" : text;

    private void Require(string verb, params ReadOnlySpan<MessageStatus> allowed)
    {
        if (!allowed.Contains(Status))
        {
            throw new DomainException("message.status", $"This message is {Status}; you cannot {verb} it now.");
        }
    }
}

/// <summary>A message before it is written.</summary>
public sealed record MessageDraft(
    MessageChannel Channel, MessageTopic Topic, MessagePurpose Purpose, MessageLanguage Language, string Recipient, string? Subject, string Body, string BusinessEvent,
    Guid? ClientId = null, DateTime? NotBefore = null);
