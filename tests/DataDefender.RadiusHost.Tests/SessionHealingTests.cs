using DataDefender.Domain.Common;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Accounting;
using DataDefender.Infrastructure.Network.Polling;
using DataDefender.Infrastructure.Network.RouterOs;
using DataDefender.Infrastructure.Persistence;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Lines;
using DataDefender.Sandbox;
using DataDefender.Sandbox.Nas;
using DataDefender.Sandbox.RouterOs;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DataDefender.RadiusHost.Tests;

public sealed class SessionHealingOnSqliteTests() : SessionHealingTests(DatabaseProvider.Sqlite);

public sealed class SessionHealingOnPostgreSqlTests() : SessionHealingTests(DatabaseProvider.PostgreSql);

/// <summary>Sessions whose end nobody reported, between a simulated router, RadiusHost and what Web asks the router.</summary>
public abstract class SessionHealingTests(DatabaseProvider provider) : IAsyncLifetime
{
    private const string User = "wanjiku";
    private static readonly TimeSpan Round = new HealingOptions().Interval;

    private TestServices _services = null!;
    private TestCompany _company = null!;
    private RunningHost _host = null!;
    private SandboxWorld _world = null!;
    private PolledRouter _router = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private SimulatedRouter Router => _world["r1"];

    private RouterReconciler Reconciler => _services.Provider.GetRequiredService<RouterReconciler>();

    public async ValueTask InitializeAsync()
    {
        Requires.That(TestDatabase.Absence(provider) is null, TestDatabase.Absence(provider) ?? "");
        _services = await TestServices.CreateAsync(provider, s => s
            .AddRouterOs().AddRouterPolling().AddSessionHealing().Configure<RouterOsOptions>(o => o.DeniedNetworks = ""));
        _services.Clock.Advance(TimeProvider.System.GetUtcNow() - _services.Clock.GetUtcNow()); // RadiusHost and the router live by the real time
        _company = await TestCompany.CreateAsync(_services);
        await _company.AddSettingsAsync();
        await _company.AddSubscriptionAsync(username: User, password: HostFixture.Password);
        var nas = await _company.AddNasAsync("127.0.0.1", HostFixture.Secret);
        _host = await RunningHost.StartAsync(_services.Database);
        _world = await SandboxWorld.StartAsync(new SandboxOptions
        {
            Radius = new RadiusServerOptions { AuthenticationPort = _host.Authentication.Port, AccountingPort = _host.Accounting.Port, Secret = HostFixture.Secret },
            Routers = [new RouterOptions { Name = "r1", Personality = "v7.22", Password = "pw", BootSeconds = 0.1 }],
            Subscribers = [new SubscriberOptions { Username = User, Password = HostFixture.Password, Router = "r1" }],
        });
        var router = await _company.AddRouterAsync("r1", "127.0.0.1", Router.ApiEndPoint!.Port, "admin", "pw");
        await LinkAsync(nas.Id, router.Id);
        _router = (await _services.Provider.GetRequiredService<RouterDirectory>().LoadAsync(Ct)).Single(r => r.RouterId == router.Id);
        await Router.Nas.UntilAsync(n => n.Online == 1);
        await Eventually.Is(async () => await OpenAsync() == 1);
    }

