using DataDefender.Domain.Common;
using DataDefender.Domain.Policies;
using DataDefender.Domain.Security;

namespace DataDefender.Domain.Subscriptions;

public enum SubscriptionState
{
    /// <summary>Sold, not yet switched on: every login is refused.</summary>
    Pending,

    /// <summary>Gets what was sold.</summary>
    Active,

    /// <summary>Logs in, but into the walled garden.</summary>
    Suspended,

    /// <summary>Ended for good: every login is refused.</summary>
    Disconnected,
}

public enum SuspendReason
{
    Unpaid,
    Requested,
    Abuse,
    Maintenance,
    Other,
}

/// <summary>One line of a client: a package and the credentials that dial in with it.</summary>
public sealed class Subscription : Entity, ITenantOwned, IAudited, IFeedsRadius
{
    private Subscription() { }

    public Subscription(Guid tenantId, Guid clientId, Guid packageId, string username, DateTime now)
    {
        (TenantId, ClientId, PackageId, Username) = (tenantId, clientId, packageId, username);
        (CreatedAt, StateSince) = (now, now);
    }

    public Guid TenantId { get; private set; }
    public Guid ClientId { get; private set; }
    public Guid PackageId { get; private set; }

    /// <summary>The PPPoE or hotspot user name, unique within the company, lower case.</summary>
    public string Username { get; private set; } = "";

    [Sensitive]
    public string PasswordCipher { get; private set; } = "";

    /// <summary>A fixed IPv4 address, or null for one of the pool.</summary>
    public string? StaticAddress { get; private set; }

    /// <summary>When set, only this caller (MAC, upper case with colons) may log in.</summary>
    public string? CallerLock { get; private set; }

    /// <summary>What else binds the line to a place or to equipment.</summary>
    public LineBinding Binding { get; private set; } = LineBinding.None;

    /// <summary>The IPv6 prefix delegated to the line's router (RFC 4818), canonical; null for one of the pool or none.</summary>
    public string? DelegatedPrefix { get; private set; }

    /// <summary>The site that it is served from, when somebody has said; otherwise it counts for the site of the router it is online on.</summary>
    public Guid? SiteId { get; private set; }

    public SubscriptionState State { get; private set; } = SubscriptionState.Pending;
    public DateTime StateSince { get; private set; }
    public SuspendReason? SuspendReason { get; private set; }
    public string? StateNote { get; private set; }
    public DateTime CreatedAt { get; private set; }
    public DateTime? ActivatedAt { get; private set; }

    /// <summary>The end of the paid time (UTC); null for a line that is billed afterwards.</summary>
    public DateTime? ExpiresAt { get; private set; }

    /// <summary>The rule that limits the line now; the four values after it say how, why and for how long.</summary>
    [Observed]
    public LimitKind Limit { get; private set; } = LimitKind.None;

    [Observed]
    public QuotaAction? LimitAction { get; private set; }

    [Observed]
    public int? LimitDownloadKbps { get; private set; }

    [Observed]
    public int? LimitUploadKbps { get; private set; }

    [Observed]
    public string? LimitReason { get; private set; }

    [Observed]
    public DateTime? LimitSince { get; private set; }

    /// <summary>Null when only an act ends it (a top-up, a payment).</summary>
    [Observed]
    public DateTime? LimitUntil { get; private set; }

    /// <summary>Seconds that the line may still be online in the window of its time quota, as of when it was last offline; null without such a quota.</summary>
    [Observed]
    public int? OnlineSecondsLeft { get; private set; }

    /// <summary>When that window ends and another quota begins.</summary>
    [Observed]
    public DateTime? OnlineLeftUntil { get; private set; }

    public string AuditLabel => Username;

