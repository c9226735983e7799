using DataDefender.Domain.Common;

namespace DataDefender.Domain.Compliance;

/// <summary>
/// One answered request of an authority: who held an address at a time. The row is written before the answer is shown, it is never
/// changed, and it is in the audit trail: nobody looks without a case number.
/// </summary>
public sealed class Disclosure : Entity, ITenantOwned, IAudited
{
    private Disclosure() { }

    public Disclosure(Guid tenantId, DisclosureInput input, string askedBy, DateTime now)
    {
        (TenantId, AskedBy, At) = (tenantId, askedBy, now);
        (CaseNumber, Authority, Address, Port) = (input.CaseNumber.Trim(), input.Authority.Trim(), input.Address.Trim(), input.Port);
        (From, Until) = (input.From, input.Until);
    }

    public Guid TenantId { get; private set; }
    public string CaseNumber { get; private set; } = "";
    public string Authority { get; private set; } = "";

    /// <summary>The address or IPv6 prefix asked about, canonical text.</summary>
    public string Address { get; private set; } = "";

    /// <summary>The source port asked about: it tells the line where several share the address.</summary>
    public int? Port { get; private set; }

    public DateTime From { get; private set; }
    public DateTime Until { get; private set; }
    public string AskedBy { get; private set; } = "";
    public DateTime At { get; private set; }

    /// <summary>How many sessions the answer named.</summary>
    public int Matches { get; private set; }

    public string AuditLabel => $"Case {CaseNumber}: {Address}";

    public void Answered(int matches) => Matches = matches;
}

/// <summary>What is asked; times are UTC.</summary>
public sealed record DisclosureInput
{
    public string CaseNumber { get; set; } = "";
    public string Authority { get; set; } = "";
    public string Address { get; set; } = "";
    public int? Port { get; set; }
    public DateTime From { get; set; }
    public DateTime Until { get; set; }
}

/// <summary>
/// One session that held the address in the time asked about; times are UTC. <see cref="EndedAt"/> is null while it is open as far as the
/// NAS has said; the texts of a client are empty when the user name belongs to nobody any more.
/// </summary>
public sealed record DisclosedSession(
    string Client, string AccountNumber, string Phone, string? Address, string Username, string? CallingStationId, string FramedAddress, DateTime StartedAt, DateTime? EndedAt, string Nas)
{
    public Guid NasId { get; init; }

    public string AcctSessionId { get; init; } = "";

    /// <summary>The link's IPv6 prefix; null when the NAS reported none.</summary>
    public string? Ipv6Prefix { get; init; }

    /// <summary>The delegated IPv6 prefix; null when the NAS reported none.</summary>
    public string? DelegatedPrefix { get; init; }

    /// <summary>The public address and ports that the session's own address was behind; null when it held the address asked about itself.</summary>
    public string? Behind { get; init; }

    /// <summary>Why it is not certain that this session was behind it; null when it is certain, as far as the records are.</summary>
    public string? Uncertain { get; init; }

    /// <summary>NAS-Port-Id; null when the NAS named none.</summary>
    public string? Port { get; init; }

    /// <summary>When the NAS last reported the session: past that an open one may have ended unheard.</summary>
    public DateTime LastHeardAt { get; init; }
}
