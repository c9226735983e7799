using DataDefender.Domain.Common;

namespace DataDefender.Domain.Tenancy;

/// <summary>The next number of a series of one company (account numbers; later invoices). Taken under the row's version, so none is given twice.</summary>
public sealed class NumberSequence : Entity, ITenantOwned
{
    private NumberSequence() { }

    public NumberSequence(Guid tenantId, string name, long first) => (TenantId, Name, Next) = (tenantId, name, first);

    public Guid TenantId { get; private set; }
    public string Name { get; private set; } = "";
    public long Next { get; private set; }

    public long Take(int count = 1)
    {
        var first = Next;
        Next = checked(Next + count);
        return first;
    }
}
