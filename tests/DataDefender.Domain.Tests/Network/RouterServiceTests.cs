using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Domain.Tenancy;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Tests.Network;

public sealed class RouterServiceTests(NetworkFixture network) : IClassFixture<NetworkFixture>
{
    [Fact]
    public async Task A_routers_password_is_kept_encrypted_and_opens_only_at_its_place()
    {
        var company = await network.CompanyAsync();

        var id = await company.AsAsync<RouterService, Guid>(Role.Owner, r => r.AddAsync(Input()));

        await using var db = company.Open();
        var router = await db.Routers.SingleAsync(r => r.Id == id);
        Assert.DoesNotContain("Sekret-123", router.PasswordCipher, StringComparison.Ordinal);
        var cipher = await (await network.ServicesAsync()).Vault.OpenAsync(company.Id);
        Assert.Equal("Sekret-123", router.Endpoint(cipher).Password);
    }

    [Theory]
    [InlineData("10")]
    [InlineData("010.0.0.1")]
    [InlineData("10.0.0.1:8728")]
    [InlineData("router one")]
    [InlineData("")]
    [InlineData("10.0.0.300")]
    public async Task What_is_no_host_is_refused_beside_its_field(string host)
    {
        var company = await network.CompanyAsync();

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => company.AsAsync<RouterService, Guid>(Role.Owner, r => r.AddAsync(Input() with { Host = host })));

