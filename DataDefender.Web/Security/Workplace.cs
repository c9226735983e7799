using DataDefender.Domain.Security;

namespace DataDefender.Web.Security;

/// <summary>Where the person of this scope works and as what; filled once, from the claims.</summary>
public sealed class Workplace
{
    /// <summary>Null for a super admin who is in no company.</summary>
    public CompanyProfile? Company { get; private set; }

    public Role Role { get; private set; }

    public string Email { get; private set; } = "";

    public Guid SessionId { get; private set; }

    /// <summary>Set while a super admin is inside a company.</summary>
    public CompanyVisit? Visit { get; private set; }

    /// <summary>Nothing opens before a second factor or a passkey was added.</summary>
    public bool MustEnrol { get; private set; }

    public void Use(CompanyProfile? company, Role role, string email, Guid sessionId, CompanyVisit? visit, bool mustEnrol = false) =>
        (Company, Role, Email, SessionId, Visit, MustEnrol) = (company, role, email, sessionId, visit, mustEnrol);
}

/// <summary>A super admin inside a company: why, and until when (UTC).</summary>
public sealed record CompanyVisit(Guid CompanyId, string Reason, DateTime Until);
