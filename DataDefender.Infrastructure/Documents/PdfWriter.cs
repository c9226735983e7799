using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace DataDefender.Infrastructure.Documents;

/// <summary>
/// Writes PDF 1.4 files of text, lines and filled shapes in the fonts that every reader has. Positions are points from the upper left corner
/// of an A4 page. Nothing in a file depends on when or where it was written: the same content gives the same bytes.
/// </summary>
internal sealed class PdfWriter
{
    public const double PageWidth = 595.28;
    public const double PageHeight = 841.89;

    private readonly List<StringBuilder> _pages = [];
    private readonly string _title;

    public PdfWriter(string title)
    {
        _title = title;
        AddPage();
    }

    public int Pages => _pages.Count;

    private StringBuilder Page => _pages[^1];

    public void AddPage() => _pages.Add(new StringBuilder());

    /// <summary>One line of text; <paramref name="y"/> is its baseline.</summary>
    public void Text(double x, double y, string text, PdfFont font, double size, PdfColour colour) =>
        Page.Append(Invariant($"{colour.Fill} BT /{font.Resource} {size:0.##} Tf {x:0.##} {PageHeight - y:0.##} Td {Literal(text)} Tj ET\n"));

    /// <summary>One line of text that ends at <paramref name="right"/>.</summary>
    public void TextRight(double right, double y, string text, PdfFont font, double size, PdfColour colour) => Text(right - font.Width(text, size), y, text, font, size, colour);

    /// <summary>A text turned by an angle in degrees around its beginning.</summary>
    public void TurnedText(double x, double y, double degrees, string text, PdfFont font, double size, PdfColour colour)
    {
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        Page.Append(Invariant($"{colour.Fill} BT /{font.Resource} {size:0.##} Tf {cos:0.####} {sin:0.####} {-sin:0.####} {cos:0.####} {x:0.##} {PageHeight - y:0.##} Tm {Literal(text)} Tj ET\n"));
    }

    public void Rectangle(double x, double y, double width, double height, PdfColour colour) =>
        Page.Append(Invariant($"{colour.Fill} {x:0.###} {PageHeight - y - height:0.###} {width:0.###} {height:0.###} re f\n"));

    public void Line(double x1, double y1, double x2, double y2, double width, PdfColour colour) =>
        Page.Append(Invariant($"{colour.Stroke} {width:0.##} w {x1:0.##} {PageHeight - y1:0.##} m {x2:0.##} {PageHeight - y2:0.##} l S\n"));

    /// <summary>Draws on every page when all of them are there; the number counts from 1.</summary>
    public void OnEachPage(Action<int> draw)
    {
        var all = _pages.ToList();
        foreach (var (index, page) in all.Index())
        {
            _pages.Remove(page);
            _pages.Add(page);
            draw(index + 1);
        }
    }

    public byte[] ToArray()
    {
        using var file = new MemoryStream();
        var offsets = new List<long>();
        Write("%PDF-1.4\n%\u00E2\u00E3\u00CF\u00D3\n");
        const int fixedObjects = 5; // catalog, pages, two fonts, information
        var first = fixedObjects + 1;
        Object("<< /Type /Catalog /Pages 2 0 R >>");
        Object(Invariant($"<< /Type /Pages /Count {_pages.Count} /Kids [{string.Join(' ', Enumerable.Range(0, _pages.Count).Select(i => Invariant($"{first + (2 * i)} 0 R")))}] >>"));
        Object($"<< /Type /Font /Subtype /Type1 /BaseFont /{PdfFont.Helvetica.BaseName} /Encoding /WinAnsiEncoding >>");
        Object($"<< /Type /Font /Subtype /Type1 /BaseFont /{PdfFont.HelveticaBold.BaseName} /Encoding /WinAnsiEncoding >>");
        Object($"<< /Title {Literal(_title)} /Producer (DataDefender) >>");
        foreach (var (index, page) in _pages.Index())
        {
            Object(Invariant($"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PageWidth} {PageHeight}] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents {first + (2 * index) + 1} 0 R >>"));
            Stream(page.ToString());
        }

        var table = file.Position;
        Write(Invariant($"xref\n0 {offsets.Count + 1}\n0000000000 65535 f \n"));
        offsets.ForEach(offset => Write(Invariant($"{offset:D10} 00000 n \n")));
        Write(Invariant($"trailer\n<< /Size {offsets.Count + 1} /Root 1 0 R /Info 5 0 R >>\nstartxref\n{table}\n%%EOF\n"));
        return file.ToArray();

        void Object(string body)
        {
            offsets.Add(file.Position);
            Write(Invariant($"{offsets.Count} 0 obj\n{body}\nendobj\n"));
        }

        void Stream(string content)
        {
            using var packed = new MemoryStream();
            using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            {
                zlib.Write(Encoding.Latin1.GetBytes(content));
            }

            offsets.Add(file.Position);
            Write(Invariant($"{offsets.Count} 0 obj\n<< /Length {packed.Length} /Filter /FlateDecode >>\nstream\n"));
            packed.WriteTo(file);
            Write("\nendstream\nendobj\n");
        }

        void Write(string text) => file.Write(Encoding.Latin1.GetBytes(text));
    }

    /// <summary>A string in parentheses with its own escaped (PDF 32000-1 §7.3.4.2); bytes above ASCII go as they are.</summary>
    private static string Literal(string text)
    {
        var literal = new StringBuilder("(");
        foreach (var code in PdfFont.Encode(text))
        {
            if (code is (byte)'(' or (byte)')' or (byte)'\\')
            {
                literal.Append('\\');
            }

            literal.Append((char)code);
        }

        return literal.Append(')').ToString();
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A colour of red, green and blue, 0 to 255.</summary>
internal readonly record struct PdfColour(byte Red, byte Green, byte Blue)
{
    public static PdfColour Ink => new(17, 24, 39);

    public static PdfColour Quiet => new(107, 114, 128);

    public static PdfColour Rule => new(229, 231, 235);

    public static PdfColour White => new(255, 255, 255);

    public string Fill => Operands("rg");

    public string Stroke => Operands("RG");

    /// <summary>#RRGGBB.</summary>
    public static PdfColour Parse(string hex) => new(
        byte.Parse(hex.AsSpan(1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
        byte.Parse(hex.AsSpan(3, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
        byte.Parse(hex.AsSpan(5, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));

    /// <summary>The colour mixed with white; 0 leaves it, 1 is white.</summary>
    public PdfColour Lighter(double share) => new(Mix(Red, share), Mix(Green, share), Mix(Blue, share));

    private static byte Mix(byte part, double share) => (byte)Math.Round(part + ((255 - part) * share));

    private string Operands(string op) => string.Create(CultureInfo.InvariantCulture, $"{Red / 255d:0.###} {Green / 255d:0.###} {Blue / 255d:0.###} {op}");
}
