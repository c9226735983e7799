using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Billing;

/// <summary>What is billed while a line is suspended for debt, as the company chooses.</summary>
public sealed class SuspendedDaysTests
{
    [Theory]
    [InlineData(100, 3_100)] // as long as nobody chooses otherwise
    [InlineData(0, 2_200)] // 22 of 31 days
    [InlineData(20, 2_380)] // and a fifth of the nine
    public async Task Suspended_days_of_a_month_that_is_billed_afterwards_cost_what_the_company_says(int percent, decimal expected)
    {
        await using var money = await MoneyCompany.StartAsync();
        await ChooseAsync(money, percent);
        var line = await money.SellAsync(3_100m, BillingMode.Postpaid);
        await SuspendAsync(money, line, TimeSpan.FromDays(9)); // 10 March: that day is still billed
        await NightAsync(money, TimeSpan.FromDays(1));
        await NightAsync(money, TimeSpan.FromHours(1));
        await money.WithAsync<ContractService>(async c => Assert.Equal(percent == 100 ? null : percent, (await c.GetAsync(line.ClientId)).Contracts.Single().Suspension?.BilledPercent));
        await RestoreAsync(money, line, TimeSpan.FromDays(9) - TimeSpan.FromHours(1)); // 20 March
        await NightAsync(money, TimeSpan.FromDays(12)); // 1 April

        await money.RunAsync();

        Assert.Equal(Money.Of(expected), await NewestAsync(money));
        Assert.Null(await money.FaultAsync());
    }

    [Theory, EachDatabase]
    public async Task Days_billed_ahead_are_put_right_on_the_next_bill_and_the_preview_says_why(DatabaseProvider provider)
    {
        await using var money = await MoneyCompany.StartAsync(provider);
        await ChooseAsync(money, 0);
        var line = await money.SellAsync(3_100m);
        await money.RunAsync(); // March
        await SuspendAsync(money, line, TimeSpan.FromDays(9)); // 10 March
        await NightAsync(money, TimeSpan.FromDays(1));
        money.Clock.Advance(TimeSpan.FromDays(21)); // 1 April: nothing is billed ahead of a line that is suspended
        await money.PreviewAsync();
        Assert.Equal(new DateOnly(2026, 5, 1), await FreeUntilAsync(money, line));
        await RestoreAsync(money, line, TimeSpan.FromDays(11)); // 12 April
        await NightAsync(money, TimeSpan.FromDays(1));
        await NightAsync(money, TimeSpan.FromHours(2)); // a look more charges nothing more
        money.Clock.Advance(TimeSpan.FromDays(19)); // 2 May

        var run = await money.PreviewAsync();
        Assert.Contains("suspended", string.Join(", ", await money.ReadAsync(db => db.InvoiceLines.Select(l => l.Description).ToListAsync())) + string.Join(", ", await money.ReadAsync(db => db.Charges.Select(c => c.Description).ToListAsync())), StringComparison.Ordinal);
        await money.ApproveAsync(run);
        await money.WorkAsync(run);

        // May, 19 days of April, less 21 days of March.
        Assert.Equal(Money.Of(3_100m + 1_963.33m - 2_100m), await NewestAsync(money));
        Assert.Null(await money.FaultAsync());
    }

    [Fact]
    public async Task The_preview_gives_the_suspension_as_the_reason_for_a_bill_that_differs()
    {
        await using var money = await MoneyCompany.StartAsync();
        await ChooseAsync(money, 50);
        var line = await money.SellAsync(3_000m, BillingMode.Postpaid);
        money.Clock.Advance(TimeSpan.FromDays(31)); // 1 April
        await money.RunAsync();
        await SuspendAsync(money, line, TimeSpan.FromDays(14)); // 15 April
        await NightAsync(money, TimeSpan.FromDays(1));
        money.Clock.Advance(TimeSpan.FromDays(15)); // 1 May

        var run = await money.PreviewAsync();

        var bill = await money.ReadAsync(db => db.RunBills.AsNoTracking().SingleAsync(b => b.RunId == run));
        Assert.Contains("suspended for debt", bill.Reasons, StringComparison.Ordinal);
        Assert.Equal(Money.Of(2_250m), bill.Net + bill.Excise + bill.Vat); // fifteen days, and half of fifteen
    }

