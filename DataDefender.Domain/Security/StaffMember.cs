using DataDefender.Domain.Common;

namespace DataDefender.Domain.Security;

/// <summary>Someone who works for a company. The credentials live with the sign-in account of the same id.</summary>
public sealed class StaffMember : Entity, ITenantOwned, IAudited
{
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

    public string AuditLabel => Email;

    public void Assign(Role role) => Role = role;

    public void Rename(string name) => Name = name;

    public void Deactivate() => IsActive = false;

    public void Reactivate() => IsActive = true;
}
