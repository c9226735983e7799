namespace DataDefender.Domain.Tenancy;

/// <summary>Whose data this scope works on. Set once, by whoever opens the scope; a scope that forgot fails closed.</summary>
public sealed class TenantContext
{
    private Guid? _tenantId;

    public bool IsSet => _tenantId is not null;

    /// <exception cref="InvalidOperationException">No company was set for this scope.</exception>
    public Guid TenantId => _tenantId ?? throw new InvalidOperationException("No company is set for this scope.");

    public void Use(Guid tenantId)
    {
        if (tenantId == Guid.Empty)
        {
            throw new ArgumentException("A company's id cannot be empty.", nameof(tenantId));
        }

        if (_tenantId is { } current && current != tenantId)
        {
            throw new InvalidOperationException("The company of a scope cannot be changed.");
        }

        _tenantId = tenantId;
    }
}