    /// <summary>Takes what the policy says now. Returns true when the line has to be treated otherwise than before.</summary>
    public bool Obey(LineLimit limit, DateTime now)
    {
        var limited = limit.Kind is not LimitKind.None;
        var before = (Limit, LimitAction, LimitDownloadKbps, LimitUploadKbps);
        (Limit, LimitAction) = (limit.Kind, limit.Action);
        LimitDownloadKbps = limited ? limit.DownloadKbps : null;
        LimitUploadKbps = limited ? limit.UploadKbps : null;
        var changed = before != (Limit, LimitAction, LimitDownloadKbps, LimitUploadKbps);
        if (changed)
        {
            LimitSince = limited ? now : null;
        }

        LimitReason = limited ? limit.Reason : null;
        LimitUntil = limited ? limit.Until : null;
        return changed;
    }

    /// <summary>Keeps what is left of the time quota, for the next login to be told.</summary>
    public void TellOnlineLeft(OnlineLeft? left) => (OnlineSecondsLeft, OnlineLeftUntil) = (left?.Seconds, left?.Until);

    /// <summary>Sets the end of the paid time (UTC); null for a line that is billed afterwards.</summary>
    public void ExpireAt(DateTime? expiresAt)
    {
        RequireNotEnded("change the paid time of");
        ExpiresAt = expiresAt;
    }

    public void Bind(LineBinding binding)
    {
        RequireNotEnded("bind");
        Binding = binding;
    }

    /// <summary>Locks the line to its first caller, when it is to learn one and this is the first. Returns whether it did.</summary>
    public bool Learn(string mac)
    {
        if (!Binding.Learns(CallerLock, mac))
        {
            return false;
        }

        CallerLock = mac;
        return true;
    }

    public void ServeFrom(Guid? siteId) => SiteId = siteId;

    public void Delegate(string? prefix) => DelegatedPrefix = prefix;

    /// <summary>Where the vault keeps the password.</summary>
    public SecretPlace PasswordPlace() => new(TenantId, nameof(Subscription), Id, nameof(PasswordCipher));

    public void SetPassword(string cipherText) => PasswordCipher = cipherText;

    public void AssignAddress(string? staticAddress) => StaticAddress = staticAddress;

    public void LockToCaller(string? mac) => CallerLock = mac;

    public void ChangePackage(Guid packageId)
    {
        RequireNotEnded("change the package of");
        PackageId = packageId;
    }

    public void Activate(DateTime now)
    {
        Require("activate", SubscriptionState.Pending);
        Move(SubscriptionState.Active, now);
        ActivatedAt = now;
    }

    public void Suspend(SuspendReason reason, string? note, DateTime now)
    {
        Require("suspend", SubscriptionState.Active);
        Move(SubscriptionState.Suspended, now);
        (SuspendReason, StateNote) = (reason, string.IsNullOrWhiteSpace(note) ? null : note.Trim());
    }

    public void Restore(DateTime now)
    {
        Require("restore", SubscriptionState.Suspended);
        Move(SubscriptionState.Active, now);
    }

    public void Disconnect(string? note, DateTime now)
    {
        Require("disconnect", SubscriptionState.Pending, SubscriptionState.Active, SubscriptionState.Suspended);
        Move(SubscriptionState.Disconnected, now);
        StateNote = string.IsNullOrWhiteSpace(note) ? null : note.Trim();
        (StaticAddress, DelegatedPrefix) = (null, null); // they are free for others
    }

    private void Move(SubscriptionState state, DateTime now) => (State, StateSince, SuspendReason, StateNote) = (state, now, null, null);

    private void Require(string verb, params ReadOnlySpan<SubscriptionState> allowed)
    {
        if (!allowed.Contains(State))
        {
            throw Wrong(verb);
        }
    }

    private void RequireNotEnded(string verb)
    {
        if (State is SubscriptionState.Disconnected)
        {
            throw Wrong(verb);
        }
    }

    private DomainException Wrong(string verb) => new("subscription.state", $"{Username} is {State}; you cannot {verb} it now.");
}
