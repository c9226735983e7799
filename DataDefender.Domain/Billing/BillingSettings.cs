using System.Text.RegularExpressions;
using DataDefender.Domain.Common;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

public enum RunApproval
{
    /// <summary>Somebody other than who made the preview approves it.</summary>
    TwoPeople,

    /// <summary>The nightly run approves itself when nothing in it stands out.</summary>
    Automatic,
}

/// <summary>How a company bills: which taxes it owes, how its documents are numbered and what stands on them. One row a company.</summary>
public sealed class BillingSettings : Entity, ITenantOwned, IAudited
{
    private BillingSettings() { }

    public BillingSettings(Guid tenantId) => TenantId = tenantId;

    public Guid TenantId { get; private set; }
    public bool OwesVat { get; private set; }
    public bool OwesExcise { get; private set; }

    /// <summary>What a price means where the product says nothing else.</summary>
    public bool PricesIncludeTax { get; private set; } = true;

    public string InvoiceSeries { get; private set; } = "INV";
    public string CreditSeries { get; private set; } = "CN";

    /// <summary>Days from issue to the last day to pay.</summary>
    public int DueDays { get; private set; } = 7;

    /// <summary>The day of the month for clients who are billed monthly and have none of their own, 1 to 28.</summary>
    public int BillingDay { get; private set; } = 1;

    public RunApproval Approval { get; private set; } = RunApproval.TwoPeople;

    /// <summary>What is billed of the price while a line is suspended for debt: 100 for all of it, 0 for nothing.</summary>
    public int SuspendedPercent { get; private set; } = 100;

    /// <summary>The first day for which that holds; what was suspended before is billed as it was until then.</summary>
    public DateOnly? SuspendedPercentFrom { get; private set; }

    /// <summary>How many cents that payments leave on an invoice are let off; nothing as long as nobody says more.</summary>
    public Money RoundingTolerance { get; private set; }

    /// <summary>The hour of the nightly run, where the company is.</summary>
    public int RunHour { get; private set; } = 1;

    public bool TransmitTaxInvoices { get; private set; }

    /// <summary>As registered; the company's name where it is empty.</summary>
    public string? LegalName { get; private set; }

    public string? TaxPin { get; private set; }
    public string? PostalAddress { get; private set; }
    public string? BillingPhone { get; private set; }
    public string? BillingEmail { get; private set; }
    public string? Paybill { get; private set; }
    public string? BankDetails { get; private set; }

    /// <summary>#RRGGBB, for the documents.</summary>
    public string BrandColour { get; private set; } = "#0F766E";

    public string? Footer { get; private set; }

    public string AuditLabel => "Billing settings";

    public TaxStatus TaxStatus => new(OwesVat, OwesExcise);

    public void Change(BillingSettingsInput input)
    {
        (OwesVat, OwesExcise, PricesIncludeTax) = (input.OwesVat, input.OwesExcise, input.PricesIncludeTax);
        (InvoiceSeries, CreditSeries, DueDays, BillingDay) = (input.InvoiceSeries, input.CreditSeries, input.DueDays, input.BillingDay);
        RoundingTolerance = Money.Of(input.RoundingTolerance);
        (Approval, RunHour, TransmitTaxInvoices) = (input.Approval, input.RunHour, input.TransmitTaxInvoices);
        (LegalName, TaxPin, PostalAddress) = (Blank(input.LegalName), Blank(input.TaxPin), Blank(input.PostalAddress));
        (BillingPhone, BillingEmail) = (Blank(input.BillingPhone), Blank(input.BillingEmail));
        (Paybill, BankDetails, BrandColour, Footer) = (Blank(input.Paybill), Blank(input.BankDetails), input.BrandColour.ToUpperInvariant(), Blank(input.Footer));
    }

    /// <summary>Says what suspended days cost from a day on.</summary>
    internal void BillSuspended(int percent, DateOnly from) => (SuspendedPercent, SuspendedPercentFrom) = percent == SuspendedPercent ? (SuspendedPercent, SuspendedPercentFrom) : (percent, from);

    internal void Transmit(bool on) => TransmitTaxInvoices = on;

