using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Billing;

/// <summary>Runs that cannot be finished as they were meant, and lines that no run bills any more: none of them keeps the others from being billed.</summary>
public sealed class RunsThatEndTests
{
    [Theory, EachDatabase]
    public async Task A_run_whose_month_was_closed_meanwhile_ends_and_the_next_one_begins(DatabaseProvider provider)
    {
        await using var money = await MoneyCompany.StartAsync(provider);
        await money.SellAsync();
        var run = await money.PreviewAsync();
        await money.ApproveAsync(run);
        money.Clock.Advance(TimeSpan.FromDays(40));
        await money.WithAsync<LedgerService>(l => l.CloseAsync(new DateOnly(2026, 3, 31)));

        await money.WorkAsync(run);

        var ended = await money.NewestRunAsync();
        Assert.Equal((RunState.Refused, 1), (ended.State, ended.LeftOut));
        Assert.Contains("The books were closed up to 2026-03-31", ended.Reason, StringComparison.Ordinal);
        await money.RunAsync();
        Assert.Equal(1, await money.ReadAsync(db => db.Invoices.CountAsync()));
    }

    [Fact]
    public async Task A_preview_of_a_closed_day_is_not_approved_and_a_run_that_is_being_written_can_be_stopped()
    {
        await using var money = await MoneyCompany.StartAsync();
        await money.SellAsync();
        var old = await money.PreviewAsync();
        money.Clock.Advance(TimeSpan.FromDays(2));
        await money.WithAsync<LedgerService>(l => l.CloseAsync(new DateOnly(2026, 3, 1)));
        Assert.Equal("run.closed", (await Assert.ThrowsAsync<DomainException>(() => money.ApproveAsync(old))).Code);
        await money.WithAsync<BillingRunService>(s => s.CancelAsync(old));

        var run = await money.PreviewAsync();
        await money.ApproveAsync(run);
        await money.WithAsync<BillingRunService>(s => s.CancelAsync(run));
        await money.WorkAsync(run);

        Assert.Equal((RunState.Cancelled, 0), (await money.NewestRunAsync() is var stopped ? (stopped.State, stopped.Written) : default));
        Assert.Equal([BillState.LeftOut], await money.ReadAsync(db => db.RunBills.Where(b => b.RunId == run).Select(b => b.State).ToListAsync()));
        await money.RunAsync();
        Assert.Equal(1, await money.ReadAsync(db => db.Invoices.CountAsync()));
    }

    [Fact]
    public async Task A_run_with_nothing_due_is_over_by_itself_and_periods_that_cost_nothing_are_passed()
    {
        await using var money = await MoneyCompany.StartAsync();
        var free = await money.SellAsync(price: 0m);

        await money.PreviewAsync();

        var run = await money.NewestRunAsync();
        Assert.Equal((RunState.Cancelled, "Nothing was due."), (run.State, run.Reason));
        Assert.Equal(new DateOnly(2026, 4, 1), (await money.ContractAsync(free.Id)).BilledUntil);
        Assert.Empty(await money.ReadAsync(db => BillingSnapshot.PayersAsync(db, money.Today, null, 10)));
    }

    [Fact]
    public async Task Whoever_approves_is_told_of_a_preview_that_waits()
    {
        await using var money = await MoneyCompany.StartAsync();
        var finance = await money.Company.AddStaffAsync(Role.Finance);
        await money.Company.AddStaffAsync(Role.Support);
        await money.SellAsync();

        var run = await money.PreviewAsync();

        var told = await money.ReadAsync(db => db.StaffNotifications.SingleAsync(n => n.StaffId == finance.Id));
        Assert.Equal(("billing.approval", $"/billing/runs/{run}"), (told.Kind, told.Href));
        Assert.Equal(1, await money.ReadAsync(db => db.StaffNotifications.CountAsync()));
    }

    [Fact]
    public async Task A_tax_without_a_rate_refuses_the_run_and_says_whose_bill_it_was()
    {
        await using var money = await MoneyCompany.StartAsync();
        var client = await money.Company.AddClientAsync("Hilltop Clinic");
        await money.SellAsync(client: client);
        await money.ChangeAsync(async db =>
        {
            var settings = new BillingSettings(money.Company.Id);
            settings.Change(new BillingSettingsInput { OwesVat = true, TaxPin = "P051234567X" });
            await db.AddAsync(settings);
        });

        await money.PreviewAsync();

        var run = await money.NewestRunAsync();
        Assert.Equal(RunState.Refused, run.State);
        Assert.StartsWith("The bill of Hilltop Clinic could not be computed. There is no rate of VAT band B", run.Reason, StringComparison.Ordinal);
        await money.PreviewAsync(); // the way is free
    }

    [Fact]
    public async Task An_invoice_of_a_run_that_is_approved_late_is_due_its_days_after_that()
    {
        await using var money = await MoneyCompany.StartAsync();
        await money.SellAsync();
        var run = await money.PreviewAsync();
        money.Clock.Advance(TimeSpan.FromDays(20));
        await money.ApproveAsync(run);
        await money.WorkAsync(run);

        var invoice = await money.ReadAsync(db => db.Invoices.SingleAsync());
        Assert.Equal((new DateOnly(2026, 3, 1), new DateOnly(2026, 3, 28)), (invoice.IssuedOn, invoice.DueOn));
    }

    [Theory, EachDatabase]
    public async Task A_line_that_is_disconnected_is_billed_no_more(DatabaseProvider provider)
    {
        await using var money = await MoneyCompany.StartAsync(provider);
        var (line, before) = (await money.SellAsync(), await money.SellAsync());
        await money.RunAsync();
        await money.ChangeAsync(async db =>
        {
            (await db.Contracts.SingleAsync(c => c.SubscriptionId == line.Id)).Bind(new DateOnly(2027, 3, 1), Money.Of(1_000m));
            (await db.Subscriptions.SingleAsync(s => s.Id == before.Id)).Disconnect("before a disconnection ended contracts", money.Clock.Now);
        });
        money.Clock.Advance(TimeSpan.FromDays(4));
        await money.WithAsync<SubscriptionService>(s => s.DisconnectAsync(line.Id, "moved away"));
        money.Clock.Advance(TimeSpan.FromDays(40));

        await money.RunAsync();

        Assert.Equal(new DateOnly(2026, 3, 5), (await money.ContractAsync(line.Id)).EndsOn);
        Assert.Equal(new DateOnly(2026, 3, 1), (await money.ContractAsync(before.Id)).EndsOn);
        var last = await money.ReadAsync(db => db.Invoices.Include(i => i.Lines).SingleAsync(i => i.Number == 3));
        Assert.Equal([LineKind.EarlyTermination], last.Lines.Select(l => l.Kind)); // what leaving early costs, and not another month
    }
}
