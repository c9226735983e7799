using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>
/// Asks clients for money on their phones. Everything that goes to a provider is committed before it leaves; what comes back is only ever
/// added to what is known.
/// </summary>
public sealed class PaymentService(IDataDefenderDbFactory dbFactory, IEnumerable<IMobileMoneyGateway> gateways, ISecretVault vault, ICallbackAddresses addresses, TimeProvider clock, CurrentUser user)
{
    private static readonly AskInputValidator Validator = new();
    private static readonly TimeSpan IntentLasts = TimeSpan.FromHours(24);
    private static readonly TimeSpan AnswerMustBeThere = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Sends a prompt. The same key with the same content gives the same request back and sends nothing; with other content, or while the
    /// first is under way, it is refused.
    /// </summary>
    /// <returns>The request's id; how it goes on is in <see cref="PaymentQueries"/>.</returns>
    /// <exception cref="DomainException">idempotency_key_reuse, idempotency_in_flight, payment.busy, or the channel cannot ask.</exception>
    public async Task<Guid> AskAsync(AskInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.AskForPayment);
        Validator.Demand(input);
        var hash = HashOf(input);
        if (await RepeatedAsync(input.IdempotencyKey, hash, ct) is { } repeated)
        {
            return repeated;
        }

        PaymentAttempt attempt;
        PaymentChannel channel;
        string description;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            await using var turn = await db.TakeLedgerTurnAsync(ct); // two people who ask at one moment ask one after the other, and the second sees the first
            if (await db.PaymentIntents.AnyAsync(i => i.IdempotencyKey == input.IdempotencyKey, ct))
            {
                return (await RepeatedAsync(input.IdempotencyKey, hash, ct))!.Value;
            }

