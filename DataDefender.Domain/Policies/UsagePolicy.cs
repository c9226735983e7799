using DataDefender.Domain.Common;

namespace DataDefender.Domain.Policies;

/// <summary>A named set of rules that packages refer to.</summary>
public sealed class UsagePolicy : Entity, ITenantOwned, IAudited, IFeedsRadius
{
    private UsagePolicy() { }

    public UsagePolicy(Guid tenantId, string name, PolicyRules rules, DateTime now)
    {
        (TenantId, CreatedAt) = (tenantId, now);
        Change(name, rules);
    }

    public Guid TenantId { get; private set; }
    public string Name { get; private set; } = "";
    public PolicyRules Rules { get; private set; } = PolicyRules.None;
    public DateTime CreatedAt { get; private set; }

    public string AuditLabel => Name;

    public void Change(string name, PolicyRules rules) => (Name, Rules) = (name.Trim(), rules);
}

/// <summary>Extra data for one line, bought or given.</summary>
public sealed class TopUp : Entity, ITenantOwned, IAudited
{
    private TopUp() { }

    /// <param name="movedBefore">What the line has moved in this hour already; null for nothing.</param>
    public TopUp(Guid tenantId, Guid subscriptionId, long bytes, DateTime from, DateTime until, string note, HourOfUse? movedBefore = null)
    {
        if (bytes <= 0 || until <= from)
        {
            throw new DomainException("topup.invalid", "A top-up needs some data and must end after it begins.");
        }

        (TenantId, SubscriptionId, Bytes, From, Until, Note) = (tenantId, subscriptionId, bytes, from, until, note.Trim());
        (UploadedBefore, DownloadedBefore) = (movedBefore?.UploadBytes ?? 0, movedBefore?.DownloadBytes ?? 0);
    }

    public Guid TenantId { get; private set; }
    public Guid SubscriptionId { get; private set; }
    public long Bytes { get; private set; }
    public DateTime From { get; private set; }
    public DateTime Until { get; private set; }

    /// <summary>Bytes that the line had moved in the hour of <see cref="From"/> when the top-up was given; it does not pay for them.</summary>
    public long UploadedBefore { get; private set; }

    public long DownloadedBefore { get; private set; }

    /// <summary>Why it was given, or which payment bought it.</summary>
    public string Note { get; private set; } = "";

    public string AuditLabel => Note;

    public TopUpGrant Grant => new(Bytes, From, Until, new HourOfUse(From, UploadedBefore, DownloadedBefore, 0));
}

/// <summary>
/// When a line's rules have to be looked at next, although nothing was used: a schedule begins, a window ends, the paid time is over. The
/// values after it say what the last look went by: another package, changed rules or another end of the paid time call for a new look.
/// </summary>
public sealed class PolicyCheck : ITenantOwned
{
    public Guid TenantId { get; init; }
    public Guid SubscriptionId { get; init; }

    /// <summary>UTC.</summary>
    public DateTime NextAt { get; set; }

    public Guid PackageId { get; set; }
    public int PackageVersion { get; set; }

    /// <summary>Null for a package without a policy.</summary>
    public int? PolicyVersion { get; set; }

    /// <summary>Null for a company that never saved its settings.</summary>
    public int? SettingsVersion { get; set; }

    public DateTime? ExpiresAt { get; set; }
}
