using System.Globalization;
using System.Net;

namespace DataDefender.Domain.Provisioning;

/// <summary>A router that dials in to the hub.</summary>
/// <param name="Address">Its own in the tunnels' network.</param>
public sealed record TunnelPeer(Guid EnrolmentId, string Name, string PublicKey, string Address);

/// <summary>The end that routers behind NAT dial in to.</summary>
/// <param name="Port">UDP.</param>
/// <param name="Peers">Who is to be let in; in an order that does not change when others come or go.</param>
public sealed record TunnelHub(int Port, IPNetwork Network, IReadOnlyList<TunnelPeer> Peers);

/// <summary>What of a hub is ours, and how it is told.</summary>
public static class Tunnels
{
    /// <summary>What the marks of the peers begin with, after the company's prefix.</summary>
    public const string PeerKey = "hub/peer/";

    /// <summary>The hub's WireGuard interface.</summary>
    public static string Interface(Guid tenantId) => $"{Marks.Of(tenantId).Name}hub";

    /// <summary>A plan of the hub cut down to who is let in: what else is to be done there waits for a person.</summary>
    public static RouterPlan PeersOf(RouterPlan plan) => plan with
    {
        Changes = [.. plan.Changes.Where(c => c.Mark.Contains($":{PeerKey}", StringComparison.Ordinal))],
        Findings =
        [
            .. plan.Findings.Where(f => f.Kind is not FindingKind.Note && (f.Menu == RouterMenu.WireGuardPeer.Path || f.Menu == RouterMenu.WireGuard.Path)),
            .. plan.Changes.Where(c => c.Menu == RouterMenu.WireGuard && c.Kind is ChangeKind.Add)
                .Select(c => new PlanFinding(FindingKind.Blocks, c.Menu.Path, "It is not the WireGuard hub yet: apply its configuration first.")),
        ],
    };
}

public static partial class DesiredStates
{
    private sealed partial class Builder
    {
        /// <summary>The interface that routers behind NAT dial in to, one peer for each, and the way through the hub's own firewall.</summary>
        public void Hub(Version version)
        {
            if (facts.Hub is not { } hub)
            {
                return;
            }

            if (version < new Version(7, 1))
            {
                Block(RouterMenu.WireGuard, "WireGuard came with RouterOS 7.1; this router cannot be the hub before it is upgraded.");
                return;
            }

            var name = Tunnels.Interface(facts.TenantId);
            var port = hub.Port.ToString(CultureInfo.InvariantCulture);
            Item(RouterMenu.WireGuard, "hub", "WireGuard hub", new("name", name), new("listen-port", port), Enabled);
            Item(RouterMenu.Address, "hub/address", "the hub's own address in the tunnels", new("address", $"{DesignText.Nth(hub.Network, 1)}/{hub.Network.PrefixLength}"), new("interface", name), Enabled);
            Item(RouterMenu.Filter, "hub/firewall", $"tunnels come in on port {port}", new("chain", "input"), new("action", "accept"), new("protocol", "udp"), new("dst-port", port), Enabled);

            // A router in a tunnel answers only to addresses of the tunnels' network; what manages it from elsewhere comes as the hub.
            Item(RouterMenu.Nat, "hub/manage", "routers in the tunnels are managed as from the hub", new("chain", "srcnat"), new("action", "masquerade"), new("out-interface", name), new("protocol", "tcp"), Enabled);
            foreach (var peer in hub.Peers)
            {
                Item(
                    RouterMenu.WireGuardPeer, $"{Tunnels.PeerKey}{peer.EnrolmentId:N}", $"tunnel of {peer.Name}",
                    new("interface", name), new("public-key", peer.PublicKey), new("allowed-address", $"{peer.Address}/32", ValueKind.Prefixes), Enabled);
            }
        }
    }
}
