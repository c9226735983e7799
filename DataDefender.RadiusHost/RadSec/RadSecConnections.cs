using System.Net;
using DataDefender.RadiusHost.Udp;

namespace DataDefender.RadiusHost.RadSec;

/// <summary>The open connections, each at a place that stands for its port in a <see cref="Peer"/>.</summary>
internal sealed class RadSecConnections(RadSecOptions options)
{
    private readonly Lock _lock = new();
    private readonly RadSecConnection?[] _places = new RadSecConnection?[options.RadSecConnections];
    private readonly Dictionary<IPAddress, int> _byAddress = [];
    private int _taken;
    private int _next;

    /// <summary>Counts a connection that is about to be made; false when there are too many.</summary>
    public bool TryReserve(IPAddress address)
    {
        lock (_lock)
        {
            var fromThere = _byAddress.GetValueOrDefault(address);
            if (_taken == _places.Length || fromThere >= options.RadSecConnectionsPerAddress)
            {
                return false;
            }

            _byAddress[address] = fromThere + 1;
            _taken++;
            return true;
        }
    }

    public void Release(IPAddress address)
    {
        lock (_lock)
        {
            _taken--;
            if (--_byAddress[address] == 0)
            {
                _byAddress.Remove(address);
            }
        }
    }

    /// <summary>Gives a reserved connection its place; the one longest unused, so that a late answer meets nobody else there.</summary>
    public Peer Add(RadSecConnection connection, UInt128 certificate)
    {
        lock (_lock)
        {
            while (_places[_next] is not null)
            {
                _next = (_next + 1) % _places.Length;
            }

            var place = _next;
            _places[place] = connection;
            _next = (_next + 1) % _places.Length;
            return new Peer(certificate, (ushort)place);
        }
    }

    public void Remove(RadSecConnection connection)
    {
        lock (_lock)
        {
            if (_places[connection.Peer.Port] == connection)
            {
                _places[connection.Peer.Port] = null;
            }
        }
    }

    /// <summary>The connection that a request came over, if it is still open and still that NAS's.</summary>
    public RadSecConnection? Find(Peer peer) => Volatile.Read(ref _places[peer.Port]) is { } connection && connection.Peer == peer ? connection : null;

    public IReadOnlyList<RadSecConnection> All()
    {
        lock (_lock)
        {
            return [.. _places.OfType<RadSecConnection>()];
        }
    }
}
