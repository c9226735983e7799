using DataDefender.Domain.Common;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;

namespace DataDefender.Domain.Network;

public enum RouterState
{
    /// <summary>Never polled yet, or what we know is too old to say.</summary>
    Unknown,
    Up,

    /// <summary>Answers, but slowly, partly or only now and then.</summary>
    Degraded,
    Down,
}

/// <summary>A MikroTik router that we poll and change over its API.</summary>
public sealed class Router : Entity, ITenantOwned, IAudited
{
    private Router() { }

    public Router(Guid tenantId, RouterInput input, DateTime now)
    {
        (TenantId, CreatedAt, StateSince) = (tenantId, now, now);
        Change(input);
    }

    public Guid TenantId { get; private set; }
    public string Name { get; private set; } = "";

    /// <summary>Where it stands.</summary>
    public Guid? SiteId { get; private set; }

    /// <summary>The router that it is reached over; null for one that is reached directly or of which nobody has said. See <see cref="Topology.Upstreams"/>.</summary>
    public Guid? ParentRouterId { get; private set; }

    public string Host { get; private set; } = "";
    public int ApiPort { get; private set; }
    public bool UseTls { get; private set; }
    public string Username { get; private set; } = "";

    [Sensitive]
    public string PasswordCipher { get; private set; } = "";

    /// <summary>SHA-256 of the certificate, lower-case hex, pinned at first use; null before that or without TLS.</summary>
    public string? CertificateFingerprint { get; private set; }

    public bool IsEnabled { get; private set; } = true;
    public DateTime CreatedAt { get; private set; }

    /// <summary>What it is to serve; what differs from it on the router is a plan.</summary>
    public RouterDesign Design { get; private set; } = RouterDesign.None;

    [Observed]
    public string? Identity { get; private set; }
    [Observed]
    public string? Model { get; private set; }
    [Observed]
    public string? RouterOsVersion { get; private set; }
    [Observed]
    public string? SerialNumber { get; private set; }

    [Observed]
    public RouterState State { get; private set; } = RouterState.Unknown;
    [Observed]
    public DateTime StateSince { get; private set; }
    [Observed]
    public string? StateReason { get; private set; }
    [Observed]
    public DateTime? LastSeenAt { get; private set; }

    public string AuditLabel => Name;

    public void Change(RouterInput input)
    {
        if (!string.Equals(Host, input.Host.Trim(), StringComparison.OrdinalIgnoreCase) || UseTls != input.UseTls)
        {
            CertificateFingerprint = null; // another box, or another way in: what was pinned says nothing any more
        }

        (Name, Host) = (input.Name.Trim(), input.Host.Trim());
        (ApiPort, UseTls, Username, IsEnabled) = (input.ApiPort, input.UseTls, input.Username.Trim(), input.IsEnabled);
    }

    /// <summary>Where the vault keeps the API password.</summary>
    public SecretPlace PasswordPlace() => new(TenantId, nameof(Router), Id, nameof(PasswordCipher));

    public void StandAt(Guid? siteId) => SiteId = siteId;

    /// <exception cref="DomainException">It would be reached over itself; longer rings are the service's to refuse.</exception>
    public void ReachOver(Guid? parentRouterId) => ParentRouterId = parentRouterId == Id
        ? throw new DomainException("router.upstream", $"{Name} cannot be reached over itself.")
        : parentRouterId;

    public void Plan(RouterDesign design) => Design = design;

    public void SetPassword(string cipherText) => PasswordCipher = cipherText;

    /// <summary>Where it answers and how to sign in, with the password in the clear: hand it to the gateway and let it go.</summary>
    public RouterEndpoint Endpoint(ITenantCipher cipher) =>
        new(Id, Host, ApiPort, UseTls, CertificateFingerprint, Username, cipher.Reveal(PasswordPlace(), PasswordCipher));

    public void PinCertificate(string? fingerprint) => CertificateFingerprint = fingerprint?.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>Switched off it is not polled, so nothing is known of it any more.</summary>
    public void SetEnabled(bool isEnabled, DateTime now)
    {
        IsEnabled = isEnabled;
        Observe(RouterState.Unknown, isEnabled ? "Not polled yet." : "Switched off.", null, now);
    }

    public void Describe(string? identity, string? model, string? version, string? serial) =>
        (Identity, Model, RouterOsVersion, SerialNumber) = (identity, model, version, serial);

    /// <summary>What the poller saw; the time of the state moves only when the state does.</summary>
    public void Observe(RouterState state, string? reason, DateTime? seenAt, DateTime now)
    {
        if (state != State)
        {
            StateSince = now;
        }

        (State, StateReason, LastSeenAt) = (state, reason, seenAt ?? LastSeenAt);
    }
}

/// <summary>What an admin types about a router. An empty password keeps the one that is stored.</summary>
public sealed record RouterInput
{
    public string Name { get; set; } = "";
    /// <summary>The name of its site; one that is not known yet is made.</summary>
    public string? Site { get; set; }

    /// <summary>The router that it is reached over.</summary>
    public Guid? ParentRouterId { get; set; }

    public string Host { get; set; } = "";
    public int ApiPort { get; set; } = 8728;
    public bool UseTls { get; set; }
    public string Username { get; set; } = "";
    public string? Password { get; set; }
    public bool IsEnabled { get; set; } = true;
}
