using System.Globalization;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Reports;
using DataDefender.Domain.Security;

namespace DataDefender.Web.Setup;

/// <summary>Reports and lists as files, by the addresses that the pages give.</summary>
internal static class ReportEndpoints
{
    public static void MapReportFiles(this WebApplication app)
    {
        app.MapGet("/finance/files/{name}.{format}", FinanceAsync).RequireAuthorization(Permissions.ViewReports);
        app.MapGet("/payments/files/{name}.{format}", PaymentsAsync).RequireAuthorization(Permissions.ViewPayments);
        app.MapGet("/billing/runs/{id:guid}/bills.{format}", (Guid id, string format, RunReport report, ReportFiles files, CancellationToken ct) =>
            files.SendAsync(() => report.GetAsync(id, ct), format, null, ct)).RequireAuthorization(Permissions.ViewBilling);
        app.MapGet("/billing/files/invoices.{format}", (string format, string? q, string? state, InvoiceService invoices, ReportFiles files, CancellationToken ct) =>
            files.SendAsync(() => invoices.FileAsync(Said(q), Of<InvoiceFilter>(state) ?? InvoiceFilter.All, ct), format, null, ct)).RequireAuthorization(Permissions.ViewBilling);
        app.MapGet("/ledger/files/trial-balance.{format}", (string format, string? asof, LedgerService ledger, ReportFiles files, CancellationToken ct) => files.SendAsync(
            async () => ReportFile.Of(await ledger.TrialBalanceFileAsync(Day(asof), ct)), format, Day(asof) is { } day ? string.Create(CultureInfo.InvariantCulture, $"trial-balance-{day:yyyy-MM-dd}") : null, ct)).RequireAuthorization(Permissions.ViewLedger);
    }

    private static async Task<IResult> FinanceAsync(string name, string format, string from, string until, string? by, FinanceReports reports, ReportFiles files, CancellationToken ct) =>
        Of<FinanceReport>(name) is { } report && Day(from) is { } first && Day(until) is { } last
            ? await files.SendAsync(
                () => reports.FileAsync(report, new ReportQuery(first, last, Of<RevenueBy>(by) ?? default), ct), format,
                string.Create(CultureInfo.InvariantCulture, $"{name.ToLowerInvariant()}-{first:yyyy-MM-dd}-{last:yyyy-MM-dd}"), ct)
            : Results.NotFound();

    private static async Task<IResult> PaymentsAsync(string name, string format, string? q, string? state, string? method, int? days, PaymentExports exports, ReportFiles files, CancellationToken ct) =>
        Of<PaymentExport>(name) is { } export
            ? await files.SendAsync(
                () => exports.GetAsync(export, new PaymentExportQuery(Said(q), Of<TransactionState>(state), Of<PaymentMethod>(method), Of<StatementRowState>(state), Of<InboundStatus>(state), days is > 0 and < 4000 ? days : null), ct),
                format, null, ct)
            : Results.NotFound();

    private static string? Said(string? search) => string.IsNullOrWhiteSpace(search) ? null : search;

    private static DateOnly? Day(string? text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private static T? Of<T>(string? text) where T : struct, Enum => Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value) ? value : null;
}
