using DataDefender.Domain.Billing;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using FsCheck;
using FsCheck.Fluent;

namespace DataDefender.Domain.Tests.Billing;

/// <summary>
/// Random histories of invoices, payments, credit notes, voids, write-offs, reversals and months that earn, beside a model that only adds and subtracts.
/// DATADEFENDER_PROPERTY_RUNS asks for more of them than the 5,000 of every day.
/// </summary>
public sealed class BooksModelTests
{
    private static readonly DateTime Now = new(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc);
    private static readonly DateOnly Today = new(2026, 3, 1);

    private static readonly Gen<Step> Steps =
        from act in Gen.Frequency((4, Gen.Constant(Act.Issue)), (4, Gen.Constant(Act.Pay)), (2, Gen.Constant(Act.Credit)), (1, Gen.Constant(Act.Void)), (1, Gen.Constant(Act.WriteOff)), (1, Gen.Constant(Act.Reverse)), (2, Gen.Constant(Act.Earn)))
        from client in Gen.Choose(0, 2)
        from which in Gen.Choose(0, 10)
        from minor in Gen.Choose(1, 1_000_000)
        from vat in Gen.Elements(0, 800, 1_600)
        from excise in Gen.Elements(0, 1_500, 2_000)
        from inclusive in Gen.Elements(true, false)
        select new Step(act, client, which, minor, new TaxRule("B", excise, vat, VatBase.NetPlusExcise, inclusive));

