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

/// <summary>Where money is, since when, and what is stuck.</summary>
public sealed class CustodyBoardTests(TestDatabases databases) : PaymentDesk(databases), IClassFixture<TestDatabases>
{
    [Theory, EachDatabase]
    public async Task The_custody_board_shows_every_shilling_where_the_books_have_it(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider);
        var client = await company.AddClientAsync();
        var channel = await company.AddChannelAsync();
        await ReceiveAsync(services, company, channel, "SKC1", 1_000m, client.AccountNumber);
        await OrphanAsync(company, 200m);
        await ReceiveAsync(services, company, channel, "SKC2", 300m, "nobody");
        await using var scope = services.Scope(company.Id, Role.Finance);
        await scope.ServiceProvider.GetRequiredService<StatementService>().PaidOutAsync(channel.Id, 400m, 0m, "P1");
        services.Clock.Advance(TimeSpan.FromDays(2));

        var board = (await scope.ServiceProvider.GetRequiredService<CustodyBoard>().GetAsync()).ToDictionary(c => c.State);

        Assert.Equal(Money.Of(900m), board[CustodyState.AtProvider].Total);
        Assert.Equal(Money.Of(400m), board[CustodyState.AtBank].Total - Money.Of(200m));
        Assert.Equal(Money.Of(1_000m), board[CustodyState.Wallet].Total);
        Assert.Equal((Money.Of(500m), 2, 2), (board[CustodyState.Orphan].Total, board[CustodyState.Orphan].Count, board[CustodyState.Orphan].Stuck));
        await using var db = company.Open();
        Assert.Equal(await LedgerBalances.OfAccountAsync(db, AccountKind.Suspense), board[CustodyState.Orphan].Total);
    }

    [Theory, EachDatabase]
    public async Task What_a_provider_has_not_paid_out_for_three_days_is_stuck_and_payouts_settle_the_oldest_days_first(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider);
        var client = await company.AddClientAsync();
        var channel = await company.AddChannelAsync();
        List<DateTime> days = [];
        foreach (var amount in (decimal[])[1_000m, 500m, 300m])
        {
            days.Add(services.Clock.Now);
            await ReceiveAsync(services, company, channel, $"SKD{days.Count}", amount, client.AccountNumber, services.Clock.Now);
            services.Clock.Advance(TimeSpan.FromDays(1));
        }

        await PayOutAsync(1_200m); // the first day, and 200 of the second
        await BoardAsync(days[1], stuck: false);
        services.Clock.Advance(TimeSpan.FromDays(2));
        await BoardAsync(days[1], stuck: true);
        await PayOutAsync(300m);
        await BoardAsync(days[2], stuck: false);
        services.Clock.Advance(TimeSpan.FromDays(90)); // nobody looks so far back at first
        await BoardAsync(days[2], stuck: true);
        await PayOutAsync(300m);
        await BoardAsync(null, stuck: false);

        async Task PayOutAsync(decimal amount)
        {
            await using var scope = services.Scope(company.Id, Role.Finance);
            await scope.ServiceProvider.GetRequiredService<StatementService>().PaidOutAsync(channel.Id, amount, 0m, $"P{amount}-{services.Clock.Now:MMdd}");
        }

        async Task BoardAsync(DateTime? since, bool stuck)
        {
            await using var scope = services.Scope(company.Id, Role.Finance);
            var column = (await scope.ServiceProvider.GetRequiredService<CustodyBoard>().GetAsync()).Single(c => c.State is CustodyState.AtProvider);
            Assert.Equal((since, stuck ? 1 : 0), (column.Oldest, column.Stuck));
            Assert.Equal(since is null ? [] : [(since, stuck, "/payments/settlement")], column.Cards.Select(c => (c.Since, c.IsStuck, c.Link!)));
        }
    }

    [Theory, EachDatabase]
    public async Task Cash_is_stuck_in_a_drawer_that_is_open_or_left_with_money_for_sixteen_hours(DatabaseProvider provider)
    {
        var (services, company) = await StartAsync(provider);
        await using var scope = services.Scope(company.Id, Cashier);
        var (counter, board) = (scope.ServiceProvider.GetRequiredService<CounterService>(), scope.ServiceProvider.GetRequiredService<CustodyBoard>());
        await counter.OpenAsync("Office", 1_000m);
        var opened = services.Clock.Now;
        services.Clock.Advance(TimeSpan.FromHours(15));
        await BoardAsync(opened, "open", stuck: false);
        services.Clock.Advance(TimeSpan.FromHours(2));
        await BoardAsync(opened, "open", stuck: true);
        await counter.CloseAsync(1_000m, null);
        var closed = services.Clock.Now;
        services.Clock.Advance(TimeSpan.FromHours(1));
        await BoardAsync(closed, "closed and not banked", stuck: false);
        services.Clock.Advance(TimeSpan.FromHours(16));
        await BoardAsync(closed, "closed and not banked", stuck: true);
        await counter.OpenAsync("Office", 1_000m);
        await counter.BankAsync(1_000m, "Slip 7");
        services.Clock.Advance(TimeSpan.FromHours(20));
        Assert.Equal((0, 0), (await ColumnAsync()) is var empty ? (empty.Count, empty.Stuck) : default); // nothing is in it

        async Task<CustodyColumn> ColumnAsync() => (await board.GetAsync()).Single(c => c.State is CustodyState.InDrawers);

        async Task BoardAsync(DateTime since, string detail, bool stuck) =>
            Assert.Equal([("Office", detail, since, stuck, "/cash-desk")], (await ColumnAsync()).Cards.Select(c => (c.Title, c.Detail, c.Since!.Value, c.IsStuck, c.Link!)));
    }

}
