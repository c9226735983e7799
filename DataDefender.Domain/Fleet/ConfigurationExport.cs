using DataDefender.Domain.Common;
using DataDefender.Domain.Security;

namespace DataDefender.Domain.Fleet;

public enum ExportReason
{
    Nightly,

    /// <summary>A plan was applied or taken back.</summary>
    Applied,
    Asked,

    /// <summary>Before its firmware was changed.</summary>
    Upgrade,
}

public enum ExportSource
{
    /// <summary>The router's own export.</summary>
    Router,

    /// <summary>Put together of what its menus print, where the export cannot be read over the API.</summary>
    Menus,
}

/// <summary>The text of one or more exports, kept once for each content: compressed, and sealed with the company's key.</summary>
public sealed class ConfigurationText : Entity, ITenantOwned
{
    private ConfigurationText() { }

    public ConfigurationText(Guid tenantId, string hash, int lines, int length, DateTime now) =>
        (TenantId, Hash, Lines, Length, CreatedAt) = (tenantId, hash, lines, length, now);

    public Guid TenantId { get; private set; }

    /// <summary>SHA-256 of the normalised text, hex.</summary>
    public string Hash { get; private set; } = "";

    public int Lines { get; private set; }

    /// <summary>Characters before compression.</summary>
    public int Length { get; private set; }

    public string Sealed { get; private set; } = "";
    public DateTime CreatedAt { get; private set; }

    public SecretPlace Place() => new(TenantId, nameof(ConfigurationText), Id, nameof(Sealed));

    public void Keep(string cipherText) => Sealed = cipherText;
}

/// <summary>What a router was configured as at one time.</summary>
public sealed class ConfigurationExport : Entity, ITenantOwned
{
    private ConfigurationExport() { }

    public ConfigurationExport(Guid tenantId, Guid routerId, Guid textId, ExportReason reason, ExportSource source, string version, DateTime now) =>
        (TenantId, RouterId, TextId, Reason, Source, RouterOsVersion, TakenAt) = (tenantId, routerId, textId, reason, source, version, now);

    public Guid TenantId { get; private set; }
    public Guid RouterId { get; private set; }
    public Guid TextId { get; private set; }
    public ExportReason Reason { get; private set; }
    public ExportSource Source { get; private set; }
    public string RouterOsVersion { get; private set; } = "";
    public DateTime TakenAt { get; private set; }

    /// <summary>Against the one before it of this router; both null for the first.</summary>
    public int? Added { get; private set; }

    public int? Removed { get; private set; }

    public void Differ(int added, int removed) => (Added, Removed) = (added, removed);
}

public enum BackupState
{
    Wanted,

    /// <summary>Fetched and kept here, sealed.</summary>
    Kept,

    /// <summary>It could not be fetched over the API; it lies on the router's disk.</summary>
    OnRouter,
    Failed,
}

/// <summary>A binary backup of one router, encrypted by the router with a password that only the vault knows.</summary>
public sealed class RouterBackup : Entity, ITenantOwned, IAudited
{
    private RouterBackup() { }

    public RouterBackup(Guid tenantId, Guid routerId, string routerName, string requestedBy, DateTime now) =>
        (TenantId, RouterId, RouterName, RequestedBy, RequestedAt) = (tenantId, routerId, routerName, requestedBy, now);

    public Guid TenantId { get; private set; }
    public Guid RouterId { get; private set; }
    public string RouterName { get; private set; } = "";
    public string RequestedBy { get; private set; } = "";
    public DateTime RequestedAt { get; private set; }

    [Observed]
    public BackupState State { get; private set; } = BackupState.Wanted;

    [Observed]
    public DateTime? TakenAt { get; private set; }

    /// <summary>Its name on the router.</summary>
    [Observed]
    public string? FileName { get; private set; }

    /// <summary>Bytes.</summary>
    [Observed]
    public long? Size { get; private set; }

    [Observed]
    public string? Trouble { get; private set; }

    [Sensitive]
    public string PasswordCipher { get; private set; } = "";

    /// <summary>The file itself, base64, sealed; null while it lies on the router.</summary>
    [Sensitive]
    public string? ContentCipher { get; private set; }

    public string AuditLabel => $"{RouterName}, backup";

    public SecretPlace PasswordPlace() => new(TenantId, nameof(RouterBackup), Id, nameof(PasswordCipher));

    public SecretPlace ContentPlace() => new(TenantId, nameof(RouterBackup), Id, nameof(ContentCipher));

    /// <summary>Before the router is asked: a backup whose password nobody knows is worth nothing.</summary>
    public void LockWith(string passwordCipher) => PasswordCipher = passwordCipher;

    public void Keep(string fileName, long size, string? contentCipher, DateTime now) =>
        (State, FileName, Size, ContentCipher, TakenAt, Trouble) = (contentCipher is null ? BackupState.OnRouter : BackupState.Kept, fileName, size, contentCipher, now, null);

    public void Fail(string why) => (State, Trouble) = (BackupState.Failed, why.Length > 500 ? why[..500] : why);
}
