using System.Security.Cryptography;
using System.Text;
using DataDefender.Domain.Common;
using DataDefender.Domain.Security;

namespace DataDefender.Domain.Provisioning;

/// <summary>How far a new router has come. Each step is taken down as it arrives.</summary>
public enum EnrolmentStep
{
    Made,
    Fetched,
    Ran,
    CalledHome,
    Reached,
    Registered,
}

/// <summary>A new router on its way to us: the line that was made for it, and what has arrived of it since.</summary>
public sealed class Enrolment : Entity, ITenantOwned, IAudited
{
    /// <summary>How long the pasted line works.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(2);

    /// <summary>How long a router that has called home is tried before it is given up.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    private Enrolment() { }

    public Enrolment(Guid tenantId, EnrolmentInput input, string tokenHash, string? tunnelAddress, string requestedBy, DateTime now)
    {
        (TenantId, Name, Site, TokenHash, TunnelAddress, RequestedBy, CreatedAt, ExpiresAt) =
            (tenantId, input.Name.Trim(), string.IsNullOrWhiteSpace(input.Site) ? null : input.Site.Trim(), tokenHash, tunnelAddress, requestedBy, now, now + Life);
        NextTryAt = now;
        HasTunnel = tunnelAddress is not null;
        (Host, ApiPort) = (string.IsNullOrWhiteSpace(input.Host) ? null : input.Host.Trim(), input.ApiPort);
    }

    public Guid TenantId { get; private set; }
    public string Name { get; private set; } = "";
    public string? Site { get; private set; }

    /// <summary>SHA-256 of the token, hex: the token itself is nowhere but in the pasted line.</summary>
    public string TokenHash { get; private set; } = "";

    /// <summary>The password of the user that the script makes.</summary>
    [Sensitive]
    public string PasswordCipher { get; private set; } = "";

    /// <summary>Where its API is to be reached; null for the address that it calls from, or that of its tunnel.</summary>
    public string? Host { get; private set; }

    public int ApiPort { get; private set; }

    /// <summary>It dials in to the WireGuard hub.</summary>
    public bool HasTunnel { get; private set; }

    /// <summary>Its address in the WireGuard network; null without a tunnel, and when another router may have it again.</summary>
    public string? TunnelAddress { get; private set; }

    /// <summary>The hub is ours to write to and has no peer of it yet: its API is not tried before that.</summary>
    [Observed]
    public bool AwaitsHub { get; private set; }

    /// <summary>When the hub was seen to let its tunnel in; null while it does not, or where the hub is not ours to write to.</summary>
    [Observed]
    public DateTime? LetInAt { get; private set; }

    /// <summary>Why the hub does not let it in yet.</summary>
    [Observed]
    public string? HubTrouble { get; private set; }

    public string RequestedBy { get; private set; } = "";
    public DateTime CreatedAt { get; private set; }
    public DateTime ExpiresAt { get; private set; }

    [Observed]
    public EnrolmentStep Step { get; private set; } = EnrolmentStep.Made;

    [Observed]
    public DateTime? FetchedAt { get; private set; }

    [Observed]
    public DateTime? RanAt { get; private set; }

    [Observed]
    public DateTime? CalledHomeAt { get; private set; }

    [Observed]
    public string? CalledFrom { get; private set; }

    /// <summary>Of its WireGuard interface, as it sent it.</summary>
    [Observed]
    public string? PublicKey { get; private set; }

    [Observed]
    public DateTime? ReachedAt { get; private set; }

    /// <summary>Who the router said that it is: identity, model, version.</summary>
    [Observed]
    public string? Identity { get; private set; }

    [Observed]
    public DateTime? RegisteredAt { get; private set; }

    [Observed]
    public Guid? RouterId { get; private set; }

    /// <summary>Why the newest try to reach it failed.</summary>
    [Observed]
    public string? Trouble { get; private set; }

    [Observed]
    public DateTime NextTryAt { get; private set; }

    public DateTime? CancelledAt { get; private set; }

    /// <summary>When it was given up: it called home and was never reached.</summary>
    [Observed]
    public DateTime? GivenUpAt { get; private set; }

    public string AuditLabel => $"Enrolment of {Name}";

    /// <summary>The line may still be used: not expired, not called off, and the router has not called home with it.</summary>
    public bool IsOpen(DateTime now) => CancelledAt is null && CalledHomeAt is null && now < ExpiresAt;

