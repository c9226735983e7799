using DataDefender.Domain.Common;
using DataDefender.Domain.Reports;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

public enum PaymentExport
{
    Payments,
    Orphans,
    Custody,
    Settlement,
    Statements,
    Drawers,
    Messages,
    Cards,
}

/// <summary>What the page showed when its file was asked for.</summary>
/// <param name="Days">How far back, from today; null: everything.</param>
public sealed record PaymentExportQuery(string? Search = null, TransactionState? State = null, PaymentMethod? Method = null, StatementRowState? Row = null, InboundStatus? Message = null, int? Days = null);

/// <summary>The lists of payments for a file: what the pages show, all pages of it, in the same order.</summary>
public sealed class PaymentExports(
    IDataDefenderDbFactory dbFactory, PaymentQueries payments, OrphanService orphans, CustodyBoard custody, StatementService statements, CounterService counter, CardService cards, TimeProvider clock, CurrentUser user)
{
    private const int PageRows = ReportFile.PageRows;

    private static readonly ReportColumn Amount = new("Amount", CellKind.Money, 16, true);

    public async Task<ReportFile> GetAsync(PaymentExport export, PaymentExportQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPayments);
        Company company;
        await using (var db = await dbFactory.OpenAsync(ct))
        {
            company = await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct);
        }

        var zone = TimeZoneInfo.FindSystemTimeZoneById(company.TimeZone);
        return export switch
        {
            PaymentExport.Payments => await PaymentsAsync(company, zone, query, ct),
            PaymentExport.Orphans => await OrphansAsync(company, zone, query, ct),
            PaymentExport.Custody => await CustodyAsync(company, zone, ct),
            PaymentExport.Settlement => await SettlementAsync(company, query, ct),
            PaymentExport.Statements => await StatementsAsync(company, zone, query, ct),
            PaymentExport.Drawers => await DrawersAsync(company, zone, ct),
            PaymentExport.Messages => await MessagesAsync(company, zone, query, ct),
            PaymentExport.Cards => await CardsAsync(company, zone, query, ct),
            _ => throw new ArgumentOutOfRangeException(nameof(export), export, null),
        };
    }

    private async Task<ReportFile> PaymentsAsync(Company company, TimeZoneInfo zone, PaymentExportQuery query, CancellationToken ct)
    {
        var from = query.Days is { } days ? clock.GetUtcNow().UtcDateTime - TimeSpan.FromDays(days) : (DateTime?)null;
        var filter = new PaymentFilter(query.State, query.Method, From: from);
        var rows = ReportFile.PagesAsync<PaymentRow>((last, stop) => payments.AfterAsync(query.Search, filter, last is null ? null : new PaymentKey(last.OccurredAt, last.Number), PageRows, stop), ct: ct);
        var total = await payments.CountAsync(query.Search, filter, ct);
        return Table("payments", "Payments", query.Days is { } back ? $"Of the last {back} days, the newest first." : "The newest first.", company, total,
            [new("When", CellKind.Time, 18), new("Number", CellKind.Count, 10), new("Way", CellKind.Text, 14), new("Receipt", CellKind.Text, 20), new("Client", CellKind.Text, 30), new("Account", CellKind.Text, 12), new("Paid from", CellKind.Text, 16), new("State", CellKind.Text, 14), new("Confirmed", CellKind.Time, 18), Amount, new("Given back", CellKind.Money, 16, true)],
            rows.Select(r => new ReportRow([Local(r.OccurredAt, zone), r.Number, PaymentBooks.Word(r.Method), r.Receipt, r.Client, r.AccountNumber, r.PayerMsisdn, r.State.ToString(), Local(r.ConfirmedAt, zone), r.Amount, r.GivenBack])));
    }

    private async Task<ReportFile> OrphansAsync(Company company, TimeZoneInfo zone, PaymentExportQuery query, CancellationToken ct)
    {
        var rows = ReportFile.PagesAsync<OrphanRow>((last, stop) => orphans.AfterAsync(query.Search, last is null ? null : new ListKey(last.OccurredAt, last.Id), PageRows, stop), ct: ct);
        var total = (await orphans.ListAsync(new GridQuery(PageSize: 1, Search: query.Search), ct)).Total;
        return Table("orphans", "Orphans", "Payments whose owner is not known, the oldest first.", company, total,
            [new("When", CellKind.Time, 18), new("Way", CellKind.Text, 14), new("Receipt", CellKind.Text, 20), new("Payer", CellKind.Text, 30), new("Phone", CellKind.Text, 16), new("Account typed", CellKind.Text, 20), new("Looked after by", CellKind.Text, 20), new("Proposed by", CellKind.Text, 20), Amount],
            rows.Select(r => new ReportRow([Local(r.OccurredAt, zone), PaymentBooks.Word(r.Method), r.Receipt, r.PayerName, r.PayerMsisdn, r.AccountReference, r.ClaimedBy, r.ProposedBy, r.Amount])));
    }

    private async Task<ReportFile> CustodyAsync(Company company, TimeZoneInfo zone, CancellationToken ct)
    {
        var columns = await custody.GetAsync(ct);
        return Table("custody", "Custody board", "Where every shilling is. Prompts, cheques and orphans count once here and once where they lie in the books, so there is no total.", company, columns.Count,
            [new("State", CellKind.Text, 22), new("How many", CellKind.Count, 12), new("Oldest", CellKind.Time, 18), new("Stuck", CellKind.Count, 10), new("Amount", CellKind.Money, 16)],
            columns.Select(c => new ReportRow([c.State.ToString(), c.Count, Local(c.Oldest, zone), c.Stuck, c.Total])).ToAsyncEnumerable());
    }

    private async Task<ReportFile> SettlementAsync(Company company, PaymentExportQuery query, CancellationToken ct)
    {
        var days = await statements.SettlementAsync(company.Today(clock), query.Days ?? 31, ct);
        return Table("settlement", "Settlement", "Each day of each channel: what our books have against what the statement has.", company, days.Count,
            [new("Day", CellKind.Date, 14), new("Channel", CellKind.Text, 24), new("Expected", CellKind.Money, 16, true), new("On the statement", CellKind.Money, 18, true), new("Difference", CellKind.Money, 16), new("Matched", CellKind.Count, 10, true), new("Ours only", CellKind.Count, 10, true), new("Theirs only", CellKind.Count, 12, true), new("Amount differs", CellKind.Count, 14, true), new("State", CellKind.Text, 16)],
            days.Select(d => new ReportRow([d.Day, d.Channel, d.Expected, d.HasStatement ? d.Received : null, d.HasStatement ? d.Difference : null, d.Matched, d.OursOnly, d.TheirsOnly, d.AmountDiffers, d.IsClosed ? "Agrees" : d.HasStatement ? "Differs" : "No statement"])).ToAsyncEnumerable());
    }

    private async Task<ReportFile> StatementsAsync(Company company, TimeZoneInfo zone, PaymentExportQuery query, CancellationToken ct)
    {
        var rows = ReportFile.PagesAsync<StatementRowView>((last, stop) => statements.RowsAfterAsync(query.Search, query.Row, last is null ? null : new ListKey(last.At, last.Id), PageRows, stop), ct: ct);
        var total = await statements.CountRowsAsync(query.Search, query.Row, ct);
        return Table("statement-rows", "Statement rows", "Rows of imported statements, the newest first.", company, total,
            [new("When", CellKind.Time, 18), new("Receipt", CellKind.Text, 20), new("Details", CellKind.Text, 40), new("Payer", CellKind.Text, 24), new("Account", CellKind.Text, 16), new("State", CellKind.Text, 16), new("Note", CellKind.Text, 30), Amount],
            rows.Select(r => new ReportRow([Local(r.At, zone), r.Receipt, r.Details, r.Payer, r.AccountReference, r.State.ToString(), r.Note, r.Amount])));
    }

    private async Task<ReportFile> DrawersAsync(Company company, TimeZoneInfo zone, CancellationToken ct)
    {
        var rows = ReportFile.PagesAsync<DeskRow>((last, stop) => counter.SessionsAfterAsync(last is null ? null : new ListKey(last.OpenedAt, last.Id), PageRows, stop), ct: ct);
        var total = (await counter.SessionsAsync(new GridQuery(PageSize: 1), ct)).Total;
        return Table("drawers", "Cash drawers", "Each time a drawer was open, the newest first.", company, total,
            [new("Drawer", CellKind.Text, 18), new("Cashier", CellKind.Text, 24), new("Opened", CellKind.Time, 18), new("Closed", CellKind.Time, 18), new("Float", CellKind.Money, 14), new("Should be", CellKind.Money, 14), new("Counted", CellKind.Money, 14), new("Difference", CellKind.Money, 14, true), new("Note", CellKind.Text, 40)],
            rows.Select(r => new ReportRow([r.Desk, r.Cashier, Local(r.OpenedAt, zone), Local(r.ClosedAt, zone), r.OpeningFloat, r.Expected, r.Counted, r.Difference, r.ClosingNote])));
    }

    private async Task<ReportFile> MessagesAsync(Company company, TimeZoneInfo zone, PaymentExportQuery query, CancellationToken ct)
    {
        var rows = ReportFile.PagesAsync<InboundRow>((last, stop) => payments.MessagesAfterAsync(query.Search, query.Message, last is null ? null : new ListKey(last.ReceivedAt, last.Id), PageRows, stop), ct: ct);
        var total = await payments.CountMessagesAsync(query.Search, query.Message, ct);
        return Table("provider-messages", "Provider messages", "What providers sent and what became of it, the newest first.", company, total,
            [new("Came", CellKind.Time, 18), new("Channel", CellKind.Text, 24), new("Kind", CellKind.Text, 12), new("State", CellKind.Text, 14), new("Deliveries", CellKind.Count, 12), new("From", CellKind.Text, 18), new("What became of it", CellKind.Text, 60)],
            rows.Select(r => new ReportRow([Local(r.ReceivedAt, zone), r.Channel, r.Kind.ToString(), r.Status.ToString(), r.Deliveries, r.RemoteAddress, r.Outcome])));
    }

    private async Task<ReportFile> CardsAsync(Company company, TimeZoneInfo zone, PaymentExportQuery query, CancellationToken ct)
    {
        var rows = ReportFile.PagesAsync<CardBatchRow>((last, stop) => cards.BatchesAfterAsync(query.Search, last?.Number, PageRows, stop), ct: ct);
        var total = (await cards.BatchesAsync(new GridQuery(PageSize: 1, Search: query.Search), ct)).Total;
        return Table("card-batches", "Scratch cards", "Batches, the newest first. Codes are in no file.", company, total,
            [new("Batch", CellKind.Count, 10), new("Made", CellKind.Time, 18), new("By", CellKind.Text, 22), new("Released by", CellKind.Text, 22), new("Last day", CellKind.Date, 14), new("Note", CellKind.Text, 30), new("Cards", CellKind.Count, 10, true), new("Ready", CellKind.Count, 10, true), new("Redeemed", CellKind.Count, 10, true), new("Void", CellKind.Count, 10, true), new("Each", CellKind.Money, 14), new("Redeemed, amount", CellKind.Money, 18, true)],
            rows.Select(r => new ReportRow([r.Number, Local(r.MadeAt, zone), r.MadeBy, r.ReleasedBy, r.ExpiresOn, r.Note, r.Count, r.Ready, r.Redeemed, r.Voided, r.Value, new Money(r.Value.Minor * r.Redeemed)])));
    }

    private static ReportFile Table(string name, string title, string explains, Company company, int total, IReadOnlyList<ReportColumn> columns, IAsyncEnumerable<ReportRow> rows) =>
        new(name, title, explains, company.Currency, columns, [], total, rows);

    private static DateTime? Local(DateTime? utc, TimeZoneInfo zone) => utc is { } at ? TimeZoneInfo.ConvertTimeFromUtc(at, zone) : null;
}
