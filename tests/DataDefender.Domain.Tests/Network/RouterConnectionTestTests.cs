using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Testing;

namespace DataDefender.Domain.Tests.Network;

public sealed class RouterConnectionTestTests(NetworkFixture network) : IClassFixture<NetworkFixture>
{
    private static readonly RouterCertificate Certificate = new("aabb", "CN=nbo-core", new DateTime(2030, 1, 2, 0, 0, 0, DateTimeKind.Utc));

    [Fact]
    public async Task A_router_that_answers_is_named_with_its_serial_number_and_each_step_passed()
    {
        var company = await network.CompanyAsync();
        network.Routers.Test = new RouterTest.Passed("nbo-core", "7.22.1 (stable)", "CCR2004", Certificate);
        network.Routers.Answer("/system/routerboard/print", RouterRow.Of(("serial-number", "HD208ABC")));

        var report = await RunAsync(company, RouterServiceTests.Input() with { UseTls = true });

        Assert.True(report.Passed);
        Assert.Equal(("nbo-core", "CCR2004", "7.22.1 (stable)", "HD208ABC"), (report.Identity, report.Model, report.RouterOsVersion, report.SerialNumber));
        Assert.Equal(["Reach", "TLS", "Sign in", "Read"], report.Steps.Select(s => s.Name));
        Assert.All(report.Steps, s => Assert.Equal(TestStepState.Passed, s.State));
        Assert.True(report.AsksForTrust);
        Assert.Contains(network.Routers.Tested.Last().RouterId, network.Routers.Forgotten);
    }

    [Theory]
    [InlineData(RouterConnectFailureKind.ConnectionRefused, "Reach")]
    [InlineData(RouterConnectFailureKind.TlsFailed, "TLS")]
    [InlineData(RouterConnectFailureKind.CertificateExpired, "TLS")]
    [InlineData(RouterConnectFailureKind.WrongPassword, "Sign in")]
    [InlineData(RouterConnectFailureKind.NotPermitted, "Read")]
    public async Task The_step_that_failed_says_what_is_wrong_and_later_ones_were_not_reached(RouterConnectFailureKind kind, string step)
    {
        var company = await network.CompanyAsync();
        network.Routers.Test = new RouterTest.Failed(new RouterConnectFailure(kind, "This is wrong."));

        var report = await RunAsync(company, RouterServiceTests.Input() with { UseTls = true });

        Assert.False(report.Passed);
        var failed = Assert.Single(report.Steps, s => s.State is TestStepState.Failed);
        Assert.Equal((step, "This is wrong."), (failed.Name, failed.Detail));
        Assert.All(report.Steps.SkipWhile(s => s != failed).Skip(1), s => Assert.Equal(TestStepState.NotReached, s.State));
        Assert.All(report.Steps.TakeWhile(s => s != failed), s => Assert.Equal(TestStepState.Passed, s.State));
    }

    [Fact]
    public async Task A_changed_certificate_asks_a_person_to_trust_it()
    {
        var company = await network.CompanyAsync();
        var router = await company.AddRouterAsync(host: "10.0.0.1", useTls: true);
        await company.AsAsync<RouterService>(Role.Owner, r => r.PinCertificateAsync(router.Id, "0011"));
        network.Routers.Test = new RouterTest.Failed(new RouterConnectFailure(RouterConnectFailureKind.CertificateChanged, "Another certificate.", "0011", Certificate));

        var report = await RunAsync(company, RouterServiceTests.Input() with { UseTls = true, Password = null }, router.Id);

        Assert.True(report.AsksForTrust);
        Assert.Equal(("0011", "aabb"), (report.PinnedFingerprint, report.Certificate!.Fingerprint));
        Assert.Equal("0011", network.Routers.Tested.Last().CertificateFingerprint);
    }

    [Fact]
    public async Task A_saved_router_is_tested_with_its_stored_password_and_described_by_what_it_says()
    {
        var company = await network.CompanyAsync();
        var router = await company.AddRouterAsync(host: "10.0.0.7", password: "stored-one");
        network.Routers.Test = new RouterTest.Passed("nbo-edge", "6.49.18 (long-term)", "RB4011", null);
        network.Routers.Answer("/system/routerboard/print", _ => new RouterOutcome.Refused(RouterRefusal.NotPermitted, "not enough permissions", null));

        var report = await RunAsync(company, RouterServiceTests.Input() with { Host = "10.0.0.7", Password = null }, router.Id);

        Assert.Equal("stored-one", network.Routers.Tested.Last().Password);
        Assert.Null(report.SerialNumber);
        var details = await company.AsAsync<RouterService, RouterDetails>(Role.Owner, r => r.GetAsync(router.Id));
        Assert.Equal(("nbo-edge", "RB4011", "6.49.18 (long-term)"), (details.Identity, details.Model, details.RouterOsVersion));
    }

    [Fact]
    public async Task Only_who_may_change_the_network_may_make_us_connect_somewhere()
    {
        var company = await network.CompanyAsync();

        await Assert.ThrowsAsync<ForbiddenException>(() => company.AsAsync<RouterConnectionTest, RouterTestReport>(Role.Technician, t => t.RunAsync(RouterServiceTests.Input(), null)));
    }

    private static Task<RouterTestReport> RunAsync(TestCompany company, RouterInput input, Guid? id = null) =>
        company.AsAsync<RouterConnectionTest, RouterTestReport>(Role.NocOperator, t => t.RunAsync(input, id));
}
