using System.Runtime.ExceptionServices;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Notifications;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Collections;

/// <summary>What one look at a company's debtors did.</summary>
public sealed record CollectionsResult(int Debtors, int Told, int LateFees, int Suspended, int Disconnected, int Equipment)
{
    public static CollectionsResult None { get; } = new(0, 0, 0, 0, 0, 0);

    public static CollectionsResult operator +(CollectionsResult left, CollectionsResult right) => new(
        left.Debtors + right.Debtors, left.Told + right.Told, left.LateFees + right.LateFees, left.Suspended + right.Suspended, left.Disconnected + right.Disconnected, left.Equipment + right.Equipment);
}

/// <summary>
/// Takes the steps of the ladder that are due, for one company. It may be stopped anywhere and started again, and two may run at once: what
/// a step does is saved together with the entry that says so, and there is one such entry for a step of an invoice.
/// </summary>
public sealed class CollectionsRun(IDataDefenderDbFactory dbFactory, LineSignal lineSignal, MessageSignal messageSignal, TimeProvider clock)
{
    private const int Batch = 100;
    private const int Tries = 3;
    private const string By = "collections";

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    public async Task<CollectionsResult> RunAsync(CancellationToken ct = default)
    {
        DunningPolicy policy;
        DunningMoment moment;
        List<Guid> clients;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            var settings = await db.CollectionsSettings.AsNoTracking().SingleOrDefaultAsync(ct);
            if (settings is not { Policy.IsOn: true })
            {
                return CollectionsResult.None;
            }

            policy = settings.Policy;
            moment = new DunningMoment(Now, TimeZoneInfo.FindSystemTimeZoneById(await db.Companies.Where(c => c.Id == db.TenantId).Select(c => c.TimeZone).SingleAsync(ct)), settings.PausedUntil);
            clients = await DebtorBook.Owing(db, policy, moment.Today).ToListAsync(ct);
        }

        var result = CollectionsResult.None;
        ExceptionDispatchInfo? trouble = null;
        foreach (var batch in clients.Chunk(Batch))
        {
            try
            {
                result += await BatchAsync(batch, policy, moment, ct);
            }
            catch (Exception failure) when (!ct.IsCancellationRequested)
            {
                trouble ??= ExceptionDispatchInfo.Capture(failure); // the debtors of other batches are seen to all the same
            }
        }

        await EndPromisesAsync(policy, moment, ct);
        await NoteAsync(ct);
        if (result.Suspended + result.Disconnected > 0)
        {
            lineSignal.Wake();
        }

