using DataDefender.Domain.Common;

namespace DataDefender.Domain.Reports;

/// <summary>What a column holds, which decides how it is written on a page and of which type it is in a file.</summary>
public enum CellKind
{
    Text,

    /// <summary><see cref="DateOnly"/>.</summary>
    Date,

    /// <summary><see cref="DateTime"/> where the company is, to the minute.</summary>
    Time,

    /// <summary>The first day of a month, as <see cref="DateOnly"/>.</summary>
    Month,

    /// <summary><see cref="Common.Money"/>.</summary>
    Money,

    /// <summary><see cref="long"/> or <see cref="int"/>.</summary>
    Count,

    /// <summary><see cref="decimal"/>: 0.16 is 16 %.</summary>
    Percent,
}

/// <param name="Width">Characters in a file.</param>
/// <param name="Summed">Its total stands under it.</param>
public sealed record ReportColumn(string Title, CellKind Kind, int Width = 16, bool Summed = false);

/// <summary>A row; its cells are of the columns' types, or null where nothing is known.</summary>
public sealed record ReportRow(IReadOnlyList<object?> Cells, string? Link = null);

/// <summary>A figure above the table. With <paramref name="Differs"/> two figures that must be equal are not.</summary>
public sealed record ReportFact(string Label, object Value, CellKind Kind, string Note = "", bool Differs = false);

/// <summary>What a report says: knows neither a page nor a file format.</summary>
public sealed record ReportTable(
    string Name, string Title, string Explains, string Currency, IReadOnlyList<ReportColumn> Columns, IReadOnlyList<ReportRow> Rows, IReadOnlyList<ReportFact> Facts)
{
    /// <summary>Label and value of each row for the chart, when one helps.</summary>
    public IReadOnlyList<ChartBar> Bars { get; init; } = [];

    /// <summary>The total of a summed column, of the column's type.</summary>
    public object? Total(int column) => Columns[column] switch
    {
        { Summed: false } => null,
        { Kind: CellKind.Money } => new Money(Rows.Sum(r => r.Cells[column] is Money amount ? amount.Minor : 0)),
        { Kind: CellKind.Count } => Rows.Sum(r => Convert.ToInt64(r.Cells[column] ?? 0L, System.Globalization.CultureInfo.InvariantCulture)),
        _ => null,
    };
}

/// <summary>One or two bars of a chart that stand side by side.</summary>
public sealed record ChartBar(string Label, Money Value, Money? Beside = null);

/// <summary>Writes a report as a file, row by row: it holds no more of it than a few.</summary>
public interface IReportWriter
{
    /// <summary>A workbook for Excel (.xlsx) with numbers as numbers and dates as dates.</summary>
    /// <exception cref="DomainException">It has more rows than a sheet of Excel holds.</exception>
    Task ExcelAsync(ReportFile report, string company, DateTime madeAt, Stream to, CancellationToken ct = default);

    /// <summary>UTF-8 with a byte order mark, RFC 4180; what a spreadsheet would run as a formula is made text.</summary>
    Task CsvAsync(ReportFile report, Stream to, CancellationToken ct = default);
}
