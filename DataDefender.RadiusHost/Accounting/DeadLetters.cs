using System.Text;
using System.Text.Json;

namespace DataDefender.RadiusHost.Accounting;

/// <summary>Records that cannot be applied, put aside in a file with the reason, so that one of them does not stop all that follow.</summary>
internal sealed class DeadLetters(string path)
{
    private readonly Lock _lock = new();
    private long _count;

    public long Count => Volatile.Read(ref _count);

    /// <exception cref="IOException">It could not be put aside; then it must not be passed over.</exception>
    public void Add(JournalRecord record, string reason)
    {
        var line = JsonSerializer.Serialize(new
        {
            record.Sequence,
            record.ReceivedAt,
            record.TenantId,
            record.NasId,
            record.SubscriptionId,
            Reason = reason,
            Packet = Convert.ToHexStringLower(record.Packet.Span),
        });
        lock (_lock)
        {
            using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
            file.Write(Encoding.UTF8.GetBytes(line + "\n"));
            file.Flush(flushToDisk: true);
            _count++;
        }
    }
}
