using System.Globalization;
using System.Text;

namespace DataDefender.Infrastructure.Documents;

/// <summary>A font that every reader has (PDF 32000-1 §9.6.2.2), with the widths of its letters in thousandths of its size (Adobe's metrics).</summary>
internal sealed class PdfFont
{
    /// <summary>Widths of the characters from the space to the tilde.</summary>
    private static readonly short[] Regular =
    [
        278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
        1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
        333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
    ];

    private static readonly short[] Strong =
    [
        278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
        975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
        333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
    ];

    /// <summary>Where Windows-1252 has signs that Latin-1 has not (0x80 to 0x9F).</summary>
    private const string Windows = "€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ";

    private readonly short[] _widths;

    private PdfFont(string resource, string baseName, short[] widths) => (Resource, BaseName, _widths) = (resource, baseName, widths);

    public static PdfFont Helvetica { get; } = new("F1", "Helvetica", Regular);

    public static PdfFont HelveticaBold { get; } = new("F2", "Helvetica-Bold", Strong);

    /// <summary>Its name in the pages' resources.</summary>
    public string Resource { get; }

    public string BaseName { get; }

    /// <summary>The text in WinAnsi bytes. A letter that it lacks loses its accent (Wanjikũ becomes Wanjiku); what is no letter becomes a question mark.</summary>
    public static byte[] Encode(string text)
    {
        var bytes = new List<byte>(text.Length);
        foreach (var c in text)
        {
            if (ByteOf(c) is { } one)
            {
                bytes.Add(one);
                continue;
            }

            var plain = c.ToString().Normalize(NormalizationForm.FormD).FirstOrDefault(part => CharUnicodeInfo.GetUnicodeCategory(part) is not UnicodeCategory.NonSpacingMark);
            if (!char.IsSurrogate(c) || char.IsHighSurrogate(c))
            {
                bytes.Add(ByteOf(plain) ?? (byte)'?');
            }
        }

        return [.. bytes];
    }

    /// <summary>In points at a size.</summary>
    public double Width(string text, double size) => Encode(text).Sum(Width) * size / 1_000;

    /// <summary>Breaks a text at its spaces so that no line is wider; a word that is wider by itself is broken within.</summary>
    public IReadOnlyList<string> Wrap(string text, double size, double width)
    {
        var lines = new List<string>();
        foreach (var paragraph in text.Split('\n'))
        {
            var line = "";
            foreach (var word in paragraph.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                var rest = word;
                while (Width(rest, size) > width && rest.Length > 1)
                {
                    if (line.Length > 0)
                    {
                        lines.Add(line);
                        line = "";
                    }

                    var fits = rest.Length;
                    while (fits > 1 && Width(rest[..fits], size) > width)
                    {
                        fits--;
                    }

                    lines.Add(rest[..fits]);
                    rest = rest[fits..];
                }

                var longer = line.Length == 0 ? rest : $"{line} {rest}";
                if (Width(longer, size) > width)
                {
                    lines.Add(line);
                    line = rest;
                }
                else
                {
                    line = longer;
                }
            }

            lines.Add(line);
        }

        return lines;
    }

    private static byte? ByteOf(char c) =>
        c is >= ' ' and <= '~' or >= '\u00A0' and <= '\u00FF' ? (byte)c
        : c != '\0' && Windows.IndexOf(c, StringComparison.Ordinal) is >= 0 and var at ? (byte)(0x80 + at)
        : null;

    private int Width(byte code)
    {
        if (code is >= 32 and <= 126)
        {
            return _widths[code - 32];
        }

        var c = code is >= 0x80 and < 0xA0 ? Windows[code - 0x80] : (char)code;
        var plain = c.ToString().Normalize(NormalizationForm.FormD)[0];
        return c switch
        {
            '…' or '—' or '™' or '‰' or 'Œ' or 'Æ' => 1_000,
            '‘' or '’' or '‚' => _widths[0],
            '•' => 350,
            '\u00A0' => _widths[0],
            _ when plain is >= ' ' and <= '~' => _widths[plain - 32],
            _ => 556,
        };
    }
}
