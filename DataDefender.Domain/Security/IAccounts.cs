namespace DataDefender.Domain.Security;

/// <summary>A person who shall be able to sign in. A null tenant is the platform, for super admins.</summary>
public sealed record NewAccount(Guid? TenantId, string Name, string Email, Role Role, string? Password);

/// <summary>
/// The sign-in accounts, as services see them. It checks no permission: the service that calls it has demanded one.
/// </summary>
public interface IAccounts
{
    /// <summary>
    /// Creates the account and, in a company, its <see cref="StaffMember"/>. Without a password nobody can sign in until one is set by
    /// a link.
    /// </summary>
    /// <exception cref="Common.InvalidInputException">The address is taken, or the password is refused; errors name Email and Password.</exception>
    Task<Guid> CreateAsync(NewAccount account, Actor actor, CancellationToken ct = default);
}
