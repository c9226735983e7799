using DataDefender.Domain.Network;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.RadiusHost.Lines;

/// <summary>One NAS as packets see it. Immutable: a change makes a new one around the same <see cref="NasState"/>.</summary>
internal sealed class NasEntry(NasState state, CompanyLines company, NasFacts facts)
{
    public NasState State { get; } = state;

    public CompanyLines Company { get; } = company;

    public NasFacts Facts { get; } = facts;

    public Guid Id => State.Id;

    public RadiusSecret Secret { get; } = new(facts.Secret);

    public MessageAuthenticatorRule Rule => Facts.Rule;

    public NasVendor Vendor => Facts.Vendor;

    /// <summary>The router behind it, for what differs from site to site.</summary>
    public Guid? RouterId => Facts.RouterId;

    /// <summary>Whether a change of authorization can be sent to it: one that comes over TLS from anywhere has no address for that.</summary>
    public bool TakesChanges => Facts.Address.Length > 0;

    /// <summary>
    /// The NAS-Port of a request where it carries one session at a time, 0 elsewhere: RouterOS counts its sessions there (RFC 2865 §5.5),
    /// a BNG of Huawei or Cisco packs slot, port and VLAN into it, which a whole village shares.
    /// </summary>
    public uint SessionPort(uint nasPort) => Vendor is NasVendor.MikroTik ? nasPort : 0;

    /// <summary>NAS-Identifier as octets; empty when the address alone tells it.</summary>
    public byte[] Identifier { get; } = System.Text.Encoding.UTF8.GetBytes(facts.Identifier);
}

/// <summary>What a NAS is made of, from the database or from the copy on disk. The secret is in the clear.</summary>
internal sealed record NasFacts(Guid Id, string Name, string Address, string Identifier, string Secret, MessageAuthenticatorRule Rule, bool MessageAuthenticatorSeen,
    string Certificate = "", NasVendor Vendor = NasVendor.MikroTik, Guid? RouterId = null)
{
    /// <summary>Whether what was learnt about it still holds.</summary>
    public bool IsSameDeviceAndRule(NasFacts other) => (Address, Identifier, Certificate, Rule) == (other.Address, other.Identifier, other.Certificate, other.Rule);

    public override string ToString() => $"{Name} {Address}"; // never the secret
}
