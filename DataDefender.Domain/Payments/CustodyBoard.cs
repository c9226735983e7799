using DataDefender.Domain.Common;
using DataDefender.Domain.Ledger;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>Where a shilling is on its way from the customer to the company's bank.</summary>
public enum CustodyState
{
    /// <summary>Asked for; the customer has the prompt. No money yet.</summary>
    Asked,

    /// <summary>Nobody knows whether it moved.</summary>
    Unknown,

    /// <summary>Said to have moved by a message that is being confirmed.</summary>
    Claimed,

    /// <summary>A cheque that the bank has not paid.</summary>
    ChequeClearing,

    /// <summary>It moved, and nobody knows whose it is.</summary>
    Orphan,

    /// <summary>Ordered to be given back; whether it went is not known yet.</summary>
    GivingBack,

    /// <summary>Clients' money paid ahead.</summary>
    Wallet,

    /// <summary>Held by the provider until it pays out.</summary>
    AtProvider,

    /// <summary>In the drawers.</summary>
    InDrawers,

    /// <summary>In the bank account.</summary>
    AtBank,
}

/// <summary>One thing in a state, as a card.</summary>
/// <param name="Link">Where to look at it; null for an account.</param>
public sealed record CustodyCard(string Title, string Detail, Money Amount, DateTime? Since, bool IsStuck, string? Link);

/// <summary>A column: how much there is in all, of how many, the oldest, and the cards that are oldest.</summary>
public sealed record CustodyColumn(CustodyState State, Money Total, int Count, DateTime? Oldest, int Stuck, IReadOnlyList<CustodyCard> Cards);

/// <summary>Every shilling in its state. What holds money is read from the books; what is only expected is read from the requests.</summary>
public sealed class CustodyBoard(IDataDefenderDbFactory dbFactory, TimeProvider clock, CurrentUser user)
{
    private const int Cards = 8;
    private const int DaysAtFirst = 45;

    /// <summary>How long something may be in a state before it counts as stuck.</summary>
    public static TimeSpan StuckAfter(CustodyState state) => state switch
    {
        CustodyState.Asked => TimeSpan.FromMinutes(5),
        CustodyState.Unknown => TimeSpan.FromMinutes(15),
        CustodyState.Claimed => TimeSpan.FromMinutes(5),
        CustodyState.ChequeClearing => TimeSpan.FromDays(5),
        CustodyState.Orphan => TimeSpan.FromDays(1),
        CustodyState.GivingBack => TimeSpan.FromHours(1),
        CustodyState.AtProvider => TimeSpan.FromDays(3),
        CustodyState.InDrawers => TimeSpan.FromHours(16),
        CustodyState.Wallet or CustodyState.AtBank => TimeSpan.MaxValue,
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    public async Task<IReadOnlyList<CustodyColumn>> GetAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var accounts = await (from line in db.JournalLines
                              join account in db.LedgerAccounts on line.AccountId equals account.Id
                              where account.Kind == AccountKind.Clearing || account.Kind == AccountKind.Cash || account.Kind == AccountKind.Bank || account.Kind == AccountKind.Wallet || account.Kind == AccountKind.Suspense
                              group line by new { account.Kind, account.Channel } into g
                              select new { g.Key.Kind, g.Key.Channel, Debit = g.Sum(l => l.Debit.Minor - l.Credit.Minor) }).ToListAsync(ct);
        var channels = await db.PaymentChannels.AsNoTracking().ToDictionaryAsync(c => c.Ledger, c => c.Name, ct);
        var atProvider = accounts.Where(a => a.Kind is AccountKind.Clearing && a.Channel != PaymentBooks.ChequeAccount).ToDictionary(a => a.Channel, a => a.Debit, StringComparer.Ordinal);
        var unsettled = await UnsettledAsync(db, atProvider, ct);
        var drawers = await db.CashSessions.GroupBy(s => s.Desk)
            .Select(g => new { g.Key, Opened = g.Max(s => s.ClosedAt == null ? (DateTime?)s.OpenedAt : null), Closed = g.Max(s => s.ClosedAt) }).ToDictionaryAsync(d => d.Key, ct);
        CustodyColumn Held(CustodyState state, Func<AccountKind, string, bool> which, Func<string, (string Detail, DateTime? Since, string? Link)>? place = null)
        {
            var limit = place is null ? DateTime.MinValue : Limit(state);
            var cards = accounts.Where(a => which(a.Kind, a.Channel) && a.Debit != 0)
                .Select(a =>
                {
                    var (detail, since, link) = place?.Invoke(a.Channel) ?? ("by the books", null, null);
                    return new CustodyCard(channels.GetValueOrDefault(a.Channel) ?? Word(a.Kind, a.Channel), detail, new Money(Chart.IsDebitNormal(a.Kind) ? a.Debit : -a.Debit), since, since < limit, link);
                })
                .OrderBy(c => c.Since ?? DateTime.MaxValue).ThenByDescending(c => c.Amount.Minor).ToList();
            return new CustodyColumn(state, new Money(cards.Sum(c => c.Amount.Minor)), cards.Count, cards.Min(c => c.Since), cards.Count(c => c.IsStuck), [.. cards.Take(Cards)]);
        }

        return
        [
            await PushesAsync(db, CustodyState.Asked, ct), await PushesAsync(db, CustodyState.Unknown, ct), await PushesAsync(db, CustodyState.Claimed, ct),
            await PaymentsAsync(db, CustodyState.ChequeClearing, TransactionState.Clearing, ct), await PaymentsAsync(db, CustodyState.Orphan, TransactionState.Orphan, ct),
            await GivingBackAsync(db, ct),
            Held(CustodyState.AtProvider, static (kind, channel) => kind is AccountKind.Clearing && channel != PaymentBooks.ChequeAccount,
                channel => ("not paid out yet", unsettled.TryGetValue(channel, out var since) ? since : null, channel == PaymentBooks.CardAccount ? "/payments/cards" : "/payments/settlement")),
            Held(CustodyState.InDrawers, static (kind, _) => kind is AccountKind.Cash, desk => drawers.GetValueOrDefault(desk) is not { } drawer ? ("by the books", null, "/cash-desk")
                : drawer.Opened is { } opened ? ("open", opened, "/cash-desk") : ("closed and not banked", drawer.Closed, "/cash-desk")),
            Held(CustodyState.AtBank, static (kind, _) => kind is AccountKind.Bank),
            Held(CustodyState.Wallet, static (kind, _) => kind is AccountKind.Wallet),
        ];
    }

