using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>What the list of payments can be narrowed to. Times are UTC, the first inclusive and the second exclusive.</summary>
public sealed record PaymentFilter(TransactionState? State = null, PaymentMethod? Method = null, Guid? ClientId = null, DateTime? From = null, DateTime? Until = null);

public sealed record PaymentRow(
    Guid Id, long Number, PaymentMethod Method, string? Receipt, Money Amount, Money GivenBack, Money GoingBack, DateTime OccurredAt, DateTime RecordedAt, TransactionState State, Guid? ClientId, string? Client, string? AccountNumber, string? PayerMsisdn, bool AmountMismatch, DateTime? ConfirmedAt)
{
    /// <summary>As much as can still be given back.</summary>
    public Money Remaining => Amount - GivenBack - GoingBack;
}

/// <summary>The place of a payment in the list.</summary>
public sealed record PaymentKey(DateTime OccurredAt, long Number);

/// <summary>The list, with the sum of all that match.</summary>
public sealed record PaymentList(PageOf<PaymentRow> Page, Money Sum);

public sealed record AllocationRow(AllocationTarget Target, Guid? InvoiceId, string? InvoiceNumber, Money Amount, DateTime At);

public sealed record EventRow(DateTime At, string Kind, string Text, string By);

public sealed record AttemptRow(Guid Id, string PushId, AttemptStatus Status, Money Amount, string Msisdn, string? ResultCode, string? ResultText, string? CheckoutRequestId, DateTime CreatedAt, DateTime? SettledAt, DateTime? NextLookAt, int Looks, bool WasOverturned, bool HasClaim);

/// <summary>A push whose outcome a person has to find out.</summary>
public sealed record OpenPush(Guid Id, Guid ClientId, string Client, AttemptStatus Status, Money Amount, string Msisdn, DateTime CreatedAt, bool IsDisputed);

/// <param name="CanSendBack">Whether the provider can be ordered to give it back.</param>
public sealed record PaymentDetails(
    PaymentRow Row, EvidenceSource Source, string? PayerName, string? AccountReference, string? Channel, string? HandledBy, string? Note, bool AmountAssumed, bool IsHeld, bool CanSendBack, ProposedAct? Proposed, string? ProposedReason, Money? ProposedAmount, string? ProposedBy,
    IReadOnlyList<AllocationRow> Allocations, IReadOnlyList<AttemptRow> Attempts, IReadOnlyList<EventRow> Events);

/// <summary>A request to a client as its page shows it.</summary>
public sealed record IntentRow(Guid Id, IntentStatus Status, Money Amount, Money Received, string Description, string AskedBy, DateTime CreatedAt, AttemptRow? Last, Guid? PaymentId);

/// <summary>A stored message for the list.</summary>
public sealed record InboundRow(Guid Id, string Channel, CallbackKind Kind, InboundStatus Status, DateTime ReceivedAt, int Deliveries, string? Outcome, string RemoteAddress, bool IsTrusted, int Bytes);

public sealed record InboundDetails(InboundRow Row, string Headers, string Body, DateTime LastReceivedAt, DateTime? DoneAt, string? PushId);

/// <summary>A client in a choice.</summary>
public sealed record ClientChoice(Guid Id, string Name, string AccountNumber, string Phone);

/// <summary>Reads payments for pages.</summary>
public sealed class PaymentQueries(IDataDefenderDbFactory dbFactory, TimeProvider clock, CurrentUser user)
{
    public async Task<PaymentList> ListAsync(GridQuery query, PaymentFilter filter, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var payments = Find(db, query.Search, filter);
        var sorted = (query.SortBy, query.Descending) switch
        {
            (nameof(PaymentRow.Amount), false) => payments.OrderBy(t => t.Amount.Minor).ThenBy(t => t.Number),
            (nameof(PaymentRow.Amount), true) => payments.OrderByDescending(t => t.Amount.Minor).ThenBy(t => t.Number),
            (nameof(PaymentRow.OccurredAt), false) => payments.OrderBy(t => t.OccurredAt).ThenBy(t => t.Number),
            _ => payments.OrderByDescending(t => t.OccurredAt).ThenByDescending(t => t.Number),
        };
        var page = await Rows(db, sorted).Skip(query.Page * query.PageSize).Take(query.PageSize).ToListAsync(ct);
        var sum = await payments.SumAsync(t => t.Amount.Minor, ct);
        return new PaymentList(new PageOf<PaymentRow>(page, await payments.CountAsync(ct)), new Money(sum));
    }

