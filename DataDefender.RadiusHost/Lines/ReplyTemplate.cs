using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;

namespace DataDefender.RadiusHost.Lines;

/// <summary>What all lines of one package in one state are answered with: decided and put into wire form once.</summary>
internal sealed class ReplyTemplate
{
    private static readonly NasVendor[] Vendors = Enum.GetValues<NasVendor>();

    private readonly byte[][] _attributes;

    public ReplyTemplate(LineDecision decision)
    {
        Decision = decision;
        switch (decision)
        {
            case LineDecision.Granted { Grant: var grant }:
                (IsAccepted, WalledGarden, SessionLimit) = (true, grant.WalledGarden, grant.SessionLimit);
                (Outcome, Explanation) = (grant.WalledGarden ? LoginOutcome.AcceptedWalledGarden : LoginOutcome.Accepted, grant.Explanation);
                _attributes = [.. Vendors.Select(vendor => EncodedReply.Of(VendorAttributes.Of(grant, vendor)))];
                break;
            case LineDecision.Refused refused:
                (Outcome, Explanation, _attributes) = (refused.Outcome, refused.Explanation, [.. Vendors.Select(_ => Array.Empty<byte>())]);
                break;
            default:
                throw new NotSupportedException(decision.GetType().Name);
        }
    }

    public LineDecision Decision { get; }

    public bool IsAccepted { get; }

    public bool WalledGarden { get; }

    public LoginOutcome Outcome { get; }

    public int SessionLimit { get; }

    public string Explanation { get; }

    /// <summary>The attributes of the Accept as that vendor's NAS takes them, but for the line's own address, ready to be copied into it.</summary>
    public ReadOnlySpan<byte> AttributesFor(NasVendor vendor) => _attributes[(int)vendor];
}
