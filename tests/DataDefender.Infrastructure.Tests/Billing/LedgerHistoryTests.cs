using System.Globalization;
using System.Text;
using DataDefender.Domain.Billing;
using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Tests.Billing;

/// <summary>
/// Random histories of every money event, by the product's own services over a database, beside a <see cref="LedgerModel"/>. After each event the
/// invariants of the ledger, L1 to L12, are checked. DATADEFENDER_HISTORIES asks for more of them than those of every day, DATADEFENDER_SEED for one.
/// </summary>
public sealed class LedgerHistoryTests
{
    private const int EveryDay = 12;
    private const int Steps = 60;

    private static readonly DateOnly First = new(2026, 3, 1);

    private enum Act
    {
        Invoice,
        InvoiceWithDeposit,
        CreditNote,
        DepositReturned,
        Void,
        Payment,
        Overpayment,
        CashPayment,
        Cheque,
        ChequeCleared,
        ChequeBounced,
        Orphan,
        Match,
        PartialRefund,
        WholeRefund,
        Reversal,
        WalletSpent,
        PayOut,
        Grant,
        WriteOff,
        OpeningBalance,
        Contract,
        Coupon,
        CouponAmount,
        EarlyEnd,
        BillingRun,
        Seal,
        CloseBooks,
    }

    [Fact]
    public async Task The_books_keep_their_invariants_and_agree_with_a_model_after_every_event_of_any_history()
    {
        var done = Enum.GetValues<Act>().ToDictionary(a => a, _ => 0);
        var one = Number("DATADEFENDER_SEED");
        foreach (var seed in one is { } only ? [only] : Enumerable.Range(1, Number("DATADEFENDER_HISTORIES") ?? EveryDay))
        {
            await using var money = await MoneyCompany.StartAsync();
            var history = new History(money, seed, done);
            try
            {
                await history.GoAsync();
            }
            catch (Exception wrong)
            {
                Assert.Fail($"DATADEFENDER_SEED={seed} fails after: {history.Story}\n{wrong}");
            }
        }

        if (one is null)
        {
            Assert.All(done, act => Assert.True(act.Value > 0, $"No history had {act.Key}."));
        }
    }

    [Fact]
    public void L8_however_a_month_is_cut_its_days_add_up_to_its_price()
    {
        var random = new Random(8);
        for (var i = 0; i < 20_000; i++)
        {
            var start = First.AddMonths(random.Next(48));
            var (end, price) = (start.AddMonths(1), random.Next(1, 10_000_000));
            var (days, sum, model) = (end.DayNumber - start.DayNumber, 0L, 0L);
            for (var from = start; from < end;)
            {
                var until = from.AddDays(random.Next(1, end.DayNumber - from.DayNumber + 1));
                var slice = Proration.Slice(new Money(price), new BillingPeriod(start, end), from, until).Minor;
                Assert.InRange(slice, 0, price);
                (sum, model, from) = (sum + slice, model + LedgerModel.Days(price, start, end, from, until), until);
            }

            Assert.True(sum == price && model == price, $"{start:yyyy-MM}, {days} days, {price}: {sum}, {model}");
        }
    }

