using FluentValidation;

namespace DataDefender.Domain.Subscriptions;

/// <summary>What a package may be. Speeds are checked so that every router takes the rate limit made of them.</summary>
public sealed class ServicePackageInputValidator : AbstractValidator<ServicePackageInput>
{
    private const int SlowestKbps = 64;
    private const int FastestKbps = 10_000_000;
    private const string PoolRule = "Write a pool's name as on the router: at most 60 characters, no spaces.";

    public ServicePackageInputValidator()
    {
        RuleFor(p => p.Name).NotEmpty().WithMessage("Give the package a name.").MaximumLength(80).WithMessage("A name has at most 80 characters.");
        RuleFor(p => p.Description).MaximumLength(500).WithMessage("A description has at most 500 characters.");
        RuleFor(p => p.Price).InclusiveBetween(0, 10_000_000).WithMessage("The price is between 0 and 10,000,000.");
        RuleFor(p => p.PeriodCount).InclusiveBetween(1, 366).WithMessage("The period is between 1 and 366 units.");
        RuleFor(p => p.PeriodUnit).IsInEnum().WithMessage("Choose the unit of the period.");
        RuleFor(p => p.DownloadKbps).InclusiveBetween(SlowestKbps, FastestKbps).WithMessage("Download is between 0.064 and 10,000 Mbps.");
        RuleFor(p => p.UploadKbps).InclusiveBetween(SlowestKbps, FastestKbps).WithMessage("Upload is between 0.064 and 10,000 Mbps.");
        RuleFor(p => p.Priority).InclusiveBetween(1, 8).WithMessage("Priority is 1 (served first) to 8 (last).");
        RuleFor(p => p.SessionLimit).InclusiveBetween(1, 100).WithMessage("Between 1 and 100 sessions at once.");
        RuleFor(p => p.AddressPool).Must(IsPool).WithMessage(PoolRule);
        RuleFor(p => p.Ipv6Pool).Must(IsPool).WithMessage(PoolRule);
        RuleFor(p => p.DelegatedIpv6Pool).Must(IsPool).WithMessage(PoolRule);
        RuleForEach(p => p.SitePools.Pools).Must(site => site.Pool.Length > 0 && IsPool(site.Pool)).WithMessage(PoolRule);
        RuleFor(p => p.SitePools.Pools).Must(sites => sites.DistinctBy(s => s.RouterId).Count() == sites.Length).WithMessage("Each router has one pool for a package.");
        RuleFor(p => p.SessionTimeoutSeconds).InclusiveBetween(60, 31_622_400).WithMessage("A session lasts between 1 minute and 366 days.");
        RuleFor(p => p.IdleTimeoutSeconds).InclusiveBetween(60, 31_622_400).WithMessage("The idle time is between 1 minute and 366 days.");
        BurstRules();
    }

    private static bool IsPool(string? name) => name is null || (name.Trim() is { Length: <= 60 } pool && !pool.Contains(' ', StringComparison.Ordinal));

    private static bool HasBurst(ServicePackageInput p) =>
        p.BurstDownloadKbps is not null || p.BurstUploadKbps is not null || p.BurstThresholdPercent is not null || p.BurstSeconds is not null;

    private void BurstRules() => When(HasBurst, () =>
    {
        RuleFor(p => p.BurstDownloadKbps).Cascade(CascadeMode.Stop)
            .NotNull().WithMessage("A burst needs its download speed.")
            .InclusiveBetween(SlowestKbps, FastestKbps).WithMessage("Burst download is between 0.064 and 10,000 Mbps.")
            .GreaterThanOrEqualTo(p => p.DownloadKbps).WithMessage("Burst download cannot be below the download speed.");
        RuleFor(p => p.BurstUploadKbps).Cascade(CascadeMode.Stop)
            .NotNull().WithMessage("A burst needs its upload speed.")
            .InclusiveBetween(SlowestKbps, FastestKbps).WithMessage("Burst upload is between 0.064 and 10,000 Mbps.")
            .GreaterThanOrEqualTo(p => p.UploadKbps).WithMessage("Burst upload cannot be below the upload speed.");
        RuleFor(p => p.BurstThresholdPercent).Cascade(CascadeMode.Stop)
            .NotNull().WithMessage("A burst needs its threshold.")
            .InclusiveBetween(1, 100).WithMessage("The threshold is 1 to 100 percent of the speed.");
        RuleFor(p => p.BurstSeconds).Cascade(CascadeMode.Stop)
            .NotNull().WithMessage("A burst needs its time.")
            .InclusiveBetween(1, 300).WithMessage("The burst time is 1 to 300 seconds.");
    });
}
