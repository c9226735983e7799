using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Notifications.Staff;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>
/// Carries a run on from wherever it is: computes a preview page by page, writes an approved one batch by batch. Each step is a transaction
/// of its own and is found again by what it left, so that a process may die at any statement and another goes on. The next page or batch is
/// read while one is written, so that this process and the database both have work; they are written in their order.
/// </summary>
public sealed class BillingRunWork(IDataDefenderDbFactory dbFactory, TenantContext tenant, CurrentUser user, TimeProvider clock)
{
    private const int PageSize = 1_000;
    private const int BatchSize = 500;

    /// <summary>How often a batch is read anew since something of it was changed between its reading and its writing.</summary>
    private const int MostConflicts = 20;

    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter() } };

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>The runs of the company that somebody has to carry on.</summary>
    public async Task<IReadOnlyList<Guid>> UnfinishedAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        return await db.BillingRuns.Where(r => r.State == RunState.Computing || r.State == RunState.Committing).OrderBy(r => r.Number).Select(r => r.Id).ToListAsync(ct);
    }

    /// <summary>Carries a run on until it waits for a person or is over.</summary>
    public async Task ContinueAsync(Guid runId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageBilling);
        RunState state;
        int written;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            var run = await db.BillingRuns.AsNoTracking().SingleOrDefaultAsync(r => r.Id == runId, ct) ?? throw new NotFoundException("Billing run", runId);
            (state, written) = (run.State, run.Written + run.LeftOut);
        }

        if (state is RunState.Computing)
        {
            var refused = false;
            await ReadAhead.RunAsync<ComputedPage>(last => ComputePageAsync(runId, last, ct), async page => !(refused = !await SavePageAsync(runId, page, ct)));
            if (!refused)
            {
                await FinishPreviewAsync(runId, ct);
            }
        }
        else if (state is RunState.Committing && (written > 0 || await StillHoldsAsync(runId, ct)))
        {
            for (var conflicts = 0; await WriteAsync(runId, ct) is WriteEnd.Changed; conflicts++)
            {
                if (conflicts == MostConflicts)
                {
                    throw new InvalidOperationException($"What billing run {runId} bills changes all the time.");
                }
            }
        }
    }

    /// <summary>The hash by which a preview and what was written of it are compared.</summary>
    public static byte[] LinesHash(IReadOnlyList<LineDraft> lines) => SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(lines, Json));

    /// <summary>The next bills after a page, or after what an earlier process saved; null when there are none.</summary>
    private async Task<ComputedPage?> ComputePageAsync(Guid runId, ComputedPage? last, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        var run = await db.BillingRuns.AsNoTracking().SingleAsync(r => r.Id == runId, ct);
        if (run.State is not RunState.Computing)
        {
            return null; // a person cancelled it meanwhile
        }

        var rules = await BillingSnapshot.RulesAsync(db, await CurrentBillingSettings.OfAsync(db, ct), ct);
        var taxes = await BillingSnapshot.PackageTaxesAsync(db, ct);
        for (var after = last?.Last ?? await db.RunBills.Where(b => b.RunId == runId).OrderByDescending(b => b.ClientId).Select(b => (Guid?)b.ClientId).FirstOrDefaultAsync(ct); ;)
        {
            var payers = await BillingSnapshot.PayersAsync(db, run.AsOf, after, PageSize, ct);
            if (payers.Count == 0)
            {
                return null;
            }

            var snapshot = await BillingSnapshot.ReadAsync(db, payers, taxes, tracked: false, ct);
            var previous = await PreviousAsync(db, payers, ct);
            var bills = new List<RunBill>(payers.Count);
            var free = new List<Guid>();
            foreach (var account in snapshot.Accounts)
            {
                AccountBill bill;
                try
                {
                    bill = BillingEngine.Compute(account, rules, run.AsOf);
                }
                catch (DomainException wrong)
                {
                    // Tried again it would be the same: a person has to put it right, and is told what and whose.
                    var name = await db.Clients.Where(c => c.Id == account.ClientId).Select(c => c.Name).SingleAsync(ct);
                    return new ComputedPage([], [], account.ClientId, $"The bill of {name} could not be computed. {wrong.Message}");
                }

                if (bill.Lines.Count == 0 && bill.Contracts.Count + bill.Charges.Count > 0)
                {
                    free.Add(account.ClientId);
                }
                else if (bill.Lines.Count > 0)
                {
                    var before = previous.GetValueOrDefault(account.ClientId);
                    var (reasons, deviation, standsOut) = BillDifference.Explain(account, bill, before?.Total, before?.Lines.Lines);
                    bills.Add(new RunBill(run, bill, account.Hash(run.AsOf, rules), LinesHash(bill.Lines), new RunLines(bill.Lines), before?.Total, reasons, deviation, standsOut));
                }
            }

            after = payers[^1];
            if (bills.Count + free.Count > 0)
            {
                return new ComputedPage(bills, free, payers[^1], null); // else nothing was due on this page
            }
        }
    }

    /// <summary>False when the run is refused.</summary>
    private async Task<bool> SavePageAsync(Guid runId, ComputedPage page, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        if (page.Refusal is { } refusal)
        {
            var run = await db.BillingRuns.SingleAsync(r => r.Id == runId, ct);
            if (run.State is RunState.Computing)
            {
                run.Refuse(refusal, Now);
                await TellAsync(db, run, EventSeverity.Warning, $"{run.AuditLabel} was refused", refusal, ct);
                await db.SaveAsync(ct);
            }

            return false;
        }

        if (page.Free.Count > 0)
        {
            await PassAsync(db, runId, page.Free, ct);
        }

        db.RunBills.AddRange(page.Bills);
        await db.SaveAsync(ct);
        return true;
    }

    /// <summary>Periods that cost nothing are passed without a bill, or they would be due every night.</summary>
    private static async Task PassAsync(IDataDefenderDb db, Guid runId, List<Guid> payers, CancellationToken ct)
    {
        var asOf = await db.BillingRuns.Where(r => r.Id == runId).Select(r => r.AsOf).SingleAsync(ct);
        var rules = await BillingSnapshot.RulesAsync(db, await CurrentBillingSettings.OfAsync(db, ct), ct);
        var snapshot = await BillingSnapshot.ReadAsync(db, payers, await BillingSnapshot.PackageTaxesAsync(db, ct), tracked: true, ct);
        foreach (var bill in snapshot.Accounts.Select(a => BillingEngine.Compute(a, rules, asOf)).Where(b => b.Lines.Count == 0))
        {
            db.Charges.AddRange(snapshot.Advance(bill));
        }
    }

    private async Task TellAsync(IDataDefenderDb db, BillingRun run, EventSeverity severity, string title, string text, CancellationToken ct) =>
        await new StaffNotifier(clock).AddAsync(db, new StaffAudience.Permitted(Permissions.ApproveBilling), new StaffNotice("billing.approval", severity, title, text, $"/billing/runs/{run.Id}"), ct);

    /// <summary>Leaves out all bills of a run that were not written; returns how many. In a turn.</summary>
    internal static Task<int> LeaveOutAsync(IDataDefenderDb db, Guid runId, CancellationToken ct) =>
        db.RunBills.Where(b => b.RunId == runId && b.State == BillState.Pending).ExecuteUpdateAsync(set => set.SetProperty(b => b.State, BillState.LeftOut), ct);

    private async Task FinishPreviewAsync(Guid runId, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        var run = await db.BillingRuns.SingleAsync(r => r.Id == runId, ct);
        if (run.State is not RunState.Computing)
        {
            return; // a person cancelled it meanwhile
        }

        var bills = db.RunBills.AsNoTracking().Where(b => b.RunId == run.Id);
        var sums = await bills.GroupBy(b => 1).Select(g => new
        {
            Count = g.Count(),
            Outliers = g.Count(b => b.StandsOut),
            Net = g.Sum(b => b.Net.Minor),
            Excise = g.Sum(b => b.Excise.Minor),
            Vat = g.Sum(b => b.Vat.Minor),
            Previous = g.Sum(b => b.Previous ?? 0),
        }).SingleOrDefaultAsync(ct);
        run.Computed(
            sums?.Count ?? 0, sums?.Outliers ?? 0, new TaxSplit(new Money(sums?.Net ?? 0), new Money(sums?.Excise ?? 0), new Money(sums?.Vat ?? 0)), new Money(sums?.Previous ?? 0),
            await HashAsync(bills, ct));
        var settings = await CurrentBillingSettings.OfAsync(db, ct);
        if (run.Bills == 0)
        {
            run.NothingDue(Now); // a preview of nothing would wait for ever, and every later run with it
        }
        else if (settings.Approval is RunApproval.Automatic && run is { MadeById: null, Outliers: 0 })
        {
            run.Approve("nightly run", null, alone: true, Now);
        }
        else
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{run.Bills:#,##0} bills of {run.AsOf:d MMM yyyy}, {run.Outliers:#,##0} of which stand out. Nothing is written until somebody approves them.");
            await TellAsync(db, run, EventSeverity.Info, $"{run.AuditLabel} waits for approval", text, ct);
        }

        await db.SaveAsync(ct);
    }

    /// <summary>Over the hashes of all bills, in the order of their clients.</summary>
    private static async Task<byte[]> HashAsync(IQueryable<RunBill> bills, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await foreach (var one in bills.OrderBy(b => b.ClientId).Select(b => b.LinesHash).AsAsyncEnumerable().WithCancellation(ct))
        {
            hash.AppendData(one);
        }

        return hash.GetHashAndReset();
    }

    private static async Task<Dictionary<Guid, RunBill>> PreviousAsync(IDataDefenderDb db, List<Guid> payers, CancellationToken ct)
    {
        var newest = db.RunBills.AsNoTracking()
            .Where(b => payers.Contains(b.ClientId) && b.State == BillState.Written)
            .Join(db.BillingRuns, b => b.RunId, r => r.Id, (b, r) => new { Bill = b, r.Number })
            .GroupBy(b => b.Bill.ClientId)
            .Select(g => new { ClientId = g.Key, Number = g.Max(b => b.Number) });
        var bills = from bill in db.RunBills.AsNoTracking()
                    join run in db.BillingRuns on bill.RunId equals run.Id
                    join last in newest on new { bill.ClientId, run.Number } equals new { last.ClientId, last.Number }
                    where bill.State == BillState.Written
                    select bill;
        return await bills.ToDictionaryAsync(b => b.ClientId, ct);
    }

    /// <summary>Before the first invoice is written: whether every bill of the preview would still be the same. If not, the run is refused.</summary>
    private async Task<bool> StillHoldsAsync(Guid runId, CancellationToken ct)
    {
        List<Guid>? changed = null;
        await ReadAhead.RunAsync<CheckedPage>(
            last => CheckPageAsync(runId, last, ct),
            page =>
            {
                changed = page.Changed.Count > 0 ? page.Changed : null;
                return Task.FromResult(changed is null);
            });
        if (changed is null)
        {
            return true;
        }

        await using var db = await dbFactory.OpenAsync(ct);
        var run = await db.BillingRuns.SingleAsync(r => r.Id == runId, ct);
        var names = await db.Clients.Where(c => changed.Contains(c.Id)).OrderBy(c => c.Name).Take(3).Select(c => c.Name).ToListAsync(ct);
        run.Refuse($"Nothing was written. After the preview something was changed that the bills of {string.Join(", ", names)}{(changed.Count > names.Count ? " and others" : "")} depend on. Make a new preview.", Now);
        await db.SaveAsync(ct);
        return false;
    }

    private async Task<CheckedPage?> CheckPageAsync(Guid runId, CheckedPage? last, CancellationToken ct)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        var asOf = await db.BillingRuns.Where(r => r.Id == runId).Select(r => r.AsOf).SingleAsync(ct);
        var after = last?.Last;
        var page = await db.RunBills.AsNoTracking().Where(b => b.RunId == runId && (after == null || b.ClientId > after))
            .OrderBy(b => b.ClientId).Take(PageSize).Select(b => new { b.ClientId, b.InputHash }).ToListAsync(ct);
        if (page.Count == 0)
        {
            return null;
        }

        var rules = await BillingSnapshot.RulesAsync(db, await CurrentBillingSettings.OfAsync(db, ct), ct);
        var taxes = await BillingSnapshot.PackageTaxesAsync(db, ct);
        var snapshot = await BillingSnapshot.ReadAsync(db, page.ConvertAll(b => b.ClientId), taxes, tracked: false, ct);
        var now = snapshot.Accounts.ToDictionary(a => a.ClientId, a => a.Hash(asOf, rules));
        return new CheckedPage([.. page.Where(b => !now[b.ClientId].AsSpan().SequenceEqual(b.InputHash)).Select(b => b.ClientId)], page[^1].ClientId);
    }

    private async Task<WriteEnd> WriteAsync(Guid runId, CancellationToken ct)
    {
        var end = WriteEnd.Done;
        try
        {
            await ReadAhead.RunAsync<Batch>(last => ReadBatchAsync(runId, last, ct), async batch => (end = await WriteBatchAsync(batch, ct)) is WriteEnd.Done);
        }
        catch (DbUpdateConcurrencyException)
        {
            return WriteEnd.Changed; // a contract or a charge was changed since the batch was read: read anew, it is left out
        }

        if (end is WriteEnd.Done or WriteEnd.Closed)
        {
            await using var db = await dbFactory.OpenAsync(ct);
            await using var turn = await db.TakeLedgerTurnAsync(ct);
            var run = await db.BillingRuns.SingleAsync(r => r.Id == runId, ct);
            if (run.State is RunState.Committing)
            {
                if (end is WriteEnd.Done)
                {
                    run.Finish(turn.Now);
                }
                else
                {
                    var reason = $"The books were closed up to {turn.ClosedThrough:yyyy-MM-dd} before all invoices of {run.AsOf:yyyy-MM-dd} were written.";
                    run.Stop(RunState.Refused, reason, await LeaveOutAsync(db, runId, ct), turn.Now);
                }

                await turn.CommitAsync(ct);
            }
        }

        return end;
    }

    /// <summary>The next invoices, made and not yet issued; null when no bill is pending. Its context is the one in which they are written.</summary>
    private async Task<Batch?> ReadBatchAsync(Guid runId, Batch? last, CancellationToken ct)
    {
        var db = await dbFactory.OpenAsync(ct);
        try
        {
            var run = await db.BillingRuns.AsNoTracking().SingleAsync(r => r.Id == runId, ct);
            var after = last?.Last;
            var pending = await db.RunBills.AsNoTracking()
                .Where(b => b.RunId == runId && b.State == BillState.Pending && (after == null || b.ClientId > after)).OrderBy(b => b.ClientId).Take(BatchSize)
                .Select(b => new { b.ClientId, b.InputHash, b.LinesHash }).ToListAsync(ct);
            if (run.State is not RunState.Committing || pending.Count == 0)
            {
                await db.DisposeAsync();
                return null;
            }

            var bills = pending.ConvertAll(b => new RunBill(tenant.TenantId, runId, b.ClientId, b.InputHash, b.LinesHash));
            db.RunBills.AttachRange(bills);
            var settings = await CurrentBillingSettings.OfAsync(db, ct);
            var rules = await BillingSnapshot.RulesAsync(db, settings, ct);
            var taxes = await BillingSnapshot.PackageTaxesAsync(db, ct);
            var currency = await db.Companies.Where(c => c.Id == db.TenantId).Select(c => c.Currency).SingleAsync(ct);
            var payers = bills.ConvertAll(b => b.ClientId);
            var snapshot = await BillingSnapshot.ReadAsync(db, payers, taxes, tracked: true, ct);
            var accounts = snapshot.Accounts.ToDictionary(a => a.ClientId);
            var dueDays = await db.BillingProfiles.Where(p => p.DueDays != null && payers.Contains(p.ClientId)).ToDictionaryAsync(p => p.ClientId, p => p.DueDays!.Value, ct);
            var invoices = new List<(Invoice Invoice, int DueDays)>(bills.Count);
            foreach (var bill in bills)
            {
                var account = accounts[bill.ClientId];
                if (!account.Hash(run.AsOf, rules).AsSpan().SequenceEqual(bill.InputHash)
                    || Compute(account, rules, run.AsOf) is not { } computed || !LinesHash(computed.Lines).AsSpan().SequenceEqual(bill.LinesHash))
                {
                    bill.LeaveOut();
                    continue;
                }

                var invoice = new Invoice(tenant.TenantId, bill.ClientId, currency, run.Origin, computed.Lines, Now);
                db.Charges.AddRange(snapshot.Advance(computed));
                bill.WrittenAs(invoice.Id);
                invoices.Add((invoice, dueDays.GetValueOrDefault(bill.ClientId, settings.DueDays)));
            }

            db.Invoices.AddRange(invoices.ConvertAll(i => i.Invoice));
            return new Batch(db, runId, settings, invoices, bills.Count, last?.End ?? run.Written + run.LeftOut, payers[^1]);
        }
        catch
        {
            await db.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes a batch: numbers, postings, the moves of contracts and charges and the marks on the bills in one transaction.</summary>
    private static async Task<WriteEnd> WriteBatchAsync(Batch batch, CancellationToken ct)
    {
        var db = batch.Db;
        await using var turn = await db.TakeLedgerTurnAsync(ct);
        var run = await db.BillingRuns.SingleAsync(r => r.Id == batch.RunId, ct);
        if (run.State is not RunState.Committing || run.Written + run.LeftOut != batch.Start)
        {
            return WriteEnd.Elsewhere; // another process carries it on too, and was faster: it may go on
        }

        if (turn.ClosedThrough is { } closed && run.AsOf <= closed)
        {
            return WriteEnd.Closed;
        }

        var from = turn.Today > run.AsOf ? turn.Today : run.AsOf; // nobody is late with an invoice that was approved late
        foreach (var group in batch.Invoices.GroupBy(i => i.DueDays))
        {
            await Invoicing.IssueAsync(db, turn, [.. group.Select(i => i.Invoice)], batch.Settings, run.AsOf, from.AddDays(group.Key), ct);
        }

        await WalletCredit.PayOpenAsync(db, turn, batch.Invoices.ConvertAll(i => i.Invoice.ClientId), ct);
        run.Progress(batch.Invoices.Count, batch.Bills - batch.Invoices.Count);
        await turn.CommitAsync(ct);
        return WriteEnd.Done;
    }

    /// <summary>Null when it cannot be computed any more: a tax rate was taken away since the preview.</summary>
    private static AccountBill? Compute(AccountFacts account, BillingRules rules, DateOnly asOf)
    {
        try
        {
            return BillingEngine.Compute(account, rules, asOf);
        }
        catch (DomainException)
        {
            return null;
        }
    }

    private enum WriteEnd
    {
        Done,

        /// <summary>What was read is not what is there any more.</summary>
        Changed,
        Elsewhere,

        /// <summary>Its day is in a closed period now.</summary>
        Closed,
    }

    /// <param name="Free">Whose due periods cost nothing.</param>
    /// <param name="Refusal">Why the run cannot be previewed.</param>
    private sealed record ComputedPage(List<RunBill> Bills, List<Guid> Free, Guid Last, string? Refusal);

    private sealed record CheckedPage(List<Guid> Changed, Guid Last);

    /// <param name="Start">How many bills were done before it.</param>
    private sealed record Batch(IDataDefenderDb Db, Guid RunId, BillingSettings Settings, List<(Invoice Invoice, int DueDays)> Invoices, int Bills, int Start, Guid Last) : IAsyncDisposable
    {
        public int End => Start + Bills;

        public ValueTask DisposeAsync() => Db.DisposeAsync();
    }
}
