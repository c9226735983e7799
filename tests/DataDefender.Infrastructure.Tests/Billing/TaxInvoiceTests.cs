using DataDefender.Domain.Billing;
using DataDefender.Domain.Billing.Documents;
using DataDefender.Domain.Billing.TaxInvoices;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Billing;
using DataDefender.Infrastructure.Billing.Etims;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Sandbox.Tax;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Billing;

/// <summary>Documents on their way to a tax authority that answers over HTTP, well and badly.</summary>
public sealed class TaxInvoiceTests
{
    [Theory, EachDatabase]
    public async Task Documents_are_queued_with_their_issue_sent_in_order_and_printed_with_their_number(DatabaseProvider provider)
    {
        await using var bench = await StartAsync(provider);
        var invoices = new List<Invoice> { await bench.IssueAsync(1_000m), await bench.IssueAsync(500m) };
        var note = await bench.CreditAsync(invoices[0].Id, 100m);

        Assert.Equal(3, await bench.SendAsync());

        var signed = bench.Office.Documents;
        Assert.Equal([(1L, "S", 0L), (2L, "S", 0L), (3L, "R", 1L)], signed.Select(s => (s.Number, s.Type, s.Original)));
        Assert.Equal([1_334m, 667m, 100m], signed.Select(s => s.Total));
        Assert.Equal(184m, signed[0].Tax); // VAT alone; excise is a part of what it is reckoned on
        await using var db = bench.Company.Open();
        var first = await db.Invoices.SingleAsync(i => i.Id == invoices[0].Id);
        Assert.Equal((TaxInvoiceState.Accepted, "KRACU0000000001/1", signed[0].Signature), (first.TaxState, first.TaxControlNumber, first.TaxSignature));
        Assert.Contains(signed[0].Signature, first.TaxVerificationUrl, StringComparison.Ordinal);
        var printed = await bench.PrintAsync(d => d.CreditNoteAsync(note.Id));
        Assert.Contains(printed.Facts, f => f is { Label: "CU number", Value: "KRACU0000000001/3" });
        Assert.Equal("Check at KRA", printed.QrLabel);
    }

    [Theory, EachDatabase]
    public async Task What_is_rolled_back_was_never_queued_and_no_number_is_lost(DatabaseProvider provider)
    {
        await using var bench = await StartAsync(provider);
        await using (var db = bench.Company.Open())
        {
            await using var turn = await db.TakeLedgerTurnAsync();
            var draft = db.Invoices.Add(new Invoice(bench.Company.Id, bench.Client, "KES", "test", [new LineDraft(LineKind.OneTime, "Cable", Money.Of(10m), TestCompany.KenyanTax, bench.Client)], turn.Now)).Entity;
            await Invoicing.IssueAsync(db, turn, [draft], await CurrentBillingSettings.OfAsync(db), turn.Today, turn.Today);
        }

        var invoice = await bench.IssueAsync(1_000m);

        await using var read = bench.Company.Open();
        var queued = await read.TaxTransmissions.SingleAsync();
        Assert.Equal((1L, invoice.Id, TransmissionState.Waiting), (queued.Sequence, queued.DocumentId, queued.State));
    }

    [Theory]
    [InlineData(TaxFault.TimeoutAfterExecution)]
    [InlineData(TaxFault.BreakAfterExecution)]
    public async Task Without_an_answer_it_is_sent_again_under_its_number_and_signed_once(TaxFault fault)
    {
        await using var bench = await StartAsync(DatabaseProvider.Sqlite);
        bench.Office.Next(fault);
        var (first, second) = (await bench.IssueAsync(1_000m), await bench.IssueAsync(500m));

        Assert.Equal(0, await bench.SendAsync());
        Assert.Equal(TransmissionState.Sending, (await bench.FindAsync(first.Id)).State);
        Assert.Equal(0, (await bench.FindAsync(second.Id)).Attempts); // those behind it wait
        bench.Services.Clock.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(2, await bench.SendAsync());

        Assert.Equal([(1L, 2), (2L, 1)], bench.Office.Documents.Select(s => (s.Number, s.Asked)));
        await using var db = bench.Company.Open();
        Assert.Equal(bench.Office.Documents[0].Signature, (await db.Invoices.SingleAsync(i => i.Id == first.Id)).TaxSignature);
    }

