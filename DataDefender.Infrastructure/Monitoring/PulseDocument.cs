using System.Text.Json.Serialization;

namespace DataDefender.Infrastructure.Monitoring;

/// <summary>What RadiusHost answers on <c>/pulse</c>. Fields that we do not know are passed over, so that it may grow.</summary>
internal sealed record PulseDocument(Guid Instance, DateTimeOffset At, long Sequence, JournalDocument? Journal, DirectoryDocument? Directory, IReadOnlyList<CompanyPulseDocument>? Companies, DateTimeOffset? TlsCertificateExpiresAt = null, long LoginsNotLogged = 0);

internal sealed record JournalDocument(long Depth, bool Healthy, double? OldestSeconds = null, long DeadLetters = 0);

internal sealed record DirectoryDocument(bool DatabaseReachable);

internal sealed record CompanyPulseDocument(Guid TenantId, int OpenSessions, IReadOnlyList<SecondDocument>? Seconds, IReadOnlyList<NasPulseDocument>? Nas);

internal sealed record SecondDocument(
    long Sequence, DateTimeOffset At, int Accepts, int WalledGarden, IReadOnlyDictionary<string, int>? Rejects, int Starts, int Interims, int Stops, int Other,
    double? MedianMicroseconds, double? P99Microseconds, int Duplicates = 0);

internal sealed record NasPulseDocument(
    Guid NasId, DateTimeOffset? LastSeenAt, long Accepts, long Rejects, long Accounting, long BadAuthenticators, long Duplicates, bool MessageAuthenticatorSeen,
    IReadOnlyDictionary<string, long>? Reasons = null, double? MedianMicroseconds = null, double? P99Microseconds = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PulseDocument))]
internal sealed partial class PulseJson : JsonSerializerContext;
