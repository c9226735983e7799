using DataDefender.Domain.Common;

namespace DataDefender.Domain.Subscriptions;

public enum PackageStatus
{
    Active,
    Retired,
}

public enum PeriodUnit
{
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// <summary>What is sold: a speed for a price over a period. Speeds are in kbit/s and in the customer's view.</summary>
public sealed class ServicePackage : Entity, ITenantOwned, IAudited, IFeedsRadius
{
    private ServicePackage() { }

    public ServicePackage(Guid tenantId, ServicePackageInput input, DateTime now)
    {
        (TenantId, CreatedAt) = (tenantId, now);
        Change(input);
    }

    public Guid TenantId { get; private set; }
    public string Name { get; private set; } = "";
    public string? Description { get; private set; }
    public Money Price { get; private set; }
    public int PeriodCount { get; private set; }
    public PeriodUnit PeriodUnit { get; private set; }
    public int DownloadKbps { get; private set; }
    public int UploadKbps { get; private set; }

    /// <summary>Null without burst; the four burst values are set together.</summary>
    public int? BurstDownloadKbps { get; private set; }

    public int? BurstUploadKbps { get; private set; }
    public int? BurstThresholdPercent { get; private set; }
    public int? BurstSeconds { get; private set; }

    /// <summary>RouterOS queue priority, 1 (first) to 8 (last).</summary>
    public int Priority { get; private set; } = 8;

    /// <summary>How many sessions one subscription may hold at once.</summary>
    public int SessionLimit { get; private set; } = 1;

    /// <summary>The router's address pool; null leaves the address to the router or to the subscription's static one.</summary>
    public string? AddressPool { get; private set; }

    /// <summary>Routers on which the package has another pool.</summary>
    public SitePools SitePools { get; private set; } = SitePools.None;

    /// <summary>The router's IPv6 pool for the line's own link (Framed-IPv6-Pool, RFC 3162 §2.6); null for none.</summary>
    public string? Ipv6Pool { get; private set; }

    /// <summary>The router's IPv6 pool from which a prefix is delegated to the line (Mikrotik-Delegated-IPv6-Pool); null for none.</summary>
    public string? DelegatedIpv6Pool { get; private set; }

    public int? SessionTimeoutSeconds { get; private set; }
    public int? IdleTimeoutSeconds { get; private set; }

    /// <summary>The rules that limit its lines over time; null for none.</summary>
    public Guid? PolicyId { get; private set; }

    public PackageStatus Status { get; private set; } = PackageStatus.Active;
    public DateTime CreatedAt { get; private set; }

    public string AuditLabel => Name;

    public void Change(ServicePackageInput input)
    {
        (Name, Description, Price) = (input.Name.Trim(), input.Description?.Trim(), Money.Of(input.Price));
        (PeriodCount, PeriodUnit) = (input.PeriodCount, input.PeriodUnit);
        (DownloadKbps, UploadKbps) = (input.DownloadKbps, input.UploadKbps);
        (BurstDownloadKbps, BurstUploadKbps) = (input.BurstDownloadKbps, input.BurstUploadKbps);
        (BurstThresholdPercent, BurstSeconds) = (input.BurstThresholdPercent, input.BurstSeconds);
        (Priority, SessionLimit) = (input.Priority, input.SessionLimit);
        (AddressPool, SitePools) = (OrNull(input.AddressPool), input.SitePools);
        (Ipv6Pool, DelegatedIpv6Pool) = (OrNull(input.Ipv6Pool), OrNull(input.DelegatedIpv6Pool));
        (SessionTimeoutSeconds, IdleTimeoutSeconds) = (input.SessionTimeoutSeconds, input.IdleTimeoutSeconds);
        PolicyId = input.PolicyId;
    }

    /// <summary>What made the package as it is, so that a form or a copy starts from it.</summary>
    public ServicePackageInput ToInput() => new()
    {
        Name = Name,
        Description = Description,
        Price = Price.Amount,
        PeriodCount = PeriodCount,
        PeriodUnit = PeriodUnit,
        DownloadKbps = DownloadKbps,
        UploadKbps = UploadKbps,
        BurstDownloadKbps = BurstDownloadKbps,
        BurstUploadKbps = BurstUploadKbps,
        BurstThresholdPercent = BurstThresholdPercent,
        BurstSeconds = BurstSeconds,
        Priority = Priority,
        SessionLimit = SessionLimit,
        AddressPool = AddressPool,
        SitePools = SitePools,
        Ipv6Pool = Ipv6Pool,
        DelegatedIpv6Pool = DelegatedIpv6Pool,
        SessionTimeoutSeconds = SessionTimeoutSeconds,
        IdleTimeoutSeconds = IdleTimeoutSeconds,
        PolicyId = PolicyId,
    };

    public void Retire()
    {
        if (Status is PackageStatus.Retired)
        {
            throw new DomainException("package.retired", $"{Name} is retired already.");
        }

        Status = PackageStatus.Retired;
    }

    public void Reactivate()
    {
        if (Status is PackageStatus.Active)
        {
            throw new DomainException("package.active", $"{Name} is active already.");
        }

        Status = PackageStatus.Active;
    }

    private static string? OrNull(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

/// <summary>What an admin types about a package.</summary>
public sealed record ServicePackageInput
{
    public string Name { get; set; } = "";
    public string? Description { get; set; }
    public decimal Price { get; set; }
    public int PeriodCount { get; set; } = 1;
    public PeriodUnit PeriodUnit { get; set; } = PeriodUnit.Month;
    public int DownloadKbps { get; set; }
    public int UploadKbps { get; set; }
    public int? BurstDownloadKbps { get; set; }
    public int? BurstUploadKbps { get; set; }
    public int? BurstThresholdPercent { get; set; }
    public int? BurstSeconds { get; set; }
    public int Priority { get; set; } = 8;
    public int SessionLimit { get; set; } = 1;
    public string? AddressPool { get; set; }
    public SitePools SitePools { get; set; } = SitePools.None;
    public string? Ipv6Pool { get; set; }
    public string? DelegatedIpv6Pool { get; set; }
    public int? SessionTimeoutSeconds { get; set; }
    public int? IdleTimeoutSeconds { get; set; }
    public Guid? PolicyId { get; set; }
}
