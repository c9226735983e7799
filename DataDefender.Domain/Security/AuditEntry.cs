using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using DataDefender.Domain.Common;

namespace DataDefender.Domain.Security;

/// <summary>
/// One line of a company's audit trail. Entries are only ever added; each carries the hash of the one before it, so that a
/// changed, removed or inserted line breaks the chain from there on.
/// </summary>
public sealed class AuditEntry : ITenantOwned, IAppendOnly
{
    public const int HashBytes = 32;
    public const int MaxLabel = 200;

    private AuditEntry() { }

    public AuditEntry(Guid tenantId, long sequence, DateTime at, Guid? actorId, string actor, string action, string entity, string entityId, string label, string? before, string? after, byte[] previousHash)
    {
        // To the microsecond: PostgreSQL keeps no more, and what is hashed must be what is read back.
        At = at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMicrosecond));
        (TenantId, Sequence, ActorId, Actor, Action) = (tenantId, sequence, actorId, Cut(actor), action);
        (Entity, EntityId, Label, Before, After, PreviousHash) = (entity, entityId, Cut(label), before, after, previousHash);
        Hash = ComputeHash();
    }

    public long Id { get; private set; }
    public Guid TenantId { get; private set; }

    /// <summary>Counts from 1 without gaps within the company.</summary>
    public long Sequence { get; private set; }

    public DateTime At { get; private set; }
    public Guid? ActorId { get; private set; }
    public string Actor { get; private set; } = "";

    /// <summary>A verb: created, changed, removed, or what a service calls its act (suspended, revealed password).</summary>
    public string Action { get; private set; } = "";

    public string Entity { get; private set; } = "";
    public string EntityId { get; private set; } = "";
    public string Label { get; private set; } = "";

    /// <summary>JSON object of the changed values as they were; null for a creation.</summary>
    public string? Before { get; private set; }

    /// <summary>JSON object of the values as they became; null for a removal.</summary>
    public string? After { get; private set; }

    public byte[] PreviousHash { get; private set; } = [];
    public byte[] Hash { get; private set; } = [];

    /// <summary>SHA-256 over the previous hash and every value of this line, each with its length, so that no two lines hash alike.</summary>
    public byte[] ComputeHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, PreviousHash);
        Append(hash, TenantId.ToByteArray());
        AppendNumber(hash, Sequence);
        AppendNumber(hash, At.Ticks);
        Append(hash, ActorId?.ToByteArray() ?? []);
        foreach (var text in (ReadOnlySpan<string?>)[Actor, Action, Entity, EntityId, Label, Before, After])
        {
            Append(hash, text is null ? [0xFF] : Encoding.UTF8.GetBytes(text));
        }

        return hash.GetHashAndReset();
    }

    private static string Cut(string text) => text.Length <= MaxLabel ? text : text[..MaxLabel];

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        AppendNumber(hash, bytes.Length);
        hash.AppendData(bytes);
    }

    private static void AppendNumber(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        hash.AppendData(bytes);
    }
}

/// <summary>The end of a company's audit chain. Updating it first serialises the company's writers, so the chain never forks.</summary>
public sealed class AuditHead : ITenantOwned
{
    private AuditHead() { }

    public AuditHead(Guid tenantId) => TenantId = tenantId;

    public Guid TenantId { get; private set; }
    public long Sequence { get; private set; }
    public byte[] Hash { get; private set; } = new byte[AuditEntry.HashBytes];

    public void Advance(AuditEntry entry) => (Sequence, Hash) = (entry.Sequence, entry.Hash);
}
