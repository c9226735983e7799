using System.Globalization;
using DataDefender.Domain.Billing.Documents;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;

namespace DataDefender.Web.Setup;

/// <summary>Documents as PDF. The service demands the permission again and finds only the company's own.</summary>
internal static class BillingEndpoints
{
    public static void MapBilling(this WebApplication app)
    {
        app.MapGet("/invoices/{id:guid}/pdf", (Guid id, DocumentService documents, IDocumentPrinter printer, CancellationToken ct) =>
            PrintAsync(printer, () => documents.InvoiceAsync(id, ct))).RequireAuthorization(Permissions.ViewBilling);
        app.MapGet("/credit-notes/{id:guid}/pdf", (Guid id, DocumentService documents, IDocumentPrinter printer, CancellationToken ct) =>
            PrintAsync(printer, () => documents.CreditNoteAsync(id, ct))).RequireAuthorization(Permissions.ViewBilling);
        app.MapGet("/payments/{id:guid}/receipt/pdf", (Guid id, DocumentService documents, IDocumentPrinter printer, CancellationToken ct) =>
            PrintAsync(printer, () => documents.ReceiptAsync(id, ct))).RequireAuthorization(Permissions.ViewBilling);
        app.MapGet("/clients/{id:guid}/statement", (Guid id, string from, string until, DocumentService documents, IDocumentPrinter printer, CancellationToken ct) =>
            DateOnly.TryParseExact(from, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var first) && DateOnly.TryParseExact(until, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var last)
                ? PrintAsync(printer, () => documents.StatementAsync(id, first, last, ct))
                : Task.FromResult(Results.Problem("Write the days as 2026-03-31.", statusCode: StatusCodes.Status400BadRequest))).RequireAuthorization(Permissions.ViewBilling);
    }

    private static async Task<IResult> PrintAsync(IDocumentPrinter printer, Func<Task<PrintedDocument>> put)
    {
        try
        {
            var document = await put();
            return Results.File(printer.Print(document), "application/pdf", $"{document.FileName}.pdf");
        }
        catch (NotFoundException missing)
        {
            return Results.Problem(missing.Message, statusCode: StatusCodes.Status404NotFound);
        }
        catch (DomainException refused)
        {
            return Results.Problem(refused.Message, statusCode: StatusCodes.Status409Conflict);
        }
    }
}
