using DataDefender.Domain.Common;

namespace DataDefender.Domain.Fleet;

/// <summary>What is known of a router's upkeep: its exports and its firmware. One row a router, made when it is first looked after.</summary>
public sealed class RouterCare : Entity, ITenantOwned
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(6);

    private RouterCare() { }

    public RouterCare(Guid tenantId, Guid routerId) => (TenantId, RouterId) = (tenantId, routerId);

    public Guid TenantId { get; private set; }
    public Guid RouterId { get; private set; }

    public DateTime? ExportedAt { get; private set; }

    /// <summary>Why the last attempt brought none; null when it did.</summary>
    public string? ExportTrouble { get; private set; }

    public int ExportAttempts { get; private set; }
    public DateTime? NextExportAt { get; private set; }

    /// <summary>Somebody asked for one, and why.</summary>
    public ExportReason? ExportWanted { get; private set; }

    /// <summary>stable, long-term …</summary>
    public string? Channel { get; private set; }

    public string? Installed { get; private set; }

    /// <summary>The newest of its channel as the router found out; null when it has not, or could not reach the update server.</summary>
    public string? Latest { get; private set; }

    public string? UpdateStatus { get; private set; }

    /// <summary>The board's own firmware; null on CHR and x86.</summary>
    public string? BoardInstalled { get; private set; }

    /// <summary>What the board's firmware would become.</summary>
    public string? BoardLatest { get; private set; }

    public string? Architecture { get; private set; }
    public long? FreeDisk { get; private set; }
    public DateTime? FirmwareReadAt { get; private set; }
    public string? FirmwareTrouble { get; private set; }
    public DateTime? NeighboursReadAt { get; private set; }

    public void WantExport(ExportReason reason) => (ExportWanted, NextExportAt, ExportAttempts) = (reason, null, 0);

    public void Exported(DateTime now) => (ExportedAt, ExportTrouble, ExportAttempts, NextExportAt, ExportWanted) = (now, null, 0, null, null);

    public void ExportFailed(string why, DateTime now)
    {
        ExportTrouble = Cut(why);
        NextExportAt = now + TimeSpan.FromTicks(Math.Min(LongestWait.Ticks, FirstWait.Ticks << Math.Clamp(ExportAttempts++, 0, 6)));
    }

    public void ReadFirmware(FirmwareReading reading, DateTime now)
    {
        (Channel, Installed, Latest, UpdateStatus) = (reading.Channel, reading.Installed, reading.Latest ?? Latest, reading.Status);
        (BoardInstalled, BoardLatest, Architecture, FreeDisk) = (reading.BoardInstalled, reading.BoardLatest, reading.Architecture, reading.FreeDisk);
        (FirmwareReadAt, FirmwareTrouble) = (now, null);
    }

    /// <summary>It is asked at the next look.</summary>
    public void WantFirmware() => FirmwareReadAt = null;

    public void ReadNeighbours(DateTime now) => NeighboursReadAt = now;

    public void FirmwareFailed(string why, DateTime now) => (FirmwareReadAt, FirmwareTrouble) = (now, Cut(why));

    private static string Cut(string text) => text.Length > 500 ? text[..499] + "…" : text;
}

/// <summary>What a router says about its software.</summary>
public sealed record FirmwareReading(
    string? Channel, string Installed, string? Latest, string? Status, string? BoardInstalled, string? BoardLatest, string? Architecture, long? FreeDisk, IReadOnlyList<string> Packages)
{
    /// <summary>Bytes; null when it does not say.</summary>
    public long? TotalMemory { get; init; }
}
