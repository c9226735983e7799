using System.Diagnostics;
using System.Globalization;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Seeding;

/// <summary>
/// Gives a company months of billing: contracts for its lines, a billing run for each month by the product's own engine, and payments, so
/// that most clients have paid, some partly and some not. May be asked again; a month that was billed is left as it is.
/// </summary>
internal sealed class SeedMonths(TenantScopes scopes, TimeProvider clock)
{
    private const int BatchSize = 1_000;

    /// <returns>What was done, for people.</returns>
    public async Task<string> RunAsync(Guid company, int months, CancellationToken ct)
    {
        var watch = Stopwatch.GetTimestamp();
        await using var scope = scopes.Open(company, "seed load");
        var factory = scope.ServiceProvider.GetRequiredService<IDataDefenderDbFactory>();
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var first = new DateOnly(today.Year, today.Month, 1).AddMonths(1 - months);
        await SettleTermsAsync(scope.ServiceProvider, factory, company, first, ct);
        for (var month = first; month <= today; month = month.AddMonths(1))
        {
            await BillAsync(scope.ServiceProvider, factory, month, ct);
            await PayAsync(factory, month, today, ct);
        }

        await using var db = await factory.OpenAsync(ct);
        var (invoices, transactions) = (await db.Invoices.CountAsync(ct), await db.JournalTransactions.CountAsync(ct));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{months} months billed: {invoices:#,##0} invoices, {transactions:#,##0} transactions in {Stopwatch.GetElapsedTime(watch).TotalSeconds:0.0} s.");
    }

    private static async Task SettleTermsAsync(IServiceProvider services, IDataDefenderDbFactory factory, Guid company, DateOnly first, CancellationToken ct)
    {
        await services.GetRequiredService<BillingSettingsService>().AddKenyanRatesAsync(ct);
        await using (var db = await factory.OpenAsync(ct))
        {
            if (!await db.BillingSettings.AnyAsync(ct))
            {
                var settings = new BillingSettings(company);
                settings.Change(new BillingSettingsInput { OwesVat = true, OwesExcise = true, TaxPin = "P051234567X", Paybill = "400200" });
                db.BillingSettings.Add(settings);
                await db.SaveChangesAsync(ct);
            }
        }

        while (true)
        {
            await using var db = await factory.OpenAsync(ct);
            ((DataDefenderDbContext)db).AuditEachRow = false;
            var lines = await (
                from line in db.Subscriptions.AsNoTracking()
                join package in db.Packages on line.PackageId equals package.Id
                where line.State != SubscriptionState.Disconnected && !db.Contracts.Any(c => c.SubscriptionId == line.Id)
                orderby line.Id
                select new { Line = line, Package = package }).Take(BatchSize).ToListAsync(ct);
            if (lines.Count == 0)
            {
                return;
            }

            db.Contracts.AddRange(lines.Select(l => new Contract(
                company, l.Line.Id, l.Line.ClientId, l.Line.Username, BillingMode.Advance, 1,
                new ContractTerm(first, l.Package.Id, l.Package.Name, l.Package.Price.Minor, l.Package.PeriodCount, l.Package.PeriodUnit))));
            await db.SaveChangesAsync(ct);
        }
    }

    private static async Task BillAsync(IServiceProvider services, IDataDefenderDbFactory factory, DateOnly month, CancellationToken ct)
    {
        var (runs, work) = (services.GetRequiredService<BillingRunService>(), services.GetRequiredService<BillingRunWork>());
        foreach (var unfinished in await work.UnfinishedAsync(ct))
        {
            await work.ContinueAsync(unfinished, ct); // an interrupted load left it
        }

        await using (var db = await factory.OpenAsync(ct))
        {
            if (await db.BillingRuns.AnyAsync(r => r.AsOf == month && r.State == RunState.Done, ct))
            {
                return;
            }
        }

        var run = await runs.StartAsync(month, ct);
        await work.ContinueAsync(run, ct);
        if ((await runs.GetAsync(run, ct)).Bills == 0)
        {
            return; // one with nothing due is over by itself
        }

        await runs.ApproveAsync(run, ct);
        await work.ContinueAsync(run, ct);
    }

    /// <summary>Nine of ten invoices are paid, one of twelve of these in part; on a day of the month that the number gives.</summary>
    private static async Task PayAsync(IDataDefenderDbFactory factory, DateOnly month, DateOnly today, CancellationToken ct)
    {
        for (var after = 0L; ;)
        {
            await using var db = await factory.OpenAsync(ct);
            await using var turn = await db.TakeLedgerTurnAsync(ct);
            var invoices = await db.Invoices.Include(i => i.Lines)
                .Where(i => i.IssuedOn == month && i.Number > after && i.Status == InvoiceStatus.Issued).OrderBy(i => i.Number).Take(BatchSize / 2).ToListAsync(ct);
            if (invoices.Count == 0)
            {
                return;
            }

            var receipts = new List<JournalPosting>();
            foreach (var invoice in invoices)
            {
                var number = invoice.Number!.Value;
                var day = month.AddDays((int)(number % 19));
                if (number % 10 == 7 || day > today)
                {
                    continue;
                }

                var amount = number % 12 == 5 ? new Money(invoice.Balance.Minor / 2) : invoice.Balance;
                if (amount == Money.Zero)
                {
                    continue;
                }

                await Receivables.SettleAsync(db, turn, invoice, amount, ct);
                var cash = number % 5 == 0;
                receipts.Add(new JournalPosting(
                    "payment.received", $"seed:{invoice.Id}", Moment(day, turn), $"{(cash ? "Cash" : "M-Pesa")} for {invoice.Reference}", Invoice.SourceType, invoice.Id,
                    [
                        PostingLeg.OnDebit(cash ? AccountKind.Cash : AccountKind.Clearing, amount, channel: cash ? "Front desk" : "M-Pesa"),
                        PostingLeg.OnCredit(AccountKind.Receivable, amount, invoice.ClientId),
                    ]));
            }

            await turn.PostAsync(receipts, ct);
            await turn.CommitAsync(ct);
            after = invoices[^1].Number!.Value;
        }
    }

    private static DateTime Moment(DateOnly day, LedgerTurn turn)
    {
        var noon = TimeZoneInfo.ConvertTimeToUtc(day.ToDateTime(new TimeOnly(12, 0)), turn.Company.TimeZone);
        return noon < turn.Now ? noon : turn.Now;
    }
}
