using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Identity;
using DataDefender.Testing;
using DataDefender.Web.Setup;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Web.Tests.Security;

/// <summary>Services over people and companies, on SQLite with Identity as the product registers it.</summary>
public abstract class PeopleTest : IAsyncLifetime
{
    protected const string Password = "purple lantern eleven";

    protected TestServices World { get; private set; } = null!;

    protected IAccounts Accounts => World.Provider.GetRequiredService<IAccounts>();

    public async ValueTask InitializeAsync() => World = await TestServices.CreateAsync(configure: services =>
        services.AddDataDefenderIdentity(new ConfigurationBuilder().Build()).AddDomainServices());

    public async ValueTask DisposeAsync()
    {
        await World.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected static T Get<T>(AsyncServiceScope scope) where T : notnull => scope.ServiceProvider.GetRequiredService<T>();

    protected AsyncServiceScope Platform()
    {
        var scope = World.Provider.CreateAsyncScope();
        Get<CurrentUser>(scope).Use(new Actor(Guid.CreateVersion7(), "Asha Root", Permissions.Of(Role.SuperAdmin)));
        return scope;
    }

    protected async Task<List<AuditEntry>> TrailAsync(Guid companyId)
    {
        await using var db = World.Open(companyId);
        return await db.AuditEntries.OrderBy(e => e.Sequence).ToListAsync();
    }
}

public sealed class StaffServiceTests : PeopleTest
{
    [Fact]
    public async Task An_invited_person_has_no_password_until_the_link_sets_one()
    {
        var company = await TestCompany.CreateAsync(World);
        await using var scope = company.Scope();
        var staff = Get<StaffService>(scope);

        var link = await staff.InviteAsync(new StaffInput { Name = "Otieno Odhiambo", Email = "Otieno@Example.test", Role = Role.NocOperator });
        var invited = Assert.Single((await staff.ListAsync(new GridQuery())).Items);
        await Accounts.SetPasswordAsync(link.AccountId, link.Token, Password);
        var ready = Assert.Single((await staff.ListAsync(new GridQuery())).Items);

        Assert.Equal(("otieno@example.test", Role.NocOperator, false), (invited.Email, invited.Role, invited.Account!.HasPassword));
        Assert.True(ready.Account!.HasPassword);
        Assert.Contains(await TrailAsync(company.Id), e => e is { Action: "created", Entity: nameof(StaffMember), Label: "otieno@example.test" });
    }

    [Fact]
    public async Task An_address_that_somebody_signs_in_with_cannot_be_invited_again_in_any_company()
    {
        var (first, second) = (await TestCompany.CreateAsync(World), await TestCompany.CreateAsync(World));
        await using var one = first.Scope();
        await using var other = second.Scope();
        await Get<StaffService>(one).InviteAsync(new StaffInput { Name = "Otieno", Email = "otieno@example.test" });

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => Get<StaffService>(other).InviteAsync(new StaffInput { Name = "Otieno", Email = "OTIENO@example.test" }));

        Assert.Equal("Email", Assert.Single(refused.Errors).Field);
        Assert.Empty((await Get<StaffService>(other).ListAsync(new GridQuery())).Items);
    }

    [Theory]
    [InlineData(Role.SuperAdmin)]
    [InlineData(Role.Customer)]
    public async Task A_company_cannot_give_a_role_that_is_not_its_own(Role role)
    {
        var company = await TestCompany.CreateAsync(World);
        await using var scope = company.Scope();

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => Get<StaffService>(scope).InviteAsync(new StaffInput { Name = "Mallory", Email = "m@example.test", Role = role }));