    [Theory]
    [InlineData(TaxFault.BadGateway)]
    [InlineData(TaxFault.Trouble)]
    public async Task Trouble_at_the_authority_is_waited_out(TaxFault fault)
    {
        await using var bench = await StartAsync(DatabaseProvider.Sqlite);
        bench.Office.Next(fault, 3);
        var invoice = await bench.IssueAsync(1_000m);
        for (var i = 0; i < 4; i++)
        {
            await bench.SendAsync();
            bench.Services.Clock.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal((TransmissionState.Accepted, 4), await bench.FindAsync(invoice.Id) is var t ? (t.State, t.Attempts) : default);
    }

    [Fact]
    public async Task A_refusal_says_why_keeps_nobody_and_its_credit_note_waits_for_it()
    {
        await using var bench = await StartAsync(DatabaseProvider.Sqlite);
        bench.Office.Next(TaxFault.Refused);
        var refused = await bench.IssueAsync(1_000m);
        var note = await bench.CreditAsync(refused.Id, 100m);
        var next = await bench.IssueAsync(500m);

        Assert.Equal(2, await bench.SendAsync());

        var known = await bench.FindAsync(refused.Id);
        Assert.Equal((TransmissionState.Refused, "921"), (known.State, known.ResultCode));
        Assert.Contains("cannot be received", known.Message, StringComparison.Ordinal);
        Assert.Equal(TransmissionState.Accepted, (await bench.FindAsync(next.Id)).State);
        Assert.True((await bench.FindAsync(note.Id)).IsHeld);

        await bench.ActAsync(s => s.RetryAsync(known.Id));
        Assert.Equal(2, await bench.SendAsync());
        Assert.Equal([(3L, "S"), (1L, "S"), (2L, "R")], bench.Office.Documents.Select(s => (s.Number, s.Type))); // in the order in which they were signed
    }

    [Fact]
    public async Task A_number_that_is_there_without_its_signature_is_entered_by_hand()
    {
        await using var bench = await StartAsync(DatabaseProvider.Sqlite);
        bench.Office.Next(TaxFault.BreakAfterExecution);
        bench.Office.Next(TaxFault.ForgetsSignature);
        var invoice = await bench.IssueAsync(1_000m);
        await bench.SendAsync();
        bench.Services.Clock.Advance(TimeSpan.FromMinutes(3));
        await bench.SendAsync();
        var known = await bench.FindAsync(invoice.Id);
        Assert.Equal((TransmissionState.Refused, "994"), (known.State, known.ResultCode));

        await Assert.ThrowsAsync<InvalidInputException>(() => bench.ActAsync(s => s.RecordAsync(known.Id, "", "")));
        await bench.ActAsync(s => s.RecordAsync(known.Id, "KRACU0000000001/1", "ABCDEF0123456789"));

        await using var db = bench.Company.Open();
        Assert.Equal((TaxInvoiceState.Accepted, "ABCDEF0123456789"), await db.Invoices.Select(i => new { i.TaxState, i.TaxSignature }).SingleAsync() is var i ? (i.TaxState, i.TaxSignature) : default);
    }

    [Fact]
    public async Task A_void_invoice_is_withdrawn_before_it_was_sent_and_taken_back_after()
    {
        await using var bench = await StartAsync(DatabaseProvider.Sqlite);
        var early = await bench.IssueAsync(1_000m);
        await bench.VoidAsync(early.Id);
        var late = await bench.IssueAsync(500m);
        await bench.SendAsync();
        await bench.VoidAsync(late.Id);
        await bench.SendAsync();

        Assert.Equal(TransmissionState.Withdrawn, (await bench.FindAsync(early.Id)).State);
        Assert.Equal([("S", 667m), ("R", 667m)], bench.Office.Documents.Select(s => (s.Type, s.Total)));
    }

    [Fact]
    public async Task A_refused_invoice_that_is_void_is_withdrawn_and_nothing_of_it_is_ever_sent()
    {
        await using var bench = await StartAsync(DatabaseProvider.Sqlite);
        bench.Office.Next(TaxFault.Refused);
        var refused = await bench.IssueAsync(1_000m);
        await bench.SendAsync();

        await bench.VoidAsync(refused.Id);

        Assert.Equal(TransmissionState.Withdrawn, (await bench.FindAsync(refused.Id)).State);
        await using (var db = bench.Company.Open())
        {
            Assert.Equal(1, await db.TaxTransmissions.CountAsync()); // no document that takes back what is not there
        }

        await bench.IssueAsync(500m);
        bench.Services.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await bench.SendAsync());
        Assert.Equal(667m, Assert.Single(bench.Office.Documents).Total);
    }