    [Fact]
    public async Task A_choice_holds_from_its_day_on()
    {
        await using var money = await MoneyCompany.StartAsync();
        var line = await money.SellAsync(3_100m, BillingMode.Postpaid);
        await SuspendAsync(money, line, TimeSpan.FromDays(4)); // 5 March
        money.Clock.Advance(TimeSpan.FromDays(15)); // 20 March
        await ChooseAsync(money, 0);
        await NightAsync(money, TimeSpan.FromDays(12)); // 1 April

        await money.RunAsync();

        Assert.Equal(Money.Of(1_900m), await NewestAsync(money)); // the nineteen days before
    }

    [Fact]
    public async Task A_line_that_ends_while_it_is_suspended_is_not_charged_as_if_it_had_been_restored()
    {
        await using var money = await MoneyCompany.StartAsync();
        await ChooseAsync(money, 50);
        var line = await money.SellAsync(3_100m);
        await money.RunAsync(); // March
        await SuspendAsync(money, line, TimeSpan.FromDays(9)); // 10 March
        await NightAsync(money, TimeSpan.FromDays(1));
        money.Clock.Advance(TimeSpan.FromDays(21)); // 1 April
        await money.RunAsync(); // at half
        money.Clock.Advance(TimeSpan.FromDays(19)); // 20 April
        await money.ChangeAsync(async db =>
        {
            (await db.Subscriptions.SingleAsync(s => s.Id == line.Id)).Disconnect(null, money.Clock.Now);
            (await db.Contracts.SingleAsync(c => c.SubscriptionId == line.Id)).End(money.Today);
        });

        await NightAsync(money, TimeSpan.FromDays(1));

        Assert.Equal([Money.Of(-1_050m)], await ChargesAsync(money)); // 21 days of March at half, which had been billed in full
    }

    [Fact]
    public async Task A_change_of_package_while_a_line_is_suspended_leaves_each_day_billed_once()
    {
        await using var money = await MoneyCompany.StartAsync();
        await ChooseAsync(money, 0);
        var (line, better) = (await money.SellAsync(3_100m), await money.Company.AddPackageAsync(price: 6_200m));
        await money.RunAsync(); // March
        await SuspendAsync(money, line, TimeSpan.FromDays(4)); // 5 March
        await NightAsync(money, TimeSpan.FromDays(1));
        await money.WithAsync<PlanChangeService>(async p =>
        {
            var quote = await p.QuoteAsync(line.Id, better.Id, null, new DateOnly(2026, 3, 16));
            Assert.Equal((Money.Of(1_600m), Money.Zero), (quote.Credit, quote.Charge));
            await p.ConfirmAsync(line.Id, better.Id, null, quote.Token, new DateOnly(2026, 3, 16));
        });
        money.Clock.Advance(TimeSpan.FromDays(10)); // 16 March
        await money.WithAsync<PlanChangeService>(p => p.SettleDueAsync());
        await RestoreAsync(money, line, TimeSpan.FromDays(5)); // 21 March

        await NightAsync(money, TimeSpan.FromDays(1));

        Assert.Equal([Money.Of(-1_000m), Money.Of(2_200m)], await ChargesAsync(money)); // ten days of the old package, and eleven of the new
        Assert.Null(await money.FaultAsync());
    }

    [Fact]
    public async Task An_invoice_whose_suspended_days_were_put_right_on_another_bill_is_not_voided()
    {
        await using var money = await MoneyCompany.StartAsync();
        await ChooseAsync(money, 0);
        var line = await money.SellAsync(3_100m);
        await money.RunAsync(); // March
        await SuspendAsync(money, line, TimeSpan.FromDays(9));
        await NightAsync(money, TimeSpan.FromDays(1));
        await RestoreAsync(money, line, TimeSpan.FromDays(9));
        await NightAsync(money, TimeSpan.FromDays(1));
        var march = await money.ReadAsync(db => db.Invoices.Select(i => i.Id).SingleAsync());

        await money.WithAsync<InvoiceService>(async i =>
            Assert.Contains("credit note", (await Assert.ThrowsAsync<DomainException>(() => i.VoidAsync(march, "Wrong address"))).Message, StringComparison.Ordinal));

        Assert.Equal(InvoiceStatus.Issued, await money.ReadAsync(db => db.Invoices.Select(i => i.Status).SingleAsync()));
        Assert.Equal(new DateOnly(2026, 4, 1), await FreeUntilAsync(money, line));
    }

