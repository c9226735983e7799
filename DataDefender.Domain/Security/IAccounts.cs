namespace DataDefender.Domain.Security;

/// <summary>A person who shall be able to sign in. A null tenant is the platform, for super admins.</summary>
public sealed record NewAccount(Guid? TenantId, string Name, string Email, Role Role, string? Password);

/// <summary>What an administrator sees of somebody's sign-in.</summary>
public sealed record AccountState(Guid AccountId, bool HasPassword, bool HasSecondFactor, int Passkeys, DateTime? LastSeenAt, bool IsLockedOut);

/// <summary>
/// The sign-in accounts, as services see them. It checks no permission and no company: the service that calls it has done both.
/// </summary>
public interface IAccounts
{
    /// <summary>
    /// Creates the account and, in a company, its <see cref="StaffMember"/>. Without a password nobody can sign in until one is set by
    /// a link.
    /// </summary>
    /// <exception cref="Common.InvalidInputException">The address is taken, or the password is refused; errors name Email and Password.</exception>
    Task<Guid> CreateAsync(NewAccount account, Actor actor, CancellationToken ct = default);

    /// <summary>Refuses what <see cref="CreateAsync"/> would refuse, and writes nothing.</summary>
    /// <param name="companyName">A company that is not there yet, so that its name counts among what can be guessed.</param>
    /// <exception cref="Common.InvalidInputException">As for <see cref="CreateAsync"/>.</exception>
    Task DemandAcceptableAsync(NewAccount account, string companyName, CancellationToken ct = default);

    /// <summary>The state of each account, for a list.</summary>
    Task<IReadOnlyDictionary<Guid, AccountState>> StatesAsync(IReadOnlyCollection<Guid> accountIds, CancellationToken ct = default);

    /// <summary>A secret for a link by which the person sets a password: works once, for a day. It ends every earlier link.</summary>
    Task<string> PasswordTokenAsync(Guid accountId, CancellationToken ct = default);

    /// <summary>Sets the password by such a link, and ends every session of the account.</summary>
    /// <exception cref="Common.InvalidInputException">The password is refused; the error names Password.</exception>
    /// <exception cref="Common.DomainException">The link was used, is too old or was never ours.</exception>
    Task SetPasswordAsync(Guid accountId, string token, string password, CancellationToken ct = default);

    /// <summary>Changes the name or the role under which the account signs in.</summary>
    Task ChangeAsync(Guid accountId, string name, Role role, CancellationToken ct = default);

    /// <summary>Keeps the account out, or lets it in again. Disabling ends its sessions and screens at once.</summary>
    Task SetDisabledAsync(Guid accountId, bool disabled, CancellationToken ct = default);

    /// <summary>Takes the second factor and the passkeys away, for somebody who lost a phone, and ends the sessions.</summary>
    Task ResetSecondFactorAsync(Guid accountId, CancellationToken ct = default);
}
