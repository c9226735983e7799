using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.Infrastructure.Lines;

/// <summary>What became of one session.</summary>
internal abstract record SessionOutcome(string Detail)
{
    /// <summary>It is as it should be.</summary>
    public sealed record Done(LinePath Path, string Detail) : SessionOutcome(Detail);

    /// <summary>The router does not have it any more.</summary>
    public sealed record Gone(string Detail) : SessionOutcome(Detail);

    /// <summary>Refused on every way, or nobody knows: to be tried again.</summary>
    /// <param name="Waits">The router was not reached, or another change of it is under way: it is not given up, however long that takes.</param>
    public sealed record Open(string Detail, bool Waits = false) : SessionOutcome(Detail);
}

/// <summary>What was tried on one session, in order, for the person who reads the command.</summary>
internal sealed class Trail
{
    private readonly List<string> _steps = [];

    /// <summary>The NAS's last refusal said that it has no such session (RFC 5176 §3.5, 503).</summary>
    public bool SessionUnknown { get; private set; }

    /// <summary>The NAS did not answer, now or a moment ago.</summary>
    public bool NoAnswer { get; set; }

    public Trail Add(string step)
    {
        _steps.Add(step);
        return this;
    }

    public Trail Refused(RadiusErrorCause cause)
    {
        SessionUnknown = cause is RadiusErrorCause.SessionContextNotFound;
        return this;
    }

    public override string ToString() => string.Join(' ', _steps);
}
