using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Tests;

/// <summary>Logins to the NAS itself (Service-Type, RFC 2865 §5.6).</summary>
public sealed class RouterLoginTests(HostFixture fixture) : IClassFixture<HostFixture>
{
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
