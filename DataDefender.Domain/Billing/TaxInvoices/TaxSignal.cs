using DataDefender.Domain.Common;

namespace DataDefender.Domain.Billing.TaxInvoices;

/// <summary>Tells whoever sends documents to the tax authority that there are some.</summary>
public sealed class TaxSignal : WorkSignal;