    public BillingSettingsInput ToInput() => new()
    {
        OwesVat = OwesVat,
        OwesExcise = OwesExcise,
        PricesIncludeTax = PricesIncludeTax,
        InvoiceSeries = InvoiceSeries,
        CreditSeries = CreditSeries,
        DueDays = DueDays,
        BillingDay = BillingDay,
        Approval = Approval,
        RunHour = RunHour,
        RoundingTolerance = RoundingTolerance.Amount,
        SuspendedPercent = SuspendedPercent,
        TransmitTaxInvoices = TransmitTaxInvoices,
        LegalName = LegalName,
        TaxPin = TaxPin,
        PostalAddress = PostalAddress,
        BillingPhone = BillingPhone,
        BillingEmail = BillingEmail,
        Paybill = Paybill,
        BankDetails = BankDetails,
        BrandColour = BrandColour,
        Footer = Footer,
    };

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

/// <summary>Reads the settings.</summary>
public static class CurrentBillingSettings
{
    /// <summary>The company's settings, or those that hold until somebody changes them.</summary>
    public static async Task<BillingSettings> OfAsync(IDataDefenderDb db, CancellationToken ct = default) =>
        await db.BillingSettings.AsNoTracking().SingleOrDefaultAsync(ct) ?? new BillingSettings(db.TenantId);
}

/// <summary>What a person types about billing.</summary>
public sealed record BillingSettingsInput
{
    public bool OwesVat { get; set; }
    public bool OwesExcise { get; set; }
    public bool PricesIncludeTax { get; set; } = true;
    public string InvoiceSeries { get; set; } = "INV";
    public string CreditSeries { get; set; } = "CN";
    public int DueDays { get; set; } = 7;
    public int BillingDay { get; set; } = 1;
    public RunApproval Approval { get; set; } = RunApproval.TwoPeople;
    public int RunHour { get; set; } = 1;

    /// <summary>In major units; less than one.</summary>
    public decimal RoundingTolerance { get; set; }
    public int SuspendedPercent { get; set; } = 100;
    public bool TransmitTaxInvoices { get; set; }
    public string? LegalName { get; set; }
    public string? TaxPin { get; set; }
    public string? PostalAddress { get; set; }
    public string? BillingPhone { get; set; }
    public string? BillingEmail { get; set; }
    public string? Paybill { get; set; }
    public string? BankDetails { get; set; }
    public string BrandColour { get; set; } = "#0F766E";
    public string? Footer { get; set; }
}

/// <summary>What the fields of the billing settings may hold.</summary>
public sealed partial class BillingSettingsInputValidator : AbstractValidator<BillingSettingsInput>
{
    public BillingSettingsInputValidator()
    {
        RuleFor(s => s.InvoiceSeries).Matches("^[A-Z]{1,8}$").WithMessage("A series is one to eight capital letters, such as INV.");
        RuleFor(s => s.CreditSeries).Matches("^[A-Z]{1,8}$").WithMessage("A series is one to eight capital letters, such as CN.")
            .Must((s, series) => series != s.InvoiceSeries).WithMessage("Credit notes need a series of their own.");
        RuleFor(s => s.DueDays).InclusiveBetween(0, 90).WithMessage("Give 0 to 90 days to pay.");
        RuleFor(s => s.BillingDay).InclusiveBetween(1, 28).WithMessage("A billing day is 1 to 28: each month has it.");
        RuleFor(s => s.SuspendedPercent).InclusiveBetween(0, 100).WithMessage("While suspended for debt a line costs 0 to 100 % of its price.");
        RuleFor(s => s.RoundingTolerance).Must(t => t >= 0 && t <= Rounding.Most.Amount && InvoiceLineInputValidator.HasCentsAtMost(t)).WithMessage($"What is let off is 0 to {Rounding.Most}, with two decimals at most: a whole shilling can be paid.");
        RuleFor(s => s.RunHour).InclusiveBetween(0, 23).WithMessage("An hour is 0 to 23.");
        RuleFor(s => s.TaxPin).Must(IsPin).WithMessage("A KRA PIN is a letter, nine digits and a letter, such as P051234567X.");
        RuleFor(s => s.TaxPin).NotEmpty().When(s => s.OwesVat || s.TransmitTaxInvoices).WithMessage("Who owes VAT has a KRA PIN; write it, since it stands on each invoice.");
        RuleFor(s => s.BrandColour).Matches("^#[0-9A-Fa-f]{6}$").WithMessage("A colour is # and six hexadecimal digits, such as #0F766E.");
        RuleFor(s => s.Paybill).Matches("^[0-9]{5,7}$").When(s => !string.IsNullOrWhiteSpace(s.Paybill)).WithMessage("A paybill has five to seven digits.");
        RuleFor(s => s.BillingEmail).EmailAddress().When(s => !string.IsNullOrWhiteSpace(s.BillingEmail)).WithMessage("Write an e-mail address such as accounts@example.co.ke.");
        RuleFor(s => s.Footer).MaximumLength(500).WithMessage("The footer has at most 500 characters.");
        RuleFor(s => s.BankDetails).MaximumLength(500).WithMessage("The bank details have at most 500 characters.");
    }

    internal static bool IsPin(string? text) => string.IsNullOrWhiteSpace(text) || Pin().IsMatch(text.Trim());

    [GeneratedRegex("^[A-Z][0-9]{9}[A-Z]$")]
    private static partial Regex Pin();
}
