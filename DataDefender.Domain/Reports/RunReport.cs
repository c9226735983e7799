using System.Globalization;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Reports;

/// <summary>The bills of a billing run for a file, those that stand out first: what is looked through before somebody approves it, and kept after.</summary>
public sealed class RunReport(BillingRunService runs, IDataDefenderDbFactory dbFactory, CurrentUser user)
{
    public async Task<ReportFile> GetAsync(Guid runId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        string currency;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            currency = await db.Companies.Where(c => c.Id == db.TenantId).Select(c => c.Currency).SingleAsync(ct);
        }

        var run = await runs.GetAsync(runId, ct);
        var bills = ReportFile.PagesAsync<RunBillRow>((last, stop) => runs.BillsAfterAsync(runId, last is null ? null : new RunBillKey(last.StandsOut, last.Deviation, last.ClientId), ReportFile.PageRows, stop), ct: ct);
        return new ReportFile(
            $"billing-run-{run.Number}", $"Billing run {run.Number}",
            $"What is due on {run.AsOf.ToString("d MMM yyyy", CultureInfo.InvariantCulture)}; {run.State}. Made by {run.MadeBy}{(run.ApprovedBy is { } approver ? $", approved by {approver}" : "")}.",
            currency,
            [
                new("Client", CellKind.Text, 32), new("Account", CellKind.Text, 14), new("Stands out", CellKind.Text, 12), new("Why it differs", CellKind.Text, 44), new("Last time", CellKind.Money, 16, true),
                new("Net", CellKind.Money, 16, true), new("Excise", CellKind.Money, 16, true), new("VAT", CellKind.Money, 16, true), new("Now", CellKind.Money, 16, true), new("State", CellKind.Text, 12),
            ],
            [new("Total", run.Total, CellKind.Money), new("Same clients last time", run.PreviousTotal, CellKind.Money), new("Bills", (long)run.Bills, CellKind.Count), new("Stand out", (long)run.Outliers, CellKind.Count)],
            run.Bills,
            bills.Select(b => new ReportRow(
                [
                    b.Client, b.AccountNumber, b.StandsOut ? "yes" : "", b.Reasons.Length > 0 ? b.Reasons : b.StandsOut ? "nothing to pay" : "as last time", b.Previous,
                    new Money(b.Lines.Sum(l => l.Split.Net.Minor)), new Money(b.Lines.Sum(l => l.Split.Excise.Minor)), new Money(b.Lines.Sum(l => l.Split.Vat.Minor)), b.Total, b.State.ToString(),
                ], $"clients/{b.ClientId}/billing")));
    }
}
