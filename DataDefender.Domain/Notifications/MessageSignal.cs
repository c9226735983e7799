using DataDefender.Domain.Common;

namespace DataDefender.Domain.Notifications;

/// <summary>Tells whoever sends messages, in this process, that there is a new one.</summary>
public sealed class MessageSignal : WorkSignal;
