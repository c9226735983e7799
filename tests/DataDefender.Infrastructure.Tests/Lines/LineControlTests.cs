using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Network.Polling;
using DataDefender.Infrastructure.Radius.Protocol;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Lines;

/// <summary>What happens to an open session when its line changes, and which way it takes when routers refuse, lie or are silent.</summary>
public sealed class LineControlTests
{
    [Fact]
    public async Task A_suspended_client_is_moved_to_the_walled_garden_without_losing_the_session()
    {
        await using var bench = await LineBench.CreateAsync();
        bench.Nas.Script = request =>
        {
            bench.Router.Insert(LineBench.List, ("list", "suspended"), ("address", LineBench.Address), ("dynamic", "true"));
            return ScriptedNas.Acknowledge(request);
        };

        await bench.SuspendAsync();
        var command = await bench.WorkAsync();

        Assert.Equal((LineCommandStatus.Done, LinePath.ChangeOfAuthorization), (command.Status, command.Path));
        var request = Assert.Single(bench.Nas.Received);
        Assert.Equal(RadiusCode.CoaRequest, request.Code);
        Assert.Equal(
            ("jane", "80100014", LineBench.Address, "512k/512k", "suspended"),
            (request["User-Name"], request["Acct-Session-Id"], request["Framed-IP-Address"], request["Mikrotik-Rate-Limit"], request["Mikrotik-Address-List"]));
        Assert.EndsWith("API: 100.64.0.7 is in list suspended.", command.Detail);
        Assert.DoesNotContain($"{LineBench.List}/add", bench.Router.Commands);
    }

    [Fact]
    public async Task A_router_that_acknowledges_and_does_not_wall_in_gets_the_entry_over_the_API()
    {
        await using var bench = await LineBench.CreateAsync();

        await bench.SuspendAsync();
        var command = await bench.WorkAsync();

        Assert.Equal((LineCommandStatus.Done, LinePath.ChangeOfAuthorization), (command.Status, command.Path));
        Assert.Equal($"suspended {LineBench.Address} {bench.Mark}", bench.Router.Show(LineBench.List, "list", "address", "comment"));
        Assert.EndsWith("written by us.", command.Detail);
    }

    [Fact]
    public async Task Without_an_API_the_acknowledgement_has_to_do_and_the_command_says_so()
    {
        await using var bench = await LineBench.CreateAsync(withRouter: false);

        await bench.SuspendAsync();
        var command = await bench.WorkAsync();

        Assert.Equal((LineCommandStatus.Done, LinePath.ChangeOfAuthorization), (command.Status, command.Path));
        Assert.Contains("Not read back", command.Detail);
    }

    [Fact]
    public async Task A_restored_client_leaves_the_walled_garden_and_gets_what_was_sold()
    {
        await using var bench = await LineBench.CreateAsync(state: SubscriptionState.Suspended);
        bench.Router.Insert(LineBench.List, ("list", "suspended"), ("address", LineBench.Address), ("comment", bench.Mark));
        bench.Router.Insert(LineBench.List, ("list", "suspended"), ("address", "100.64.0.8"), ("comment", "DD:somebody else"));
        bench.Router.Insert(LineBench.List, ("list", "portal-allow"), ("address", LineBench.Address));

        await bench.ActAsync(lines => lines.RestoreAsync(bench.Line.Id));
        var command = await bench.WorkAsync();

        Assert.Equal((LineCommandStatus.Done, LinePath.ChangeOfAuthorization), (command.Status, command.Path));
        Assert.Equal("5M/10M", Assert.Single(bench.Nas.Received)["Mikrotik-Rate-Limit"]);
        Assert.Null(bench.Nas.Received[0]["Mikrotik-Address-List"]);
        Assert.Equal("portal-allow 100.64.0.7; suspended 100.64.0.8", bench.Router.Show(LineBench.List, "list", "address"));
        Assert.Contains("is out of list suspended, written by us", command.Detail);
    }

    [Fact]
    public async Task A_client_whose_entry_cannot_be_taken_out_dials_in_again()
    {
        await using var bench = await LineBench.CreateAsync(state: SubscriptionState.Suspended);
        bench.Router.Insert(LineBench.List, ("list", "suspended"), ("address", LineBench.Address), ("dynamic", "true"));
        bench.Router.IgnoresWrites = true;

        await bench.ActAsync(lines => lines.RestoreAsync(bench.Line.Id));
        var command = await bench.WorkAsync();

        Assert.Equal((LineCommandStatus.Done, LinePath.DisconnectRequest), (command.Status, command.Path));
        Assert.Equal("CoaRequest DisconnectRequest", bench.Nas.Asked);
        Assert.Contains("is still in list suspended", command.Detail);
        Assert.Contains("needed the session to be dropped", Assert.Single(await bench.EventsAsync("line.fallback")).Message);
    }

