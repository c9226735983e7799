using System.Collections.Frozen;
using System.Net;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Udp;

namespace DataDefender.RadiusHost.Lines;

/// <summary>All NAS by source address. Immutable and swapped as a whole, so that a lookup takes no lock.</summary>
internal sealed class NasTable
{
    public static readonly NasTable Empty = new([]);

    private readonly FrozenDictionary<UInt128, NasEntry[]> _byAddress;

    public NasTable(IEnumerable<NasEntry> all)
    {
        All = [.. all];
        _byAddress = All
            .Where(n => IPAddress.TryParse(n.Facts.Address, out _))
            .GroupBy(n => Peer.Key(IPAddress.Parse(n.Facts.Address)))
            .ToFrozenDictionary(g => g.Key, g => g.OrderByDescending(n => n.Identifier.Length).ToArray());
    }

    public IReadOnlyList<NasEntry> All { get; }

    /// <summary>The NAS behind an address, or nothing for a stranger.</summary>
    public ReadOnlySpan<NasEntry> Behind(Peer peer) => _byAddress.TryGetValue(peer.Address, out var entries) ? entries : default;

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
}
