using System.Globalization;
using System.Security.Claims;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using Microsoft.AspNetCore.Identity;

namespace DataDefender.Web.Security;

/// <summary>Makes a person's claims from what the session directory says, and a scope's identity from the claims.</summary>
internal sealed class StaffPrincipal(ISessionDirectory sessions, TimeProvider clock)
{
    public const string PermissionClaim = "permission";
    public const string VisitCompanyClaim = "visit";
    public const string VisitReasonClaim = "visit_reason";
    public const string VisitUntilClaim = "visit_until";

    private const string SessionClaim = "sid";
    private const string MustEnrolClaim = "must_enrol";
    private const string CompanyClaim = "company";
    private const string CompanyNameClaim = "company_name";
    private const string TimeZoneClaim = "time_zone";
    private const string CurrencyClaim = "currency";

    /// <summary>The principal as it should be now, or null when the session ended.</summary>
    public async ValueTask<ClaimsPrincipal?> RefreshAsync(ClaimsPrincipal principal, CancellationToken ct = default)
    {
        if (SessionOf(principal) is not { } sessionId || await sessions.FindAsync(sessionId, ct) is not { } person)
        {
            return null;
        }

        var visit = person.Role is Role.SuperAdmin ? VisitOf(principal) : null;
        var company = person.Company;
        if (visit is not null)
        {
            company = visit.Until > clock.GetUtcNow().UtcDateTime ? await sessions.FindCompanyAsync(visit.CompanyId, ct) : null;
            visit = company is null ? null : visit;
        }

        return Create(person, company, visit);
    }

    public static Guid? SessionOf(ClaimsPrincipal principal) => Guid.TryParse(principal.FindFirstValue(SessionClaim), out var id) ? id : null;

    public static ClaimsPrincipal Create(SignedInPerson person, CompanyProfile? company, CompanyVisit? visit)
    {
        var identity = new ClaimsIdentity(IdentityConstants.ApplicationScheme);
        Add(ClaimTypes.NameIdentifier, person.AccountId.ToString());
        Add(ClaimTypes.Name, person.Name);
        Add(ClaimTypes.Email, person.Email);
        Add(ClaimTypes.Role, person.Role.ToString());
        Add(SessionClaim, person.SessionId.ToString());
        if (company is not null)
        {
            Add(CompanyClaim, company.Id.ToString());
            Add(CompanyNameClaim, company.Name);
            Add(TimeZoneClaim, company.TimeZone);
            Add(CurrencyClaim, company.Currency);
        }

        if (visit is not null)
        {
            Add(VisitCompanyClaim, visit.CompanyId.ToString());
            Add(VisitReasonClaim, visit.Reason);
            Add(VisitUntilClaim, visit.Until.ToString("O", CultureInfo.InvariantCulture));
        }

        // Inside a company a super admin may do what its owner may, and nothing of the platform until he leaves.
        if (person.MustEnrol)
        {
            Add(MustEnrolClaim, "true");
            return new ClaimsPrincipal(identity);
        }

        foreach (var permission in Permissions.Of(visit is null ? person.Role : Role.Owner))
        {
            Add(PermissionClaim, permission);
        }

        return new ClaimsPrincipal(identity);

        void Add(string type, string value) => identity.AddClaim(new Claim(type, value));
    }

    /// <summary>Tells a scope who acts and for which company. Called once, by whoever opens the scope.</summary>
    public static void Apply(ClaimsPrincipal principal, IServiceProvider scope)
    {
        if (principal.Identity?.IsAuthenticated is not true || SessionOf(principal) is not { } sessionId)
        {
            return;
        }

        CompanyProfile? company = null;
        if (Guid.TryParse(principal.FindFirstValue(CompanyClaim), out var companyId))
        {
            company = new CompanyProfile(companyId, Text(CompanyNameClaim), Text(TimeZoneClaim), Text(CurrencyClaim));
            scope.GetRequiredService<TenantContext>().Use(companyId);
        }

        var visit = VisitOf(principal);
        var name = visit is null ? Text(ClaimTypes.Name) : $"{Text(ClaimTypes.Name)} (platform)";
        var permissions = principal.FindAll(PermissionClaim).Select(c => c.Value).ToHashSet(StringComparer.Ordinal);
        scope.GetRequiredService<CurrentUser>().Use(new Actor(Guid.Parse(Text(ClaimTypes.NameIdentifier)), name, permissions));
        scope.GetRequiredService<Workplace>().Use(company, Enum.Parse<Role>(Text(ClaimTypes.Role)), Text(ClaimTypes.Email), sessionId, visit, principal.HasClaim(MustEnrolClaim, "true"));

        string Text(string type) => principal.FindFirstValue(type) ?? "";
    }

    private static CompanyVisit? VisitOf(ClaimsPrincipal principal) =>
        Guid.TryParse(principal.FindFirstValue(VisitCompanyClaim), out var companyId)
        && DateTime.TryParse(principal.FindFirstValue(VisitUntilClaim), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var until)
            ? new CompanyVisit(companyId, principal.FindFirstValue(VisitReasonClaim) ?? "", until)
            : null;
}
