using DataDefender.Domain.Common;

namespace DataDefender.Domain.Payments;

public enum CardStatus
{
    /// <summary>It can be redeemed, while its batch is released and has not expired.</summary>
    Ready,
    Redeemed,

    /// <summary>It was lost, misprinted or stolen: nobody redeems it.</summary>
    Void,
}

/// <summary>Scratch cards of one value that were made together. Their codes are known only to the sheet that was printed then.</summary>
public sealed class CardBatch : Entity, ITenantOwned, IAudited
{
    private CardBatch() { }

    public CardBatch(Guid tenantId, long number, int count, Money value, DateOnly? expiresOn, string note, string by, bool isReleased, DateTime now)
    {
        (TenantId, Number, Count, Value, ExpiresOn, Note) = (tenantId, number, count, value, expiresOn, note);
        (MadeBy, MadeAt, ReleasedBy, ReleasedAt) = (by, now, isReleased ? by : null, isReleased ? now : null);
    }

    public Guid TenantId { get; private set; }

    /// <summary>Counts up in the company; the first part of each card's serial.</summary>
    public long Number { get; private set; }

    public int Count { get; private set; }
    public Money Value { get; private set; }

    /// <summary>The last day on which its cards are taken (the company's day); null: they do not expire.</summary>
    public DateOnly? ExpiresOn { get; private set; }

    /// <summary>What it is for: a dealer, a region.</summary>
    public string Note { get; private set; } = "";

    public string MadeBy { get; private set; } = "";
    public DateTime MadeAt { get; private set; }

    /// <summary>Who let its cards count: a large batch wants a second person. Null until then.</summary>
    public string? ReleasedBy { get; private set; }
    public DateTime? ReleasedAt { get; private set; }

    public string AuditLabel => $"Card batch {Number}";

    public string SerialOf(int card) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Number:D4}-{card:D5}");

    public void Release(string by, DateTime now)
    {
        if (ReleasedBy is not null)
        {
            throw new DomainException("cards.released", $"{AuditLabel} was released by {ReleasedBy} already.");
        }

        if (by == MadeBy)
        {
            throw new DomainException("cards.second", "You made it yourself; somebody else has to release it.");
        }

        (ReleasedBy, ReleasedAt) = (by, now);
    }
}

/// <summary>One scratch card. Its code is kept only as a hash under the company's key; people name it by its serial.</summary>
public sealed class ScratchCard : Entity, ITenantOwned
{
    private ScratchCard() { }

    public ScratchCard(CardBatch batch, int number, string codeHash) => (TenantId, BatchId, Serial, CodeHash) = (batch.TenantId, batch.Id, batch.SerialOf(number), codeHash);

    public Guid TenantId { get; private set; }
    public Guid BatchId { get; private set; }
    public string Serial { get; private set; } = "";

    /// <summary>HMAC-SHA-256 of the code, in hexadecimal.</summary>
    public string CodeHash { get; private set; } = "";

    public CardStatus Status { get; private set; } = CardStatus.Ready;
    public DateTime? ChangedAt { get; private set; }

    /// <summary>Who redeemed it for a client, or made it void.</summary>
    public string? ChangedBy { get; private set; }

    public string? Reason { get; private set; }
    public Guid? ClientId { get; private set; }
    public Guid? TransactionId { get; private set; }

    public void Redeem(Guid client, Guid payment, string by, DateTime now)
    {
        if (Status is not CardStatus.Ready)
        {
            throw new DomainException("card.state", Status is CardStatus.Redeemed ? $"Card {Serial} was redeemed already." : $"Card {Serial} is void: {Reason}");
        }

        (Status, ClientId, TransactionId, ChangedBy, ChangedAt) = (CardStatus.Redeemed, client, payment, by, now);
    }

    /// <summary>False when it was redeemed or void already.</summary>
    public bool MakeVoid(string reason, string by, DateTime now)
    {
        if (Status is not CardStatus.Ready)
        {
            return false;
        }

        (Status, Reason, ChangedBy, ChangedAt) = (CardStatus.Void, reason, by, now);
        return true;
    }
}
