using System.Globalization;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>
/// Numbers of documents, counted within company, series and year without gaps: the counter is a row that is moved in the transaction that
/// finalises the document, so that a number whose document was rolled back is given to the next one.
/// </summary>
public static class DocumentNumbers
{
    /// <summary>The counter of documents at the tax authority.</summary>
    internal const string TaxSeries = "tax-documents";

    /// <summary>INV-2026-000123.</summary>
    public static string Reference(string series, int year, long number) => string.Create(CultureInfo.InvariantCulture, $"{series}-{year}-{number:D6}");

    /// <summary>Takes the next <paramref name="count"/> numbers and returns the first. The turn keeps everybody else away from the counter.</summary>
    public static Task<long> TakeAsync(IDataDefenderDb db, LedgerTurn turn, string series, int year, int count = 1, CancellationToken ct = default) =>
        TakeFromAsync(db, turn, string.Create(CultureInfo.InvariantCulture, $"document:{series}:{year}"), count, ct);

    /// <summary>The same from a counter by its name.</summary>
    internal static async Task<long> TakeFromAsync(IDataDefenderDb db, LedgerTurn turn, string counter, int count, CancellationToken ct)
    {
        var sequence = db.Held<NumberSequence>().FirstOrDefault(s => s.Name == counter)
            ?? await db.NumberSequences.SingleOrDefaultAsync(s => s.Name == counter, ct)
            ?? db.NumberSequences.Add(new NumberSequence(turn.Company.Id, counter, 1)).Entity;
        return sequence.Take(count);
    }
}
