using DataDefender.Domain.Common;

namespace DataDefender.Domain.Tenancy;

public enum CompanyStatus
{
    Pending,
    Active,
    Rejected,
    Suspended,
}

/// <summary>Parts of the product that a licence switches on.</summary>
[Flags]
public enum LicensedModules
{
    None = 0,
    Radius = 1,
    Network = 2,
    Billing = 4,
    Hotspot = 8,
    Inventory = 16,
    Support = 32,
    All = Radius | Network | Billing | Hotspot | Inventory | Support,
}

/// <summary>What a company may use: caps are counts, the expiry is the last day in the company's time zone.</summary>
public sealed record Licence(string Plan, int MaxSubscribers, int MaxRouters, LicensedModules Modules, DateOnly ExpiresOn)
{
    public static Licence Trial(DateOnly today) => new("Trial", 50, 2, LicensedModules.All, today.AddDays(30));
}

/// <summary>An ISP that works on this installation: a tenant. Its id is the TenantId of all its rows.</summary>
public sealed class Company : Entity, IPlatformOwned, IAudited, IFeedsRadius
{
    private Company() { }

    public Company(string name, string slug, string contactName, string contactEmail, string contactPhone, string county, DateTime now)
    {
        (Name, Slug, ContactName, ContactEmail, ContactPhone, County) = (name, slug, contactName, contactEmail, contactPhone, county);
        (RegisteredAt, StatusSince) = (now, now);
    }

    public string Name { get; private set; } = "";
    public string Slug { get; private set; } = "";
    public string ContactName { get; private set; } = "";
    public string ContactEmail { get; private set; } = "";
    public string ContactPhone { get; private set; } = "";
    public string County { get; private set; } = "";
    public string TimeZone { get; private set; } = "Africa/Nairobi";
    public string Currency { get; private set; } = "KES";
    public CompanyStatus Status { get; private set; } = CompanyStatus.Pending;
    public DateTime StatusSince { get; private set; }

    /// <summary>Why it was rejected or suspended; shown to the company.</summary>
    public string? StatusReason { get; private set; }

    public DateTime RegisteredAt { get; private set; }
    public string LicencePlan { get; private set; } = "";
    public int LicenceMaxSubscribers { get; private set; }
    public int LicenceMaxRouters { get; private set; }
    public LicensedModules LicenceModules { get; private set; }
    public DateOnly? LicenceExpiresOn { get; private set; }

    public string AuditLabel => Name;

    /// <summary>Null until the company was approved.</summary>
    public Licence? Licence => LicenceExpiresOn is { } expires
        ? new Licence(LicencePlan, LicenceMaxSubscribers, LicenceMaxRouters, LicenceModules, expires)
        : null;

    /// <summary>The date where the company is.</summary>
    public DateOnly Today(TimeProvider clock) => DayOf(clock.GetUtcNow().UtcDateTime);

    /// <summary>The company's date at a UTC time.</summary>
    public DateOnly DayOf(DateTime utc) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(utc, TimeZoneInfo.FindSystemTimeZoneById(TimeZone)));

    public void Approve(Licence licence, DateTime now)
    {
        RequireStatus("approve", CompanyStatus.Pending, CompanyStatus.Rejected);
        Change(CompanyStatus.Active, null, now);
        Grant(licence);
    }

    public void Reject(string reason, DateTime now)
    {
        RequireStatus("reject", CompanyStatus.Pending);
        Change(CompanyStatus.Rejected, RequireReason(reason), now);
    }

    public void Suspend(string reason, DateTime now)
    {
        RequireStatus("suspend", CompanyStatus.Active);
        Change(CompanyStatus.Suspended, RequireReason(reason), now);
    }

    public void Reinstate(DateTime now)
    {
        RequireStatus("reinstate", CompanyStatus.Suspended);
        Change(CompanyStatus.Active, null, now);
    }

    public void Grant(Licence licence)
    {
        if (licence.MaxSubscribers < 0 || licence.MaxRouters < 0)
        {
            throw new DomainException("licence.caps", "A licence's caps cannot be negative.");
        }

        (LicencePlan, LicenceMaxSubscribers, LicenceMaxRouters) = (licence.Plan, licence.MaxSubscribers, licence.MaxRouters);
        (LicenceModules, LicenceExpiresOn) = (licence.Modules, licence.ExpiresOn);
    }

    private static string RequireReason(string reason) => string.IsNullOrWhiteSpace(reason)
        ? throw new DomainException("company.reason", "Say why; the company reads it.")
        : reason.Trim();

    private void RequireStatus(string verb, params ReadOnlySpan<CompanyStatus> allowed)
    {
        if (!allowed.Contains(Status))
        {
            throw new DomainException("company.status", $"{Name} is {Status}; you cannot {verb} it now.");
        }
    }

    private void Change(CompanyStatus status, string? reason, DateTime now) => (Status, StatusReason, StatusSince) = (status, reason, now);
}
