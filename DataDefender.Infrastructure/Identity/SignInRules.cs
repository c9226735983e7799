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

    /// <summary>PBKDF2-HMAC-SHA512 iterations.</summary>
    [Range(210_000, 10_000_000)]
    public int PasswordIterations { get; set; } = 210_000;
}
