using System.Security.Cryptography;
using DataDefender.Domain.Common;

namespace DataDefender.Domain.Ledger;

/// <summary>A money event as it is to be posted: at least two legs whose debits equal their credits.</summary>
/// <param name="Kind">What happened, such as "invoice.issued".</param>
/// <param name="Key">Names this event within the company for ever. Posting it again gives the first transaction; other content under it is refused.</param>
/// <param name="EffectiveAt">When it happened in the books (UTC), which may be before it is written.</param>
/// <param name="Memo">For people; not part of what must be equal when a key is posted again.</param>
/// <param name="SourceType">The document behind it, with its id.</param>
public sealed record JournalPosting(
    string Kind, string Key, DateTime EffectiveAt, string Memo, string SourceType, Guid SourceId, IReadOnlyList<PostingLeg> Legs)
{
    /// <summary>The transaction that this one takes back; each is taken back at most once.</summary>
    public long? Reverses { get; init; }

    /// <exception cref="DomainException">It does not balance, or a leg is not as its account wants it.</exception>
    internal void Demand()
    {
        if (Legs.Count < 2)
        {
            throw Wrong("it has fewer than two legs");
        }

        var (debit, credit) = (Money.Zero, Money.Zero);
        foreach (var leg in Legs)
        {
            if (leg.Debit < Money.Zero || leg.Credit < Money.Zero || (leg.Debit == Money.Zero) == (leg.Credit == Money.Zero))
            {
                throw Wrong($"its leg on {leg.Account} is not one positive amount");
            }

            if (Chart.IsPerClient(leg.Account) && leg.ClientId is null)
            {
                throw Wrong($"its leg on {leg.Account} names no client");
            }

            if (Chart.IsPerChannel(leg.Account) == string.IsNullOrWhiteSpace(leg.Channel))
            {
                throw Wrong(Chart.IsPerChannel(leg.Account) ? $"its leg on {leg.Account} names no channel" : $"{leg.Account} has no channels");
            }

            (debit, credit) = (debit + leg.Debit, credit + leg.Credit);
        }

        if (debit != credit)
        {
            throw Wrong($"its debits are {debit} and its credits {credit}");
        }

        if (string.IsNullOrWhiteSpace(Key) || string.IsNullOrWhiteSpace(Kind))
        {
            throw Wrong("it has no key or no kind");
        }
    }

    /// <summary>SHA-256 of everything but the memo: equal for the same event, whoever posts it.</summary>
    internal byte[] ContentHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.Text(Kind);
        hash.Text(Key);
        hash.Number(EffectiveAt.Ticks / TimeSpan.TicksPerMicrosecond);
        hash.Text(SourceType);
        hash.Bytes(SourceId.ToByteArray());
        hash.Number(Reverses ?? 0);
        hash.Number(Legs.Count);
        foreach (var leg in Legs)
        {
            hash.Text(leg.Account.ToString());
            hash.Text(leg.Channel ?? "");
            hash.Bytes(leg.ClientId?.ToByteArray() ?? []);
            hash.Number(leg.Debit.Minor);
            hash.Number(leg.Credit.Minor);
        }

        return hash.GetHashAndReset();
    }

    private DomainException Wrong(string why) => new("ledger.posting", $"“{Memo}” ({Key}) cannot be posted: {why}.");
}

/// <summary>One side of a posting: an account, and either a debit or a credit.</summary>
/// <param name="ClientId">Whose; demanded by the accounts that are kept per client, allowed on all.</param>
/// <param name="Channel">Which provider, desk or bank account; demanded by the accounts that have several, refused by the others.</param>
public sealed record PostingLeg(AccountKind Account, Money Debit, Money Credit, Guid? ClientId = null, string? Channel = null)
{
    public static PostingLeg OnDebit(AccountKind account, Money amount, Guid? clientId = null, string? channel = null) => new(account, amount, Money.Zero, clientId, channel);

    public static PostingLeg OnCredit(AccountKind account, Money amount, Guid? clientId = null, string? channel = null) => new(account, Money.Zero, amount, clientId, channel);

    /// <summary>A debit for a positive and a credit for a negative amount; nothing for zero.</summary>
    public static IEnumerable<PostingLeg> Net(AccountKind account, Money debit, Guid? clientId = null, string? channel = null) => debit.Minor switch
    {
        > 0 => [OnDebit(account, debit, clientId, channel)],
        < 0 => [OnCredit(account, -debit, clientId, channel)],
        _ => [],
    };

    internal PostingLeg Mirrored() => this with { Debit = Credit, Credit = Debit };
}
