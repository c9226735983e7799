using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;

namespace DataDefender.Testing;

public sealed partial class TestCompany
{
    /// <summary>A channel with secrets in the vault.</summary>
    public async Task<PaymentChannel> AddChannelAsync(ChannelKind kind = ChannelKind.Paybill, Action<ChannelInput>? configure = null)
    {
        var number = Next();
        var input = new ChannelInput
        {
            Kind = kind, IsLive = true, Name = $"Channel {number}", ShortCode = $"{600_000 + number}", ClientId = "sandbox-client", BaseUrl = "http://127.0.0.1:1", TokenUrl = "http://127.0.0.1:1/token", AllowedSources = "127.0.0.0/8",
        };
        configure?.Invoke(input);
        var channel = new PaymentChannel(Id, kind, Now);
        channel.Change(input);
        channel.SetClientSecret(await ProtectAsync(channel.ClientSecretPlace(), "sandbox-secret"));
        channel.SetPasskey(await ProtectAsync(channel.PasskeyPlace(), "sandbox-passkey"));
        channel.SetCallbackSecret(await ProtectAsync(channel.CallbackSecretPlace(), "callback-secret"));
        if (input.Initiator is not null)
        {
            channel.SetInitiator(await ProtectAsync(channel.InitiatorPlace(), "sandbox-credential"));
        }

        return await AddAsync(channel);
    }

    /// <summary>One row of every table of payments.</summary>
    private async Task AddPaymentsAsync(Guid client)
    {
        var (channel, number) = (await AddChannelAsync(), Next());
        var intent = new PaymentIntent(Id, client, Money.Of(1_000m), "1000017", "Internet", $"key-{number}", "hash", "test", Now.AddDays(1), Now);
        var attempt = new PaymentAttempt(intent, channel, Guid.CreateVersion7().ToString("N"), Money.Of(1_000m), "254712000001", Now);
        var payment = new ProviderTransaction(Id, PaymentMethod.Mpesa, channel.Id, $"RCPT{number}", Money.Of(1_000m), EvidenceSource.Callback, Now, Now);
        payment.Describe(number, "254712000001", "Jane", "1000017");
        var drawer = new CashSession(Id, Guid.CreateVersion7(), "test", $"Drawer {number}", Money.Zero, Now);
        var import = new StatementImport(Id, channel.Id, PaymentMethod.Mpesa, "statement.csv", $"hash-{number}", "test", Now);
        await using var db = Open();
        db.AddRange(intent, attempt, payment, drawer, import);
        var batch = new CardBatch(Id, number, 1, Money.Of(100m), null, "", "test", isReleased: true, Now);
        db.AddRange(batch, new ScratchCard(batch, 1, $"hash-{number}"), new PaymentSettings(Id), new Refund(payment, channel.Id, payment.Amount, "test", "one", "two", Now));
        db.Add(new PaymentAllocation { TenantId = Id, TransactionId = payment.Id, ClientId = client, Target = AllocationTarget.Wallet, Amount = Money.Of(1_000m), At = Now });
        db.Add(new InboundMessage(Id, channel.Id, CallbackKind.Confirm, [1, 2, 3], null, "", "127.0.0.1", isTrusted: true, Now));
        db.Add(new PaymentEvent { TenantId = Id, At = Now, TransactionId = payment.Id, Kind = "paid", Text = "test", By = "test" });
        db.Add(new ProviderRequest { TenantId = Id, ChannelId = channel.Id, At = Now, Operation = "token", Url = "http://127.0.0.1" });
        db.Add(new CashMovement { TenantId = Id, SessionId = drawer.Id, Kind = CashMovementKind.Payment, Amount = Money.Of(5m), By = "test", At = Now });
        db.Add(new StatementRow(import, 1, new StatementLine(1, $"ROW{number}", Now, Money.Of(10m), "test")));
        await db.SaveChangesAsync();
    }
}
