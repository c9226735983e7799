using DataDefender.Domain.Network;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Radius.Protocol;
using DataDefender.RadiusHost.Accounting;
using DataDefender.RadiusHost.Lines;
using DataDefender.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace DataDefender.RadiusHost.Tests;

/// <summary>A line may be used once: whichever of two RadiusHosts is asked, and whichever was told of its session.</summary>
public sealed class TwoHostLimitTests : IAsyncLifetime
{
    private const string User = "wanjiku";

    private TestServices _services = null!;
    private TestCompany _company = null!;
    private Nas _nas = null!;
    private Subscription _line = null!;
    private RunningHost _first = null!;
    private RunningHost _second = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _services = await TestServices.CreateAsync();
        _company = await TestCompany.CreateAsync(_services);
        _nas = await _company.AddNasAsync("127.0.0.1", HostFixture.Secret);
        _line = await _company.AddSubscriptionAsync(username: User, password: HostFixture.Password);
        _first = await StartAsync("first");
        _second = await StartAsync("second");
    }

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task What_one_was_told_the_other_knows_and_forgets_whoever_is_told_of_the_end()
    {
        await TellAsync(_first, AcctStatusType.Start, "a");
        await RefusesAsync(_second);
        Assert.Equal(RadiusCode.AccessReject, await LoginAsync(_first));

        await TellAsync(_second, AcctStatusType.Stop, "a", 5);
        await AcceptsAsync(_first);
        await AcceptsAsync(_second);
    }

    [Fact]
    public async Task A_restart_of_the_NAS_that_one_was_told_of_ends_the_sessions_for_both()
    {
        await TellAsync(_first, AcctStatusType.Start, "a");
        await TellAsync(_second, AcctStatusType.InterimUpdate, "a", 2); // both have heard of it themselves
        Assert.Equal(RadiusCode.AccessReject, await LoginAsync(_first));
        Assert.Equal(RadiusCode.AccessReject, await LoginAsync(_second));

        await TellAsync(_second, AcctStatusType.AccountingOn, "-");
        await AcceptsAsync(_second);
        await AcceptsAsync(_first);
    }

    [Fact]
    public async Task The_device_that_has_the_session_gets_in_again_at_the_other_one()
    {
        await TellAsync(_first, AcctStatusType.Start, "a");
        await RefusesAsync(_second);

        var client = _second.Client();
        Assert.Equal(RadiusCode.AccessAccept, (await client.PapAsync(User, HostFixture.Password)).Code); // the MAC address that accounting names
    }

    [Fact]
    public async Task Of_two_devices_that_dial_in_at_once_one_gets_in_though_neither_has_started_yet()
    {
        await using var host = await RunningHost.StartAsync(_services.Database, ("Radius:JournalDirectory", Path.Combine(_services.Database.Folder.FullName, "third")), ("Radius:SessionStartSeconds", "60"));

        Assert.Equal(RadiusCode.AccessAccept, await LoginAsync(host));
        var client = host.Client();
        Assert.Equal(RadiusCode.AccessReject, (await client.PapAsync(User, HostFixture.Password)).Code);
        Assert.Equal(RadiusCode.AccessAccept, await LoginAsync(host)); // the same device dials again
    }

    [Fact]
    public async Task A_session_that_goes_on_at_the_other_one_does_not_grow_stale_here()
    {
        await using var process = TestServices.Over(_services.Database, s => s
            .AddSingleton<SessionStore>().AddSingleton<LineDirectory>().AddSingleton<DirectoryLoader>().AddSingleton<SessionFeed>());
        var (store, directory, feed) = (process.Provider.GetRequiredService<SessionStore>(), process.Provider.GetRequiredService<LineDirectory>(), process.Provider.GetRequiredService<SessionFeed>());
        var content = await process.Provider.GetRequiredService<DirectoryLoader>().LoadAllAsync(Ct);
        directory.Replace(content, DirectorySource.Database);
        await feed.StartAsync(content, Ct);
        await store.SkipAsync(Guid.CreateVersion7(), 1, Ct);
        var journal = Guid.CreateVersion7();
        for (var minute = 0; minute < 60; minute += 5)
        {
            await store.ApplyAsync(journal, [Report(minute, process.Clock.Now)], minute + 1, Ct);
            process.Clock.Advance(TimeSpan.FromMinutes(5));
            await feed.ApplyAsync(Ct);
        }

        var line = directory.Content.Companies[_company.Id].Find(_line.Id)!.Line;
        var stale = directory.Content.Companies[_company.Id].StaleAfter;
        Assert.Equal(1, line.CountOthers(directory.NasState(Guid.CreateVersion7()), 0, 0, (process.Clock.Now - stale).Ticks));
    }

    private AccountingReport Report(int minute, DateTime at)
    {
        var message = new RadiusMessage(RadiusCode.AccountingRequest, 1).Add("Acct-Status-Type", (uint)AcctStatusType.InterimUpdate).Add("Acct-Session-Id", "far").Add("Acct-Session-Time", (uint)minute * 60);
        Assert.True(AccountingReport.TryRead(new JournalRecord(minute + 1, at, _company.Id, _nas.Id, _line.Id, message.EncodeRequest(new RadiusSecret("s"))), out var report, out var problem), problem);
        return report;
    }

    private Task<RunningHost> StartAsync(string name) =>
        RunningHost.StartAsync(_services.Database, ("Radius:JournalDirectory", Path.Combine(_services.Database.Folder.FullName, name)));

    private static async Task TellAsync(RunningHost host, AcctStatusType status, string session, uint seconds = 0)
    {
        var client = host.Client();
        await client.AskAsync(client.AccountingRequest(status, User, session).Add("Acct-Session-Time", seconds), Ct);
    }

    private static Task RefusesAsync(RunningHost host) => Eventually.Is(async () => await LoginAsync(host) is RadiusCode.AccessReject);

    private static Task AcceptsAsync(RunningHost host) => Eventually.Is(async () => await LoginAsync(host) is RadiusCode.AccessAccept);

    private static async Task<RadiusCode> LoginAsync(RunningHost host)
    {
        var client = host.Client();
        return (await client.AskAsync(client.PppoeRequest(User, "02:00:5E:00:53:FF").AddPapPassword(HostFixture.Password, client.Secret), Ct)).Code;
    }
}
