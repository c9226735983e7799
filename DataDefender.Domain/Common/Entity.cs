namespace DataDefender.Domain.Common;

/// <summary>Something with an identity of its own. Ids are version 7 guids; order by time, never by id.</summary>
public abstract class Entity
{
    public Guid Id { get; protected set; } = Guid.CreateVersion7();

    /// <summary>Raised on each save; two people who edit one row do not overwrite each other.</summary>
    public int Version { get; private set; }
}

/// <summary>A row of one company. It gets the tenant filter, the write guard and a row-level security policy.</summary>
public interface ITenantOwned
{
    Guid TenantId { get; }
}

/// <summary>A row that is only ever added: an interceptor and the database's own triggers refuse to change or remove it.</summary>
public interface IAppendOnly;

/// <summary>A row of the platform itself, reached only through <see cref="IPlatformDbFactory"/>.</summary>
public interface IPlatformOwned;

/// <summary>Each insert, change and removal is written to the company's audit trail with its values before and after.</summary>
public interface IAudited
{
    /// <summary>What people call the row, for the audit screen: a name or a number.</summary>
    string AuditLabel { get; }
}

/// <summary>What RadiusHost decides from. Each save of such a row leaves a <see cref="Radius.RadiusChange"/>.</summary>
public interface IFeedsRadius;

/// <summary>The value of this property is secret or sensitive: the audit trail records that it changed, never what it is.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SensitiveAttribute : Attribute;

/// <summary>What is observed rather than decided (a router's state): its changes are events, not acts, and stay out of the audit trail.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ObservedAttribute : Attribute;