    [Fact]
    public void The_books_agree_with_the_model_after_every_step_of_any_history()
    {
        var runs = int.TryParse(Environment.GetEnvironmentVariable("DATADEFENDER_PROPERTY_RUNS"), out var asked) ? asked : 5_000;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(runs), Prop.ForAll(Steps.ListOf().ToArbitrary(), steps =>
        {
            var world = new World();
            foreach (var step in steps)
            {
                world.Do(step);
                world.Check();
            }
        }));
    }

    private enum Act
    {
        Issue,
        Pay,
        Credit,
        Void,
        WriteOff,
        Reverse,
        Earn,
    }

    private sealed record Step(Act Act, int Client, int Which, int Minor, TaxRule Tax);

    private sealed class World
    {
        private readonly Guid _tenant = Guid.CreateVersion7();
        private readonly Guid[] _clients = [Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7()];
        private readonly List<Invoice> _invoices = [];
        private readonly List<(Invoice Invoice, Money Amount)> _payments = [];
        private readonly Dictionary<(AccountKind, Guid?), long> _books = [];
        private readonly Dictionary<Guid, JournalPosting> _issued = [];
        private long _notes;

        // The model: what each client owes and has, and what each invoice is made of, by plain sums.
        private readonly long[] _owes = new long[3];
        private readonly long[] _has = new long[3];

        public void Do(Step step)
        {
            var invoice = _invoices.Count == 0 ? null : _invoices[step.Which % _invoices.Count];
            var owner = invoice is null ? 0 : Array.IndexOf(_clients, invoice.ClientId);
            switch (step.Act)
            {
                case Act.Issue:
                    Issue(step);
                    break;
                case Act.Pay:
                    Pay(step);
                    break;
                case Act.Credit when invoice is not null:
                    Credit(invoice, owner, step);
                    break;
                case Act.Void when invoice is { Status: InvoiceStatus.Issued } && invoice.Credited == Money.Zero && invoice.Paid == Money.Zero:
                    _owes[owner] -= invoice.Total.Minor;
                    invoice.Void("test", Now);
                    var earned = new Money(invoice.Lines.Sum(l => l.Unearn().Minor));
                    if (earned != Money.Zero)
                    {
                        Post(Posting([.. PostingLeg.Net(AccountKind.Revenue, earned), .. PostingLeg.Net(AccountKind.DeferredRevenue, -earned)]));
                    }

                    Post(_issued[invoice.Id] with { Legs = [.. _issued[invoice.Id].Legs.Select(l => l with { Debit = l.Credit, Credit = l.Debit })] });
                    break;
                case Act.WriteOff when invoice is { IsOpen: true }:
                    var rest = invoice.WriteOff("test", Now);
                    _owes[owner] -= rest.Minor;
                    Post(Posting([PostingLeg.OnDebit(AccountKind.BadDebt, rest), PostingLeg.OnCredit(AccountKind.Receivable, rest, invoice.ClientId)]));
                    break;
                case Act.Earn when invoice is { Status: not InvoiceStatus.Void }:
                    foreach (var share in invoice.Lines.Select(l => l.Earn(Today.AddDays(step.Minor % 200), Today.AddDays(180))).Where(s => s != Money.Zero).ToList())
                    {
                        Post(Posting([.. PostingLeg.Net(AccountKind.DeferredRevenue, share), .. PostingLeg.Net(AccountKind.Revenue, -share)]));
                    }

                    break;
                case Act.Reverse when _payments.Count > 0:
                    Reverse(step);
                    break;
                default:
                    break;
            }
        }

        public void Check()
        {
            Assert.Equal(0, _books.Values.Sum()); // L12
            for (var i = 0; i < _clients.Length; i++)
            {
                var open = _invoices.Where(v => v.ClientId == _clients[i] && v.IsOpen).Sum(v => v.Balance.Minor);
                Assert.Equal(_owes[i], open); // the model
                Assert.Equal(open, _books.GetValueOrDefault((AccountKind.Receivable, _clients[i]))); // L5
                Assert.Equal(_has[i], -_books.GetValueOrDefault((AccountKind.Wallet, _clients[i])));
                Assert.True(_has[i] >= 0);
            }

            Assert.Equal(_invoices.Select((_, i) => (long?)(i + 1)), _invoices.Select(i => i.Number)); // L6, void ones with theirs
            Assert.Equal(_invoices.Where(i => i.Status is not InvoiceStatus.Void).Sum(i => i.Lines.Sum(l => l.Unearned.Minor)), -_books.GetValueOrDefault((AccountKind.DeferredRevenue, null)));
            foreach (var invoice in _invoices)
            {
                Assert.All(invoice.Lines, l => Assert.True(!l.Deferred || l.UnearnedFrom is not null || l.Unearned == Money.Zero || invoice.Status is InvoiceStatus.Void));
                Assert.Equal(invoice.Total, invoice.Net + invoice.Excise + invoice.Vat); // L4
                Assert.Equal(invoice.Total.Minor, invoice.Lines.Sum(l => l.Total.Minor));
                Assert.Equal(invoice.Credited.Minor, invoice.Lines.Sum(l => l.Credited.Minor)); // L7
                Assert.True(invoice.Credited <= invoice.Total && invoice.Balance >= Money.Zero);
                Assert.Equal(invoice.ContentHash, invoice.ComputeHash(invoice.Lines)); // L9
                Assert.Equal(invoice.IsOpen, invoice.Balance != Money.Zero);
            }
        }

        private void Issue(Step step)
        {
            var lines = new List<LineDraft> { new(LineKind.Subscription, "Half a year", new Money(step.Minor), step.Tax, _clients[step.Client]) { Deferred = step.Which % 2 == 0 } };
            if (step.Which % 3 == 0)
            {
                lines.Add(new LineDraft(LineKind.Discount, "Off", new Money(-step.Minor / 3), step.Tax, _clients[step.Client]));
            }

            if (step.Which % 4 == 0)
            {
                lines.Add(new LineDraft(LineKind.Deposit, "Deposit", new Money(step.Minor / 2 + 1), TaxRule.None, _clients[step.Client]));
            }

            var invoice = new Invoice(_tenant, _clients[step.Client], "KES", "test", lines, Now);
            foreach (var line in invoice.Lines)
            {
                line.Place(null, null, Today);
            }

            invoice.Issue("INV", 2026, _invoices.Count + 1, Today, Today, Now);
            _invoices.Add(invoice);
            _owes[step.Client] += invoice.Total.Minor;
            if (invoice.ToPosting(Now) is { } posting)
            {
                _issued[invoice.Id] = posting;
                Post(posting);
            }
        }

        private void Pay(Step step)
        {
            var client = _clients[step.Client];
            var rest = new Money(step.Minor);
            foreach (var invoice in _invoices.Where(i => i.ClientId == client && i.IsOpen))
            {
                var left = invoice.Apply(rest, Now);
                if (left != rest)
                {
                    _payments.Add((invoice, rest - left));
                    rest = left;
                }
            }

            var applied = new Money(step.Minor) - rest;
            _owes[step.Client] -= applied.Minor;
            _has[step.Client] += rest.Minor;
            Post(Posting([PostingLeg.OnDebit(AccountKind.Cash, new Money(step.Minor), channel: "desk"), .. PostingLeg.Net(AccountKind.Receivable, -applied, client), .. PostingLeg.Net(AccountKind.Wallet, -rest, client)]));
        }

        private void Credit(Invoice invoice, int owner, Step step)
        {
            var line = invoice.Lines[step.Which % invoice.Lines.Count];
            if (invoice.Status is not (InvoiceStatus.Issued or InvoiceStatus.PartlyPaid or InvoiceStatus.Paid) || line.Creditable == Money.Zero
                || line.Creditable > invoice.Total - invoice.Credited)
            {
                return;
            }

            var amount = new Money(1 + (step.Minor % line.Creditable.Minor));
            var open = invoice.Balance;
            var note = new CreditNote(invoice, "CN", 2026, ++_notes, Today, "test", [new LineCredit(line.Number, amount)], Now);
            Assert.Equal(amount, note.Total);
            var back = amount > open ? amount - open : Money.Zero;
            Assert.Equal(back, note.ToWallet);
            _owes[owner] -= (amount - back).Minor;
            _has[owner] += back.Minor;
            Post(note.ToPosting(invoice, Now));
            Assert.Throws<DomainException>(() => new CreditNote(invoice, "CN", 2026, 0, Today, "test", [new LineCredit(line.Number, line.Creditable + new Money(1))], Now));
        }

        private void Reverse(Step step)
        {
            var (invoice, amount) = _payments[step.Which % _payments.Count];
            if (amount > invoice.Paid - invoice.Returned || invoice.Status is InvoiceStatus.WrittenOff)
            {
                return;
            }

            _payments.RemoveAt(step.Which % _payments.Count);
            invoice.Release(amount, Now);
            _owes[Array.IndexOf(_clients, invoice.ClientId)] += amount.Minor;
            Post(Posting([PostingLeg.OnDebit(AccountKind.Receivable, amount, invoice.ClientId), PostingLeg.OnCredit(AccountKind.Cash, amount, channel: "desk")]));
        }

        private static JournalPosting Posting(IReadOnlyList<PostingLeg> legs) => new("test", $"test:{Guid.CreateVersion7()}", Now, "Test", "Test", Guid.Empty, legs);

        private void Post(JournalPosting posting)
        {
            posting.Demand(); // L1
            foreach (var leg in posting.Legs)
            {
                var key = (leg.Account, leg.ClientId);
                _books[key] = _books.GetValueOrDefault(key) + leg.Debit.Minor - leg.Credit.Minor;
            }
        }
    }
}
