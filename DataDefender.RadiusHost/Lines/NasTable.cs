using System.Collections.Frozen;
using System.Net;
using DataDefender.Domain.Network;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Udp;

namespace DataDefender.RadiusHost.Lines;

/// <summary>What a packet came over, which decides how its NAS is told.</summary>
internal enum Transport
{
    /// <summary>By the source address.</summary>
    Udp,

    /// <summary>By the client certificate (RFC 6614 §2.3).</summary>
    Tls,
}

/// <summary>All NAS by source address and by certificate. Immutable and swapped as a whole, so that a lookup takes no lock.</summary>
internal sealed class NasTable
{
    public static readonly NasTable Empty = new([]);

    /// <summary>RFC 6614 §2.3: over TLS the shared secret is this for everybody; the certificate is what proves.</summary>
    private const string TlsSecret = "radsec";

    private readonly FrozenDictionary<UInt128, NasEntry[]> _byAddress;
    private readonly FrozenDictionary<UInt128, NasEntry[]> _byCertificate;

    public NasTable(IEnumerable<NasEntry> all)
    {
        All = [.. all];
        _byAddress = All
            .Where(n => IPAddress.TryParse(n.Facts.Address, out _))
            .GroupBy(n => Peer.Key(IPAddress.Parse(n.Facts.Address)))
            .ToFrozenDictionary(g => g.Key, g => g.OrderByDescending(n => n.Identifier.Length).ToArray());
        _byCertificate = All
            .Where(n => n.Facts.Certificate.Length > 0)
            .GroupBy(n => Peer.KeyOfCertificate(n.Facts.Certificate))
            .ToFrozenDictionary(g => g.Key, g => g.OrderByDescending(n => n.Identifier.Length).Select(OverTls).ToArray());
    }

    public IReadOnlyList<NasEntry> All { get; }

    /// <summary>The NAS behind an address or a certificate, or nothing for a stranger.</summary>
    public ReadOnlySpan<NasEntry> Behind(Peer peer, Transport transport) =>
        (transport is Transport.Tls ? _byCertificate : _byAddress).TryGetValue(peer.Address, out var entries) ? entries : default;

    /// <summary>
    /// The key of the first of a certificate's names and its fingerprint that is a NAS here. Null when none is, and when they lead to NAS of
    /// several companies: one of them took a name that is not its own, and which one cannot be told from here.
    /// </summary>
    public UInt128? KnownCertificate(IEnumerable<UInt128> keys)
    {
        UInt128[] known = [.. keys.Where(_byCertificate.ContainsKey)];
        return known.Length == 0 || known.SelectMany(key => _byCertificate[key]).DistinctBy(nas => nas.Company.TenantId).Skip(1).Any() ? null : known[0];
    }

    /// <summary>Several NAS behind one address (a NAT, a proxy) are told apart by NAS-Identifier; one without an identifier stands for all others.</summary>
    public static NasEntry? Choose(ReadOnlySpan<NasEntry> behind, in RadiusPacket packet)
    {
        if (behind.Length == 1 && behind[0].Identifier.Length == 0)
        {
            return behind[0];
        }

        packet.TryFind(RadiusAttributes.NasIdentifier, out var identifier);
        foreach (var nas in behind)
        {
            if (nas.Identifier.Length == 0 || identifier.SequenceEqual(nas.Identifier))
            {
                return nas;
            }
        }

        return null;
    }

    // Message-Authenticator adds nothing to what TLS has proven, so its absence is no reason to drop (its falseness is).
    private static NasEntry OverTls(NasEntry nas) => new(nas.State, nas.Company, nas.Facts with { Secret = TlsSecret, Rule = MessageAuthenticatorRule.Off });
}