        Assert.Equal("Role", Assert.Single(refused.Errors).Field);
    }

    [Fact]
    public async Task The_last_owner_can_neither_step_down_nor_be_disabled()
    {
        var company = await TestCompany.CreateAsync(World);
        var owner = await Accounts.CreateAsync(new NewAccount(company.Id, "Wanjiku", "w@example.test", Role.Owner, Password), Actor.System("test"));
        await using var scope = company.Scope();
        var staff = Get<StaffService>(scope);
        var row = Assert.Single((await staff.ListAsync(new GridQuery())).Items);

        var demotion = await Assert.ThrowsAsync<DomainException>(() => staff.ChangeAsync(owner, row.Version, new StaffInput { Name = "Wanjiku", Email = "w@example.test", Role = Role.Support }));
        var disabling = await Assert.ThrowsAsync<DomainException>(() => staff.DisableAsync(owner));

        Assert.Equal(("staff.last_owner", "staff.last_owner"), (demotion.Code, disabling.Code));
    }

    [Fact]
    public async Task Nobody_disables_themselves()
    {
        var company = await TestCompany.CreateAsync(World);
        await company.AddStaffAsync(Role.Owner);
        var me = await Accounts.CreateAsync(new NewAccount(company.Id, "Wanjiku", "w@example.test", Role.Owner, Password), Actor.System("test"));
        await using var scope = World.Scope(company.Id, new Actor(me, "Wanjiku", Permissions.Of(Role.Owner)));

        var refused = await Assert.ThrowsAsync<DomainException>(() => Get<StaffService>(scope).DisableAsync(me));

        Assert.Equal("staff.self", refused.Code);
    }

    [Fact]
    public async Task People_of_another_company_cannot_be_touched()
    {
        var (ours, theirs) = (await TestCompany.CreateAsync(World), await TestCompany.CreateAsync(World));
        var stranger = await Accounts.CreateAsync(new NewAccount(theirs.Id, "Stranger", "s@example.test", Role.Support, Password), Actor.System("test"));
        await using var scope = ours.Scope();
        var staff = Get<StaffService>(scope);

        await Assert.ThrowsAsync<NotFoundException>(() => staff.DisableAsync(stranger));
        await Assert.ThrowsAsync<NotFoundException>(() => staff.NewLinkAsync(stranger));
        await Assert.ThrowsAsync<NotFoundException>(() => staff.ResetSecondFactorAsync(stranger));
        await Assert.ThrowsAsync<NotFoundException>(() => staff.ChangeAsync(stranger, 0, new StaffInput { Name = "Mallory", Email = "s@example.test" }));
        await using var db = World.OpenPlatform();
        var account = await db.Users.SingleAsync(a => a.Id == stranger);
        Assert.Equal((false, "Stranger"), (account.IsDisabled, account.DisplayName));
    }

    [Theory]
    [InlineData(Role.NocOperator)]
    [InlineData(Role.Support)]
    [InlineData(Role.Finance)]
    public async Task Only_who_may_manage_people_sees_them(Role role)
    {
        var company = await TestCompany.CreateAsync(World);
        await using var scope = company.Scope(role);

        await Assert.ThrowsAsync<ForbiddenException>(() => Get<StaffService>(scope).ListAsync(new GridQuery()));
        await Assert.ThrowsAsync<ForbiddenException>(() => Get<StaffService>(scope).InviteAsync(new StaffInput { Name = "Eve", Email = "e@example.test" }));
    }
}

public sealed class CompanyTests : PeopleTest
{
    private static RegistrationInput Registration => new()
    {
        CompanyName = "Savanna Fibre Ltd.",
        ContactName = "Wanjiku Kamau",
        Email = "wanjiku@example.test",
        Phone = "0712 345 678",
        County = "Nairobi",
        Password = Password,
    };

    [Fact]
    public async Task A_registered_company_waits_and_then_works_with_its_licence()
    {
        var id = await RegisterAsync(Registration);
        await using var platform = Platform();
        var companies = Get<CompanyAdministration>(platform);

        var waiting = Assert.Single((await companies.ListAsync(new GridQuery(), CompanyStatus.Pending)).Items);
        await companies.ApproveAsync(id, Licence(subscribers: 100));
        var approved = await companies.GetAsync(id);

        Assert.Equal(("Savanna Fibre Ltd.", "254712345678", 1), (waiting.Name, waiting.ContactPhone, waiting.Staff));
        Assert.Equal((CompanyStatus.Active, 100), (approved.Status, approved.Licence!.MaxSubscribers));
        Assert.Contains(await TrailAsync(id), e => e is { Action: "changed", Actor: "Asha Root" });
    }

    [Fact]
    public async Task Each_refused_field_of_a_registration_is_named_and_nothing_is_written()
    {
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => RegisterAsync(new RegistrationInput { Phone = "12", Email = "no", County = "Kent" }));

