using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Billing;

/// <summary>What may still happen to an invoice of which a part was given up, and is open again because a payment was taken back.</summary>
public sealed class WrittenOffTests : IAsyncLifetime
{
    private MoneyCompany _money = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _money = await MoneyCompany.StartAsync();

    public ValueTask DisposeAsync() => _money.DisposeAsync();

    [Fact]
    public async Task It_is_not_void_and_credited_only_over_what_was_not_written_off_so_that_nobody_is_given_what_nobody_paid()
    {
        var client = await _money.Company.AddClientAsync();
        var invoice = await IssueAsync(client.Id, _money.Today);
        var payment = await _money.PayAsync(client.Id, 400m);
        await _money.WithAsync<InvoiceService>(i => i.WriteOffAsync(invoice, "Moved away", Ct));
        await _money.WithAsync<OrphanService>(c => c.ReverseAsync(payment, "Entered for another", Ct));
        Assert.Equal(Money.Of(400m), (await ReadAsync(invoice)).Balance);

        var whole = await Assert.ThrowsAsync<DomainException>(() => _money.WithAsync<InvoiceService>(i => i.VoidAsync(invoice, "Wrong client", Ct)));
        var most = await Assert.ThrowsAsync<DomainException>(() => _money.WithAsync<InvoiceService>(i => i.CreditAsync(invoice, [new LineCredit(1, Money.Of(400.01m))], "Outage", Ct)));
        Assert.Contains("600.00", whole.Message, StringComparison.Ordinal);
        Assert.Contains("was written off", most.Message, StringComparison.Ordinal);
        await _money.WithAsync<InvoiceService>(i => i.CreditAsync(invoice, [new LineCredit(1, Money.Of(400m))], "Outage", Ct));

        Assert.Equal((Money.Zero, Money.Zero), ((await ReadAsync(invoice)).Balance, await _money.WalletAsync(client.Id)));
        Assert.Null(await _money.FaultAsync());
    }

    [Fact]
    public async Task An_invoice_of_an_earlier_day_is_due_from_the_day_on_which_it_was_written()
    {
        var client = await _money.Company.AddClientAsync();

        var issued = await ReadAsync(await IssueAsync(client.Id, _money.Today.AddDays(-30)));

        Assert.Equal(_money.Today.AddDays(-30), issued.IssuedOn);
        Assert.True(issued.DueOn > _money.Today);
    }

    [Fact]
    public async Task A_contract_that_is_opened_on_a_line_with_paid_time_bills_from_its_end()
    {
        var line = await _money.Company.AddSubscriptionAsync();
        await _money.ChangeAsync(async db => (await db.Subscriptions.SingleAsync(s => s.Id == line.Id, Ct)).ExpireAt(_money.Clock.Now.AddDays(20)));

        await _money.WithAsync<ContractService>(c => c.OpenAsync(line.Id, new ContractInput { Mode = BillingMode.Advance }, Ct));

        Assert.Equal(_money.Today.AddDays(21), (await _money.ContractAsync(line.Id)).BilledUntil); // the twentieth day is paid in part
        Assert.Null((await _money.LineAsync(line.Id)).ExpiresAt);
    }

    [Fact]
    public async Task Another_transfer_under_the_same_reference_is_not_taken_for_the_first_one()
    {
        var client = await _money.Company.AddClientAsync();
        var first = await TransferAsync(client.Id, _money.Today);
        Assert.Equal(first, await TransferAsync(client.Id, _money.Today)); // sent again

        _money.Clock.Advance(TimeSpan.FromDays(31));
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => TransferAsync(client.Id, _money.Today));

        Assert.Contains("add its day to the reference", refused.Errors[0].Message, StringComparison.Ordinal);
    }

    private async Task<Guid> IssueAsync(Guid client, DateOnly on)
    {
        var invoice = Guid.Empty;
        await _money.WithAsync<InvoiceService>(async i =>
        {
            invoice = await i.DraftAsync(client, [new InvoiceLineInput { Kind = LineKind.OneTime, Description = "Cabling", Price = 1_000m, TaxBand = "D" }], Ct);
            await i.IssueAsync(invoice, on, Ct);
        });
        return invoice;
    }

    private async Task<Guid> TransferAsync(Guid client, DateOnly on)
    {
        var payment = Guid.Empty;
        await _money.WithAsync<CounterService>(async c => payment = await c.ReceiveAsync(
            new ReceivedInput { ClientId = client, Method = PaymentMethod.BankTransfer, Amount = 3_000m, Reference = "HOUSE 12", On = on, IdempotencyKey = Guid.CreateVersion7().ToString("N") }, Ct));
        return payment;
    }

    private Task<Invoice> ReadAsync(Guid id) => _money.ReadAsync(db => db.Invoices.SingleAsync(i => i.Id == id, Ct));
}