    [Theory]
    [InlineData("Africa/Nairobi", 1)]
    [InlineData("Africa/Nairobi", 2)]
    [InlineData("America/New_York", 3)] // its clocks go forward on 8 March
    [InlineData("America/New_York", 4)]
    public async Task Suspensions_at_any_instant_lower_bills_by_the_days_that_they_lasted_whole(string zoneName, int seed)
    {
        await using var money = await MoneyCompany.StartAsync();
        await money.ChangeAsync(async db => db.Entry(await db.Companies.SingleAsync(c => c.Id == money.Company.Id)).Property(c => c.TimeZone).CurrentValue = zoneName);
        await ChooseAsync(money, 0);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(zoneName);
        var line = await money.SellAsync(3_100m, BillingMode.Postpaid);
        var (random, end) = (new Random(seed), UtcOf(new DateTime(2026, 5, 1, 1, 10, 0)));
        var turns = new List<DateTime>();
        for (var at = money.Clock.Now.AddMinutes(90); at < end; at = at.AddMinutes(random.NextDouble() < 0.4 ? random.Next(70, 600) : random.Next(600, 6 * 24 * 60)))
        {
            turns.Add(at);
        }

        // Looks come every few minutes from one o'clock on.
        var nights = Enumerable.Range(1, 61).Select(d => UtcOf(new DateTime(2026, 3, 1, 1, 5, 0).AddDays(d)));
        var looks = turns.Select(t => t.AddMinutes(5)).Where(t => DayAndHour(t).Hour >= 1).Concat(nights).ToHashSet();
        var runs = new[] { UtcOf(new DateTime(2026, 4, 1, 1, 10, 0)), end };
        foreach (var at in turns.Concat(looks).Concat(runs).Where(t => t <= end).Distinct().Order())
        {
            if (turns.IndexOf(at) is >= 0 and var turn)
            {
                await (turn % 2 == 0 ? SuspendAsync(money, line, at - money.Clock.Now) : RestoreAsync(money, line, at - money.Clock.Now));
            }
            else
            {
                money.Clock.Advance(at - money.Clock.Now);
            }

            if (looks.Contains(at))
            {
                await money.ChangeAsync(db => SuspendedDays.NoteAsync(db));
            }

            if (runs.Contains(at))
            {
                await money.RunAsync();
            }
        }

        var whole = turns.Chunk(2).SelectMany(t => Days(DateOnly.FromDateTime(DayAndHour(t[0])).AddDays(1), t.Length > 1 ? DateOnly.FromDateTime(DayAndHour(t[1])) : new DateOnly(2026, 5, 1))).ToList();
        var (march, april) = (whole.Count(d => d.Month == 3), whole.Count(d => d.Month == 4));
        Assert.True(march > 0 && april > 0 && turns.Count > whole.Count / 3, "The suspensions are too few to say anything.");
        var kept = (await money.ContractAsync(line.Id)).Terms.Suspensions;
        Assert.Equal(whole, kept.SelectMany(s => Days(s.From, s.Until ?? new DateOnly(2026, 5, 1))));
        Assert.Equal([Money.Of(3_100m - (march * 100m)), Money.Of(decimal.Round(3_100m * (30 - april) / 30, 2))], await money.ReadAsync(db => db.Invoices.OrderBy(i => i.Number).Select(i => i.Total).ToListAsync()), (a, b) => Math.Abs(a.Minor - b.Minor) <= 1);
        Assert.Null(await money.FaultAsync());

        DateTime UtcOf(DateTime local) => TimeZoneInfo.ConvertTimeToUtc(local, zone);
        DateTime DayAndHour(DateTime utc) => TimeZoneInfo.ConvertTimeFromUtc(utc, zone);
        static IEnumerable<DateOnly> Days(DateOnly from, DateOnly until) => Enumerable.Range(0, Math.Max(0, until.DayNumber - from.DayNumber)).Select(from.AddDays);
    }

