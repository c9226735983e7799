using Bunit;
using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Pages.Payments;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Web.Tests.Payments;

/// <summary>The pages of payments: their first render, what they say when there is nothing, and their main acts.</summary>
public sealed class PaymentPagesTests : PageTest
{
    protected override Role Role => Role.Finance;

    [Fact]
    public async Task The_list_shows_payments_with_their_sum_and_says_when_nothing_matches()
    {
        var client = await Company.AddClientAsync("Wanjiku Kamau");
        await PayAsync(client.Id, 1_500m, "FT100");
        var page = Render<PaymentsPage>();

        page.WaitForAssertion(() => Assert.Contains("FT100", page.Markup, StringComparison.Ordinal));
        Assert.Contains("1 of KES 1,500 in all", page.Markup, StringComparison.Ordinal);
        Assert.Contains("Wanjiku Kamau", page.Markup, StringComparison.Ordinal);

        Navigation.NavigateTo("/payments?q=nothing-like-it");
        page.WaitForAssertion(() => Assert.Contains("No payment matches", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_payment_tells_its_story_and_is_reversed_with_a_reason_only()
    {
        var client = await Company.AddClientAsync();
        var id = await PayAsync(client.Id, 800m, "FT101");
        var page = Render<PaymentPage>(p => p.Add(c => c.Id, id));

        page.WaitForAssertion(() => Assert.Contains("received, bank transfer", page.Find(".story").TextContent, StringComparison.Ordinal));
        Assert.Contains("Wallet", page.Markup, StringComparison.Ordinal);
        Assert.Contains("Counted", page.Markup, StringComparison.Ordinal);
        await Assert.ThrowsAsync<DomainException>(() => Services.GetRequiredService<OrphanService>().ReverseAsync(id, " "));
    }

    [Fact]
    public void Without_orphans_the_page_says_so() => Render<Orphans>().WaitForAssertion(page => Assert.Contains("All money has an owner", page.Markup, StringComparison.Ordinal));

    [Fact]
    public async Task An_orphan_is_given_to_the_one_who_is_suggested()
    {
        var client = await Company.AddClientAsync("Jane Wanjiru", "0722111222");
        var channel = await Company.AddChannelAsync();
        await OrphanAsync(channel, client.Phone);
        var page = Render<Orphans>();

        page.WaitForAssertion(() => Assert.Contains("pays from the client's own phone", page.Markup, StringComparison.Ordinal)); // the only one is open by itself
        Button(page, "It is theirs").Click();

        page.WaitForAssertion(() => Assert.Contains("All money has an owner", page.Markup, StringComparison.Ordinal));
        await using var db = Company.Open();
        Assert.Equal(client.Id, (await db.ProviderTransactions.SingleAsync()).ClientId);
    }

    [Fact]
    public async Task The_custody_board_has_a_column_for_each_state_with_its_sum()
    {
        var client = await Company.AddClientAsync();
        await PayAsync(client.Id, 250m, "FT102");
        var page = Render<Custody>();

        page.WaitForAssertion(() => Assert.Equal(Enum.GetValues<CustodyState>().Length, page.FindAll(".board-column").Count));
        Assert.Contains("KES 250", page.Find("[aria-label='In the bank']").TextContent, StringComparison.Ordinal);
        Assert.Contains("Nothing here", page.Find("[aria-label='Not known']").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_drawer_is_opened_on_the_cash_desk()
    {
        var page = Render<CashDesk>();
        page.WaitForElement("#counted").Change("1000");
        page.Find("form").Submit();

        page.WaitForAssertion(() => Assert.Contains("Should be in the drawer", page.Markup, StringComparison.Ordinal));
        Assert.Contains("KES 1,000", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Pages_with_nothing_on_them_say_what_would_be_there()
    {
        Render<Channels>().WaitForAssertion(page => Assert.Contains("No channel yet", page.Markup, StringComparison.Ordinal));
        Render<InboundMessages>().WaitForAssertion(page => Assert.Contains("No provider has sent anything yet.", page.Markup, StringComparison.Ordinal));
        Render<Statements>().WaitForAssertion(page => Assert.Contains("No row waits.", page.Markup, StringComparison.Ordinal));
        Render<Settlement>().WaitForAssertion(page => Assert.Contains("Nothing to settle", page.Markup, StringComparison.Ordinal));
        Render<OpeningBalancesPage>().WaitForAssertion(page => Assert.Contains("Control total", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public void A_channel_with_wrong_numbers_is_refused_beside_its_fields()
    {
        var page = Render<ChannelPanel>();
        page.WaitForElement("#ch-code").Change("12");
        page.Find("form").Submit();

        page.WaitForAssertion(() => Assert.Contains("The short code is 4 to 10 digits.", page.Find(".form-summary").TextContent, StringComparison.Ordinal));
        Assert.Contains("Enter the passkey", page.Markup, StringComparison.Ordinal);
        using var db = Company.Open();
        Assert.Empty(db.PaymentChannels);
    }

    [Fact]
    public async Task Asking_for_cents_is_refused_beside_the_amount()
    {
        var client = await Company.AddClientAsync();
        var channel = await Company.AddChannelAsync();
        var page = Render<AskPanel>(p => p.Add(c => c.Client, new ClientChoice(client.Id, client.Name, client.AccountNumber, client.Phone)).Add(c => c.Channels, [new ChannelRow(channel.Id, channel.Name, channel.Kind, channel.PayTo, false, true, null, 0)]));
        page.WaitForElement("#ask-amount").Change("100.50");
        page.Find("form").Submit();

        page.WaitForAssertion(() => Assert.Contains("whole shillings", page.Find(".field-error").TextContent, StringComparison.Ordinal));
    }

    private Task<Guid> PayAsync(Guid client, decimal amount, string reference) => Services.GetRequiredService<CounterService>()
        .ReceiveAsync(new ReceivedInput { ClientId = client, Method = PaymentMethod.BankTransfer, Amount = amount, Reference = reference, IdempotencyKey = reference });

    private async Task OrphanAsync(PaymentChannel channel, string phone)
    {
        var addresses = Services.GetRequiredService<ICallbackAddresses>();
        var mark = Mark(addresses, channel);
        var body = $$"""{"TransID":"SNN1","TransAmount":"900","BillRefNumber":"HELLO","MSISDN":"{{phone}}"}""";
        Assert.Equal(200, (await Services.GetRequiredService<InboundDesk>().ReceiveAsync(new InboundCall(channel.Id, CallbackKind.Confirm, mark, null, System.Text.Encoding.UTF8.GetBytes(body), "", System.Net.IPAddress.Loopback))).Status);
        Assert.Equal(1, await Services.GetRequiredService<PaymentIntake>().ApplyWaitingAsync());
    }

    /// <summary>The genuine mark, found as only its owner can: no address is public here.</summary>
    private static string Mark(ICallbackAddresses addresses, PaymentChannel channel)
    {
        Assert.Null(addresses.Of(channel, "callback-secret", CallbackKind.Confirm));
        return Infrastructure.Payments.CallbackAddresses.Mark(channel.Id, "callback-secret", CallbackKind.Confirm, null);
    }
}

internal static class Waiting
{
    public static void WaitForAssertion<T>(this IRenderedComponent<T> page, Action<IRenderedComponent<T>> assertion) where T : Microsoft.AspNetCore.Components.IComponent => page.WaitForAssertion(() => assertion(page));
}
