using DataDefender.Infrastructure.Jobs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Network.Provisioning;

/// <summary>Has the tunnels of routers that have called home let in at the hub, and tries their API until they answer.</summary>
internal sealed partial class EnrolmentWatch(EnrolmentDesk desk, TunnelKeeper tunnels, JobLeases leases, IOptions<ProvisioningOptions> options, TimeProvider clock, ILogger<EnrolmentWatch> log) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => leases.WhileHeldAsync("enrolment", WorkAsync, stoppingToken);

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.PollInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await tunnels.KeepAsync(stoppingToken);
                    await desk.TryDueAsync(stoppingToken);
                }
                catch (Exception trouble) when (trouble is not OperationCanceledException)
                {
                    NotRead(log, trouble);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops; the next start tries on.
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Enrolments that are due could not be read")]
    private static partial void NotRead(ILogger log, Exception trouble);
}
