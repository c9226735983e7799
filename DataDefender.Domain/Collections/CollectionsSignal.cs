using DataDefender.Domain.Common;

namespace DataDefender.Domain.Collections;

/// <summary>Tells whoever restores paid lines, in this process, that money was put on invoices.</summary>
public sealed class CollectionsSignal : WorkSignal;
