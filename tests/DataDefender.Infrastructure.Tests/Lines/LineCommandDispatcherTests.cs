using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Subscriptions;
using DataDefender.Infrastructure.Lines;
using DataDefender.Infrastructure.Radius.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DataDefender.Infrastructure.Tests.Lines;

public sealed class LineCommandDispatcherTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_command_of_this_process_is_carried_out_at_once_and_the_screens_are_told()
    {
        await using var bench = await LineBench.CreateAsync();
        await using var running = await StartAsync(bench);
        var told = NextNews(bench);

        await bench.SuspendAsync(); // the clock stands still, so that only the signal can have woken it

        await told.WaitAsync(Patience);
        Assert.Equal(LineCommandStatus.Done, (await bench.CommandsAsync())[^1].Status);
    }

    [Fact]
    public async Task A_command_of_another_process_is_found_by_looking()
    {
        await using var bench = await LineBench.CreateAsync();
        await using var running = await StartAsync(bench);
        var told = NextNews(bench);

        await bench.SaveAsync(new LineCommand(bench.Company.Id, bench.Line.Id, LineAction.Drop, "written elsewhere", "another node", bench.Services.Clock.Now));
        while (!told.IsCompleted)
        {
            bench.Services.Clock.Advance(TimeSpan.FromMilliseconds(250));
            await Task.WhenAny(told, Task.Delay(20));
        }

        Assert.Equal(RadiusCode.DisconnectRequest, bench.Nas.Received[0].Code);
    }

    [Fact]
    public async Task A_line_on_a_NAS_that_hangs_does_not_hold_up_another()
    {
        await using var bench = await LineBench.CreateAsync();
        await using var other = new ScriptedNas();
        var theirNas = await bench.Company.AddNasAsync("127.0.0.1", ScriptedNas.Secret, identifier: "other", configure: n => n.CoaPort = other.Port);
        var theirLine = await bench.Company.AddSubscriptionAsync(username: "otieno");
        await bench.SaveAsync(new Domain.Radius.LiveSession
        {
            TenantId = bench.Company.Id,
            NasId = theirNas.Id,
            AcctSessionId = "1",
            SubscriptionId = theirLine.Id,
            Username = "otieno",
            StartedAt = bench.Services.Clock.Now,
            UpdatedAt = bench.Services.Clock.Now,
        });
        bench.Nas.Script = _ => null; // and the clock stands: its try never ends
        await using var running = await StartAsync(bench);
        await bench.SuspendAsync();
        var told = NextNews(bench);

        await bench.ActAsync(lines => lines.DropSessionAsync(theirLine.Id));

        await told.WaitAsync(Patience);
        Assert.Equal("DisconnectRequest", other.Asked);
        Assert.Equal(LineCommandStatus.Pending, (await bench.CommandsAsync()).Single(c => c.SubscriptionId == bench.Line.Id).Status);
    }

    [Fact]
    public async Task A_change_that_comes_while_the_line_is_worked_on_is_done_after_it()
    {
        await using var bench = await LineBench.CreateAsync();
        using var asked = new SemaphoreSlim(0);
        using var mayAnswer = new SemaphoreSlim(0);
        bench.Nas.Script = request =>
        {
            asked.Release();
            mayAnswer.Wait(Patience);
            return ScriptedNas.Acknowledge(request);
        };
        await using var running = await StartAsync(bench);

        await bench.SuspendAsync();
        Assert.True(await asked.WaitAsync(Patience));
        bench.Services.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await bench.ActAsync(lines => lines.RestoreAsync(bench.Line.Id));
        var done = CommandsDone(bench);
        mayAnswer.Release(2);

        await done.WaitAsync(Patience);
        Assert.Equal(["suspended", null], bench.Nas.Received.Select(r => r["Mikrotik-Address-List"]));
        Assert.Equal("", bench.Router.Show(LineBench.List, "address"));
    }

    [Fact]
    public async Task A_stale_entry_of_ours_is_swept_out_and_nobody_elses()
    {
        await using var bench = await LineBench.CreateAsync(state: SubscriptionState.Suspended);
        bench.Router.Insert(LineBench.List, ("list", "suspended"), ("address", LineBench.Address), ("comment", bench.Mark));
        bench.Router.Insert(LineBench.List, ("list", "suspended"), ("address", "100.64.5.5"), ("comment", bench.Mark));
        bench.Router.Insert(LineBench.List, ("list", "suspended"), ("address", "100.64.6.6"), ("comment", "by hand"));

        await bench.Services.Provider.GetServices<IHostedService>().OfType<WalledGardenSweep>().Single().SweepAsync(TestContext.Current.CancellationToken);

        Assert.Equal("100.64.0.7; 100.64.6.6", bench.Router.Show(LineBench.List, "address"));
    }

    private static async Task<Running> StartAsync(LineBench bench)
    {
        var dispatcher = bench.Services.Provider.GetServices<IHostedService>().OfType<LineCommandDispatcher>().Single();
        await dispatcher.StartAsync(CancellationToken.None);
        return new Running(dispatcher);
    }

    private static Task NextNews(LineBench bench)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bench.Services.Provider.GetRequiredService<LiveMetrics>().Watch(bench.Company.Id, () => told.TrySetResult());
        return told.Task;
    }

    private static async Task CommandsDone(LineBench bench)
    {
        while ((await bench.CommandsAsync()).Any(c => c.Status is LineCommandStatus.Pending))
        {
            await Task.Delay(20);
        }
    }

    private sealed class Running(BackgroundService service) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await service.StopAsync(CancellationToken.None);
    }
}