    [Fact]
    public async Task A_client_that_moves_from_one_states_list_to_anothers_is_on_that_one_alone()
    {
        await using var bench = await LineBench.CreateAsync(state: SubscriptionState.Suspended);
        await TreatAsync(bench, new StateTreatments { Unpaid = new Treatment(LineAccess.WalledGarden, AddressList: "unpaid"), Grace = new Treatment(LineAccess.AsSold, AddressList: "grace") });
        bench.Router.Insert(LineBench.List, ("list", "suspended"), ("address", LineBench.Address), ("comment", bench.Mark));
        bench.Router.Insert(LineBench.List, ("list", "grace"), ("address", LineBench.Address), ("dynamic", "true"));
        bench.Router.Insert(LineBench.List, ("list", "portal-allow"), ("address", LineBench.Address));

        await bench.SaveAsync(new LineCommand(bench.Company.Id, bench.Line.Id, LineAction.Release, "another treatment", "test", bench.Services.Clock.Now));
        var command = await bench.WorkAsync();

        Assert.Equal((LineCommandStatus.Done, LinePath.ChangeOfAuthorization), (command.Status, command.Path));
        Assert.Equal("unpaid", Assert.Single(bench.Nas.Received)["Mikrotik-Address-List"]);
        Assert.Equal("portal-allow 100.64.0.7; unpaid 100.64.0.7", bench.Router.Show(LineBench.List, "list", "address"));
        Assert.Contains("is in list unpaid, written by us", command.Detail);
    }

    [Fact]
    public async Task A_restored_client_leaves_every_list_that_a_state_may_have_put_it_on()
    {
        await using var bench = await LineBench.CreateAsync(state: SubscriptionState.Suspended);
        await TreatAsync(bench, new StateTreatments { Unpaid = new Treatment(LineAccess.WalledGarden, AddressList: "unpaid"), OverQuota = new Treatment(LineAccess.WalledGarden, AddressList: "topup") });
        bench.Router.Insert(LineBench.List, ("list", "unpaid"), ("address", LineBench.Address), ("dynamic", "true"));
        bench.Router.Insert(LineBench.List, ("list", "topup"), ("address", LineBench.Address), ("comment", bench.Mark));

        await bench.ActAsync(lines => lines.RestoreAsync(bench.Line.Id));
        var command = await bench.WorkAsync();

        Assert.Equal(LinePath.ChangeOfAuthorization, command.Path);
        Assert.Equal("", bench.Router.Show(LineBench.List, "list", "address"));
        Assert.Contains("is out of lists suspended, topup, unpaid, written by us", command.Detail);
    }

    [Fact]
    public async Task What_a_person_wrote_into_a_list_is_left_there_and_told_of()
    {
        await using var bench = await LineBench.CreateAsync(state: SubscriptionState.Suspended);
        bench.Router.Insert(LineBench.List, ("list", "suspended"), ("address", LineBench.Address), ("comment", "owes us a router"));
        bench.Router.Insert(LineBench.List, ("list", "suspended"), ("address", LineBench.Address), ("comment", bench.Mark));

        await bench.ActAsync(lines => lines.RestoreAsync(bench.Line.Id));
        var command = await bench.WorkAsync();

        Assert.Equal("owes us a router", bench.Router.Show(LineBench.List, "comment"));
        Assert.Contains("is in list suspended by an entry that is not ours (“owes us a router”); it was left there", command.Detail);
        Assert.Equal(LinePath.DisconnectRequest, command.Path); // the next address may be a free one
    }

    [Fact]
    public async Task A_client_that_cannot_be_taken_off_its_old_list_dials_in_again_for_the_new_one()
    {
        await using var bench = await LineBench.CreateAsync(state: SubscriptionState.Suspended);
        await TreatAsync(bench, new StateTreatments { Unpaid = new Treatment(LineAccess.WalledGarden, AddressList: "unpaid") });
        bench.Router.Insert(LineBench.List, ("list", "suspended"), ("address", LineBench.Address), ("dynamic", "true"));
        bench.Router.IgnoresWrites = true;

        await bench.SaveAsync(new LineCommand(bench.Company.Id, bench.Line.Id, LineAction.Release, "another treatment", "test", bench.Services.Clock.Now));
        var command = await bench.WorkAsync();

        Assert.Equal(LinePath.DisconnectRequest, command.Path);
        Assert.Contains("is still in list suspended", command.Detail);
    }

