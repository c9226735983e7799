using System.Globalization;
using System.Text;
using ClosedXML.Excel;
using DataDefender.Domain.Common;
using DataDefender.Domain.Reports;

namespace DataDefender.Infrastructure.Exports;

/// <summary>Reports as workbooks and as CSV. Widths are set by hand: measuring text needs a drawing library that servers lack.</summary>
internal sealed class ReportWriter : IReportWriter
{
    private const int LongestSheetName = 31;

    public byte[] Excel(ReportTable report, string company, DateTime madeAt)
    {
        using var workbook = new XLWorkbook();
        var sheet = workbook.Worksheets.Add(report.Title.Length <= LongestSheetName ? report.Title : report.Title[..LongestSheetName]);
        sheet.Cell(1, 1).SetValue(report.Title).Style.Font.SetBold().Font.SetFontSize(14);
        sheet.Cell(2, 1).SetValue($"{company} · {report.Explains}");
        sheet.Cell(3, 1).SetValue(string.Create(CultureInfo.InvariantCulture, $"Amounts in {report.Currency}. Made {madeAt:yyyy-MM-dd HH:mm} UTC."));
        var row = 5;
        foreach (var fact in report.Facts)
        {
            sheet.Cell(row, 1).SetValue(fact.Label);
            Write(sheet.Cell(row, 2), fact.Value, fact.Kind);
            sheet.Cell(row, 3).SetValue(fact.Note);
            row++;
        }

        var head = row + 1;
        for (var i = 0; i < report.Columns.Count; i++)
        {
            var column = report.Columns[i];
            sheet.Column(i + 1).Width = Math.Max(column.Width, 12);
            sheet.Cell(head, i + 1).SetValue(column.Title).Style.Font.SetBold().Alignment.SetHorizontal(column.Kind is CellKind.Text or CellKind.Date or CellKind.Time or CellKind.Month ? XLAlignmentHorizontalValues.Left : XLAlignmentHorizontalValues.Right)
                .Border.SetBottomBorder(XLBorderStyleValues.Thin);
        }

        row = head + 1;
        foreach (var line in report.Rows)
        {
            for (var i = 0; i < report.Columns.Count; i++)
            {
                Write(sheet.Cell(row, i + 1), line.Cells[i], report.Columns[i].Kind);
            }

            row++;
        }

        if (report.Rows.Count > 0 && report.Columns.Any(c => c.Summed))
        {
            sheet.Cell(row, 1).SetValue("Total").Style.Font.SetBold();
            for (var i = 0; i < report.Columns.Count; i++)
            {
                if (report.Columns[i].Summed)
                {
                    var cell = sheet.Cell(row, i + 1);
                    cell.FormulaA1 = string.Create(CultureInfo.InvariantCulture, $"SUM({sheet.Cell(head + 1, i + 1).Address}:{sheet.Cell(row - 1, i + 1).Address})");
                    cell.Style.NumberFormat.Format = Format(report.Columns[i].Kind);
                    cell.Style.Font.SetBold().Border.SetTopBorder(XLBorderStyleValues.Thin);
                }
            }
        }

        sheet.SheetView.FreezeRows(head);
        using var stream = new MemoryStream();
        workbook.SaveAs(stream);
        return stream.ToArray();
    }

    public byte[] Csv(ReportTable report)
    {
        var csv = new StringBuilder();
        Line(csv, report.Columns.Select(c => c.Title));
        foreach (var row in report.Rows)
        {
            Line(csv, row.Cells.Select((cell, i) => Text(cell, report.Columns[i].Kind)));
        }

        return [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(csv.ToString())];
    }

    private static void Write(IXLCell cell, object? value, CellKind kind)
    {
        switch (value)
        {
            case null:
                return;
            case Money amount:
                cell.SetValue(amount.Amount);
                break;
            case DateOnly day:
                cell.SetValue(day.ToDateTime(TimeOnly.MinValue));
                break;
            case DateTime at:
                cell.SetValue(at);
                break;
            case decimal number:
                cell.SetValue(number);
                break;
            case long or int:
                cell.SetValue(Convert.ToDecimal(value, CultureInfo.InvariantCulture));
                break;
            case string text:
                cell.SetValue(text); // a text cell: what begins like a formula is not run
                cell.DataType = XLDataType.Text;
                return;
            default:
                throw new ArgumentOutOfRangeException(nameof(value), value.GetType(), "No cell is of this type.");
        }

        cell.Style.NumberFormat.Format = Format(kind);
    }

    private static string Format(CellKind kind) => kind switch
    {
        CellKind.Money => "#,##0.00;[Red]-#,##0.00",
        CellKind.Count => "#,##0",
        CellKind.Percent => "0.0%",
        CellKind.Date => "d mmm yyyy",
        CellKind.Time => "d mmm yyyy hh:mm",
        CellKind.Month => "mmm yyyy",
        CellKind.Text => "@",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

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

    private static void Line(StringBuilder csv, IEnumerable<string> cells) =>
        csv.AppendJoin(',', cells.Select(c => $"\"{c.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")).Append("\r\n");
}

public static class ExportRegistration
{
    public static IServiceCollection AddReportFiles(this IServiceCollection services) =>
        services.AddSingleton<IReportWriter, ReportWriter>();
}
