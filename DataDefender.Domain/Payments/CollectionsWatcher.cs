using DataDefender.Domain.Collections;

namespace DataDefender.Domain.Payments;

/// <summary>Has paid lines restored as soon as their money is in the books.</summary>
public sealed class CollectionsWatcher(CollectionsSignal signal) : IMoneyWatcher
{
    public void MoneyMoved(Guid tenantId) => signal.Moved(tenantId);
}
