using System.Collections.Concurrent;
using DataDefender.Domain.Common;

namespace DataDefender.Domain.Collections;

/// <summary>Tells whoever restores paid lines, in this process, whose money was put on invoices.</summary>
public sealed class CollectionsSignal : WorkSignal
{
    private readonly ConcurrentDictionary<Guid, bool> _moved = new();

    /// <summary>A company's money moved: its lines are looked at, also those that are paid but for some cents.</summary>
    public void Moved(Guid tenantId)
    {
        _moved[tenantId] = true;
        Wake();
    }

    /// <summary>The companies whose money moved since the last time.</summary>
    public IReadOnlyList<Guid> Take() => [.. _moved.Keys.Where(tenant => _moved.TryRemove(tenant, out _))];
}