    [Fact]
    public async Task Without_an_API_a_restored_client_dials_in_again()
    {
        await using var bench = await LineBench.CreateAsync(withRouter: false, state: SubscriptionState.Suspended);

        await bench.ActAsync(lines => lines.RestoreAsync(bench.Line.Id));
        var command = await bench.WorkAsync();

        Assert.Equal((LineCommandStatus.Done, LinePath.DisconnectRequest), (command.Status, command.Path));
    }

    [Theory]
    [InlineData(NasVendor.Ubiquiti, "Ubiquiti ends sessions on request but does not change an open one")]
    [InlineData(NasVendor.Cisco, "Cisco takes an access list when a session begins, not into an open one")]
    public async Task Where_a_vendor_cannot_wall_in_an_open_session_it_is_ended_and_the_command_says_why(NasVendor vendor, string why)
    {
        await using var bench = await LineBench.CreateAsync(vendor: vendor);

        await bench.SuspendAsync();
        var command = await bench.WorkAsync();

        Assert.Equal((LineCommandStatus.Done, LinePath.DisconnectRequest), (command.Status, command.Path));
        Assert.Equal("DisconnectRequest", bench.Nas.Asked);
        Assert.Contains(why, command.Detail);
        Assert.Empty(bench.Router.Commands); // RouterOS's API is MikroTik's alone
    }

    [Fact]
    public async Task Another_vendors_session_leaves_the_walled_garden_by_dialling_in_again()
    {
        await using var bench = await LineBench.CreateAsync(state: SubscriptionState.Suspended, vendor: NasVendor.Huawei);

        await bench.ActAsync(lines => lines.RestoreAsync(bench.Line.Id));
        var command = await bench.WorkAsync();

        Assert.Equal("DisconnectRequest", bench.Nas.Asked);
        Assert.Contains("Huawei cannot be told to take a list out of an open session", command.Detail);
    }

    [Fact]
    public async Task A_NAS_that_refuses_the_attributes_of_a_change_gets_a_disconnect_and_both_are_told()
    {
        await using var bench = await LineBench.CreateAsync(vendor: NasVendor.Standard);
        bench.Nas.Script = request => request.Code is RadiusCode.CoaRequest
            ? ScriptedNas.Refuse(request, RadiusErrorCause.UnsupportedAttribute)
            : ScriptedNas.Acknowledge(request);

        await bench.SuspendAsync();
        var command = await bench.WorkAsync();

        Assert.Equal("CoaRequest DisconnectRequest", bench.Nas.Asked);
        Assert.Equal((LineCommandStatus.Done, LinePath.DisconnectRequest), (command.Status, command.Path));
        Assert.Contains("Error-Cause 401", command.Detail);
    }

    [Fact]
    public async Task A_new_speed_goes_by_CoA_alone()
    {
        await using var bench = await LineBench.CreateAsync();
        var faster = await bench.Company.AddPackageAsync("Home 50", 50_000, 20_000);

        await bench.ActAsync(lines => lines.ChangePackageAsync(bench.Line.Id, faster.Id));
        var command = await bench.WorkAsync();

        Assert.Equal((LineCommandStatus.Done, LinePath.ChangeOfAuthorization), (command.Status, command.Path));
        Assert.Equal("20M/50M", Assert.Single(bench.Nas.Received)["Mikrotik-Rate-Limit"]);
        Assert.Empty(bench.Router.Commands);
    }

    [Fact]
    public async Task A_refused_CoA_falls_back_to_Disconnect_and_keeps_the_reason()
    {
        await using var bench = await LineBench.CreateAsync();
        bench.Nas.Script = request => request.Code is RadiusCode.CoaRequest
            ? ScriptedNas.Refuse(request, RadiusErrorCause.UnsupportedAttribute)
            : ScriptedNas.Acknowledge(request);

        await bench.SuspendAsync();
        var command = await bench.WorkAsync();

        Assert.Equal((LineCommandStatus.Done, LinePath.DisconnectRequest), (command.Status, command.Path));
        Assert.Contains("(Error-Cause 401)", command.Detail);
    }

