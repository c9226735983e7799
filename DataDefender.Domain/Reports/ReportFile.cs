using System.Runtime.CompilerServices;
using DataDefender.Domain.Common;

namespace DataDefender.Domain.Reports;

/// <summary>A report on its way into a file. Its rows are read while they are written, so that a long one is never held as a whole.</summary>
/// <param name="Count">How many rows it had when it was asked for.</param>
public sealed record ReportFile(
    string Name, string Title, string Explains, string Currency, IReadOnlyList<ReportColumn> Columns, IReadOnlyList<ReportFact> Facts, int Count, IAsyncEnumerable<ReportRow> Rows)
{
    /// <summary>The rows of a sheet of Excel, the lines above and below the table among them.</summary>
    public const int MostExcelRows = 1_048_576;

    /// <summary>How many rows of a list are read at once.</summary>
    public const int PageRows = 5_000;

    /// <summary>The row of the sheet that names the columns: title, company and currency stand above, an empty line, the facts and another empty line.</summary>
    public int HeadRow => 6 + Facts.Count;

    /// <summary>Refuses what a sheet does not hold before anything is written: a file that is cut has totals that are none.</summary>
    public void DemandFitsExcel(long rows)
    {
        if (HeadRow + rows + 1 > MostExcelRows)
        {
            throw new DomainException("export.rows", $"{Title} has {rows:#,##0} rows, and Excel holds {MostExcelRows:#,##0}. Nothing was cut off: narrow the list by days, a state or a search. A CSV, where the page has one, holds them all.");
        }
    }

    public static ReportFile Of(ReportTable table) => new(
        table.Name, table.Title, table.Explains, table.Currency, table.Columns, table.Facts, table.Rows.Count, table.Rows.ToAsyncEnumerable());

    /// <summary>All rows of a list in its order, read in pages that begin behind the last row of the one before: no page is read over, and none costs more than the first.</summary>
    /// <param name="after">The page behind a row; the first one when there is none.</param>
    public static async IAsyncEnumerable<T> PagesAsync<T>(Func<T?, CancellationToken, Task<IReadOnlyList<T>>> after, int pageRows = PageRows, [EnumeratorCancellation] CancellationToken ct = default)
        where T : class
    {
        T? last = null;
        while (true)
        {
            var page = await after(last, ct);
            foreach (var row in page)
            {
                yield return row;
            }

            if (page.Count < pageRows)
            {
                yield break;
            }

            last = page[^1];
        }
    }
}
