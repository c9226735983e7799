using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace DataDefender.Infrastructure.Lines;

/// <summary>Which NAS did not answer lately. Three tries of a dead one take three seconds; with a thousand lines on it nobody wants to pay that for each.</summary>
internal sealed class SilentNas(IOptions<LineControlOptions> options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _since = new();

    public void Heard(Guid nasId) => _since.TryRemove(nasId, out _);

    public void WasSilent(Guid nasId) => _since[nasId] = clock.GetUtcNow();

    /// <summary>How long ago it was silent, or null when it may be asked.</summary>
    public TimeSpan? Silence(Guid nasId) =>
        _since.TryGetValue(nasId, out var since) && clock.GetUtcNow() - since is var ago && ago < options.Value.SilenceKept ? ago : null;
}
