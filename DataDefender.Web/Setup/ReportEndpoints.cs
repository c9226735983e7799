using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Reports;
using DataDefender.Domain.Security;
using DataDefender.Web.Security;

namespace DataDefender.Web.Setup;

/// <summary>Reports as files, by the address that the page gives.</summary>
internal static class ReportEndpoints
{
    private const string Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    public static void MapReportFiles(this WebApplication app)
    {
        app.MapGet("/finance/files/{name}.{format}", GetAsync).RequireAuthorization(Permissions.ViewReports);
        app.MapGet("/billing/runs/{id:guid}/bills.xlsx", async (Guid id, RunReport report, IReportWriter files, Workplace workplace, TimeProvider clock, CancellationToken ct) =>
        {
            try
            {
                var table = await report.GetAsync(id, ct);
                return Results.File(files.Excel(table, workplace.Company?.Name ?? "", clock.GetUtcNow().UtcDateTime), Workbook, $"{table.Name}.xlsx");
            }
            catch (NotFoundException)
            {
                return Results.NotFound();
            }
        }).RequireAuthorization(Permissions.ViewBilling);
    }

    private static async Task<IResult> GetAsync(string name, string format, string from, string until, string? by, FinanceReports reports, IReportWriter files, Workplace workplace, TimeProvider clock, CancellationToken ct)
    {
        if (!Enum.TryParse<FinanceReport>(name, ignoreCase: true, out var report) || !Enum.IsDefined(report)
            || !DateOnly.TryParseExact(from, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var first)
            || !DateOnly.TryParseExact(until, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var last) || format is not ("xlsx" or "csv"))
        {
            return Results.NotFound();
        }

        try
        {
            var table = await reports.GetAsync(report, new ReportQuery(first, last, Enum.TryParse<RevenueBy>(by, ignoreCase: true, out var told) && Enum.IsDefined(told) ? told : default), ct);
            var file = string.Create(CultureInfo.InvariantCulture, $"{table.Name}-{first:yyyy-MM-dd}-{last:yyyy-MM-dd}.{format}");
            return format == "xlsx"
                ? Results.File(files.Excel(table, workplace.Company?.Name ?? "", clock.GetUtcNow().UtcDateTime), Workbook, file)
                : Results.File(files.Csv(table), "text/csv; charset=utf-8", file);
        }
        catch (InvalidInputException refused)
        {
            return Results.Text(refused.Message, statusCode: StatusCodes.Status400BadRequest);
        }
    }
}
