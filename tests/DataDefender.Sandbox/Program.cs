using System.Net.Sockets;
using DataDefender.Sandbox;

using var logging = LoggerFactory.Create(builder => builder.AddSimpleConsole(o => o.SingleLine = true).SetMinimumLevel(LogLevel.Information));
var log = logging.CreateLogger("Sandbox");
try
{
    var options = SandboxConfiguration.Load(args);
    options.HttpPort ??= 5080;
    await using var world = await SandboxWorld.StartAsync(options, log);
    foreach (var router in world.Routers)
    {
        log.LogInformation("{Router} ({Personality}): API {Api}, TLS {Tls}, CoA {Coa}, {Lines} lines", router.Name, router.Personality.Name, router.ApiEndPoint, router.TlsEndPoint, router.CoaEndPoint, router.Nas.Subscribers.Count);
    }

    log.LogInformation("Control page: {Url}", world.ControlUrl);
    await WaitForEndAsync();
    return 0;
}
catch (SandboxConfigurationException ex)
{
    log.LogCritical("{Reason}", ex.Message);
    return 2;
}
catch (Exception ex) when (ex is SocketException or IOException)
{
    log.LogCritical("A port is taken, or its address is not of this machine: {Reason}", ex.Message);
    return 3;
}

static async Task WaitForEndAsync()
{
    var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    using var interrupt = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGINT, context => End(context));
    using var terminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, context => End(context));
    await end.Task;

    void End(System.Runtime.InteropServices.PosixSignalContext context)
    {
        context.Cancel = true;
        end.TrySetResult();
    }
}
