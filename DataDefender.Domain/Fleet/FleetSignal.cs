using DataDefender.Domain.Common;

namespace DataDefender.Domain.Fleet;

/// <summary>Tells whoever looks after the routers, in this process, that somebody has asked for something.</summary>
public sealed class FleetSignal : WorkSignal;
