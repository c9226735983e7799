using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Domain.Radius;
using DataDefender.Infrastructure.Monitoring;
using DataDefender.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Infrastructure.Tests.Monitoring;

public sealed class LineMeterTests : IAsyncLifetime
{
    private readonly ScriptedRouters _routers = new();
    private TestServices _services = null!;
    private TestCompany _company = null!;
    private ILineMeter _meter = null!;

    public async ValueTask InitializeAsync()
    {
        _services = await TestServices.CreateAsync(configure: s => s.AddSingleton<IRouterGateway>(_routers).AddSingleton<ILineMeter, LineMeter>());
        _company = await TestCompany.CreateAsync(_services);
        _meter = _services.Provider.GetRequiredService<ILineMeter>();
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task A_PPPoE_line_is_read_from_the_interface_that_its_router_made_for_it()
    {
        var line = await OnlineAsync(await _company.AddRouterAsync(password: "router-pw"));
        _routers.Answer("/interface/print", RouterRow.Of(("rx-byte", "1000"), ("tx-byte", "9000")));

        var measure = Assert.IsType<LineMeasure.Counted>(await MeasureAsync(line));

        Assert.Equal((LineSource.Router, 1000L, 9000L, "s1"), (measure.Source, measure.UploadBytes, measure.DownloadBytes, measure.Session));
        var (router, command) = Assert.Single(_routers.Commands);
        Assert.Equal("router-pw", router.Password);
        Assert.Equal(["=.proplist=rx-byte,tx-byte", "?name=<pppoe-wanjiku>"], command.Words);
    }

    [Fact]
    public async Task A_hotspot_line_is_read_from_the_hotspot()
    {
        var line = await OnlineAsync(await _company.AddRouterAsync());
        _routers.Answer("/interface/print").Answer("/ip/hotspot/active/print", RouterRow.Of(("bytes-in", "5"), ("bytes-out", "6")));

        var measure = Assert.IsType<LineMeasure.Counted>(await MeasureAsync(line));

        Assert.Equal((5L, 6L), (measure.UploadBytes, measure.DownloadBytes));
    }

    [Fact]
    public async Task Two_sessions_of_one_line_count_together()
    {
        var router = await _company.AddRouterAsync();
        var line = await OnlineAsync(router, sessions: 2);
        _routers.Answer("/interface/print", RouterRow.Of(("rx-byte", "1"), ("tx-byte", "2")), RouterRow.Of(("rx-byte", "10"), ("tx-byte", "20")));

        var measure = Assert.IsType<LineMeasure.Counted>(await MeasureAsync(line));

        Assert.Equal((11L, 22L), (measure.UploadBytes, measure.DownloadBytes));
        Assert.Equal(["=.proplist=rx-byte,tx-byte", "?name=<pppoe-wanjiku>", "?name=<pppoe-wanjiku-1>", "?#|"], _routers.Commands.First().Command.Words);
    }

    [Fact]
    public async Task A_router_that_does_not_answer_leaves_accounting_which_says_so_and_how_old_it_is()
    {
        var line = await OnlineAsync(await _company.AddRouterAsync("Core"));
        _routers.Answer("/interface/print", _ => new RouterOutcome.Unknown("It did not answer in time.", false));

        var measure = Assert.IsType<LineMeasure.Counted>(await MeasureAsync(line));

        Assert.Equal((LineSource.Accounting, 111L, 222L), (measure.Source, measure.UploadBytes, measure.DownloadBytes));
        Assert.Equal("Core: It did not answer in time.", measure.Instead);
        Assert.Equal(_services.Clock.Now.AddMinutes(-3), measure.At);
    }

    [Fact]
    public async Task A_NAS_without_a_router_is_measured_by_accounting_and_no_router_is_asked()
    {
        var line = await OnlineAsync(null);

        var measure = Assert.IsType<LineMeasure.Counted>(await MeasureAsync(line));

        Assert.Equal(LineSource.Accounting, measure.Source);
        Assert.Contains("not linked to a router", measure.Instead, StringComparison.Ordinal);
        Assert.Empty(_routers.Commands);
    }

    [Fact]
    public async Task A_line_without_a_session_is_offline_and_so_is_another_companys()
    {
        var line = await _company.AddSubscriptionAsync();
        Assert.IsType<LineMeasure.Offline>(await MeasureAsync(line.Id));

        var online = await OnlineAsync(await _company.AddRouterAsync());
        var other = await TestCompany.CreateAsync(_services);
        Assert.IsType<LineMeasure.Offline>(await _meter.MeasureAsync(other.Id, online, TestContext.Current.CancellationToken));
        Assert.Empty(_routers.Commands);
    }

    private Task<LineMeasure> MeasureAsync(Guid line) => _meter.MeasureAsync(_company.Id, line, TestContext.Current.CancellationToken);

    private async Task<Guid> OnlineAsync(Router? router, int sessions = 1)
    {
        var line = await _company.AddSubscriptionAsync(username: "wanjiku");
        var nas = await _company.AddNasAsync(router: router);
        await using var db = _company.Open();
        for (var i = 1; i <= sessions; i++)
        {
            db.LiveSessions.Add(new LiveSession
            {
                TenantId = _company.Id, NasId = nas.Id, SubscriptionId = line.Id, AcctSessionId = $"s{i}", Username = "wanjiku",
                StartedAt = _services.Clock.Now.AddHours(-i), UpdatedAt = _services.Clock.Now.AddMinutes(-3), UploadBytes = 111, DownloadBytes = 222,
            });
        }

        await db.SaveChangesAsync();
        return line.Id;
    }
}
