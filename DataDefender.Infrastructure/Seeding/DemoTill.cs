using System.Globalization;
using System.Text;
using System.Text.Json;
using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Payments;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Infrastructure.Seeding;

/// <summary>Somebody who pays today.</summary>
internal sealed record DemoPayment(int Number, Guid ClientId, string Account, string Phone, string Name, decimal Amount);

/// <summary>
/// Brings the demonstration's money in as it comes: confirmations of Paybill, Till and bank stored as they arrive and applied by the intake,
/// cash into a drawer that is opened and closed, transfers, cheques that clear, statements of the day before, payouts.
/// </summary>
internal sealed class DemoTill(IServiceProvider finance, ContextSource source, Guid company, SeedClock clock, TimeZoneInfo zone)
{
    private const string Desk = "Front desk";
    private const decimal Float = 5_000m;
    private const int ChequeDays = 3;

    private static readonly Actor Seeder = Actor.System("seed demo");

    private readonly List<(Guid Id, Guid ClientId, DateOnly On)> _cheques = [];
    private List<PaymentChannel> _channels = [];
    private int _receipts;

    public async Task ReadChannelsAsync(CancellationToken ct)
    {
        await using var db = source.Create(company, Seeder);
        _channels = await db.PaymentChannels.AsNoTracking().ToListAsync(ct);
    }

    /// <summary>Takes a day's payments, each by its way. The drawer stays open when <paramref name="stays"/>.</summary>
    public async Task TakeAsync(IReadOnlyList<DemoPayment> willing, DateOnly day, bool stays, CancellationToken ct)
    {
        await ClearChequesAsync(day, ct);
        var payments = willing.Where(p => _cheques.TrueForAll(c => c.ClientId != p.ClientId)).ToList(); // a cheque is on its way for the same debt
        var mobile = payments.Where(p => ChannelOf(p) is not null).ToList();
        if (mobile.Count > 0)
        {
            await using (var db = source.Create(company, Seeder))
            {
                foreach (var payment in mobile)
                {
                    db.InboundMessages.Add(Confirmation(ChannelOf(payment)!, payment.Amount, payment.Account, payment.Phone, payment.Name));
                }

                await db.SaveChangesAsync(ct);
            }

            await finance.GetRequiredService<PaymentIntake>().ApplyWaitingAsync(ct);
        }

        var counter = finance.GetRequiredService<CounterService>();
        foreach (var payment in payments.Except(mobile).Where(p => DemoPayers.WayOf(p.Number) is not DemoWay.Cash))
        {
            var cheque = DemoPayers.WayOf(payment.Number) is DemoWay.Cheque;
            var id = await counter.ReceiveAsync(
                new ReceivedInput { ClientId = payment.ClientId, Method = cheque ? PaymentMethod.Cheque : PaymentMethod.BankTransfer, Amount = payment.Amount, Reference = cheque ? $"CHQ {100_200 + _receipts++}" : $"FT{day:yyMMdd}{1_000 + _receipts++}", IdempotencyKey = $"demo-{_receipts}" }, ct);
            if (cheque)
            {
                _cheques.Add((id, payment.ClientId, day.AddDays(ChequeDays)));
            }
        }

        await OverTheCounterAsync(counter, [.. payments.Except(mobile).Where(p => DemoPayers.WayOf(p.Number) is DemoWay.Cash)], day, stays, ct);
    }

    /// <summary>Money whose account number is nobody's, or that names none.</summary>
    public async Task StrayAsync(ChannelKind kind, decimal amount, string account, string phone, string name, CancellationToken ct)
    {
        if (_channels.Find(c => c.Kind == kind) is not { } channel)
        {
            return;
        }

        await using (var db = source.Create(company, Seeder))
        {
            db.InboundMessages.Add(Confirmation(channel, amount, account, phone, name));
            await db.SaveChangesAsync(ct);
        }

        await finance.GetRequiredService<PaymentIntake>().ApplyWaitingAsync(ct);
    }

    /// <summary>The provider's statement of a day, without one payment or with one that we were not told of where that is asked for.</summary>
    public async Task StatementAsync(DateOnly day, bool leavesOneOut, bool knowsOneMore, CancellationToken ct)
    {
        var (from, until) = (Utc(day, new TimeOnly(0, 0)), Utc(day.AddDays(1), new TimeOnly(0, 0)));
        await using var db = source.Create(company, Seeder);
        foreach (var channel in _channels)
        {
            var moved = await db.ProviderTransactions.AsNoTracking().Where(t => t.ChannelId == channel.Id && t.OccurredAt >= from && t.OccurredAt < until).OrderBy(t => t.OccurredAt).ToListAsync(ct);
            if (moved.Count == 0)
            {
                continue;
            }

            var csv = new StringBuilder("Receipt No.,Completion Time,Details,Transaction Status,Paid In,Withdrawn,Balance,Other Party Info,A/C No.\r\n");
            var balance = 0m;
            foreach (var money in moved.Skip(leavesOneOut ? 1 : 0))
            {
                balance += money.Amount.Amount;
                Add(csv, money.Receipt ?? "", money.OccurredAt, money.Amount.Amount, balance, $"{money.PayerMsisdn} - {money.PayerName}", money.AccountReference);
            }

            if (knowsOneMore && channel.Kind is ChannelKind.Paybill)
            {
                Add(csv, Receipt(), from.AddHours(11), 2_500m, balance + 2_500m, "254722000417 - JOSEPH MWANIKI", "");
            }

            await finance.GetRequiredService<StatementService>().ImportAsync(channel.Id, $"{channel.ShortCode}-{day:yyyy-MM-dd}.csv", Encoding.UTF8.GetBytes(csv.ToString()), ct);
        }

        void Add(StringBuilder csv, string receipt, DateTime at, decimal amount, decimal balance, string party, string? account) => csv.Append(
            CultureInfo.InvariantCulture, $"{receipt},{TimeZoneInfo.ConvertTimeFromUtc(at, zone):yyyy-MM-dd HH:mm:ss},Pay Bill,Completed,{amount:0.00},,{balance:0.00},{party},{account}\r\n");
    }

