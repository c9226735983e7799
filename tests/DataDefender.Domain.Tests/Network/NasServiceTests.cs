using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Security;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.Domain.Tests.Network;

public sealed class NasServiceTests(NetworkFixture network) : IClassFixture<NetworkFixture>
{
    private static int _address;

    [Fact]
    public async Task A_NAS_without_a_secret_gets_a_strong_one_that_can_be_read_back()
    {
        var company = await network.CompanyAsync();

        var first = await company.AsAsync<NasService, NasCreated>(Role.Owner, n => n.AddAsync(Input(), null));
        var second = await company.AsAsync<NasService, NasCreated>(Role.Owner, n => n.AddAsync(Input(), null));

        Assert.True(first.Secret.Length >= 22);
        Assert.All(first.Secret, c => Assert.True(char.IsAsciiLetterOrDigit(c)));
        Assert.NotEqual(first.Secret, second.Secret);
        Assert.Equal(first.Secret, await company.AsAsync<NasService, string>(Role.Owner, n => n.RevealSecretAsync(first.Id)));
    }

    [Fact]
    public async Task Revealing_a_secret_is_audited_and_the_secret_is_not_in_the_trail()
    {
        var company = await network.CompanyAsync();
        var nas = await company.AsAsync<NasService, NasCreated>(Role.Owner, n => n.AddAsync(Input(), null));

        await company.AsAsync<NasService, string>(Role.NocOperator, n => n.RevealSecretAsync(nas.Id));

        await using var db = company.Open();
        var act = Assert.Single(await db.AuditEntries.Where(a => a.Action == "revealed secret").ToListAsync());
        Assert.Equal((nas.Id.ToString(), "NocOperator of the test"), (act.EntityId, act.Actor));
        Assert.DoesNotContain(await db.AuditEntries.ToListAsync(), a => $"{a.Before}{a.After}".Contains(nas.Secret, StringComparison.Ordinal));
        await Assert.ThrowsAsync<ForbiddenException>(() => company.AsAsync<NasService, string>(Role.Technician, n => n.RevealSecretAsync(nas.Id)));
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData(" 10.0.0.1 ", "10.0.0.1")]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1")]
    [InlineData("FD00:0:0::1", "fd00::1")]
    [InlineData("10", null)]
    [InlineData("10.1", null)]
    [InlineData("010.0.0.1", null)]
    [InlineData("0.0.0.0", null)]
    [InlineData("224.0.0.1", null)]
    [InlineData("255.255.255.255", null)]
    [InlineData("::", null)]
    [InlineData("router", null)]
    [InlineData("", null)]
    public void An_address_is_kept_in_the_form_in_which_packets_are_looked_up(string typed, string? kept) => Assert.Equal(kept, NasInputValidator.Canonical(typed));

    [Theory]
    [InlineData("short")]
    [InlineData("with space in it")]
    [InlineData("schlüssel-lang")]
    public async Task A_secret_that_routers_would_disagree_about_is_refused(string secret)
    {
        var company = await network.CompanyAsync();

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => company.AsAsync<NasService, NasCreated>(Role.Owner, n => n.AddAsync(Input() with { Secret = secret }, null)));