    private async Task<CustodyColumn> PushesAsync(IDataDefenderDb db, CustodyState state, CancellationToken ct)
    {
        var pushes = db.PaymentAttempts.AsNoTracking();
        pushes = state switch
        {
            CustodyState.Asked => pushes.Where(a => (a.Status == AttemptStatus.Sending || a.Status == AttemptStatus.AwaitingCustomer || a.Status == AttemptStatus.Created) && !a.HasClaim),
            CustodyState.Unknown => pushes.Where(a => (a.Status == AttemptStatus.Unknown || a.Status == AttemptStatus.NeedsReview) && !a.HasClaim),
            _ => pushes.Where(a => a.HasClaim),
        };
        var oldest = await pushes.OrderBy(a => a.CreatedAt).Take(Cards).Select(a => new { a.Amount.Minor, a.Msisdn, a.CreatedAt, a.Status, a.IsDisputed, a.ClientId, Client = db.Clients.Where(c => c.Id == a.ClientId).Select(c => c.Name).FirstOrDefault() }).ToListAsync(ct);
        var limit = Limit(state);
        return new CustodyColumn(
            state, new Money(await pushes.SumAsync(a => a.Amount.Minor, ct)), await pushes.CountAsync(ct), oldest is [var first, ..] ? first.CreatedAt : null, await pushes.CountAsync(a => a.CreatedAt < limit, ct),
            [.. oldest.Select(a => new CustodyCard(a.Client ?? a.Msisdn, a.IsDisputed ? "the provider says no, a message says paid" : a.Status is AttemptStatus.NeedsReview ? "a person has to look" : Clients.PhoneNumber.Format(a.Msisdn), new Money(a.Minor), a.CreatedAt, a.CreatedAt < limit, $"/clients/{a.ClientId}"))]);
    }

