using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Tests;

/// <summary>Logins to the NAS itself (Service-Type, RFC 2865 §5.6).</summary>
public sealed class RouterLoginTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private const string RouterPassword = "xK7-router-only";

    private RadiusTestClient Client => fixture.Host.Client();

    [Theory]
    [InlineData("PAP")]
    [InlineData("CHAP")]
    [InlineData("MS-CHAP")]
    [InlineData("MS-CHAPv2")]
    public async Task A_customers_credentials_do_not_open_the_router(string method)
    {
        var line = await fixture.AddLineAsync($"curious-{method}".ToLowerInvariant());

        var router = await Client.AskAsync(WithPassword(Client.RouterLoginRequest(line.Username), method, HostFixture.Password));
        var internet = await Client.AskAsync(WithPassword(Client.PppoeRequest(line.Username), method, HostFixture.Password));

        Assert.Equal((RadiusCode.AccessReject, "Invalid user name or password"), (router.Code, router["Reply-Message"]));
        Assert.Equal(RadiusCode.AccessAccept, internet.Code);
        var attempt = await AttemptAsync(line.Username, LoginOutcome.RouterLoginRefused);
        Assert.Equal((method, line.Id, "192.0.2.10"), (attempt.Method, attempt.SubscriptionId, attempt.CallingStationId));
        Assert.Contains("customer", attempt.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Administrative", "Ethernet")]
    [InlineData("NAS-Prompt", "Ethernet")]
    [InlineData("Callback-NAS-Prompt", "Ethernet")]
    [InlineData("Login", "Virtual")] // a Cisco's VTY
    [InlineData("Login", "Async")] // and its console
    public async Task However_a_NAS_asks_for_a_login_to_itself(string service, string port)
    {
        var line = await fixture.AddLineAsync($"itself-{service}-{port}".ToLowerInvariant());
        var request = Client.RouterLoginRequest(line.Username).Add("NAS-Port-Type", port);
        request.RemoveAll("Service-Type");
        request.Add("Service-Type", service);

        var reply = await Client.AskAsync(request.AddPapPassword(HostFixture.Password, Client.Secret));

        Assert.Equal(RadiusCode.AccessReject, reply.Code);
        Assert.NotNull(await AttemptAsync(line.Username, LoginOutcome.RouterLoginRefused));
    }

    [Fact]
    public async Task A_suspended_line_is_no_way_in_either_and_a_stranger_learns_nothing()
    {
        await fixture.AddLineAsync("suspended-curious", SubscriptionState.Suspended);

        var known = await Client.AskAsync(WithPassword(Client.RouterLoginRequest("suspended-curious"), "MS-CHAPv2", HostFixture.Password));
        var stranger = await Client.AskAsync(WithPassword(Client.RouterLoginRequest("nobody-here"), "MS-CHAPv2", HostFixture.Password));

        Assert.Equal((RadiusCode.AccessReject, RadiusCode.AccessReject), (known.Code, stranger.Code));
        Assert.Equal(stranger.Attributes.Select(a => a.Name), known.Attributes.Select(a => a.Name));
        Assert.Equal(stranger["Reply-Message"], known["Reply-Message"]);
    }

    [Fact]
    public async Task A_hotspot_customer_whose_router_says_Login_as_well_is_let_in()
    {
        await fixture.AddLineAsync("guest");

        var reply = await Client.AskAsync(WithPassword(Client.HotspotRequest("guest"), "CHAP", HostFixture.Password));

        Assert.Equal(RadiusCode.AccessAccept, reply.Code);
        Assert.Equal("5M/10M", reply["Mikrotik-Rate-Limit"]);
    }

    [Theory]
    [InlineData("PAP", Role.Owner, "full")]
    [InlineData("CHAP", Role.NocOperator, "write")]
    [InlineData("MS-CHAP", Role.Technician, "read")]
    [InlineData("MS-CHAPv2", Role.Owner, "full")] // WinBox
    public async Task Staff_get_the_group_of_their_role_and_it_is_recorded_who_came_from_where(string method, Role role, string group)
    {
        var staff = await AddStaffAsync(fixture.Company, role, $"staff-{method}".ToLowerInvariant());
        var request = WithPassword(Client.RouterLoginRequest(staff.RouterUsername!), method, RouterPassword);

        var reply = await Client.AskAsync(request);

        Assert.Equal((RadiusCode.AccessAccept, group), (reply.Code, reply["Mikrotik-Group"]));
        Assert.Equal("Message-Authenticator", reply.Attributes[0].Name);
        Assert.Null(reply["Mikrotik-Rate-Limit"]);
        Assert.Equal(method == "MS-CHAPv2", method == "MS-CHAPv2" && request.IsProvenBy(reply, RouterPassword));
        var attempt = await AttemptAsync(staff.RouterUsername!, LoginOutcome.RouterLoginAccepted);
        Assert.Equal((method, "192.0.2.10", fixture.Nas.Id, null), (attempt.Method, attempt.CallingStationId, attempt.NasId, attempt.SubscriptionId));
        Assert.Contains(staff.Name, attempt.Detail, StringComparison.Ordinal);
        var entry = Assert.Single(await AuditAsync(staff.RouterUsername!));
        Assert.Equal(("logged in to the router", (Guid?)staff.Id, fixture.Nas.Id.ToString()), (entry.Action, entry.ActorId, entry.EntityId));
        Assert.DoesNotContain(RouterPassword, entry.After, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_refused_and_the_trail_does_not_say_that_it_was_them()
    {
        var staff = await AddStaffAsync(fixture.Company, Role.Owner, "guessed");

        var reply = await Client.AskAsync(WithPassword(Client.RouterLoginRequest("guessed"), "PAP", "a guess"));
        var stranger = await Client.AskAsync(WithPassword(Client.RouterLoginRequest("no-such-staff"), "PAP", "a guess"));

        Assert.Equal(RadiusCode.AccessReject, reply.Code);
        Assert.Equal(stranger.ToString()[stranger.ToString().IndexOf('\n', StringComparison.Ordinal)..].Length, reply.ToString()[reply.ToString().IndexOf('\n', StringComparison.Ordinal)..].Length);
        Assert.Contains("password", (await AttemptAsync("guessed", LoginOutcome.RouterLoginRefused)).Detail, StringComparison.OrdinalIgnoreCase);
        var entry = Assert.Single(await AuditAsync("guessed"));
        Assert.Equal(("refused at the router", (Guid?)null, "RADIUS"), (entry.Action, entry.ActorId, entry.Actor));
        Assert.NotEqual(staff.Name, entry.Actor);
    }

    [Fact]
    public async Task The_router_password_opens_no_line_and_the_role_that_was_taken_away_opens_no_router()
    {
        var staff = await AddStaffAsync(fixture.Company, Role.Technician, "demoted");
        Assert.Equal(RadiusCode.AccessReject, (await Client.PapAsync("demoted", RouterPassword)).Code);
        await Eventually.Is(async () => (await Client.AskAsync(WithPassword(Client.RouterLoginRequest("demoted"), "PAP", RouterPassword)))["Mikrotik-Group"] == "read");

        await ChangeAsync(staff.Id, s => s.Assign(Role.NocOperator));
        await Eventually.Is(async () => (await Client.AskAsync(WithPassword(Client.RouterLoginRequest("demoted"), "PAP", RouterPassword)))["Mikrotik-Group"] == "write");
        await ChangeAsync(staff.Id, s => s.Assign(Role.Finance));
        await Eventually.Is(async () => (await Client.AskAsync(WithPassword(Client.RouterLoginRequest("demoted"), "PAP", RouterPassword))).Code is RadiusCode.AccessReject);
        await ChangeAsync(staff.Id, s => s.Assign(Role.Owner));
        await Eventually.Is(async () => (await Client.AskAsync(WithPassword(Client.RouterLoginRequest("demoted"), "PAP", RouterPassword)))["Mikrotik-Group"] == "full");
        await ChangeAsync(staff.Id, s => s.Deactivate());
        await Eventually.Is(async () => (await Client.AskAsync(WithPassword(Client.RouterLoginRequest("demoted"), "PAP", RouterPassword))).Code is RadiusCode.AccessReject);
    }

    [Fact]
    public async Task Another_companys_router_does_not_know_them_and_a_company_that_did_not_switch_it_on_lets_nobody_in()
    {
        await AddStaffAsync(fixture.Company, Role.Owner, "at-home");
        var other = await TestCompany.CreateAsync(fixture.Services, "Lake Net");
        await other.AddNasAsync("127.0.0.1", "lake secret", identifier: "lake");
        await AddStaffAsync(other, Role.Owner, "lake-owner", allowed: false);
        await Eventually.Is(() => fixture.Host.Service<Lines.LineDirectory>().Content.Companies.GetValueOrDefault(other.Id)?.Staff.All.Any() is true);
        var lake = fixture.Host.Client("lake secret", "lake");
        await Eventually.Is(() => fixture.Host.Service<Lines.LineDirectory>().Content.Nas.All.Any(n => n.Facts.Identifier == "lake"));

        var foreign = await lake.AskAsync(lake.RouterLoginRequest("at-home").AddPapPassword(RouterPassword, lake.Secret));
        var off = await lake.AskAsync(lake.RouterLoginRequest("lake-owner").AddPapPassword(RouterPassword, lake.Secret));

        Assert.Equal((RadiusCode.AccessReject, RadiusCode.AccessReject), (foreign.Code, off.Code));
        await Eventually.Is(async () =>
        {
            await using var db = other.Open();
            return await db.LoginAttempts.AnyAsync(a => a.Username == "lake-owner" && a.Detail.Contains("switched off"));
        });
    }

    [Fact]
    public async Task Without_the_database_staff_still_get_in_from_the_copy_on_disk()
    {
        await using var services = await TestServices.CreateAsync();
        var company = await TestCompany.CreateAsync(services);
        await company.AddSettingsAsync();
        await company.AddNasAsync("127.0.0.1", HostFixture.Secret);
        await AddStaffAsync(company, Role.NocOperator, "night-shift");
        await using (await RunningHost.StartAsync(services.Database))
        {
            // writes the copy
        }

        using var outage = new Outage(services.Database);
        await using var cold = await RunningHost.StartAsync(services.Database);
        var client = cold.Client();

        var reply = await client.AskAsync(client.RouterLoginRequest("night-shift").AddPapPassword(RouterPassword, client.Secret));

        Assert.Equal((RadiusCode.AccessAccept, "write"), (reply.Code, reply["Mikrotik-Group"]));
    }

    private async Task<StaffMember> AddStaffAsync(TestCompany company, Role role, string username, bool allowed = true)
    {
        var services = company == fixture.Company ? fixture.Services : null;
        var staff = await company.AddStaffAsync(role);
        await using (var db = company.Open())
        {
            var settings = await db.NetworkSettings.SingleOrDefaultAsync() ?? db.NetworkSettings.Add(new NetworkSettings(company.Id)).Entity;
            settings.AllowRouterLogins(allowed);
            staff = await db.Staff.SingleAsync(s => s.Id == staff.Id);
            staff.SetRouterLogin(username, await company.ProtectAsync(staff.RouterPasswordPlace(), RouterPassword));
            await db.SaveChangesAsync();
        }

        if (services is not null)
        {
            await Eventually.Is(() => fixture.Host.Service<Lines.LineDirectory>().Content.Companies[company.Id].Staff.All.Any(s => s.Username == username));
            await Eventually.Is(() => fixture.Host.Service<Lines.LineDirectory>().Content.Companies[company.Id].Settings.RouterLogins);
        }

        return staff;
    }

    private async Task ChangeAsync(Guid staffId, Action<StaffMember> change)
    {
        await using var db = fixture.Company.Open();
        change(await db.Staff.SingleAsync(s => s.Id == staffId));
        await db.SaveChangesAsync();
    }

    private async Task<List<AuditEntry>> AuditAsync(string username)
    {
        await using var db = fixture.Company.Open();
        var needle = $"\"{username}\"";
        return await db.AuditEntries.Where(a => a.Entity == nameof(Nas) && a.After!.Contains(needle)).ToListAsync();
    }

    private RadiusMessage WithPassword(RadiusMessage request, string method, string password) => method switch
    {
        "PAP" => request.AddPapPassword(password, Client.Secret),
        "CHAP" => request.AddChapPassword(password),
        "MS-CHAP" => request.AddMsChapV1Password(password),
        _ => request.AddMsChapV2Password(password),
    };

    private async Task<LoginAttempt> AttemptAsync(string username, LoginOutcome outcome)
    {
        LoginAttempt? found = null;
        await Eventually.Is(async () =>
        {
            await using var db = fixture.Company.Open();
            found = await db.LoginAttempts.FirstOrDefaultAsync(a => a.Username == username && a.Outcome == outcome);
            return found is not null;
        });
        return found!;
    }
}
