namespace DataDefender.Infrastructure.Network.RouterOs;

/// <summary>The peer said something that the RouterOS API does not allow; the connection cannot be trusted any more.</summary>
internal sealed class RouterOsProtocolException(string message) : Exception(message);
