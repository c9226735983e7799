using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Reports;
using DataDefender.Web.Security;

namespace DataDefender.Web.Setup;

/// <summary>
/// Sends reports as files. Each is written to a file of the server first, which is gone when it is sent: a reader at the end of a slow line
/// holds neither the database nor memory, and what cannot be written is refused with words instead of a file that is broken off.
/// </summary>
internal sealed class ReportFiles(IReportWriter writer, Workplace workplace, TimeProvider clock)
{
    private const string Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    /// <param name="name">Without its ending; the report's with the day when it is null.</param>
    public async Task<IResult> SendAsync(Func<Task<ReportFile>> read, string format, string? name, CancellationToken ct)
    {
        if (format is not ("xlsx" or "csv"))
        {
            return Results.NotFound();
        }

        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 64 * 1024, Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; // customers are in it
        }

        var spool = new FileStream(Path.Combine(Path.GetTempPath(), $"report-{Guid.CreateVersion7():N}"), options);
        var kept = false;
        try
        {
            var (report, now) = (await read(), clock.GetUtcNow().UtcDateTime);
            await (format == "xlsx" ? writer.ExcelAsync(report, workplace.Company?.Name ?? "", now, spool, ct) : writer.CsvAsync(report, spool, ct));
            spool.Position = 0;
            kept = true;
            return Results.File(spool, format == "xlsx" ? Workbook : "text/csv; charset=utf-8", string.Create(CultureInfo.InvariantCulture, $"{name ?? $"{report.Name}-{Here(now):yyyy-MM-dd}"}.{format}"));
        }
        catch (ForbiddenException)
        {
            return Results.Forbid(); // a list that wants more than its address says
        }
        catch (NotFoundException)
        {
            return Results.NotFound();
        }
        catch (DomainException refused)
        {
            return Results.Text(refused.Message, statusCode: StatusCodes.Status400BadRequest);
        }
        finally
        {
            if (!kept)
            {
                await spool.DisposeAsync();
            }
        }
    }

    /// <summary>The day in a name is that of the company.</summary>
    private DateTime Here(DateTime utc) => workplace.Company is { } company ? TimeZoneInfo.ConvertTimeFromUtc(utc, TimeZoneInfo.FindSystemTimeZoneById(company.TimeZone)) : utc;
}
