using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Notifications;

/// <summary>What is narrowed in the list; null is everything.</summary>
public sealed record MessageFilter(MessageStatus? Status = null, MessageChannel? Channel = null, Guid? ClientId = null);

public sealed record MessageRow(
    Guid Id, MessageChannel Channel, MessageTopic Topic, MessagePurpose Purpose, Guid? ClientId, string? Client, string Recipient, string? Subject, string Body, MessageStatus Status,
    DateTime StatusSince, string? Detail, DateTime QueuedAt, DateTime NextAttemptAt, int Attempts, int Segments, long? CostMicros, string? CostCurrency);

/// <summary>What a month's messages of one channel came to. The cost is in millionths of the currency.</summary>
public sealed record MessageTotals(MessageChannel Channel, string? Currency, int Messages, int Segments, long CostMicros);

public sealed record OptOutRow(Guid Id, MessageChannel Channel, string Recipient, OptOutScope Scope, string Reason, DateTime Since);

/// <summary>What a member of staff writes to a client.</summary>
public sealed record NoticeInput
{
    public MessageChannel Channel { get; set; }
    public MessagePurpose Purpose { get; set; }
    public string Text { get; set; } = "";
}

public sealed class NoticeInputValidator : AbstractValidator<NoticeInput>
{
    public NoticeInputValidator() =>
        RuleFor(n => n.Text).Must(t => t.Trim().Length is >= 3 and <= 1000).WithMessage("Write 3 to 1,000 characters.");
}

/// <summary>The messages to customers, and who wants none.</summary>
public sealed class MessageLogService(IDataDefenderDbFactory dbFactory, CurrentUser user, MessageSignal signal, TimeProvider clock)
{
    private static readonly NoticeInputValidator Validator = new();

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    public async Task<PageOf<MessageRow>> ListAsync(GridQuery query, MessageFilter filter, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewMessages);
        await using var db = await dbFactory.OpenAsync(ct);
        var messages = db.Messages.AsNoTracking();
        if (filter.Status is { } status)
        {
            messages = messages.Where(m => m.Status == status);
        }

        if (filter.Channel is { } channel)
        {
            messages = messages.Where(m => m.Channel == channel);
        }

        if (filter.ClientId is { } only)
        {
            messages = messages.Where(m => m.ClientId == only);
        }

        var rows = from message in messages
                   join client in db.Clients on message.ClientId equals (Guid?)client.Id into clients
                   from client in clients.DefaultIfEmpty()
                   select new { message, client };
        if (query.Term is { } term)
        {
            var number = PhoneNumber.Normalise(term);
            rows = number.Length >= 6
                ? rows.Where(r => r.message.Recipient.Contains(number) || r.message.Recipient.Contains(term) || r.client!.SearchText.Contains(term))
                : rows.Where(r => r.message.Recipient.Contains(term) || r.client!.SearchText.Contains(term));
        }

