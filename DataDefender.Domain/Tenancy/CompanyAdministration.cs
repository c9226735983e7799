using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Tenancy;

/// <summary>One company as the platform lists it, with what it uses of its licence.</summary>
public sealed record CompanyRow(
    Guid Id, string Name, string ContactName, string ContactEmail, string ContactPhone, string County, CompanyStatus Status, DateTime StatusSince, string? StatusReason,
    DateTime RegisteredAt, Licence? Licence, int Subscribers, int Routers, int Staff);

/// <summary>What a super admin grants. A null <see cref="Modules"/> member means none.</summary>
public sealed record LicenceInput
{
    public string Plan { get; set; } = "";
    public int MaxSubscribers { get; set; }
    public int MaxRouters { get; set; }
    public LicensedModules Modules { get; set; } = LicensedModules.All;
    public DateOnly ExpiresOn { get; set; }
}

/// <summary>What a licence may say.</summary>
public sealed class LicenceInputValidator : AbstractValidator<LicenceInput>
{
    public LicenceInputValidator()
    {
        RuleFor(l => l.Plan).Must(text => text.Trim().Length is >= 2 and <= 60).WithMessage("A plan's name has 2 to 60 characters.");
        RuleFor(l => l.MaxSubscribers).InclusiveBetween(1, 1_000_000).WithMessage("Between 1 and 1,000,000 subscribers.");
        RuleFor(l => l.MaxRouters).InclusiveBetween(1, 10_000).WithMessage("Between 1 and 10,000 routers.");
        RuleFor(l => l.Modules).NotEqual(LicensedModules.None).WithMessage("Switch at least one module on.");
        RuleFor(l => l.ExpiresOn).Must(day => day.Year is >= 2020 and <= 2100).WithMessage("Say when the licence runs out.");
    }
}

/// <summary>The platform's own work on the companies: approving, licensing, suspending, and going inside with a trace.</summary>
public sealed class CompanyAdministration(IPlatformDbFactory platform, CurrentUser user, ISessionDirectory sessions, TimeProvider clock)
{
    /// <summary>How long a super admin stays inside a company at most.</summary>
    public static readonly TimeSpan VisitLimit = TimeSpan.FromMinutes(60);

    private static readonly LicenceInputValidator LicenceRules = new();

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    public async Task<PageOf<CompanyRow>> ListAsync(GridQuery query, CompanyStatus? status = null, CancellationToken ct = default)
    {
        await using var db = await OpenAsync(ct);
        var companies = db.Companies.AsNoTracking();
        if (status is not null)
        {
            companies = companies.Where(c => c.Status == status);
        }

        if (query.Term is { } term)
        {
            companies = companies.Where(c => c.Name.ToLower().Contains(term) || c.ContactName.ToLower().Contains(term) || c.ContactEmail.Contains(term)
                || c.ContactPhone.Contains(term) || c.County.ToLower().Contains(term));
        }

        var page = await Sort(companies, query).Skip(query.Page * query.PageSize).Take(query.PageSize).ToListAsync(ct);
        return new PageOf<CompanyRow>(await RowsAsync(db, page, ct), await companies.CountAsync(ct));
    }

    /// <summary>How many companies are in each status.</summary>
    public async Task<IReadOnlyDictionary<CompanyStatus, int>> CountsAsync(CancellationToken ct = default)
    {
        await using var db = await OpenAsync(ct);
        return await db.Companies.GroupBy(c => c.Status).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
    }

    public async Task<CompanyRow> GetAsync(Guid id, CancellationToken ct = default)
    {
        await using var db = await OpenAsync(ct);
        return (await RowsAsync(db, [await FindAsync(db, id, ct)], ct))[0];
    }

    public Task ApproveAsync(Guid id, LicenceInput input, CancellationToken ct = default) =>
        ChangeAsync(id, company => company.Approve(ToLicence(input), Now), ct);

    public Task RejectAsync(Guid id, string reason, CancellationToken ct = default) => ChangeAsync(id, company => company.Reject(reason, Now), ct);

    /// <summary>Its people are signed out at once.</summary>
    public Task SuspendAsync(Guid id, string reason, CancellationToken ct = default) => ChangeAsync(id, company => company.Suspend(reason, Now), ct);

