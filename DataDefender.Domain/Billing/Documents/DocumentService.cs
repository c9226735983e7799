using System.Globalization;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing.Documents;

/// <summary>Puts together what stands on invoices, pro-formas, credit notes, receipts and statements.</summary>
public sealed class DocumentService(IDataDefenderDbFactory dbFactory, CurrentUser user, TimeProvider clock)
{
    private const int MostStatementLines = 5_000;

    /// <summary>An invoice; a draft is a pro-forma.</summary>
    public async Task<PrintedDocument> InvoiceAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var invoice = await db.Invoices.AsNoTracking().Include(i => i.Lines).SingleOrDefaultAsync(i => i.Id == id, ct) ?? throw new NotFoundException("Invoice", id);
        var (company, settings) = await PaperAsync(db, ct);
        var client = await db.Clients.AsNoTracking().SingleAsync(c => c.Id == invoice.ClientId, ct);
        var pin = await db.BillingProfiles.Where(p => p.ClientId == client.Id).Select(p => p.TaxPin).SingleOrDefaultAsync(ct);
        var lines = invoice.Lines.OrderBy(l => l.Number).ToList();
        var draft = invoice.Status is InvoiceStatus.Draft;
        var period = lines.Where(l => l is { From: not null, Until: not null }).ToList();
        var facts = new List<DocumentFact> { new("Account", client.AccountNumber) };
        if (invoice.IssuedOn is { } issued)
        {
            facts.Add(new("Date", Day(issued)));
            facts.Add(new("Due", Day(invoice.DueOn!.Value)));
        }
        else
        {
            facts.Add(new("Date", Day(company.Today(clock))));
        }

        if (period.Count > 0)
        {
            facts.Add(new("Period", $"{Local(period.Min(l => l.From!.Value))} to {Local(period.Max(l => l.Until!.Value).AddTicks(-1))}"));
        }

        if (invoice.TaxControlNumber is { } control)
        {
            facts.Add(new("CU number", control));
        }

        var balance = draft ? invoice.Total : invoice.Balance;
        return new PrintedDocument
        {
            Brand = Brand(company, settings),
            Title = draft ? "PRO FORMA INVOICE" : settings.OwesVat ? "TAX INVOICE" : "INVOICE",
            Reference = draft ? "not an invoice yet" : invoice.Reference!,
            FileName = draft ? $"pro-forma-{client.AccountNumber}" : invoice.Reference!,
            Recipient = Recipient(client, pin),
            Facts = facts,
            Columns = [new("Description", 6), new("Net", 1.6, true), new("Excise", 1.4, true), new("VAT", 1.4, true), new("Amount", 1.8, true)],
            Rows = [.. lines.Select(l => (IReadOnlyList<string>)[l.Description, Amount(l.Net), Amount(l.Excise), Amount(l.Vat), Amount(l.Total)])],
            Sums =
            [
                new("Net", Amount(invoice.Net)), .. invoice.Excise == Money.Zero ? [] : new[] { new DocumentSum("Excise duty", Amount(invoice.Excise)) },
                .. invoice.Vat == Money.Zero ? [] : new[] { new DocumentSum("VAT", Amount(invoice.Vat)) },
                new($"Total {invoice.Currency}", Amount(invoice.Total), Strong: true),
                .. invoice.Paid - invoice.Returned == Money.Zero ? [] : new[] { new DocumentSum("Paid", Amount(invoice.Returned - invoice.Paid)) },
                .. invoice.Credited == Money.Zero ? [] : new[] { new DocumentSum("Credited", Amount(-invoice.Credited)) },
                .. balance == invoice.Total ? [] : new[] { new DocumentSum("To pay", Amount(balance), Strong: true) },
            ],
            TaxFacts = TaxFacts(lines.Select(l => (l.TaxBand, l.ExciseRate, l.VatRate, l.VatBase, l.Net, l.Excise, l.Vat))),
            Instructions = balance == Money.Zero || invoice.Status is InvoiceStatus.Void ? [] : HowToPay(settings, client, invoice.Currency, balance),
            Footer = settings.Footer,
            Qr = invoice.TaxVerificationUrl ?? (draft ? null : $"{settings.LegalName ?? company.Name}|{settings.TaxPin}|{invoice.Reference}|{invoice.IssuedOn:yyyy-MM-dd}|{invoice.Currency} {invoice.Total}|{Convert.ToHexStringLower(invoice.ContentHash)[..16]}"),
            QrLabel = invoice.TaxVerificationUrl is null ? "Fingerprint of this invoice" : "Check at KRA",
            Stamp = invoice.Status switch
            {
                InvoiceStatus.Draft => "PRO FORMA",
                InvoiceStatus.Void => "VOID",
                InvoiceStatus.Paid => "PAID",
                InvoiceStatus.Credited => "CREDITED",
                InvoiceStatus.Issued or InvoiceStatus.PartlyPaid or InvoiceStatus.WrittenOff => null,
                _ => throw new ArgumentOutOfRangeException(nameof(id), invoice.Status, "No such status."),
            },
        };

