using System.Threading.Channels;
using DataDefender.Domain.Common;
using DataDefender.Domain.Payments;
using Microsoft.Extensions.Hosting;

namespace DataDefender.Infrastructure.Payments;

/// <summary>
/// Requests to providers on their way to the database, in batches. They are there to look at, and nothing is decided from them: when the
/// database is away for long the oldest go.
/// </summary>
internal sealed partial class ProviderRequestLog(IPlatformDbFactory platform, ILogger<ProviderRequestLog> log) : BackgroundService
{
    private const int Waiting = 10_000;
    private const int Batch = 200;

    private readonly Channel<ProviderRequest> _requests = Channel.CreateBounded<ProviderRequest>(new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropOldest });

    public void Write(ProviderRequest request) => _requests.Writer.TryWrite(request);

    /// <summary>Writes what waits.</summary>
    public async Task FlushAsync(CancellationToken ct = default)
    {
        List<ProviderRequest> batch = [];
        while (_requests.Reader.TryRead(out var request))
        {
            batch.Add(request);
            if (batch.Count == Batch)
            {
                await SaveAsync(batch, ct);
                batch = [];
            }
        }

        await SaveAsync(batch, ct);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _requests.Reader.WaitToReadAsync(stoppingToken))
        {
            try
            {
                await FlushAsync(stoppingToken);
            }
            catch (Exception trouble) when (!stoppingToken.IsCancellationRequested)
            {
                NotWritten(log, trouble);
            }
        }
    }

    private async Task SaveAsync(List<ProviderRequest> batch, CancellationToken ct)
    {
        if (batch.Count > 0)
        {
            await using var db = await platform.OpenAsync(ct);
            db.ProviderRequests.AddRange(batch);
            await db.SaveChangesAsync(ct);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Requests to payment providers could not be written down")]
    private static partial void NotWritten(ILogger log, Exception trouble);
}
