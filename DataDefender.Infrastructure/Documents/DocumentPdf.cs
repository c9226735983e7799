using DataDefender.Domain.Billing.Documents;
using QRCoder;

namespace DataDefender.Infrastructure.Documents;

/// <summary>Lays a document out on A4: the company's head, whom it is for, the table over as many pages as it takes, sums, how to pay, the QR code.</summary>
public sealed class DocumentPdf : IDocumentPrinter
{
    private const double Left = 48;
    private const double Right = PdfWriter.PageWidth - 48;
    private const double Bottom = PdfWriter.PageHeight - 72;
    private const double Padding = 6;
    private const double Leading = 12;
    private const double QrSize = 84;

    private static readonly PdfFont Regular = PdfFont.Helvetica;
    private static readonly PdfFont Bold = PdfFont.HelveticaBold;

    public byte[] Print(PrintedDocument document)
    {
        var pdf = new PdfWriter($"{document.Title} {document.Reference}");
        var brand = PdfColour.Parse(document.Brand.Colour);
        Stamp(pdf, document, brand);
        var y = Head(pdf, document, brand);
        y = Table(pdf, document, brand, y);
        y = Sums(pdf, document, brand, y);
        Below(pdf, document, brand, y);
        Foot(pdf, document);
        return pdf.ToArray();
    }

    private static double Head(PdfWriter pdf, PrintedDocument document, PdfColour brand)
    {
        pdf.Rectangle(0, 0, PdfWriter.PageWidth, 8, brand);
        var middle = (Left + Right) / 2;
        var y = 52d;
        foreach (var line in Bold.Wrap(document.Brand.Name, 17, middle - Left + 40))
        {
            pdf.Text(Left, y, line, Bold, 17, brand);
            y += 20;
        }

        y -= 4;
        foreach (var line in document.Brand.Lines)
        {
            pdf.Text(Left, y, line, Regular, 8.5, PdfColour.Quiet);
            y += 11;
        }

        pdf.TextRight(Right, 52, document.Title, Bold, 15, PdfColour.Ink);
        pdf.TextRight(Right, 69, document.Reference, Regular, 11, PdfColour.Ink);

        y = Math.Max(y, 96) + 16;
        pdf.Text(Left, y, "TO", Bold, 7.5, PdfColour.Quiet);
        var (to, facts) = (y + 14, y + 14);
        foreach (var (index, text) in document.Recipient.Index())
        {
            foreach (var line in (index == 0 ? Bold : Regular).Wrap(text, 10, 250))
            {
                pdf.Text(Left, to, line, index == 0 ? Bold : Regular, 10, PdfColour.Ink);
                to += 13;
            }
        }

        foreach (var fact in document.Facts)
        {
            pdf.Text(Right - 210, facts, fact.Label, Regular, 9, PdfColour.Quiet);
            foreach (var line in Bold.Wrap(fact.Value, 9, 150))
            {
                pdf.TextRight(Right, facts, line, Bold, 9, PdfColour.Ink);
                facts += 13;
            }
        }

        return Math.Max(to, facts) + 14;
    }

    private static double Table(PdfWriter pdf, PrintedDocument document, PdfColour brand, double y)
    {
        var all = document.Columns.Sum(c => c.Weight);
        var widths = document.Columns.Select(c => c.Weight / all * (Right - Left)).ToList();
        y = TableHead(pdf, document, brand, widths, y);
        foreach (var row in document.Rows)
        {
            var cells = row.Select((text, column) => Regular.Wrap(text, 9, widths[column] - (2 * Padding))).ToList();
            var height = (cells.Max(c => c.Count) * Leading) + 6;
            if (y + height > Bottom)
            {
                pdf.AddPage();
                pdf.Rectangle(0, 0, PdfWriter.PageWidth, 8, brand);
                pdf.Text(Left, 40, document.Brand.Name, Bold, 10, brand);
                pdf.TextRight(Right, 40, $"{document.Title} {document.Reference}", Regular, 9, PdfColour.Quiet);
                y = TableHead(pdf, document, brand, widths, 56);
            }

            var x = Left;
            foreach (var (column, lines) in cells.Index())
            {
                foreach (var (index, line) in lines.Index())
                {
                    var baseline = y + 12 + (index * Leading);
                    if (document.Columns[column].AlignRight)
                    {
                        pdf.TextRight(x + widths[column] - Padding, baseline, line, Regular, 9, PdfColour.Ink);
                    }
                    else
                    {
                        pdf.Text(x + Padding, baseline, line, Regular, 9, PdfColour.Ink);
                    }
                }

                x += widths[column];
            }

            y += height;
            pdf.Line(Left, y, Right, y, 0.5, PdfColour.Rule);
        }

        return y + 10;
    }

