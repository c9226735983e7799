using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Tenancy;

/// <summary>How much of its licence a company uses.</summary>
public sealed record LicenceUse(Licence? Licence, bool HasExpired, int Subscribers, int Routers);

/// <summary>The company as its own people see it.</summary>
public sealed record OwnCompanyDetails(
    string Name, string ContactName, string ContactEmail, string ContactPhone, string County, string TimeZone, string Currency, DateTime RegisteredAt, LicenceUse Use);

/// <summary>What a company sees of itself.</summary>
public sealed class OwnCompany(IDataDefenderDbFactory dbFactory, CurrentUser user, TimeProvider clock)
{
    public async Task<OwnCompanyDetails> GetAsync(CancellationToken ct = default)
    {
        user.Demand(Permissions.ManageCompany);
        await using var db = await dbFactory.OpenAsync(ct);
        var company = await db.Companies.AsNoTracking().SingleAsync(c => c.Id == db.TenantId, ct);
        var use = new LicenceUse(
            company.Licence,
            company.Licence is { } licence && licence.ExpiresOn < company.Today(clock),
            await db.Subscriptions.CountAsync(s => s.State != SubscriptionState.Disconnected, ct),
            await db.Routers.CountAsync(ct));
        return new OwnCompanyDetails(
            company.Name, company.ContactName, company.ContactEmail, company.ContactPhone, company.County, company.TimeZone, company.Currency, company.RegisteredAt, use);
    }

    /// <summary>A super admin who was inside goes; the company's audit trail says so.</summary>
    public async Task RecordDepartureAsync(CancellationToken ct = default)
    {
        await using var db = await dbFactory.OpenAsync(ct);
        db.Record("left by the platform", await db.Companies.SingleAsync(c => c.Id == db.TenantId, ct));
        await db.SaveChangesAsync(ct);
    }
}