        Assert.All(refused.Errors, e => Assert.Equal(nameof(NasInput.Secret), e.Field));
    }

    [Theory, EachDatabase]
    public async Task An_address_of_another_company_is_refused_in_the_same_words_as_an_own_one(DatabaseProvider provider)
    {
        var (mine, theirs) = (await network.CompanyAsync(provider), await network.CompanyAsync(provider));
        var (own, foreign) = (Input(), Input());
        await mine.AsAsync<NasService, NasCreated>(Role.Owner, n => n.AddAsync(own, null));
        await theirs.AsAsync<NasService, NasCreated>(Role.Owner, n => n.AddAsync(foreign, null));

        var twice = await Assert.ThrowsAsync<InvalidInputException>(() => mine.AsAsync<NasService, NasCreated>(Role.Owner, n => n.AddAsync(own, null)));
        var across = await Assert.ThrowsAsync<InvalidInputException>(() => mine.AsAsync<NasService, NasCreated>(Role.Owner, n => n.AddAsync(foreign, null)));

        Assert.Equal(twice.Message.Replace(own.Address, "A", StringComparison.Ordinal), across.Message.Replace(foreign.Address, "A", StringComparison.Ordinal));
    }

    [Theory, EachDatabase]
    public async Task An_identifier_takes_no_packets_of_another_companys_address_or_certificate(DatabaseProvider provider)
    {
        var (mine, theirs) = (await network.CompanyAsync(provider), await network.CompanyAsync(provider));
        var (plain, shared) = (Input(), Input() with { Identifier = "edge-1" });
        var certified = Input() with { Address = "", Certificate = $"{Guid.CreateVersion7():N}.savanna.example" };
        foreach (var input in (NasInput[])[plain, shared, certified])
        {
            await theirs.AsAsync<NasService, NasCreated>(Role.Owner, n => n.AddAsync(input, null));
        }

        await Assert.ThrowsAsync<InvalidInputException>(() => AddAsync(plain with { Identifier = "edge-2" }));
        await Assert.ThrowsAsync<InvalidInputException>(() => AddAsync(shared with { Identifier = "" }));
        await Assert.ThrowsAsync<InvalidInputException>(() => AddAsync(certified with { Identifier = "edge-2" }));
        var port = await Assert.ThrowsAsync<InvalidInputException>(() => AddAsync(shared with { Identifier = "edge-2" }));
        Assert.Equal(nameof(NasInput.CoaPort), Assert.Single(port.Errors).Field); // a Disconnect-Request for one would reach the other
        await AddAsync(shared with { Identifier = "edge-2", CoaPort = 3800 }); // a NAT before two companies that both say who they are
        await theirs.AsAsync<NasService, NasCreated>(Role.Owner, n => n.AddAsync(plain with { Identifier = "edge-2", CoaPort = 3800 }, null));

        Task<NasCreated> AddAsync(NasInput input) => mine.AsAsync<NasService, NasCreated>(Role.Owner, n => n.AddAsync(input, null));
    }

    [Fact]
    public async Task A_NAS_can_move_to_another_router_of_the_company_only()
    {
        var (company, other) = (await network.CompanyAsync(), await network.CompanyAsync());
        var (router, foreign) = (await company.AddRouterAsync(), await other.AddRouterAsync());
        var input = Input();
        var nas = await company.AsAsync<NasService, NasCreated>(Role.Owner, n => n.AddAsync(input, null));

        await company.AsAsync<NasService>(Role.Owner, n => n.ChangeAsync(nas.Id, input with { Name = "Moved", MessageAuthenticator = MessageAuthenticatorRule.Required }, router.Id));
        await Assert.ThrowsAsync<NotFoundException>(() => company.AsAsync<NasService>(Role.Owner, n => n.ChangeAsync(nas.Id, input, foreign.Id)));

        var row = Assert.Single((await company.AsAsync<NasService, PageOf<NasRow>>(Role.Technician, n => n.ListAsync(new GridQuery()))).Items);
        Assert.Equal(("Moved", router.Name, MessageAuthenticatorRule.Required), (row.Name, row.RouterName, row.MessageAuthenticator));
        Assert.Equal(nas.Secret, await company.AsAsync<NasService, string>(Role.Owner, n => n.RevealSecretAsync(nas.Id)));
    }

    [Fact]
    public async Task A_NAS_with_open_sessions_stays()
    {
        var company = await network.CompanyAsync();
        var nas = await company.AddNasAsync();
        await company.AddSessionAsync(nas);

        var refused = await Assert.ThrowsAsync<DomainException>(() => company.AsAsync<NasService>(Role.Owner, n => n.RemoveAsync(nas.Id)));

        Assert.Contains("1 open session.", refused.Message, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task NAS_without_an_address_are_told_by_certificates_of_which_each_may_be_given_once(DatabaseProvider provider)
    {
        var (mine, theirs) = (await network.CompanyAsync(provider), await network.CompanyAsync(provider));
        var (first, second) = (Input() with { Address = "", Certificate = "Edge-1.Savanna.Example" }, Input() with { Address = "", Certificate = "edge-2.savanna.example" });
        await mine.AsAsync<NasService, NasCreated>(Role.Owner, n => n.AddAsync(first, null));
        await mine.AsAsync<NasService, NasCreated>(Role.Owner, n => n.AddAsync(second, null));

        var twice = await Assert.ThrowsAsync<InvalidInputException>(() => mine.AsAsync<NasService, NasCreated>(Role.Owner, n => n.AddAsync(first, null)));
        var across = await Assert.ThrowsAsync<InvalidInputException>(() => theirs.AsAsync<NasService, NasCreated>(Role.Owner, n => n.AddAsync(first with { Certificate = "edge-1.savanna.example" }, null)));

        Assert.Equal(twice.Message, across.Message);
        Assert.Equal(nameof(NasInput.Certificate), Assert.Single(across.Errors).Field);
        var page = await mine.AsAsync<NasService, PageOf<NasRow>>(Role.Support, n => n.ListAsync(new GridQuery { Search = "edge-1" }));
        Assert.Equal("edge-1.savanna.example", Assert.Single(page.Items).Certificate);
    }

    [Theory]
    [InlineData("Router-1.ISP.example", "router-1.isp.example")]
    [InlineData(" AB:CD:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD ", "sha256:abcd00112233445566778899aabbccddeeff00112233445566778899aabbccdd")]
    [InlineData("sha256:ABCD00112233445566778899aabbccddeeff00112233445566778899aabbccdd", "sha256:abcd00112233445566778899aabbccddeeff00112233445566778899aabbccdd")]
    [InlineData("sha256:abcd", null)]
    [InlineData("", null)]
    [InlineData("a\nb", null)]
    public void A_certificate_is_kept_in_the_form_in_which_connections_are_looked_up(string typed, string? kept) => Assert.Equal(kept, NasCertificate.Canonical(typed));

    [Fact]
    public async Task A_NAS_needs_an_address_or_a_certificate()
    {
        var company = await network.CompanyAsync();

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => company.AsAsync<NasService, NasCreated>(Role.Owner, n => n.AddAsync(Input() with { Address = " " }, null)));

        Assert.Equal(nameof(NasInput.Address), Assert.Single(refused.Errors).Field);
    }

    [Theory, EachDatabase]
    public async Task The_list_shows_what_each_NAS_carries_and_when_it_last_reported(DatabaseProvider provider)
    {
        var company = await network.CompanyAsync(provider);
        await (await network.CompanyAsync(provider)).AddNasAsync();
        var (busy, idle) = (await company.AddNasAsync(configure: n => n.Name = "A busy"), await company.AddNasAsync(configure: n => n.Name = "B idle"));
        await company.AddSessionAsync(busy);

        var page = await company.AsAsync<NasService, PageOf<NasRow>>(Role.Support, n => n.ListAsync(new GridQuery()));

        Assert.Equal([(busy.Id, 1, (DateTime?)Observations.Now), (idle.Id, 0, null)], page.Items.Select(n => (n.Id, n.OpenSessions, n.LastReportAt)));
    }

    [Fact]
    public void The_commands_can_be_pasted_as_they_are()
    {
        Assert.Equal(
            """
            /radius add service=ppp,hotspot address=10.0.0.2 secret="ab\$c\"d" authentication-port=1812 accounting-port=1813 timeout=3s comment=DataDefender
            /radius incoming set accept=yes port=3799
            /ppp aaa set use-radius=yes accounting=yes interim-update=5m
            """.ReplaceLineEndings("\n"),
            NasSetup.Commands("10.0.0.2", 1812, 1813, 3799, 300, "ab$c\"d"));
        Assert.EndsWith("add chain=forward src-address-list=\"suspended\" action=drop comment=DataDefender", NasSetup.WalledGarden("suspended", "pay.example.co.ke"), StringComparison.Ordinal);
    }

    private static NasInput Input() => new() { Name = "Edge", Address = $"10.77.{Interlocked.Increment(ref _address)}.1" };
}
