using System.Text;
using System.Text.Json;
using DataDefender.Domain.Payments;

namespace DataDefender.Infrastructure.Payments.Daraja;

internal sealed class DarajaGateway(ProviderHttp http, TimeProvider clock) : IMobileMoneyGateway
{
    /// <summary>"The transaction is being processed": of a question it is no error, and no answer either.</summary>
    private const string BeingProcessed = "500.001.1001";

    public bool Serves(ChannelKind kind) => kind is ChannelKind.Paybill or ChannelKind.Till;

    public async Task<PushOutcome> PushAsync(ChannelAccess channel, PushRequest push, CancellationToken ct = default)
    {
        try
        {
            var answer = (await Client(channel).StkPushAsync(push, ct)).Object;
            return PushAnswers.Understand(JsonFields.Text(answer, "ResponseCode"), JsonFields.Text(answer, "ResponseDescription"), JsonFields.Text(answer, "CheckoutRequestID"), JsonFields.Text(answer, "MerchantRequestID"));
        }
        catch (ProviderException locked) when (locked.Code is BeingProcessed)
        {
            return new PushOutcome.Rejected(BeingProcessed, ResultCodes.Explain(BeingProcessed)); // another prompt is on the phone: this one was not made
        }
        catch (ProviderException failed)
        {
            return failed.ToPushOutcome();
        }
    }

    public async Task<QueryOutcome> QueryAsync(ChannelAccess channel, PaymentAttempt attempt, CancellationToken ct = default)
    {
        if (attempt.CheckoutRequestId is null)
        {
            return new QueryOutcome.Pending("Daraja's answer to the push was lost, and without its id it cannot be asked; the list of what came in will tell.");
        }

        try
        {
            return PushAnswers.Understand(ProviderMessages.ReadQuery((await Client(channel).StkQueryAsync(attempt, ct)).Object));
        }
        catch (ProviderException processing) when (processing.Code is BeingProcessed)
        {
            return new QueryOutcome.Pending(processing.Message);
        }
        catch (ProviderException unknown) when (channel.Options.SaysNotFound(unknown.Code))
        {
            return new QueryOutcome.Unheard($"Safaricom knows nothing of it ({unknown.Code}).");
        }
        catch (ProviderException failed)
        {
            return new QueryOutcome.NoAnswer(failed.Message);
        }
        catch (UnreadableMessageException unreadable)
        {
            return new QueryOutcome.NoAnswer(unreadable.Message);
        }
    }

    public async Task<PullOutcome> PullAsync(ChannelAccess channel, DateTime from, DateTime until, int offset, CancellationToken ct = default)
    {
        try
        {
            var answer = await Client(channel).PullAsync(from, until, offset, ct);
            var body = Encoding.UTF8.GetBytes(answer.RawJson);
            var page = ProviderMessages.Read(CallbackKind.Pull, body);
            var rows = page.Evidence.Count + page.Faults.Count;
            return new PullOutcome.Page(body, rows == 0 ? null : offset + rows, rows == 0 ? "" : answer.Object.TryGetProperty("Response", out var entries) ? entries.GetRawText() : answer.RawJson);
        }
        catch (ProviderException failed)
        {
            return new PullOutcome.NoAnswer(failed.Message);
        }
        catch (Exception unreadable) when (unreadable is UnreadableMessageException or JsonException)
        {
            return new PullOutcome.NoAnswer(unreadable.Message);
        }
    }

    public async Task<CredentialCheck> TestAsync(ChannelAccess channel, CancellationToken ct = default)
    {
        try
        {
            await Client(channel).TestAsync(ct);
            return new CredentialCheck(true, "Safaricom gave a token: the credentials work.");
        }
        catch (ProviderException failed)
        {
            return new CredentialCheck(false, failed.Message);
        }
    }

    public async Task<CredentialCheck> RegisterAsync(ChannelAccess channel, Uri confirmation, Uri validation, CancellationToken ct = default)
    {
        try
        {
            await Client(channel).RegisterAsync(confirmation, validation, ct);
            return new CredentialCheck(true, "Safaricom will send what comes in to this installation.");
        }
        catch (ProviderException failed)
        {
            return new CredentialCheck(false, failed.Message);
        }
    }

    public async Task<PushOutcome> SendBackAsync(ChannelAccess channel, RefundRequest refund, CancellationToken ct = default)
    {
        try
        {
            var answer = (await Client(channel).ReverseAsync(refund, ct)).Object;
            return PushAnswers.Understand(JsonFields.Text(answer, "ResponseCode"), JsonFields.Text(answer, "ResponseDescription"), JsonFields.Text(answer, "ConversationID"), JsonFields.Text(answer, "OriginatorConversationID"));
        }
        catch (ProviderException failed)
        {
            return failed.ToPushOutcome();
        }
    }

    public async Task<string?> AskStatusAsync(ChannelAccess channel, StatusQuestion question, CancellationToken ct = default)
    {
        try
        {
            var answer = (await Client(channel).TransactionStatusAsync(question, ct)).Object;
            return JsonFields.Text(answer, "ResponseCode") == ResultCodes.Paid ? null : JsonFields.Text(answer, "ResponseDescription") ?? "Safaricom did not take the question.";
        }
        catch (ProviderException failed)
        {
            return failed.Message;
        }
    }

    public MessageReading Read(CallbackKind kind, ReadOnlyMemory<byte> body) => ProviderMessages.Read(kind, body);

    public ProviderResult ReadResult(ReadOnlyMemory<byte> body) => ProviderMessages.ReadResult(body);

    private DarajaClient Client(ChannelAccess channel) => new(http, channel, clock);
}