    /// <summary>Each provider pays to the bank what it holds, in whole thousands.</summary>
    public async Task PayOutAsync(DateOnly day, CancellationToken ct)
    {
        foreach (var channel in _channels)
        {
            await using var db = source.Create(company, Seeder);
            var held = Math.Floor((await LedgerBalances.OfAccountAsync(db, AccountKind.Clearing, channel.Ledger, ct: ct)).Amount / 1_000m) * 1_000m;
            if (held > 0)
            {
                await finance.GetRequiredService<StatementService>().PaidOutAsync(channel.Id, held, 0, $"SETTLE-{channel.ShortCode}-{day:yyyyMMdd}", ct);
            }
        }
    }

    private async Task OverTheCounterAsync(CounterService counter, List<DemoPayment> payments, DateOnly day, bool stays, CancellationToken ct)
    {
        if (payments.Count == 0 && !stays)
        {
            return;
        }

        var left = (await counter.LeftInAsync(Desk, ct)).Amount;
        await counter.OpenAsync(Desk, left, ct);
        if (left == 0)
        {
            await counter.BankAsync(-Float, "Float", ct);
        }

        foreach (var payment in payments)
        {
            await counter.ReceiveAsync(new ReceivedInput { ClientId = payment.ClientId, Method = PaymentMethod.Cash, Amount = payment.Amount, IdempotencyKey = $"demo-{day:yyMMdd}-{payment.Number}" }, ct);
        }

        if (stays)
        {
            return;
        }

        clock.MoveTo(Utc(day, new TimeOnly(17, 0)));
        var expected = (await counter.MineAsync(ct))!.Expected.Amount;
        if (expected > 4 * Float)
        {
            await counter.BankAsync(expected - Float, $"Deposit slip {day:yyMMdd}", ct);
            expected = Float;
        }

        var missing = day.Day % 11 == 3 ? 50m : 0m;
        await counter.CloseAsync(expected - missing, missing > 0 ? "Wrong change given, to be looked at" : null, ct);
    }

    private async Task ClearChequesAsync(DateOnly day, CancellationToken ct)
    {
        foreach (var cheque in _cheques.Where(c => c.On <= day).ToList())
        {
            await finance.GetRequiredService<CounterService>().ChequeClearedAsync(cheque.Id, ct);
            _cheques.Remove(cheque);
        }
    }

    private PaymentChannel? ChannelOf(DemoPayment payment) => DemoPayers.WayOf(payment.Number) switch
    {
        DemoWay.Paybill => _channels.Find(c => c.Kind is ChannelKind.Paybill),
        DemoWay.FamilyBank => _channels.Find(c => c.Kind is ChannelKind.FamilyBank),
        _ => null,
    };

    /// <summary>A confirmation as Safaricom and the bank send one.</summary>
    private InboundMessage Confirmation(PaymentChannel channel, decimal amount, string account, string phone, string name)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var body = JsonSerializer.SerializeToUtf8Bytes(new
        {
            TransactionType = channel.Kind is ChannelKind.Till ? "Buy Goods" : "Pay Bill",
            TransID = Receipt(),
            TransTime = TimeZoneInfo.ConvertTimeFromUtc(now, zone).ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture),
            TransAmount = amount.ToString("0.00", CultureInfo.InvariantCulture),
            BusinessShortCode = channel.ShortCode,
            BillRefNumber = account,
            InvoiceNumber = "",
            OrgAccountBalance = "",
            ThirdPartyTransID = "",
            MSISDN = phone,
            FirstName = name.ToUpperInvariant(),
            MiddleName = "",
            LastName = "",
        });
        return new InboundMessage(company, channel.Id, CallbackKind.Confirm, body, null, "Content-Type: application/json", "127.0.0.1", isTrusted: true, now);
    }

    private string Receipt()
    {
        const string Letters = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789";
        var number = 1_000_003L * (++_receipts + 4_711);
        Span<char> text = stackalloc char[8];
        for (var i = text.Length - 1; i >= 0; i--, number /= Letters.Length)
        {
            text[i] = Letters[(int)(number % Letters.Length)];
        }

        return $"SD{text}";
    }

    private DateTime Utc(DateOnly day, TimeOnly time) => TimeZoneInfo.ConvertTimeToUtc(day.ToDateTime(time), zone);
}