    [Fact]
    public async Task A_suspension_of_less_than_a_whole_day_is_billed_in_full()
    {
        await using var money = await MoneyCompany.StartAsync();
        await ChooseAsync(money, 0);
        var line = await money.SellAsync(3_100m, BillingMode.Postpaid);
        await SuspendAsync(money, line, TimeSpan.FromDays(4)); // 5 March, 11:00
        await RestoreAsync(money, line, TimeSpan.FromHours(9)); // the same evening
        await SuspendAsync(money, line, TimeSpan.FromDays(5)); // 10 March, 20:00
        await NightAsync(money, TimeSpan.FromHours(6));
        await RestoreAsync(money, line, TimeSpan.FromHours(21)); // 11 March, 23:00: more than a day's hours, and no whole day
        await NightAsync(money, TimeSpan.FromHours(3));
        money.Clock.Advance(TimeSpan.FromDays(21)); // 2 April

        await money.RunAsync();

        Assert.Equal(Money.Of(3_100m), await NewestAsync(money));
        Assert.Empty((await money.ContractAsync(line.Id)).Terms.Suspensions);
    }

    [Theory]
    [InlineData(BillingMode.Postpaid)]
    [InlineData(BillingMode.Advance)]
    public async Task A_line_that_was_restored_and_suspended_again_between_two_looks_is_billed_that_day(BillingMode mode)
    {
        await using var money = await MoneyCompany.StartAsync();
        await ChooseAsync(money, 0);
        var line = await money.SellAsync(3_100m, mode);
        if (mode is BillingMode.Advance)
        {
            await money.RunAsync(); // March
        }

        await SuspendAsync(money, line, TimeSpan.FromDays(9)); // 10 March
        await NightAsync(money, TimeSpan.FromDays(1));
        await RestoreAsync(money, line, TimeSpan.FromDays(3)); // 14 March
        await SuspendAsync(money, line, TimeSpan.FromMinutes(2));
        await NightAsync(money, TimeSpan.FromMinutes(2));
        await NightAsync(money, TimeSpan.FromMinutes(2));
        await RestoreAsync(money, line, TimeSpan.FromDays(4)); // 18 March
        await NightAsync(money, TimeSpan.FromMinutes(2));
        money.Clock.Advance(TimeSpan.FromDays(14)); // 1 April

        await money.RunAsync();

        Assert.Equal(Money.Of(3_100m - 600m), await NewestAsync(money)); // 11 to 13 and 15 to 17 March
        Assert.Null(await money.FaultAsync());
    }

    private static Task<List<Money>> ChargesAsync(MoneyCompany money) => money.ReadAsync(async db => (await db.Charges.Select(c => c.Price).ToListAsync()).Order().ToList());

    private static async Task<DateOnly> FreeUntilAsync(MoneyCompany money, Subscription line) => (await money.ContractAsync(line.Id)).BilledUntil;

    private static async Task ChooseAsync(MoneyCompany money, int percent)
    {
        await money.WithAsync<BillingSettingsService>(async s =>
        {
            var now = await s.GetAsync();
            await s.ChangeAsync(now.Version, now.Input with { SuspendedPercent = percent });
        });
    }

    private static Task SuspendAsync(MoneyCompany money, Subscription line, TimeSpan after)
    {
        money.Clock.Advance(after);
        return money.ChangeAsync(async db => (await db.Subscriptions.SingleAsync(s => s.Id == line.Id)).Suspend(SuspendReason.Unpaid, null, money.Clock.Now));
    }

    private static Task RestoreAsync(MoneyCompany money, Subscription line, TimeSpan after)
    {
        money.Clock.Advance(after);
        return money.ChangeAsync(async db => (await db.Subscriptions.SingleAsync(s => s.Id == line.Id)).Restore(money.Clock.Now));
    }

    private static Task NightAsync(MoneyCompany money, TimeSpan after)
    {
        money.Clock.Advance(after);
        return money.ChangeAsync(async db =>
        {
            await SuspendedDays.NoteAsync(db);
            await db.SaveChangesAsync();
            await ScheduledChanges.ApplyDueAsync(db, money.Today, "billing", money.Clock.Now);
        });
    }

    private static Task<Money> NewestAsync(MoneyCompany money) => money.ReadAsync(db => db.Invoices.OrderByDescending(i => i.Number).Select(i => i.Total).FirstAsync());
}
