using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.RadiusHost.Lines;

/// <summary>What all lines of one package in one state are answered with: decided and put into wire form once.</summary>
internal sealed class ReplyTemplate
{
    private const int MaxAttributes = 1024;

    public ReplyTemplate(LineDecision decision)
    {
        Decision = decision;
        switch (decision)
        {
            case LineDecision.Granted { Grant: var grant }:
                (IsAccepted, WalledGarden, SessionLimit) = (true, grant.WalledGarden, grant.SessionLimit);
                (Outcome, Explanation) = (grant.WalledGarden ? LoginOutcome.AcceptedWalledGarden : LoginOutcome.Accepted, grant.Explanation);
                Attributes = Encode(grant);
                break;
            case LineDecision.Refused refused:
                (Outcome, Explanation, Attributes) = (refused.Outcome, refused.Explanation, []);
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

    /// <summary>The attributes of the Accept, but for the line's own address, ready to be copied into it.</summary>
    public byte[] Attributes { get; }

    private static byte[] Encode(LineGrant grant)
    {
        var buffer = new byte[MaxAttributes];
        var reply = new RadiusWriter(buffer, RadiusCode.AccessAccept, 0);
        reply.AddVendor(RadiusVendors.Mikrotik, MikrotikAttributes.RateLimit, grant.RateLimit);
        if (grant.AddressList is { } list)
        {
            reply.AddVendor(RadiusVendors.Mikrotik, MikrotikAttributes.AddressList, list);
        }

        if (grant.Pool is { } pool)
        {
            reply.Add(RadiusAttributes.FramedPool, pool);
        }

        if (grant.SessionTimeoutSeconds is { } session)
        {
            reply.Add(RadiusAttributes.SessionTimeout, (uint)session);
        }

        if (grant.IdleTimeoutSeconds is { } idle)
        {
            reply.Add(RadiusAttributes.IdleTimeout, (uint)idle);
        }

        reply.Add(RadiusAttributes.AcctInterimInterval, (uint)grant.InterimSeconds);
        return buffer[RadiusPacket.HeaderLength..reply.Length];
    }
}