    [Fact]
    public async Task When_the_NAS_refuses_everything_the_session_is_removed_over_the_API_and_that_is_read_back()
    {
        await using var bench = await LineBench.CreateAsync();
        bench.Router.Insert("/ppp/active", ("name", "somebody"), ("address", "100.64.0.8"));
        bench.Nas.Script = request => ScriptedNas.Refuse(request, RadiusErrorCause.AdministrativelyProhibited);

        await bench.SuspendAsync();
        var command = await bench.WorkAsync();

        Assert.Equal((LineCommandStatus.Done, LinePath.RouterApi), (command.Status, command.Path));
        Assert.Equal("somebody", bench.Router.Show("/ppp/active", "name"));
    }

    [Fact]
    public async Task A_silent_NAS_is_asked_three_times_each_way_and_then_left_alone_for_a_while()
    {
        await using var bench = await LineBench.CreateAsync();
        bench.Nas.Script = bench.StaySilent;

        await bench.SuspendAsync();
        var first = await bench.WorkAsync();
        Assert.Equal((LineCommandStatus.Done, LinePath.RouterApi), (first.Status, first.Path));
        Assert.Equal("CoaRequest CoaRequest CoaRequest DisconnectRequest DisconnectRequest DisconnectRequest", bench.Nas.Asked);

        await bench.ActAsync(lines => lines.DropSessionAsync(bench.Line.Id));
        bench.Router.Insert("/ppp/active", ("name", "jane"), ("address", LineBench.Address));
        var second = await bench.WorkAsync();
        Assert.Equal(LinePath.RouterApi, second.Path);
        Assert.Contains("did not answer", second.Detail);
        Assert.Equal(6, bench.Nas.Received.Count);

        bench.Services.Clock.Advance(TimeSpan.FromMinutes(1));
        bench.Nas.Script = ScriptedNas.Acknowledge;
        await bench.ActAsync(lines => lines.DropSessionAsync(bench.Line.Id));
        Assert.Equal(LinePath.DisconnectRequest, (await bench.WorkAsync()).Path);
    }

    [Fact]
    public async Task A_refused_change_fails_in_the_end_and_a_person_can_have_it_tried_again()
    {
        await using var bench = await LineBench.CreateAsync();
        bench.Nas.Script = request => ScriptedNas.Refuse(request, RadiusErrorCause.AdministrativelyProhibited);
        bench.Router.IgnoresWrites = true;

        await bench.SuspendAsync();
        var (pauses, command) = await TryUntilAsync(bench, _ => false);

        Assert.Equal([5, 10, 20, 40, 80, 160], pauses);
        Assert.Equal((LineCommandStatus.Failed, null, 7), (command.Status, command.Path, command.Attempts));
        Assert.Contains("did not reach the router", Assert.Single(await bench.EventsAsync("line.failed")).Message);

        bench.Nas.Script = ScriptedNas.Acknowledge;
        bench.Services.Clock.Advance(TimeSpan.FromSeconds(1));
        await bench.ActAsync(lines => lines.TryAgainAsync(bench.Line.Id));
        command = await bench.WorkAsync();
        Assert.Equal((LineCommandStatus.Done, LineAction.Apply), (command.Status, command.Action));
        Assert.StartsWith("again: suspended", command.Because);
        await Assert.ThrowsAsync<DomainException>(() => bench.ActAsync(lines => lines.TryAgainAsync(bench.Line.Id)));
    }

    [Fact]
    public async Task A_change_waits_for_a_router_that_is_away_however_long_and_goes_on_when_it_is_up()
    {
        await using var bench = await LineBench.CreateAsync();
        bench.Nas.Script = request => ScriptedNas.Refuse(request, RadiusErrorCause.AdministrativelyProhibited);
        bench.Router.IsAway = true;

        await bench.SuspendAsync();
        var (pauses, waiting) = await TryUntilAsync(bench, c => c.Attempts == 12);

        Assert.Equal([5, 10, 20, 40, 80, 160, 320, 600, 600, 600, 600], pauses);
        Assert.Equal(LineCommandStatus.Pending, waiting.Status);
        Assert.Contains("tried until the router can be reached", waiting.Detail);
        Assert.Contains("127.0.0.1 does not answer.", waiting.Detail);
        Assert.Contains("has not reached the router", Assert.Single(await bench.EventsAsync("line.failed")).Message);

        bench.Router.IsAway = false;
        bench.Services.Clock.Advance(TimeSpan.FromSeconds(20));
        var store = ActivatorUtilities.CreateInstance<RouterStore>(bench.Services.Provider);
        store.Post(new RouterObservation(bench.Company.Id, bench.NasRow.RouterId!.Value, bench.Services.Clock.Now, RouterState.Up, null, bench.Services.Clock.Now));
        await store.StoreAsync(TestContext.Current.CancellationToken);
        Assert.Equal(bench.Services.Clock.Now, (await bench.CommandsAsync())[^1].NextAttemptAt);
        var done = await bench.WorkAsync();
        Assert.Equal((LineCommandStatus.Done, LinePath.RouterApi), (done.Status, done.Path));
    }