    // RadiusHost notes what it learns of the NAS meanwhile; whoever comes second begins again.
    private async Task LinkAsync(Guid nas, Guid router)
    {
        for (var linked = false; !linked;)
        {
            await using var db = _company.Open();
            (await db.NasDevices.SingleAsync(n => n.Id == nas, Ct)).LinkTo(router);
            try
            {
                await db.SaveChangesAsync(Ct);
                linked = true;
            }
            catch (DbUpdateConcurrencyException)
            {
                continue;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_services is null)
        {
            return; // skipped
        }

        await _world.DisposeAsync();
        await _host.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task A_client_with_a_lease_of_RADIUS_is_on_the_routers_list_until_the_lease_is_gone()
    {
        const string Mac = "4C:5E:0C:02:34:56";
        Router.Lease("100.64.9.9", Mac);
        await using (var db = _company.Open())
        {
            var nas = await db.NasDevices.SingleAsync(Ct);
            db.LiveSessions.Add(new LiveSession
            {
                TenantId = _company.Id, NasId = nas.Id, AcctSessionId = "DHCP1", Username = Mac, FramedAddress = "100.64.9.9", CallingStationId = "1:4c:5e:c:2:34:56", StartedAt = _services.Clock.Now, UpdatedAt = _services.Clock.Now,
            });
            await db.SaveChangesAsync(Ct);
        }

        for (var round = 0; round < 3; round++)
        {
            _services.Clock.Advance(Round);
            Assert.Equal(0, await Reconciler.ReconcileAsync(_router, Ct));
        }

        await Router.PasteAsync($"/ip dhcp-server lease remove [find active-mac-address=\"{Mac}\"]");
        _services.Clock.Advance(Round);
        Assert.Equal(0, await Reconciler.ReconcileAsync(_router, Ct));
        _services.Clock.Advance(Round);
        Assert.Equal(1, await Reconciler.ReconcileAsync(_router, Ct));
    }

    [Fact]
    public async Task A_session_that_the_router_does_not_list_twice_in_a_row_is_closed_also_for_the_session_limit()
    {
        await LoseSessionAsync();
        Assert.Equal(RadiusCode.AccessReject, (await FromAnotherDeviceAsync()).Code);

        _services.Clock.Advance(Round);
        Assert.Equal(0, await Reconciler.ReconcileAsync(_router, Ct));
        _services.Clock.Advance(Round);
        Assert.Equal(1, await Reconciler.ReconcileAsync(_router, Ct));

        await using var db = _company.Open();
        var record = await db.SessionRecords.SingleAsync(Ct);
        Assert.Equal(OwnCauses.NotOnRouter, record.TerminateCause);
        Assert.Equal(0, await OpenAsync());
        await Eventually.Is(async () => (await FromAnotherDeviceAsync()).Code == RadiusCode.AccessAccept);
    }

    [Fact]
    public async Task A_session_that_the_router_lists_stays_however_old_its_last_report_is()
    {
        for (var i = 0; i < 3; i++)
        {
            _services.Clock.Advance(TimeSpan.FromHours(1));
            Assert.Equal(0, await Reconciler.ReconcileAsync(_router, Ct));
        }

        Assert.Equal(1, await OpenAsync());
    }

    [Fact]
    public async Task A_router_that_does_not_answer_closes_nothing()
    {
        await LoseSessionAsync();
        Router.Faults.On(Fault.ResetMidReply, new FaultSetting(Path: "/ip/hotspot/active"));

        for (var i = 0; i < 3; i++)
        {
            _services.Clock.Advance(Round);
            Assert.Equal(0, await Reconciler.ReconcileAsync(_router, Ct));
        }

        Assert.Equal(1, await OpenAsync());
    }

    [Fact]
    public async Task A_session_closed_by_the_list_is_open_again_with_the_next_report_and_counts_once()
    {
        await LoseSessionAsync();
        string id;
        await using (var db = _company.Open())
        {
            id = (await db.LiveSessions.SingleAsync(Ct)).AcctSessionId;
        }

        for (var i = 0; i < 2; i++)
        {
            _services.Clock.Advance(Round);
            await Reconciler.ReconcileAsync(_router, Ct);
        }

        Assert.Equal(0, await OpenAsync());
        var client = _host.Client();
        await client.AskAsync(client.AccountingRequest(AcctStatusType.InterimUpdate, User, id).Add("Acct-Session-Time", 60u).Add("Acct-Input-Octets", 1_000_000u), Ct);
        await _host.AppliedAsync();

        await using var after = _company.Open();
        Assert.Equal((1_000_000, 0), ((await after.LiveSessions.SingleAsync(Ct)).UploadBytes, await after.SessionRecords.CountAsync(Ct)));
        Assert.Equal(1_000_000, await after.UsageDeltas.SumAsync(d => d.UploadBytes, Ct));
    }

    [Fact]
    public async Task Sessions_without_accounting_are_reported_once_an_hour()
    {
        await using var db = _company.Open();
        await db.LiveSessions.ExecuteDeleteAsync(Ct);
        _world.Clock.Advance(TimeSpan.FromMinutes(2));

        for (var i = 0; i < 4; i++)
        {
            _services.Clock.Advance(Round);
            await Reconciler.ReconcileAsync(_router, Ct);
        }

        var reported = await db.NetworkEvents.SingleAsync(e => e.Kind == RouterReconciler.UnaccountedKind, Ct);
        Assert.StartsWith($"r1 has 1 session without accounting: {User}.", reported.Message, StringComparison.Ordinal);
        _services.Clock.Advance(TimeSpan.FromHours(1));
        await Reconciler.ReconcileAsync(_router, Ct);
        Assert.Equal(2, await db.NetworkEvents.CountAsync(e => e.Kind == RouterReconciler.UnaccountedKind, Ct));
    }

    [Fact]
    public async Task A_login_refused_for_a_session_that_is_gone_gets_in_at_the_next_try()
    {
        var refused = _services.Provider.GetRequiredService<RefusedLogins>();
        await refused.StartAsync(Ct);
        await LoseSessionAsync();
        Assert.Equal(RadiusCode.AccessReject, (await FromAnotherDeviceAsync()).Code);
        await RefusalStoredAsync();
        Assert.Equal(0, await refused.CheckAsync(Ct)); // it was reported a moment ago: the router may not list it yet

        _services.Clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(RadiusCode.AccessReject, (await FromAnotherDeviceAsync()).Code);
        var closed = 0;
        await Eventually.Is(async () => (closed += await refused.CheckAsync(Ct)) == 1);

        await Eventually.Is(async () => (await FromAnotherDeviceAsync()).Code == RadiusCode.AccessAccept);
    }

    [Fact]
    public async Task A_refusal_is_looked_into_again_when_the_router_did_not_answer()
    {
        var refused = _services.Provider.GetRequiredService<RefusedLogins>();
        await refused.StartAsync(Ct);
        await LoseSessionAsync();
        _services.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(RadiusCode.AccessReject, (await FromAnotherDeviceAsync()).Code);
        await RefusalStoredAsync();
        Router.Faults.On(Fault.ResetMidReply, new FaultSetting(Path: "/ppp/active"));
        Assert.Equal(0, await refused.CheckAsync(Ct));

        Router.Faults.Off(Fault.ResetMidReply);
        Assert.Equal(0, await refused.CheckAsync(Ct)); // not at once
        _services.Clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(1, await refused.CheckAsync(Ct));
    }

    [Fact]
    public async Task A_login_refused_for_a_session_that_the_router_still_has_stays_refused()
    {
        var refused = _services.Provider.GetRequiredService<RefusedLogins>();
        await refused.StartAsync(Ct);
        _services.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(RadiusCode.AccessReject, (await FromAnotherDeviceAsync()).Code);
        await RefusalStoredAsync();

        Assert.Equal(0, await refused.CheckAsync(Ct));
        Assert.Equal(1, await OpenAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_a_reboot_or_a_crash_of_the_router_there_is_one_session_and_it_is_the_new_one(bool clean)
    {
        string before;
        await using (var db = _company.Open())
        {
            before = (await db.LiveSessions.SingleAsync(Ct)).AcctSessionId;
        }

        await Router.RebootAsync(clean);

        await Eventually.Is(async () =>
        {
            await using var db = _company.Open();
            return await db.LiveSessions.AllAsync(s => s.AcctSessionId != before, Ct) && await db.LiveSessions.CountAsync(Ct) == 1;
        });
        await using var after = _company.Open();
        Assert.Equal(OwnCauses.NasRestart, (await after.SessionRecords.SingleAsync(r => r.AcctSessionId == before, Ct)).TerminateCause);
    }

    private async Task LoseSessionAsync()
    {
        Router.Faults.On(Fault.LoseStop);
        Router.Nas.HangUp(Router.Nas.Subscribers[0]);
        await Router.Nas.UntilAsync(n => n.Online == 0);
    }

    private async Task<int> OpenAsync()
    {
        await using var db = _company.Open();
        return await db.LiveSessions.CountAsync(Ct);
    }

    private Task RefusalStoredAsync() => Eventually.Is(async () =>
    {
        await using var db = _company.Open();
        return await db.LoginAttempts.AnyAsync(a => a.Outcome == LoginOutcome.TooManySessions, Ct);
    });

    private Task<RadiusMessage> FromAnotherDeviceAsync()
    {
        var client = _host.Client();
        return client.AskAsync(client.PppoeRequest(User, "02:00:5E:00:53:FF").AddPapPassword(HostFixture.Password, client.Secret), Ct);
    }
}
