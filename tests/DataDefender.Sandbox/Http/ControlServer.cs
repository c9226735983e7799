using System.Net;
using System.Text.Json.Serialization;
using DataDefender.Sandbox.Nas;
using DataDefender.Sandbox.RouterOs;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DataDefender.Sandbox.Http;

/// <summary>The control page and its JSON API: what a person or a demo turns in the world.</summary>
internal sealed class ControlServer : IAsyncDisposable
{
    private const int MostLines = 500;

    private readonly WebApplication _app;

    private ControlServer(WebApplication app, IPAddress address, int port) => (_app, Url) = (app, new UriBuilder("http", address.ToString(), port).Uri);

    public Uri Url { get; }

    public static async Task<ControlServer> StartAsync(SandboxWorld world, IPAddress address, int port)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(ControlServer).Assembly.GetName().Name, ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(); // the options say where, whatever the environment says
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(address, port));
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.Converters.Add(new JsonStringEnumConverter()));
        var app = builder.Build();
        Map(app, world);
        await app.StartAsync();
        var listening = app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features.Get<Microsoft.AspNetCore.Hosting.Server.Features.IServerAddressesFeature>()!;
        return new ControlServer(app, address, new Uri(listening.Addresses.First()).Port);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void Map(WebApplication app, SandboxWorld world)
    {
        var page = Page("control.html");
        Money.MoneyApi.Map(app, world.Money);
        Tax.TaxApi.Map(app, world.Tax);
        Money.MoneyControl.Map(app, world.Money, Page("phone.html"));
        app.MapGet("/", () => Results.Content(page, "text/html; charset=utf-8"));
        app.MapGet("/health", () => Results.Json(new { status = "ok", routers = world.Routers.Count, online = world.Routers.Sum(r => r.Nas.Online) }));
        Messaging.MessagingRoutes.Map(app, world);
        var api = app.MapGroup("/api");
        api.MapGet("/world", () => WorldState.Of(world));
        api.MapPost("/clock", (ClockOrder order) => Turn(world, order));
        api.MapGet("/subscribers", (string? search, string? router, LineState? state, int? skip, int? take) => Lines(world, search, router, state, skip ?? 0, take ?? 50));
        api.MapPost("/subscribers", (NewLine line) => Add(world, line));
        api.MapGet("/subscribers/{username}", (string username) => With(world, username, static (_, _) => { }));
        api.MapPost("/subscribers/{username}/dial", (string username) => With(world, username, static (router, line) => router.Nas.Dial(line)));
        api.MapPost("/subscribers/{username}/hangup", (string username) => With(world, username, static (router, line) => router.Nas.HangUp(line)));
        api.MapPost("/subscribers/{username}/break", (string username) => With(world, username, static (router, line) => router.Nas.Break(line)));
        api.MapDelete("/subscribers/{username}", (string username) => With(world, username, static (router, line) => router.Nas.Remove(line)));
        api.MapPost("/routers/{name}/faults", (string name, FaultOrder order) => With(world, name, router => Switch(router, order)));
        api.MapDelete("/routers/{name}/faults", (string name) => With(world, name, static router => router.Faults.Clear()));
        api.MapPost("/routers/{name}/terminal", async Task<Results<Ok<TerminalAnswer>, NotFound<Refusal>>> (string name, TerminalOrder order) =>
            world.Routers.FirstOrDefault(r => r.Name == name) is { } router ? TypedResults.Ok(new TerminalAnswer(await router.PasteAsync(order.Text))) : TypedResults.NotFound(new Refusal($"There is no router '{name}'.")));
        api.MapPost("/routers/{name}/reboot", (string name, bool? clean) => With(world, name, router => _ = Task.Run(() => router.RebootAsync(clean ?? true))));
    }

    private static Results<Ok<WorldState>, BadRequest<Refusal>> Turn(SandboxWorld world, ClockOrder order)
    {
        if (order.Speed is < 0 or > 100_000 || order.AdvanceSeconds is < 0 or > 31_536_000)
        {
            return TypedResults.BadRequest(new Refusal("Speed is 0 to 100,000, and the clock goes ahead by a year at most."));
        }

        world.Clock.Speed = order.Speed ?? world.Clock.Speed;
        world.Clock.Advance(TimeSpan.FromSeconds(order.AdvanceSeconds ?? 0));
        return TypedResults.Ok(WorldState.Of(world));
    }

    private static LinePage Lines(SandboxWorld world, string? search, string? router, LineState? state, int skip, int take)
    {
        var matching = world.Subscribers
            .Where(l => (string.IsNullOrEmpty(router) || l.Router.Name == router) && (state is null || l.Subscriber.State == state)
                && (string.IsNullOrEmpty(search) || l.Subscriber.Username.Contains(search, StringComparison.OrdinalIgnoreCase) || l.Subscriber.Mac.Contains(search, StringComparison.OrdinalIgnoreCase)))
            .ToList();
        return new LinePage(matching.Count, [.. matching.Skip(Math.Max(0, skip)).Take(Math.Clamp(take, 1, MostLines)).Select(l => LineView.Of(l.Router, l.Subscriber))]);
    }

    private static Results<Ok<LineView>, BadRequest<Refusal>> Add(SandboxWorld world, NewLine line)
    {
        if (string.IsNullOrWhiteSpace(line.Username))
        {
            return TypedResults.BadRequest(new Refusal("A subscriber needs a username."));
        }

        if (!string.IsNullOrEmpty(line.Router) && world.Routers.All(r => r.Name != line.Router))
        {
            return TypedResults.BadRequest(new Refusal($"There is no router '{line.Router}'."));
        }

        if (line.Mac is { Length: > 0 } && !RouterFormat.TryMac(line.Mac, out _))
        {
            return TypedResults.BadRequest(new Refusal($"'{line.Mac}' is not a MAC address."));
        }

        world.AddSubscriber(new SubscriberOptions
        {
            Username = line.Username, Password = line.Password ?? "", Router = line.Router ?? "", Service = line.Service, Mac = string.IsNullOrEmpty(line.Mac) ? null : line.Mac, DemandMbps = line.DemandMbps,
            Method = line.Method ?? (line.Service == SubscriberService.Pppoe ? AuthenticationMethod.MsChapV2 : AuthenticationMethod.Chap),
        }, line.Dial);
        var (router, added) = world.Find(line.Username)!.Value;
        return TypedResults.Ok(LineView.Of(router, added));
    }

    private static Results<Ok<LineView>, NotFound<Refusal>> With(SandboxWorld world, string username, Action<SimulatedRouter, Subscriber> act)
    {
        // Routing decodes everything but the slash.
        if (world.Find(username.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase)) is not var (router, line))
        {
            return TypedResults.NotFound(new Refusal($"There is no subscriber '{username}'."));
        }

        act(router, line);
        return TypedResults.Ok(LineView.Of(router, line));
    }

    private static Results<Ok<RouterState>, NotFound<Refusal>> With(SandboxWorld world, string name, Action<SimulatedRouter> act)
    {
        if (world.Routers.FirstOrDefault(r => r.Name == name) is not { } router)
        {
            return TypedResults.NotFound(new Refusal($"There is no router '{name}'."));
        }

        act(router);
        return TypedResults.Ok(RouterState.Of(router));
    }

    private static void Switch(SimulatedRouter router, FaultOrder order)
    {
        if (order.On)
        {
            router.Faults.On(order.Fault, new FaultSetting(TimeSpan.FromMilliseconds(Math.Clamp(order.DelayMilliseconds, 0, 600_000)), order.Times, string.IsNullOrEmpty(order.Path) ? null : order.Path));
        }
        else
        {
            router.Faults.Off(order.Fault);
        }
    }

    private static string Page(string name)
    {
        using var stream = typeof(ControlServer).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
