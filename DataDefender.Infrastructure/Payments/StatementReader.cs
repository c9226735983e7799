using System.Globalization;
using ClosedXML.Excel;
using CsvHelper;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;

namespace DataDefender.Infrastructure.Payments;

/// <summary>
/// Reads statements by the names of their columns: M-Pesa's organisation statement, and bank statements whose columns have one of the usual
/// names. The header may stand below lines with the account's name and the like. Times are the company's.
/// </summary>
internal sealed class StatementReader : IStatementReader
{
    private const int MostRows = 200_000;
    private const int MostColumns = 60;
    private const int MaxRecordBytes = 256 * 1024;
    private const int HeaderWithin = 40;
    private const int MostFaults = 50;

    private static readonly string[] ReceiptNames = ["receipt no.", "receipt no", "receipt", "transaction id", "transid", "reference", "ref no", "ref", "transaction reference", "bank reference"];
    private static readonly string[] TimeNames = ["completion time", "transaction date", "trans date", "value date", "posting date", "date", "date/time", "time"];
    private static readonly string[] InNames = ["paid in", "credit", "credit amount", "money in", "deposit", "deposits"];
    private static readonly string[] OutNames = ["withdrawn", "debit", "debit amount", "money out", "withdrawal", "withdrawals", "paid out"];
    private static readonly string[] AmountNames = ["amount", "transaction amount"];
    private static readonly string[] DetailNames = ["details", "description", "narrative", "narration", "particulars", "transaction details"];
    private static readonly string[] AccountNames = ["a/c no.", "a/c no", "account no", "account number", "account", "bill ref", "customer reference"];
    private static readonly string[] PartyNames = ["other party info", "payer", "payer name", "customer name", "from"];
    private static readonly string[] StatusNames = ["transaction status", "status"];
    private static readonly string[] LinkedNames = ["linked transaction id", "original transaction id", "original receipt"];
    private static readonly string[] BalanceNames = ["balance", "amount", "owes", "amount due", "opening balance", "due"];

    private static readonly string[] Times =
    [
        "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd", "dd/MM/yyyy HH:mm:ss", "dd/MM/yyyy HH:mm", "dd/MM/yyyy", "dd-MM-yyyy HH:mm:ss", "dd-MM-yyyy", "dd-MMM-yyyy", "dd MMM yyyy", "d/M/yyyy", "yyyy-MM-ddTHH:mm:ss",
    ];

    public StatementReading Read(string fileName, ReadOnlyMemory<byte> file, TimeZoneInfo zone)
    {
        var (rows, broken) = Rows(fileName, file);
        if (broken is not null)
        {
            return new StatementReading([], [broken]);
        }

        var header = rows.Take(HeaderWithin).FirstOrDefault(r => Column(r.Cells, ReceiptNames) is not null && Column(r.Cells, TimeNames) is not null
            && (Column(r.Cells, InNames) is not null || Column(r.Cells, AmountNames) is not null));
        if (header is null)
        {
            return new StatementReading([], [new StatementFault(1, "No line names the columns. A statement needs a receipt or reference, a date, and what was paid in (or an amount).")]);
        }

        var columns = new Columns(
            Column(header.Cells, ReceiptNames)!.Value, Column(header.Cells, TimeNames)!.Value, Column(header.Cells, InNames), Column(header.Cells, OutNames), Column(header.Cells, AmountNames),
            Column(header.Cells, DetailNames), Column(header.Cells, AccountNames), Column(header.Cells, PartyNames), Column(header.Cells, StatusNames), Column(header.Cells, LinkedNames));
        var (lines, faults) = (new List<StatementLine>(), new List<StatementFault>());
        foreach (var row in rows.SkipWhile(r => r != header).Skip(1).Where(r => r.Cells.Any(c => c.Length > 0)))
        {
            try
            {
                if (ReadLine(row, columns, zone) is { } line)
                {
                    lines.Add(line);
                }
            }
            catch (FormatException wrong)
            {
                faults.Add(new StatementFault(row.Number, wrong.Message));
                if (faults.Count == MostFaults)
                {
                    break;
                }
            }
        }

        if (lines.Count == 0 && faults.Count == 0)
        {
            faults.Add(new StatementFault(header.Number, "There is nothing below the names of the columns."));
        }

        return new StatementReading(lines, faults);
    }

