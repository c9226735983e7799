using DataDefender.Domain.Payments;

namespace DataDefender.Infrastructure.Payments.FamilyBank;

internal sealed class FamilyBankGateway(ProviderHttp http, TimeProvider clock) : IMobileMoneyGateway
{
    public bool Serves(ChannelKind kind) => kind is ChannelKind.FamilyBank;

    public async Task<PushOutcome> PushAsync(ChannelAccess channel, PushRequest push, CancellationToken ct = default)
    {
        try
        {
            var answer = await Client(channel).StkPushes.CreateAsync(
                new StkPushCreateOptions(push.Amount.Minor / 100, push.Msisdn, push.AccountReference, push.Description, push.PushId, push.Callback),
                new RequestOptions { IdempotencyKey = push.PushId, AttemptId = push.AttemptId }, ct);
            return PushAnswers.Understand(answer.Object.ResponseCode, answer.Object.ResponseDescription, answer.Object.CheckoutRequestId, answer.Object.MerchantRequestId);
        }
        catch (ProviderException failed)
        {
            return failed.ToPushOutcome();
        }
    }

    public async Task<QueryOutcome> QueryAsync(ChannelAccess channel, PaymentAttempt attempt, CancellationToken ct = default)
    {
        try
        {
            var answer = await Client(channel).StkPushes.GetAsync(attempt.PushId, new RequestOptions { AttemptId = attempt.Id }, ct);
            return PushAnswers.Understand(answer.Object);
        }
        catch (ProviderException unknown) when (channel.Options.SaysNotFound(unknown.Code))
        {
            return new QueryOutcome.Unheard($"The bank knows nothing of it ({unknown.Code}).");
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

    public Task<PullOutcome> PullAsync(ChannelAccess channel, DateTime from, DateTime until, int offset, CancellationToken ct = default) =>
        Task.FromResult<PullOutcome>(new PullOutcome.NoAnswer("Family Bank offers no list; import its statement."));

    public async Task<CredentialCheck> TestAsync(ChannelAccess channel, CancellationToken ct = default)
    {
        try
        {
            await Client(channel).TestAsync(ct);
            return new CredentialCheck(true, "The bank gave a token: the credentials work.");
        }
        catch (ProviderException failed)
        {
            return new CredentialCheck(false, failed.Message);
        }
    }

    public Task<CredentialCheck> RegisterAsync(ChannelAccess channel, Uri confirmation, Uri validation, CancellationToken ct = default) =>
        Task.FromResult(new CredentialCheck(false, "Family Bank is told the address by a letter, not by its API. Give it the address below."));

    // The bank's payouts are seen at an address, without any format: nothing is sent there.
    public Task<PushOutcome> SendBackAsync(ChannelAccess channel, RefundRequest refund, CancellationToken ct = default) =>
        Task.FromResult<PushOutcome>(new PushOutcome.NotSent("Family Bank gives back by its portal only."));

    public Task<string?> AskStatusAsync(ChannelAccess channel, StatusQuestion question, CancellationToken ct = default) => Task.FromResult<string?>("Family Bank takes no questions about receipts.");

    public MessageReading Read(CallbackKind kind, ReadOnlyMemory<byte> body) => ProviderMessages.Read(kind, body);

    public ProviderResult ReadResult(ReadOnlyMemory<byte> body) => ProviderMessages.ReadResult(body);

    private FamilyBankClient Client(ChannelAccess channel) => new(http, channel, clock);
}