    [Fact]
    public async Task The_authority_hears_the_day_of_the_books_however_late_a_run_was_approved()
    {
        await using var bench = await StartAsync(DatabaseProvider.Sqlite);
        var march = bench.Today;
        bench.Services.Clock.Advance(TimeSpan.FromDays(32)); // 2 April
        var invoice = await bench.IssueAsync(march, new LineDraft(LineKind.OneTime, "Something sold", Money.Of(1_000m), TestCompany.KenyanTax, bench.Client));
        await bench.CreditAsync(invoice.Id, 100m);

        Assert.Equal(2, await bench.SendAsync());

        Assert.Equal([march, bench.Today], bench.Office.Documents.Select(s => s.Sold));
    }

    [Fact]
    public async Task What_is_given_back_in_a_band_beyond_what_it_charges_lowers_the_total_that_the_authority_hears()
    {
        await using var bench = await StartAsync(DatabaseProvider.Sqlite);
        var exempt = new TaxRule("A", 0, 0, VatBase.Net, false);
        var invoices = new[]
        {
            // Nothing at all is charged in the band of the first reduction; the second is larger than its band.
            await bench.IssueAsync(Line(3_000m, exempt), Line(-500m, TestCompany.KenyanTax)),
            await bench.IssueAsync(Line(1_000m, TestCompany.KenyanTax), Line(400m, exempt), Line(-1_000m, exempt)),
        };

        Assert.Equal(2, await bench.SendAsync());

        Assert.Equal(invoices.Select(i => i.Total.Amount), bench.Office.Documents.Select(s => s.Total));

        LineDraft Line(decimal price, TaxRule tax) => new(price < 0 ? LineKind.Discount : LineKind.OneTime, "Something", Money.Of(price), tax, bench.Client);
    }

    [Fact]
    public async Task A_discount_lowers_its_line_and_a_zero_invoice_is_not_sent()
    {
        await using var bench = await StartAsync(DatabaseProvider.Sqlite);
        await bench.IssueAsync(new LineDraft(LineKind.Subscription, "Home", Money.Of(2_500m), TestCompany.KenyanTax, bench.Client), new LineDraft(LineKind.Discount, "10 %", Money.Of(-250m), TestCompany.KenyanTax, bench.Client));
        await bench.IssueAsync(new LineDraft(LineKind.Subscription, "Free", Money.Of(100m), TestCompany.KenyanTax, bench.Client), new LineDraft(LineKind.Discount, "100 %", Money.Of(-100m), TestCompany.KenyanTax, bench.Client));

        Assert.Equal(1, await bench.SendAsync());

        Assert.Equal(Money.Of(2_250m * 1.334m).Amount, Assert.Single(bench.Office.Documents).Total);
    }

    [Fact]
    public async Task An_address_that_is_no_tax_authority_is_not_called()
    {
        await using var bench = await StartAsync(DatabaseProvider.Sqlite);

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => bench.ActAsync(s => s.SaveDeviceAsync(new TaxDeviceInput { BaseUrl = "http://169.254.169.254/", SerialNumber = "X" })));

