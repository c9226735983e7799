using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Billing;

/// <summary>The company's taxes and how it bills, to look at and to change. A rate is added with its day and never edited.</summary>
public sealed class BillingSettingsService(IDataDefenderDbFactory dbFactory, TenantContext tenant, CurrentUser user, TimeProvider clock)
{
    private static readonly BillingSettingsInputValidator SettingsValidator = new();
    private static readonly TaxRateInputValidator RateValidator = new();
    private static readonly PackageTermsInputValidator TermsValidator = new();

    public async Task<BillingSettingsDetails> GetAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewBilling);
        await using var db = await dbFactory.OpenAsync(ct);
        var settings = await CurrentBillingSettings.OfAsync(db, ct);
        var today = await TodayAsync(db, ct);
        var rates = await db.TaxRates.AsNoTracking().OrderBy(r => r.Tax).ThenBy(r => r.Band).ThenByDescending(r => r.From).ToListAsync(ct);
        var current = rates.Where(r => r.From <= today).GroupBy(r => (r.Tax, r.Band)).Select(g => g.MaxBy(r => r.From)!.Id).ToHashSet();
        return new BillingSettingsDetails(settings.Version, settings.ToInput(),
            [.. rates.Select(r => new TaxRateRow(r.Id, r.Tax, r.Band, r.BasisPoints / 100m, r.VatBase, r.From, current.Contains(r.Id)))]);
    }

    /// <param name="version">The version that the person saw; another one means that somebody else was faster.</param>
    public async Task ChangeAsync(int version, BillingSettingsInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageTaxes);
        SettingsValidator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var settings = await db.BillingSettings.SingleOrDefaultAsync(ct) ?? db.BillingSettings.Add(new BillingSettings(tenant.TenantId)).Entity;
        if (settings.Version != version)
        {
            throw Saving.ChangedMeanwhile();
        }

        settings.Change(input);
        settings.BillSuspended(input.SuspendedPercent, await TodayAsync(db, ct));
        await db.SaveAsync(ct);
    }

    public async Task AddRateAsync(TaxRateInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageTaxes);
        RateValidator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        Add(db, input.Tax, input.Tax is Tax.Excise ? TaxRate.ExciseBand : input.Band, (int)(input.Percent * 100), input.VatBase, input.From!.Value);
        await db.SaveAsync(() => Task.FromResult<DomainException?>(new InvalidInputException([new FieldError(nameof(TaxRateInput.From), "There is a rate from this day already.")])), ct);
    }

    /// <summary>The rates known for Kenya with the days from which they hold; an accountant confirms them. What is there stays.</summary>
    public async Task AddKenyanRatesAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageTaxes);
        await using var db = await dbFactory.OpenAsync(ct);
        var there = (await db.TaxRates.Select(r => new { r.Tax, r.Band, r.From }).ToListAsync(ct)).Select(r => (r.Tax, r.Band, r.From)).ToHashSet();
        foreach (var (tax, band, points, from) in KenyanRates)
        {
            if (there.Add((tax, band, from)))
            {
                Add(db, tax, band, points, VatBase.NetPlusExcise, from);
            }
        }

        await db.SaveAsync(ct);
    }

    /// <summary>The money side of a package.</summary>
    public async Task<PackageTermsInput> GetTermsAsync(Guid packageId, CancellationToken ct = default)
    {
        user.Demand(Permissions.ViewPackages);
        await using var db = await dbFactory.OpenAsync(ct);
        return (await db.PackageTerms.AsNoTracking().SingleOrDefaultAsync(t => t.PackageId == packageId, ct))?.ToInput() ?? new PackageTermsInput();
    }

    public async Task ChangeTermsAsync(Guid packageId, PackageTermsInput input, CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageTaxes);
        TermsValidator.Demand(input);
        await using var db = await dbFactory.OpenAsync(ct);
        var terms = await db.PackageTerms.SingleOrDefaultAsync(t => t.PackageId == packageId, ct) ?? db.PackageTerms.Add(new PackageTerms(tenant.TenantId, packageId)).Entity;
        terms.Change(input);
        await db.SaveAsync(ct);
    }

    /// <summary>Rates with the days from which they hold, as far as they are known.</summary>
    public static IReadOnlyList<(Tax Tax, string Band, int BasisPoints, DateOnly From)> KenyanRates { get; } =
    [
        (Tax.Vat, "A", 0, new DateOnly(2013, 9, 2)),
        (Tax.Vat, "B", 1_600, new DateOnly(2013, 9, 2)),
        (Tax.Vat, "B", 1_400, new DateOnly(2020, 4, 1)),
        (Tax.Vat, "B", 1_600, new DateOnly(2021, 1, 1)),
        (Tax.Vat, "C", 0, new DateOnly(2013, 9, 2)),
        (Tax.Vat, "D", 0, new DateOnly(2013, 9, 2)),
        (Tax.Vat, "E", 800, new DateOnly(2018, 9, 21)),
        (Tax.Excise, TaxRate.ExciseBand, 1_500, new DateOnly(2018, 7, 1)),
        (Tax.Excise, TaxRate.ExciseBand, 2_000, new DateOnly(2021, 7, 1)),
        (Tax.Excise, TaxRate.ExciseBand, 1_500, new DateOnly(2023, 7, 1)),
    ];

    private void Add(IDataDefenderDb db, Tax tax, string band, int points, VatBase vatBase, DateOnly from) => db.TaxRates.Add(new TaxRate(tenant.TenantId, tax, band, points, vatBase, from));

    private async Task<DateOnly> TodayAsync(IDataDefenderDb db, CancellationToken ct) => (await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct)).Today(clock);
}

/// <summary>The settings as they are edited, with all rates.</summary>
public sealed record BillingSettingsDetails(int Version, BillingSettingsInput Input, IReadOnlyList<TaxRateRow> Rates);

public sealed record TaxRateRow(Guid Id, Tax Tax, string Band, decimal Percent, VatBase VatBase, DateOnly From, bool Current);
