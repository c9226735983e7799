namespace DataDefender.Domain.Security;

/// <summary>A passkey of one's own.</summary>
public sealed record OwnPasskey(string CredentialId, string Name, DateTime CreatedAt);

/// <summary>A signed-in browser of one's own.</summary>
public sealed record OwnSession(Guid Id, DateTime CreatedAt, DateTime LastSeenAt, string? Address, string? UserAgent, string Method);

/// <summary>How somebody signs in.</summary>
public sealed record OwnAccountState(string Email, bool HasSecondFactor, int RecoveryCodesLeft, IReadOnlyList<OwnPasskey> Passkeys, IReadOnlyList<OwnSession> Sessions);

/// <summary>A second factor being set up: the secret for typing, and the otpauth address for the QR code.</summary>
public sealed record TotpSetup(string Secret, string Address);

/// <summary>What people do with their own account. Always about the person of the scope (<see cref="CurrentUser"/>).</summary>
public interface IOwnAccount
{
    Task<OwnAccountState> GetAsync(CancellationToken ct = default);

    /// <summary>Changes the password and ends every other session.</summary>
    /// <exception cref="Common.InvalidInputException">Errors name Current or Password.</exception>
    Task ChangePasswordAsync(Guid keepSession, string current, string password, CancellationToken ct = default);

    /// <summary>Makes a new secret. It counts only once <see cref="ConfirmTotpAsync"/> has seen a code of it.</summary>
    Task<TotpSetup> BeginTotpAsync(CancellationToken ct = default);

    /// <summary>Switches the second factor on and returns the recovery codes, which are shown this once.</summary>
    /// <exception cref="Common.InvalidInputException">The code is wrong; the error names Code.</exception>
    Task<IReadOnlyList<string>> ConfirmTotpAsync(string code, CancellationToken ct = default);

    /// <summary>New recovery codes in place of the old ones.</summary>
    /// <exception cref="Common.InvalidInputException">The password is wrong; the error names Current.</exception>
    Task<IReadOnlyList<string>> NewRecoveryCodesAsync(string password, CancellationToken ct = default);

    /// <exception cref="Common.InvalidInputException">The password is wrong; the error names Current.</exception>
    Task RemoveTotpAsync(string password, CancellationToken ct = default);

    Task RemovePasskeyAsync(string credentialId, CancellationToken ct = default);

    /// <summary>Ends one session of one's own, or with null all but <paramref name="keepSession"/>.</summary>
    Task EndSessionsAsync(Guid? session, Guid? keepSession, CancellationToken ct = default);
}