        messageSignal.Wake();
        trouble?.Throw();
        return result;
    }

    private async Task<CollectionsResult> BatchAsync(Guid[] clients, DunningPolicy policy, DunningMoment moment, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await UseCreditAsync(clients, ct);
                var fees = await ChargeFeesAsync(clients, policy, moment, ct); // in the books' turn, so apart from the rest and first
                return await StepsAsync(clients, policy, moment, ct) with { LateFees = fees };
            }
            catch (DbUpdateException) when (attempt < Tries && !ct.IsCancellationRequested)
            {
                // Another process took a step of this batch, or a person changed a line of it: look anew.
            }
        }
    }

    /// <summary>What lies in their wallets is put on what is open before anybody is dunned for it.</summary>
    private async Task UseCreditAsync(Guid[] clients, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        if ((await WalletCredit.PayOpenAsync(db, turn, clients, ct)).Count > 0)
        {
            await turn.CommitAsync(ct);
        }
    }

    private async Task<CollectionsResult> StepsAsync(Guid[] clients, DunningPolicy policy, DunningMoment moment, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        await using var turn = await db.TakeLedgerTurnAsync(ct); // a payment comes wholly before or after: else it would settle what is suspended for, unseen by both
        var desk = await MessageDesk.OpenAsync(db, ct);
        var result = CollectionsResult.None;
        List<Guid> disconnected = [];
        foreach (var rows in await DebtorBook.LoadAsync(db, clients, moment.Utc, ct))
        {
            result += new CollectionsResult(1, 0, 0, 0, 0, 0);
            foreach (var decision in DunningEngine.Decide(policy, rows.Debtor, moment))
            {
                switch (decision)
                {
                    case DunningDecision.Skip skip:
                        Enter(db, rows, skip, DunningOutcome.Skipped, skip.Why, skip.Step.Key);
                        break;
                    case DunningDecision.Do { Step.Act: DunningAct.LateFee }:
                        break; // what was not charged a moment ago is looked at again next time
                    case DunningDecision.Do step:
                        result += Take(db, desk, policy, rows, step, moment, disconnected);
                        break;
                    case DunningDecision.Wait:
                        break;
                    default:
                        throw new InvalidOperationException($"What is {decision.GetType().Name}?");
                }
            }
        }

        await EndedContracts.EndAsync(db, disconnected, moment.Today, ct);
        await turn.CommitAsync(ct);
        return result;
    }

    private CollectionsResult Take(IDataDefenderDb db, MessageDesk desk, DunningPolicy policy, DebtorRows rows, DunningDecision.Do decision, DunningMoment moment, List<Guid> disconnected)
    {
        var (invoice, step) = (decision.Invoice, decision.Step);
        var key = step.Key;
        switch (step.Act)
        {
            case DunningAct.Remind or DunningAct.Warn:
                Tell(db, desk, policy, rows, invoice, step, moment);
                Enter(db, rows, decision, DunningOutcome.Done, $"{(step.Act is DunningAct.Warn ? "Warned" : "Reminded")} by {Names(step)}. {decision.Why}", key);
                return CollectionsResult.None with { Told = 1 };

            case DunningAct.Suspend:
                var lines = rows.Lines.Where(l => l.State is SubscriptionState.Active).ToList();
                foreach (var line in lines)
                {
                    var whose = line.ClientId == rows.Debtor.ClientId ? "" : $" of {rows.Addressee.Name}, who pays";
                    line.Suspend(SuspendReason.Unpaid, $"{invoice.Reference}{whose}, due {invoice.DueOn:yyyy-MM-dd}", Now);
                    db.Order(line, LineAction.Apply, $"suspended: Unpaid, {invoice.Reference}", By, Now);
                    db.Report(line, "line.suspended", $"{line.Username}: suspended: Unpaid, {invoice.Reference}, by {By}.", Now);
                }

                var round = invoice.Done.Count(d => d.StartsWith(key, StringComparison.Ordinal));
                key = round == 0 ? key : FormattableString.Invariant($"{key}#{round + 1}");
                desk.Write(
                    db, MessageTopic.ServiceSuspended, rows.Addressee, new MessageValues { Line = Users(lines), Balance = rows.Owed }, DunningEntry.KeyOf(invoice.Id, key), step.MessageChannels(), Now);
                Enter(db, rows, decision, DunningOutcome.Done, $"Suspended {Users(lines)}. {decision.Why}", key);
                return CollectionsResult.None with { Suspended = lines.Count };

            case DunningAct.Disconnect:
                var ended = rows.Lines.Where(l => l is { State: SubscriptionState.Suspended, SuspendReason: SuspendReason.Unpaid }).ToList();
                foreach (var line in ended)
                {
                    line.Disconnect($"Unpaid: {invoice.Reference}", Now);
                    disconnected.Add(line.Id);
                    db.Order(line, LineAction.Drop, $"disconnected: Unpaid, {invoice.Reference}", By, Now);
                    db.Report(line, "line.disconnected", $"{line.Username}: disconnected: Unpaid, {invoice.Reference}, by {By}.", Now, EventSeverity.Warning);
                }

                desk.Write(
                    db, MessageTopic.ServiceDisconnected, rows.Addressee, new MessageValues { Line = Users(ended), Balance = rows.Owed }, DunningEntry.KeyOf(invoice.Id, key), step.MessageChannels(), Now);
                Enter(db, rows, decision, DunningOutcome.Done, $"Disconnected {Users(ended)}. {decision.Why}", key);
                return CollectionsResult.None with { Disconnected = ended.Count };

            case DunningAct.RecoverEquipment:
                (rows.Standing ?? db.ClientStandings.Add(new ClientStanding(db.TenantId, rows.Debtor.ClientId)).Entity).RecoverEquipment(Now);
                Enter(db, rows, decision, DunningOutcome.Done, $"Equipment is to be fetched back. {decision.Why}", key);
                return CollectionsResult.None with { Equipment = 1 };

            default:
                throw new InvalidOperationException($"{step.Act} is not taken here.");
        }
    }

    private void Tell(IDataDefenderDb db, MessageDesk desk, DunningPolicy policy, DebtorRows rows, DebtorInvoice invoice, DunningStep step, DunningMoment moment)
    {
        var days = moment.Today.DayNumber - invoice.DueOn.DayNumber;
        var suspension = rows.Debtor.Exclusion is null ? DunningEngine.SuspensionOf(policy, invoice) : null;
        if (suspension is { } planned && planned < moment.Local)
        {
            suspension = DunningEngine.NextSuspension(policy, moment.Local);
        }

        // A warning of what cannot happen would be a lie: who is excluded is reminded instead.
        var topic = step.Act is DunningAct.Warn && suspension is not null ? MessageTopic.SuspensionWarning
            : days < 0 ? MessageTopic.PaymentDueSoon
            : days == 0 ? MessageTopic.PaymentDueToday
            : MessageTopic.PaymentOverdue;
        var amount = new Money(rows.Debtor.Invoices.Where(i => i.DueOn <= invoice.DueOn || i.DueOn <= moment.Today).Sum(i => i.Balance.Minor));
        desk.Write(
            db, topic, rows.Addressee,
            new MessageValues
            {
                Invoice = invoice.Reference, Amount = amount, Balance = rows.Owed, Due = invoice.DueOn, Days = days, Until = suspension is { } at ? moment.ToUtc(at.Date) : null,
            },
            DunningEntry.KeyOf(invoice.Id, step.Key), step.MessageChannels(), Now);
    }

    /// <summary>Late fees are invoices: numbered and posted like all others, in the turn that guards the books.</summary>
    private async Task<int> ChargeFeesAsync(Guid[] clients, DunningPolicy policy, DunningMoment moment, CancellationToken ct)
    {
        if (policy.Steps.All(s => s.Act is not DunningAct.LateFee))
        {
            return 0;
        }

        await using var db = await dbFactory.OpenAsync(ct);
        var due = Fees(policy, await DebtorBook.LoadAsync(db, clients, moment.Utc, ct), moment);
        if (due.Count == 0)
        {
            return 0;
        }

        await using var turn = await db.TakeLedgerTurnAsync(ct);
        due = Fees(policy, await DebtorBook.LoadAsync(db, [.. due.Select(d => d.Rows.Debtor.ClientId).Distinct()], moment.Utc, ct), moment); // a payment may have come before our turn
        var desk = await MessageDesk.OpenAsync(db, ct);
        var settings = await CurrentBillingSettings.OfAsync(db, ct);
        List<Invoice> drafts = [];
        foreach (var (rows, decision) in due)
        {
            var fee = policy.FeeOn(decision.Invoice.Balance);
            var line = new LineDraft(LineKind.LateFee, $"Late fee for {decision.Invoice.Reference}", fee, TaxRule.None, rows.Debtor.ClientId, Key: $"late-fee:{decision.Invoice.Id:N}:{decision.Step.Day}");
            var draft = new Invoice(db.TenantId, rows.Debtor.ClientId, turn.Company.Currency, DebtorBook.LateFeeOrigin, [line], turn.Now);
            db.Invoices.Add(draft);
            drafts.Add(draft);
            Enter(db, rows, decision, DunningOutcome.Done, $"Charged a late fee of {fee.Show(turn.Company.Currency)}. {decision.Why}", decision.Step.Key);
            desk.Write(
                db, MessageTopic.LateFee, rows.Addressee, new MessageValues { Invoice = decision.Invoice.Reference, Amount = fee, Balance = rows.Owed + fee },
                DunningEntry.KeyOf(decision.Invoice.Id, decision.Step.Key), decision.Step.MessageChannels(), turn.Now, notBefore: moment.ToUtc(DunningEngine.NextTelling(policy, moment.Local)));
        }

        var days = await DaysToPay.OfAsync(db, settings, [.. drafts.Select(d => d.ClientId).Distinct()], ct);
        foreach (var group in drafts.GroupBy(d => days(d.ClientId)))
        {
            await Invoicing.IssueAsync(db, turn, [.. group], settings, turn.Today, turn.Today.AddDays(group.Key), ct);
        }

        await turn.CommitAsync(ct);
        return drafts.Count;
    }

    private static List<(DebtorRows Rows, DunningDecision.Do Decision)> Fees(DunningPolicy policy, List<DebtorRows> debtors, DunningMoment moment) =>
    [
        .. debtors.SelectMany(rows => DunningEngine.Decide(policy, rows.Debtor, moment).OfType<DunningDecision.Do>().Where(d => d.Step.Act is DunningAct.LateFee).Select(d => (rows, d))),
    ];

    /// <summary>A promise that ran out unpaid is broken, and the client is told; the ladder goes on where it was.</summary>
    private async Task EndPromisesAsync(DunningPolicy policy, DunningMoment moment, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        var now = moment.Utc;
        var over = await db.ClientStandings.Where(s => s.PromiseUntil <= now).OrderBy(s => s.PromiseUntil).Take(Batch * 5).ToListAsync(ct);
        if (over.Count == 0)
        {
            return;
        }

        var desk = await MessageDesk.OpenAsync(db, ct);
        var debtors = (await DebtorBook.LoadAsync(db, [.. over.Select(s => s.ClientId)], now, ct)).ToDictionary(d => d.Debtor.ClientId);
        foreach (var standing in over)
        {
            var until = standing.PromiseUntil!.Value;
            var rows = debtors[standing.ClientId];
            var broken = rows.Debtor.OverdueOn(moment.Today) > Money.Zero;
            var key = FormattableString.Invariant($"promise:{standing.Id:N}:{standing.Promises}");
            standing.EndPromise(broken);
            db.DunningEntries.Add(new DunningEntry
            {
                TenantId = db.TenantId, ClientId = standing.ClientId, StepKey = key, Outcome = DunningOutcome.Followed, At = now, By = By,
                Text = broken ? "The promise ran out and the debt stands." : "The promise was kept.",
            });
            if (broken)
            {
                desk.Write(db, MessageTopic.PromiseBroken, rows.Addressee, new MessageValues { Balance = rows.Owed, Until = until }, key, [MessageChannel.Sms], now, notBefore: moment.ToUtc(DunningEngine.NextTelling(policy, moment.Local)));
            }
        }

        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException) when (!ct.IsCancellationRequested)
        {
            // Somebody else saw to them; the next look finds what is left.
        }
    }

    private async Task NoteAsync(CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        try
        {
            (await db.CollectionsSettings.SingleAsync(ct)).Ran(Now);
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateConcurrencyException)
        {
            // A person saves the rules just now; when we last ran is of less weight.
        }
    }

    private void Enter(IDataDefenderDb db, DebtorRows rows, DunningDecision decision, DunningOutcome outcome, string text, string step) => db.DunningEntries.Add(new DunningEntry
    {
        TenantId = db.TenantId,
        ClientId = rows.Debtor.ClientId,
        InvoiceId = decision.Invoice.Id,
        StepKey = DunningEntry.KeyOf(decision.Invoice.Id, step),
        Step = step,
        Act = decision.Step.Act,
        Outcome = outcome,
        At = Now,
        Text = text.Length <= 300 ? text : text[..300],
        By = By,
    });

    private static string Users(IEnumerable<Subscription> lines) => string.Join(", ", lines.Select(l => l.Username)) is var all && all.Length > 100 ? all[..99] + "…" : all;

    private static string Names(DunningStep step) => string.Join(" and ", step.MessageChannels().Select(c => c is MessageChannel.Sms ? "SMS" : "e-mail")) is { Length: > 0 } names ? names : "no channel";
}
