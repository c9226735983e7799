using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml;
using DataDefender.Domain.Common;
using DataDefender.Domain.Reports;
using static System.Security.SecurityElement;

namespace DataDefender.Infrastructure.Exports;

/// <summary>
/// A workbook of one sheet (ECMA-376, SpreadsheetML), written as it goes: a library that builds it in memory needs gigabytes for a sheet
/// that is full.
/// </summary>
internal static class Workbook
{
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string Packages = "http://schemas.openxmlformats.org/package/2006/relationships";
    private const int LongestName = 31;
    private const int LongestText = 32_767;

    // The places of the cell formats in the style sheet; those of the kinds follow, first for rows and then for totals.
    private const int Title = 1;
    private const int HeadLeft = 2;
    private const int HeadRight = 3;
    private const int Total = 4;
    private const int Kinds = 5;

    private static readonly CellKind[] Formatted = Enum.GetValues<CellKind>();
    private static readonly DateTime DayZero = new(1899, 12, 30, 0, 0, 0, DateTimeKind.Unspecified); // Excel counts days from here

    /// <summary>All but the sheet.</summary>
    public static void WriteParts(ZipArchive archive, string title)
    {
        Part(archive, "[Content_Types].xml", """
            <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>
            """);
        Part(archive, "_rels/.rels", $"""<Relationships xmlns="{Packages}"><Relationship Id="rId1" Type="{Relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>""");
        Part(archive, "xl/_rels/workbook.xml.rels", $"""<Relationships xmlns="{Packages}"><Relationship Id="rId1" Type="{Relations}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{Relations}/styles" Target="styles.xml"/></Relationships>""");
        Part(archive, "xl/workbook.xml", $"""<workbook xmlns="{Main}" xmlns:r="{Relations}"><sheets><sheet name="{Escape(SheetName(title))}" sheetId="1" r:id="rId1"/></sheets></workbook>""");
        Part(archive, "xl/styles.xml", Styles());
    }

    private static string SheetName(string title)
    {
        var name = string.Concat(title.Select(c => ":\\/?*[]".Contains(c, StringComparison.Ordinal) ? ' ' : c)).Trim();
        return name.Length <= LongestName ? name : name[..LongestName];
    }

    private static string Styles()
    {
        var styles = new StringBuilder();
        styles.Append(CultureInfo.InvariantCulture, $"""<styleSheet xmlns="{Main}"><numFmts count="{Formatted.Length}">""");
        foreach (var kind in Formatted)
        {
            styles.Append(CultureInfo.InvariantCulture, $"""<numFmt numFmtId="{FormatId(kind)}" formatCode="{Escape(Format(kind))}"/>""");
        }

        styles.Append("""</numFmts><fonts count="3"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="14"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>""");
        styles.Append("""<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>""");
        styles.Append("""<borders count="3"><border><left/><right/><top/><bottom/><diagonal/></border><border><left/><right/><top/><bottom style="thin"/><diagonal/></border><border><left/><right/><top style="thin"/><bottom/><diagonal/></border></borders>""");
        styles.Append(CultureInfo.InvariantCulture, $"""<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="{Kinds + (2 * Formatted.Length)}">""");
        styles.Append("""<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>""");
        foreach (var side in (string[])["left", "right"])
        {
            styles.Append(CultureInfo.InvariantCulture, $"""<xf numFmtId="0" fontId="2" fillId="0" borderId="1" xfId="0" applyFont="1" applyBorder="1" applyAlignment="1"><alignment horizontal="{side}"/></xf>""");
        }

        styles.Append("""<xf numFmtId="0" fontId="2" fillId="0" borderId="0" xfId="0" applyFont="1"/>""");
        foreach (var (font, border) in ((int, int)[])[(0, 0), (2, 2)])
        {
            foreach (var kind in Formatted)
            {
                styles.Append(CultureInfo.InvariantCulture, $"""<xf numFmtId="{FormatId(kind)}" fontId="{font}" fillId="0" borderId="{border}" xfId="0" applyNumberFormat="1" applyFont="1" applyBorder="1"/>""");
            }
        }

        return styles.Append("""</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>""").ToString();
    }

    private static int FormatId(CellKind kind) => 164 + Array.IndexOf(Formatted, kind); // what is below is Excel's own

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

    private static void Part(ZipArchive archive, string name, string xml)
    {
        using var part = new StreamWriter(archive.CreateEntry(name, CompressionLevel.Fastest).Open(), new UTF8Encoding(false));
        part.Write("""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>""");
        part.Write(xml);
    }

    /// <summary>The sheet: its rows go out as they come.</summary>
    public sealed class Sheet : IDisposable
    {
        private readonly ReportFile _report;
        private readonly XmlWriter _xml;
        private readonly string[] _letters;
        private readonly decimal[] _sums;
        private long _row;

        public Sheet(Stream to, ReportFile report)
        {
            (_report, _letters, _sums) = (report, [.. report.Columns.Select((_, i) => Letters(i))], new decimal[report.Columns.Count]);
            _xml = XmlWriter.Create(to, new XmlWriterSettings { Encoding = new UTF8Encoding(false), CloseOutput = false });
        }

