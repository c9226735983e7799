using DataDefender.Domain.Clients;
using DataDefender.Domain.Common;
using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Monitoring.Diagnosis;
using DataDefender.Domain.Network;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;
using DataDefender.Domain.Subscriptions;
using DataDefender.Domain.Tenancy;
using DataDefender.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.Domain.Tests.Monitoring;

/// <summary>Lines that RADIUS does not know: what their routers say of them reaches the client's page, the diagnosis and the counts, with its age.</summary>
public sealed class LinesOnRoutersTests : IAsyncLifetime
{
    private TestServices _services = null!;
    private TestCompany _company = null!;
    private Router _router = null!;
    private Subscription _line = null!;

    private LinesOnRouters Lines => _services.Provider.GetRequiredService<LinesOnRouters>();

    public async ValueTask InitializeAsync()
    {
        _services = await TestServices.CreateAsync(configure: s => s.AddSingleton<LiveMetrics>().AddScoped<LicenceGuard>().AddScoped<LineHistoryService>().AddScoped<DiagnosisService>().AddScoped<ClientService>());
        _company = await TestCompany.CreateAsync(_services);
        _router = await _company.AddRouterAsync("KILIMANI");
        _line = await _company.AddSubscriptionAsync(username: "jane");
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task A_line_that_its_router_lists_is_online_everywhere()
    {
        Read(LinePush.Secrets, ("jane", new LineSighting("100.64.0.7", "4C:5E:0C:00:00:01", _services.Clock.Now.AddHours(-1), "its PPPoE session is open")));

        var on = await AsAsync<LineHistoryService, LineOnRouter?>(h => h.OnRouterAsync(_line.Id));
        Assert.Equal((true, "KILIMANI", "100.64.0.7"), (on!.IsOnline, on.Router, on.Seen!.Address));
        var verdict = (await DiagnoseAsync()).Verdicts[0];
        Assert.Equal(Fault.Online, verdict.Fault);
        Assert.Contains("KILIMANI: its PPPoE session is open.", verdict.Evidence.Select(e => e.Text));
        var online = (await AsAsync<ClientService, PageOf<ClientRow>>(c => c.ListAsync(new GridQuery(), ClientFilter.Online))).Items;
        Assert.Equal(_services.Clock.Now, Assert.Single(Assert.Single(online).Lines).ReportedAt);
        Assert.Equal(1, (await AsAsync<ClientService, IReadOnlyDictionary<ClientFilter, int>>(c => c.CountsAsync()))[ClientFilter.Online]);
    }

    [Fact]
    public async Task A_line_that_its_router_does_not_list_is_offline_and_RADIUS_is_not_blamed()
    {
        Read(LinePush.Secrets);

        var verdict = (await DiagnoseAsync()).Verdicts[0];

        Assert.Equal((Fault.NotOnRouter, 80), (verdict.Fault, verdict.Confidence));
        Assert.Empty((await AsAsync<ClientService, PageOf<ClientRow>>(c => c.ListAsync(new GridQuery(), ClientFilter.Online))).Items);
    }

    [Fact]
    public async Task A_fixed_address_that_is_not_seen_may_be_there()
    {
        Read(LinePush.Addresses);

        Assert.Equal((Fault.NotOnRouter, 55), ((await DiagnoseAsync()).Verdicts[0].Fault, (await DiagnoseAsync()).Verdicts[0].Confidence));
    }

    [Fact]
    public async Task An_old_reading_says_nothing_about_now_and_has_its_age()
    {
        Read(LinePush.Secrets, ("jane", new LineSighting("100.64.0.7", null, null, "its PPPoE session is open")));
        var read = _services.Clock.Now;
        _services.Clock.Advance(TimeSpan.FromMinutes(10));

        var on = await AsAsync<LineHistoryService, LineOnRouter?>(h => h.OnRouterAsync(_line.Id));

        Assert.Equal((false, false, read), (on!.IsOnline, on.IsFresh, on.At));
        var verdict = (await DiagnoseAsync()).Verdicts[0];
        Assert.Equal(Fault.RouterUnknown, verdict.Fault);
        Assert.False(verdict.IsCertain);
        Assert.Empty((await AsAsync<ClientService, PageOf<ClientRow>>(c => c.ListAsync(new GridQuery(), ClientFilter.Online))).Items);
    }

    [Fact]
    public async Task A_line_that_is_bound_to_the_device_of_another_router_is_none_of_this_ones()
    {
        var nas = await _company.AddNasAsync(router: await _company.AddRouterAsync("ELSEWHERE"));
        await using (var db = _company.Open())
        {
            (await db.Subscriptions.SingleAsync(s => s.Id == _line.Id)).Bind(LineBinding.None with { NasId = nas.Id });
            await db.SaveChangesAsync();
        }

        Read(LinePush.Secrets);

        Assert.Null(await AsAsync<LineHistoryService, LineOnRouter?>(h => h.OnRouterAsync(_line.Id)));
    }

    private void Read(LinePush push, params (string Key, LineSighting Sighting)[] online) => Lines.Publish(
        new RouterLines(_company.Id, _router.Id, "KILIMANI", push, TakesUnbound: true, _services.Clock.Now, TimeSpan.FromMinutes(5), online.ToDictionary(o => o.Key, o => o.Sighting)));

    private Task<Diagnosis> DiagnoseAsync() => AsAsync<DiagnosisService, Diagnosis>(d => d.DiagnoseAsync(_line.Id));

    private async Task<T> AsAsync<TService, T>(Func<TService, Task<T>> work) where TService : notnull
    {
        await using var scope = _company.Scope(Role.Owner);
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }
}
