using DataDefender.Domain.Billing;
using DataDefender.Domain.Collections;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Collections;

/// <summary>The job of collections against a real database: once, resumable, explained.</summary>
public sealed class CollectionsRunTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    private static readonly DunningPolicy Policy = DunningPolicy.Standard with
    {
        IsOn = true,
        Steps = [.. DunningPolicy.Standard.Steps, new DunningStep(5, DunningAct.LateFee, DunningChannels.Sms)],
    };

    [Theory, EachDatabase]
    public async Task Each_step_of_the_ladder_is_taken_once_however_often_the_job_runs(DatabaseProvider provider)
    {
        var (company, services) = await StartAsync(provider);
        var line = await company.AddSubscriptionAsync();
        await IssueAsync(company, line, daysAgo: 10);
        await At(services, new DateTime(2026, 3, 10, 7, 0, 0, DateTimeKind.Utc)); // a Tuesday, ten in Nairobi

        var first = await RunAsync(company);
        var second = await RunAsync(company);

        Assert.Equal(new CollectionsResult(1, 1, 1, 1, 0, 0), first);
        Assert.Equal(new CollectionsResult(1, 0, 0, 0, 0, 0), second with { Told = 0 }); // the late fee's own invoice may be spoken of
        await using var db = company.Open();
        Assert.Equal((SubscriptionState.Suspended, SuspendReason.Unpaid), await db.Subscriptions.Select(s => new { s.State, s.SuspendReason }).SingleAsync() is var s ? (s.State, s.SuspendReason) : default);
        var fee = await db.Invoices.SingleAsync(i => i.Origin == "Late fee");
        Assert.Equal((Money.Of(200), true), (fee.Total, fee.JournalSequence is not null)); // posted like every invoice
        Assert.Equal(1, await db.DunningEntries.CountAsync(e => e.Act == DunningAct.Suspend));
        Assert.Equal(1, await db.LineCommands.CountAsync());
        Assert.Equal(1, await db.Messages.CountAsync(m => m.Topic == MessageTopic.ServiceSuspended && m.Channel == MessageChannel.Sms));
    }

    [Theory, EachDatabase]
    public async Task Two_that_run_at_once_do_no_more_than_one(DatabaseProvider provider)
    {
        var (company, services) = await StartAsync(provider);
        for (var i = 0; i < 20; i++)
        {
            await IssueAsync(company, await company.AddSubscriptionAsync(), daysAgo: 10);
        }

        await At(services, new DateTime(2026, 3, 10, 7, 0, 0, DateTimeKind.Utc));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => RunAsync(company))));

        await using var db = company.Open();
        Assert.Equal(20, await db.DunningEntries.CountAsync(e => e.Act == DunningAct.Suspend));
        Assert.Equal(20, await db.Invoices.CountAsync(i => i.Origin == "Late fee"));
        Assert.Equal(20, await db.LineCommands.CountAsync());
    }

    [Theory, EachDatabase]
    public async Task Sub_accounts_are_suspended_for_who_pays_where_the_company_says_so_and_come_back_with_the_payment(DatabaseProvider provider)
    {
        var (company, services) = await StartAsync(provider);
        var (parent, child, stranger, hospital) = (await company.AddSubscriptionAsync(), await company.AddSubscriptionAsync(), await company.AddSubscriptionAsync(), await company.AddSubscriptionAsync());
        await IssueAsync(company, parent, daysAgo: 10);
        await using (var db = company.Open())
        {
            foreach (var paidFor in new[] { child, hospital })
            {
                var profile = new BillingProfile(company.Id, paidFor.ClientId);
                profile.Change(parent.ClientId, null, null, null);
                db.BillingProfiles.Add(profile);
            }

            var essential = new ClientStanding(company.Id, hospital.ClientId);
            essential.Exclude(ExclusionKind.EssentialService, "A hospital", "test", services.Clock.Now);
            db.ClientStandings.Add(essential);
            (await db.CollectionsSettings.SingleAsync()).Change(Policy with { SuspendSubAccounts = true });
            await db.SaveChangesAsync();
        }

        await At(services, new DateTime(2026, 3, 10, 7, 0, 0, DateTimeKind.Utc));
        Assert.Equal(2, (await RunAsync(company)).Suspended);
        Assert.Equal([SubscriptionState.Suspended, SubscriptionState.Suspended, SubscriptionState.Active], await StatesAsync());
        await using (var db = company.Open())
        {
            Assert.Contains("who pays", (await db.Subscriptions.SingleAsync(l => l.Id == child.Id)).StateNote, StringComparison.Ordinal);
        }

        Assert.Equal(0, await RestoreAsync());
        await using (var db = company.Open())
        {
            await using var turn = await db.TakeLedgerTurnAsync();
            foreach (var invoice in await db.Invoices.Include(i => i.Lines).ToListAsync()) // with its late fee
            {
                await Receivables.SettleAsync(db, turn, invoice, invoice.Balance);
            }

            await turn.CommitAsync();
        }

        Assert.Equal(2, await RestoreAsync());
        Assert.All(await StatesAsync(), s => Assert.Equal(SubscriptionState.Active, s));

        async Task<SubscriptionState[]> StatesAsync()
        {
            await using var db = company.Open();
            var states = await db.Subscriptions.ToDictionaryAsync(l => l.Id, l => l.State);
            Assert.Equal(SubscriptionState.Active, states[hospital.Id]);
            return [states[parent.Id], states[child.Id], states[stranger.Id]];
        }

        async Task<int> RestoreAsync()
        {
            await using var scope = services.Scope(company.Id, Actor.System("collections"));
            return await scope.ServiceProvider.GetRequiredService<PaidLines>().RestoreAsync();
        }
    }

    [Theory, EachDatabase]
    public async Task A_line_that_is_paid_but_for_some_cents_comes_back_with_those_that_are_paid(DatabaseProvider provider)
    {
        var (company, services) = await StartAsync(provider);
        var (whole, nearly, owing) = (await company.AddSubscriptionAsync(), await company.AddSubscriptionAsync(), await company.AddSubscriptionAsync());
        var invoices = new[] { (Line: whole, Off: 0m), (Line: nearly, Off: 0.54m), (Line: owing, Off: 400m) };
        var ids = new List<Guid>();
        foreach (var (line, _) in invoices)
        {
            ids.Add(await IssueAsync(company, line, daysAgo: 10));
        }

        await At(services, new DateTime(2026, 3, 10, 7, 0, 0, DateTimeKind.Utc));
        Assert.Equal(3, (await RunAsync(company, withFees: false)).Suspended);
        foreach (var (id, off) in ids.Zip(invoices, (id, i) => (id, i.Off)))
        {
            await OnInvoiceAsync(company, id, async (turn, invoice) =>
            {
                var paid = invoice.Balance - Money.Of(off);
                await Receivables.SettleAsync(turn.Db, turn, invoice, paid);
                await turn.PostAsync(new JournalPosting("payment.received", $"payment:{id}", turn.Now, "Test payment", "Payment", id,
                    [PostingLeg.OnDebit(AccountKind.Cash, paid, channel: "desk"), PostingLeg.OnCredit(AccountKind.Receivable, paid, invoice.ClientId)]));
            });
        }

        Assert.Equal(2, await RestoreAsync(company));
        await using var db = company.Open();
        Assert.Equal(SubscriptionState.Suspended, (await db.Subscriptions.SingleAsync(l => l.Id == owing.Id)).State);
    }

    [Theory, EachDatabase]
    public async Task A_payment_that_is_being_taken_is_waited_for_and_its_client_is_not_suspended(DatabaseProvider provider)
    {
        var (company, services) = await StartAsync(provider);
        var line = await company.AddSubscriptionAsync();
        await IssueAsync(company, line, daysAgo: 10);
        await At(services, new DateTime(2026, 3, 10, 7, 0, 0, DateTimeKind.Utc));

        Task<CollectionsResult> run;
        await using (var db = company.Open())
        {
            await using var turn = await db.TakeLedgerTurnAsync();
            run = RunAsync(company);
            await Task.WhenAny(run, Task.Delay(TimeSpan.FromMilliseconds(700), TestContext.Current.CancellationToken));
            Assert.False(run.IsCompleted, "The ladder did not wait for its turn at the books.");
            var invoice = await db.Invoices.Include(i => i.Lines).SingleAsync();
            var amount = invoice.Balance;
            await Receivables.SettleAsync(db, turn, invoice, amount);
            await turn.PostAsync(new JournalPosting(
                "payment.received", "payment:test", turn.Now, "Test payment", "Payment", invoice.Id,
                [PostingLeg.OnDebit(AccountKind.Cash, amount, channel: "desk"), PostingLeg.OnCredit(AccountKind.Receivable, amount, line.ClientId)]));
            await turn.CommitAsync();
        }

        Assert.Equal((0, 0), ((await run).Suspended, (await run).LateFees));
        Assert.Equal(SubscriptionState.Active, await StateAsync(company));
    }

    [Fact]
    public async Task A_line_that_the_ladder_ends_is_billed_no_more()
    {
        var (company, services) = await StartAsync(DatabaseProvider.Sqlite);
        var line = await company.AddSubscriptionAsync();
        await using (var db = company.Open())
        {
            var today = DateOnly.FromDateTime(services.Clock.Now);
            db.Contracts.Add(new Contract(company.Id, line.Id, line.ClientId, line.Username, BillingMode.Advance, 1, new ContractTerm(today.AddDays(-90), line.PackageId, "Home", 250_000, 1, PeriodUnit.Month)));
            db.Charges.Add(new Charge(company.Id, line.ClientId, line.Id, new ChargeInput { Description = "Fixed address", Price = 300, Monthly = true }, today.AddDays(-90)));
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        await IssueAsync(company, line, daysAgo: 10);
        await At(services, new DateTime(2026, 3, 10, 7, 0, 0, DateTimeKind.Utc));
        Assert.Equal(1, (await RunAsync(company)).Suspended);
        services.Clock.Advance(TimeSpan.FromDays(56)); // eight weeks on the same weekday
        Assert.Equal(1, (await RunAsync(company)).Disconnected);

        await using var after = company.Open();
        var ended = DateOnly.FromDateTime(services.Clock.Now);
        Assert.Equal(ended, (await after.Contracts.SingleAsync(TestContext.Current.CancellationToken)).EndsOn);
        Assert.Equal(ended, (await after.Charges.SingleAsync(TestContext.Current.CancellationToken)).Until);
    }

    [Fact]
    public async Task A_new_invoice_is_announced_with_it_where_the_company_wants_that()
    {
        var (company, _) = await StartAsync(DatabaseProvider.Sqlite, on: false);
        var line = await company.AddSubscriptionAsync();
        await IssueAsync(company, line, daysAgo: 0);
        await using (var db = company.Open())
        {
            Assert.Equal(0, await db.Messages.CountAsync());
            var settings = new MessagingSettings(company.Id, "token");
            settings.Change(new MessagingInput { SmsOn = true, SmsUsername = "savanna", AnnouncesInvoices = true });
            settings.SetSmsKey("not revealed here");
            db.Add(settings);
            await db.SaveChangesAsync();
        }

        await IssueAsync(company, line, daysAgo: 0);

        await using var after = company.Open();
        var message = await after.Messages.SingleAsync();
        Assert.Equal((MessageTopic.InvoiceIssued, MessageStatus.Queued), (message.Topic, message.Status));
        Assert.Contains("of KES 2,500 is due on", message.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_promise_holds_everything_until_it_runs_out_and_is_then_noted_as_broken()
    {
        var (company, services) = await StartAsync(DatabaseProvider.Sqlite);
        var line = await company.AddSubscriptionAsync();
        await IssueAsync(company, line, daysAgo: 10);
        await At(services, new DateTime(2026, 3, 10, 7, 0, 0, DateTimeKind.Utc));
        await AsAsync(company, c => c.PromiseAsync(line.ClientId, DateOnly.FromDateTime(services.Clock.Now).AddDays(1), "After payday", restore: false));

        Assert.Equal(0, (await RunAsync(company)).Suspended);
        var said = (await AsAsync(company, c => c.GetAsync(line.ClientId))).Explanations;
        Assert.Contains(said, e => e is { What: "Nothing is done for now.", Why: "The client promised to pay: After payday", Until: not null });

        services.Clock.Advance(TimeSpan.FromDays(2)); // a Thursday
        Assert.Equal(1, (await RunAsync(company)).Suspended);
        var state = await AsAsync(company, c => c.GetAsync(line.ClientId));
        Assert.Equal((1, 1), (state.Promises, state.BrokenPromises));
        Assert.Contains(state.Explanations, e => e.What.EndsWith("is suspended.", StringComparison.Ordinal) && e.Ends.StartsWith("Paying what is overdue", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Grace_brings_a_suspended_line_back_and_an_exclusion_keeps_it_on()
    {
        var (company, services) = await StartAsync(DatabaseProvider.Sqlite);
        var line = await company.AddSubscriptionAsync();
        await IssueAsync(company, line, daysAgo: 10);
        await At(services, new DateTime(2026, 3, 10, 7, 0, 0, DateTimeKind.Utc));
        await RunAsync(company);

        await Assert.ThrowsAsync<InvalidInputException>(() => AsAsync(company, c => c.GiveGraceAsync(line.ClientId, 100, "Too long")));
        await AsAsync(company, c => c.GiveGraceAsync(line.ClientId, 2, "Waits for the bank"));
        await RunAsync(company);
        Assert.Equal(SubscriptionState.Active, await StateAsync(company));
        services.Clock.Advance(TimeSpan.FromHours(2));
        await RunAsync(company);
        Assert.Equal(SubscriptionState.Suspended, await StateAsync(company));

        await AsAsync(company, c => c.ExcludeAsync(line.ClientId, ExclusionKind.EssentialService, "A clinic"));
        Assert.Equal(SubscriptionState.Active, await StateAsync(company));
        services.Clock.Advance(TimeSpan.FromHours(2));
        await RunAsync(company);
        Assert.Equal(SubscriptionState.Active, await StateAsync(company));
    }

    [Theory, EachDatabase]
    public async Task A_void_invoice_brings_its_line_back_and_a_debt_that_was_given_up_does_not(DatabaseProvider provider)
    {
        var (company, services) = await StartAsync(provider);
        var (mistaken, defaulter) = (await company.AddSubscriptionAsync(), await company.AddSubscriptionAsync());
        var (wrong, bad) = (await IssueAsync(company, mistaken, daysAgo: 10), await IssueAsync(company, defaulter, daysAgo: 10));
        await At(services, new DateTime(2026, 3, 10, 7, 0, 0, DateTimeKind.Utc));
        await RunAsync(company, withFees: false);

        await OnInvoiceAsync(company, wrong, (turn, invoice) => Invoicing.VoidAsync(turn, invoice, "Billed by mistake"));
        await OnInvoiceAsync(company, bad, (turn, invoice) => Invoicing.WriteOffAsync(turn, invoice, "Moved away"));

        Assert.Equal(1, await RestoreAsync(company));
        await using var db = company.Open();
        Assert.Equal(
            (SubscriptionState.Active, SubscriptionState.Suspended),
            ((await db.Subscriptions.SingleAsync(l => l.Id == mistaken.Id)).State, (await db.Subscriptions.SingleAsync(l => l.Id == defaulter.Id)).State));
    }

    [Theory, EachDatabase]
    public async Task Cents_that_nobody_would_be_suspended_for_do_not_keep_a_line_off_once_the_rest_is_paid(DatabaseProvider provider)
    {
        var (company, services) = await StartAsync(provider);
        var (paid, unpaid) = (await company.AddSubscriptionAsync(), await company.AddSubscriptionAsync());
        var invoice = await IssueAsync(company, paid, daysAgo: 10);
        await IssueAsync(company, unpaid, daysAgo: 10);
        await At(services, new DateTime(2026, 3, 10, 7, 0, 0, DateTimeKind.Utc));
        await RunAsync(company, withFees: false);
        Assert.Equal(0, await RestoreAsync(company));

        await OnInvoiceAsync(company, invoice, async (turn, row) =>
        {
            await turn.PostAsync(new JournalPosting(
                "payment.received", "test:1", turn.Now, "M-Pesa", "test", row.Id,
                [PostingLeg.OnDebit(AccountKind.Clearing, Money.Of(2_499.46m), channel: "mpesa"), PostingLeg.OnCredit(AccountKind.Receivable, Money.Of(2_499.46m), row.ClientId)]));
            row.Apply(Money.Of(2_499.46m), turn.Now);
        });

        Assert.Equal(1, await RestoreAsync(company));
        await using var db = company.Open();
        Assert.Equal(SubscriptionState.Suspended, (await db.Subscriptions.SingleAsync(l => l.Id == unpaid.Id)).State);
    }

    [Fact]
    public async Task At_night_a_late_fee_is_charged_and_told_of_in_the_morning()
    {
        var (company, services) = await StartAsync(DatabaseProvider.Sqlite);
        await IssueAsync(company, await company.AddSubscriptionAsync(), daysAgo: 6);
        await At(services, new DateTime(2026, 3, 9, 21, 30, 0, DateTimeKind.Utc)); // Tuesday, half past midnight in Nairobi

        Assert.Equal(1, (await RunAsync(company)).LateFees);

        await using var db = company.Open();
        var told = await db.Messages.SingleAsync(m => m.Topic == MessageTopic.LateFee);
        Assert.Equal(TimeSpan.FromHours(5), told.NextAttemptAt.TimeOfDay); // eight in Nairobi
        Assert.True(told.NextAttemptAt > services.Clock.Now);
    }

    [Fact]
    public async Task The_preview_names_whom_it_would_suspend_and_how_much_they_owe_without_doing_it()
    {
        var (company, services) = await StartAsync(DatabaseProvider.Sqlite, on: false);
        var (late, excluded) = (await company.AddSubscriptionAsync(), await company.AddSubscriptionAsync());
        await IssueAsync(company, late, daysAgo: 10);
        await IssueAsync(company, excluded, daysAgo: 10);
        await AsAsync(company, c => c.ExcludeAsync(excluded.ClientId, ExclusionKind.Vip, "The landlord"));
        await At(services, new DateTime(2026, 3, 8, 20, 0, 0, DateTimeKind.Utc)); // a Sunday night

        await using var scope = company.Scope();
        var preview = await scope.ServiceProvider.GetRequiredService<CollectionsRules>().PreviewAsync(CollectionsInput.Of(Policy));

        Assert.Equal(services.Clock.Now.Date.AddDays(1).AddHours(6), preview.At); // Monday, nine in Nairobi
        var suspends = preview.Acts.Single(a => a.Act is DunningAct.Suspend);
        Assert.Equal((1, 1, Money.Of(2_500), 1), (suspends.Clients, suspends.Lines, suspends.Owed, suspends.Excluded));
        Assert.Equal(late.ClientId, Assert.Single(suspends.First).ClientId);
        Assert.Equal(0, await CountAsync(company));
    }

    [Theory]
    [InlineData(0, DunningAct.Suspend, false, "at least a day after")]
    [InlineData(5, DunningAct.Remind, false, "needs a channel")]
    [InlineData(5, DunningAct.Disconnect, false, "comes after suspension")]
    [InlineData(400, DunningAct.Remind, true, "30 days before to 365 days after")]
    public async Task A_ladder_that_makes_no_sense_is_refused(int day, DunningAct act, bool sms, string says)
    {
        var (company, _) = await StartAsync(DatabaseProvider.Sqlite, on: false);
        await using var scope = company.Scope();
        var input = new CollectionsInput { IsOn = true, SuspendDays = (Domain.Policies.WeekDays)31, Steps = [new StepInput { Day = day, Act = act, Sms = sms }] };

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => scope.ServiceProvider.GetRequiredService<CollectionsRules>().SaveAsync(input));

        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    private async Task<(TestCompany, TestServices)> StartAsync(DatabaseProvider provider, bool on = true)
    {
        var services = await databases.GetAsync(provider, s => s
            .AddSingleton<LineSignal>().AddSingleton<MessageSignal>().AddScoped<CollectionsRun>().AddScoped<CollectionsService>().AddScoped<CollectionsRules>().AddScoped<PaidLines>());
        var company = await TestCompany.CreateAsync(services);
        if (on)
        {
            await using var db = company.Open();
            var settings = new CollectionsSettings(company.Id);
            settings.Change(Policy);
            db.CollectionsSettings.Add(settings);
            await db.SaveChangesAsync();
        }

        return (company, services);
    }

    /// <summary>Moves the clock, which is the class's and only goes ahead, by whole weeks to the same weekday and hour.</summary>
    private static Task At(TestServices services, DateTime utc)
    {
        while (utc < services.Clock.Now)
        {
            utc = utc.AddDays(7);
        }

        services.Clock.Advance(utc - services.Clock.Now);
        return Task.CompletedTask;
    }

    private static async Task<Guid> IssueAsync(TestCompany company, Subscription line, int daysAgo)
    {
        await using var db = company.Open();
        await using var turn = await db.TakeLedgerTurnAsync();
        var invoice = new Invoice(company.Id, line.ClientId, "KES", "test", [new LineDraft(LineKind.OneTime, "Internet", Money.Of(2_500), TaxRule.None, line.ClientId, line.Id)], turn.Now);
        db.Invoices.Add(invoice);
        await Invoicing.IssueAsync(db, turn, [invoice], await CurrentBillingSettings.OfAsync(db), turn.Today.AddDays(-daysAgo), turn.Today.AddDays(-daysAgo));
        await turn.CommitAsync();
        return invoice.Id;
    }

    private static async Task OnInvoiceAsync(TestCompany company, Guid id, Func<LedgerTurn, Invoice, Task> act)
    {
        await using var db = company.Open();
        await using var turn = await db.TakeLedgerTurnAsync();
        await act(turn, await db.Invoices.Include(i => i.Lines).SingleAsync(i => i.Id == id));
        await turn.CommitAsync();
    }

    private static async Task<int> RestoreAsync(TestCompany company)
    {
        await using var scope = company.Scope();
        return await scope.ServiceProvider.GetRequiredService<PaidLines>().RestoreAsync();
    }

    private static async Task<CollectionsResult> RunAsync(TestCompany company, bool withFees = true)
    {
        if (!withFees)
        {
            await using var db = company.Open();
            (await db.CollectionsSettings.SingleAsync()).Change(DunningPolicy.Standard with { IsOn = true });
            await db.SaveChangesAsync();
        }

        await using var scope = company.Scope();
        return await scope.ServiceProvider.GetRequiredService<CollectionsRun>().RunAsync();
    }

    private static async Task AsAsync(TestCompany company, Func<CollectionsService, Task> act)
    {
        await using var scope = company.Scope(Role.Support);
        await act(scope.ServiceProvider.GetRequiredService<CollectionsService>());
    }

    private static async Task<T> AsAsync<T>(TestCompany company, Func<CollectionsService, Task<T>> act)
    {
        await using var scope = company.Scope(Role.Support);
        return await act(scope.ServiceProvider.GetRequiredService<CollectionsService>());
    }

    private static async Task<SubscriptionState> StateAsync(TestCompany company)
    {
        await using var db = company.Open();
        return (await db.Subscriptions.SingleAsync()).State;
    }

    private static async Task<int> CountAsync(TestCompany company)
    {
        await using var db = company.Open();
        return await db.DunningEntries.CountAsync(e => e.Outcome != DunningOutcome.ByHand);
    }
}
