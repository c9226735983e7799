using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Lines;

namespace DataDefender.RadiusHost.Access;

/// <summary>
/// Decides a login to the NAS itself: staff of the NAS's company, with the password that they have for routers and the access of their
/// role. Whatever is wrong, the one who tries hears the same.
/// </summary>
internal static class RouterLoginDecider
{
    private const string CompanyNotActive = "The company is not active.";
    private const string SwitchedOff = "Router logins by RADIUS are switched off in the network settings.";
    private const string Customer = "The name of a customer's line: a line's credentials open no router.";
    private const string Stranger = "No member of staff has this router user name.";
    private const string NoAccess = "The person's role has no access to routers.";

    public static Verdict Decide(in AccessRequest request, in RadiusPacket packet, NasEntry nas)
    {
        var company = nas.Company;
        if (company.Status is not CompanyStatus.Active)
        {
            return Refused(CompanyNotActive);
        }

        if (company.Staff.Find(request.UserName) is not { } staff)
        {
            return company.TryFind(request.UserName, out var line) ? new Verdict(LoginOutcome.RouterLoginRefused, Customer, line) : Refused(Stranger);
        }

        return !company.Settings.RouterLogins ? Refused(SwitchedOff)
            : LoginProof.Refuse(request, packet, nas, staff.Password, staff.NtHash) is { } wrong ? Refused(wrong.Detail)
            : staff.Access is RouterAccess.None ? Refused(NoAccess)
            : new Verdict(LoginOutcome.RouterLoginAccepted, staff.Explanation, null) { Staff = staff };
    }

    private static Verdict Refused(string detail) => new(LoginOutcome.RouterLoginRefused, detail, null);
}
