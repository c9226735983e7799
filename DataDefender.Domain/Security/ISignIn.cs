using DataDefender.Domain.Tenancy;

namespace DataDefender.Domain.Security;

/// <summary>What came of an attempt to sign in.</summary>
public abstract record SignInOutcome
{
    private SignInOutcome() { }

    public sealed record Done : SignInOutcome;

    /// <summary>The password was right; a code of the second factor is wanted.</summary>
    public sealed record SecondFactorWanted : SignInOutcome;

    /// <summary>One sentence that does not tell whether the account exists.</summary>
    public sealed record Refused(string Message) : SignInOutcome;

    /// <summary>The person is who they say, but their company may not work now.</summary>
    public sealed record CompanyNotActive(string Company, CompanyStatus Status, string? Reason, DateTime Since) : SignInOutcome;
}

/// <summary>Signing in and out of the browser whose request is being answered. Only for static pages and endpoints, never in a circuit.</summary>
public interface ISignIn
{
    Task<SignInOutcome> WithPasswordAsync(string email, string password, CancellationToken ct = default);

    /// <summary>True between a right password and the code that has to follow it.</summary>
    Task<bool> AwaitsSecondFactorAsync();

    /// <summary>A six-digit code of an authenticator app. Each code works once.</summary>
    Task<SignInOutcome> WithCodeAsync(string code, CancellationToken ct = default);

    /// <summary>One of the recovery codes that were shown when the second factor was set up; it is used up.</summary>
    Task<SignInOutcome> WithRecoveryCodeAsync(string code, CancellationToken ct = default);

    /// <summary>What the browser's <c>navigator.credentials.get</c> wants, as JSON (WebAuthn Level 3 §5.1.10).</summary>
    Task<string> PasskeyRequestAsync();

    /// <summary>The browser's answer, as JSON. A passkey is both factors.</summary>
    Task<SignInOutcome> WithPasskeyAsync(string credential, CancellationToken ct = default);

    /// <summary>What <c>navigator.credentials.create</c> wants, for the person who is signed in.</summary>
    Task<string> PasskeyCreationAsync(Guid accountId);

    /// <summary>Keeps the passkey that the browser made.</summary>
    /// <exception cref="Common.DomainException">The answer does not fit the challenge.</exception>
    Task KeepPasskeyAsync(Guid accountId, string credential, string name);

    Task SignOutAsync(CancellationToken ct = default);
}