    private static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), out var number) ? number : null;

    private sealed class History(MoneyCompany money, int seed, Dictionary<Act, int> done)
    {
        private static readonly Actor Amina = new(Guid.CreateVersion7(), "Amina", Permissions.Of(Role.Owner));

        private readonly Random _random = new(seed);
        private readonly LedgerModel _model = new() { Tolerance = seed % 2 == 0 ? 99 : 0 };
        private readonly Client[] _clients = new Client[3];
        private readonly HashSet<int> _broughtAlong = [];
        private readonly List<string> _story = [];
        private readonly Dictionary<long, byte[]> _chain = [];
        private readonly Dictionary<Guid, byte[]> _frozen = [];
        private (long Sequence, DateOnly Day)? _closed;
        private int _keys;

        public string Story => string.Join("; ", _story);

        public async Task GoAsync()
        {
            money.Clock.Advance(TimeSpan.FromDays(_random.Next(0, 1_000)) + TimeSpan.FromMinutes(_random.Next(0, 1_440))); // any day, 29 February too, and any time of it
            await money.ChangeAsync(db =>
            {
                var settings = new BillingSettings(money.Company.Id);
                settings.Change(new BillingSettingsInput { OwesVat = true, OwesExcise = true, TaxPin = "P051234567X", PricesIncludeTax = true, RoundingTolerance = _model.Tolerance / 100m });
                db.BillingSettings.Add(settings);
                db.TaxRates.Add(new TaxRate(money.Company.Id, Tax.Vat, "B", 1_600, VatBase.NetPlusExcise, new DateOnly(2020, 1, 1)));
                db.TaxRates.Add(new TaxRate(money.Company.Id, Tax.Excise, TaxRate.ExciseBand, 1_500, VatBase.NetPlusExcise, new DateOnly(2020, 1, 1)));
                return Task.CompletedTask;
            });
            for (var i = 0; i < _clients.Length; i++)
            {
                _clients[i] = await money.Company.AddClientAsync();
            }

            await AsAsync<PaymentSettingsService>(s => s.SaveAsync(1_000_000m));
            await AsAsync<CounterService>(c => c.OpenAsync("Office", 10_000m));
            _model.Places["drawer"] = 1_000_000;
            for (var step = 0; step < Steps; step++)
            {
                money.Clock.Advance(TimeSpan.FromMinutes(_random.Next(1, 4_000)) + TimeSpan.FromDays(_random.Next(6) == 0 ? _random.Next(10, 40) : 0));
                var act = (Act)_random.Next(Enum.GetValues<Act>().Length);
                _story.Add(string.Create(CultureInfo.InvariantCulture, $"{money.Today:yyyy-MM-dd} {act}"));
                if (await DoAsync(act))
                {
                    done[act]++;
                    await CheckAsync();
                }
                else
                {
                    _story.RemoveAt(_story.Count - 1);
                }
            }

            Assert.Null(await money.FaultAsync());
        }

        /// <summary>False when there is nothing to which it could happen.</summary>
        private async Task<bool> DoAsync(Act act)
        {
            var client = _random.Next(_clients.Length);
            switch (act)
            {
                case Act.Invoice:
                    await InvoiceAsync(client, withDeposit: false);
                    return true;
                case Act.InvoiceWithDeposit:
                    await InvoiceAsync(client, withDeposit: true);
                    return true;
                case Act.CreditNote:
                    return await CreditAsync(deposit: false);
                case Act.DepositReturned:
                    return await CreditAsync(deposit: true);
                case Act.Void:
                    return await VoidAsync();
                case Act.Payment:
                    await PayAsync(client, _random.Next(2) == 0 || _model.Owes(client) < 100 ? _random.Next(1, 400_000) : _model.Owes(client) / 100 * 100, PaymentMethod.BankTransfer, "bank"); // also as many whole shillings as are owed
                    return true;
                case Act.Overpayment:
                    await PayAsync(client, _model.Owes(client) + _random.Next(1, 100_000), PaymentMethod.BankTransfer, "bank");
                    return true;
                case Act.CashPayment:
                    await PayAsync(client, _random.Next(1, 200_000), PaymentMethod.Cash, "drawer");
                    return true;
                case Act.Cheque:
                    await PayAsync(client, _random.Next(1, 300_000), PaymentMethod.Cheque, "cheques");
                    return true;
                case Act.ChequeCleared or Act.ChequeBounced:
                    return await ChequeAsync(act is Act.ChequeCleared);
                case Act.Orphan:
                    await OrphanAsync(_random.Next(1, 300_000));
                    return true;
                case Act.Match:
                    return await MatchAsync(client);
                case Act.PartialRefund or Act.WholeRefund or Act.Reversal:
                    return await BackAsync(act);
                case Act.WalletSpent:
                    await AsAsync<WalletService>(w => w.UseAsync(_clients[client].Id));
                    _model.SpendWallet(client);
                    return true;
                case Act.PayOut:
                    return await PayOutAsync(client);
                case Act.Grant:
                    await GrantAsync(client, _random.Next(1, 50_000));
                    return true;
                case Act.WriteOff:
                    return await WriteOffAsync();
                case Act.OpeningBalance:
                    return await BringAlongAsync(client);
                case Act.Contract:
                    await AgreeAsync(client);
                    return true;
                case Act.Coupon or Act.CouponAmount:
                    return await CouponAsync(act is Act.Coupon);
                case Act.EarlyEnd:
                    return await EndAsync();
                case Act.BillingRun:
                    return await RunAsync();
                case Act.Seal:
                    await AsAsync<LedgerSealing>(s => s.SealAsync());
                    return true;
                case Act.CloseBooks:
                    return await CloseAsync();
                default:
                    throw new InvalidOperationException($"No such act: {act}.");
            }
        }

        private async Task InvoiceAsync(int client, bool withDeposit)
        {
            var (price, off, deposit) = (_random.Next(100, 500_000), _random.Next(3) == 0 ? _random.Next(1, 100) : 0, withDeposit ? _random.Next(1, 200_000) : 0);
            List<InvoiceLineInput> lines = [new() { Description = "Work", Price = price / 100m, Excisable = _random.Next(2) == 0 }];
            if (off > 0)
            {
                lines.Add(new InvoiceLineInput { Kind = LineKind.Discount, Description = "Off", Price = -off / 100m, Excisable = lines[0].Excisable });
            }

            if (deposit > 0)
            {
                lines.Add(new InvoiceLineInput { Kind = LineKind.Deposit, Description = "Deposit", Price = deposit / 100m, TaxBand = "D" });
            }

            var id = Guid.Empty;
            await AsAsync<InvoiceService>(async i => await i.IssueAsync(id = await i.DraftAsync(_clients[client].Id, lines)));
            _model.Issue(client, id, price - off + deposit, deposit, money.Today.AddDays(7));
            _model.SpendWallet(client);
        }

        private async Task<bool> CreditAsync(bool deposit)
        {
            if (Any(_model.Bills.Where(b => !b.IsVoid && (b.WrittenOff == 0 || b.Open > 0) && b.Credited + b.WrittenOff < b.Total && (!deposit || b.Deposit > 0))) is not { } bill)
            {
                return false;
            }

            var invoice = await money.ReadAsync(db => db.Invoices.AsNoTracking().Include(i => i.Lines).SingleAsync(i => i.Id == bill.Id));
            var lines = invoice.Lines.Where(l => l.Creditable > Money.Zero && l.Kind is LineKind.Deposit == deposit).ToList();
            if (Any(lines) is not { } line)
            {
                return false;
            }

            var most = Math.Min(line.Creditable.Minor, bill.Total - bill.Credited - bill.WrittenOff);
            var amount = _random.NextInt64(1, most + 1);
            await Assert.ThrowsAsync<DomainException>(() => AsAsync<InvoiceService>(i => i.CreditAsync(bill.Id, [new LineCredit(line.Number, new Money(most + 1))], "Too much"))); // L7
            await AsAsync<InvoiceService>(i => i.CreditAsync(bill.Id, [new LineCredit(line.Number, new Money(amount))], "Outage"));
            _model.Credit(bill, amount, deposit);
            return true;
        }

        private async Task<bool> VoidAsync()
        {
            var handmade = await money.ReadAsync(db => db.Invoices.Where(i => i.Origin == Amina.Name).Select(i => i.Id).ToListAsync());
            if (Any(_model.Bills.Where(b => handmade.Contains(b.Id) && b is { IsVoid: false, Paid: 0, Credited: 0, WrittenOff: 0 })) is not { } bill)
            {
                return false;
            }

            await AsAsync<InvoiceService>(i => i.VoidAsync(bill.Id, "Wrong client"));
            bill.IsVoid = true;
            LedgerModel.Add(_model.Deposits, bill.Client, -bill.Deposit);
            return true;
        }

        private async Task PayAsync(int client, long amount, PaymentMethod method, string place)
        {
            var (id, key) = (Guid.Empty, Key());
            await AsAsync<CounterService>(async c => id = await c.ReceiveAsync(new ReceivedInput { ClientId = _clients[client].Id, Method = method, Amount = amount / 100m, Reference = method is PaymentMethod.Cash ? null : key, IdempotencyKey = key }));
            var receipt = new LedgerModel.Receipt { Id = id, Amount = amount, Left = amount, Place = place, Client = client, IsClearing = method is PaymentMethod.Cheque };
            _model.Receipts.Add(receipt);
            LedgerModel.Add(_model.Places, place, amount);
            if (receipt.IsClearing)
            {
                LedgerModel.Add(_model.Places, "suspense", amount);
            }
            else
            {
                _model.Give(receipt, client);
            }
        }

        private async Task<bool> ChequeAsync(bool paid)
        {
            if (Any(_model.Receipts.Where(r => r.IsClearing)) is not { } cheque)
            {
                return false;
            }

            LedgerModel.Add(_model.Places, "cheques", -cheque.Left);
            LedgerModel.Add(_model.Places, "suspense", -cheque.Left);
            if (paid)
            {
                await AsAsync<CounterService>(c => c.ChequeClearedAsync(cheque.Id));
                var cleared = new LedgerModel.Receipt { Id = cheque.Id, Amount = cheque.Amount, Left = cheque.Left, Place = "bank" };
                _model.Receipts[_model.Receipts.IndexOf(cheque)] = cleared;
                LedgerModel.Add(_model.Places, "bank", cleared.Left);
                _model.Give(cleared, cheque.Client!.Value);
            }
            else
            {
                await AsAsync<CounterService>(c => c.ChequeBouncedAsync(cheque.Id, "No cover"));
                (cheque.Left, cheque.IsClearing) = (0, false);
            }

            return true;
        }

        private async Task OrphanAsync(long amount)
        {
            var id = await money.ReadAsync(async db =>
            {
                await using var turn = await db.TakeLedgerTurnAsync();
                var payment = new ProviderTransaction(money.Company.Id, PaymentMethod.BankTransfer, null, Key(), new Money(amount), EvidenceSource.Statement, turn.Now, turn.Now);
                payment.Describe(await PaymentBooks.NumberAsync(db, turn, 1, CancellationToken.None), null, null, null);
                db.ProviderTransactions.Add(payment);
                await turn.PostAsync(PaymentBooks.ToSuspense(turn, payment, Place.Bank));
                await turn.CommitAsync();
                return payment.Id;
            });
            _model.Receipts.Add(new LedgerModel.Receipt { Id = id, Amount = amount, Left = amount, Place = "bank" });
            LedgerModel.Add(_model.Places, "bank", amount);
            LedgerModel.Add(_model.Places, "suspense", amount);
        }

        private async Task<bool> MatchAsync(int client)
        {
            if (Any(_model.Receipts.Where(r => r.Client is null && r.Left > 0)) is not { } orphan)
            {
                return false;
            }

            await AsAsync<OrphanService>(o => o.MatchAsync(orphan.Id, _clients[client].Id));
            LedgerModel.Add(_model.Places, "suspense", -orphan.Left);
            _model.Give(orphan, client);
            return true;
        }

        private async Task<bool> BackAsync(Act act)
        {
            if (Any(_model.Receipts.Where(r => r is { Left: > 0, IsClearing: false })) is not { } receipt)
            {
                return false;
            }

            var amount = act is Act.PartialRefund ? _random.NextInt64(1, receipt.Left + 1) : receipt.Left;
            if (receipt.Place == "drawer" && _model.Places["drawer"] < amount)
            {
                return false;
            }

            var input = new RefundInput { PaymentId = receipt.Id, Amount = amount / 100m, InCash = receipt.Place == "drawer", Reason = "Paid too much", IdempotencyKey = Key() };
            Func<OrphanService, Task<bool>> back = act is Act.Reversal ? o => o.ReverseAsync(receipt.Id, "Entered twice") : o => o.RefundAsync(input);
            if (!_model.TakeBack(receipt, amount))
            {
                Assert.Equal("payment.spent", (await Assert.ThrowsAsync<DomainException>(() => AsAsync<OrphanService>(o => back(o)))).Code);
                return false;
            }

            await AsAsync<OrphanService>(async o => Assert.True(await back(o)));
            if (act is not Act.Reversal)
            {
                await AsAsync<OrphanService>(async o => Assert.True(await back(o))); // the second click
            }

            return true;
        }

        private async Task<bool> PayOutAsync(int client)
        {
            var held = _model.Wallet.GetValueOrDefault(client);
            if (held == 0)
            {
                return false;
            }

            var amount = _random.NextInt64(1, held + 1);
            var input = new PayOutInput { ClientId = _clients[client].Id, Amount = amount / 100m, InCash = false, Reference = Key(), Reason = "Leaves", IdempotencyKey = Key() };
            await AsAsync<WalletService>(w => w.PayOutAsync(input));
            await AsAsync<WalletService>(w => w.PayOutAsync(input));
            LedgerModel.Add(_model.Wallet, client, -amount);
            LedgerModel.Add(_model.Places, "bank", -amount);
            return true;
        }

        private async Task GrantAsync(int client, long amount)
        {
            await AsAsync<WalletService>(w => w.GrantAsync(_clients[client].Id, amount / 100m, "An apology", Key()));
            LedgerModel.Add(_model.Granted, client, amount);
            LedgerModel.Add(_model.Places, "grants", amount);
            _model.SpendWallet(client);
        }

        private async Task<bool> WriteOffAsync()
        {
            if (Any(_model.Bills.Where(b => b.Open > 0)) is not { } bill)
            {
                return false;
            }

            await AsAsync<InvoiceService>(i => i.WriteOffAsync(bill.Id, "Moved away"));
            LedgerModel.Add(_model.Places, "bad debt", bill.Open);
            bill.WrittenOff += bill.Open;
            return true;
        }

        private async Task<bool> BringAlongAsync(int client)
        {
            var owes = _random.Next(-200_000, 200_000);
            if (owes == 0 || !_broughtAlong.Add(client))
            {
                return false;
            }

            var file = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Account number;Balance\n{_clients[client].AccountNumber};{owes / 100m}\n"));
            await AsAsync<OpeningBalances>(async o =>
            {
                Assert.Equal(1, (await o.ImportAsync("opening.csv", file, owes / 100m, money.Today)).Posted);
                Assert.Equal(0, (await o.ImportAsync("opening.csv", file, owes / 100m, money.Today)).Posted);
            });
            LedgerModel.Add(_model.Places, "opening", -owes);
            if (owes > 0)
            {
                var id = await money.ReadAsync(db => db.Invoices.Where(i => i.ClientId == _clients[client].Id && i.Origin == "opening balances").Select(i => i.Id).SingleAsync());
                _model.Issue(client, id, owes, 0, money.Today);
            }
            else
            {
                LedgerModel.Add(_model.Wallet, client, -owes);
            }

            return true;
        }

        private async Task AgreeAsync(int client)
        {
            var price = _random.Next(10_000, 500_000);
            var package = await money.Company.AddPackageAsync(price: price / 100m);
            await money.ChangeAsync(db =>
            {
                var terms = new PackageTerms(money.Company.Id, package.Id);
                terms.Change(new PackageTermsInput { MinimumMonths = 12, EarlyTerminationFee = LedgerModel.LeavingFee / 100m });
                db.PackageTerms.Add(terms);
                return Task.CompletedTask;
            });
            var line = await money.SellAsync(price / 100m, BillingMode.Advance, _clients[client], package);
            _model.Agreements.Add(new LedgerModel.Agreement { Client = client, Line = line.Id, Price = price, BilledUntil = money.Today, BoundUntil = money.Today.AddMonths(12) });
        }

        private async Task<bool> CouponAsync(bool percent)
        {
            if (Any(_model.Agreements.Where(a => a.EndsOn is null && (!percent || a.Rate == 0))) is not { } agreement)
            {
                return false;
            }

            var (code, worth, months) = ($"C{++_keys:0000}", _random.Next(1, 100), _random.Next(1, 4));
            await AsAsync<CouponService>(c => c.AddAsync(new CouponInput { Code = code, IsAmount = !percent, Worth = percent ? worth : worth * 31.17m, Months = percent ? months : null }));
            await AsAsync<ContractService>(c => c.RedeemAsync(agreement.Line, code));
            if (percent)
            {
                (agreement.Rate, agreement.RateUntil) = (worth * 100, agreement.BilledUntil.AddMonths(months));
            }
            else
            {
                _model.Charges.Add((agreement.Client, -worth * 3_117L, money.Today));
            }

            return true;
        }

        private async Task<bool> EndAsync()
        {
            if (Any(_model.Agreements.Where(a => a.EndsOn is null)) is not { } agreement)
            {
                return false;
            }

            var on = money.Today.AddDays(_random.Next(0, 60));
            await AsAsync<ContractService>(c => c.EndAsync(agreement.Line, on));
            agreement.EndsOn = on;
            if (on < agreement.BoundUntil)
            {
                _model.Charges.Add((agreement.Client, LedgerModel.LeavingFee, on));
            }

            return true;
        }

        private async Task<bool> RunAsync()
        {
            var due = Enumerable.Range(0, _clients.Length).Select(c => (Client: c, Bill: _model.NextBill(c, money.Today))).Where(d => d.Bill is not null).ToList();
            if (due.Count == 0)
            {
                return false;
            }

            var known = _model.Bills.Select(b => b.Id).ToHashSet();
            await money.RunAsync();
            foreach (var (client, bill) in due)
            {
                var id = _clients[client].Id;
                var made = (await money.ReadAsync(db => db.Invoices.AsNoTracking().Where(i => i.ClientId == id && i.Status != InvoiceStatus.Draft).ToListAsync())).Single(i => !known.Contains(i.Id));
                bill!.Value.Settle();
                _model.Issue(client, made.Id, bill.Value.Total, 0, money.Today.AddDays(7));
                _model.SpendWallet(client);
            }

            var written = await money.ReadAsync(db => db.Invoices.CountAsync());
            try
            {
                await money.RunAsync();
            }
            catch (DomainException nothing)
            {
                _story.Add(nothing.Code);
            }

            Assert.Equal(written, await money.ReadAsync(db => db.Invoices.CountAsync())); // L10
            return true;
        }

        private async Task<bool> CloseAsync()
        {
            var day = money.Today.AddDays(-_random.Next(1, 20));
            if (_closed?.Day >= day)
            {
                return false;
            }

            await AsAsync<LedgerService>(l => l.CloseAsync(day));
            _closed = (await money.ReadAsync(db => db.JournalTransactions.MaxAsync(t => (long?)t.Sequence)) ?? 0, day);
            var refused = await Assert.ThrowsAnyAsync<DomainException>(() => AsAsync<InvoiceService>(async i =>
                await i.IssueAsync(await i.DraftAsync(_clients[0].Id, [new InvoiceLineInput { Description = "Late", Price = 1m }]), day)));
            Assert.Equal("ledger.closed", refused.Code); // L11
            return true;
        }

        private async Task CheckAsync()
        {
            await money.ReadAsync(async db =>
            {
                var accounts = await db.LedgerAccounts.AsNoTracking().ToDictionaryAsync(a => a.Id);
                var transactions = await db.JournalTransactions.AsNoTracking().Include(t => t.Lines).OrderBy(t => t.Sequence).ToListAsync();
                var invoices = await db.Invoices.AsNoTracking().Include(i => i.Lines).ToListAsync();
                var notes = await db.CreditNotes.AsNoTracking().Include(n => n.Lines).ToListAsync();
                L1(transactions);
                L2(transactions);
                await L3Async(db, transactions, accounts);
                L4(invoices);
                await L5Async(db, transactions, accounts, invoices);
                L6(invoices, notes);
                L7(invoices, notes);
                L9(invoices);
                L11(transactions);
                L12(transactions, accounts);
                return true;
            });
        }

        private static void L1(List<JournalTransaction> transactions) => Assert.All(transactions, t =>
        {
            Assert.True(t.Lines.Count >= 2 && t.Lines.All(l => (l.Debit > Money.Zero) != (l.Credit > Money.Zero) && l.Debit >= Money.Zero && l.Credit >= Money.Zero), $"L1: {t.Memo} has fewer than two lines, or one that is not one positive amount");
            Assert.True(t.Lines.Sum(l => l.Debit.Minor - l.Credit.Minor) == 0, $"L1: {t.Memo} does not balance");
        });

        private void L2(List<JournalTransaction> transactions)
        {
            foreach (var (index, transaction) in transactions.Index())
            {
                Assert.Equal(index + 1, transaction.Sequence);
                Assert.True(!_chain.TryGetValue(transaction.Sequence, out var hash) || hash.AsSpan().SequenceEqual(transaction.Hash), $"L2: {transaction.Memo} was changed");
                _chain[transaction.Sequence] = transaction.Hash;
            }

            Assert.Equal(_chain.Count, transactions.Count);
            var reversed = transactions.Select(t => t.Reverses).OfType<long>().ToList();
            Assert.True(reversed.Count == reversed.Distinct().Count(), "L2: something was taken back twice");
        }

        private static async Task L3Async(DataDefenderDbContext db, List<JournalTransaction> transactions, Dictionary<Guid, LedgerAccount> accounts)
        {
            var snapshots = await db.LedgerSnapshots.AsNoTracking().ToListAsync();
            foreach (var seal in await db.LedgerSeals.AsNoTracking().ToListAsync())
            {
                var folded = Fold(transactions.Where(t => t.Sequence <= seal.Sequence));
                Assert.True(snapshots.Where(s => s.Day == seal.Day).All(s => s.Debit.Minor - s.Credit.Minor == folded.GetValueOrDefault(s.AccountId)), $"L3: the snapshot of {seal.Day} is not the sum of lines");
            }

            if (transactions.Count > 0)
            {
                var day = transactions[transactions.Count / 2].EffectiveOn;
                var folded = Fold(transactions.Where(t => t.EffectiveOn <= day));
                foreach (var account in accounts.Values)
                {
                    var said = (await LedgerBalances.OfAccountAsync(db, account.Kind, account.Channel, day)).Minor;
                    Assert.True(Math.Abs(folded.GetValueOrDefault(account.Id)) == Math.Abs(said), $"L3: {account.Kind} {account.Channel} has {said} as of {day} and {folded.GetValueOrDefault(account.Id)} by its lines");
                }
            }
        }

        private static void L4(List<Invoice> invoices) => Assert.All(invoices, i =>
        {
            Assert.True(i.Total == i.Net + i.Excise + i.Vat && i.Total.Minor == i.Lines.Sum(l => l.Total.Minor), $"L4: {i.Label} is not the sum of its parts");
            Assert.True(i.Excise.Minor == i.Lines.Sum(l => l.Excise.Minor) && i.Vat.Minor == i.Lines.Sum(l => l.Vat.Minor), $"L4: the taxes of {i.Label} are not those of its lines");
        });

        /// <summary>What each client owes and has, by the ledger, by the invoices and by the model; and each place of money.</summary>
        private async Task L5Async(DataDefenderDbContext db, List<JournalTransaction> transactions, Dictionary<Guid, LedgerAccount> accounts, List<Invoice> invoices)
        {
            long Of(AccountKind kind, Guid? client = null) => transactions.SelectMany(t => t.Lines).Where(l => accounts[l.AccountId].Kind == kind && (client is null || l.ClientId == client)).Sum(l => l.Debit.Minor - l.Credit.Minor);
            var issued = invoices.Where(i => i.Status is not InvoiceStatus.Draft).ToDictionary(i => i.Id);
            Assert.Equal(_model.Bills.Count, issued.Count);
            foreach (var bill in _model.Bills)
            {
                var invoice = issued[bill.Id];
                var said = (invoice.Total.Minor, invoice.Paid.Minor, invoice.Credited.Minor, invoice.Returned.Minor, invoice.WrittenOff.Minor, invoice.Rounded.Minor, invoice.Balance.Minor, invoice.IsOpen);
                Assert.True(said == (bill.Total, bill.Paid, bill.Credited, bill.Returned, bill.WrittenOff, bill.Rounded, bill.Open, bill.Open > 0), $"L5: {invoice.Label} is {said}, and the model says {(bill.Total, bill.Paid, bill.Credited, bill.Returned, bill.WrittenOff, bill.Rounded, bill.Open, bill.Open > 0)} (total, paid, credited, returned, written off, rounded, open)");
            }

            for (var i = 0; i < _clients.Length; i++)
            {
                var (client, said) = (i, (Of(AccountKind.Receivable, _clients[i].Id), -Of(AccountKind.Wallet, _clients[i].Id), -Of(AccountKind.GrantedWallet, _clients[i].Id), -Of(AccountKind.Deposits, _clients[i].Id)));
                var expected = (_model.Owes(client), _model.Wallet.GetValueOrDefault(client), _model.Granted.GetValueOrDefault(client), _model.Deposits.GetValueOrDefault(client));
                Assert.True(said == expected, $"L5: client {i} has {said} by the ledger, and the model says {expected} (owes, wallet, granted, deposits)");
                Assert.True(expected is { Item1: >= 0, Item2: >= 0, Item3: >= 0, Item4: >= 0 });
            }

            foreach (var (place, kind) in new[] { ("bank", AccountKind.Bank), ("drawer", AccountKind.Cash), ("cheques", AccountKind.Clearing), ("bad debt", AccountKind.BadDebt), ("grants", AccountKind.Grants), ("rounding", AccountKind.Rounding) })
            {
                Assert.True(Of(kind) == _model.Places.GetValueOrDefault(place), $"L5: {place} has {Of(kind)}, and the model says {_model.Places.GetValueOrDefault(place)}");
            }

            Assert.Equal(_model.Places.GetValueOrDefault("suspense"), -Of(AccountKind.Suspense));
            var payments = await db.ProviderTransactions.AsNoTracking().ToDictionaryAsync(t => t.Id);
            Assert.All(_model.Receipts, r => Assert.Equal((r.Amount, r.Left), (payments[r.Id].Amount.Minor, payments[r.Id].Remaining.Minor)));
        }

        private static void L6(List<Invoice> invoices, List<CreditNote> notes)
        {
            var numbers = invoices.Where(i => i.Number is not null).Select(i => ($"{i.Series} {i.FiscalYear}", i.Number!.Value, i.IssuedAt!.Value))
                .Concat(notes.Select(n => ($"{n.Series} {n.FiscalYear}", n.Number, n.IssuedAt)));
            Assert.All(numbers.GroupBy(n => n.Item1), series => Assert.Equal(Enumerable.Range(1, series.Count()).Select(n => (long)n), series.OrderBy(n => n.Item3).ThenBy(n => n.Item2).Select(n => n.Item2)));
            Assert.All(invoices, i => Assert.Equal(i.Status is InvoiceStatus.Draft, i.Number is null)); // a void one keeps its number
        }

        private static void L7(List<Invoice> invoices, List<CreditNote> notes)
        {
            var lines = invoices.SelectMany(i => i.Lines).ToDictionary(l => (l.InvoiceId, l.Number));
            foreach (var credited in notes.SelectMany(n => n.Lines.Select(l => (n.InvoiceId, Line: l))).GroupBy(c => (c.InvoiceId, c.Line.InvoiceLine)))
            {
                var line = lines[credited.Key];
                Assert.True(credited.Sum(c => c.Line.Net.Minor + c.Line.Excise.Minor + c.Line.Vat.Minor) is var sum && sum <= line.Total.Minor && sum == line.Credited.Minor, $"L7: {sum} of {line.Total.Minor} were credited");
                Assert.True(credited.All(c => (c.Line.ExciseRate, c.Line.VatRate) == (line.ExciseRate, line.VatRate)) && credited.Sum(c => c.Line.Vat.Minor) <= line.Vat.Minor, "L7: a credit note does not mirror the taxes of its line");
            }
        }

        private void L9(List<Invoice> invoices) => Assert.All(invoices.Where(i => i.Status is not InvoiceStatus.Draft), i =>
        {
            Assert.True(i.ComputeHash(i.Lines.OrderBy(l => l.Number)).AsSpan().SequenceEqual(i.ContentHash), $"L9: {i.Label} is not what was issued");
            Assert.True(!_frozen.TryGetValue(i.Id, out var hash) || hash.AsSpan().SequenceEqual(i.ContentHash), $"L9: {i.Label} was frozen anew");
            _frozen[i.Id] = i.ContentHash;
        });

        private void L11(List<JournalTransaction> transactions) => Assert.All(
            transactions.Where(t => _closed is { } closed && t.Sequence > closed.Sequence), t => Assert.True(t.EffectiveOn > _closed!.Value.Day, $"L11: {t.Memo} counts on {t.EffectiveOn}, which is closed"));

        private static void L12(List<JournalTransaction> transactions, Dictionary<Guid, LedgerAccount> accounts) => Assert.All(
            transactions.SelectMany(t => t.Lines).GroupBy(l => accounts[l.AccountId].Currency), currency => Assert.True(currency.Sum(l => l.Debit.Minor - l.Credit.Minor) == 0, $"L12: the trial balance in {currency.Key} is not nothing"));

        private static Dictionary<Guid, long> Fold(IEnumerable<JournalTransaction> transactions) => transactions.SelectMany(t => t.Lines).GroupBy(l => l.AccountId).ToDictionary(g => g.Key, g => g.Sum(l => l.Debit.Minor - l.Credit.Minor));

        private T? Any<T>(IEnumerable<T> from) where T : class => from.ToList() is { Count: > 0 } all ? all[_random.Next(all.Count)] : null;

        private string Key() => $"K{++_keys:000000}";

        private Task AsAsync<T>(Func<T, Task> act) where T : notnull => money.WithAsync(act, Amina);
    }
}
