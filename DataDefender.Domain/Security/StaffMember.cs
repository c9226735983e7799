using DataDefender.Domain.Common;

namespace DataDefender.Domain.Security;

/// <summary>Someone who works for a company. The credentials live with the sign-in account of the same id.</summary>
public sealed class StaffMember : Entity, ITenantOwned, IAudited, IFeedsRadius
{
    public const int MaxRouterUsername = 32;

    private StaffMember() { }

    public StaffMember(Guid id, Guid tenantId, string name, string email, Role role, DateTime now)
    {
        (Id, TenantId, Name, Email, Role, JoinedAt, IsActive) = (id, tenantId, name, email, role, now, true);
    }

    public Guid TenantId { get; private set; }
    public string Name { get; private set; } = "";
    public string Email { get; private set; } = "";
    public Role Role { get; private set; }
    public bool IsActive { get; private set; }
    public DateTime JoinedAt { get; private set; }

    /// <summary>The user name on the company's routers; null until one was chosen.</summary>
    public string? RouterUsername { get; private set; }

    /// <summary>The password for the company's routers, never the one for signing in here: CHAP and MS-CHAP need it in the clear.</summary>
    [Sensitive]
    public string? RouterPasswordCipher { get; private set; }

    public string AuditLabel => Email;

    /// <summary>Where the vault keeps the password for routers.</summary>
    public SecretPlace RouterPasswordPlace() => new(TenantId, nameof(StaffMember), Id, nameof(RouterPasswordCipher));

    public void SetRouterLogin(string username, string passwordCipher) => (RouterUsername, RouterPasswordCipher) = (username, passwordCipher);

    public void RemoveRouterLogin() => (RouterUsername, RouterPasswordCipher) = (null, null);

    public void Assign(Role role) => Role = role;

    public void Rename(string name) => Name = name;

    public void Deactivate() => IsActive = false;

    public void Reactivate() => IsActive = true;
}
