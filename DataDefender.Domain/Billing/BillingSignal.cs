using DataDefender.Domain.Common;

namespace DataDefender.Domain.Billing;

/// <summary>Tells whoever carries billing runs on that there is one.</summary>
public sealed class BillingSignal : WorkSignal;
