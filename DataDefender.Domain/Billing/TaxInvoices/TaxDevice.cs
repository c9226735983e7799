using DataDefender.Domain.Common;
using FluentValidation;

namespace DataDefender.Domain.Billing.TaxInvoices;

/// <summary>A company's control unit at the tax authority (eTIMS OSCU or VSCU): where it is reached and as what. One row a company.</summary>
public sealed class TaxDevice : Entity, ITenantOwned, IAudited
{
    private TaxDevice() { }

    public TaxDevice(Guid tenantId) => TenantId = tenantId;

    public Guid TenantId { get; private set; }
    public string BaseUrl { get; private set; } = "";

    /// <summary>The taxpayer's branch, 00 for the head office.</summary>
    public string BranchId { get; private set; } = "00";

    public string SerialNumber { get; private set; } = "";

    /// <summary>Under which the company's services are registered at the authority.</summary>
    public string ItemCode { get; private set; } = "";

    /// <summary>The authority's class of the service (UNSPSC).</summary>
    public string ItemClass { get; private set; } = "";

    /// <summary>The communication key that the authority gave when the unit was set up.</summary>
    [Sensitive]
    public string? KeyCipher { get; private set; }

    /// <summary>The control unit's own id, a part of each CU invoice number.</summary>
    public string? ControlUnitId { get; private set; }

    public DateTime? ConnectedAt { get; private set; }

    public bool IsConnected => KeyCipher is not null;

    public string AuditLabel => "Tax control unit";

    internal void Change(TaxDeviceInput input)
    {
        if (IsConnected && (SerialNumber != input.SerialNumber.Trim() || BranchId != input.BranchId.Trim()))
        {
            (KeyCipher, ControlUnitId, ConnectedAt) = (null, null, null); // the key was another unit's
        }

        (BaseUrl, BranchId, SerialNumber) = (input.BaseUrl.Trim().TrimEnd('/'), input.BranchId.Trim(), input.SerialNumber.Trim());
        (ItemCode, ItemClass) = (input.ItemCode.Trim(), input.ItemClass.Trim());
    }

    internal void Connect(string keyCipher, string? controlUnitId, DateTime now) => (KeyCipher, ControlUnitId, ConnectedAt) = (keyCipher, controlUnitId ?? ControlUnitId, now);
}

/// <summary>What a person types about the control unit.</summary>
public sealed record TaxDeviceInput
{
    public const string LiveUrl = "https://etims-api.kra.go.ke/etims-api";

    public string BaseUrl { get; set; } = LiveUrl;
    public string BranchId { get; set; } = "00";
    public string SerialNumber { get; set; } = "";
    public string ItemCode { get; set; } = "KE3NTU0000001";
    public string ItemClass { get; set; } = "8111210100";

    /// <summary>Only where the unit was set up before and the authority does not tell its key again; empty keeps what is there.</summary>
    public string? Key { get; set; }
}

/// <summary>What the fields of the control unit may hold.</summary>
public sealed class TaxDeviceInputValidator : AbstractValidator<TaxDeviceInput>
{
    public TaxDeviceInputValidator()
    {
        RuleFor(d => d.BaseUrl).Must(u => Uri.TryCreate(u?.Trim(), UriKind.Absolute, out var url) && url.Scheme is "https" or "http").WithMessage($"Write the address of the interface, such as {TaxDeviceInput.LiveUrl}.");
        RuleFor(d => d.BranchId).Matches("^[0-9]{2}$").WithMessage("A branch is two digits; 00 is the head office.");
        RuleFor(d => d.SerialNumber).NotEmpty().WithMessage("Write the serial number that KRA gave for this control unit.").MaximumLength(60).WithMessage("A serial number has at most 60 characters.");
        RuleFor(d => d.ItemCode).Matches("^[A-Z]{2}[0-9][A-Z0-9]{4,16}$").WithMessage("An item code is as registered at KRA, such as KE3NTU0000001.");
        RuleFor(d => d.ItemClass).Matches("^[0-9]{10}$").WithMessage("An item class has ten digits, such as 8111210100.");
        RuleFor(d => d.Key).MaximumLength(250).WithMessage("A communication key has at most 250 characters.");
    }
}
