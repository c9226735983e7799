using DataDefender.Domain.Common;

namespace DataDefender.Domain.Notifications;

public enum OptOutScope
{
    /// <summary>No advertising; bills and notices still go.</summary>
    Promotional,

    /// <summary>Nothing at all: the address bounces, or the recipient complained to the provider.</summary>
    Everything,
}

/// <summary>Somebody who does not want to be written to on a channel.</summary>
public sealed class OptOut : Entity, ITenantOwned, IAudited
{
    private OptOut() { }

    public OptOut(Guid tenantId, MessageChannel channel, string recipient, OptOutScope scope, string reason, DateTime now) =>
        (TenantId, Channel, Recipient, Scope, Reason, Since) = (tenantId, channel, recipient, scope, reason, now);

    public Guid TenantId { get; private set; }
    public MessageChannel Channel { get; private set; }

    /// <summary>As in <see cref="Message.Recipient"/>.</summary>
    public string Recipient { get; private set; } = "";

    public OptOutScope Scope { get; private set; }
    public string Reason { get; private set; } = "";
    public DateTime Since { get; private set; }

    public string AuditLabel => Recipient;

    public void Widen(string reason) => (Scope, Reason) = (OptOutScope.Everything, reason);
}