    private async Task<CustodyColumn> PaymentsAsync(IDataDefenderDb db, CustodyState state, TransactionState of, CancellationToken ct)
    {
        var payments = db.ProviderTransactions.AsNoTracking().Where(t => t.State == of);
        var oldest = await payments.OrderBy(t => t.RecordedAt).Take(Cards).Select(t => new { t.Id, t.Receipt, t.Number, Minor = t.Amount.Minor - t.GivenBack.Minor - t.GoingBack.Minor, t.RecordedAt, t.PayerName, t.AccountReference }).ToListAsync(ct);
        var limit = Limit(state);
        return new CustodyColumn(
            state, new Money(await payments.SumAsync(t => t.Amount.Minor - t.GivenBack.Minor - t.GoingBack.Minor, ct)), await payments.CountAsync(ct), oldest is [var first, ..] ? first.RecordedAt : null, await payments.CountAsync(t => t.RecordedAt < limit, ct),
            [.. oldest.Select(t => new CustodyCard(t.Receipt ?? $"Payment {t.Number}", t.PayerName ?? t.AccountReference ?? "", new Money(t.Minor), t.RecordedAt, t.RecordedAt < limit, of is TransactionState.Orphan ? $"/payments/orphans?q={t.Receipt}" : $"/payments/{t.Id}"))]);
    }

    /// <summary>Orders whose result is not known: of a whole payment or a part.</summary>
    private async Task<CustodyColumn> GivingBackAsync(IDataDefenderDb db, CancellationToken ct)
    {
        var orders = db.Refunds.AsNoTracking().Where(r => r.Status == RefundStatus.Sending || r.Status == RefundStatus.Accepted || r.Status == RefundStatus.Unknown || r.Status == RefundStatus.NeedsReview);
        var oldest = await orders.OrderBy(r => r.CreatedAt).Take(Cards).Select(r => new { r.TransactionId, r.Receipt, r.Amount.Minor, r.CreatedAt, r.Reason }).ToListAsync(ct);
        var limit = Limit(CustodyState.GivingBack);
        return new CustodyColumn(
            CustodyState.GivingBack, new Money(await orders.SumAsync(r => r.Amount.Minor, ct)), await orders.CountAsync(ct), oldest is [var first, ..] ? first.CreatedAt : null, await orders.CountAsync(r => r.CreatedAt < limit, ct),
            [.. oldest.Select(r => new CustodyCard(r.Receipt, r.Reason, new Money(r.Minor), r.CreatedAt, r.CreatedAt < limit, $"/payments/{r.TransactionId}"))]);
    }

    /// <summary>
    /// Since when each provider holds what it has not paid out: a payout settles the oldest days first, so what is left is of the newest. What was
    /// taken back is off the money that had come last.
    /// </summary>
    /// <param name="held">What each clearing account holds, by its channel.</param>
    private async Task<Dictionary<string, DateTime>> UnsettledAsync(IDataDefenderDb db, Dictionary<string, long> held, CancellationToken ct)
    {
        Dictionary<string, DateTime> since = new(StringComparer.Ordinal);
        var wanted = held.Where(h => h.Value > 0).Select(h => h.Key).ToList();
        await LookAsync(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(-DaysAtFirst)); // the board is looked at every few seconds: years are read only where they are needed
        await LookAsync(DateOnly.MinValue);
        return since;

        async Task LookAsync(DateOnly earliest)
        {
            wanted.RemoveAll(since.ContainsKey);
            if (wanted.Count == 0)
            {
                return;
            }

            var days = await (
                from line in db.JournalLines
                join transaction in db.JournalTransactions on line.Sequence equals transaction.Sequence
                join account in db.LedgerAccounts on line.AccountId equals account.Id
                where account.Kind == AccountKind.Clearing && wanted.Contains(account.Channel) && transaction.Kind != Payout.Kind && transaction.EffectiveOn >= earliest
                group new { Net = line.Debit.Minor - line.Credit.Minor, At = line.Debit.Minor > 0 ? (DateTime?)transaction.EffectiveAt : null } by new { account.Channel, transaction.EffectiveOn } into day
                select new { day.Key.Channel, day.Key.EffectiveOn, Net = day.Sum(l => l.Net), First = day.Min(l => l.At) }).ToListAsync(ct);
            foreach (var channel in days.GroupBy(d => d.Channel))
            {
                var left = held[channel.Key];
                if (channel.OrderByDescending(d => d.EffectiveOn).FirstOrDefault(d => (left -= d.Net) <= 0) is { First: { } first })
                {
                    since[channel.Key] = first;
                }
            }
        }
    }

    private DateTime Limit(CustodyState state) => clock.GetUtcNow().UtcDateTime - StuckAfter(state);

    private static string Word(AccountKind kind, string channel) => kind switch
    {
        AccountKind.Wallet => "Clients' wallets",
        AccountKind.Bank => channel == PaymentBooks.BankAccount ? "Bank account" : channel,
        AccountKind.Clearing when channel == PaymentBooks.CardAccount => "Scratch cards",
        _ => channel,
    };
}
