using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Web.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;

namespace DataDefender.Web.Setup;

/// <summary>A super admin goes into a company and out again. The cookie carries the visit, so each change of it loads the app anew.</summary>
internal static class VisitEndpoints
{
    public static void MapVisits(this WebApplication app)
    {
        app.MapPost("/platform/enter", EnterAsync).RequireAuthorization(Permissions.ManagePlatform);
        app.MapPost("/platform/leave", LeaveAsync);
    }

    private static async Task<IResult> EnterAsync(
        HttpContext http, CompanyAdministration companies, ISessionDirectory sessions, [FromForm] Guid company, [FromForm] string reason)
    {
        try
        {
            var until = await companies.EnterAsync(company, reason, http.RequestAborted);
            await CarryAsync(http, sessions, new CompanyVisit(company, reason.Trim(), until));
            return Results.LocalRedirect("/");
        }
        catch (DomainException)
        {
            return Results.LocalRedirect($"/platform/companies/{company}");
        }
    }

    private static async Task<IResult> LeaveAsync(HttpContext http, OwnCompany company, Workplace workplace, ISessionDirectory sessions, IFormCollection form)
    {
        if (workplace.Visit is { } visit)
        {
            await company.RecordDepartureAsync(http.RequestAborted);
            await CarryAsync(http, sessions, null);
            return Results.LocalRedirect(form["to"] == "companies" ? "/platform/companies" : $"/platform/companies/{visit.CompanyId}");
        }

        return Results.LocalRedirect("/");
    }

    private static async Task CarryAsync(HttpContext http, ISessionDirectory sessions, CompanyVisit? visit)
    {
        var person = await sessions.FindAsync(StaffPrincipal.SessionOf(http.User)!.Value, http.RequestAborted);
        var company = visit is null ? null : await sessions.FindCompanyAsync(visit.CompanyId, http.RequestAborted);
        await http.SignInAsync(IdentityConstants.ApplicationScheme, StaffPrincipal.Create(person!, company, visit));
    }
}
