using System.Globalization;
using System.IO.Compression;
using System.Text;
using DataDefender.Domain.Common;
using DataDefender.Domain.Reports;

namespace DataDefender.Infrastructure.Exports;

/// <summary>Reports as workbooks and as CSV. Widths are set by hand: measuring text needs a drawing library that servers lack.</summary>
internal sealed class ReportWriter : IReportWriter
{
    public async Task ExcelAsync(ReportFile report, string company, DateTime madeAt, Stream to, CancellationToken ct = default)
    {
        report.DemandFitsExcel(report.Count);
        using var archive = new ZipArchive(to, ZipArchiveMode.Create, leaveOpen: true);
        Workbook.WriteParts(archive, report.Title);
        await using var part = archive.CreateEntry("xl/worksheets/sheet1.xml", CompressionLevel.Fastest).Open();
        using var sheet = new Workbook.Sheet(part, report);
        sheet.Head(company, madeAt);
        await foreach (var row in report.Rows.WithCancellation(ct))
        {
            sheet.Add(row);
        }

        sheet.End();
    }

    public async Task CsvAsync(ReportFile report, Stream to, CancellationToken ct = default)
    {
        await using var csv = new StreamWriter(to, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), leaveOpen: true);
        await csv.WriteAsync(Line(report.Columns.Select(c => c.Title)));
        await foreach (var row in report.Rows.WithCancellation(ct))
        {
            await csv.WriteAsync(Line(row.Cells.Select((cell, i) => Text(cell, report.Columns[i].Kind))));
        }
    }

    private static string Text(object? value, CellKind kind) => value switch
    {
        null => "",
        DateOnly day => day.ToString(kind is CellKind.Month ? "yyyy-MM" : "yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime at => at.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
        Money amount => amount.Amount.ToString("0.00", CultureInfo.InvariantCulture),
        string text => Inert(text),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    // A client's name may have been chosen by an attacker.
    private static string Inert(string text) => text.AsSpan().TrimStart(' ') is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n', ..] ? "'" + text : text;

    private static string Line(IEnumerable<string> cells) =>
        string.Join(',', cells.Select(c => $"\"{c.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")) + "\r\n";
}

public static class ExportRegistration
{
    public static IServiceCollection AddReportFiles(this IServiceCollection services) =>
        services.AddSingleton<IReportWriter, ReportWriter>();
}
