using DataDefender.Domain.Common;
using DataDefender.Domain.Security;

namespace DataDefender.Domain.Network;

/// <summary>What is asked of a NAS about Message-Authenticator in its Access-Requests (BlastRADIUS, CVE-2024-3596).</summary>
public enum MessageAuthenticatorRule
{
    /// <summary>Requests without one are taken.</summary>
    Off,

    /// <summary>Taken without, until the first request that has a valid one: from then on required.</summary>
    Learn,

    /// <summary>Requests without one are dropped.</summary>
    Required,
}

/// <summary>A network access server: what may send us RADIUS, told by its source address and, where several share one, its NAS-Identifier.</summary>
public sealed class Nas : Entity, ITenantOwned, IAudited, IFeedsRadius
{
    private Nas() { }

    public Nas(Guid tenantId, Guid? routerId, NasInput input)
    {
        (TenantId, RouterId) = (tenantId, routerId);
        Change(input);
    }

    public Guid TenantId { get; private set; }

    /// <summary>The router behind it, when it is one that we poll.</summary>
    public Guid? RouterId { get; private set; }

    public string Name { get; private set; } = "";

    /// <summary>The source address of its packets over UDP, in canonical text form. Empty for one that comes over TLS only.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Empty when the address alone tells it; otherwise its NAS-Identifier.</summary>
    public string Identifier { get; private set; } = "";

    [Sensitive]
    public string SecretCipher { get; private set; } = "";

    /// <summary>What its client certificate shows over TLS (RFC 6614), as <see cref="NasCertificate"/> writes it: a name or a fingerprint. Empty for UDP only.</summary>
    public string Certificate { get; private set; } = "";

    /// <summary>Whose attributes it understands.</summary>
    public NasVendor Vendor { get; private set; }

    public MessageAuthenticatorRule MessageAuthenticator { get; private set; } = MessageAuthenticatorRule.Learn;

    /// <summary>
    /// Set once a request with a valid Message-Authenticator came in under the rule Learn. Forgotten when the rule is changed, which is how
    /// an admin has it learnt anew, and when another device may be meant from now on.
    /// </summary>
    [Observed]
    public bool MessageAuthenticatorSeen { get; private set; }

    /// <summary>Where it listens for CoA and Disconnect (RFC 5176: 3799; older RouterOS: 1700).</summary>
    public int CoaPort { get; private set; } = 3799;

    public bool IsEnabled { get; private set; } = true;

    public string AuditLabel => Name;

    public void Change(NasInput input)
    {
        var before = (Address, Identifier, Certificate, MessageAuthenticator);
        (Name, Address) = (input.Name.Trim(), input.Address.Trim());
        Identifier = input.Identifier?.Trim() ?? "";
        (Certificate, Vendor) = (NasCertificate.Canonical(input.Certificate) ?? "", input.Vendor);
        (MessageAuthenticator, CoaPort, IsEnabled) = (input.MessageAuthenticator, input.CoaPort, input.IsEnabled);
        MessageAuthenticatorSeen &= before == (Address, Identifier, Certificate, MessageAuthenticator);
    }

    /// <summary>Where the vault keeps the shared secret.</summary>
    public SecretPlace SecretPlace() => new(TenantId, nameof(Nas), Id, nameof(SecretCipher));

    public void SetSecret(string cipherText) => SecretCipher = cipherText;

    public void LinkTo(Guid? routerId) => RouterId = routerId;

    public void LearnMessageAuthenticator() => MessageAuthenticatorSeen = true;
}

/// <summary>What an admin types about a NAS. An empty secret keeps the one that is stored.</summary>
public sealed record NasInput
{
    public string Name { get; set; } = "";

    /// <summary>May be left empty for a NAS that has a certificate: a router behind a changing address.</summary>
    public string Address { get; set; } = "";

    public string? Identifier { get; set; }

    /// <summary>The name in its client certificate, or the certificate's SHA-256 fingerprint.</summary>
    public string? Certificate { get; set; }

    public NasVendor Vendor { get; set; }
    public string? Secret { get; set; }
    public MessageAuthenticatorRule MessageAuthenticator { get; set; } = MessageAuthenticatorRule.Learn;
    public int CoaPort { get; set; } = 3799;
    public bool IsEnabled { get; set; } = true;
}