    [Fact]
    public async Task A_session_by_DHCP_is_its_lease_and_no_lease_that_a_person_wrote_is_removed()
    {
        const string Mac = "4C:5E:0C:02:34:56";
        await using var bench = await LineBench.CreateAsync(online: false);
        bench.Nas.Script = request => ScriptedNas.Refuse(request, RadiusErrorCause.SessionContextNotFound);
        await bench.SaveAsync(new LiveSession
        {
            TenantId = bench.Company.Id, NasId = bench.NasRow.Id, AcctSessionId = "DHCP1", SubscriptionId = bench.Line.Id, Username = Mac, FramedAddress = "100.64.9.9", CallingStationId = "1:4c:5e:c:2:34:56",
            StartedAt = bench.Services.Clock.Now, UpdatedAt = bench.Services.Clock.Now,
        });
        bench.Router.Insert("/ip/dhcp-server/lease", ("active-mac-address", Mac), ("active-address", "100.64.9.9"), ("radius", "true"));
        bench.Router.Insert("/ip/dhcp-server/lease", ("active-mac-address", Mac), ("active-address", "100.64.9.9"), ("radius", "false"), ("comment", "a camera"));

        await bench.SuspendAsync();
        var command = await bench.WorkAsync();

        Assert.Equal((LineCommandStatus.Done, LinePath.RouterApi), (command.Status, command.Path));
        Assert.Equal("a camera", bench.Router.Show("/ip/dhcp-server/lease", "comment"));
    }

