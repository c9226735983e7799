using System.Text;
using ClosedXML.Excel;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using DataDefender.Testing.Payments;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Payments;

/// <summary>Statements of banks and providers beside the books.</summary>
public sealed class StatementTests(TestDatabases databases) : PaymentDesk(databases), IClassFixture<TestDatabases>
{
    [Theory, EachDatabase]
    public async Task A_statement_is_paired_by_receipt_and_what_matches_nothing_waits_until_it_is_taken_in(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider);
        var client = await company.AddClientAsync();
        var channel = await company.AddChannelAsync();
        await ReceiveAsync(services, company, channel, "SKA1", 1_000m, client.AccountNumber);
        await ReceiveAsync(services, company, channel, "SKA2", 700m, client.AccountNumber);
        await using var scope = services.Scope(company.Id, Role.Finance);
        var statements = scope.ServiceProvider.GetRequiredService<StatementService>();
        var csv = $"""
            Organisation,SAVANNA FIBRE
            Receipt No.,Completion Time,Initiation Time,Details,Transaction Status,Paid In,Withdrawn,Balance,Other Party Info,A/C No.
            SKA1,2026-03-01 10:30:00,2026-03-01 10:30:00,Pay Bill,Completed,"1,000.00",,1000.00,254712000001 - JANE,{client.AccountNumber}
            SKA2,2026-03-01 10:31:00,2026-03-01 10:31:00,Pay Bill,Completed,750.00,,1750.00,254712000001 - JANE,{client.AccountNumber}
            SKA3,2026-03-01 10:32:00,2026-03-01 10:32:00,Pay Bill,Completed,300.00,,2050.00,254712000002 - PETER,{client.AccountNumber}
            SKA4,2026-03-01 10:33:00,2026-03-01 10:33:00,Pay Bill,Failed,999.00,,2050.00,,
            SKA5,2026-03-01 10:34:00,2026-03-01 10:34:00,Business charge,Completed,,-23.00,2027.00,,
            """;

        var result = await statements.ImportAsync(channel.Id, "march.csv", Encoding.UTF8.GetBytes(csv));
        Assert.Empty(result.Faults);
        Assert.Equal((4, 1, 1), (result.Rows, result.Paired, result.Waiting));
        Assert.Equal("statement.known", (await Assert.ThrowsAsync<DomainException>(() => statements.ImportAsync(channel.Id, "march.csv", Encoding.UTF8.GetBytes(csv)))).Code);
        var overlapping = await statements.ImportAsync(channel.Id, "again.csv", Encoding.UTF8.GetBytes(csv + "\n"));
        Assert.Equal((0, 4), (overlapping.Rows, overlapping.Known));
        var day = Assert.Single(await statements.SettlementAsync(new DateOnly(2026, 3, 1), 1));
        Assert.Equal((Money.Of(1_700m), Money.Of(2_050m), 1, 0, 1, 1, false), (day.Expected, day.Received, day.Matched, day.OursOnly, day.TheirsOnly, day.AmountDiffers, day.IsClosed));

        var waiting = Assert.Single((await statements.RowsAsync(new GridQuery(), StatementRowState.Waiting)).Items);
        await statements.TakeInAsync(waiting.Id);

