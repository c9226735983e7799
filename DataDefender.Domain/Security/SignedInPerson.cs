namespace DataDefender.Domain.Security;

/// <summary>What a scope knows of the company it works for: how to name it, and how to write its times and money.</summary>
public sealed record CompanyProfile(Guid Id, string Name, string TimeZone, string Currency);

/// <summary>
/// Who is behind a signed-in session, as the database says now. <paramref name="MustEnrol"/>: may do nothing before a second factor or a
/// passkey was added.
/// </summary>
public sealed record SignedInPerson(
    Guid SessionId, Guid AccountId, string Name, string Email, Role Role, CompanyProfile? Company, string Method, DateTime SignedInAt, bool MustEnrol = false);

/// <summary>
/// The sessions of people who signed in. An answer may be up to 30 seconds old; what this process itself changes is seen at once.
/// </summary>
public interface ISessionDirectory
{
    /// <summary>Null when the session ended: signed out, revoked, too old, the account disabled or its company not active.</summary>
    ValueTask<SignedInPerson?> FindAsync(Guid sessionId, CancellationToken ct = default);

    /// <summary>A company that a super admin visits; null when there is none of that id.</summary>
    ValueTask<CompanyProfile?> FindCompanyAsync(Guid companyId, CancellationToken ct = default);

    /// <summary>Forgets what it knew of this account (null: of all), so that each open screen asks again.</summary>
    void Refresh(Guid? accountId);

    /// <summary>Calls <paramref name="changed"/> whenever some session may have ended, until disposed.</summary>
    IDisposable Watch(Action changed);
}
