using System.Buffers.Binary;
using DataDefender.Infrastructure.Radius.Protocol;

namespace DataDefender.RadiusHost.Accounting;

/// <summary>
/// One Accounting-Request as it is kept: who sent it, when it came, whose line it was found to be, and the packet itself, so that
/// nothing that the NAS said is lost.
/// </summary>
internal sealed record JournalRecord(long Sequence, DateTime ReceivedAt, Guid TenantId, Guid NasId, Guid SubscriptionId, ReadOnlyMemory<byte> Packet)
{
    /// <summary>Octets before the packet.</summary>
    public const int HeaderLength = 60;

    /// <summary>The longest record.</summary>
    public const int MaxLength = HeaderLength + RadiusPacket.MaxLength;

    private const uint FormVersion = 1;

    public static void WriteHeader(Span<byte> target, long receivedAtTicks, Guid tenantId, Guid nasId, Guid subscriptionId)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, FormVersion);
        BinaryPrimitives.WriteInt64LittleEndian(target[4..], receivedAtTicks);
        tenantId.TryWriteBytes(target[12..]);
        nasId.TryWriteBytes(target[28..]);
        subscriptionId.TryWriteBytes(target[44..]);
    }

    /// <summary>False when a later build wrote it in a form that this one does not know.</summary>
    public static bool TryRead(long sequence, ReadOnlyMemory<byte> record, out JournalRecord read)
    {
        var octets = record.Span;
        if (octets.Length < HeaderLength + RadiusPacket.HeaderLength || BinaryPrimitives.ReadUInt32LittleEndian(octets) != FormVersion)
        {
            read = new JournalRecord(sequence, default, default, default, default, record);
            return false;
        }

        read = new JournalRecord(
            sequence,
            new DateTime(BinaryPrimitives.ReadInt64LittleEndian(octets[4..]), DateTimeKind.Utc),
            new Guid(octets.Slice(12, 16)),
            new Guid(octets.Slice(28, 16)),
            new Guid(octets.Slice(44, 16)),
            record[HeaderLength..]);
        return true;
    }
}