    public OpeningReading ReadOpening(string fileName, ReadOnlyMemory<byte> file)
    {
        var (rows, broken) = Rows(fileName, file);
        if (broken is not null)
        {
            return new OpeningReading([], [broken]);
        }

        var header = rows.Take(HeaderWithin).FirstOrDefault(r => Column(r.Cells, AccountNames) is not null && Column(r.Cells, BalanceNames) is not null);
        if (header is null)
        {
            return new OpeningReading([], [new StatementFault(1, "No line names the columns. Opening balances need an account number and a balance.")]);
        }

        var (account, balance) = (Column(header.Cells, AccountNames)!.Value, Column(header.Cells, BalanceNames)!.Value);
        var (lines, faults) = (new List<OpeningLine>(), new List<StatementFault>());
        foreach (var row in rows.SkipWhile(r => r != header).Skip(1).Where(r => r.Cells.Any(c => c.Length > 0)))
        {
            try
            {
                var number = Cell(row, account);
                if (!AccountNumbers.IsValid(number))
                {
                    throw new FormatException($"“{number}” is no account number.");
                }

                lines.Add(new OpeningLine(row.Number, number, Amount(Cell(row, balance), "The balance")));
            }
            catch (FormatException wrong)
            {
                faults.Add(new StatementFault(row.Number, wrong.Message));
            }
        }

        return new OpeningReading(lines, faults);
    }

    private static StatementLine? ReadLine(Row row, Columns columns, TimeZoneInfo zone)
    {
        var status = columns.Status is { } s ? Cell(row, s) : "";
        if (status.Length > 0 && !status.Equals("completed", StringComparison.OrdinalIgnoreCase) && !status.Equals("success", StringComparison.OrdinalIgnoreCase))
        {
            return null; // tried and not carried out: no money moved
        }

        var receipt = Cell(row, columns.Receipt);
        if (receipt.Length is 0 or > 80)
        {
            throw new FormatException(receipt.Length == 0 ? "It has no receipt or reference." : "Its reference is longer than any.");
        }

        var came = columns.In is { } into ? Optional(Cell(row, into), "Paid in") : null;
        var went = columns.Out is { } outOf ? Optional(Cell(row, outOf), "Withdrawn") : null;
        var amount = came is { } c && c != Money.Zero ? c : went is { } w && w != Money.Zero ? new Money(-Math.Abs(w.Minor)) : columns.Amount is { } plain ? Amount(Cell(row, plain), "The amount") : throw new FormatException("It has no amount.");
        var details = columns.Details is { } d ? Cell(row, d) : "";
        var isReversal = details.Contains("revers", StringComparison.OrdinalIgnoreCase);
        if (amount < Money.Zero && columns.Linked is { } l && Cell(row, l) is { Length: > 0 } linked && !details.Contains(linked, StringComparison.OrdinalIgnoreCase))
        {
            details = $"{details}, of {linked}"; // what it takes back or was charged for
        }

        var (msisdn, payer) = Party(columns.Party is { } p ? Cell(row, p) : "");
        var account = columns.Account is { } a ? Cell(row, a) : null;
        return new StatementLine(row.Number, receipt, Time(Cell(row, columns.Time), zone), amount, details, payer, msisdn, string.IsNullOrWhiteSpace(account) ? null : account, IsForeign: amount < Money.Zero && !isReversal);
    }

    /// <summary>"254712345678 - JANE WANJIRU", as M-Pesa writes it; a number may be masked.</summary>
    private static (string? Msisdn, string? Name) Party(string text)
    {
        if (text.Split(" - ", 2, StringSplitOptions.TrimEntries) is [var number, var name])
        {
            return (number.Length is > 0 and <= 64 ? number : null, name.Length == 0 ? null : name);
        }

        return (null, text.Length == 0 ? null : text);
    }

