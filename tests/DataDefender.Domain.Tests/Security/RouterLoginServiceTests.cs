using DataDefender.Domain.Common;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Domain.Tests.Security;

public sealed class RouterLoginServiceTests
{
    [Theory, EachDatabase]
    public async Task The_password_is_made_anew_each_time_shown_once_and_kept_encrypted(DatabaseProvider provider)
    {
        await using var services = await CreateAsync(provider);
        var company = await TestCompany.CreateAsync(services);
        var owner = await company.AddStaffAsync(Role.Owner);

        var first = await AsAsync(services, owner, s => s.RenewAsync(" Jane.W "));
        var second = await AsAsync(services, owner, s => s.RenewAsync("jane.w"));

        Assert.NotEqual(first, second);
        Assert.Equal(RouterLoginService.PasswordLength, second.Length);
        await using var db = company.Open();
        var stored = await db.Staff.SingleAsync(s => s.Id == owner.Id);
        Assert.Equal("jane.w", stored.RouterUsername);
        Assert.Equal(second, (await services.Vault.OpenAsync(company.Id)).Reveal(stored.RouterPasswordPlace(), stored.RouterPasswordCipher!));
        Assert.DoesNotContain(await db.AuditEntries.ToListAsync(), a => $"{a.Before}{a.After}".Contains(second, StringComparison.Ordinal));
        Assert.Equal(new OwnRouterLogin(RouterAccess.Full, "jane.w", AllowedByCompany: false), await AsAsync(services, owner, s => s.GetAsync()));

        await AsAsync(services, owner, async s => { await s.RemoveAsync(); return 0; });
        Assert.Null((await AsAsync(services, owner, s => s.GetAsync())).Username);
    }

    [Theory, EachDatabase]
    public async Task Two_colleagues_cannot_have_the_same_name_but_two_companies_can(DatabaseProvider provider)
    {
        await using var services = await CreateAsync(provider);
        var (mine, theirs) = (await TestCompany.CreateAsync(services), await TestCompany.CreateAsync(services));
        var (first, second, foreign) = (await mine.AddStaffAsync(Role.Owner), await mine.AddStaffAsync(Role.Technician), await theirs.AddStaffAsync(Role.Owner));
        await AsAsync(services, first, s => s.RenewAsync("jane"));

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => AsAsync(services, second, s => s.RenewAsync("jane")));

        Assert.Equal("Username", Assert.Single(refused.Errors).Field);
        Assert.NotEmpty(await AsAsync(services, foreign, s => s.RenewAsync("jane")));
    }

    [Fact]
    public async Task Whoever_has_no_access_to_routers_gets_no_login_and_names_are_what_a_terminal_takes()
    {
        await using var services = await CreateAsync(DatabaseProvider.Sqlite);
        var company = await TestCompany.CreateAsync(services);
        var (finance, owner) = (await company.AddStaffAsync(Role.Finance), await company.AddStaffAsync(Role.Owner));

        await Assert.ThrowsAsync<ForbiddenException>(() => AsAsync(services, finance, s => s.RenewAsync("jane")));
        foreach (var name in (string[])["", "x", "jane doe", "jané", new string('a', 33)])
        {
            await Assert.ThrowsAsync<InvalidInputException>(() => AsAsync(services, owner, s => s.RenewAsync(name)));
        }
    }

    private static Task<TestServices> CreateAsync(DatabaseProvider provider) => TestServices.CreateAsync(provider, s => s.AddScoped<RouterLoginService>());

    private static async Task<T> AsAsync<T>(TestServices services, StaffMember staff, Func<RouterLoginService, Task<T>> work)
    {
        await using var scope = services.Scope(staff.TenantId, new Actor(staff.Id, staff.Name, Permissions.Of(staff.Role)));
        return await work(scope.ServiceProvider.GetRequiredService<RouterLoginService>());
    }
}
