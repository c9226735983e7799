using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;

namespace DataDefender.RadiusHost.Lines;

/// <summary>What lines that are treated alike are answered with: decided once, and put into each vendor's wire form when it is first asked for.</summary>
internal sealed class ReplyTemplate
{
    private static readonly int Vendors = Enum.GetValues<NasVendor>().Length;

    private readonly LineGrant? _grant;
    private readonly byte[]?[] _attributes = new byte[Vendors][];
    private readonly Dictionary<Guid, ReplyTemplate>? _sites;

    /// <param name="decision">For one line or for many.</param>
    /// <param name="package">Null when the decision has no package to it.</param>
    public ReplyTemplate(LineDecision decision, ServicePackage? package)
    {
        switch (decision)
        {
            case LineDecision.Granted { Grant: var grant }:
                _grant = grant;
                (IsAccepted, WalledGarden, SessionLimit, SessionTimeout) = (true, grant.WalledGarden, grant.SessionLimit, grant.SessionTimeoutSeconds);
                (Outcome, Explanation) = (grant.WalledGarden ? LoginOutcome.AcceptedWalledGarden : LoginOutcome.Accepted, grant.Explanation);
                _sites = package?.SitePools.Pools
                    .Select(site => (site.RouterId, Grant: LinePolicy.AtSite(grant, package, site.RouterId)))
                    .Where(site => site.Grant != grant)
                    .ToDictionary(site => site.RouterId, site => new ReplyTemplate(new LineDecision.Granted(site.Grant), null));
                break;
            case LineDecision.Refused refused:
                (Outcome, Explanation, Message) = (refused.Outcome, refused.Explanation, refused.Message);
                break;
            default:
                throw new NotSupportedException(decision.GetType().Name);
        }
    }

    public bool IsAccepted { get; }

    public bool WalledGarden { get; }

    public LoginOutcome Outcome { get; }

    public int SessionLimit { get; }

    /// <summary>Seconds that a session may last as sold; null for as long as it likes.</summary>
    public int? SessionTimeout { get; }

    public string Explanation { get; }

    /// <summary>What the company says to a line that it refuses; null for our own words.</summary>
    public string? Message { get; }

    /// <summary>The same for a session through this router, which may have a pool of its own.</summary>
    public ReplyTemplate At(Guid? routerId) => _sites is not null && routerId is { } id && _sites.TryGetValue(id, out var site) ? site : this;

    /// <summary>The attributes of the Accept as that vendor's NAS takes them, but for the line's own addresses and the Session-Timeout, ready to be copied into it.</summary>
    public ReadOnlySpan<byte> AttributesFor(NasVendor vendor) => _attributes[(int)vendor] ??= Encode(vendor);

    private byte[] Encode(NasVendor vendor) => _grant is null ? [] : EncodedReply.Of(VendorAttributes.Of(_grant with { SessionTimeoutSeconds = null }, vendor));
}