        Assert.Equal(["CompanyName", "ContactName", "County", "Email", "Password", "Phone"], refused.Errors.Select(e => e.Field).Distinct().Order());
        await using var db = World.OpenPlatform();
        Assert.Equal(0, await db.Companies.CountAsync());
    }

    [Fact]
    public async Task A_password_made_of_the_companys_own_name_is_refused_before_anything_is_written()
    {
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => RegisterAsync(Registration with { Password = "Savanna-Fibre-1" }));

        Assert.Equal("Password", Assert.Single(refused.Errors).Field);
        await using var db = World.OpenPlatform();
        Assert.Equal(0, await db.Companies.CountAsync());
    }

    [Fact]
    public async Task Two_companies_of_one_name_get_different_short_names()
    {
        var first = await RegisterAsync(Registration);
        var second = await RegisterAsync(Registration with { Email = "other@example.test" });
        await using var db = World.OpenPlatform();

        Assert.Equal("savanna-fibre-ltd", (await db.Companies.SingleAsync(c => c.Id == first)).Slug);
        Assert.Equal("savanna-fibre-ltd-2", (await db.Companies.SingleAsync(c => c.Id == second)).Slug);
    }

    [Fact]
    public async Task A_rejected_company_keeps_the_reason_and_can_be_approved_after_all()
    {
        var id = await RegisterAsync(Registration);
        await using var platform = Platform();
        var companies = Get<CompanyAdministration>(platform);

        await companies.RejectAsync(id, "The licence of the Authority is missing.");
        var rejected = await companies.GetAsync(id);
        await companies.ApproveAsync(id, Licence());

        Assert.Equal((CompanyStatus.Rejected, "The licence of the Authority is missing."), (rejected.Status, rejected.StatusReason));
        Assert.Equal(CompanyStatus.Active, (await companies.GetAsync(id)).Status);
    }

    [Fact]
    public async Task Entering_a_company_needs_a_reason_and_leaves_a_trace_that_the_company_reads()
    {
        var company = await TestCompany.CreateAsync(World);
        await using var platform = Platform();
        var companies = Get<CompanyAdministration>(platform);

        await Assert.ThrowsAsync<InvalidInputException>(() => companies.EnterAsync(company.Id, "why not"));
        var until = await companies.EnterAsync(company.Id, "Ticket 4711: lines do not come back");

        Assert.Equal(World.Clock.Now.AddMinutes(60), until);
        var trace = Assert.Single(await TrailAsync(company.Id), e => e.Action == "entered by the platform");
        Assert.Equal("Asha Root", trace.Actor);
        Assert.Contains("Ticket 4711", trace.After, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_of_a_company_may_do_the_platforms_work()
    {
        var company = await TestCompany.CreateAsync(World);
        await using var scope = company.Scope(Role.Owner);
        var companies = Get<CompanyAdministration>(scope);

        await Assert.ThrowsAsync<ForbiddenException>(() => companies.ListAsync(new GridQuery()));
        await Assert.ThrowsAsync<ForbiddenException>(() => companies.ChangeLicenceAsync(company.Id, Licence(subscribers: 1_000_000)));
        await Assert.ThrowsAsync<ForbiddenException>(() => companies.EnterAsync(company.Id, "because it would be nice"));
    }

    private static LicenceInput Licence(int subscribers = 10) =>
        new() { Plan = "Growth", MaxSubscribers = subscribers, MaxRouters = 2, Modules = LicensedModules.All, ExpiresOn = new DateOnly(2027, 1, 31) };

    private async Task<Guid> RegisterAsync(RegistrationInput input)
    {
        await using var scope = World.Provider.CreateAsyncScope();
        return await Get<CompanyRegistration>(scope).RegisterAsync(input);
    }
}

public sealed class LicenceGuardTests : PeopleTest
{
    private LicenceGuard Guard => new(World.Clock);

    [Fact]
    public async Task The_cap_on_subscribers_counts_lines_that_are_not_disconnected()
    {
        var company = await TestCompany.CreateAsync(World, licence: Licence(subscribers: 2));
        var (client, package) = (await company.AddClientAsync(), await company.AddPackageAsync());
        await company.AddSubscriptionAsync(client, package);
        await company.AddSubscriptionAsync(client, package, state: Domain.Subscriptions.SubscriptionState.Disconnected);
        await using var db = company.Open();

        await Guard.DemandSubscribersAsync(db);
        var refused = await Assert.ThrowsAsync<DomainException>(() => Guard.DemandSubscribersAsync(db, 2));

        Assert.Equal("licence.cap", refused.Code);
        Assert.Contains("covers 2 subscribers; 1 are in use", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cap_on_routers_and_the_network_module_are_demanded()
    {
        var full = await TestCompany.CreateAsync(World, licence: Licence(routers: 1));
        await full.AddRouterAsync();
        var without = await TestCompany.CreateAsync(World, licence: Licence(routers: 5) with { Modules = LicensedModules.Radius });
        await using var fullDb = full.Open();
        await using var withoutDb = without.Open();

        Assert.Equal("licence.cap", (await Assert.ThrowsAsync<DomainException>(() => Guard.DemandRouterAsync(fullDb))).Code);
        Assert.Equal("licence.module", (await Assert.ThrowsAsync<DomainException>(() => Guard.DemandRouterAsync(withoutDb))).Code);
    }

    [Fact]
    public async Task A_licence_ends_with_its_last_day_where_the_company_is()
    {
        var company = await TestCompany.CreateAsync(World, licence: Licence() with { ExpiresOn = new DateOnly(2026, 3, 1) });
        await using var db = company.Open();

        World.Clock.Advance(TimeSpan.FromHours(12)); // 20:00 UTC is 23:00 in Nairobi
        await Guard.DemandCurrentAsync(db);
        World.Clock.Advance(TimeSpan.FromHours(1));
        var refused = await Assert.ThrowsAsync<DomainException>(() => Guard.DemandCurrentAsync(db));

        Assert.Equal("licence.expired", refused.Code);
    }

    [Theory]
    [InlineData(CompanyStatus.Pending)]
    [InlineData(CompanyStatus.Suspended)]
    public async Task A_company_that_is_not_active_adds_nothing(CompanyStatus status)
    {
        var company = await TestCompany.CreateAsync(World, status: status);
        await using var db = company.Open();

        Assert.Equal("licence.inactive", (await Assert.ThrowsAsync<DomainException>(() => Guard.DemandSubscribersAsync(db))).Code);
    }

    private static Licence Licence(int subscribers = 10, int routers = 10) => new("Test", subscribers, routers, LicensedModules.All, new DateOnly(2027, 1, 1));
}