        await using var db = company.Open();
        Assert.Equal(Money.Of(2_000m), await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client.Id));
        Assert.Equal(0, await db.StatementRows.CountAsync(r => r.State == StatementRowState.Waiting));
        Assert.Null(await FaultAsync(services));
    }

    [Fact]
    public async Task A_reference_that_was_typed_in_capitals_pairs_with_the_banks_in_small_letters()
    {
        var (services, company) = await StartAsync(DatabaseProvider.Sqlite);
        var client = await company.AddClientAsync();
        await using var scope = services.Scope(company.Id, Role.Finance);
        await scope.ServiceProvider.GetRequiredService<CounterService>().ReceiveAsync(
            new ReceivedInput { ClientId = client.Id, Method = PaymentMethod.BankTransfer, Amount = 1_000m, Reference = $"FT{client.AccountNumber}abc", IdempotencyKey = "small" });

        var result = await scope.ServiceProvider.GetRequiredService<StatementService>().ImportAsync(
            null, "bank.csv", Encoding.UTF8.GetBytes($"Reference,Value Date,Description,Credit,Debit\nft{client.AccountNumber}abc,2026-03-01,Transfer,1000.00,"));

        Assert.Equal((1, 0), (result.Paired, result.Waiting));
    }

    [Theory, EachDatabase]
    public async Task What_a_statement_takes_back_waits_beside_its_payment_until_a_person_reverses_that(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider);
        var client = await company.AddClientAsync();
        var channel = await company.AddChannelAsync();
        await ReceiveAsync(services, company, channel, "SKR1", 1_000m, client.AccountNumber);
        await ReceiveAsync(services, company, channel, "SKR2", 700m, client.AccountNumber);
        await using var scope = services.Scope(company.Id, Role.Finance);
        var statements = scope.ServiceProvider.GetRequiredService<StatementService>();
        var csv = $"""
            Receipt No.,Completion Time,Details,Transaction Status,Paid In,Withdrawn,Linked Transaction ID,A/C No.
            SKR1,2026-03-01 10:30:00,Pay Bill,Completed,1000.00,,,{client.AccountNumber}
            SKR1,2026-03-01 10:30:00,Pay Bill Charge,Completed,,-5.00,,
            SKR2,2026-03-01 10:30:00,Pay Bill,Completed,700.00,,,{client.AccountNumber}
            SKR3,2026-03-01 10:40:00,Pay Bill,Completed,300.00,,,{client.AccountNumber}
            SKR7,2026-03-01 11:00:00,Pay Bill Reversal,Completed,,-1000.00,SKR1,
            SKR8,2026-03-01 11:10:00,Reversal of SKR3,Completed,,-300.00,,
            SKR9,2026-03-01 11:20:00,Transfer to bank,Completed,,-500.00,,
            """;

        var result = await statements.ImportAsync(channel.Id, "reversals.csv", Encoding.UTF8.GetBytes(csv));

        Assert.Empty(result.Faults);
        Assert.Equal((7, 2, 3), (result.Rows, result.Paired, result.Waiting)); // the charge and the transfer are set aside
        var rows = (await statements.RowsAsync(new GridQuery(), StatementRowState.Waiting)).Items.ToDictionary(r => r.Receipt);
        Assert.Equal("statement.state", (await Assert.ThrowsAsync<DomainException>(() => statements.ReverseAsync(rows["SKR8"].Id))).Code); // of a payment that nobody told us of
        await statements.TakeInAsync(rows["SKR3"].Id);
        Assert.True(await statements.ReverseAsync(rows["SKR7"].Id));
        Assert.True(await statements.ReverseAsync(rows["SKR8"].Id));

        await using var db = company.Open();
        Assert.Equal(
            [("SKR1", TransactionState.Reversed), ("SKR2", TransactionState.Applied), ("SKR3", TransactionState.Reversed)],
            (await db.ProviderTransactions.OrderBy(t => t.Receipt).ToListAsync()).Select(t => (t.Receipt!, t.State)));
        Assert.Equal(Money.Of(700m), await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client.Id));
        Assert.Equal(0, await db.StatementRows.CountAsync(r => r.State == StatementRowState.Waiting));
        Assert.True(Assert.Single(await statements.SettlementAsync(new DateOnly(2026, 3, 1), 1)) is { IsClosed: true, Matched: 1 });
        Assert.Null(await FaultAsync(services));
    }

    [Theory, EachDatabase]
    public async Task A_standing_order_with_the_same_reference_each_month_is_new_money_each_month(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider);
        var client = await company.AddClientAsync();
        await using var scope = services.Scope(company.Id, Role.Finance);
        var statements = scope.ServiceProvider.GetRequiredService<StatementService>();
        string File(params int[] months) => "Receipt No.,Completion Time,Details,Transaction Status,Paid In,Withdrawn,Balance,A/C No.\n"
            + string.Join('\n', months.Select(m => $"so {client.AccountNumber},2026-{m:00}-05 00:00:00,Standing order,Completed,2500.00,,2500.00,{client.AccountNumber}"));

        await statements.ImportAsync(null, "january.csv", Encoding.UTF8.GetBytes(File(1)));
        await TakeAllAsync();
        var second = await statements.ImportAsync(null, "february.csv", Encoding.UTF8.GetBytes(File(1, 2)));
        await TakeAllAsync();

        Assert.Equal((1, 1, 1), (second.Rows, second.Known, second.Waiting));
        await using var db = company.Open();
        Assert.Equal(Money.Of(5_000m), await LedgerBalances.OfClientAsync(db, AccountKind.Wallet, client.Id));
        Assert.Equal([$"SO {client.AccountNumber}", $"SO {client.AccountNumber} 2026-02-05"], await db.ProviderTransactions.OrderBy(t => t.OccurredAt).Select(t => t.Receipt).ToListAsync());
        Assert.Null(await FaultAsync(services));

        async Task TakeAllAsync()
        {
            foreach (var row in (await statements.RowsAsync(new GridQuery(), StatementRowState.Waiting)).Items)
            {
                await statements.TakeInAsync(row.Id);
            }
        }
    }

    [Fact]
    public async Task A_workbook_is_read_like_a_csv_and_a_day_that_agrees_is_closed()
    {
        var (services, company) = await StartAsync(DatabaseProvider.Sqlite);
        var client = await company.AddClientAsync();
        var channel = await company.AddChannelAsync();
        await ReceiveAsync(services, company, channel, "SKB1", 1_250.50m, client.AccountNumber);
        using var file = new MemoryStream();
        using (var workbook = new XLWorkbook())
        {
            var sheet = workbook.AddWorksheet("Statement");
            string[] header = ["Receipt No.", "Completion Time", "Details", "Transaction Status", "Paid In", "Withdrawn"];
            for (var i = 0; i < header.Length; i++)
            {
                sheet.Cell(3, i + 1).Value = header[i];
            }

            (sheet.Cell(4, 1).Value, sheet.Cell(4, 2).Value, sheet.Cell(4, 3).Value, sheet.Cell(4, 4).Value, sheet.Cell(4, 5).Value) = ("SKB1", new DateTime(2026, 3, 1, 11, 0, 0), "Pay Bill", "Completed", 1_250.50);
            workbook.SaveAs(file);
        }

        await using var scope = services.Scope(company.Id, Role.Finance);
        var statements = scope.ServiceProvider.GetRequiredService<StatementService>();
        var result = await statements.ImportAsync(channel.Id, "march.xlsx", file.ToArray());

        Assert.Empty(result.Faults);
        Assert.Equal(1, result.Paired);
        Assert.True(Assert.Single(await statements.SettlementAsync(new DateOnly(2026, 3, 1), 1)).IsClosed);
    }

    [Theory]
    [InlineData("Receipt No.,Completion Time,Paid In\nSAA1,yesterday,100", 2, "no date that is known")]
    [InlineData("Receipt No.,Completion Time,Paid In\nSAA1,2026-03-01 10:00:00,10.005", 2, "more than two decimals")]
    [InlineData("Receipt No.,Completion Time,Paid In\n,2026-03-01 10:00:00,10", 2, "no receipt")]
    [InlineData("Receipt No.,Completion Time,Paid In\nSAA1,2026-03-01 10:00:00,much", 2, "is no amount")]
    [InlineData("A,B,C\n1,2,3", 1, "names the columns")]
    public async Task A_row_that_cannot_be_read_stops_the_import_with_its_line_and_nothing_is_taken(string csv, int line, string reason)
    {
        var (services, company) = await StartAsync(DatabaseProvider.Sqlite);
        var channel = await company.AddChannelAsync();
        await using var scope = services.Scope(company.Id, Role.Finance);

        var result = await scope.ServiceProvider.GetRequiredService<StatementService>().ImportAsync(channel.Id, "bad.csv", Encoding.UTF8.GetBytes(csv));

        var fault = Assert.Single(result.Faults);
        Assert.Equal(line, fault.Line);
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
        await using var db = company.Open();
        Assert.Empty(await db.StatementRows.ToListAsync());
    }
}