        Assert.Contains(refused.Errors, e => e.Message.Contains("may not call", StringComparison.Ordinal));
    }

    private static async Task<Bench> StartAsync(DatabaseProvider provider)
    {
        var services = await TestServices.CreateAsync(provider, s => s.AddBilling().AddScoped<TaxTransmissionDesk>().AddScoped<TaxTransmissionService>().AddScoped<DocumentService>()
            .Configure<EtimsOptions>(o => (o.AllowedHosts, o.RequestTimeout) = ("127.0.0.1", TimeSpan.FromSeconds(2))));
        var server = await TaxServer.StartAsync(services.Clock);
        var company = await TestCompany.CreateAsync(services);
        var client = await company.AddClientAsync();
        await using (var db = company.Open())
        {
            var settings = new BillingSettings(company.Id);
            settings.Change(new BillingSettingsInput { OwesVat = true, OwesExcise = true, TaxPin = "P051234567X" });
            db.BillingSettings.Add(settings);
            await db.SaveChangesAsync();
        }

        var bench = new Bench(services, server, company, client.Id);
        await bench.ActAsync(s => s.SaveDeviceAsync(new TaxDeviceInput { BaseUrl = server.Url.AbsoluteUri, SerialNumber = "SBX0001" }));
        await bench.ActAsync(s => s.ConnectAsync());
        await bench.ActAsync(s => s.SwitchAsync(true));
        return bench;
    }

    private sealed class Bench(TestServices services, TaxServer server, TestCompany company, Guid client) : IAsyncDisposable
    {
        public TestServices Services => services;

        public TaxOffice Office => server.Office;

        public TestCompany Company => company;

        public Guid Client => client;

        public Task<Invoice> IssueAsync(decimal price) => IssueAsync(new LineDraft(LineKind.OneTime, "Something sold", Money.Of(price), TestCompany.KenyanTax, client));

        public DateOnly Today => company.Company.Today(services.Clock);

        public Task<Invoice> IssueAsync(params LineDraft[] lines) => IssueAsync(Today, lines);

        public async Task<Invoice> IssueAsync(DateOnly on, params LineDraft[] lines)
        {
            await using var db = company.Open();
            var settings = await CurrentBillingSettings.OfAsync(db);
            await using var turn = await db.TakeLedgerTurnAsync();
            var invoice = db.Invoices.Add(new Invoice(company.Id, client, "KES", "test", lines, turn.Now)).Entity;
            await Invoicing.IssueAsync(db, turn, [invoice], settings, on, on.AddDays(7));
            await turn.CommitAsync();
            return invoice;
        }

        public async Task<CreditNote> CreditAsync(Guid invoice, decimal amount)
        {
            await using var db = company.Open();
            var settings = await CurrentBillingSettings.OfAsync(db);
            await using var turn = await db.TakeLedgerTurnAsync();
            var note = await Invoicing.CreditAsync(db, turn, await db.Invoices.Include(i => i.Lines).SingleAsync(i => i.Id == invoice), [new LineCredit(1, Money.Of(amount))], "Too much", settings);
            await turn.CommitAsync();
            return note;
        }

        public async Task VoidAsync(Guid invoice)
        {
            await using var db = company.Open();
            await using var turn = await db.TakeLedgerTurnAsync();
            await Invoicing.VoidAsync(turn, await db.Invoices.Include(i => i.Lines).SingleAsync(i => i.Id == invoice), "Wrong client");
            await turn.CommitAsync();
        }

        public async Task<TaxTransmission> FindAsync(Guid document)
        {
            await using var db = company.Open();
            return await db.TaxTransmissions.SingleAsync(t => t.DocumentId == document && t.Kind != TaxDocumentKind.VoidedInvoice);
        }

        public async Task<int> SendAsync()
        {
            await using var scope = services.Scope(company.Id, Actor.System("tax authority"));
            return await scope.ServiceProvider.GetRequiredService<TaxTransmissionDesk>().SendDueAsync(100);
        }

        public async Task ActAsync(Func<TaxTransmissionService, Task> act)
        {
            await using var scope = services.Scope(company.Id);
            await act(scope.ServiceProvider.GetRequiredService<TaxTransmissionService>());
        }

        public async Task<PrintedDocument> PrintAsync(Func<DocumentService, Task<PrintedDocument>> put)
        {
            await using var scope = services.Scope(company.Id);
            return await put(scope.ServiceProvider.GetRequiredService<DocumentService>());
        }

        public async ValueTask DisposeAsync()
        {
            await server.DisposeAsync();
            await services.DisposeAsync();
        }
    }
}