    private static (List<Row> Rows, StatementFault? Broken) Rows(string fileName, ReadOnlyMemory<byte> file)
    {
        try
        {
            // An Excel workbook is a ZIP file, whatever its name says.
            return (file.Span.StartsWith("PK"u8) ? FromExcel(file) : FromCsv(file), null);
        }
        catch (TooManyRowsException)
        {
            return ([], new StatementFault(MostRows, $"The file has more than {MostRows:#,##0} rows; split it."));
        }
        catch (Exception broken) when (broken is CsvFormatException or IOException or FormatException or InvalidDataException or ArgumentException or System.Xml.XmlException or NullReferenceException or InvalidOperationException)
        {
            return ([], new StatementFault(broken is CsvFormatException { LineNumber: > 0 } line ? (int)line.LineNumber : 1, $"{Path.GetFileName(fileName)} is neither CSV nor an Excel workbook that can be read."));
        }
    }

    private static List<Row> FromCsv(ReadOnlyMemory<byte> file)
    {
        using var csv = CsvReader.Create(file, new CsvReaderOptions { HasHeader = false, TrackLineNumbers = true, TrimWhitespace = true, MaxRecordSize = MaxRecordBytes });
        var rows = new List<Row>();
        while (csv.Read())
        {
            Count(rows);
            var cells = new string[Math.Min(csv.FieldCount, MostColumns)];
            for (var i = 0; i < cells.Length; i++)
            {
                cells[i] = csv.GetString(i).Trim();
            }

            rows.Add(new Row((int)csv.LineNumber, cells));
        }

        return rows;
    }

    private static List<Row> FromExcel(ReadOnlyMemory<byte> file)
    {
        using var stream = new MemoryStream(file.ToArray());
        using var workbook = new XLWorkbook(stream);
        var rows = new List<Row>();
        foreach (var row in workbook.Worksheets.First().RowsUsed())
        {
            Count(rows);
            var last = row.LastCellUsed()?.Address.ColumnNumber ?? 0;
            var cells = new string[Math.Min(last, MostColumns)];
            for (var i = 0; i < cells.Length; i++)
            {
                cells[i] = Text(row.Cell(i + 1));
            }

            rows.Add(new Row(row.RowNumber(), cells));
        }

        return rows;
    }

    private static string Text(IXLCell cell) => cell.DataType switch
    {
        XLDataType.DateTime => cell.GetDateTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        XLDataType.Number => ((decimal)cell.GetDouble()).ToString(CultureInfo.InvariantCulture),
        _ => cell.GetString().Trim(),
    };

    private static void Count(List<Row> rows)
    {
        if (rows.Count >= MostRows)
        {
            throw new TooManyRowsException();
        }
    }

    private static int? Column(string[] cells, string[] names)
    {
        foreach (var name in names)
        {
            var at = Array.FindIndex(cells, c => c.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (at >= 0)
            {
                return at;
            }
        }

        return null;
    }

    private static string Cell(Row row, int column) => column < row.Cells.Length ? row.Cells[column].Trim() : "";

    private static Money? Optional(string text, string what) => text.Length == 0 || text == "-" ? null : Amount(text, what);

    private static Money Amount(string text, string what)
    {
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands | NumberStyles.AllowLeadingSign | NumberStyles.AllowParentheses, CultureInfo.InvariantCulture, out var amount) || Math.Abs(amount) > 100_000_000_000m)
        {
            throw new FormatException($"{what} “{(text.Length > 30 ? text[..30] : text)}” is no amount.");
        }

        return decimal.Round(amount, 2) == amount ? Money.Of(amount) : throw new FormatException($"{what} {text} has more than two decimals.");
    }

    private static DateTime Time(string text, TimeZoneInfo zone)
    {
        if (!DateTime.TryParseExact(text, Times, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            throw new FormatException($"“{(text.Length > 30 ? text[..30] : text)}” is no date that is known here, such as 2026-03-18 14:05:09 or 18/03/2026.");
        }

        return TimeZoneInfo.ConvertTimeToUtc(zone.IsInvalidTime(local) ? local.AddHours(1) : local, zone);
    }

    private sealed record Row(int Number, string[] Cells);

    private sealed record Columns(int Receipt, int Time, int? In, int? Out, int? Amount, int? Details, int? Account, int? Party, int? Status, int? Linked);

    private sealed class TooManyRowsException : Exception;
}