    [Fact]
    public async Task A_router_that_takes_the_removal_and_does_not_do_it_is_not_believed()
    {
        await using var bench = await LineBench.CreateAsync();
        bench.Nas.Script = request => ScriptedNas.Refuse(request, RadiusErrorCause.SessionContextNotRemovable);
        bench.Router.IgnoresWrites = true;

        await bench.ActAsync(lines => lines.DropSessionAsync(bench.Line.Id));
        var command = await bench.WorkAsync();

        Assert.Equal(LineCommandStatus.Pending, command.Status);
        Assert.Contains("still there after it was removed", command.Detail);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_that_the_router_does_not_have_needs_nothing(bool withRouter)
    {
        await using var bench = await LineBench.CreateAsync(withRouter);
        bench.Nas.Script = request => ScriptedNas.Refuse(request, RadiusErrorCause.SessionContextNotFound);
        await bench.Router.ExecuteAsync(null!, Domain.Network.RouterCommand.Remove("/ppp/active", ["*1"]), default);

        await bench.SuspendAsync();
        var command = await bench.WorkAsync();

        Assert.Equal((LineCommandStatus.NoSession, null), (command.Status, command.Path));
    }

    [Theory]
    [InlineData(ScriptedNas.Secret, 0, false, false)] // nothing tells the two apart
    [InlineData("another-secret", 0, false, true)] // whoever signs with its secret is the one
    [InlineData(ScriptedNas.Secret, 1, false, true)] // the address forwards another port to the other
    [InlineData(ScriptedNas.Secret, 0, true, true)] // its own router says that there is no such session
    public async Task That_a_NAS_does_not_know_a_session_counts_only_where_no_other_NAS_can_have_answered(string secret, int portsOff, bool withRouter, bool isGone)
    {
        await using var bench = await LineBench.CreateAsync(withRouter);
        await bench.Company.AddNasAsync("127.0.0.1", secret, identifier: "the-other", configure: n => n.CoaPort = bench.Nas.Port + portsOff);
        bench.Nas.Script = request => ScriptedNas.Refuse(request, RadiusErrorCause.SessionContextNotFound);
        await bench.Router.ExecuteAsync(null!, Domain.Network.RouterCommand.Remove("/ppp/active", ["*1"]), default);

        await bench.SuspendAsync();
        var command = await bench.WorkAsync();

        Assert.Equal(isGone ? LineCommandStatus.NoSession : LineCommandStatus.Pending, command.Status);
        Assert.Equal(!isGone, command.Detail?.Contains("shares its address, port and secret", StringComparison.Ordinal) is true);
    }

    [Fact]
    public async Task A_line_that_is_not_online_needs_nothing()
    {
        await using var bench = await LineBench.CreateAsync(online: false);

        await bench.SuspendAsync();
        var command = await bench.WorkAsync();

        Assert.Equal(LineCommandStatus.NoSession, command.Status);
        Assert.Empty(bench.Nas.Received);
    }

    [Fact]
    public async Task A_login_that_was_let_in_a_moment_ago_is_waited_for()
    {
        await using var bench = await LineBench.CreateAsync(online: false);
        await bench.SaveAsync(new LoginAttempt
        {
            TenantId = bench.Company.Id,
            At = bench.Services.Clock.Now,
            NasId = bench.NasRow.Id,
            SubscriptionId = bench.Line.Id,
            Username = "jane",
            Outcome = LoginOutcome.Accepted,
        });

        await bench.SuspendAsync();
        var waiting = await bench.WorkAsync();
        Assert.Equal((LineCommandStatus.Pending, 0), (waiting.Status, waiting.Attempts)); // nothing was tried yet

        await bench.OpenSessionAsync(bench.Line);
        bench.Services.Clock.Advance(TimeSpan.FromSeconds(5));
        var command = await bench.WorkAsync();
        Assert.Equal((LineCommandStatus.Done, LinePath.ChangeOfAuthorization), (command.Status, command.Path));
    }

    [Fact]
    public async Task A_disconnected_line_loses_its_session()
    {
        await using var bench = await LineBench.CreateAsync();

        await bench.ActAsync(lines => lines.DisconnectAsync(bench.Line.Id, null));
        var command = await bench.WorkAsync();

        Assert.Equal((LineCommandStatus.Done, LinePath.DisconnectRequest), (command.Status, command.Path));
        Assert.Equal("DisconnectRequest", bench.Nas.Asked);
    }

    [Fact]
    public async Task An_entry_of_ours_goes_with_the_session_that_is_dropped()
    {
        await using var bench = await LineBench.CreateAsync();
        await bench.SuspendAsync();
        await bench.WorkAsync();
        Assert.NotEqual("", bench.Router.Show(LineBench.List, "address"));

        await bench.ActAsync(lines => lines.DisconnectAsync(bench.Line.Id, null));
        await bench.WorkAsync();

        Assert.Equal("", bench.Router.Show(LineBench.List, "address"));
    }

    [Fact]
    public async Task Of_several_pending_commands_the_newest_is_done_and_the_others_are_superseded()
    {
        await using var bench = await LineBench.CreateAsync();

        await bench.SuspendAsync();
        bench.Services.Clock.Advance(TimeSpan.FromSeconds(1));
        await bench.ActAsync(lines => lines.RestoreAsync(bench.Line.Id));
        await bench.WorkAsync();

        var commands = await bench.CommandsAsync();
        Assert.Equal([LineCommandStatus.Superseded, LineCommandStatus.Done], commands.Select(c => c.Status));
        Assert.Null(Assert.Single(bench.Nas.Received)["Mikrotik-Address-List"]);
        Assert.Equal("", bench.Router.Show(LineBench.List, "address"));
    }

    [Fact]
    public async Task A_drop_that_is_still_pending_is_not_lost_to_a_newer_command()
    {
        await using var bench = await LineBench.CreateAsync();

        await bench.ActAsync(lines => lines.SetStaticAddressAsync(bench.Line.Id, "100.64.9.9"));
        bench.Services.Clock.Advance(TimeSpan.FromSeconds(1));
        await bench.SuspendAsync();
        await bench.WorkAsync();

        Assert.Equal("DisconnectRequest", bench.Nas.Asked);
    }

    [Fact]
    public async Task Every_session_of_a_line_is_settled()
    {
        await using var bench = await LineBench.CreateAsync();
        await bench.OpenSessionAsync(bench.Line, "100.64.0.8", "80100015");

        await bench.SuspendAsync();
        await bench.WorkAsync();

        Assert.Equal(["80100014", "80100015"], bench.Nas.Received.Select(r => r["Acct-Session-Id"]!).Order());
        Assert.Equal("100.64.0.7; 100.64.0.8", bench.Router.Show(LineBench.List, "address"));
    }

    [Fact]
    public async Task A_session_that_is_ended_takes_the_other_one_of_its_line_out_of_no_list()
    {
        await using var bench = await LineBench.CreateAsync();
        await bench.OpenSessionAsync(bench.Line, "100.64.0.8", "80100015");
        bench.Nas.Script = request =>
        {
            if (request["Acct-Session-Id"] == "80100014")
            {
                return ScriptedNas.Acknowledge(request);
            }

            if (request.Code == RadiusCode.CoaRequest)
            {
                return ScriptedNas.Refuse(request, RadiusErrorCause.UnsupportedAttribute);
            }

            SpinWait.SpinUntil(() => bench.Router.Show(LineBench.List, "address").Contains(LineBench.Address, StringComparison.Ordinal), TimeSpan.FromSeconds(5));
            return ScriptedNas.Acknowledge(request);
        };

        await bench.SuspendAsync();
        await bench.WorkAsync();

        Assert.Contains(bench.Nas.Received, r => r.Code == RadiusCode.DisconnectRequest);
        Assert.Equal($"suspended {LineBench.Address} {bench.Mark}", bench.Router.Show(LineBench.List, "list", "address", "comment"));
    }

    [Fact]
    public async Task A_session_with_IPv6_is_ended_for_the_walled_garden_which_is_of_IPv4()
    {
        await using var bench = await LineBench.CreateAsync(online: false);
        await bench.OpenSessionAsync(bench.Line, delegated: "2001:db8:7::/56");

        await bench.SuspendAsync();
        var command = await bench.WorkAsync();

        Assert.Equal((LineCommandStatus.Done, LinePath.DisconnectRequest), (command.Status, command.Path));
        Assert.Contains("the session has IPv6", command.Detail, StringComparison.Ordinal);
        Assert.Equal("DisconnectRequest", bench.Nas.Asked);
    }

    [Fact]
    public async Task No_secret_and_no_password_gets_into_the_log()
    {
        await using var bench = await LineBench.CreateAsync();

        await bench.SuspendAsync();
        await bench.WorkAsync();

        Assert.DoesNotContain(bench.Services.Log.Lines, l => l.Contains(ScriptedNas.Secret, StringComparison.Ordinal) || l.Contains("router-secret", StringComparison.Ordinal));
        Assert.Contains(bench.Services.Log.Lines, l => l.Contains("Line jane: 1 sessions settled", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_package_that_got_faster_reaches_each_of_its_open_lines()
    {
        await using var bench = await LineBench.CreateAsync();
        await using var scope = bench.Company.Scope(Role.Owner);
        var packages = scope.ServiceProvider.GetRequiredService<PackageService>();
        var seen = await packages.GetAsync(bench.Line.PackageId);

        await packages.ChangeAsync(bench.Line.PackageId, seen.Version, seen.Input with { DownloadKbps = 15_000 });
        await bench.WorkAsync();

        Assert.Equal("5M/15M", Assert.Single(bench.Nas.Received)["Mikrotik-Rate-Limit"]);
    }

    /// <summary>Works on the line each time it is due, with the seconds between, until it is over or so.</summary>
    private static async Task<(List<double> Pauses, LineCommand Command)> TryUntilAsync(LineBench bench, Func<LineCommand, bool> until)
    {
        var pauses = new List<double>();
        var command = await bench.WorkAsync();
        while (command.Status is LineCommandStatus.Pending && !until(command) && pauses.Count < 20)
        {
            Assert.StartsWith("Not confirmed.", command.Detail);
            pauses.Add((command.NextAttemptAt - bench.Services.Clock.Now).TotalSeconds);
            bench.Services.Clock.Advance(command.NextAttemptAt - bench.Services.Clock.Now);
            command = await bench.WorkAsync();
        }

        return (pauses, command);
    }

    private static async Task TreatAsync(LineBench bench, StateTreatments states)
    {
        await using var db = bench.Company.Open();
        var settings = await db.NetworkSettings.SingleOrDefaultAsync() ?? db.NetworkSettings.Add(new NetworkSettings(bench.Company.Id)).Entity;
        settings.Treat(states);
        await db.SaveChangesAsync();
    }
}
