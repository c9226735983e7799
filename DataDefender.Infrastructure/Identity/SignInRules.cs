using System.ComponentModel.DataAnnotations;

namespace DataDefender.Infrastructure.Identity;

/// <summary>Section "SignIn": how long a session lives and how often somebody may try.</summary>
public sealed class SignInRules
{
    /// <summary>A session ends this many hours after its last use (ASVS 7.3.1).</summary>
    [Range(1, 72)]
    public int IdleHours { get; set; } = 8;

    /// <summary>A session ends this many hours after sign-in, however busy it is (ASVS 7.3.2).</summary>
    [Range(1, 720)]
    public int AbsoluteHours { get; set; } = 72;

    /// <summary>Attempts to sign in or register from one address within a minute.</summary>
    [Range(1, 10_000)]
    public int AttemptsPerMinutePerAddress { get; set; } = 20;

    /// <summary>Wrong passwords for one account from one address within five minutes; after that this address waits, the account is not locked.</summary>
    [Range(1, 1000)]
    public int WrongPasswordsPerAddress { get; set; } = 5;

    /// <summary>Wrong passwords for one account from anywhere; after that it is locked for five minutes.</summary>
    [Range(5, 1000)]
    public int WrongPasswordsPerAccount { get; set; } = 10;

    /// <summary>Super admins may do nothing before they have added a second factor or a passkey.</summary>
    public bool RequireSecondFactorForSuperAdmins { get; set; }

    /// <summary>The domain that passkeys belong to; null for the host that the browser asked.</summary>
    public string? PasskeyDomain { get; set; }

    /// <summary>PBKDF2-HMAC-SHA512 iterations.</summary>
    [Range(210_000, 10_000_000)]
    public int PasswordIterations { get; set; } = 210_000;
}