        string Local(DateTime utc) => Day(DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(utc, TimeZoneInfo.FindSystemTimeZoneById(company.TimeZone))));
    }

    public async Task<PrintedDocument> CreditNoteAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var note = await db.CreditNotes.AsNoTracking().Include(n => n.Lines).SingleOrDefaultAsync(n => n.Id == id, ct) ?? throw new NotFoundException("Credit note", id);
        var (company, settings) = await PaperAsync(db, ct);
        var client = await db.Clients.AsNoTracking().SingleAsync(c => c.Id == note.ClientId, ct);
        var pin = await db.BillingProfiles.Where(p => p.ClientId == client.Id).Select(p => p.TaxPin).SingleOrDefaultAsync(ct);
        var lines = note.Lines.OrderBy(l => l.InvoiceLine).ToList();
        return new PrintedDocument
        {
            Brand = Brand(company, settings),
            Title = "CREDIT NOTE",
            Reference = note.Reference,
            FileName = note.Reference,
            Recipient = Recipient(client, pin),
            Facts =
            [
                new("Account", client.AccountNumber), new("Date", Day(note.IssuedOn)), new("On invoice", note.InvoiceReference),
                .. note.TaxControlNumber is { } control ? new[] { new DocumentFact("CU number", control) } : [],
            ],
            Columns = [new("Description", 6), new("Net", 1.6, true), new("Excise", 1.4, true), new("VAT", 1.4, true), new("Amount", 1.8, true)],
            Rows = [.. lines.Select(l => (IReadOnlyList<string>)[l.Description, Amount(l.Net), Amount(l.Excise), Amount(l.Vat), Amount(l.Total)])],
            Sums =
            [
                new("Net", Amount(note.Net)), .. note.Excise == Money.Zero ? [] : new[] { new DocumentSum("Excise duty", Amount(note.Excise)) },
                .. note.Vat == Money.Zero ? [] : new[] { new DocumentSum("VAT", Amount(note.Vat)) }, new($"Credited {note.Currency}", Amount(note.Total), Strong: true),
            ],
            Instructions =
            [
                $"Why: {note.Reason}",
                .. note.ToWallet == Money.Zero ? [] : new[] { $"{note.Currency} {Amount(note.ToWallet)} had been paid already and were put on your account; the next invoice takes them." },
            ],
            Footer = settings.Footer,
            Qr = note.TaxVerificationUrl ?? $"{settings.LegalName ?? company.Name}|{settings.TaxPin}|{note.Reference}|{note.IssuedOn:yyyy-MM-dd}|{note.Currency} {note.Total}|{Convert.ToHexStringLower(note.ContentHash)[..16]}",
            QrLabel = note.TaxVerificationUrl is null ? "Fingerprint of this credit note" : "Check at KRA",
        };
    }

    /// <summary>A receipt for money that came in: a journal transaction that put it on a client's invoices or wallet.</summary>
    public async Task<PrintedDocument> ReceiptAsync(long sequence, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var transaction = await db.JournalTransactions.AsNoTracking().SingleOrDefaultAsync(t => t.Sequence == sequence, ct) ?? throw new NotFoundException("Journal transaction", sequence);
        var legs = await (
            from line in db.JournalLines.AsNoTracking()
            join account in db.LedgerAccounts on line.AccountId equals account.Id
            where line.Sequence == sequence
            orderby line.Number
            select new { account.Kind, account.Channel, line.ClientId, line.Debit, line.Credit }).ToListAsync(ct);
        var received = legs.Where(l => Chart.IsPerChannel(l.Kind) && l.Debit > Money.Zero).ToList();
        var clientId = legs.Where(l => l.Kind is AccountKind.Receivable or AccountKind.Wallet && l.Credit > Money.Zero).Select(l => l.ClientId).FirstOrDefault();
        if (received.Count == 0 || clientId is null)
        {
            throw new DomainException("receipt.none", $"Transaction {sequence} brought in no money of a client; there is no receipt for it.");
        }

        var (company, settings) = await PaperAsync(db, ct);
        var client = await db.Clients.AsNoTracking().SingleAsync(c => c.Id == clientId, ct);
        var total = new Money(received.Sum(l => l.Debit.Minor));
        return new PrintedDocument
        {
            Brand = Brand(company, settings),
            Title = "RECEIPT",
            Reference = string.Create(CultureInfo.InvariantCulture, $"R-{sequence:D6}"),
            FileName = string.Create(CultureInfo.InvariantCulture, $"receipt-{sequence:D6}"),
            Recipient = Recipient(client, null),
            Facts = [new("Account", client.AccountNumber), new("Date", Day(transaction.EffectiveOn)), new("Received by", string.Join(", ", received.Select(l => Taker(l.Kind, l.Channel)).Distinct()))],
            Columns = [new("For", 8), new("Amount", 2, true)],
            Rows =
            [
                .. legs.Where(l => l.Credit > Money.Zero && l.ClientId == clientId).Select(l => (IReadOnlyList<string>)[
                    l.Kind is AccountKind.Receivable ? "Put on invoices" : l.Kind is AccountKind.Wallet ? "Put on your account for what comes" : Chart.Name(l.Kind), Amount(l.Credit)]),
            ],
            Sums = [new($"Received {company.Currency}", Amount(total), Strong: true)],
            Instructions = [transaction.Memo],
            Footer = settings.Footer,
        };
    }

    /// <summary>What a client was billed and paid from one day to another (both included), with the balance before and after.</summary>
    public async Task<PrintedDocument> StatementAsync(Guid clientId, DateOnly from, DateOnly until, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        if (until < from || until.DayNumber - from.DayNumber > 1_100)
        {
            throw new DomainException("statement.period", "A statement covers one day to three years, and ends after it begins.");
        }

        await using var db = await dbFactory.OpenAsync(ct);
        var client = await db.Clients.AsNoTracking().SingleOrDefaultAsync(c => c.Id == clientId, ct) ?? throw new NotFoundException("Client", clientId);
        var (company, settings) = await PaperAsync(db, ct);
        var moves = from line in db.JournalLines.AsNoTracking()
                    join account in db.LedgerAccounts on line.AccountId equals account.Id
                    join transaction in db.JournalTransactions on line.Sequence equals transaction.Sequence
                    where line.ClientId == clientId && (account.Kind == AccountKind.Receivable || account.Kind == AccountKind.Wallet)
                    select new { line.Sequence, transaction.EffectiveOn, transaction.Memo, Minor = line.Debit.Minor - line.Credit.Minor };
        var before = await moves.Where(m => m.EffectiveOn < from).SumAsync(m => m.Minor, ct);
        var entries = await moves.Where(m => m.EffectiveOn >= from && m.EffectiveOn <= until)
            .GroupBy(m => new { m.Sequence, m.EffectiveOn, m.Memo }).Select(g => new { g.Key.Sequence, g.Key.EffectiveOn, g.Key.Memo, Minor = g.Sum(m => m.Minor) })
            .Where(m => m.Minor != 0).OrderBy(m => m.EffectiveOn).ThenBy(m => m.Sequence).Take(MostStatementLines + 1).ToListAsync(ct);
        if (entries.Count > MostStatementLines)
        {
            throw new DomainException("statement.long", $"There are more than {MostStatementLines:N0} movements in this time; choose a shorter one.");
        }

        var rows = new List<IReadOnlyList<string>> { new[] { Day(from), "Balance brought forward", "", "", Amount(new Money(before)) } };
        var balance = before;
        foreach (var entry in entries)
        {
            balance += entry.Minor;
            rows.Add([Day(entry.EffectiveOn), entry.Memo, entry.Minor > 0 ? Amount(new Money(entry.Minor)) : "", entry.Minor < 0 ? Amount(new Money(-entry.Minor)) : "", Amount(new Money(balance))]);
        }

        return new PrintedDocument
        {
            Brand = Brand(company, settings),
            Title = "STATEMENT",
            Reference = $"{Day(from)} to {Day(until)}",
            FileName = string.Create(CultureInfo.InvariantCulture, $"statement-{client.AccountNumber}-{until:yyyyMMdd}"),
            Recipient = Recipient(client, null),
            Facts = [new("Account", client.AccountNumber), new("Date", Day(company.Today(clock)))],
            Columns = [new("Date", 1.6), new("What", 5), new("Billed", 1.7, true), new("Paid", 1.7, true), new("Balance", 1.8, true)],
            Rows = rows,
            Sums = [new(balance >= 0 ? $"You owe {company.Currency}" : $"In your favour {company.Currency}", Amount(new Money(Math.Abs(balance))), Strong: true)],
            Instructions = balance > 0 ? HowToPay(settings, client, company.Currency, new Money(balance)) : [],
            Footer = settings.Footer,
        };
    }

    /// <summary>Who took the money, as a client would say it.</summary>
    private static string Taker(AccountKind kind, string channel) => kind switch
    {
        AccountKind.Bank => "Bank account",
        AccountKind.Cash => $"Cash, {channel}",
        _ => channel,
    };

    private static async Task<(Company Company, BillingSettings Settings)> PaperAsync(IDataDefenderDb db, CancellationToken ct) =>
        (await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct), await CurrentBillingSettings.OfAsync(db, ct));

    private static DocumentBrand Brand(Company company, BillingSettings settings) => new(settings.LegalName ?? company.Name, settings.BrandColour,
    [
        .. new[]
        {
            settings.PostalAddress, company.County.Length > 0 ? $"{company.County}, Kenya" : null, PhoneNumber.Format(settings.BillingPhone ?? company.ContactPhone), settings.BillingEmail ?? company.ContactEmail,
            settings.TaxPin is { } pin ? $"PIN {pin}" : null,
        }.OfType<string>(),
    ]);

    private static IReadOnlyList<string> Recipient(Client client, string? pin) =>
        [.. new[] { client.Name, client.Address, client.County, PhoneNumber.Format(client.Phone), client.Email, pin is null ? null : $"PIN {pin}" }.OfType<string>().Where(text => text.Length > 0)];

    private static IReadOnlyList<string> HowToPay(BillingSettings settings, Client client, string currency, Money amount) =>
    [
        .. settings.Paybill is { } paybill ? new[] { $"M-Pesa: Lipa na M-Pesa, Pay Bill, business number {paybill}, account number {client.AccountNumber}, {currency} {Amount(amount)}" } : [],
        .. settings.BankDetails is { } bank ? bank.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [],
        $"Always give your account number {client.AccountNumber}.",
    ];

    private static IReadOnlyList<DocumentFact> TaxFacts(IEnumerable<(string Band, int ExciseRate, int VatRate, VatBase Base, Money Net, Money Excise, Money Vat)> lines) =>
    [
        .. lines.GroupBy(l => (l.Band, l.ExciseRate, l.VatRate, l.Base)).OrderBy(g => g.Key.Band, StringComparer.Ordinal).Select(g => new DocumentFact(
            string.Create(CultureInfo.InvariantCulture, $"Band {g.Key.Band}: VAT {g.Key.VatRate / 100m:0.##} % on {(g.Key.Base is VatBase.Net || g.Key.ExciseRate == 0 ? "net" : "net and excise")}{(g.Key.ExciseRate == 0 ? "" : $", excise {g.Key.ExciseRate / 100m:0.##} %")}"),
            $"net {Amount(new Money(g.Sum(l => l.Net.Minor)))}, excise {Amount(new Money(g.Sum(l => l.Excise.Minor)))}, VAT {Amount(new Money(g.Sum(l => l.Vat.Minor)))}")),
    ];

    private static string Amount(Money money) => money.Amount.ToString("#,##0.00", CultureInfo.InvariantCulture);

    private static string Day(DateOnly day) => day.ToString("d MMM yyyy", CultureInfo.InvariantCulture);
}
