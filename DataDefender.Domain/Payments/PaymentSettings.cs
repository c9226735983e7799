using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Payments;

/// <summary>The company's own rules around payments.</summary>
public sealed class PaymentSettings : Entity, ITenantOwned, IAudited
{
    /// <summary>What holds until somebody says otherwise.</summary>
    public static readonly Money UsualLimit = Money.Of(20_000m);

    private PaymentSettings() { }

    public PaymentSettings(Guid tenantId) => TenantId = tenantId;

    public Guid TenantId { get; private set; }

    /// <summary>From this amount on a match, a refund, a reversal and a batch of cards need two people; zero: always.</summary>
    public Money TwoPeopleFrom { get; private set; } = UsualLimit;

    /// <summary>The key that codes of scratch cards are hashed under. Without it the stored hashes say nothing.</summary>
    [Sensitive]
    public string? CardKeyCipher { get; private set; }

    public string AuditLabel => "Payment settings";

    public void Change(Money twoPeopleFrom) => TwoPeopleFrom = twoPeopleFrom;

    public SecretPlace CardKeyPlace() => new(TenantId, nameof(PaymentSettings), Id, nameof(CardKeyCipher));

    public void SetCardKey(string cipherText) => CardKeyCipher = cipherText;
}

/// <summary>Reads a company's <see cref="PaymentSettings"/>.</summary>
public static class CurrentPaymentSettings
{
    /// <summary>The company's settings, or those that hold until somebody changes them.</summary>
    public static async Task<PaymentSettings> OfAsync(IDataDefenderDb db, CancellationToken ct = default) =>
        await db.PaymentSettings.AsNoTracking().SingleOrDefaultAsync(ct) ?? new PaymentSettings(db.TenantId);
}

/// <summary>Reads and changes the company's rules around payments.</summary>
public sealed class PaymentSettingsService(IDataDefenderDbFactory dbFactory, CurrentUser user)
{
    private const decimal MostLimit = 100_000_000;

    public async Task<Money> TwoPeopleFromAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPayments);
        await using var db = await dbFactory.OpenAsync(ct);
        return (await CurrentPaymentSettings.OfAsync(db, ct)).TwoPeopleFrom;
    }

    /// <param name="twoPeopleFrom">Whole currency, such as 20000; zero: always two.</param>
    public async Task SaveAsync(decimal twoPeopleFrom, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManagePayments);
        user.Demand(Permissions.ApprovePayments);
        if (twoPeopleFrom is < 0 or > MostLimit || decimal.Round(twoPeopleFrom, 2) != twoPeopleFrom)
        {
            throw new InvalidInputException([new FieldError(nameof(twoPeopleFrom), "An amount from 0 to 100,000,000 with at most two decimals; 0: two people for every amount.")]);
        }

        await using var db = await dbFactory.OpenAsync(ct);
        var settings = await db.PaymentSettings.SingleOrDefaultAsync(ct) ?? db.PaymentSettings.Add(new PaymentSettings(db.TenantId)).Entity;
        settings.Change(Money.Of(twoPeopleFrom));
        await db.SaveAsync(ct);
    }
}
