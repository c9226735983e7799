using DataDefender.Domain.Common;

namespace DataDefender.Domain.Payments;

/// <summary>Tells whoever applies what providers sent, in this process, that there is something.</summary>
public sealed class PaymentSignal : WorkSignal;
