using Bunit;
using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Reports;
using DataDefender.Domain.Security;
using DataDefender.Web.Components.Pages.Payments;
using DataDefender.Web.Components.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Web.Tests.Payments;

/// <summary>The pages of payments: their first render, what they say when there is nothing, and their main acts.</summary>
public sealed class PaymentPagesTests : PageTest
{
    protected override Role Role => Role.Finance;

    [Fact]
    public async Task What_a_client_paid_ahead_is_paid_out_from_its_page_and_a_transfer_wants_its_reference()
    {
        var client = await Company.AddClientAsync("Jane Wanjiku");
        await Services.GetRequiredService<CounterService>().ReceiveAsync(new ReceivedInput { ClientId = client.Id, Method = PaymentMethod.BankTransfer, Amount = 3_000m, Reference = "FT 1", IdempotencyKey = "in" });

        var panel = Render<PayOutPanel>(p => p.Add(x => x.ClientId, client.Id).Add(x => x.Held, Money.Of(3_000m)));
        Assert.Equal("Cash", panel.Find("#payout-how").GetAttribute("value"));
        await panel.Find("#payout-how").ChangeAsync(new ChangeEventArgs { Value = "BankTransfer" });
        await panel.Find("#payout-why").ChangeAsync(new ChangeEventArgs { Value = "Left in November" });
        await panel.Find("form").SubmitAsync();
        Assert.Contains("Enter the bank's reference", panel.Find("#payout-ref-error").TextContent, StringComparison.Ordinal);
        await panel.Find("#payout-ref").ChangeAsync(new ChangeEventArgs { Value = "FT 2" });
        await panel.Find("form").SubmitAsync();

        Assert.Equal(Money.Zero, (await Services.GetRequiredService<WalletService>().GetAsync(client.Id)).Paid);
    }

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
    public async Task How_much_goes_back_is_asked_for_and_the_page_says_what_is_left()
    {
        var client = await Company.AddClientAsync();
        var id = await PayAsync(client.Id, 800m, "FT102");
        var dialog = Render<AmountDialog>(p => p.Add(x => x.Consequence, "It is owed again.").Add(x => x.Verb, "Give back").Add(x => x.Most, Money.Of(800m)));
        Assert.Equal("800", dialog.Find("#amount-asked").GetAttribute("value")!.Split('.')[0]);
        await dialog.Find("#amount-asked").ChangeAsync(new ChangeEventArgs { Value = "800.01" });
        await dialog.Find("form").SubmitAsync();
        Assert.Contains("up to 800.00", dialog.Find("#amount-asked-error").TextContent, StringComparison.Ordinal);
        Assert.Contains("Say why", dialog.Find("#amount-reason-error").TextContent, StringComparison.Ordinal);

        await Services.GetRequiredService<OrphanService>().RefundAsync(new RefundInput { PaymentId = id, Amount = 300m, Reason = "Paid too much", IdempotencyKey = "part" });

        var page = Render<PaymentPage>(p => p.Add(c => c.Id, id));
        page.WaitForAssertion(() => Assert.Contains("Left of it", page.Markup, StringComparison.Ordinal));
        Assert.Contains("300.00 given back by", page.Find(".story").TextContent, StringComparison.Ordinal);
        Assert.Contains("Note as given back", page.Markup, StringComparison.Ordinal);
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
    public async Task Cash_that_lies_in_a_drawer_for_too_long_is_stuck_on_the_board_with_its_age_and_a_way_to_the_cash_desk()
    {
        await Services.GetRequiredService<CounterService>().OpenAsync("Office", 100m);
        Clock.Advance(TimeSpan.FromHours(17));
        var page = Render<Custody>();

        page.WaitForAssertion(() => Assert.Contains("1 stuck", page.Find("[aria-label='In the drawers']").TextContent, StringComparison.Ordinal));
        Assert.Equal("Office", page.Find("[aria-label='In the drawers'] .is-stuck a[href='/cash-desk']").TextContent);
        Assert.Contains("oldest 17 h", page.Find("[aria-label='In the drawers'] header").TextContent, StringComparison.Ordinal);
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
    public async Task Another_cashiers_drawer_is_closed_with_a_count_and_a_reason_and_all_drawers_have_pages()
    {
        await using (var db = Company.Open())
        {
            for (var i = 1; i <= 21; i++)
            {
                var session = new CashSession(Company.Id, Guid.CreateVersion7(), $"Cashier {i}", $"Drawer {i}", Money.Zero, Clock.Now.AddHours(-i));
                db.CashSessions.Add(session);
                if (i > 1)
                {
                    session.Close(Money.Zero, null, Clock.Now);
                }
            }

            await db.SaveChangesAsync();
        }

        var page = Render<CashDesk>();
        page.WaitForAssertion(() => Assert.Contains("1–20 of 21", page.Markup, StringComparison.Ordinal));
        Button(page, "Close…").Click();
        page.Find("#close-other").Change("50");
        page.Find("#close-other-why").Change("Amina left, found 50 more");
        page.Find("[aria-label='Close Drawer 1'] form").Submit();
        page.WaitForAssertion(() =>
        {
            using var db = Company.Open();
            var closed = db.CashSessions.Single(s => s.Desk == "Drawer 1");
            Assert.Equal((Money.Of(50), "Closed by Finance of the test: Amina left, found 50 more"), (closed.Counted, closed.ClosingNote));
        });
        page.WaitForAssertion(() => Assert.DoesNotContain(page.FindAll("button"), b => b.TextContent == "Close…"));

        Navigation.NavigateTo("/cash-desk?page=2");
        page.WaitForAssertion(() => Assert.Contains("21–21 of 21", page.Markup, StringComparison.Ordinal));
        Assert.Contains("Drawer 21", page.Markup, StringComparison.Ordinal);
        Navigation.NavigateTo("/cash-desk?q=cashier+7");
        page.WaitForAssertion(() => Assert.DoesNotContain("Drawer 21", page.Markup, StringComparison.Ordinal));
        Assert.Contains("Drawer 7", page.Markup, StringComparison.Ordinal);
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
    public async Task A_batch_of_cards_is_made_its_sheet_is_shown_once_and_a_card_is_redeemed_at_the_counter()
    {
        var client = await Company.AddClientAsync();
        var page = Render<Cards>();
        page.WaitForAssertion(() => Assert.Contains("No card was made yet.", page.Markup, StringComparison.Ordinal));
        page.Find("#cb-count").Change("2");
        page.Find("#cb-value").Change("500");
        page.Find("form").Submit();

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll(".scratch-code").Count));
        var code = page.Find(".scratch-code").TextContent;
        var panel = Render<ReceivePanel>(p => p.Add(c => c.ClientId, client.Id).Add(c => c.Client, new ClientChoice(client.Id, client.Name, client.AccountNumber, client.Phone)));
        panel.Find("#rcv-how").Change(nameof(PaymentMethod.Card));
        panel.WaitForElement("#rcv-code").Change(code);
        panel.Find("form").Submit();

        panel.WaitForAssertion(() =>
        {
            using var db = Company.Open();
            Assert.Equal(Money.Of(500m), db.ProviderTransactions.Single().Amount);
        });
        var again = Render<Cards>();
        again.WaitForAssertion(() => Assert.Contains("0001", again.Markup, StringComparison.Ordinal));
        Assert.DoesNotContain(code, again.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_companys_limit_for_two_people_is_set_and_wrong_amounts_are_refused_at_the_field()
    {
        await Company.AddChannelAsync();
        var page = Render<Channels>();
        page.WaitForElement("#two-people").Change("-1");
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains("An amount from 0 to 100,000,000", page.Markup, StringComparison.Ordinal));
        page.Find("#two-people").Change("5000");
        page.Find("form").Submit();

        page.WaitForAssertion(() =>
        {
            using var db = Company.Open();
            Assert.Equal(Money.Of(5_000m), db.PaymentSettings.Single().TwoPeopleFrom);
        });
    }

    [Theory]
    [InlineData(PaymentExport.Payments)]
    [InlineData(PaymentExport.Orphans)]
    [InlineData(PaymentExport.Custody)]
    [InlineData(PaymentExport.Settlement)]
    [InlineData(PaymentExport.Statements)]
    [InlineData(PaymentExport.Drawers)]
    [InlineData(PaymentExport.Messages)]
    [InlineData(PaymentExport.Cards)]
    public async Task Each_list_is_a_table_whose_cells_are_of_its_columns_types(PaymentExport export)
    {
        var client = await Company.AddClientAsync("Wanjiku Kamau");
        await PayAsync(client.Id, 1_500m, "FT900");
        await OrphanAsync(await Company.AddChannelAsync(), "0722111222");
        await Services.GetRequiredService<CounterService>().OpenAsync("Office", 100m);
        await Services.GetRequiredService<CardService>().MakeAsync(new CardBatchInput { Count = 1, Value = 100 });

        var table = await Services.GetRequiredService<PaymentExports>().GetAsync(export, new PaymentExportQuery());

        var rows = await table.Rows.ToListAsync();
        Assert.True(export is PaymentExport.Statements || rows.Count > 0);
        Assert.All(rows, row => Assert.Equal(table.Columns.Count, row.Cells.Count));
        Assert.All(rows.SelectMany(r => r.Cells.Select((cell, i) => (cell, table.Columns[i].Kind))), c => Assert.True(c.cell is null || c.Kind switch
        {
            CellKind.Money => c.cell is Money,
            CellKind.Time => c.cell is DateTime,
            CellKind.Date => c.cell is DateOnly,
            CellKind.Count => c.cell is int or long,
            _ => c.cell is string,
        }, $"{c.cell} in a column of {c.Kind}"));
        Assert.Equal((table.Count, export is PaymentExport.Payments ? 2 : table.Count), (rows.Count, rows.Count));
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
