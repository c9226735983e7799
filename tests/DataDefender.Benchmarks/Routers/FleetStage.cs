using System.Globalization;
using DataDefender.Domain.Network;
using DataDefender.Infrastructure.Network.RouterOs;
using DataDefender.Sandbox;
using DataDefender.Sandbox.RouterOs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace DataDefender.Benchmarks.Routers;

/// <summary>The other side of <see cref="PlayedFleet"/>: plays routers until its input ends, and prints their ports first.</summary>
internal static class FleetStage
{
    private const string User = "bench";

    /// <summary>The endpoint of a played router.</summary>
    public static RouterEndpoint Endpoint(int port) => new(Guid.CreateVersion7(), "127.0.0.1", port, UseTls: false, null, User, User);

    public static RouterOsGateway Gateway() =>
        new(Options.Create(new RouterOsOptions { DeniedNetworks = "" }), TimeProvider.System, NullLogger<RouterOsGateway>.Instance);

    /// <param name="asked">Routers; interfaces of each (0: what a router comes with); PPPoE sessions of each.</param>
    public static async Task<int> PlayAsync(string[] asked)
    {
        var (routers, interfaces, sessions) = (Number(asked[0]), Number(asked[1]), Number(asked[2]));
        await using var world = await SandboxWorld.StartAsync(new SandboxOptions
        {
            AutoDial = false,
            Routers = [.. Enumerable.Range(0, routers).Select(n => new RouterOptions
            {
                Name = $"r{n}", User = User, Password = User, TlsPort = null, CoaPort = null,
            })],
        });
        await using var gateway = Gateway();
        foreach (var router in world.Routers)
        {
            await FurnishAsync(gateway, Endpoint(router.ApiEndPoint!.Port), router.Count("/interface"), interfaces, sessions);
            for (var n = 0; n < sessions; n++)
            {
                world.AddSubscriber(new SubscriberOptions { Username = Line(n), Password = "pw", Router = router.Name });
            }

            await router.Nas.UntilAsync(nas => nas.Online == sessions);
        }

        await Console.Out.WriteLineAsync(string.Join(',', world.Routers.Select(r => r.ApiEndPoint!.Port.ToString(CultureInfo.InvariantCulture))));
        await Console.In.ReadToEndAsync();
        return 0;
    }

    private static async Task FurnishAsync(RouterOsGateway gateway, RouterEndpoint router, int has, int interfaces, int sessions)
    {
        for (var n = has; n < interfaces; n++)
        {
            (await gateway.AddAsync(router, "/interface/vlan", [("name", $"vlan{n}"), ("vlan-id", $"{n}"), ("interface", "ether1")])).Require();
        }

        for (var n = 0; n < sessions; n++)
        {
            (await gateway.AddAsync(router, "/ppp/secret", [("name", Line(n)), ("password", "pw"), ("service", "pppoe")])).Require();
        }
    }

    private static string Line(int n) => string.Create(CultureInfo.InvariantCulture, $"user{n:D6}");

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