    private static double TableHead(PdfWriter pdf, PrintedDocument document, PdfColour brand, List<double> widths, double y)
    {
        pdf.Rectangle(Left, y, Right - Left, 20, brand);
        var x = Left;
        foreach (var (column, width) in document.Columns.Zip(widths))
        {
            if (column.AlignRight)
            {
                pdf.TextRight(x + width - Padding, y + 13.5, column.Title, Bold, 8.5, PdfColour.White);
            }
            else
            {
                pdf.Text(x + Padding, y + 13.5, column.Title, Bold, 8.5, PdfColour.White);
            }

            x += width;
        }

        return y + 20;
    }

    private static double Sums(PdfWriter pdf, PrintedDocument document, PdfColour brand, double y)
    {
        y = Keep(pdf, y, Math.Max(document.Sums.Count * 18, document.TaxFacts.Count * 24) + 10);
        var (sums, taxes) = (y, y);
        foreach (var sum in document.Sums)
        {
            if (sum.Strong)
            {
                pdf.Rectangle(Right - 210, sums, 210, 20, brand.Lighter(0.88));
            }

            var font = sum.Strong ? Bold : Regular;
            pdf.Text(Right - 204, sums + 13.5, sum.Label, font, sum.Strong ? 10.5 : 9, PdfColour.Ink);
            pdf.TextRight(Right - Padding, sums + 13.5, sum.Value, font, sum.Strong ? 10.5 : 9, PdfColour.Ink);
            sums += sum.Strong ? 22 : 16;
        }

        foreach (var fact in document.TaxFacts)
        {
            foreach (var line in Regular.Wrap(fact.Label, 8, 260))
            {
                pdf.Text(Left, taxes + 10, line, Regular, 8, PdfColour.Quiet);
                taxes += 10;
            }

            pdf.Text(Left, taxes + 10, fact.Value, Regular, 8, PdfColour.Ink);
            taxes += 16;
        }

        return Math.Max(sums, taxes) + 14;
    }

    private static void Below(PdfWriter pdf, PrintedDocument document, PdfColour brand, double y)
    {
        var width = document.Qr is null ? Right - Left : Right - Left - QrSize - 24;
        var lines = document.Instructions.SelectMany(text => Regular.Wrap(text, 9, width - 16)).ToList();
        var height = Math.Max((lines.Count * 13) + 14, document.Qr is null ? 0 : QrSize + 14);
        if (lines.Count == 0 && document.Qr is null)
        {
            return;
        }

        y = Keep(pdf, y, height);
        if (lines.Count > 0)
        {
            pdf.Rectangle(Left, y, 3, (lines.Count * 13) + 8, brand);
            foreach (var (index, line) in lines.Index())
            {
                pdf.Text(Left + 14, y + 13 + (index * 13), line, Regular, 9, PdfColour.Ink);
            }
        }

        if (document.Qr is { } content)
        {
            Qr(pdf, content, Right - QrSize, y);
            if (document.QrLabel is { } label)
            {
                pdf.Text(Right - ((QrSize + Regular.Width(label, 7)) / 2), y + QrSize + 9, label, Regular, 7, PdfColour.Quiet);
            }
        }
    }

    private static void Qr(PdfWriter pdf, string content, double x, double y)
    {
        using var code = QRCodeGenerator.GenerateQrCode(content, QRCodeGenerator.ECCLevel.M);
        var modules = code.ModuleMatrix;
        var size = QrSize / modules.Count;
        for (var row = 0; row < modules.Count; row++)
        {
            for (var column = 0; column < modules.Count;)
            {
                var length = 0;
                while (column + length < modules.Count && modules[row][column + length])
                {
                    length++;
                }

                if (length > 0)
                {
                    pdf.Rectangle(x + (column * size), y + (row * size), length * size, size, PdfColour.Ink);
                }

                column += Math.Max(1, length);
            }
        }
    }

    private static void Stamp(PdfWriter pdf, PrintedDocument document, PdfColour brand)
    {
        if (document.Stamp is { } stamp)
        {
            var size = Math.Min(96, 96 * 400 / Bold.Width(stamp, 96));
            pdf.TurnedText(130, 600, 38, stamp, Bold, size, brand.Lighter(0.9));
        }
    }

    private static void Foot(PdfWriter pdf, PrintedDocument document)
    {
        var pages = pdf.Pages;
        var lines = document.Footer is null ? [] : Regular.Wrap(document.Footer, 7.5, Right - Left - 70).Take(3).ToList();
        pdf.OnEachPage(page =>
        {
            pdf.Line(Left, PdfWriter.PageHeight - 54, Right, PdfWriter.PageHeight - 54, 0.5, PdfColour.Rule);
            foreach (var (index, line) in lines.Index())
            {
                pdf.Text(Left, PdfWriter.PageHeight - 42 + (index * 9.5), line, Regular, 7.5, PdfColour.Quiet);
            }

            pdf.TextRight(Right, PdfWriter.PageHeight - 42, $"Page {page} of {pages}", Regular, 7.5, PdfColour.Quiet);
        });
    }

    /// <summary>On the next page when this one has not enough room left.</summary>
    private static double Keep(PdfWriter pdf, double y, double height)
    {
        if (y + height <= Bottom)
        {
            return y;
        }

        pdf.AddPage();
        return 56;
    }
}
