using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DataDefender.Sandbox.Money;

/// <summary>The providers' interfaces alone, on a port of the system's choice: for tests that need no routers.</summary>
public sealed class MoneyServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private MoneyServer(WebApplication app, MoneyWorld world, Uri url) => (_app, World, Url) = (app, world, url);

    public MoneyWorld World { get; }

    public Uri Url { get; }

    public static async Task<MoneyServer> StartAsync(MoneyOptions options, TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(MoneyServer).Assembly.GetName().Name, ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var world = new MoneyWorld(options, time, app.Logger);
        MoneyApi.Map(app, world);
        await app.StartAsync();
        return new MoneyServer(app, world, new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await World.DisposeAsync();
    }
}
