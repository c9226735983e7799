using DataDefender.Domain.Common;

namespace DataDefender.Infrastructure.Security;

/// <summary>The data key of one company, wrapped by the installation's DataProtection key.</summary>
public sealed class TenantKey : IPlatformOwned
{
    public Guid TenantId { get; init; }
    public int KeyVersion { get; init; }
    public string WrappedKey { get; init; } = "";
    public DateTime CreatedAt { get; init; }
}
