using System.Net;
using DataDefender.Domain.Common;
using FluentValidation;

namespace DataDefender.Domain.Addresses;

/// <summary>What the addresses of a prefix are for.</summary>
public enum PrefixUse
{
    /// <summary>Divided into smaller prefixes.</summary>
    Container,

    /// <summary>A router gives them out of a pool.</summary>
    Pool,

    /// <summary>Fixed addresses of lines.</summary>
    Lines,

    /// <summary>IPv6 prefixes delegated to lines.</summary>
    Delegation,

    /// <summary>Routers, links, servers of the company's own.</summary>
    Infrastructure,

    /// <summary>Public addresses that lines share (carrier-grade NAT).</summary>
    Shared,
}

/// <summary>A prefix of the company's address plan. What lies within what is told by the addresses themselves.</summary>
public sealed class AddressPrefix : Entity, ITenantOwned, IAudited
{
    private AddressPrefix() { }

    public AddressPrefix(Guid tenantId, PrefixInput input, DateTime now)
    {
        (TenantId, CreatedAt) = (tenantId, now);
        Change(input);
    }

    public Guid TenantId { get; private set; }

    /// <summary>Canonical: <c>100.64.0.0/22</c>.</summary>
    public string Network { get; private set; } = "";

    public string Name { get; private set; } = "";
    public PrefixUse Use { get; private set; }
    public Guid? SiteId { get; private set; }

    /// <summary>The router that gives them out; null for any.</summary>
    public Guid? RouterId { get; private set; }

    /// <summary>The name of the pool on the router, for <see cref="PrefixUse.Pool"/>.</summary>
    public string? PoolName { get; private set; }

    /// <summary>The length of each delegated prefix, for <see cref="PrefixUse.Delegation"/>.</summary>
    public int? DelegatedLength { get; private set; }

    /// <summary>The router's own address in it: given to nobody.</summary>
    public string? Gateway { get; private set; }

    public string? Notes { get; private set; }
    public DateTime CreatedAt { get; private set; }

    public string AuditLabel => $"{Network} {Name}".Trim();

    public AddressRange Range => AddressRange.Of(IPNetwork.Parse(Network));

    public void Change(PrefixInput input)
    {
        Network = Prefixes.Canonical(input.Network) ?? throw new DomainException("address.prefix", $"{input.Network} is no prefix.");
        (Name, Use, SiteId, RouterId) = (input.Name.Trim(), input.Use, input.SiteId, input.RouterId);
        PoolName = input.Use is PrefixUse.Pool ? OrNull(input.PoolName) : null;
        DelegatedLength = input.Use is PrefixUse.Delegation ? input.DelegatedLength : null;
        (Gateway, Notes) = (OrNull(input.Gateway), OrNull(input.Notes));
    }

    private static string? OrNull(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

/// <summary>What a person types about a prefix.</summary>
public sealed record PrefixInput
{
    public string Network { get; set; } = "";
    public string Name { get; set; } = "";
    public PrefixUse Use { get; set; }
    public Guid? SiteId { get; set; }
    public Guid? RouterId { get; set; }
    public string? PoolName { get; set; }
    public int? DelegatedLength { get; set; }
    public string? Gateway { get; set; }
    public string? Notes { get; set; }
}

public sealed class PrefixInputValidator : AbstractValidator<PrefixInput>
{
    public PrefixInputValidator()
    {
        RuleFor(p => p.Network).Must(n => Prefixes.Canonical(n) is not null).WithMessage("Write a prefix whose host bits are zero: 100.64.0.0/22 or 2001:db8::/32.");
        RuleFor(p => p.Name).MaximumLength(80).WithMessage("A name has at most 80 characters.");
        RuleFor(p => p.PoolName).MaximumLength(60).WithMessage("A pool name has at most 60 characters.");
        RuleFor(p => p.Notes).MaximumLength(1000).WithMessage("Notes have at most 1,000 characters.");
        RuleFor(p => p.Use).Must((p, use) => use is not PrefixUse.Delegation || p.Network.Contains(':', StringComparison.Ordinal)).WithMessage("Only IPv6 prefixes are delegated.");
        RuleFor(p => p.Use).Must((p, use) => use is not (PrefixUse.Lines or PrefixUse.Shared) || !p.Network.Contains(':', StringComparison.Ordinal)).WithMessage("Fixed and shared addresses are IPv4; an IPv6 line gets a delegated prefix.");
        RuleFor(p => p.DelegatedLength).Must((p, length) => p.Use is not PrefixUse.Delegation || (length is >= 32 and <= 64 && Prefixes.Canonical(p.Network) is { } n && length >= IPNetwork.Parse(n).PrefixLength))
            .WithMessage("Say how long each delegated prefix is: 32 to 64, and not shorter than this one.");
        RuleFor(p => p.Gateway).Must((p, g) => string.IsNullOrWhiteSpace(g) || (AddressRange.Parse(g) is { } address && address.First == address.Last && Prefixes.Canonical(p.Network) is { } n && AddressRange.Of(IPNetwork.Parse(n)).Contains(address)))
            .WithMessage("The router’s own address lies in the prefix.");
    }
}
