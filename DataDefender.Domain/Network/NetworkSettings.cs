using DataDefender.Domain.Common;
using DataDefender.Domain.Provisioning;
using DataDefender.Domain.Security;

namespace DataDefender.Domain.Network;

/// <summary>Whether equipment may log in by its MAC address (hotspot login-by=mac, DHCP), and what the NAS has to send as the password.</summary>
public enum MacLoginRule
{
    Off,

    /// <summary>The MAC address again, or nothing.</summary>
    AddressAlone,

    /// <summary>One password that all the company's NAS send (RouterOS: mac-auth-password).</summary>
    SharedPassword,
}

/// <summary>How a company's network treats its lines. One row a company.</summary>
public sealed class NetworkSettings : Entity, ITenantOwned, IAudited, IFeedsRadius
{
    private NetworkSettings() { }

    public NetworkSettings(Guid tenantId) => TenantId = tenantId;

    public Guid TenantId { get; private set; }

    /// <summary>The router's address list that its firewall turns into the walled garden.</summary>
    public string WalledGardenList { get; private set; } = "suspended";

    /// <summary>Speed inside the walled garden, both directions, kbit/s.</summary>
    public int WalledGardenKbps { get; private set; } = 512;

    /// <summary>Acct-Interim-Interval given to each session, seconds (RFC 2869 §5.16: at least 60).</summary>
    public int InterimSeconds { get; private set; } = 300;

    /// <summary>What lines get in each state that is not simply active.</summary>
    public StateTreatments States { get; private set; } = StateTreatments.Default;

    /// <summary>Every address list that may hold lines of this company: the walled garden's and those of single states.</summary>
    public IReadOnlySet<string> AddressLists => States.All().Select(t => t.AddressList).OfType<string>().Append(WalledGardenList).ToHashSet(StringComparer.Ordinal);

    /// <summary>Whether staff may log in to the company's routers by RADIUS, with the password that each has set for it.</summary>
    public bool RouterLogins { get; private set; }

    /// <summary>What all routers are to have in common.</summary>
    public NetworkDesign Design { get; private set; } = NetworkDesign.None;

    /// <summary>Whether the equipment that a line is locked to logs in by its address alone.</summary>
    public MacLoginRule MacLogins { get; private set; } = MacLoginRule.Off;

    /// <summary>Null until one was set; needed by <see cref="MacLoginRule.SharedPassword"/>.</summary>
    [Sensitive]
    public string? MacPasswordCipher { get; private set; }

    /// <summary>With which the routers' SNMP is read; null until one was set.</summary>
    [Sensitive]
    public string? SnmpPasswordCipher { get; private set; }

    public string AuditLabel => "Network settings";

    public SecretPlace SnmpPasswordPlace() => new(TenantId, nameof(NetworkSettings), Id, nameof(SnmpPasswordCipher));

    public void SetSnmpPassword(string cipherText) => SnmpPasswordCipher = cipherText;

    public void Plan(NetworkDesign design) => Design = design;

    public void Treat(StateTreatments states) => States = states;

    public void AllowRouterLogins(bool allowed) => RouterLogins = allowed;

    /// <summary>Where the vault keeps the password that NAS send for equipment.</summary>
    public SecretPlace MacPasswordPlace() => new(TenantId, nameof(NetworkSettings), Id, nameof(MacPasswordCipher));

    public void AllowMacLogins(MacLoginRule rule) => MacLogins = rule;

    public void SetMacPassword(string? cipherText) => MacPasswordCipher = cipherText;

    public void Change(string walledGardenList, int walledGardenKbps, int interimSeconds)
    {
        if (string.IsNullOrWhiteSpace(walledGardenList) || walledGardenKbps < 64 || interimSeconds is < 60 or > 3600)
        {
            throw new DomainException("network.settings", "The walled garden needs a list name and at least 64 kbit/s; the interim interval is 60 to 3,600 seconds.");
        }

        (WalledGardenList, WalledGardenKbps, InterimSeconds) = (walledGardenList.Trim(), walledGardenKbps, interimSeconds);
    }
}