    public SecretPlace PasswordPlace() => new(TenantId, nameof(Enrolment), Id, nameof(PasswordCipher));

    public void SetPassword(string cipherText) => PasswordCipher = cipherText;

    public void Fetch(DateTime now) => (FetchedAt, Step) = (now, Later(EnrolmentStep.Fetched));

    public void Run(DateTime now) => (RanAt, Step) = (now, Later(EnrolmentStep.Ran));

    /// <summary>The token is used up by it.</summary>
    public void CallHome(string from, string? publicKey, DateTime now) =>
        (CalledHomeAt, CalledFrom, PublicKey, NextTryAt, Step) = (now, from, IsWireGuardKey(publicKey) ? publicKey : null, now, Later(EnrolmentStep.CalledHome));

    /// <summary>The hub is to have a peer for it.</summary>
    /// <param name="hasRouter">The router that it was registered as is still one of the company's.</param>
    public bool IsToBeLetIn(bool hasRouter) => TunnelAddress is not null && PublicKey is not null && CancelledAt is null && GivenUpAt is null && (RegisteredAt is null || hasRouter);

    /// <summary>Nothing uses its tunnel address any more, and nothing can come to use it.</summary>
    /// <param name="hasRouter">As with <see cref="IsToBeLetIn"/>.</param>
    public bool IsReleasable(bool hasRouter, DateTime now) =>
        TunnelAddress is not null && LetInAt is null && (CancelledAt is not null || GivenUpAt is not null || (RegisteredAt is not null ? !hasRouter : CalledHomeAt is null && now >= ExpiresAt));

    /// <summary>The hub shows its peer; its API can be tried at once.</summary>
    public void LetIn(DateTime now) => (LetInAt, AwaitsHub, HubTrouble, NextTryAt) = (now, false, null, RegisteredAt is null ? now : NextTryAt);

    /// <summary>The hub has no peer of it any more.</summary>
    public void ShutOut() => (LetInAt, AwaitsHub, HubTrouble) = (null, false, null);

    /// <summary>It dials in to a hub that we write to.</summary>
    public void AwaitHub() => AwaitsHub = true;

    public void KeepOut(string why) => HubTrouble = why.Length > 500 ? why[..499] + "…" : why;

    public void Release() => (TunnelAddress, LetInAt) = (null, null);

    public void GiveUp(DateTime now) => GivenUpAt = now;

    /// <summary>Where its API is tried.</summary>
    public string? ApiHost => Host ?? TunnelAddress ?? CalledFrom;

    /// <summary>It called home but is not there where it was looked for: it is tried elsewhere, at once.</summary>
    /// <exception cref="DomainException">It is over.</exception>
    public void ReachAt(string? host, int apiPort, DateTime now)
    {
        DemandUnderway();
        (Host, ApiPort, Trouble, NextTryAt) = (string.IsNullOrWhiteSpace(host) ? null : host.Trim(), apiPort, null, now);
    }

    public void Fail(string why, DateTime next) => (Trouble, NextTryAt) = (why.Length > 500 ? why[..499] + "…" : why, next);

    public void Reach(string identity, DateTime now) => (ReachedAt, Identity, Trouble, Step) = (now, identity.Length > 300 ? identity[..300] : identity, null, EnrolmentStep.Reached);

    public void Register(Guid routerId, DateTime now) => (RouterId, RegisteredAt, Step) = (routerId, now, EnrolmentStep.Registered);

    public void Cancel(DateTime now)
    {
        DemandUnderway();
        CancelledAt = now;
    }

    public static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));

    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private void DemandUnderway()
    {
        if (RegisteredAt is not null || CancelledAt is not null || GivenUpAt is not null)
        {
            throw new DomainException("enrolment.over", "This enrolment is over.");
        }
    }

    private EnrolmentStep Later(EnrolmentStep step) => step > Step ? step : Step;

    private static bool IsWireGuardKey(string? text) => text is { Length: 44 } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/' or '=');
}

/// <summary>What an admin types about a router that is to come.</summary>
public sealed record EnrolmentInput
{
    public string Name { get; set; } = "";
    public string? Site { get; set; }

    /// <summary>Where its API will be reached; empty for the address that it calls from.</summary>
    public string? Host { get; set; }

    public int ApiPort { get; set; } = 8729;

    /// <summary>It stands behind NAT and dials in to the company's WireGuard hub. RouterOS 7 only.</summary>
    public bool Tunnel { get; set; }
}