    /// <summary>How many the list has.</summary>
    public async Task<int> CountAsync(string? search, PaymentFilter filter, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPayments);
        await using var db = await dbFactory.OpenAsync(ct);
        return await Find(db, search, filter).CountAsync(ct);
    }

    /// <summary>The newest payments that come behind one in the list; the newest of all without one.</summary>
    public async Task<IReadOnlyList<PaymentRow>> AfterAsync(string? search, PaymentFilter filter, PaymentKey? after, int most, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var payments = Find(db, search, filter);
        if (after is { } last)
        {
            payments = payments.Where(t => t.OccurredAt < last.OccurredAt || (t.OccurredAt == last.OccurredAt && t.Number < last.Number));
        }

        return await Rows(db, payments.OrderByDescending(t => t.OccurredAt).ThenByDescending(t => t.Number)).Take(most).ToListAsync(ct);
    }

    public async Task<PaymentDetails> GetAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var payments = db.ProviderTransactions.AsNoTracking().Where(t => t.Id == id);
        var row = await Rows(db, payments).SingleOrDefaultAsync(ct) ?? throw new NotFoundException("Payment", id);
        var payment = await payments.SingleAsync(ct);
        var channel = await db.PaymentChannels.AsNoTracking().SingleOrDefaultAsync(c => c.Id == payment.ChannelId, ct);
        var allocations = await db.PaymentAllocations.AsNoTracking().Where(a => a.TransactionId == id).OrderBy(a => a.Id)
            .Select(a => new AllocationRow(a.Target, a.InvoiceId, a.InvoiceNumber, a.Amount, a.At)).ToListAsync(ct);
        var attempts = payment.IntentId is { } intent ? await AttemptsOf(db, intent).ToListAsync(ct) : [];
        var events = await db.PaymentEvents.AsNoTracking().Where(e => e.TransactionId == id || (payment.IntentId != null && e.IntentId == payment.IntentId)).OrderBy(e => e.Id)
            .Select(e => new EventRow(e.At, e.Kind, e.Text, e.By)).ToListAsync(ct);
        return new PaymentDetails(row, payment.Source, payment.PayerName, payment.AccountReference, channel?.Name, payment.HandledBy, payment.Note, payment.AmountAssumed, payment.IsHeld, channel is { CanAskStatus: true } && payment.Receipt is not null, payment.Proposed, payment.ProposedReason, payment.ProposedAmount, payment.ProposedBy, allocations, attempts, events);
    }

    /// <summary>The newest requests to a client, with where they stand.</summary>
    public async Task<IReadOnlyList<IntentRow>> RequestsAsync(Guid clientId, int most = 5, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var intents = await db.PaymentIntents.AsNoTracking().Where(i => i.ClientId == clientId).OrderByDescending(i => i.CreatedAt).Take(Math.Clamp(most, 1, 50)).ToListAsync(ct);
        var ids = intents.ConvertAll(i => i.Id);
        var attempts = (await db.PaymentAttempts.AsNoTracking().Where(a => ids.Contains(a.IntentId)).OrderByDescending(a => a.CreatedAt)
            .Select(a => new { a.IntentId, Row = new AttemptRow(a.Id, a.PushId, a.Status, a.Amount, a.Msisdn, a.ResultCode, a.ResultText, a.CheckoutRequestId, a.CreatedAt, a.SettledAt, a.NextLookAt, a.Looks, a.WasOverturned, a.HasClaim) })
            .ToListAsync(ct)).ToLookup(a => a.IntentId, a => a.Row);
        var payments = (await db.ProviderTransactions.AsNoTracking().Where(t => t.IntentId != null && ids.Contains(t.IntentId.Value)).Select(t => new { t.IntentId, t.Id }).ToListAsync(ct)).ToLookup(t => t.IntentId!.Value, t => t.Id);
        return intents.ConvertAll(i => new IntentRow(i.Id, i.Status, i.Amount, i.Received, i.Description, i.AskedBy, i.CreatedAt, attempts[i.Id].FirstOrDefault(), payments[i.Id].Cast<Guid?>().FirstOrDefault()));
    }

    /// <summary>What money of the client would be put on: what is owed on its own open invoices and on those of whoever pays for it.</summary>
    public async Task<Money> DueAsync(Guid clientId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var payer = await db.BillingProfiles.Where(p => p.ClientId == clientId).Select(p => p.ParentId).SingleOrDefaultAsync(ct);
        var own = await Billing.Receivables.BalanceAsync(db, clientId, ct);
        return payer is { } parent ? own + await Billing.Receivables.BalanceAsync(db, parent, ct) : own;
    }

    /// <summary>Pushes that a person has to look at, the oldest first.</summary>
    public async Task<IReadOnlyList<OpenPush>> OpenPushesAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPayments);
        await using var db = await dbFactory.OpenAsync(ct);
        return await db.PaymentAttempts.AsNoTracking().Where(a => a.Status == AttemptStatus.NeedsReview).OrderBy(a => a.CreatedAt).Take(200)
            .Select(a => new OpenPush(a.Id, a.ClientId, db.Clients.Where(c => c.Id == a.ClientId).Select(c => c.Name).FirstOrDefault() ?? "", a.Status, a.Amount, a.Msisdn, a.CreatedAt, a.IsDisputed)).ToListAsync(ct);
    }

    public async Task<PageOf<InboundRow>> MessagesAsync(GridQuery query, InboundStatus? status, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var messages = Find(db, query.Search, status);
        return new PageOf<InboundRow>(
            await Rows(db, messages.OrderByDescending(m => m.ReceivedAt).ThenBy(m => m.Id)).Skip(query.Page * query.PageSize).Take(query.PageSize).ToListAsync(ct),
            await messages.CountAsync(ct));
    }

    /// <summary>How many the list has.</summary>
    public async Task<int> CountMessagesAsync(string? search, InboundStatus? status, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        return await Find(db, search, status).CountAsync(ct);
    }

    /// <summary>The newest messages that come behind one in the list; the newest of all without one.</summary>
    public async Task<IReadOnlyList<InboundRow>> MessagesAfterAsync(string? search, InboundStatus? status, ListKey? after, int most, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var messages = Find(db, search, status);
        if (after is { } last)
        {
            messages = messages.Where(m => m.ReceivedAt < last.At || (m.ReceivedAt == last.At && m.Id > last.Id));
        }

        return await Rows(db, messages.OrderByDescending(m => m.ReceivedAt).ThenBy(m => m.Id)).Take(most).ToListAsync(ct);
    }

    public async Task<InboundDetails> MessageAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var row = await Rows(db, db.InboundMessages.AsNoTracking().Where(m => m.Id == id)).SingleOrDefaultAsync(ct) ?? throw new NotFoundException("Message", id);
        var message = await db.InboundMessages.AsNoTracking().SingleAsync(m => m.Id == id, ct);
        return new InboundDetails(row, message.Headers, System.Text.Encoding.UTF8.GetString(message.Body), message.LastReceivedAt, message.DoneAt, message.PushId);
    }

    /// <summary>Reads a message that was rejected or set aside once more, after what was wrong was mended.</summary>
    public async Task ReadAgainAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var message = await db.InboundMessages.SingleOrDefaultAsync(m => m.Id == id, ct) ?? throw new NotFoundException("Message", id);
        if (message.Status is not (InboundStatus.Rejected or InboundStatus.SetAside))
        {
            throw new DomainException("message.state", $"The message is {message.Status}; only one that was rejected or set aside is read again.");
        }

        message.Reopen();
        await db.SaveAsync(ct);
    }

    /// <summary>Asks at once for the outcome of a push, instead of at the next time of the schedule.</summary>
    public async Task LookNowAsync(Guid attemptId, CancellationToken ct = default)
    {
        user.Demand(Permissions.HandlePayments);
        await using var db = await dbFactory.OpenAsync(ct);
        var attempt = await db.PaymentAttempts.SingleOrDefaultAsync(a => a.Id == attemptId, ct) ?? throw new NotFoundException("Push", attemptId);
        attempt.LookSoon(clock.GetUtcNow().UtcDateTime);
        await db.SaveAsync(ct);
    }

    public async Task<IReadOnlyList<ClientChoice>> FindClientsAsync(string? search, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPayments);
        if (SearchTerm.Of(search) is not { } term)
        {
            return [];
        }

        await using var db = await dbFactory.OpenAsync(ct);
        return await term.Clients(db).AsNoTracking().OrderBy(c => c.Name).ThenBy(c => c.Id).Take(8).Select(c => new ClientChoice(c.Id, c.Name, c.AccountNumber, c.Phone)).ToListAsync(ct);
    }

    private static IQueryable<ProviderTransaction> Find(IDataDefenderDb db, string? search, PaymentFilter filter)
    {
        var payments = Narrow(db, filter);
        if (new GridQuery(Search: search).Term is { } term)
        {
            var clients = SearchTerm.Of(search)!.Clients(db).Select(c => c.Id);
            payments = payments.Where(t => (t.Receipt != null && t.Receipt.ToLower().Contains(term)) || (t.PayerName != null && t.PayerName.ToLower().Contains(term))
                || (t.PayerMsisdn != null && t.PayerMsisdn.Contains(term)) || (t.AccountReference != null && t.AccountReference.ToLower().Contains(term)) || (t.ClientId != null && clients.Contains(t.ClientId.Value)));
        }

        return payments;
    }

    private static IQueryable<InboundMessage> Find(IDataDefenderDb db, string? search, InboundStatus? status)
    {
        var messages = db.InboundMessages.AsNoTracking();
        messages = status is { } wanted ? messages.Where(m => m.Status == wanted) : messages;
        return new GridQuery(Search: search).Term is { } term
            ? messages.Where(m => (m.Outcome != null && m.Outcome.ToLower().Contains(term)) || (m.PushId != null && m.PushId.Contains(term)))
            : messages;
    }

    private static IQueryable<ProviderTransaction> Narrow(IDataDefenderDb db, PaymentFilter filter)
    {
        var payments = db.ProviderTransactions.AsNoTracking();
        payments = filter.State is { } state ? payments.Where(t => t.State == state) : payments;
        payments = filter.Method is { } method ? payments.Where(t => t.Method == method) : payments;
        payments = filter.ClientId is { } client ? payments.Where(t => t.ClientId == client) : payments;
        payments = filter.From is { } from ? payments.Where(t => t.OccurredAt >= from) : payments;
        return filter.Until is { } until ? payments.Where(t => t.OccurredAt < until) : payments;
    }

    private static IQueryable<PaymentRow> Rows(IDataDefenderDb db, IQueryable<ProviderTransaction> payments) =>
        from t in payments
        join c in db.Clients on t.ClientId equals (Guid?)c.Id into owners
        from owner in owners.DefaultIfEmpty()
        select new PaymentRow(t.Id, t.Number, t.Method, t.Receipt, t.Amount, t.GivenBack, t.GoingBack, t.OccurredAt, t.RecordedAt, t.State, t.ClientId, owner!.Name, owner!.AccountNumber, t.PayerMsisdn, t.AmountMismatch, t.ConfirmedAt);

    private static IQueryable<AttemptRow> AttemptsOf(IDataDefenderDb db, Guid intent) => db.PaymentAttempts.AsNoTracking().Where(a => a.IntentId == intent).OrderBy(a => a.CreatedAt)
        .Select(a => new AttemptRow(a.Id, a.PushId, a.Status, a.Amount, a.Msisdn, a.ResultCode, a.ResultText, a.CheckoutRequestId, a.CreatedAt, a.SettledAt, a.NextLookAt, a.Looks, a.WasOverturned, a.HasClaim));

    private static IQueryable<InboundRow> Rows(IDataDefenderDb db, IQueryable<InboundMessage> messages) =>
        from m in messages
        select new InboundRow(m.Id, db.PaymentChannels.Where(c => c.Id == m.ChannelId).Select(c => c.Name).FirstOrDefault() ?? "", m.Kind, m.Status, m.ReceivedAt, m.Deliveries, m.Outcome, m.RemoteAddress, m.IsTrusted, m.Body.Length);
}
