using DataDefender.Domain.Common;

namespace DataDefender.Domain.Subscriptions;

public enum LineAction
{
    /// <summary>Bring the open session to what the subscription now says, without dropping it where the router can.</summary>
    Apply,

    /// <summary>The same, out of the walled garden: the address is taken off the router's list as well, and that is read back.</summary>
    Release,

    /// <summary>End the open session.</summary>
    Drop,
}

public enum LineCommandStatus
{
    Pending,
    Done,

    /// <summary>The line had no open session: the next login gets the new state anyway.</summary>
    NoSession,

    /// <summary>Every way was tried and none worked; says why in the detail.</summary>
    Failed,

    /// <summary>A newer command for the same line made this one pointless.</summary>
    Superseded,
}

/// <summary>How a line was changed on the router.</summary>
public enum LinePath
{
    ChangeOfAuthorization,
    DisconnectRequest,
    RouterApi,

    /// <summary>The router has the line itself; its configuration was changed.</summary>
    Configuration,
}

/// <summary>Something to be done to a line's open session, written with the change that asks for it and carried out right after.</summary>
public sealed class LineCommand : Entity, ITenantOwned
{
    private LineCommand() { }

    public LineCommand(Guid tenantId, Guid subscriptionId, LineAction action, string because, string requestedBy, DateTime now)
    {
        (TenantId, SubscriptionId, Action, Because, RequestedBy) = (tenantId, subscriptionId, action, because, requestedBy);
        (RequestedAt, NextAttemptAt) = (now, now);
    }

    public Guid TenantId { get; private set; }
    public Guid SubscriptionId { get; private set; }
    public LineAction Action { get; private set; }

    /// <summary>What asked for it, for people: "suspended: Unpaid".</summary>
    public string Because { get; private set; } = "";

    public string RequestedBy { get; private set; } = "";
    public DateTime RequestedAt { get; private set; }
    public LineCommandStatus Status { get; private set; } = LineCommandStatus.Pending;
    public LinePath? Path { get; private set; }
    public int Attempts { get; private set; }
    public DateTime NextAttemptAt { get; private set; }
    public DateTime? CompletedAt { get; private set; }

    /// <summary>What the router answered, or why nothing worked.</summary>
    public string? Detail { get; private set; }

    public void Complete(LineCommandStatus status, LinePath? path, string? detail, DateTime now)
    {
        if (Status is not LineCommandStatus.Pending)
        {
            throw new DomainException("line.completed", "This line command has been carried out already.");
        }

        Attempts++;
        (Status, Path, Detail, CompletedAt) = (status, path, detail, now);
    }

    /// <summary>It was taken for done, and a session shows that it is not.</summary>
    public void TakeUpAgain(DateTime now, string detail)
    {
        if (Status is LineCommandStatus.Done or LineCommandStatus.NoSession)
        {
            (Status, Path, CompletedAt, NextAttemptAt, Detail) = (LineCommandStatus.Pending, null, null, now, detail);
        }
    }

    /// <summary>Nothing was tried: what it depends on is about to be known.</summary>
    public void WaitUntil(DateTime next, string detail) => (NextAttemptAt, Detail) = (next, detail);

    public void TryAgainAt(DateTime next, string detail)
    {
        Attempts++;
        (NextAttemptAt, Detail) = (next, detail);
    }
}
