using DataDefender.Domain.Common;

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

    public SubscriptionState State { get; private set; } = SubscriptionState.Pending;
    public DateTime StateSince { get; private set; }
    public SuspendReason? SuspendReason { get; private set; }
    public string? StateNote { get; private set; }
    public DateTime CreatedAt { get; private set; }
    public DateTime? ActivatedAt { get; private set; }

    public string AuditLabel => Username;

    public void SetPassword(string cipherText) => PasswordCipher = cipherText;

    public void AssignAddress(string? staticAddress) => StaticAddress = staticAddress;

    public void LockToCaller(string? mac) => CallerLock = mac;

    public void ChangePackage(Guid packageId)
    {
        if (State is SubscriptionState.Disconnected)
        {
            throw Wrong("change the package of");
        }

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
    }

    private void Move(SubscriptionState state, DateTime now) => (State, StateSince, SuspendReason, StateNote) = (state, now, null, null);

    private void Require(string verb, params ReadOnlySpan<SubscriptionState> allowed)
    {
        if (!allowed.Contains(State))
        {
            throw Wrong(verb);
        }
    }

    private DomainException Wrong(string verb) => new("subscription.state", $"{Username} is {State}; you cannot {verb} it now.");
}
