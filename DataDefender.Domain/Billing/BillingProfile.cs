using DataDefender.Domain.Common;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>How one client is billed, beside what the company's settings say. Clients without a row follow the settings.</summary>
public sealed class BillingProfile : Entity, ITenantOwned, IAudited
{
    private BillingProfile() { }

    public BillingProfile(Guid tenantId, Guid clientId) => (TenantId, ClientId) = (tenantId, clientId);

    public Guid TenantId { get; private set; }
    public Guid ClientId { get; private set; }

    /// <summary>Who pays for this client: its charges stand on the parent's invoice. A parent has no parent.</summary>
    public Guid? ParentId { get; private set; }

    /// <summary>The client's own tax number, for his invoices.</summary>
    public string? TaxPin { get; private set; }

    /// <summary>1 to 28; null for the company's.</summary>
    public int? BillingDay { get; private set; }

    /// <summary>Null for the company's.</summary>
    public int? DueDays { get; private set; }

    public string AuditLabel => "Billing profile";

    public void Change(Guid? parentId, string? taxPin, int? billingDay, int? dueDays)
    {
        if (parentId == ClientId)
        {
            throw new DomainException("profile.parent", "A client cannot pay for itself through itself.");
        }

        if (!BillingSettingsInputValidator.IsPin(taxPin))
        {
            throw new InvalidInputException([new FieldError(nameof(TaxPin), "A KRA PIN is a letter, nine digits and a letter, such as A012345678Z.")]);
        }

        if (billingDay is < 1 or > 28)
        {
            throw new InvalidInputException([new FieldError(nameof(BillingDay), "A billing day is 1 to 28: each month has it.")]);
        }

        if (dueDays is < 0 or > 90)
        {
            throw new InvalidInputException([new FieldError(nameof(DueDays), "Give 0 to 90 days to pay.")]);
        }

        (ParentId, TaxPin, BillingDay, DueDays) = (parentId, string.IsNullOrWhiteSpace(taxPin) ? null : taxPin.Trim(), billingDay, dueDays);
    }
}

/// <summary>How many days clients have to pay: their own, or the company's.</summary>
public static class DaysToPay
{
    public static async Task<Func<Guid, int>> OfAsync(IDataDefenderDb db, BillingSettings settings, IReadOnlyCollection<Guid> clients, CancellationToken ct = default)
    {
        var own = await db.BillingProfiles.AsNoTracking().Where(p => p.DueDays != null && clients.Contains(p.ClientId)).ToDictionaryAsync(p => p.ClientId, p => p.DueDays!.Value, ct);
        return client => own.GetValueOrDefault(client, settings.DueDays);
    }
}
