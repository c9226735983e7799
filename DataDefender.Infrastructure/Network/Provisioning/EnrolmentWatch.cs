using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Network.Provisioning;

/// <summary>Tries the API of routers that have called home until they answer.</summary>
internal sealed partial class EnrolmentWatch(EnrolmentDesk desk, IOptions<ProvisioningOptions> options, TimeProvider clock, ILogger<EnrolmentWatch> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.PollInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
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
