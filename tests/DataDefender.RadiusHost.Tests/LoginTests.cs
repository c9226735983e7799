using DataDefender.Domain.Common;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Radius;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Status;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;

namespace DataDefender.RadiusHost.Tests;

public sealed class LoginTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private RadiusTestClient Client => fixture.Host.Client();

    [Theory] // RFC 2865 §5.2, §5.3, RFC 2548 §2.1, §2.3
    [InlineData("PAP")]
    [InlineData("CHAP")]
    [InlineData("MS-CHAP")]
    [InlineData("MS-CHAPv2")]
    public async Task A_right_password_is_accepted_by_every_method(string method)
    {
        await fixture.AddLineAsync($"good-{method}".ToLowerInvariant(), address: method switch { "PAP" => "100.64.0.1", "CHAP" => "100.64.0.2", "MS-CHAP" => "100.64.0.3", _ => "100.64.0.4" });

        var reply = await LoginAsync(method, $"good-{method}".ToLowerInvariant(), HostFixture.Password);

        Assert.Equal(RadiusCode.AccessAccept, reply.Code);
        Assert.Equal("Message-Authenticator", reply.Attributes[0].Name);
        Assert.Equal("5M/10M", reply["Mikrotik-Rate-Limit"]);
        Assert.Equal("300", reply["Acct-Interim-Interval"]);
        Assert.StartsWith("100.64.0.", reply["Framed-IP-Address"], StringComparison.Ordinal);
        Assert.Null(reply["Framed-Pool"]);
    }

    [Theory]
    [InlineData("PAP")]
    [InlineData("CHAP")]
    [InlineData("MS-CHAP")]
    [InlineData("MS-CHAPv2")]
    public async Task A_wrong_password_is_rejected_by_every_method_without_saying_more_than_to_a_stranger(string method)
    {
        var username = $"bad-{method}".ToLowerInvariant();
        await fixture.AddLineAsync(username);

        var wrong = await LoginAsync(method, username, "something else");
        var stranger = await LoginAsync(method, "nobody-at-all", "something else");

        Assert.Equal(RadiusCode.AccessReject, wrong.Code);
        Assert.Equal("Message-Authenticator", wrong.Attributes[0].Name);
        Assert.Equal(wrong["Reply-Message"], stranger["Reply-Message"]);
        Assert.Equal(wrong.Attributes.Select(a => a.Name), stranger.Attributes.Select(a => a.Name));
        Assert.Equal(method.StartsWith("MS", StringComparison.Ordinal), wrong.Attributes.Any(a => a.Name == "MS-CHAP-Error"));
    }

    [Fact] // RFC 3579 §2.1: whoever cannot do EAP rejects it
    public async Task EAP_is_rejected_with_the_reason_and_alike_whether_there_is_such_a_user_or_not()
    {
        await fixture.AddLineAsync("eap-known");

        var (known, stranger) = (await EapAsync("eap-known"), await EapAsync("eap-stranger"));

        Assert.Equal((RadiusCode.AccessReject, "This way to sign in is not supported"), (known.Code, known["Reply-Message"]));
        Assert.Equal(known.Attributes.Select(a => a.Name), stranger.Attributes.Select(a => a.Name));
        Assert.Equal(known["Reply-Message"], stranger["Reply-Message"]);

        Task<RadiusMessage> EapAsync(string user)
        {
            var request = Client.PppoeRequest(user);
            request.AddOctets("EAP-Message", [2, 1, 0, 8, 1, 101, 97, 112]); // Response, Identity "eap"
            return Client.AskAsync(request, TestContext.Current.CancellationToken);
        }
    }

    [Theory] // RFC 4372 §2.1, §2.2
    [InlineData("")]
    [InlineData("00")]
    public async Task A_NAS_that_asks_who_is_charged_is_told_the_lines_lasting_id_and_another_is_not(string asked)
    {
        await fixture.AddLineAsync($"charged{asked}");
        var request = Client.PppoeRequest($"charged{asked}");
        request.AddOctets("Chargeable-User-Identity", Convert.FromHexString(asked));

        var told = await Client.AskAsync(request.AddPapPassword(HostFixture.Password, Client.Secret), TestContext.Current.CancellationToken);
        var again = await Client.AskAsync(Client.PppoeRequest($"charged{asked}").AddPapPassword(HostFixture.Password, Client.Secret), TestContext.Current.CancellationToken);

        await using var db = fixture.Company.Open();
        var line = await db.Subscriptions.SingleAsync(s => s.Username == $"charged{asked}", TestContext.Current.CancellationToken);
        Assert.Equal((RadiusCode.AccessAccept, line.Id.ToString("N")), (told.Code, System.Text.Encoding.ASCII.GetString(told.GetOctets("Chargeable-User-Identity")!.Value.Span)));
        Assert.Null(again["Chargeable-User-Identity"]);
    }

    [Fact]
    public async Task A_line_without_an_address_of_its_own_gets_the_packages_pool()
    {
        await fixture.AddLineAsync("pooled");

        var reply = await Client.PapAsync("pooled", HostFixture.Password);

        Assert.Equal("customers", reply["Framed-Pool"]);
        Assert.Null(reply["Framed-IP-Address"]);
    }

    [Fact]
    public async Task User_names_are_taken_in_any_case()
    {
        await fixture.AddLineAsync("mixedcase");

        Assert.Equal(RadiusCode.AccessAccept, (await Client.PapAsync("MixedCase", HostFixture.Password)).Code);
        Assert.Equal(RadiusCode.AccessAccept, (await Client.MsChapV2Async("MIXEDCASE", HostFixture.Password)).Code);
    }

    [Fact]
    public async Task A_suspended_line_gets_into_the_walled_garden()
    {
        await fixture.AddLineAsync("suspended-line", SubscriptionState.Suspended, "100.64.1.1");

        var reply = await Client.PapAsync("suspended-line", HostFixture.Password);

        Assert.Equal(RadiusCode.AccessAccept, reply.Code);
        Assert.Equal("suspended", reply["Mikrotik-Address-List"]);
        Assert.Equal("512k/512k", reply["Mikrotik-Rate-Limit"]);
        Assert.Equal("100.64.1.1", reply["Framed-IP-Address"]);
    }

    [Fact]
    public async Task Lines_that_may_not_log_in_are_told_why_once_they_have_proven_their_password()
    {
        await fixture.AddLineAsync("pending-line", SubscriptionState.Pending);
        await fixture.AddLineAsync("ended-line", SubscriptionState.Disconnected);

        var pending = await Client.PapAsync("pending-line", HostFixture.Password);
        var ended = await Client.PapAsync("ended-line", HostFixture.Password);
        var guessed = await Client.PapAsync("ended-line", "guess");

        Assert.Equal((RadiusCode.AccessReject, "This line is not activated yet"), (pending.Code, pending["Reply-Message"]));
        Assert.Equal((RadiusCode.AccessReject, "This line has ended"), (ended.Code, ended["Reply-Message"]));
        Assert.Equal("Invalid user name or password", guessed["Reply-Message"]);
    }

    [Fact]
    public async Task A_line_that_is_locked_to_a_caller_is_refused_from_another()
    {
        var line = await fixture.AddLineAsync("locked");
        await using (var db = fixture.Company.Open())
        {
            (await db.Subscriptions.SingleAsync(s => s.Id == line.Id)).LockToCaller("02:00:5E:00:53:AA");
            await db.SaveChangesAsync();
        }

        await Eventually.Is(async () => (await Client.PapAsync("locked", HostFixture.Password)).Code is RadiusCode.AccessReject);
        var request = Client.PppoeRequest("locked", "02-00-5e-00-53-aa");
        var allowed = await Client.AskAsync(request.AddPapPassword(HostFixture.Password, Client.Secret));

        Assert.Equal(RadiusCode.AccessAccept, allowed.Code);
    }

    [Fact] // RFC 2865 §4.1
    public async Task A_request_without_any_credentials_and_one_with_EAP_are_rejected_with_their_reason_in_the_log()
    {
        await fixture.AddLineAsync("method-less");
        var none = await Client.AskAsync(Client.PppoeRequest("method-less"));
        var eap = await Client.AskAsync(Client.PppoeRequest("method-less").AddOctets("EAP-Message", [2, 1, 0, 5, 1]));

        Assert.Equal(RadiusCode.AccessReject, none.Code);
        Assert.Equal(RadiusCode.AccessReject, eap.Code);
        await Eventually.Is(async () => (await AttemptsAsync("method-less")).Count == 2);
        Assert.All(await AttemptsAsync("method-less"), a => Assert.Equal(LoginOutcome.UnsupportedMethod, a.Outcome));
        Assert.Contains(await AttemptsAsync("method-less"), a => a.Detail.Contains("EAP", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_login_is_stored_with_its_outcome_and_never_with_its_password()
    {
        var line = await fixture.AddLineAsync("written-down");

        await Client.ChapAsync("written-down", HostFixture.Password);
        await Client.PapAsync("written-down", "a very wrong one");

        await Eventually.Is(async () => (await AttemptsAsync("written-down")).Count == 2);
        var attempts = await AttemptsAsync("written-down");
        var accepted = attempts.Single(a => a.Outcome is LoginOutcome.Accepted);
        var refused = attempts.Single(a => a.Outcome is LoginOutcome.WrongPassword);
        Assert.Equal(("CHAP", line.Id, fixture.Nas.Id), (accepted.Method, accepted.SubscriptionId, accepted.NasId));
        Assert.Equal(("PAP", "02:00:5E:00:53:01"), (refused.Method, refused.CallingStationId));
        Assert.DoesNotContain("very wrong", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flood_of_the_same_reject_becomes_a_few_rows_that_say_how_many()
    {
        for (var i = 0; i < 200; i++)
        {
            await Client.PapAsync("flooder", "wrong");
        }

        await Eventually.Is(async () => (await AttemptsAsync("flooder")).Sum(Times) == 200);
        Assert.InRange((await AttemptsAsync("flooder")).Count, 1, 20);

        static int Times(LoginAttempt attempt) =>
            attempt.Detail.IndexOf('(', StringComparison.Ordinal) is var at and >= 0
                ? int.Parse(attempt.Detail[(at + 1)..].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)
                : 1;
    }

    [Fact]
    public async Task A_password_that_is_not_text_hints_at_a_wrong_secret()
    {
        await fixture.AddLineAsync("other-secret");
        var stranger = fixture.Host.Client("another secret", "old-nas");
        var request = stranger.PppoeRequest("other-secret").AddPapPassword(HostFixture.Password, stranger.Secret);

        // Without a Message-Authenticator nothing but the password shows that the secrets differ.
        using var socket = new RawSocket(fixture.Host.Authentication);
        await socket.SendAsync(request.EncodeRequest(stranger.Secret, messageAuthenticator: false));

        await Eventually.Is(async () => (await AttemptsAsync("other-secret")).Count == 1);
        Assert.Contains("secret", (await AttemptsAsync("other-secret"))[0].Detail, StringComparison.Ordinal);
    }

    [Fact] // RFC 5997 §4
    public async Task Status_Server_is_answered_on_both_ports()
    {
        Assert.Equal(RadiusCode.AccessAccept, (await Client.StatusAsync()).Code);
        Assert.Equal(RadiusCode.AccountingResponse, (await new RadiusTestClient(fixture.Host.Accounting, fixture.Host.Accounting, HostFixture.Secret).StatusAsync()).Code);
    }

    [Fact] // RFC 2865 §5.33
    public async Task Proxy_states_come_back_unchanged_and_in_order()
    {
        await fixture.AddLineAsync("proxied");
        var request = Client.PppoeRequest("proxied").AddOctets("Proxy-State", "first"u8).AddOctets("Proxy-State", "second"u8);

        var reply = await Client.AskAsync(request.AddPapPassword(HostFixture.Password, Client.Secret));

        Assert.Equal(["first", "second"], reply.All("Proxy-State").Select(a => System.Text.Encoding.UTF8.GetString(a.Value.Span)));
    }

    private Task<RadiusMessage> LoginAsync(string method, string username, string password) => method switch
    {
        "PAP" => Client.PapAsync(username, password),
        "CHAP" => Client.ChapAsync(username, password),
        "MS-CHAP" => Client.MsChapV1Async(username, password),
        "MS-CHAPv2" => Client.MsChapV2Async(username, password),
        _ => throw new ArgumentOutOfRangeException(nameof(method)),
    };

    private async Task<List<LoginAttempt>> AttemptsAsync(string username)
    {
        await using var db = fixture.Company.Open();
        return await db.LoginAttempts.Where(a => a.Username == username).ToListAsync();
    }
}