        Assert.Equal(nameof(RouterInput.Host), Assert.Single(refused.Errors).Field);
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("fd00::1")]
    [InlineData("core.nairobi.example")]
    [InlineData("router1")]
    public void Addresses_and_names_are_hosts(string host) => Assert.True(new RouterInputValidator().Validate(Input() with { Host = host }).IsValid);

    [Fact]
    public async Task A_router_without_a_password_cannot_be_added_but_can_be_changed()
    {
        var company = await network.CompanyAsync();
        await Assert.ThrowsAsync<InvalidInputException>(() => company.AsAsync<RouterService, Guid>(Role.Owner, r => r.AddAsync(Input() with { Password = "" })));
        var id = await company.AsAsync<RouterService, Guid>(Role.Owner, r => r.AddAsync(Input()));

        await company.AsAsync<RouterService>(Role.Owner, r => r.ChangeAsync(id, Input() with { Name = "Core 2", Password = null }));

        await using var db = company.Open();
        var router = await db.Routers.SingleAsync();
        Assert.Equal("Core 2", router.Name);
        Assert.Equal("Sekret-123", router.Endpoint(await (await network.ServicesAsync()).Vault.OpenAsync(company.Id)).Password);
    }

    [Fact]
    public async Task Two_routers_of_one_company_cannot_share_a_name_but_two_companies_can()
    {
        var (first, second) = (await network.CompanyAsync(), await network.CompanyAsync());
        await first.AsAsync<RouterService, Guid>(Role.Owner, r => r.AddAsync(Input()));

        await second.AsAsync<RouterService, Guid>(Role.Owner, r => r.AddAsync(Input()));
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => first.AsAsync<RouterService, Guid>(Role.Owner, r => r.AddAsync(Input())));

        Assert.Equal(nameof(RouterInput.Name), Assert.Single(refused.Errors).Field);
    }

    [Fact]
    public async Task The_licence_caps_the_routers()
    {
        var company = await network.CompanyAsync(licence: new Licence("Small", 10, 1, LicensedModules.All, new DateOnly(2027, 1, 1)));
        await company.AsAsync<RouterService, Guid>(Role.Owner, r => r.AddAsync(Input()));

        var refused = await Assert.ThrowsAsync<DomainException>(() => company.AsAsync<RouterService, Guid>(Role.Owner, r => r.AddAsync(Input() with { Name = "Second" })));

        Assert.Equal("licence.cap", refused.Code);
    }

    [Fact]
    public async Task A_router_that_carries_a_NAS_stays()
    {
        var company = await network.CompanyAsync();
        var router = await company.AddRouterAsync();
        var nas = await company.AddNasAsync(router: router);

        var refused = await Assert.ThrowsAsync<DomainException>(() => company.AsAsync<RouterService>(Role.Owner, r => r.RemoveAsync(router.Id)));

        Assert.Contains(nas.Name, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_removed_router_leaves_the_live_screen_and_its_connection()
    {
        var company = await network.CompanyAsync();
        var router = await company.AddRouterAsync();
        network.Metrics.Publish(Snapshot(company.Id, router.Id));

        await company.AsAsync<RouterService>(Role.Owner, r => r.RemoveAsync(router.Id));

        Assert.Empty(network.Metrics.Latest(company.Id));
        Assert.Contains(router.Id, network.Routers.Forgotten);
    }

    [Fact]
    public async Task Switching_a_router_off_makes_its_state_unknown_and_says_so()
    {
        var company = await network.CompanyAsync();
        var router = await company.AddRouterAsync();

        await company.AsAsync<RouterService>(Role.NocOperator, r => r.SetEnabledAsync(router.Id, false));

        var details = await company.AsAsync<RouterService, RouterDetails>(Role.NocOperator, r => r.GetAsync(router.Id));
        Assert.Equal((false, RouterState.Unknown, "Switched off."), (details.IsEnabled, details.State, details.StateReason));
        await Assert.ThrowsAsync<DomainException>(() => company.AsAsync<RouterService>(Role.NocOperator, r => r.SetEnabledAsync(router.Id, false)));
    }

    [Fact]
    public async Task Moving_a_router_to_another_host_forgets_the_pinned_certificate()
    {
        var company = await network.CompanyAsync();
        var id = await company.AsAsync<RouterService, Guid>(Role.Owner, r => r.AddAsync(Input() with { UseTls = true }, "AB:CD"));
        Assert.Equal("abcd", (await company.AsAsync<RouterService, RouterDetails>(Role.Owner, r => r.GetAsync(id))).CertificateFingerprint);

        await company.AsAsync<RouterService>(Role.Owner, r => r.ChangeAsync(id, Input() with { UseTls = true, Host = "10.9.9.9" }));

        Assert.Null((await company.AsAsync<RouterService, RouterDetails>(Role.Owner, r => r.GetAsync(id))).CertificateFingerprint);
    }

    [Fact]
    public async Task A_certificate_can_be_trusted_only_where_there_is_TLS()
    {
        var company = await network.CompanyAsync();
        var plain = await company.AddRouterAsync();
        var tls = await company.AddRouterAsync(useTls: true);

        await company.AsAsync<RouterService>(Role.Owner, r => r.PinCertificateAsync(tls.Id, "ABCDEF"));
        var refused = await Assert.ThrowsAsync<DomainException>(() => company.AsAsync<RouterService>(Role.Owner, r => r.PinCertificateAsync(plain.Id, "ABCDEF")));

        Assert.Equal("router.no_tls", refused.Code);
        Assert.Equal("abcdef", (await company.AsAsync<RouterService, RouterDetails>(Role.Owner, r => r.GetAsync(tls.Id))).CertificateFingerprint);
    }

    [Theory, EachDatabase]
    public async Task The_list_searches_sorts_and_counts_what_hangs_on_each_router(DatabaseProvider provider)
    {
        var company = await network.CompanyAsync(provider);
        var other = await network.CompanyAsync(provider);
        await other.AddRouterAsync("NBO-CORE-foreign");
        var core = await company.AddRouterAsync("NBO-CORE");
        var edge = await company.AddRouterAsync("NBO-EDGE");
        await company.AddRouterAsync("Mombasa");
        await company.AddSessionAsync(await company.AddNasAsync(router: core));
        await company.AddSessionAsync(await company.AddNasAsync(router: core));
        await company.AddNasAsync(router: edge);

        var page = await company.AsAsync<RouterService, PageOf<RouterListItem>>(
            Role.Technician, r => r.ListAsync(new GridQuery(PageSize: 10, SortBy: nameof(RouterListItem.Name), Descending: true, Search: " nbo ")));

        Assert.Equal(2, page.Total);
        Assert.Equal([("NBO-EDGE", 1, 0), ("NBO-CORE", 2, 2)], page.Items.Select(r => (r.Name, r.NasCount, r.OpenSessions)));
    }

    [Fact]
    public async Task Another_companys_router_is_not_found()
    {
        var (mine, theirs) = (await network.CompanyAsync(), await network.CompanyAsync());
        var router = await theirs.AddRouterAsync();

        await Assert.ThrowsAsync<NotFoundException>(() => mine.AsAsync<RouterService, RouterDetails>(Role.Owner, r => r.GetAsync(router.Id)));
        await Assert.ThrowsAsync<NotFoundException>(() => mine.AsAsync<RouterService>(Role.Owner, r => r.RemoveAsync(router.Id)));
        await Assert.ThrowsAsync<NotFoundException>(() => mine.AsAsync<RouterService>(Role.Owner, r => r.ChangeAsync(router.Id, Input())));
        await Assert.ThrowsAsync<NotFoundException>(() => mine.AsAsync<RouterConnectionTest, RouterTestReport>(Role.Owner, r => r.RunAsync(Input(), router.Id)));
    }

    [Fact]
    public async Task Looking_is_not_changing()
    {
        var company = await network.CompanyAsync();
        var router = await company.AddRouterAsync();

        await company.AsAsync<RouterService, RouterDetails>(Role.Support, r => r.GetAsync(router.Id));
        await Assert.ThrowsAsync<ForbiddenException>(() => company.AsAsync<RouterService>(Role.Support, r => r.RemoveAsync(router.Id)));
        await Assert.ThrowsAsync<ForbiddenException>(() => company.AsAsync<RouterService, Guid>(Role.Support, r => r.AddAsync(Input())));
        await Assert.ThrowsAsync<ForbiddenException>(() => company.AsAsync<RouterService, RouterDetails>(Role.Sales, r => r.GetAsync(router.Id)));
    }

    internal static RouterInput Input() => new() { Name = "Core 1", Host = "10.0.0.1", Username = "datadefender", Password = "Sekret-123" };

    internal static RouterSnapshot Snapshot(Guid tenant, Guid router) =>
        new(tenant, router, "R", new DateTime(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc), RouterState.Up, null, null, 10, 1, 2, null, 1, null, null, null, []);
}
