using System.Linq.Expressions;
using System.Net;
using DataDefender.Domain.Common;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;

namespace DataDefender.Domain.Clients;

/// <summary>
/// What somebody typed into a search, read as everything that it could be: part of a name, a phone number in any form, an account
/// number, a user name, an IP address or a MAC address in any form.
/// </summary>
public sealed record SearchTerm
{
    private SearchTerm(string text)
    {
        Text = text;
        Mac = MacAddress.Normalise(text);
        Address = IPAddress.TryParse(text, out var address) && text.Contains('.', StringComparison.Ordinal) ? address.ToString() : null;

        // "+254 712 345 678" and "0712345678" are stored as 254712345678, and so is the beginning of one ("0712").
        var digits = text.All(c => char.IsAsciiDigit(c) || c is ' ' or '+' or '-') ? string.Concat(text.Where(char.IsAsciiDigit)) : "";
        Digits = digits switch
        {
            [] => null,
            ['0', '7' or '1', ..] when digits.Length <= 10 => "254" + digits[1..],
            _ => PhoneNumber.Normalise(digits),
        };
    }

    /// <summary>Trimmed and lower-cased.</summary>
    public string Text { get; }

    /// <summary>The digits of a phone or account number, or null when there is anything else in the text.</summary>
    public string? Digits { get; }

    public string? Address { get; }
    public string? Mac { get; }

    /// <summary>Null for an empty search.</summary>
    public static SearchTerm? Of(string? text) => string.IsNullOrWhiteSpace(text) ? null : new SearchTerm(text.Trim().ToLowerInvariant());

    /// <summary>The lines that the text could mean.</summary>
    public IQueryable<Subscription> Lines(IDataDefenderDb db)
    {
        if (Mac is { } mac)
        {
            var online = Online(db, s => s.CallingStationId == mac);
            return db.Subscriptions.Where(s => s.CallerLock == mac || online.Contains(s.Id));
        }

        if (Address is { } address)
        {
            var online = Online(db, s => s.FramedAddress == address);
            return db.Subscriptions.Where(s => s.StaticAddress == address || online.Contains(s.Id));
        }

        return db.Subscriptions.Where(s => s.Username.Contains(Text));
    }

    /// <summary>The clients that the text could mean, by themselves or by one of their lines.</summary>
    public IQueryable<Client> Clients(IDataDefenderDb db)
    {
        var byLine = Lines(db).Select(s => s.ClientId);
        return Digits is { Length: > 0 } digits
            ? db.Clients.Where(c => c.SearchText.Contains(Text) || c.SearchText.Contains(digits) || byLine.Contains(c.Id))
            : db.Clients.Where(c => c.SearchText.Contains(Text) || byLine.Contains(c.Id));
    }

    private static IQueryable<Guid> Online(IDataDefenderDb db, Expression<Func<LiveSession, bool>> where) =>
        db.LiveSessions.Where(where).Where(s => s.SubscriptionId != null).Select(s => s.SubscriptionId!.Value);
}
