using DataDefender.Domain.Common;

namespace DataDefender.Domain.Billing;

/// <summary>Tells whoever carries billing runs on, in this process, that there is one.</summary>
public sealed class BillingSignal : WorkSignal;
