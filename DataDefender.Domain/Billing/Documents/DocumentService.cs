using System.Globalization;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Payments;
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
        var paper = await PaperAsync(db, ct);
        var (company, settings) = (paper.Company, paper.Settings);
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
                .. invoice.Rounded == Money.Zero ? [] : new[] { new DocumentSum("Let off, rounding", Amount(-invoice.Rounded)) },
                .. balance == invoice.Total ? [] : new[] { new DocumentSum("To pay", Amount(balance), Strong: true) },
            ],
            TaxFacts = TaxFacts(lines.Select(l => (l.TaxBand, l.ExciseRate, l.VatRate, l.VatBase, l.Net, l.Excise, l.Vat))),
            Instructions = balance == Money.Zero || invoice.Status is InvoiceStatus.Void ? [] : HowToPay(paper, client, invoice.Currency, balance),
            Footer = settings.Footer,
            Qr = invoice.TaxVerificationUrl ?? (draft
                ? Fingerprint(company, settings, $"PRO FORMA {client.AccountNumber}", company.Today(clock), invoice.Total, null)
                : Fingerprint(company, settings, invoice.Reference!, invoice.IssuedOn!.Value, invoice.Total, Convert.ToHexStringLower(invoice.ContentHash)[..16])),
            QrLabel = invoice.TaxVerificationUrl is not null ? "Check at KRA" : draft ? "This pro-forma in short" : "Fingerprint of this invoice",
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

        string Local(DateTime utc) => Day(company.DayOf(utc));
    }

    public async Task<PrintedDocument> CreditNoteAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var note = await db.CreditNotes.AsNoTracking().Include(n => n.Lines).SingleOrDefaultAsync(n => n.Id == id, ct) ?? throw new NotFoundException("Credit note", id);
        var paper = await PaperAsync(db, ct);
        var (company, settings) = (paper.Company, paper.Settings);
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
            Qr = note.TaxVerificationUrl ?? Fingerprint(company, settings, note.Reference, note.IssuedOn, note.Total, Convert.ToHexStringLower(note.ContentHash)[..16]),
            QrLabel = note.TaxVerificationUrl is null ? "Fingerprint of this credit note" : "Check at KRA",
        };
    }

    /// <summary>A receipt for a payment: which invoices it paid, whoever they were for, and what lies in the wallet. A cheque that the bank has not paid yet is acknowledged.</summary>
    public async Task<PrintedDocument> ReceiptAsync(Guid payment, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var money = await db.ProviderTransactions.AsNoTracking().SingleOrDefaultAsync(t => t.Id == payment, ct) ?? throw new NotFoundException("Payment", payment);
        if (money is not { State: TransactionState.Applied or TransactionState.Clearing, ClientId: { } clientId })
        {
            throw new DomainException("receipt.none", $"{PaymentBooks.Name(money)} is no client's; there is no receipt for it.");
        }

        var paper = await PaperAsync(db, ct);
        var (company, settings) = (paper.Company, paper.Settings);
        var client = await db.Clients.AsNoTracking().SingleAsync(c => c.Id == clientId, ct);
        var parts = await (
            from part in db.PaymentAllocations.AsNoTracking()
            where part.TransactionId == payment
            group part.Amount.Minor by new { part.Target, part.InvoiceId, part.InvoiceNumber } into put
            select new { put.Key.Target, put.Key.InvoiceId, put.Key.InvoiceNumber, Minor = put.Sum() }).ToListAsync(ct);
        var ids = parts.Select(p => p.InvoiceId).OfType<Guid>().ToList();
        var owners = await (from invoice in db.Invoices.AsNoTracking() join owner in db.Clients on invoice.ClientId equals owner.Id where ids.Contains(invoice.Id) && owner.Id != clientId select new { invoice.Id, owner.Name }).ToDictionaryAsync(o => o.Id, o => o.Name, ct);
        var number = string.Create(CultureInfo.InvariantCulture, $"R-{money.Number:D6}");
        var day = company.DayOf(money.OccurredAt);
        return new PrintedDocument
        {
            Brand = Brand(company, settings),
            Title = "RECEIPT",
            Reference = number,
            FileName = string.Create(CultureInfo.InvariantCulture, $"receipt-{money.Number:D6}"),
            Recipient = Recipient(client, null),
            Facts =
            [
                new("Account", client.AccountNumber), new("Date", Day(day)), new("Received by", money is { Method: not PaymentMethod.Cash, Receipt: { } receipt } ? $"{PaymentBooks.Word(money.Method)} {receipt}" : PaymentBooks.Word(money.Method)),
                .. money.PayerName is { Length: > 0 } payer ? new[] { new DocumentFact("Paid by", payer) } : [],
            ],
            Columns = [new("For", 8), new("Amount", 2, true)],
            Rows =
            [
                .. money.State is TransactionState.Clearing ? [(IReadOnlyList<string>)["Cheque; it counts when the bank has paid it", Amount(money.Amount)]] : Array.Empty<IReadOnlyList<string>>(),
                .. parts.Where(p => p.Minor > 0).OrderBy(p => p.InvoiceId is null).ThenBy(p => p.InvoiceNumber, StringComparer.Ordinal).Select(p => (IReadOnlyList<string>)[
                    p.InvoiceId is { } id ? $"Invoice {p.InvoiceNumber}{(owners.TryGetValue(id, out var owner) ? $" of {owner}" : "")}" : "Put on your account for what comes", Amount(new Money(p.Minor))]),
            ],
            Sums =
            [
                new($"Received {company.Currency}", Amount(money.Amount), Strong: true),
                .. money.GivenBack == Money.Zero ? [] : new[] { new DocumentSum("Given back", Amount(-money.GivenBack)) },
                .. money.GoingBack == Money.Zero ? [] : new[] { new DocumentSum("On its way back", Amount(-money.GoingBack)) },
                .. money.Remaining == money.Amount ? [] : new[] { new DocumentSum("Left of it", Amount(money.Remaining), Strong: true) },
            ],
            Footer = settings.Footer,
            Qr = Fingerprint(company, settings, number, day, money.Amount, money.Receipt),
            QrLabel = "This receipt in short",
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
        var paper = await PaperAsync(db, ct);
        var (company, settings) = (paper.Company, paper.Settings);
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
            Instructions = balance > 0 ? HowToPay(paper, client, company.Currency, new Money(balance)) : [],
            Footer = settings.Footer,
            Qr = Fingerprint(company, settings, $"STATEMENT {client.AccountNumber}", until, new Money(balance), null),
            QrLabel = "This statement in short",
        };
    }

    private static async Task<Paper> PaperAsync(IDataDefenderDb db, CancellationToken ct) => new(
        await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct), await CurrentBillingSettings.OfAsync(db, ct),
        await db.PaymentChannels.AsNoTracking().Where(c => c.IsEnabled && c.IsLive).OrderBy(c => c.CreatedAt).ThenBy(c => c.Id).ToListAsync(ct));

    /// <summary>What a QR code says where no authority's address stands: who, what, when, how much.</summary>
    private static string Fingerprint(Company company, BillingSettings settings, string reference, DateOnly day, Money total, string? mark) =>
        string.Create(CultureInfo.InvariantCulture, $"{settings.LegalName ?? company.Name}|{settings.TaxPin}|{reference}|{day:yyyy-MM-dd}|{company.Currency} {total}{(mark is null ? "" : $"|{mark}")}");

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

    /// <summary>By the channels that collect; a Paybill that the company only notes stands beside them.</summary>
    private static IReadOnlyList<string> HowToPay(Paper paper, Client client, string currency, Money amount)
    {
        var money = $"{currency} {Amount(amount)}";
        string[] paybills = [.. paper.Channels.Where(c => c.Kind is ChannelKind.Paybill).Select(c => c.ShortCode).Append(paper.Settings.Paybill).OfType<string>().Distinct()];
        return
        [
            .. paybills.Select(paybill => $"M-Pesa: Lipa na M-Pesa, Pay Bill, business number {paybill}, account number {client.AccountNumber}, {money}"),
            .. paper.Channels.Where(c => c.Kind is ChannelKind.Till).Select(c => $"M-Pesa: Lipa na M-Pesa, Buy Goods, till number {c.PayTo}, {money}. A till takes no account number: pay from your own phone."),
            .. paper.Channels.Where(c => c.Kind is ChannelKind.FamilyBank).Select(c => $"Family Bank: business number {c.ShortCode}, account number {client.AccountNumber}, {money}"),
            .. paper.Settings.BankDetails is { } bank ? bank.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [],
            $"Always give your account number {client.AccountNumber}.",
        ];
    }

    /// <summary>What all papers of a company need.</summary>
    private sealed record Paper(Company Company, BillingSettings Settings, IReadOnlyList<PaymentChannel> Channels);

    private static IReadOnlyList<DocumentFact> TaxFacts(IEnumerable<(string Band, int ExciseRate, int VatRate, VatBase Base, Money Net, Money Excise, Money Vat)> lines) =>
    [
        .. lines.GroupBy(l => (l.Band, l.ExciseRate, l.VatRate, l.Base)).OrderBy(g => g.Key.Band, StringComparer.Ordinal).Select(g => new DocumentFact(
            string.Create(CultureInfo.InvariantCulture, $"Band {g.Key.Band}: VAT {g.Key.VatRate / 100m:0.##} % on {(g.Key.Base is VatBase.Net || g.Key.ExciseRate == 0 ? "net" : "net and excise")}{(g.Key.ExciseRate == 0 ? "" : $", excise {g.Key.ExciseRate / 100m:0.##} %")}"),
            $"net {Amount(new Money(g.Sum(l => l.Net.Minor)))}, excise {Amount(new Money(g.Sum(l => l.Excise.Minor)))}, VAT {Amount(new Money(g.Sum(l => l.Vat.Minor)))}")),
    ];

    private static string Amount(Money money) => money.Amount.ToString("#,##0.00", CultureInfo.InvariantCulture);

    private static string Day(DateOnly day) => day.ToString("d MMM yyyy", CultureInfo.InvariantCulture);
}
