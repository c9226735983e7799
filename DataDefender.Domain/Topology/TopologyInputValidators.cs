using FluentValidation;

namespace DataDefender.Domain.Topology;

public sealed class SiteInputValidator : AbstractValidator<SiteInput>
{
    public SiteInputValidator()
    {
        RuleFor(s => s.Name).Must(n => !string.IsNullOrWhiteSpace(n)).WithMessage("Give the site a name.")
            .MaximumLength(Site.NameLength).WithMessage("A name has at most 80 characters.");
        RuleFor(s => s.Latitude).InclusiveBetween(-90, 90).WithMessage("A latitude is −90 to 90 degrees; south is negative.");
        RuleFor(s => s.Longitude).InclusiveBetween(-180, 180).WithMessage("A longitude is −180 to 180 degrees; west is negative.");
        RuleFor(s => s.Longitude).NotNull().When(s => s.Latitude is not null).WithMessage("A latitude needs its longitude.");
        RuleFor(s => s.Latitude).NotNull().When(s => s.Longitude is not null).WithMessage("A longitude needs its latitude.");
        RuleFor(s => s.Address).MaximumLength(200).WithMessage("An address has at most 200 characters.");
        RuleFor(s => s.Notes).MaximumLength(1000).WithMessage("Notes have at most 1,000 characters.");
    }
}

public sealed class LinkInputValidator : AbstractValidator<LinkInput>
{
    public LinkInputValidator()
    {
        RuleFor(l => l.Name).Must(n => !string.IsNullOrWhiteSpace(n)).WithMessage("Give the link a name.").MaximumLength(80).WithMessage("A name has at most 80 characters.");
        RuleFor(l => l.CapacityKbps).InclusiveBetween(64, 800_000_000).WithMessage("A link carries 0.064 to 800,000 Mbps.");
        RuleFor(l => l.FromRouterId).Must((l, id) => id is not null || l.FromSiteId is not null).WithMessage("Choose where it begins.");
        RuleFor(l => l.ToRouterId).Must((l, id) => id is not null || l.ToSiteId is not null).WithMessage("Choose where it ends.");
        RuleFor(l => l.ToRouterId).Must((l, _) => l.FromRouterId is null || l.FromRouterId != l.ToRouterId).WithMessage("A link has two different ends.");
        RuleFor(l => l.ToSiteId).Must((l, _) => l.FromSiteId is null || l.FromSiteId != l.ToSiteId || l.FromRouterId is not null || l.ToRouterId is not null).WithMessage("A link has two different ends.");
        RuleFor(l => l.FromInterface).MaximumLength(100).WithMessage("An interface name has at most 100 characters.");
        RuleFor(l => l.ToInterface).MaximumLength(100).WithMessage("An interface name has at most 100 characters.");
    }
}