    public Task ReinstateAsync(Guid id, CancellationToken ct = default) => ChangeAsync(id, company => company.Reinstate(Now), ct);

    public Task ChangeLicenceAsync(Guid id, LicenceInput input, CancellationToken ct = default) => ChangeAsync(id, company => company.Grant(ToLicence(input)), ct);

    /// <summary>Lets the super admin in for an hour, and tells the company in its own audit trail who, why and until when.</summary>
    /// <returns>When the visit ends, UTC.</returns>
    public async Task<DateTime> EnterAsync(Guid id, string reason, CancellationToken ct = default)
    {
        if (string.IsNullOrWhiteSpace(reason) || reason.Trim().Length is < 10 or > 200)
        {
            throw new InvalidInputException([new FieldError("Reason", "Say in 10 to 200 characters why you enter; the company reads it.")]);
        }

        await using var db = await OpenAsync(ct);
        var company = await FindAsync(db, id, ct);
        if (company.Status is not CompanyStatus.Active)
        {
            throw new DomainException("company.status", $"{company.Name} is {company.Status}; only an active company can be entered.");
        }

        var until = Now + VisitLimit;
        db.Record("entered by the platform", company, new { Reason = reason.Trim(), Until = until });
        await db.SaveChangesAsync(ct);
        return until;
    }

    private static IQueryable<Company> Sort(IQueryable<Company> companies, GridQuery query) => (query.SortBy, query.Descending) switch
    {
        (nameof(CompanyRow.Name), false) => companies.OrderBy(c => c.Name).ThenBy(c => c.Id),
        (nameof(CompanyRow.Name), true) => companies.OrderByDescending(c => c.Name).ThenBy(c => c.Id),
        (nameof(CompanyRow.County), false) => companies.OrderBy(c => c.County).ThenBy(c => c.Id),
        (nameof(CompanyRow.County), true) => companies.OrderByDescending(c => c.County).ThenBy(c => c.Id),
        (nameof(CompanyRow.RegisteredAt), false) => companies.OrderBy(c => c.RegisteredAt).ThenBy(c => c.Id),
        _ => companies.OrderByDescending(c => c.RegisteredAt).ThenBy(c => c.Id),
    };

    private static async Task<IReadOnlyList<CompanyRow>> RowsAsync(IDataDefenderDb db, IReadOnlyCollection<Company> companies, CancellationToken ct)
    {
        var ids = companies.Select(c => c.Id).ToList();
        var subscribers = await db.Subscriptions.AcrossTenants().Where(s => ids.Contains(s.TenantId) && s.State != SubscriptionState.Disconnected)
            .GroupBy(s => s.TenantId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        var routers = await db.Routers.AcrossTenants().Where(r => ids.Contains(r.TenantId))
            .GroupBy(r => r.TenantId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        var staff = await db.Staff.AcrossTenants().Where(s => ids.Contains(s.TenantId) && s.IsActive)
            .GroupBy(s => s.TenantId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        return [.. companies.Select(c => new CompanyRow(
            c.Id, c.Name, c.ContactName, c.ContactEmail, c.ContactPhone, c.County, c.Status, c.StatusSince, c.StatusReason, c.RegisteredAt, c.Licence,
            subscribers.GetValueOrDefault(c.Id), routers.GetValueOrDefault(c.Id), staff.GetValueOrDefault(c.Id)))];
    }

    private static async Task<Company> FindAsync(IDataDefenderDb db, Guid id, CancellationToken ct) =>
        await db.Companies.SingleOrDefaultAsync(c => c.Id == id, ct) ?? throw new NotFoundException("Company", id);

    private static Licence ToLicence(LicenceInput input)
    {
        LicenceRules.Demand(input);
        return new Licence(input.Plan.Trim(), input.MaxSubscribers, input.MaxRouters, input.Modules, input.ExpiresOn);
    }

    private Task<IDataDefenderDb> OpenAsync(CancellationToken ct)
    {
        user.Demand(Permissions.ManagePlatform);
        return platform.OpenAsync(new Actor(user.Id, user.Name, new HashSet<string>()), ct);
    }

    private async Task ChangeAsync(Guid id, Action<Company> change, CancellationToken ct)
    {
        await using var db = await OpenAsync(ct);
        change(await FindAsync(db, id, ct));
        await db.SaveAsync(ct);
        sessions.Refresh(null);
    }
}
