using System.Net;
using DataDefender.RadiusHost.Accounting;
using DataDefender.RadiusHost.Lines;
using DataDefender.RadiusHost.Setup;
using DataDefender.RadiusHost.Status;
using DataDefender.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DataDefender.RadiusHost.Tests;

/// <summary>RadiusHost itself, in this process, on free ports, over a test's database.</summary>
internal sealed class RunningHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private bool _started;

    private RunningHost(WebApplication app, CapturedLog log) => (_app, Log) = (app, log);

    public CapturedLog Log { get; }

    public IPEndPoint Authentication => Service<RadiusPorts>().AuthenticationEndPoint;

    public IPEndPoint Accounting => Service<RadiusPorts>().AccountingEndPoint;

    public Uri StatusUrl => new(_app.Urls.First());

    public HostCounters Counters => Service<HostCounters>();

    public static async Task<RunningHost> StartAsync(TestDatabase database, params (string Key, string Value)[] more)
    {
        var host = Prepare(database, more);
        await host.StartAsync();
        return host;
    }

    /// <summary>A host that has not been started.</summary>
    public static RunningHost Prepare(TestDatabase database, params (string Key, string Value)[] more) => Prepare(database, _ => { }, more);

    /// <summary>The same with parts of it replaced.</summary>
    public static RunningHost Prepare(TestDatabase database, Action<IServiceCollection> replace, params (string Key, string Value)[] more)
    {
        var settings = TestServices.Settings(database);
        settings["Radius:Address"] = "127.0.0.1";
        settings["Radius:AuthenticationPort"] = "0";
        settings["Radius:AccountingPort"] = "0";
        settings["Radius:StatusUrl"] = "http://127.0.0.1:0";
        settings["Radius:RejectDelayMilliseconds"] = "0";
        settings["Radius:SessionStartSeconds"] = "0"; // many tests log in from one place and then from another
        settings["Radius:JournalSegmentMegabytes"] = "1";
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        var log = new CapturedLog();
        var app = RadiusApplication.Create(
            [.. settings.Select(s => $"--{s.Key}={s.Value}")],
            builder =>
            {
                builder.Logging.ClearProviders().AddProvider(log).AddFilter("Microsoft", LogLevel.Warning);
                replace(builder.Services);
            });
        return new RunningHost(app, log);
    }

    public T Service<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    public async Task StartAsync()
    {
        await _app.StartAsync();
        _started = true;
        await Service<LineDirectory>().Loaded.WaitAsync(TimeSpan.FromSeconds(30));
        await Eventually.Is(() => Service<RadiusPorts>().AreOpen);
    }

    public RadiusTestClient Client(string secret = "testing123", string identifier = "test-nas") =>
        new(Authentication, Accounting, secret) { NasIdentifier = identifier };

    /// <summary>Waits until everything acknowledged is in the database.</summary>
    public Task AppliedAsync() => Eventually.Is(() => Service<Pulse>().Depth == 0);

    public HttpClient Http() => new HttpClientFactoryOfOne(StatusUrl).Client;

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        if (_started)
        {
            await _app.StopAsync();
        }

        await _app.DisposeAsync();
    }

    private sealed class HttpClientFactoryOfOne
    {
        public HttpClientFactoryOfOne(Uri address)
        {
            var services = new ServiceCollection();
            services.AddHttpClient("status", client => client.BaseAddress = address);
            Client = services.BuildServiceProvider().GetRequiredService<IHttpClientFactory>().CreateClient("status");
        }

        public HttpClient Client { get; }
    }
}

/// <summary>Waiting for what another thread does, where it gives no signal.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static Task Is(Func<bool> condition) => Is(() => Task.FromResult(condition()));

    public static async Task Is(Func<Task<bool>> condition, TimeSpan? limit = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < (limit ?? Limit), "It did not come about in time.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
