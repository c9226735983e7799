using DataDefender.Domain.Common;
using FluentValidation;

namespace DataDefender.Domain.Billing;

public enum Tax
{
    Vat,
    Excise,
}

/// <summary>A rate from a day on, until the next one of the same tax and band. It is never edited: a new rate is a new row with its day.</summary>
public sealed class TaxRate : Entity, ITenantOwned, IAudited
{
    /// <summary>Excise has one band.</summary>
    public const string ExciseBand = "-";

    private TaxRate() { }

    public TaxRate(Guid tenantId, Tax tax, string band, int basisPoints, VatBase vatBase, DateOnly from) =>
        (TenantId, Tax, Band, BasisPoints, VatBase, From) = (tenantId, tax, band, basisPoints, vatBase, from);

    public Guid TenantId { get; private set; }
    public Tax Tax { get; private set; }

    /// <summary>A to E for VAT; <see cref="ExciseBand"/> for excise.</summary>
    public string Band { get; private set; } = "";

    /// <summary>Hundredths of a percent.</summary>
    public int BasisPoints { get; private set; }

    /// <summary>What VAT of this rate is reckoned on; says nothing for excise.</summary>
    public VatBase VatBase { get; private set; }

    /// <summary>The first day on which it holds, where the company is.</summary>
    public DateOnly From { get; private set; }

    public string AuditLabel => $"{Tax} {Band} from {From:yyyy-MM-dd}";
}

/// <summary>What a person types about a rate.</summary>
public sealed record TaxRateInput
{
    public Tax Tax { get; set; }
    public string Band { get; set; } = "B";
    public decimal Percent { get; set; }
    public VatBase VatBase { get; set; } = VatBase.NetPlusExcise;
    public DateOnly? From { get; set; }
}

/// <summary>What the fields of a rate may hold.</summary>
public sealed class TaxRateInputValidator : AbstractValidator<TaxRateInput>
{
    public TaxRateInputValidator()
    {
        RuleFor(r => r.From).NotNull().WithMessage("Say from which day the rate holds; a rate without a start cannot be applied to any invoice.");
        RuleFor(r => r.Percent).InclusiveBetween(0, 100).WithMessage("A rate is 0 to 100 percent.")
            .Must(p => p * 100 == Math.Truncate(p * 100)).WithMessage("A rate has at most two decimals.");
        RuleFor(r => r.Band).Must(b => b is "A" or "B" or "C" or "D" or "E").When(r => r.Tax is Tax.Vat).WithMessage("A VAT band is A, B, C, D or E.");
    }
}

/// <summary>All rates of a company, asked by day.</summary>
public sealed class TaxTable(IEnumerable<TaxRate> rates)
{
    private readonly ILookup<(Tax, string), TaxRate> _rates = rates.OrderByDescending(r => r.From).ToLookup(r => (r.Tax, r.Band));

    /// <summary>How a product is taxed on that day.</summary>
    /// <exception cref="DomainException">A tax that is owed has no rate on that day.</exception>
    public TaxRule On(DateOnly day, TaxStatus status, ProductTax product)
    {
        var excise = status.OwesExcise && product.Excisable ? Find(Tax.Excise, TaxRate.ExciseBand, day).BasisPoints : 0;
        if (!status.OwesVat)
        {
            return new TaxRule("D", excise, 0, VatBase.Net, product.Inclusive);
        }

        var vat = Find(Tax.Vat, product.Band, day);
        return new TaxRule(product.Band, excise, vat.BasisPoints, vat.VatBase, product.Inclusive);
    }

    private TaxRate Find(Tax tax, string band, DateOnly day) => _rates[(tax, band)].FirstOrDefault(r => r.From <= day)
        ?? throw new DomainException("tax.rate", $"There is no rate of {(tax is Tax.Vat ? $"VAT band {band}" : "excise")} for {day:yyyy-MM-dd}. Add it under Taxes.");
}

/// <summary>Which taxes a company owes.</summary>
public readonly record struct TaxStatus(bool OwesVat, bool OwesExcise);

/// <summary>How a product is taxed; the rates come from the table.</summary>
public sealed record ProductTax(string Band, bool Excisable, bool Inclusive);
