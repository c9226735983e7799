using DataDefender.Domain.Common;
using Microsoft.AspNetCore.Identity;

namespace DataDefender.Infrastructure.Identity;

/// <summary>
/// The credentials of a person who signs in. Platform-owned, because sign-in comes before the company is known; what a company sees of
/// its people is <see cref="DataDefender.Domain.Security.StaffMember"/> with the same id.
/// </summary>
public sealed class SignInAccount : IdentityUser<Guid>, IPlatformOwned
{
    /// <summary>The company; null for a super admin of the platform.</summary>
    public Guid? TenantId { get; set; }

    public DataDefender.Domain.Security.Role Role { get; set; }

    public string DisplayName { get; set; } = "";

    public bool IsDisabled { get; set; }

    /// <summary>The 30-second step of the last TOTP code that was accepted: a code works once (ASVS 6.5.1).</summary>
    public long LastTotpStep { get; set; }

    /// <summary>"light", "dark" or null for what the device prefers.</summary>
    public string? Theme { get; set; }
}

/// <summary>One signed-in browser: what the session list shows and revokes. The cookie carries its id.</summary>
public sealed class SignInSession : IPlatformOwned
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public Guid AccountId { get; init; }
    public DateTime CreatedAt { get; init; }
    public DateTime LastSeenAt { get; set; }
    public DateTime? RevokedAt { get; set; }
    public string? Address { get; init; }
    public string? UserAgent { get; init; }

    /// <summary>How the person proved who they are: password, password+totp, passkey.</summary>
    public string Method { get; init; } = "";
}