        var page = await rows
            .OrderByDescending(r => r.message.QueuedAt).ThenBy(r => r.message.Id)
            .Skip(query.Page * query.PageSize).Take(query.PageSize)
            .Select(r => new MessageRow(
                r.message.Id, r.message.Channel, r.message.Topic, r.message.Purpose, r.message.ClientId, r.client!.Name, r.message.Recipient, r.message.Subject, r.message.Body, r.message.Status,
                r.message.StatusSince, r.message.Detail, r.message.QueuedAt, r.message.NextAttemptAt, r.message.Attempts, r.message.Segments, r.message.CostMicros, r.message.CostCurrency))
            .ToListAsync(ct);
        return new PageOf<MessageRow>(page, await rows.CountAsync(ct));
    }

    public async Task<IReadOnlyDictionary<MessageStatus, int>> CountsAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewMessages);
        await using var db = await dbFactory.OpenAsync(ct);
        return await db.Messages.GroupBy(m => m.Status).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
    }

    /// <summary>What was taken by providers since then (UTC).</summary>
    public async Task<IReadOnlyList<MessageTotals>> TotalsAsync(DateTime since, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewMessages);
        await using var db = await dbFactory.OpenAsync(ct);
        return await db.Messages.Where(m => m.SentAt >= since)
            .GroupBy(m => new { m.Channel, m.CostCurrency })
            .Select(g => new MessageTotals(g.Key.Channel, g.Key.CostCurrency, g.Count(), g.Sum(m => m.Segments), g.Sum(m => m.CostMicros ?? 0)))
            .ToListAsync(ct);
    }

    public async Task SendAgainAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.WriteMessages);
        await using var db = await dbFactory.OpenAsync(ct);
        var message = await db.Messages.SingleOrDefaultAsync(m => m.Id == id, ct) ?? throw new NotFoundException("Message", id);
        message.SendAgain(Now);
        await db.SaveAsync(ct);
        signal.Wake();
    }

    /// <summary>Writes to one client. Returns the message's id.</summary>
    public async Task<Guid> WriteAsync(Guid clientId, NoticeInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.WriteMessages);
        Validator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var client = await db.Clients.AsNoTracking().SingleOrDefaultAsync(c => c.Id == clientId, ct) ?? throw new NotFoundException("Client", clientId);
        var desk = await MessageDesk.OpenAsync(db, ct);
        if (!desk.On.Contains(input.Channel))
        {
            throw new DomainException("message.off", $"{MessageDesk.Name(input.Channel)} is switched off in the message channels.");
        }

        var written = desk.Write(
            db, MessageTopic.Notice, Addressee.Of(client), new MessageValues { Text = input.Text.Trim() }, $"notice:{Guid.CreateVersion7():N}", [input.Channel], Now, input.Purpose);
        await db.SaveAsync(ct);
        signal.Wake();
        return written[0].Id;
    }

    public async Task<PageOf<OptOutRow>> OptOutsAsync(GridQuery query, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewMessages);
        await using var db = await dbFactory.OpenAsync(ct);
        var rows = db.OptOuts.AsNoTracking();
        if (query.Term is { } term)
        {
            var number = PhoneNumber.Normalise(term);
            rows = number.Length >= 6 ? rows.Where(o => o.Recipient.Contains(number) || o.Recipient.Contains(term)) : rows.Where(o => o.Recipient.Contains(term));
        }

        var page = await rows.OrderByDescending(o => o.Since).ThenBy(o => o.Id).Skip(query.Page * query.PageSize).Take(query.PageSize)
            .Select(o => new OptOutRow(o.Id, o.Channel, o.Recipient, o.Scope, o.Reason, o.Since)).ToListAsync(ct);
        return new PageOf<OptOutRow>(page, await rows.CountAsync(ct));
    }

    /// <summary>Enters somebody who wants no advertising.</summary>
    public async Task OptOutAsync(MessageChannel channel, string recipient, string reason, CancellationToken ct = default)
    {
        user.Demand(Permissions.WriteMessages);
        var address = channel is MessageChannel.Sms ? PhoneNumber.Normalise(recipient) : recipient.Trim().ToLowerInvariant();
        if (channel is MessageChannel.Sms ? address.Length is < 8 or > 15 : !address.Contains('@', StringComparison.Ordinal) || address.Length > 200)
        {
            throw new InvalidInputException([new FieldError("Recipient", channel is MessageChannel.Sms ? "Write a phone number such as 0712 345 678." : "Write an e-mail address.")]);
        }

        if (reason.Trim().Length is < 3 or > 200)
        {
            throw new InvalidInputException([new FieldError("Reason", "Say in 3 to 200 characters how they asked.")]);
        }

        await using var db = await dbFactory.OpenAsync(ct);
        Task<bool> KnownAsync() => db.OptOuts.AnyAsync(o => o.Channel == channel && o.Recipient == address, ct);
        if (!await KnownAsync())
        {
            db.OptOuts.Add(new OptOut(db.TenantId, channel, address, OptOutScope.Promotional, reason.Trim(), Now));
            await db.SaveAsync(async () => await KnownAsync() ? Saving.ChangedMeanwhile() : null, ct);
        }
    }

    public async Task WithdrawOptOutAsync(Guid id, CancellationToken ct = default)
    {
        user.Demand(Permissions.WriteMessages);
        await using var db = await dbFactory.OpenAsync(ct);
        db.OptOuts.Remove(await db.OptOuts.SingleOrDefaultAsync(o => o.Id == id, ct) ?? throw new NotFoundException("Entry", id));
        await db.SaveAsync(ct);
    }
}
