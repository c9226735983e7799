using DataDefender.Domain.Common;

namespace DataDefender.Domain.Subscriptions;

/// <summary>Tells whoever carries out line commands, in this process, that there is a new one.</summary>
public sealed class LineSignal : WorkSignal;