            var client = await db.Clients.AsNoTracking().SingleOrDefaultAsync(c => c.Id == input.ClientId, ct) ?? throw new NotFoundException("Client", input.ClientId);
            channel = await ChannelAsync(db, input, ct);
            var (now, amount, phone) = (clock.GetUtcNow().UtcDateTime, Money.Of(input.Amount), PhoneNumber.Normalise(input.Phone));
            await DemandQuietAsync(db, channel, client.Id, phone, now, ct);
            description = string.IsNullOrWhiteSpace(input.Description) ? "Internet" : input.Description.Trim();
            var intent = new PaymentIntent(db.TenantId, client.Id, amount, client.AccountNumber, description, input.IdempotencyKey, hash, user.Name, now + IntentLasts, now);
            intent.Process();
            attempt = new PaymentAttempt(intent, channel, Guid.CreateVersion7().ToString("N"), amount, phone, now);
            attempt.Send(now);
            db.PaymentIntents.Add(intent);
            db.PaymentAttempts.Add(attempt);
            db.PaymentEvents.Add(Happened(attempt, now, "asked", $"{user.Name} asked {PhoneNumber.Format(phone)} for {amount}"));
            await turn.CommitAsync(ct);
        }

        await SendAsync(channel, attempt, description, ct);
        return attempt.IntentId;
    }

    /// <summary>Sends another prompt for a request whose earlier ones came to nothing.</summary>
    public async Task AskAgainAsync(Guid intentId, CancellationToken ct = default)
    {
        user.Demand(Permissions.AskForPayment);
        PaymentAttempt attempt;
        PaymentChannel channel;
        string description;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            await using var turn = await db.TakeLedgerTurnAsync(ct);
            var intent = await IntentAsync(db, intentId, ct);
            var last = await db.PaymentAttempts.AsNoTracking().Where(a => a.IntentId == intentId).OrderByDescending(a => a.CreatedAt).FirstOrDefaultAsync(ct)
                ?? throw new NotFoundException("Push of request", intentId);
            channel = await db.PaymentChannels.AsNoTracking().SingleAsync(c => c.Id == last.ChannelId, ct);
            var now = clock.GetUtcNow().UtcDateTime;
            await DemandQuietAsync(db, channel, intent.ClientId, last.Msisdn, now, ct);
            intent.Process();
            description = intent.Description;
            attempt = new PaymentAttempt(intent, channel, Guid.CreateVersion7().ToString("N"), intent.Amount - intent.Received, last.Msisdn, now);
            attempt.Send(now);
            db.PaymentAttempts.Add(attempt);
            db.PaymentEvents.Add(Happened(attempt, now, "asked", $"{user.Name} asked {PhoneNumber.Format(last.Msisdn)} once more"));
            await db.SaveAsync(ct);
            await turn.CommitAsync(ct);
        }

        await SendAsync(channel, attempt, description, ct);
    }

    /// <summary>Nobody waits for it any more. Money that comes all the same is still the client's.</summary>
    public async Task CancelAsync(Guid intentId, CancellationToken ct = default)
    {
        user.Demand(Permissions.AskForPayment);
        await using var db = await dbFactory.OpenAsync(ct);
        var intent = await IntentAsync(db, intentId, ct);
        intent.Cancel();
        db.PaymentEvents.Add(new PaymentEvent { TenantId = db.TenantId, At = clock.GetUtcNow().UtcDateTime, IntentId = intentId, Kind = "cancelled", Text = "The request was cancelled", By = user.Name });
        await db.SaveAsync(ct);
    }

    /// <summary>Closes requests that nobody paid in time; returns how many.</summary>
    public async Task<int> ExpireAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var now = clock.GetUtcNow().UtcDateTime;
        var old = await db.PaymentIntents.Where(i => (i.Status == IntentStatus.RequiresPayment || i.Status == IntentStatus.Processing) && i.ExpiresAt < now).OrderBy(i => i.ExpiresAt).Take(500).ToListAsync(ct);
        old.ForEach(i => i.Expire());
        await db.SaveAsync(ct);
        return old.Count;
    }

    private async Task<Guid?> RepeatedAsync(string key, string hash, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        var first = await db.PaymentIntents.AsNoTracking().SingleOrDefaultAsync(i => i.IdempotencyKey == key, ct);
        if (first is null)
        {
            return null;
        }

        if (first.RequestHash != hash)
        {
            throw new DomainException("idempotency_key_reuse", "Something else was asked for under this key before. Begin anew.");
        }

        return first.AnsweredAt is not null || first.CreatedAt + AnswerMustBeThere < clock.GetUtcNow().UtcDateTime
            ? first.Id
            : throw new DomainException("idempotency_in_flight", "This very request is being sent at the moment. Look again shortly.");
    }

    private static async Task<PaymentChannel> ChannelAsync(IDataDefenderDb db, AskInput input, CancellationToken ct)
    {
        var channel = await db.PaymentChannels.AsNoTracking().SingleOrDefaultAsync(c => c.Id == input.ChannelId, ct) ?? throw new NotFoundException("Payment channel", input.ChannelId!);
        if (!channel.IsEnabled)
        {
            throw new DomainException("channel.disabled", $"{channel.Name} is switched off.");
        }

        return input.Amount >= channel.Options.LeastAmount && input.Amount <= channel.Options.MostAmount
            ? channel
            : throw new InvalidInputException([new FieldError(nameof(input.Amount), string.Create(CultureInfo.InvariantCulture, $"{channel.Name} takes {channel.Options.LeastAmount:#,##0} to {channel.Options.MostAmount:#,##0} at once."))]);
    }

    /// <summary>A second prompt while the first may still be answered could take the money twice.</summary>
    private static async Task DemandQuietAsync(IDataDefenderDb db, PaymentChannel channel, Guid client, string phone, DateTime now, CancellationToken ct)
    {
        var since = now - PaymentAttempt.QuietAfterUnknown;
        var busy = await db.PaymentAttempts.AsNoTracking()
            .Where(a => a.ChannelId == channel.Id && a.ClientId == client && a.Msisdn == phone
                && (a.Status == AttemptStatus.Sending || a.Status == AttemptStatus.AwaitingCustomer || (a.Status == AttemptStatus.Unknown && a.CreatedAt > since)))
            .OrderByDescending(a => a.CreatedAt).FirstOrDefaultAsync(ct);
        if (busy is not null)
        {
            throw new DomainException("payment.busy", busy.Status is AttemptStatus.Unknown
                ? $"A prompt for {busy.Amount} was sent and nobody knows yet what became of it. Wait two minutes, or the client may pay twice."
                : $"A prompt for {busy.Amount} is on the phone already. Wait for its answer.");
        }
    }

    private async Task SendAsync(PaymentChannel channel, PaymentAttempt attempt, string description, CancellationToken ct)
    {
        var outcome = await PushAsync(channel, attempt, description, ct);
        for (var again = 0; ; again++)
        {
            await using var db = await dbFactory.OpenAsync(CancellationToken.None); // it left: what came of it is written, whoever has gone
            var now = clock.GetUtcNow().UtcDateTime;
            var sent = await db.PaymentAttempts.SingleAsync(a => a.Id == attempt.Id, CancellationToken.None);
            var intent = await db.PaymentIntents.SingleAsync(i => i.Id == attempt.IntentId, CancellationToken.None);
            Apply(db, sent, intent, outcome, now);
            intent.Answered(now);
            try
            {
                await db.SaveChangesAsync(CancellationToken.None);
                return;
            }
            catch (DbUpdateConcurrencyException) when (again < 5)
            {
                // The provider's message was faster than its answer: what it brought stands, and the answer is added to it.
            }
        }
    }

    private async Task<PushOutcome> PushAsync(PaymentChannel channel, PaymentAttempt attempt, string description, CancellationToken ct)
    {
        try
        {
            var cipher = await vault.OpenAsync(channel.TenantId, ct);
            var access = channel.Open(cipher);
            var secret = cipher.Reveal(channel.CallbackSecretPlace(), channel.CallbackSecretCipher!);
            if (addresses.Of(channel, secret, CallbackKind.Stk, attempt.PushId) is not { } callback)
            {
                return new PushOutcome.NotSent("This installation has no public address yet (Payments:PublicUrl), so a provider could not answer.");
            }

            var reference = attempt.AccountReference.Length > channel.Options.ReferenceLength ? attempt.AccountReference[..channel.Options.ReferenceLength] : attempt.AccountReference;
            return await gateways.For(channel.Kind).PushAsync(access, new PushRequest(attempt.Id, attempt.PushId, attempt.Amount, attempt.Msisdn, reference, description, callback), ct);
        }
        catch (DomainException incomplete)
        {
            return new PushOutcome.NotSent(incomplete.Message);
        }
        catch (Exception broken)
        {
            // Whatever it was, it may have left. The janitor finds out.
            return new PushOutcome.Unknown(broken is OperationCanceledException ? "The request was broken off while it was under way." : broken.Message);
        }
    }

    private void Apply(IDataDefenderDb db, PaymentAttempt attempt, PaymentIntent intent, PushOutcome outcome, DateTime now)
    {
        switch (outcome)
        {
            case PushOutcome.Accepted accepted:
                attempt.Accepted(accepted.CheckoutRequestId, accepted.MerchantRequestId);
                db.PaymentEvents.Add(Happened(attempt, now, "accepted", "The provider took it; the prompt is on its way to the phone"));
                break;
            case PushOutcome.Rejected rejected:
                attempt.Refused(rejected.Code, rejected.Text, now);
                AskAgainUnlessOpen(attempt, intent);
                db.PaymentEvents.Add(Happened(attempt, now, "refused", $"The provider refused it: {rejected.Text}"));
                break;
            case PushOutcome.NotSent notSent:
                attempt.Refused("not_sent", notSent.Reason, now);
                AskAgainUnlessOpen(attempt, intent);
                db.PaymentEvents.Add(Happened(attempt, now, "not_sent", $"It did not leave: {notSent.Reason}"));
                break;
            case PushOutcome.Unknown unknown:
                attempt.Lose(now);
                db.PaymentEvents.Add(Happened(attempt, now, "lost", $"Nobody knows whether it arrived: {unknown.Reason}"));
                break;
            default:
                throw new InvalidOperationException("No such outcome.");
        }
    }

    private static void AskAgainUnlessOpen(PaymentAttempt attempt, PaymentIntent intent)
    {
        if (!attempt.MayStillBePaid)
        {
            intent.AskAgain();
        }
    }

    private PaymentEvent Happened(PaymentAttempt attempt, DateTime at, string kind, string text) => new()
    {
        TenantId = attempt.TenantId, At = at, IntentId = attempt.IntentId, AttemptId = attempt.Id, Kind = kind, Text = text.Length > 500 ? text[..500] : text, By = user.Name,
    };

    private static string HashOf(AskInput input) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"{input.ClientId:N}|{input.ChannelId:N}|{input.Amount:0.00}|{PhoneNumber.Normalise(input.Phone)}|{input.Description.Trim()}"))));

    private static async Task<PaymentIntent> IntentAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.PaymentIntents.SingleOrDefaultAsync(i => i.Id == id, ct) ?? throw new NotFoundException("Payment request", id);
}
