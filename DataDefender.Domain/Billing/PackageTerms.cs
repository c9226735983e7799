using DataDefender.Domain.Common;
using FluentValidation;

namespace DataDefender.Domain.Billing;

/// <summary>What selling a package means for money: its taxes, its fees, and when a change of package takes effect. Packages without a row follow <see cref="Default"/>.</summary>
public sealed class PackageTerms : Entity, ITenantOwned, IAudited
{
    private PackageTerms() { }

    public PackageTerms(Guid tenantId, Guid packageId) => (TenantId, PackageId) = (tenantId, packageId);

    public static PackageTermsInput Default { get; } = new();

    public Guid TenantId { get; private set; }
    public Guid PackageId { get; private set; }
    public string TaxBand { get; private set; } = "B";
    public bool Excisable { get; private set; } = true;

    /// <summary>Null for what the company's settings say.</summary>
    public bool? TaxIncluded { get; private set; }

    public Money InstallationFee { get; private set; }
    public Money Deposit { get; private set; }
    public Money UpgradeFee { get; private set; }
    public Money DowngradeFee { get; private set; }
    public bool UpgradeAtOnce { get; private set; } = true;
    public bool DowngradeAtOnce { get; private set; }
    public int MinimumMonths { get; private set; }
    public Money EarlyTerminationFee { get; private set; }

    /// <summary>Days of pause in a year; 0 when it cannot be paused.</summary>
    public int PauseDaysPerYear { get; private set; } = 90;

    /// <summary>What a day of pause still costs.</summary>
    public int PausePercent { get; private set; }

    public string AuditLabel => "Terms of a package";

    public void Change(PackageTermsInput input)
    {
        (TaxBand, Excisable, TaxIncluded) = (input.TaxBand, input.Excisable, input.TaxIncluded);
        (InstallationFee, Deposit) = (Money.Of(input.InstallationFee), Money.Of(input.Deposit));
        (UpgradeFee, DowngradeFee, UpgradeAtOnce, DowngradeAtOnce) = (Money.Of(input.UpgradeFee), Money.Of(input.DowngradeFee), input.UpgradeAtOnce, input.DowngradeAtOnce);
        (MinimumMonths, EarlyTerminationFee) = (input.MinimumMonths, Money.Of(input.EarlyTerminationFee));
        (PauseDaysPerYear, PausePercent) = (input.PauseDaysPerYear, input.PausePercent);
    }

    public PackageTermsInput ToInput() => new()
    {
        TaxBand = TaxBand,
        Excisable = Excisable,
        TaxIncluded = TaxIncluded,
        InstallationFee = InstallationFee.Amount,
        Deposit = Deposit.Amount,
        UpgradeFee = UpgradeFee.Amount,
        DowngradeFee = DowngradeFee.Amount,
        UpgradeAtOnce = UpgradeAtOnce,
        DowngradeAtOnce = DowngradeAtOnce,
        MinimumMonths = MinimumMonths,
        EarlyTerminationFee = EarlyTerminationFee.Amount,
        PauseDaysPerYear = PauseDaysPerYear,
        PausePercent = PausePercent,
    };
}

/// <summary>What a person types about the money side of a package.</summary>
public sealed record PackageTermsInput
{
    public string TaxBand { get; set; } = "B";
    public bool Excisable { get; set; } = true;
    public bool? TaxIncluded { get; set; }
    public decimal InstallationFee { get; set; }
    public decimal Deposit { get; set; }
    public decimal UpgradeFee { get; set; }
    public decimal DowngradeFee { get; set; }
    public bool UpgradeAtOnce { get; set; } = true;
    public bool DowngradeAtOnce { get; set; }
    public int MinimumMonths { get; set; }
    public decimal EarlyTerminationFee { get; set; }
    public int PauseDaysPerYear { get; set; } = 90;
    public int PausePercent { get; set; }
}

/// <summary>What the fields of a package's terms may hold.</summary>
public sealed class PackageTermsInputValidator : AbstractValidator<PackageTermsInput>
{
    public PackageTermsInputValidator()
    {
        RuleFor(t => t.TaxBand).Must(b => b is "A" or "B" or "C" or "D" or "E").WithMessage("A VAT band is A, B, C, D or E.");
        foreach (var fee in (System.Linq.Expressions.Expression<Func<PackageTermsInput, decimal>>[])
            [t => t.InstallationFee, t => t.Deposit, t => t.UpgradeFee, t => t.DowngradeFee, t => t.EarlyTerminationFee])
        {
            RuleFor(fee).InclusiveBetween(0m, 100_000_000m).WithMessage("A fee is 0 to 100,000,000.").Must(InvoiceLineInputValidator.HasCentsAtMost).WithMessage("An amount has at most two decimals.");
        }

        RuleFor(t => t.MinimumMonths).InclusiveBetween(0, 60).WithMessage("A minimum contract is 0 to 60 months.");
        RuleFor(t => t.PauseDaysPerYear).InclusiveBetween(0, 366).WithMessage("A year has no more than 366 days to pause.");
        RuleFor(t => t.PausePercent).InclusiveBetween(0, 100).WithMessage("A share is 0 to 100 percent.");
    }
}
