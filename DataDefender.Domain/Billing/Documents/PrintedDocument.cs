namespace DataDefender.Domain.Billing.Documents;

/// <summary>Whose paper it is.</summary>
/// <param name="Colour">#RRGGBB.</param>
public sealed record DocumentBrand(string Name, string Colour, IReadOnlyList<string> Lines);

/// <summary>A named value in the head of a document.</summary>
public sealed record DocumentFact(string Label, string Value);

/// <summary>A column of a document's table. <see cref="Weight"/> is its share of the width.</summary>
public sealed record DocumentColumn(string Title, double Weight, bool AlignRight = false);

/// <summary>A sum under the table.</summary>
public sealed record DocumentSum(string Label, string Value, bool Strong = false);

/// <summary>A business document with everything that stands on it, before it is known on what it is drawn. All texts are ready for people.</summary>
public sealed record PrintedDocument
{
    public required DocumentBrand Brand { get; init; }

    /// <summary>INVOICE, CREDIT NOTE, …</summary>
    public required string Title { get; init; }

    public required string Reference { get; init; }

    /// <summary>A file's name without its ending.</summary>
    public required string FileName { get; init; }

    public required IReadOnlyList<string> Recipient { get; init; }
    public required IReadOnlyList<DocumentFact> Facts { get; init; }
    public required IReadOnlyList<DocumentColumn> Columns { get; init; }
    public required IReadOnlyList<IReadOnlyList<string>> Rows { get; init; }
    public IReadOnlyList<DocumentSum> Sums { get; init; } = [];

    /// <summary>Taxes by rate and the like: a small table beside the sums.</summary>
    public IReadOnlyList<DocumentFact> TaxFacts { get; init; } = [];

    /// <summary>How to pay, or what the document is for.</summary>
    public IReadOnlyList<string> Instructions { get; init; } = [];

    public string? Footer { get; init; }

    /// <summary>What the QR code says; null for none.</summary>
    public string? Qr { get; init; }

    /// <summary>Under the QR code.</summary>
    public string? QrLabel { get; init; }

    /// <summary>Across the page: VOID, PRO FORMA; null for none.</summary>
    public string? Stamp { get; init; }
}

/// <summary>Draws a document as a PDF.</summary>
public interface IDocumentPrinter
{
    byte[] Print(PrintedDocument document);
}
