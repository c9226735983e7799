using DataDefender.Domain.Billing.TaxInvoices;
using DataDefender.Domain.Common;
using DataDefender.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Billing.Etims;

/// <summary>Sends every company's documents that are due at the tax authority. What it does not get done waits in the database.</summary>
internal sealed partial class TaxInvoiceWorker(
    IPlatformDbFactory platform, TenantScopes scopes, TaxSignal signal, IOptions<EtimsOptions> options, TimeProvider clock, ILogger<TaxInvoiceWorker> log) : BackgroundService
{
    private const int Parallel = 4;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            if (await LookAsync(stoppingToken) == 0)
            {
                await signal.WaitAsync(options.Value.LookInterval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>One look; returns how many documents have an answer now.</summary>
    internal async Task<int> LookAsync(CancellationToken ct)
    {
        List<Guid> companies;
        try
        {
            var now = clock.GetUtcNow().UtcDateTime;
            await using var db = await platform.OpenAsync(ct);
            companies = await db.TaxTransmissions.AcrossTenants()
                .Where(t => (t.State == TransmissionState.Waiting || t.State == TransmissionState.Sending) && t.NextAttemptAt <= now)
                .Select(t => t.TenantId).Distinct().ToListAsync(ct);
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            Unreachable(log, failure);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return 0;
        }

        var settled = 0;
        await System.Threading.Tasks.Parallel.ForEachAsync(companies, new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = CancellationToken.None }, async (company, _) =>
        {
            try
            {
                await using var scope = scopes.Open(company, "tax authority");
                Interlocked.Add(ref settled, await scope.ServiceProvider.GetRequiredService<TaxTransmissionDesk>().SendDueAsync(options.Value.Batch, ct));
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                // What was begun is taken up by the next start.
            }
            catch (Exception failure)
            {
                Failed(log, company, failure);
            }
        });
        return settled;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Documents of company {CompanyId} could not be sent to the tax authority; it is tried again")]
    private static partial void Failed(ILogger log, Guid companyId, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database did not answer; documents for the tax authority wait")]
    private static partial void Unreachable(ILogger log, Exception failure);
}