        public void Head(string company, DateTime madeAt)
        {
            _xml.WriteStartDocument(standalone: true);
            _xml.WriteStartElement("worksheet", Main);
            _xml.WriteRaw(string.Create(CultureInfo.InvariantCulture, $"""<sheetViews><sheetView workbookViewId="0"><pane ySplit="{_report.HeadRow}" topLeftCell="A{_report.HeadRow + 1}" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>"""));
            foreach (var (index, column) in _report.Columns.Index())
            {
                _xml.WriteRaw(string.Create(CultureInfo.InvariantCulture, $"""<col min="{index + 1}" max="{index + 1}" width="{Math.Max(column.Width, 12)}" customWidth="1"/>"""));
            }

            _xml.WriteRaw("</cols>");
            _xml.WriteStartElement("sheetData", Main);
            Line(1, () => Text("A", _report.Title, Title));
            Line(2, () => Text("A", $"{company} · {_report.Explains}", 0));
            Line(3, () => Text("A", string.Create(CultureInfo.InvariantCulture, $"Amounts in {_report.Currency}. Made {madeAt:yyyy-MM-dd HH:mm} UTC."), 0));
            foreach (var (index, fact) in _report.Facts.Index())
            {
                Line(5 + index, () =>
                {
                    Text("A", fact.Label, 0);
                    Cell("B", fact.Value, fact.Kind);
                    Text("C", fact.Note, 0);
                });
            }

            Line(_report.HeadRow, () =>
            {
                foreach (var (index, column) in _report.Columns.Index())
                {
                    Text(_letters[index], column.Title, column.Kind is CellKind.Text or CellKind.Date or CellKind.Time or CellKind.Month ? HeadLeft : HeadRight);
                }
            });
        }

        public void Add(ReportRow row)
        {
            _report.DemandFitsExcel(_row + 1 - _report.HeadRow); // there may be more by now than were counted
            Line(_row + 1, () =>
            {
                foreach (var (index, column) in _report.Columns.Index())
                {
                    Cell(_letters[index], row.Cells[index], column.Kind);
                    _sums[index] += column.Summed && row.Cells[index] is { } value ? Number(value) : 0;
                }
            });
        }

        public void End()
        {
            var last = _row;
            if (last > _report.HeadRow && _report.Columns.Any(c => c.Summed))
            {
                Line(last + 1, () =>
                {
                    foreach (var (index, column) in _report.Columns.Index())
                    {
                        if (column.Summed)
                        {
                            Open(_letters[index], Kinds + Formatted.Length + Array.IndexOf(Formatted, column.Kind));
                            _xml.WriteElementString("f", Main, string.Create(CultureInfo.InvariantCulture, $"SUM({_letters[index]}{_report.HeadRow + 1}:{_letters[index]}{last})"));
                            _xml.WriteElementString("v", Main, _sums[index].ToString(CultureInfo.InvariantCulture)); // for what shows a file and does not reckon
                            _xml.WriteEndElement();
                        }
                        else if (index == 0)
                        {
                            Text("A", "Total", Total);
                        }
                    }
                });
            }

            _xml.WriteEndElement();
            _xml.WriteEndElement();
            _xml.WriteEndDocument();
        }

        public void Dispose() => _xml.Dispose();

        private void Line(long number, Action cells)
        {
            _row = number;
            _xml.WriteStartElement("row", Main);
            _xml.WriteAttributeString("r", number.ToString(CultureInfo.InvariantCulture));
            cells();
            _xml.WriteEndElement();
        }

        private void Cell(string column, object? value, CellKind kind)
        {
            if (value is null)
            {
                return;
            }

            var format = Kinds + Array.IndexOf(Formatted, kind);
            if (value is string text)
            {
                Text(column, text, format);
                return;
            }

            Open(column, format);
            _xml.WriteElementString("v", Main, Number(value).ToString(CultureInfo.InvariantCulture));
            _xml.WriteEndElement();
        }

        /// <summary>A text cell: what begins like a formula is not run.</summary>
        private void Text(string column, string text, int format)
        {
            Open(column, format, "inlineStr");
            _xml.WriteStartElement("is", Main);
            _xml.WriteStartElement("t", Main);
            _xml.WriteAttributeString("xml", "space", null, "preserve");
            _xml.WriteString(Writable(text));
            _xml.WriteEndElement();
            _xml.WriteEndElement();
            _xml.WriteEndElement();
        }

        private void Open(string column, int format, string? type = null)
        {
            _xml.WriteStartElement("c", Main);
            _xml.WriteAttributeString("r", string.Create(CultureInfo.InvariantCulture, $"{column}{_row}"));
            _xml.WriteAttributeString("s", format.ToString(CultureInfo.InvariantCulture));
            if (type is not null)
            {
                _xml.WriteAttributeString("t", type);
            }
        }

        private static decimal Number(object value) => value switch
        {
            Money amount => amount.Amount,
            DateOnly day => (decimal)(day.ToDateTime(TimeOnly.MinValue) - DayZero).TotalDays,
            DateTime at => (decimal)(at - DayZero).TotalDays,
            decimal number => number,
            long or int => Convert.ToDecimal(value, CultureInfo.InvariantCulture),
            _ => throw new ArgumentOutOfRangeException(nameof(value), value.GetType(), "No cell is of this type."),
        };

        /// <summary>What XML has no character for came from outside; a cell holds no more than Excel reads.</summary>
        private static string Writable(string text)
        {
            var cut = text.Length <= LongestText ? text : text[..LongestText];
            return cut.All(XmlConvert.IsXmlChar)
                ? cut
                : string.Concat(cut.EnumerateRunes().Select(r => r.Value > char.MaxValue || XmlConvert.IsXmlChar((char)r.Value) ? r.ToString() : "\uFFFD"));
        }

        private static string Letters(int index) => index < 26 ? ((char)('A' + index)).ToString() : Letters((index / 26) - 1) + (char)('A' + (index % 26));
    }
}
